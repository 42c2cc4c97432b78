// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Hyperbolic functions of double and their inverses, from e^x - 1 and ln(1 + x), which keep them
// accurate next to 0.
#include "wide.h"

namespace {
constexpr uint64_t kOne = static_cast<uint64_t>(1023) << 52;
constexpr uint64_t kSmall = static_cast<uint64_t>(1023 - 28) << 52;
constexpr uint64_t kLarge = static_cast<uint64_t>(1023 + 10) << 52;
} // namespace

FUNCTION(double, tanh)(double x) {
  const uint64_t magnitude = magnitudeBits(x);
  if (magnitude > Double::kInfinity) return quiet(x);
  if (magnitude < kSmall) return x;
  Wide result = kWideOne;
  if (magnitude < static_cast<uint64_t>(1023 + 5) << 52) { // e / (e + 2), e = e^2x - 1
    const Wide e = wide::expm1(scaled(wide::of(doubleOf(magnitude)), 1));
    result = wide::div(e, wide::add(e, kWideTwo));
  }
  return withSign(wide::toDouble(result), x);
}
FUNCTION(double, sinh)(double x) {
  const uint64_t magnitude = magnitudeBits(x);
  if (magnitude >= kLarge)
    return magnitude > Double::kInfinity ? quiet(x) : withSign(doubleOf(Double::kInfinity), x);
  if (magnitude < kSmall) return x;
  const Wide e = wide::expm1(wide::of(doubleOf(magnitude)));
  const Wide sum = wide::add(e, wide::div(e, wide::add(e, kWideOne)));
  return withSign(wide::toDouble(scaled(sum, -1)), x);
}
FUNCTION(double, cosh)(double x) {
  const uint64_t magnitude = magnitudeBits(x);
  if (magnitude >= kLarge)
    return magnitude > Double::kInfinity ? quiet(x) : doubleOf(Double::kInfinity);
  const Wide e = wide::exp(wide::of(doubleOf(magnitude)));
  return wide::toDouble(scaled(wide::add(e, wide::reciprocal(e)), -1));
}
FUNCTION(double, asinh)(double x) {
  const uint64_t magnitude = magnitudeBits(x);
  if (magnitude >= Double::kInfinity) return magnitude > Double::kInfinity ? quiet(x) : x;
  if (magnitude < kSmall) return x;
  const Wide e = wide::of(doubleOf(magnitude)), square = wide::mul(e, e);
  const Wide root = wide::add(kWideOne, wide::sqrt(wide::add(square, kWideOne)));
  return withSign(wide::toDouble(wide::log1p(wide::add(e, wide::div(square, root)))), x);
}
FUNCTION(double, acosh)(double x) {
  const uint64_t bits = bitsOf(x);
  if (magnitudeBits(x) > Double::kInfinity) return quiet(x);
  if (bits < kOne || bits >> 63) return doubleOf(Double::kNan);
  if (bits == Double::kInfinity) return x;
  const Wide less = wide::sub(wide::of(x), kWideOne);
  const Wide root = wide::sqrt(wide::mul(less, wide::add(less, kWideTwo)));
  return wide::toDouble(wide::log1p(wide::add(less, root)));
}
FUNCTION(double, atanh)(double x) {
  const uint64_t magnitude = magnitudeBits(x);
  if (magnitude > Double::kInfinity) return quiet(x);
  if (magnitude >= kOne)
    return magnitude > kOne ? doubleOf(Double::kNan) : withSign(doubleOf(Double::kInfinity), x);
  if (magnitude < kSmall) return x;
  const Wide e = wide::of(doubleOf(magnitude));
  const Wide quotient = wide::div(scaled(e, 1), wide::sub(kWideOne, e));
  return withSign(wide::toDouble(scaled(wide::log1p(quotient), -1)), x);
}
