// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// 64-bit arithmetic in 32-bit registers: carries, products, divisions, shifts by every amount.
#include <stdint.h>
static uint64_t x;
static uint64_t next(void) {
  x ^= x << 13;
  x ^= x >> 7;
  x ^= x << 17;
  return x;
}
int run(int seed) {
  x = (uint64_t)(uint32_t)seed * 0x9E3779B97F4A7C15ull + 1;
  uint64_t h = 0;
  for (int i = 0; i < 40; ++i) {
    uint64_t a = next(), b = next() >> (i & 63);
    int s = (int)(b & 63);
    h = h * 31 + (a + b);
    h ^= a - b;
    h += a * b;
    if (b) {
      h ^= a / b;
      h += a % b;
    }
    int64_t sa = (int64_t)a, sb = (int64_t)(b | 1);
    if (!(sa == INT64_MIN && sb == -1)) {
      h ^= (uint64_t)(sa / sb);
      h += (uint64_t)(sa % sb);
    }
    h ^= a << s;
    h += a >> s;
    h ^= (uint64_t)(sa >> s);
    h += (uint64_t)(sa < sb) + 2 * (uint64_t)(a < b) + 4 * (uint64_t)(a == b) +
         8 * (uint64_t)(sa >= sb);
    h ^= (uint64_t)(int64_t)(int32_t)a;
    h += (uint32_t)b;
    h ^= ~a;
    h -= (uint64_t)-sa;
    h ^= (uint64_t)__builtin_popcountll(a) << 5 ^ (uint64_t)__builtin_clzll(a | 1) << 11 ^
         (uint64_t)__builtin_ctzll(a | 1ull << 63);
    h += __builtin_bswap64(a);
  }
  return (int)(h ^ h >> 32);
}
