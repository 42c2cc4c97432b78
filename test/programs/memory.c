// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// memcpy, memmove, memset, memcmp, strings, unaligned access and overlapping moves of all small
// sizes.
#include <stdint.h>
#include <string.h>
static uint8_t a[96], b[96];
int run(int seed) {
  uint32_t s = (uint32_t)seed, h = 3;
  for (int i = 0; i < 96; ++i) {
    s = s * 1103515245u + 12345u;
    a[i] = (uint8_t)(s >> 16);
    b[i] = (uint8_t)(s >> 8);
  }
  for (unsigned n = 0; n < 20; ++n) {
    memcpy(b + n, a + 2 * n, n);
    memmove(a + 3 + n, a + n, 40 - n);
    memmove(a + n, a + n + 5, 30);
    memset(b + 40 + n, (int)s + (int)n, n);
    h = h * 31 + (uint32_t)(memcmp(a, b, n + 1) > 0);
    h ^= a[n] + (uint32_t)b[40 + n] * 7;
  }
  for (int i = 0; i < 13; ++i) {
    uint32_t w;
    uint16_t q;
    uint64_t d;
    memcpy(&w, a + i, 4);
    memcpy(&q, b + i, 2);
    memcpy(&d, a + i * 3, 8);
    h = h * 31 + w + q;
    h ^= (uint32_t)(d >> 13);
    w += h;
    d ^= w;
    memcpy(b + 2 * i + 1, &w, 4);
    memcpy(a + i + 7, &d, 8);
  }
  static const char text[] = "the quick brown fox";
  char copy[32];
  strcpy(copy, text);
  copy[4] = (char)('a' + (seed & 15));
  h += (uint32_t)strlen(copy) + (uint32_t)(strcmp(copy, text) < 0) * 5;
  for (int i = 0; i < 96; ++i) h = h * 33 + a[i] + ((uint32_t)b[i] << 8);
  return (int)h;
}
