// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// IEEE double comparisons under the names that compilers call. Each returns a number whose
// comparison with 0 by the name's relation is the answer; NaN makes every relation but != false.
#include "soft.h"

FUNCTION(int, __ledf2)(double a, double b) { return soft::compare(bitsOf(a), bitsOf(b), 1); }
FUNCTION(int, __ltdf2)(double a, double b) { return LIB(__ledf2)(a, b); }
FUNCTION(int, __eqdf2)(double a, double b) { return LIB(__ledf2)(a, b); }
FUNCTION(int, __nedf2)(double a, double b) { return LIB(__ledf2)(a, b); }
FUNCTION(int, __gedf2)(double a, double b) { return soft::compare(bitsOf(a), bitsOf(b), -1); }
FUNCTION(int, __gtdf2)(double a, double b) { return LIB(__gedf2)(a, b); }
FUNCTION(int, __unorddf2)(double a, double b) {
  using F = soft::Is<uint64_t>;
  return (bitsOf(a) & ~F::kSign) > F::kInfinity || (bitsOf(b) & ~F::kSign) > F::kInfinity;
}
