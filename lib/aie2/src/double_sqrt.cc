// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Square root of double, correctly rounded: two bits of the radicand give one of the root.
#include "soft.h"

using Double = soft::Is<uint64_t>;

FUNCTION(double, sqrt)(double x) {
  const uint64_t bits = bitsOf(x), magnitude = bits & ~Double::kSign;
  if (bits - 1 >= Double::kInfinity - 1) {
    if (magnitude > Double::kInfinity) return doubleOf(bits | Double::kQuiet);
    if (!magnitude || bits == Double::kInfinity) return x;
    return doubleOf(Double::kNan);
  }
  uint64_t radicand;
  const int exponent = soft::split(bits, radicand) - 1023;
  radicand <<= 10;
  if (exponent & 1) radicand <<= 1;
  uint64_t rest = 0, root = 0;
  for (int i = 0; i < 54; ++i) {
    rest = rest << 2 | radicand >> 62;
    radicand <<= 2;
    const uint64_t trial = root << 2 | 1;
    root <<= 1;
    if (rest >= trial) {
      rest -= trial;
      root |= 1;
    }
  }
  return doubleOf(
      soft::pack(static_cast<uint64_t>(0), (exponent >> 1) + 1023, root << 10 | (rest != 0)));
}
