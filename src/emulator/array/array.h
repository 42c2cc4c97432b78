// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The emulated array of one context. It is configured by register and memory writes and nothing
// else; it keeps its state between runs, as the chip does.
#pragma once

#include "emulator/array/controller.h"
#include "emulator/array/names.h"
#include "emulator/array/network.h"

#include <set>

namespace ashlar::emulator {

enum class RunState : uint8_t {
  Completed,
  Hang,     ///< nothing can ever move again, or nothing moved for long
  TimedOut, ///< the cycle limit
  Faulted   ///< an access, program or operation that the chip would not survive
};
const char *runStateName(RunState state);

struct RunOptions {
  /// Of this run. The driver's watchdog gives a command two seconds; the clock is 1 GHz.
  uint64_t maxCycles = 2'000'000'000;
  /// A run in which no data moves for so many cycles is called a hang: a core spins. A scalar
  /// float matrix product of 64 x 64 x 64 may compute for 100 million.
  uint64_t idleCycles = 400'000'000;
};

struct RunResult {
  RunState state = RunState::Completed;
  uint64_t cycles = 0;     ///< from the first operation of the stream to its completion
  uint64_t array = 0;      ///< of these: cycles in which the array had work
  uint64_t offArray = 0;   ///< the rest: waiting for the controller or for DDR
  uint64_t launch = 0;     ///< before: cores started, stream not yet (first run only)
  Diagnostics diagnostics; ///< faults and hangs as errors, what the chip only latches as warnings
};

class Array : public Fabric {
public:
  /// A partition of `columns` columns (1 to 5).
  explicit Array(int columns);
  ~Array() override;

  int columns() const { return columns_; }

  // Configuration: takes effect at once, costs no array time.
  Status write32(uint32_t address, uint32_t value);
  Status maskWrite32(uint32_t address, uint32_t value, uint32_t mask);
  Status writeBlock(uint32_t address, std::span<const uint32_t> words);
  Result<uint32_t> read32(uint32_t address);

  /// Executes an instruction stream. `arguments` are the device addresses of the buffers; their
  /// memory is in host(). The first run also lets go of the cores.
  RunResult run(std::vector<ControllerOp> ops, std::vector<uint64_t> arguments,
                const RunOptions &options = {});
  /// Lets the array run by itself for up to `cycles`, or until nothing moves. Returns false on a
  /// fault (see the next run's diagnostics or takeDiagnostics()).
  bool idle(uint64_t cycles);
  void releaseCores();

  NameTable names;
  Network &network() { return *network_; }
  Controller &controller() { return *controller_; }
  /// All tiles of the partition, column by column.
  std::vector<Tile *> tiles();
  Diagnostics takeDiagnostics();
  /// Statistics up to this cycle.
  void settle();

  // Fabric
  Tile *tile(device::TileId id) override;
  Tile *insideTile(device::TileId id) override;
  HostMemory &host() override { return host_; }
  void fault(Diagnostic diagnostic) override;
  void warn(const Tile &tile, std::string message) override;
  void switchesChanged() override { networkDirty_ = true; }
  bool coresReleased() const override { return released_; }
  void queueMoved() override { controller_->queueMoved(); }

private:
  bool advance(uint64_t limit); ///< one event; false: nothing to do before `limit`
  Result<Tile *> target(uint32_t address);

  int columns_;
  std::vector<std::unique_ptr<Tile>> tiles_;               ///< column-major
  std::map<device::TileId, std::unique_ptr<Tile>> ghosts_; ///< memtiles just outside
  std::set<device::TileId> ghostsUsed_;
  HostMemory host_;
  std::unique_ptr<Network> network_;
  std::unique_ptr<Controller> controller_;
  std::vector<std::unique_ptr<TokenSink>> sinks_;
  bool networkDirty_ = true, released_ = false, faulted_ = false;
  uint64_t quietCycles_ = 0;
  Diagnostics diagnostics_;
  std::set<std::string> said_;
};

/// Who waits for whom, one sentence a line, following the chain from the controller.
std::vector<std::string> explainWaiting(Array &array);

} // namespace ashlar::emulator
