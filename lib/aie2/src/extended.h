// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The number format inside the float mathematics: a signed 31-bit mantissa and an exponent in two
// words, value = mantissa * 2^(exponent - 30). No rounding, no special values: an operation costs
// about as much as an integer one, yet seven more bits than float has keep whole formulas within a
// fraction of a unit in the last place. The pair travels as one 64-bit integer, so in registers.
#pragma once

#include "soft.h"

using Extended = int64_t;

INLINE Extended extended(int32_t mantissa, int exponent) {
  return static_cast<int64_t>(
      join(static_cast<uint32_t>(mantissa), static_cast<uint32_t>(exponent)));
}
INLINE int32_t mantissaOf(Extended x) {
  return static_cast<int32_t>(high(static_cast<uint64_t>(x)));
}
INLINE int exponentOf(Extended x) { return static_cast<int>(low(static_cast<uint64_t>(x))); }
/// x * 2^n
INLINE Extended scaled(Extended x, int n) { return extended(mantissaOf(x), exponentOf(x) + n); }
INLINE Extended negated(Extended x) { return extended(-mantissaOf(x), exponentOf(x)); }
INLINE uint32_t magnitudeOf(int32_t x) {
  return x < 0 ? 0u - static_cast<uint32_t>(x) : static_cast<uint32_t>(x);
}

/// The upper half of a signed product, up to 2 too small.
INLINE int32_t signedHighProduct(int32_t a, int32_t b) {
  const int32_t ah = a >> 16, bh = b >> 16;
  const int32_t al = a & 0xffff, bl = b & 0xffff;
  return ah * bh + (ah * bl >> 16) + (al * bh >> 16);
}

/// Any mantissa but -2^31 brought to 2^30 <= |mantissa| < 2^31; 0 gets a tiny exponent.
FUNCTION(Extended, __ashlar_x_normal)(int32_t mantissa, int exponent);
FUNCTION(Extended, __ashlar_x_add)(Extended a, Extended b);
FUNCTION(Extended, __ashlar_x_mul)(Extended a, Extended b);
/// 1 / a
FUNCTION(Extended, __ashlar_x_reciprocal)(Extended a);
FUNCTION(Extended, __ashlar_x_sqrt)(Extended a);
/// A finite float, exactly.
FUNCTION(Extended, __ashlar_x_of)(float x);
/// The nearest float (ties to even), subnormal or infinite where it must be.
FUNCTION(float, __ashlar_x_float)(Extended x);
/// sum of c[i] z^i, i = 0..degree; z and the result have 31 and 30 fraction bits.
FUNCTION(int32_t, __ashlar_x_poly)(const int32_t *c, int degree, int32_t z);
/// x as a fixed-point number with 31 fraction bits; |x| < 1.
INLINE int32_t fraction31(Extended x) {
  const int shift = -1 - exponentOf(x);
  return shift > 31 ? 0 : mantissaOf(x) >> shift;
}
/// 2^(n + f / 2^32)
FUNCTION(Extended, __ashlar_x_exp2)(int n, uint32_t f);
/// e^x for |x| < 2^8
FUNCTION(Extended, __ashlar_x_exp)(Extended x);
/// log2 of a positive number, with a small relative error also next to 1.
FUNCTION(Extended, __ashlar_x_log2)(Extended x);
/// ln(1 + x), x > -1, with a small relative error also next to 0.
FUNCTION(Extended, __ashlar_x_log1p)(Extended x);

INLINE Extended add(Extended a, Extended b) { return LIB(__ashlar_x_add)(a, b); }
INLINE Extended sub(Extended a, Extended b) { return LIB(__ashlar_x_add)(a, negated(b)); }
INLINE Extended mul(Extended a, Extended b) { return LIB(__ashlar_x_mul)(a, b); }
INLINE Extended div(Extended a, Extended b) { return mul(a, LIB(__ashlar_x_reciprocal)(b)); }
template <int N> INLINE Extended polynomial(const int32_t (&c)[N], int32_t z) {
  return LIB(__ashlar_x_normal)(LIB(__ashlar_x_poly)(c, N - 1, z), 0);
}

// Constants with 31-bit mantissas (a macro, so that they need no storage or start-up code).
#define X_ONE extended(1 << 30, 0)
#define X_LN2 extended(1488522236, -1)
#define X_LOG10_2 extended(1292913986, -2)
#define X_HALF_PI extended(1686629713, 0)

// Float bit patterns.
constexpr uint32_t kSignBit = 0x80000000, kInfinityBits = 0x7f800000, kNanBits = 0x7fc00000;
INLINE uint32_t magnitudeBits(float x) { return bitsOf(x) & ~kSignBit; }
INLINE float withSign(float magnitude, uint32_t sign) {
  return floatOf(bitsOf(magnitude) | (sign & kSignBit));
}
/// A quiet NaN from any NaN.
INLINE float quiet(float x) { return floatOf(bitsOf(x) | 0x400000); }
