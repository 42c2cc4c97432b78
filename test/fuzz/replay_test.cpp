// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The fuzz targets in a normal build: their seeds, and for a tenth of a second each damaged copies
// of them. `./check fuzz` runs them at length under sanitizers.
#include "seeds.h"

#include "format/mutate.h"

#include <chrono>
#include <filesystem>
#include <gtest/gtest.h>

#define ASHLAR_TARGETS(X)                                                                          \
  X(asm) X(disasm) X(elf) X(ar) X(cdo) X(pdi) X(xclbin) X(txn) X(trace) X(plan) X(npy)
#define ASHLAR_DECLARE(name) extern "C" int fuzz_##name(const uint8_t *data, size_t size);
ASHLAR_TARGETS(ASHLAR_DECLARE)

#ifdef ASHLAR_FUZZ_DESIGN
ASHLAR_DECLARE(design)
#endif

namespace ashlar {
namespace {

using Entry = int (*)(const uint8_t *, size_t);
const std::pair<const char *, Entry> kTargets[] = {
#define ASHLAR_ROW(name) {#name, fuzz_##name},
    ASHLAR_TARGETS(ASHLAR_ROW)};

void replay(Entry entry, const Bytes &bytes) {
  entry(bytes.data(), bytes.size());
  const auto end = std::chrono::steady_clock::now() + std::chrono::milliseconds(60);
  format_test::mutate(bytes, 2000, [&](ByteView data) {
    if (std::chrono::steady_clock::now() < end) entry(data.data(), data.size());
  });
}

#ifdef ASHLAR_FUZZ_DESIGN
TEST(FuzzReplay, DesignsAndDamagedDesigns) {
  int designs = 0;
  for (const auto &file :
       std::filesystem::recursive_directory_iterator(ASHLAR_SOURCE_DIR "/examples")) {
    if (file.path().extension() != ".mlir") continue;
    const auto bytes = readFile(file.path().string());
    ASSERT_TRUE(bytes.ok());
    replay(fuzz_design, *bytes);
    ++designs;
  }
  EXPECT_GE(designs, 10);
}
#endif

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
      replay(entry, bytes);
    }
    EXPECT_GT(inputs, 0) << "no seed";
  }
}

} // namespace
} // namespace ashlar
