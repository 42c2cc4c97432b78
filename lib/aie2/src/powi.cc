// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// __builtin_powi: a whole power by squaring, rounded at each step.
#include "bits.h"

FUNCTION(float, __mulsf3)(float a, float b);
FUNCTION(float, __divsf3)(float a, float b);
FUNCTION(double, __muldf3)(double a, double b);
FUNCTION(double, __divdf3)(double a, double b);

namespace {
template <class T> INLINE T power(T x, int n, T (*mul)(T, T), T (*div)(T, T)) {
  T result = 1;
  uint32_t left = n < 0 ? 0u - static_cast<uint32_t>(n) : static_cast<uint32_t>(n);
  for (;; x = mul(x, x)) {
    if (left & 1) result = mul(result, x);
    if (!(left >>= 1)) break;
  }
  return n < 0 ? div(1, result) : result;
}
} // namespace

FUNCTION(float, __powisf2)(float x, int n) {
  return power<float>(x, n, LIB(__mulsf3), LIB(__divsf3));
}
FUNCTION(double, __powidf2)(double x, int n) {
  return power<double>(x, n, LIB(__muldf3), LIB(__divdf3));
}
