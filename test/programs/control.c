// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Loops of all shapes, early exits, gotos, computed gotos, nested conditions, selects.
#include <stdint.h>
int run(int seed) {
  uint32_t h = (uint32_t)seed;
  int i = 0, j;
  while (i < 30) {
    if ((h & 7) == 3) {
      h += 5;
      ++i;
      continue;
    }
    if (i == 27) break;
    h = h * 13 + (uint32_t)i;
    ++i;
  }
  do {
    h ^= h >> 3;
    --i;
  } while (i > 0 && (h & 31));
  for (i = 0; i < 6; ++i)
    for (j = i; j < 9; ++j) {
      if (j * i == 20) goto out;
      h = h * 3 + (uint32_t)(i > j ? i : j ^ i);
      for (int k = j; k--;) h += (uint32_t)k;
    }
out:;
  static const void *const labels[] = {&&l0, &&l1, &&l2, &&l3};
  int steps = 0;
l0:
  h += 3;
  if (++steps > 20) goto end;
  goto *labels[h & 3];
l1:
  h ^= 0x11;
  if (++steps > 20) goto end;
  goto *labels[h >> 2 & 3];
l2:
  h *= 5;
  if (++steps > 20) goto end;
  goto *labels[h >> 3 & 3];
l3:
  h -= 7;
  if (++steps > 20) goto end;
  goto *labels[h >> 1 & 3];
end:
  for (unsigned u = 0xFFFFFFF0u; u != 5; ++u) h += u;
  for (int8_t c = 120; c > 0; c = (int8_t)(c + 1)) h ^= (uint32_t)c;
  int a = (int)(h & 255) - 128, b = seed % 100;
  int m = a < b ? a : b, n = a < 0 ? -a : a;
  h += (uint32_t)(m * 3 + n + (a > 10 && b < 5 ? 1 : a == b || !b ? 2 : 3));
  return (int)h;
}
