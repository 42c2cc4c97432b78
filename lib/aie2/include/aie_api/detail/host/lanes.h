// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The lane-by-lane instructions of the vector unit in plain C++: sums wrap, masks have bit i for
// lane i, bf16 compares as sign and magnitude with -0 < +0 and never with a NaN.
#pragma once

#include "aie_api/detail/host/control.h"

namespace aie::detail::host {

template <class Mask, class T, class V, class F> Mask compare(const V &a, const V &b, F f) {
  Lanes<T, V> x(a), y(b);
  Mask m = 0;
  for (int i = 0; i < x.n; ++i) m |= static_cast<Mask>(f(x[i], y[i]) ? 1 : 0) << i;
  return m;
}
template <class T, class V, class F> V map(const V &a, const V &b, F f) {
  Lanes<T, V> x(a), y(b);
  for (int i = 0; i < x.n; ++i) x[i] = static_cast<T>(f(x[i], y[i]));
  return x.pack();
}
template <class T, class V, class Mask> V select(const V &a, const V &b, Mask m) {
  Lanes<T, V> x(a), y(b);
  for (int i = 0; i < x.n; ++i)
    if (m >> i & 1) x[i] = y[i];
  return x.pack();
}
inline bool isNan16(uint16_t h) { return (h & 0x7FFF) > 0x7F80; }
inline int order16(uint16_t h) { return h & 0x8000 ? -1 - (h & 0x7FFF) : h & 0x7FFF; }
inline bool less16(uint16_t a, uint16_t b) {
  return !isNan16(a) && !isNan16(b) && order16(a) < order16(b);
}
inline bool atLeast16(uint16_t a, uint16_t b) {
  return !isNan16(a) && !isNan16(b) && order16(a) >= order16(b);
}
} // namespace aie::detail::host

// T: a signed lane, U: its unsigned twin, V and W: registers of them, M: their mask.
#define ASHLAR_HOST_LANES(bits, T, U, V, W, M)                                                     \
  inline V __aie2_vadd_##bits(V a, V b) {                                                          \
    return aie::detail::host::map<U>(a, b, [](U x, U y) { return x + y; });                        \
  }                                                                                                \
  inline V __aie2_vsub_##bits(V a, V b) {                                                          \
    return aie::detail::host::map<U>(a, b, [](U x, U y) { return x - y; });                        \
  }                                                                                                \
  inline V __aie2_vsel_##bits(V a, V b, M m) { return aie::detail::host::select<T>(a, b, m); }     \
  inline V __aie2_vaddsub_##bits(V a, V b, M m) {                                                  \
    return __aie2_vsel_##bits(__aie2_vadd_##bits(a, b), __aie2_vsub_##bits(a, b), m);              \
  }                                                                                                \
  inline M __aie2_veqz_##bits(V a) {                                                               \
    return aie::detail::host::compare<M, T>(a, a, [](T x, T) { return x == 0; });                  \
  }                                                                                                \
  inline V __aie2_vbneg_ltz_s##bits(V a, M *m) {                                                   \
    *m = aie::detail::host::compare<M, T>(a, a, [](T x, T) { return x < 0; });                     \
    return aie::detail::host::map<T>(a, a, [](T x, T) { return ~x; });                             \
  }                                                                                                \
  inline V __aie2_vneg_gtz##bits(V a, M *m) {                                                      \
    *m = aie::detail::host::compare<M, T>(a, a, [](T x, T) { return x > 0; });                     \
    return aie::detail::host::map<U>(a, a, [](U x, U) { return U(0) - x; });                       \
  }                                                                                                \
  inline V __aie2_vabs_gtz_s##bits(V a, M *m) {                                                    \
    *m = aie::detail::host::compare<M, T>(a, a, [](T x, T) { return x > 0; });                     \
    return aie::detail::host::map<T>(                                                              \
        a, a, [](T x, T) { return x < 0 ? static_cast<T>(U(0) - static_cast<U>(x)) : x; });        \
  }                                                                                                \
  ASHLAR_HOST_ORDERED(s##bits, bits, T, U, V, M)                                                   \
  ASHLAR_HOST_ORDERED(d##bits, bits, U, U, W, M)
#define ASHLAR_HOST_ORDERED(name, bits, T, U, V, M)                                                \
  inline M __aie2_vlt_##name(V a, V b) {                                                           \
    return aie::detail::host::compare<M, T>(a, b, [](T x, T y) { return x < y; });                 \
  }                                                                                                \
  inline M __aie2_vge_##name(V a, V b) {                                                           \
    return aie::detail::host::compare<M, T>(a, b, [](T x, T y) { return x >= y; });                \
  }                                                                                                \
  inline V __aie2_vmax_lt_##name(V a, V b, M *m) {                                                 \
    *m = __aie2_vlt_##name(a, b);                                                                  \
    return aie::detail::host::select<T>(a, b, *m);                                                 \
  }                                                                                                \
  inline V __aie2_vmin_ge_##name(V a, V b, M *m) {                                                 \
    *m = __aie2_vge_##name(a, b);                                                                  \
    return aie::detail::host::select<T>(a, b, *m);                                                 \
  }                                                                                                \
  inline V __aie2_vmaxdiff_lt_##name(V a, V b, M *m) {                                             \
    *m = __aie2_vlt_##name(a, b);                                                                  \
    return aie::detail::host::map<T>(a, b, [](T x, T y) {                                          \
      return x < y ? T(0) : static_cast<T>(static_cast<U>(x) - static_cast<U>(y));                 \
    });                                                                                            \
  }                                                                                                \
  inline V __aie2_vsub_lt_##name(V a, V b, M *m) {                                                 \
    *m = __aie2_vlt_##name(a, b);                                                                  \
    return aie::detail::host::map<U>(a, b, [](U x, U y) { return x - y; });                        \
  }                                                                                                \
  inline V __aie2_vsub_ge_##name(V a, V b, M *m) {                                                 \
    *m = __aie2_vge_##name(a, b);                                                                  \
    return aie::detail::host::map<U>(a, b, [](U x, U y) { return x - y; });                        \
  }

