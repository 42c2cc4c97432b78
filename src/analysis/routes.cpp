// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Streams followed through the switches as configured: where data leaves a channel it must arrive
// at one, and a channel that receives must have somebody who sends.
#include "analysis/model.h"

#include <algorithm>
#include <fmt/format.h>
#include <set>

namespace ashlar::analysis {

namespace reg = device::reg;
using device::PortBundle;
using device::SwitchPort;

namespace {

class Tracer {
public:
  Tracer(const Model &model, int packet) : model_(model), packet_(packet) {}

  Trace run(TileId tile, SwitchPort slave) {
    enter(tile, slave);
    return std::move(trace_);
  }

private:
  void enter(TileId id, SwitchPort slave) {
    const TileModel *tile = model_.find(id);
    const TileKind kind = device::tileKind(id);
    const int index = tile ? device::slaveIndex(kind, slave) : -1;
    if (index < 0) {
      drop(id, slave, "nothing is configured there");
      return;
    }
    if (!seen_.insert({id, index}).second) return;
    const uint32_t config = tile->reg(reg::switchSlave(kind, index));
    if (!(config & reg::kSwitchEnable)) {
      drop(id, slave, "the port is off");
      return;
    }
    if (config & reg::kSwitchPacket)
      packets(*tile, slave, index);
    else
      circuits(*tile, slave, index);
  }

  void circuits(const TileModel &tile, SwitchPort slave, int index) {
    bool any = false;
    const auto masters = device::masterPorts(tile.kind);
    for (size_t m = 0; m < masters.size(); ++m) {
      const uint32_t config = tile.reg(reg::switchMaster(tile.kind, static_cast<int>(m)));
      if (!(config & reg::kSwitchEnable) || (config & reg::kSwitchPacket) ||
          static_cast<int>(config & 0x1F) != index)
        continue;
      any = true;
      leave(tile, slave, masters[m]);
    }
    if (!any) drop(tile.id, slave, "no port of the switch takes it");
  }

  void packets(const TileModel &tile, SwitchPort slave, int index) {
    if (packet_ < 0) {
      drop(tile.id, slave, "the port expects packets, and the channel sends none");
      return;
    }
    for (int s = 0; s < device::kPacketSlots; ++s) {
      const uint32_t slot = tile.reg(reg::switchSlot(tile.kind, index, s));
      if (!(slot & 0x100)) continue;
      const int id = static_cast<int>(slot >> 24 & 0x1F),
                mask = static_cast<int>(slot >> 16 & 0x1F);
      if ((packet_ & mask) != (id & mask)) continue;
      arbiter(tile, slave, static_cast<int>(slot & 7), static_cast<int>(slot >> 4 & 3));
      return; // the first rule that matches
    }
    drop(tile.id, slave, fmt::format("no rule there takes packet id {}", packet_));
  }

  void arbiter(const TileModel &tile, SwitchPort slave, int arbiter, int msel) {
    bool any = false;
    const auto masters = device::masterPorts(tile.kind);
    for (size_t m = 0; m < masters.size(); ++m) {
      const uint32_t config = tile.reg(reg::switchMaster(tile.kind, static_cast<int>(m)));
      if ((config & (reg::kSwitchEnable | reg::kSwitchPacket)) !=
              (reg::kSwitchEnable | reg::kSwitchPacket) ||
          static_cast<int>(config & 7) != arbiter || !(config >> 3 >> msel & 1))
        continue;
      any = true;
      leave(tile, slave, masters[m]);
    }
    if (!any) drop(tile.id, slave, fmt::format("no port serves arbiter {} msel {}", arbiter, msel));
  }

  void leave(const TileModel &tile, SwitchPort slave, SwitchPort master) {
    trace_.hops.push_back({tile.id, slave, master});
    if (master.bundle == PortBundle::Dma || master.bundle == PortBundle::Core ||
        master.bundle == PortBundle::Ctrl || master.bundle == PortBundle::Fifo) {
      trace_.ends.push_back({tile.id, master, DmaDirection::S2MM});
      return;
    }
    if (tile.kind == TileKind::Shim && master.bundle == PortBundle::South) {
      shimEnd(tile, master);
      return;
    }
    const auto far = device::farEnd(tile.id, master);
    if (!far) {
      drop(tile.id, master, "the port leads nowhere");
      return;
    }
    enter(far->tile, far->port);
  }

  void shimEnd(const TileModel &tile, SwitchPort master) {
    for (const device::ShimMuxField &f : device::shimDemuxFields())
      if (f.port == master) {
        const uint32_t choice = tile.reg(reg::kDemuxConfig) >> f.shift & 3;
        if (choice == device::kShimMuxDma && f.dmaChannel >= 0) {
          trace_.ends.push_back({tile.id, {PortBundle::Dma, f.dmaChannel}, DmaDirection::S2MM});
          return;
        }
      }
    // South 0 takes task-complete tokens to the controller.
    trace_.ends.push_back({tile.id, master, DmaDirection::S2MM});
  }

