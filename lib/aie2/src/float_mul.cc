// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// IEEE float multiplication.
#include "soft.h"

FUNCTION(float, __mulsf3)(float a, float b) { return floatOf(soft::mul(bitsOf(a), bitsOf(b))); }
