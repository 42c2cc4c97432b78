// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Logarithms of double, as in float_log.cc.
#include "wide.h"

namespace {
const uint8_t kNear[16] = {179, 172, 165, 158, 152, 147, 142, 137,
                           133, 128, 121, 115, 109, 103, 98,  94};
/// -log2(kNear / 128)
const Wide kLog[16] = {{-8924825822016602612, -2}, {-7863196837632180880, -2},
                       {-6757452134707163026, -2}, {-5603765716143027046, -2},
                       {-9146910778650011791, -3}, {-7366609287587789836, -3},
                       {-5524693578556139645, -3}, {-7233490981541997242, -4},
                       {-8158247515694398420, -5}, {0, kTiny},
                       {5986836387859406904, -4},  {5700410974142022278, -3},
                       {8552488866228423673, -3},  {5783044542294035002, -2},
                       {7107348899726412186, -2},  {8216385460679708898, -2}};
/// log2(1 + r) / r in r, 62 fraction bits
const int64_t kSeries[] = {6653256548922161251,  -3326628274461080627, 2217752182973875184,
                           -1663314137230376621, 1330651310868413953,  -1108876092480710959,
                           950462918484729731,   -831654957659022512,  741246827250410734,
                           -667155455944292373};

/// log2(1 + r), r with 67 fraction bits
INLINE Wide log2OnePlus(Wide r, int64_t r67) {
  return wide::mul(r, wide::normal(wide::poly(kSeries, 9, r67 >> 4), 0));
}
/// What has no finite logarithm.
INLINE bool special(double x, double &result) {
  const uint64_t bits = bitsOf(x);
  if (bits - 1 < Double::kInfinity - 1) return false;
  if (magnitudeBits(x) > Double::kInfinity)
    result = quiet(x);
  else if (!magnitudeBits(x))
    result = doubleOf(Double::kSign | Double::kInfinity);
  else
    result = bits >> 63 ? doubleOf(Double::kNan) : x;
  return true;
}
} // namespace

namespace wide {
NOINLINE Wide log2(Wide x) {
  const uint64_t mantissa = static_cast<uint64_t>(x.mantissa); // 1.0 is 2^62
  int exponent = x.exponent;
  const uint32_t bits = 0x3f800000 + (high(mantissa) >> 7) - (1u << 23) - 0x3f330000;
  const int index = static_cast<int>(bits >> 19 & 15);
  // mantissa * c has 69 fraction bits, 70 when halved; 67 stay, and 1.0 falls off.
  const uint64_t c = kNear[index];
  uint64_t product;
  if (bits >> 23) {
    ++exponent;
    product = (mantissa >> 3) * c + ((low(mantissa) & 7) * kNear[index] >> 3);
  } else {
    product = (mantissa >> 2) * c + ((low(mantissa) & 3) * kNear[index] >> 2);
  }
  const int64_t r = static_cast<int64_t>(product);
  Wide result = log2OnePlus(normal(r, -5), r);
  if (index != 9) result = add(result, kLog[index]);
  if (exponent) result = add(normal(static_cast<int64_t>(exponent) << 50, 12), result);
  return result;
}
NOINLINE Wide log1p(Wide x) {
  if (x.exponent < -4) {
    const int64_t f = fraction(x);
    if (magnitudeOf(f) < static_cast<uint64_t>(0x04900000) << 32) // 0.0356
      return mul(log2OnePlus(x, static_cast<int64_t>(static_cast<uint64_t>(f) << 4)), kWideLn2);
  }
  return mul(log2(add(kWideOne, x)), kWideLn2);
}
} // namespace wide

FUNCTION(double, log2)(double x) {
  double result;
  return special(x, result) ? result : wide::toDouble(wide::log2(wide::of(x)));
}
FUNCTION(double, log)(double x) {
  double result;
  if (special(x, result)) return result;
  return wide::toDouble(wide::mul(wide::log2(wide::of(x)), kWideLn2));
}
FUNCTION(double, log10)(double x) {
  double result;
  if (special(x, result)) return result;
  return wide::toDouble(wide::mul(wide::log2(wide::of(x)), {5553023288523357132, -2}));
}
FUNCTION(double, log1p)(double x) {
  const uint64_t magnitude = magnitudeBits(x);
  constexpr uint64_t kOne = static_cast<uint64_t>(1023) << 52;
  if (magnitude > Double::kInfinity) return quiet(x);
  if (magnitude < static_cast<uint64_t>(1023 - 60) << 52) return x;
  if (bitsOf(x) >> 63 && magnitude >= kOne)
    return doubleOf(magnitude == kOne ? Double::kSign | Double::kInfinity : Double::kNan);
  if (magnitude == Double::kInfinity) return x;
  return wide::toDouble(wide::log1p(wide::of(x)));
}
