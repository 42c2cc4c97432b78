// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The mathematics of the run-time library with its references and the error bounds that
// docs/libm.md states. The reference is the host's double function: its own error is far below what
// is measured here.
#pragma once

#include "lib/names.h"

#include <bit>
#include <cmath>
#include <limits>

namespace lib_test {

struct Function {
  const char *name;
  float (*mine)(float);
  double (*reference)(double);
  double bound; ///< in units in the last place of the result; 0 = exact
};

#define ASHLAR_ROW(name, bound)                                                                    \
  Function { #name, ashlar_##name##f, ::name, bound }
inline const Function kFunctions[] = {
    ASHLAR_ROW(exp, 0.65),   ASHLAR_ROW(exp2, 0.65),  ASHLAR_ROW(exp10, 0.65),
    ASHLAR_ROW(expm1, 0.75), ASHLAR_ROW(log, 0.55),   ASHLAR_ROW(log2, 0.55),
    ASHLAR_ROW(log10, 0.55), ASHLAR_ROW(log1p, 0.60), ASHLAR_ROW(sqrt, 0.5),
    ASHLAR_ROW(cbrt, 0.65),  ASHLAR_ROW(sin, 0.67),   ASHLAR_ROW(cos, 0.67),
    ASHLAR_ROW(tan, 0.65),   ASHLAR_ROW(asin, 0.65),  ASHLAR_ROW(acos, 0.65),
    ASHLAR_ROW(atan, 0.65),  ASHLAR_ROW(sinh, 0.67),  ASHLAR_ROW(cosh, 0.65),
    ASHLAR_ROW(tanh, 0.77),  ASHLAR_ROW(asinh, 0.80), ASHLAR_ROW(acosh, 0.77),
    ASHLAR_ROW(atanh, 0.90), ASHLAR_ROW(erf, 0.70),   ASHLAR_ROW(erfc, 1.50),
    ASHLAR_ROW(floor, 0),    ASHLAR_ROW(ceil, 0),     ASHLAR_ROW(trunc, 0),
    ASHLAR_ROW(round, 0),    ASHLAR_ROW(rint, 0),     ASHLAR_ROW(fabs, 0),
    ASHLAR_ROW(logb, 0)};
#undef ASHLAR_ROW

/// The distance of a float from the exact value, in units in the last place at that value.
/// Infinity when one is special (NaN, infinite, sign of zero) and the other is not the same.
inline double ulps(float mine, double exact) {
  constexpr double kBad = std::numeric_limits<double>::infinity();
  const float nearest = static_cast<float>(exact);
  if (std::isnan(mine) || std::isnan(exact))
    return std::isnan(mine) && std::isnan(exact) ? 0 : kBad;
  if (std::signbit(mine) != std::signbit(nearest) && (mine == 0 || nearest == 0)) return kBad;
  if (mine == nearest) {
    if (std::isinf(mine) || exact == 0) return 0;
  } else if (std::isinf(mine) != std::isinf(nearest)) {
    // Overflow of one of two neighbours: measure as if the exponent range went on.
    const double value = std::isinf(mine) ? std::copysign(0x1p128, mine) : mine;
    if (std::isinf(exact)) return kBad;
    return std::fabs(value - exact) / 0x1p104;
  }
  int exponent = 0;
  std::frexp(exact, &exponent);
  const double unit = std::ldexp(1.0, exponent - 24 < -149 ? -149 : exponent - 24);
  return std::fabs(static_cast<double>(mine) - exact) / unit;
}

struct Worst {
  double error = 0;
  uint32_t input = 0;
  uint64_t wrong = 0; ///< results that are not the nearest float
  void take(uint32_t bits, double e) {
    wrong += e > 0.5;
    if (e > error) {
      error = e;
      input = bits;
    }
  }
};

inline Worst sweep(const Function &f, uint64_t from, uint64_t to, uint64_t step) {
  Worst worst;
  for (uint64_t i = from; i < to; i += step) {
    const uint32_t bits = static_cast<uint32_t>(i);
    const float x = std::bit_cast<float>(bits);
    worst.take(bits, ulps(f.mine(x), f.reference(static_cast<double>(x))));
  }
  return worst;
}

} // namespace lib_test
