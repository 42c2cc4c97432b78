// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Everything but programs: locks, initial memory, DMA, stream switches. The order is the vendor's,
// write by write, even where a write does nothing (channel control with an empty mask), because
// equal bytes are the only proof without a chip that a configuration loads.
#include "device/ports.h"
#include "device/registers.h"
#include "package/configure.h"

#include <algorithm>

namespace ashlar::package {

using namespace device;
using format::cdo::Stage1Writer;

namespace {

constexpr uint32_t kCoreReset = 2;
constexpr uint32_t kQueueToken = 1u << 31;
constexpr uint32_t kOutOfOrder = 1u << 3, kFinishOnTlast = 1u << 16, kFinishMask = 3u << 16;
constexpr uint32_t kDropHeader = 1u << 7;

SwitchPort switchPort(plan::Port p) {
  static constexpr PortBundle bundles[] = {PortBundle::Core,  PortBundle::Dma,  PortBundle::Fifo,
                                           PortBundle::South, PortBundle::West, PortBundle::North,
                                           PortBundle::East};
  switch (p.bundle) {
  case plan::Bundle::Trace: return {PortBundle::Trace, p.channel};
  case plan::Bundle::TileControl: return {PortBundle::Ctrl, p.channel};
  case plan::Bundle::PLIO:
  case plan::Bundle::NOC: return {PortBundle::Core, -1}; // on no switch
  default: return {bundles[static_cast<int>(p.bundle)], p.channel};
  }
}

Diagnostic noPort(TileId tile, plan::Port p, const char *side) {
  return error("plan-port", {},
               fmt::format("the switch of tile {} has no {} port {}:{}", tile.str(), side,
                           plan::bundleName(p.bundle), p.channel),
               "route the flow through a port that is there");
}

Result<uint32_t> master(TileId tile, plan::Port p) {
  const int index = masterIndex(tileKind(tile), switchPort(p));
  if (index < 0) return noPort(tile, p, "master");
  return tileAddress(tile, reg::switchMaster(tileKind(tile), index));
}
Result<int> slave(TileId tile, plan::Port p) {
  const int index = slaveIndex(tileKind(tile), switchPort(p));
  if (index < 0) return noPort(tile, p, "slave");
  return index;
}

/// By default the header of a packet ends where the packet leaves the switches.
bool keepHeader(TileId tile, const plan::MasterSet &m) {
  if (m.keepHeader) return *m.keepHeader;
  const bool dma = m.dest.bundle == plan::Bundle::DMA;
  const bool shimSouth = tile.row == 0 && m.dest.bundle == plan::Bundle::South;
  return !dma && !shimSouth;
}

Status configureSwitch(const plan::Switchbox &s, Stage1Writer &out) {
  const TileKind kind = tileKind(s.tile);
  for (const plan::Connect &c : s.connects) {
    ASHLAR_TRY(const int from, slave(s.tile, c.source));
    ASHLAR_TRY(const uint32_t to, master(s.tile, c.dest));
    out.write(to, reg::kSwitchEnable | static_cast<uint32_t>(from));
    out.write(tileAddress(s.tile, reg::switchSlave(kind, from)), reg::kSwitchEnable);
  }
  constexpr uint32_t packet = reg::kSwitchEnable | reg::kSwitchPacket;
  for (const plan::MasterSet &m : s.masterSets) {
    ASHLAR_TRY(const uint32_t to, master(s.tile, m.dest));
    out.write(to, packet | (keepHeader(s.tile, m) ? 0 : kDropHeader) | uint32_t{m.mselMask} << 3 |
                      static_cast<uint32_t>(m.arbiter));
  }
  for (const plan::PacketRules &r : s.packetRules) {
    ASHLAR_TRY(const int from, slave(s.tile, r.source));
    if (r.rules.size() > static_cast<size_t>(kPacketSlots))
      return error("plan-port", {},
                   fmt::format("port {}:{} of tile {} needs {} packet rules; it has {} slots",
                               plan::bundleName(r.source.bundle), r.source.channel, s.tile.str(),
                               r.rules.size(), kPacketSlots),
                   "give packets that travel together ids that one mask matches");
    for (size_t k = 0; k < r.rules.size(); ++k) {
      const plan::PacketRule &rule = r.rules[k];
      out.write(tileAddress(s.tile, reg::switchSlave(kind, from)), packet);
      out.write(tileAddress(s.tile, reg::switchSlot(kind, from, static_cast<int>(k))),
                uint32_t{rule.id} << 24 | uint32_t{rule.mask} << 16 | 1u << 8 |
                    static_cast<uint32_t>(rule.msel) << 4 | static_cast<uint32_t>(rule.arbiter));
    }
  }
  return Ok{};
}

Status configureMux(const plan::ShimMux &m, Stage1Writer &out) {
  const auto field = [&](std::span<const ShimMuxField> fields, uint32_t offset,
                         plan::Port p) -> Status {
    for (const ShimMuxField &f : fields)
      if (f.port.channel == p.channel) {
        out.maskWrite(tileAddress(m.tile, offset), 3u << f.shift, kShimMuxDma << f.shift);
        return Ok{};
      }
    return noPort(m.tile, p, "shim multiplexer");
  };
  for (const plan::Connect &c : m.connects) {
    if (c.source.bundle == plan::Bundle::North)
      ASHLAR_CHECK(field(shimDemuxFields(), reg::kDemuxConfig, c.source));
    if (c.dest.bundle == plan::Bundle::North)
      ASHLAR_CHECK(field(shimMuxFields(), reg::kMuxConfig, c.dest));
  }
  return Ok{};
}

Status configureDma(const plan::DmaProgram &d, Stage1Writer &out) {
  const TileKind kind = tileKind(d.tile);
  for (const plan::BdSlot &slot : d.bds) {
    if (slot.id < 0 || slot.id >= bdCount(kind))
      return error(
          "plan-bd", slot.place,
          fmt::format("tile {} has no BD {}; it has {}", d.tile.str(), slot.id, bdCount(kind)),
          "use fewer BDs on this tile");
    std::vector<uint32_t> words(static_cast<size_t>(bdWords(kind)));
    ASHLAR_CHECK(encodeBd(kind, slot.bd, words, slot.place));
    out.blockWrite(tileAddress(d.tile, bdRegister(kind, slot.id)), words);
  }
  for (const plan::DmaStart &s : d.starts) {
    if (s.channel < 0 || s.channel >= dmaChannels(kind))
      return error("plan-bd", s.place,
                   fmt::format("tile {} has no {} channel {}", d.tile.str(),
                               dmaDirectionName(s.direction), s.channel),
                   "use a channel that is there");
    if (s.firstBd < 0 || s.firstBd >= bdCount(kind) || s.repeat < 0 || s.repeat > 255)
      return error("plan-bd", s.place,
                   fmt::format("a start of BD {} repeated {} times does not fit the queue of tile "
                               "{}",
                               s.firstBd, s.repeat, d.tile.str()),
                   "repeat at most 255 times");
    const uint32_t control = tileAddress(d.tile, reg::dmaControl(kind, s.direction, s.channel));
    const uint32_t modes =
        (s.outOfOrder ? kOutOfOrder : 0) | (s.finishOnTlast ? kFinishOnTlast : 0);
    if (modes) out.maskWrite(control, kOutOfOrder | kFinishMask, modes);
    // A shim's receiving channel always reports its end.
    const bool token = s.token || (kind == TileKind::Shim && s.direction == DmaDirection::S2MM);
    out.write(tileAddress(d.tile, reg::dmaQueue(kind, s.direction, s.channel)),
              static_cast<uint32_t>(s.firstBd) | static_cast<uint32_t>(s.repeat) << 16 |
                  (token ? kQueueToken : 0));
    out.maskWrite(control, 0, 1);
  }
  return Ok{};
}

} // namespace

Status configureArray(const plan::Plan &plan, Stage1Writer &out) {
  for (const TileId tile : coreTiles(plan)) {
    out.maskWrite(tileAddress(tile, reg::kCoreControl), kCoreReset, kCoreReset);
    out.maskWrite(tileAddress(tile, reg::kCoreControl), kCoreReset, 0);
    for (int i = 0; i < lockCount(TileKind::Core); ++i)
      out.write(tileAddress(tile, reg::lockBase(TileKind::Core) +
                                      reg::kLockStride * static_cast<uint32_t>(i)),
                0);
  }
  for (const plan::Lock &l : plan.locks) {
    if (!l.init) continue;
    const TileKind kind = tileKind(l.tile);
    if (l.id < 0 || l.id >= lockCount(kind) || *l.init < 0 || *l.init > kMaxLockValue)
      return error(
          "plan-lock", l.place,
          fmt::format("lock {} of tile {} cannot start at {}", l.id, l.tile.str(), *l.init),
          fmt::format("locks are 0..{} and hold 0..{}", lockCount(kind) - 1, kMaxLockValue));
    out.write(
        tileAddress(l.tile, reg::lockBase(kind) + reg::kLockStride * static_cast<uint32_t>(l.id)),
        static_cast<uint32_t>(*l.init));
  }
  for (const plan::Buffer &b : plan.buffers) {
    if (b.init.empty()) continue;
    const uint32_t room = dataMemoryBytes(tileKind(b.tile));
    if (b.address % 4 || b.init.size() > room || b.address > room - b.init.size())
      return error("plan-buffer", b.place,
                   fmt::format("buffer {} ({} bytes at {:#x}) does not fit the {} bytes of tile {}",
                               b.name, b.init.size(), b.address, room, b.tile.str()),
                   "make it smaller or move it");
    out.blockWrite(tileAddress(b.tile, b.address), toWords(b.init));
  }
  for (const TileKind kind : {TileKind::Core, TileKind::Mem, TileKind::Shim})
    for (const plan::DmaProgram &d : plan.dmas)
      if (tileKind(d.tile) == kind) ASHLAR_CHECK(configureDma(d, out));
  return configureRoutes(plan, out);
}

Status configureRoutes(const plan::Plan &plan, Stage1Writer &out) {
  for (const plan::Switchbox &s : plan.switchboxes) ASHLAR_CHECK(configureSwitch(s, out));
  for (const plan::ShimMux &m : plan.shimMuxes) ASHLAR_CHECK(configureMux(m, out));
  for (const plan::Cascade &c : plan.cascades) {
    const uint32_t fromWest = c.input.bundle == plan::Bundle::West;
    const uint32_t toEast = c.output.bundle == plan::Bundle::East;
    out.write(tileAddress(c.tile, reg::kAccumulatorControl), fromWest | toEast << 1);
  }
  return Ok{};
}

} // namespace ashlar::package
