// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// aie::mmul<M, K, N, A, B>: C (M x N) += A (M x K) * B (K x N), all of them row by row in vectors.
// One instruction multiplies a tile of a native shape (detail/tiles.h); other shapes are several of
// those, or a part of one. C is kept in tiles, so that its lanes move once, when it is read.
#pragma once

#include "aie_api/detail/tiles.h"
#include "aie_api/int4.hpp"
#include "aie_api/mul.hpp"

namespace aie {

template <unsigned M, unsigned K, unsigned N, class A, class B = A, class Tag = accauto>
class mmul {
  using Left = detail::unpackedInt4<A>;
  using Right = detail::unpackedInt4<B>;

public:
  using acc_tag = detail::MmulTag<K, N, Left, Right, Tag>;

private:
  static constexpr detail::Tile tile = detail::tileOf<Left, Right, acc_tag>(M, N);
  static_assert(tile.config >= 0,
                "mmul<M, K, N, A, B>: this core multiplies integers of 4 (right), 8, 16 and 32 bits, "
                "bfloat16 by bfloat16 and float by float; convert one of the matrices");
  static constexpr unsigned down = (M + tile.rows - 1) / tile.rows,
                            deep = (K + tile.inner - 1) / tile.inner,
                            across = (N + tile.columns - 1) / tile.columns;
  static constexpr unsigned tileA = tile.rows * tile.inner, tileB = tile.inner * tile.columns,
                            tileC = tile.rows * tile.columns;
  /// Tiles of C follow one another in C as a vector.
  static constexpr bool inOrder = across == 1 && N == tile.columns && M % tile.rows == 0;
  using Unit = detail::LeftFactor<Left, Right, acc_tag>;
  using Acc = detail::AccRegister<acc_tag>;
  using TileAcc = accum<acc_tag, tileC>;
  static_assert(tileC == detail::kAccLanes<acc_tag>);

public:
  static constexpr unsigned size_M = M, size_K = K, size_N = N;
  static constexpr unsigned size_A = M * K, size_B = K * N, size_C = M * N;
  static constexpr unsigned M_ = M, K_ = K, N_ = N;
  static constexpr unsigned accum_size_C = size_C;
  using vector_A_type = vector<A, size_A>;
  using vector_B_type = vector<B, size_B>;
  using accum_type = accum<acc_tag, size_C>;

  ASHLAR_INLINE mmul() {
    detail::repeat<down * across>([&](auto t) ASHLAR_LAMBDA { acc_[t] = TileAcc(); });
  }
  ASHLAR_INLINE mmul(const accum_type &acc) {
    if constexpr (inOrder) {
      detail::repeat<down>([&](auto t) ASHLAR_LAMBDA { acc_[t] = acc.template extract<tileC>(t); });
    } else {
      const auto bits = detail::accBits<int32_t>(acc);
      forTiles([&](auto i, auto j) ASHLAR_LAMBDA {
        acc_[i * across + j] = detail::accFromBits<TileAcc>(
            detail::gatherLanes<detail::WordsOf<OfC<i, j>, words>, tileC * words>(bits));
      });
    }
  }
  template <class T>
    requires detail::AccumulatesTo<T, acc_tag>
  ASHLAR_INLINE mmul(const vector<T, size_C> &v, int shift = 0) {
    forTiles([&](auto i, auto j) ASHLAR_LAMBDA {
      if constexpr (inOrder)
        acc_[i] = TileAcc(v.template extract<tileC>(i), shift);
      else
        acc_[i * across + j] = TileAcc(detail::gatherLanes<OfC<i, j>, tileC>(v), shift);
    });
  }

