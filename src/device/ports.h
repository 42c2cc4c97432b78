// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Stream-switch ports: the register index of each port, which pairs the crossbar can join, and how
// neighbouring switches and the shim's multiplexers are wired. Sources: AM025 (order of the
// configuration registers), AM020, public device model; proven by byte-identical configurations.
#pragma once

#include "device/geometry.h"

#include <span>

namespace ashlar::device {

/// What a port leads to. `Ctrl` is the tile's control-packet port.
enum class PortBundle : uint8_t {
  Core,
  Dma,
  Ctrl,
  Fifo,
  South,
  West,
  North,
  East,
  Trace ///< slave only; in core tiles 0 = core module, 1 = memory module
};
const char *portBundleName(PortBundle b);

struct SwitchPort {
  PortBundle bundle = PortBundle::Core;
  int channel = 0;
  auto operator<=>(const SwitchPort &) const = default;
  std::string str() const; ///< "North1"
};

/// Ports in register-index order.
std::span<const SwitchPort> masterPorts(TileKind kind);
std::span<const SwitchPort> slavePorts(TileKind kind);
/// -1 when the tile kind has no such port.
int masterIndex(TileKind kind, SwitchPort port);
int slaveIndex(TileKind kind, SwitchPort port);
/// Whether the crossbar of this tile kind joins slave `from` with master `to`.
bool crossbarLegal(TileKind kind, SwitchPort from, SwitchPort to);

/// Where a master port that leaves the tile arrives: the neighbour and its slave port. Nothing for
/// ports that stay in the tile (Core, Dma, Ctrl, Fifo) and for the shim's South ports. The
/// neighbour may lie outside the array; that is the caller's to check.
struct FarPort {
  TileId tile;
  SwitchPort port;
};
std::optional<FarPort> farEnd(TileId tile, SwitchPort master);

/// Shim multiplexers (Mux_Config, Demux_Config): 2 bits a switch port; 1 joins it with the DMA.
struct ShimMuxField {
  SwitchPort port;
  int shift;      ///< bit position of the two-bit field
  int dmaChannel; ///< -1: this port has no DMA
};
std::span<const ShimMuxField> shimMuxFields();   ///< slave South ports (from MM2S)
std::span<const ShimMuxField> shimDemuxFields(); ///< master South ports (to S2MM)
inline constexpr uint32_t kShimMuxDma = 1, kShimMuxNoc = 2;

inline constexpr int kArbiters = 8, kMsels = 4, kPacketSlots = 4;

// Packet header word and task-complete token (a header that is its own packet).
inline constexpr int kPacketTypeToken = 6;
constexpr uint32_t oddParity(uint32_t word) {
  uint32_t v = word & 0x7FFFFFFF, p = 0;
  while (v) {
    p ^= 1;
    v &= v - 1;
  }
  return (word & 0x7FFFFFFF) | (p ? 0u : 0x80000000u);
}
constexpr uint32_t packetHeader(TileId tile, int type, int id) {
  return oddParity(static_cast<uint32_t>(tile.col) << 21 | static_cast<uint32_t>(tile.row) << 16 |
                   static_cast<uint32_t>(type) << 12 | static_cast<uint32_t>(id));
}

} // namespace ashlar::device
