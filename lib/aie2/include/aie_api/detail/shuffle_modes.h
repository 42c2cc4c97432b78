// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The modes of the shuffle network by name: T<bits>_<rows>x<columns> reads its input as a row-major
// matrix and transposes it; _lo and _hi are halves of a result of 1024 bits, of which both sources
// are the input. Smaller matrices are transposed one beside the other.
#pragma once

namespace aie::detail {
struct ShuffleMode {
  int bits, rows, columns;
  int half;  ///< 0: low or only, 1: high
  bool flip; ///< the two 16-bit halves of each word are swapped instead
};
inline constexpr ShuffleMode shuffleModes[] = {
    {8, 64, 2, 0, false},  // T8_64x2_lo
    {8, 64, 2, 1, false},  // T8_64x2_hi
    {16, 32, 2, 0, false}, // T16_32x2_lo
    {16, 32, 2, 1, false}, // T16_32x2_hi
    {32, 16, 2, 0, false}, // T32_16x2_lo
    {32, 16, 2, 1, false}, // T32_16x2_hi
    {64, 8, 2, 0, false},  // T64_8x2_lo
    {64, 8, 2, 1, false},  // T64_8x2_hi
    {128, 4, 2, 0, false}, // T128_4x2_lo
    {128, 4, 2, 1, false}, // T128_4x2_hi
    {256, 2, 2, 0, false}, // T256_2x2_lo
    {256, 2, 2, 1, false}, // T256_2x2_hi
    {128, 2, 4, 0, false}, // T128_2x4_lo
    {128, 2, 4, 1, false}, // T128_2x4_hi
    {64, 2, 8, 0, false},  // T64_2x8_lo
    {64, 2, 8, 1, false},  // T64_2x8_hi
    {32, 2, 16, 0, false}, // T32_2x16_lo
    {32, 2, 16, 1, false}, // T32_2x16_hi
    {16, 2, 32, 0, false}, // T16_2x32_lo
    {16, 2, 32, 1, false}, // T16_2x32_hi
    {8, 2, 64, 0, false},  // T8_2x64_lo
    {8, 2, 64, 1, false},  // T8_2x64_hi
    {512, 1, 2, 0, false}, // T512_1x2_lo
    {512, 1, 2, 1, false}, // T512_1x2_hi
    {16, 16, 4, 0, false}, // T16_16x4_lo
    {16, 16, 4, 1, false}, // T16_16x4_hi
    {16, 4, 16, 0, false}, // T16_4x16_lo
    {16, 4, 16, 1, false}, // T16_4x16_hi
    {16, 8, 4, 0, false},  // T16_8x4
    {16, 4, 8, 0, false},  // T16_4x8
    {32, 8, 4, 0, false},  // T32_8x4_lo
    {32, 8, 4, 1, false},  // T32_8x4_hi
    {32, 4, 8, 0, false},  // T32_4x8_lo
    {32, 4, 8, 1, false},  // T32_4x8_hi
    {32, 4, 4, 0, false},  // T32_4x4
    {8, 8, 8, 0, false},   // T8_8x8
    {8, 16, 4, 0, false},  // T8_16x4
    {8, 4, 16, 0, false},  // T8_4x16
    {16, 1, 2, 0, true},   // T16_1x2_flip
    {16, 4, 4, 0, false},  // T16_4x4
    {16, 4, 2, 0, false},  // T16_4x2
    {16, 2, 4, 0, false},  // T16_2x4
    {16, 8, 2, 0, false},  // T16_8x2
    {16, 2, 8, 0, false},  // T16_2x8
    {16, 16, 2, 0, false}, // T16_16x2
    {16, 2, 16, 0, false}, // T16_2x16
    {8, 8, 4, 0, false},   // T8_8x4
    {8, 4, 8, 0, false},   // T8_4x8
};
inline constexpr int kShuffleModes = sizeof shuffleModes / sizeof *shuffleModes;
} // namespace aie::detail

