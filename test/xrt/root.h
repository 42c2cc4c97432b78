// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Tests under the unmodified XRT 2.25: on this system when it has it (Debian 13 with backports), in
// the root that tools/xrt-root made otherwise. A folder in there holds what the tests need; it is
// filled once and again only when something that went into it changed.
//
//   bin/ashlar (where XRT's headers were found), xrt_with, lib/, lib/ashlar/libashlar-accel.so,
//   probe, faults, layernorm, layernorm.py, good.xclbin, good.bin, hang.bin, ln/
//   (examples/layernorm)
#pragma once

#include "cli/run.h"

namespace ashlar::xrt_test {

using cli_test::Outcome;
namespace fs = std::filesystem;

/// A shell command on this system.
Outcome shell(const std::string &command);

class Xrt : public testing::Test {
protected:
  static void SetUpTestSuite();
  static void TearDownTestSuite();
  void SetUp() override;

  /// A command in the root, its folder the test's own.
  static Outcome enter(const std::string &command, int seconds = 120);
  /// A command on the emulated device, with explanations and a watchdog of 300 ms.
  static Outcome with(const std::string &command, const std::string &environment = "");
  /// The same through `ashlar with -- `.
  static Outcome ashlarWith(const std::string &command, const std::string &environment = "");
  /// A mode of probe.cc.
  static Outcome probe(const std::string &mode, const std::string &environment = "");
  /// A mode of faults.cc.
  static Outcome faults(const std::string &mode, const std::string &environment = "");
  /// Skips when Ashlar was not built against XRT's headers or cannot build designs.
  static bool hasAshlar();
  static bool hasDesign();

  static inline std::string root;   ///< "" when this system has XRT itself
  static inline std::string shared; ///< the prepared folder, as seen inside
  static inline std::string inside; ///< this process's own, as seen inside
  static inline std::string folder; ///< the same, as seen from here
  static inline std::string why;    ///< not empty: skipped, and why
  /// Not empty: what could not be prepared. Told by each test, because one that a failing
  /// SetUpTestSuite keeps from running counts as skipped.
  static inline std::string problem;
};

} // namespace ashlar::xrt_test
