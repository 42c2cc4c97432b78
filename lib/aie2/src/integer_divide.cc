// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// 32-bit division. The core has an instruction for one step of it (divs: shift in a bit of the
// dividend, subtract when it fits); without it the same step is written out. Division by 0 gives
// all ones and the dividend as remainder.
#include "bits.h"

namespace {
struct Divided {
  uint32_t quotient, remainder;
};
INLINE Divided divide(uint32_t a, uint32_t b) {
  if (a < b) return {0, a};
  // Leading zeros of the dividend give quotient bits of 0: skip those steps.
  const int skip = a ? leadingZeros(a) : 0;
  uint32_t remainder = 0, quotient = a << skip;
  for (int i = skip; i < 32; ++i) {
    remainder = remainder << 1 | quotient >> 31;
    quotient <<= 1;
    if (remainder >= b) {
      remainder -= b;
      quotient |= 1;
    }
  }
  return {quotient, remainder};
}
INLINE uint32_t magnitude(int32_t x) {
  return x < 0 ? 0u - static_cast<uint32_t>(x) : static_cast<uint32_t>(x);
}
INLINE int32_t withSign(uint32_t x, bool negative) {
  return static_cast<int32_t>(negative ? 0u - x : x);
}
} // namespace

FUNCTION(uint32_t, __udivsi3)(uint32_t a, uint32_t b) { return divide(a, b).quotient; }
FUNCTION(uint32_t, __umodsi3)(uint32_t a, uint32_t b) { return divide(a, b).remainder; }
FUNCTION(uint32_t, __udivmodsi4)(uint32_t a, uint32_t b, uint32_t *remainder) {
  const Divided d = divide(a, b);
  *remainder = d.remainder;
  return d.quotient;
}
FUNCTION(int32_t, __divsi3)(int32_t a, int32_t b) {
  return withSign(LIB(__udivsi3)(magnitude(a), magnitude(b)), (a ^ b) < 0);
}
FUNCTION(int32_t, __modsi3)(int32_t a, int32_t b) {
  return withSign(LIB(__umodsi3)(magnitude(a), magnitude(b)), a < 0);
}
FUNCTION(int32_t, __divmodsi4)(int32_t a, int32_t b, int32_t *remainder) {
  uint32_t r;
  const uint32_t q = LIB(__udivmodsi4)(magnitude(a), magnitude(b), &r);
  *remainder = withSign(r, a < 0);
  return withSign(q, (a ^ b) < 0);
}
