// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Bit tricks: clz, ctz, popcount, rotates, byte swaps, overflow checks, saturation, sign tests.
#include <stdint.h>
int run(int seed) {
  uint32_t x = (uint32_t)seed | 1, h = 0;
  for (int i = 0; i < 50; ++i) {
    x ^= x << 13;
    x ^= x >> 17;
    x ^= x << 5;
    uint32_t y = x * 2654435761u;
    unsigned n = y & 31;
    int r;
    unsigned u;
    int64_t q;
    h += (uint32_t)__builtin_clz(x | 1) * 3 + (uint32_t)__builtin_ctz(x | 0x80000000u) * 5 +
         (uint32_t)__builtin_popcount(x) * 7 + (uint32_t)__builtin_parity(x) +
         (uint32_t)__builtin_ffs((int)x) * 11 + (uint32_t)__builtin_clrsb((int)x);
    h ^= x << n | x >> ((32 - n) & 31);
    h += __builtin_bswap32(x) ^ __builtin_bswap16((uint16_t)x);
    h = h * 31 + __builtin_bitreverse32(y);
    if (__builtin_add_overflow((int)x, (int)y, &r)) h ^= 0xA5;
    h += (uint32_t)r;
    if (__builtin_mul_overflow((int)x, (int)(y >> 12), &r)) h += 9;
    h ^= (uint32_t)r;
    if (__builtin_sub_overflow(x, y, &u)) h *= 3;
    h += u;
    if (__builtin_mul_overflow((int64_t)x, (int64_t)(int)y * 70000, &q)) h += 1;
    h ^= (uint32_t)(q >> 16);
    h += (uint32_t)((int)x >> n) + (x >> n);
    h ^= (x & -x) + (x & (x - 1));
    h += (uint32_t)(((int)x >> 31) | 1);
    h ^= (uint32_t)((int)x < 0 ? -(int)(x >> 1) : (int)(x >> 1));
    h += (uint32_t)((int)x / 7 + (int)x % 10 + (int)(x / 1000u) - (int)(x % 17u));
    if (y) h ^= x / y + x % (y >> 3 | 1);
    h += (uint32_t)((int)x / ((int)y | 1));
  }
  return (int)h;
}
