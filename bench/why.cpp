// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What it costs to be told why: `check` of a package of sixteen cores, and runs with the sanitizer,
// the trace and the counters against a run without. Limits: 0.5 s, 3, 2.
#include "base/base.h"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <unistd.h>

namespace {

using namespace ashlar;

std::string work;

/// Sixteen cores: each column's input goes to its four cores, the lowest of which answers.
std::string design() {
  std::string tiles, fifos, cores, arguments, moves, waits;
  const char *type = "memref<256xi32>";
  for (int c = 0; c < 4; ++c) {
    tiles += fmt::format("    %s{0} = aie.tile({0}, 0)\n", c);
    std::string consumers;
    for (int r = 2; r < 6; ++r) {
      tiles += fmt::format("    %t{0}{1} = aie.tile({0}, {1})\n", c, r);
      consumers += fmt::format("{}%t{}{}", r > 2 ? ", " : "", c, r);
    }
    fifos += fmt::format("    aie.objectfifo @in{0}(%s{0}, {{{1}}}, 2 : i32) : "
                         "!aie.objectfifo<{2}>\n    aie.objectfifo @out{0}(%t{0}2, {{%s{0}}}, 2 : "
                         "i32) : !aie.objectfifo<{2}>\n",
                         c, consumers, type);
    for (int r = 2; r < 6; ++r) {
      const bool answers = r == 2;
      cores += fmt::format(
          "    aie.core(%t{0}{1}) {{\n      %c0 = arith.constant 0 : index\n      %c1 = "
          "arith.constant 1 : index\n      %n = arith.constant 256 : index\n      %f = "
          "arith.constant 4294967295 : index\n      %k = arith.constant 3 : i32\n      scf.for %q "
          "= "
          "%c0 to %f step %c1 {{\n        %is = aie.objectfifo.acquire @in{0}(Consume, 1) : "
          "!aie.objectfifosubview<{2}>\n        %x = aie.objectfifo.subview.access %is[0] : "
          "!aie.objectfifosubview<{2}> -> {2}\n{3}        scf.for %i = %c0 to %n step %c1 {{\n     "
          " "
          "    %v = memref.load %x[%i] : {2}\n          %w = arith.muli %v, %k : i32\n          "
          "memref.store %w, %{4}[%i] : {2}\n        }}\n        aie.objectfifo.release "
          "@in{0}(Consume, 1)\n{5}      }}\n      aie.end\n    }}\n",
          c, r, type,
          answers ? fmt::format("        %os = aie.objectfifo.acquire @out{0}(Produce, 1) : "
                                "!aie.objectfifosubview<{1}>\n        %y = "
                                "aie.objectfifo.subview.access %os[0] : "
                                "!aie.objectfifosubview<{1}> -> {1}\n",
                                c, type)
                  : "",
          answers ? "y" : "x",
          answers ? fmt::format("        aie.objectfifo.release @out{}(Produce, 1)\n", c) : "");
    }
    arguments +=
        fmt::format("{}%a{}: memref<16384xi32>, %b{}: memref<16384xi32>", c ? ", " : "", c, c);
    for (const auto &[argument, fifo, id] : {std::tuple{"a", "in", 0}, std::tuple{"b", "out", 1}})
      moves +=
          fmt::format("      aiex.npu.dma_memcpy_nd(%{0}{1}[0, 0, 0, 0][1, 1, 1, 16384][0, 0, 0, "
                      "1]) {{id = {3} : i64, issue_token = true, metadata = @{2}{1}}} : "
                      "memref<16384xi32>\n",
                      argument, c, fifo, id);
    waits += fmt::format("      aiex.npu.dma_wait {{symbol = @out{}}}\n", c);
  }
  return "module {\n  aie.device(npu1) {\n" + tiles + fifos + cores +
         "    aie.runtime_sequence @sequence(" + arguments + ") {\n" + moves + waits +
         "    }\n  }\n}\n";
}

int command(const std::string &arguments) {
  return std::system(
      (std::string(ASHLAR_BINARY_DIR) + "/bin/ashlar " + arguments + " > " + work + "/log 2>&1")
          .c_str());
}
/// Milliseconds of the best of five.
template <class F> double best(F run) {
  double least = 1e9;
  for (int i = 0; i < 5; ++i) {
    const auto start = std::chrono::steady_clock::now();
    if (!run()) return -1;
    least = std::min(
        least, std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start)
                   .count());
  }
  return least;
}
/// Of the run itself, as it says.
double emulated(const std::string &flags) {
  double least = 1e9;
  for (int i = 0; i < 5; ++i) {
    if (command(fmt::format("run {}/out --json {}", work, flags)) != 0) return -1;
    const auto log = readTextFile(work + "/log");
    const auto json = nlohmann::json::parse(*log, nullptr, false);
    if (json.is_discarded()) return -1;
    least = std::min(least, json["run_ms"].get<double>());
  }
  return least;
}

} // namespace

int main() {
  work = fmt::format("/tmp/ashlar-bench-why-{}", getpid());
  std::filesystem::create_directories(work);
  bool good = writeTextFile(work + "/design.mlir", design()).ok() &&
              command(fmt::format("build {0}/design.mlir -o {0}/out", work)) == 0;
  if (good) {
    const double checked = best([&] { return command("check " + work + "/out") == 0; });
    const double looked = best([&] { return command("check --no-run " + work + "/out") == 0; });
    fmt::print("check, 16 cores            {:8.1f} ms (limit 500); without the dry run {:.1f} ms\n",
               checked, looked);
    const double plain = emulated("");
    const double sanitized = emulated("--sanitize"),
                 traced = emulated("--trace " + work + "/t.json"), counted = emulated("--stats");
    fmt::print("run                        {:8.1f} ms\n", plain);
    fmt::print("run --sanitize             {:8.1f} ms, {:.2f} times (limit 3)\n", sanitized,
               sanitized / plain);
    fmt::print("run --trace                {:8.1f} ms, {:.2f} times (limit 2)\n", traced,
               traced / plain);
    fmt::print("run --stats                {:8.1f} ms, {:.2f} times\n", counted, counted / plain);
    good = checked > 0 && plain > 0 && sanitized > 0 && traced > 0 && counted > 0;
  }
  if (!good) {
    const auto log = readTextFile(work + "/log");
    fmt::print("failed: {}\n", log.ok() ? *log : "");
  }
  std::filesystem::remove_all(work);
  return good ? 0 : 1;
}
