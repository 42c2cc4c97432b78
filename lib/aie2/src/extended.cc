// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Arithmetic in the extended format (extended.h).
#include "extended.h"

FUNCTION(Extended, __ashlar_x_normal)(int32_t mantissa, int exponent) {
  if (!mantissa) return extended(0, -(1 << 20));
  const int shift = leadingZeros(magnitudeOf(mantissa)) - 1;
  return extended(static_cast<int32_t>(static_cast<uint32_t>(mantissa) << shift), exponent - shift);
}

FUNCTION(Extended, __ashlar_x_add)(Extended a, Extended b) {
  if (exponentOf(a) < exponentOf(b)) {
    const Extended t = a;
    a = b;
    b = t;
  }
  const int distance = exponentOf(a) - exponentOf(b);
  if (distance > 31) return a;
  const int32_t x = mantissaOf(a), y = mantissaOf(b) >> distance;
  const int32_t sum = static_cast<int32_t>(static_cast<uint32_t>(x) + static_cast<uint32_t>(y));
  if (((x ^ sum) & (y ^ sum)) < 0) // overflow: the sign is the inverse of the sum's
    return extended(static_cast<int32_t>(static_cast<uint32_t>(sum >> 1) ^ kSignBit),
                    exponentOf(a) + 1);
  return LIB(__ashlar_x_normal)(sum == static_cast<int32_t>(kSignBit) ? sum + 1 : sum,
                                exponentOf(a));
}

FUNCTION(Extended, __ashlar_x_mul)(Extended a, Extended b) {
  const int32_t x = mantissaOf(a), y = mantissaOf(b);
  uint64_t product = wideProduct(magnitudeOf(x), magnitudeOf(y)); // below 2^62
  int exponent = exponentOf(a) + exponentOf(b);
  uint32_t top = high(product << 2);
  if (top & kSignBit) {
    top >>= 1;
    ++exponent;
  }
  // A product of normal numbers is normal now; 0 stays 0.
  return extended(static_cast<int32_t>((x ^ y) < 0 ? 0u - top : top), exponent);
}

FUNCTION(Extended, __ashlar_x_reciprocal)(Extended a) {
  // Newton's iteration y += y (1 - d y) on d in [1/2, 1) with 32 fraction bits, y in (1, 2] with
  // 30; the first guess 48/17 - 32/17 d is within 1/17.
  const uint32_t d = magnitudeOf(mantissaOf(a)) << 1;
  uint32_t y = 3031741620u - highProduct(d, 2021161080u);
  for (int i = 0; i < 3; ++i) {
    // d y is within 2^-4 of 1: its distance from 1 as a signed number with 30 fraction bits.
    const int32_t off = static_cast<int32_t>((1u << 30) - highProduct(d, y));
    const uint32_t step = highProduct(y, magnitudeOf(off) << 2);
    y = off < 0 ? y - step : y + step;
  }
  // y = 2^30 / d in (2^30, 2^31]; d was mantissa / 2^31.
  if (y > 0x7fffffff) y = 0x7fffffff;
  if (y < 1u << 30) y = 1u << 30;
  return extended(static_cast<int32_t>(mantissaOf(a) < 0 ? 0u - y : y), -1 - exponentOf(a));
}

FUNCTION(Extended, __ashlar_x_sqrt)(Extended a) {
  if (mantissaOf(a) <= 0) return extended(0, -(1 << 20));
  // Two bits of the radicand give one of the root; the radicand has an even exponent.
  uint32_t radicand = static_cast<uint32_t>(mantissaOf(a)) << (exponentOf(a) & 1);
  uint32_t rest = 0, root = 0;
  for (int i = 0; i < 30; ++i) {
    rest = rest << 2 | radicand >> 30;
    radicand <<= 2;
    const uint32_t trial = root << 2 | 1;
    root <<= 1;
    if (rest >= trial) {
      rest -= trial;
      root |= 1;
    }
  }
  return extended(static_cast<int32_t>(root << 1 | (rest > root)), exponentOf(a) >> 1);
}

FUNCTION(Extended, __ashlar_x_of)(float x) {
  const uint32_t bits = magnitudeBits(x);
  if (!bits) return extended(0, -(1 << 20));
  uint32_t fraction;
  const int exponent = soft::split(bits, fraction) - 127;
  const int32_t mantissa = static_cast<int32_t>(fraction << 7);
  return extended(bitsOf(x) >> 31 ? -mantissa : mantissa, exponent);
}

FUNCTION(float, __ashlar_x_float)(Extended x) {
  const int32_t mantissa = mantissaOf(x);
  if (!mantissa) return 0;
  return floatOf(soft::pack(static_cast<uint32_t>(mantissa) & kSignBit, exponentOf(x) + 127,
                            magnitudeOf(mantissa) << 1));
}

FUNCTION(int32_t, __ashlar_x_poly)(const int32_t *c, int degree, int32_t z) {
  int32_t sum = c[degree];
  for (int i = degree - 1; i >= 0; --i) sum = c[i] + (signedHighProduct(sum, z) << 1);
  return sum;
}
