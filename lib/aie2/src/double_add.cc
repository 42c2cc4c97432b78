// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// IEEE double addition and subtraction.
#include "soft.h"

FUNCTION(double, __adddf3)(double a, double b) { return doubleOf(soft::add(bitsOf(a), bitsOf(b))); }
FUNCTION(double, __subdf3)(double a, double b) {
  return LIB(__adddf3)(a, doubleOf(bitsOf(b) ^ soft::Is<uint64_t>::kSign));
}
FUNCTION(double, __negdf2)(double a) { return doubleOf(bitsOf(a) ^ soft::Is<uint64_t>::kSign); }
