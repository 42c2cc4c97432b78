// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The fast core: an exposed pipeline driven by a calendar of the next 16 cycles. At cycle 1 of an
// instruction its operands are read and everything that is to happen later - a register write, a
// late read, a memory access, a request to a lock or stream - is entered in the calendar. One step
// is: settle what may stall the core (nothing moves until all of it is granted), then memory reads,
// late register reads, the next bundle, memory writes, register writes. Reads come before writes,
// so an instruction sees the register as it was before this cycle; forwarded copies of vectors and
// accumulators are written one cycle earlier.
#pragma once

#include "emulator/core/core.h"
#include "emulator/core/microop.h"

#include <array>

namespace ashlar::emulator {

inline constexpr unsigned kCalendar = 16; ///< cycles ahead; the longest operand cycle is 11
inline constexpr uint32_t kProgramBytes = 16 * 1024;

inline constexpr unsigned kMaxBankRequests = 8;

/// An instruction with something still to do after issue.
struct Record {
  const MicroOp *op;
  uint32_t address;
  uint16_t used;      ///< bytes of `captured` taken
  uint32_t gather[4]; ///< addresses of a gather, or the operands of a request
  const void *in[kMaxInputs];
  alignas(64) uint8_t captured[320];
};

struct ScalarWrite {
  uint16_t offset;
  bool sticky;
  bool pair; ///< 8 bytes
  uint32_t mask;
  uint64_t value;
};
struct VectorWrite {
  uint16_t offset, bytes, forwarded;
  bool early;
  alignas(64) uint8_t value[128];
};
struct LateRead {
  uint8_t record;
  uint8_t cycle; ///< inputs of this cycle are captured; the kernel runs when it is the last
};

/// One cycle of the calendar.
struct CycleSlot {
  uint8_t scalarCount = 0, vectorCount = 0, loadCount = 0, lateCount = 0, storeCount = 0,
          askCount = 0;
  bool events = false;              ///< anything but scalar writes
  uint32_t banks[kMaxBankRequests]; ///< of each access, what is not granted yet
  uint8_t bankCount = 0;
  bool banksReady = false;
  uint8_t asksDone = 0;
  std::array<ScalarWrite, 40> scalars;
  std::array<uint8_t, 16> loads, stores, asks;
  std::array<LateRead, 24> late;
  std::array<VectorWrite, 20> vectors;
};

class Pipeline {
public:
  explicit Pipeline(CorePort &port);

  void setControl(bool enable, bool reset);
  void clear(); ///< registers and pipeline as after reset
  void flush(); ///< nothing in flight
  CoreState step();

  // ---- used by issue functions (issue.cpp)
  void *allocate(const Output &o, unsigned now);
  void write(const Output &o, uint32_t value);
  Record &newRecord(const MicroOp &op, uint8_t &index);
  Record &recordAt(uint8_t index) { return records_[index]; }
  void capture(Record &r, unsigned input);
  /// Slot of operand cycle `cycle` as seen from cycle `now` of the same instruction.
  CycleSlot &slotAt(unsigned cycle, unsigned now = 1) {
    return slots_[(time_ + cycle - now) % kCalendar];
  }
  void scheduleLoad(uint8_t record, unsigned cycle);
  void scheduleStore(uint8_t record, unsigned cycle);
  void scheduleLate(uint8_t record, unsigned cycle);
  void scheduleAsk(uint8_t record, unsigned cycle);
  uint32_t address(const MicroOp &op); ///< and writes the updated pointer
  void branch(const MicroOp &op, uint32_t target);
  uint32_t returnAddress(const MicroOp &op);
  void finish() { doneIn_ = isa::kBranchDelaySlots + 1; }
  void runKernel(const MicroOp &op, const void *const *in, unsigned now);
  void fault(const char *code, const MicroOp *op, std::string message, std::string remedy = {});
  bool faulted() const { return state == CoreState::Faulted; }

  CorePort &port;
  RegisterFile registers;
  CoreState state = CoreState::Disabled;
  CoreStats stats;
  CoreWait waiting;
  std::unique_ptr<Diagnostic> problem;
  uint32_t pc = 0;
  uint32_t bundlePc = 0; ///< of the bundle being issued
  uint32_t stopAt = ~0U; ///< outside program memory: reaching it is the end
  std::array<uint8_t, kProgramBytes> program{};
  bool enabled = false, inReset = true;

  void dropProgram(uint32_t offset, size_t bytes);
  const PreparedBundle *fetch(uint32_t at);

private:
  bool settle(CycleSlot &slot);
  bool ask(CycleSlot &slot);
  bool arbitrate(CycleSlot &slot);
  void readMemory(CycleSlot &slot);
  void readLate(CycleSlot &slot);
  void writeMemory(CycleSlot &slot);
  void writeRegisters(CycleSlot &slot, CycleSlot &next);
  void drain();
  uint8_t *memory(const Record &r, uint32_t address, unsigned bytes);
  void loadRecord(uint8_t index);
  Answer askOne(Record &r);
  void wait(CoreState why, const MicroOp &op);

  uint64_t time_ = 0;
  std::array<CycleSlot, kCalendar> slots_;
  std::array<Record, 64> records_;
  uint8_t nextRecord_ = 0;
  bool trailing_ = false; ///< the stall behind a lock operation
  unsigned branchIn_ = 0, doneIn_ = 0;
  uint32_t branchTo_ = 0;
  std::array<uint8_t *, 4> windows_{};
  std::array<std::unique_ptr<PreparedBundle>, kProgramBytes / 2> prepared_;
  const uint32_t *ls_, *le_;
  uint32_t *lc_;
};

/// The function that issues this kind of instruction.
Issue issueFunction(const MicroOp &op);

} // namespace ashlar::emulator
