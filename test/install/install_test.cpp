// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Installs libashlar into a folder, builds an application of its own against it with
// find_package(ashlar), and runs that.
#include "accel/loopback.h"
#include "cli/run.h"

using namespace ashlar;
using namespace ashlar::cli_test;

namespace {

int shell(const std::string &command, const std::string &log) {
  return std::system((command + " > " + quoted(log) + " 2>&1").c_str());
}

} // namespace

TEST(Install, AnApplicationFindsAndUsesThePackage) {
  if (*ASHLAR_SANITIZE) GTEST_SKIP() << "skipped: the application would need the sanitizer too";
  TempDir dir;
  const std::string cmake = quoted(ASHLAR_CMAKE), log = dir / "log";
  ASSERT_EQ(shell(cmake + " --install " + quoted(ASHLAR_BINARY_DIR) +
                      " --component libashlar --prefix " + quoted(dir / "prefix"),
                  log),
            0)
      << contents(log);
  ASSERT_EQ(shell(cmake + " -G Ninja -DCMAKE_BUILD_TYPE=Release -DCMAKE_CXX_COMPILER=" +
                      quoted(ASHLAR_CXX) + " -DCMAKE_PREFIX_PATH=" + quoted(dir / "prefix") +
                      " -S " + quoted(source("test/install/consumer")) + " -B " +
                      quoted(dir / "build") + " && " + cmake + " --build " + quoted(dir / "build"),
                  log),
            0)
      << contents(log);
  // Nothing of the tree it was built from is needed.
  EXPECT_EQ(contents(dir / "prefix/lib/cmake/ashlar/ashlar.cmake").find(ASHLAR_SOURCE_DIR),
            std::string::npos);
  const package::Products p = accel_test::loopback();
  ASSERT_TRUE(writeFile(dir / "good.xclbin", p.xclbin).ok());
  ASSERT_TRUE(writeFile(dir / "good.bin", p.sequences[0].stream).ok());
  ASSERT_EQ(shell(quoted(dir / "build/consumer") + " " + quoted(dir / "good.xclbin") + " " +
                      quoted(dir / "good.bin"),
                  log),
            0)
      << contents(log);
  EXPECT_EQ(contents(log), "emulated Phoenix completed 1\n");
}
