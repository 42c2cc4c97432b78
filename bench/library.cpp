// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Cycles of each arithmetic operation and library function on the core, measured: the cycles of a
// loop over 200 random arguments, less those of the same loop with a plain copy.
#include "lib/on_core.h"
#include "lib/operations.h"

#include <cstdio>

using namespace lib_test;

int main() {
  constexpr size_t kCount = 200;
  const auto perCall = [&](const Operation &op, std::string &message) {
    const Prepared p = prepare(op, kCount, 1);
    const CoreRun run = runOnCore(p.source, p.input, kCount * p.resultBytes, kCount);
    message = run.message;
    return static_cast<double>(run.cycles) / kCount;
  };
  std::string message;
  const double loop = perCall(
      {"copy", "float", "float", 1, "a", [](uint64_t, uint64_t) { return uint64_t{0}; }}, message);
  std::printf("| operation | cycles |\n|---|---:|\n");
  for (const Operation &op : operations()) {
    const double cycles = perCall(op, message);
    if (!message.empty()) {
      std::fprintf(stderr, "%s: %s\n", op.name.c_str(), message.c_str());
      return 1;
    }
    std::printf("| %s | %.0f |\n", op.name.c_str(), cycles - loop);
    std::fflush(stdout);
  }
}
