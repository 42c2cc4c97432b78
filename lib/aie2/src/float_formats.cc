// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Conversions among bf16, float and double, rounded to nearest even. The core's vector unit
// truncates float to bf16 unless told otherwise; scalar code must not.
#include "soft.h"

using Float = soft::Is<uint32_t>;
using Double = soft::Is<uint64_t>;

namespace {
INLINE uint16_t bf16Of(uint32_t bits) {
  if ((bits & ~Float::kSign) > Float::kInfinity) return static_cast<uint16_t>(bits >> 16 | 0x40);
  return static_cast<uint16_t>((bits + 0x7fff + (bits >> 16 & 1)) >> 16);
}
/// A double in the float format with the sticky bit kept, correctly rounded.
INLINE uint32_t narrow(uint64_t bits) {
  const uint32_t sign = high(bits) & Float::kSign;
  const uint64_t x = bits & ~Double::kSign;
  if (x >= Double::kInfinity)
    return x > Double::kInfinity ? sign | Float::kNan | (low(x >> 29) & (Float::kQuiet - 1))
                                 : sign | Float::kInfinity;
  const int exponent = static_cast<int>(x >> Double::kFraction);
  if (!exponent) return sign; // far below the smallest float
  const uint64_t fraction = (x & (Double::kImplicit - 1)) | Double::kImplicit;
  const uint64_t top = fraction << Double::kSpare;
  return soft::pack(sign, exponent - Double::kBias + Float::kBias,
                    high(top) | static_cast<uint32_t>(low(top) != 0));
}
/// A double rounded to odd in the float format: a second rounding to fewer bits is then exact.
INLINE uint32_t narrowToOdd(uint64_t bits) {
  const uint32_t sign = high(bits) & Float::kSign;
  const uint64_t x = bits & ~Double::kSign;
  if (x >= Double::kInfinity) return narrow(bits);
  const int exponent = static_cast<int>(x >> Double::kFraction) - Double::kBias + Float::kBias;
  if (exponent >= Float::kMaxExponent) return sign | (Float::kInfinity - 1);
  uint64_t fraction =
      (x & (Double::kImplicit - 1)) | (x >> Double::kFraction ? Double::kImplicit : 0);
  uint32_t base = 0;
  if (exponent <= 0)
    fraction = fraction ? soft::shiftSticky(fraction, 1 - exponent) : 0;
  else
    base = static_cast<uint32_t>(exponent - 1) << Float::kFraction;
  const uint32_t lost = (low(fraction) & ((1u << 29) - 1)) != 0;
  return sign | ((base + low(fraction >> 29)) | lost);
}
} // namespace

FUNCTION(Bf16, __truncsfbf2)(float a) { return __builtin_bit_cast(Bf16, bf16Of(bitsOf(a))); }
FUNCTION(float, __extendbfsf2)(Bf16 a) {
  return floatOf(static_cast<uint32_t>(__builtin_bit_cast(uint16_t, a)) << 16);
}
FUNCTION(double, __extendsfdf2)(float a) {
  const uint32_t bits = bitsOf(a), x = bits & ~Float::kSign;
  const uint64_t sign = static_cast<uint64_t>(bits & Float::kSign) << 32;
  if (!x) return doubleOf(sign);
  if (x >= Float::kInfinity) {
    const uint64_t wide = static_cast<uint64_t>(x & (Float::kImplicit - 1)) << 29;
    return doubleOf(sign | Double::kInfinity | wide | (wide ? Double::kQuiet : 0));
  }
  uint32_t fraction;
  const int exponent = soft::split(x, fraction) - Float::kBias + Double::kBias;
  return doubleOf(sign | ((static_cast<uint64_t>(exponent - 1) << Double::kFraction) +
                          (static_cast<uint64_t>(fraction) << 29)));
}
FUNCTION(float, __truncdfsf2)(double a) { return floatOf(narrow(bitsOf(a))); }
FUNCTION(Bf16, __truncdfbf2)(double a) {
  return __builtin_bit_cast(Bf16, bf16Of(narrowToOdd(bitsOf(a))));
}
