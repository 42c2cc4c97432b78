// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Bit-fields, packed structs, unions, flexible arrays, _Generic, computed goto, VLAs, statement
// expressions, compound literals, case ranges.
#include <stddef.h>
#include <stdint.h>
#include <string.h>
struct B {
  unsigned a : 3;
  int b : 5;
  unsigned c : 17;
  int d : 7;
  unsigned long long e : 40;
  long long f : 24;
  signed char g : 4;
  _Bool h : 1;
  unsigned : 0;
  unsigned i : 9;
};
struct __attribute__((packed)) P {
  char c;
  int x;
  short s;
  long long l;
  float f;
  double d;
  unsigned k : 5;
  unsigned m : 13;
};
union U {
  float f;
  uint32_t u;
  unsigned char b[4];
  struct {
    unsigned lo : 12, hi : 20;
  } s;
};
struct Flex {
  int n;
  short d[];
};
static struct Flex fx = {3, {1, 2, 3}};
volatile struct B vb;
#define KIND(x)                                                                                    \
  _Generic((x),                                                                                    \
      char: 1,                                                                                     \
      signed char: 2,                                                                              \
      unsigned char: 3,                                                                            \
      short: 4,                                                                                    \
      int: 5,                                                                                      \
      unsigned: 6,                                                                                 \
      long: 7,                                                                                     \
      float: 8,                                                                                    \
      double: 9,                                                                                   \
      long long: 10,                                                                               \
      char *: 11,                                                                                  \
      const char *: 12,                                                                            \
      default: 99)
__attribute__((noinline)) static int interp(const unsigned char *p, int x) {
  static const void *const t[] = {&&add, &&sub, &&mul, &&xor_, &&end};
  int a = x;
  goto *t[*p++];
add:
  a += *p++;
  goto *t[*p++];
sub:
  a -= *p++;
  goto *t[*p++];
mul:
  a *= *p++;
  goto *t[*p++];
xor_:
  a ^= *p++;
  goto *t[*p++];
end:
  return a;
}
__attribute__((noinline)) static int vla(int n, int m) {
  int a[n][m];
  int (*p)[m] = a;
  for (int i = 0; i < n; i++)
    for (int j = 0; j < m; j++) a[i][j] = i * 10 + j;
  int s = (int)sizeof a;
  for (int i = 0; i < n; i++) {
    short t[i + 1];
    t[i] = (short)p[i][m - 1];
    s += t[i] + (int)sizeof t;
  }
  return s;
}
__attribute__((noinline)) static int sumf(int n, int a[static n]) {
  int s = 0;
  for (int i = 0; i < n; i++) s += a[i];
  return s;
}
__attribute__((noinline)) static struct B mk(int s) {
  struct B b = {.a = (unsigned)s,
                .b = s >> 3,
                .c = (unsigned)s * 7,
                .d = s,
                .e = (unsigned long long)s * 12345,
                .f = -s,
                .g = (signed char)s,
                .h = s & 1,
                .i = 400};
  return b;
}
int run(int seed) {
  uint32_t h = (uint32_t)seed;
  struct B b = mk(seed);
  h = h * 31 + b.a;
  h = h * 31 + (uint32_t)b.b;
  h = h * 31 + b.c;
  h = h * 31 + (uint32_t)b.d;
  h = h * 31 + (uint32_t)b.e;
  h = h * 31 + (uint32_t)(b.e >> 32);
  h = h * 31 + (uint32_t)b.f;
  h = h * 31 + (uint32_t)b.g + b.h + b.i;
  b.b++;
  b.c += 99999;
  b.e -= 77;
  b.d = -b.d;
  b.f ^= 0x5555;
  b.g -= 3;
  h ^= (uint32_t)b.b + b.c * 3 + (uint32_t)(b.e >> 5) + (uint32_t)b.d * 7 + (uint32_t)b.f * 11 +
       (uint32_t)b.g;
  vb.a = seed;
  vb.e = (unsigned)seed;
  vb.h = 1;
  vb.g = seed;
  h += vb.a + (uint32_t)vb.e + vb.h + (uint32_t)vb.g;
  struct P p[2];
  memset(p, 0, sizeof p);
  for (int i = 0; i < 2; i++) {
    p[i].c = (char)(seed + i);
    p[i].x = seed * 3;
    p[i].s = (short)seed;
    p[i].l = (long long)seed * 1000003;
    p[i].f = (float)seed;
    p[i].d = seed * 0.5;
    p[i].k = seed;
    p[i].m = seed + i;
  }
  for (unsigned i = 0; i < sizeof p; i++) h = h * 33 + ((unsigned char *)p)[i];
  h += (uint32_t)(p[1].l >> 7) + (uint32_t)p[1].x + (uint32_t)(int)(p[1].d * 2) + p[0].k + p[1].m +
       (uint32_t)sizeof(struct P);
  union U u;
  u.f = (float)(seed & 0xffff) * 1.5f;
  h ^= u.u;
  h += u.b[2] + u.s.lo * 5 + u.s.hi;
  u.s.hi = 0x41234;
  h += u.u;
  for (int i = 0; i < fx.n; i++) h += (uint32_t)fx.d[i] * (uint32_t)i;
  h += KIND(seed) * 3 + KIND((char)1) * 5 + KIND(1.0f) + KIND(1.0) + KIND(1LL) + KIND("a") +
       KIND((short)1) + KIND(&h);
  unsigned char code[] = {0, 5, 2, 7, 3, 90, 1, 200, 4};
  h ^= (uint32_t)interp(code, seed);
  h += (uint32_t)vla((seed & 3) + 2, (seed & 7) + 1);
  h += (uint32_t)({
    int t = seed;
    for (int i = 0; i < 5; i++) t = t * 3 + i;
    t;
  });
  h += (uint32_t)sumf(4, (int[]){seed, 2, [3] = 9});
  struct {
    int x, y;
    struct {
      short z[3];
    } in;
  } d = {.in.z[1] = 5, .y = 8, .in = {.z = {[2] = 4}}};
  h += (uint32_t)(d.x + d.y + d.in.z[0] * 3 + d.in.z[1] * 5 + d.in.z[2] * 7);
  int *restrict q = &d.x;
  *q = seed;
  h += (uint32_t)d.x;
  h += (uint32_t)offsetof(struct P, l);
  switch (seed & 15) {
  case 0 ... 3: h += 1; break;
  case 4 ... 9: h += 2; break;
  default: h += 3;
  }
  h += (uint32_t)(seed ?: 17);
  return (int)h;
}
