// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Logarithms: m in [0.7, 1.4) is multiplied by a table's short number c near 1/m, exactly, so that
// m c = 1 + r with |r| < 2^-4.9; then log2 m = log2(1 + r) - log2 c. The interval around 1 has
// c = 1: there the result is r times a polynomial, with full relative accuracy.
#include "extended.h"

namespace {
const uint8_t kNear[16] = {179, 172, 165, 158, 152, 147, 142, 137,
                           133, 128, 121, 115, 109, 103, 98,  94};
struct Term {
  int32_t mantissa;
  int32_t exponent;
};
/// -log2(kNear / 128)
const Term kLog[16] = {{-2077972941, -2}, {-1830793181, -2}, {-1573341930, -2}, {-1304728379, -2},
                       {-2129681124, -3}, {-1715172382, -3}, {-1286317962, -3}, {-1684178361, -4},
                       {-1899490020, -5}, {0, -(1 << 20)},   {1393918970, -4},  {1327230356, -3},
                       {1991281488, -3},  {1346469983, -2},  {1654808619, -2},  {1913026315, -2}};
/// log2(1 + r) / r in r, 30 fraction bits.
const int32_t kSeries[] = {1549082005, -774540862, 516360548, -387696174, 310181277};

/// log2(1 + r), r with 34 fraction bits.
INLINE Extended log2OnePlus(Extended r, int32_t r34) {
  int32_t sum = kSeries[4];
  for (int i = 3; i >= 0; --i) sum = kSeries[i] + (signedHighProduct(sum, r34) >> 2);
  return mul(r, extended(sum, 0));
}
} // namespace

FUNCTION(Extended, __ashlar_x_log2)(Extended x) {
  const uint32_t mantissa = static_cast<uint32_t>(mantissaOf(x)); // 1.0 is 2^30
  int exponent = exponentOf(x);
  // Sixteen intervals of 2^26 from 0.7; those up to 1 are as fine again relative to the number.
  const uint32_t bits = 0x3f800000 + ((mantissa >> 7) - (1u << 23)) - 0x3f330000;
  int index = static_cast<int>(bits >> 19 & 15), shift = 3;
  if (bits >> 23) {
    ++exponent;
    shift = 4;
  }
  const uint32_t c = kNear[index];
  const uint32_t product =
      (mantissa >> shift) * c + ((mantissa & ((1u << shift) - 1)) * c >> shift);
  const int32_t r = static_cast<int32_t>(product); // 1 << 34 falls off: m c - 1
  Extended result = log2OnePlus(LIB(__ashlar_x_normal)(r, -4), r);
  if (index != 9) result = add(result, extended(kLog[index].mantissa, kLog[index].exponent));
  if (exponent) result = add(LIB(__ashlar_x_normal)(exponent << 20, 10), result);
  return result;
}

FUNCTION(Extended, __ashlar_x_log1p)(Extended x) {
  // The series holds for |x| < 0.036; there 1 + x need not be formed, which would lose bits of x.
  if (exponentOf(x) < -4) {
    const int32_t fraction = fraction31(x);
    if (magnitudeOf(fraction) < 77309411) return mul(log2OnePlus(x, fraction << 3), X_LN2);
  }
  return mul(LIB(__ashlar_x_log2)(add(X_ONE, x)), X_LN2);
}

namespace {
/// What has no finite logarithm; false when x has one.
INLINE bool special(float x, float &result) {
  const uint32_t bits = bitsOf(x);
  if (bits - 1 < kInfinityBits - 1) return false;
  if (magnitudeBits(x) > kInfinityBits)
    result = quiet(x);
  else if (!magnitudeBits(x))
    result = floatOf(kSignBit | kInfinityBits);
  else
    result = bits >> 31 ? floatOf(kNanBits) : x;
  return true;
}
} // namespace

FUNCTION(float, log2f)(float x) {
  float result;
  if (special(x, result)) return result;
  return LIB(__ashlar_x_float)(LIB(__ashlar_x_log2)(LIB(__ashlar_x_of)(x)));
}
FUNCTION(float, logf)(float x) {
  float result;
  if (special(x, result)) return result;
  return LIB(__ashlar_x_float)(mul(LIB(__ashlar_x_log2)(LIB(__ashlar_x_of)(x)), X_LN2));
}
FUNCTION(float, log10f)(float x) {
  float result;
  if (special(x, result)) return result;
  return LIB(__ashlar_x_float)(mul(LIB(__ashlar_x_log2)(LIB(__ashlar_x_of)(x)), X_LOG10_2));
}
FUNCTION(float, log1pf)(float x) {
  float result;
  const uint32_t magnitude = magnitudeBits(x);
  if (magnitude < 0x33000000) return x; // the result is x
  if (bitsOf(x) >= 0xbf800000 || magnitude >= kInfinityBits) {
    if (bitsOf(x) == 0xbf800000) return floatOf(kSignBit | kInfinityBits);
    if (bitsOf(x) > 0xbf800000 && magnitude <= kInfinityBits) return floatOf(kNanBits);
    if (special(x, result)) return result;
  }
  return LIB(__ashlar_x_float)(LIB(__ashlar_x_log1p)(LIB(__ashlar_x_of)(x)));
}
