// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Structs by value in every shape that is passed differently: members in registers, on the stack
// and on both, pointers among words, halves of 64 bits, results in registers and in memory, unions
// whose padding counts, classes that must not be copied bitwise, calls through pointers.
#include <stdarg.h>
#define OPAQUE __attribute__((noinline))
namespace {
struct Two {
  int a, b;
};
struct Mixed {
  char c;
  short s;
  int *p;
};
struct Wide {
  long long x;
  char y;
};
struct Long {
  int a[10];
};
struct Floats {
  float x, y, z, w;
};
struct Empty {};
struct Nested {
  Two t[2];
  Mixed m;
};
struct Bits {
  unsigned a : 3, b : 9, c : 20;
  signed char d : 5;
};
struct Chars {
  char c[13];
};
union Either {
  struct {
    char c;
  } small;
  struct {
    int i, j;
  } big;
};
union Padded {
  struct {
    char c;
    long long l;
  } a;
  unsigned char raw[12];
};
struct Owner {
  int v;
  static int copies;
  explicit Owner(int x) : v(x) {}
  Owner(const Owner &o) : v(o.v) { ++copies; }
  ~Owner() { copies += 100; }
};
int Owner::copies = 0;
struct Virtual {
  virtual Two swap(Two t, Long l) { return {t.b + l.a[3], t.a}; }
  virtual Long fill(int k, Wide w) {
    Long l;
    for (int i = 0; i < 10; ++i) l.a[i] = k * i + (int)w.x;
    return l;
  }
};

OPAQUE Two swap(Two t) { return {t.b, t.a}; }
OPAQUE Mixed bump(Mixed m) {
  m.c++;
  m.s -= 2;
  ++m.p;
  return m;
}
OPAQUE Wide widen(int k, Wide w, char c) {
  w.x = w.x * k + c;
  w.y ^= c;
  return w;
}
OPAQUE int pick(Long l, int k) {
  int r = l.a[k];
  l.a[k] = 0;
  return r + l.a[0];
}
OPAQUE Floats turn(Floats f) { return {f.w, f.x, f.y, f.z}; }
OPAQUE int after(Empty, int x, Empty) { return x * 3; }
OPAQUE Nested nest(Nested n, int k) {
  n.t[1].a += k;
  n.m.s = (short)k;
  return n;
}
OPAQUE Bits bits(Bits b) {
  b.a++;
  b.b += 7;
  b.c ^= 0x5a5a5;
  b.d = (signed char)-b.d;
  return b;
}
OPAQUE Chars chars(Chars c) {
  for (char &x : c.c) x = (char)(x + 1);
  return c;
}
OPAQUE Either either(Either e) {
  e.big.i ^= e.big.j;
  return e;
}
OPAQUE Padded padded(Padded p) {
  for (int i = 0; i < 12; ++i) p.raw[i] ^= (unsigned char)(i * 17);
  return p;
}
OPAQUE Owner owner(Owner o) {
  o.v *= 2;
  return o;
}
OPAQUE int many(int a, Two b, long long c, Mixed d, Two e, Wide f, int g) {
  return a + b.a * 2 + b.b * 3 + (int)c * 5 + d.c * 7 + *d.p * 11 + e.a * 13 + e.b * 17 +
         (int)f.x * 19 + f.y * 23 + g * 29;
}
OPAQUE int variadic(int n, ...) {
  va_list list;
  va_start(list, n);
  int t = 0;
  for (int i = 0; i < n; ++i) {
    Long l = va_arg(list, Long);
    Two w = va_arg(list, Two);
    t = t * 7 + l.a[i] + w.a - w.b;
    l.a[0] = 1;
  }
  va_end(list);
  return t;
}
} // namespace
extern "C" int run(int seed) {
  unsigned h = (unsigned)seed;
  auto mix = [&](unsigned v) { h = (h ^ v) * 16777619u + 7; };
  int table[4] = {seed, seed + 1, 77, -5};
  Two t = swap({seed, 4});
  mix((unsigned)t.a);
  mix((unsigned)t.b);
  Mixed m = bump({(char)seed, (short)seed, table});
  mix((unsigned char)m.c);
  mix((unsigned short)m.s);
  mix((unsigned)*m.p);
  Wide w = widen(3, {seed * 1000003LL << 9, (char)seed}, 'q');
  mix((unsigned)w.x);
  mix((unsigned)(w.x >> 32));
  mix((unsigned char)w.y);
  Long l;
  for (int i = 0; i < 10; ++i) l.a[i] = seed * i + 1;
  mix((unsigned)pick(l, 0));
  mix((unsigned)pick(l, 7));
  mix((unsigned)l.a[0]);
  Floats f = turn({1.0f + (float)(seed & 63), 2, 3, 4});
  mix((unsigned)(int)(f.x * 1000 + f.y * 100 + f.z * 10 + f.w));
  mix((unsigned)after({}, seed, {}));
  Nested n = nest({{{1, 2}, {3, 4}}, {'x', 9, table + 2}}, seed);
  mix((unsigned)n.t[1].a);
  mix((unsigned short)n.m.s);
  mix((unsigned)*n.m.p);
  Bits b = {};
  b.a = (unsigned)seed & 7;
  b.b = (unsigned)seed & 511;
  b.c = (unsigned)seed & 0xfffff;
  b.d = 3;
  b = bits(b);
  mix(b.a);
  mix(b.b);
  mix(b.c);
  mix((unsigned)b.d);
  Chars c;
  for (int i = 0; i < 13; ++i) c.c[i] = (char)(seed + i);
  c = chars(c);
  for (char x : c.c) mix((unsigned char)x);
  Either e;
  e.big.i = seed;
  e.big.j = 0x12345678;
  e = either(e);
  mix((unsigned)e.big.i);
  mix((unsigned)e.big.j);
  Padded p;
  for (int i = 0; i < 12; ++i) p.raw[i] = (unsigned char)(seed >> (i & 3));
  p = padded(p);
  for (int i = 0; i < 12; ++i) mix(p.raw[i]);
  {
    Owner o = owner(Owner(seed));
    mix((unsigned)o.v);
  }
  mix((unsigned)Owner::copies);
  Owner::copies = 0;
  mix((unsigned)many(seed, {1, 2}, 3, {4, 5, table + 2}, {6, 7}, {8, 9}, 10));
  mix((unsigned)variadic(3, l, t, l, t, l, t));
  mix((unsigned)l.a[0]);
  Virtual object;
  Virtual *v = &object;
  asm("" : "+r"(v));
  t = v->swap(t, l);
  mix((unsigned)t.a);
  mix((unsigned)t.b);
  l = v->fill(seed, w);
  mix((unsigned)l.a[9]);
  Two (*s)(Two) = swap;
  Long (Virtual::*g)(int, Wide) = &Virtual::fill;
  asm("" : "+r"(s));
  t = s(t);
  mix((unsigned)t.a);
  l = (v->*g)(5, w);
  mix((unsigned)l.a[4]);
  return (int)h;
}
