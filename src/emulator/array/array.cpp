// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The array's clock and its configuration port.
#include "emulator/array/array.h"

#include "device/timing.h"
#include "emulator/array/sanitizer.h"
#include "emulator/tile/core_slot.h"

#include <fmt/format.h>

namespace ashlar::emulator {

namespace timing = device::timing;
using device::TileId;

namespace {
/// A gap between events longer than any delay inside the array is somebody else's time.
constexpr uint64_t kLongestArrayGap = 16;
} // namespace

const char *runStateName(RunState state) {
  switch (state) {
  case RunState::Completed: return "completed";
  case RunState::Hang: return "hang";
  case RunState::TimedOut: return "timeout";
  case RunState::Faulted: return "fault";
  }
  return "?";
}

Array::Array(int columns) : columns_(columns) {
  ASHLAR_ASSERT(columns >= 1 && columns <= device::kMaxColumns);
  controller_ = std::make_unique<Controller>(*this);
  for (int col = 0; col < columns; ++col)
    for (int row = 0; row < device::kRows; ++row)
      tiles_.push_back(std::make_unique<Tile>(*this, TileId{col, row}));
  for (auto &t : tiles_) t->meetNeighbours();
  // A partition has physical neighbours: its outer memtiles reach their memory. Partitions start at
  // physical column 1, so there is always one to the west, and one to the east of a narrow one.
  const auto ghost = [&](int col) {
    ghosts_[{col, 1}] = std::make_unique<Tile>(*this, TileId{col, 1});
  };
  if (columns < device::kMaxColumns) ghost(-1);
  if (columns + 1 < device::kMaxColumns) ghost(columns);
  network_ = std::make_unique<Network>(*this, columns);
  for (int col = 0; col < columns; ++col) {
    sinks_.push_back(std::make_unique<TokenSink>(*controller_, *tile({col, 0})));
    network_->setTokenSink(col, sinks_.back().get());
  }
}

Array::~Array() = default;

Tile *Array::insideTile(TileId id) {
  if (id.col < 0 || id.col >= columns_ || id.row < 0 || id.row >= device::kRows) return nullptr;
  return tiles_[static_cast<size_t>(id.col * device::kRows + id.row)].get();
}

Tile *Array::tile(TileId id) {
  if (Tile *t = insideTile(id)) return t;
  const auto it = ghosts_.find(id);
  if (it == ghosts_.end()) return nullptr;
  if (ghostsUsed_.insert(id).second)
    warn(*it->second, fmt::format("the design uses memtile {}, which is outside its partition; on "
                                  "the chip it belongs to somebody else or to nobody",
                                  id.str()));
  return it->second.get();
}

std::vector<Tile *> Array::tiles() {
  std::vector<Tile *> out;
  for (auto &t : tiles_) out.push_back(t.get());
  return out;
}

Result<Tile *> Array::target(uint32_t address) {
  const TileId id = device::tileOfAddress(address);
  if (id.col >= columns_ || id.row >= device::kRows)
    return error("configuration-address", {},
                 fmt::format("address 0x{:08X} is in tile {}; the partition has {} column{} and {} "
                             "rows",
                             address, id.str(), columns_, columns_ == 1 ? "" : "s", device::kRows));
  return tile(id);
}

Status Array::write32(uint32_t address, uint32_t value) {
  ASHLAR_TRY(Tile * t, target(address));
  t->write32(device::offsetOfAddress(address), value);
  return Ok{};
}

Status Array::maskWrite32(uint32_t address, uint32_t value, uint32_t mask) {
  ASHLAR_TRY(Tile * t, target(address));
  const uint32_t offset = device::offsetOfAddress(address);
  t->write32(offset, (t->read32(offset) & ~mask) | (value & mask));
  return Ok{};
}

Status Array::writeBlock(uint32_t address, std::span<const uint32_t> words) {
  ASHLAR_TRY(Tile * t, target(address));
  t->writeBlock(device::offsetOfAddress(address), words);
  return Ok{};
}

Result<uint32_t> Array::read32(uint32_t address) {
  ASHLAR_TRY(Tile * t, target(address));
  return t->read32(device::offsetOfAddress(address));
}

void Array::fault(Diagnostic diagnostic) {
  faulted_ = true;
  diagnostics_.push_back(std::move(diagnostic));
}

void Array::warn(const Tile &, std::string message) {
  if (said_.insert(message).second)
    diagnostics_.push_back(warning("array", {}, std::move(message)));
}

Diagnostics Array::takeDiagnostics() {
  said_.clear();
  return std::exchange(diagnostics_, {});
}

void Array::releaseCores() {
  released_ = true;
  for (auto &t : tiles_)
    if (t->core()) t->core()->released();
}

bool Array::advance(uint64_t limit) {
  if (networkDirty_) {
    networkDirty_ = false;
    network_->rebuild();
  }
  const uint64_t before = scheduler.now();
  const uint64_t next = scheduler.nextEvent();
  if (next == kNever || next > limit) return false;
  if (next - before > kLongestArrayGap) quietCycles_ += next - before;
  scheduler.runCycle(next, limit);
  return true;
}

bool Array::idle(uint64_t cycles) {
  const uint64_t end = scheduler.now() + cycles;
  while (!faulted_ && advance(end)) {
  }
  if (!faulted_ && scheduler.now() < end) scheduler.advanceTo(end);
  for (auto &t : tiles_)
    if (t->core()) t->core()->comeBack();
  return !faulted_;
}

void Array::settle() {
  for (auto &t : tiles_) {
    for (auto &c : t->s2mm) c->settle(scheduler.now());
    for (auto &c : t->mm2s) c->settle(scheduler.now());
    if (t->core()) t->core()->settle(scheduler.now());
  }
}

RunResult Array::run(std::vector<ControllerOp> ops, std::vector<uint64_t> arguments,
                     const RunOptions &options) {
  RunResult result;
  faulted_ = false;
  for (auto &t : tiles_)
    if (t->kind() == device::TileKind::Shim) {
      for (auto &c : t->s2mm) c->coolDown();
      for (auto &c : t->mm2s) c->coolDown();
    }
  if (!released_) {
    // The cores start long before the firmware reaches the stream.
    releaseCores();
    idle(timing::kLaunchOverhead);
    result.launch = timing::kLaunchOverhead;
  }
  const uint64_t start = scheduler.now();
  progress();
  quietCycles_ = 0;
  if (!faulted_) controller_->start(std::move(ops), std::move(arguments));
  const uint64_t limit = start + options.maxCycles;
  bool spinning = false;
  while (!faulted_ && !controller_->done()) {
    if (!advance(limit)) {
      result.state = scheduler.nextEvent() == kNever ? RunState::Hang : RunState::TimedOut;
      break;
    }
    if (scheduler.now() - lastProgress() > options.idleCycles) {
      result.state = RunState::Hang;
      spinning = true;
      break;
    }
  }
  result.cycles = scheduler.now() - start;
  result.offArray = std::min(quietCycles_, result.cycles);
  result.array = result.cycles - result.offArray;
  // The completion message takes its time; what still moves goes on moving.
  if (!faulted_ && result.state == RunState::Completed) idle(timing::kCompletion);
  if (faulted_) result.state = RunState::Faulted;
  settle();
  if (sanitizer) sanitizer->ended(result.state == RunState::Completed);
  result.diagnostics = takeDiagnostics();
  if (sanitizer)
    for (Diagnostic &d : sanitizer->take()) result.diagnostics.push_back(std::move(d));
  if (result.state == RunState::Hang || result.state == RunState::TimedOut) {
    Diagnostic d =
        result.state == RunState::Hang
            ? error("hang", {},
                    fmt::format("{} after {} cycles; operation {} of {} of the instruction stream "
                                "is not done",
                                spinning ? "a core runs, but no data moves any more"
                                         : "nothing moves any more",
                                lastProgress() > start ? lastProgress() - start : 0,
                                controller_->position() + 1, controller_->size()))
            : error("timeout", {},
                    fmt::format("the run is not over after {} cycles; operation {} of {} of the "
                                "instruction stream is not done",
                                options.maxCycles, controller_->position() + 1,
                                controller_->size()));
    d.notes = explainWaiting(*this);
    result.diagnostics.push_back(std::move(d));
  }
  return result;
}

} // namespace ashlar::emulator
