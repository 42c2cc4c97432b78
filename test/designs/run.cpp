// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "designs/run.h"

#include "cli/build.h"
#include "load/load.h"
#include "runtime/runtime.h"

#include <fstream>
#include <set>

namespace ashlar::designs_test {
namespace {

std::string firstOf(const Diagnostics &all) {
  std::string text;
  for (const Diagnostic &d : all) text += d.str() + "\n";
  return text;
}

} // namespace

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

} // namespace ashlar::designs_test
