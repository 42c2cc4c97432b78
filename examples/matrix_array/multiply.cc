// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// c += a * b for tiles of 64 x 64, int8 into int32. The tiles come in blocks: a as 16 x 8 blocks of
// 4 x 8, b as 8 x 8 blocks of 8 x 8, c as 16 x 8 blocks of 4 x 8. Four blocks of c stay in
// accumulators while a row of a and a column of b pass.
#include <aie_api/aie.hpp>

using Block = aie::mmul<4, 8, 8, int8, int8>;

extern "C" void zero(int32 *c) {
  for (unsigned i = 0; i < 64 * 64; i += 16) aie::store_v(c + i, aie::zeros<int32, 16>());
}

extern "C" void multiply_add(const int8 *restrict a, const int8 *restrict b, int32 *restrict c) {
  constexpr unsigned steps = 8, rowA = steps * Block::size_A, rowB = 8 * Block::size_B,
                     rowC = 8 * Block::size_C;
  for (unsigned i = 0; i < 16; i += 2)
    for (unsigned j = 0; j < 8; j += 2) {
      int32 *restrict c0 = c + i * rowC + j * Block::size_C;
      int32 *restrict c1 = c0 + rowC;
      Block t00(aie::load_v<Block::size_C>(c0)),
          t01(aie::load_v<Block::size_C>(c0 + Block::size_C));
      Block t10(aie::load_v<Block::size_C>(c1)),
          t11(aie::load_v<Block::size_C>(c1 + Block::size_C));
      const int8 *restrict pa = a + i * rowA;
      const int8 *restrict pb = b + j * Block::size_B;
      for (unsigned k = 0; k < steps; ++k) {
        const auto x0 = aie::load_v<Block::size_A>(pa), x1 = aie::load_v<Block::size_A>(pa + rowA);
        const auto y0 = aie::load_v<Block::size_B>(pb),
                   y1 = aie::load_v<Block::size_B>(pb + Block::size_B);
        pa += Block::size_A;
        pb += rowB;
        t00.mac(x0, y0);
        t01.mac(x0, y1);
        t10.mac(x1, y0);
        t11.mac(x1, y1);
      }
      aie::store_v(c0, t00.to_vector<int32>());
      aie::store_v(c0 + Block::size_C, t01.to_vector<int32>());
      aie::store_v(c1, t10.to_vector<int32>());
      aie::store_v(c1 + Block::size_C, t11.to_vector<int32>());
    }
}
