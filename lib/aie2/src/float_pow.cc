// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// x^y = 2^(y log2 x). The logarithm needs seven bits more than the result has, for the product can
// reach 150: it is made in 64-bit fixed point, with the table and interval of float_log.cc.
#include "extended.h"

namespace {
const uint8_t kNear[16] = {179, 172, 165, 158, 152, 147, 142, 137,
                           133, 128, 121, 115, 109, 103, 98,  94};
/// -log2(kNear / 128), 62 fraction bits
const int64_t kLog[16] = {-2231206455504150653, -1965799209408045220,
                          -1689363033676790756, -1400941429035756762,
                          -1143363847331251474, -920826160948473729,
                          -690586697319517456,  -452093186346374828,
                          -254945234865449951,  0,
                          374177274241212932,   712551371767752785,
                          1069061108278552959,  1445761135573508750,
                          1776837224931603046,  2054096365169927225};
/// (log2(1 + r) - r log2(e)) / r^2, 30 fraction bits
const int32_t kSeries[] = {-774541002, 516360668, -387270378, 309816291, -258489311, 221572082};

/// log2 of a positive finite number: 62 fraction bits, or 54 when it is not within 1/2 of 0.
INLINE int64_t logarithm(uint32_t bits, int &fractionBits) {
  uint32_t fraction;
  int exponent = soft::split(bits, fraction) - 127;
  const uint32_t from = 0x3f800000 + (fraction - (1u << 23)) - 0x3f330000;
  const int index = static_cast<int>(from >> 19 & 15);
  const int half = static_cast<int>(from >> 23);
  exponent += half;
  // fraction times c has 30 fraction bits, 31 when halved: r gets 34 of them, exactly.
  const int32_t r = static_cast<int32_t>(fraction * kNear[index] << (4 - half));
  int32_t sum = kSeries[5];
  for (int i = 4; i >= 0; --i) sum = kSeries[i] + (signedHighProduct(sum, r) >> 2);
  // r log2(e): 34 + 62 fraction bits down to 62, then r^2 times the series.
  const uint32_t magnitude = magnitudeOf(r);
  const uint64_t main = wideProduct(magnitude, 0x5c551d94);
  const uint64_t extra = wideProduct(magnitude, 0xae0bf85e);
  // log2(e) = 0x5c551d94.ae0bf85e / 2^30
  int64_t result = static_cast<int64_t>((main >> 2) + (extra >> 34));
  if (r < 0) result = -result;
  const uint64_t square = wideProduct(magnitude << 2, magnitude << 2) >> 8; // 64 fraction bits
  const uint64_t quadratic = wideProduct(high(square), magnitudeOf(sum)) +  // 32 + 30
                             highProduct(low(square), magnitudeOf(sum));
  result += sum < 0 ? -static_cast<int64_t>(quadratic) : static_cast<int64_t>(quadratic);
  result += kLog[index];
  fractionBits = 62;
  if (exponent) {
    fractionBits = 54;
    result = (result >> 8) + (static_cast<int64_t>(exponent) << 54);
  }
  return result;
}
} // namespace

FUNCTION(float, powf)(float x, float y) {
  const uint32_t bx = bitsOf(x), by = bitsOf(y), mx = bx & ~kSignBit, my = by & ~kSignBit;
  if (bx == 0x3f800000 || !my) return 1;
  if (mx > kInfinityBits) return quiet(x);
  if (my > kInfinityBits) return quiet(y);
  // Is y an integer, is it odd? From 2^24 on all are even.
  bool integer = my >= 0x4b800000, isOdd = false;
  if (!integer && my >= 0x3f800000) {
    const int below = 150 - static_cast<int>(my >> 23); // bits below the units
    const uint32_t fraction = (my & 0x7fffff) | 0x800000;
    integer = !(fraction & ((1u << below) - 1));
    isOdd = integer && (fraction >> below & 1);
  }
  const uint32_t sign = isOdd ? bx & kSignBit : 0;
  const bool down = by >> 31;
  if (my == kInfinityBits) {
    if (mx == 0x3f800000) return 1;
    return (mx > 0x3f800000) != down ? floatOf(kInfinityBits) : 0;
  }
  if (!mx || mx == kInfinityBits) return floatOf(sign | ((mx != 0) != down ? kInfinityBits : 0));
  if (bx >> 31) {
    if (!integer) return floatOf(kNanBits);
    if (mx == 0x3f800000) return floatOf(sign | 0x3f800000);
  }
  int fractionBits;
  const int64_t log = logarithm(mx, fractionBits);
  const bool negative = (log < 0) != down;
  uint64_t magnitude =
      log < 0 ? uint64_t(0) - static_cast<uint64_t>(log) : static_cast<uint64_t>(log);
  if (!magnitude) return floatOf(sign | 0x3f800000);
  uint32_t fy;
  const int ey = soft::split(my, fy) - 127;
  const int zeros = leadingZeros(magnitude);
  magnitude <<= zeros;
  // The product of two numbers with their top bits set, its upper 64 bits.
  const uint64_t upper = wideProduct(high(magnitude), fy << 8);
  const uint64_t product = upper + highProduct(low(magnitude), fy << 8);
  // How many of its 64 bits stand before the point.
  const int integerBits = 64 - zeros - fractionBits + ey + 1;
  if (integerBits > 9) // beyond 2^8: overflow or underflow
    return floatOf(sign | (negative ? 0 : kInfinityBits));
  const int shift = 32 - integerBits;
  uint64_t scaledLog = shift > 63 ? 0 : product >> shift;
  if (negative) scaledLog = 0 - scaledLog;
  const float result = LIB(__ashlar_x_float)(
      LIB(__ashlar_x_exp2)(static_cast<int>(high(scaledLog)), low(scaledLog)));
  return withSign(result, sign);
}
