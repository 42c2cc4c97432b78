// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// IEEE float division, one quotient bit a step.
#include "soft.h"

FUNCTION(float, __divsf3)(float a, float b) { return floatOf(soft::div(bitsOf(a), bitsOf(b))); }
