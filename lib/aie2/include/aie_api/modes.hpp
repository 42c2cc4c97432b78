// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// How accumulators become vectors: rounding and saturation, kept in the core's control registers.
// After reset, and until a kernel says otherwise, it is floor and no saturation.
#pragma once

#include "aie_api/detail/unit.h"

namespace aie {

enum class rounding_mode : unsigned {
  floor = 0,
  ceil = 1,
  symmetric_floor = 2, ///< toward zero
  symmetric_ceil = 3,  ///< away from zero
  negative_inf = 8,    ///< nearest, ties toward minus infinity
  positive_inf = 9,
  symmetric_zero = 10,
  symmetric_inf = 11,
  conv_even = 12,
  conv_odd = 13
};
enum class saturation_mode : unsigned { none = 0, truncate = 0, saturate = 1, symmetric = 3 };

ASHLAR_INLINE void set_rounding(rounding_mode mode) {
  __aie2_set_crRnd(static_cast<int>(mode));
}
ASHLAR_INLINE rounding_mode get_rounding() {
  return static_cast<rounding_mode>(__aie2_get_crRnd());
}
ASHLAR_INLINE rounding_mode swap_rounding(rounding_mode mode) {
  const rounding_mode old = get_rounding();
  set_rounding(mode);
  return old;
}
ASHLAR_INLINE void set_saturation(saturation_mode mode) {
  __aie2_set_crSat(static_cast<int>(mode));
}
ASHLAR_INLINE saturation_mode get_saturation() {
  return static_cast<saturation_mode>(__aie2_get_crSat());
}
ASHLAR_INLINE saturation_mode swap_saturation(saturation_mode mode) {
  const saturation_mode old = get_saturation();
  set_saturation(mode);
  return old;
}

/// A rounding mode for a while: the constructor sets it, the destructor restores the old one.
template <rounding_mode mode> struct rounding_scope {
  rounding_mode old = swap_rounding(mode);
  rounding_scope() = default;
  rounding_scope(const rounding_scope &) = delete;
  ~rounding_scope() { set_rounding(old); }
};

} // namespace aie

// The same under the native names.
enum { rnd_floor = 0, rnd_ceil = 1, rnd_sym_floor = 2, rnd_sym_ceil = 3, rnd_neg_inf = 8,
       rnd_pos_inf = 9, rnd_sym_zero = 10, rnd_sym_inf = 11, rnd_conv_even = 12,
       rnd_conv_odd = 13 };
ASHLAR_INLINE void set_rnd(int mode) { __aie2_set_crRnd(mode); }
ASHLAR_INLINE int get_rnd() { return __aie2_get_crRnd(); }
ASHLAR_INLINE void set_rnd_mode(int mode) { __aie2_set_crRnd(mode); }
ASHLAR_INLINE void set_satmode(int mode) { __aie2_set_crSat(mode); }
ASHLAR_INLINE void set_sat() { __aie2_set_crSat(1); }
ASHLAR_INLINE void set_symsat() { __aie2_set_crSat(3); }
ASHLAR_INLINE void clr_sat() { __aie2_set_crSat(0); }
ASHLAR_INLINE int get_sat() { return __aie2_get_crSat() & 1; }
