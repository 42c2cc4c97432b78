// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Loops as kernels write them: blocks of products whose left tiles are half a register, and hints
// in every spelling, which must not change a result.
#include <aie_kernel_utils.h>

#include "common.h"

/// 4x2 tiles of 4x8 by 8x8 bytes at a time, over K = 4 tiles.
inline void blocks(const int8_t *__restrict a, const int8_t *__restrict b, int8_t *__restrict c) {
  using Tile = aie::mmul<4, 8, 8, int8_t, int8_t, acc32>;
  constexpr unsigned kDeep = 4, kWide = 4, kRow = kWide * 32;
  for (unsigned z = 0; z < 8; z += 4) {
    int8_t *__restrict c0 = c + z * kRow, *__restrict c1 = c0 + kRow;
    int8_t *__restrict c2 = c1 + kRow, *__restrict c3 = c2 + kRow;
    for (unsigned j = 0; j < kWide; j += 2) {
      const int8_t *__restrict a0 = a + z * kDeep * 32, *__restrict a1 = a0 + kDeep * 32;
      const int8_t *__restrict a2 = a1 + kDeep * 32, *__restrict a3 = a2 + kDeep * 32;
      const int8_t *__restrict b0 = b + j * 64;
      Tile t00(aie::load_v<32>(c0)), t01(aie::load_v<32>(c0 + 32)), t10(aie::load_v<32>(c1)),
          t11(aie::load_v<32>(c1 + 32)), t20(aie::load_v<32>(c2)), t21(aie::load_v<32>(c2 + 32)),
          t30(aie::load_v<32>(c3)), t31(aie::load_v<32>(c3 + 32));
#pragma clang loop unroll(disable)
      for (unsigned k = 0; k < kDeep; ++k) {
        const auto x0 = aie::load_v<32>(a0), x1 = aie::load_v<32>(a1), x2 = aie::load_v<32>(a2),
                   x3 = aie::load_v<32>(a3);
        a0 += 32, a1 += 32, a2 += 32, a3 += 32;
        const auto y0 = aie::load_v<64>(b0), y1 = aie::load_v<64>(b0 + 64);
        b0 += kWide * 64;
        t00.mac(x0, y0), t01.mac(x0, y1), t10.mac(x1, y0), t11.mac(x1, y1);
        t20.mac(x2, y0), t21.mac(x2, y1), t30.mac(x3, y0), t31.mac(x3, y1);
      }
      auto put = [](int8_t *__restrict &to, const Tile &left, const Tile &right) {
        aie::store_v(to, left.to_vector<int8_t>(7));
        aie::store_v(to + 32, right.to_vector<int8_t>(7));
        to += 64;
      };
      put(c0, t00, t01), put(c1, t10, t11), put(c2, t20, t21), put(c3, t30, t31);
    }
  }
}

inline void hinted(const int16_t *__restrict a, int16_t *__restrict c, int n) {
  const aie::vector<int16_t, 32> three = aie::broadcast<int16_t, 32>(3);
  auto step = [&](int i) {
    aie::store_v(c + 32 * i, aie::add(aie::load_v<32>(a + 32 * i), three));
  };
  AIE_PREPARE_FOR_PIPELINING
  AIE_LOOP_RANGE(4, 12)
  for (int i = 0; i < n; ++i) step(i);
  c += 32 * n;
  AIE_LOOP_MIN_ITERATION_COUNT(2)
  AIE_LOOP_MAX_ITERATION_COUNT(100)
  AIE_LOOP_UNROLL(2)
  for (int i = 0; i < n; ++i) step(i);
  c += 32 * n;
  AIE_LOOP_FLATTEN
  for (int i = 0; i < 3; ++i) step(i);
  c += 32 * 3;
  AIE_LOOP_UNROLL_FULL
  for (int i = 0; i < 3; ++i) step(i);
  c += 32 * 3;
  AIE_LOOP_NO_UNROLL
  for (int i = 0; i < 2; ++i) step(i);
  c += 32 * 2;
  for (int i = 0; i < n; ++i) chess_prepare_for_pipelining chess_loop_range(4, ) step(i);
  c += 32 * n;
  for (int i = 0; i < n; ++i) chess_loop_range(2, 40) chess_unroll_loop(2) {
      step(i);
    }
  c += 32 * n;
  for (int i = 0; i < 3; ++i) chess_flatten_loop step(i);
  c += 32 * 3;
  for (int i = 0; i < 3; ++i) chess_loop_count(3) chess_no_hw_loop step(i);
}