ASHLAR_HOST_LANES(8, int8_t, uint8_t, v64int8, v64uint8, unsigned long long)
ASHLAR_HOST_LANES(16, int16_t, uint16_t, v32int16, v32uint16, unsigned)
ASHLAR_HOST_LANES(32, int32_t, uint32_t, v16int32, v16uint32, unsigned)
#undef ASHLAR_HOST_ORDERED
#undef ASHLAR_HOST_LANES

inline unsigned __aie2_vlt_bf16(v32bfloat16 a, v32bfloat16 b) {
  return aie::detail::host::compare<unsigned, uint16_t>(a, b, aie::detail::host::less16);
}
inline unsigned __aie2_vge_bf16(v32bfloat16 a, v32bfloat16 b) {
  return aie::detail::host::compare<unsigned, uint16_t>(a, b, aie::detail::host::atLeast16);
}
inline v32bfloat16 __aie2_vmax_lt_bf16(v32bfloat16 a, v32bfloat16 b, unsigned *m) {
  *m = __aie2_vlt_bf16(a, b);
  return aie::detail::host::select<uint16_t>(a, b, *m);
}
inline v32bfloat16 __aie2_vmin_ge_bf16(v32bfloat16 a, v32bfloat16 b, unsigned *m) {
  *m = __aie2_vge_bf16(a, b);
  return aie::detail::host::select<uint16_t>(a, b, *m);
}
inline v64int8 __aie2_vband(v64int8 a, v64int8 b) {
  return aie::detail::host::map<uint8_t>(a, b, [](uint8_t x, uint8_t y) { return x & y; });
}
inline v64int8 __aie2_vbor(v64int8 a, v64int8 b) {
  return aie::detail::host::map<uint8_t>(a, b, [](uint8_t x, uint8_t y) { return x | y; });
}
