// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Arc functions of double, as in float_atan.cc and float_asin.cc.
#include "wide.h"

namespace {
const int64_t kTangent[] = {4611686018427387898, -1537228672809119501, 922337203682747733,
                            -658812288048283660, 512409540696297000,   -419243616539723669,
                            354732969114775152,  -307274302903098162,  269638827172234324,
                            -232199276443877911, 175073973057644590,   -82101959496905772};
const int64_t kArcSine[] = {4611686018427387900, 768614336404570590, 345876451380514278,
                            205878840265190879,  140111980096283134, 103173636217608937,
                            80020134001232239,   64475442620264309,  52567919054751554,
                            49707865352668352,   17146514933656267,  99926284132888768,
                            -96525624308607850,  150245723508564540};
constexpr uint64_t kOne = static_cast<uint64_t>(1023) << 52;
constexpr uint64_t kHalf = static_cast<uint64_t>(1022) << 52;
constexpr uint64_t kSmall = static_cast<uint64_t>(1023 - 28) << 52; ///< x^3/6 below half a unit

INLINE bool less(Wide a, Wide b) {
  if (a.exponent != b.exponent) return a.exponent < b.exponent;
  return a.mantissa < b.mantissa;
}
/// atan(n / d) for positive n and d
NOINLINE Wide arcTangent(Wide n, Wide d) {
  const bool swap = less(d, n);
  if (swap) {
    const Wide t = n;
    n = d;
    d = t;
  }
  const bool eighth = less(wide::mul(d, {7640891576956012809, -2}), n); // tan(pi/8)
  Wide q = eighth ? wide::div(wide::sub(n, d), wide::add(n, d)) : wide::div(n, d);
  q = wide::mul(q, wide::polynomial(kTangent, wide::fraction(wide::mul(q, q))));
  if (eighth) q = wide::add(scaled(kWideHalfPi, -1), q);
  return swap ? wide::sub(kWideHalfPi, q) : q;
}
NOINLINE Wide arcSine(Wide x, Wide square) {
  return wide::mul(x, wide::polynomial(kArcSine, wide::fraction(square)));
}
/// acos(x) for 1/2 <= x <= 1
NOINLINE Wide arcCosine(Wide x) {
  const Wide half = scaled(wide::sub(kWideOne, x), -1);
  return scaled(arcSine(wide::sqrt(half), half), 1);
}
} // namespace

FUNCTION(double, atan)(double x) {
  const uint64_t magnitude = magnitudeBits(x);
  if (magnitude > Double::kInfinity) return quiet(x);
  if (magnitude < kSmall) return x;
  Wide result = kWideHalfPi;
  if (magnitude < static_cast<uint64_t>(1023 + 60) << 52)
    result = arcTangent(wide::of(doubleOf(magnitude)), kWideOne);
  return withSign(wide::toDouble(result), x);
}
FUNCTION(double, atan2)(double y, double x) {
  uint64_t my = magnitudeBits(y), mx = magnitudeBits(x);
  if (mx > Double::kInfinity) return quiet(x);
  if (my > Double::kInfinity) return quiet(y);
  if (mx == Double::kInfinity) {
    mx = kOne;
    my = my == Double::kInfinity ? mx : 0;
  } else if (my == Double::kInfinity) {
    my = kOne;
    mx = 0;
  }
  Wide angle;
  if (!my)
    angle = {0, kTiny};
  else if (!mx)
    angle = kWideHalfPi;
  else
    angle = arcTangent(wide::of(doubleOf(my)), wide::of(doubleOf(mx)));
  if (bitsOf(x) >> 63) angle = wide::sub(kWidePi, angle);
  return withSign(wide::toDouble(angle), y);
}
FUNCTION(double, asin)(double x) {
  const uint64_t magnitude = magnitudeBits(x);
  if (magnitude > kOne) return magnitude > Double::kInfinity ? quiet(x) : doubleOf(Double::kNan);
  if (magnitude < kSmall) return x;
  const Wide e = wide::of(doubleOf(magnitude));
  const Wide result =
      magnitude <= kHalf ? arcSine(e, wide::mul(e, e)) : wide::sub(kWideHalfPi, arcCosine(e));
  return withSign(wide::toDouble(result), x);
}
FUNCTION(double, acos)(double x) {
  const uint64_t magnitude = magnitudeBits(x);
  const bool negative = bitsOf(x) >> 63;
  if (magnitude > kOne) return magnitude > Double::kInfinity ? quiet(x) : doubleOf(Double::kNan);
  const Wide e = wide::of(doubleOf(magnitude));
  Wide result;
  if (magnitude <= kHalf) {
    const Wide asin = arcSine(e, wide::mul(e, e));
    result = wide::add(kWideHalfPi, negative ? asin : negated(asin));
  } else {
    result = arcCosine(e);
    if (negative) result = wide::sub(kWidePi, result);
  }
  return wide::toDouble(result);
}
