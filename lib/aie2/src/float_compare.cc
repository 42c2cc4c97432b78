// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// IEEE float comparisons under the names that compilers call. Each returns a number whose
// comparison with 0 by the name's relation is the answer; NaN makes every relation but != false.
#include "soft.h"

FUNCTION(int, __lesf2)(float a, float b) { return soft::compare(bitsOf(a), bitsOf(b), 1); }
FUNCTION(int, __ltsf2)(float a, float b) { return LIB(__lesf2)(a, b); }
FUNCTION(int, __eqsf2)(float a, float b) { return LIB(__lesf2)(a, b); }
FUNCTION(int, __nesf2)(float a, float b) { return LIB(__lesf2)(a, b); }
FUNCTION(int, __gesf2)(float a, float b) { return soft::compare(bitsOf(a), bitsOf(b), -1); }
FUNCTION(int, __gtsf2)(float a, float b) { return LIB(__gesf2)(a, b); }
FUNCTION(int, __unordsf2)(float a, float b) {
  using F = soft::Is<uint32_t>;
  return (bitsOf(a) & ~F::kSign) > F::kInfinity || (bitsOf(b) & ~F::kSign) > F::kInfinity;
}
