// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Text to integers, in every base. `long` has 32 bits on a core and 64 on the host, so limits are
// tried with strtoll.
#include <stdint.h>
#include <stdlib.h>
static uint32_t h;
static void say(long long x) { h = h * 31 + (uint32_t)x + (uint32_t)(x >> 32) * 7; }
static const char *const numbers[] = {"0",
                                      "  42x",
                                      "-17",
                                      "+0x1fg",
                                      "0777",
                                      "0x",
                                      "zz",
                                      "",
                                      "-",
                                      "9223372036854775807",
                                      "-9223372036854775808",
                                      "9223372036854775808",
                                      "-99999999999999999999",
                                      "\t\n 12 13"};
int run(int seed) {
  h = (uint32_t)seed;
  for (unsigned i = 0; i < sizeof numbers / sizeof *numbers; ++i)
    for (int base = 0; base <= 36; base += base == 0 ? 10 : base == 10 ? 6 : 20) {
      char *end;
      say(strtoll(numbers[i], &end, base));
      say(end - numbers[i]);
      say((long long)strtoull(numbers[i], &end, base));
      say(end - numbers[i]);
      if (i < 9) say(strtol(numbers[i], 0, base) + (long)strtoul(numbers[i], &end, base));
    }
  say(atoi("-123") + atol("77") + atoll(" 5"));
  return (int)h;
}
