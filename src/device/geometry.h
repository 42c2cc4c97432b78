// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The Phoenix array (npu1, AIE2): which tiles there are, what they hold, and how an address names a
// place in them. Every count and base of the chip stands in this folder and nowhere else.
// Sources: AM020/AM025 (register reference), aie-rt register headers; encodings proven by
// byte-identical PDIs.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace ashlar::device {

/// Partition-relative tile coordinates: column 0 is the first column of the context.
struct TileId {
  int col = 0;
  int row = 0;
  auto operator<=>(const TileId &) const = default;
  std::string str() const; ///< "(0,2)"
};

enum class TileKind : uint8_t { Shim, Mem, Core };
const char *tileKindName(TileKind kind); ///< "shim", "memtile", "core"

enum class DmaDirection : uint8_t { S2MM = 0, MM2S = 1 };
const char *dmaDirectionName(DmaDirection d); ///< "S2MM", "MM2S"

inline constexpr int kRows = 6;       ///< rows 0 shim, 1 memtile, 2..5 core
inline constexpr int kMaxColumns = 5; ///< physical columns; npu1 gives 4 to a partition
inline constexpr int kFirstCoreRow = 2;
inline constexpr uint32_t kCoreMemoryBytes = 64 * 1024;
inline constexpr uint32_t kMemTileBytes = 512 * 1024;
inline constexpr uint32_t kProgramMemoryBytes = 16 * 1024;
inline constexpr uint32_t kDefaultStackBytes = 1024;
inline constexpr int kCoreBanks = 4;    ///< logical banks of 16 KiB
inline constexpr int kMemTileBanks = 8; ///< logical banks of 64 KiB

/// Core view of data memory: four 64 KiB windows at 0x40000 S, 0x50000 W, 0x60000 N, 0x70000 own.
inline constexpr uint32_t kCoreWindowSouth = 0x40000;
inline constexpr uint32_t kCoreWindowWest = 0x50000;
inline constexpr uint32_t kCoreWindowNorth = 0x60000;
inline constexpr uint32_t kCoreWindowOwn = 0x70000;
inline constexpr uint32_t kCoreWindowBytes = 0x10000;

/// Core view of locks: south 0.., west 16.., north 32.., own 48...
inline constexpr int kCoreLockSouth = 0, kCoreLockWest = 16, kCoreLockNorth = 32, kCoreLockOwn = 48;

constexpr TileKind tileKind(int row) {
  return row == 0 ? TileKind::Shim : row == 1 ? TileKind::Mem : TileKind::Core;
}
constexpr TileKind tileKind(TileId t) { return tileKind(t.row); }

/// Numbers of resources of a tile of this kind.
constexpr int lockCount(TileKind k) { return k == TileKind::Mem ? 64 : 16; }
constexpr int bdCount(TileKind k) { return k == TileKind::Mem ? 48 : 16; }
constexpr int dmaChannels(TileKind k) { return k == TileKind::Mem ? 6 : 2; }
constexpr uint32_t dataMemoryBytes(TileKind k) {
  return k == TileKind::Mem ? kMemTileBytes : k == TileKind::Core ? kCoreMemoryBytes : 0;
}
inline constexpr int kDmaQueueDepth = 4; ///< tasks a channel's start queue holds
inline constexpr int kMaxLockValue = 63;

/// Array address: col[29:25] row[24:20] offset[19:0].
constexpr uint32_t tileAddress(TileId t, uint32_t offset = 0) {
  return static_cast<uint32_t>(t.col) << 25 | static_cast<uint32_t>(t.row) << 20 | offset;
}
constexpr TileId tileOfAddress(uint32_t address) {
  return {static_cast<int>(address >> 25 & 31), static_cast<int>(address >> 20 & 31)};
}
inline constexpr uint32_t kTileAddressBytes = 1u << 20;
constexpr uint32_t offsetOfAddress(uint32_t address) { return address & 0xFFFFF; }

/// Columns of a device name ("npu1" 4, "npu1_1col" 1 ...); nothing for an unknown device.
std::optional<int> deviceColumns(std::string_view name);

} // namespace ashlar::device
