// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// volatile, alignment, weak and aliased symbols, sections, cleanup, anonymous members, shifts of
// every width, enums, odd switches and jumps.
#include <stddef.h>
#include <stdint.h>
static uint32_t h;
static void say(uint32_t x) { h = h * 31 + x; }
/* volatile counts and orders */
volatile int reg[4];
static int reads;
static volatile unsigned char vb;
volatile short vs;
volatile long long vl;
volatile float vf;
volatile double vd;
struct __attribute__((aligned(64))) A64 {
  int x;
};
_Alignas(128) static char buf[128];
extern int weak_missing(int) __attribute__((weak));
static int impl(int x) { return x + 1; }
int ali(int x) __attribute__((alias("impl")));
__attribute__((section(".mydata"))) int insec = 77;
__attribute__((used)) static int unusedvar = 5;
static void cl(int *p) { say((uint32_t)*p); }
__attribute__((const)) static int sq(int x) { return x * x; }
typedef int (*fn)(int);
static fn pick(int i) {
  static const fn t[3] = {impl, sq, 0};
  return t[i];
}
union __attribute__((transparent_union)) TU {
  int *p;
  float *q;
};
static int tu(union TU u) { return *u.p; }
struct Nest {
  struct {
    union {
      struct {
        uint8_t a, b;
      };
      uint16_t w;
    };
    int t[2][3];
  } in[2];
  const char *name;
};
static const struct Nest N[2] = {
    [1] = {.in = {[0] = {.w = 0x1234, .t = {[1] = {4, 5, 6}}}, [1] = {.a = 7}},
           .name = "hi"
                   "there"}};
static long long ll(long long a, int n) { return n < 0 ? a >> -n : a << n; }
enum E { X = -5, Y, Z = 1 << 20 };
typedef enum : unsigned char { P = 200 } Small;
static inline __attribute__((always_inline)) int ai(int x) { return x ^ 3; }
__attribute__((noinline, optnone)) static int on(int x) { return x * 3 + 1; }
__attribute__((minsize)) static int ms(int x) { return x / 7; }
__attribute__((cold)) static int co(int x) { return x % 5; }
int run(int seed) {
  h = (uint32_t)seed;
  reg[0] = seed;
  reg[1] = reg[0] + reg[0];
  say((uint32_t)reg[1]);
  vb = (unsigned char)seed;
  vb++;
  vs = (short)seed;
  vs -= 7;
  vl = seed;
  vl *= 3;
  vf = (float)(seed & 4095);
  vf += 0.5f;
  vd = seed;
  vd *= 2;
  say(vb);
  say((uint32_t)vs);
  say((uint32_t)vl);
  say((uint32_t)(int)vf);
  say((uint32_t)(int)(vd / 4));
  struct A64 a[2];
  a[0].x = seed;
  a[1].x = 2;
  say(sizeof a);
  say((uint32_t)((uintptr_t)&a[1] - (uintptr_t)&a[0]));
  say((uint32_t)((uintptr_t)buf & 31));
  say(weak_missing ? 1u : 2u);
  say((uint32_t)ali(seed));
  say((uint32_t)insec);
  insec = 77;
  {
    __attribute__((cleanup(cl))) int c = seed;
    c += 4;
    for (int i = 0; i < 3; i++) {
      __attribute__((cleanup(cl))) int d = i;
      if (i == 1) continue;
      if (seed & 64) break;
    }
  }
  say((uint32_t)pick(seed & 1)(9));
  int v = seed;
  say((uint32_t)tu(&v));
  say(N[1].in[0].a + N[1].in[0].b * 3u + (uint32_t)N[1].in[0].t[1][2] + N[1].in[1].w +
      (uint32_t)N[1].name[4] + N[0].in[1].w);
  say((uint32_t)ll(seed, seed & 31));
  say((uint32_t)ll(-77777777777LL, -(seed & 63)));
  say((uint32_t)X + Y + Z);
  say(P + (Small)300);
  say(sizeof(Small));
  say((uint32_t)(ai(seed) + on(seed & 0xffff) + ms(seed) + co(seed)));
  int arr[10];
  int *p = arr + 3;
  for (int i = 0; i < 10; i++) arr[i] = i * i;
  say((uint32_t)p[-2] + (uint32_t)2 [p] + (uint32_t)(&arr[9] - p));
  char s[] = "ab\0cd";
  say(sizeof s + (uint32_t)s[4]);
  unsigned char uc = 250;
  uc += 10;
  signed char sc = (signed char)seed;
  sc >>= 2;
  unsigned short us = (unsigned short)(seed * 7);
  say(uc);
  say((uint32_t)sc);
  say((uint32_t)(us << 3) >> 2);
  say((uint32_t)(-7 / 2) + (uint32_t)(-7 % 3) + (7u >> 1));
  say((uint32_t)((seed, 5) + (seed ? 1 : 2)));
  goto in;
  for (int i = 0; i < 4; i++) {
    say((uint32_t)i);
    if (i == 2) {
    in:
      say(99);
      break;
    }
  }
  switch (seed & 3) {
    int q;
  case 0: q = 4; say((uint32_t)q);
  case 1: say(11); break;
  default: do { say(12);
    case 3: say(13);
    } while (0);
  }
  return (int)h;
}
