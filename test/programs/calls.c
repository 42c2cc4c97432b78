// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Calls: many arguments, 64-bit and mixed ones, structs by value and returned, recursion, pointers
// to functions.
#include <stdint.h>
struct P {
  int x, y;
};
struct Q {
  int a[6];
  char c;
  int64_t l;
};
struct R {
  short s;
};
__attribute__((noinline)) static int many(int a, int b, int c, int d, int e, int f, int g, int h,
                                          int i, int j, int k) {
  return a + 2 * b + 3 * c + 5 * d + 7 * e + 11 * f + 13 * g + 17 * h + 19 * i + 23 * j + 29 * k;
}
__attribute__((noinline)) static int64_t mixed(int a, int64_t b, char *p, int64_t c, short d,
                                               int64_t e, unsigned char f, int64_t g, int h) {
  return a + b * 3 + *p + c * 5 + d + e * 7 + f + g * 11 + h;
}
__attribute__((noinline)) static struct P swap(struct P p) {
  struct P r = {p.y, p.x};
  return r;
}
__attribute__((noinline)) static struct Q big(struct Q q, struct P p, struct R r) {
  for (int i = 0; i < 6; ++i) q.a[i] += p.x * i + r.s;
  q.c ^= 1;
  q.l += p.y;
  return q;
}
__attribute__((noinline)) static int fib(int n) { return n < 2 ? n : fib(n - 1) + fib(n - 2); }
__attribute__((noinline)) static int ack(int m, int n) {
  return m == 0 ? n + 1 : n == 0 ? ack(m - 1, 1) : ack(m - 1, ack(m, n - 1));
}
static int twice(int v) { return v * 2; }
static int inc(int v) { return v + 1; }
static int neg(int v) { return -v; }
static int (*const table[])(int) = {twice, inc, neg};
int run(int seed) {
  uint32_t h = 0;
  char c = (char)seed;
  h += (uint32_t)many(seed, 2, 3, 4, 5, 6, 7, 8, 9, 10, seed + 11);
  int64_t m =
      mixed(seed, 1ll << 33, &c, -7, (short)seed, seed * 9ll, (unsigned char)seed, -1ll << 40, 3);
  h ^= (uint32_t)m ^ (uint32_t)(m >> 32);
  struct P p = swap((struct P){seed, 42});
  h = h * 31 + (uint32_t)p.x - (uint32_t)p.y;
  struct Q q = {{1, 2, 3, 4, 5, 6}, 'c', 1ll << 35};
  q = big(q, p, (struct R){(short)(seed * 3)});
  for (int i = 0; i < 6; ++i) h = h * 31 + (uint32_t)q.a[i];
  h ^= (uint32_t)q.c + (uint32_t)q.l + (uint32_t)(q.l >> 32);
  h += (uint32_t)fib(10 + (seed & 3)) + (uint32_t)ack(2, seed & 3);
  int v = seed;
  for (int i = 0; i < 9; ++i) v = table[(unsigned)(v + i) % 3](v);
  return (int)(h ^ (uint32_t)v);
}
