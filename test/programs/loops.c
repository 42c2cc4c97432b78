// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Loops of every kind for 0 to 20 rounds: pipelined ones enter, fill and drain their pipeline with
// few rounds, and take the plain loop with fewer.
#include <stdint.h>

static int32_t a[96], b[96], c[96];
static int16_t s[96], t[96];
static uint8_t u[96], v[96];

#define NOINLINE __attribute__((noinline))

NOINLINE static int sum(const int32_t *p, int n) {
  int r = 0;
  for (int i = 0; i < n; ++i) r += p[i];
  return r;
}
NOINLINE static void scale(int32_t *restrict d, const int32_t *restrict p, int n, int k) {
  for (int i = 0; i < n; ++i) d[i] = p[i] * k + 3;
}
NOINLINE static void inPlace(int32_t *p, int n) {
  for (int i = 0; i < n; ++i) p[i] = p[i] * 3 + i;
}
NOINLINE static void mayOverlap(int32_t *d, const int32_t *p, int n) {
  for (int i = 0; i < n; ++i) d[i] = p[i] ^ 0x55;
}
NOINLINE static void fibonacci(int32_t *p, int n) {
  for (int i = 2; i < n; ++i) p[i] = p[i - 1] + p[i - 2];
}
NOINLINE static void far(int32_t *p, int n) {
  for (int i = 0; i < n; ++i) p[i + 5] = p[i] + 1;
}
NOINLINE static void backwards(int32_t *p, int n) {
  for (int i = n; i-- > 0;) p[i + 1] = p[i] - 7;
}
NOINLINE static int dot16(const int16_t *x, const int16_t *y, int n) {
  int r = 0;
  for (int i = 0; i < n; ++i) r += x[i] * y[i];
  return r;
}
NOINLINE static void bytes(uint8_t *restrict d, const uint8_t *restrict p, int n) {
  for (int i = 0; i < n; ++i) d[i] = (uint8_t)(p[i] * 3 + i);
}
NOINLINE static void shorts(int16_t *d, const int16_t *p, int n) {
  for (int i = 0; i < n; ++i) d[i] = (int16_t)(p[i] + p[i + 1]);
}
NOINLINE static int maximum(const int32_t *p, int n) {
  int m = -5;
  for (int i = 0; i < n; ++i) m = p[i] > m ? p[i] : m;
  return m;
}
NOINLINE static int where(const int32_t *p, int n) {
  int m = p[0], k = 0;
  for (int i = 0; i < n; ++i)
    if (p[i] > m) m = p[i], k = i;
  return k * 7 + m;
}
NOINLINE static int64_t wide(const int32_t *p, int n) {
  int64_t r = 1;
  for (int i = 0; i < n; ++i) r += (int64_t)p[i] << 3;
  return r;
}
NOINLINE static void strided(int32_t *restrict d, const int32_t *restrict p, int n) {
  for (int i = 0; i < n; ++i) {
    d[3 * i] = p[3 * i + 2];
    d[3 * i + 1] = p[3 * i + 1];
    d[3 * i + 2] = p[3 * i];
  }
}
NOINLINE static unsigned hash(const uint8_t *p, int n) {
  unsigned h = 5381;
  for (int i = 0; i < n; ++i) h = h * 33 ^ p[i];
  return h;
}
NOINLINE static int poly(const int32_t *p, int n, int x) {
  int r = 0;
  for (int i = 0; i < n; ++i) r = r * x + p[i];
  return r;
}
NOINLINE static void two(int32_t *restrict x, int32_t *restrict y, int n) {
  for (int i = 0; i < n; ++i) {
    int k = x[i];
    x[i] = y[i] + (k << 2);
    y[i] = k - 1;
  }
}
NOINLINE static void swapped(int32_t *p, int n) {
  int x = 1, y = 2, z = 3;
  for (int i = 0; i < n; ++i) {
    int w = x;
    x = y, y = z, z = w + p[i];
    p[i] = x;
  }
  p[n] = x + 2 * y + 4 * z;
}
NOINLINE static void matrix(const int32_t *restrict x, const int32_t *restrict y,
                            int32_t *restrict z, int n) {
  for (int i = 0; i < 4; ++i)
    for (int j = 0; j < 4; ++j) {
      int r = 0;
      for (int k = 0; k < n; ++k) r += x[i * 4 + k] * y[k * 4 + j];
      z[i * 4 + j] = r;
    }
}
NOINLINE static void fixed(int32_t *restrict d, const int32_t *restrict p) {
  for (int i = 0; i < 17; ++i) d[i] += p[i] * p[i];
}
NOINLINE static void byValue(int32_t *d, int n, int k) {
  for (int i = 0; i < n; ++i) d[i] = i * k;
}
NOINLINE static int whileLoop(const int32_t *p, int n) {
  int r = 0, i = 0;
  do r = (r >> 1) + p[i];
  while (++i < n);
  return r;
}

int run(int seed) {
  uint32_t h = (uint32_t)seed;
#define NEXT (h = h * 1664525u + 1013904223u)
  for (int n = 0; n <= 20; ++n) {
    for (int i = 0; i < 96; ++i) {
      a[i] = (int32_t)NEXT, b[i] = (int32_t)(NEXT >> 5), c[i] = i;
      s[i] = (int16_t)(NEXT >> 9), t[i] = (int16_t)(NEXT >> 11);
      u[i] = (uint8_t)(NEXT >> 13), v[i] = (uint8_t)(NEXT >> 7);
    }
    h ^= (uint32_t)sum(a, n);
    scale(b, a, n, seed);
    inPlace(a, n);
    mayOverlap(a + 1, a, n);
    mayOverlap(b, b + 2, n);
    mayOverlap(a + 40, a, n);
    fibonacci(c, n);
    far(b, n);
    far(b + 30, n * 2);
    backwards(a, n);
    h += (uint32_t)dot16(s, t, n) * 31;
    bytes(u, v, n);
    shorts(s, s, n);
    shorts(t + 1, t, n);
    h ^= (uint32_t)maximum(b, n) + (uint32_t)where(a, n) * 3;
    int64_t w = wide(a, n);
    h += (uint32_t)w ^ (uint32_t)(w >> 32);
    strided(c, a, n);
    h ^= hash(u, n) + (uint32_t)poly(a, n, seed) * 5;
    two(a, b, n);
    swapped(b, n);
    if (n <= 8) matrix(a, b, c + 50, n);
    fixed(c, a);
    byValue(b + 20, n, seed);
    h += (uint32_t)whileLoop(b, n);
    for (int i = 0; i < 96; ++i)
      h = h * 31 + (uint32_t)(a[i] ^ b[i] ^ c[i]) +
          (uint32_t)(s[i] + t[i] * 5 + u[i] * 7 + v[i] * 11);
  }
  return (int)h;
}
