// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Arithmetic and mathematics compiled by ashlar and run on the emulated core, against the same
// library compiled for the host: equal in every bit. One core run an operation.
#include "lib/on_core.h"
#include "lib/operations.h"

#include <gtest/gtest.h>

using namespace lib_test;

namespace {
constexpr uint64_t kSeed = 60221023;
class OnCore : public testing::TestWithParam<Operation> {};
} // namespace

TEST_P(OnCore, EqualsTheHost) {
  const Operation &op = GetParam();
  constexpr size_t kCount = 200;
  const Prepared p = prepare(op, kCount, kSeed);
  const CoreRun run = runOnCore(p.source, p.input, kCount * p.resultBytes, kCount);
  ASSERT_EQ(run.message, "");
  ASSERT_EQ(run.output.size(), kCount * p.resultBytes);
  for (size_t i = 0; i < kCount; ++i) {
    uint64_t got = 0;
    for (size_t b = 0; b < p.resultBytes; ++b)
      got |= static_cast<uint64_t>(run.output[i * p.resultBytes + b]) << (8 * b);
    ASSERT_EQ(got, p.expected[i]) << op.name << " at element " << i << ", seed " << kSeed << "\n"
                                  << p.source;
  }
}
INSTANTIATE_TEST_SUITE_P(Library, OnCore, testing::ValuesIn(operations()), [](const auto &info) {
  std::string name;
  for (const char c : info.param.name)
    if (isalnum(static_cast<unsigned char>(c))) name += c;
  return name;
});
