// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// IEEE float multiplication.
#include "float_fast.h"

static NOINLINE uint32_t mulAny(uint32_t a, uint32_t b) { return soft::mul(a, b); }

FUNCTION(float, __mulsf3)(float a, float b) {
  uint32_t product;
  if (soft::mulNormal(bitsOf(a), bitsOf(b), product)) return floatOf(product);
  return floatOf(mulAny(bitsOf(a), bitsOf(b)));
}
