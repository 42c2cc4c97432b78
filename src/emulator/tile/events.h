// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Events of one tile module: status bits, broadcasts between tiles, groups, combinations, timers,
// performance counters, and the events that a trace unit records. An event is a pulse of one cycle
// or a level. Nothing is worked out while no register asks for it.
#pragma once

#include "device/events.h"
#include "emulator/tile/scheduler.h"
#include "emulator/tile/trace.h"

#include <array>
#include <bitset>
#include <deque>
#include <memory>

namespace ashlar::emulator {

class Link;
class Tile;

class EventUnit : public Component {
public:
  EventUnit(Tile &tile, device::Module module);
  ~EventUnit() override;

  /// Whether this unit owns the register (offset from the tile's base).
  bool write(uint32_t offset, uint32_t value);
  std::optional<uint32_t> read(uint32_t offset);

  void raise(int event);
  void level(int event, bool on);
  /// Later, in the order of cycles.
  void raiseAt(int event, uint64_t cycle);
  uint64_t step(uint64_t now) override;

  device::Module module() const { return module_; }
  /// Whether some register asks what events happen.
  bool listening() const { return listening_; }
  uint64_t timer() const;
  /// Channels that may not leave the tile in this direction (0 S, 1 W, 2 N, 3 E).
  uint32_t blocked(int direction) const { return blocked_[static_cast<size_t>(direction)]; }
  TraceUnit &trace() { return trace_; }

  /// A word passes (or waits at) the port that selector `slot` watches.
  void portWord(int slot, uint64_t cycle, bool last);
  void portStalled(int slot, bool on);
  /// The ports that are watched: port register values, 0xFF where none is.
  std::array<uint8_t, 8> watchedPorts() const;

private:
  struct Counter {
    int start = 0, stop = 0, reset = 0;
    uint32_t value = 0, threshold = 0;
    uint64_t since = kNever; ///< running from this cycle on
  };
  struct Pending {
    uint64_t cycle;
    int event;
    int8_t kind; ///< -1 level off, 0 pulse, 1 level on
  };
  int field(uint32_t value, int index) const {
    return static_cast<int>(value >> (8 * index) &
                            (module_ == device::Module::MemTile ? 255 : 127));
  }
  void react(int event, bool on, bool pulse);
  void members(int event, bool on, bool pulse);
  void combos();
  uint32_t counterValue(const Counter &c) const;
  void stopCounter(Counter &c);
  void startCounter(Counter &c);
  void schedule(uint64_t cycle);
  void refresh();
  void post(Pending p);
  bool writePerf(uint32_t o, uint32_t value);
  uint64_t nextThreshold() const;

  Tile &tile_;
  device::Module module_;
  uint32_t base_, perf_;
  bool listening_ = false;
  std::array<uint32_t, 8> status_{}; ///< an event number has up to 8 bits
  std::bitset<256> levels_;
  std::array<int, 16> broadcast_{};
  std::array<uint32_t, 4> blocked_{};
  uint64_t timerBase_ = 0, timerTrigger_ = kNever;
  int timerReset_ = 0;
  std::array<Counter, 4> counters_{};
  std::array<uint32_t, 3> perfControl_{};
  std::array<uint32_t, 12> groupEnable_{};
  uint32_t comboInputs_ = 0, comboControl_ = 0, edge_ = 0;
  std::array<bool, 4> comboState_{};
  std::array<uint32_t, 2> ports_{};
  bool portsSet_ = false;
  std::array<uint64_t, 8> portEnd_{};
  std::deque<Pending> pending_;
  TraceUnit trace_;
};

/// Spreads broadcast `channel` from a module over the array: vertical and horizontal hops cost
/// different times, blocked directions stop it.
void spreadBroadcast(Tile &from, device::Module module, int channel);

} // namespace ashlar::emulator
