// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Double mathematics against the host's long double functions (64-bit fractions), over random
// arguments of every size. The seed is printed with a failure.
#include "lib/names.h"

#include <bit>
#include <cmath>
#include <gtest/gtest.h>
#include <limits>
#include <random>

namespace {

constexpr uint64_t kSeed = 161803;
constexpr double kInf = std::numeric_limits<double>::infinity();
constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

double ulps(double mine, long double exact) {
  const double nearest = static_cast<double>(exact);
  if (std::isnan(mine) || std::isnan(exact))
    return std::isnan(mine) && std::isnan(exact) ? 0 : kInf;
  if (std::signbit(mine) != std::signbit(nearest) && (mine == 0 || nearest == 0)) return kInf;
  if (mine == nearest)
    return std::isinf(mine) || exact == 0
               ? 0
               : static_cast<double>(fabsl(mine - exact) /
                                     ldexpl(1, std::max(ilogbl(exact) - 52, -1074)));
  if (std::isinf(mine) || std::isinf(nearest)) return kInf;
  return static_cast<double>(fabsl(mine - exact) /
                             ldexpl(1, exact == 0 ? -1074 : std::max(ilogbl(exact) - 52, -1074)));
}

class Values {
public:
  double next() {
    const uint64_t bits = random_();
    const uint64_t fraction = bits & 0x800fffffffffffff;
    switch (random_() % 5) {
    case 0: return std::bit_cast<double>(bits);
    case 1: return std::bit_cast<double>(fraction | (1023 - 40 + random_() % 80) << 52);
    case 2: return static_cast<double>(static_cast<int>(bits % 64) - 32) / 2;
    default: return std::bit_cast<double>(fraction | (1023 - 6 + random_() % 14) << 52);
    }
  }

private:
  std::mt19937_64 random_{kSeed};
};
const double kEdges[] = {
    0.0,    -0.0,   0x1p-1074, -0x1p-1022, 0.5,      -0.5,   1,
    -1,     1.5,    2.5,       -2.5,       3,        709.7,  709.8,
    -745.2, -745.1, -708.4,    0x1p52,     0x1.8p52, 0x1p53, 0x1.fffffffffffffp1023,
    kInf,   -kInf,  kNan};

struct Row {
  const char *name;
  double (*mine)(double);
  long double (*reference)(long double);
  double bound;
};
#define ROW(name, bound)                                                                           \
  Row { #name, ashlar_##name, name##l, bound }
const Row kRows[] = {
    ROW(exp, 0.53),   ROW(exp2, 0.53),  ROW(exp10, 0.53), ROW(expm1, 0.53), ROW(log, 0.53),
    ROW(log2, 0.53),  ROW(log10, 0.53), ROW(log1p, 0.53), ROW(sqrt, 0.501), ROW(cbrt, 0.53),
    ROW(sin, 0.53),   ROW(cos, 0.53),   ROW(tan, 0.53),   ROW(asin, 0.53),  ROW(acos, 0.53),
    ROW(atan, 0.53),  ROW(sinh, 0.53),  ROW(cosh, 0.53),  ROW(tanh, 0.53),  ROW(asinh, 0.53),
    ROW(acosh, 0.53), ROW(atanh, 0.53), ROW(floor, 0),    ROW(ceil, 0),     ROW(trunc, 0),
    ROW(round, 0),    ROW(rint, 0),     ROW(fabs, 0),     ROW(logb, 0)};
class OneDouble : public testing::TestWithParam<Row> {};

} // namespace

TEST_P(OneDouble, IsWithinItsBound) {
  const Row &row = GetParam();
  Values values;
  double worst = 0, at = 0;
  const auto check = [&](double x) {
    const double e = ulps(row.mine(x), row.reference(x));
    if (e > worst) {
      worst = e;
      at = x;
    }
  };
  for (int i = 0; i < 100'000; ++i) check(values.next());
  for (const double x : kEdges) check(x);
  EXPECT_LE(worst, row.bound) << row.name << " at " << std::hexfloat << at << " seed " << kSeed;
}
INSTANTIATE_TEST_SUITE_P(Double, OneDouble, testing::ValuesIn(kRows),
                         [](const auto &info) { return std::string(info.param.name); });

namespace {
void pairs(const char *name, double (*mine)(double, double),
           long double (*reference)(long double, long double), double bound) {
  Values values;
  double worst = 0, at[2] = {};
  const auto check = [&](double x, double y) {
    const double e = ulps(mine(x, y), reference(x, y));
    if (e > worst) {
      worst = e;
      at[0] = x;
      at[1] = y;
    }
  };
  for (int i = 0; i < 100'000; ++i) {
    const double x = values.next(), y = values.next();
    check(x, y);
  }
  for (const double x : kEdges)
    for (const double y : kEdges) check(x, y);
  EXPECT_LE(worst, bound) << name << std::hexfloat << "(" << at[0] << ", " << at[1] << ") seed "
                          << kSeed;
}
} // namespace

TEST(Double, TwoArguments) {
  pairs("pow", ashlar_pow, powl, 2.0);
  pairs("atan2", ashlar_atan2, atan2l, 0.53);
  pairs("hypot", ashlar_hypot, hypotl, 0.53);
  pairs("fmod", ashlar_fmod, fmodl, 0);
  pairs("remainder", ashlar_remainder, remainderl, 0);
  pairs("copysign", ashlar_copysign, copysignl, 0);
  pairs("fdim", ashlar_fdim, fdiml, 0.5);
}

TEST(Double, MinMaxPartsAndScaling) {
  Values values;
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
