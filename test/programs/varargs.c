// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Variable arguments of all kinds, and va_copy.
#include <stdarg.h>
#include <stdint.h>
__attribute__((noinline)) static int64_t sum(const char *kinds, ...) {
  va_list ap, again;
  va_start(ap, kinds);
  va_copy(again, ap);
  int64_t t = 0;
  for (const char *k = kinds; *k; ++k) switch (*k) {
    case 'i': t = t * 3 + va_arg(ap, int); break;
    case 'l': t = t * 5 + va_arg(ap, int64_t); break;
    case 'd': t = t * 7 + (int64_t)va_arg(ap, double); break;
    case 's': {
      const char *s = va_arg(ap, const char *);
      while (*s) t = t * 11 + *s++;
      break;
    }
    }
  va_end(ap);
  if (kinds[0] == 'i') t ^= va_arg(again, int);
  va_end(again);
  return t;
}
int run(int seed) {
  int64_t t = sum("iilsdi", seed, -seed, 1ll << 40, "text", 1234.0, 9) + sum("", 1) +
              sum("llllll", 1ll, 2ll, 3ll, 4ll, 5ll, (int64_t)seed) + sum("dd", (double)seed, 3e9);
  return (int)(t ^ t >> 32);
}
