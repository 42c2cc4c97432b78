// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What an empty launch costs through XRT 2.25 and the preloaded device, on top of its emulation.
// Skipped where there is no XRT (tools/xrt-root make).
#include "runtime/runtime.h"
#include "xrt/root.h"

#include <chrono>

using namespace ashlar;

namespace {

/// Microseconds of the same stream on the emulator alone.
double emulated(const std::string &folder) {
  Diagnostics warnings;
  const auto file = readFile(folder + "/good.xclbin");
  const auto code = readFile(folder + "/good.bin");
  if (!file.ok() || !code.ok()) return -1;
  Bytes nothing(code->begin(), code->begin() + 16);
  writeU32(&nothing[8], 0);
  writeU32(&nothing[12], 16);
  const auto package = load::readPackage(*file, "good.xclbin", warnings);
  const auto stream = load::readStream(nothing, "nothing", warnings);
  if (!package.ok() || !stream.ok()) return -1;
  const auto context = runtime::emulatedDevice()->createContext(*package);
  if (!context.ok()) return -1;
  constexpr int kLaunches = 2000;
  const auto start = std::chrono::steady_clock::now();
  for (int i = 0; i < kLaunches; ++i)
    if (!(*context)->run(*stream, {}).ok()) return -1;
  const std::chrono::duration<double, std::micro> time = std::chrono::steady_clock::now() - start;
  return time.count() / kLaunches;
}

class XrtLaunch : public xrt_test::Xrt {
protected:
  static double alone() { return emulated(root + shared); }
};

} // namespace

TEST_F(XrtLaunch, EmptyLaunch) {
  const xrt_test::Outcome run = probe("empty");
  double all = 0;
  ASSERT_EQ(std::sscanf(run.out.c_str(), "empty %lf", &all), 1) << run.out << run.err;
  const double base = alone();
  constexpr double kAllowed = 100;
  std::printf("empty launch through XRT: %.1f us; the emulator alone: %.1f us; on top: %.1f us, "
              "%.2f of the %.0f allowed\n",
              all, base, all - base, (all - base) / kAllowed, kAllowed);
  EXPECT_GE(base, 0);
  EXPECT_LT(all - base, kAllowed);
}
