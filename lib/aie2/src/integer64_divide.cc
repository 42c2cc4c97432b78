// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// 64-bit division, one bit a step over the dividend's significant bits; 32-bit operands take the
// 32-bit routine. Division by 0 gives all ones and the dividend as remainder.
#include "bits.h"

FUNCTION(uint32_t, __udivmodsi4)(uint32_t a, uint32_t b, uint32_t *remainder);

FUNCTION(uint64_t, __udivmoddi4)(uint64_t a, uint64_t b, uint64_t *remainder) {
  if (a < b) {
    if (remainder) *remainder = a;
    return 0;
  }
  if (!(high(a) | high(b))) {
    uint32_t r;
    const uint32_t q = LIB(__udivmodsi4)(low(a), low(b), &r);
    if (remainder) *remainder = r;
    if (!low(b)) return ~uint64_t(0);
    return q;
  }
  int skip = leadingZeros(a);
  uint32_t rh = 0, rl = 0; // the remainder
  uint64_t quotient = a << skip;
  uint32_t qh = high(quotient), ql = low(quotient);
  for (; skip < 64; ++skip) {
    const uint32_t carry = rh >> 31;
    rh = rh << 1 | rl >> 31;
    rl = rl << 1 | qh >> 31;
    qh = qh << 1 | ql >> 31;
    ql <<= 1;
    if (carry || rh > high(b) || (rh == high(b) && rl >= low(b))) {
      const uint32_t borrow = rl < low(b);
      rl -= low(b);
      rh -= high(b) + borrow;
      ql |= 1;
    }
  }
  if (remainder) *remainder = join(rh, rl);
  return join(qh, ql);
}

namespace {
INLINE uint64_t magnitude(int64_t x) {
  return x < 0 ? uint64_t(0) - static_cast<uint64_t>(x) : static_cast<uint64_t>(x);
}
INLINE int64_t withSign(uint64_t x, bool negative) {
  return static_cast<int64_t>(negative ? uint64_t(0) - x : x);
}
} // namespace

FUNCTION(uint64_t, __udivdi3)(uint64_t a, uint64_t b) { return LIB(__udivmoddi4)(a, b, nullptr); }
FUNCTION(uint64_t, __umoddi3)(uint64_t a, uint64_t b) {
  uint64_t remainder;
  LIB(__udivmoddi4)(a, b, &remainder);
  return remainder;
}
FUNCTION(int64_t, __divdi3)(int64_t a, int64_t b) {
  return withSign(LIB(__udivmoddi4)(magnitude(a), magnitude(b), nullptr), (a ^ b) < 0);
}
FUNCTION(int64_t, __moddi3)(int64_t a, int64_t b) {
  uint64_t remainder;
  LIB(__udivmoddi4)(magnitude(a), magnitude(b), &remainder);
  return withSign(remainder, a < 0);
}
FUNCTION(int64_t, __divmoddi4)(int64_t a, int64_t b, int64_t *remainder) {
  uint64_t r;
  const uint64_t q = LIB(__udivmoddi4)(magnitude(a), magnitude(b), &r);
  *remainder = withSign(r, a < 0);
  return withSign(q, (a ^ b) < 0);
}
