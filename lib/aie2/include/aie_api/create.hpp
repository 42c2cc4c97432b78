// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Vectors and accumulators from nothing: one value in all lanes, zeros, and pieces joined.
#pragma once

#include "aie_api/accum.hpp"

namespace aie {
namespace detail {
/// 512 bits, of accumulators too.
template <class T> struct DefaultLanes {
  static constexpr unsigned value = isAccTag<T> ? (std::is_same_v<T, acc64> ? 8 : 16) : 64 / sizeof(T);
};
template <class V> struct Zero;
template <class T, unsigned N> struct Zero<vector<T, N>> {
  ASHLAR_INLINE static vector<T, N> make() { return vector<T, N>(); }
};
template <class Tag, unsigned N> struct Zero<accum<Tag, N>> {
  ASHLAR_INLINE static accum<Tag, N> make() { return accum<Tag, N>(); }
};
template <class T, unsigned N> struct ZeroOf : Zero<vector<T, N>> {
  using type = vector<T, N>;
};
#define ASHLAR_ZERO_ACC(tag)                                                                       \
  template <unsigned N> struct ZeroOf<tag, N> : Zero<accum<tag, N>> {                              \
    using type = accum<tag, N>;                                                                    \
  };
ASHLAR_ZERO_ACC(acc32)
ASHLAR_ZERO_ACC(acc64)
ASHLAR_ZERO_ACC(accfloat)
#undef ASHLAR_ZERO_ACC

/// A number of any type as a lane. float becomes bf16 as on a host: to nearest even.
template <class T, class U> ASHLAR_INLINE T toLane(U value) {
  return static_cast<T>(static_cast<scalarOf<U>>(value));
}
} // namespace detail

template <class T, unsigned N = detail::DefaultLanes<T>::value, class U>
  requires(std::is_convertible_v<U, T> && !detail::LaneRef<U, T>)
ASHLAR_INLINE vector<T, N> broadcast(const U &value) {
  vector<T, N> v;
  const T lane = detail::toLane<T>(value);
  detail::repeat<vector<T, N>::parts>([&](auto p) ASHLAR_LAMBDA {
    v.part(p) = detail::lanesOf<0, vector<T, N>::part_lanes>(detail::splat<T>(lane));
  });
  return v;
}
namespace detail {
/// A lane of a vector in all lanes of a register, without a way through scalar registers.
template <class T, unsigned N> ASHLAR_INLINE Register<T> spread(const vector<T, N> &v, unsigned i) {
  constexpr unsigned lanes = vector<T, N>::part_lanes;
  Register<T> from = toRegister<T>(v.part(0));
  repeat<vector<T, N>::parts>([&](auto p) ASHLAR_LAMBDA {
    if (p > 0 && i / lanes == p) from = toRegister<T>(v.part(p));
  });
  const int at = static_cast<int>(i % lanes);
  if constexpr (sizeof(T) == 1)
    return (Register<T>)__aie2_vextbcst_8((v64int8)from, at);
  else if constexpr (sizeof(T) == 2)
    return (Register<T>)__aie2_vextbcst_16((v32int16)from, at);
  else
    return (Register<T>)__aie2_vextbcst_32((v16int32)from, at);
}
template <unsigned N, class T, unsigned M>
ASHLAR_INLINE vector<T, N> spreadTo(const vector<T, M> &v, unsigned i) {
  const Register<T> r = spread(v, i);
  vector<T, N> out;
  repeat<vector<T, N>::parts>([&](auto p) ASHLAR_LAMBDA {
    out.part(p) = lanesOf<0, vector<T, N>::part_lanes>(r);
  });
  return out;
}
} // namespace detail
template <class T, unsigned N, unsigned M>
ASHLAR_INLINE vector<T, N> broadcast(const vector_elem_ref<T, M> &x) {
  return detail::spreadTo<N>(x.parent, x.offset);
}
template <class T, unsigned N, unsigned M>
ASHLAR_INLINE vector<T, N> broadcast(const vector_elem_const_ref<T, M> &x) {
  return detail::spreadTo<N>(x.parent, x.offset);
}

/// zeros<T, N>() is a vector, zeros<acc32, N>() an accumulator.
template <class T, unsigned N = detail::DefaultLanes<T>::value> ASHLAR_INLINE auto zeros() {
  return detail::ZeroOf<T, N>::make();
}
template <class T, unsigned N = detail::DefaultLanes<T>::value> ASHLAR_INLINE auto ones() {
  return broadcast<T, N>(T(1));
}
template <class T, unsigned N> ASHLAR_INLINE vector<T, N> iota(T start = T(0), T step = T(1)) {
  vector<T, N> v;
  T x = start;
#pragma clang loop unroll(disable)
  for (unsigned i = 0; i < N; ++i, x = static_cast<T>(x + step)) v.set(x, i);
  return v;
}

template <class T, unsigned N, class... More>
ASHLAR_INLINE auto concat(const vector<T, N> &first, const More &...more) {
  constexpr unsigned n = 1 + sizeof...(More);
  static_assert((std::is_same_v<More, vector<T, N>> && ...), "concat joins vectors of one type");
  static_assert((n & (n - 1)) == 0, "concat joins 2, 4 or 8 vectors");
  vector<T, N * n> out;
  unsigned k = 0;
  out.template insert<N>(k++, first);
  (out.template insert<N>(k++, more), ...);
  return out;
}
template <class Tag, unsigned N, class... More>
ASHLAR_INLINE auto concat(const accum<Tag, N> &first, const More &...more) {
  constexpr unsigned n = 1 + sizeof...(More);
  static_assert((std::is_same_v<More, accum<Tag, N>> && ...), "concat joins accumulators of one type");
  static_assert((n & (n - 1)) == 0, "concat joins 2, 4 or 8 accumulators");
  accum<Tag, N * n> out;
  unsigned k = 0;
  out.template insert<N>(k++, first);
  (out.template insert<N>(k++, more), ...);
  return out;
}

template <class U, class T, unsigned N> ASHLAR_INLINE auto vector_cast(const vector<T, N> &v) {
  if constexpr (detail::isAccTag<U>)
    return detail::accFromBits<accum<U, vector<T, N>::bits() / detail::AccWord<U>::bits>>(v);
  else
    return v.template cast_to<U>();
}
template <class U, class Tag, unsigned N> ASHLAR_INLINE auto vector_cast(const accum<Tag, N> &a) {
  return a.template cast_to<U>();
}
/// With the vector's type given, too.
template <class U, class V>
  requires is_vector<V>::value
ASHLAR_INLINE auto vector_cast(const V &v) {
  if constexpr (detail::isAccTag<U>)
    return detail::accFromBits<accum<U, V::bits() / detail::AccWord<U>::bits>>(v);
  else
    return v.template cast_to<U>();
}
template <class T, class Tag, unsigned N>
ASHLAR_INLINE vector<T, N> to_vector(const accum<Tag, N> &a, int shift = 0) {
  return a.template to_vector<T>(shift);
}

} // namespace aie
