// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The place of a core in its tile: answers the core's requests from the tile and its neighbours,
// runs it while it can run, and lets it sleep while it waits.
#pragma once

#include "emulator/core/core.h"
#include "emulator/tile/stream.h"

#include <deque>

namespace ashlar::emulator {

class DataMemory;
class LockUnit;
class Tile;

class CoreSlot : public Component, private CorePort {
public:
  explicit CoreSlot(Tile &tile);

  Core &core() {
    comeBack();
    return core_;
  }
  /// A core may have run ahead while it only computed. Whoever looks at it, at its registers or at
  /// its memory, calls this before: it is as it has to be now, then.
  void comeBack() {
    if (aheadTo_ != 0) takeBack();
  }
  /// The same before a DMA claims a bank of the tile's memory for these bytes: where neither they
  /// nor the bank concern the core, it may stay where it is.
  void visited(uint32_t address, uint32_t bytes, bool write) {
    if (aheadTo_ != 0) visitAhead(address, bytes, write);
  }

  void writeControl(uint32_t value);
  uint32_t control() const { return control_; }
  uint32_t status() const;
  bool running() const { return shown_ == CoreState::Running || shown_ == CoreState::MemoryStall; }
  /// The firmware lets go of the reset at kernel launch.
  void released();
  void writeAccumulatorControl(uint32_t value);
  uint64_t step(uint64_t now) override;
  /// Brings the counters of a sleeping core up to `now`.
  void settle(uint64_t now);

  /// Lock as the core names it -> the tile that holds it and its number there; null if absent.
  Tile *lockTile(int id, int &local);

  /// The tiles whose memory this core sees: told when it starts and stops.
  std::vector<Tile *> reach;

  /// Cascade entries that have arrived and not been read.
  struct CascadeEntry {
    std::array<uint8_t, 64> data;
    uint64_t ready;
  };
  std::deque<CascadeEntry> cascadeIn;
  Tile *cascadeSource();
  Tile *cascadeTarget();

private:
  std::array<uint8_t *, 4> dataWindows() override;
  Answer acquire(int id, int value) override;
  Answer release(int id, int value) override;
  Answer streamRead(uint32_t &word, bool &tlast) override;
  Answer streamWrite(uint32_t word, bool tlast) override;
  Answer cascadeRead(uint8_t (&data)[64]) override;
  Answer cascadeWrite(const uint8_t (&data)[64]) override;
  Answer busRead(uint32_t address, uint32_t &value) override;
  Answer busWrite(uint32_t address, uint32_t value) override;
  void event(int number) override;
  uint32_t requestBanks(uint32_t wanted) override;
  bool watchesMemory() override;
  void access(uint32_t address, uint32_t bytes, bool write, uint32_t pc) override;
  uint64_t timer() override;
  uint32_t coreId() override;
  void apply();
  CoreState clock();
  bool mayRunAhead(uint64_t cycle) const;
  uint64_t runAhead(uint64_t cycle);
  void arrive();
  void takeBack();
  void visitAhead(uint32_t address, uint32_t bytes, bool write);
  void takeBanks(uint64_t cycle);
  void noteStalls();
  void noteState(CoreState before, CoreState after);

  Tile &tile_;
  Core core_;
  uint32_t control_ = 2, accumulator_ = 0;
  uint64_t accountedTo_ = 0; ///< cycles before this one are in the core's counters
  // Cycles from aheadFrom_ up to aheadTo_ are computed already; 0 when none are.
  uint64_t aheadFrom_ = 0, aheadTo_ = 0;
  uint64_t stallsBefore_ = 0;           ///< the core's memory stalls at aheadFrom_
  uint64_t lead_, pause_, nextTry_ = 0; ///< how far to run ahead, and when again
  bool touched_ = false;                ///< the core did something that others may act on
  Link *streamIn_ = nullptr;
  std::array<DataMemory *, 4> windows_{};
  std::array<Tile *, 4> windowTiles_{};
  CoreState shown_ = CoreState::Disabled;
};

} // namespace ashlar::emulator
