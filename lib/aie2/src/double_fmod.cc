// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Remainders of double: long division by shift and subtract, exact.
#include "soft.h"

using Double = soft::Is<uint64_t>;

namespace {
NOINLINE uint64_t modulo(uint64_t x, uint64_t y, bool &odd) {
  odd = false;
  if (x < y) return x;
  uint64_t fx, fy;
  int ex = soft::split(x, fx);
  const int ey = soft::split(y, fy);
  for (;; --ex) {
    odd = fx >= fy;
    if (odd) fx -= fy;
    if (ex <= ey) break;
    fx <<= 1;
  }
  if (!fx) return 0;
  const int zeros = leadingZeros(fx);
  return soft::pack(static_cast<uint64_t>(0), ex + Double::kSpare - zeros, fx << zeros);
}
NOINLINE bool invalid(double x, double y, double &result) {
  const uint64_t mx = bitsOf(x) & ~Double::kSign, my = bitsOf(y) & ~Double::kSign;
  if (mx > Double::kInfinity)
    result = doubleOf(bitsOf(x) | Double::kQuiet);
  else if (my > Double::kInfinity)
    result = doubleOf(bitsOf(y) | Double::kQuiet);
  else if (mx == Double::kInfinity || !my)
    result = doubleOf(Double::kNan);
  else
    return false;
  return true;
}
} // namespace

FUNCTION(double, fmod)(double x, double y) {
  double result;
  if (invalid(x, y, result)) return result;
  bool odd;
  const uint64_t my = bitsOf(y) & ~Double::kSign;
  if (my == Double::kInfinity) return x;
  return doubleOf((bitsOf(x) & Double::kSign) | modulo(bitsOf(x) & ~Double::kSign, my, odd));
}
FUNCTION(double, remainder)(double x, double y) {
  double result;
  if (invalid(x, y, result)) return result;
  const uint64_t my = bitsOf(y) & ~Double::kSign;
  if (my == Double::kInfinity) return x;
  bool odd;
  const uint64_t rest = modulo(bitsOf(x) & ~Double::kSign, my, odd);
  const uint64_t other = bitsOf(doubleOf(my) - doubleOf(rest));
  const uint64_t nearer = rest > other || (rest == other && odd) ? other | Double::kSign : rest;
  return doubleOf(nearer ^ (bitsOf(x) & Double::kSign));
}
