// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Double mathematics against the host's long double functions (64-bit fractions), over random
// arguments of every size. The seed is printed with a failure.
#include "lib/doubles.h"

#include <gtest/gtest.h>

using namespace lib_test;

namespace {
constexpr uint64_t kSeed = 161803;
class OneDouble : public testing::TestWithParam<DoubleFunction> {};
class TwoDoubles : public testing::TestWithParam<DoublePair> {};
} // namespace

TEST_P(OneDouble, IsWithinItsBound) {
  const WorstDouble worst = sample(GetParam(), 100'000, kSeed);
  EXPECT_LE(worst.error, GetParam().bound) << std::hexfloat << worst.x << " seed " << kSeed;
}
INSTANTIATE_TEST_SUITE_P(Double, OneDouble, testing::ValuesIn(kDoubleFunctions),
                         [](const auto &info) { return std::string(info.param.name); });

TEST_P(TwoDoubles, AreWithinTheirBound) {
  const WorstDouble worst = sample(GetParam(), 100'000, kSeed);
  EXPECT_LE(worst.error, GetParam().bound)
      << std::hexfloat << worst.x << ", " << worst.y << " seed " << kSeed;
}
INSTANTIATE_TEST_SUITE_P(Double, TwoDoubles, testing::ValuesIn(kDoublePairs),
                         [](const auto &info) { return std::string(info.param.name); });

/// Random factors with an addend near the product, far from it, and exactly opposite.
TEST(Double, FmaHasOneRounding) {
  std::mt19937_64 random(11);
  const auto number = [&](int exponent) {
    return std::bit_cast<double>((random() & 0x800fffffffffffff) | static_cast<uint64_t>(exponent)
                                                                       << 52);
  };
  for (int i = 0; i < 200000; ++i) {
    const int e = static_cast<int>(random() % 60);
    double x = number(1000 + e), y = number(1023),
           z = number(990 + static_cast<int>(random() % 120));
    if (i % 4 == 0) z = std::nextafter(-(x * y), i % 8 ? 1e300 : 0);
    if (i % 4 == 1) x = number(480 + e), y = number(500 + e), z = number(e);
    const double mine = ashlar_fma(x, y, z), exact = std::fma(x, y, z);
    ASSERT_EQ(std::bit_cast<uint64_t>(mine), std::bit_cast<uint64_t>(exact))
        << std::hexfloat << x << ' ' << y << ' ' << z;
  }
}
TEST(Double, MinMaxPartsAndScaling) {
  Doubles values(kSeed);
  for (int i = 0; i < 100'000; ++i) {
    const double x = values.next(), y = values.next();
    if (!(x == 0 && y == 0)) {
      const double most = ashlar_fmax(x, y), least = ashlar_fmin(x, y);
      ASSERT_TRUE(std::isnan(most) ? std::isnan(x) && std::isnan(y) : most == std::fmax(x, y));
      ASSERT_TRUE(std::isnan(least) ? std::isnan(x) && std::isnan(y) : least == std::fmin(x, y));
    }
    if (!std::isfinite(x)) continue;
    int mine = 0, host = 0;
    ASSERT_EQ(ashlar_frexp(x, &mine), std::frexp(x, &host)) << x;
    ASSERT_EQ(mine, host) << x;
    const int n = i % 4400 - 2200;
    ASSERT_EQ(std::bit_cast<uint64_t>(ashlar_ldexp(x, n)),
              std::bit_cast<uint64_t>(std::ldexp(x, n)))
        << x << " " << n;
    double whole = 0, hostWhole = 0;
    ASSERT_EQ(ashlar_modf(x, &whole), std::modf(x, &hostWhole)) << x;
    ASSERT_EQ(whole, hostWhole);
    if (!std::isnan(y)) {
      ASSERT_EQ(std::bit_cast<uint64_t>(ashlar_nextafter(x, y)),
                std::bit_cast<uint64_t>(std::nextafter(x, y)));
    }
  }
}
