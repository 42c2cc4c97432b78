// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// One AIE2 core, cycle by cycle. AIE2's pipeline is exposed: nothing waits for a register, each
// operand is read and written in its own cycle, and whoever reads too early gets the old value.
// Compilers rely on that, so this core keeps to it exactly. The core stalls as a whole, with
// everything in flight frozen, for bank conflicts, locks, streams and the cascade.
#pragma once

#include "base/base.h"
#include "emulator/core/core_port.h"

#include <memory>
#include <span>

namespace ashlar::isa {
enum class Reg : uint16_t;
}

namespace ashlar::emulator {

enum class CoreState : uint8_t {
  Disabled, ///< held in reset, or not enabled
  Running,
  MemoryStall, ///< lost a bank arbitration; asks again every cycle
  LockStall,   ///< waits for a lock: see Core::waiting()
  StreamInStall,
  StreamOutStall,
  CascadeInStall,
  CascadeOutStall,
  Done,   ///< executed `done`
  Faulted ///< see Core::fault()
};
const char *coreStateName(CoreState state); ///< "running", "lock stall", ...

/// What a stalled core waits for.
struct CoreWait {
  CoreState state = CoreState::Running;
  uint32_t pc = 0; ///< of the bundle that asks
  int lock = 0;    ///< LockStall: the lock as the core names it
  int value = 0;   ///< LockStall: the value asked for
  bool acquire = false;
  std::string str() const; ///< "waits for lock 49 (own 1), acquire -1, at pc 0x120"
};

struct CoreStats {
  uint64_t cycles = 0;       ///< clocks since the core left reset, stalls included
  uint64_t bundles = 0;      ///< bundles issued
  uint64_t instructions = 0; ///< slot instructions other than nops
  uint64_t memoryStalls = 0, lockStalls = 0, streamStalls = 0, cascadeStalls = 0;
  uint64_t loads = 0, stores = 0, branchesTaken = 0, loopRounds = 0;
  uint64_t unaligned = 0;        ///< accesses whose low address bits the hardware ignored
  uint32_t firstUnalignedPc = 0; ///< of the instruction that made the first
};

/// Where the clocks of one program address went; see Core::countPcs().
struct PcCounts {
  uint64_t issued = 0; ///< bundles issued from here
  uint64_t cycles = 0; ///< clocks in which this bundle was the next to issue, stalls included
  /// Clocks in which the whole core waited for an access, lock or word that an instruction of this
  /// bundle asked for. Such a clock is in `cycles` of the bundle that could not issue.
  uint64_t memoryStalls = 0, lockStalls = 0, streamStalls = 0, cascadeStalls = 0;
};

/// Registers that the tile shows in its debug windows while the core stands still.
enum class DebugRegister : uint8_t { PC, FC, SP, LR, LS, LE, LC, CR, SR, DP };

class Core {
public:
  explicit Core(CorePort &port);
  ~Core();
  Core(const Core &) = delete;
  Core &operator=(const Core &) = delete;

  /// Core_Control: the core runs while enabled and not in reset. Asserting reset clears registers
  /// and pipeline (not the program); enabling clears Done.
  void setControl(bool enable, bool reset);
  bool enabled() const;
  bool inReset() const;

  /// Program memory, 16 KiB. Writing drops what was decoded from those bytes.
  Status writeProgram(uint32_t offset, ByteView data);
  ByteView program() const;

  /// One clock. Does nothing unless the state is Running or a stall. While the answer is a lock,
  /// stream or cascade stall, a caller that knows nothing changed may skip calls and account for
  /// them with addStallCycles().
  CoreState cycle();
  /// Up to `cycles` clocks, ending early when the state is no longer Running or MemoryStall
  /// (a finished, faulted or waiting core). Returns the clocks spent. Faster than calling cycle();
  /// only for a core whose surroundings need not see every clock.
  uint64_t run(uint64_t cycles);
  void addStallCycles(uint64_t n);
  /// About `cycles` clocks of a running core in which it touches nothing but itself and its own
  /// memory, whose banks it is taken to have for itself; fewer where it would do more. Returns how
  /// many.
  uint64_t runAhead(uint64_t cycles);
  /// Takes back what the last runAhead() did, but for its first `cycles` clocks.
  void redoAhead(uint64_t cycles);
  /// Whether those clocks touched these bytes of the own memory: at all, or (for somebody who only
  /// reads) writing. By lines of 128 bytes.
  bool aheadMeets(uint32_t offset, uint32_t bytes, bool write) const;
  /// The physical banks that clock number `cycle` of it took.
  uint8_t aheadBanks(uint64_t cycle) const;

  CoreState state() const;
  /// Meaningful while state() is a stall.
  const CoreWait &waiting() const;
  /// Why the core faulted, with pc, bundle text and registers in the notes; null if it did not.
  const Diagnostic *fault() const;

  uint64_t cycles() const { return stats().cycles; }
  const CoreStats &stats() const;
  void resetStats(); ///< and the counts of each address
  uint32_t pc() const;
  /// Of the instruction that made the fault; pc() when there is none.
  uint32_t faultPc() const;

  /// Counts for each program address from now on. A core that does not count is not slower for it.
  void countPcs(bool on);
  /// Of address 2 * i at index i; empty when nothing is counted.
  std::span<const PcCounts> pcCounts() const;

  uint32_t debugRegister(DebugRegister which) const;
  /// Little-endian bytes of any register: 4 for scalars, 8..128 for pairs, vectors, accumulators.
  Bytes readRegister(isa::Reg reg) const;
  void writeRegister(isa::Reg reg, ByteView value);
  uint32_t scalar(isa::Reg reg) const;
  void setScalar(isa::Reg reg, uint32_t value);
  /// Starts (or restarts) at this byte address with an empty pipeline; for loaders and debuggers.
  void setPc(uint32_t pc);
  /// An address at which the core counts as done instead of fetching, for calling a function from
  /// outside: put it into lr. Must lie outside program memory.
  void setStop(uint32_t pc);

private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

} // namespace ashlar::emulator
