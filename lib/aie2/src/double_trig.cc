// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Sine, cosine and tangent of double, as in float_trig.cc: exact reduction by 2/pi.
#include "wide.h"

namespace {
/// 2/pi after 64 zero bits, enough for the largest double.
const uint32_t kTwoOverPi[40] = {
    0,          0,          0xa2f9836e, 0x4e441529, 0xfc2757d1, 0xf534ddc0, 0xdb629599, 0x3c439041,
    0xfe5163ab, 0xdebbc561, 0xb7246e3a, 0x424dd2e0, 0x06492eea, 0x09d1921c, 0xfe1deb1c, 0xb129a73e,
    0xe88235f5, 0x2ebb4484, 0xe99c7026, 0xb45f7e41, 0x3991d639, 0x835339f4, 0x9c845f8b, 0xbdf9283b,
    0x1ff897ff, 0xde05980f, 0xef2f118b, 0x5a0a6d1f, 0x6d367ecf, 0x27cb09b7, 0x4f463f66, 0x9e5fea2d,
    0x7527bac7, 0xebe5f17b, 0x3d0739f7, 0x8a5292ea, 0x6bfb5fb1, 0x1f8d5d08, 0x56033046, 0xfc7b6bab};
const int64_t kSine[] = {
    4611686018427387904, -768614336404564649, 38430716820228174, -915017067147537,
    12708570372253,      -115532441342,       740560794,         -3494777};
const int64_t kCosine[] = {4611686018427387904,
                           -2305843009213693952,
                           192153584101141162,
                           -6405119470038025,
                           114377133393425,
                           -1270857037185,
                           9627703398,
                           -52897178,
                           218424};

struct Reduced {
  Wide angle; ///< within pi/4 of 0
  unsigned quarter;
};

NOINLINE Reduced reduce(double magnitude) {
  const Wide x = wide::of(magnitude);
  if (x.exponent < -1) return {x, 0};
  const uint64_t mantissa = static_cast<uint64_t>(x.mantissa) << 1; // 1.0 is 2^63
  // The mantissa times six words of 2/pi, chosen so that the product has 192 fraction bits and what
  // stands before them are whole turns; of those bits the upper 128 are exact enough.
  const unsigned position = static_cast<unsigned>(x.exponent + 1);
  const unsigned word = position >> 5, shift = position & 31;
  uint32_t product[8] = {}; // most significant word first; two words of integer
  for (int i = 5; i >= 0; --i) {
    uint32_t bits = kTwoOverPi[word + i] << shift;
    if (shift) bits |= kTwoOverPi[word + i + 1] >> (32 - shift);
    uint64_t sum = wideProduct(low(mantissa), bits) + product[i + 2];
    product[i + 2] = low(sum);
    sum = static_cast<uint64_t>(high(sum)) + product[i + 1];
    sum += wideProduct(high(mantissa), bits);
    product[i + 1] = low(sum);
    product[i] += high(sum);
  }
  unsigned quarter = product[1];
  uint64_t upper = join(product[2], product[3]), lower = join(product[4], product[5]);
  const bool negative = upper >> 63;
  quarter += negative;
  if (negative) {
    upper = ~upper + !lower;
    lower = 0 - lower;
  }
  int zeros = 0;
  if (!upper) {
    upper = lower;
    lower = 0;
    zeros = 64;
  }
  if (!upper) return {{0, kTiny}, quarter};
  const int more = leadingZeros(upper);
  if (more) upper = upper << more | lower >> (64 - more);
  const int64_t m = static_cast<int64_t>(upper >> 1);
  return {wide::mul({negative ? -m : m, -1 - zeros - more}, kWideHalfPi), quarter};
}

NOINLINE Wide sineOf(Wide t) {
  return wide::mul(t, wide::polynomial(kSine, wide::fraction(wide::mul(t, t))));
}
NOINLINE Wide cosineOf(Wide t) {
  return wide::polynomial(kCosine, wide::fraction(wide::mul(t, t)));
}
NOINLINE double sineOrCosine(double x, unsigned turn) {
  const uint64_t magnitude = magnitudeBits(x);
  if (magnitude >= Double::kInfinity) return doubleOf(magnitude | Double::kNan);
  const Reduced r = reduce(doubleOf(magnitude));
  const unsigned quarter = r.quarter + turn;
  const double result = wide::toDouble(quarter & 1 ? cosineOf(r.angle) : sineOf(r.angle));
  return doubleOf(bitsOf(result) ^ static_cast<uint64_t>(quarter & 2) << 62);
}
} // namespace

FUNCTION(double, sin)(double x) {
  return doubleOf(bitsOf(sineOrCosine(x, 0)) ^ (bitsOf(x) & Double::kSign));
}
FUNCTION(double, cos)(double x) { return sineOrCosine(x, 1); }
FUNCTION(void, sincos)(double x, double *sine, double *cosine) {
  *sine = LIB(sin)(x);
  *cosine = LIB(cos)(x);
}
FUNCTION(double, tan)(double x) {
  const uint64_t magnitude = magnitudeBits(x);
  if (magnitude >= Double::kInfinity) return doubleOf(magnitude | Double::kNan);
  const Reduced r = reduce(doubleOf(magnitude));
  const Wide sine = sineOf(r.angle), cosine = cosineOf(r.angle);
  const double result =
      wide::toDouble(r.quarter & 1 ? negated(wide::div(cosine, sine)) : wide::div(sine, cosine));
  return doubleOf(bitsOf(result) ^ (bitsOf(x) & Double::kSign));
}
