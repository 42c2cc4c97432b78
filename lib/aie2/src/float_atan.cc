// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Arc tangents: the quotient is brought under tan(pi/8) by swapping and by the formula for
// atan - pi/4, at the price of one division in all; then an odd polynomial.
#include "extended.h"

namespace {
const int32_t kTangent[] = {1073741824, -357913928, 214747117, -153347367,
                            118546041,  -90795924,  50541057};

INLINE bool less(Extended a, Extended b) {
  if (exponentOf(a) != exponentOf(b)) return exponentOf(a) < exponentOf(b);
  return mantissaOf(a) < mantissaOf(b);
}
} // namespace

/// atan(n / d) for positive n and d, 0..pi/2.
FUNCTION(Extended, __ashlar_x_atan)(Extended n, Extended d) {
  const bool swap = less(d, n);
  if (swap) {
    const Extended t = n;
    n = d;
    d = t;
  }
  const bool eighth = less(mul(d, extended(1779033704, -2)), n); // tan(pi/8)
  Extended quotient = eighth ? div(sub(n, d), add(n, d)) : div(n, d);
  quotient = mul(quotient, polynomial(kTangent, fraction31(mul(quotient, quotient))));
  if (eighth) quotient = add(scaled(X_HALF_PI, -1), quotient);
  return swap ? sub(X_HALF_PI, quotient) : quotient;
}

FUNCTION(float, atanf)(float x) {
  const uint32_t magnitude = magnitudeBits(x);
  if (magnitude > kInfinityBits) return quiet(x);
  if (magnitude < 0x39000000) return x; // the next term is below half a unit
  Extended result = X_HALF_PI;
  if (magnitude < 0x4d000000)
    result = LIB(__ashlar_x_atan)(LIB(__ashlar_x_of)(floatOf(magnitude)), X_ONE);
  return withSign(LIB(__ashlar_x_float)(result), bitsOf(x));
}

FUNCTION(float, atan2f)(float y, float x) {
  uint32_t my = magnitudeBits(y), mx = magnitudeBits(x);
  if (mx > kInfinityBits) return quiet(x);
  if (my > kInfinityBits) return quiet(y);
  // Infinities count as equally far, zeros as infinitely near.
  if (mx == kInfinityBits) {
    mx = 0x3f800000;
    my = my == kInfinityBits ? mx : 0;
  } else if (my == kInfinityBits) {
    my = 0x3f800000;
    mx = 0;
  }
  Extended angle;
  if (!my)
    angle = extended(0, -(1 << 20));
  else if (!mx)
    angle = X_HALF_PI;
  else
    angle = LIB(__ashlar_x_atan)(LIB(__ashlar_x_of)(floatOf(my)), LIB(__ashlar_x_of)(floatOf(mx)));
  if (bitsOf(x) >> 31) angle = sub(scaled(X_HALF_PI, 1), angle);
  return withSign(LIB(__ashlar_x_float)(angle), bitsOf(y));
}
