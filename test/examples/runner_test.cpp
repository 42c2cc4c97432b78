// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Builds, runs and compares the examples through the command line, as a user does.
#include "example.h"

#include "base/file.h"

#include <cstdlib>
#include <filesystem>
#include <gtest/gtest.h>
#include <random>

namespace ashlar::examples {

std::vector<Example> &Example::all() {
  static std::vector<Example> list;
  return list;
}

namespace {

class ExampleTest : public testing::TestWithParam<Example> {};

int run(const std::string &command) {
  const int status = std::system(command.c_str());
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

TEST_P(ExampleTest, MatchesItsHostReference) {
  const Example &example = GetParam();
  const std::string ashlar = ASHLAR_BINARY_DIR "/bin/ashlar";
  const std::string source = ASHLAR_SOURCE_DIR "/examples/" + example.name;
  const std::string work = testing::TempDir() + "/ashlar_example_" + example.name;
  std::filesystem::remove_all(work);
  std::filesystem::create_directories(work);

  std::string build = ashlar + " build " + source + "/design.mlir";
  for (const std::string &kernel : example.kernels) build += " " + source + "/" + kernel;
  ASSERT_EQ(run(build + " -o " + work + "/out > " + work + "/build.log 2>&1"), 0)
      << *readTextFile(work + "/build.log");

  const uint32_t seed = 20261123;
  std::mt19937 random(seed);
  for (int round = 0; round < 2; ++round) {
    Buffers expected;
    // No finding of any check, and none of the sanitizer: it makes the run fail.
    ASSERT_EQ(run(ashlar + " check --strict " + work + "/out > " + work + "/check.log 2>&1"), 0)
        << *readTextFile(work + "/check.log");
    std::string command = ashlar + " run --sanitize " + work + "/out";
    for (size_t k = 0; k < example.arguments.size(); ++k) {
      std::vector<uint8_t> bytes(example.arguments[k].bytes);
      for (uint8_t &byte : bytes) byte = static_cast<uint8_t>(random());
      const std::string file = work + "/" + std::to_string(k);
      ASSERT_TRUE(writeFile(file + ".in", bytes).ok());
      command += " --in " + std::to_string(k) + "=" + file + ".in";
      if (example.arguments[k].output)
        command += " --out " + std::to_string(k) + "=" + file + ".out";
      expected.push_back(std::move(bytes));
    }
    ASSERT_EQ(run(command + " > " + work + "/run.log 2>&1"), 0) << *readTextFile(work + "/run.log");
    example.reference(expected);
    for (size_t k = 0; k < expected.size(); ++k) {
      if (!example.arguments[k].output) continue;
      const Result<Bytes> got = readFile(work + "/" + std::to_string(k) + ".out");
      ASSERT_TRUE(got.ok());
      ASSERT_EQ(got->size(), expected[k].size()) << "argument " << k;
      for (size_t i = 0; i < got->size(); ++i)
        ASSERT_EQ((*got)[i], expected[k][i])
            << "argument " << k << ", byte " << i << ", seed " << seed << ", round " << round;
    }
  }
  std::filesystem::remove_all(work);
}

INSTANTIATE_TEST_SUITE_P(All, ExampleTest, testing::ValuesIn(Example::all()),
                         [](const auto &info) { return info.param.name; });

} // namespace
} // namespace ashlar::examples
