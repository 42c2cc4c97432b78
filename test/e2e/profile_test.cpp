// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// `ashlar run --profile` by source line, against LLVM's own reader of the same line tables: each
// bundle's cycles belong to the line that llvm-dwarfdump gives for its address.
#include "cli/run.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <sstream>

namespace ashlar::cli_test {
namespace {

struct Kernel {
  const char *name, *text;
  friend void PrintTo(const Kernel &k, std::ostream *out) { *out << k.name; }
};

class Profile : public testing::TestWithParam<Kernel> {};

TEST_P(Profile, LinesAreThoseOfTheLineTable) {
  if (std::system("command -v llvm-dwarfdump-22 > /dev/null") != 0)
    GTEST_SKIP() << "skipped: there is no llvm-dwarfdump-22";
  TempDir dir;
  const std::string kernel = dir.write(GetParam().name, GetParam().text);
  const Outcome build = ashlar(
      {"build", source("examples/scale/design.mlir"), kernel, "-g", "-O1", "-o", dir / "out"});
  ASSERT_EQ(build.exit, 0) << build.err;
  const Outcome run = ashlar({"run", dir / "out", "--profile", "--json"});
  ASSERT_EQ(run.exit, 0) << run.err;
  const auto json = nlohmann::json::parse(run.out, nullptr, false);
  ASSERT_FALSE(json.is_discarded());
  const auto &profile = json["profile"][0];

  const std::string elf = dir / "out/core_0_2.elf";
  std::system(
      ("llvm-dwarfdump-22 --debug-line " + elf + " > " + (dir / "dwarf") + " 2>&1").c_str());
  std::map<uint64_t, int> rows;
  std::istringstream text(contents(dir / "dwarf"));
  for (std::string line; std::getline(text, line);) {
    if (!line.starts_with("0x")) continue;
    std::istringstream fields(line);
    std::string address, flags;
    int number = 0;
    fields >> address >> number;
    std::getline(fields, flags);
    const uint64_t at = std::stoull(address, nullptr, 16);
    if (at >= 0x4000) continue; // code that was dropped
    if (flags.find("end_sequence") == std::string::npos)
      rows[at] = number;
    else
      rows.try_emplace(at, 0);
  }
  ASSERT_GT(rows.size(), 5u);

  const Outcome inspect = ashlar({"inspect", "--json", elf});
  std::map<std::string, uint64_t> symbols;
  const auto listing = nlohmann::json::parse(inspect.out, nullptr, false);
  ASSERT_FALSE(listing.is_discarded());
  for (const auto &s : listing["symbols"]) symbols[s["name"]] = s["value"];
  std::map<int, uint64_t> expected, got;
  for (const auto &b : profile["bundles"]) {
    const std::string at = b["at"];
    const size_t plus = at.find('+');
    if (at.substr(0, plus) != "scale") continue;
    const uint64_t address = symbols.at(at.substr(0, plus)) +
                             (plus == at.npos ? 0 : std::stoull(at.substr(plus + 1), nullptr, 16));
    const auto row = rows.upper_bound(address);
    if (row == rows.begin() || std::prev(row)->second == 0) continue;
    expected[std::prev(row)->second] += b["cycles"].get<uint64_t>();
  }
  for (const auto &l : profile["lines"]) {
    const std::string place = l["line"];
    // The core's own lines are those of the design.
    if (place.find("design.mlir:") != place.npos) continue;
    EXPECT_TRUE(place.find(GetParam().name) != place.npos) << place;
    got[std::stoi(place.substr(place.rfind(':') + 1))] += l["cycles"].get<uint64_t>();
  }
  // The JSON has the hottest bundles, and all lines: none has less than its bundles, and together
  // they are the kernel.
  uint64_t all = 0;
  for (const auto &[line, cycles] : got) all += cycles;
  for (const auto &[line, cycles] : expected) EXPECT_GE(got[line], cycles) << "line " << line;
  for (const auto &f : profile["functions"])
    if (f["function"] == "scale") EXPECT_EQ(all, f["cycles"].get<uint64_t>());
  EXPECT_GE(expected.size(), 2u);
  // The loop's two lines, not that of the function that was dropped.
  EXPECT_GE(got[8] + got[9], 4096u * 4);
  EXPECT_EQ(got.count(3), 0u);
}

const char *const kC = R"(#include <stdint.h>
void dropped(uint32_t *y) {
  for (int i = 0; i < 64; ++i) y[i] = 3;
}
void scale(const uint32_t *x, uint32_t *y, const uint32_t *factor, int32_t n) {
  const uint32_t f = *factor;
  for (int32_t i = 0; i < n; ++i) {
    uint32_t v = x[i] * f;
    y[i] = (v + 7) ^ (v << 3);
  }
}
)";
const char *const kCxx = R"(#include <cstdint>
extern "C" void dropped(uint32_t *y) {
  for (int i = 0; i < 64; ++i) y[i] = 3;
}
template <class T> struct Times {
  T factor;
  T operator()(T v) const {
    T w = v * factor;
    return (w + 7) ^ (w << 3);
  }
};
extern "C" void scale(const uint32_t *x, uint32_t *y, const uint32_t *factor, int32_t n) {
  const Times<uint32_t> times{*factor};
  for (int32_t i = 0; i < n; ++i)
    y[i] = times(x[i]);
}
)";

INSTANTIATE_TEST_SUITE_P(Kernels, Profile,
                         testing::Values(Kernel{"scale.c", kC}, Kernel{"scale.cc", kCxx}),
                         [](const auto &info) { return info.index ? "Cxx" : "C"; });

} // namespace
} // namespace ashlar::cli_test
