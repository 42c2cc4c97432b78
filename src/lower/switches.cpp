// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Routes become switch settings: connections, and for packets the arbiters, selectors and matching
// rules. Order of switches and of settings in them is that of the vendor's flow.
#include "lower/router.h"

#include <numeric>

namespace ashlar::lower {

using plan::Bundle;

namespace {

constexpr int kUsedArbiters = 6; ///< of the eight, as many as the vendor's flow hands out
constexpr int kSelectors = 4;
constexpr int kStride = 8; ///< amsels are counted arbiter + stride * selector
constexpr int kRuleSlots = 4;

struct Box {
  plan::Switchbox box;
  Order order;
  Place place;
};

/// Shim: which switch port the multiplexer joins with a channel.
int shimSource(Bundle b, int channel) {
  return b == Bundle::DMA   ? (channel == 0 ? 3 : 7)
         : b == Bundle::NOC ? (channel >= 2 ? channel + 4 : channel + 2)
                            : channel;
}
int shimDest(Bundle b, int channel) {
  return b == Bundle::DMA ? (channel == 0 ? 2 : 3) : b == Bundle::NOC ? channel + 2 : channel;
}
bool behindMux(Bundle b) { return b == Bundle::DMA || b == Bundle::NOC || b == Bundle::PLIO; }

class Switches {
public:
  Switches(Model &model, plan::Plan &plan) : m_(model), plan_(plan) {}
  void run();

private:
  bool checkPorts();
  bool servedByHand(const PortAt &source, int id) const;
  Box &box(TileId tile, std::optional<Order> where = std::nullopt);
  plan::ShimMux &mux(TileId tile);
  void tile(TileId id);
  void circuits(const Routes &routes);
  void packets(const Routes &routes);
  void packetTile(TileId tile, const std::vector<std::pair<Hop, int>> &connects);
  void shimPackets();
  bool leadsTo(const std::vector<Hop> &hops, TileId tile, Port out, const PortAt &dest,
               int depth = 0);

