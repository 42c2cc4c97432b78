// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Rounding to integers within double, by masking the bits below the point.
#include "soft.h"

using Double = soft::Is<uint64_t>;

namespace {
constexpr uint64_t kOne = static_cast<uint64_t>(1023) << 52;
constexpr uint64_t kHalf = static_cast<uint64_t>(1022) << 52;

INLINE uint64_t below(uint64_t magnitude) {
  const int exponent = static_cast<int>(magnitude >> 52) - 1023;
  return exponent >= 52 ? 0 : (Double::kImplicit - 1) >> exponent;
}
NOINLINE double directed(double x, bool awayWhenPositive, bool awayWhenNegative) {
  const uint64_t bits = bitsOf(x), magnitude = bits & ~Double::kSign, sign = bits & Double::kSign;
  const bool away = sign ? awayWhenNegative : awayWhenPositive;
  if (magnitude > Double::kInfinity) return doubleOf(bits | Double::kQuiet);
  if (magnitude < kOne) return doubleOf(sign | (magnitude && away ? kOne : 0));
  const uint64_t mask = below(magnitude);
  return doubleOf((away ? bits + mask : bits) & ~mask);
}
} // namespace

FUNCTION(double, trunc)(double x) { return directed(x, false, false); }
FUNCTION(double, floor)(double x) { return directed(x, false, true); }
FUNCTION(double, ceil)(double x) { return directed(x, true, false); }
FUNCTION(double, round)(double x) {
  const uint64_t bits = bitsOf(x), magnitude = bits & ~Double::kSign;
  if (magnitude > Double::kInfinity) return doubleOf(bits | Double::kQuiet);
  if (magnitude < kOne) return doubleOf((bits & Double::kSign) | (magnitude >= kHalf ? kOne : 0));
  const uint64_t mask = below(magnitude);
  return doubleOf((bits + (mask ? (mask >> 1) + 1 : 0)) & ~mask);
}
FUNCTION(double, rint)(double x) {
  const uint64_t bits = bitsOf(x), magnitude = bits & ~Double::kSign;
  if (magnitude > Double::kInfinity) return doubleOf(bits | Double::kQuiet);
  if (magnitude < kOne) return doubleOf((bits & Double::kSign) | (magnitude > kHalf ? kOne : 0));
  const uint64_t mask = below(magnitude);
  if (!mask) return x;
  // Ties to even, as in float_round.cc.
  return doubleOf((bits + (mask >> 1) + ((bits & (mask + 1)) != 0)) & ~mask);
}
FUNCTION(double, nearbyint)(double x) { return LIB(rint)(x); }
FUNCTION(double, roundeven)(double x) { return LIB(rint)(x); }
FUNCTION(int32_t, __fixdfsi)(double x);
FUNCTION(int64_t, __fixdfdi)(double x);
FUNCTION(int32_t, lrint)(double x) { return LIB(__fixdfsi)(LIB(rint)(x)); }
FUNCTION(int64_t, llrint)(double x) { return LIB(__fixdfdi)(LIB(rint)(x)); }
FUNCTION(int32_t, lround)(double x) { return LIB(__fixdfsi)(LIB(round)(x)); }
FUNCTION(int64_t, llround)(double x) { return LIB(__fixdfdi)(LIB(round)(x)); }
