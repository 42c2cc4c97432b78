// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Lanes moved: shifts of whole vectors, interleaving and its reverse, transposition. Where the API
// leaves lanes undefined (shuffle_down, shuffle_up) they are zero here, so that every implementation
// gives the same.
#pragma once

#include "aie_api/create.hpp"
#include "aie_api/detail/shuffle_modes.h"

#include <utility>

namespace aie {
namespace detail {
/// Lanes n, n + 1, ... of `low` followed by `high`; n from 0 to N.
template <class T, unsigned N>
ASHLAR_INLINE vector<T, N> window(const vector<T, N> &low, const vector<T, N> &high, unsigned n) {
  vector<T, N> out;
  constexpr unsigned parts = vector<T, N>::parts, lanes = vector<T, N>::part_lanes;
  if constexpr (parts == 1 && lanes < kLanes<T>) {
    const auto both = widen<kLanes<T>>(concatNative(low.part(0), high.part(0)));
    out.part(0) = lanesOf<0, lanes>((Register<T>)__aie2_vshift(
        (v64int8)both, (v64int8)both, static_cast<int>(n * sizeof(T))));
  } else if constexpr (parts == 1) {
    out.part(0) = (Register<T>)__aie2_vshift((v64int8)low.part(0), (v64int8)high.part(0),
                                             static_cast<int>(n * sizeof(T)));
  } else {
    const unsigned whole = n / lanes;
    const int bytes = static_cast<int>(n % lanes * sizeof(T));
    repeat<parts>([&](auto p) ASHLAR_LAMBDA {
      Register<T> a = high.part(parts - 1), b = a;
      repeat<parts + 1>([&](auto skip) ASHLAR_LAMBDA {
        if (whole == skip) {
          constexpr unsigned i = p + skip, j = i + 1;
          a = i < parts ? low.part(i) : high.part(i < 2 * parts ? i - parts : parts - 1);
          b = j < parts ? low.part(j) : high.part(j < 2 * parts ? j - parts : parts - 1);
        }
      });
      out.part(p) = (Register<T>)__aie2_vshift((v64int8)a, (v64int8)b, bytes);
    });
  }
  return out;
}

/// The mode that interleaves (or takes apart) blocks of `bits` bits over two registers.
template <unsigned bits, bool zip, bool high> constexpr int pairMode() {
  constexpr int low = bits == 8     ? (zip ? T8_2x64_lo : T8_64x2_lo)
                      : bits == 16  ? (zip ? T16_2x32_lo : T16_32x2_lo)
                      : bits == 32  ? (zip ? T32_2x16_lo : T32_16x2_lo)
                      : bits == 64  ? (zip ? T64_2x8_lo : T64_8x2_lo)
                      : bits == 128 ? (zip ? T128_2x4_lo : T128_4x2_lo)
                      : bits == 256 ? T256_2x2_lo
                                    : T512_1x2_lo;
  return low + (high ? 1 : 0);
}
template <unsigned bits, bool zip, bool high>
ASHLAR_INLINE v64int8 pairShuffle(v64int8 a, v64int8 b) {
  return __aie2_vshuffle(a, b, pairMode<bits, zip, high>());
}
/// Blocks of `step` lanes of a and b in turn: the low and the high half of that.
template <unsigned step, class T, unsigned N>
ASHLAR_INLINE std::pair<vector<T, N>, vector<T, N>> zip(const vector<T, N> &a,
                                                        const vector<T, N> &b) {
  constexpr unsigned bits = step * sizeof(T) * 8, lanes = vector<T, N>::part_lanes,
                     parts = vector<T, N>::parts;
  static_assert(step > 0 && (step & (step - 1)) == 0 && step <= N,
                "interleaving takes blocks of a power of two of lanes, at most the vector's");
  std::pair<vector<T, N>, vector<T, N>> out;
  if constexpr (step == N) {
    out = {a, b};
  } else if constexpr (step >= lanes) { // whole registers
    constexpr unsigned run = step / lanes;
    repeat<2 * parts>([&](auto k) ASHLAR_LAMBDA {
      constexpr unsigned pair = k / (2 * run), at = pair * run + k % run;
      const auto part = k / run % 2 == 0 ? a.part(at) : b.part(at);
      (k < parts ? out.first : out.second).part(k % parts) = part;
    });
  } else if constexpr (lanes < kLanes<T>) { // both results lie in the low half of the network's
    const auto r = (Register<T>)pairShuffle<bits, true, false>(
        (v64int8)widen<kLanes<T>>(a.part(0)), (v64int8)widen<kLanes<T>>(b.part(0)));
    out.first.part(0) = lanesOf<0, lanes>(r);
    out.second.part(0) = lanesOf<lanes, lanes>(r);
  } else {
    repeat<parts>([&](auto p) ASHLAR_LAMBDA {
      const auto x = (v64int8)a.part(p), y = (v64int8)b.part(p);
      constexpr unsigned k = 2 * p;
      (k < parts ? out.first : out.second).part(k % parts) =
          (Register<T>)pairShuffle<bits, true, false>(x, y);
      (k + 1 < parts ? out.first : out.second).part((k + 1) % parts) =
          (Register<T>)pairShuffle<bits, true, true>(x, y);
    });
  }
  return out;
}
/// Even and odd blocks of a followed by b.
template <unsigned step, class T, unsigned N>
ASHLAR_INLINE std::pair<vector<T, N>, vector<T, N>> unzip(const vector<T, N> &a,
                                                          const vector<T, N> &b) {
  constexpr unsigned bits = step * sizeof(T) * 8, lanes = vector<T, N>::part_lanes,
                     parts = vector<T, N>::parts;
  static_assert(step > 0 && (step & (step - 1)) == 0 && step <= N,
                "interleaving takes blocks of a power of two of lanes, at most the vector's");
  std::pair<vector<T, N>, vector<T, N>> out;
  if constexpr (step == N) {
    out = {a, b};
  } else if constexpr (step >= lanes) {
    constexpr unsigned run = step / lanes;
    repeat<2 * parts>([&](auto k) ASHLAR_LAMBDA {
      constexpr unsigned to = k / (2 * run) * run + k % run;
      const auto part = k < parts ? a.part(k % parts) : b.part(k % parts);
      (k / run % 2 == 0 ? out.first : out.second).part(to) = part;
    });
  } else if constexpr (lanes < kLanes<T>) {
    const auto both = (v64int8)widen<kLanes<T>>(concatNative(a.part(0), b.part(0)));
    out.first.part(0) = lanesOf<0, lanes>((Register<T>)pairShuffle<bits, false, false>(both, both));
    out.second.part(0) = lanesOf<0, lanes>((Register<T>)pairShuffle<bits, false, true>(both, both));
  } else {
    repeat<parts>([&](auto p) ASHLAR_LAMBDA {
      constexpr unsigned i = 2 * p, j = i + 1;
      const auto x = (v64int8)(i < parts ? a.part(i % parts) : b.part(i % parts));
      const auto y = (v64int8)(j < parts ? a.part(j % parts) : b.part(j % parts));
      out.first.part(p) = (Register<T>)pairShuffle<bits, false, false>(x, y);
      out.second.part(p) = (Register<T>)pairShuffle<bits, false, true>(x, y);
    });
  }
  return out;
}
/// Calls f with the step as a constant.
template <unsigned N, class F> ASHLAR_INLINE auto withStep(unsigned step, F f) {
  decltype(f(std::integral_constant<unsigned, 1>())) out;
  repeat<10>([&](auto log) ASHLAR_LAMBDA {
    constexpr unsigned s = 1u << log;
    if constexpr (s <= N)
      if (step == s) out = f(std::integral_constant<unsigned, s>());
  });
  return out;
}
} // namespace detail

/// Lane i of the result is lane i + n, and above the end lane i + n - N of `fill`.
template <class T, unsigned N>
ASHLAR_INLINE vector<T, N> shuffle_down_fill(const vector<T, N> &v, const vector<T, N> &fill,
                                             unsigned n) {
  return detail::window(v, fill, n);
}
template <class T, unsigned N>
ASHLAR_INLINE vector<T, N> shuffle_down(const vector<T, N> &v, unsigned n) {
  return detail::window(v, zeros<T, N>(), n);
}
template <class T, unsigned N>
ASHLAR_INLINE vector<T, N> shuffle_down_rotate(const vector<T, N> &v, unsigned n) {
  return detail::window(v, v, n);
}
template <class T, unsigned N>
ASHLAR_INLINE vector<T, N> shuffle_down_replicate(const vector<T, N> &v, unsigned n) {
  return detail::window(v, broadcast<T, N>(v.get(N - 1)), n);
}
/// Lane i of the result is lane i - n, and below the start the last lanes of `fill`.
template <class T, unsigned N>
ASHLAR_INLINE vector<T, N> shuffle_up_fill(const vector<T, N> &v, const vector<T, N> &fill,
                                           unsigned n) {
  return detail::window(fill, v, N - n);
}
template <class T, unsigned N>
ASHLAR_INLINE vector<T, N> shuffle_up(const vector<T, N> &v, unsigned n) {
  return detail::window(zeros<T, N>(), v, N - n);
}
template <class T, unsigned N>
ASHLAR_INLINE vector<T, N> shuffle_up_rotate(const vector<T, N> &v, unsigned n) {
  return detail::window(v, v, N - n);
}
template <class T, unsigned N>
ASHLAR_INLINE vector<T, N> shuffle_up_replicate(const vector<T, N> &v, unsigned n) {
  return detail::window(broadcast<T, N>(v.get(0)), v, N - n);
}

/// Blocks of `step` lanes of a and b in turn.
template <class T, unsigned N>
ASHLAR_INLINE std::pair<vector<T, N>, vector<T, N>>
interleave_zip(const vector<T, N> &a, const vector<T, N> &b, unsigned step = 1) {
  return detail::withStep<N>(step, [&](auto s) ASHLAR_LAMBDA { return detail::zip<s>(a, b); });
}
/// Even blocks of a followed by b, and odd ones.
template <class T, unsigned N>
ASHLAR_INLINE std::pair<vector<T, N>, vector<T, N>>
interleave_unzip(const vector<T, N> &a, const vector<T, N> &b, unsigned step = 1) {
  return detail::withStep<N>(step, [&](auto s) ASHLAR_LAMBDA { return detail::unzip<s>(a, b); });
}
/// The two blocks... of `step` lanes of a and b exchanged: even blocks of both, odd blocks of both.
template <class T, unsigned N>
ASHLAR_INLINE std::pair<vector<T, N>, vector<T, N>>
interleave_butterfly(const vector<T, N> &a, const vector<T, N> &b, unsigned step = 1) {
  const auto parts = interleave_unzip(a, b, step);
  constexpr unsigned half = N / 2;
  const auto first = interleave_zip(parts.first.template extract<half>(0),
                                    parts.first.template extract<half>(1), step);
  const auto second = interleave_zip(parts.second.template extract<half>(0),
                                     parts.second.template extract<half>(1), step);
  return {concat(first.first, first.second), concat(second.first, second.second)};
}

/// Blocks 0, 2, 4, ... of `step` lanes each.
template <class T, unsigned N>
ASHLAR_INLINE vector<T, N / 2> filter_even(const vector<T, N> &v, unsigned step = 1) {
  if constexpr (N * sizeof(T) <= 16) {
    static_assert(N * sizeof(T) > 16, "filter_even halves a vector of 256 bits or more");
  } else {
    constexpr unsigned half = N / 2;
    return interleave_unzip(v.template extract<half>(0), v.template extract<half>(1), step).first;
  }
}
template <class T, unsigned N>
ASHLAR_INLINE vector<T, N / 2> filter_odd(const vector<T, N> &v, unsigned step = 1) {
  if constexpr (N * sizeof(T) <= 16) {
    static_assert(N * sizeof(T) > 16, "filter_odd halves a vector of 256 bits or more");
  } else {
    constexpr unsigned half = N / 2;
    return interleave_unzip(v.template extract<half>(0), v.template extract<half>(1), step).second;
  }
}

/// The lanes as a row-major matrix of `rows` x `columns`, transposed. Interleaving the halves turns
/// the bits of a lane's number by one; turned by all bits of the row it is the transposed number.
template <class T, unsigned N>
ASHLAR_INLINE vector<T, N> transpose(const vector<T, N> &v, unsigned rows, unsigned columns) {
  (void)columns;
  vector<T, N> out = v;
  if constexpr (N * sizeof(T) <= 16) {
    for (unsigned i = 0; i < N; ++i) out.set(v.get(i % rows * columns + i / rows), i);
  } else {
    constexpr unsigned half = N / 2;
    detail::repeat<10>([&](auto log) ASHLAR_LAMBDA {
      if (rows >> 1 >> log != 0) {
        const auto pair =
            detail::zip<1>(out.template extract<half>(0), out.template extract<half>(1));
        out = concat(pair.first, pair.second);
      }
    });
  }
  return out;
}
/// Lane N - 1 first: transposed as two rows of halves, each of them reversed, down to single lanes.
template <class T, unsigned N> ASHLAR_INLINE vector<T, N> reverse(const vector<T, N> &v) {
  vector<T, N> out = v;
  if constexpr (N * sizeof(T) <= 16) {
    for (unsigned i = 0; i < N; ++i) out.set(v.get(N - 1 - i), i);
  } else { // neighbours exchanged in blocks of 1, 2, 4, ... lanes: every bit of the number flips
    constexpr unsigned half = N / 2;
    detail::repeat<10>([&](auto log) ASHLAR_LAMBDA {
      constexpr unsigned step = 1u << log;
      if constexpr (step < N) {
        const auto pair = detail::unzip<step>(out.template extract<half>(0),
                                              out.template extract<half>(1));
        const auto back = detail::zip<step>(pair.second, pair.first);
        out = concat(back.first, back.second);
      }
    });
  }
  return out;
}

} // namespace aie
