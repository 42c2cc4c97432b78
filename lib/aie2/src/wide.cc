// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Arithmetic in the wide format (wide.h).
#include "wide.h"

#include "extended.h"

namespace wide {

NOINLINE Wide normal(int64_t mantissa, int exponent) {
  if (!mantissa) return {0, kTiny};
  const int shift = leadingZeros(magnitudeOf(mantissa)) - 1;
  return {static_cast<int64_t>(static_cast<uint64_t>(mantissa) << shift), exponent - shift};
}

NOINLINE Wide add(Wide a, Wide b) {
  if (a.exponent < b.exponent) {
    const Wide t = a;
    a = b;
    b = t;
  }
  const int distance = a.exponent - b.exponent;
  if (distance > 63) return a;
  const int64_t x = a.mantissa, y = b.mantissa >> distance;
  const int64_t sum = static_cast<int64_t>(static_cast<uint64_t>(x) + static_cast<uint64_t>(y));
  if (((x ^ sum) & (y ^ sum)) < 0)
    return {static_cast<int64_t>(static_cast<uint64_t>(sum >> 1) ^ Double::kSign), a.exponent + 1};
  return normal(sum == static_cast<int64_t>(Double::kSign) ? sum + 1 : sum, a.exponent);
}

NOINLINE Wide mul(Wide a, Wide b) {
  uint64_t top = soft::productHigh(magnitudeOf(a.mantissa) << 1, magnitudeOf(b.mantissa) << 1);
  int exponent = a.exponent + b.exponent;
  if (top & Double::kSign) {
    top >>= 1;
    ++exponent;
  }
  return {static_cast<int64_t>((a.mantissa ^ b.mantissa) < 0 ? uint64_t(0) - top : top), exponent};
}

NOINLINE Wide reciprocal(Wide a) {
  // 31 bits from the narrower format, then one step of Newton's iteration.
  const Extended near =
      LIB(__ashlar_x_reciprocal)(extended(static_cast<int32_t>(a.mantissa >> 32), a.exponent));
  const Wide y = {static_cast<int64_t>(mantissaOf(near)) * (static_cast<int64_t>(1) << 32),
                  exponentOf(near)};
  return add(y, mul(y, sub(kWideOne, mul(a, y))));
}

NOINLINE Wide sqrt(Wide a) {
  if (a.mantissa <= 0) return {0, kTiny};
  uint64_t radicand = static_cast<uint64_t>(a.mantissa) << (a.exponent & 1);
  uint64_t rest = 0, root = 0;
  for (int i = 0; i < 62; ++i) {
    rest = rest << 2 | radicand >> 62;
    radicand <<= 2;
    const uint64_t trial = root << 2 | 1;
    root <<= 1;
    if (rest >= trial) {
      rest -= trial;
      root |= 1;
    }
  }
  return {static_cast<int64_t>(root << 1), a.exponent >> 1};
}

NOINLINE Wide of(double x) {
  const uint64_t bits = magnitudeBits(x);
  if (!bits) return {0, kTiny};
  uint64_t fraction;
  const int exponent = soft::split(bits, fraction) - 1023;
  const int64_t mantissa = static_cast<int64_t>(fraction << 10);
  return {bitsOf(x) >> 63 ? -mantissa : mantissa, exponent};
}

NOINLINE double toDouble(Wide x) {
  if (!x.mantissa) return 0;
  return doubleOf(soft::pack(static_cast<uint64_t>(x.mantissa) & Double::kSign, x.exponent + 1023,
                             magnitudeOf(x.mantissa) << 1));
}

NOINLINE Long times(uint64_t m, Long p) {
  uint64_t middle, lost;
  p.high = soft::product128(m, p.high, middle);
  const uint64_t carry = soft::product128(m, p.low, lost);
  p.low = middle + carry;
  p.high += p.low < carry;
  p.scale -= 64;
  return p;
}
NOINLINE void addTo(Long &sum, uint64_t high, uint64_t low, bool subtract) {
  if (subtract) negate(high, low);
  sum.low += low;
  sum.high += high + (sum.low < low);
}
NOINLINE void shiftRight(Long &x, int n) {
  x.scale -= n;
  if (n >= 128) n = 128;
  for (; n >= 64; n -= 64) {
    x.low = x.high;
    x.high = 0;
  }
  if (!n) return;
  x.low = x.low >> n | x.high << (64 - n);
  x.high >>= n;
}
NOINLINE void normalize(Long &x) {
  if (!x.high) {
    if (!x.low) return;
    x.high = x.low;
    x.low = 0;
    x.scale += 64;
  }
  const int n = leadingZeros(x.high);
  x.scale += n;
  if (!n) return;
  x.high = x.high << n | x.low >> (64 - n);
  x.low <<= n;
}

NOINLINE int64_t poly(const int64_t *c, int degree, int64_t z) {
  int64_t sum = c[degree];
  const uint64_t mz = magnitudeOf(z);
  for (int i = degree - 1; i >= 0; --i) {
    const int64_t product = static_cast<int64_t>(soft::productHigh(magnitudeOf(sum) << 1, mz));
    sum = c[i] + ((sum ^ z) < 0 ? -product : product);
  }
  return sum;
}

} // namespace wide
