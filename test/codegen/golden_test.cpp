// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Golden code: kernels of two dozen loops with their remarks and cycles. `./check bless` rewrites
// golden/loops.txt, and the difference is what a change did to code.
#include "base/file.h"
#include "codegen/machine.h"

#include <cstdlib>
#include <filesystem>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <random>
#include <regex>
#include <sstream>

namespace {
using ashlar::readTextFile;

const std::string kSource = ASHLAR_SOURCE_DIR "/test/codegen/golden/loops.cc";
const std::string kGolden = ASHLAR_SOURCE_DIR "/test/codegen/golden/loops.txt";
const std::string kAshlar = ASHLAR_BINARY_DIR "/bin/ashlar";

std::string outputOf(const std::string &command) {
  const std::string log = testing::TempDir() + "/ashlar_golden.log";
  EXPECT_EQ(std::system((command + " > " + log + " 2>&1").c_str()), 0) << command << "\n"
                                                                       << *readTextFile(log);
  return *readTextFile(log);
}

std::vector<std::string> linesOf(const std::string &text) {
  std::vector<std::string> lines;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

/// The bundles between the labels that go into ls and le, or nothing.
std::string kernelOf(const std::vector<std::string> &code) {
  std::string start, end, out;
  const std::regex write("movxm (l[se]), #(\\S+)");
  for (const std::string &line : code)
    for (std::smatch m; std::regex_search(line, m, write);) {
      (m[1] == "ls" ? start : end) = m[2];
      break;
    }
  bool inside = false, last = false;
  for (const std::string &line : code) {
    if (start.empty()) break;
    inside |= line.starts_with(start + ":");
    last |= line.starts_with(end + ":");
    if (!inside || line.ends_with(":")) continue;
    out += "  " + line.substr(line.find_first_not_of('\t')) + "\n";
    if (last) break;
  }
  // What only fills a bundle says nothing.
  out = std::regex_replace(out, std::regex("nop[a-z]* ; | ; nop[a-z]*"), "");
  return out;
}

TEST(Golden, LoopsAreScheduledAsBefore) {
  const std::string work = testing::TempDir() + "/ashlar_golden";
  std::filesystem::create_directories(work);
  const std::string object = work + "/loops.o", assembly = work + "/loops.s";
  const std::string remarks =
      outputOf(kAshlar + " cc -w -c -O2 --remarks " + kSource + " -o " + object);
  outputOf(kAshlar + " cc -w -S -O2 " + kSource + " -o " + assembly);
  std::map<std::string, std::vector<std::string>> code;
  std::vector<std::string> order;
  std::string current;
  for (const std::string &line : linesOf(*readTextFile(assembly))) {
    if (!line.starts_with('.') && !line.starts_with('\t') && line.ends_with(":")) {
      current = line.substr(0, line.size() - 1);
      order.push_back(current);
    }
    if (!line.starts_with("\t.") && !line.starts_with(".Lfunc")) code[current].push_back(line);
  }
  std::string made;
  for (const std::string &name : order) {
    made += name + "\n";
    for (const std::string &line : linesOf(remarks))
      if (size_t at = line.find("function '" + name + "' "); at != line.npos)
        made += "  " + line.substr(at + 12 + name.size()) + "\n";
    made += kernelOf(code[name]);
    const std::string run = outputOf(kAshlar + " core " + object + " --call " + name +
                                     " --arg @:16384 --arg @:16384 --arg @:16384 --arg 64"
                                     " --returns i32 --json");
    std::smatch cycles;
    ASSERT_TRUE(std::regex_search(run, cycles, std::regex("\"cycles\": *([0-9]+)"))) << run;
    made += fmt::format("  {} cycles for 64 rounds\n\n", cycles[1].str());
  }
  EXPECT_GE(order.size(), 24u);
  if (std::getenv("ASHLAR_BLESS")) ASSERT_TRUE(ashlar::writeTextFile(kGolden, made).ok());
  EXPECT_EQ(*readTextFile(kGolden), made) << "if the new code is better: ./check bless";
}

/// Results and memory of each loop for 0 to 20 rounds, overlapped, against the same code at -O0,
/// which has neither hardware loops nor overlap. Without built-in functions a copy is a loop too.
TEST(Golden, LoopsRunForFewRoundsAsWithoutOverlap) {
  const std::string ir = testing::TempDir() + "/ashlar_golden.ll";
  outputOf(kAshlar + " cc -w -S -emit-llvm -O2 -fno-builtin " + kSource + " -o " + ir);
  const std::string text = *readTextFile(ir);
  codegen_test::Machine plain(text, 0), fast(text, 2);
  ASSERT_TRUE(plain.ok() && fast.ok());
  ASSERT_TRUE(plain.fits() && fast.fits());
  constexpr uint32_t kBuffers = 0x78000, kBytes = 0x2000;
  std::mt19937 random(23);
  std::vector<uint8_t> data(3 * kBytes);
  for (uint8_t &b : data) b = static_cast<uint8_t>(random());
  size_t loops = 0, faster = 0;
  for (const std::string &line : linesOf(*readTextFile(kSource))) {
    if (!line.starts_with("LOOP(")) continue;
    const std::string name = line.substr(5, line.find(',') - 5);
    ++loops;
    for (uint32_t n = 0; n <= 20; ++n) {
      uint32_t result[2] = {};
      uint64_t cycles[2] = {};
      std::vector<uint8_t> after[2];
      for (auto *m : {&plain, &fast}) {
        std::ranges::copy(data, m->memory(kBuffers));
        const auto call = m->call(name, {n}, {kBuffers, kBuffers + kBytes, kBuffers + 2 * kBytes});
        result[m == &fast] = call.result;
        cycles[m == &fast] = call.cycles;
        after[m == &fast].assign(m->memory(kBuffers), m->memory(kBuffers) + data.size());
      }
      EXPECT_EQ(result[0], result[1]) << name << ", " << n << " rounds";
      EXPECT_TRUE(after[0] == after[1]) << name << ", " << n << " rounds: memory differs";
      faster += n == 20 && 2 * cycles[1] < cycles[0];
    }
  }
  EXPECT_GE(loops, 24u);
  EXPECT_GE(faster, 20u); // or nothing was overlapped
}
} // namespace
