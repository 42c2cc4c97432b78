// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// lib_exhaustive [STEP [NAME ...]]
//   every STEP-th (default: every) float through the functions of one float; prints the largest
//   error of each, where it is, and how many results are not nearest. All inputs of all functions
//   take about half an hour on two processors.
// lib_exhaustive pairs COUNT [SEED [NAME ...]]
//   COUNT random arguments of the functions of two and three floats (fma, fmod, pow ...)
// lib_exhaustive double COUNT [SEED [NAME ...]]
//   COUNT random arguments of the double functions, against the host's long double
#include "lib/doubles.h"
#include "lib/sampled.h"

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <thread>
#include <vector>

using namespace lib_test;

namespace {
constexpr int kParts = 2;
bool isWanted(const char *name, int argc, char **argv, int first) {
  bool wanted = argc <= first;
  for (int i = first; i < argc; ++i) wanted |= !std::strcmp(argv[i], name);
  return wanted;
}
/// `run(part)` in every part at once.
template <class Run> void inParts(Run run) {
  std::vector<std::thread> threads;
  for (int p = 0; p < kParts; ++p) threads.emplace_back([&, p] { run(p); });
  for (std::thread &t : threads) t.join();
}
int report(const char *name, double error, double bound, const std::string &where) {
  const bool good = error <= bound;
  std::printf("%-9s %.4f ulp at %s, bound %.2f%s\n", name, error, where.c_str(), bound,
              good ? "" : "  EXCEEDED");
  std::fflush(stdout);
  return !good;
}
std::string hex(std::initializer_list<double> values) {
  std::string text;
  for (const double v : values) {
    char number[40];
    std::snprintf(number, sizeof number, "%s%a", text.empty() ? "" : " ", v);
    text += number;
  }
  return text;
}
/// Each part draws its own half, from a seed of its own.
template <class F> auto halves(const F &f, uint64_t count, uint64_t seed) {
  decltype(sample(f, 0, 0)) parts[kParts];
  inParts([&](int p) { parts[p] = sample(f, count / kParts, seed * kParts + uint64_t(p)); });
  return parts[0].error >= parts[1].error ? parts[0] : parts[1];
}

int floatPairs(uint64_t count, uint64_t seed, int argc, char **argv) {
  int bad = 0;
  for (const Sampled &f : kSampled) {
    if (!isWanted(f.name, argc, argv, 4)) continue;
    const Sample w = halves(f, count, seed);
    bad += report(f.name, w.error, f.bound, hex({w.x, w.y, w.z}));
  }
  return bad;
}
int doubles(uint64_t count, uint64_t seed, int argc, char **argv) {
  int bad = 0;
  const auto run = [&](const auto &f) {
    if (!isWanted(f.name, argc, argv, 4)) return;
    const WorstDouble w = halves(f, count, seed);
    bad += report(f.name, w.error, f.bound, hex({w.x, w.y}));
  };
  for (const DoubleFunction &f : kDoubleFunctions) run(f);
  for (const DoublePair &f : kDoublePairs) run(f);
  return bad;
}
} // namespace

int main(int argc, char **argv) {
  if (argc > 2 && (!std::strcmp(argv[1], "pairs") || !std::strcmp(argv[1], "double"))) {
    const uint64_t count = std::strtoull(argv[2], nullptr, 0);
    const uint64_t seed = argc > 3 ? std::strtoull(argv[3], nullptr, 0) : 1;
    std::printf("%llu samples, seed %llu\n", static_cast<unsigned long long>(count),
                static_cast<unsigned long long>(seed));
    return (argv[1][0] == 'p' ? floatPairs : doubles)(count, seed, argc, argv) != 0;
  }
  const uint64_t step = argc > 1 ? std::strtoull(argv[1], nullptr, 0) : 1;
  int bad = 0;
  for (const Function &f : kFunctions) {
    if (!isWanted(f.name, argc, argv, 2)) continue;
    Worst parts[kParts];
    inParts([&](int p) {
      parts[p] = sweep(f, uint64_t(p) << 31, uint64_t(p + 1) << 31, step ? step : 1);
    });
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
