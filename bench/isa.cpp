// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Speed of decoding and of whole listings, in megabytes of program memory a second. The code is a
// random program of legal bundles; the ratio is to a plain loop that adds up the same bytes.
#include "assembler/assembler.h"
#include "assembler/disassembler.h"
#include "isa/decode.h"
#include "isa/random.h"

#include <chrono>
#include <cstdio>

using namespace ashlar;

namespace {

/// Best seconds of several runs, each repeated until it is long enough to be measured.
template <class F> double seconds(F run) {
  double best = 1e9;
  for (int round = 0; round < 5; ++round) {
    int repeat = 0;
    auto start = std::chrono::steady_clock::now();
    double passed = 0;
    do {
      run();
      ++repeat;
      passed = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    } while (passed < 0.1);
    best = std::min(best, passed / repeat);
  }
  return best;
}

} // namespace

int main() {
  isa::RandomOptions o;
  o.bundles = 60'000;
  o.branches = false;
  o.windowBase = 0x70000;
  o.windowBytes = 0x10000;
  Bytes code = isa::randomProgram(o).code;
  double megabytes = static_cast<double>(code.size()) / 1e6;
  volatile uint64_t sink = 0;
  double plain = seconds([&] {
    uint64_t sum = 0;
    for (uint8_t b : code) sum = sum * 31 + b;
    sink = sum;
  });
  uint64_t bundles = 0;
  double decode = seconds([&] {
    isa::Bundle bundle;
    bundles = 0;
    for (size_t at = 0; at < code.size(); at += bundle.size, ++bundles)
      isa::decode(code, at, bundle);
    sink = bundles;
  });
  std::string text;
  double listing = seconds([&] {
    text.clear();
    assembler::Counts counts;
    assembler::disassemble(code, 0, {}, text, counts);
  });
  double assembling = seconds([&] {
    auto file = assembler::assemble(text, "bench.s");
    sink = file.ok();
  });
  std::printf("program memory %.2f MB, %llu bundles\n", megabytes,
              static_cast<unsigned long long>(bundles));
  auto row = [&](const char *what, double s) {
    std::printf("%-10s %8.1f MB/s  %7.2f M bundles/s  %6.1f x the time of a plain byte loop\n",
                what, megabytes / s, static_cast<double>(bundles) / s / 1e6, s / plain);
  };
  row("decode", decode);
  row("disasm", listing);
  row("asm", assembling);
  return 0;
}
