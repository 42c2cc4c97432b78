// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// aie::mmul<M, K, N, A, B>: C (M x N) += A (M x K) * B (K x N), all of them row by row in vectors.
// One instruction multiplies a tile of a native shape; a shape with a multiple of its rows is
// several of those.
#pragma once

#include "aie_api/mul.hpp"

namespace aie {
namespace detail {
/// The native tile for element types: rows, inner, columns and the configuration word.
struct Tile {
  unsigned rows, inner, columns;
  int config; ///< -1: there is none
};
template <class A, class B, class Tag> constexpr Tile tileOf(unsigned inner, unsigned columns) {
  constexpr Tile none{1, 1, 1, -1};
  constexpr bool wide = std::is_same_v<Tag, acc64>;
  constexpr unsigned a = sizeof(A), b = sizeof(B);
  if (std::is_same_v<A, bfloat16> && std::is_same_v<B, bfloat16>)
    return inner == 8 && columns == 4 ? Tile{4, 8, 4, kMatmulFloat} : none;
  if (isFloating<A> || isFloating<B>) return none;
  constexpr int signs = kSigns<A, B>;
  if (a == 1 && b == 1 && !wide)
    return inner == 8 && columns == 8 ? Tile{4, 8, 8, 1 << 3 | signs} : none;
  if (a == 2 && b == 1 && !wide)
    return inner == 4 && columns == 8 ? Tile{4, 4, 8, 2 << 3 | signs} : none;
  if (a == 2 && b == 1 && inner == 8) {
    if (columns == 8) return {2, 8, 8, 1 << 1 | 2 << 3 | signs};
    return columns == 4 ? Tile{4, 8, 4, 1 << 1 | 2 << 3 | 1 << 5 | signs} : none;
  }
  if (a == 2 && b == 2 && !wide)
    return inner == 2 && columns == 8 ? Tile{4, 2, 8, 3 << 3 | signs} : none;
  if (a == 2 && b == 2 && inner == 4) {
    if (columns == 8) return {2, 4, 8, 1 << 1 | 3 << 3 | signs};
    return columns == 4 ? Tile{4, 4, 4, 1 << 1 | 3 << 3 | 1 << 5 | signs} : none;
  }
  if (a == 4 && b == 2)
    return inner == 2 && columns == 4 ? Tile{4, 2, 4, 1 << 1 | signs} : none;
  return none;
}
/// acc32 where the unit has the shape with it, else acc64.
template <unsigned K, unsigned N, class A, class B, class Tag>
using MmulTag = std::conditional_t<
    isFloating<A> || isFloating<B>, accfloat,
    std::conditional_t<(tileOf<A, B, acc32>(K, N).config >= 0 && !std::is_same_v<Tag, acc64> &&
                        sizeof(A) <= 2),
                       acc32, acc64>>;
} // namespace detail

template <unsigned M, unsigned K, unsigned N, class A, class B = A, class Tag = accauto>
class mmul {
public:
  using acc_tag = detail::MmulTag<K, N, A, B, Tag>;

private:
  static constexpr detail::Tile tile = detail::tileOf<A, B, acc_tag>(K, N);
  static_assert(tile.config >= 0 && M % tile.rows == 0,
                "mmul<M, K, N>: this core multiplies int8 4x8x8; int16 4x4x4 and 2x4x8 (acc64) and "
                "4x2x8 (acc32); int16 by int8 4x4x8 (acc32), 4x8x4 and 2x8x8 (acc64); int32 by "
                "int16 4x2x4; bfloat16 4x8x4; M may be a multiple of that");
  static constexpr unsigned tiles = M / tile.rows;
  static constexpr unsigned tileC = tile.rows * N;

public:
  static constexpr unsigned M_ = M, K_ = K, N_ = N;
  static constexpr unsigned size_A = M * K, size_B = K * N, size_C = M * N;
  static constexpr unsigned accum_size_C = size_C;
  using accum_type = accum<acc_tag, size_C>;

  ASHLAR_INLINE mmul() : acc_(detail::Zero<accum_type>::make()) {}
  ASHLAR_INLINE mmul(const accum_type &acc) : acc_(acc) {}
  template <class T>
    requires detail::AccumulatesTo<T, acc_tag>
  ASHLAR_INLINE mmul(const vector<T, size_C> &v, int shift = 0) : acc_(v, shift) {}

  ASHLAR_INLINE void mul(const vector<A, size_A> &a, const vector<B, size_B> &b) {
    run<detail::Op::Mul>(a, b);
  }
  ASHLAR_INLINE void mac(const vector<A, size_A> &a, const vector<B, size_B> &b) {
    run<detail::Op::Mac>(a, b);
  }
  ASHLAR_INLINE accum_type to_accum() const { return acc_; }
  ASHLAR_INLINE operator accum_type() const { return acc_; }
  template <class T> ASHLAR_INLINE vector<T, size_C> to_vector(int shift = 0) const {
    return acc_.template to_vector<T>(shift);
  }

private:
  template <detail::Op op>
  ASHLAR_INLINE void run(const vector<A, size_A> &a, const vector<B, size_B> &b) {
    using Acc = detail::AccRegister<acc_tag>;
    static_assert(tileC == detail::kAccLanes<acc_tag>);
    const auto y = detail::toRegister<B>(b.part(0));
    detail::repeat<tiles>([&](auto t) ASHLAR_LAMBDA {
      const auto rows = a.template extract<tile.rows * K>(t);
      const auto x = detail::toRegister<A>(rows.part(0));
      const Acc from = acc_.template extract<tileC>(t).part(0);
      accum<acc_tag, tileC> c;
      if constexpr (std::is_same_v<acc_tag, accfloat>)
        c.part(0) = detail::multiplyFloat<op>(from, x, y, tile.config);
      else
        c.part(0) = (Acc)detail::multiply<op>((v16acc64)from, (v64int8)x, (v64int8)y, tile.config);
      acc_.template insert<tileC>(t, c);
    });
  }

  accum_type acc_;
};

} // namespace aie