/// The mode's number, for shuffle(a, b, mode).
enum eShuffleMode : int {
  T8_64x2_lo = 0,
  T8_64x2_hi = 1,
  T16_32x2_lo = 2,
  T16_32x2_hi = 3,
  T32_16x2_lo = 4,
  T32_16x2_hi = 5,
  T64_8x2_lo = 6,
  T64_8x2_hi = 7,
  T128_4x2_lo = 8,
  T128_4x2_hi = 9,
  T256_2x2_lo = 10,
  T256_2x2_hi = 11,
  T128_2x4_lo = 12,
  T128_2x4_hi = 13,
  T64_2x8_lo = 14,
  T64_2x8_hi = 15,
  T32_2x16_lo = 16,
  T32_2x16_hi = 17,
  T16_2x32_lo = 18,
  T16_2x32_hi = 19,
  T8_2x64_lo = 20,
  T8_2x64_hi = 21,
  T512_1x2_lo = 22,
  T512_1x2_hi = 23,
  T16_16x4_lo = 24,
  T16_16x4_hi = 25,
  T16_4x16_lo = 26,
  T16_4x16_hi = 27,
  T16_8x4 = 28,
  T16_4x8 = 29,
  T32_8x4_lo = 30,
  T32_8x4_hi = 31,
  T32_4x8_lo = 32,
  T32_4x8_hi = 33,
  T32_4x4 = 34,
  T8_8x8 = 35,
  T8_16x4 = 36,
  T8_4x16 = 37,
  T16_1x2_flip = 38,
  T16_4x4 = 39,
  T16_4x2 = 40,
  T16_2x4 = 41,
  T16_8x2 = 42,
  T16_2x8 = 43,
  T16_16x2 = 44,
  T16_2x16 = 45,
  T8_8x4 = 46,
  T8_4x8 = 47,
  shuffle_T8_64x2_lo = T8_64x2_lo,
  shuffle_T8_64x2_hi = T8_64x2_hi,
  shuffle_T16_32x2_lo = T16_32x2_lo,
  shuffle_T16_32x2_hi = T16_32x2_hi,
  shuffle_T32_16x2_lo = T32_16x2_lo,
  shuffle_T32_16x2_hi = T32_16x2_hi,
  shuffle_T64_8x2_lo = T64_8x2_lo,
  shuffle_T64_8x2_hi = T64_8x2_hi,
  shuffle_T128_4x2_lo = T128_4x2_lo,
  shuffle_T128_4x2_hi = T128_4x2_hi,
  shuffle_T256_2x2_lo = T256_2x2_lo,
  shuffle_T256_2x2_hi = T256_2x2_hi,
  shuffle_T128_2x4_lo = T128_2x4_lo,
  shuffle_T128_2x4_hi = T128_2x4_hi,
  shuffle_T64_2x8_lo = T64_2x8_lo,
  shuffle_T64_2x8_hi = T64_2x8_hi,
  shuffle_T32_2x16_lo = T32_2x16_lo,
  shuffle_T32_2x16_hi = T32_2x16_hi,
  shuffle_T16_2x32_lo = T16_2x32_lo,
  shuffle_T16_2x32_hi = T16_2x32_hi,
  shuffle_T8_2x64_lo = T8_2x64_lo,
  shuffle_T8_2x64_hi = T8_2x64_hi,
  shuffle_T512_1x2_lo = T512_1x2_lo,
  shuffle_T512_1x2_hi = T512_1x2_hi,
  shuffle_T16_16x4_lo = T16_16x4_lo,
  shuffle_T16_16x4_hi = T16_16x4_hi,
  shuffle_T16_4x16_lo = T16_4x16_lo,
  shuffle_T16_4x16_hi = T16_4x16_hi,
  shuffle_T16_8x4 = T16_8x4,
  shuffle_T16_4x8 = T16_4x8,
  shuffle_T32_8x4_lo = T32_8x4_lo,
  shuffle_T32_8x4_hi = T32_8x4_hi,
  shuffle_T32_4x8_lo = T32_4x8_lo,
  shuffle_T32_4x8_hi = T32_4x8_hi,
  shuffle_T32_4x4 = T32_4x4,
  shuffle_T8_8x8 = T8_8x8,
  shuffle_T8_16x4 = T8_16x4,
  shuffle_T8_4x16 = T8_4x16,
  shuffle_T16_1x2_flip = T16_1x2_flip,
  shuffle_T16_4x4 = T16_4x4,
  shuffle_T16_4x2 = T16_4x2,
  shuffle_T16_2x4 = T16_2x4,
  shuffle_T16_8x2 = T16_8x2,
  shuffle_T16_2x8 = T16_2x8,
  shuffle_T16_16x2 = T16_16x2,
  shuffle_T16_2x16 = T16_2x16,
  shuffle_T8_8x4 = T8_8x4,
  shuffle_T8_4x8 = T8_4x8,
  // Interleaving and taking apart lanes of two registers.
  INTLV_lo_8o16 = T8_2x64_lo,
  INTLV_hi_8o16 = T8_2x64_hi,
  INTLV_lo_16o32 = T16_2x32_lo,
  INTLV_hi_16o32 = T16_2x32_hi,
  INTLV_lo_32o64 = T32_2x16_lo,
  INTLV_hi_32o64 = T32_2x16_hi,
  INTLV_lo_64o128 = T64_2x8_lo,
  INTLV_hi_64o128 = T64_2x8_hi,
  INTLV_lo_128o256 = T128_2x4_lo,
  INTLV_hi_128o256 = T128_2x4_hi,
  INTLV_lo_256o512 = T256_2x2_lo,
  INTLV_hi_256o512 = T256_2x2_hi,
  DINTLV_lo_8o16 = T8_64x2_lo,
  DINTLV_hi_8o16 = T8_64x2_hi,
  DINTLV_lo_16o32 = T16_32x2_lo,
  DINTLV_hi_16o32 = T16_32x2_hi,
  DINTLV_lo_32o64 = T32_16x2_lo,
  DINTLV_hi_32o64 = T32_16x2_hi,
  DINTLV_lo_64o128 = T64_8x2_lo,
  DINTLV_hi_64o128 = T64_8x2_hi,
  DINTLV_lo_128o256 = T128_4x2_lo,
  DINTLV_hi_128o256 = T128_4x2_hi,
  DINTLV_lo_256o512 = T256_2x2_lo,
  DINTLV_hi_256o512 = T256_2x2_hi,
};
