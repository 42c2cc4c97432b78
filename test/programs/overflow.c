// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Arithmetic that says when it overflows, of every width.
#include <limits.h>
#include <stdint.h>
#define OV(T, a, b)                                                                                \
  do {                                                                                             \
    T r;                                                                                           \
    h = h * 31 + __builtin_add_overflow((T)(a), (T)(b), &r);                                       \
    h += (uint32_t)r;                                                                              \
    h = h * 31 + __builtin_sub_overflow((T)(a), (T)(b), &r);                                       \
    h += (uint32_t)r;                                                                              \
    h = h * 31 + __builtin_mul_overflow((T)(a), (T)(b), &r);                                       \
    h += (uint32_t)r;                                                                              \
  } while (0)
__attribute__((noinline)) static uint32_t over(long long a, long long b) {
  uint32_t h = 0;
  OV(int, a, b);
  OV(unsigned, a, b);
  OV(short, a, b);
  OV(unsigned char, a, b);
  OV(signed char, a, b);
  OV(long long, a * 1234567, b * 7654321);
  OV(unsigned long long, a * 1234567, b * 7654321);
  int r;
  h += __builtin_add_overflow(a, b, &r) + (uint32_t)r;
  short s;
  h += __builtin_mul_overflow((int)a, (unsigned)b, &s) + (uint32_t)s;
  unsigned c;
  h += __builtin_addc((unsigned)a, (unsigned)b, 1u, &c) + c;
  h += __builtin_subc((unsigned)a, (unsigned)b, 1u, &c) + c;
  unsigned long long c2;
  h +=
      (uint32_t)__builtin_addcll((unsigned long long)a << 40, (unsigned long long)b << 40, 1, &c2) +
      (uint32_t)c2;
  return h;
}
int run(int seed) {
  uint32_t h = over(seed, 77) + over(seed, -seed) + over(INT_MAX, seed) + over(INT_MIN, -1) +
               over(200, seed & 255);
  return (int)h;
}
