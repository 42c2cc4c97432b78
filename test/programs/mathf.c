// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// float functions of <math.h> that are exact or correctly rounded on both sides.
#include <math.h>
#include <stdint.h>
#include <string.h>
static uint32_t bits(float f) {
  uint32_t u;
  memcpy(&u, &f, 4);
  return f != f ? 0x7FC00000u : u;
}
int run(int seed) {
  uint32_t s = (uint32_t)seed * 2654435761u + 1, h = 5;
  for (int i = 0; i < 40; ++i) {
    s ^= s << 13;
    s ^= s >> 17;
    s ^= s << 5;
    uint32_t u = (s & 0x807FFFFFu) | ((s >> 23 & 63) + 96) << 23;
    float a;
    memcpy(&a, &u, 4);
    float b = (float)(int)(s >> 5) * 0.001f;
    h = h * 31 + bits(sqrtf(fabsf(a)));
    h = h * 31 + bits(floorf(a)) + bits(ceilf(a)) * 3 + bits(truncf(a)) * 5 + bits(roundf(a)) * 7 +
        bits(rintf(a)) * 11;
    h = h * 31 + bits(fmaf(a, b, 1.5f));
    h ^= bits(fminf(a, b)) + bits(fmaxf(a, b)) * 3;
    h += bits(copysignf(b, a));
    h = h * 31 + bits(fmodf(b, a));
    int e;
    h += bits(frexpf(a, &e)) + (uint32_t)e;
    h ^= bits(ldexpf(a, (int)(s & 7) - 3));
    h += bits(1.0f / sqrtf(fabsf(b) + 1.0f));
  }
  return (int)h;
}
