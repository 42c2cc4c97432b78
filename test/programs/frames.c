// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Frames: large arrays, alloca and variable-length arrays, addresses of locals, spills under
// pressure.
#include <stdint.h>
__attribute__((noinline)) static uint32_t consume(uint32_t *p, int n) {
  uint32_t h = 1;
  for (int i = 0; i < n; ++i) {
    h = h * 31 + p[i];
    p[i] ^= h;
  }
  return h;
}
__attribute__((noinline)) static uint32_t vla(int n, uint32_t s) {
  uint32_t a[n];
  for (int i = 0; i < n; ++i) a[i] = s * (uint32_t)i;
  uint32_t h = consume(a, n);
  return n > 3 ? h + vla(n / 2, h) + a[n - 1] : h;
}
__attribute__((noinline)) static uint32_t large(uint32_t s) {
  uint32_t a[150];
  uint8_t b[333];
  for (int i = 0; i < 150; ++i) a[i] = s + (uint32_t)i * 7;
  for (int i = 0; i < 333; ++i) b[i] = (uint8_t)(a[i % 150] >> 3);
  uint32_t h = consume(a, 150);
  for (int i = 0; i < 333; ++i) h = h * 33 + b[i];
  return h;
}
__attribute__((noinline)) static uint32_t pressure(uint32_t a, uint32_t b, uint32_t c, uint32_t d) {
  uint32_t v[24];
  for (int i = 0; i < 24; ++i) v[i] = a * (uint32_t)i + b;
  uint32_t e = a ^ b, f = b ^ c, g = c ^ d, h = d ^ a, i = a + c, j = b + d, k = a * d, l = b * c,
           m = e + f, n = g + h, o = i * j, p = k - l, q = m ^ n, r = o ^ p, s = e * g, t = f * h,
           u = i - j, w = k + l, x = m * n, y = o + p;
  for (int z = 0; z < 24; ++z) {
    uint32_t tmp = v[z] + e;
    e = f;
    f = g ^ tmp;
    g = h;
    h = i + tmp;
    i = j;
    j = k;
    k = l + z;
    l = m;
    m = n;
    n = o ^ z;
    o = p;
    p = q;
    q = r;
    r = s;
    s = t;
    t = u;
    u = w;
    w = x;
    x = y;
    y = tmp;
  }
  return e + f * 3 + g * 5 + h * 7 + i * 11 + j * 13 + k * 17 + l * 19 + m * 23 + n * 29 + o * 31 +
         p * 37 + q * 41 + r * 43 + s * 47 + t * 53 + u * 59 + w * 61 + x * 67 + y * 71;
}
int run(int seed) {
  uint32_t s = (uint32_t)seed, h = vla(20 + (seed & 7), s);
  h ^= large(s);
  h += pressure(s, s * 3, s ^ 99, ~s);
  uint32_t *p = __builtin_alloca(4 * (5 + (unsigned)(seed & 3)));
  for (int i = 0; i < 5; ++i) p[i] = h + (uint32_t)i;
  h = consume(p, 5);
  return (int)h;
}
