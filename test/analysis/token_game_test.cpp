// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The token game: exact where the program's loops have a count, open where they depend on data,
// and silent where it cannot know.
#include "analysis/fixture.h"

#include <gmock/gmock.h>

namespace ashlar::analysis_test {
namespace {

using analysis::TokenGame;
using device::DmaDirection;
using testing::HasSubstr;

constexpr const char *kNops = "\tnop\n\tnop\n\tnop\n\tnop\n";

/// A core that passes objects through for as long as `again` (which ends in a branch) says.
std::string program(const std::string &before, const std::string &again) {
  std::string take;
  for (const char *op : {"acq #49, r0", "acq #50, r0", "rel #48, r1", "rel #51, r1"})
    take += std::string("\t") + op + "\n" + kNops;
  return "\t.section .text.__start,\"ax\",@progbits\n\t.globl __start\n\t.type __start,@function\n"
         "__start:\n\tmovxm sp, #_sp_start_value_DM_stack\n\tmova r0, #-1\n\tmovx r1, #1\n" +
         before + "\tnop\n\tnop\n.Lagain:\n" + take + again +
         "\tnop\n\tnop\n\tnop\n\tnop\n\tnop\n\tdone\n\tnop\n\tnop\n\tnop\n\tnop\n"
         "\t.size __start, .-__start\n";
}

TokenGame play(const std::string &text, int objects) {
  Design d;
  d.program = text;
  d.plan.sequences[0].arguments[0].bytes = d.plan.sequences[0].arguments[1].bytes = 1u << 20;
  d.task({0, DmaDirection::MM2S, 0, 0, static_cast<uint32_t>(256 * objects), false, true});
  d.task({1, DmaDirection::S2MM, 1, 0, static_cast<uint32_t>(256 * objects), true, true});
  d.wait();
  load::Stream stream;
  stream.source = "main.insts.bin";
  stream.operations = d.operations;
  return analysis::playTokens(d.configuration(), stream, &d.plan);
}

TEST(TokenGames, EndlessLoop) {
  const TokenGame g = play(goodProgram(), 3);
  EXPECT_EQ(g.outcome, TokenGame::Completes) << g.why;
}

TEST(TokenGames, CountedLoopsHaveTheirCount) {
  const std::string text = program("\tmova r2, #3\n", "\tadd r2, r2, #-1\n\tjnz r2, #.Lagain\n");
  EXPECT_EQ(play(text, 3).outcome, TokenGame::Completes);
  EXPECT_EQ(play(text, 2).outcome, TokenGame::Completes);
  const TokenGame g = play(text, 4);
  EXPECT_EQ(g.outcome, TokenGame::StandsStill) << g.why;
  ASSERT_EQ(g.findings.size(), 1u);
  EXPECT_EQ(g.findings[0].code, "fifo-deadlock");
  EXPECT_THAT(text.empty() ? "" : g.findings[0].str(),
              HasSubstr("S2MM 0 of shim (0,0) waits in BD 1 for 256 more words"));
}

// Counters of 64 bits end their loops by a selection between the two halves' comparisons.
TEST(TokenGames, CountsThatASelectionCompares) {
  const std::string text =
      program("\tmova r2, #0\n\tmova r5, #3\n\tmova r27, #1\n",
              "\tadd r2, r2, #1\n\tltu r3, r2, r5\n\tsel.nez r4, r3, r0, r27\n\tlshl r4, r4, "
              "r1\n\tjnz r4, #.Lagain\n");
  EXPECT_EQ(play(text, 3).outcome, TokenGame::Completes);
  const TokenGame g = play(text, 4);
  EXPECT_EQ(g.outcome, TokenGame::StandsStill) << g.why;
}

// Whether the loop goes on is read from memory: some data makes it end in time, some do not. Only
// what fails with all data is claimed.
TEST(TokenGames, LoopsThatDependOnDataAreTriedBothWays) {
  const std::string text =
      program("", "\tmovxm p0, #0x70400\n\tlda r2, [p0, #0]\n" + std::string(kNops) +
                      "\tnop\n\tnop\n\tnop\n\tjnz r2, #.Lagain\n");
  const TokenGame g = play(text, 200);
  EXPECT_EQ(g.outcome, TokenGame::Completes);
  EXPECT_LT(g.states, 500u) << "the way back is tried first";
}

TEST(TokenGames, WhatItCannotKnowItDoesNotClaim) {
  const std::string text = program("\tmovxm p0, #0x70400\n\tlda r0, [p0, #0]\n" +
                                       std::string(kNops) + "\tnop\n\tnop\n\tnop\n",
                                   "\tj #.Lagain\n");
  const TokenGame g = play(text, 3);
  EXPECT_EQ(g.outcome, TokenGame::Unknown);
  EXPECT_THAT(g.why, HasSubstr("a lock's number or value is not known"));
  EXPECT_TRUE(g.findings.empty());
}

// The receiver starts after the wait for the sender's token: with little data the streams hold it,
// with more nothing moves.
TEST(TokenGames, OrderOfTheSequence) {
  const auto outcome = [](uint32_t words) {
    Design d;
    d.plan.sequences[0].arguments[0].bytes = d.plan.sequences[0].arguments[1].bytes = 8192;
    d.task({0, DmaDirection::MM2S, 0, 0, words, true, true});
    d.wait(DmaDirection::MM2S);
    d.task({1, DmaDirection::S2MM, 1, 0, words, true, true});
    d.wait();
    load::Stream stream;
    stream.operations = d.operations;
    return analysis::playTokens(d.configuration(), stream, &d.plan).outcome;
  };
  EXPECT_EQ(outcome(512), TokenGame::Completes);
  EXPECT_EQ(outcome(1024), TokenGame::StandsStill);
}

} // namespace
} // namespace ashlar::analysis_test