  void drop(TileId tile, SwitchPort port, const std::string &why) {
    trace_.drops.push_back(fmt::format("at {} of {}: {}", port.str(), tileText(tile), why));
  }

  const Model &model_;
  int packet_;
  Trace trace_;
  std::set<std::pair<TileId, int>> seen_;
};

/// Packet ids that the channel's chain sends; -1 for circuit-switched BDs.
std::set<int> packetIds(const TileModel &tile, const Push &push) {
  std::set<int> ids, seen;
  int id = push.bd;
  while (seen.insert(id).second) {
    const auto bd = tile.bd(id);
    if (!bd || !bd->valid) break;
    ids.insert(bd->packet ? bd->packet->id : -1);
    if (!bd->next) break;
    id = *bd->next;
  }
  return ids;
}

} // namespace

Trace traceFrom(const Model &model, TileId tile, SwitchPort slave, int packet) {
  return Tracer(model, packet).run(tile, slave);
}

std::optional<SwitchPort> outputPort(const TileModel &tile, int channel) {
  if (tile.kind != TileKind::Shim) return SwitchPort{PortBundle::Dma, channel};
  for (const device::ShimMuxField &f : device::shimMuxFields())
    if (f.dmaChannel == channel &&
        (tile.reg(reg::kMuxConfig) >> f.shift & 3) == device::kShimMuxDma)
      return f.port;
  return std::nullopt;
}

void checkRoutes(const Model &model, const Names &names, Diagnostics &findings) {
  std::set<std::pair<TileId, int>> fed; // S2MM channels that some stream can reach
  for (const auto &[id, tile] : model.tiles) {
    for (int c = 0; c < device::dmaChannels(tile.kind); ++c) {
      std::set<int> packets;
      const Push *first = nullptr;
      for (const Push &p : tile.pushes)
        if (p.direction == DmaDirection::MM2S && p.channel == c) {
          if (!first) first = &p;
          packets.merge(packetIds(tile, p));
        }
      const auto port = outputPort(tile, c);
      if (!port) continue;
      if (!first) { // the sequence may start it: what can it reach at all?
        for (int p = -1; p < 32; ++p)
          for (const Destination &d : traceFrom(model, id, *port, p).ends)
            if (d.port.bundle == PortBundle::Dma) fed.insert({d.tile, d.port.channel});
        continue;
      }
      for (const int packet : packets) {
        const Trace trace = traceFrom(model, id, *port, packet);
        for (const Destination &d : trace.ends)
          if (d.port.bundle == PortBundle::Dma) fed.insert({d.tile, d.port.channel});
        if (!trace.drops.empty())
          findings.push_back(
              error(packet >= 0 ? "packet-dropped" : "route-dead-end",
                    names.channel(id, DmaDirection::MM2S, c, first->offset),
                    fmt::format("what {} sends{} stops {}", channelText(id, DmaDirection::MM2S, c),
                                packet >= 0 ? fmt::format(" as packet {}", packet) : "",
                                trace.drops.front()),
                    "connect the port, or take the channel out"));
      }
    }
  }
  // Cores, trace units and control ports send too; their streams may feed channels.
  for (const auto &[id, tile] : model.tiles) {
    const auto slaves = device::slavePorts(tile.kind);
    for (const SwitchPort &slave : slaves) {
      if (slave.bundle != PortBundle::Core && slave.bundle != PortBundle::Trace &&
          slave.bundle != PortBundle::Ctrl &&
          !(tile.kind == TileKind::Shim && slave.bundle == PortBundle::South))
        continue;
      const int index = device::slaveIndex(tile.kind, slave);
      if (!(tile.reg(reg::switchSlave(tile.kind, index)) & reg::kSwitchEnable)) continue;
      for (int p = -1; p < 32; ++p)
        for (const Destination &d : traceFrom(model, id, slave, p).ends)
          if (d.port.bundle == PortBundle::Dma) fed.insert({d.tile, d.port.channel});
    }
  }
  for (const auto &[id, tile] : model.tiles)
    for (int c = 0; c < device::dmaChannels(tile.kind); ++c)
      for (const Push &p : tile.pushes)
        if (p.direction == DmaDirection::S2MM && p.channel == c && !fed.count({id, c})) {
          findings.push_back(error("stream-without-source",
                                   names.channel(id, DmaDirection::S2MM, c, p.offset),
                                   fmt::format("{} is started, and no stream leads to it",
                                               channelText(id, DmaDirection::S2MM, c)),
                                   "route a flow to it, or do not start it"));
          break;
        }
}

} // namespace ashlar::analysis
