// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// IEEE 754 arithmetic on bit patterns, round to nearest even, subnormals, infinities and NaN right,
// no flags. One template serves float (32-bit words) and double (64-bit words).
#pragma once

#include "bits.h"

namespace soft {

template <class Word> struct Format;
template <> struct Format<uint32_t> {
  using Signed = int32_t;
  static constexpr int kFraction = 23, kExponent = 8;
};
template <> struct Format<uint64_t> {
  using Signed = int64_t;
  static constexpr int kFraction = 52, kExponent = 11;
};

template <class Word> struct Is : Format<Word> {
  using Format<Word>::kFraction;
  using Format<Word>::kExponent;
  static constexpr int kBits = sizeof(Word) * 8;
  static constexpr Word kSign = Word(1) << (kBits - 1);
  static constexpr Word kImplicit = Word(1) << kFraction;
  static constexpr Word kQuiet = kImplicit >> 1;
  static constexpr int kMaxExponent = (1 << kExponent) - 1;
  static constexpr int kBias = kMaxExponent >> 1;
  static constexpr Word kInfinity = Word(kMaxExponent) << kFraction;
  static constexpr Word kNan = kInfinity | kQuiet;
  static constexpr int kSpare = kBits - 1 - kFraction; ///< bits below a normalised fraction
};

/// x >> n with the bits shifted out kept as a 1 in the last place; n >= 1.
template <class Word> INLINE Word shiftSticky(Word x, int n) {
  if (n >= Is<Word>::kBits) return x != 0;
  return x >> n | Word((x << (Is<Word>::kBits - n)) != 0);
}

/// A number from its sign bit, biased exponent and fraction with the leading 1 in the word's top
/// bit (and anything non-zero that was lost kept as a low 1).
template <class Word> INLINE Word pack(Word sign, int exponent, Word fraction) {
  using F = Is<Word>;
  if (exponent >= F::kMaxExponent) return sign | F::kInfinity;
  Word base = 0;
  if (exponent <= 0)
    fraction = shiftSticky(fraction, 1 - exponent);
  else
    base = Word(exponent - 1) << F::kFraction;
  const Word rest = fraction & ((Word(1) << F::kSpare) - 1);
  const Word half = Word(1) << (F::kSpare - 1);
  Word result = base + (fraction >> F::kSpare); // the leading 1 adds to the exponent
  result += rest > half || (rest == half && (result & 1));
  return sign | result;
}

/// Splits a finite number that is not 0: exponent and fraction with the implicit bit in place.
template <class Word> INLINE int split(Word magnitude, Word &fraction) {
  using F = Is<Word>;
  const int exponent = static_cast<int>(magnitude >> F::kFraction);
  fraction = magnitude & (F::kImplicit - 1);
  if (exponent) {
    fraction |= F::kImplicit;
    return exponent;
  }
  const int shift = leadingZeros(fraction) - F::kExponent;
  fraction <<= shift;
  return 1 - shift;
}

template <class Word> INLINE Word add(Word a, Word b) {
  using F = Is<Word>;
  Word x = a & ~F::kSign, y = b & ~F::kSign;
  if (x < y) {
    const Word t = a;
    a = b;
    b = t;
    x = a & ~F::kSign;
    y = b & ~F::kSign;
  }
  if (x >= F::kInfinity) {
    if (x > F::kInfinity) return a | F::kQuiet;
    return y == F::kInfinity && a != b ? F::kNan : a;
  }
  if (!y) return x ? a : a & b;
  int exponent = static_cast<int>(x >> F::kFraction), other = static_cast<int>(y >> F::kFraction);
  Word fx = x & (F::kImplicit - 1), fy = y & (F::kImplicit - 1);
  if (exponent)
    fx |= F::kImplicit;
  else
    exponent = 1;
  if (other)
    fy |= F::kImplicit;
  else
    other = 1;
  // Three more bits hold the rounding bits of the smaller number: guard, round, sticky.
  fx <<= 3;
  fy <<= 3;
  if (exponent != other) fy = shiftSticky(fy, exponent - other);
  if ((a ^ b) & F::kSign) {
    fx -= fy;
    if (!fx) return 0;
    if (fx < F::kImplicit << 3) {
      int shift = leadingZeros(fx) - (F::kExponent - 3);
      if (shift >= exponent) shift = exponent - 1;
      fx <<= shift;
      exponent -= shift;
    }
  } else {
    fx += fy;
    if (fx >= F::kImplicit << 4) {
      fx = fx >> 1 | (fx & 1);
      ++exponent;
    }
  }
  if (exponent >= F::kMaxExponent) return (a & F::kSign) | F::kInfinity;
  Word result = (Word(exponent - 1) << F::kFraction) + (fx >> 3);
  const unsigned rest = static_cast<unsigned>(fx) & 7;
  result += rest > 4 || (rest == 4 && (result & 1));
  return (a & F::kSign) | result;
}

INLINE uint32_t productHigh(uint32_t a, uint32_t b) {
  const uint64_t p = wideProduct(a, b);
  return high(p) | (low(p) != 0);
}
/// A 64 x 64-bit product.
INLINE uint64_t product128(uint64_t a, uint64_t b, uint64_t &lower) {
  const uint64_t m1 = wideProduct(high(a), low(b)), m2 = wideProduct(low(a), high(b));
  const uint64_t bottom = wideProduct(low(a), low(b));
  const uint64_t middle = static_cast<uint64_t>(low(m1)) + low(m2) + high(bottom);
  lower = join(low(middle), low(bottom));
  return wideProduct(high(a), high(b)) +
         (static_cast<uint64_t>(high(m1)) + high(m2) + high(middle));
}
/// Its upper half, sticky.
INLINE uint64_t productHigh(uint64_t a, uint64_t b) {
  uint64_t lower;
  const uint64_t upper = product128(a, b, lower);
  return upper | (lower != 0);
}

template <class Word> INLINE Word mul(Word a, Word b) {
  using F = Is<Word>;
  const Word sign = (a ^ b) & F::kSign, x = a & ~F::kSign, y = b & ~F::kSign;
  if (x >= F::kInfinity || y >= F::kInfinity) {
    if (x > F::kInfinity) return a | F::kQuiet;
    if (y > F::kInfinity) return b | F::kQuiet;
    return x && y ? sign | F::kInfinity : F::kNan;
  }
  if (!x || !y) return sign;
  Word fx, fy;
  int exponent = split(x, fx);
  exponent += split(y, fy) - F::kBias + 1;
  Word product = productHigh(fx << F::kSpare, fy << F::kSpare);
  if (!(product & F::kSign)) {
    // Only the sticky bit may be non-zero below: the operands had kSpare zeros each.
    product <<= 1;
    --exponent;
  }
  return pack(sign, exponent, product);
}

template <class Word> INLINE Word div(Word a, Word b) {
  using F = Is<Word>;
  const Word sign = (a ^ b) & F::kSign, x = a & ~F::kSign, y = b & ~F::kSign;
  if (x >= F::kInfinity || y >= F::kInfinity) {
    if (x > F::kInfinity) return a | F::kQuiet;
    if (y > F::kInfinity) return b | F::kQuiet;
    if (x == F::kInfinity) return y == F::kInfinity ? F::kNan : sign | F::kInfinity;
    return sign;
  }
  if (!y) return x ? sign | F::kInfinity : F::kNan;
  if (!x) return sign;
  Word fx, fy;
  int exponent = split(x, fx);
  exponent += F::kBias - split(y, fy);
  if (fx < fy) {
    fx <<= 1;
    --exponent;
  }
  Word quotient = 0;
  for (int i = 0; i < F::kFraction + 3; ++i) {
    quotient <<= 1;
    if (fx >= fy) {
      fx -= fy;
      quotient |= 1;
    }
    fx <<= 1;
  }
  return pack(sign, exponent, Word(quotient << (F::kSpare - 2)) | Word(fx != 0));
}

/// -1, 0, 1, or `unordered` when one is NaN.
template <class Word> INLINE int compare(Word a, Word b, int unordered) {
  using F = Is<Word>;
  const Word x = a & ~F::kSign, y = b & ~F::kSign;
  if (x > F::kInfinity || y > F::kInfinity) return unordered;
  if (!(x | y) || a == b) return 0;
  // Negative numbers order by falling magnitude.
  const bool less = (a & F::kSign) ? (!(b & F::kSign) || x > y) : (!(b & F::kSign) && x < y);
  return less ? -1 : 1;
}

/// Truncation to an integer of kBits; what does not fit saturates, NaN gives 0.
template <class Integer, class Word> INLINE Integer toInteger(Word a) {
  using F = Is<Word>;
  constexpr int kWidth = sizeof(Integer) * 8;
  constexpr bool kIsSigned = static_cast<Integer>(-1) < 0;
  constexpr Integer kMax =
      kIsSigned ? static_cast<Integer>((static_cast<uint64_t>(1) << (kWidth - 1)) - 1)
                : static_cast<Integer>(~static_cast<uint64_t>(0));
  const Word x = a & ~F::kSign;
  const bool negative = (a & F::kSign) != 0;
  const int exponent = static_cast<int>(x >> F::kFraction) - F::kBias;
  if (exponent < 0) return 0;
  if (x > F::kInfinity) return 0;
  if (negative && !kIsSigned) return 0;
  if (exponent >= kWidth - kIsSigned) return negative ? static_cast<Integer>(~kMax) : kMax;
  const Word fraction = (x & (F::kImplicit - 1)) | F::kImplicit;
  using Wide = decltype(Word() + static_cast<Integer>(0) + 0u);
  const Wide wide = fraction;
  const Integer magnitude =
      static_cast<Integer>(exponent <= F::kFraction ? wide >> (F::kFraction - exponent)
                                                    : wide << (exponent - F::kFraction));
  return negative ? static_cast<Integer>(0 - magnitude) : magnitude;
}

/// A number from an unsigned integer of 32 or 64 bits and a sign.
template <class Word> INLINE Word fromInteger(Word sign, uint32_t magnitude) {
  if (!magnitude) return 0;
  const int zeros = leadingZeros(magnitude);
  const Word fraction = static_cast<Word>(magnitude << zeros) << (Is<Word>::kBits - 32);
  return pack(sign, Is<Word>::kBias + 31 - zeros, fraction);
}
template <class Word> INLINE Word fromInteger(Word sign, uint64_t magnitude) {
  if (!magnitude) return 0;
  const int zeros = leadingZeros(magnitude);
  const uint64_t wide = magnitude << zeros;
  Word fraction;
  if constexpr (sizeof(Word) == 8)
    fraction = wide;
  else
    fraction = high(wide) | (low(wide) != 0);
  return pack(sign, Is<Word>::kBias + 63 - zeros, fraction);
}

} // namespace soft
