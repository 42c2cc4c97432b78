// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The exposed pipeline, one rule a test, on programs written by hand.
#include "emulator/core/machine.h"

namespace ashlar::emulator {
namespace {

using test::Machine;

TEST(Pipeline, ALoadIsSeenSevenBundlesLater) {
  Machine m({"lda r0, [p0, #0]", "nop*5", "mov r1, r0", "mov r2, r0", "done", "nop*5"});
  m.set("p0", 0x70000);
  m.set("r0", 5);
  m.setWord(0x70000, 99);
  m.finish();
  EXPECT_EQ(m.get("r1"), 5U); // six bundles later: still the old value
  EXPECT_EQ(m.get("r2"), 99U);
}

TEST(Pipeline, OneBundleReadsBeforeItWrites) {
  Machine m({"mov r0, r1; movx r1, #7", "done", "nop*5"});
  m.set("r1", 3);
  m.finish();
  EXPECT_EQ(m.get("r0"), 3U);
  EXPECT_EQ(m.get("r1"), 7U);
}

TEST(Pipeline, MultiplyTakesTwoCycles) {
  Machine m({"mul r0, r1, r2", "mov r3, r0", "mov r4, r0", "done", "nop*5"});
  m.set("r0", 1);
  m.set("r1", 6);
  m.set("r2", 7);
  m.finish();
  EXPECT_EQ(m.get("r3"), 1U);
  EXPECT_EQ(m.get("r4"), 42U);
}

TEST(Pipeline, FiveDelaySlotsExecute) {
  Machine m({"j #20", "add r0, r0, #1", "add r0, r0, #1", "nop*3", "movx r0, #0", "nop", "done",
             "nop*5"});
  // j is 6 bytes, adds 4 each, nops 2: the delay slots end at 20, where movx lies.
  m.finish();
  EXPECT_EQ(m.get("r0"), 0U);
  Machine skip(
      {"j #24", "add r0, r0, #1", "add r0, r0, #1", "nop*3", "movx r0, #0", "done", "nop*5"});
  skip.finish();
  EXPECT_EQ(skip.get("r0"), 2U);
}

TEST(Pipeline, CallLinksBehindTheDelaySlots) {
  Machine m({"jl #16", "nop*5", "done", "nop*5"}); // 6 bytes and five bundles of 2
  m.finish();
  EXPECT_EQ(m.get("lr"), 16U);
}

TEST(Pipeline, ConditionalBranchesSeeTheBundleBefore) {
  // 4 + 6 + 10 bytes, then the bundle that the branch skips, then byte 24.
  const std::vector<std::string> program = {"movx r1, #0", "jz r1, #24", "nop*5",
                                            "movx r0, #1", "done",       "nop*5"};
  Machine m(program);
  m.set("r1", 5);
  m.finish();
  EXPECT_EQ(m.get("r0"), 0U);
  std::vector<std::string> other = program;
  other[1] = "jnz r1, #24";
  Machine n(other);
  n.set("r1", 5);
  n.finish();
  EXPECT_EQ(n.get("r0"), 1U);
}

TEST(Pipeline, JnzdCountsDownAndBranches) {
  Machine m({"jnzd r0, r0, p0", "add r1, r1, #1", "nop*4", "done", "nop*5"});
  m.set("r0", 3);
  m.set("p0", 0);
  m.finish();
  EXPECT_EQ(m.get("r1"), 4U); // taken with 3, 2, 1; falls through with 0
  EXPECT_EQ(m.get("r0"), 0xFFFFFFFFU);
}

TEST(Pipeline, ZeroOverheadLoopRunsItsCount) {
  Machine m({"add r0, r0, #1", "add r1, r1, #2", "done", "nop*5"});
  m.set("ls", 0);
  m.set("le", 4);
  m.set("lc", 10);
  m.finish();
  EXPECT_EQ(m.get("r0"), 10U);
  EXPECT_EQ(m.get("r1"), 20U);
  EXPECT_EQ(m.get("lc"), 0U);
  Machine none({"add r0, r0, #1", "add r1, r1, #2", "done", "nop*5"});
  none.set("le", 4);
  none.finish();
  EXPECT_EQ(none.get("r0"), 1U); // lc = 0 falls through
}

TEST(Pipeline, SubWordStoreReadsTheWordBeforeAndWritesItLate) {
  // The full store lands between the byte store's read (5) and write (11): it is lost.
  Machine m({"st.s8 r0, [p0, #1]", "st r1, [p0, #0]", "nop*12", "done", "nop*5"});
  m.set("p0", 0x70100);
  m.set("r0", 0xAB);
  m.set("r1", 0x11223344);
  m.setWord(0x70100, 0xFFFFFFFF);
  m.finish();
  EXPECT_EQ(m.word(0x70100), 0xFFFFABFFU);
}

TEST(Pipeline, SubWordStoreTakesItsDataInCycleSeven) {
  Machine m(
      {"st.s16 r0, [p0, #2]", "nop*4", "movx r0, #77", "movx r0, #78", "nop*8", "done", "nop*5"});
  m.set("p0", 0x70100);
  m.finish();
  EXPECT_EQ(m.word(0x70100), 77U << 16);
}

TEST(Pipeline, StoreToLoadNeedsOneBundle) {
  Machine m({"st r1, [p0, #0]; lda r2, [p0, #0]", "lda r3, [p0, #0]", "nop*8", "done", "nop*5"});
  m.set("p0", 0x70000);
  m.set("r1", 9);
  m.setWord(0x70000, 4);
  m.finish();
  EXPECT_EQ(m.get("r2"), 4U);
  EXPECT_EQ(m.get("r3"), 9U);
}

TEST(Pipeline, PointersWrapAtTwentyBits) {
  Machine m({"padda [p0], #8", "padda [p0], m0", "done", "nop*5"});
  m.set("p0", 0xFFFFC);
  m.set("m0", 0xFFFF0);
  m.finish();
  EXPECT_EQ(m.get("p0"), 0xFFFF4U);
}

TEST(Pipeline, TwoDimensionalAddressing) {
  Machine m({"lda.2d r0, [p0], d0", "lda.2d r1, [p0], d0", "lda.2d r2, [p0], d0", "nop*8", "done",
             "nop*5"});
  m.set("p0", 0x70000);
  m.set("dn0", 1);
  m.set("dj0", 4);
  m.set("m0", 0x100);
  for (uint32_t a : {0x70000U, 0x70004U, 0x70104U}) m.setWord(a, a);
  m.finish();
  EXPECT_EQ(m.get("r0"), 0x70000U);
  EXPECT_EQ(m.get("r1"), 0x70004U);
  EXPECT_EQ(m.get("r2"), 0x70104U);
  EXPECT_EQ(m.get("dc0"), 1U);
  EXPECT_EQ(m.get("p0"), 0x70108U);
}

TEST(Pipeline, MovesOverTheForwardingNetworkArriveOneCycleEarlier) {
  // vadd is written in cycle 2. The next bundle's vadd sees it (MOV network); its store does not.
  Machine m(
      {"vadd.32 x0, x0, x1", "vadd.32 x2, x0, x0; vst wl0, [p0, #0]", "nop*8", "done", "nop*5"});
  m.set("p0", 0x70000);
  m.setVector("x1", Bytes(64, 1));
  m.finish();
  EXPECT_EQ(m.vector("x2"), Bytes(64, 2));
  EXPECT_EQ(m.word(0x70000), 0U);
}

TEST(Pipeline, AccumulatorsChainEveryTwoBundles) {
  // int8 ones: each vmac adds 8 to every lane. Configuration 776: 8x8 bits, signed, 4x8x8.
  Machine m({"vmac cm0, cm0, x0, x1, r0", "vmac cm0, cm0, x0, x1, r0", "vmac cm0, cm0, x0, x1, r0",
             "nop*8", "done", "nop*5"});
  m.set("r0", 776);
  m.setVector("x0", Bytes(64, 1));
  m.setVector("x1", Bytes(64, 1));
  m.finish();
  // The second reads cm0 before the first has written it; the third sees the first.
  EXPECT_EQ(readU32(m.vector("cm0").data()), 16U);
}

TEST(Stalls, TwoAccessesToOneBankCostACycle) {
  const std::vector<std::string> program = {"vlda wl0, [p0, #0]; vldb wh0, [p1, #0]", "nop*10",
                                            "done", "nop*5"};
  Machine apart(program), same(program);
  apart.set("p0", 0x70000);
  apart.set("p1", 0x74000);
  same.set("p0", 0x70000);
  same.set("p1", 0x70020);
  apart.finish();
  same.finish();
  EXPECT_EQ(apart.core.stats().memoryStalls, 0U);
  EXPECT_EQ(same.core.stats().memoryStalls, 1U);
  EXPECT_EQ(same.core.cycles(), apart.core.cycles() + 1);
}

TEST(Stalls, AcquireFreezesTheCoreUntilGranted) {
  Machine m({"acq #48, r0", "mov r1, #5", "mov r2, #6", "done", "nop*5"});
  m.set("r0", static_cast<uint32_t>(-1));
  EXPECT_EQ(m.steps(10), CoreState::LockStall);
  EXPECT_EQ(m.core.waiting().lock, 48);
  EXPECT_EQ(m.core.waiting().value, -1);
  EXPECT_EQ(m.core.stats().bundles, 1U); // the request is made in cycle 2, before the next bundle
  m.port.locks[48] = 1;
  m.finish();
  EXPECT_EQ(m.port.locks[48], 0);
  EXPECT_EQ(m.get("r2"), 6U);
}

TEST(Stalls, ALockCostsOneTrailingCycle) {
  Machine with({"rel #48, r0", "nop*10", "done", "nop*5"}), without({"nop*11", "done", "nop*5"});
  with.set("r0", 1);
  with.finish();
  without.finish();
  EXPECT_EQ(with.core.cycles(), without.core.cycles() + 1);
}

TEST(Stalls, StreamsBlockAndDeliver) {
  Machine m({"mov r1, SS", "nop*6", "mov ms, r1", "nop*3", "done", "nop*5"});
  EXPECT_EQ(m.steps(20), CoreState::StreamInStall);
  m.port.input.push_back(1234);
  m.finish();
  ASSERT_EQ(m.port.output.size(), 1U);
  EXPECT_EQ(m.port.output[0].first, 1234U);
}

TEST(Faults, NameWhatHappened) {
  Machine wild({"lda r0, [p0, #0]", "nop*10", "done", "nop*5"});
  wild.set("p0", 0x12340);
  for (int i = 0; i < 20; ++i) wild.core.cycle();
  ASSERT_NE(wild.core.fault(), nullptr);
  EXPECT_EQ(wild.core.fault()->code, "data-address");
  EXPECT_NE(wild.core.fault()->message.find("0x12340"), std::string::npos);

  Machine away({"j #16384", "nop*5"});
  for (int i = 0; i < 20; ++i) away.core.cycle();
  ASSERT_NE(away.core.fault(), nullptr);
  EXPECT_EQ(away.core.fault()->code, "pc-outside-program");
  EXPECT_EQ(away.core.fault()->notes.front(), "the last jump that was taken is at pc 0x0");

  Machine nested({"j #0", "j #0", "nop*5"});
  for (int i = 0; i < 20; ++i) nested.core.cycle();
  ASSERT_NE(nested.core.fault(), nullptr);
  EXPECT_EQ(nested.core.fault()->code, "branch-in-delay-slot");

  Machine sparse({"vmac cm0, cm0, x0, qx0, r0", "done", "nop*5"});
  for (int i = 0; i < 20; ++i) sparse.core.cycle();
  ASSERT_NE(sparse.core.fault(), nullptr);
  EXPECT_EQ(sparse.core.fault()->code, "not-simulated");
}

TEST(Control, ResetClearsRegistersAndKeepsTheProgram) {
  Machine m({"mov r0, #9", "done", "nop*5"});
  m.finish();
  EXPECT_EQ(m.core.state(), CoreState::Done);
  m.core.setControl(false, true);
  EXPECT_EQ(m.core.state(), CoreState::Disabled);
  EXPECT_EQ(m.get("r0"), 0U);
  m.core.setControl(true, false);
  m.finish();
  EXPECT_EQ(m.get("r0"), 9U);
}

} // namespace
} // namespace ashlar::emulator
