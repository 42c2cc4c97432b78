// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What every design gets though it does not ask for it: controller ids and the route by which a
// shim tile's task-complete tokens reach the controller; and cascade settings from cascade flows.
#include "lower/model.h"

namespace ashlar::lower {

/// Packet ids of the tiles' control ports by row. Chosen by the vendor so that one mask can tell
/// any of them apart, the shim's below 16 because a token's actor field has four bits.
static constexpr int kControllerIdByRow[] = {15, 26, 27, 29, 30, 31};

bool isTokenId(int packetId) { return llvm::is_contained(kControllerIdByRow, packetId); }

void assignControllers(Model &m) {
  for (Tile &t : m.tiles)
    if (!t.controller && t.id.row >= 0 && t.id.row < device::kRows)
      t.controller = kControllerIdByRow[t.id.row];
}

namespace {

constexpr int kShimChannelRows = device::kRows / 2; ///< rows that one shim channel serves

bool isControl(const PortAt &at) { return at.port.bundle == plan::Bundle::TileControl; }

/// What reaches the tile's control port, of the design's own flows.
const PacketFlow *controlFlow(const Model &m, TileId tile) {
  for (const PacketFlow &flow : m.packetFlows)
    for (const PortAt &dest : flow.dests)
      if (dest.tile == tile && isControl(dest) && flow.sources.size() == 1 &&
          flow.sources[0].port.bundle == plan::Bundle::DMA && flow.sources[0].tile.row == 0)
        return &flow;
  return nullptr;
}

/// A control port of the column for each tile up to its highest, as the vendor's overlay has them.
void routeColumn(Model &m, int col) {
  int top = 0;
  for (const Tile &t : m.tiles)
    if (t.id.col == col) top = std::max(top, t.id.row);
  std::set<int> allocated;
  for (int row = 0; row <= top; ++row) {
    const TileId id{col, row}, shim{col, 0};
    auto it = llvm::find_if(m.tiles, [&](const Tile &t) { return t.id == id; });
    if (it == m.tiles.end()) {
      Tile fresh;
      fresh.id = id;
      fresh.controller = kControllerIdByRow[row];
      fresh.order = {-1, -1000 - row};
      m.tiles.push_back(fresh);
      it = m.tiles.end() - 1;
    }
    if (controlFlow(m, id)) continue;
    const int channel = row / kShimChannelRows;
    const PortAt source{shim, {plan::Bundle::DMA, channel}};
    for (const Flow &flow : m.flows)
      if (flow.source == source)
        m.fail("out-of-channels", flow.place,
               fmt::format("control packets for tile {} leave by MM2S {} of shim tile {}, which {} "
                           "uses for a circuit-switched stream",
                           id.str(), channel, shim.str(), flow.what.empty() ? "a flow" : flow.what),
               "send that stream as packets (packet_flow, or --packet-sw-objFifos)");
    PacketFlow flow;
    flow.id = it->controller.value_or(kControllerIdByRow[row]);
    flow.sources.push_back(source);
    flow.dests.push_back({id, {plan::Bundle::TileControl, 0}});
    flow.keepHeader = true;
    flow.priority = true;
    flow.order = {kOrderEnd, 1000 + 100 * col + row};
    flow.place = it->place;
    m.packetFlows.push_back(std::move(flow));
    const std::string name = fmt::format("ctrlpkt_col{}_mm2s_chan{}", col, channel);
    if (allocated.insert(channel).second && !m.shimAllocation(name))
      m.shimAllocations.push_back(
          {name, shim, DmaDirection::MM2S, channel, std::nullopt, it->place});
  }
}

} // namespace

void addControlRoutes(Model &m, const Options &options) {
  bool wanted = options.controlRoutes;
  std::set<TileId> addressed;
  for (const Sequence &sequence : m.sequences)
    sequence.op->walk([&](mlir::Operation *op) {
      if (!design::isOp(op, "aiex.control_packet")) return;
      const auto address = design::intAttr(op, "address");
      if (!address || *address < 0 || *address >= (int64_t{1} << 32)) return;
      const TileId tile = device::tileOfAddress(static_cast<uint32_t>(*address));
      if (!m.exists(tile) || controlFlow(m, tile)) return;
      wanted = true;
      addressed.insert(tile);
    });
  if (wanted) {
    // Tiles that nothing but control packets uses.
    for (const auto &[value, id] : m.tileOf) addressed.insert(id);
    for (const Tile &t : m.tiles) addressed.erase(t.id);
    for (const TileId id : addressed) {
      Tile fresh;
      fresh.id = id;
      fresh.controller = kControllerIdByRow[id.row];
      fresh.order = {m.lastTileOrdinal, id.col * device::kRows + id.row};
      m.tiles.push_back(fresh);
    }
  }
  std::set<int> columns;
  for (const Tile &t : m.tiles) columns.insert(t.id.col);
  if (wanted)
    for (int col : columns) routeColumn(m, col);
  if (!m.errors.empty()) return;
  for (const Tile &t : m.tiles)
    if (const PacketFlow *flow = controlFlow(m, t.id))
      m.controlRoutes.push_back({t.id, flow->sources[0].tile, flow->sources[0].port.channel, 0,
                                 static_cast<uint8_t>(flow->id)});
}

void addControlOverlay(Model &m) {
  std::set<int> columns;
  for (const Tile &t : m.tiles) columns.insert(t.id.col);
  int64_t added = 0;
  std::vector<Tile> created;
  for (int col : columns) {
    const TileId shim{col, 0};
    const Tile *tile = nullptr;
    for (const Tile &t : m.tiles)
      if (t.id == shim) tile = &t;
    if (!tile) {
      // Made at the start of the device; the later one stands first.
      Tile fresh;
      fresh.id = shim;
      fresh.order = {-1, -(++added)};
      created.push_back(fresh);
      continue;
    }
    PacketFlow flow;
    flow.id = tile->controller.value_or(kControllerIdByRow[0]);
    flow.sources.push_back({shim, {plan::Bundle::TileControl, 0}});
    flow.dests.push_back({shim, {plan::Bundle::South, 0}});
    flow.keepHeader = true;
    flow.priority = true;
    flow.order = {kOrderEnd, col};
    flow.place = tile->place;
    // A design may bring its own (the vendor's lowered designs do).
    bool present = false;
    for (PacketFlow &other : m.packetFlows) {
      if (other.id != flow.id || other.sources != flow.sources || other.dests != flow.dests)
        continue;
      // A token is nothing but its header.
      other.keepHeader = true;
      other.priority = true;
      present = true;
    }
    // What other tiles send to the same port are tokens too.
    for (PacketFlow &other : m.packetFlows)
      if (!other.keepHeader && other.dests == flow.dests) other.keepHeader = true;
    for (const HandSwitch &hand : m.switches)
      if (hand.box.tile == shim)
        for (const plan::PacketRules &rules : hand.box.packetRules)
          present |= rules.source == flow.sources[0].port;
    if (!present) m.packetFlows.push_back(std::move(flow));
  }
  for (Tile &t : created) m.tiles.push_back(std::move(t));
}

void lowerCascades(Model &m) {
  using plan::Bundle;
  std::map<TileId, Bundle> in, out;
  std::map<TileId, Place> place;
  for (const CascadeFlow &flow : m.cascadeFlows) {
    const int dc = flow.dest.col - flow.source.col, dr = flow.dest.row - flow.source.row;
    const bool cores = device::tileKind(flow.source) == TileKind::Core &&
                       device::tileKind(flow.dest) == TileKind::Core;
    const bool south = dc == 0 && dr == -1, east = dc == 1 && dr == 0;
    if (!cores || (!south && !east)) {
      m.fail("bad-cascade", flow.place,
             fmt::format("there is no cascade from {} to {}", flow.source.str(), flow.dest.str()),
             "a cascade goes from a core tile to the one south or east of it");
      continue;
    }
    const Bundle o = south ? Bundle::South : Bundle::East, i = south ? Bundle::North : Bundle::West;
    for (auto [map, tile, bundle] :
         {std::tuple(&out, flow.source, o), std::tuple(&in, flow.dest, i)}) {
      auto [it, fresh] = map->emplace(tile, bundle);
      if (!fresh && it->second != bundle)
        m.fail("bad-cascade", flow.place,
               fmt::format("tile {} has one cascade {}", tile.str(),
                           map == &out ? "output" : "input"));
    }
    place.emplace(flow.source, flow.place);
    place.emplace(flow.dest, flow.place);
  }
  std::vector<int> order = inOrder(m.tiles);
  for (int index : order) {
    const TileId id = m.tiles[static_cast<size_t>(index)].id;
    if (!place.count(id)) continue;
    plan::Cascade c;
    c.tile = id;
    c.input = {in.count(id) ? in[id] : Bundle::North, 0};
    c.output = {out.count(id) ? out[id] : Bundle::South, 0};
    m.cascades.push_back(c);
  }
}

} // namespace ashlar::lower
