// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Lanes of a vector in any order that is known at compile time: one shuffle for each register of
// the result and each two registers that it comes from.
#pragma once

#include "aie_api/vector.hpp"

namespace aie::detail {

/// A lane of zero, and one that nobody reads.
inline constexpr int kZeroLane = -1, kAnyLane = -2;

/// One register: lanes at(0), at(1) ... of v.
template <class At, class T, unsigned N>
ASHLAR_INLINE Register<T> gatherRegister(const vector<T, N> &v) {
  constexpr unsigned parts = vector<T, N>::parts, lanes = vector<T, N>::part_lanes, L = kLanes<T>;
  Register<T> out = zeroNative<Register<T>>();
  // Which lanes come from parts p and p + 1; the others keep what they have.
  repeat<(parts + 1) / 2>([&](auto pair) ASHLAR_LAMBDA {
    constexpr unsigned p = pair * 2;
    constexpr auto in = [](unsigned i, unsigned part) {
      const int at = At::at(i);
      return at >= 0 && static_cast<unsigned>(at) / lanes == part;
    };
    constexpr auto counts = [in] {
      struct {
        unsigned low = 0, high = 0, zero = 0, others = 0;
      } c;
      for (unsigned i = 0; i < L; ++i) {
        if (in(i, p))
          ++c.low;
        else if (in(i, p + 1))
          ++c.high;
        else if (At::at(i) == kZeroLane)
          ++c.zero;
        else if (At::at(i) >= 0)
          ++c.others;
      }
      return c;
    }();
    if constexpr (counts.low + counts.high > 0) {
      const Register<T> a = toRegister<T>(v.part(p));
      Register<T> b = zeroNative<Register<T>>();
      if constexpr (counts.high > 0) b = toRegister<T>(v.part(p + 1));
      // Two registers enter a shuffle: zeros stand in for the second where it is not needed.
      constexpr bool zeros = counts.high == 0 && counts.zero > 0;
      const Register<T> now = [&]<size_t... i>(std::index_sequence<i...>) ASHLAR_LAMBDA {
        return __builtin_shufflevector(
            a, b,
            (in(i, p)       ? At::at(i) % static_cast<int>(lanes)
             : in(i, p + 1) ? static_cast<int>(L) + At::at(i) % static_cast<int>(lanes)
             : zeros && At::at(i) == kZeroLane ? static_cast<int>(L)
                                               : -1)...);
      }(std::make_index_sequence<L>());
      if constexpr (counts.others == 0 && (zeros || counts.zero == 0))
        out = now;
      else
        out = [&]<size_t... i>(std::index_sequence<i...>) ASHLAR_LAMBDA {
          return __builtin_shufflevector(
              out, now,
              (in(i, p) || in(i, p + 1) ? static_cast<int>(L + i) : static_cast<int>(i))...);
        }(std::make_index_sequence<L>());
    }
  });
  return out;
}
/// Lanes [first, first + count) of At.
template <class At, unsigned first, unsigned count> struct PartOf {
  static constexpr int at(unsigned i) { return i < count ? At::at(first + i) : kAnyLane; }
};
/// At for lanes that are `words` lanes of the vector's type each.
template <class At, unsigned words> struct WordsOf {
  static constexpr int at(unsigned i) {
    const int lane = At::at(i / words);
    return lane < 0 ? lane : lane * static_cast<int>(words) + static_cast<int>(i % words);
  }
};
/// L lanes: lane i is lane At::at(i) of v, zero, or anything.
template <class At, unsigned L, class T, unsigned N>
ASHLAR_INLINE vector<T, L> gatherLanes(const vector<T, N> &v) {
  vector<T, L> out;
  constexpr unsigned lanes = vector<T, L>::part_lanes;
  repeat<vector<T, L>::parts>([&](auto p) ASHLAR_LAMBDA {
    out.part(p) = lanesOf<0, lanes>(gatherRegister<PartOf<At, p * lanes, lanes>>(v));
  });
  return out;
}

/// The tile of rows x columns whose first lane is (row, column) of a matrix with `height` rows of
/// `width` lanes. What lies outside is zero, or anything.
template <unsigned rows, unsigned columns, unsigned row, unsigned column, unsigned height,
          unsigned width, bool zero>
struct TileOf {
  static constexpr int at(unsigned i) {
    const unsigned y = row + i / columns, x = column + i % columns;
    if (i >= rows * columns) return kAnyLane;
    return y < height && x < width ? static_cast<int>(y * width + x) : zero ? kZeroLane : kAnyLane;
  }
};
/// The other way: a matrix of `width` columns from tiles that follow one another, row by row.
template <unsigned rows, unsigned columns, unsigned width> struct FromTiles {
  static constexpr int at(unsigned i) {
    constexpr unsigned across = (width + columns - 1) / columns;
    const unsigned y = i / width, x = i % width, tile = y / rows * across + x / columns;
    return static_cast<int>(tile * rows * columns + y % rows * columns + x % columns);
  }
};

} // namespace aie::detail
