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
