// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// IEEE double multiplication.
#include "soft.h"

FUNCTION(double, __muldf3)(double a, double b) { return doubleOf(soft::mul(bitsOf(a), bitsOf(b))); }
