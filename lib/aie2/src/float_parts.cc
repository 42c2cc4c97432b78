// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Signs, exponents, fractions, minima and maxima.
#include "extended.h"

FUNCTION(float, fabsf)(float x) { return floatOf(bitsOf(x) & ~kSignBit); }
FUNCTION(float, copysignf)(float x, float y) {
  return floatOf((bitsOf(x) & ~kSignBit) | (bitsOf(y) & kSignBit));
}
namespace {
INLINE bool isNan(float x) { return magnitudeBits(x) > kInfinityBits; }
/// x < y with -0 below +0, neither NaN.
INLINE bool below(float x, float y) {
  const int32_t a = static_cast<int32_t>(bitsOf(x)), b = static_cast<int32_t>(bitsOf(y));
  return (a < 0 ? a ^ 0x7fffffff : a) < (b < 0 ? b ^ 0x7fffffff : b);
}
} // namespace
FUNCTION(float, fmaxf)(float x, float y) {
  if (isNan(x)) return y;
  if (isNan(y)) return x;
  return below(x, y) ? y : x;
}
FUNCTION(float, fminf)(float x, float y) {
  if (isNan(x)) return y;
  if (isNan(y)) return x;
  return below(y, x) ? y : x;
}
FUNCTION(float, frexpf)(float x, int *exponent) {
  const uint32_t bits = bitsOf(x), magnitude = bits & ~kSignBit;
  *exponent = 0;
  if (!magnitude || magnitude >= kInfinityBits) return magnitude > kInfinityBits ? quiet(x) : x;
  uint32_t fraction;
  *exponent = soft::split(magnitude, fraction) - 126;
  return floatOf((bits & kSignBit) | 0x3f000000 | (fraction & 0x7fffff));
}
FUNCTION(float, ldexpf)(float x, int n) {
  const uint32_t magnitude = magnitudeBits(x);
  if (!magnitude || magnitude >= kInfinityBits) return magnitude > kInfinityBits ? quiet(x) : x;
  uint32_t fraction;
  int exponent = soft::split(magnitude, fraction);
  if (n > 1000) n = 1000;
  if (n < -1000) n = -1000;
  return floatOf(soft::pack(bitsOf(x) & kSignBit, exponent + n, fraction << 8));
}
FUNCTION(float, scalbnf)(float x, int n) { return LIB(ldexpf)(x, n); }
FUNCTION(float, scalblnf)(float x, int n) { return LIB(ldexpf)(x, n); }
FUNCTION(int, ilogbf)(float x) {
  const uint32_t magnitude = magnitudeBits(x);
  if (!magnitude) return -2147483647;
  if (magnitude >= kInfinityBits) return 2147483647;
  uint32_t fraction;
  return soft::split(magnitude, fraction) - 127;
}
FUNCTION(float, __floatsisf)(int32_t a);
FUNCTION(float, logbf)(float x) {
  const uint32_t magnitude = magnitudeBits(x);
  if (!magnitude) return floatOf(kSignBit | kInfinityBits);
  if (magnitude >= kInfinityBits) return magnitude > kInfinityBits ? quiet(x) : floatOf(magnitude);
  return LIB(__floatsisf)(LIB(ilogbf)(x));
}
FUNCTION(float, truncf)(float x);
FUNCTION(float, __subsf3)(float a, float b);
FUNCTION(float, modff)(float x, float *whole) {
  *whole = LIB(truncf)(x);
  if (magnitudeBits(x) == kInfinityBits) return withSign(0, bitsOf(x));
  return LIB(copysignf)(LIB(__subsf3)(x, *whole), x);
}
FUNCTION(float, fdimf)(float x, float y) {
  if (isNan(x)) return quiet(x);
  if (isNan(y)) return quiet(y);
  return below(y, x) ? LIB(__subsf3)(x, y) : 0;
}
FUNCTION(float, nextafterf)(float x, float y) {
  if (isNan(x)) return quiet(x);
  if (isNan(y)) return quiet(y);
  const uint32_t bits = bitsOf(x);
  if (!((bits | bitsOf(y)) & ~kSignBit) || bits == bitsOf(y)) return y;
  if (!(bits & ~kSignBit)) return floatOf((bitsOf(y) & kSignBit) | 1);
  return floatOf(below(x, y) == !(bits >> 31) ? bits + 1 : bits - 1);
}
