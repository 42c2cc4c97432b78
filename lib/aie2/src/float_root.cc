// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Cube root and hypotenuse.
#include "extended.h"

FUNCTION(float, cbrtf)(float x) {
  const uint32_t magnitude = magnitudeBits(x);
  if (magnitude >= kInfinityBits) return magnitude > kInfinityBits ? quiet(x) : x;
  if (!magnitude) return x;
  const Extended e = LIB(__ashlar_x_of)(floatOf(magnitude));
  // The exponent's third comes out exactly; what is left is below 8.
  const int third = ((exponentOf(e) + 300) * 43691 >> 17) - 100; // floor(exponent / 3)
  const Extended rest = extended(mantissaOf(e), exponentOf(e) - 3 * third);
  const Extended log = mul(LIB(__ashlar_x_log2)(rest), extended(1431655765, -2)); // below 1
  const uint32_t fraction = static_cast<uint32_t>(fraction31(log)) << 1;
  return withSign(LIB(__ashlar_x_float)(LIB(__ashlar_x_exp2)(third, fraction)), bitsOf(x));
}

FUNCTION(float, hypotf)(float x, float y) {
  const uint32_t mx = magnitudeBits(x), my = magnitudeBits(y);
  if (mx == kInfinityBits || my == kInfinityBits) return floatOf(kInfinityBits);
  if (mx > kInfinityBits) return quiet(x);
  if (my > kInfinityBits) return quiet(y);
  const Extended a = LIB(__ashlar_x_of)(x), b = LIB(__ashlar_x_of)(y);
  return LIB(__ashlar_x_float)(LIB(__ashlar_x_sqrt)(add(mul(a, a), mul(b, b))));
}
