// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Rounding to integers within float, by masking the bits below the point.
#include "extended.h"

namespace {
/// The fraction bits below the units place of a number of magnitude 1 or more; 0 = none.
INLINE uint32_t below(uint32_t magnitude) {
  const int exponent = static_cast<int>(magnitude >> 23) - 127;
  return exponent >= 23 ? 0 : 0x7fffffu >> exponent;
}
/// Away from zero where the sign says so: floor for negative numbers, ceil for positive ones.
INLINE float directed(float x, uint32_t awaySign) {
  const uint32_t bits = bitsOf(x), magnitude = bits & ~kSignBit;
  const bool away = (bits & kSignBit) == awaySign;
  if (magnitude > kInfinityBits) return quiet(x);
  if (magnitude < 0x3f800000) {
    if (!magnitude || !away) return floatOf(bits & kSignBit);
    return floatOf((bits & kSignBit) | 0x3f800000);
  }
  const uint32_t mask = below(magnitude);
  return floatOf((away ? bits + mask : bits) & ~mask);
}
} // namespace

FUNCTION(float, truncf)(float x) { return directed(x, 1); }
FUNCTION(float, floorf)(float x) { return directed(x, kSignBit); }
FUNCTION(float, ceilf)(float x) { return directed(x, 0); }
FUNCTION(float, roundf)(float x) {
  const uint32_t bits = bitsOf(x), magnitude = bits & ~kSignBit;
  if (magnitude > kInfinityBits) return quiet(x);
  if (magnitude < 0x3f800000)
    return floatOf((bits & kSignBit) | (magnitude >= 0x3f000000 ? 0x3f800000 : 0));
  const uint32_t mask = below(magnitude);
  return floatOf((bits + (mask ? (mask >> 1) + 1 : 0)) & ~mask);
}
FUNCTION(float, rintf)(float x) {
  const uint32_t bits = bitsOf(x), magnitude = bits & ~kSignBit;
  if (magnitude > kInfinityBits) return quiet(x);
  if (magnitude < 0x3f800000)
    return floatOf((bits & kSignBit) | (magnitude > 0x3f000000 ? 0x3f800000 : 0));
  const uint32_t mask = below(magnitude);
  if (!mask) return x;
  // Just under half, plus one when the units bit is odd: ties go to even. The units bit of 1.x is
  // the exponent's lowest bit, which is odd there (127), as it should be.
  return floatOf((bits + (mask >> 1) + ((bits & (mask + 1)) != 0)) & ~mask);
}
FUNCTION(float, nearbyintf)(float x) { return LIB(rintf)(x); }
FUNCTION(float, roundevenf)(float x) { return LIB(rintf)(x); }

FUNCTION(int32_t, __fixsfsi)(float x);
FUNCTION(int64_t, __fixsfdi)(float x);
FUNCTION(int32_t, lrintf)(float x) { return LIB(__fixsfsi)(LIB(rintf)(x)); }
FUNCTION(int64_t, llrintf)(float x) { return LIB(__fixsfdi)(LIB(rintf)(x)); }
FUNCTION(int32_t, lroundf)(float x) { return LIB(__fixsfsi)(LIB(roundf)(x)); }
FUNCTION(int64_t, llroundf)(float x) { return LIB(__fixsfdi)(LIB(roundf)(x)); }
