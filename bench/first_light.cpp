// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The numbers of the first page: how long the whole build of the LayerNorm example takes beside
// `clang++-22 -O2 -c` of the same kernel for the host, in one run and alternating, so that both see
// the same machine; how many emulated cycles a row takes; how fast the emulator runs them.
#include "load/load.h"
#include "runtime/runtime.h"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>

namespace {

using namespace ashlar;
using Clock = std::chrono::steady_clock;

const std::string kAshlar = std::string(ASHLAR_BINARY_DIR) + "/bin/ashlar";
const std::string kExample = std::string(ASHLAR_SOURCE_DIR) + "/examples/layernorm/";
const std::string kScratch = std::string(ASHLAR_BINARY_DIR) + "/bench";

double millisecondsOf(const std::string &command) {
  const auto start = Clock::now();
  if (std::system(command.c_str()) != 0) {
    std::fprintf(stderr, "failed: %s\n", command.c_str());
    std::exit(1);
  }
  return std::chrono::duration<double, std::milli>(Clock::now() - start).count();
}

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

std::string buildCommand(const std::string &level) {
  return kAshlar + " build " + kExample + "design.mlir " + kExample + "layernorm.cc " + level +
         " -o " + kScratch + "/layernorm" + level;
}

void buildTime() {
  const std::string clang =
      "clang++-22 -O2 -c " + kExample + "layernorm.cc -o " + kScratch + "/k.o";
  std::vector<double> ours, theirs, ratios;
  for (int round = 0; round < 15; ++round) {
    theirs.push_back(millisecondsOf(clang));
    ours.push_back(millisecondsOf(buildCommand("-O2")));
    ratios.push_back(ours.back() / theirs.back());
  }
  std::printf("build of examples/layernorm          %8.1f ms\n", median(ours));
  std::printf("clang++-22 -O2 -c layernorm.cc       %8.1f ms\n", median(theirs));
  std::printf("ratio                                %8.2f\n", median(ratios));
  // The largest example: sixteen cores. It is to take less than three seconds.
  const std::string largest = std::string(ASHLAR_SOURCE_DIR) + "/examples/matrix_array/";
  std::vector<double> large;
  for (int round = 0; round < 3; ++round)
    large.push_back(millisecondsOf(kAshlar + " build " + largest + "design.mlir " + largest +
                                   "multiply.cc -o " + kScratch + "/matrix_array"));
  std::printf("build of examples/matrix_array       %8.1f ms (%s)\n", median(large),
              median(large) < 3000 ? "below 3 s" : "NOT below 3 s");
}

template <class T> T mustHave(Result<T> result) {
  if (result.ok()) return std::move(*result);
  for (const Diagnostic &d : result.errors()) std::fprintf(stderr, "%s\n", d.str().c_str());
  std::exit(1);
}

/// Cycles of one row in steady state; million emulated core cycles a second of wall time.
void runLevel(const std::string &level, bool speed) {
  millisecondsOf(buildCommand(level));
  const std::string folder = kScratch + "/layernorm" + level + "/";
  Diagnostics warnings;
  const load::Package package = mustHave(
      load::readPackage(mustHave(readFile(folder + "main.xclbin")), "main.xclbin", warnings));
  const load::Stream stream = mustHave(
      load::readStream(mustHave(readFile(folder + "main.insts.bin")), "main.insts.bin", warnings));
  const auto device = runtime::emulatedDevice();
  const auto context = mustHave(device->createContext(package));
  const std::shared_ptr<runtime::Buffer> buffers[] = {mustHave(context->allocate(1024, "in")),
                                                      mustHave(context->allocate(1024, "out"))};
  for (size_t i = 0; i < 512; ++i)
    writeU16(buffers[0]->data() + 2 * i, static_cast<uint16_t>(0x3F00 + i * 37 % 300));
  uint64_t cycles = 0;
  const uint64_t before =
      context->statistics().cores.empty() ? 0 : context->statistics().cores.front().cycles;
  const auto start = Clock::now();
  int rows = 0;
  double seconds = 0;
  do {
    cycles = mustHave(context->run(stream, buffers)).cycles;
    ++rows;
    seconds = std::chrono::duration<double>(Clock::now() - start).count();
  } while (rows < 5 || (speed && seconds < 2));
  std::printf("LayerNorm of 512 bf16 at %s         %8llu cycles\n", level.c_str(),
              static_cast<unsigned long long>(cycles));
  if (!speed) return;
  const uint64_t emulated = context->statistics().cores.front().cycles - before;
  std::printf("emulator                             %8.1f million core cycles a second\n",
              static_cast<double>(emulated) / seconds / 1e6);
}

} // namespace

int main() {
  std::filesystem::create_directories(kScratch);
  buildTime();
  for (const char *level : {"-O0", "-O1", "-O2", "-O3"}) runLevel(level, level[2] == '2');
  return 0;
}
