// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// One change in a package is one difference, said in its own terms; an equal package has none.
#include "report/diff.h"

#include "analysis/fixture.h"

#include <gmock/gmock.h>

namespace ashlar::analysis_test {

namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

report::Subject subject(const Design &d) {
  report::Subject s;
  s.name = "main.pdi";
  s.package.columns = 1;
  s.package.configurations.push_back(d.configuration());
  load::Stream stream;
  stream.operations = d.operations;
  s.streams.push_back(stream);
  return s;
}
std::vector<report::Difference> diff(const Design &a, const Design &b) {
  return report::differences(subject(a), subject(b));
}
std::string said(const std::vector<report::Difference> &all) {
  std::string out;
  for (const auto &d : all) out += d.section + " | " + d.where + " | " + d.a + " | " + d.b + "\n";
  return out;
}

TEST(Diff, EqualPackagesHaveNone) {
  Design d;
  d.goodSequence();
  EXPECT_THAT(diff(d, d), IsEmpty()) << said(diff(d, d));
}

TEST(Diff, Descriptor) {
  Design a, b;
  b.dma().bds[0].bd.length = 128;
  EXPECT_EQ(
      said(diff(a, b)),
      "descriptor | core (0,2) BD 0 | acquire lock 0 >= 1, 256 words at 0x400, release lock 1 "
      "+1, then BD 0 | acquire lock 0 >= 1, 128 words at 0x400, release lock 1 +1, then BD "
      "0\n");
}

TEST(Diff, Lock) {
  Design a, b;
  b.plan.locks[0].init = 2;
  EXPECT_EQ(said(diff(a, b)), "lock | core (0,2) | lock 0 = 1 | lock 0 = 2\n");
}

TEST(Diff, Program) {
  Design a, b;
  b.program = goodProgram("\tmova r2, #3\n");
  const auto all = diff(a, b);
  ASSERT_THAT(all, SizeIs(1)) << said(all);
  EXPECT_EQ(all[0].section, "program");
  EXPECT_THAT(all[0].b, HasSubstr("mova r2, #3"));
}

TEST(Diff, Route) {
  Design a, b;
  b.plan.switchboxes[1].connects.pop_back(); // of the memtile, towards the shim
  const std::string all = said(diff(a, b));
  EXPECT_THAT(all, HasSubstr("switch | memtile (0,1) | South0 <- North0 | "));
  EXPECT_THAT(all,
              HasSubstr("route | MM2S 0 of core (0,2) | to S2MM 0 of shim (0,0) (3 switches) |"));
}

TEST(Diff, StreamsAreAligned) {
  Design a, b;
  a.goodSequence();
  b.task({0, device::DmaDirection::MM2S, 0, 0, 256, false, true});
  b.task({2, device::DmaDirection::MM2S, 0, 0, 256, false, true}); // three operations more
  b.task({1, device::DmaDirection::S2MM, 1, 0, 256, true, true});
  b.wait();
  const auto all = diff(a, b);
  EXPECT_THAT(all, SizeIs(3)) << said(all);
  for (const auto &d : all) EXPECT_EQ(d.a, "") << said(all);
  EXPECT_THAT(said(all), HasSubstr("BD 2 address = argument 0 + 0 bytes"));
}

TEST(Diff, BitsThatNobodyNamesCountToo) {
  Design a, b;
  a.operations.push_back(
      {load::BlockWrite{Design::queue(device::DmaDirection::S2MM) + 0x800, {1}}, 0});
  b.operations.push_back(
      {load::BlockWrite{Design::queue(device::DmaDirection::S2MM) + 0x800, {2}}, 0});
  EXPECT_THAT(diff(a, b), SizeIs(1)) << said(diff(a, b));
}

} // namespace
} // namespace ashlar::analysis_test
