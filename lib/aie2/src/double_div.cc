// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// IEEE double division, one quotient bit a step.
#include "soft.h"

FUNCTION(double, __divdf3)(double a, double b) { return doubleOf(soft::div(bitsOf(a), bitsOf(b))); }
