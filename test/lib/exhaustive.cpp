// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// lib_exhaustive [STEP [NAME ...]]: every STEP-th (default: every) float through the one-argument
// functions; prints the largest error of each, where it is, and how many results are not nearest.
// All inputs of all functions take about half an hour on two processors.
#include "lib/functions.h"

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <thread>
#include <vector>

using namespace lib_test;

int main(int argc, char **argv) {
  const uint64_t step = argc > 1 ? std::strtoull(argv[1], nullptr, 0) : 1;
  int bad = 0;
  for (const Function &f : kFunctions) {
    bool wanted = argc <= 2;
    for (int i = 2; i < argc; ++i) wanted |= !std::strcmp(argv[i], f.name);
    if (!wanted) continue;
    constexpr int kParts = 2;
    Worst parts[kParts];
    std::vector<std::thread> threads;
    for (int p = 0; p < kParts; ++p)
      threads.emplace_back([&, p] {
        parts[p] = sweep(f, uint64_t(p) << 31, uint64_t(p + 1) << 31, step ? step : 1);
      });
    for (std::thread &t : threads) t.join();
    const Worst &w = parts[0].error >= parts[1].error ? parts[0] : parts[1];
    const bool good = w.error <= f.bound;
    bad += !good;
    std::printf("%-6s %.4f ulp at %a (0x%08x), bound %.2f, not nearest: %llu%s\n", f.name, w.error,
                static_cast<double>(std::bit_cast<float>(w.input)), w.input, f.bound,
                static_cast<unsigned long long>(parts[0].wrong + parts[1].wrong),
                good ? "" : "  EXCEEDED");
    std::fflush(stdout);
  }
  return bad != 0;
}
