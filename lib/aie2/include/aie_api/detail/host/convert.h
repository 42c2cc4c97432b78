// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Between vectors and accumulators in plain C++: UPS shifts up into wider lanes, SRS shifts down,
// rounds and saturates; bf16 from fp32 by the rounding mode; bf16 to integers rounding down.
#pragma once

#include "aie_api/detail/host/control.h"

#include <bit>
#include <limits>

namespace aie::detail::host {

template <class Acc, class A, class T, class V> A shiftUp(V v, int shift) {
  shift &= 63;
  Lanes<T, V> x(v);
  Lanes<Acc, A> out;
  constexpr Acc most = std::numeric_limits<Acc>::max(), least = std::numeric_limits<Acc>::min();
  for (int i = 0; i < x.n; ++i) {
    const int64_t value = x[i];
    const bool below =
        shift < static_cast<int>(sizeof(Acc)) * 8 ? value < (int64_t(least) >> shift) : value < 0;
    if ((control.saturation & 1) && (value > (int64_t(most) >> shift) || below))
      out[i] = value < 0 ? least : most;
    else
      out[i] = static_cast<Acc>(static_cast<uint64_t>(value) << shift);
  }
  return out.pack();
}
template <class T, class V, class Acc, class A> V shiftDownLanes(A a, int shift) {
  Lanes<Acc, A> x(a);
  Lanes<T, V> out;
  for (int i = 0; i < x.n; ++i)
    out[i] = static_cast<T>(saturate(shiftDown(x[i], shift & 63, control.rounding), sizeof(T) * 8,
                                     std::is_signed_v<T>));
  return out.pack();
}

inline uint16_t toBfloat(uint32_t f, int mode) {
  uint16_t kept = static_cast<uint16_t>(f >> 16);
  if ((f & 0x7F800000) == 0x7F800000)
    return (f & 0x7FFFFF) && !(kept & 0x7F) ? kept | 1 : kept; // a NaN stays one
  const bool negative = f >> 31, guard = f >> 15 & 1, sticky = f & 0x7FFF, odd = f >> 16 & 1;
  bool up; // of the magnitude
  switch (mode & 15) {
  case 1: up = (guard || sticky) && !negative; break;
  case 2: up = false; break;
  case 3: up = guard || sticky; break;
  case 8: up = guard && (sticky || negative); break;
  case 9: up = guard && (sticky || !negative); break;
  case 10: up = guard && sticky; break;
  case 11: up = guard; break;
  case 12: up = guard && (sticky || odd); break;
  case 13: up = guard && (sticky || !odd); break;
  default: up = (guard || sticky) && negative;
  }
  return static_cast<uint16_t>(kept + (up ? 1 : 0));
}

/// floor(h * 2^shift) within int32_t; shift is a signed number of six bits.
inline int32_t floorOf(uint16_t h, int shift) {
  const bool negative = h & 0x8000;
  const int e = h >> 7 & 255;
  if ((h & 0x7FFF) > 0x7F80) return std::numeric_limits<int32_t>::max();
  const int64_t m = (e ? 128 : 0) | (h & 127), value = negative ? -m : m;
  const int s = static_cast<int32_t>(static_cast<uint32_t>(shift) << 26) >> 26;
  const int scale = (e ? e : 1) - 134 + s;
  if (scale <= -40) return static_cast<int32_t>(value >> 40);
  if (scale < 0) return static_cast<int32_t>(value >> -scale);
  if (m == 0) return 0;
  if (scale > 24 || value << scale > std::numeric_limits<int32_t>::max() ||
      value * (int64_t(1) << scale) < std::numeric_limits<int32_t>::min())
    return negative ? std::numeric_limits<int32_t>::min() : std::numeric_limits<int32_t>::max();
  return static_cast<int32_t>(value * (int64_t(1) << scale));
}

} // namespace aie::detail::host

#define ASHLAR_HOST_UPS(name, Acc, A, T, V)                                                        \
  inline A __aie2_vups_##name(V v, int shift) {                                                    \
    return aie::detail::host::shiftUp<Acc, A, T>(v, shift);                                        \
  }
