// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The fuzz targets in a normal build: their seeds, and for a tenth of a second each damaged copies
// of them. `./check fuzz` runs them at length under sanitizers.
#include "seeds.h"

#include "format/mutate.h"

#include <chrono>
#include <gtest/gtest.h>

#define ASHLAR_TARGETS(X)                                                                          \
  X(asm) X(disasm) X(elf) X(ar) X(cdo) X(pdi) X(xclbin) X(txn) X(trace) X(plan) X(npy)
#define ASHLAR_DECLARE(name) extern "C" int fuzz_##name(const uint8_t *data, size_t size);
ASHLAR_TARGETS(ASHLAR_DECLARE)

namespace ashlar {
namespace {

using Entry = int (*)(const uint8_t *, size_t);
const std::pair<const char *, Entry> kTargets[] = {
#define ASHLAR_ROW(name) {#name, fuzz_##name},
    ASHLAR_TARGETS(ASHLAR_ROW)};

TEST(FuzzReplay, SeedsAndDamagedSeeds) {
  const auto seeds = fuzz::seeds();
  ASSERT_FALSE(seeds.empty());
  for (const auto &[target, entry] : kTargets) {
    SCOPED_TRACE(target);
    int inputs = 0;
    entry(nullptr, 0);
    for (const auto &[name, bytes] : seeds) {
      if (!name.starts_with(std::string(target) + "/")) continue;
      ++inputs;
      entry(bytes.data(), bytes.size());
      const auto end = std::chrono::steady_clock::now() + std::chrono::milliseconds(60);
      format_test::mutate(bytes, 2000, [&, e = entry](ByteView data) {
        if (std::chrono::steady_clock::now() < end) e(data.data(), data.size());
      });
    }
    EXPECT_GT(inputs, 0) << "no seed";
  }
}

} // namespace
} // namespace ashlar
