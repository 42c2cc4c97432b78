// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// x^y of double as 2^(y log2 x). A large exponent costs ten bits of the logarithm, which is why it
// has 66 of them.
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
  const Wide power = wide::of(y);
  wide::Long log = wide::longLog2(wide::of(doubleOf(mx)));
  const bool negative = log.negative != (power.mantissa < 0);
  log = wide::times(magnitudeOf(power.mantissa) << 1, log);
  log.scale += 63 - power.exponent;
  wide::normalize(log);
  if (127 - log.scale > 11) return doubleOf(sign | (negative ? 0 : Double::kInfinity));
  wide::shiftRight(log, log.scale - 64);
  int n = static_cast<int>(low(log.high));
  uint64_t f = log.low;
  if (negative) {
    n = -n - (f != 0);
    f = 0 - f;
  }
  return withSign(wide::toDouble(wide::exp2(n, f)), doubleOf(sign));
}
