// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Comparisons to masks, selection by masks, minima and maxima. Integers compare by their sign. bf16
// and float compare as the unit does it: -0 < +0, and a NaN is neither below nor above anything (in
// max and min the first operand stays).
#pragma once

#include "aie_api/create.hpp"
#include "aie_api/mask.hpp"

#include <tuple>

namespace aie {
namespace detail {
/// A float's bits in an order that signed integers have too; NaNs come out beyond the infinities.
ASHLAR_INLINE v16int32 orderedBits(native<float, 16> v) {
  const v16int32 bits = (v16int32)v;
  unsigned negative;
  const v16int32 flipped = __aie2_vsub_32(splat<int32_t>(0x7FFFFFFF), bits); // -1 - (magnitude)
  negative = __aie2_vlt_s32(bits, splat<int32_t>(0));
  return __aie2_vsel_32(bits, flipped, negative);
}
ASHLAR_INLINE unsigned isNumber(native<float, 16> v) {
  const v16int32 magnitude =
      (v16int32)__aie2_vband((v64int8)v, (v64int8)splat<int32_t>(0x7FFFFFFF));
  return __aie2_vge_s32(splat<int32_t>(0x7F800000), magnitude);
}
template <class T> ASHLAR_INLINE auto lessRegisters(Register<T> a, Register<T> b) {
  if constexpr (std::is_same_v<T, int8_t>)
    return __aie2_vlt_s8(a, b);
  else if constexpr (std::is_same_v<T, uint8_t>)
    return __aie2_vlt_d8(a, b);
  else if constexpr (std::is_same_v<T, int16_t>)
    return __aie2_vlt_s16(a, b);
  else if constexpr (std::is_same_v<T, uint16_t>)
    return __aie2_vlt_d16(a, b);
  else if constexpr (std::is_same_v<T, int32_t>)
    return __aie2_vlt_s32(a, b);
  else if constexpr (std::is_same_v<T, uint32_t>)
    return __aie2_vlt_d32(a, b);
  else if constexpr (std::is_same_v<T, bfloat16>)
    return __aie2_vlt_bf16(a, b);
  else
    return __aie2_vlt_s32(orderedBits(a), orderedBits(b)) & isNumber(a) & isNumber(b);
}
template <class T> ASHLAR_INLINE auto atLeastRegisters(Register<T> a, Register<T> b) {
  if constexpr (std::is_same_v<T, int8_t>)
    return __aie2_vge_s8(a, b);
  else if constexpr (std::is_same_v<T, uint8_t>)
    return __aie2_vge_d8(a, b);
  else if constexpr (std::is_same_v<T, int16_t>)
    return __aie2_vge_s16(a, b);
  else if constexpr (std::is_same_v<T, uint16_t>)
    return __aie2_vge_d16(a, b);
  else if constexpr (std::is_same_v<T, int32_t>)
    return __aie2_vge_s32(a, b);
  else if constexpr (std::is_same_v<T, uint32_t>)
    return __aie2_vge_d32(a, b);
  else if constexpr (std::is_same_v<T, bfloat16>)
    return __aie2_vge_bf16(a, b);
  else
    return __aie2_vge_s32(orderedBits(a), orderedBits(b)) & isNumber(a) & isNumber(b);
}
template <class T> ASHLAR_INLINE auto equalRegisters(Register<T> a, Register<T> b) {
  if constexpr (isFloating<T>)
    return atLeastRegisters<T>(a, b) & atLeastRegisters<T>(b, a);
  else if constexpr (sizeof(T) == 1)
    return __aie2_veqz_8(__aie2_vsub_8((v64int8)a, (v64int8)b));
  else if constexpr (sizeof(T) == 2)
    return __aie2_veqz_16(__aie2_vsub_16((v32int16)a, (v32int16)b));
  else
    return __aie2_veqz_32(__aie2_vsub_32((v16int32)a, (v16int32)b));
}
/// b where the mask's bit is set, else a.
template <class T, class M>
ASHLAR_INLINE Register<T> selectRegisters(Register<T> a, Register<T> b, M m) {
  if constexpr (sizeof(T) == 1)
    return (Register<T>)__aie2_vsel_8((v64int8)a, (v64int8)b, m);
  else if constexpr (sizeof(T) == 2)
    return (Register<T>)__aie2_vsel_16((v32int16)a, (v32int16)b, static_cast<unsigned>(m));
  else
    return (Register<T>)__aie2_vsel_32((v16int32)a, (v16int32)b, static_cast<unsigned>(m));
}
template <class T> ASHLAR_INLINE Register<T> maxRegisters(Register<T> a, Register<T> b) {
  unsigned m;
  unsigned long long wide;
  if constexpr (std::is_same_v<T, int8_t>)
    return __aie2_vmax_lt_s8(a, b, &wide);
  else if constexpr (std::is_same_v<T, uint8_t>)
    return __aie2_vmax_lt_d8(a, b, &wide);
  else if constexpr (std::is_same_v<T, int16_t>)
    return __aie2_vmax_lt_s16(a, b, &m);
  else if constexpr (std::is_same_v<T, uint16_t>)
    return __aie2_vmax_lt_d16(a, b, &m);
  else if constexpr (std::is_same_v<T, int32_t>)
    return __aie2_vmax_lt_s32(a, b, &m);
  else if constexpr (std::is_same_v<T, uint32_t>)
    return __aie2_vmax_lt_d32(a, b, &m);
  else if constexpr (std::is_same_v<T, bfloat16>)
    return __aie2_vmax_lt_bf16(a, b, &m);
  else
    return selectRegisters<T>(a, b, lessRegisters<T>(a, b));
}
template <class T> ASHLAR_INLINE Register<T> minRegisters(Register<T> a, Register<T> b) {
  unsigned m;
  unsigned long long wide;
  if constexpr (std::is_same_v<T, int8_t>)
    return __aie2_vmin_ge_s8(a, b, &wide);
  else if constexpr (std::is_same_v<T, uint8_t>)
    return __aie2_vmin_ge_d8(a, b, &wide);
  else if constexpr (std::is_same_v<T, int16_t>)
    return __aie2_vmin_ge_s16(a, b, &m);
  else if constexpr (std::is_same_v<T, uint16_t>)
    return __aie2_vmin_ge_d16(a, b, &m);
  else if constexpr (std::is_same_v<T, int32_t>)
    return __aie2_vmin_ge_s32(a, b, &m);
  else if constexpr (std::is_same_v<T, uint32_t>)
    return __aie2_vmin_ge_d32(a, b, &m);
  else if constexpr (std::is_same_v<T, bfloat16>)
    return __aie2_vmin_ge_bf16(a, b, &m);
  else
    return selectRegisters<T>(a, b, atLeastRegisters<T>(a, b));
}
template <class T, unsigned N, class F>
ASHLAR_INLINE mask<N> maskOf(const vector<T, N> &a, const vector<T, N> &b, F f) {
  mask<N> m;
  constexpr unsigned lanes = vector<T, N>::part_lanes;
  repeat<vector<T, N>::parts>([&](auto p) ASHLAR_LAMBDA {
    m.template setBits<lanes>(p, f(toRegister<T>(a.part(p)), toRegister<T>(b.part(p))));
  });
  return m;
}
} // namespace detail

// A function of two vectors, or of a vector and a value for all lanes on either side.
#define ASHLAR_WITH_SCALARS(name, Result)                                                          \
  template <class T, unsigned N, class S>                                                          \
    requires detail::ScalarFor<S, T>                                                               \
  ASHLAR_INLINE Result name(const vector<T, N> &a, const S &b) {                                   \
    return name(a, broadcast<T, N>(b));                                                            \
  }                                                                                                \
  template <class T, unsigned N, class S>                                                          \
    requires detail::ScalarFor<S, T>                                                               \
  ASHLAR_INLINE Result name(const S &a, const vector<T, N> &b) {                                   \
    return name(broadcast<T, N>(a), b);                                                            \
  }

template <class T, unsigned N>
ASHLAR_INLINE mask<N> lt(const vector<T, N> &a, const vector<T, N> &b) {
  return detail::maskOf(a, b, [](auto x, auto y) ASHLAR_LAMBDA {
    return detail::lessRegisters<T>(x, y);
  });
}
template <class T, unsigned N>
ASHLAR_INLINE mask<N> ge(const vector<T, N> &a, const vector<T, N> &b) {
  return detail::maskOf(a, b, [](auto x, auto y) ASHLAR_LAMBDA {
    return detail::atLeastRegisters<T>(x, y);
  });
}
template <class T, unsigned N>
ASHLAR_INLINE mask<N> gt(const vector<T, N> &a, const vector<T, N> &b) {
  return lt(b, a);
}
template <class T, unsigned N>
ASHLAR_INLINE mask<N> le(const vector<T, N> &a, const vector<T, N> &b) {
  return ge(b, a);
}
template <class T, unsigned N>
ASHLAR_INLINE mask<N> eq(const vector<T, N> &a, const vector<T, N> &b) {
  return detail::maskOf(a, b, [](auto x, auto y) ASHLAR_LAMBDA {
    return detail::equalRegisters<T>(x, y);
  });
}
template <class T, unsigned N>
ASHLAR_INLINE mask<N> neq(const vector<T, N> &a, const vector<T, N> &b) {
  return ~eq(a, b);
}
ASHLAR_WITH_SCALARS(lt, mask<N>)
ASHLAR_WITH_SCALARS(ge, mask<N>)
ASHLAR_WITH_SCALARS(gt, mask<N>)
ASHLAR_WITH_SCALARS(le, mask<N>)
ASHLAR_WITH_SCALARS(eq, mask<N>)
ASHLAR_WITH_SCALARS(neq, mask<N>)

/// Are the vectors equal in all lanes?
template <class T, unsigned N>
ASHLAR_INLINE bool equal(const vector<T, N> &a, const vector<T, N> &b) {
  return neq(a, b).empty();
}

template <class T, unsigned N>
ASHLAR_INLINE vector<T, N> max(const vector<T, N> &a, const vector<T, N> &b) {
  return detail::mapRegisters<T>(
      [](auto x, auto y) ASHLAR_LAMBDA { return detail::maxRegisters<T>(x, y); }, a, b);
}
template <class T, unsigned N>
ASHLAR_INLINE vector<T, N> min(const vector<T, N> &a, const vector<T, N> &b) {
  return detail::mapRegisters<T>(
      [](auto x, auto y) ASHLAR_LAMBDA { return detail::minRegisters<T>(x, y); }, a, b);
}
ASHLAR_WITH_SCALARS(max, auto)
ASHLAR_WITH_SCALARS(min, auto)

/// Lane of b where the mask is set, else of a.
template <class T, unsigned N>
ASHLAR_INLINE vector<T, N> select(const vector<T, N> &a, const vector<T, N> &b, const mask<N> &m) {
  vector<T, N> out;
  constexpr unsigned lanes = vector<T, N>::part_lanes;
  detail::repeat<vector<T, N>::parts>([&](auto p) ASHLAR_LAMBDA {
    out.part(p) = detail::lanesOf<0, lanes>(
        detail::selectRegisters<T>(detail::toRegister<T>(a.part(p)),
                                   detail::toRegister<T>(b.part(p)), m.template bits<lanes>(p)));
  });
  return out;
}
template <class T, unsigned N, class S>
  requires detail::ScalarFor<S, T>
ASHLAR_INLINE auto select(const vector<T, N> &a, const S &b, const mask<N> &m) {
  return select(a, broadcast<T, N>(b), m);
}
template <class T, unsigned N, class S>
  requires detail::ScalarFor<S, T>
ASHLAR_INLINE auto select(const S &a, const vector<T, N> &b, const mask<N> &m) {
  return select(broadcast<T, N>(a), b, m);
}
template <class A, class B, unsigned N>
  requires(detail::Scalar<A> && detail::Scalar<B>)
ASHLAR_INLINE auto select(const A &a, const B &b, const mask<N> &m) {
  using T = detail::scalarOf<A>;
  return select(broadcast<T, N>(a), broadcast<T, N>(b), m);
}

/// max(a - b, 0) in each lane.
template <class T, unsigned N>
ASHLAR_INLINE vector<T, N> maxdiff(const vector<T, N> &a, const vector<T, N> &b) {
  static_assert(std::is_integral_v<T>, "maxdiff is for integers");
  return detail::mapRegisters<T>(
      [](auto x, auto y) ASHLAR_LAMBDA {
        unsigned m;
        unsigned long long wide;
        if constexpr (std::is_same_v<T, int8_t>)
          return __aie2_vmaxdiff_lt_s8(x, y, &wide);
        else if constexpr (std::is_same_v<T, uint8_t>)
          return __aie2_vmaxdiff_lt_d8(x, y, &wide);
        else if constexpr (std::is_same_v<T, int16_t>)
          return __aie2_vmaxdiff_lt_s16(x, y, &m);
        else if constexpr (std::is_same_v<T, uint16_t>)
          return __aie2_vmaxdiff_lt_d16(x, y, &m);
        else if constexpr (std::is_same_v<T, int32_t>)
          return __aie2_vmaxdiff_lt_s32(x, y, &m);
        else
          return __aie2_vmaxdiff_lt_d32(x, y, &m);
      },
      a, b);
}

template <class A, class B>
  requires(is_vector_v<A> || is_vector_v<B>)
ASHLAR_INLINE bool not_equal(const A &a, const B &b) {
  return !neq(a, b).empty();
}
/// The larger (smaller) lanes, and in which of them b's is the larger (smaller) one.
template <class T, unsigned N>
ASHLAR_INLINE std::tuple<vector<T, N>, mask<N>> max_cmp(const vector<T, N> &a,
                                                        const vector<T, N> &b) {
  return {max(a, b), lt(a, b)};
}
template <class T, unsigned N>
ASHLAR_INLINE std::tuple<vector<T, N>, mask<N>> min_cmp(const vector<T, N> &a,
                                                        const vector<T, N> &b) {
  return {min(a, b), lt(b, a)};
}
/// max(min(v, high), low); the bounds are numbers or vectors.
template <class T, unsigned N, class L, class H>
ASHLAR_INLINE vector<T, N> clamp(const vector<T, N> &v, const L &low, const H &high) {
  return max(min(v, high), low);
}

} // namespace aie
