// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Port orders and crossbar rules of the three switches. The order is that of the configuration
// registers in AM025.
#include "device/ports.h"

#include <algorithm>
#include <array>

namespace ashlar::device {
namespace {

using B = PortBundle;

struct Group {
  PortBundle bundle;
  int count;
};

template <size_t N, size_t G> constexpr std::array<SwitchPort, N> list(const Group (&groups)[G]) {
  std::array<SwitchPort, N> out{};
  size_t n = 0;
  for (const Group &g : groups)
    for (int c = 0; c < g.count; ++c) out[n++] = {g.bundle, c};
  return out;
}

constexpr auto kCoreMasters = list<23>({{B::Core, 1},
                                        {B::Dma, 2},
                                        {B::Ctrl, 1},
                                        {B::Fifo, 1},
                                        {B::South, 4},
                                        {B::West, 4},
                                        {B::North, 6},
                                        {B::East, 4}});
constexpr auto kCoreSlaves = list<25>({{B::Core, 1},
                                       {B::Dma, 2},
                                       {B::Ctrl, 1},
                                       {B::Fifo, 1},
                                       {B::South, 6},
                                       {B::West, 4},
                                       {B::North, 4},
                                       {B::East, 4},
                                       {B::Trace, 2}});
constexpr auto kMemMasters = list<17>({{B::Dma, 6}, {B::Ctrl, 1}, {B::South, 4}, {B::North, 6}});
constexpr auto kMemSlaves =
    list<18>({{B::Dma, 6}, {B::Ctrl, 1}, {B::South, 6}, {B::North, 4}, {B::Trace, 1}});
constexpr auto kShimMasters = list<22>(
    {{B::Ctrl, 1}, {B::Fifo, 1}, {B::South, 6}, {B::West, 4}, {B::North, 6}, {B::East, 4}});
constexpr auto kShimSlaves = list<23>({{B::Ctrl, 1},
                                       {B::Fifo, 1},
                                       {B::South, 8},
                                       {B::West, 4},
                                       {B::North, 4},
                                       {B::East, 4},
                                       {B::Trace, 1}});

constexpr ShimMuxField kMux[] = {{{B::South, 2}, 8, -1},
                                 {{B::South, 3}, 10, 0},
                                 {{B::South, 6}, 12, -1},
                                 {{B::South, 7}, 14, 1}};
constexpr ShimMuxField kDemux[] = {
    {{B::South, 2}, 4, 0}, {{B::South, 3}, 6, 1}, {{B::South, 4}, 8, -1}, {{B::South, 5}, 10, -1}};

int indexIn(std::span<const SwitchPort> ports, SwitchPort port) {
  const auto it = std::find(ports.begin(), ports.end(), port);
  return it == ports.end() ? -1 : static_cast<int>(it - ports.begin());
}

bool legalInMemTile(SwitchPort from, SwitchPort to) {
  const bool vertical = to.bundle == B::South || to.bundle == B::North;
  switch (from.bundle) {
  case B::Dma: return to.bundle == B::Dma ? from.channel == to.channel : true;
  case B::Ctrl: return vertical || (to.bundle == B::Dma && to.channel == 5);
  case B::South:
  case B::North:
    return to.bundle == B::Dma || to.bundle == B::Ctrl || (vertical && from.channel == to.channel);
  case B::Trace: return (to.bundle == B::Dma && to.channel == 5) || to.bundle == B::South;
  default: return false;
  }
}

bool legalInShim(SwitchPort from, SwitchPort to) {
  switch (from.bundle) {
  case B::Ctrl: return to.bundle != B::Ctrl;
  case B::Fifo:
  case B::South: return true;
  case B::West:
  case B::North:
  case B::East: return from.bundle == to.bundle ? from.channel == to.channel : true;
  case B::Trace:
    return to.bundle == B::Fifo || to.bundle == B::South ||
           (to.channel == 0 && (to.bundle == B::West || to.bundle == B::East));
  default: return false;
  }
}

bool legalInCore(SwitchPort from, SwitchPort to) {
  switch (from.bundle) {
  case B::Core: return to.bundle != B::Core;
  case B::Ctrl: return to.bundle != B::Ctrl && to.bundle != B::Dma;
  case B::Trace:
    return (to.bundle == B::Dma && to.channel == 0) || to.bundle == B::Fifo ||
           to.bundle == B::South;
  default: return from.bundle == to.bundle ? from.channel == to.channel : true;
  }
}

} // namespace

const char *portBundleName(PortBundle b) {
  switch (b) {
  case B::Core: return "Core";
  case B::Dma: return "DMA";
  case B::Ctrl: return "TileControl";
  case B::Fifo: return "FIFO";
  case B::South: return "South";
  case B::West: return "West";
  case B::North: return "North";
  case B::East: return "East";
  case B::Trace: return "Trace";
  }
  return "?";
}

std::string SwitchPort::str() const { return portBundleName(bundle) + std::to_string(channel); }

std::span<const SwitchPort> masterPorts(TileKind kind) {
  if (kind == TileKind::Core) return kCoreMasters;
  if (kind == TileKind::Mem) return kMemMasters;
  return kShimMasters;
}

std::span<const SwitchPort> slavePorts(TileKind kind) {
  if (kind == TileKind::Core) return kCoreSlaves;
  if (kind == TileKind::Mem) return kMemSlaves;
  return kShimSlaves;
}

int masterIndex(TileKind kind, SwitchPort port) { return indexIn(masterPorts(kind), port); }
int slaveIndex(TileKind kind, SwitchPort port) { return indexIn(slavePorts(kind), port); }

bool crossbarLegal(TileKind kind, SwitchPort from, SwitchPort to) {
  if (slaveIndex(kind, from) < 0 || masterIndex(kind, to) < 0) return false;
  if (kind == TileKind::Mem) return legalInMemTile(from, to);
  if (kind == TileKind::Shim) return legalInShim(from, to);
  return legalInCore(from, to);
}

std::optional<FarPort> farEnd(TileId tile, SwitchPort master) {
  switch (master.bundle) {
  case B::North: return FarPort{{tile.col, tile.row + 1}, {B::South, master.channel}};
  case B::South:
    if (tile.row == 0) return std::nullopt;
    return FarPort{{tile.col, tile.row - 1}, {B::North, master.channel}};
  case B::East: return FarPort{{tile.col + 1, tile.row}, {B::West, master.channel}};
  case B::West: return FarPort{{tile.col - 1, tile.row}, {B::East, master.channel}};
  default: return std::nullopt;
  }
}

std::span<const ShimMuxField> shimMuxFields() { return kMux; }
std::span<const ShimMuxField> shimDemuxFields() { return kDemux; }

} // namespace ashlar::device
