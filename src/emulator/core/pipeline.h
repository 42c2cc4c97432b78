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

#include <algorithm>
#include <array>
#include <cstring>

namespace ashlar::emulator {

inline constexpr unsigned kCalendar = 16; ///< cycles ahead; the longest operand cycle is 11
inline constexpr uint32_t kProgramBytes = 16 * 1024;

inline constexpr unsigned kMaxBankRequests = 8;
/// More than can be in flight: at most four an issue, for at most eleven cycles.
inline constexpr unsigned kRecords = 64;
/// At most six an issue, for at most nine cycles.
inline constexpr unsigned kVectorWrites = 64;

/// A register's bytes. Pieces of a fixed size become vector moves; a call of memcpy would cost more
/// than they do.
inline void copyWide(void *to, const void *from, unsigned bytes) {
  auto *t = static_cast<uint8_t *>(to);
  const auto *f = static_cast<const uint8_t *>(from);
  switch (bytes) {
  case 128:
    std::memcpy(t + 96, f + 96, 32);
    std::memcpy(t + 64, f + 64, 32);
    [[fallthrough]];
  case 64: std::memcpy(t + 32, f + 32, 32); [[fallthrough]];
  case 32: std::memcpy(t, f, 32); break;
  case 16: std::memcpy(t, f, 16); break;
  case 8: std::memcpy(t, f, 8); break;
  default: std::memcpy(t, f, bytes);
  }
}

/// An instruction with something still to do after issue.
struct Record {
  const MicroOp *op;
  uint32_t address;
  uint32_t banks; ///< that the access wants; 0 for the tile's registers
  bool gathers;
  uint8_t pending;    ///< entries of the calendar that name this record
  uint16_t used;      ///< bytes of `captured` taken
  uint32_t gather[4]; ///< addresses of a gather, or the operands of a request
  const void *in[kMaxInputs];
  alignas(64) uint8_t captured[512];
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
  bool early = false;               ///< some vector write forwards early
  bool events = false;              ///< anything but scalar writes
  uint32_t banks[kMaxBankRequests]; ///< of each access, what is not granted yet
  uint8_t bankCount = 0;
  bool banksReady = false;
  uint8_t asksDone = 0;
  std::array<uint8_t, 8> loads, stores, asks;
  std::array<LateRead, 16> late;
  std::array<uint8_t, 24> vectors; ///< numbers of vector writes
  std::array<ScalarWrite, 40> scalars;
};

class Pipeline {
public:
  explicit Pipeline(CorePort &port);

  void setControl(bool enable, bool reset);
  void clear(); ///< registers and pipeline as after reset
  void flush(); ///< nothing in flight
  CoreState step() {
    if (counts.empty()) [[likely]]
      return clock();
    const uint32_t at = pc;
    const CoreStats before = stats;
    const CoreState s = clock();
    account(at, before);
    return s;
  }
  /// Adds what the statistics gained since `before` to the counts of the addresses concerned.
  void account(uint32_t at, const CoreStats &before);

