// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The tile that a kernel runs on. A host says column and row 0, and counts no cycles.
#pragma once

#include "aie_api/modes.hpp"

namespace aie {
struct tile_id {
  uint16_t row, col;
};
class tile {
public:
  ASHLAR_INLINE static tile current() { return {}; }
  /// Place in the array: compute rows begin at 2, behind the shim and the memory tiles.
  ASHLAR_INLINE tile_id global_id() const {
    const auto id = static_cast<unsigned>(get_coreid());
    return {static_cast<uint16_t>(id & 31), static_cast<uint16_t>(id >> 16 & 127)};
  }
  ASHLAR_INLINE tile_id id() const {
    const tile_id at = global_id();
    return {static_cast<uint16_t>(at.row < 2 ? at.row : at.row - 2), at.col};
  }
  ASHLAR_INLINE uint64_t cycles() const { return get_cycles(); }
  ASHLAR_INLINE void set_saturation(saturation_mode mode) { aie::set_saturation(mode); }
  ASHLAR_INLINE saturation_mode get_saturation() const { return aie::get_saturation(); }
  ASHLAR_INLINE void set_rounding(rounding_mode mode) { aie::set_rounding(mode); }
  ASHLAR_INLINE rounding_mode get_rounding() const { return aie::get_rounding(); }
};
} // namespace aie
