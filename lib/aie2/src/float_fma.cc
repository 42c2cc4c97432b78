// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// x y + z with one rounding. Product and addend stand in 64-bit words with room below, so that
// either nothing is lost or what is lost only counts as a sticky bit.
#include "extended.h"

FUNCTION(float, __addsf3)(float a, float b);
FUNCTION(float, __mulsf3)(float a, float b);

FUNCTION(float, fmaf)(float x, float y, float z) {
  const uint32_t mx = magnitudeBits(x), my = magnitudeBits(y), mz = magnitudeBits(z);
  if (mx < kInfinityBits && my < kInfinityBits && mz >= kInfinityBits)
    return mz > kInfinityBits ? quiet(z) : z; // even when the product would overflow
  if (mx >= kInfinityBits || my >= kInfinityBits || mz >= kInfinityBits || !mx || !my)
    return LIB(__addsf3)(LIB(__mulsf3)(x, y), z); // exact or special
  uint32_t fx, fy;
  int exponent = soft::split(mx, fx);
  exponent += soft::split(my, fy) - 127;
  uint64_t product = wideProduct(fx << 8, fy << 7); // in [2^61, 2^63)
  const uint32_t sign = (bitsOf(x) ^ bitsOf(y)) & kSignBit;
  uint32_t resultSign = sign;
  if (mz) {
    uint32_t fz;
    const int ez = soft::split(mz, fz);
    uint64_t addend = static_cast<uint64_t>(fz) << 38; // in [2^61, 2^62)
    const int distance = exponent - ez;
    if (distance > 0) addend = soft::shiftSticky(addend, distance);
    if (distance < 0) {
      product = soft::shiftSticky(product, -distance);
      exponent = ez;
    }
    if ((bitsOf(z) & kSignBit) == sign) {
      product += addend;
    } else if (product >= addend) {
      product -= addend;
    } else {
      product = addend - product;
      resultSign = bitsOf(z) & kSignBit;
    }
    if (!product) return 0;
  }
  const int zeros = leadingZeros(product);
  product <<= zeros;
  return floatOf(soft::pack(resultSign, exponent + 2 - zeros, high(product) | (low(product) != 0)));
}
