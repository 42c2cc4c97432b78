// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Float products, UPS, SRS and packs of every width against formulas that share nothing with the
// code: sums of long doubles on a grid, 128-bit quotients. ASHLAR_ROUNDS=N makes each sweep N times
// as long (1 is seconds; the default covers some hundred thousand values of each kind).
#include "emulator/core/value/float.h"
#include "emulator/core/value/mac_kernels.h"
#include "emulator/core/value/upssrs.h"

#include <bit>
#include <cmath>
#include <cstdlib>
#include <gtest/gtest.h>
#include <random>

namespace ashlar::emulator {
namespace {

using Wide = __int128;

std::mt19937_64 &rng() {
  static std::mt19937_64 r(20260615);
  return r;
}
int rounds(int n) {
  const char *times = std::getenv("ASHLAR_ROUNDS");
  return n * (times != nullptr ? std::max(1, std::atoi(times)) : 1);
}
constexpr uint32_t kRoundings[] = {0, 1, 2, 3, 8, 9, 10, 11, 12, 13};

/// Exponents of one product or accumulator as the unit compares them, and the exact value.
struct Term {
  int exponent = 0; ///< 0: none, the term is zero
  long double value = 0;
};

long double magnitude(uint32_t fraction, int exponent, int bits) {
  const long double implicit = exponent != 0 ? 1 : 0;
  return std::ldexp(implicit + std::ldexp(static_cast<long double>(fraction), -bits),
                    (exponent == 0 ? 1 : exponent) - 127);
}
Term product(uint16_t x, uint16_t y, bool negative) {
  const int ex = x >> 7 & 255, ey = y >> 7 & 255;
  const long double v = magnitude(x & 127U, ex, 7) * magnitude(y & 127U, ey, 7);
  if (v == 0) return {};
  const bool minus = ((x ^ y) >> 15 != 0) != negative;
  return {std::max(ex, 1) + std::max(ey, 1) + 1, minus ? -v : v};
}
Term accumulator(uint32_t a, bool negative) {
  const int e = static_cast<int>(a >> 23 & 255);
  const long double v = magnitude(a & 0x7FFFFF, e, 23);
  if (v == 0) return {};
  return {std::max(e, 1) + 128, ((a >> 31 != 0) != negative) ? -v : v};
}

/// Every term rounded to the grid of the largest, summed exactly, rounded once to 24 bits.
uint32_t sumOnGrid(const std::vector<Term> &terms) {
  int top = 0;
  for (const Term &t : terms) top = std::max(top, t.exponent);
  long double sum = 0; // in units of the grid
  for (const Term &t : terms) sum += std::nearbyint(std::ldexp(t.value, 278 - top));
  if (sum == 0) return 0;
  int e = 0;
  long double mantissa = std::nearbyint(std::ldexp(std::frexp(std::fabs(sum), &e), 24));
  long double v = std::ldexp(mantissa, e - 24 + top - 278);
  if (v < 0x1p-126L) return 0;
  const uint32_t sign = sum < 0 ? 0x80000000U : 0;
  return v >= 0x1p128L ? sign | 0x7F800000 : sign | std::bit_cast<uint32_t>(static_cast<float>(v));
}

/// Exponents around `middle`, so that terms meet; some zeros and denormals.
uint32_t exponentNear(int middle, int spread) {
  const auto r = rng()();
  if (r % 16 == 0) return 0;
  const int e = middle + static_cast<int>(r >> 8 & 255) % (2 * spread + 1) - spread;
  return static_cast<uint32_t>(std::clamp(e, 0, 254));
}

TEST(Exact, FloatProductsOfBothShapes) {
  for (int round = 0; round < rounds(12000); ++round) {
    const bool matrix = round % 2 == 0;
    // Centres of the exponents: ordinary, near the top, around the smallest normal number, below.
    static constexpr int kMiddles[] = {127, 189, 64, 20};
    const int middle = kMiddles[round / 2 % 4], spread = 1 + round % 13;
    alignas(64) uint16_t x[32], y[32];
    alignas(64) uint32_t a[2][16], out[16];
    for (int i = 0; i < 32; ++i) {
      x[i] = static_cast<uint16_t>((rng()() & 0x807F) | exponentNear(middle, spread) << 7);
      y[i] = static_cast<uint16_t>((rng()() & 0x807F) | exponentNear(middle, spread) << 7);
    }
    for (auto &acc : a)
      for (uint32_t &v : acc)
        v = (static_cast<uint32_t>(rng()()) & 0x807FFFFF) |
            exponentNear(2 * middle - 127, 2 * spread) << 23;
    const int accumulators = round / 8 % 3;
    FloatSigns signs{rng()() % 2 != 0, rng()() % 2 != 0, rng()() % 2 != 0};
    // The configuration's own negations and zero_acc1 come on top.
    const uint32_t extra = static_cast<uint32_t>(rng()()) & 0x3800U;
    const bool zero = rng()() % 8 == 0;
    const MacConfig config{(matrix ? 28U : 60U) | extra | (zero ? 1U : 0U)};
    ASSERT_TRUE(floatMac(out, accumulators > 0 ? a[0] : nullptr, accumulators > 1 ? a[1] : nullptr,
                         x, y, config, signs));
    signs.product ^= config.negateProduct();
    signs.acc1 ^= config.negateAcc1();
    signs.acc2 ^= config.negateAcc2();
    for (int lane = 0; lane < 16; ++lane) {
      std::vector<Term> terms;
      for (int k = 0; k < (matrix ? 8 : 2); ++k)
        terms.push_back(matrix ? product(x[lane / 4 * 8 + k], y[k * 4 + lane % 4], signs.product)
                               : product(x[16 * k + lane], y[16 * k + lane], signs.product));
      if (accumulators > 0 && !zero) terms.push_back(accumulator(a[0][lane], signs.acc1));
      if (accumulators > 1) terms.push_back(accumulator(a[1][lane], signs.acc2));
      ASSERT_EQ(out[lane], sumOnGrid(terms)) << "lane " << lane << " of round " << round;
    }
  }
}

/// The two bodies of each kernel: one for any machine, one for AVX2.
TEST(Exact, PlainAndWideKernelsAgree) {
  if (!wideKernels()) GTEST_SKIP() << "skipped: this machine has no AVX2";
  for (int round = 0; round < rounds(20000); ++round) {
    alignas(64) uint8_t x[64], y[64], a1[128], a2[128], plain[128] = {}, wide[128] = {};
    for (auto *v : {x, y})
      for (int i = 0; i < 64; ++i) v[i] = static_cast<uint8_t>(rng()());
    for (auto *v : {a1, a2})
      for (int i = 0; i < 128; ++i) v[i] = static_cast<uint8_t>(rng()());
    MacConfig config{static_cast<uint32_t>(rng()()) & 0x3FFF};
    if (const MacShape *s = macShape(config); s != nullptr && s->complex)
      config.bits |= static_cast<uint32_t>(rng()() & 255) << 16;
    if (config.amode() == 2) // no NaN and infinity: those lanes have but one body
      for (auto *v : {x, y, a1, a2})
        for (int i = 1; i < 64; i += 2) v[i] &= 0xBF;
    const FloatSigns signs{rng()() % 2 != 0, rng()() % 2 != 0, rng()() % 2 != 0};
    const void *second = round % 2 != 0 ? a2 : nullptr;
    const auto by = config.amode() == 2 ? floatMacBy : integerMacBy;
    const bool done = by(false, plain, a1, second, x, y, config, signs);
    ASSERT_EQ(by(true, wide, a1, second, x, y, config, signs), done);
    ASSERT_EQ(std::memcmp(plain, wide, sizeof plain), 0) << "configuration " << config.bits;
  }
}

/// Matrix products of bf16 with the usual signs have one body more, for exponents that are not too
/// far from 0: around its limits, and with what it must not take.
TEST(Exact, UsualFloatProductsAgree) {
  if (!wideKernels()) GTEST_SKIP() << "skipped: this machine has no AVX2";
  static constexpr int kMiddles[] = {127, 127, 127, 77, 76, 64, 177, 178, 190, 100};
  for (int round = 0; round < rounds(40000); ++round) {
    const int middle = kMiddles[round % 10], spread = round / 10 % 40;
    alignas(64) uint16_t x[32], y[32];
    alignas(64) uint32_t a[2][16], plain[16], wide[16];
    for (auto *v : {x, y})
      for (int i = 0; i < 32; ++i)
        v[i] = static_cast<uint16_t>((rng()() & 0x807F) | exponentNear(middle, spread) << 7);
    for (auto *v : {x, y}) // mostly no denormals
      for (int i = 0; i < 32 && round % 8 != 0; ++i)
        if ((v[i] & 0x7F80) == 0) v[i] = 0;
    const int middleOfSums = round / 400 % 3 == 0 ? 127 : 2 * middle - 127;
    for (auto &acc : a)
      for (uint32_t &v : acc) {
        v = (static_cast<uint32_t>(rng()()) & 0x807FFFFF) | exponentNear(middleOfSums, 2 * spread)
                                                                << 23;
        if ((v & 0x7F800000) == 0 && round % 8 != 1) v = 0;
      }
    if (round % 50 == 0) x[round / 50 % 32] = 0x7F80;
    const int accumulators = round % 3;
    const void *acc1 = accumulators > 0 ? a[0] : nullptr, *acc2 = accumulators > 1 ? a[1] : nullptr;
    ASSERT_TRUE(floatMacBy(false, plain, acc1, acc2, x, y, MacConfig{28}, {}));
    ASSERT_TRUE(floatMacBy(true, wide, acc1, acc2, x, y, MacConfig{28}, {}));
    for (int lane = 0; lane < 16; ++lane)
      ASSERT_EQ(wide[lane], plain[lane]) << "lane " << lane << " of round " << round;
  }
}

/// Products of two and two integers have a body for the usual signs.
TEST(Exact, UsualIntegerProductsAgree) {
  if (!wideKernels()) GTEST_SKIP() << "skipped: this machine has no AVX2";
  for (int round = 0; round < rounds(20000); ++round) {
    alignas(64) uint8_t x[64], y[64], a[2][128], plain[128] = {}, wide[128] = {};
    const bool extreme = round % 5 == 0; // the largest numbers, where sums wrap
    for (auto *v : {x, y})
      for (int i = 0; i < 64; ++i)
        v[i] = extreme ? (i % 2 != 0 ? 0x80 : 0x00) : static_cast<uint8_t>(rng()());
    for (auto &acc : a)
      for (uint8_t &b : acc) b = static_cast<uint8_t>(rng()());
    static constexpr uint32_t kShapes[] = {1 << 3, 2 << 3, 3 << 3};
    const MacConfig config{kShapes[round % 3] | (static_cast<uint32_t>(rng()()) & 0x301)};
    const void *second = round % 2 != 0 ? a[1] : nullptr;
    ASSERT_TRUE(integerMacBy(false, plain, a[0], second, x, y, config, {}));
    ASSERT_TRUE(integerMacBy(true, wide, a[0], second, x, y, config, {}));
    ASSERT_EQ(std::memcmp(plain, wide, sizeof plain), 0) << "configuration " << config.bits;
  }
}

/// The quotient v / 2^shift rounded by its meaning.
Wide rounded(Wide v, unsigned shift, uint32_t mode) {
  const Wide divisor = Wide{1} << shift;
  Wide floor = v / divisor;
  if (floor * divisor > v) floor -= 1;
  const Wide twice = 2 * (v - floor * divisor);
  const bool exact = twice == 0, tie = twice == divisor, above = twice > divisor;
  const bool up[14] = {false,
                       !exact,
                       !exact && v < 0,
                       !exact && v > 0,
                       false,
                       false,
                       false,
                       false,
                       above,
                       above || tie,
                       above || (tie && v < 0),
                       above || (tie && v > 0),
                       above || (tie && floor % 2 != 0),
                       above || (tie && floor % 2 == 0)};
  return up[mode] ? floor + 1 : floor;
}

Wide lane(const uint8_t *v, int index, int bits, bool isSigned) {
  uint64_t raw = 0;
  std::memcpy(&raw, v + index * bits / 8, static_cast<size_t>(bits) / 8);
  const bool negative = isSigned && (raw >> (bits - 1) & 1) != 0;
  return Wide{raw} - (negative ? Wide{1} << bits : 0);
}
Wide low(Wide v, int bits) { return v & ((Wide{1} << bits) - 1); }
Wide clip(Wide v, int bits, bool isSigned, uint32_t sat) {
  if ((sat & 1) == 0) return v;
  const Wide max = (Wide{1} << (isSigned ? bits - 1 : bits)) - 1;
  const Wide min = !isSigned ? 0 : sat == 3 ? -max : -max - 1;
  return std::clamp(v, min, max);
}

TEST(Exact, SrsOfEveryWidthRoundingAndSaturation) {
  static constexpr LaneShape kShapes[] = {{32, 16, 16}, {32, 16, 32}, {32, 8, 32},
                                          {64, 16, 16}, {64, 32, 16}, {64, 32, 8}};
  for (const LaneShape &s : kShapes)
    for (const uint32_t mode : kRoundings)
      for (const uint32_t sat : {0U, 1U, 3U})
        for (int round = 0; round < rounds(40); ++round) {
          const bool isSigned = round % 2 != 0;
          const auto shift = static_cast<uint32_t>(rng()() % (s.accBits == 64 ? 62 : 31));
          alignas(64) uint8_t acc[128], out[64];
          for (int i = 0; i < s.lanes; ++i) {
            uint64_t v = rng()();
            // Values near the result's limits, and exact ties.
            if (i % 4 != 0) v = static_cast<uint64_t>(static_cast<int64_t>(v) >> rng()() % 64);
            if (i % 3 == 1 && shift > 0) v = (v >> shift << shift) | uint64_t{1} << (shift - 1);
            std::memcpy(acc + i * s.accBits / 8, &v, static_cast<size_t>(s.accBits) / 8);
          }
          const bool clipped = downshift(out, acc, s, isSigned, shift, sat, mode);
          bool expectClip = false;
          for (int i = 0; i < s.lanes; ++i) {
            const Wide exact = rounded(lane(acc, i, s.accBits, true), shift, mode);
            const Wide v = clip(exact, s.vectorBits, isSigned, sat);
            expectClip |= v != exact;
            ASSERT_TRUE(lane(out, i, s.vectorBits, false) == low(v, s.vectorBits))
                << s.accBits << "->" << s.vectorBits << " mode " << mode << " shift " << shift;
          }
          ASSERT_EQ(clipped, expectClip);
        }
}

TEST(Exact, UpsOfEveryWidthAndSaturation) {
  static constexpr LaneShape kShapes[] = {{32, 16, 16}, {32, 8, 32},  {32, 16, 32},
                                          {64, 16, 16}, {64, 32, 16}, {64, 32, 8}};
  for (const LaneShape &s : kShapes)
    for (const uint32_t sat : {0U, 1U})
      for (int round = 0; round < rounds(1000); ++round) {
        const bool isSigned = round % 2 != 0;
        const auto shift = static_cast<uint32_t>(rng()() % 63);
        alignas(64) uint8_t in[64], out[128];
        for (uint8_t &b : in) b = static_cast<uint8_t>(rng()());
        upshift(out, in, s, isSigned, shift, sat);
        for (int i = 0; i < s.lanes; ++i) {
          const Wide v = lane(in, i, s.vectorBits, isSigned) * (Wide{1} << shift);
          ASSERT_TRUE(lane(out, i, s.accBits, false) ==
                      low(clip(v, s.accBits, true, sat), s.accBits))
              << s.vectorBits << "->" << s.accBits << " shift " << shift << " sat " << sat;
        }
      }
}

TEST(Exact, ConversionToBf16OfEveryExponent) {
  for (const uint32_t mode : kRoundings)
    for (uint32_t e = 0; e < 255; ++e)
      for (int round = 0; round < rounds(100); ++round) {
        uint32_t f = (static_cast<uint32_t>(rng()()) & 0x807FFFFF) | e << 23;
        if (round % 4 == 0) f = (f & 0xFFFF0000) | 0x8000; // ties
        // Numbers of one sign are evenly spaced within an exponent, and so are denormals: rounding
        // the value is rounding the signed number of halves.
        const Wide v = (f >> 31 != 0) ? -Wide{f & 0x7FFFFFFF} : Wide{f};
        const Wide half = rounded(v, 16, mode);
        const auto expect =
            static_cast<uint32_t>(f >> 31 << 15) | static_cast<uint32_t>(half < 0 ? -half : half);
        ASSERT_EQ(toBf16(f, mode), expect) << std::hex << f << " mode " << mode;
      }
}

} // namespace
} // namespace ashlar::emulator
