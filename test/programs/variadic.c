// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Variable arguments of every kind through va_list and va_copy, tables of function pointers,
// structs returned in memory, more arguments than registers.
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
struct S {
  int a;
  short b;
  char c;
};
struct L {
  double d;
  int x[7];
};
struct T {
  char c;
  long long l;
};
struct V2 {
  float x, y;
};
__attribute__((noinline)) static uint32_t vsum(const char *f, va_list ap) {
  uint32_t h = 1;
  for (; *f; f++) switch (*f) {
    case 'i': h = h * 31 + (uint32_t)va_arg(ap, int); break;
    case 'l': {
      long long v = va_arg(ap, long long);
      h = h * 31 + (uint32_t)v + (uint32_t)(v >> 32);
      break;
    }
    case 'd': {
      double v = va_arg(ap, double);
      h = h * 31 + (uint32_t)(int)(v * 8);
      break;
    }
    case 's': {
      struct S v = va_arg(ap, struct S);
      h = h * 31 + (uint32_t)(v.a + v.b * 3 + v.c * 5);
      break;
    }
    case 'L': {
      struct L v = va_arg(ap, struct L);
      h = h * 31 + (uint32_t)(int)v.d + (uint32_t)(v.x[0] + v.x[6] * 3);
      break;
    }
    case 'T': {
      struct T v = va_arg(ap, struct T);
      h = h * 31 + (uint32_t)v.l + (uint32_t)v.c;
      break;
    }
    case 'v': {
      struct V2 v = va_arg(ap, struct V2);
      h = h * 31 + (uint32_t)(int)(v.x * 2 + v.y);
      break;
    }
    case 'p': {
      int *v = va_arg(ap, int *);
      h = h * 31 + (uint32_t)*v;
      break;
    }
    case 'f': {
      int (*v)(int) = va_arg(ap, int (*)(int));
      h = h * 31 + (uint32_t)v(5);
      break;
    }
    }
  return h;
}
__attribute__((noinline)) static uint32_t sum(const char *f, ...) {
  va_list ap, b;
  va_start(ap, f);
  va_copy(b, ap);
  uint32_t h = vsum(f, ap);
  h = h * 7 + vsum(f, b);
  va_end(ap);
  va_end(b);
  return h;
}
__attribute__((noinline)) static uint32_t sum2(int a, long long b, double c, const char *f, int e,
                                               int g, int h, int i, int j, int k, ...) {
  va_list ap;
  va_start(ap, k);
  uint32_t r = vsum(f, ap) + (uint32_t)(a + e + g * 2 + h * 3 + i * 4 + j * 5 + k * 6) +
               (uint32_t)b + (uint32_t)(int)c;
  va_end(ap);
  return r;
}
static int dbl(int x) { return 2 * x; }
static int neg(int x) { return -x; }
static int sq(int x) { return x * x; }
static int (*const table[])(int) = {dbl, neg, sq};
static int (*mut[3])(int) = {sq, dbl, neg};
__attribute__((noinline)) static struct L mkL(int s) {
  struct L l = {s * 0.5, {s, 1, 2, 3, 4, 5, s ^ 6}};
  return l;
}
__attribute__((noinline)) static struct L chain(struct L l, int n) {
  if (!n) return l;
  l.x[n % 7] += n;
  l.d += 1;
  return chain(l, n - 1);
}
__attribute__((noinline)) static struct S mkS(signed char a, short b, unsigned char c) {
  struct S s = {a, b, (char)c};
  return s;
}
__attribute__((noinline)) static struct T mkT(struct S s) {
  struct T t = {s.c, (long long)s.a << 33 | s.b};
  return t;
}
__attribute__((noinline)) static long long many(char a, short b, int c, long long d, float e,
                                                double f, char *g, struct S h, int i, int j,
                                                unsigned char k, long long l, struct T m, short n,
                                                _Bool o) {
  return a + b * 2 + c * 3 + d * 5 + (long long)(e * 7) + (long long)(f * 11) + *g * 13 + h.a * 17 +
         h.b * 19 + h.c * 23 + i * 29 + j * 31 + k * 37 + l * 41 + m.c * 43 + m.l * 47 + n * 53 +
         o * 59;
}
typedef long long (*Many)(char, short, int, long long, float, double, char *, struct S, int, int,
                          unsigned char, long long, struct T, short, _Bool);
volatile Many vm = many;
__attribute__((noinline)) static int fold(int (*const *t)(int), int n, int x) {
  for (int i = 0; i < n; i++) x = t[i](x) + i;
  return x;
}
int run(int seed) {
  int x = seed ^ 5;
  struct S s = mkS((signed char)seed, (short)(seed >> 1), (unsigned char)(seed >> 2));
  struct T t = mkT(s);
  struct L l = chain(mkL(seed & 1023), 9);
  struct V2 v = {(float)(seed & 255), 3};
  uint32_t h =
      sum("ildsLTvpfid", seed, (long long)seed * 100000, 2.25, s, l, t, v, &x, sq, -1, 7.5);
  h = h * 31 + sum("", 1);
  h = h * 31 + sum("ddd", 1.0, 2.0, (double)(seed & 7));
  h = h * 31 + sum("lil", 1LL << 40, seed, -1LL);
  h = h * 31 + sum2(seed, 1LL << 35, 9.5, "sild", 1, 2, 3, 4, 5, 6, s, seed, 77LL, -4.5);
  h = h * 31 + (uint32_t)fold(table, 3, seed & 255) +
      (uint32_t)fold((int (*const *)(int))mut, 3, seed & 127);
  char g = 'g';
  long long m = vm((char)seed, (short)seed, seed, (long long)seed << 20, (float)(seed & 4095),
                   (seed & 4095) * 0.25, &g, s, seed + 1, seed + 2, (unsigned char)seed, -7, t,
                   (short)(seed * 3), seed & 1);
  h = h * 31 + (uint32_t)m + (uint32_t)(m >> 32);
  h += (uint32_t)(int)l.d + (uint32_t)l.x[3];
  return (int)h;
}
