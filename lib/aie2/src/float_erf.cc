// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The error function: an odd polynomial near 0, else 1 - erfc(x) with
// erfc(x) = e^(-x^2) t P(t), t = 1 / (1 + x/2).
#include "extended.h"

namespace {
const int32_t kErf[] = {1211587905, -403862634, 121158769, -28847103,
                        5608021,    -914519,    124117,    -11478};
const int32_t kErfc[] = {302898744, 302838420,  265894548, 181934448,  130947940, -159438888,
                         339182040, -752955744, 752186000, -358057996, 68316208};

/// erfc(x) for 0.875 <= x < 11
NOINLINE Extended complement(Extended x) {
  const Extended t = LIB(__ashlar_x_reciprocal)(add(X_ONE, scaled(x, -1)));
  const Extended power = LIB(__ashlar_x_exp)(negated(mul(x, x)));
  return mul(mul(power, t), polynomial(kErfc, fraction31(t)));
}
NOINLINE Extended near(Extended x) { return mul(x, polynomial(kErf, fraction31(mul(x, x)))); }
} // namespace

FUNCTION(float, erff)(float x) {
  const uint32_t magnitude = magnitudeBits(x);
  if (magnitude > kInfinityBits) return quiet(x);
  Extended result = X_ONE;
  if (magnitude < 0x40800000) {
    const Extended e = LIB(__ashlar_x_of)(floatOf(magnitude));
    result = magnitude < 0x3f600000 ? near(e) : sub(X_ONE, complement(e));
  }
  return withSign(LIB(__ashlar_x_float)(result), bitsOf(x));
}

FUNCTION(float, erfcf)(float x) {
  const uint32_t magnitude = magnitudeBits(x);
  const bool negative = bitsOf(x) >> 31;
  if (magnitude > kInfinityBits) return quiet(x);
  if (magnitude >= 0x41300000) return negative ? 2 : 0; // 11
  const Extended e = LIB(__ashlar_x_of)(floatOf(magnitude));
  if (magnitude < 0x3f600000)
    return LIB(__ashlar_x_float)(sub(X_ONE, negative ? negated(near(e)) : near(e)));
  const Extended far = complement(e);
  return LIB(__ashlar_x_float)(negative ? sub(scaled(X_ONE, 1), far) : far);
}
