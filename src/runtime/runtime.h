// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Running packages: a device gives contexts (one loaded package), a context gives buffers and
// runs instruction streams on them. State inside the context (memories, locks, cores) persists
// from run to run, as on the chip; nothing is reset in between. Errors are values.
#pragma once

#include "emulator/array/host_memory.h"
#include "emulator/array/names.h"
#include "load/load.h"

#include <memory>

namespace ashlar::emulator {
class Array;
}

namespace ashlar::runtime {

/// Memory that both sides see.
class Buffer {
public:
  virtual ~Buffer() = default;
  virtual uint8_t *data() = 0;
  virtual size_t size() const = 0;
  /// What the array's DMA is told.
  virtual uint64_t deviceAddress() const = 0;
  /// Makes writes of one side visible to the other.
  virtual Status syncToDevice() { return Ok{}; }
  virtual Status syncFromDevice() { return Ok{}; }
};

enum class State : uint8_t {
  Completed,
  Hang,     ///< emulator: nothing can move any more
  TimedOut, ///< the cycle or time limit
  Faulted   ///< an access or program that the device refuses
};
const char *stateName(State state);

struct CoreStatistics {
  device::TileId tile;
  std::string state;
  uint64_t cycles = 0, bundles = 0, instructions = 0;
  uint64_t memoryStalls = 0, lockStalls = 0, streamStalls = 0, cascadeStalls = 0;
};
struct ChannelStatistics {
  device::TileId tile;
  device::DmaDirection direction = device::DmaDirection::S2MM;
  int channel = 0;
  uint64_t words = 0, bds = 0, tasks = 0, lockStalls = 0, streamStalls = 0, bankStalls = 0;
};
struct MemoryStatistics {
  device::TileId tile;
  uint64_t bankConflicts = 0;
};
struct PathStatistics {
  std::string from, to;
  uint64_t words = 0;
};
/// A switch port.
struct PortStatistics {
  device::TileId tile;
  std::string port; ///< "in South0", "out DMA0"
  uint64_t words = 0;
};
/// Since the context was made.
struct Statistics {
  std::vector<CoreStatistics> cores;       ///< those that ever ran
  std::vector<ChannelStatistics> channels; ///< those that ever had a task
  std::vector<MemoryStatistics> memories;  ///< those with conflicts
  std::vector<PathStatistics> paths;       ///< streams that carried words
  std::vector<PortStatistics> ports;       ///< those on their way
};

struct RunOptions {
  /// Of the array's clock: two seconds, as the driver's watchdog gives.
  uint64_t maxCycles = 2'000'000'000;
  /// A run in which no data moves for so many cycles is called a hang although some core runs.
  uint64_t idleCycles = 400'000'000;
  /// NPU: how long to wait for the run; 0: until it ends or the driver ends it.
  uint32_t milliseconds = 0;
};

struct RunReport {
  State state = State::Completed;
  uint64_t cycles = 0;     ///< of the instruction stream, from its first operation to its last
  uint64_t array = 0;      ///< of these, cycles in which the array had work
  uint64_t offArray = 0;   ///< the rest: controller and DDR latency
  uint64_t launch = 0;     ///< before: cores started, stream not reached (first run)
  double milliseconds = 0; ///< wall time of the run here
  size_t launches = 0;     ///< that completed: of a list, those before the one that failed
  Diagnostics diagnostics; ///< what went wrong as errors, what looks wrong as warnings
};

/// An instruction stream with its arguments by index, null where it uses none.
struct Launch {
  const load::Stream *stream = nullptr;
  std::vector<std::shared_ptr<Buffer>> arguments;
};

/// One loaded package.
class Context {
public:
  virtual ~Context() = default;
  virtual int columns() const = 0;
  /// `name` is for messages ("argument 0").
  virtual Result<std::shared_ptr<Buffer>> allocate(size_t bytes, std::string name) = 0;
  /// Runs an instruction stream; `arguments` by index, null where the stream uses none.
  virtual Result<RunReport> run(const load::Stream &stream,
                                std::span<const std::shared_ptr<Buffer>> arguments,
                                const RunOptions &options = {}) = 0;
  /// Runs one after the other, as one command on hardware; ends with the first that fails.
  virtual Result<RunReport> runList(std::span<const Launch> launches,
                                    const RunOptions &options = {});
  /// As run(), with arguments given as device addresses within `memory`: for who manages memory
  /// itself, as an emulated kernel device does. Not on hardware.
  virtual Result<RunReport> runAt(const load::Stream &stream, std::vector<uint64_t> addresses,
                                  std::vector<emulator::HostRegion> memory,
                                  const RunOptions &options = {});
  virtual Statistics statistics() = 0;
  /// What the design calls things, for reports.
  virtual void setNames(emulator::NameTable) {}
  /// The emulated array; null on hardware.
  virtual emulator::Array *array() { return nullptr; }
};

struct ContextOptions {
  /// Emulator: look for mistakes that the chip would not tell; they come as warnings
  /// `sanitize-...` of the run.
  bool sanitize = false;
};

class Device {
public:
  virtual ~Device() = default;
  virtual std::string name() const = 0;
  /// Loads the configuration `index` of the package.
  virtual Result<std::unique_ptr<Context>> createContext(const load::Package &package,
                                                         size_t configuration = 0,
                                                         const ContextOptions &options = {}) = 0;
};

/// The emulated Phoenix.
std::unique_ptr<Device> emulatedDevice();
/// The first NPU that XRT finds. Errors: `device-unavailable` (built without XRT), `xrt`.
Result<std::unique_ptr<Device>> xrtDevice();

} // namespace ashlar::runtime
