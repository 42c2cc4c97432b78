// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Which tile of a matrix product the unit multiplies for which element types, and one such product.
// 32-bit factors on the right are multiplied by halves of 16 bits, exactly; floats as three bf16
// parts each, the six largest of the nine products, small ones first.
#pragma once

#include "aie_api/detail/gather.h"
#include "aie_api/detail/multiply.h"
#include "aie_api/pack.hpp"

namespace aie::detail {

/// The tile for element types: rows, inner, columns and the configuration word.
struct Tile {
  unsigned rows, inner, columns;
  int config; ///< -1: there is none
};
inline constexpr Tile kNoTile{1, 1, 1, -1};

/// The types that the unit gets: 4-bit ones become 8, 8-bit left ones 16 bits where that is needed.
template <class A, class B, class Tag>
using LeftFactor =
    std::conditional_t<sizeof(A) == 1 && (sizeof(B) > 1 || std::is_same_v<Tag, acc64>),
                       std::conditional_t<isSigned<A>, int16_t, uint16_t>, A>;

template <class A, class B, class Tag> constexpr Tile tileOf(unsigned rows, unsigned columns) {
  constexpr bool wide = std::is_same_v<Tag, acc64>;
  constexpr unsigned a = sizeof(LeftFactor<A, B, Tag>), b = sizeof(B);
  if (isFloating<A> || isFloating<B>)
    return std::is_same_v<A, B> ? Tile{4, 8, 4, kMatmulFloat} : kNoTile;
  constexpr int signs = kSigns<A, B>;
  if (a == 1 && b == 1) return {4, 8, 8, 1 << 3 | signs};
  if (a == 2 && b == 1 && !wide) return {4, 4, 8, 2 << 3 | signs};
  if (a == 2 && b == 1)
    return columns % 8 == 0 && rows % 2 == 0 ? Tile{2, 8, 8, 1 << 1 | 2 << 3 | signs}
                                             : Tile{4, 8, 4, 1 << 1 | 2 << 3 | 1 << 5 | signs};
  if (a == 2 && b == 2 && !wide) return {4, 2, 8, 3 << 3 | signs};
  if (a == 2) // also for 32-bit factors on the right
    return columns % 8 == 0 && rows % 2 == 0 ? Tile{2, 4, 8, 1 << 1 | 3 << 3 | signs}
                                             : Tile{4, 4, 4, 1 << 1 | 3 << 3 | 1 << 5 | signs};
  return {4, 2, 4, 1 << 1 | signs};
}
/// The accumulator of a product with K inner lanes: acc32 where the unit sums so.
template <unsigned K, unsigned N, class A, class B, class Tag>
using MmulTag = std::conditional_t<
    isFloating<A> || isFloating<B>, accfloat,
    std::conditional_t<!std::is_same_v<Tag, acc64> && sizeof(A) <= 2 && sizeof(B) <= sizeof(A) &&
                           (sizeof(A) == 1 || (sizeof(B) == 1 && N % 8 == 0 && K <= 4) ||
                            (sizeof(B) == 1 && N == 4 && K <= 4) || (N % 8 == 0 && K <= 2)),
                       acc32, acc64>>;

/// A tile as the unit takes it. `L` lanes of T.
template <class T, unsigned L> struct LeftTile {
  v64int8 x;
  ASHLAR_INLINE LeftTile() = default;
  ASHLAR_INLINE explicit LeftTile(const vector<T, L> &v) : x((v64int8)toRegister<T>(v.part(0))) {}
};
struct FloatTile {
  v32bfloat16 high, middle, low;
  FloatTile() = default;
  ASHLAR_INLINE explicit FloatTile(const vector<float, 32> &v) {
    const FloatParts a = splitFloat(v.part(0)), b = splitFloat(v.part(1));
    high = concatNative(a.high, b.high);
    middle = concatNative(a.middle, b.middle);
    low = concatNative(a.low, b.low);
  }
};
template <> struct LeftTile<float, 32> : FloatTile {
  using FloatTile::FloatTile;
};
template <class T, unsigned L> struct RightTile : LeftTile<T, L> {
  using LeftTile<T, L>::LeftTile;
};
/// 32-bit lanes: the high halves, signed as T is, and the low ones.
template <unsigned half> struct Halves {
  static constexpr int at(unsigned i) { return static_cast<int>(2 * i + half); }
};
template <class T, unsigned L>
  requires(std::is_integral_v<T> && sizeof(T) == 4)
struct RightTile<T, L> {
  v64int8 high, low;
  RightTile() = default;
  ASHLAR_INLINE explicit RightTile(const vector<T, L> &v) {
    const auto all = v.template cast_to<int16_t>();
    high = (v64int8)toRegister<int16_t>(gatherLanes<Halves<1>, L>(all).part(0));
    low = (v64int8)toRegister<int16_t>(gatherLanes<Halves<0>, L>(all).part(0));
  }
};

/// acc op x * y for one tile.
template <Op op, int config, class Acc, class T, unsigned L, class U, unsigned M>
ASHLAR_INLINE Acc tileProduct(Acc acc, const LeftTile<T, L> &x, const RightTile<U, M> &y) {
  constexpr Op first = negates(op) ? Op::NegMul : Op::Mul;
  constexpr Op next = negates(op) ? Op::Msc : Op::Mac;
  if constexpr (std::is_same_v<T, bfloat16>) {
    return multiplyFloat<op>(acc, (v32bfloat16)x.x, (v32bfloat16)y.x, config);
  } else if constexpr (std::is_same_v<T, float>) {
    v16accfloat sum = multiplyFloat<first>(acc, x.low, y.high, config);
    sum = multiplyFloat<next>(sum, x.high, y.low, config);
    sum = multiplyFloat<next>(sum, x.middle, y.middle, config);
    sum = multiplyFloat<next>(sum, x.middle, y.high, config);
    sum = multiplyFloat<next>(sum, x.high, y.middle, config);
    sum = multiplyFloat<next>(sum, x.high, y.high, config);
    return accumulates(op) ? (Acc)addFloats(acc, sum) : sum;
  } else if constexpr (sizeof(U) == 4) {
    constexpr int low = (config & ~kSignedY) | kShift16;
    const v16acc64 top = multiply<first>(acc, x.x, y.high, config);
    if constexpr (op == Op::Mac)
      return __aie2_vaddmac(top, acc, x.x, y.low, low);
    else if constexpr (op == Op::Msc)
      return __aie2_vaddmsc(top, acc, x.x, y.low, low);
    else
      return multiply<next>(top, x.x, y.low, low);
  } else {
    return (Acc)multiply<op>((v16acc64)acc, x.x, y.x, config);
  }
}

} // namespace aie::detail
