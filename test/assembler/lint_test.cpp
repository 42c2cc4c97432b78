// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Each kind of hazard in the smallest code that has it, and the same code without it.
#include "assembler/lint.h"

#include "assembler/assembler.h"

#include <gtest/gtest.h>

namespace ashlar::assembler {
namespace {

/// The codes of the hazards found in the text, in order; `+` marks errors.
std::vector<std::string> hazards(std::string_view text) {
  auto file = assemble(text, "lint.s");
  EXPECT_TRUE(file.ok()) << (file.ok() ? "" : file.errors()[0].str());
  std::vector<std::string> codes;
  if (!file) return codes;
  for (const Diagnostic &d : lint(*file, "lint.o")) {
    codes.push_back((d.severity == Severity::Error ? "+" : "") + d.code);
    EXPECT_FALSE(d.message.empty());
    EXPECT_EQ(d.notes.size(), 1u);
  }
  return codes;
}
using Codes = std::vector<std::string>;

std::string nops(int n) {
  std::string s;
  while (n-- > 0) s += "\tnop\n";
  return s;
}

TEST(Lint, LoadLatency) {
  std::string load = "\tlda r0, [p0, #0]\n", use = "\tadd r1, r0, #1\n";
  EXPECT_EQ(hazards(load + nops(5) + use), Codes{"early-read"});
  EXPECT_EQ(hazards(load + nops(6) + use), Codes{});
  EXPECT_EQ(hazards(load + use), Codes{"early-read"});
  // The same bundle reads the old value on purpose.
  EXPECT_EQ(hazards("\tlda r0, [p0, #0] ; add r1, r0, #1\n"), Codes{});
}

TEST(Lint, AnOverlappingRegisterCounts) {
  EXPECT_EQ(hazards("\tvlda wl0, [p0, #0]\n" + nops(5) + "\tvadd.32 x1, x0, x2\n"),
            Codes{"early-read"});
  EXPECT_EQ(hazards("\tvlda wl0, [p0, #0]\n" + nops(5) + "\tvadd.32 x1, x2, x2\n"), Codes{});
}

TEST(Lint, TwoWrites) {
  EXPECT_EQ(hazards("\tmul r0, r1, r2\n\tadd r0, r1, #1\n"),
            (Codes{"+write-clash", "+resource-clash"}));
  EXPECT_EQ(hazards("\tmul r0, r1, r2\n\tnop\n\tadd r0, r1, #1\n"), Codes{});
  EXPECT_EQ(hazards("\tlda r0, [p0, #0]\n\tadd r0, r1, #1\n"), Codes{"write-order"});
  EXPECT_EQ(hazards("\tlda r0, [p0, #0] ; mov r0, r1\n"), Codes{});
}

TEST(Lint, LocksNeedTheLockUnit) {
  EXPECT_EQ(hazards("\tacq #48, r0\n" + nops(2) + "\trel #49, r1\n"), Codes{"+resource-clash"});
  EXPECT_EQ(hazards("\tacq #48, r0\n" + nops(3) + "\trel #49, r1\n"), Codes{});
}

TEST(Lint, LockAgainstMemory) {
  EXPECT_EQ(hazards("\tacq #48, r0\n" + nops(2) + "\tlda r1, [p0, #0]\n"), Codes{"lock-distance"});
  EXPECT_EQ(hazards("\tacq #48, r0\n" + nops(3) + "\tlda r1, [p0, #0]\n"), Codes{});
  EXPECT_EQ(hazards("\tst r1, [p0, #0]\n" + nops(2) + "\trel #48, r0\n"), Codes{"lock-distance"});
  EXPECT_EQ(hazards("\tst.s8 r1, [p0, #0]\n" + nops(8) + "\trel #48, r0\n"),
            Codes{"lock-distance"});
  EXPECT_EQ(hazards("\tst.s8 r1, [p0, #0]\n" + nops(9) + "\trel #48, r0\n"), Codes{});
  EXPECT_EQ(hazards("\tst r1, [sp, #-4]\n\trel #48, r0\n"), Codes{});
}

TEST(Lint, SubWordStores) {
  std::string store = "\tst.s8 r1, [p0, #1]\n";
  for (const char *access :
       {"\tlda r2, [p0, #0]\n", "\tvldb wl0, [p0, #0]\n", "\tst r1, [p0, #0]\n"}) {
    EXPECT_EQ(hazards(store + nops(5) + access), Codes{"+part-store"});
    EXPECT_EQ(hazards(store + nops(6) + access), Codes{});
  }
  // Another word, or nobody knows.
  EXPECT_EQ(hazards(store + nops(5) + "\tlda r2, [p0, #4]\n"), Codes{"part-store"});
  EXPECT_EQ(hazards(store + nops(5) + "\tlda r2, [p1, #0]\n"), Codes{"part-store"});
  EXPECT_EQ(hazards(store + "\tpaddb [p0], #8\n" + nops(4) + "\tlda r2, [p0, #0]\n"),
            Codes{"part-store"});
}

TEST(Lint, PortsThatAreOnlyReserved) {
  EXPECT_EQ(hazards("\tst r4, [p0, #0] ; mov r16, p7\n"), Codes{"resource-clash"});
  EXPECT_EQ(hazards("\tst p4, [p0, #0] ; mov r16, p7\n"), Codes{"+resource-clash"});
  EXPECT_EQ(hazards("\tlda dn2, [p2, #0]\n" + nops(5) + "\tmovxm ls, #3040\n"),
            Codes{"resource-clash"});
  EXPECT_EQ(hazards("\tlda dn2, [p2, #0]\n" + nops(5) + "\tmovxm dn3, #3040\n"),
            Codes{"+resource-clash"});
}

TEST(Lint, Jumps) {
  EXPECT_EQ(hazards("a:\n\tj #a\n" + nops(5)), Codes{});
  EXPECT_EQ(hazards("a:\n\tj #a\n" + nops(4)), Codes{"+delay-slot-end"});
  EXPECT_EQ(hazards("a:\n\tj #a\n\tnop\n\tret lr\n" + nops(6)), Codes{"+delay-slot-jump"});
  EXPECT_EQ(hazards("a:\n\tj #(a+2)\n" + nops(6)), Codes{"+jump-outside"});
  // The value lands after the jump: the path matters, not the text.
  EXPECT_EQ(hazards("\tj #b\n\tlda r0, [p0, #0]\n" + nops(4) +
                    "\tadd r1, r0, #1\nb:\n\tadd r1, r0, #2\n"),
            Codes{"early-read"});
  EXPECT_EQ(hazards("\tj #b\n\tlda r0, [p0, #0]\n" + nops(4) + "\tadd r1, r0, #1\nb:\n" + nops(2) +
                    "\tadd r1, r0, #2\n"),
            Codes{});
}

std::string loop(int gap, const std::string &last, const std::string &align = "\t.p2align 4\n") {
  return "\tmovxm ls, #.Lstart\n\tmovxm le, #.Lend\n\tadd.nc lc, r0, #0\n" + nops(gap) + align +
         ".Lstart:\n\tnopb ; nopa ; nops ; nopxm ; nopv\n.Lend:\n" + last + nops(1);
}

TEST(Lint, HardwareLoops) {
  std::string wide = "\tnopb ; nopa ; nops ; nopxm ; nopv\n";
  EXPECT_EQ(hazards(loop(56, wide)), Codes{});
  EXPECT_EQ(hazards(loop(8, wide)), Codes{"+loop-distance"});
  EXPECT_EQ(hazards(loop(56, "\tnopa\n")), Codes{"+loop-end-size"});
  EXPECT_EQ(hazards(loop(56, "\tnopb ; st.s8 r0, [p0, #0] ; nops ; nopxm ; nopv\n")),
            (Codes{"+part-store", "+loop-part-store"})); // with itself, and at the end
  EXPECT_EQ(hazards(loop(57, wide, "")), (Codes{"+loop-alignment", "+loop-alignment"}));
  // Across the back edge.
  EXPECT_EQ(
      hazards(
          "\tmovxm ls, #.Lstart\n\tmovxm le, #.Lend\n\tadd.nc lc, r0, #0\n" + nops(56) +
          "\t.p2align 4\n.Lstart:\n\tnopb ; nopa ; nops ; add r1, r0, #1 ; nopm ; nopv\n.Lend:\n"
          "\tnopb ; lda r0, [p0, #0] ; nops ; nopxm ; nopv\n" +
          nops(8)),
      Codes{"early-read"});
}

/// A loop whose first bundle jumps; `filler` has ten bytes behind it.
std::string jumpingLoop(const std::string &filler) {
  return "\tmovxm ls, #.Lstart\n\tmovxm le, #.Lend\n\tadd.nc lc, r0, #0\n" + nops(56) +
         "\t.p2align 4\n.Lstart:\n\tjnz r0, #.Lout\n" + filler +
         ".Lend:\n\tnopb ; nopa ; nops ; nopxm ; nopv\n" + nops(6) + ".Lout:\n" + nops(2);
}

TEST(Lint, AJumpMustNotHaveTheLoopsEndInItsDelaySlots) {
  EXPECT_EQ(hazards(jumpingLoop("\tnopxm ; nopv\n")), Codes{"+loop-jump"});
  EXPECT_EQ(hazards(jumpingLoop(nops(5))), Codes{});
}

TEST(Lint, SubWordStoresInLoops) {
  const auto body = [](int wideBundles) {
    std::string s;
    while (wideBundles-- > 0) s += "\tnopb ; nopa ; nops ; nopxm ; nopv\n";
    return s;
  };
  const auto text = [&](int before, const std::string &last) {
    return "\tmovxm ls, #.Lstart\n\tmovxm le, #.Lend\n\tadd.nc lc, r0, #0\n" + nops(56) +
           "\t.p2align 4\n.Lstart:\n" + body(before) + ".Lend:\n" + last + nops(8);
  };
  const std::string store = "\tnopb ; st.s8 r0, [p0, #0] ; nops ; nopxm ; nopv\n";
  EXPECT_EQ(hazards(text(6, store)), Codes{"+loop-part-store"});
  EXPECT_EQ(hazards(text(7, store)), Codes{}); // long enough
  EXPECT_EQ(hazards(text(6, body(1))), Codes{});
}

TEST(Lint, LoopsOfWholeBundles) {
  // le points into a bundle.
  EXPECT_EQ(hazards("\tmovxm ls, #.Lstart\n\tmovxm le, #(.Lend+16)\n\tadd.nc lc, r0, #0\n" +
                    nops(56) +
                    "\t.p2align 4\n.Lstart:\n\tnopb ; nopa ; nops ; nopxm ; nopv\n"
                    ".Lend:\n\tnopb ; nopa ; nops ; nopxm ; nopv\n\tnopxm\n" +
                    nops(1)),
            Codes{"+loop-end-size"});
}

/// The report names both instructions.
TEST(Lint, BothInstructionsAreNamed) {
  auto file = assemble("\tlda r0, [p0, #0]\n\tadd r1, r0, #1\n", "lint.s");
  ASSERT_TRUE(file.ok());
  const Diagnostics all = lint(*file, "lint.o");
  ASSERT_EQ(all.size(), 1U);
  EXPECT_NE(all[0].message.find("add r1, r0, #1"), std::string::npos) << all[0].message;
  EXPECT_NE(all[0].message.find("lda r0, [p0, #0]"), std::string::npos) << all[0].message;
}

} // namespace
} // namespace ashlar::assembler
