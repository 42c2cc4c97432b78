// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What a tile sees of the rest of the array.
#pragma once

#include "base/result.h"
#include "device/geometry.h"
#include "emulator/array/host_memory.h"
#include "emulator/tile/scheduler.h"

namespace ashlar::emulator {

class PcProfile;
class Sanitizer;
class Tile;
class Timeline;

class Fabric {
public:
  virtual ~Fabric() = default;
  Scheduler scheduler;
  Timeline *timeline = nullptr;   ///< records the run when set
  Sanitizer *sanitizer = nullptr; ///< watches it when set
  PcProfile *profile = nullptr;   ///< counts the cores' cycles by address when set
  bool lockstep = false; ///< cores never run ahead: slower, and the same in everything else

  /// The tile there, or null. Memtiles just outside the partition exist, for their memory only.
  virtual Tile *tile(device::TileId id) = 0;
  /// The tile there if it is in the partition, else null.
  virtual Tile *insideTile(device::TileId id) = 0;
  virtual HostMemory &host() = 0;
  /// Something that the chip would not survive, or that is not emulated: ends the run.
  virtual void fault(Diagnostic diagnostic) = 0;
  /// Something wrong that the chip only latches; said once each.
  virtual void warn(const Tile &tile, std::string message) = 0;
  /// The stream switches are configured anew: paths are laid again before anything moves.
  virtual void switchesChanged() = 0;
  /// Data moved: the array is alive.
  void progress() { lastProgress_ = scheduler.now(); }
  uint64_t lastProgress() const { return lastProgress_; }
  /// DDR is to blame for idling until this cycle.
  void offArrayUntil(uint64_t cycle) {
    offArrayUntil_ = cycle > offArrayUntil_ ? cycle : offArrayUntil_;
  }
  uint64_t offArrayEnd() const { return offArrayUntil_; }
  /// Whether the firmware has let go of the cores' reset (kernel launch).
  virtual bool coresReleased() const = 0;
  /// A task left a start queue: the controller may be waiting for room.
  virtual void queueMoved() = 0;

protected:
  uint64_t lastProgress_ = 0, offArrayUntil_ = 0;
};

} // namespace ashlar::emulator
