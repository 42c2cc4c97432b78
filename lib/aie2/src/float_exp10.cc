// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// 10^x through 2^(x log2(10)).
#include "extended.h"

FUNCTION(float, exp10f)(float x) {
  const uint32_t magnitude = magnitudeBits(x);
  if (magnitude >= 0x42800000) { // 64 and up, infinity, NaN
    if (magnitude > kInfinityBits) return quiet(x);
    return bitsOf(x) >> 31 ? 0 : floatOf(kInfinityBits);
  }
  // log2(10) is 3.3219...: 30 fraction bits and 32 more, so |x log2(10)| < 2^8 has 32.
  const Extended e = LIB(__ashlar_x_of)(x);
  const uint32_t m = magnitudeOf(mantissaOf(e)) << 1;
  const uint64_t product = wideProduct(m, 0xd49a784b) + highProduct(m, 0xcd1b8afe);
  const int shift = 29 - exponentOf(e);
  uint64_t scaled = shift > 63 ? 0 : product >> shift;
  if (bitsOf(x) >> 31) scaled = 0 - scaled;
  return LIB(__ashlar_x_float)(LIB(__ashlar_x_exp2)(static_cast<int>(high(scaled)), low(scaled)));
}
