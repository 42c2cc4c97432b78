// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Conversions between float and integers: to integers by truncation (what does not fit saturates,
// NaN gives 0), from integers rounded to nearest even.
#include "soft.h"

FUNCTION(int32_t, __fixsfsi)(float a) { return soft::toInteger<int32_t>(bitsOf(a)); }
FUNCTION(uint32_t, __fixunssfsi)(float a) { return soft::toInteger<uint32_t>(bitsOf(a)); }
FUNCTION(int64_t, __fixsfdi)(float a) { return soft::toInteger<int64_t>(bitsOf(a)); }
FUNCTION(uint64_t, __fixunssfdi)(float a) { return soft::toInteger<uint64_t>(bitsOf(a)); }

FUNCTION(float, __floatunsisf)(uint32_t a) { return floatOf(soft::fromInteger<uint32_t>(0, a)); }
FUNCTION(float, __floatsisf)(int32_t a) {
  const uint32_t magnitude = a < 0 ? 0u - static_cast<uint32_t>(a) : static_cast<uint32_t>(a);
  return floatOf(soft::fromInteger<uint32_t>(a < 0 ? soft::Is<uint32_t>::kSign : 0, magnitude));
}
FUNCTION(float, __floatundisf)(uint64_t a) { return floatOf(soft::fromInteger<uint32_t>(0, a)); }
FUNCTION(float, __floatdisf)(int64_t a) {
  const uint64_t magnitude =
      a < 0 ? uint64_t(0) - static_cast<uint64_t>(a) : static_cast<uint64_t>(a);
  return floatOf(soft::fromInteger<uint32_t>(a < 0 ? soft::Is<uint32_t>::kSign : 0, magnitude));
}
