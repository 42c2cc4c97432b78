// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Objects that lie in the memtiles beside their own, through the whole tool: what goes in through
// the windows comes out of them, in order and unchanged.
#include "cli/run.h"

namespace ashlar::cli_test {
namespace {

struct Case {
  const char *name;
  int column, links, depth, words, objects; ///< words of an object, objects through each link
};

std::string design(const Case &c) {
  std::string fifos, moves, waits, arguments;
  const int total = c.words * c.objects;
  for (int i = 0; i < c.links; ++i) {
    fifos += fmt::format(R"(
    aie.objectfifo @in{0}(%s, {{%m}}, {1} : i32) : !aie.objectfifo<memref<{2}xi32>>
    aie.objectfifo @out{0}(%m, {{%s}}, {1} : i32) : !aie.objectfifo<memref<{2}xi32>>
    aie.objectfifo.link [@in{0}] -> [@out{0}] ([] []))",
                         i, c.depth, c.words);
    arguments += fmt::format("{}%a{}: memref<{}xi32>, %b{}: memref<{}xi32>", i ? ", " : "", i,
                             total, i, total);
    for (const auto &[argument, fifo, id] : {std::tuple("b", "out", 2 * i + 1), {"a", "in", 2 * i}})
      moves += fmt::format(R"(
      aiex.npu.dma_memcpy_nd(%{0}{1}[0, 0, 0, 0][1, 1, 1, {2}][0, 0, 0, 1]) {{id = {3} : i64, metadata = @{4}{1}}} : memref<{2}xi32>)",
                           argument, i, total, id, fifo);
    waits += fmt::format("\n      aiex.npu.dma_wait {{symbol = @out{}}}", i);
  }
  return fmt::format(R"(module {{
  aie.device(npu1) {{
    %s = aie.tile({0}, 0)
    %m = aie.tile({0}, 1){1}
    aie.runtime_sequence @run({2}) {{{3}{4}
    }}
  }}
}}
)",
                     c.column, fifos, arguments, moves, waits);
}

std::string numbers(const Case &c, uint32_t salt) {
  std::string out;
  for (int i = 0; i < c.words * c.objects; ++i) {
    const uint32_t v = static_cast<uint32_t>(i) * 2654435761u + salt;
    for (int b = 0; b < 4; ++b) out += static_cast<char>(v >> (8 * b));
  }
  return out;
}

class MemtileNeighbours : public testing::TestWithParam<Case> {};

TEST_P(MemtileNeighbours, WhatGoesInComesOut) {
  const Case c = GetParam();
  TempDir dir;
  const std::string file = dir.write("design.mlir", design(c));
  const Outcome build = ashlar({"build", file, "-o", dir / "out"});
  ASSERT_EQ(build.exit, 0) << build.err;
  std::vector<std::string> words = {"run", dir / "out"};
  for (int i = 0; i < c.links; ++i) {
    const std::string data = dir.write(fmt::format("{}.bin", i), numbers(c, 77u * i));
    for (const std::string &word : {std::string("--in"), fmt::format("{}={}", 2 * i, data),
                                    std::string("--expect"), fmt::format("{}={}", 2 * i + 1, data)})
      words.push_back(word);
  }
  const Outcome run = ashlar(words);
  EXPECT_EQ(run.exit, 0) << run.err << run.out;
}

INSTANTIATE_TEST_SUITE_P(Windows, MemtileNeighbours,
                         testing::Values(Case{"west", 3, 1, 2, 70000, 3},
                                         Case{"east", 0, 1, 2, 70000, 3},
                                         Case{"both", 1, 1, 5, 50000, 7},
                                         Case{"two links", 0, 2, 2, 64000, 3}),
                         [](const auto &info) {
                           std::string name = info.param.name;
                           std::replace(name.begin(), name.end(), ' ', '_');
                           return name;
                         });

} // namespace
} // namespace ashlar::cli_test
