// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// <stdlib.h> and <string.h>: sorting and searching, quotients, spans and tokens.
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
static uint32_t h;
static void say(long long x) { h = h * 31 + (uint32_t)x + (uint32_t)(x >> 32) * 7; }
static int less(const void *a, const void *b) {
  const int x = *(const int *)a, y = *(const int *)b;
  return (x > y) - (x < y);
}
int run(int seed) {
  h = (uint32_t)seed;
  int v[9];
  for (int i = 0; i < 9; ++i) v[i] = (int)((uint32_t)seed * (uint32_t)(i + 3) >> 5) % 100;
  qsort(v, 9, sizeof *v, less);
  for (int i = 0; i < 9; ++i) say(v[i]);
  const int key = v[4];
  const int *found = bsearch(&key, v, 9, sizeof *v, less);
  say(found ? *found : -1);
  div_t d = div(seed, 7);
  say(d.quot * 100 + d.rem);
  lldiv_t l = lldiv(-123456789012LL, (seed & 15) + 3);
  say(l.quot + l.rem);
  say(abs(seed & 255) + labs(-5) + llabs(-6));
  char text[64] = "alpha, beta;gamma  delta", copy[64];
  say((long long)(strspn(text, "aplh") + strcspn(text, ";") * 10));
  say(strpbrk(text, ";,") - text);
  say(strpbrk(text, "!") == 0);
  strcpy(copy, "x");
  strncat(copy, text, (size_t)(seed & 7));
  say((long long)strlen(copy));
  for (char *t = strtok(text, ", ;"); t; t = strtok(0, ", ;")) say(t[0] * 100 + (int)strlen(t));
  return (int)h;
}