  ASHLAR_INLINE void mul(const vector_A_type &a, const vector_B_type &b) {
    run<detail::Op::Mul>(a, b);
  }
  ASHLAR_INLINE void mac(const vector_A_type &a, const vector_B_type &b) {
    run<detail::Op::Mac>(a, b);
  }
  ASHLAR_INLINE accum_type to_accum() const {
    if constexpr (inOrder) {
      accum_type out;
      detail::repeat<down>([&](auto t) ASHLAR_LAMBDA { out.template insert<tileC>(t, acc_[t]); });
      return out;
    } else {
      vector<int32_t, down * across * tileC * words> bits;
      detail::repeat<down * across>([&](auto t) ASHLAR_LAMBDA {
        bits.template insert<tileC * words>(t, detail::accBits<int32_t>(acc_[t]));
      });
      return detail::accFromBits<accum_type>(
          detail::gatherLanes<detail::WordsOf<Whole, words>, size_C * words>(bits));
    }
  }
  ASHLAR_INLINE operator accum_type() const { return to_accum(); }
  template <class T> ASHLAR_INLINE vector<T, size_C> to_vector(int shift = 0) const {
    vector<T, down * across * tileC> all;
    detail::repeat<down * across>([&](auto t) ASHLAR_LAMBDA {
      all.template insert<tileC>(t, acc_[t].template to_vector<T>(shift));
    });
    if constexpr (inOrder)
      return all;
    else
      return detail::gatherLanes<Whole, size_C>(all);
  }
  template <class T> ASHLAR_INLINE vector<T, size_C> to_vector_sign(bool, int shift = 0) const {
    return to_vector<T>(shift);
  }

private:
  static constexpr unsigned words = sizeof(Acc) / 4 / tileC; ///< of 32 bits in a lane
  template <unsigned i, unsigned j>
  using OfC = detail::TileOf<tile.rows, tile.columns, i * tile.rows, j * tile.columns, M, N, false>;
  using Whole = detail::FromTiles<tile.rows, tile.columns, N>;

  template <class F> ASHLAR_INLINE static void forTiles(F f) {
    detail::repeat<down>([&](auto i) ASHLAR_LAMBDA {
      detail::repeat<across>([&](auto j) ASHLAR_LAMBDA { f(i, j); });
    });
  }
  /// The tile at (row, column) of a matrix, with zeros along K beyond it.
  template <unsigned rows, unsigned columns, unsigned row, unsigned column, unsigned height,
            unsigned width, class T>
  ASHLAR_INLINE static vector<T, rows * columns> tileFrom(const vector<T, height * width> &v) {
    if constexpr (columns == width && row + rows <= height)
      return v.template extract<rows * columns>(row / rows);
    else
      return detail::gatherLanes<detail::TileOf<rows, columns, row, column, height, width, true>,
                                 rows * columns>(v);
  }
  template <detail::Op op>
  ASHLAR_INLINE void run(const vector_A_type &given, const vector_B_type &right) {
    const vector<Unit, size_A> a = detail::widened<Unit>(given);
    const vector<Right, size_B> b = detail::widened<Right>(right);
    detail::repeat<deep>([&](auto k) ASHLAR_LAMBDA {
      constexpr detail::Op now = k == 0 ? op : detail::Op::Mac;
      detail::LeftTile<Unit, tileA> x[down];
      detail::RightTile<Right, tileB> y[across];
      detail::repeat<down>([&](auto i) ASHLAR_LAMBDA {
        x[i] = detail::LeftTile<Unit, tileA>(
            tileFrom<tile.rows, tile.inner, i * tile.rows, k * tile.inner, M, K>(a));
      });
      detail::repeat<across>([&](auto j) ASHLAR_LAMBDA {
        y[j] = detail::RightTile<Right, tileB>(
            tileFrom<tile.inner, tile.columns, k * tile.inner, j * tile.columns, K, N>(b));
      });
      forTiles([&](auto i, auto j) ASHLAR_LAMBDA {
        Acc &to = acc_[i * across + j].part(0);
        to = detail::tileProduct<now, tile.config>(to, x[i], y[j]);
      });
    });
  }

  TileAcc acc_[down * across];
};

} // namespace aie
