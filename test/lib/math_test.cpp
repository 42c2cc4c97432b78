// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Float mathematics against the host's double functions: one float in 4,001 through every function
// of one argument (lib_exhaustive does all), edge cases, and random pairs for the others.
#include "lib/functions.h"

#include <cstring>
#include <gtest/gtest.h>
#include <random>

using namespace lib_test;

namespace {
constexpr uint64_t kSeed = 271828;
constexpr float kInf = std::numeric_limits<float>::infinity();
constexpr float kNan = std::numeric_limits<float>::quiet_NaN();

class OneArgument : public testing::TestWithParam<Function> {};

const float kEdges[] = {
    0.0f,           -0.0f,         0x1p-149f,     -0x1p-149f,     0x1p-126f, -0x1p-126f, 0.5f,
    -0.5f,          1.0f,          -1.0f,         1.5f,           2.0f,      -2.5f,      3.0f,
    0x1.fffffep-1f, 0x1.000002p0f, 88.7f,         89.0f,          -87.4f,    -103.9f,    -104.5f,
    128.0f,         -149.0f,       -150.5f,       0x1p23f,        0x1.8p23f, 8388607.5f, 0x1p24f,
    0x1p31f,        0x1p63f,       3.4028235e38f, -3.4028235e38f, kInf,      -kInf,      kNan};
} // namespace

TEST_P(OneArgument, IsWithinItsBound) {
  const Function &f = GetParam();
  Worst worst = sweep(f, kSeed % 4001, uint64_t(1) << 32, 4001);
  for (const float x : kEdges)
    worst.take(std::bit_cast<uint32_t>(x), ulps(f.mine(x), f.reference(static_cast<double>(x))));
  EXPECT_LE(worst.error, f.bound) << f.name << " at 0x" << std::hex << worst.input;
}
INSTANTIATE_TEST_SUITE_P(Math, OneArgument, testing::ValuesIn(kFunctions),
                         [](const auto &info) { return std::string(info.param.name); });

namespace {
class Pairs {
public:
  float next() {
    const uint32_t bits = static_cast<uint32_t>(random_());
    switch (random_() % 4) {
    case 0: return std::bit_cast<float>(bits);
    case 1: return std::bit_cast<float>((bits & 0x807fffff) | uint32_t(100 + random_() % 55) << 23);
    case 2: return static_cast<float>(static_cast<int>(bits % 64) - 32) / 2;
    default: return std::bit_cast<float>((bits & 0x807fffff) | uint32_t(124 + random_() % 8) << 23);
    }
  }

private:
  std::mt19937_64 random_{kSeed};
};
template <class Mine, class Reference>
void pairs(const char *name, Mine mine, Reference reference, double bound) {
  Pairs values;
  Worst worst;
  float at[2] = {};
  const auto check = [&](float x, float y) {
    const double e = ulps(mine(x, y), reference(static_cast<double>(x), static_cast<double>(y)));
    if (e > worst.error) {
      worst.error = e;
      at[0] = x;
      at[1] = y;
    }
  };
  for (int i = 0; i < 1'000'000; ++i) {
    const float x = values.next(), y = values.next();
    check(x, y);
  }
  for (const float x : kEdges)
    for (const float y : kEdges) check(x, y);
  EXPECT_LE(worst.error, bound) << name << "(" << at[0] << ", " << at[1] << ") seed " << kSeed;
}
} // namespace

