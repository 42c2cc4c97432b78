// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Arc sine and cosine: an odd polynomial up to 1/2, above it pi/2 - 2 asin(sqrt((1 - x) / 2)).
#include "extended.h"

namespace {
const int32_t kArcSine[] = {1073741824, 178956970, 80530698, 47932441, 32671944,
                            23467425,   22206406,  2056872,  35387948};

/// asin(x) for 0 <= x <= 1/2, given x and x^2.
INLINE Extended small(Extended x, Extended square) {
  return mul(x, polynomial(kArcSine, fraction31(square)));
}
/// 2 asin(sqrt((1 - x) / 2)) = acos(x) for 1/2 <= x <= 1.
INLINE Extended large(Extended x) {
  const Extended half = scaled(sub(X_ONE, x), -1);
  return scaled(small(LIB(__ashlar_x_sqrt)(half), half), 1);
}
} // namespace

FUNCTION(float, asinf)(float x) {
  const uint32_t magnitude = magnitudeBits(x);
  if (magnitude > 0x3f800000) return magnitude > kInfinityBits ? quiet(x) : floatOf(kNanBits);
  if (magnitude < 0x39000000) return x;
  const Extended e = LIB(__ashlar_x_of)(floatOf(magnitude));
  const Extended result = magnitude <= 0x3f000000 ? small(e, mul(e, e)) : sub(X_HALF_PI, large(e));
  return withSign(LIB(__ashlar_x_float)(result), bitsOf(x));
}

FUNCTION(float, acosf)(float x) {
  const uint32_t magnitude = magnitudeBits(x);
  const bool negative = bitsOf(x) >> 31;
  if (magnitude > 0x3f800000) return magnitude > kInfinityBits ? quiet(x) : floatOf(kNanBits);
  const Extended e = LIB(__ashlar_x_of)(floatOf(magnitude));
  Extended result;
  if (magnitude <= 0x3f000000) {
    const Extended asin = small(e, mul(e, e));
    result = add(X_HALF_PI, negative ? asin : negated(asin));
  } else {
    result = large(e);
    if (negative) result = sub(scaled(X_HALF_PI, 1), result);
  }
  return LIB(__ashlar_x_float)(result);
}
