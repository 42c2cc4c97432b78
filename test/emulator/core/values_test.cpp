// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The values that vector instructions compute, against formulas of another kind: long double and
// 128-bit integers instead of bit tricks. Inputs are random with a fixed seed, and lean towards the
// edges of each format.
#include "emulator/core/value/address.h"
#include "emulator/core/value/elementwise.h"
#include "emulator/core/value/float.h"
#include "emulator/core/value/mac.h"
#include "emulator/core/value/permute.h"
#include "emulator/core/value/round.h"
#include "emulator/core/value/scalar.h"
#include "emulator/core/value/upssrs.h"

#include <bit>
#include <cmath>
#include <gtest/gtest.h>
#include <random>

namespace ashlar::emulator {
namespace {

using Wide = __int128;

std::mt19937_64 &rng() {
  static std::mt19937_64 r(20260101);
  return r;
}
uint32_t random32() {
  const uint64_t v = rng()();
  switch (v >> 60) {
  case 0: return 0;
  case 1: return 0x80000000U >> (v & 31);
  case 2: return static_cast<uint32_t>(v) & 0xFF;
  case 3: return ~(static_cast<uint32_t>(v) & 0xFF);
  default: return static_cast<uint32_t>(v);
  }
}
/// Finite bf16 numbers, often near each other in size.
uint16_t randomBf16() {
  const uint64_t v = rng()();
  const auto exponent = static_cast<uint32_t>(v >> 40 & 3) == 0
                            ? static_cast<uint32_t>(v >> 16) % 255
                            : 115 + static_cast<uint32_t>(v >> 16) % 24;
  return static_cast<uint16_t>((v & 0x807F) | exponent << 7);
}
uint32_t randomFloat() {
  return uint32_t{randomBf16()} << 16 | (static_cast<uint32_t>(rng()()) & 0xFFFF);
}
long double valueOf(uint32_t f) { return std::bit_cast<float>(f); }

TEST(Scalar, DivisionByStepsDivides) {
  for (int i = 0; i < 200000; ++i) {
    const uint32_t n = random32(), d = random32() | 1;
    DivideStep s{0, n};
    for (int k = 0; k < 32; ++k) s = divideStep(s.remainder, s.quotient, d);
    // A divisor above 2^31 loses the remainder's top bit, as the hardware's 32-bit step does.
    if (d >> 31 != 0) continue;
    ASSERT_EQ(s.quotient, n / d) << n << " / " << d;
    ASSERT_EQ(s.remainder, n % d);
  }
}

TEST(Scalar, CarriesChainToWideSums) {
  for (int i = 0; i < 200000; ++i) {
    const uint64_t a = rng()(), b = rng()();
    const Sum low = addWithCarry(static_cast<uint32_t>(a), static_cast<uint32_t>(b), 0);
    const Sum high =
        addWithCarry(static_cast<uint32_t>(a >> 32), static_cast<uint32_t>(b >> 32), low.carry);
    ASSERT_EQ(uint64_t{high.value} << 32 | low.value, a + b);
    const Sum sl = subWithCarry(static_cast<uint32_t>(a), static_cast<uint32_t>(b), 1);
    const Sum sh =
        subWithCarry(static_cast<uint32_t>(a >> 32), static_cast<uint32_t>(b >> 32), sl.carry);
    ASSERT_EQ(uint64_t{sh.value} << 32 | sl.value, a - b);
    ASSERT_EQ(sh.carry, a >= b ? 1U : 0U);
  }
}

/// Rounding of a quotient by its exact meaning: compares twice the rest with the divisor.
Wide roundedQuotient(int64_t v, unsigned shift, uint32_t mode) {
  const Wide divisor = Wide{1} << shift;
  Wide floor = Wide{v} / divisor;
  if (floor * divisor > v) floor -= 1;
  const Wide rest = v - floor * divisor, twice = 2 * rest;
  const bool exact = rest == 0, tie = twice == divisor, above = twice > divisor;
  switch (mode) {
  case 0: return floor;
  case 1: return exact ? floor : floor + 1;
  case 2: return v < 0 && !exact ? floor + 1 : floor;
  case 3: return v > 0 && !exact ? floor + 1 : floor;
  case 8: return above ? floor + 1 : floor;
  case 9: return above || tie ? floor + 1 : floor;
  case 10: return above || (tie && v < 0) ? floor + 1 : floor;
  case 11: return above || (tie && v > 0) ? floor + 1 : floor;
  case 12: return above || (tie && floor % 2 != 0) ? floor + 1 : floor;
  default: return above || (tie && floor % 2 == 0) ? floor + 1 : floor;
  }
}

TEST(Rounding, EveryModeOverMillionsOfQuotients) {
  for (const uint32_t mode : {0U, 1U, 2U, 3U, 8U, 9U, 10U, 11U, 12U, 13U})
    for (int i = 0; i < 200000; ++i) {
      const unsigned shift = rng()() % 64;
      int64_t v = static_cast<int64_t>(rng()());
      if (i % 2 == 0) v >>= rng()() % 64;
      if (i % 4 == 1 && shift > 0) // exact ties
        v = (v & ~((int64_t{1} << (shift - 1)) - 1)) | (int64_t{1} << (shift - 1));
      if (shift == 63 && v == INT64_MIN) continue;
      ASSERT_EQ(shiftRight(v, shift, mode), static_cast<int64_t>(roundedQuotient(v, shift, mode)))
          << v << " >> " << shift << " mode " << mode;
    }
}

TEST(Srs, LanesShiftRoundAndSaturate) {
  for (int i = 0; i < 20000; ++i) {
    alignas(64) int64_t acc[16];
    for (int64_t &a : acc) a = static_cast<int64_t>(rng()()) >> (rng()() % 60);
    const unsigned shift = rng()() % 40;
    const bool isSigned = rng()() % 2 != 0;
    const uint32_t sat = std::array<uint32_t, 3>{0, 1, 3}[rng()() % 3];
    alignas(64) uint8_t out[64];
    const bool clipped = downshift(out, acc, {64, 32, 16}, isSigned, shift, sat, 12);
    bool expectClip = false;
    for (int k = 0; k < 16; ++k) {
      Wide v = roundedQuotient(acc[k], shift, 12);
      const Wide max = isSigned ? INT32_MAX : UINT32_MAX;
      const Wide min = !isSigned ? 0 : sat == 3 ? -Wide{INT32_MAX} : Wide{INT32_MIN};
      if (sat != 0 && (v > max || v < min)) {
        v = v > max ? max : min;
        expectClip = true;
      }
      ASSERT_EQ(lanes<uint32_t>(static_cast<const void *>(out))[k],
                static_cast<uint32_t>(static_cast<uint64_t>(v)));
    }
    ASSERT_EQ(clipped, expectClip);
  }
}

TEST(Ups, LanesExtendShiftAndSaturate) {
  for (int i = 0; i < 20000; ++i) {
    alignas(64) int16_t in[32];
    for (int16_t &v : in) v = static_cast<int16_t>(random32());
    const unsigned shift = rng()() % 34;
    const bool isSigned = rng()() % 2 != 0, sat = rng()() % 2 != 0;
    alignas(64) int32_t out[32];
    upshift(out, in, {32, 16, 32}, isSigned, shift, sat ? 1 : 0);
    for (int k = 0; k < 32; ++k) {
      Wide v = (isSigned ? Wide{in[k]} : Wide{static_cast<uint16_t>(in[k])}) << shift;
      if (sat) v = v > INT32_MAX ? Wide{INT32_MAX} : v < INT32_MIN ? Wide{INT32_MIN} : v;
      ASSERT_EQ(static_cast<uint32_t>(out[k]), static_cast<uint32_t>(static_cast<uint64_t>(v)));
    }
  }
}

TEST(Float, FastAndPlainMacAgree) {
  for (int i = 0; i < 100000; ++i) {
    const bool elementwise = i % 2 != 0, two = i % 3 == 0;
    alignas(64) uint16_t x[32], y[32];
    alignas(64) uint32_t a[16], b[16], out[16];
    const bool wild = i % 50 == 0; // any bits, NaN and infinity included
    for (int k = 0; k < 32; ++k) {
      x[k] = wild ? static_cast<uint16_t>(rng()()) : randomBf16();
      y[k] = wild ? static_cast<uint16_t>(rng()()) : randomBf16();
    }
    for (int k = 0; k < 16; ++k) {
      a[k] = wild ? static_cast<uint32_t>(rng()()) : randomFloat();
      b[k] = randomFloat();
    }
    const FloatSigns signs{rng()() % 2 != 0, rng()() % 2 != 0, rng()() % 2 != 0};
    const MacConfig config{elementwise ? 60U : 28U};
    ASSERT_TRUE(floatMac(out, a, two ? b : nullptr, x, y, config, signs));
    for (int lane = 0; lane < 16; ++lane) {
      uint16_t lx[8], ly[8];
      size_t n = 0;
      for (int k = 0; k < (elementwise ? 2 : 8); ++k, ++n) {
        lx[n] = elementwise ? x[16 * k + lane] : x[lane / 4 * 8 + k];
        ly[n] = elementwise ? y[16 * k + lane] : y[k * 4 + lane % 4];
      }
      ASSERT_EQ(out[lane],
                floatMacLane({lx, n}, {ly, n}, &a[lane], two ? &b[lane] : nullptr, signs))
          << "lane " << lane << " of round " << i;
    }
  }
}

/// Where nothing is shifted out, the unit's single rounding is that of the exact sum.
TEST(Float, MacRoundsTheExactSumOnce) {
  int checked = 0;
  for (int i = 0; i < 2'000'000; ++i) {
    uint16_t x[2], y[2];
    for (int k = 0; k < 2; ++k) {
      x[k] = static_cast<uint16_t>((rng()() & 0x807F) | (125 + rng()() % 3) << 7);
      y[k] = static_cast<uint16_t>((rng()() & 0x807F) | (125 + rng()() % 3) << 7);
    }
    // An accumulator whose low bits cannot be lost by aligning.
    const uint32_t a = (static_cast<uint32_t>(rng()()) & 0x807FF000) | (126U + rng()() % 2) << 23;
    const long double sum = valueOf(uint32_t{x[0]} << 16) * valueOf(uint32_t{y[0]} << 16) +
                            valueOf(uint32_t{x[1]} << 16) * valueOf(uint32_t{y[1]} << 16) +
                            valueOf(a);
    const uint32_t got = floatMacLane({x, 2}, {y, 2}, &a, nullptr, {});
    ASSERT_EQ(got, std::bit_cast<uint32_t>(static_cast<float>(sum) + 0.0F)) << i;
    ++checked;
  }
  EXPECT_EQ(checked, 2'000'000);
}

TEST(Float, AddIsIeeeWhereAlignmentLosesNothing) {
  for (int i = 0; i < 1'000'000; ++i) {
    // Exponents at most one apart: the aligned sum is off by at most the rounding of one bit.
    const uint32_t e = 64 + rng()() % 128;
    const uint32_t a = (static_cast<uint32_t>(rng()()) & 0x807FFFFF) | e << 23;
    const uint32_t b = (static_cast<uint32_t>(rng()()) & 0x807FFFFF) | e << 23;
    const float expect = std::bit_cast<float>(a) + std::bit_cast<float>(b);
    ASSERT_EQ(floatAdd(a, b, false, false), std::bit_cast<uint32_t>(expect)) << i;
    ASSERT_EQ(floatAdd(a, b, false, true),
              std::bit_cast<uint32_t>(std::bit_cast<float>(a) - std::bit_cast<float>(b)));
  }
  EXPECT_EQ(floatAdd(0x7F800000, 0xFF800000, false, false), 0x7F800001U); // inf - inf
  EXPECT_EQ(floatAdd(0x7F800000, 0x3F800000, false, false), 0x7F800000U);
  EXPECT_EQ(floatAdd(0x7F7FFFFF, 0x7F7FFFFF, false, false), 0x7F800000U); // overflow
  EXPECT_EQ(floatAdd(0x00000001, 0x00000001, false, false), 0U);          // flushed
}

/// The two neighbours of a value among bf16 numbers, and which of them each mode takes.
TEST(Float, ConversionToBf16RoundsTheValue) {
  for (const uint32_t mode : {0U, 1U, 2U, 3U, 8U, 9U, 10U, 11U, 12U, 13U})
    for (int i = 0; i < 200000; ++i) {
      uint32_t f = randomFloat();
      if (i % 4 == 0) f = (f & 0xFFFF0000) | 0x8000; // ties
      if ((f & 0x7F800000) == 0x7F800000) continue;
      const long double v = valueOf(f);
      const uint32_t inward = f & 0xFFFF0000, outward = inward + 0x10000;
      const bool overflow = (outward & 0x7F800000) == 0x7F800000;
      const long double in = valueOf(inward);
      const long double out = overflow ? std::copysign(std::ldexp(1.0L, 128), v) : valueOf(outward);
      const long double toIn = std::fabs(v - in), toOut = std::fabs(out - v);
      const bool negative = std::signbit(v), tie = toIn == toOut, nearOut = toOut < toIn;
      bool takeOut = false;
      if (toIn != 0) switch (mode) {
        case 0: takeOut = negative; break;
        case 1: takeOut = !negative; break;
        case 2: takeOut = false; break;
        case 3: takeOut = true; break;
        case 8: takeOut = nearOut || (tie && negative); break;
        case 9: takeOut = nearOut || (tie && !negative); break;
        case 10: takeOut = nearOut; break;
        case 11: takeOut = nearOut || tie; break;
        case 12: takeOut = nearOut || (tie && (inward >> 16 & 1) != 0); break;
        default: takeOut = nearOut || (tie && (inward >> 16 & 1) == 0); break;
        }
      ASSERT_EQ(toBf16(f, mode), (takeOut ? outward : inward) >> 16)
          << std::hex << f << " mode " << mode;
    }
  EXPECT_EQ(toBf16(0x7F800001, 12), 0x7F81); // a NaN stays one
}

TEST(Float, FloorOfBf16) {
  for (uint32_t h = 0; h < 0x10000; ++h)
    for (const uint32_t shift : {0U, 1U, 7U, 31U, 32U, 57U, 63U}) {
      const auto b = static_cast<uint16_t>(h);
      const int s = static_cast<int>(shift) - (shift >= 32 ? 64 : 0);
      const float v = std::bit_cast<float>(h << 16);
      const int32_t got = floorBf16(b, shift);
      if (std::isnan(v)) {
        ASSERT_EQ(got, INT32_MAX);
        continue;
      }
      const long double scaled = std::floor(std::ldexp(static_cast<long double>(v), s));
      const int32_t expect = scaled > INT32_MAX   ? INT32_MAX
                             : scaled < INT32_MIN ? INT32_MIN
                                                  : static_cast<int32_t>(scaled);
      ASSERT_EQ(got, expect) << std::hex << h << " shift " << std::dec << s;
    }
}

TEST(Float, OrderOfBf16) {
  for (int i = 0; i < 500000; ++i) {
    const auto a = static_cast<uint16_t>(rng()()), b = static_cast<uint16_t>(rng()());
    const float fa = std::bit_cast<float>(uint32_t{a} << 16),
                fb = std::bit_cast<float>(uint32_t{b} << 16);
    if (std::isnan(fa) || std::isnan(fb)) {
      ASSERT_FALSE(lessBf16(a, b) || greaterEqualBf16(a, b));
    } else if (fa != fb) {
      ASSERT_EQ(lessBf16(a, b), fa < fb);
      ASSERT_EQ(greaterEqualBf16(a, b), fa > fb);
    }
  }
  EXPECT_TRUE(lessBf16(0x8000, 0)); // -0 before +0
}

/// One lane of a product straight from the definition of its shape.
TEST(Mac, IntegerShapesFollowTheirDefinition) {
  struct Case {
    uint32_t config;
    int xBits, yBits, rows, inner, cols, channels;
    bool convolution, wide;
  };
  const Case cases[] = {
      {0 | 0 << 3 | 0 << 5, 8, 4, 4, 16, 8, 1, false, false},
      {0 | 1 << 3 | 0 << 5, 8, 8, 4, 8, 8, 1, false, false},
      {0 | 1 << 3 | 1 << 5, 8, 8, 1, 2, 1, 32, false, false},
      {0 | 1 << 3 | 2 << 5, 8, 8, 4, 4, 1, 8, true, false},
      {0 | 1 << 3 | 3 << 5, 8, 8, 8, 8, 1, 4, true, false},
      {0 | 1 << 3 | 4 << 5, 8, 8, 32, 8, 1, 1, true, false},
      {0 | 2 << 3 | 0 << 5, 16, 8, 4, 4, 8, 1, false, false},
      {0 | 2 << 3 | 1 << 5, 16, 8, 4, 4, 4, 2, false, false},
      {0 | 3 << 3 | 0 << 5, 16, 16, 4, 2, 8, 1, false, false},
      {0 | 3 << 3 | 1 << 5, 16, 16, 1, 1, 1, 32, false, false},
      {2 | 2 << 3 | 0 << 5, 16, 8, 2, 8, 8, 1, false, true},
      {2 | 2 << 3 | 1 << 5, 16, 8, 4, 8, 4, 1, false, true},
      {2 | 3 << 3 | 0 << 5, 16, 16, 2, 4, 8, 1, false, true},
      {2 | 3 << 3 | 1 << 5, 16, 16, 4, 4, 4, 1, false, true},
      {2 | 3 << 3 | 2 << 5, 16, 16, 1, 2, 1, 16, false, true},
      {2 | 3 << 3 | 3 << 5, 16, 16, 16, 4, 1, 1, true, true},
      {2 | 0 << 3 | 0 << 5, 32, 16, 4, 2, 4, 1, false, true},
  };
  const auto element = [](const uint8_t *v, int index, int bits, bool isSigned) -> Wide {
    uint64_t raw = 0;
    for (int b = 0; b < bits; ++b) {
      const int at = index * bits + b;
      raw |= static_cast<uint64_t>(v[at / 8] >> (at % 8) & 1) << b;
    }
    return isSigned && (raw >> (bits - 1) & 1) != 0 ? Wide{raw} - (Wide{1} << bits) : Wide{raw};
  };
  for (const Case &c : cases)
    for (int round = 0; round < 200; ++round) {
      const bool sx = round % 2 != 0, sy = round / 2 % 2 != 0, shift16 = round % 5 == 0;
      const bool negProduct = round % 7 == 0, neg1 = round % 11 == 0, neg2 = round % 13 == 0;
      const MacConfig config{c.config | (sy ? 1U << 8 : 0) | (sx ? 1U << 9 : 0) |
                             (shift16 ? 1U << 10 : 0)};
      alignas(64) uint8_t x[64], y[64], a1[128], a2[128], out[128];
      for (auto *v : {x, y})
        for (int i = 0; i < 64; ++i) v[i] = static_cast<uint8_t>(rng()());
      for (auto *v : {a1, a2})
        for (int i = 0; i < 128; ++i) v[i] = static_cast<uint8_t>(rng()());
      ASSERT_TRUE(integerMac(out, a1, a2, x, y, config, {negProduct, neg1, neg2}));
      const int bits = c.wide ? 64 : 32;
      for (int r = 0; r < c.rows; ++r)
        for (int col = 0; col < c.cols; ++col)
          for (int ch = 0; ch < c.channels; ++ch) {
            const int lane = (r * c.cols + col) * c.channels + ch;
            Wide sum = 0;
            for (int k = 0; k < c.inner; ++k)
              sum += element(x, (c.convolution ? r + k : r * c.inner + k) * c.channels + ch,
                             c.xBits, sx) *
                     element(y, (k * c.cols + col) * c.channels + ch, c.yBits, sy);
            Wide acc1 = element(a1, lane, bits, true);
            if (shift16) acc1 *= 65536;
            Wide v = negProduct ? -sum : sum;
            v += neg1 ? -acc1 : acc1;
            v += (neg2 ? -1 : 1) * element(a2, lane, bits, true);
            const auto expect = static_cast<uint64_t>(v);
            const auto got = static_cast<uint64_t>(element(out, lane, bits, false));
            ASSERT_EQ(got, c.wide ? expect : expect & 0xFFFFFFFF)
                << "config " << config.bits << " lane " << lane;
          }
    }
}

TEST(Mac, ComplexProducts) {
  for (int round = 0; round < 2000; ++round) {
    alignas(64) int16_t x[32], y[32];
    for (int i = 0; i < 32; ++i) {
      x[i] = static_cast<int16_t>(random32());
      y[i] = static_cast<int16_t>(random32());
    }
    // Masks of the four forms: plain, conjugate X, conjugate Y, both.
    const int form = round % 4;
    const uint32_t mask = std::array<uint32_t, 4>{0x0A, 0xA0, 0x50, 0xFA}[form];
    const MacConfig config{2 | 3 << 3 | 4 << 5 | 3 << 8 | mask << 16};
    alignas(64) int64_t p[16];
    ASSERT_TRUE(integerMac(p, nullptr, nullptr, x, y, config, {}));
    for (int ch = 0; ch < 8; ++ch) {
      int64_t re = 0, im = 0;
      for (int k = 0; k < 2; ++k) {
        const int at = 2 * (k * 8 + ch);
        const int64_t a = x[at], b = (form & 1) != 0 ? -x[at + 1] : x[at + 1];
        const int64_t c = y[at], d = (form & 2) != 0 ? -y[at + 1] : y[at + 1];
        re += a * c - b * d;
        im += a * d + b * c;
      }
      ASSERT_EQ(p[2 * ch], re) << form;
      ASSERT_EQ(p[2 * ch + 1], im) << form;
    }
  }
}

TEST(Permute, ShufflesTransposeAndInverse) {
  alignas(64) uint8_t a[64], b[64], lo[64], hi[64];
  for (int i = 0; i < 64; ++i) {
    a[i] = static_cast<uint8_t>(i);
    b[i] = static_cast<uint8_t>(64 + i);
  }
  shuffle(lo, a, b, 0); // T8_64x2: even bytes, then odd bytes
  shuffle(hi, a, b, 1);
  for (int i = 0; i < 64; ++i) {
    EXPECT_EQ(lo[i], 2 * i);
    EXPECT_EQ(hi[i], 2 * i + 1);
  }
  alignas(64) uint8_t back[64];
  shuffle(back, lo, hi, 20); // T8_2x64: interleave again
  EXPECT_EQ(std::memcmp(back, a, 64), 0);
  shuffle(back, a, b, 63);
  EXPECT_EQ(back[0], a[0]);
  for (int i = 1; i < 64; ++i) EXPECT_EQ(back[i], 0);
}

TEST(Permute, ShiftTakesBytesOfTheConcatenation) {
  alignas(64) uint8_t a[64], b[64], d[64];
  for (int i = 0; i < 64; ++i) {
    a[i] = static_cast<uint8_t>(i + 1);
    b[i] = static_cast<uint8_t>(65 + i);
  }
  for (uint32_t n = 0; n < 200; ++n) {
    shiftBytes(d, a, b, n);
    for (uint32_t i = 0; i < 64; ++i) ASSERT_EQ(d[i], i + n < 128 ? i + n + 1 : 0) << n;
  }
}

TEST(Permute, PackAndUnpack) {
  alignas(64) int16_t wide[32];
  for (int i = 0; i < 32; ++i) wide[i] = static_cast<int16_t>(i * 37 - 600);
  alignas(64) uint8_t narrow[64] = {}, back[64];
  pack16to8(narrow, wide, true, 1);
  unpack8to16(back, narrow, true);
  for (int i = 0; i < 32; ++i) {
    const int expect = wide[i] > 127 ? 127 : wide[i] < -128 ? -128 : wide[i];
    EXPECT_EQ(lanes<int16_t>(static_cast<const void *>(back))[i], expect);
  }
  pack16to8(narrow, wide, true, 3); // symmetric
  EXPECT_EQ(static_cast<int8_t>(narrow[0]), -127);
  pack16to8(narrow, wide, true, 0); // truncation
  EXPECT_EQ(narrow[5], static_cast<uint8_t>(wide[5]));
}

TEST(ElementWise, MasksAndSelections) {
  using E = ElementWise<int16_t>;
  using Un = ElementWise<uint16_t>;
  for (int round = 0; round < 20000; ++round) {
    alignas(64) uint8_t a[64], b[64], d[64];
    for (int i = 0; i < 64; ++i) {
      a[i] = static_cast<uint8_t>(random32());
      b[i] = static_cast<uint8_t>(round % 3 == 0 ? a[i] : random32());
    }
    const uint64_t less = E::less(a, b), lessU = Un::less(a, b);
    E::max(d, a, b);
    for (int i = 0; i < 32; ++i) {
      int16_t x, y, m;
      std::memcpy(&x, a + 2 * i, 2);
      std::memcpy(&y, b + 2 * i, 2);
      std::memcpy(&m, d + 2 * i, 2);
      ASSERT_EQ(less >> i & 1, x < y ? 1U : 0U);
      ASSERT_EQ(lessU >> i & 1, static_cast<uint16_t>(x) < static_cast<uint16_t>(y) ? 1U : 0U);
      ASSERT_EQ(m, std::max(x, y));
      ASSERT_EQ(E::greaterEqual(a, b) >> i & 1, x >= y ? 1U : 0U);
    }
  }
}

TEST(Address, ThreeDimensionsWalkABox) {
  Dimension low{1000, 2, 4, 0}, high{0, 1, 100, 0};
  uint32_t p = 0;
  std::vector<uint32_t> seen;
  for (int i = 0; i < 7; ++i) {
    seen.push_back(p);
    const Step3 s = advance3(p, low, high);
    p = s.pointer;
    low.dc = s.countLow;
    high.dc = s.countHigh;
  }
  EXPECT_EQ(seen, (std::vector<uint32_t>{0, 4, 8, 108, 112, 116, 1116}));
}

} // namespace
} // namespace ashlar::emulator
