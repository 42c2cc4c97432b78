// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A DMA buffer descriptor as plain fields, and its register words for each tile kind. Lowering and
// packaging encode through this, the emulator and `inspect` decode through it.
// All lengths and steps are in 32-bit words, as the hardware has them; addresses are bytes.
#pragma once

#include "base/result.h"
#include "device/geometry.h"

#include <span>

namespace ashlar::device {

/// One dimension: `size` steps of `step` words. Dimension 0 is the innermost. The outermost one
/// that a tile kind has (core and shim 2, memtile 3) runs until the length is exhausted: its size
/// has no register, encoding ignores it and decoding gives 0.
struct BdDim {
  uint32_t size = 0; ///< wrap: 0 = no wrap (run until the length is exhausted)
  uint32_t step = 1; ///< words; the register holds step-1
  bool operator==(const BdDim &) const = default;
};
struct BdPad { ///< zeros before and after; memtile MM2S only
  uint32_t before = 0;
  uint32_t after = 0;
  bool operator==(const BdPad &) const = default;
};
struct BdPacket {
  uint8_t type = 0;
  uint8_t id = 0;
  bool operator==(const BdPacket &) const = default;
};
struct BdLock {
  uint16_t id = 0;  ///< register numbering: memtile own locks are 64..127
  int8_t value = 0; ///< 7 bits signed. Acquire: <0 means >= |v|. Release: added
  bool operator==(const BdLock &) const = default;
};

struct Bd {
  uint64_t address = 0;       ///< bytes; core: tile-local; memtile: 3-tile window (own at 0x80000);
                              ///< shim: host address (48 bits)
  uint32_t length = 0;        ///< words of one execution
  BdDim dims[4];              ///< the fourth on memtiles only
  BdPad pads[3];              ///< memtile only
  uint32_t iterationSize = 1; ///< executions before the iteration offset wraps (1..64)
  uint32_t iterationStep = 1; ///< words
  uint32_t iterationCurrent = 0;
  std::optional<BdPacket> packet;
  uint8_t outOfOrderId = 0;
  std::optional<BdLock> acquire;
  std::optional<BdLock> release; ///< value 0 = none
  std::optional<uint8_t> next;   ///< next BD of the chain
  bool valid = true;
  bool suppressTlast = false;
  bool compression = false;
  uint8_t burst = 2;           ///< shim: 0 = 64 B, 1 = 128 B, 2 = 256 B
  uint8_t axCache = 2;         ///< shim
  uint8_t axQos = 0, smid = 0; ///< shim
  bool secure = false;         ///< shim
  bool operator==(const Bd &) const = default;
};

/// Words of one BD's registers: core 6, memtile and shim 8.
constexpr int bdWords(TileKind k) { return k == TileKind::Core ? 6 : 8; }
/// Tile offset of BD `id`'s first register.
uint32_t bdRegister(TileKind kind, int id);

/// Fills `words` (bdWords(kind) of them) with the register image.
/// Errors: `bd-field` (a value that the field cannot hold, or a feature that the tile kind lacks).
Status encodeBd(TileKind kind, const Bd &bd, std::span<uint32_t> words, const Place &place = {});
/// Every bit pattern is some BD. A lock whose acquire enable is 0, or whose release value is 0, is
/// absent in the result.
Bd decodeBd(TileKind kind, std::span<const uint32_t> words);

} // namespace ashlar::device
