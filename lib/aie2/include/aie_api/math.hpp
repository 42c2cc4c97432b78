// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Elementary functions. On one float they are the C library's (correctly rounded division and root);
// on vectors they run on the float unit, to the bounds that docs/vectors.md states. Conversions
// between integers and floats are here too.
#pragma once

#include "aie_api/int4.hpp"
#include "aie_api/detail/float_math.h"
#include "aie_api/mul.hpp"
#include "aie_api/reduce.hpp"

#include <math.h>

namespace aie {

ASHLAR_INLINE float inv(float x) { return 1.0f / x; }
ASHLAR_INLINE float sqrt(float x) { return ::sqrtf(x); }
ASHLAR_INLINE float invsqrt(float x) { return 1.0f / ::sqrtf(x); }
ASHLAR_INLINE float div(float a, float b) { return a / b; }
ASHLAR_INLINE bfloat16 inv(bfloat16 x) { return static_cast<bfloat16>(1.0f / static_cast<float>(x)); }

namespace detail {
/// f over the fp32 lanes of a vector, its result a vector of the same kind.
template <class T, unsigned N, class F> ASHLAR_INLINE vector<T, N> mapMath(const vector<T, N> &v, F f) {
  static_assert(isFloating<T>, "this function takes float and bfloat16 vectors");
  accum<accfloat, N> a(v);
  constexpr unsigned words = sizeof(typename accum<accfloat, N>::native_part) / 8;
  repeat<accum<accfloat, N>::parts>([&](auto p) ASHLAR_LAMBDA {
    a.part(p) = lanesOf<0, words>(f(widen<8>(a.part(p))));
  });
  return a.template to_vector<T>();
}
template <class T> inline constexpr unsigned kFloatParts = sizeof(T) == 4 ? 3 : 1;
/// sqrt(x) = x / sqrt(x); zero stays zero.
template <unsigned parts> ASHLAR_INLINE v16accfloat rootOf(v16accfloat x) {
  const v16accfloat r = inverseRootOf<parts>((v16float)x);
  const v16accfloat root = productOfFloats((v16float)x, (v16float)r);
  const v16int32 magnitude =
      (v16int32)__aie2_vband((v64int8)(v16int32)x, (v64int8)splat<int32_t>(0x7FFFFFFF));
  return zeroWhere(root, __aie2_veqz_32(magnitude));
}
} // namespace detail

template <class T, unsigned N> ASHLAR_INLINE vector<T, N> inv(const vector<T, N> &v) {
  return detail::mapMath(v, [](v16accfloat x) ASHLAR_LAMBDA {
    return detail::inverseOf<detail::kFloatParts<T>>((v16float)x);
  });
}
template <class T, unsigned N> ASHLAR_INLINE vector<T, N> invsqrt(const vector<T, N> &v) {
  return detail::mapMath(v, [](v16accfloat x) ASHLAR_LAMBDA {
    return detail::inverseRootOf<detail::kFloatParts<T>>((v16float)x);
  });
}
template <class T, unsigned N> ASHLAR_INLINE vector<T, N> sqrt(const vector<T, N> &v) {
  return detail::mapMath(v, [](v16accfloat x) ASHLAR_LAMBDA {
    return detail::rootOf<detail::kFloatParts<T>>(x);
  });
}
template <class T, unsigned N>
ASHLAR_INLINE vector<T, N> div(const vector<T, N> &a, const vector<T, N> &b) {
  return mul(a, inv(b)).template to_vector<T>();
}
template <class T, unsigned N, class S>
  requires detail::ScalarFor<S, T>
ASHLAR_INLINE vector<T, N> div(const vector<T, N> &a, const S &b) {
  return div(a, broadcast<T, N>(b));
}
template <class T, unsigned N, class S>
  requires detail::ScalarFor<S, T>
ASHLAR_INLINE vector<T, N> div(const S &a, const vector<T, N> &b) {
  return div(broadcast<T, N>(a), b);
}

/// 2^x; beyond -126 and 127.5 as at those ends.
template <class To = void, class T, unsigned N> ASHLAR_INLINE auto exp2(const vector<T, N> &v) {
  using R = std::conditional_t<std::is_void_v<To>, T, To>;
  accum<accfloat, N> a(v);
  constexpr unsigned words = sizeof(typename accum<accfloat, N>::native_part) / 8;
  detail::repeat<accum<accfloat, N>::parts>([&](auto p) ASHLAR_LAMBDA {
    a.part(p) = detail::lanesOf<0, words>(detail::powerOfTwo(
        detail::clampFloats(detail::widen<8>(a.part(p)), -126.0f, 127.5f)));
  });
  return a.template to_vector<R>();
}
template <class To, unsigned N> ASHLAR_INLINE auto exp2(const accum<accfloat, N> &a) {
  return exp2<To>(a.template to_vector<float>());
}

namespace detail {
/// f over the lanes as bf16 by sixteens, its results added to nothing.
template <class T, unsigned N, class F>
ASHLAR_INLINE accum<accfloat, N> mapBfloat(const vector<T, N> &v, F f) {
  accum<accfloat, N> a(v);
  constexpr unsigned words = sizeof(typename accum<accfloat, N>::native_part) / 8;
  repeat<accum<accfloat, N>::parts>([&](auto p) ASHLAR_LAMBDA {
    a.part(p) = lanesOf<0, words>(f(toBf(widen<8>(a.part(p)))));
  });
  return a;
}
} // namespace detail
/// e^x of bf16 lanes (of float ones after rounding to bf16).
template <class To = void, class T, unsigned N> ASHLAR_INLINE auto exp(const vector<T, N> &v) {
  using R = std::conditional_t<std::is_void_v<To>, T, To>;
  return detail::mapBfloat(v, [](v16bfloat16 x) ASHLAR_LAMBDA { return detail::expOf(x); })
      .template to_vector<R>();
}
template <class To = void, class T, unsigned N> ASHLAR_INLINE auto tanh(const vector<T, N> &v) {
  using R = std::conditional_t<std::is_void_v<To>, T, To>;
  return detail::mapBfloat(v, [](v16bfloat16 x) ASHLAR_LAMBDA { return detail::tanhOf(x); })
      .template to_vector<R>();
}
template <class To, unsigned N> ASHLAR_INLINE auto tanh(const accum<accfloat, N> &a) {
  return tanh<To>(a.template to_vector<float>());
}
template <class To, unsigned N> ASHLAR_INLINE auto exp(const accum<accfloat, N> &a) {
  return exp<To>(a.template to_vector<float>());
}

namespace detail {
/// int32 to the nearest fp32: both halves of 16 bits are exact as floats.
ASHLAR_INLINE v16accfloat integerToFloat(v16int32 v) {
  const v16int32 low = (v16int32)__aie2_vband((v64int8)v, (v64int8)splat<int32_t>(0xFFFF));
  // The high half plus 2^15, from 0 to 65535, by the shift that words32 is made of.
  const v16int32 high = __aie2_vadd_32(words32<1>(__aie2_vups_s64_s32_cm(v, 16)),
                                       splat<int32_t>(0x8000));
  const v16accfloat lowFloat = subFloats(
      (v16accfloat)(v16float)__aie2_vbor((v64int8)low, (v64int8)splat<int32_t>(0x4B000000)),
      constant(8388608.0f));
  const v16accfloat highFloat = subFloats(
      (v16accfloat)(v16float)__aie2_vbor((v64int8)high, (v64int8)splat<int32_t>(0x53000000)),
      constant(551903297536.0f)); // 2^39 + 2^31
  return addFloats(highFloat, lowFloat);
}
/// fp32 times 2^shift, for results that are normal numbers.
ASHLAR_INLINE v16accfloat scaleFloats(v16accfloat a, int shift) {
  if (__builtin_constant_p(shift == 0) && shift == 0) return a;
  const v16int32 bits = (v16int32)a;
  const v16int32 scaled = __aie2_vadd_32(bits, splat<int32_t>(shift * (1 << 23)));
  const v16int32 magnitude =
      (v16int32)__aie2_vband((v64int8)bits, (v64int8)splat<int32_t>(0x7FFFFFFF));
  return (v16accfloat)__aie2_vsel_32(scaled, bits, __aie2_veqz_32(magnitude));
}
} // namespace detail

/// v / 2^shift as float (or bfloat16).
template <class To = float, class T, unsigned N>
  requires detail::isElement<T>
ASHLAR_INLINE vector<To, N> to_float(const vector<T, N> &v, int shift = 0) {
  static_assert(std::is_integral_v<T> && (detail::isSigned<T> || sizeof(T) < 4),
                "to_float takes vectors of int8, uint8, int16, uint16 and int32");
  static_assert(detail::isFloating<To>, "to_float makes float and bfloat16 vectors");
  accum<accfloat, N> out;
  constexpr unsigned L = accum<accfloat, N>::part_lanes;
  constexpr unsigned words = sizeof(typename accum<accfloat, N>::native_part) / 8;
  detail::repeat<accum<accfloat, N>::parts>([&](auto p) ASHLAR_LAMBDA {
    v16int32 lanes;
    if constexpr (sizeof(T) == 4) {
      lanes = detail::widen<16>(v.template extract<L>(p).part(0));
    } else {
      const auto wide = accum<acc32, L>(v.template extract<L>(p), 0);
      lanes = detail::widen<16>(detail::accBits<int32_t>(wide).part(0));
    }
    out.part(p) = detail::lanesOf<0, words>(
        detail::scaleFloats(detail::integerToFloat(lanes), -shift));
  });
  return out.template to_vector<To>();
}
/// floor(v * 2^shift) as integers; values beyond int32 stay at its ends, then the lane wraps.
template <class To = int32_t, class T, unsigned N>
ASHLAR_INLINE vector<To, N> to_fixed(const vector<T, N> &v, int shift = 0) {
  static_assert(std::is_integral_v<To>, "to_fixed makes integers");
  static_assert(detail::isFloating<T>, "to_fixed takes float and bfloat16 vectors");
  vector<int32_t, N> out;
  constexpr unsigned L = N < 16 ? N : 16;
  detail::repeat<N / L>([&](auto p) ASHLAR_LAMBDA {
    const auto x = v.template extract<L>(p);
    v16int32 r = detail::zeroNative<v16int32>();
    if constexpr (std::is_same_v<T, bfloat16>) {
      r = __aie2_vfloor_s32_bf16_w(detail::widen<16>(x.part(0)), shift);
    } else {
      // The unit floors bf16 only.
      for (unsigned i = 0; i < L; ++i) {
        const float scaled = ::ldexpf(x.get(i), shift);
        const int32_t fixed = scaled >= 2147483648.0f    ? 2147483647
                              : scaled <= -2147483648.0f ? -2147483647 - 1
                                                         : static_cast<int32_t>(::floorf(scaled));
        r = detail::withLane<int32_t>(r, i, fixed);
      }
    }
    out.template insert<L>(p, vector<int32_t, L>(detail::lanesOf<0, L>(r)));
  });
  if constexpr (sizeof(To) == 4) {
    return out.template cast_to<To>();
  } else {
    const auto halves = filter_even(out.template cast_to<int16_t>());
    if constexpr (sizeof(To) == 2)
      return halves.template cast_to<To>();
    else
      return filter_even(halves.template cast_to<int8_t>()).template cast_to<To>();
  }
}

/// With the vector's type given, too.
template <class To, class V>
  requires is_vector<V>::value
ASHLAR_INLINE auto to_float(const V &v, int shift = 0) {
  return to_float<To, typename V::value_type, V::size()>(v, shift);
}
template <class To = float, class T, unsigned N>
  requires detail::isInt4<T>
ASHLAR_INLINE vector<To, N> to_float(const vector<T, N> &v, int shift = 0) {
  return to_float<To>(v.unpack(), shift);
}
template <class To = float> ASHLAR_INLINE To to_float(int value, int shift = 0) {
  return static_cast<To>(::ldexpf(static_cast<float>(value), -shift));
}
template <class To = int32_t> ASHLAR_INLINE To to_fixed(float value, int shift = 0) {
  return to_fixed<To>(broadcast<float, 16>(value), shift).get(0);
}

} // namespace aie
