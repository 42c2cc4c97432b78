// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The life of a DMA task, cycle by cycle. Times: device/timing.h.
#include "emulator/tile/dma.h"

#include "device/events.h"
#include "device/ports.h"
#include "device/timing.h"
#include "emulator/array/sanitizer.h"
#include "emulator/array/timeline.h"
#include "emulator/tile/core_slot.h"
#include "emulator/tile/tile.h"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>

namespace ashlar::emulator {

namespace timing = device::timing;
using device::DmaDirection;
using device::TileKind;

namespace {
constexpr uint32_t kReset = 1u << 1; // core and memtile; on the shim: pause memory
constexpr uint32_t kOutOfOrder = 1u << 3;
// Activity events in the order of device::ev::dmaEvent.
constexpr int kEvStart = 0, kEvBd = 1, kEvTask = 2, kEvLock = 3, kEvStream = 4, kEvMemory = 5;
int stallEvent(DmaWait why) {
  return why == DmaWait::Lock ? kEvLock : why == DmaWait::Bank ? kEvMemory : kEvStream;
}

/// Where an out-of-order BD id sits in a packet header. The public documents give these bits as
/// zero; both ends are DMAs of the array, so only they need to agree.
constexpr int kOutOfOrderShift = 5;
} // namespace

DmaChannel::DmaChannel(Tile &tile, DmaDirection direction, int channel)
    : tile_(tile), out_(&tile.dmaOutput(channel)), in_(&tile.dmaInputSlot(channel)),
      direction_(direction), channel_(channel) {}

void DmaChannel::event(int kind, bool on) { tile_.dmaEvent(kind, direction_, channel_, on); }

void DmaChannel::writeControl(uint32_t value) {
  const bool resettable = tile_.kind() != TileKind::Shim;
  if (resettable && (value & kReset)) {
    resume(tile_.scheduler().now());
    queue_.clear();
    state_ = DmaState::Idle;
    errors_ = 0;
    fotCounts_.clear();
  }
  control_ = value;
  busyUntil_ = std::max(busyUntil_, tile_.scheduler().now() + 1);
  tile_.scheduler().wake(*this, busyUntil_);
}

void DmaChannel::push(uint32_t value) {
  if (tile_.kind() != TileKind::Shim && (control_ & kReset)) return;
  if (queueFull()) {
    errors_ |= kQueueOverflow;
    tile_.fabric().warn(tile_, fmt::format("{} {} of {}: its start queue holds {} tasks already; "
                                           "this task is lost",
                                           device::dmaDirectionName(direction_), channel_,
                                           tile_.name(), device::kDmaQueueDepth));
    return;
  }
  const int bdMask = tile_.kind() == TileKind::Mem ? 63 : 15;
  queue_.push_back(
      {static_cast<int>(value) & bdMask, static_cast<int>(value >> 16 & 255), (value >> 31) != 0});
  tile_.scheduler().wake(*this, tile_.scheduler().now() + 1);
}

uint32_t DmaChannel::status() const {
  uint32_t s = errors_;
  const bool running = state_ != DmaState::Idle && state_ != DmaState::Failed;
  if (running) {
    s |= state_ == DmaState::Loading ? 1u : 2u;
    s |= 1u << 19;
  }
  if (wait_ == DmaWait::Lock) s |= 1u << 2;
  if (wait_ == DmaWait::Stream || wait_ == DmaWait::NoStream) s |= 1u << 4;
  if (state_ == DmaState::Token) s |= 1u << 5;
  s |= static_cast<uint32_t>(queue_.size()) << 20;
  s |= static_cast<uint32_t>(bdId_) << 24;
  return s;
}

uint32_t DmaChannel::popFotCount() {
  if (fotCounts_.empty()) return 0;
  const uint32_t v = fotCounts_.front();
  fotCounts_.pop_front();
  return v;
}

void DmaChannel::settle(uint64_t now) {
  if (wait_ != DmaWait::None && now > stalledSince_) {
    const uint64_t cycles = now - stalledSince_;
    if (wait_ == DmaWait::Lock)
      stats_.lockStall += cycles;
    else if (wait_ == DmaWait::Bank)
      stats_.bankStall += cycles;
    else
      stats_.streamStall += cycles;
  }
  stalledSince_ = now;
}

uint64_t DmaChannel::stall(DmaWait why, uint64_t now, uint64_t until) {
  if (wait_ != why) {
    resume(now);
    wait_ = why;
    if (tile_.fabric().timeline) show(now);
    event(stallEvent(why));
  }
  return until;
}

void DmaChannel::resume(uint64_t now) {
  settle(now);
  if (wait_ == DmaWait::None) return;
  event(stallEvent(wait_), false);
  wait_ = DmaWait::None;
  if (tile_.fabric().timeline) show(now);
}

void DmaChannel::show(uint64_t now) {
  Timeline &t = *tile_.fabric().timeline;
  std::string what;
  switch (wait_) {
  case DmaWait::Lock: what = "lock stall"; break;
  case DmaWait::Stream:
  case DmaWait::NoStream:
    what = direction_ == DmaDirection::S2MM ? "waits for data" : "waits for room";
    break;
  case DmaWait::Bank: what = "bank conflict"; break;
  case DmaWait::Paused: what = "paused"; break;
  case DmaWait::None:
    if (state_ == DmaState::Moving)
      what = fmt::format("BD {}", bdId_);
    else if (state_ == DmaState::Loading)
      what = "load BD";
    break;
  }
  t.show(t.track(tile_.id(), fmt::format("{} {}", device::dmaDirectionName(direction_), channel_)),
         what.empty() ? 0 : t.name(what), now);
}

uint64_t DmaChannel::fail(uint32_t error) {
  errors_ |= error;
  state_ = DmaState::Failed;
  resume(tile_.scheduler().now());
  tile_.dmaError(direction_, channel_);
  return kNever;
}

uint64_t DmaChannel::step(uint64_t now) {
  if (now < busyUntil_) return busyUntil_;
  const bool shim = tile_.kind() == TileKind::Shim;
  if (shim ? (control_ & 6u) != 0 : (control_ & kReset) != 0) {
    return shim && state_ != DmaState::Idle ? stall(DmaWait::Paused, now, kNever) : kNever;
  }
  switch (state_) {
  case DmaState::Idle: return startTask(now);
  case DmaState::Loading:
    if (!loadBd(now)) return kNever;
    if (now < memoryUntil_) return busyUntil_ = memoryUntil_;
    return bd_.acquire ? acquire(now) : beginMove(now);
  case DmaState::Acquiring: return bd_.acquire ? acquire(now) : beginMove(now);
  case DmaState::Selecting: return select(now);
  case DmaState::Moving: return direction_ == DmaDirection::S2MM ? moveIn(now) : moveOut(now);
  case DmaState::Token: return finishTask(now);
  case DmaState::Failed: return kNever;
  }
  return kNever;
}

uint64_t DmaChannel::startTask(uint64_t now) {
  if (queue_.empty()) return kNever;
  task_ = queue_.front();
  queue_.pop_front();
  tile_.queueMoved();
  round_ = 0;
  bdId_ = task_.firstBd;
  const int load = timing::kDmaChannelStart + timing::kDmaBdLoad;
  int cycles = load;
  memoryUntil_ = 0;
  if (tile_.kind() == TileKind::Shim) {
    // DDR: the first task of a channel is cold; a read channel warms up over a few tasks.
    if (direction_ == DmaDirection::MM2S)
      cycles += timing::kShimMm2sTask +
                static_cast<int>(timing::kShimMm2sCold * std::pow(0.31, tasksStarted_));
    else
      cycles += timing::kShimS2mmTask + (tasksStarted_ == 0 ? timing::kShimS2mmCold : 0);
    memoryUntil_ = now + static_cast<uint64_t>(cycles);
    tile_.fabric().offArrayUntil(memoryUntil_);
  }
  ++tasksStarted_;
  event(kEvStart);
  if (direction_ == DmaDirection::S2MM && (control_ & kOutOfOrder)) {
    state_ = DmaState::Selecting;
    return now + static_cast<uint64_t>(cycles);
  }
  // The descriptor is read at once, whatever host memory takes to answer: streams may write the
  // next transfer over it.
  state_ = DmaState::Loading;
  busyUntil_ = now + static_cast<uint64_t>(load);
  return busyUntil_;
}

bool DmaChannel::loadBd(uint64_t now) {
  (void)now;
  if (bdId_ >= device::bdCount(tile_.kind())) {
    fail(kBdUnavailable);
    return false;
  }
  if (tile_.kind() == TileKind::Mem && (bdId_ >= 24) != (channel_ % 2 == 1)) {
    fail(kBdUnavailable);
    tile_.fabric().warn(
        tile_, fmt::format("{} {} of {} is started with BD {}: even channels use BDs 0 to 23, odd "
                           "ones 24 to 47",
                           device::dmaDirectionName(direction_), channel_, tile_.name(), bdId_));
    return false;
  }
  bd_ = tile_.takeBd(bdId_);
  if (!bd_.valid) {
    fail(kBdInvalid);
    tile_.fabric().warn(tile_, fmt::format("{} {} of {} is started with BD {}, which is not valid",
                                           device::dmaDirectionName(direction_), channel_,
                                           tile_.name(), bdId_));
    return false;
  }
  if (bd_.compression) {
    tile_.fabric().fault(
        error("not-emulated", {},
              fmt::format("BD {} of {} uses stream compression, which is not emulated", bdId_,
                          tile_.name())));
    fail(kBdInvalid);
    return false;
  }
  state_ = DmaState::Acquiring;
  return true;
}

uint64_t DmaChannel::acquire(uint64_t now) {
  int local = 0;
  LockUnit *unit = tile_.dmaLock(bd_.acquire->id, local);
  if (!unit) return fail(kLockUnavailable);
  if (!unit->acquire(local, bd_.acquire->value, this)) return stall(DmaWait::Lock, now, kNever);
  resume(now);
  const uint64_t next = beginMove(now);
  busyUntil_ = now + timing::kDmaLock;
  return std::max(next, busyUntil_);
}

uint64_t DmaChannel::select(uint64_t now) {
  Link *in = *in_;
  if (!in) return stall(DmaWait::NoStream, now, kNever);
  if (!in->arrived(now, 1)) return stall(DmaWait::Stream, now, in->readyAt());
  const StreamWord header = in->pop(now);
  bdId_ = static_cast<int>(header.data >> kOutOfOrderShift & 63);
  resume(now);
  state_ = DmaState::Loading;
  if (!loadBd(now)) return kNever;
  busyUntil_ = now + timing::kDmaBdLoad;
  if (!bd_.acquire) beginMove(now);
  return busyUntil_;
}

uint64_t DmaChannel::beginMove(uint64_t now) {
  state_ = DmaState::Moving;
  addresses_.start(bd_, direction_ == DmaDirection::MM2S && tile_.kind() == TileKind::Mem);
  base_ = bd_.address +
          uint64_t{4} * bd_.iterationStep * (bd_.iterationSize > 1 ? bd_.iterationCurrent : 0);
  remaining_ = bd_.length;
  moved_ = 0;
  headerDue_ = direction_ == DmaDirection::MM2S && bd_.packet.has_value();
  if (tile_.fabric().timeline) show(now);
  return now;
}

int DmaChannel::resolve(uint64_t now, int n, uint8_t *(&where)[4]) {
  if (tile_.kind() == TileKind::Shim) {
    for (int i = 0; i < n; ++i) {
      const uint64_t address = base_ + static_cast<uint64_t>(addresses_.offset());
      where[i] = tile_.fabric().host().find(address, 4);
      if (!where[i]) {
        if (i) return i;
        tile_.fabric().fault(error(
            "host-access", {},
            fmt::format("{} {} of {} {} {} (BD {}, {} of {} words done)",
                        device::dmaDirectionName(direction_), channel_, tile_.name(),
                        direction_ == DmaDirection::MM2S ? "reads" : "writes",
                        tile_.fabric().host().describe(address), bdId_, moved_, bd_.length),
            "give the argument its full size, or shorten the transfer; on the chip this is an "
            "IOMMU page fault"));
        fail(kDecodeError);
        return -1;
      }
      addresses_.advance();
    }
    return n;
  }
  int banks[4];
  int used = 0;
  DataMemory *owner[4] = {};
  for (int i = 0; i < n; ++i) {
    if (addresses_.pad()) {
      where[i] = nullptr;
      addresses_.advance();
      continue;
    }
    const uint64_t address = base_ + static_cast<uint64_t>(addresses_.offset());
    uint32_t local = 0;
    DataMemory *memory = tile_.dmaMemory(address, local);
    if (!memory) {
      tile_.fabric().warn(
          tile_, fmt::format("{} {} of {}: BD {} reaches address 0x{:X}, where there is no memory",
                             device::dmaDirectionName(direction_), channel_, tile_.name(), bdId_,
                             address));
      fail(kMemoryUnavailable);
      return -1;
    }
    if (CoreSlot *core = tile_.core()) core->visited(local, 4, direction_ == DmaDirection::S2MM);
    where[i] = memory->data() + local;
    if (tile_.fabric().sanitizer) tell(address, 4);
    const int bank = memory->bank(local);
    bool known = false;
    for (int k = 0; k < used; ++k) known |= banks[k] == bank && owner[k] == memory;
    if (!known) {
      if (!memory->claim(bank, now)) {
        if (i == 0) return 0;
        return i; // the rest asks again in its own cycle
      }
      owner[used] = memory;
      banks[used++] = bank;
    }
    addresses_.advance();
  }
  return n;
}

bool DmaChannel::touches(uint32_t address, uint32_t bytes) const {
  uint64_t words = bd_.length;
  if (!addresses_.linear()) {
    // From the base to the farthest word.
    uint64_t left = bd_.length ? bd_.length - 1 : 0;
    words = 1;
    for (int d = 0; d < 4; ++d) {
      const uint64_t size = bd_.dims[d].size ? bd_.dims[d].size : left + 1;
      words += std::min(left, size - 1) * bd_.dims[d].step;
      left /= size;
    }
  }
  const uint64_t base = tile_.kind() == TileKind::Mem ? base_ % device::kMemTileBytes : base_;
  return address < base + 4 * words && address + bytes > base;
}

size_t DmaChannel::chunk() const {
  constexpr size_t kQuietChunk = 16; // two of these fit the shortest path's buffers
  return tile_.coresNear() ? timing::kDmaBeatsPerAccess : kQuietChunk;
}

void DmaChannel::tell(uint64_t address, size_t bytes) {
  uint32_t local = 0;
  const Tile *owner = tile_.dmaMemoryTile(address, local);
  Sanitizer &s = *tile_.fabric().sanitizer;
  if (direction_ == DmaDirection::MM2S)
    s.dmaReads(*owner, local, static_cast<uint32_t>(bytes), tile_, *this);
  else
    s.dmaWrites(*owner, local, static_cast<uint32_t>(bytes), tile_, *this);
}

uint8_t *DmaChannel::direct(uint64_t now, size_t &n) {
  if (!addresses_.consecutive(n)) return nullptr;
  const uint64_t address = base_ + static_cast<uint64_t>(addresses_.offset());
  if (tile_.kind() == TileKind::Shim) {
    uint8_t *p = tile_.fabric().host().find(address, 4 * n);
    if (p) addresses_.skip(n);
    return p;
  }
  uint32_t local = 0, end = 0;
  DataMemory *memory = tile_.dmaMemory(address, local);
  const uint32_t span = static_cast<uint32_t>(4 * (n - 1));
  if (!memory || tile_.dmaMemory(address + span, end) != memory) return nullptr;
  if (CoreSlot *core = tile_.core())
    core->visited(local, span + 4, direction_ == DmaDirection::S2MM);
  if (!memory->claim(memory->bank(local), now)) {
    n = 0;
    return nullptr;
  }
  addresses_.skip(n);
  if (tile_.fabric().sanitizer) tell(address, 4 * n);
  return memory->data() + local;
}

uint64_t DmaChannel::moveIn(uint64_t now) {
  if (remaining_ == 0) return finishBd(now, 0);
  Link *in = *in_;
  if (!in) return stall(DmaWait::NoStream, now, kNever);
  const size_t limit = chunk();
  const size_t want = std::min<size_t>(limit, remaining_);
  size_t n = in->arrived(now, want);
  const size_t coming = std::min(want, in->size());
  if (n < coming && in->readyAt(coming - 1) < now + limit)
    return n ? in->readyAt(coming - 1) : stall(DmaWait::Stream, now, in->readyAt(coming - 1));
  if (n == 0) return stall(DmaWait::Stream, now, in->readyAt());
  const bool fot = (control_ >> 16 & 3) != 0;
  size_t got = 0;
  bool last = false;
  if (uint8_t *where = direct(now, n)) {
    got = in->popBlock(where, n, fot, last, now);
  } else {
    if (n == 0) return stall(DmaWait::Bank, now, busyUntil_ = now + 1);
    uint8_t *words[4];
    const int found =
        resolve(now, static_cast<int>(std::min<size_t>(n, timing::kDmaBeatsPerAccess)), words);
    if (found < 0) return kNever;
    if (found == 0) return stall(DmaWait::Bank, now, busyUntil_ = now + 1);
    while (got < static_cast<size_t>(found) && !(fot && last)) {
      const StreamWord w = in->pop(now);
      std::memcpy(words[got++], &w.data, 4);
      last |= w.last;
    }
  }
  resume(now);
  // The words were written four at a time as they came, one memory access after the other: the
  // last one at `now`, unless the channel was free too late for that. So it takes the same time
  // however many words are moved in one go.
  const uint64_t access = std::min<uint64_t>(got, timing::kDmaBeatsPerAccess);
  const uint64_t end = std::max(now + access, busyUntil_ + got);
  remaining_ -= static_cast<uint32_t>(got);
  moved_ += static_cast<uint32_t>(got);
  stats_.words += got;
  tile_.fabric().progress();
  if (fot && last) {
    fotCounts_.push_back(1u << 31 | static_cast<uint32_t>(bdId_) << 24 | moved_);
    if (fotCounts_.size() > 16) fotCounts_.pop_front();
    return finishBd(now, end - now);
  }
  if (remaining_ == 0) {
    if (fot) errors_ |= kFotLength;
    return finishBd(now, end - now);
  }
  busyUntil_ = end;
  return busyUntil_;
}

uint64_t DmaChannel::moveOut(uint64_t now) {
  if (remaining_ == 0) return finishBd(now, 0);
  OutPort &out = *out_;
  const size_t room = out.room();
  if (room == 0) {
    if (!out.connected()) return stall(DmaWait::NoStream, now, kNever);
    out.waitForRoom(*this);
    return stall(DmaWait::Stream, now, kNever);
  }
  const uint64_t latency = timing::kDmaMemoryLatency;
  if (headerDue_) {
    headerDue_ = false;
    uint32_t header = device::packetHeader(tile_.id(), bd_.packet->type, bd_.packet->id);
    if (bd_.outOfOrderId)
      header =
          device::oddParity(header | static_cast<uint32_t>(bd_.outOfOrderId) << kOutOfOrderShift);
    out.push({header, false}, now + latency);
    out.notify();
    busyUntil_ = now + 1;
    return busyUntil_;
  }
  size_t n = std::min<size_t>({chunk(), remaining_, room});
  if (const uint8_t *where = direct(now, n)) {
    out.pushBlock(where, n, now + latency, remaining_ == n && !bd_.suppressTlast);
  } else {
    if (n == 0) return stall(DmaWait::Bank, now, now + 1);
    uint8_t *words[4];
    const int found =
        resolve(now, static_cast<int>(std::min<size_t>(n, timing::kDmaBeatsPerAccess)), words);
    if (found < 0) return kNever;
    if (found == 0) return stall(DmaWait::Bank, now, now + 1);
    n = static_cast<size_t>(found);
    for (size_t i = 0; i < n; ++i) {
      StreamWord w;
      if (words[i]) std::memcpy(&w.data, words[i], 4);
      w.last = remaining_ == i + 1 && !bd_.suppressTlast;
      out.push(w, now + i + latency);
    }
  }
  resume(now);
  remaining_ -= static_cast<uint32_t>(n);
  moved_ += static_cast<uint32_t>(n);
  stats_.words += n;
  out.notify();
  tile_.fabric().progress();
  if (remaining_ == 0) return finishBd(now, n);
  busyUntil_ = now + n;
  return busyUntil_;
}

uint64_t DmaChannel::finishBd(uint64_t now, uint64_t cost) {
  ++stats_.bds;
  event(kEvBd);
  if (bd_.release) {
    int local = 0;
    LockUnit *unit = tile_.dmaLock(bd_.release->id, local);
    if (!unit) return fail(kLockUnavailable);
    const int written = direction_ == DmaDirection::S2MM ? timing::kDmaMemoryLatency : 0;
    unit->release(local, bd_.release->value, static_cast<int>(cost) + timing::kDmaLock + written);
  }
  busyUntil_ = now + std::max<uint64_t>(cost, 1) + timing::kDmaBdChain;
  if (bd_.next && !(direction_ == DmaDirection::S2MM && (control_ & kOutOfOrder))) {
    bdId_ = *bd_.next;
    state_ = DmaState::Loading;
    return busyUntil_;
  }
  if (round_ < task_.repeat) {
    ++round_;
    bdId_ = task_.firstBd;
    state_ = direction_ == DmaDirection::S2MM && (control_ & kOutOfOrder) ? DmaState::Selecting
                                                                          : DmaState::Loading;
    return busyUntil_;
  }
  state_ = DmaState::Token;
  return busyUntil_;
}

uint64_t DmaChannel::finishTask(uint64_t now) {
  ++stats_.tasks;
  event(kEvTask);
  if (task_.token) tile_.sendToken(direction_, channel_, static_cast<int>(control_ >> 8 & 31));
  state_ = DmaState::Idle;
  if (tile_.fabric().timeline) show(now);
  return startTask(now);
}

} // namespace ashlar::emulator
