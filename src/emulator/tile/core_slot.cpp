// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A core among its neighbours.
#include "emulator/tile/core_slot.h"

#include "device/events.h"
#include "device/timing.h"
#include "emulator/array/pc_profile.h"
#include "emulator/array/sanitizer.h"
#include "emulator/array/timeline.h"
#include "emulator/tile/events.h"
#include "emulator/tile/tile.h"

#include <bit>

namespace ashlar::emulator {

namespace reg = device::reg;
using device::PortBundle;
using device::TileId;
using device::TileKind;

namespace {
/// Windows in address order: south, west, north, own.
constexpr TileId kWindowOffset[4] = {{0, -1}, {-1, 0}, {0, 1}, {0, 0}};
} // namespace

/// How far a core runs ahead, and how long it lets be when that was for nothing.
constexpr uint64_t kShortestLead = 32, kLongestLead = 1024, kWorthwhile = 12;
constexpr uint64_t kShortestPause = 16, kLongestPause = 1024;

CoreSlot::CoreSlot(Tile &tile)
    : tile_(tile), core_(*this), lead_(kShortestLead), pause_(kShortestPause) {}

std::array<uint8_t *, 4> CoreSlot::dataWindows() {
  std::array<uint8_t *, 4> out{};
  for (size_t w = 0; w < 4; ++w) {
    Tile *t = tile_.fabric().tile(
        {tile_.id().col + kWindowOffset[w].col, tile_.id().row + kWindowOffset[w].row});
    windowTiles_[w] = t;
    windows_[w] = t && t->kind() == TileKind::Core ? &t->memory : nullptr;
    out[w] = windows_[w] ? windows_[w]->data() : nullptr;
  }
  return out;
}

Tile *CoreSlot::lockTile(int id, int &local) {
  if (id < 0 || id > 63) return nullptr;
  const TileId o = kWindowOffset[id / 16];
  local = id % 16;
  Tile *t = tile_.fabric().tile({tile_.id().col + o.col, tile_.id().row + o.row});
  return t && t->kind() == TileKind::Core ? t : nullptr;
}

void CoreSlot::apply() {
  const bool reset = (control_ & 2) != 0 || !tile_.fabric().coresReleased();
  Scheduler &s = tile_.scheduler();
  settle(s.now());
  core_.setControl((control_ & 1) != 0, reset);
  if (reset) cascadeIn.clear();
  s.wake(*this, s.now() + 1);
}

void CoreSlot::writeControl(uint32_t value) {
  // Firmware keeps the cores in reset until the launch; a reset pulse of the configuration acts
  // all the same.
  if ((value & 2) && !(control_ & 2)) core_.setControl((value & 1) != 0, true);
  control_ = value & 3;
  apply();
}

void CoreSlot::released() { apply(); }

void CoreSlot::writeAccumulatorControl(uint32_t value) {
  accumulator_ = value & 3;
  tile_.scheduler().wake(*this, tile_.scheduler().now() + 1);
}

uint32_t CoreSlot::status() const {
  uint32_t s = (core_.enabled() ? 1u : 0u) | (core_.inReset() ? 2u : 0u);
  const CoreWait &w = core_.waiting();
  switch (core_.state()) {
  case CoreState::MemoryStall: s |= 1u << 2; break;
  case CoreState::LockStall: s |= 1u << (6 + (w.lock / 16 & 3)); break;
  case CoreState::StreamInStall: s |= 1u << 10; break;
  case CoreState::StreamOutStall: s |= 1u << 12; break;
  case CoreState::CascadeInStall: s |= 1u << 14; break;
  case CoreState::CascadeOutStall: s |= 1u << 15; break;
  case CoreState::Done: s |= reg::kCoreStatusDone; break;
  case CoreState::Faulted: s |= 1u << 19; break;
  case CoreState::Disabled:
  case CoreState::Running: break;
  }
  return s;
}

// ---- running ahead
//
// A core that computes in its own memory concerns nobody, and nobody concerns it, until it asks
// for a lock, a stream or a neighbour's memory or somebody else comes to its own. So it computes
// many cycles in one go and then lets them pass. Who comes to it or to its memory before that finds
// it where it has to be: what it computed is taken back and computed again up to there.

bool CoreSlot::mayRunAhead(uint64_t cycle) const {
  const Fabric &f = tile_.fabric();
  return cycle >= nextTry_ && !f.lockstep && !f.timeline && !f.profile && !f.sanitizer &&
         !tile_.events(device::Module::Core).listening();
}

/// Computes cycles from `cycle` on; the first of them that is left to do.
uint64_t CoreSlot::runAhead(uint64_t cycle) {
  stallsBefore_ = core_.stats().memoryStalls;
  const uint64_t n = core_.runAhead(lead_);
  if (n < kWorthwhile) {
    pause_ = std::min(2 * pause_, kLongestPause);
    nextTry_ = cycle + n + pause_;
  } else {
    pause_ = kShortestPause;
  }
  if (n == 0) return cycle;
  aheadFrom_ = cycle;
  aheadTo_ = coastsTo_ = cycle + n;
  return cycle;
}

/// Memory stalls of the cycles that were run ahead and have come to pass.
void CoreSlot::noteStalls() {
  const CoreState state = core_.state();
  if (core_.stats().memoryStalls != stallsBefore_) {
    noteState(CoreState::Running, CoreState::MemoryStall);
    if (state == CoreState::Running) noteState(CoreState::MemoryStall, CoreState::Running);
  }
  shown_ = state;
}

/// Time has come to where the core is.
void CoreSlot::arrive() {
  aheadTo_ = coastsTo_ = 0;
  lead_ = std::min(2 * lead_, kLongestLead);
  noteStalls();
}

/// Its banks of a cycle that it has done already, for others to find taken.
void CoreSlot::takeBanks(uint64_t cycle) {
  for (uint32_t left = core_.aheadBanks(cycle - aheadFrom_); left != 0; left &= left - 1)
    tile_.memory.take(std::countr_zero(left), cycle);
}

void CoreSlot::takeBack() {
  const uint64_t until = std::max(accountedTo_, coastedTo_), now = tile_.scheduler().now();
  if (until > now && now >= aheadFrom_) takeBanks(now);
  if (until >= aheadTo_) return arrive();
  core_.redoAhead(until - aheadFrom_);
  aheadTo_ = coastsTo_ = 0;
  accountedTo_ = until;
  noteStalls();
  lead_ = std::max(lead_ / 2, kShortestLead);
  pause_ = std::min(2 * pause_, kLongestPause);
  nextTry_ = until + pause_;
}

void CoreSlot::visitAhead(uint32_t address, uint32_t bytes, bool write) {
  const uint64_t until = std::max(accountedTo_, coastedTo_), now = tile_.scheduler().now();
  if (now >= aheadTo_ || core_.aheadMeets(address, bytes, write)) return takeBack();
  if (now < aheadFrom_) return; // the banks of that cycle were asked for
  if (until > now)
    takeBanks(now);
  else if ((core_.aheadBanks(now - aheadFrom_) >> tile_.memory.bank(address) & 1) != 0)
    takeBack();
}

void CoreSlot::settle(uint64_t now) {
  comeBack();
  const CoreState s = core_.state();
  const bool waits = s == CoreState::LockStall || s == CoreState::StreamInStall ||
                     s == CoreState::StreamOutStall || s == CoreState::CascadeInStall ||
                     s == CoreState::CascadeOutStall;
  if (waits && now > accountedTo_) {
    core_.addStallCycles(now - accountedTo_);
    if (PcProfile *p = tile_.fabric().profile)
      if (PcProfile::Counts &c = p->of(tile_.id()); core_.pc() / 2 < c.size())
        c[core_.pc() / 2].cycles += now - accountedTo_;
  }
  accountedTo_ = now;
}

void CoreSlot::noteState(CoreState before, CoreState after) {
  using device::Module;
  const auto stall = [](CoreState s) {
    switch (s) {
    case CoreState::MemoryStall: return device::ev::kCoreMemoryStall;
    case CoreState::LockStall: return device::ev::kCoreLockStall;
    case CoreState::StreamInStall:
    case CoreState::StreamOutStall: return device::ev::kCoreStreamStall;
    case CoreState::CascadeInStall:
    case CoreState::CascadeOutStall: return device::ev::kCoreCascadeStall;
    default: return 0;
    }
  };
  const auto active = [](CoreState s) {
    return s != CoreState::Disabled && s != CoreState::Done && s != CoreState::Faulted;
  };
  if (stall(before)) tile_.level(Module::Core, stall(before), false);
  if (stall(after)) tile_.level(Module::Core, stall(after), true);
  if (Timeline *t = tile_.fabric().timeline) {
    const bool shown = active(after);
    t->show(t->track(tile_.id(), "core"), shown ? t->name(coreStateName(after)) : 0,
            tile_.scheduler().now());
  }
  tile_.level(Module::Core, device::ev::kCoreActive, active(after));
  tile_.level(Module::Core, device::ev::kCoreDisabled, after == CoreState::Disabled);
}

/// One clock, and who has to know of it.
CoreState CoreSlot::clock() {
  const CoreState state = core_.cycle();
  if (state == shown_) return state;
  noteState(shown_, state);
  const bool ran = running();
  shown_ = state;
  if (running() != ran)
    for (Tile *t : reach) t->coreRuns(!ran);
  return state;
}

uint64_t CoreSlot::step(uint64_t now) {
  if (now < aheadTo_) {
    accountedTo_ = now + 1;
    return now + 1;
  }
  if (aheadTo_ != 0) {
    accountedTo_ = now;
    arrive();
  }
  settle(now);
  Scheduler &s = tile_.scheduler();
  const uint64_t quiet = s.quietUntil();
  Timeline *const timeline = tile_.fabric().timeline;
  Timeline::Program *const functions = timeline ? timeline->programOf(tile_.id()) : nullptr;
  PcProfile::Counts *const counts =
      tile_.fabric().profile ? &tile_.fabric().profile->of(tile_.id()) : nullptr;
  PcProfile::Counts *const executed =
      tile_.fabric().sanitizer ? &tile_.fabric().sanitizer->executed.of(tile_.id()) : nullptr;
  touched_ = false;
  uint64_t cycle = now;
  for (;;) {
    const uint32_t pc = counts || functions || executed ? core_.pc() : 0;
    if (functions) timeline->pc(*functions, pc, cycle);
    const CoreState state = clock();
    if (executed && pc / 2 < executed->size()) (*executed)[pc / 2].issued = 1;
    if (counts && pc / 2 < counts->size()) {
      ++(*counts)[pc / 2].cycles;
      (*counts)[pc / 2].issued += state == CoreState::Running;
    }
    ++cycle;
    accountedTo_ = cycle;
    switch (state) {
    case CoreState::Running:
      // The cycle just done was shared with whoever came before; from the next one on all others
      // come to the core's memory under its eyes.
      if (!touched_ && mayRunAhead(cycle)) return runAhead(cycle);
      [[fallthrough]];
    case CoreState::MemoryStall:
      if (touched_ || cycle >= quiet) return cycle;
      s.setNow(cycle);
      continue;
    case CoreState::StreamInStall:
      // The word may be on its way already; the link's notification came before this sleep.
      if (streamIn_) return streamIn_->readyAt();
      return kNever;
    case CoreState::CascadeInStall: return cascadeIn.empty() ? kNever : cascadeIn.front().ready;
    case CoreState::Faulted:
      if (core_.fault()) {
        Diagnostic d = *core_.fault();
        d.message = tile_.name() + ": " + d.message;
        tile_.fabric().fault(std::move(d));
      }
      return kNever;
    case CoreState::LockStall:
    case CoreState::StreamOutStall:
    case CoreState::CascadeOutStall:
    case CoreState::Disabled:
    case CoreState::Done: return kNever;
    }
  }
}

Answer CoreSlot::acquire(int id, int value) {
  int local = 0;
  Tile *t = lockTile(id, local);
  if (!t) return Answer::Absent;
  if (!t->locks.acquire(local, value, this)) return Answer::Wait;
  if (Sanitizer *s = tile_.fabric().sanitizer) s->coreLock(tile_, *t, local, true, value);
  tile_.raise(device::Module::Core, device::ev::kCoreLockAcquire);
  touched_ = true;
  tile_.fabric().progress();
  return Answer::Granted;
}

Answer CoreSlot::release(int id, int value) {
  int local = 0;
  Tile *t = lockTile(id, local);
  if (!t) return Answer::Absent;
  if (Sanitizer *s = tile_.fabric().sanitizer) s->coreLock(tile_, *t, local, false, value);
  t->locks.release(local, value, 1); // seen in the next cycle
  tile_.raise(device::Module::Core, device::ev::kCoreLockRelease);
  touched_ = true;
  tile_.fabric().progress();
  return Answer::Granted;
}

Answer CoreSlot::streamRead(uint32_t &word, bool &tlast) {
  Link *in = tile_.input({PortBundle::Core, 0});
  streamIn_ = in;
  if (!in || !in->arrived(tile_.scheduler().now(), 1)) return Answer::Wait;
  const StreamWord w = in->pop(tile_.scheduler().now());
  word = w.data;
  tlast = w.last;
  touched_ = true;
  tile_.fabric().progress();
  return Answer::Granted;
}

Answer CoreSlot::streamWrite(uint32_t word, bool tlast) {
  OutPort &out = tile_.output({PortBundle::Core, 0});
  if (out.room() == 0) {
    out.waitForRoom(*this);
    return Answer::Wait;
  }
  out.push({word, tlast}, tile_.scheduler().now());
  out.notify();
  touched_ = true;
  tile_.fabric().progress();
  return Answer::Granted;
}

Tile *CoreSlot::cascadeSource() {
  // Accumulator_Control: input 0 from north, 1 from west.
  const TileId id = accumulator_ & 1 ? TileId{tile_.id().col - 1, tile_.id().row}
                                     : TileId{tile_.id().col, tile_.id().row + 1};
  Tile *t = tile_.fabric().tile(id);
  return t && t->kind() == TileKind::Core && t->core()->cascadeTarget() == &tile_ ? t : nullptr;
}

Tile *CoreSlot::cascadeTarget() {
  // Output 0 to south, 1 to east; and the other end must listen in this direction.
  const bool east = (accumulator_ & 2) != 0;
  const TileId id = east ? TileId{tile_.id().col + 1, tile_.id().row}
                         : TileId{tile_.id().col, tile_.id().row - 1};
  Tile *t = tile_.fabric().tile(id);
  if (!t || t->kind() != TileKind::Core) return nullptr;
  return ((t->core()->accumulator_ & 1) != 0) == east ? t : nullptr;
}

Answer CoreSlot::cascadeRead(uint8_t (&data)[64]) {
  if (cascadeIn.empty() || cascadeIn.front().ready > tile_.scheduler().now()) return Answer::Wait;
  std::copy(cascadeIn.front().data.begin(), cascadeIn.front().data.end(), data);
  cascadeIn.pop_front();
  touched_ = true;
  tile_.fabric().progress();
  if (Tile *from = cascadeSource())
    tile_.scheduler().wake(*from->core(), tile_.scheduler().now() + 1);
  return Answer::Granted;
}

Answer CoreSlot::cascadeWrite(const uint8_t (&data)[64]) {
  Tile *to = cascadeTarget();
  // Two entries on each side of the link.
  if (!to || to->core()->cascadeIn.size() >= 2 * device::timing::kCascadeWords) return Answer::Wait;
  CascadeEntry e;
  std::copy(std::begin(data), std::end(data), e.data.begin());
  e.ready = tile_.scheduler().now() + 1;
  to->core()->cascadeIn.push_back(e);
  touched_ = true;
  tile_.fabric().progress();
  tile_.scheduler().wake(*to->core(), e.ready);
  return Answer::Granted;
}

Answer CoreSlot::busRead(uint32_t address, uint32_t &value) {
  if (!(tile_.read32(reg::kCoreProcessorBus) & 1)) return Answer::Absent;
  value = tile_.read32(address - 0x80000);
  touched_ = true;
  return Answer::Granted;
}

Answer CoreSlot::busWrite(uint32_t address, uint32_t value) {
  if (!(tile_.read32(reg::kCoreProcessorBus) & 1)) return Answer::Absent;
  tile_.write32(address - 0x80000, value);
  touched_ = true;
  return Answer::Granted;
}

void CoreSlot::event(int number) {
  tile_.raise(device::Module::Core, device::ev::kCoreInstrEvent0 + (number & 1));
}

uint32_t CoreSlot::requestBanks(uint32_t wanted) {
  uint32_t granted = 0;
  const uint64_t now = tile_.scheduler().now();
  for (uint32_t left = wanted; left; left &= left - 1) {
    const int bit = std::countr_zero(left);
    const auto window = static_cast<size_t>(bit >> 3);
    DataMemory *m = windows_[window];
    if (m && window != 3) windowTiles_[window]->core()->comeBack();
    if (!m || m->claim(bit & 7, now)) granted |= 1u << bit;
  }
  return granted;
}

bool CoreSlot::watchesMemory() { return tile_.fabric().sanitizer != nullptr; }

void CoreSlot::access(uint32_t address, uint32_t bytes, bool write, uint32_t pc) {
  Sanitizer *s = tile_.fabric().sanitizer;
  Tile *memory = windowTiles_[address >> 16 & 3];
  if (s && memory) s->coreAccess(tile_, *memory, address & 0xFFFF, bytes, write, pc);
}

uint64_t CoreSlot::timer() { return tile_.events(device::Module::Core).timer(); }

uint32_t CoreSlot::coreId() {
  return static_cast<uint32_t>(tile_.id().col) << 16 | static_cast<uint32_t>(tile_.id().row);
}

} // namespace ashlar::emulator
