// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// IEEE float addition and subtraction.
#include "soft.h"

FUNCTION(float, __addsf3)(float a, float b) { return floatOf(soft::add(bitsOf(a), bitsOf(b))); }
FUNCTION(float, __subsf3)(float a, float b) {
  return LIB(__addsf3)(a, floatOf(bitsOf(b) ^ soft::Is<uint32_t>::kSign));
}
FUNCTION(float, __negsf2)(float a) { return floatOf(bitsOf(a) ^ soft::Is<uint32_t>::kSign); }
