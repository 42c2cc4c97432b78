// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Random programs are legal and repeatable, and together they use the instruction set.
#include "isa/decode.h"
#include "isa/random.h"

#include <gtest/gtest.h>
#include <set>

namespace ashlar::isa {
namespace {

TEST(IsaRandom, ProgramsHaveNoHazards) {
  std::set<Opcode> used;
  for (uint64_t seed = 1; seed <= 40; ++seed) {
    RandomOptions o;
    o.seed = seed;
    o.windowBase = 0x70000;
    o.windowBytes = 0x10000;
    o.macConfigurations = {776, 840, 28, 60};
    RandomProgram p = randomProgram(o);
    auto decoded = decodeAll(p.code, 0, "random");
    ASSERT_TRUE(decoded.ok()) << "seed " << seed;
    ASSERT_EQ(decoded->size(), p.bundles.size());
    for (const CodeBundle &c : *decoded)
      for (const Inst &i : c.bundle.all()) used.insert(i.opcode);
    HazardOptions h;
    h.earlyReads = false;
    for (const Hazard &x : findHazards(*decoded, h))
      EXPECT_FALSE(x.isError) << "seed " << seed << ": " << x.text;
    EXPECT_EQ(randomProgram(o).code, p.code) << "seed " << seed;
  }
  EXPECT_GT(used.size(), 500u);
}

TEST(IsaRandom, WithoutMemoryNothingTouchesIt) {
  RandomOptions o;
  o.bundles = 500;
  for (const CodeBundle &c : randomProgram(o).bundles)
    for (const Inst &i : c.bundle.all()) EXPECT_FALSE(info(i).mayLoad || info(i).mayStore);
}

} // namespace
} // namespace ashlar::isa