  // ---- used by issue functions (issue.cpp)
  /// Room for a result computed in cycle `now` of its instruction; the calendar writes it.
  void *allocate(const Output &o, unsigned now) {
    const unsigned cycle = std::max<unsigned>(o.cycle, now);
    CycleSlot &s = slotAt(cycle, now);
    return o.bytes <= 8 ? allocateScalar(s, o) : allocateVector(s, o, cycle, now);
  }
  void write(const Output &o, uint32_t value) {
    std::memcpy(allocateScalar(slotAt(o.cycle), o), &value, sizeof value);
  }
  static void *allocateScalar(CycleSlot &s, const Output &o) {
    ASHLAR_ASSERT(s.scalarCount < s.scalars.size());
    ScalarWrite &w = s.scalars[s.scalarCount++];
    w.offset = o.offset;
    w.sticky = o.sticky;
    w.pair = o.bytes == 8;
    w.mask = o.mask;
    return &w.value;
  }
  void *allocateVector(CycleSlot &s, const Output &o, unsigned cycle, unsigned now) {
    ASHLAR_ASSERT(s.vectorCount < s.vectors.size());
    s.events = true;
    ASHLAR_ASSERT(freeVectorCount_ != 0);
    const uint8_t index = freeVectors_[--freeVectorCount_];
    s.vectors[s.vectorCount++] = index;
    VectorWrite &w = vectors_[index];
    w.offset = o.offset;
    w.bytes = o.bytes;
    w.forwarded = o.forwarded;
    w.early = o.early;
    // The forwarded copy is written a cycle earlier; that cycle has to look at this slot.
    if (o.early) {
      s.early = true;
      slotAt(cycle, now + 1).events = true;
    }
    return w.value;
  }
  Record &newRecord(const MicroOp &op, uint8_t &index) {
    ASHLAR_ASSERT(freeRecordCount_ != 0);
    index = freeRecords_[--freeRecordCount_];
    Record &r = records_[index];
    r.op = &op;
    r.pending = 0;
    r.used = 0;
    r.gathers = false;
    return r;
  }
  Record &recordAt(uint8_t index) { return records_[index]; }
  /// One entry of the calendar is done with; the last one gives the record back.
  void release(uint8_t index) {
    if (--records_[index].pending == 0) freeRecords_[freeRecordCount_++] = index;
  }
  /// Keeps the present value of an input.
  void capture(Record &r, unsigned i) {
    const unsigned bytes = r.op->inputs[i].bytes;
    uint8_t *to = r.captured + r.used;
    if (bytes == 4)
      std::memcpy(to, r.op->in[i], 4);
    else
      copyWide(to, r.op->in[i], bytes);
    r.in[i] = to;
    r.used = static_cast<uint16_t>(r.used + (bytes + 7) / 8 * 8);
    ASHLAR_ASSERT(r.used <= sizeof r.captured);
  }
  /// Slot of operand cycle `cycle` as seen from cycle `now` of the same instruction.
  CycleSlot &slotAt(unsigned cycle, unsigned now = 1) {
    return slots_[(time_ + cycle - now) % kCalendar];
  }
  void scheduleLoad(uint8_t record, unsigned cycle) {
    CycleSlot &s = slotAt(cycle);
    ASHLAR_ASSERT(s.loadCount < s.loads.size());
    s.loads[s.loadCount++] = record;
    ++records_[record].pending;
    s.events = true;
  }
  void scheduleStore(uint8_t record, unsigned cycle) {
    CycleSlot &s = slotAt(cycle);
    ASHLAR_ASSERT(s.storeCount < s.stores.size());
    s.stores[s.storeCount++] = record;
    ++records_[record].pending;
    s.events = true;
  }
  void scheduleLate(uint8_t record, unsigned cycle) {
    CycleSlot &s = slotAt(cycle);
    ASHLAR_ASSERT(s.lateCount < s.late.size());
    s.late[s.lateCount++] = {record, static_cast<uint8_t>(cycle)};
    ++records_[record].pending;
    s.events = true;
  }
  void scheduleAsk(uint8_t record, unsigned cycle) {
    CycleSlot &s = slotAt(cycle);
    ASHLAR_ASSERT(s.askCount < s.asks.size());
    s.asks[s.askCount++] = record;
    ++records_[record].pending;
    s.events = true;
  }
  uint32_t address(const MicroOp &op); ///< and writes the updated pointer
  /// Sets a record's address and the banks it will want.
  static void setAddress(Record &r, uint32_t address) {
    r.address = address;
    const uint32_t bank = bankOf(address);
    if (r.op->semantics->kind == Kind::LoadTile || r.op->semantics->kind == Kind::StoreTile)
      r.banks = 0;
    else
      r.banks = r.op->bytes == 32 ? 3U << (bank & ~1U) : 1U << bank;
  }
  /// Four windows of four logical banks of two interleaved 128-bit banks.
  static uint32_t bankOf(uint32_t a) {
    return (a >> 16 & 3) * 8 + (a >> 14 & 3) * 2 + (a >> 4 & 1);
  }
  void branch(const MicroOp &op, uint32_t target);
  uint32_t returnAddress(const MicroOp &op);
  void finish() { doneIn_ = isa::kBranchDelaySlots + 1; }
  void runKernel(const MicroOp &op, const void *const *in, unsigned now) {
    void *out[kMaxOutputs];
    for (unsigned i = 0; i < op.outputCount; ++i) out[i] = allocate(op.outputs[i], now);
    if (const char *reason = op.kernel(in, out); reason != nullptr) notSimulated(op, reason);
  }
  void notSimulated(const MicroOp &op, const char *reason);
  void fault(const char *code, const MicroOp *op, std::string message, std::string remedy = {});
  bool faulted() const { return state == CoreState::Faulted; }

  CorePort &port;
  RegisterFile registers;
  CoreState state = CoreState::Disabled;
  CoreStats stats;
  CoreWait waiting;
  std::unique_ptr<Diagnostic> problem;
  uint32_t pc = 0;
  uint32_t bundlePc = 0;        ///< of the bundle being issued
  uint32_t faultPc = 0;         ///< of the instruction at fault
  std::vector<PcCounts> counts; ///< empty unless asked for
  uint32_t stopAt = ~0U;        ///< outside program memory: reaching it is the end
  std::array<uint8_t, kProgramBytes> program{};
  bool enabled = false, inReset = true;

  void dropProgram(uint32_t offset, size_t bytes);
  const PreparedBundle *fetch(uint32_t at);

private:
  CoreState clock();
  bool settle(CycleSlot &slot);
  bool ask(CycleSlot &slot);
  bool arbitrate(CycleSlot &slot);
  void listRequests(CycleSlot &slot);
  uint32_t waitingAccess() const;
  bool arbitrateAgain(CycleSlot &slot);
  void readMemory(CycleSlot &slot);
  void readLate(CycleSlot &slot);
  void writeMemory(CycleSlot &slot);
  void writeRegisters(CycleSlot &slot, CycleSlot &next);
  void drain();
  uint8_t *memory(const Record &r, uint32_t address, unsigned bytes, bool write = false);
  void loadRecord(uint8_t index);
  Answer askOne(Record &r);
  void wait(CoreState why, const MicroOp &op);

  uint64_t time_ = 0;
  std::array<CycleSlot, kCalendar> slots_;
  std::array<Record, kRecords> records_;
  std::array<VectorWrite, kVectorWrites> vectors_;
  // Free entries as stacks: the ones used last are still in the cache.
  std::array<uint8_t, kRecords> freeRecords_;
  std::array<uint8_t, kVectorWrites> freeVectors_;
  uint8_t freeRecordCount_ = 0, freeVectorCount_ = 0;
  bool trailing_ = false; ///< the stall behind a lock operation
  uint32_t askerPc_ = 0;  ///< of the last instruction that asked the tile for something
  unsigned branchIn_ = 0, doneIn_ = 0;
  uint32_t branchTo_ = 0;
  int64_t branchPc_ = -1; ///< of the last branch that was taken
  std::array<uint8_t *, 4> windows_{};
  bool watched_ = false; ///< the port is told of each access
  std::array<std::unique_ptr<PreparedBundle>, kProgramBytes / 2> prepared_;
  const uint32_t *ls_, *le_;
  uint32_t *lc_;
};

/// The function that issues this kind of instruction.
Issue issueFunction(const MicroOp &op);

} // namespace ashlar::emulator
