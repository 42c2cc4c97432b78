// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Single precision through the run-time library: arithmetic, comparisons, conversions, specials.
#include <stdint.h>
#include <string.h>
static uint32_t bits(float f) {
  uint32_t u;
  memcpy(&u, &f, 4);
  return f != f ? 0x7FC00000u : u;
}
static float from(uint32_t u) {
  float f;
  memcpy(&f, &u, 4);
  return f;
}
int run(int seed) {
  uint32_t s = (uint32_t)seed * 2654435761u + 1, h = 5;
  static const uint32_t special[] = {
      0,           0x80000000u, 1,           0x007FFFFFu, 0x00800000u, 0x3F800000u, 0xBF800000u,
      0x7F7FFFFFu, 0x7F800000u, 0xFF800000u, 0x7FC00001u, 0x4B800000u, 0x4F000000u, 0xCF000000u};
  for (int i = 0; i < 60; ++i) {
    s ^= s << 13;
    s ^= s >> 17;
    s ^= s << 5;
    volatile float a = from(i % 3 == 0 ? special[s % 14] : s),
                   b = from(i % 5 == 0 ? special[(s >> 8) % 14]
                                       : (s * 69069u) % 0x20000000u + 0x30000000u);
    h = h * 31 + bits(a + b);
    h = h * 31 + bits(a - b);
    h = h * 31 + bits(a * b);
    h = h * 31 + bits(a / b);
    h = h * 31 + bits(-a);
    h = h * 31 + (uint32_t)(a < b) + 2u * (a <= b) + 4u * (a == b) + 8u * (a != b) + 16u * (a > b) +
        32u * (a >= b);
    float c = from((s >> 9 & 0x0FFFFFFF) % 0x10000000u + 0x40000000u);
    if (c < 2e9f && c > -2e9f) h ^= (uint32_t)(int32_t)c;
    if (c >= 0 && c < 4e9f) h += (uint32_t)c;
    h = h * 31 + bits((float)(int32_t)s) + bits((float)s) + bits((float)((int64_t)s * (int32_t)h));
    h ^= bits(a > b ? a : b);
  }
  return (int)h;
}
