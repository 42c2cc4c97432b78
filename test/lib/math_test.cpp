// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Float mathematics against the host's double functions: one float in 4,001 through every function
// of one argument (lib_exhaustive does all), edge cases, and random pairs for the others.
#include "lib/sampled.h"

#include <gtest/gtest.h>

using namespace lib_test;

namespace {
constexpr uint64_t kSeed = 271828;
class OneArgument : public testing::TestWithParam<Function> {};

class Drawn : public testing::TestWithParam<Sampled> {};
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

TEST_P(Drawn, IsWithinItsBound) {
  const Sample worst = sample(GetParam(), 1'000'000, kSeed);
  EXPECT_LE(worst.error, GetParam().bound)
      << std::hexfloat << worst.x << ", " << worst.y << ", " << worst.z << " seed " << kSeed;
}
INSTANTIATE_TEST_SUITE_P(Math, Drawn, testing::ValuesIn(kSampled),
                         [](const auto &info) { return std::string(info.param.name); });

namespace {
template <class Mine, class Reference>
void edgePairs(Mine mine, Reference reference, double bound) {
  for (const float x : kEdges)
    for (const float y : kEdges)
      EXPECT_LE(ulps(mine(x, y), reference(static_cast<double>(x), static_cast<double>(y))), bound)
          << x << " " << y;
}
} // namespace
TEST(Math, EveryPairOfEdges) {
  edgePairs(ashlar_powf, ::pow, 0.65);
  edgePairs(ashlar_atan2f, ::atan2, 0.65);
  edgePairs(ashlar_hypotf, ::hypot, 0.55);
  edgePairs(ashlar_fmodf, ::fmod, 0);
  edgePairs(ashlar_remainderf, ::remainder, 0);
  edgePairs(ashlar_fmaxf, detail::most, 0);
  edgePairs(ashlar_fminf, detail::least, 0);
  edgePairs(ashlar_copysignf, ::copysign, 0);
  edgePairs(ashlar_fdimf, ::fdim, 0.5);
}
