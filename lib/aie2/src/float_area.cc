// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Inverse hyperbolic functions through ln(1 + x), which keeps them accurate next to 0.
#include "extended.h"

FUNCTION(float, asinhf)(float x) {
  const uint32_t magnitude = magnitudeBits(x);
  if (magnitude >= kInfinityBits) return magnitude > kInfinityBits ? quiet(x) : x;
  if (magnitude < 0x39000000) return x;
  const Extended e = LIB(__ashlar_x_of)(floatOf(magnitude)), square = mul(e, e);
  // ln(x + sqrt(x^2 + 1)) = ln(1 + x + x^2 / (1 + sqrt(x^2 + 1)))
  const Extended root = add(X_ONE, LIB(__ashlar_x_sqrt)(add(square, X_ONE)));
  return withSign(LIB(__ashlar_x_float)(LIB(__ashlar_x_log1p)(add(e, div(square, root)))),
                  bitsOf(x));
}
FUNCTION(float, acoshf)(float x) {
  const uint32_t bits = bitsOf(x);
  if (magnitudeBits(x) > kInfinityBits) return quiet(x);
  if (bits < 0x3f800000 || bits >> 31) return floatOf(kNanBits);
  if (bits == kInfinityBits) return x;
  const Extended less = sub(LIB(__ashlar_x_of)(x), X_ONE);
  // ln(x + sqrt(x^2 - 1)) with d = x - 1: ln(1 + d + sqrt(d (d + 2)))
  const Extended root = LIB(__ashlar_x_sqrt)(mul(less, add(less, scaled(X_ONE, 1))));
  return LIB(__ashlar_x_float)(LIB(__ashlar_x_log1p)(add(less, root)));
}
FUNCTION(float, atanhf)(float x) {
  const uint32_t magnitude = magnitudeBits(x);
  if (magnitude > kInfinityBits) return quiet(x);
  if (magnitude >= 0x3f800000)
    return magnitude > 0x3f800000 ? floatOf(kNanBits)
                                  : floatOf(kInfinityBits | (bitsOf(x) & kSignBit));
  if (magnitude < 0x39000000) return x;
  const Extended e = LIB(__ashlar_x_of)(floatOf(magnitude));
  const Extended quotient = div(scaled(e, 1), sub(X_ONE, e));
  return withSign(LIB(__ashlar_x_float)(scaled(LIB(__ashlar_x_log1p)(quotient), -1)), bitsOf(x));
}
