// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Remainders: long division by shift and subtract, exact.
#include "extended.h"

namespace {
/// |x| mod |y| for finite x and y, y not 0, and the lowest bit of the quotient.
NOINLINE uint32_t modulo(uint32_t x, uint32_t y, bool &odd) {
  odd = false;
  if (x < y) return x;
  uint32_t fx, fy;
  int ex = soft::split(x, fx);
  const int ey = soft::split(y, fy);
  for (;; --ex) {
    odd = fx >= fy;
    if (odd) fx -= fy;
    if (ex <= ey) break;
    fx <<= 1;
  }
  if (!fx) return 0;
  const int zeros = leadingZeros(fx);
  return soft::pack(0u, ex + 8 - zeros, fx << zeros);
}
/// NaN where there is no remainder, else 0.
INLINE bool invalid(float x, float y, float &result) {
  const uint32_t mx = magnitudeBits(x), my = magnitudeBits(y);
  if (mx > kInfinityBits)
    result = quiet(x);
  else if (my > kInfinityBits)
    result = quiet(y);
  else if (mx == kInfinityBits || !my)
    result = floatOf(kNanBits);
  else
    return false;
  return true;
}
} // namespace

FUNCTION(float, fmodf)(float x, float y) {
  float result;
  if (invalid(x, y, result)) return result;
  bool odd;
  const uint32_t my = magnitudeBits(y);
  if (my == kInfinityBits) return x;
  return floatOf((bitsOf(x) & kSignBit) | modulo(magnitudeBits(x), my, odd));
}
FUNCTION(float, __subsf3)(float a, float b);
FUNCTION(float, remainderf)(float x, float y) {
  float result;
  if (invalid(x, y, result)) return result;
  const uint32_t my = magnitudeBits(y);
  if (my == kInfinityBits) return x;
  bool odd;
  const uint32_t rest = modulo(magnitudeBits(x), my, odd);
  // Nearer to the next multiple? Compare rest with y - rest, which is exact where it matters.
  const float other = LIB(__subsf3)(floatOf(my), floatOf(rest));
  const uint32_t o = bitsOf(other);
  const float signedRest = rest > o || (rest == o && odd) ? floatOf(o | kSignBit) : floatOf(rest);
  return floatOf(bitsOf(signedRest) ^ (bitsOf(x) & kSignBit));
}
