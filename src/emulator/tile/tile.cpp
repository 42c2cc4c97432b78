// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A tile's resources and what its neighbours see of them.
#include "emulator/tile/tile.h"

#include "device/events.h"
#include "emulator/array/sanitizer.h"
#include "emulator/array/timeline.h"
#include "emulator/tile/core_slot.h"
#include "emulator/tile/events.h"

#include <fmt/format.h>

namespace ashlar::emulator {

using device::DmaDirection;
using device::Module;
using device::PortBundle;
using device::SwitchPort;
using device::TileId;
using device::TileKind;

Tile::Tile(Fabric &fabric, TileId id)
    : memory(device::tileKind(id)),
      locks(fabric.scheduler, device::lockCount(device::tileKind(id))), fabric_(fabric), id_(id),
      kind_(device::tileKind(id)) {
  locks.listener = this;
  bdWords_.resize(static_cast<size_t>(device::bdCount(kind_) * device::bdWords(kind_)));
  bds_.resize(static_cast<size_t>(device::bdCount(kind_)));
  for (int c = 0; c < device::dmaChannels(kind_); ++c) {
    s2mm.push_back(std::make_unique<DmaChannel>(*this, DmaDirection::S2MM, c));
    mm2s.push_back(std::make_unique<DmaChannel>(*this, DmaDirection::MM2S, c));
  }
  if (kind_ == TileKind::Core) {
    core_ = std::make_unique<CoreSlot>(*this);
    events_.push_back(std::make_unique<EventUnit>(*this, Module::Core));
  }
  events_.push_back(std::make_unique<EventUnit>(*this, memoryModule()));
  for (auto &u : events_) eventUnits_.push_back(u.get());
  lockSelection_.fill(0x3F); // reset value
}

Tile::~Tile() = default;

std::string Tile::name() const {
  return fmt::format("{} {}", device::tileKindName(kind_), id_.str());
}

SwitchPort Tile::dmaMaster(int channel) const {
  if (kind_ != TileKind::Shim) return {PortBundle::Dma, channel};
  for (const auto &f : device::shimDemuxFields())
    if (f.dmaChannel == channel) return f.port;
  return {PortBundle::South, channel};
}

SwitchPort Tile::dmaSlave(int channel) const {
  if (kind_ != TileKind::Shim) return {PortBundle::Dma, channel};
  for (const auto &f : device::shimMuxFields())
    if (f.dmaChannel == channel) return f.port;
  return {PortBundle::South, channel};
}

OutPort &Tile::dmaOutput(int channel) { return output(dmaSlave(channel)); }
Link *&Tile::dmaInputSlot(int channel) {
  return inputs[static_cast<size_t>(device::masterIndex(kind_, dmaMaster(channel)))];
}

void Tile::meetNeighbours() {
  if (kind_ != TileKind::Core) return;
  // The memory is its own core's, the north core's south window, the south core's north window and
  // the east core's west window.
  for (const TileId d : {TileId{0, 0}, TileId{0, 1}, TileId{0, -1}, TileId{1, 0}})
    if (Tile *t = fabric_.insideTile({id_.col + d.col, id_.row + d.row}))
      if (t->core()) t->core()->reach.push_back(this);
}

Tile *Tile::dmaMemoryTile(uint64_t address, uint32_t &local) {
  if (kind_ == TileKind::Core) {
    if (address + 4 > device::kCoreMemoryBytes) return nullptr;
    local = static_cast<uint32_t>(address);
    return this;
  }
  // Memtile window: west, own, east memtile.
  const uint64_t which = address / device::kMemTileBytes;
  if (which > 2) return nullptr;
  local = static_cast<uint32_t>(address % device::kMemTileBytes);
  return which == 1 ? this : fabric_.tile({id_.col + static_cast<int>(which) - 1, id_.row});
}

Tile *Tile::dmaLockTile(int id, int &local) {
  if (kind_ != TileKind::Mem) {
    local = id & 15;
    return this;
  }
  local = id % 64;
  const int which = id / 64;
  if (which > 2) return nullptr;
  return which == 1 ? this : fabric_.tile({id_.col + which - 1, id_.row});
}

LockUnit *Tile::dmaLock(int id, int &local) {
  Tile *t = dmaLockTile(id, local);
  return t ? &t->locks : nullptr;
}

const device::Bd &Tile::peekBd(int id) {
  auto &bd = bds_[static_cast<size_t>(id)];
  if (!bd) {
    const size_t n = static_cast<size_t>(device::bdWords(kind_));
    bd = device::decodeBd(kind_, std::span(bdWords_).subspan(static_cast<size_t>(id) * n, n));
  }
  return *bd;
}

device::Bd Tile::takeBd(int id) {
  const device::Bd out = peekBd(id);
  if (out.iterationSize > 1) {
    device::Bd &kept = *bds_[static_cast<size_t>(id)];
    kept.iterationCurrent = (out.iterationCurrent + 1) % out.iterationSize;
    // The counter is a register field too.
    uint32_t words[8] = {};
    const size_t n = static_cast<size_t>(device::bdWords(kind_));
    if (device::encodeBd(kind_, kept, std::span(words, n)).ok()) {
      const size_t w = kind_ == TileKind::Core ? 4 : 6;
      bdWords_[static_cast<size_t>(id) * n + w] = words[w];
    }
  }
  return out;
}

uint32_t Tile::tokenWord(TileId tile, DmaDirection direction, int channel, int controllerId) {
  // The middle bits name the channel; the public documents do not say how, and only the
  // controller below reads them.
  const uint32_t actor =
      static_cast<uint32_t>(channel) | (direction == DmaDirection::MM2S ? 8u : 0u);
  return device::oddParity(device::packetHeader(tile, device::kPacketTypeToken, controllerId & 31) |
                           actor << 5);
}

std::optional<Tile::Token> Tile::readToken(uint32_t word) {
  if ((word >> 12 & 7) != device::kPacketTypeToken) return std::nullopt;
  return Token{{static_cast<int>(word >> 21 & 127), static_cast<int>(word >> 16 & 31)},
               word >> 8 & 1 ? DmaDirection::MM2S : DmaDirection::S2MM,
               static_cast<int>(word >> 5 & 7)};
}

void Tile::sendToken(DmaDirection direction, int channel, int controllerId) {
  controlOut.send({tokenWord(id_, direction, channel, controllerId), true});
}

void ControlOut::send(StreamWord w) {
  words_.push_back(w);
  tile_.scheduler().wake(*this, tile_.scheduler().now() + 1);
}

uint64_t ControlOut::step(uint64_t now) {
  if (words_.empty()) return kNever;
  OutPort &out = tile_.output({PortBundle::Ctrl, 0});
  if (!out.connected()) return kNever; // shown by the report; laid paths wake us
  if (out.room() == 0) {
    out.waitForRoom(*this);
    return kNever;
  }
  out.push(words_.front(), now);
  out.notify();
  words_.pop_front();
  return words_.empty() ? kNever : now + 1;
}

uint64_t ControlIn::step(uint64_t now) {
  Link *in = tile_.input({PortBundle::Ctrl, 0});
  if (!in) return kNever;
  if (!in->arrived(now, 1)) return in->readyAt();
  const StreamWord w = in->pop(now);
  packet_.push_back(w);
  tile_.fabric().progress();
  if (w.last || packet_.size() > 16) {
    execute();
    packet_.clear();
  }
  return now + 1;
}

void ControlIn::execute() {
  // packet_[0] is the stream header unless the switch dropped it; a control word follows:
  // address [19:0], beats - 1 [21:20], operation [23:22], response id [30:24], odd parity [31].
  constexpr uint32_t kFirstParity = 1, kSecondParity = 2, kTlast = 8;
  if (packet_.size() < 2) {
    errors |= kTlast;
    return;
  }
  const uint32_t header = packet_[0].data, word = packet_[1].data;
  if (device::oddParity(header) != header) errors |= kFirstParity;
  if (device::oddParity(word) != word) errors |= kSecondParity;
  if (errors & (kFirstParity | kSecondParity)) {
    tile_.fabric().warn(
        tile_, fmt::format("{}: a control packet has wrong parity and is dropped", tile_.name()));
    return;
  }
  uint32_t address = word & 0xFFFFF;
  const size_t beats = (word >> 20 & 3) + 1;
  const uint32_t operation = word >> 22 & 3;
  constexpr uint32_t kRead = 1;
  if (operation == kRead) {
    const int id = static_cast<int>(word >> 24 & 31);
    tile_.controlOut.send(
        {device::packetHeader(tile_.id(), static_cast<int>(word >> 29 & 3), id), false});
    for (size_t i = 0; i < beats; ++i, address += 4)
      tile_.controlOut.send({tile_.read32(address), i + 1 == beats});
    if (packet_.size() != 2) errors |= kTlast;
    return;
  }
  if (packet_.size() != 2 + beats) errors |= kTlast;
  for (size_t i = 0; i < beats && i + 2 < packet_.size(); ++i, address += 4)
    tile_.write32(address, packet_[i + 2].data);
}

void Tile::lockChanged(int id, bool acquire, bool equal, int value) {
  if (fabric_.timeline) fabric_.timeline->lock(id_, id, value, scheduler().now());
  const Module m = memoryModule();
  const int first = device::ev::lockSelect0(m);
  const int selectors = kind_ == TileKind::Shim ? 6 : 8;
  for (int i = 0; i < selectors; ++i) {
    const uint32_t s = lockSelection_[static_cast<size_t>(i)];
    if (static_cast<int>(s >> 16 & 63) != id) continue;
    if (acquire)
      raise(m, first + 4 * i + (equal ? 0 : 1));
    else
      raise(m, first + 4 * i + 2);
    level(m, first + 4 * i + 3, value == static_cast<int>(s & 63));
  }
}

void Tile::lockError(int id, int value, int delta) {
  raise(memoryModule(), device::ev::lockError(memoryModule()));
  if (fabric_.sanitizer) return fabric_.sanitizer->lockError(*this, id, value, delta);
  fabric_.warn(*this,
               fmt::format("lock {} of {} holds {}: {} {} leaves the range 0 to {}, so it is "
                           "not done",
                           id, name(), value, delta < 0 ? "taking" : "adding",
                           delta < 0 ? -delta : delta, device::kMaxLockValue));
}

Module Tile::memoryModule() const {
  return kind_ == TileKind::Core  ? Module::Memory
         : kind_ == TileKind::Mem ? Module::MemTile
                                  : Module::Shim;
}

EventUnit &Tile::events(Module module) {
  for (EventUnit *u : eventUnits_)
    if (u->module() == module) return *u;
  return *eventUnits_.front();
}

void Tile::raise(Module module, int number) { events(module).raise(number); }
void Tile::level(Module module, int number, bool on) { events(module).level(number, on); }

void Tile::dmaEvent(int kind, DmaDirection direction, int channel, bool on) {
  const Module m = memoryModule();
  const auto tell = [&](int selector) {
    const int number = device::ev::dmaEvent(m, kind, direction, selector);
    if (kind < 3)
      raise(m, number);
    else
      level(m, number, on);
  };
  if (m != Module::MemTile) {
    tell(channel);
    return;
  }
  // Memtiles have two selectors a direction.
  const auto it = plain_.find(device::reg::kDmaEventChannels);
  const uint32_t selection = it == plain_.end() ? 0 : it->second;
  const int base = direction == DmaDirection::MM2S ? 16 : 0;
  for (int i = 0; i < 2; ++i)
    if (static_cast<int>(selection >> (base + 8 * i) & 7) == channel) tell(i);
}

void Tile::dmaError(DmaDirection direction, int channel) {
  const bool out = direction == DmaDirection::MM2S;
  switch (kind_) {
  case TileKind::Core:
    raise(Module::Memory, device::ev::kMemoryDmaError0 + (out ? 2 : 0) + channel);
    break;
  case TileKind::Mem: raise(Module::MemTile, device::ev::kMemTileDmaError0 + (out ? 1 : 0)); break;
  case TileKind::Shim: raise(Module::Shim, device::ev::kShimDmaError0 + (out ? 1 : 0)); break;
  }
}

} // namespace ashlar::emulator
