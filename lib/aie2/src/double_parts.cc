// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Signs, exponents, fractions, minima and maxima of double.
#include "soft.h"

using Double = soft::Is<uint64_t>;

namespace {
INLINE uint64_t magnitudeBits(double x) { return bitsOf(x) & ~Double::kSign; }
INLINE double quiet(double x) { return doubleOf(bitsOf(x) | Double::kQuiet); }
INLINE bool isNan(double x) { return magnitudeBits(x) > Double::kInfinity; }
/// x < y with -0 below +0, neither NaN.
INLINE bool below(double x, double y) {
  const int64_t a = static_cast<int64_t>(bitsOf(x)), b = static_cast<int64_t>(bitsOf(y));
  constexpr int64_t kMax = 0x7fffffffffffffff;
  return (a < 0 ? a ^ kMax : a) < (b < 0 ? b ^ kMax : b);
}
} // namespace

FUNCTION(double, fabs)(double x) { return doubleOf(magnitudeBits(x)); }
FUNCTION(double, copysign)(double x, double y) {
  return doubleOf(magnitudeBits(x) | (bitsOf(y) & Double::kSign));
}
FUNCTION(double, fmax)(double x, double y) {
  if (isNan(x)) return y;
  if (isNan(y)) return x;
  return below(x, y) ? y : x;
}
FUNCTION(double, fmin)(double x, double y) {
  if (isNan(x)) return y;
  if (isNan(y)) return x;
  return below(y, x) ? y : x;
}
FUNCTION(double, frexp)(double x, int *exponent) {
  const uint64_t magnitude = magnitudeBits(x);
  *exponent = 0;
  if (!magnitude || magnitude >= Double::kInfinity) return isNan(x) ? quiet(x) : x;
  uint64_t fraction;
  *exponent = soft::split(magnitude, fraction) - 1022;
  return doubleOf((bitsOf(x) & Double::kSign) | static_cast<uint64_t>(1022) << 52 |
                  (fraction & (Double::kImplicit - 1)));
}
FUNCTION(double, ldexp)(double x, int n) {
  const uint64_t magnitude = magnitudeBits(x);
  if (!magnitude || magnitude >= Double::kInfinity) return isNan(x) ? quiet(x) : x;
  uint64_t fraction;
  const int exponent = soft::split(magnitude, fraction);
  if (n > 5000) n = 5000;
  if (n < -5000) n = -5000;
  return doubleOf(soft::pack(bitsOf(x) & Double::kSign, exponent + n, fraction << Double::kSpare));
}
FUNCTION(double, scalbn)(double x, int n) { return LIB(ldexp)(x, n); }
FUNCTION(double, scalbln)(double x, int n) { return LIB(ldexp)(x, n); }
FUNCTION(int, ilogb)(double x) {
  const uint64_t magnitude = magnitudeBits(x);
  if (!magnitude) return -2147483647;
  if (magnitude >= Double::kInfinity) return 2147483647;
  uint64_t fraction;
  return soft::split(magnitude, fraction) - 1023;
}
FUNCTION(double, logb)(double x) {
  const uint64_t magnitude = magnitudeBits(x);
  if (!magnitude) return doubleOf(Double::kSign | Double::kInfinity);
  if (magnitude >= Double::kInfinity) return isNan(x) ? quiet(x) : doubleOf(magnitude);
  return LIB(ilogb)(x);
}
FUNCTION(double, trunc)(double x);
FUNCTION(double, modf)(double x, double *whole) {
  *whole = LIB(trunc)(x);
  if (magnitudeBits(x) == Double::kInfinity) return LIB(copysign)(0, x);
  return LIB(copysign)(x - *whole, x);
}
FUNCTION(double, fdim)(double x, double y) {
  if (isNan(x)) return quiet(x);
  if (isNan(y)) return quiet(y);
  return below(y, x) ? x - y : 0;
}
FUNCTION(double, nextafter)(double x, double y) {
  if (isNan(x)) return quiet(x);
  if (isNan(y)) return quiet(y);
  const uint64_t bits = bitsOf(x);
  if (!((bits | bitsOf(y)) & ~Double::kSign) || bits == bitsOf(y)) return y;
  if (!magnitudeBits(x)) return doubleOf((bitsOf(y) & Double::kSign) | 1);
  return doubleOf(below(x, y) == !(bits >> 63) ? bits + 1 : bits - 1);
}
