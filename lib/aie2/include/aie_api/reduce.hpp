// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// All lanes to one, by halves: lane i meets lane i + N/2, and so on down. bf16 is added up in fp32
// and rounded once.
#pragma once

#include "aie_api/arithmetic.hpp"
#include "aie_api/shuffle.hpp"

namespace aie {
namespace detail {
/// f over the registers of v until one is left, then over its halves.
template <class T, unsigned N, class F> ASHLAR_INLINE T reduceLanes(const vector<T, N> &v, F f) {
  constexpr unsigned parts = vector<T, N>::parts, lanes = vector<T, N>::part_lanes;
  Register<T> all[parts];
  repeat<parts>([&](auto p) ASHLAR_LAMBDA { all[p] = toRegister<T>(v.part(p)); });
  repeat<5>([&](auto log) ASHLAR_LAMBDA {
    constexpr unsigned half = parts >> 1 >> log;
    if constexpr (half > 0)
      repeat<half>([&](auto p) ASHLAR_LAMBDA { all[p] = f(all[p], all[p + half]); });
  });
  Register<T> r = all[0];
  repeat<7>([&](auto log) ASHLAR_LAMBDA {
    constexpr unsigned half = lanes >> 1 >> log;
    if constexpr (half > 0)
      r = f(r, (Register<T>)__aie2_vshift((v64int8)r, (v64int8)r,
                                          static_cast<int>(half * sizeof(T))));
  });
  return laneOf<T>(r, 0);
}
ASHLAR_INLINE v16accfloat shiftFloats(v16accfloat a, int lanes) {
  return (v16accfloat)__aie2_vshift((v64int8)a, (v64int8)a, lanes * 4);
}
template <unsigned N> ASHLAR_INLINE v16accfloat sumFloats(const accum<accfloat, N> &a) {
  constexpr unsigned parts = accum<accfloat, N>::parts, lanes = accum<accfloat, N>::part_lanes;
  v16accfloat all[parts];
  repeat<parts>([&](auto p) ASHLAR_LAMBDA { all[p] = widen<8>(a.part(p)); });
  repeat<5>([&](auto log) ASHLAR_LAMBDA {
    constexpr unsigned half = parts >> 1 >> log;
    if constexpr (half > 0)
      repeat<half>([&](auto p) ASHLAR_LAMBDA { all[p] = addFloats(all[p], all[p + half]); });
  });
  v16accfloat r = all[0];
  repeat<4>([&](auto log) ASHLAR_LAMBDA {
    constexpr unsigned half = lanes >> 1 >> log;
    if constexpr (half > 0) r = addFloats(r, shiftFloats(r, half));
  });
  return r;
}
} // namespace detail

template <class T, unsigned N> ASHLAR_INLINE T reduce_add(const vector<T, N> &v) {
  if constexpr (std::is_same_v<T, float>) {
    return detail::laneOf<float>((v16float)detail::sumFloats(accum<accfloat, N>(v)), 0);
  } else if constexpr (std::is_same_v<T, bfloat16>) {
    return detail::laneOf<bfloat16>(
        __aie2_vconv_bf16_fp32(detail::sumFloats(accum<accfloat, N>(v))), 0);
  } else {
    return detail::reduceLanes(v, [](auto a, auto b) ASHLAR_LAMBDA {
      return detail::addIntegers<T>(a, b);
    });
  }
}
template <class T, unsigned N> ASHLAR_INLINE T reduce_max(const vector<T, N> &v) {
  return detail::reduceLanes(v, [](auto a, auto b) ASHLAR_LAMBDA {
    return detail::maxRegisters<T>(a, b);
  });
}
template <class T, unsigned N> ASHLAR_INLINE T reduce_min(const vector<T, N> &v) {
  return detail::reduceLanes(v, [](auto a, auto b) ASHLAR_LAMBDA {
    return detail::minRegisters<T>(a, b);
  });
}
/// The sums of several vectors, in the first lanes of a vector.
template <class T, unsigned N, class... More>
ASHLAR_INLINE vector<T, N> reduce_add_v(const vector<T, N> &first, const More &...more) {
  vector<T, N> out = zeros<T, N>();
  unsigned i = 0;
  out.set(reduce_add(first), i++);
  (out.set(reduce_add(more), i++), ...);
  return out;
}

} // namespace aie
