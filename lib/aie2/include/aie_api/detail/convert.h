// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Between vectors and accumulators, register by register. A conversion that the vector unit lacks
// goes through one that it has: 8-bit lanes reach acc64 through 16 bits, acc32 reaches int32
// through 64 bits.
#pragma once

#include "aie_api/detail/shuffle_modes.h"
#include "aie_api/vector.hpp"

namespace aie::detail {

template <class Tag, unsigned N> struct AccParts {
  static_assert(isAccTag<Tag>, "accumulators are acc32, acc64 or accfloat on this core");
  static constexpr unsigned bits = N * AccWord<Tag>::bits;
  /// Integers are added up in registers of 1024 bits, floats in such of 512.
  static constexpr unsigned registerLanes = std::is_same_v<Tag, acc32> ? 32 : 16;
  static constexpr unsigned count = N > registerLanes ? N / registerLanes : 1;
  static constexpr unsigned lanes = N / count;
  using type = nativeAcc<Tag, lanes>;
  static_assert((N & (N - 1)) == 0 && bits >= 256 && bits <= 8192,
                "an accumulator has 4 to 128 lanes of acc64, or 8 to 256 of acc32 or accfloat, in "
                "powers of two");
};

template <class T, class Tag>
inline constexpr bool AccumulatesTo =
    isElement<T> && isAccTag<Tag> && (isFloating<T> == std::is_same_v<Tag, accfloat>);

/// The bits of accumulators as lanes of T, and back.
template <class T, class Tag, unsigned N> ASHLAR_INLINE auto accBits(const accum<Tag, N> &a) {
  constexpr unsigned bytes = N * AccWord<Tag>::bits / 8;
  using A = accum<Tag, N>;
  vector<T, bytes / sizeof(T)> out;
  constexpr unsigned partBytes = bytes / A::parts;
  repeat<A::parts>([&](auto p) ASHLAR_LAMBDA {
    if constexpr (partBytes <= 64) {
      out.part(p) = (native<T, partBytes / sizeof(T)>)a.part(p);
    } else { // split while it is an accumulator: a store of the halves is then one of those
      out.part(2 * p) = (Register<T>)lanesOf<0, 8>(a.part(p));
      out.part(2 * p + 1) = (Register<T>)lanesOf<8, 8>(a.part(p));
    }
  });
  return out;
}
template <class A, class T, unsigned N> ASHLAR_INLINE A accFromBits(const vector<T, N> &v) {
  A out;
  repeat<A::parts>([&](auto p) ASHLAR_LAMBDA {
    if constexpr (sizeof(typename A::native_part) <= 64)
      out.part(p) = (typename A::native_part)v.part(p);
    else
      out.part(p) =
          (typename A::native_part)concatNative((v8acc64)v.part(2 * p), (v8acc64)v.part(2 * p + 1));
  });
  return out;
}
template <class To, class Tag, unsigned N> ASHLAR_INLINE To castAcc(const accum<Tag, N> &a) {
  return accFromBits<To>(accBits<int32_t>(a));
}

/// Every second 32-bit lane of 32: the low (odd = 0) or high words of 64-bit lanes.
template <unsigned odd> ASHLAR_INLINE v16int32 words32(v16acc64 a) {
  const auto all = (v32int32)a;
  return (v16int32)__aie2_vshuffle((v64int8)lanesOf<0, 16>(all), (v64int8)lanesOf<16, 16>(all),
                                   odd ? T32_16x2_hi : T32_16x2_lo);
}

/// Lanes of 8 bits as lanes of 16.
ASHLAR_INLINE native<int16_t, 32> unpackLanes(native<int8_t, 32> v) {
  return __aie2_vunpack_s16_s8(v);
}
ASHLAR_INLINE native<uint16_t, 32> unpackLanes(native<uint8_t, 32> v) {
  return __aie2_vunpack_d16_d8(v);
}
ASHLAR_INLINE native<int8_t, 32> packLanes(native<int16_t, 32> v) { return __aie2_vpack_s8_s16(v); }
ASHLAR_INLINE native<uint8_t, 32> packLanes(native<uint16_t, 32> v) {
  return __aie2_vpack_d8_d16(v);
}

// One register of the accumulator from as many lanes.
template <class T> ASHLAR_INLINE v32acc32 upTo32(native<T, 32> v, int shift) {
  if constexpr (std::is_same_v<T, int8_t>)
    return __aie2_vups_s32_s8(v, shift);
  else if constexpr (std::is_same_v<T, uint8_t>)
    return __aie2_vups_s32_d8(v, shift);
  else if constexpr (std::is_same_v<T, int16_t>)
    return __aie2_vups_s32_s16_cm(v, shift);
  else
    return __aie2_vups_s32_d16_cm(v, shift);
}
template <class T> ASHLAR_INLINE v16acc32 upTo32Half(native<T, 16> v, int shift) {
  if constexpr (std::is_same_v<T, int16_t>)
    return __aie2_vups_s32_s16_bm(v, shift);
  else
    return __aie2_vups_s32_d16_bm(v, shift);
}
template <class T> ASHLAR_INLINE v16acc64 upTo64(native<T, 16> v, int shift) {
  if constexpr (std::is_same_v<T, int16_t>)
    return __aie2_vups_s64_s16(v, shift);
  else if constexpr (std::is_same_v<T, uint16_t>)
    return __aie2_vups_s64_d16(v, shift);
  else if constexpr (std::is_same_v<T, int32_t>)
    return __aie2_vups_s64_s32_cm(v, shift);
  else
    return __aie2_vups_s64_d32_cm(v, shift);
}
template <class T> ASHLAR_INLINE v8acc64 upTo64Half(native<T, 8> v, int shift) {
  if constexpr (std::is_same_v<T, int32_t>)
    return __aie2_vups_s64_s32_bm(v, shift);
  else
    return __aie2_vups_s64_d32_bm(v, shift);
}

template <class Tag, class T, unsigned L>
ASHLAR_INLINE nativeAcc<Tag, L> upLanes(const vector<T, L> &v, int shift) {
  constexpr unsigned words = L * AccWord<Tag>::bits / 64;
  if constexpr (std::is_same_v<T, bfloat16>) {
    return lanesOf<0, words>(__aie2_vconv_fp32_bf16(widen<16>(v.part(0))));
  } else if constexpr (std::is_same_v<T, float>) {
    return (nativeAcc<Tag, L>)v.part(0);
  } else if constexpr (std::is_same_v<Tag, acc32> && sizeof(T) == 1) {
    return lanesOf<0, words>(upTo32<T>(widen<32>(v.part(0)), shift));
  } else if constexpr (std::is_same_v<Tag, acc32> && sizeof(T) == 2) {
    if constexpr (L == 32)
      return upTo32<T>(v.part(0), shift);
    else
      return lanesOf<0, words>(upTo32Half<T>(widen<16>(v.part(0)), shift));
  } else if constexpr (std::is_same_v<Tag, acc32>) {
    if (__builtin_constant_p(shift == 0) && shift == 0)
      return accFromBits<accum<Tag, L>>(v).part(0);
    vector<T, L> up; // word by word: there is no UPS from 32 to 32 bits
    repeat<vector<T, L>::parts>([&](auto p) ASHLAR_LAMBDA {
      up.part(p) = (typename vector<T, L>::native_part)lanesOf<0, vector<T, L>::part_lanes>(
          words32<0>(__aie2_vups_s64_s32_cm((v16int32)widen<16>(v.part(p)), shift)));
    });
    return accFromBits<accum<Tag, L>>(up).part(0);
  } else if constexpr (sizeof(T) == 1) {
    using Wide = std::conditional_t<isSigned<T>, int16_t, uint16_t>;
    return upTo64<Wide>(lanesOf<0, 16>(unpackLanes(widen<32>(v.part(0)))), shift);
  } else if constexpr (L == 16) {
    return upTo64<T>(v.part(0), shift);
  } else if constexpr (sizeof(T) == 2) {
    return lanesOf<0, words>(upTo64<T>(widen<16>(v.part(0)), shift));
  } else {
    return lanesOf<0, words>(upTo64Half<T>(widen<8>(v.part(0)), shift));
  }
}
template <class Tag, unsigned N, class T>
ASHLAR_INLINE void accFromVector(accum<Tag, N> &a, const vector<T, N> &v, int shift) {
  constexpr unsigned L = accum<Tag, N>::part_lanes;
  repeat<accum<Tag, N>::parts>(
      [&](auto p) ASHLAR_LAMBDA { a.part(p) = upLanes<Tag>(v.template extract<L>(p), shift); });
}

template <class T> ASHLAR_INLINE native<T, 32> downFrom32(v32acc32 a, int shift) {
  if constexpr (std::is_same_v<T, int8_t>)
    return __aie2_vsrs_s8_s32(a, shift);
  else if constexpr (std::is_same_v<T, uint8_t>)
    return __aie2_vsrs_d8_s32(a, shift);
  else if constexpr (std::is_same_v<T, int16_t>)
    return __aie2_vsrs_s16_s32_x(a, shift);
  else
    return __aie2_vsrs_d16_s32_x(a, shift);
}
template <class T> ASHLAR_INLINE native<T, 16> downFrom32Half(v16acc32 a, int shift) {
  if constexpr (std::is_same_v<T, int16_t>)
    return __aie2_vsrs_s16_s32_w(a, shift);
  else
    return __aie2_vsrs_d16_s32_w(a, shift);
}
template <class T> ASHLAR_INLINE native<T, 16> downFrom64(v16acc64 a, int shift) {
  if constexpr (std::is_same_v<T, int16_t>)
    return __aie2_vsrs_s16_s64(a, shift);
  else if constexpr (std::is_same_v<T, uint16_t>)
    return __aie2_vsrs_d16_s64(a, shift);
  else if constexpr (std::is_same_v<T, int32_t>)
    return __aie2_vsrs_s32_s64_x(a, shift);
  else
    return __aie2_vsrs_d32_s64_x(a, shift);
}
template <class T> ASHLAR_INLINE native<T, 8> downFrom64Half(v8acc64 a, int shift) {
  if constexpr (std::is_same_v<T, int32_t>)
    return __aie2_vsrs_s32_s64_w(a, shift);
  else
    return __aie2_vsrs_d32_s64_w(a, shift);
}

/// One register of the accumulator as L lanes of T.
template <class T, class Tag, unsigned L>
ASHLAR_INLINE vector<T, L> downLanes(nativeAcc<Tag, L> a, int shift) {
  if constexpr (std::is_same_v<T, bfloat16>) {
    return lanesOf<0, L>(__aie2_vconv_bf16_fp32(widen<8>(a)));
  } else if constexpr (std::is_same_v<Tag, acc32> && sizeof(T) == 1) {
    return lanesOf<0, L>(downFrom32<T>(widen<16>(a), shift));
  } else if constexpr (std::is_same_v<Tag, acc32> && sizeof(T) == 2) {
    if constexpr (L == 32)
      return downFrom32<T>(a, shift);
    else
      return lanesOf<0, L>(downFrom32Half<T>(widen<8>(a), shift));
  } else if constexpr (std::is_same_v<Tag, acc32>) {
    vector<T, L> v = accBits<T>(accum<Tag, L>(a));
    if (__builtin_constant_p(shift == 0) && shift == 0) return v;
    repeat<vector<T, L>::parts>([&](auto p) ASHLAR_LAMBDA {
      const v16acc64 wide = __aie2_vups_s64_s32_cm((v16int32)widen<16>(v.part(p)), 0);
      v.part(p) = lanesOf<0, vector<T, L>::part_lanes>(downFrom64<T>(wide, shift));
    });
    return v;
  } else if constexpr (sizeof(T) == 1) {
    using Wide = std::conditional_t<isSigned<T>, int16_t, uint16_t>;
    return lanesOf<0, L>(packLanes(widen<32>(downFrom64<Wide>(widen<16>(a), shift))));
  } else if constexpr (L == 16 || sizeof(T) == 2) {
    return lanesOf<0, L>(downFrom64<T>(widen<16>(a), shift));
  } else {
    return lanesOf<0, L>(downFrom64Half<T>(widen<8>(a), shift));
  }
}
template <class T, class Tag, unsigned N>
ASHLAR_INLINE vector<T, N> accToVector(const accum<Tag, N> &a, int shift) {
  static_assert(AccumulatesTo<T, Tag>,
                "to_vector: accfloat becomes float or bfloat16 (for integers use to_fixed), acc32 "
                "and acc64 become integers (for floats use to_float)");
  if constexpr (std::is_same_v<T, float>) {
    return accBits<float>(a);
  } else {
    vector<T, N> out;
    constexpr unsigned L = accum<Tag, N>::part_lanes;
    repeat<accum<Tag, N>::parts>([&](auto p) ASHLAR_LAMBDA {
      out.template insert<L>(p, downLanes<T, Tag, L>(a.part(p), shift));
    });
    return out;
  }
}

} // namespace aie::detail
