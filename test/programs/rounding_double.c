// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// As rounding.c, for double.
#include <math.h>
#include <stdint.h>
#include <string.h>
static uint32_t twice(double f) {
  uint64_t u;
  if (f != f) return 7;
  memcpy(&u, &f, 8);
  return (uint32_t)u * 3 + (uint32_t)(u >> 32);
}
static volatile float values[] = {0,      -0.f,  0.5f,       1.5f, -2.5f,     3.25f,
                                  1e-40f, -7e8f, 1234.5678f, NAN,  8388607.5f};
int run(int seed) {
  uint32_t h = (uint32_t)seed;
  for (int i = 0; i < 11; i++) {
    double x = (double)(values[i] + (float)(seed & 63)) * 1.25, w;
    int e;
    if (x == x) {
      h = h * 31 + (uint32_t)lrint(x) * 11 + (uint32_t)lround(x) * 13;
      h = h * 31 + (uint32_t)llrint(x) * 17 + (uint32_t)llround(x);
      h = h * 31 + twice(frexp(x, &e));
      h = h * 31 + (uint32_t)e;
    }
    h = h * 31 + twice(modf(x, &w));
    h = h * 31 + twice(w);
    h = h * 31 + twice(__builtin_powi(1.5, seed & 15)) + twice(floor(x)) + twice(round(x));
    h = h * 31 + twice(__builtin_fmaximum_num(x, 2.0)) + twice(fmin(x, 1)) + twice(ldexp(x, -9));
  }
  return (int)h;
}
