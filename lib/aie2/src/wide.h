// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The number format inside the double mathematics: extended.h with a 63-bit mantissa,
// value = mantissa * 2^(exponent - 62). Ten more bits than double has.
#pragma once

#include "soft.h"

struct Wide {
  int64_t mantissa;
  int exponent;
};

constexpr int kTiny = -(1 << 20); ///< the exponent of 0
constexpr Wide kWideOne = {static_cast<int64_t>(1) << 62, 0};
constexpr Wide kWideTwo = {static_cast<int64_t>(1) << 62, 1};
constexpr Wide kWideLn2 = {6393154322601327830, -1};
constexpr Wide kWideHalfPi = {7244019458077122842, 0};
constexpr Wide kWidePi = {7244019458077122842, 1};

using Double = soft::Is<uint64_t>;

INLINE uint64_t magnitudeOf(int64_t x) {
  return x < 0 ? uint64_t(0) - static_cast<uint64_t>(x) : static_cast<uint64_t>(x);
}
INLINE uint64_t magnitudeBits(double x) { return bitsOf(x) & ~Double::kSign; }
INLINE double quiet(double x) { return doubleOf(bitsOf(x) | Double::kQuiet); }
INLINE double withSign(double magnitude, double of) {
  return doubleOf(bitsOf(magnitude) | (bitsOf(of) & Double::kSign));
}
INLINE Wide scaled(Wide x, int n) { return {x.mantissa, x.exponent + n}; }
INLINE Wide negated(Wide x) { return {-x.mantissa, x.exponent}; }

namespace wide {
Wide normal(int64_t mantissa, int exponent);
Wide add(Wide a, Wide b);
Wide mul(Wide a, Wide b);
Wide reciprocal(Wide a);
Wide sqrt(Wide a);
Wide of(double x);
double toDouble(Wide x);
/// sum of c[i] z^i; z has 63 fraction bits, c and the result 62.
int64_t poly(const int64_t *c, int degree, int64_t z);
/// A sum of 128 bits: +-(high:low) 2^-scale.
struct Long {
  bool negative;
  uint64_t high, low;
  int scale;
};
/// (m p) >> 64
Long times(uint64_t m, Long p);
void addTo(Long &sum, uint64_t high, uint64_t low, bool subtract);
void shiftRight(Long &x, int n);
void normalize(Long &x);
INLINE void negate(uint64_t &high, uint64_t &low) {
  high = ~high + !low;
  low = 0 - low;
}
/// log2 x with its leading bit on top, 66 bits of it good; 0 for 1.
Long longLog2(Wide x);
/// 2^(n + f / 2^64)
Wide exp2(int n, uint64_t f);
/// e^x, |x| < 2^12
Wide exp(Wide x);
Wide expm1(Wide x);
Wide log2(Wide x);
Wide log1p(Wide x);

INLINE Wide sub(Wide a, Wide b) { return add(a, negated(b)); }
INLINE Wide div(Wide a, Wide b) { return mul(a, reciprocal(b)); }
/// x with 63 fraction bits; |x| < 1.
INLINE int64_t fraction(Wide x) {
  const int shift = -1 - x.exponent;
  return shift > 63 ? 0 : x.mantissa >> shift;
}
template <int N> INLINE Wide polynomial(const int64_t (&c)[N], int64_t z) {
  return normal(poly(c, N - 1, z), 0);
}
} // namespace wide
