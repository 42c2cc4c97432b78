// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// x^y of double as 2^(y log2 x) in the wide format: its ten spare bits less the ten that a large
// exponent costs leave the result within a unit.
#include "wide.h"

FUNCTION(double, pow)(double x, double y) {
  const uint64_t bx = bitsOf(x), by = bitsOf(y), mx = magnitudeBits(x), my = magnitudeBits(y);
  constexpr uint64_t kOne = static_cast<uint64_t>(1023) << 52;
  if (bx == kOne || !my) return 1;
  if (mx > Double::kInfinity) return quiet(x);
  if (my > Double::kInfinity) return quiet(y);
  bool integer = my >= static_cast<uint64_t>(1023 + 53) << 52, isOdd = false;
  if (!integer && my >= kOne) {
    const int below = 1075 - static_cast<int>(my >> 52);
    const uint64_t fraction = (my & (Double::kImplicit - 1)) | Double::kImplicit;
    integer = !(fraction & ((static_cast<uint64_t>(1) << below) - 1));
    isOdd = integer && (fraction >> below & 1);
  }
  const uint64_t sign = isOdd ? bx & Double::kSign : 0;
  const bool down = by >> 63;
  if (my == Double::kInfinity) {
    if (mx == kOne) return 1;
    return (mx > kOne) != down ? doubleOf(Double::kInfinity) : 0;
  }
  if (!mx || mx == Double::kInfinity)
    return doubleOf(sign | ((mx != 0) != down ? Double::kInfinity : 0));
  if (bx >> 63) {
    if (!integer) return doubleOf(Double::kNan);
    if (mx == kOne) return doubleOf(sign | kOne);
  }
  const Wide log = wide::mul(wide::of(y), wide::log2(wide::of(doubleOf(mx))));
  if (log.exponent > 11) return doubleOf(sign | (log.mantissa < 0 ? 0 : Double::kInfinity));
  // n + f / 2^64
  int n = 0;
  uint64_t f = magnitudeOf(log.mantissa) << 1; // 1.0 is 2^63
  if (!log.mantissa)
    f = 0;
  else if (log.exponent >= 0) {
    n = static_cast<int>(low(f >> (63 - log.exponent)));
    f <<= log.exponent + 1;
  } else {
    f = -1 - log.exponent > 63 ? 0 : f >> (-1 - log.exponent);
  }
  if (log.mantissa < 0) {
    n = -n - (f != 0);
    f = 0 - f;
  }
  return withSign(wide::toDouble(wide::exp2(n, f)), doubleOf(sign));
}
