// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Multiplication of floats for operands and results that are normal numbers, which is nearly
// always: straight code with two branches, since a branch costs six bundles. False when something
// is zero, subnormal, infinite or NaN; then soft.h computes. (The same for addition gains nothing.)
#pragma once

#include "soft.h"

namespace soft {

constexpr uint32_t kNormals = 254; ///< exponents 1 to 254

INLINE bool isNormalExponent(uint32_t exponent) { return exponent - 1 < kNormals; }

/// Rounds a fraction whose leading 1 is the top bit; the carry of rounding up goes into the
/// exponent and may make the right infinity.
INLINE uint32_t round(uint32_t sign, uint32_t exponent, uint32_t fraction) {
  const uint32_t kept = fraction >> 8, rest = fraction & 255;
  return sign | (((exponent - 1) << 23) + kept + ((rest + 127 + (kept & 1)) >> 8));
}

INLINE bool mulNormal(uint32_t a, uint32_t b, uint32_t &result) {
  const uint32_t ea = a >> 23 & 255, eb = b >> 23 & 255;
  if (ea - 1 >= kNormals || eb - 1 >= kNormals) return false;
  const uint32_t fa = (a & 0x7fffff) | 0x800000, fb = (b & 0x7fffff) | 0x800000;
  // 24 by 8 bits three times: each product fits into a word.
  const uint32_t top = fa * (fb >> 16), middle = fa * (fb >> 8 & 255), bottom = fa * (fb & 255);
  const uint32_t rest = middle + (bottom >> 8);
  const uint32_t product = top + (rest >> 8);
  const uint32_t sticky = ((rest | bottom) & 255) != 0;
  const uint32_t shift = (product >> 31) ^ 1;
  const uint32_t exponent = ea + eb - 126 - shift;
  if (!isNormalExponent(exponent)) return false;
  result = round((a ^ b) & 0x80000000u, exponent, product << shift | sticky);
  return true;
}

} // namespace soft
