// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// C = A * B on one core, operands in tiles: A as M/4 by K/8 tiles of 4x8, B as K/8 by N/4 (bf16) or
// N/8 (int8) tiles, C as M/4 by N/4 or N/8, each row by row and one after the other. A block of
// `high` by `wide` tiles of C stays in accumulators while K passes: the larger it is, the fewer
// loads a multiplication needs. K is unrolled, so that the loop over blocks is the one that the
// compiler overlaps.
#pragma once

#include <aie_api/aie.hpp>

template <class In, class Out, unsigned tileN, unsigned M, unsigned K, unsigned N, unsigned high,
          unsigned wide>
inline void gemm(const In *restrict a, const In *restrict b, Out *restrict c) {
  using Tile = aie::mmul<4, 8, tileN, In, In>;
  using aie::detail::repeat;
  constexpr unsigned steps = K / 8, columns = N / tileN;
  constexpr unsigned rowA = steps * Tile::size_A, rowB = columns * Tile::size_B,
                     rowC = columns * Tile::size_C;
  constexpr unsigned across = columns / wide, blocks = M / 4 / high * across;
  const In *restrict pa = a;
  const In *restrict pb = b;
  Out *restrict pc = c;
  Tile t[high][wide];
  aie::vector<In, Tile::size_A> x[high];
  aie::vector<In, Tile::size_B> y[wide];
  const auto load = [&](unsigned k) ASHLAR_LAMBDA {
    repeat<high>([&](auto r) ASHLAR_LAMBDA {
      x[r] = aie::load_v<Tile::size_A>(pa + r * rowA + k * Tile::size_A);
    });
    repeat<wide>([&](auto q) ASHLAR_LAMBDA {
      y[q] = aie::load_v<Tile::size_B>(pb + k * rowB + q * Tile::size_B);
    });
  };
  const auto tiles = [&](auto f) ASHLAR_LAMBDA {
    repeat<high>([&](auto r)
                     ASHLAR_LAMBDA { repeat<wide>([&](auto q) ASHLAR_LAMBDA { f(r, q); }); });
  };
  load(0);
  tiles([&](auto r, auto q) ASHLAR_LAMBDA { t[r][q].mul(x[r], y[q]); });
  for (unsigned block = 0; block < blocks;) {
    repeat<steps - 1>([&](auto k) ASHLAR_LAMBDA {
      load(k + 1);
      tiles([&](auto r, auto q) ASHLAR_LAMBDA { t[r][q].mac(x[r], y[q]); });
    });
    // The next block's first tiles are loaded and multiplied while this one is stored; after the
    // last one that is in vain.
    ++block;
    const unsigned i = block / across % (M / 4 / high) * high, j = block % across * wide;
    pa = a + i * rowA;
    pb = b + j * Tile::size_B;
    load(0);
    tiles([&](auto r, auto q) ASHLAR_LAMBDA {
      aie::store_v(pc + r * rowC + q * Tile::size_C, t[r][q].template to_vector<Out>());
      t[r][q].mul(x[r], y[q]);
    });
    pc = c + i * rowC + j * Tile::size_C;
  }
}
