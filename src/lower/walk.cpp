// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// After routing, every flow is followed through the finished switch settings, as the hardware would
// forward its words. A route that does not arrive is an error here and not a hang on the chip.
#include "lower/router.h"

#include "device/ports.h"

namespace ashlar::lower {

using plan::Bundle;

namespace {

class Walker {
public:
  Walker(int columns, const plan::Plan &plan) : columns_(columns), plan_(plan) {}

  /// Ports at which what enters at `source` leaves the switches.
  std::set<PortAt> arrivals(const PortAt &source, std::optional<int> packet) {
    arrived_.clear();
    seen_.clear();
    twice_.reset();
    lost_.reset();
    packet_ = packet;
    PortAt at = source;
    if (device::tileKind(source.tile) == TileKind::Shim)
      for (const plan::ShimMux &mux : plan_.shimMuxes)
        if (mux.tile == source.tile)
          for (const plan::Connect &c : mux.connects)
            if (c.source == source.port && c.dest.bundle == Bundle::North)
              at.port = {Bundle::South, c.dest.channel};
    enter(at);
    return arrived_;
  }

  /// Where what entered there last comes together again after it was split.
  const std::optional<PortAt> &twice() const { return twice_; }

  /// Where what entered there last comes to a switch that does not take it.
  const std::optional<PortAt> &lost() const { return lost_; }

private:
  void enter(const PortAt &slave) {
    if (!seen_.insert(slave).second) {
      twice_ = slave;
      return;
    }
    bool taken = false;
    for (const plan::Switchbox &box : plan_.switchboxes) {
      if (box.tile != slave.tile) continue;
      for (const plan::Connect &c : box.connects)
        if (c.source == slave.port) taken = true, leave({slave.tile, c.dest});
      // Without a packet id, whatever rules there are may take it.
      for (const plan::PacketRules &rules : box.packetRules) taken |= rules.source == slave.port;
      if (!packet_) continue;
      for (const plan::PacketRules &rules : box.packetRules) {
        if (rules.source != slave.port) continue;
        for (const plan::PacketRule &rule : rules.rules) {
          if ((*packet_ & rule.mask) != rule.id) continue;
          for (const plan::MasterSet &set : box.masterSets)
            if (set.arbiter == rule.arbiter && set.mselMask >> rule.msel & 1)
              leave({slave.tile, set.dest});
          break; // the first rule that matches
        }
      }
    }
    if (!taken) lost_ = slave;
  }
  void leave(const PortAt &master) {
    TileId next = master.tile;
    Bundle in = Bundle::South;
    switch (master.port.bundle) {
    case Bundle::North: ++next.row, in = Bundle::South; break;
    case Bundle::South: --next.row, in = Bundle::North; break;
    case Bundle::East: ++next.col, in = Bundle::West; break;
    case Bundle::West: --next.col, in = Bundle::East; break;
    default: arrive(master); return;
    }
    if (master.port.bundle == Bundle::South && master.tile.row == 0) {
      for (const plan::ShimMux &mux : plan_.shimMuxes)
        if (mux.tile == master.tile)
          for (const plan::Connect &c : mux.connects)
            if (c.source == Port{Bundle::North, master.port.channel}) {
              arrive({master.tile, c.dest});
              return;
            }
      arrive(master);
      return;
    }
    if (next.col < 0 || next.col >= columns_ || next.row >= device::kRows) return;
    enter({next, {in, master.port.channel}});
  }

  void arrive(const PortAt &port) {
    if (!arrived_.insert(port).second) twice_ = port;
  }

  int columns_;
  const plan::Plan &plan_;
  std::optional<PortAt> twice_, lost_;
  std::optional<int> packet_;
  std::set<PortAt> arrived_, seen_;
};

} // namespace

void dropServedFlows(Model &m) {
  if (m.switches.empty()) return;
  plan::Plan byHand;
  for (const HandSwitch &hand : m.switches) byHand.switchboxes.push_back(hand.box);
  byHand.shimMuxes = m.shimMuxes;
  Walker walker(m.columns, byHand);
  std::erase_if(m.flows, [&](const Flow &flow) {
    return walker.arrivals(flow.source, std::nullopt).count(flow.dest) > 0;
  });
}

/// What a switch that the design writes itself sends to a neighbour must be taken there; words that
/// nobody takes stop whoever sends them.
static void walkHandSwitches(Model &m, Walker &walker) {
  for (const HandSwitch &hand : m.switches)
    for (const plan::Connect &c : hand.box.connects) {
      if (c.source.bundle != Bundle::DMA && c.source.bundle != Bundle::Core) continue;
      const PortAt source{hand.box.tile, c.source};
      walker.arrivals(source, std::nullopt);
      if (const auto &lost = walker.lost())
        m.fail("dead-route", hand.place,
               fmt::format("what {} sends is lost: no switch takes it at {}", source.str(),
                           lost->str()),
               "connect that port, or leave the connection out");
    }
}

void walkFlows(Model &m, const plan::Plan &plan) {
  Walker walker(m.columns, plan);
  walkHandSwitches(m, walker);
  for (const Flow &flow : m.flows)
    if (!walker.arrivals(flow.source, std::nullopt).count(flow.dest))
      m.fail("unroutable", flow.place,
             fmt::format("the route from {} does not arrive at {}", flow.source.str(),
                         flow.dest.str()),
             "a hand-written switch may be in its way");
  for (const PacketFlow &flow : m.packetFlows)
    for (const PortAt &source : flow.sources) {
      const std::set<PortAt> there = walker.arrivals(source, flow.id);
      if (walker.twice())
        m.warn("duplicated-packets", flow.place,
               fmt::format("packets with id {} from {} are split and meet again at {}: they arrive "
                           "twice, or block each other",
                           flow.id, source.str(), walker.twice()->str()),
               "give each of the flows that end there its own packet id");
      for (const PortAt &dest : flow.dests)
        if (!there.count(dest))
          m.fail("unroutable", flow.place,
                 fmt::format("packets with id {} from {} do not arrive at {}", flow.id,
                             source.str(), dest.str()),
                 "another flow's rules catch them: choose another packet id");
      std::set<PortAt> wanted;
      for (const PacketFlow &other : m.packetFlows)
        if (other.id == flow.id &&
            std::find(other.sources.begin(), other.sources.end(), source) != other.sources.end())
          wanted.insert(other.dests.begin(), other.dests.end());
      for (const PortAt &stray : there)
        if (!wanted.count(stray))
          m.warn("stray-packets", flow.place,
                 fmt::format("packets with id {} from {} also arrive at {}", flow.id, source.str(),
                             stray.str()),
                 "choose another packet id");
    }
}

} // namespace ashlar::lower
