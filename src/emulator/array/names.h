// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What a design calls the things of the array: an optional side table for reports. The emulator
// runs without it.
#pragma once

#include "device/geometry.h"

#include <functional>
#include <map>
#include <string>
#include <tuple>
#include <vector>

namespace ashlar::emulator {

struct NameTable {
  struct Named {
    std::string name;
    std::string place; ///< "design.mlir:12:5" or empty
  };
  struct BufferName {
    uint32_t address = 0, size = 0;
    std::string name, place;
  };
  std::map<std::pair<device::TileId, int>, Named> locks; ///< by tile and lock number
  std::map<device::TileId, std::vector<BufferName>> buffers;
  std::map<device::TileId, Named> cores;                                           ///< "core_0_2"
  std::map<std::tuple<device::TileId, device::DmaDirection, int>, Named> channels; ///< FIFO names
  struct Layout {
    uint32_t stack = 0;     ///< bytes at the bottom of the core's memory
    uint32_t dataStart = 0; ///< the program's own data lie from here on
  };
  std::map<device::TileId, Layout> layouts;

  std::vector<std::string> operations; ///< places of the instruction stream's, in its order

  /// Where a core's program is: "kernel+0x20, kernel.cc:12"; may be empty.
  std::function<std::string(device::TileId, uint32_t pc)> code;

  const BufferName *bufferAt(device::TileId tile, uint32_t address) const {
    const auto it = buffers.find(tile);
    if (it == buffers.end()) return nullptr;
    for (const BufferName &b : it->second)
      if (address >= b.address && address - b.address < b.size) return &b;
    return nullptr;
  }
};

} // namespace ashlar::emulator
