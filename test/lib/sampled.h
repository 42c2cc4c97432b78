// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Float functions whose arguments are too many to try all: two or three floats, a float and an
// integer. Each draws its own arguments, of all sizes and kinds, and says how far its result is
// from the host's double function. `./check` tries a million of each, `lib_exhaustive pairs` as
// many as wished.
#pragma once

#include "lib/functions.h"

#include <random>

namespace lib_test {

inline constexpr float kEdges[] = {0.0f,
                                   -0.0f,
                                   0x1p-149f,
                                   -0x1p-149f,
                                   0x1p-126f,
                                   -0x1p-126f,
                                   0.5f,
                                   -0.5f,
                                   1.0f,
                                   -1.0f,
                                   1.5f,
                                   2.0f,
                                   -2.5f,
                                   3.0f,
                                   0x1.fffffep-1f,
                                   0x1.000002p0f,
                                   88.7f,
                                   89.0f,
                                   -87.4f,
                                   -103.9f,
                                   -104.5f,
                                   128.0f,
                                   -149.0f,
                                   -150.5f,
                                   0x1p23f,
                                   0x1.8p23f,
                                   8388607.5f,
                                   0x1p24f,
                                   0x1p31f,
                                   0x1p63f,
                                   3.4028235e38f,
                                   -3.4028235e38f,
                                   std::numeric_limits<float>::infinity(),
                                   -std::numeric_limits<float>::infinity(),
                                   std::numeric_limits<float>::quiet_NaN()};

/// Floats of every size, near 1, small halves; one in 64 an edge case.
class Floats {
public:
  explicit Floats(uint64_t seed) : random_(seed) {}
  uint64_t bits() { return random_(); }
  float next() {
    const uint64_t r = random_();
    const uint32_t bits = static_cast<uint32_t>(r);
    const uint32_t kind = static_cast<uint32_t>(r >> 32), other = kind >> 8;
    if (kind % 64 == 5) return kEdges[other % std::size(kEdges)];
    switch (kind % 4) {
    case 0: return std::bit_cast<float>(bits);
    case 1: return std::bit_cast<float>((bits & 0x807fffff) | (100 + other % 55) << 23);
    case 2: return static_cast<float>(static_cast<int>(bits % 64) - 32) / 2;
    default: return std::bit_cast<float>((bits & 0x807fffff) | (124 + other % 8) << 23);
    }
  }

private:
  std::mt19937_64 random_;
};

/// The arguments that were drawn and the error that they showed.
struct Sample {
  float x = 0, y = 0, z = 0;
  double error = 0;
};

struct Sampled {
  const char *name;
  Sample (*draw)(Floats &);
  double bound;
};

namespace detail {
/// Equal in all bits, or both NaN.
inline double same(float mine, float host) {
  const bool equal = std::isnan(host)
                         ? std::isnan(mine)
                         : std::bit_cast<uint32_t>(mine) == std::bit_cast<uint32_t>(host);
  return equal ? 0 : std::numeric_limits<double>::infinity();
}
inline double same(bool equal) { return equal ? 0 : std::numeric_limits<double>::infinity(); }

template <float (*Mine)(float, float), double (*Reference)(double, double)>
Sample two(Floats &values) {
  const float x = values.next(), y = values.next();
  return {x, y, 0, ulps(Mine(x, y), Reference(static_cast<double>(x), static_cast<double>(y)))};
}

// Zeros of both signs: fmin(-0, 0) is -0 here; the host may give either.
inline double most(double x, double y) {
  return x == 0 && y == 0 ? (std::signbit(x) && std::signbit(y) ? -0.0 : 0.0) : std::fmax(x, y);
}
inline double least(double x, double y) {
  return x == 0 && y == 0 ? (std::signbit(x) || std::signbit(y) ? -0.0 : 0.0) : std::fmin(x, y);
}

inline Sample nextafterSample(Floats &values) {
  const float x = values.next(), y = values.next();
  return {x, y, 0, same(ashlar_nextafterf(x, y), std::nextafter(x, y))};
}
inline Sample fmaSample(Floats &values) {
  const float x = values.next(), y = values.next();
  float z = values.next();
  if (values.bits() % 3 == 0) z = -x * y; // cancellation
  return {x, y, z, same(ashlar_fmaf(x, y, z), std::fma(x, y, z))};
}
inline Sample ldexpSample(Floats &values) {
  const float x = values.next();
  const int n = values.bits() % 16 ? static_cast<int>(values.bits() % 600) - 300
                                   : static_cast<int>(values.bits());
  return {x, static_cast<float>(n), 0, same(ashlar_ldexpf(x, n), std::ldexp(x, n))};
}
/// frexpf, modff and ilogbf of one float.
inline Sample partsSample(Floats &values) {
  const float x = values.next();
  if (!std::isfinite(x)) return {};
  int mine = 0, host = 0;
  float whole = 0, hostWhole = 0;
  double error = same(ashlar_frexpf(x, &mine), std::frexp(x, &host));
  error += same(mine == host);
  error += same(ashlar_modff(x, &whole), std::modf(x, &hostWhole));
  error += same(whole, hostWhole);
  error += same(ashlar_ilogbf(x) == (x == 0 ? -2147483647 : std::ilogb(x)));
  return {x, 0, 0, error};
}
/// The four roundings to integers of one float that fits.
inline Sample roundingSample(Floats &values) {
  const float x = values.next();
  if (!(std::fabs(x) < 9e18f)) return {};
  double error = same(ashlar_llrintf(x) == std::llrint(x));
  error += same(ashlar_llroundf(x) == std::llround(x));
  if (std::fabs(x) < 2147483520.0f) {
    error += same(ashlar_lrintf(x) == std::lrint(x));
    error += same(ashlar_lroundf(x) == std::lround(x));
  }
  return {x, 0, 0, error};
}
} // namespace detail

inline const Sampled kSampled[] = {{"pow", detail::two<ashlar_powf, ::pow>, 0.65},
                                   {"atan2", detail::two<ashlar_atan2f, ::atan2>, 0.65},
                                   {"hypot", detail::two<ashlar_hypotf, ::hypot>, 0.55},
                                   {"fmod", detail::two<ashlar_fmodf, ::fmod>, 0},
                                   {"remainder", detail::two<ashlar_remainderf, ::remainder>, 0},
                                   {"fmax", detail::two<ashlar_fmaxf, detail::most>, 0},
                                   {"fmin", detail::two<ashlar_fminf, detail::least>, 0},
                                   {"copysign", detail::two<ashlar_copysignf, ::copysign>, 0},
                                   {"fdim", detail::two<ashlar_fdimf, ::fdim>, 0.5},
                                   {"nextafter", detail::nextafterSample, 0},
                                   {"fma", detail::fmaSample, 0},
                                   {"ldexp", detail::ldexpSample, 0},
                                   {"parts", detail::partsSample, 0},
                                   {"rounding", detail::roundingSample, 0}};

/// The worst of `count` samples.
inline Sample sample(const Sampled &f, uint64_t count, uint64_t seed) {
  Floats values(seed);
  Sample worst;
  for (uint64_t i = 0; i < count; ++i) {
    const Sample s = f.draw(values);
    if (s.error > worst.error) worst = s;
  }
  return worst;
}

} // namespace lib_test
