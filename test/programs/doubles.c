// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Real 64-bit double.
#include <stdint.h>
#include <string.h>
static uint64_t bits(double f) {
  uint64_t u;
  memcpy(&u, &f, 8);
  return f != f ? 0x7FF8000000000000ull : u;
}
int run(int seed) {
  uint64_t s = (uint64_t)(uint32_t)seed * 0x9E3779B97F4A7C15ull + 1, h = 5;
  for (int i = 0; i < 25; ++i) {
    s ^= s << 13;
    s ^= s >> 7;
    s ^= s << 17;
    double a, b;
    uint64_t u = (s & 0x800FFFFFFFFFFFFFull) | ((s >> 52 & 31) + 1010) << 52, v = s * 3;
    memcpy(&a, &u, 8);
    v = (v & 0x800FFFFFFFFFFFFFull) | ((v >> 52 & 63) + 1000) << 52;
    memcpy(&b, &v, 8);
    h = h * 31 + bits(a + b);
    h = h * 31 + bits(a - b);
    h = h * 31 + bits(a * b);
    h = h * 31 + bits(a / b);
    h ^= (uint64_t)(a < b) + 2u * (a == b) + 4u * (a >= b);
    h += (uint64_t)(int64_t)a + (uint64_t)(int32_t)(a * 0.001);
    float f = (float)a;
    h ^= bits((double)f * 1.5);
    h += bits((double)(int32_t)s) ^ bits((double)(uint32_t)s) ^ bits((double)(int64_t)s);
  }
  return (int)(h ^ h >> 32);
}
