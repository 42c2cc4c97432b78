// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// _BitInt wider than a register pair, in structs, multiplied and divided.
#include <stdint.h>
typedef unsigned _BitInt(128) u128;
typedef _BitInt(96) s96;
typedef _BitInt(17) s17;
typedef unsigned _BitInt(3) u3;
struct S {
  s17 a;
  u3 b;
  u128 c;
};
__attribute__((noinline)) u128 mul(u128 a, u128 b) { return a * b; }
__attribute__((noinline)) s96 sh(s96 a, int n) { return (a << n) - (a >> 3); }
__attribute__((noinline)) struct S mk(int x) {
  struct S s = {(s17)x, (u3)x, (u128)(unsigned)x << 77 | (unsigned)x};
  return s;
}
int run(int seed) {
  struct S s = mk(seed);
  u128 p = mul(s.c, (u128)(unsigned)seed * 0x123456789abcdefULL);
  s96 q = sh((s96)seed * 1000000007, seed & 31);
  u128 d = p / ((unsigned)seed | 3) + p % 1000003;
  return (int)((uint32_t)p ^ (uint32_t)(p >> 64) ^ (uint32_t)(p >> 100) ^ (uint32_t)q ^
               (uint32_t)(q >> 60) ^ (uint32_t)d ^ (uint32_t)(d >> 70) ^ (uint32_t)s.a ^ s.b);
}
