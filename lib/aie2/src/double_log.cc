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
/// x = 2^exponent / kNear[index] * (1 + r), r with 67 fraction bits
INLINE int64_t reduced(Wide x, int &exponent, int &index) {
  const uint64_t mantissa = static_cast<uint64_t>(x.mantissa); // 1.0 is 2^62
  exponent = x.exponent;
  const uint32_t bits = 0x3f800000 + (high(mantissa) >> 7) - (1u << 23) - 0x3f330000;
  index = static_cast<int>(bits >> 19 & 15);
  // mantissa * c has 69 fraction bits, 70 when halved; 67 stay, and 1.0 falls off.
  const uint64_t c = kNear[index];
  uint64_t product;
  if (bits >> 23) {
    ++exponent;
    product = (mantissa >> 3) * c + ((low(mantissa) & 7) * kNear[index] >> 3);
  } else {
    product = (mantissa >> 2) * c + ((low(mantissa) & 3) * kNear[index] >> 2);
  }
  return static_cast<int64_t>(product);
}
} // namespace

namespace wide {
NOINLINE Wide log2(Wide x) {
  int exponent, index;
  const int64_t r = reduced(x, exponent, index);
  Wide result = log2OnePlus(normal(r, -5), r);
  if (index != 9) result = add(result, kLog[index]);
  if (exponent) result = add(normal(static_cast<int64_t>(exponent) << 50, 12), result);
  return result;
}
/// log2(1 + r) = r (a + r q): a has 126 fraction bits, q is a polynomial of 62.
NOINLINE Long longLog2(Wide x) {
  static const uint64_t kLongLog[16][2] = {
      // kLog, 116 fraction bits
      {0xfff8424a6335c777, 0xe0b87f95f1befb70}, {0xfff92e050231df57, 0xd6fae441c09d761c},
      {0xfffa238b51604131, 0x06e404cabb76d601}, {0xfffb23b6cc56cc84, 0xc99bb324da7e046e},
      {0xfffc087d28dfb2fe, 0xbb8ae4cceb0f6219}, {0xfffcce245f1031e4, 0x1fa0a62e6add1a90},
      {0xfffd9aa2c3b0ea3c, 0xbc15c1a7f14b168b}, {0xfffe6e75e91b9cca, 0x5518dcdb6b24c5c6},
      {0xffff1d902a37aaa5, 0x0858383cb0ce23bf}, {0x0000000000000000, 0x0000000000000000},
      {0x00014c560fe68af8, 0x80e0a0f337d55565}, {0x000278df6ca19bca, 0x142c8958f27b6519},
      {0x0003b5845a7c883a, 0x5fc8ae9c1372a9dc}, {0x0005041805f0fb28, 0xa39a729fd1994fb3},
      {0x00062a2602afef4c, 0x999aa6df8b7d834b}, {0x0007206770b517f9, 0x0e25762b11993c90},
  };
  static const int64_t kRest[] = {-3326628274461080623, 2217752182974053756,  -1663314137230540318,
                                  1330651309784290534,  -1108876091486895278, 950465222019796331,
                                  -831657069307259115,  739249128425268682,   -665324169859888922,
                                  606342591183968457,   -555831933660573887};
  int exponent, index;
  const int64_t r = reduced(x, exponent, index);
  const int64_t q = poly(kRest, 10, r >> 4);
  const uint64_t magnitude = magnitudeOf(r);
  uint64_t low;
  const uint64_t high = soft::product128(magnitude, magnitudeOf(q), low);
  Long p = {false, 6653256548922161245, 16087983116920987460u, 126};
  addTo(p, high >> 3, low >> 3 | high << 61, r > 0); // q is negative
  const int shift = magnitude ? leadingZeros(magnitude) : 0;
  Long result = times(magnitude << shift, p);
  result.scale += shift + 67;
  result.negative = r < 0;
  if (index != 9 || exponent) {
    shiftRight(result, result.scale - 116);
    uint64_t whole = kLongLog[index][0] + (static_cast<uint64_t>(exponent) << 52);
    uint64_t rest = kLongLog[index][1];
    const bool negative = whole >> 63;
    if (negative) negate(whole, rest);
    if (negative == result.negative) {
      addTo(result, whole, rest, false);
    } else {
      addTo(result, whole, rest, true);
      if (result.high >> 63) {
        negate(result.high, result.low);
        result.negative = negative;
      }
    }
    result.scale = 116;
  }
  normalize(result);
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
