// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Names of tiles and devices. `npu1_4col` is the spelling of 2024 for what is `npu1` today.
#include "device/geometry.h"

namespace ashlar::device {

std::string TileId::str() const {
  return "(" + std::to_string(col) + "," + std::to_string(row) + ")";
}

const char *tileKindName(TileKind kind) {
  switch (kind) {
  case TileKind::Shim: return "shim";
  case TileKind::Mem: return "memtile";
  case TileKind::Core: return "core";
  }
  return "?";
}

const char *dmaDirectionName(DmaDirection d) { return d == DmaDirection::S2MM ? "S2MM" : "MM2S"; }

std::optional<int> deviceColumns(std::string_view name) {
  if (name == "npu1" || name == "npu1_4col") return 4;
  if (name == "npu1_1col") return 1;
  if (name == "npu1_2col") return 2;
  if (name == "npu1_3col") return 3;
  return std::nullopt;
}

} // namespace ashlar::device
