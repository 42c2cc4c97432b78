// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// x y + z with one rounding, as in float_fma.cc with 128 bits.
#include "wide.h"

FUNCTION(double, __adddf3)(double a, double b);
FUNCTION(double, __muldf3)(double a, double b);

namespace {
/// What is shifted out only counts as a sticky bit.
NOINLINE void shiftSticky(wide::Long &x, int n) {
  const wide::Long before = x;
  wide::shiftRight(x, n);
  bool lost = n >= 128;
  if (!lost && n >= 64)
    lost = before.low || (n > 64 && before.high << (128 - n));
  else if (!lost && n)
    lost = before.low << (64 - n);
  x.low |= lost;
}
} // namespace

FUNCTION(double, fma)(double x, double y, double z) {
  const uint64_t mx = magnitudeBits(x), my = magnitudeBits(y), mz = magnitudeBits(z);
  constexpr uint64_t kInfinity = Double::kInfinity;
  if (mx < kInfinity && my < kInfinity && mz >= kInfinity)
    return mz > kInfinity ? quiet(z) : z; // even when the product would overflow
  if (mx >= kInfinity || my >= kInfinity || mz >= kInfinity || !mx || !my)
    return LIB(__adddf3)(LIB(__muldf3)(x, y), z); // exact or special
  uint64_t fx, fy;
  int exponent = soft::split(mx, fx);
  exponent += soft::split(my, fy) - 1023;
  wide::Long product = {false, 0, 0, 0}; // in [2^124, 2^126)
  product.high = soft::product128(fx << 10, fy << 10, product.low);
  const uint64_t sign = (bitsOf(x) ^ bitsOf(y)) & Double::kSign;
  uint64_t resultSign = sign;
  if (mz) {
    uint64_t fz;
    const int ez = soft::split(mz, fz);
    wide::Long addend = {false, fz << 8, 0, 0}; // in [2^124, 2^125)
    const int distance = exponent - ez;
    if (distance > 0) shiftSticky(addend, distance);
    if (distance < 0) {
      shiftSticky(product, -distance);
      exponent = ez;
    }
    const bool subtract = (bitsOf(z) & Double::kSign) != sign;
    wide::addTo(product, addend.high, addend.low, subtract);
    if (product.high >> 63) {
      wide::negate(product.high, product.low);
      resultSign = bitsOf(z) & Double::kSign;
    }
    if (!product.high && !product.low) return 0;
  }
  product.scale = 0;
  wide::normalize(product);
  return doubleOf(
      soft::pack(resultSign, exponent + 3 - product.scale, product.high | (product.low != 0)));
}
