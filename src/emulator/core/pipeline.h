// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The fast core: an exposed pipeline driven by plans (cycle_plan.h). One cycle is: settle what may
// stall the core (nothing moves until all of it is granted), then memory reads and late register
// reads, the next bundle, memory writes, register writes. Reads come before writes, so an
// instruction sees the register as it was before this cycle; forwarded copies of vectors and
// accumulators are written one cycle earlier.
#pragma once

#include "emulator/core/core.h"
#include "emulator/core/cycle_plan.h"

#include <array>
#include <cstring>

namespace ashlar::emulator {

inline constexpr unsigned kCalendar = 16; ///< cycles ahead; the longest operand cycle is 11
inline constexpr uint32_t kProgramBytes = 16 * 1024;
inline constexpr unsigned kMaxBankRequests = 8;

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

  // ---- used by the steps (steps.cpp)
  /// The bytes in memory where nothing is special about the access; else null.
  uint8_t *simply(uint32_t address, unsigned bytes) const {
    uint8_t *window = simple_[address >> 16 & 15];
    if (window == nullptr || (address & (bytes - 1)) != 0) [[unlikely]]
      return nullptr;
    return window + (address & 0xFFFF);
  }
  uint8_t *simplyToWrite(uint32_t address, unsigned bytes) {
    uint8_t *at = simply(address, bytes);
    if (at != nullptr && ahead_) logWrite(at, bytes);
    return at;
  }
  /// The bytes in memory; null after a fault.
  uint8_t *memory(const MicroOp &op, uint32_t address, unsigned bytes, bool write = false);
  void branch(const MicroOp &op, uint32_t target);
  void finish() { doneIn_ = isa::kBranchDelaySlots + 1; }
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

  uint64_t runAhead(uint64_t cycles); ///< see Core
  void redoAhead(uint64_t cycles);
  bool aheadMeets(uint32_t offset, uint32_t bytes, bool write) const;
  uint8_t aheadBanks(uint64_t cycle) const { return banksAhead_[cycle]; }

private:
  /// What a cycle changes besides registers, frames and memory.
  struct Position {
    CyclePlan *plan;
    InFlight *inFlight;
    CoreStats stats;
    uint32_t pc, bundlePc, branchTo;
    unsigned branchIn;
    int64_t branchPc;
    bool banksReady;
  };
  struct Written {
    uint8_t *at;
    uint32_t bytes;
    uint8_t before[32];
  };
  enum class Alone : uint8_t { Free, Conflict, Foreign };
  Alone alone(const CyclePlan &plan, uint8_t &banks);
  void undoAhead();
  /// Notes which lines of the own memory an access touches.
  void touch(uint32_t address, bool write) {
    touched_[write ? 1 : 0][address >> 13 & 7] |= uint64_t{1} << (address >> kLineShift & 63);
  }
  void logWrite(uint8_t *at, unsigned bytes) {
    if (writtenCount_ >= written_.size()) written_.resize(2 * writtenCount_ + 64);
    Written &w = written_[writtenCount_++];
    w.at = at;
    w.bytes = bytes < 4 ? 4 : bytes; // a sub-word store writes the word around
    copyLogged(w.before, at, w.bytes);
  }
  static void copyLogged(uint8_t *to, const uint8_t *from, unsigned bytes) {
    if (bytes == 4)
      std::memcpy(to, from, 4);
    else if (bytes == 32)
      std::memcpy(to, from, 32);
    else
      std::memcpy(to, from, bytes);
  }

  CoreState clock();
  CoreState goOn(CyclePlan &plan);
  CoreState cannotFetch(const CyclePlan &plan);
  void renewPlans();
  CyclePlan *planFor(uint32_t at);
  void follow(CyclePlan &plan, uint32_t next);
  const PreparedBundle *fetch(uint32_t at);
  uint32_t returnAddress(uint32_t at) const;
  bool settle(const CyclePlan &plan);
  bool ask(const CyclePlan &plan);
  bool arbitrate(const CyclePlan &plan);
  void listRequests(const CyclePlan &plan);
  uint32_t request(uint32_t banks);
  uint32_t waitingAccess();
  bool arbitrateAgain();
  void settled() { asksDone_ = bankCount_ = 0, banksReady_ = false; }
  void drain();
  Answer askOne(const AskPlan &ask);
  void wait(CoreState why, const MicroOp &op);

  CyclePlan *plan_ = nullptr; ///< of (inFlight_, pc) when it is known
  InFlight *inFlight_;
  unsigned branchIn_ = 0, doneIn_ = 0;
  uint32_t branchTo_ = 0;
  const uint32_t *ls_, *le_;
  uint32_t *lc_;
  std::array<uint8_t *, 4> windows_{};
  std::array<uint8_t *, 16> simple_{}; ///< the windows by address, unless `watched_`
  bool watched_ = false;               ///< the port is told of each access

  // Of the cycle that is being settled.
  uint8_t asksDone_ = 0, bankCount_ = 0;
  bool banksReady_ = false;
  bool stale_ = false;               ///< program memory changed since the plans were made
  uint32_t banks_[kMaxBankRequests]; ///< of each access, what is not granted yet
  bool trailing_ = false;            ///< the stall behind a lock operation

  uint32_t askerPc_ = 0;  ///< of the last instruction that asked the tile for something
  int64_t branchPc_ = -1; ///< of the last branch that was taken
  alignas(64) uint8_t frames_[kFrames * kFrameBytes];
  PlanStore plans_;
  std::array<std::unique_ptr<PreparedBundle>, kProgramBytes / 2> prepared_;
  std::vector<std::unique_ptr<PreparedBundle>> dropped_; ///< that may be in flight
  uint8_t nextHome_ = 0;

  bool ahead_ = false; ///< running ahead: writes are logged, banks are not asked for
  Position start_;     ///< where it began
  RegisterFile startRegisters_;
  std::vector<uint8_t> startFrames_;
  std::vector<Written> written_;
  size_t writtenCount_ = 0;
  static constexpr unsigned kLineShift = 7, kMostAhead = 2048;
  std::array<uint64_t, 8> touched_[2];         ///< lines that it read, that it wrote
  uint32_t bankClaims_ = 0;                    ///< of a cycle with conflicts
  std::array<uint8_t, kMostAhead> banksAhead_; ///< that each cycle took of the own memory
};

} // namespace ashlar::emulator