ASHLAR_HOST_UPS(s32_s8, int32_t, v32acc32, int8_t, v32int8)
ASHLAR_HOST_UPS(s32_d8, int32_t, v32acc32, uint8_t, v32uint8)
ASHLAR_HOST_UPS(s32_s16_bm, int32_t, v16acc32, int16_t, v16int16)
ASHLAR_HOST_UPS(s32_d16_bm, int32_t, v16acc32, uint16_t, v16uint16)
ASHLAR_HOST_UPS(s32_s16_cm, int32_t, v32acc32, int16_t, v32int16)
ASHLAR_HOST_UPS(s32_d16_cm, int32_t, v32acc32, uint16_t, v32uint16)
ASHLAR_HOST_UPS(s64_s16, int64_t, v16acc64, int16_t, v16int16)
ASHLAR_HOST_UPS(s64_d16, int64_t, v16acc64, uint16_t, v16uint16)
ASHLAR_HOST_UPS(s64_s32_bm, int64_t, v8acc64, int32_t, v8int32)
ASHLAR_HOST_UPS(s64_d32_bm, int64_t, v8acc64, uint32_t, v8uint32)
ASHLAR_HOST_UPS(s64_s32_cm, int64_t, v16acc64, int32_t, v16int32)
ASHLAR_HOST_UPS(s64_d32_cm, int64_t, v16acc64, uint32_t, v16uint32)
#undef ASHLAR_HOST_UPS

#define ASHLAR_HOST_SRS(name, T, V, Acc, A)                                                        \
  inline V __aie2_vsrs_##name(A a, int shift) {                                                    \
    return aie::detail::host::shiftDownLanes<T, V, Acc>(a, shift);                                 \
  }
ASHLAR_HOST_SRS(s8_s32, int8_t, v32int8, int32_t, v32acc32)
ASHLAR_HOST_SRS(d8_s32, uint8_t, v32uint8, int32_t, v32acc32)
ASHLAR_HOST_SRS(s16_s32_w, int16_t, v16int16, int32_t, v16acc32)
ASHLAR_HOST_SRS(d16_s32_w, uint16_t, v16uint16, int32_t, v16acc32)
ASHLAR_HOST_SRS(s16_s32_x, int16_t, v32int16, int32_t, v32acc32)
ASHLAR_HOST_SRS(d16_s32_x, uint16_t, v32uint16, int32_t, v32acc32)
ASHLAR_HOST_SRS(s16_s64, int16_t, v16int16, int64_t, v16acc64)
ASHLAR_HOST_SRS(d16_s64, uint16_t, v16uint16, int64_t, v16acc64)
ASHLAR_HOST_SRS(s32_s64_w, int32_t, v8int32, int64_t, v8acc64)
ASHLAR_HOST_SRS(d32_s64_w, uint32_t, v8uint32, int64_t, v8acc64)
ASHLAR_HOST_SRS(s32_s64_x, int32_t, v16int32, int64_t, v16acc64)
ASHLAR_HOST_SRS(d32_s64_x, uint32_t, v16uint32, int64_t, v16acc64)
#undef ASHLAR_HOST_SRS

inline v16bfloat16 __aie2_vconv_bf16_fp32(v16accfloat a) {
  aie::detail::host::Lanes<uint32_t, v16accfloat> x(a);
  aie::detail::host::Lanes<uint16_t, v16bfloat16> out;
  for (int i = 0; i < 16; ++i)
    out[i] = aie::detail::host::toBfloat(x[i], aie::detail::host::control.rounding);
  return out.pack();
}
inline v16accfloat __aie2_vconv_fp32_bf16(v16bfloat16 v) {
  aie::detail::host::Lanes<uint16_t, v16bfloat16> x(v);
  aie::detail::host::Lanes<uint32_t, v16accfloat> out;
  for (int i = 0; i < 16; ++i) out[i] = static_cast<uint32_t>(x[i]) << 16;
  return out.pack();
}
inline v16int32 __aie2_vfloor_s32_bf16_w(v16bfloat16 v, int shift) {
  aie::detail::host::Lanes<uint16_t, v16bfloat16> x(v);
  aie::detail::host::Lanes<int32_t, v16int32> out;
  for (int i = 0; i < 16; ++i) out[i] = aie::detail::host::floorOf(x[i], shift);
  return out.pack();
}
