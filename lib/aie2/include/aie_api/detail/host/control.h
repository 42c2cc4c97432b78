// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Control registers and rounding of the vector unit, in plain C++.
#pragma once

#include "aie_api/detail/config.h"

#include <cstring>

namespace aie::detail::host {

/// crRnd and crSat, as after reset.
struct Control {
  int rounding = 0, saturation = 0;
};
inline Control control;

/// A register as an array of its lanes.
template <class T, class V> struct Lanes {
  static constexpr int n = static_cast<int>(sizeof(V) / sizeof(T));
  T v[n];
  Lanes() = default;
  explicit Lanes(const V &from) { std::memcpy(v, &from, sizeof v); }
  T &operator[](int i) { return v[i]; }
  V pack() const {
    V out;
    std::memcpy(&out, v, sizeof v);
    return out;
  }
};

/// Is one to be added to the floor, given what is cut off?
inline bool roundsUp(int mode, bool negative, bool guard, bool sticky, bool odd) {
  switch (mode & 15) {
  case 1: return guard || sticky;
  case 2: return (guard || sticky) && negative;
  case 3: return (guard || sticky) && !negative;
  case 8: return guard && sticky;
  case 9: return guard;
  case 10: return guard && (negative || sticky);
  case 11: return guard && (!negative || sticky);
  case 12: return guard && (odd || sticky);
  case 13: return guard && (!odd || sticky);
  default: return false;
  }
}

/// value / 2^shift, rounded.
inline int64_t shiftDown(int64_t value, int shift, int mode) {
  if (shift == 0) return value;
  const int64_t floor = value >> shift;
  const bool guard = value >> (shift - 1) & 1;
  const bool sticky = (value & ((int64_t(1) << (shift - 1)) - 1)) != 0;
  return floor + (roundsUp(mode, value < 0, guard, sticky, floor & 1) ? 1 : 0);
}

/// To `bits` bits, by the saturation mode.
inline int64_t saturate(int64_t value, int bits, bool isSigned) {
  if (!(control.saturation & 1)) return value;
  const int64_t most = isSigned ? (int64_t(1) << (bits - 1)) - 1 : (int64_t(1) << bits) - 1;
  const int64_t least = !isSigned ? 0 : (control.saturation & 3) == 3 ? -most : -most - 1;
  return value > most ? most : value < least ? least : value;
}

} // namespace aie::detail::host

inline void __aie2_set_crRnd(int value) { aie::detail::host::control.rounding = value & 15; }
inline int __aie2_get_crRnd() { return aie::detail::host::control.rounding; }
inline void __aie2_set_crSat(int value) { aie::detail::host::control.saturation = value & 3; }
inline int __aie2_get_crSat() { return aie::detail::host::control.saturation; }
