// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Conversions between double and integers: to integers by truncation (what does not fit saturates,
// NaN gives 0), from integers rounded to nearest even.
#include "soft.h"

FUNCTION(int32_t, __fixdfsi)(double a) { return soft::toInteger<int32_t>(bitsOf(a)); }
FUNCTION(uint32_t, __fixunsdfsi)(double a) { return soft::toInteger<uint32_t>(bitsOf(a)); }
FUNCTION(int64_t, __fixdfdi)(double a) { return soft::toInteger<int64_t>(bitsOf(a)); }
FUNCTION(uint64_t, __fixunsdfdi)(double a) { return soft::toInteger<uint64_t>(bitsOf(a)); }

FUNCTION(double, __floatunsidf)(uint32_t a) { return doubleOf(soft::fromInteger<uint64_t>(0, a)); }
FUNCTION(double, __floatsidf)(int32_t a) {
  const uint32_t magnitude = a < 0 ? 0u - static_cast<uint32_t>(a) : static_cast<uint32_t>(a);
  return doubleOf(soft::fromInteger<uint64_t>(a < 0 ? soft::Is<uint64_t>::kSign : 0, magnitude));
}
FUNCTION(double, __floatundidf)(uint64_t a) { return doubleOf(soft::fromInteger<uint64_t>(0, a)); }
FUNCTION(double, __floatdidf)(int64_t a) {
  const uint64_t magnitude =
      a < 0 ? uint64_t(0) - static_cast<uint64_t>(a) : static_cast<uint64_t>(a);
  return doubleOf(soft::fromInteger<uint64_t>(a < 0 ? soft::Is<uint64_t>::kSign : 0, magnitude));
}
