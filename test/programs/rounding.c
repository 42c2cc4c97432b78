// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Functions of <math.h> that Clang makes intrinsics of: rounding to integers, parts, whole powers,
// minima that know NaN.
#include <math.h>
#include <stdint.h>
#include <string.h>
static uint32_t single(float f) {
  uint32_t u;
  if (f != f) return 0x7fc00000;
  memcpy(&u, &f, 4);
  return u;
}
static volatile float values[] = {0,      -0.f,  0.5f,       1.5f, -2.5f,     3.25f,
                                  1e-40f, -7e8f, 1234.5678f, NAN,  8388607.5f};
int run(int seed) {
  uint32_t h = (uint32_t)seed;
  for (int i = 0; i < 11; i++) {
    float x = values[i] + (float)(seed & 63), w;
    int e;
    if (x == x) {
      // One term a statement: of sums of products LLVM's reassociation leaves products of h under
      // h's name in the debug information, here as on any target.
      h = h * 31 + (uint32_t)lrintf(x);
      h = h * 31 + (uint32_t)lroundf(x);
      h = h * 31 + (uint32_t)llrintf(x);
      h = h * 31 + (uint32_t)llroundf(x);
      h = h * 31 + single(frexpf(x, &e));
      h = h * 31 + (uint32_t)e;
      h = h * 31 + single(__builtin_frexpf(x, &e)) + (uint32_t)e;
    }
    h = h * 31 + single(modff(x, &w));
    h = h * 31 + single(w);
    h = h * 31 + single(__builtin_powif(x, 3)) + single(__builtin_powif(2.f, -(seed & 31)));
    h = h * 31 + single(__builtin_fmaximum_numf(x, 2.f)) + single(__builtin_fminimum_numf(x, 2.f));
    h = h * 31 + single(__builtin_elementwise_maximum(x, 1.f));
    h = h * 31 + single(__builtin_elementwise_minimum(x, 1.f));
    h = h * 31 + single(__builtin_canonicalizef(x)) + single(__builtin_roundevenf(x));
    h = h * 31 + single(fminf(x, 1)) + single(fmaxf(x, 3)) + single(fdimf(x, 2));
    h = h * 31 + single(truncf(x)) + single(floorf(x)) + single(ceilf(x)) + single(roundf(x));
    h = h * 31 + single(rintf(x)) + single(nearbyintf(x)) + single(ldexpf(x, 5));
  }
  char bytes[40];
  __builtin_memset_inline(bytes, seed, 37);
  for (int i = 0; i < 37; i++) h = h * 33 + (unsigned char)bytes[i];
  return (int)(h + (uint32_t)__builtin_flt_rounds());
}