TEST(Math, Pow) {
  pairs("pow", ashlar_powf, [](double x, double y) { return std::pow(x, y); }, 0.65);
}
TEST(Math, Atan2) {
  pairs("atan2", ashlar_atan2f, [](double y, double x) { return std::atan2(y, x); }, 0.65);
}
TEST(Math, Hypot) {
  pairs("hypot", ashlar_hypotf, [](double x, double y) { return std::hypot(x, y); }, 0.55);
}
TEST(Math, Fmod) {
  pairs("fmod", ashlar_fmodf, [](double x, double y) { return std::fmod(x, y); }, 0);
}
TEST(Math, Remainder) {
  pairs("remainder", ashlar_remainderf, [](double x, double y) { return std::remainder(x, y); }, 0);
}
TEST(Math, MinMaxCopysignFdim) {
  // NaN and zeros of both signs: fmin(-0, 0) is -0 here; the host may give either.
  const auto orZero = [](double (*f)(double, double)) {
    return [f](double x, double y) {
      if (x == 0 && y == 0 && std::signbit(x) != std::signbit(y))
        return f(0.0, 1.0) == 0 ? -0.0 : 0.0;
      return f(x, y);
    };
  };
  pairs("fmax", ashlar_fmaxf, orZero([](double x, double y) { return std::fmax(x, y); }), 0);
  pairs("fmin", ashlar_fminf, orZero([](double x, double y) { return std::fmin(x, y); }), 0);
  pairs("copysign", ashlar_copysignf, [](double x, double y) { return std::copysign(x, y); }, 0);
  pairs("fdim", ashlar_fdimf, [](double x, double y) { return std::fdim(x, y); }, 0.5);
}
TEST(Math, Nextafter) {
  Pairs values;
  for (int i = 0; i < 300'000; ++i) {
    const float x = values.next(), y = values.next();
    const float mine = ashlar_nextafterf(x, y), host = std::nextafter(x, y);
    if (std::isnan(host)) {
      ASSERT_TRUE(std::isnan(mine));
    } else {
      ASSERT_EQ(std::bit_cast<uint32_t>(mine), std::bit_cast<uint32_t>(host)) << x << " " << y;
    }
  }
}

TEST(Math, FusedMultiplyAddRoundsOnce) {
  Pairs values;
  std::mt19937_64 random(kSeed);
  for (int i = 0; i < 1'000'000; ++i) {
    const float x = values.next(), y = values.next();
    float z = values.next();
    if (i % 3 == 0) z = -x * y; // cancellation
    const float mine = ashlar_fmaf(x, y, z), host = std::fma(x, y, z);
    if (std::isnan(host)) {
      ASSERT_TRUE(std::isnan(mine)) << x << " " << y << " " << z;
    } else {
      ASSERT_EQ(std::bit_cast<uint32_t>(mine), std::bit_cast<uint32_t>(host))
          << std::hexfloat << x << " * " << y << " + " << z << " seed " << kSeed;
    }
  }
}

TEST(Math, PartsAndScaling) {
  Pairs values;
  for (int i = 0; i < 300'000; ++i) {
    const float x = values.next();
    int mine = 0, host = 0;
    const float fraction = ashlar_frexpf(x, &mine), wanted = std::frexp(x, &host);
    if (std::isfinite(x)) {
      ASSERT_EQ(fraction, wanted) << x;
      ASSERT_EQ(mine, host) << x;
      const int n = i % 600 - 300;
      const float scaled = ashlar_ldexpf(x, n), expected = std::ldexp(x, n);
      ASSERT_EQ(std::bit_cast<uint32_t>(scaled), std::bit_cast<uint32_t>(expected))
          << x << " " << n;
      float whole = 0, hostWhole = 0;
      ASSERT_EQ(ashlar_modff(x, &whole), std::modf(x, &hostWhole)) << x;
      ASSERT_EQ(whole, hostWhole);
      ASSERT_EQ(ashlar_ilogbf(x), x == 0 ? -2147483647 : std::ilogb(x)) << x;
    }
    if (std::fabs(x) < 2e9f) {
      ASSERT_EQ(ashlar_lrintf(x), std::lrint(x)) << x;
      ASSERT_EQ(ashlar_lroundf(x), std::lround(x)) << x;
      ASSERT_EQ(ashlar_llrintf(x), std::llrint(x)) << x;
      ASSERT_EQ(ashlar_llroundf(x), std::llround(x)) << x;
    }
  }
}