  Model &m_;
  plan::Plan &plan_;
  std::vector<Box> boxes_;
  int64_t made_ = 0;
  std::map<std::pair<PortAt, int>, bool> control_; ///< (master port, packet id) is priority
  std::map<PortAt, std::optional<bool>> keep_;
};

void Switches::tile(TileId id) {
  for (const Tile &t : m_.tiles)
    if (t.id == id) return;
  Tile t;
  t.id = id;
  t.order = {kOrderEnd, ++made_};
  m_.tiles.push_back(t);
}

Box &Switches::box(TileId id, std::optional<Order> where) {
  for (Box &b : boxes_)
    if (b.box.tile == id) return b;
  tile(id);
  Box b;
  b.box.tile = id;
  b.order = where ? *where : Order{kOrderEnd, ++made_};
  boxes_.push_back(std::move(b));
  return boxes_.back();
}

plan::ShimMux &Switches::mux(TileId id) {
  for (plan::ShimMux &x : m_.shimMuxes)
    if (x.tile == id) return x;
  m_.shimMuxes.push_back({id, {}});
  return m_.shimMuxes.back();
}

bool Switches::checkPorts() {
  const size_t before = m_.errors.size();
  auto check = [&](const PortAt &p, bool source, const Place &place) {
    const int count = portCount(m_.columns, p.tile, p.port.bundle, source);
    if (p.port.channel < 0 || p.port.channel >= count)
      m_.fail("bad-flow", place,
              fmt::format("{} tile {} has no {} {} for {}",
                          device::tileKindName(device::tileKind(p.tile)), p.tile.str(),
                          plan::bundleName(p.port.bundle), p.port.channel,
                          source ? "a flow to start from" : "a flow to end in"),
              count ? fmt::format("it has 0..{}", count - 1) : std::string());
  };
  std::map<PortAt, const Flow *> dest;
  for (const Flow &f : m_.flows) {
    check(f.source, true, f.place);
    check(f.dest, false, f.place);
    auto [it, fresh] = dest.emplace(f.dest, &f);
    if (!fresh && it->second->source != f.source)
      m_.fail("bad-flow", f.place,
              fmt::format("{} is the end of two flows, from {} and from {}", f.dest.str(),
                          it->second->source.str(), f.source.str()),
              "let them share the stream as packets", {it->second->place.str() + ": the first"});
  }
  for (const PacketFlow &f : m_.packetFlows) {
    for (const PortAt &p : f.sources) check(p, true, f.place);
    for (const PortAt &p : f.dests) {
      check(p, false, f.place);
      if (dest.count(p))
        m_.fail("bad-flow", f.place,
                fmt::format("{} is the end of a circuit flow and of a packet flow", p.str()), {},
                {dest[p]->place.str() + ": the circuit"});
    }
  }
  for (const HandSwitch &hand : m_.switches) {
    for (const plan::Connect &c : hand.box.connects)
      if (!legalConnection(m_.columns, hand.box.tile, c.source, c.dest))
        m_.fail("bad-switch", hand.place,
                fmt::format("the switch of {} tile {} cannot join {} {} with {} {}",
                            device::tileKindName(device::tileKind(hand.box.tile)),
                            hand.box.tile.str(), plan::bundleName(c.source.bundle),
                            c.source.channel, plan::bundleName(c.dest.bundle), c.dest.channel));
  }
  return m_.errors.size() == before;
}

void Switches::circuits(const Routes &routes) {
  std::set<PortAt> done;
  for (int index : inOrder(m_.flows)) {
    const Flow &flow = m_.flows[static_cast<size_t>(index)];
    if (!done.insert(flow.source).second) continue;
    const std::vector<Hop> *hops = nullptr;
    for (size_t r = 0; r < routes.requests.size(); ++r)
      if (!routes.requests[r].packet && routes.requests[r].source == flow.source)
        hops = &routes.hops[r];
    if (!hops) continue;
    std::map<TileId, std::vector<Hop>> byTile;
    byTile[flow.source.tile];
    for (const Hop &hop : *hops) byTile[hop.tile].push_back(hop);
    for (const auto &[id, list] : byTile) {
      (void)box(id);
      const bool shim = device::tileKind(id) == TileKind::Shim;
      const bool start = shim && id == flow.source.tile && behindMux(flow.source.port.bundle);
      const int sourceChannel = shimSource(flow.source.port.bundle, flow.source.port.channel);
      if (start) mux(id).connects.push_back({flow.source.port, {Bundle::North, sourceChannel}});
      for (const Hop &hop : list) {
        Port in = hop.in, out = hop.out;
        if (start && in == flow.source.port) in = {Bundle::South, sourceChannel};
        if (shim && behindMux(out.bundle)) {
          const int channel = shimDest(out.bundle, out.channel);
          mux(id).connects.push_back({{Bundle::North, channel}, out});
          out = {Bundle::South, channel};
        }
        box(id).box.connects.push_back({in, out});
      }
    }
  }
}

/// The slave port that a master port of a switch leads to; itself where that is not a switch's.
static PortAt neighbour(const PortAt &master) {
  PortAt out = master;
  switch (master.port.bundle) {
  case Bundle::East: ++out.tile.col, out.port.bundle = Bundle::West; break;
  case Bundle::West: --out.tile.col, out.port.bundle = Bundle::East; break;
  case Bundle::North: ++out.tile.row, out.port.bundle = Bundle::South; break;
  case Bundle::South: --out.tile.row, out.port.bundle = Bundle::North; break;
  default: break;
  }
  return out;
}

bool Switches::leadsTo(const std::vector<Hop> &hops, TileId tile, Port out, const PortAt &dest,
                       int depth) {
  if (tile == dest.tile && out == dest.port) return true;
  if (depth > 64) return false;
  const PortAt next = neighbour({tile, out});
  if (next.tile == tile) return false;
  for (const Hop &hop : hops)
    if (hop.tile == next.tile && hop.in == next.port &&
        leadsTo(hops, hop.tile, hop.out, dest, depth + 1))
      return true;
  return false;
}

void Switches::packets(const Routes &routes) {
  std::map<TileId, std::vector<std::pair<Hop, int>>> connects;
  // Which way packets with an id go on to their destination from a slave port. Routes of other
  // sources with the same id and destination that come in there go the same way: a switch that has
  // two ways for one id sends every packet along both.
  std::map<std::tuple<int, PortAt, PortAt>, Hop> onward;
  for (int index : inOrder(m_.packetFlows)) {
    const PacketFlow &flow = m_.packetFlows[static_cast<size_t>(index)];
    for (const PortAt &source : flow.sources)
      for (const PortAt &dest : flow.dests) {
        keep_[dest] = flow.keepHeader;
        for (size_t r = 0; r < routes.requests.size(); ++r) {
          if (!routes.requests[r].packet || routes.requests[r].source != source) continue;
          std::vector<Hop> hops = routes.hops[r];
          std::stable_sort(hops.begin(), hops.end(),
                           [](const Hop &a, const Hop &b) { return a.tile < b.tile; });
          bool joins = false;
          for (const Hop &hop : hops) {
            if (!leadsTo(hops, hop.tile, hop.out, dest)) continue;
            auto it = onward.find({flow.id, dest, PortAt{hop.tile, hop.in}});
            joins |= it != onward.end() && it->second.out != hop.out;
          }
          // From where the two routes meet, the rest of this one is not needed.
          std::set<PortAt> needed;
          PortAt at = source;
          for (size_t steps = 0; joins && steps <= hops.size(); ++steps) {
            if (onward.count({flow.id, dest, at})) break;
            needed.insert(at);
            for (const Hop &hop : hops)
              if (hop.tile == at.tile && hop.in == at.port &&
                  leadsTo(hops, hop.tile, hop.out, dest)) {
                at = neighbour({hop.tile, hop.out});
                break;
              }
          }
          for (const Hop &hop : hops) {
            if (!leadsTo(hops, hop.tile, hop.out, dest)) continue;
            const PortAt in{hop.tile, hop.in};
            if (joins && !needed.count(in)) continue;
            onward.emplace(std::tuple(flow.id, dest, in), hop);
            auto &list = connects[hop.tile];
            if (std::find(list.begin(), list.end(), std::pair(hop, flow.id)) == list.end())
              list.emplace_back(hop, flow.id);
            control_[{PortAt{hop.tile, hop.out}, flow.id}] = flow.priority;
          }
        }
      }
  }
  for (const auto &[id, list] : connects) tile(id);
  for (const auto &[id, list] : connects) packetTile(id, list);
}

void Switches::packetTile(TileId id, const std::vector<std::pair<Hop, int>> &connects) {
  struct Group { // one packet id arriving at one port
    Port in;
    int packet;
    std::vector<Port> outs;
    bool control = false;
    int amsel = -1;
  };
  std::vector<Group> flows;
  std::vector<size_t> arrivals; // one a connection, as the vendor lists them
  for (const auto &[hop, packet] : connects) {
    const bool control = control_[{PortAt{id, hop.out}, packet}];
    size_t k = 0;
    while (k < flows.size() && !(flows[k].in == hop.in && flows[k].packet == packet)) ++k;
    if (k == flows.size()) flows.push_back({hop.in, packet, {}, control, -1});
    flows[k].outs.push_back(hop.out);
    flows[k].control |= control;
    arrivals.push_back(k);
  }
  const Place place = [&] {
    for (const PacketFlow &f : m_.packetFlows)
      if (f.id == connects.front().second) return f.place;
    return Place{};
  }();
  // Control flows choose first, so that the overlay is the same in every design.
  std::vector<size_t> order(flows.size());
  std::iota(order.begin(), order.end(), 0);
  auto weight = [&](size_t k) {
    constexpr int bundles = 10;
    int multiplier = bundles;
    int value = flows[k].packet + multiplier + static_cast<int>(flows[k].in.bundle);
    multiplier += bundles;
    for (const Port &out : flows[k].outs) {
      value += multiplier + static_cast<int>(out.bundle);
      multiplier += bundles;
    }
    return value;
  };
  std::stable_sort(order.begin(), order.end(), [&](size_t a, size_t b) {
    return std::pair(!flows[a].control, weight(a)) < std::pair(!flows[b].control, weight(b));
  });

  // Ports that one packet leaves by need one arbiter, and so do those tied to them by others.
  std::map<Port, Port> tied;
  const auto root = [&](Port p) {
    while (tied.count(p)) p = tied[p];
    return p;
  };
  for (const Group &g : flows)
    for (const Port &out : g.outs)
      if (const Port x = root(out), y = root(g.outs.front()); x != y) tied[x] = y;

  std::map<int, std::vector<Port>> amsels;
  auto exhausted = [&](const char *what) {
    m_.fail("unroutable", place,
            fmt::format("tile {} has used up {} of its packet switch ({} arbiters with {} "
                        "selectors each)",
                        id.str(), what, kUsedArbiters, kSelectors),
            "let fewer packet flows meet in this tile");
  };
  enum class Chosen : uint8_t { All, Conflict, Failed };
  const auto choose = [&](bool byTies) {
    amsels.clear();
    // Hand-written switches keep what they use.
    for (const Box &b : boxes_)
      if (b.box.tile == id)
        for (const plan::MasterSet &set : b.box.masterSets)
          for (int s = 0; s < kSelectors; ++s)
            if (set.mselMask >> s & 1) amsels[set.arbiter + s * kStride].push_back(set.dest);
    for (size_t k : order) {
      Group &g = flows[k];
      int exact = -1, partial = -1;
      for (const auto &[amsel, ports] : amsels) {
        const bool any = std::any_of(g.outs.begin(), g.outs.end(), [&](Port p) {
          return std::any_of(ports.begin(), ports.end(),
                             [&](Port q) { return p == q || (byTies && root(p) == root(q)); });
        });
        if (!any) continue;
        std::set<Port> a(ports.begin(), ports.end()), b(g.outs.begin(), g.outs.end());
        if (a == b) {
          if (exact < 0) exact = amsel;
        } else {
          const int arbiter = amsel % kStride;
          if (partial >= 0 && partial != arbiter) return Chosen::Conflict;
          partial = arbiter;
        }
      }
      if (exact >= 0) {
        g.amsel = exact;
        continue;
      }
      int chosen = -1;
      if (partial >= 0) {
        for (int s = 0; s < kSelectors && chosen < 0; ++s)
          if (!amsels.count(partial + s * kStride)) chosen = partial + s * kStride;
      } else if (g.control) {
        for (int s = kSelectors - 1; s >= 0 && chosen < 0; --s)
          for (int a = kUsedArbiters - 1; a >= 0 && chosen < 0; --a)
            if (!amsels.count(a + s * kStride)) chosen = a + s * kStride;
      } else {
        for (int s = 0; s < kSelectors && chosen < 0; ++s)
          for (int a = 0; a < kUsedArbiters && chosen < 0; ++a)
            if (!amsels.count(a + s * kStride)) chosen = a + s * kStride;
      }
      if (chosen < 0) {
        exhausted(partial >= 0 ? "the selectors of an arbiter" : "all arbiters");
        return Chosen::Failed;
      }
      amsels[chosen] = g.outs;
      g.amsel = chosen;
    }
    return Chosen::All;
  };
  // One by one as the vendor's flow does; where that gives ports that belong together different
  // arbiters (it then leaves destinations out), with what belongs together in mind.
  Chosen chosen = choose(false);
  if (chosen == Chosen::Conflict) chosen = choose(true);
  if (chosen == Chosen::Conflict) exhausted("the arbiters that one packet's destinations may have");
  if (chosen != Chosen::All) return;

  Order where{kOrderEnd, 0};
  for (const Tile &t : m_.tiles)
    if (t.id == id) where = t.order;
  Box &b = box(id, where);
  std::map<Port, plan::MasterSet> masters;
  for (const auto &[amsel, ports] : amsels)
    for (Port p : ports) {
      bool byHand = false;
      for (const plan::MasterSet &set : b.box.masterSets) byHand |= set.dest == p;
      if (byHand) continue;
      plan::MasterSet &set = masters[p];
      const int arbiter = amsel % kStride;
      if (set.mselMask && set.arbiter != arbiter) {
        exhausted("the arbiters that one packet's destinations may have");
        return;
      }
      set.dest = p;
      set.arbiter = arbiter;
      set.mselMask |= static_cast<uint8_t>(1 << amsel / kStride);
      if (auto it = keep_.find(PortAt{id, p}); it != keep_.end()) set.keepHeader = it->second;
    }
  for (const auto &[port, set] : masters) b.box.masterSets.push_back(set);

  // Control packets that configure this switch must pass it before, meanwhile and afterwards: their
  // rules stand first and alone, so that they are the same whatever else the design routes.
  const bool apart = !m_.controlRoutes.empty();
  // Rules: ids with the same port and destinations share one, from the last arrival to the first.
  std::vector<std::vector<size_t>> groups;
  std::set<size_t> seen;
  for (size_t n = arrivals.size(); n-- > 0;) {
    const size_t k = arrivals[n];
    if (!seen.insert(k).second) continue;
    bool found = false;
    for (auto &group : groups) {
      const Group &other = flows[group.front()];
      if (other.in == flows[k].in && (!apart || other.control == flows[k].control) &&
          std::set<Port>(other.outs.begin(), other.outs.end()) ==
              std::set<Port>(flows[k].outs.begin(), flows[k].outs.end())) {
        group.push_back(k);
        found = true;
        break;
      }
    }
    if (!found) groups.push_back({k});
  }
  auto ruleOf = [&](const std::vector<size_t> &group) {
    int same = 31;
    for (size_t k : group) same &= ~(flows[k].packet ^ flows[group.front()].packet);
    return plan::PacketRule{static_cast<uint8_t>(same & 31),
                            static_cast<uint8_t>(flows[group.front()].packet & same & 31),
                            flows[group.front()].amsel % kStride,
                            flows[group.front()].amsel / kStride};
  };
  // A merged rule must not catch an id that goes elsewhere from the same port: then keep the ids
  // apart.
  std::vector<std::vector<size_t>> final;
  for (const auto &group : groups) {
    const plan::PacketRule rule = ruleOf(group);
    bool clash = false;
    for (const Group &other : flows) {
      const bool member =
          std::any_of(group.begin(), group.end(), [&](size_t k) { return &flows[k] == &other; });
      clash |=
          !member && other.in == flows[group.front()].in && (other.packet & rule.mask) == rule.id;
    }
    if (!clash)
      final.push_back(group);
    else
      for (size_t k : group) final.push_back({k});
  }
  if (apart)
    std::stable_partition(final.begin(), final.end(), [&](const std::vector<size_t> &group) {
      return flows[group.front()].control;
    });
  for (const auto &group : final) {
    const Port in = flows[group.front()].in;
    plan::PacketRules *rules = nullptr;
    for (plan::PacketRules &r : b.box.packetRules)
      if (r.source == in) rules = &r;
    if (!rules) {
      b.box.packetRules.push_back({in, {}});
      rules = &b.box.packetRules.back();
    }
    rules->rules.push_back(ruleOf(group));
    if (rules->rules.size() == kRuleSlots + 1) {
      m_.fail("unroutable", place,
              fmt::format("more than {} packet rules are needed at {}", kRuleSlots,
                          PortAt{id, in}.str()),
              "choose packet ids that one mask can tell apart from the others");
      return;
    }
  }
}

void Switches::shimPackets() {
  for (int index : inOrder(boxes_)) {
    Box &b = boxes_[static_cast<size_t>(index)];
    if (device::tileKind(b.box.tile) != TileKind::Shim) continue;
    auto join = [&](plan::Connect c) {
      auto &connects = mux(b.box.tile).connects;
      for (const plan::Connect &have : connects)
        if (have.source == c.source && have.dest == c.dest) return;
      connects.insert(connects.begin(), c);
    };
    for (plan::MasterSet &set : b.box.masterSets)
      if (behindMux(set.dest.bundle)) {
        const Port old = set.dest;
        set.dest = {Bundle::South, shimDest(old.bundle, old.channel)};
        join({{Bundle::North, set.dest.channel}, old});
      }
    for (plan::PacketRules &rules : b.box.packetRules)
      if (behindMux(rules.source.bundle)) {
        const Port old = rules.source;
        rules.source = {Bundle::South, shimSource(old.bundle, old.channel)};
        join({old, {Bundle::North, rules.source.channel}});
      }
  }
}

/// Whether a hand-written switch has a rule for this packet where it enters.
bool Switches::servedByHand(const PortAt &source, int id) const {
  Port port = source.port;
  if (device::tileKind(source.tile) == TileKind::Shim && behindMux(port.bundle))
    port = {Bundle::South, shimSource(port.bundle, port.channel)};
  for (const HandSwitch &hand : m_.switches) {
    if (hand.box.tile != source.tile) continue;
    for (const plan::PacketRules &rules : hand.box.packetRules)
      for (const plan::PacketRule &rule : rules.rules)
        if (rules.source == port && (id & rule.mask) == rule.id) return true;
  }
  return false;
}

void Switches::run() {
  Taken taken;
  for (HandSwitch &hand : m_.switches) {
    for (const plan::Connect &c : hand.box.connects)
      taken.push_back({hand.box.tile, c.source, c.dest});
    boxes_.push_back({hand.box, hand.order, hand.place});
  }
  if (!checkPorts()) return;
  // A design that was routed before keeps its packet flows beside the switches that serve them.
  std::erase_if(m_.packetFlows, [&](const PacketFlow &flow) {
    return !flow.sources.empty() &&
           std::all_of(flow.sources.begin(), flow.sources.end(),
                       [&](const PortAt &source) { return servedByHand(source, flow.id); });
  });
  dropServedFlows(m_);
  std::vector<PacketFlow> packetFlows;
  for (int i : inOrder(m_.packetFlows))
    packetFlows.push_back(m_.packetFlows[static_cast<size_t>(i)]);
  std::vector<Flow> flows;
  for (int i : inOrder(m_.flows)) flows.push_back(m_.flows[static_cast<size_t>(i)]);
  auto routes = findRoutes(m_.columns, packetFlows, flows, taken);
  if (!routes.ok()) {
    Diagnostic d = routes.errors().front();
    if (!d.place.known()) d.place = design::placeOf(m_.op);
    m_.errors.push_back(std::move(d));
    return;
  }
  circuits(*routes);
  if (m_.errors.empty()) packets(*routes);
  if (!m_.errors.empty()) return;
  shimPackets();
  for (int i : inOrder(boxes_)) {
    plan::Switchbox &b = boxes_[static_cast<size_t>(i)].box;
    if (!b.connects.empty() || !b.masterSets.empty() || !b.packetRules.empty())
      plan_.switchboxes.push_back(std::move(b));
  }
  plan_.shimMuxes = m_.shimMuxes;
}

} // namespace

void route(Model &model, plan::Plan &plan) {
  Switches(model, plan).run();
  if (model.errors.empty()) walkFlows(model, plan);
}

} // namespace ashlar::lower
