// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Hyperbolic functions and e^x - 1: polynomials where the exponentials would cancel, else from
// e^x in the extended format.
#include "extended.h"

namespace {
const int32_t kTanh[] = {1073741824, -357913928, 143163866, -57870903, 22054363};
const int32_t kSinh[] = {1073741824, 178956968, 8947870, 212984, 3027};
const int32_t kExpm1[] = {1073741824, 536870912, 178956982, 44739244,
                          8947616,    1491285,   214528,    26779};

/// x times an even polynomial.
template <int N> INLINE Extended odd(Extended x, const int32_t (&c)[N]) {
  return mul(x, polynomial(c, fraction31(mul(x, x))));
}
} // namespace

FUNCTION(float, tanhf)(float x) {
  const uint32_t magnitude = magnitudeBits(x);
  if (magnitude > kInfinityBits) return quiet(x);
  if (magnitude < 0x39000000) return x;
  Extended result = X_ONE;
  if (magnitude < 0x41200000) { // 10
    const Extended e = LIB(__ashlar_x_of)(floatOf(magnitude));
    if (magnitude < 0x3e800000) {
      result = odd(e, kTanh);
    } else { // 1 - 2 / (e^2x + 1)
      const Extended denominator = add(LIB(__ashlar_x_exp)(scaled(e, 1)), X_ONE);
      result = sub(X_ONE, scaled(LIB(__ashlar_x_reciprocal)(denominator), 1));
    }
  }
  return withSign(LIB(__ashlar_x_float)(result), bitsOf(x));
}

FUNCTION(float, sinhf)(float x) {
  const uint32_t magnitude = magnitudeBits(x);
  if (magnitude >= 0x43000000) // 128, infinity, NaN
    return magnitude > kInfinityBits ? quiet(x) : floatOf(kInfinityBits | (bitsOf(x) & kSignBit));
  if (magnitude < 0x39000000) return x;
  const Extended e = LIB(__ashlar_x_of)(floatOf(magnitude));
  Extended result;
  if (magnitude < 0x3f800000) {
    result = odd(e, kSinh);
  } else {
    const Extended power = LIB(__ashlar_x_exp)(e);
    result = scaled(sub(power, LIB(__ashlar_x_reciprocal)(power)), -1);
  }
  return withSign(LIB(__ashlar_x_float)(result), bitsOf(x));
}

FUNCTION(float, coshf)(float x) {
  const uint32_t magnitude = magnitudeBits(x);
  if (magnitude >= 0x43000000) return magnitude > kInfinityBits ? quiet(x) : floatOf(kInfinityBits);
  const Extended power = LIB(__ashlar_x_exp)(LIB(__ashlar_x_of)(floatOf(magnitude)));
  return LIB(__ashlar_x_float)(scaled(add(power, LIB(__ashlar_x_reciprocal)(power)), -1));
}

FUNCTION(float, expm1f)(float x) {
  const uint32_t magnitude = magnitudeBits(x);
  if (magnitude >= 0x43000000) {
    if (magnitude > kInfinityBits) return quiet(x);
    return bitsOf(x) >> 31 ? floatOf(0xbf800000) : floatOf(kInfinityBits);
  }
  if (magnitude < 0x33000000) return x;
  const Extended e = LIB(__ashlar_x_of)(x);
  if (magnitude < 0x3f000000)
    return LIB(__ashlar_x_float)(mul(e, polynomial(kExpm1, fraction31(e))));
  return LIB(__ashlar_x_float)(sub(LIB(__ashlar_x_exp)(e), X_ONE));
}
