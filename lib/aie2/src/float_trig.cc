// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Sine, cosine and tangent for every finite float. The argument is multiplied by 2/pi in fixed
// point with as many bits as its exponent asks for: whole quarter turns fall off exactly, so huge
// arguments are as accurate as small ones.
#include "extended.h"

namespace {
/// 2/pi after 32 zero bits: enough for the largest float.
const uint32_t kTwoOverPi[9] = {0,          0xa2f9836e, 0x4e441529, 0xfc2757d1, 0xf534ddc0,
                                0xdb629599, 0x3c439041, 0xfe5163ab, 0xdebbc561};
const int32_t kSine[] = {1073741824, -178956970, 8947844, -213022, 2918};
const int32_t kCosine[] = {1073741824, -536870912, 44739243, -1491307, 26628, -292};

struct Reduced {
  Extended angle; ///< within pi/4 of 0
  unsigned quarter;
};

NOINLINE Reduced reduce(uint32_t magnitude) {
  if (magnitude < 0x3f490fdb) return {LIB(__ashlar_x_of)(floatOf(magnitude)), 0};
  const uint32_t mantissa = magnitude << 8 | kSignBit;
  const unsigned position = (magnitude >> 23) - 126; // of the first bit that matters
  const unsigned word = position >> 5, shift = position & 31;
  uint32_t window[3];
  for (unsigned i = 0; i < 3; ++i) {
    window[i] = kTwoOverPi[word + i] << shift;
    if (shift) window[i] |= kTwoOverPi[word + i + 1] >> (32 - shift);
  }
  const uint64_t top = wideProduct(mantissa, window[0]);
  uint64_t fraction = wideProduct(mantissa, window[1]);
  unsigned quarter = high(top);
  const uint64_t terms[2] = {highProduct(mantissa, window[2]), static_cast<uint64_t>(low(top))
                                                                   << 32};
  for (const uint64_t term : terms) {
    fraction += term;
    quarter += fraction < term;
  }
  // To the nearest quarter: the fraction becomes signed.
  const bool negative = fraction >> 63;
  quarter += negative;
  if (negative) fraction = 0 - fraction;
  if (!fraction) return {extended(0, -(1 << 20)), quarter};
  const int zeros = leadingZeros(fraction);
  const int32_t m = static_cast<int32_t>(high(fraction << zeros) >> 1);
  return {mul(extended(negative ? -m : m, -1 - zeros), X_HALF_PI), quarter};
}

NOINLINE Extended sineOf(Extended t) { return mul(t, polynomial(kSine, fraction31(mul(t, t)))); }
NOINLINE Extended cosineOf(Extended t) { return polynomial(kCosine, fraction31(mul(t, t))); }

NOINLINE float sineOrCosine(uint32_t magnitude, unsigned turn) {
  if (magnitude >= kInfinityBits) return floatOf(magnitude | kNanBits);
  const Reduced r = reduce(magnitude);
  const unsigned quarter = r.quarter + turn;
  const float result = LIB(__ashlar_x_float)(quarter & 1 ? cosineOf(r.angle) : sineOf(r.angle));
  return floatOf(bitsOf(result) ^ (quarter & 2) << 30);
}
} // namespace

FUNCTION(float, sinf)(float x) {
  return floatOf(bitsOf(sineOrCosine(magnitudeBits(x), 0)) ^ (bitsOf(x) & kSignBit));
}
FUNCTION(float, cosf)(float x) { return sineOrCosine(magnitudeBits(x), 1); }
FUNCTION(void, sincosf)(float x, float *sine, float *cosine) {
  *sine = LIB(sinf)(x);
  *cosine = LIB(cosf)(x);
}
FUNCTION(float, tanf)(float x) {
  const uint32_t magnitude = magnitudeBits(x);
  if (magnitude >= kInfinityBits) return floatOf(magnitude | kNanBits);
  const Reduced r = reduce(magnitude);
  const Extended sine = sineOf(r.angle), cosine = cosineOf(r.angle);
  const float result =
      LIB(__ashlar_x_float)(r.quarter & 1 ? negated(div(cosine, sine)) : div(sine, cosine));
  return floatOf(bitsOf(result) ^ (bitsOf(x) & kSignBit));
}
