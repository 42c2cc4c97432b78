// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The double functions of the run-time library with their references, the host's long double
// functions (64-bit fractions), and the error bounds that docs/libm.md states.
#pragma once

#include "lib/names.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <random>

namespace lib_test {

inline double ulps(double mine, long double exact) {
  constexpr double kInf = std::numeric_limits<double>::infinity();
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

class Doubles {
public:
  explicit Doubles(uint64_t seed) : random_(seed) {}
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
  std::mt19937_64 random_;
};
inline constexpr double kDoubleEdges[] = {0.0,
                                          -0.0,
                                          0x1p-1074,
                                          -0x1p-1022,
                                          0.5,
                                          -0.5,
                                          1,
                                          -1,
                                          1.5,
                                          2.5,
                                          -2.5,
                                          3,
                                          709.7,
                                          709.8,
                                          -745.2,
                                          -745.1,
                                          -708.4,
                                          0x1p52,
                                          0x1.8p52,
                                          0x1p53,
                                          0x1.fffffffffffffp1023,
                                          std::numeric_limits<double>::infinity(),
                                          -std::numeric_limits<double>::infinity(),
                                          std::numeric_limits<double>::quiet_NaN()};

struct DoubleFunction {
  const char *name;
  double (*mine)(double);
  long double (*reference)(long double);
  double bound;
};
struct DoublePair {
  const char *name;
  double (*mine)(double, double);
  long double (*reference)(long double, long double);
  double bound;
};
#define ROW(name, bound) {#name, ashlar_##name, name##l, bound}
inline const DoubleFunction kDoubleFunctions[] = {
    ROW(exp, 0.53),   ROW(exp2, 0.53),  ROW(exp10, 0.53), ROW(expm1, 0.53), ROW(log, 0.53),
    ROW(log2, 0.53),  ROW(log10, 0.53), ROW(log1p, 0.53), ROW(sqrt, 0.501), ROW(cbrt, 0.53),
    ROW(sin, 0.53),   ROW(cos, 0.53),   ROW(tan, 0.53),   ROW(asin, 0.53),  ROW(acos, 0.53),
    ROW(atan, 0.53),  ROW(sinh, 0.53),  ROW(cosh, 0.53),  ROW(tanh, 0.53),  ROW(asinh, 0.53),
    ROW(acosh, 0.53), ROW(atanh, 0.53), ROW(floor, 0),    ROW(ceil, 0),     ROW(trunc, 0),
    ROW(round, 0),    ROW(rint, 0),     ROW(fabs, 0),     ROW(logb, 0)};
inline const DoublePair kDoublePairs[] = {ROW(pow, 0.53), ROW(atan2, 0.54),  ROW(hypot, 0.53),
                                          ROW(fmod, 0),   ROW(remainder, 0), ROW(copysign, 0),
                                          ROW(fdim, 0.5)};
#undef ROW

struct WorstDouble {
  double error = 0, x = 0, y = 0;
  void take(double e, double a, double b = 0) {
    if (e > error) *this = {e, a, b};
  }
};
/// The worst of `count` random arguments and all edge cases.
inline WorstDouble sample(const DoubleFunction &f, uint64_t count, uint64_t seed) {
  Doubles values(seed);
  WorstDouble worst;
  const auto check = [&](double x) { worst.take(ulps(f.mine(x), f.reference(x)), x); };
  for (uint64_t i = 0; i < count; ++i) check(values.next());
  for (const double x : kDoubleEdges) check(x);
  return worst;
}
inline WorstDouble sample(const DoublePair &f, uint64_t count, uint64_t seed) {
  Doubles values(seed);
  WorstDouble worst;
  const auto check = [&](double x, double y) {
    worst.take(ulps(f.mine(x, y), f.reference(x, y)), x, y);
  };
  for (uint64_t i = 0; i < count; ++i) {
    const double x = values.next(), y = values.next();
    check(x, y);
  }
  for (const double x : kDoubleEdges)
    for (const double y : kDoubleEdges) check(x, y);
  return worst;
}

} // namespace lib_test
