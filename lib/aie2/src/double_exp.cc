// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Exponentials of double, as in float_exp.cc.
#include "wide.h"

namespace {
/// (2^f - 1) / f and (e^x - 1) / x, 62 fraction bits
const int64_t kPower[] = {3196577161300663915,
                          1107849223398934352,
                          255967521894832352,
                          44355791529074498,
                          6149018368037023,
                          710362457090532,
                          70340820988830,
                          6094562441857,
                          469391544405,
                          32521214456,
                          2062746897,
                          111089114,
                          8729673};
const int64_t kExpm1[] = {4611686018427387904, 2305843009213693952,
                          768614336404564640,  192153584101141162,
                          38430716820228894,   6405119470038080,
                          915017067132422,     114377133392545,
                          12708570558393,      1270857049036,
                          115531394477,        9627638382,
                          743684516,           53092675};

/// |x| times a factor of `bits` integer bits, given by its upper and lower 64 bits, as n + f.
INLINE Wide power(Wide x, uint64_t factor, uint64_t factorLow, int integerBits) {
  const uint64_t m = magnitudeOf(x.mantissa) << 1; // 1.0 is 2^63
  uint64_t bottom;
  uint64_t top = soft::product128(m, factor, bottom);
  const uint64_t more = soft::productHigh(m, factorLow);
  bottom += more;
  top += bottom < more;
  // top:bottom has 63 + (64 - integerBits) fraction bits; 64 are wanted.
  const int shift = 63 - integerBits - x.exponent;
  uint64_t n = 0, f = 0;
  if (shift < 64) {
    n = top >> shift;
    f = shift ? top << (64 - shift) | bottom >> shift : bottom;
  } else if (shift < 128) {
    f = top >> (shift - 64);
  }
  if (x.mantissa < 0) {
    n = ~n + !f;
    f = 0 - f;
  }
  return wide::exp2(static_cast<int>(low(n)), f);
}
constexpr uint64_t kLog2e = 0xb8aa3b295c17f0bb, kLog2eLow = 0xbe87fed0691d3e88;

/// Infinite, NaN, or far beyond overflow (2^12 and more); e^x and the like there.
INLINE bool special(double x, double &result) {
  const uint64_t magnitude = magnitudeBits(x);
  if (magnitude < static_cast<uint64_t>(1023 + 12) << 52) return false;
  if (magnitude > Double::kInfinity)
    result = quiet(x);
  else
    result = bitsOf(x) >> 63 ? 0 : doubleOf(Double::kInfinity);
  return true;
}
} // namespace

namespace wide {
NOINLINE Wide exp2(int n, uint64_t f) {
  const uint64_t product =
      soft::productHigh(f, static_cast<uint64_t>(poly(kPower, sizeof kPower / sizeof *kPower - 1,
                                                      static_cast<int64_t>(f >> 1))));
  return {static_cast<int64_t>((static_cast<uint64_t>(1) << 62) + product), n};
}
NOINLINE Wide exp(Wide x) { return power(x, kLog2e, kLog2eLow, 1); }
NOINLINE Wide expm1(Wide x) {
  if (x.exponent < -1) return mul(x, polynomial(kExpm1, fraction(x)));
  return sub(exp(x), kWideOne);
}
} // namespace wide

FUNCTION(double, exp)(double x) {
  double result;
  return special(x, result) ? result : wide::toDouble(wide::exp(wide::of(x)));
}
FUNCTION(double, exp2)(double x) {
  double result;
  if (special(x, result)) return result;
  return wide::toDouble(power(wide::of(x), static_cast<uint64_t>(1) << 63, 0, 1));
}
FUNCTION(double, exp10)(double x) {
  double result;
  if (special(x, result)) return result;
  return wide::toDouble(power(wide::of(x), 0xd49a784bcd1b8afe, 0x492bf6ff4dafdb4c, 2));
}
FUNCTION(double, expm1)(double x) {
  double result;
  if (special(x, result))
    return bitsOf(x) >> 63 && magnitudeBits(x) <= Double::kInfinity ? -1 : result;
  if (magnitudeBits(x) < static_cast<uint64_t>(1023 - 60) << 52) return x;
  return wide::toDouble(wide::expm1(wide::of(x)));
}
