// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Builds a design in this process and runs it on the emulated array.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace ashlar::designs_test {

struct Argument {
  std::vector<uint8_t> before, after; ///< `after` is what the run must leave
};
struct Case {
  std::string text;
  bool dynamic = false; ///< lowered with --dynamic-objFifos
  std::vector<Argument> arguments;
};

/// What is wrong with the run of this design, or "". "refused": it asks for more than there is. The
/// text is left in the file at `path`.
std::string verdict(const Case &c, const std::string &path);

} // namespace ashlar::designs_test
