// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Elementary functions of the vector header against double precision, on the host: its arithmetic
// is the core's bit for bit (vector_header_test). The bounds are those of docs/vectors.md.
#include <vec_math.h>

#include <lut_based_ops.h>

#include <cmath>
#include <gtest/gtest.h>
#include <random>

namespace {
using Floats = aie::vector<float, 16>;
using Bfloats = aie::vector<bfloat16, 16>;

bfloat16 fromBits(unsigned bits) {
  return __builtin_bit_cast(bfloat16, static_cast<uint16_t>(bits));
}
struct Worst {
  double error = 0, at = 0;
  void see(double got, double want, double x) {
    const double e = std::fabs((got - want) / want);
    if (!(e <= error)) {
      error = e;
      at = x;
    }
  }
};
template <class F, class G> Worst overBfloats(F f, G g, double low, double high) {
  Worst w;
  for (unsigned bits = 0; bits < 65536; bits += 16) {
    Bfloats v;
    for (unsigned i = 0; i < 16; ++i) v[i] = fromBits(bits + i);
    const Floats r = f(v);
    for (unsigned i = 0; i < 16; ++i) {
      const double x = static_cast<float>(v.get(i)), want = g(x);
      if (x >= low && x <= high && std::fabs(want) > 1.2e-38) w.see(r.get(i), want, x);
    }
  }
  return w;
}
template <class F, class G> Worst overFloats(F f, G g, float low, float high) {
  std::mt19937 random(271828);
  Worst w;
  for (int n = 0; n < 2000; ++n) {
    Floats v;
    for (unsigned i = 0; i < 16; ++i) {
      const float m = 1.0f + static_cast<float>(random() % (1 << 23)) / (1 << 23);
      const float x = std::ldexp(m, static_cast<int>(random() % 200) - 100);
      v[i] = x >= low && x <= high ? x : low + (high - low) * (m - 1.0f);
    }
    const Floats r = f(v);
    for (unsigned i = 0; i < 16; ++i) w.see(r.get(i), g(static_cast<double>(v.get(i))), v.get(i));
  }
  return w;
}
Floats asFloats(v16accfloat a) { return aie::accum<accfloat, 16>(a).to_vector<float>(); }

/// Bounds for rounding to nearest even and for the rounding after reset.
#define EXPECT_BOUNDS(worst, nearest, floored)                                                     \
  for (const auto mode : {aie::rounding_mode::conv_even, aie::rounding_mode::floor}) {             \
    aie::set_rounding(mode);                                                                       \
    const Worst w = worst;                                                                         \
    EXPECT_LT(w.error, std::exp2(mode == aie::rounding_mode::floor ? floored : nearest))           \
        << "2^" << std::log2(w.error) << " at " << w.at << ", mode " << static_cast<int>(mode);    \
  }                                                                                                \
  aie::set_rounding(aie::rounding_mode::floor)
} // namespace

TEST(VectorMath, ExponentialOfBfloat) {
  EXPECT_BOUNDS(overBfloats([](const Bfloats &v) { return asFloats(getExpBf16(v)); },
                            [](double x) { return std::exp(x); }, -87, 88),
                -13.9, -13.4);
}
TEST(VectorMath, ExponentialIsZeroFarBelow) {
  const Bfloats r = aie::exp(aie::broadcast<bfloat16, 16>(-100.0f));
  EXPECT_EQ(static_cast<float>(r.get(7)), 0.0f);
}
TEST(VectorMath, TanhOfBfloat) {
  EXPECT_BOUNDS(overBfloats([](const Bfloats &v) { return aie::tanh<float>(v); },
                            [](double x) { return std::tanh(x); }, -60, 60),
                -12.4, -11.4);
}
TEST(VectorMath, InverseOfFloat) {
  EXPECT_BOUNDS(overFloats([](const Floats &v) { return aie::inv(v); },
                           [](double x) { return 1 / x; }, 1e-30f, 1e30f),
                -21.4, -20.0);
}
TEST(VectorMath, InverseRootOfFloat) {
  EXPECT_BOUNDS(overFloats([](const Floats &v) { return aie::invsqrt(v); },
                           [](double x) { return 1 / std::sqrt(x); }, 1e-30f, 1e30f),
                -21.6, -19.3);
}
TEST(VectorMath, RootOfFloat) {
  EXPECT_BOUNDS(overFloats([](const Floats &v) { return aie::sqrt(v); },
                           [](double x) { return std::sqrt(x); }, 1e-30f, 1e30f),
                -21.6, -19.3);
}
TEST(VectorMath, PowerOfTwoOfFloat) {
  EXPECT_BOUNDS(overFloats([](const Floats &v) { return aie::exp2(v); },
                           [](double x) { return std::exp2(x); }, -120.0f, 120.0f),
                -13.8, -13.4);
}
TEST(VectorMath, ProductOfFloats) {
  EXPECT_BOUNDS(overFloats([](const Floats &v) { return aie::mul(v, v).to_vector<float>(); },
                           [](double x) { return x * x; }, 1e-15f, 1e15f),
                -22.2, -20.9);
}
TEST(VectorMath, FunctionsOfVecMath) {
  const auto wide = [](v16bfloat16 v) { return asFloats(aie::detail::fromBf(v)); };
  EXPECT_BOUNDS(overBfloats([&](const Bfloats &v) { return wide(getSigmoidBf16(v16bfloat16(v))); },
                            [](double x) { return 1 / (1 + std::exp(-x)); }, -4, 60),
                -7.9, -6.9);
  EXPECT_BOUNDS(overBfloats([&](const Bfloats &v) { return wide(getErfBf16(v16bfloat16(v))); },
                            [](double x) { return std::erf(x); }, -30, 30),
                -7.9, -6.9);
  EXPECT_BOUNDS(overBfloats([&](const Bfloats &v) { return wide(getRsqrtBf16(v16bfloat16(v))); },
                            [](double x) { return 1 / std::sqrt(x); }, 1e-30, 1e30),
                -7.9, -6.9);
}
TEST(VectorMath, FloorAndCeiling) {
  for (unsigned bits = 0; bits < 65536; bits += 16) {
    Bfloats v;
    for (unsigned i = 0; i < 16; ++i) v[i] = fromBits(bits + i);
    const Bfloats down(getFloorBf16(v16bfloat16(v))), up(getCeilBf16(v16bfloat16(v)));
    for (unsigned i = 0; i < 16; ++i) {
      const float x = static_cast<float>(v.get(i));
      if (!std::isfinite(x)) continue;
      EXPECT_EQ(static_cast<float>(down.get(i)), static_cast<float>(bfloat16(std::floor(x)))) << x;
      EXPECT_EQ(static_cast<float>(up.get(i)), static_cast<float>(bfloat16(std::ceil(x)))) << x;
    }
  }
}
TEST(VectorMath, IntegersBecomeTheNearestFloat) {
  std::mt19937 random(31415);
  for (int n = 0; n < 1000; ++n) {
    aie::vector<int32_t, 16> v;
    for (unsigned i = 0; i < 16; ++i) v[i] = static_cast<int32_t>(random()) >> (random() % 31);
    const auto r = aie::to_float(v, 3);
    for (unsigned i = 0; i < 16; ++i)
      ASSERT_EQ(r.get(i), std::ldexp(static_cast<float>(v.get(i)), -3)) << v.get(i);
  }
}
