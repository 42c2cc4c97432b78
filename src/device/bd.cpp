// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Where the BDs lie. Source: AM025 (DMA_BD0_0 of the three tile kinds).
#include "device/bd.h"

namespace ashlar::device {

uint32_t bdRegister(TileKind kind, int id) {
  const uint32_t base = kind == TileKind::Mem ? 0xA0000 : 0x1D000;
  return base + 0x20 * static_cast<uint32_t>(id);
}

} // namespace ashlar::device
