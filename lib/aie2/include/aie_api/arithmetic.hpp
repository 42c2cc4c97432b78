// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Sums and differences. Integers wrap. float adds in the fp32 accumulators; bf16 does so too and is
// rounded back by the rounding mode.
#pragma once

#include "aie_api/compare.hpp"

#include <limits>

namespace aie {
namespace detail {
inline constexpr int kFloatAdd = 28; ///< configuration of VADD.F: fp32 lanes

template <class T> ASHLAR_INLINE Register<T> addIntegers(Register<T> a, Register<T> b) {
  if constexpr (sizeof(T) == 1)
    return (Register<T>)__aie2_vadd_8((v64int8)a, (v64int8)b);
  else if constexpr (sizeof(T) == 2)
    return (Register<T>)__aie2_vadd_16((v32int16)a, (v32int16)b);
  else
    return (Register<T>)__aie2_vadd_32((v16int32)a, (v16int32)b);
}
template <class T> ASHLAR_INLINE Register<T> subIntegers(Register<T> a, Register<T> b) {
  if constexpr (sizeof(T) == 1)
    return (Register<T>)__aie2_vsub_8((v64int8)a, (v64int8)b);
  else if constexpr (sizeof(T) == 2)
    return (Register<T>)__aie2_vsub_16((v32int16)a, (v32int16)b);
  else
    return (Register<T>)__aie2_vsub_32((v16int32)a, (v16int32)b);
}
ASHLAR_INLINE v16accfloat addFloats(v16accfloat a, v16accfloat b) {
  return __aie2_vadd_f(a, b, kFloatAdd);
}
ASHLAR_INLINE v16accfloat subFloats(v16accfloat a, v16accfloat b) {
  return __aie2_vsub_f(a, b, kFloatAdd);
}

/// f over registers of fp32 lanes.
template <unsigned N, class F>
ASHLAR_INLINE accum<accfloat, N> mapFloats(F f, const accum<accfloat, N> &a,
                                           const accum<accfloat, N> &b) {
  constexpr unsigned words = sizeof(typename accum<accfloat, N>::native_part) / 8;
  accum<accfloat, N> out;
  repeat<accum<accfloat, N>::parts>([&](auto p) ASHLAR_LAMBDA {
    out.part(p) = lanesOf<0, words>(f(widen<8>(a.part(p)), widen<8>(b.part(p))));
  });
  return out;
}
/// f(acc, acc, configuration) over whole registers of integer accumulators.
template <class Tag, unsigned N, class F>
ASHLAR_INLINE accum<Tag, N> mapIntegers(F f, const accum<Tag, N> &a, const accum<Tag, N> &b) {
  using Part = typename accum<Tag, N>::native_part;
  constexpr unsigned words = sizeof(Part) / 8;
  constexpr int config = std::is_same_v<Tag, acc64> ? 2 : 0;
  accum<Tag, N> out;
  repeat<accum<Tag, N>::parts>([&](auto p) ASHLAR_LAMBDA {
    using Word = native<long long, words>;
    const v16acc64 r = f(widen<16>((Word)a.part(p)), widen<16>((Word)b.part(p)), config);
    out.part(p) = (Part)lanesOf<0, words>(r);
  });
  return out;
}
/// bf16 vectors of less than 16 lanes (8) have accumulators of 8.
template <class T, unsigned N> ASHLAR_INLINE accum<accfloat, N> floatsOf(const vector<T, N> &v) {
  return accum<accfloat, N>(v);
}
template <class V> ASHLAR_INLINE V zero() { return Zero<V>::make(); }
} // namespace detail

// Accumulators.
template <class Tag, unsigned N>
ASHLAR_INLINE accum<Tag, N> add(const accum<Tag, N> &a, const accum<Tag, N> &b) {
  if constexpr (std::is_same_v<Tag, accfloat>)
    return detail::mapFloats(
        [](auto x, auto y) ASHLAR_LAMBDA { return detail::addFloats(x, y); }, a, b);
  else
    return detail::mapIntegers(
        [](auto x, auto y, int c) ASHLAR_LAMBDA { return __aie2_vadd(x, y, c); }, a, b);
}
template <class Tag, unsigned N>
ASHLAR_INLINE accum<Tag, N> sub(const accum<Tag, N> &a, const accum<Tag, N> &b) {
  if constexpr (std::is_same_v<Tag, accfloat>)
    return detail::mapFloats(
        [](auto x, auto y) ASHLAR_LAMBDA { return detail::subFloats(x, y); }, a, b);
  else
    return detail::mapIntegers(
        [](auto x, auto y, int c) ASHLAR_LAMBDA { return __aie2_vsub(x, y, c); }, a, b);
}
template <class Tag, unsigned N, class T>
ASHLAR_INLINE accum<Tag, N> add(const accum<Tag, N> &a, const vector<T, N> &b) {
  return add(a, accum<Tag, N>(b, 0));
}
template <class Tag, unsigned N, class T>
ASHLAR_INLINE accum<Tag, N> sub(const accum<Tag, N> &a, const vector<T, N> &b) {
  return sub(a, accum<Tag, N>(b, 0));
}
template <class Tag, unsigned N, class S>
  requires(detail::Scalar<S>)
ASHLAR_INLINE accum<Tag, N> add(const accum<Tag, N> &a, const S &b) {
  return add(a, broadcast<detail::scalarOf<S>, N>(b));
}
template <class Tag, unsigned N, class S>
  requires(detail::Scalar<S>)
ASHLAR_INLINE accum<Tag, N> sub(const accum<Tag, N> &a, const S &b) {
  return sub(a, broadcast<detail::scalarOf<S>, N>(b));
}
template <class Tag, unsigned N> ASHLAR_INLINE accum<Tag, N> neg(const accum<Tag, N> &a) {
  return sub(detail::zero<accum<Tag, N>>(), a);
}

// Vectors.
template <class T, unsigned N>
ASHLAR_INLINE vector<T, N> add(const vector<T, N> &a, const vector<T, N> &b) {
  if constexpr (detail::isFloating<T>)
    return add(detail::floatsOf(a), detail::floatsOf(b)).template to_vector<T>();
  else
    return detail::mapRegisters<T>(
        [](auto x, auto y) ASHLAR_LAMBDA { return detail::addIntegers<T>(x, y); }, a, b);
}
template <class T, unsigned N>
ASHLAR_INLINE vector<T, N> sub(const vector<T, N> &a, const vector<T, N> &b) {
  if constexpr (detail::isFloating<T>)
    return sub(detail::floatsOf(a), detail::floatsOf(b)).template to_vector<T>();
  else
    return detail::mapRegisters<T>(
        [](auto x, auto y) ASHLAR_LAMBDA { return detail::subIntegers<T>(x, y); }, a, b);
}
ASHLAR_WITH_SCALARS(add, auto)
ASHLAR_WITH_SCALARS(sub, auto)

template <class T, unsigned N> ASHLAR_INLINE vector<T, N> neg(const vector<T, N> &v) {
  if constexpr (std::is_same_v<T, bfloat16>) // adding the sign bit flips it
    return add(v.template cast_to<int16_t>(), broadcast<int16_t, N>(int16_t(-32768)))
        .template cast_to<T>();
  else if constexpr (std::is_same_v<T, float>)
    return add(v.template cast_to<int32_t>(), broadcast<int32_t, N>(int32_t(-2147483647 - 1)))
        .template cast_to<T>();
  else
    return sub(detail::zero<vector<T, N>>(), v);
}

/// v AND a pattern of 8 bits or of the element's width in every lane.
namespace detail {
template <class T, unsigned N>
ASHLAR_INLINE vector<T, N> andBits(const vector<T, N> &a, const vector<T, N> &b) {
  return mapRegisters<T>(
      [](auto x, auto y) ASHLAR_LAMBDA {
        return (Register<T>)__aie2_vband((v64int8)x, (v64int8)y);
      },
      a, b);
}
template <class T, unsigned N>
ASHLAR_INLINE vector<T, N> orBits(const vector<T, N> &a, const vector<T, N> &b) {
  return mapRegisters<T>(
      [](auto x, auto y) ASHLAR_LAMBDA {
        return (Register<T>)__aie2_vbor((v64int8)x, (v64int8)y);
      },
      a, b);
}
} // namespace detail

/// The least int8 ... int32 stays what it is.
template <class T, unsigned N> ASHLAR_INLINE vector<T, N> abs(const vector<T, N> &v) {
  if constexpr (std::is_same_v<T, bfloat16>)
    return detail::andBits(v.template cast_to<int16_t>(), broadcast<int16_t, N>(int16_t(0x7FFF)))
        .template cast_to<T>();
  else if constexpr (std::is_same_v<T, float>)
    return detail::andBits(v.template cast_to<int32_t>(), broadcast<int32_t, N>(0x7FFFFFFF))
        .template cast_to<T>();
  else if constexpr (!detail::isSigned<T>)
    return v;
  else
    return detail::mapRegisters<T>(
        [](auto x) ASHLAR_LAMBDA {
          unsigned m;
          unsigned long long wide;
          if constexpr (sizeof(T) == 1)
            return __aie2_vabs_gtz_s8(x, &wide);
          else if constexpr (sizeof(T) == 2)
            return __aie2_vabs_gtz_s16(x, &m);
          else
            return __aie2_vabs_gtz_s32(x, &m);
        },
        v);
}

/// min(a + b, largest) and so on, for integers: out of range stays at the end of the range.
template <class T, unsigned N>
ASHLAR_INLINE vector<T, N> saturating_add(const vector<T, N> &a, const vector<T, N> &b) {
  static_assert(std::is_integral_v<T>, "saturating_add is for integers");
  using L = std::numeric_limits<T>;
  const vector<T, N> sum = add(a, b);
  if constexpr (!detail::isSigned<T>) {
    return select(sum, broadcast<T, N>(L::max()), lt(sum, a));
  } else {
    const mask<N> negative = lt(b, zeros<T, N>());
    const mask<N> over = lt(sum, a) & ~negative, under = gt(sum, a) & negative;
    return select(select(sum, broadcast<T, N>(L::max()), over), broadcast<T, N>(L::min()), under);
  }
}
template <class T, unsigned N>
ASHLAR_INLINE vector<T, N> saturating_sub(const vector<T, N> &a, const vector<T, N> &b) {
  static_assert(std::is_integral_v<T>, "saturating_sub is for integers");
  using L = std::numeric_limits<T>;
  const vector<T, N> difference = sub(a, b);
  if constexpr (!detail::isSigned<T>) {
    return select(difference, zeros<T, N>(), lt(a, b));
  } else {
    const mask<N> negative = lt(b, zeros<T, N>());
    const mask<N> over = lt(difference, a) & negative, under = gt(difference, a) & ~negative;
    return select(select(difference, broadcast<T, N>(L::max()), over), broadcast<T, N>(L::min()),
                  under);
  }
}

} // namespace aie
