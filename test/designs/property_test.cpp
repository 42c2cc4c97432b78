// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Random legal designs are built, run on the emulated array, and must leave exactly the bytes that
// the generator says in every argument. ASHLAR_DESIGNS=5000 ASHLAR_SEED=1 test_designs for more.
#include "designs/generate.h"

#include "cli/build.h"
#include "load/load.h"
#include "runtime/runtime.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <set>
#include <unistd.h>

namespace ashlar::designs_test {
namespace {

uint64_t number(const char *name, uint64_t absent) {
  const char *text = std::getenv(name);
  return text ? std::strtoull(text, nullptr, 10) : absent;
}

std::string firstOf(const Diagnostics &all) {
  std::string text;
  for (const Diagnostic &d : all) text += d.str() + "\n";
  return text;
}

/// What is wrong with the run of this design, or "".
std::string verdict(const Case &c, const std::string &path) {
  std::ofstream(path) << c.text;
  cli::BuildRequest request;
  request.design = path;
  request.kernelOptions.resourceDir = ASHLAR_RESOURCES;
  request.lowerOptions.dynamicObjectFifos = c.dynamic;
  StepTimes times;
  Diagnostics warnings;
  std::string compilerText;
  auto built = cli::build(request, times, warnings, compilerText);
  if (!built.ok()) {
    // A design may ask for more than there is; that is said, and does not count.
    static const std::set<std::string> exhausted = {"out-of-channels", "out-of-memory",
                                                    "out-of-locks", "unroutable", "data-memory"};
    if (exhausted.count(built.errors()[0].code)) return "refused";
    return "build: " + firstOf(built.errors());
  }
  Diagnostics problems;
  auto package = load::readPackage(built->products.xclbin, "main.xclbin", problems);
  if (!package.ok()) return "package: " + firstOf(package.errors());
  auto stream = load::readStream(built->products.sequences.at(0).stream, "insts", problems);
  if (!stream.ok()) return "stream: " + firstOf(stream.errors());
  const auto device = runtime::emulatedDevice();
  auto context = device->createContext(*package);
  if (!context.ok()) return "context: " + firstOf(context.errors());
  std::vector<std::shared_ptr<runtime::Buffer>> buffers;
  for (size_t i = 0; i < c.arguments.size(); ++i) {
    auto buffer = (*context)->allocate(c.arguments[i].before.size(), fmt::format("argument {}", i));
    if (!buffer.ok()) return "allocate: " + firstOf(buffer.errors());
    std::copy(c.arguments[i].before.begin(), c.arguments[i].before.end(), (*buffer)->data());
    buffers.push_back(*buffer);
  }
  runtime::RunOptions options;
  options.maxCycles = 20'000'000;
  auto run = (*context)->run(*stream, buffers, options);
  if (!run.ok()) return "run: " + firstOf(run.errors());
  if (run->state != runtime::State::Completed)
    return fmt::format("run: {}\n{}", runtime::stateName(run->state), firstOf(run->diagnostics));
  for (size_t i = 0; i < c.arguments.size(); ++i)
    for (size_t b = 0; b < c.arguments[i].after.size(); ++b)
      if (buffers[i]->data()[b] != c.arguments[i].after[b])
        return fmt::format("argument {} byte {}: {:#04x}, expected {:#04x}", i, b,
                           buffers[i]->data()[b], c.arguments[i].after[b]);
  return {};
}

TEST(RandomDesigns, MoveExactlyTheRightBytes) {
  const uint64_t first = number("ASHLAR_SEED", 1), count = number("ASHLAR_DESIGNS", 32);
  const auto folder = std::filesystem::temp_directory_path() /
                      fmt::format("ashlar_designs_{}", static_cast<int>(getpid()));
  std::filesystem::create_directories(folder);
  uint64_t wrong = 0, refused = 0;
  for (uint64_t seed = first; seed < first + count; ++seed) {
    const Case c = Generator(seed).make();
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
  fmt::print("{} designs from seed {}: {} wrong, {} refused\n", count, first, wrong, refused);
  EXPECT_LE(refused, 1 + count / 20) << "the generator should make legal designs";
  if (!wrong) std::filesystem::remove_all(folder);
}

} // namespace
} // namespace ashlar::designs_test
