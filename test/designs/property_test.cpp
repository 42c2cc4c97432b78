// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Random legal designs are built, run on the emulated array, and must leave exactly the bytes that
// the generator says in every argument. ASHLAR_DESIGNS=5000 ASHLAR_MODULES=1000
// ASHLAR_SEED=1 test_designs for more.
#include "designs/generate.h"
#include "designs/run.h"

#include <cstdlib>
#include <filesystem>
#include <gtest/gtest.h>
#include <unistd.h>

namespace ashlar::designs_test {
namespace {

uint64_t number(const char *name, uint64_t absent) {
  const char *text = std::getenv(name);
  return text ? std::strtoull(text, nullptr, 10) : absent;
}

template <class Make> void sweep(const char *name, uint64_t count, Make make) {
  const uint64_t first = number("ASHLAR_SEED", 1);
  const auto folder = std::filesystem::temp_directory_path() /
                      fmt::format("ashlar_{}_{}", name, static_cast<int>(getpid()));
  std::filesystem::create_directories(folder);
  uint64_t wrong = 0, refused = 0;
  for (uint64_t seed = first; seed < first + count; ++seed) {
    const Case c = make(seed);
    const std::string path = (folder / fmt::format("seed_{}.mlir", seed)).string();
    const std::string problem = verdict(c, path);
    refused += problem == "refused";
    if (problem.empty() || problem == "refused") {
      std::filesystem::remove(path);
      continue;
    }
    ++wrong;
    // The design is kept: it is the report.
    ADD_FAILURE() << "seed " << seed << " (" << path << "): " << problem;
    if (wrong > 9) break;
  }
  fmt::print("{} {} from seed {}: {} wrong, {} refused\n", count, name, first, wrong, refused);
  EXPECT_LE(refused, 1 + count / 20) << "the generator should make legal designs";
  if (!wrong) std::filesystem::remove_all(folder);
}

TEST(RandomDesigns, MoveExactlyTheRightBytes) {
  sweep("designs", number("ASHLAR_DESIGNS", 32),
        [](uint64_t seed) { return Generator(seed).make(); });
}

TEST(RandomDesigns, ConfiguredOneAfterTheOther) {
  sweep("modules", number("ASHLAR_MODULES", 8), Generator::several);
}

} // namespace
} // namespace ashlar::designs_test
