// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Classes and comparisons of floating-point numbers by builtins.
#include <limits.h>
#include <math.h>
#include <stdint.h>
#include <string.h>
__attribute__((noinline)) static uint32_t fl(float x, double y) {
  uint32_t h = 0;
  h = h * 31 + (__builtin_isnan(x) | __builtin_isinf(x) << 1 | __builtin_isfinite(x) << 2 |
                __builtin_isnormal(x) << 3 | !!__builtin_signbit(x) << 4);
  h = h * 31 + (__builtin_isnan(y) | __builtin_isinf(y) << 1 | __builtin_isfinite(y) << 2 |
                __builtin_isnormal(y) << 3 | !!__builtin_signbit(y) << 4);
  h = h * 31 + __builtin_fpclassify(0, 1, 2, 3, 4, x) * 7 + __builtin_fpclassify(0, 1, 2, 3, 4, y);
  h = h * 31 + (uint32_t)__builtin_isinf_sign(x) + __builtin_issubnormal(x) * 3;
  h += __builtin_isgreater(x, 1.f) + __builtin_isless(x, 1.f) * 2 +
       __builtin_islessgreater(x, 1.f) * 4 + __builtin_isunordered(x, 1.f) * 8 +
       __builtin_isgreaterequal(y, 1.) * 16 + __builtin_islessequal(y, 1.) * 32;
  float f = __builtin_fabsf(x);
  uint32_t u;
  memcpy(&u, &f, 4);
  h ^= u;
  f = __builtin_copysignf(2.f, x);
  memcpy(&u, &f, 4);
  h += u;
  f = __builtin_fmaxf(x, 3.f) + __builtin_fminf(x, 3.f) + __builtin_sqrtf(9.f) +
      __builtin_floorf(2.5f) + __builtin_ceilf(1.25f) + __builtin_truncf(-1.5f) +
      __builtin_roundf(0.5f) + __builtin_rintf(2.5f);
  if (f != f) f = 1;
  memcpy(&u, &f, 4);
  h = h * 31 + u;
  f = __builtin_ldexpf(1.5f, 3);
  h += (uint32_t)f;
  double d = __builtin_fabs(y);
  h += d > 1;
  h += (uint32_t)__builtin_lrintf(2.5f) + (uint32_t)__builtin_lroundf(2.5f);
  return h;
}
int run(int seed) {
  uint32_t h = (uint32_t)seed;
  float fs[] = {0, -0.f, 1, -3.5f, INFINITY, -INFINITY, NAN, 1e-42f, (float)seed};
  for (unsigned i = 0; i < 9; i++) h = h * 7 + fl(fs[i], fs[i] * 2.0);
  return (int)h;
}
