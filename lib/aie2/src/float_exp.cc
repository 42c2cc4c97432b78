// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Exponentials: x is scaled to n + f with f in [0, 1) in fixed point, 2^f is a polynomial, n
// goes into the exponent. Integers only.
#include "extended.h"

namespace {
/// |x| * factor as a 64-bit number with 32 fraction bits, |x| < 2^8; the factor has 31 fraction
/// bits and 32 more of lower weight.
INLINE uint64_t times(uint32_t bits, uint32_t factor, uint32_t factorLow) {
  const uint32_t mantissa = bits << 8 | kSignBit;
  const int exponent = static_cast<int>(bits >> 23 & 255) - 127;
  uint64_t product = wideProduct(mantissa, factor);
  if (factorLow) product += highProduct(mantissa, factorLow);
  const int shift = 30 - exponent;
  return shift > 63 ? 0 : product >> shift;
}

/// 2^f with 31 fraction bits: 1 + f times a polynomial for (2^f - 1) / f.
INLINE uint32_t power(uint32_t f) {
  uint32_t sum = 894123;
  sum = 5451244 + highProductNear(f, sum);
  sum = 41455862 + highProductNear(f, sum);
  sum = 238353606 + highProductNear(f, sum);
  sum = 1031767986 + highProductNear(f, sum);
  sum = 1488522215 + (highProductNear(f, sum) >> 1);
  const uint32_t result = kSignBit + highProduct(f, sum);
  return result < kSignBit ? 0xffffffff : result;
}

INLINE float exponential(float x, uint32_t factor, uint32_t factorLow) {
  const uint32_t bits = bitsOf(x), magnitude = bits & ~kSignBit;
  if (magnitude >= 0x43800000) { // 256 and up, infinity, NaN
    if (magnitude > kInfinityBits) return quiet(x);
    return bits >> 31 ? 0 : floatOf(kInfinityBits);
  }
  uint64_t scaled = times(bits, factor, factorLow);
  if (bits >> 31) scaled = 0 - scaled;
  return floatOf(soft::pack(0u, static_cast<int>(high(scaled)) + 127, power(low(scaled))));
}
} // namespace

FUNCTION(float, expf)(float x) { return exponential(x, 0xb8aa3b29, 0x5c17f0bb); }
FUNCTION(float, exp2f)(float x) { return exponential(x, 0x80000000, 0); }

FUNCTION(Extended, __ashlar_x_exp2)(int n, uint32_t f) {
  return extended(static_cast<int32_t>(power(f) >> 1), n);
}
FUNCTION(Extended, __ashlar_x_exp)(Extended x) {
  const int32_t mantissa = mantissaOf(x);
  const uint32_t magnitude = magnitudeOf(mantissa);
  const uint64_t product =
      wideProduct(magnitude << 1, 0xb8aa3b29) + highProduct(magnitude << 1, 0x5c17f0bb);
  const int shift = 30 - exponentOf(x);
  uint64_t scaled = shift > 63 ? 0 : product >> shift;
  if (mantissa < 0) scaled = 0 - scaled;
  return LIB(__ashlar_x_exp2)(static_cast<int>(high(scaled)), low(scaled));
}
