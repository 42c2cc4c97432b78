// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The C++ vector header on the core against the same header on the host, over random data in every
// rounding mode; and the kernels' native names.
#include "e2e/vector_kernel.h"
#include "lib/on_core.h"

#include <gtest/gtest.h>
#include <random>

namespace {
constexpr uint64_t kSeed = 5772;

template <int part> void coreEqualsHost() {
  const auto header =
      ashlar::readTextFile(std::string(ASHLAR_SOURCE_DIR) + "/test/e2e/vector_kernel.h");
  ASSERT_TRUE(header.ok());
  std::mt19937_64 random(kSeed + part);
  for (const int mode : {part, part + 7}) {
    ashlar::Bytes in(512);
    for (uint8_t &byte : in) byte = static_cast<uint8_t>(random());
    ashlar::Bytes expected(1024);
    VectorKernel(expected.data()).run<part>(in.data(), mode);
    std::string source = *header;
    source.replace(source.find("#pragma once"), 12, "");
    source += "extern \"C\" void run(const uint8_t *in, uint8_t *out, int mode) {\n"
              "  VectorKernel(out).run<" +
              std::to_string(part) + ">(in, mode);\n}\n";
    const auto run = lib_test::runOnCore(source, in, 1024, static_cast<size_t>(mode));
    ASSERT_EQ(run.message, "");
    ASSERT_EQ(run.output, expected) << "part " << part << ", mode " << mode << ", seed " << kSeed;
  }
}

} // namespace

TEST(VectorHeader, BytesOnCoreEqualHost) { coreEqualsHost<0>(); }
TEST(VectorHeader, BytesTimesHalfwordsOnCoreEqualHost) { coreEqualsHost<1>(); }
TEST(VectorHeader, HalfwordsOnCoreEqualHost) { coreEqualsHost<2>(); }
TEST(VectorHeader, FloatsOnCoreEqualHost) { coreEqualsHost<3>(); }
TEST(VectorHeader, BlocksOnCoreEqualHost) { coreEqualsHost<4>(); }

TEST(VectorHeader, RoundsAndSaturatesAsAsked) {
  aie::set_rounding(aie::rounding_mode::conv_even);
  aie::set_saturation(aie::saturation_mode::saturate);
  const aie::vector<int32_t, 4> v(3, 5, -3, 1000000);
  const aie::accum<acc64, 4> acc(v);
  const auto half = acc.to_vector<int16_t>(1);
  EXPECT_EQ(half[0], 2); // 1.5
  EXPECT_EQ(half[1], 2); // 2.5
  EXPECT_EQ(half[2], -2);
  EXPECT_EQ(half[3], 32767);
  aie::set_rounding(aie::rounding_mode::floor);
  aie::set_saturation(aie::saturation_mode::none);
  EXPECT_EQ(acc.to_vector<int16_t>(1)[2], -2);
  EXPECT_EQ(acc.to_vector<int8_t>(1)[3], static_cast<int8_t>(500000));
}
