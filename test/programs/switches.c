// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Switches: dense tables, sparse values, ranges, fall-through, 64-bit selectors.
#include <stdint.h>
static int dense(int v) {
  switch (v) {
  case 0: return 5;
  case 1: return -3;
  case 2: return 100;
  case 3: return v * 7;
  case 4: return 9;
  case 5: return v << 9;
  case 6: return 77;
  case 7: return 1 - v;
  case 8: return 4096;
  case 9: return 12345678;
  case 10: return -1;
  default: return v ^ 0x5A;
  }
}
static int fall(unsigned v) {
  int r = 0;
  switch (v % 13) {
  case 12: r += 1;
  case 11: r += 2; break;
  case 7:
  case 8:
  case 9: r = 50;
  case 3: r *= 3; break;
  case 0: r = -9;
  default: r ^= 1;
  }
  return r;
}
static int sparse(int64_t v) {
  switch (v) {
  case -5000000000ll: return 1;
  case -1: return 2;
  case 1000: return 3;
  case 70000: return 4;
  case 0x123456789ll: return 5;
  case 0x7FFFFFFFFFFFFFFFll: return 6;
  default: return 7;
  }
}
int run(int seed) {
  static const int64_t values[] = {-5000000000ll,        -1, 1000, 70000, 0x123456789ll,
                                   0x7FFFFFFFFFFFFFFFll, 0,  5};
  uint32_t h = (uint32_t)seed;
  for (int i = -4; i < 20; ++i)
    h = h * 31 + (uint32_t)dense(i + (seed & 3)) + (uint32_t)fall((unsigned)i + (unsigned)seed);
  for (int i = 0; i < 8; ++i) h = h * 17 + (uint32_t)sparse(values[(i + seed) & 7]);
  return (int)h;
}
