// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What is printed parses back to the same instruction, for every instruction; expressions; and the
// words for what does not parse.
#include "isa/decode.h"
#include "isa/encode.h"
#include "isa/parse.h"
#include "isa/print.h"

#include <gtest/gtest.h>
#include <random>
#include <set>

namespace ashlar::isa {
namespace {

TEST(IsaParse, EveryInstructionParsesBack) {
  std::mt19937_64 random(23);
  for (unsigned n = 1; n < kOpcodeCount; ++n) {
    const InstInfo &x = info(static_cast<Opcode>(n));
    unsigned good = 0;
    for (unsigned k = 0; k < 4000 && good < 60; ++k) {
      uint64_t word = ((random() >> (64 - info(x.slot).bits)) & ~x.mask) | x.value;
      Inst inst;
      if (!decodeSlot(x.slot, word, inst) || inst.opcode != static_cast<Opcode>(n)) continue;
      ++good;
      auto parsed = parseBundle(print(inst), {});
      ASSERT_TRUE(parsed.ok()) << x.name << ": " << print(inst) << ": " << parsed.errors()[0].str();
      ASSERT_EQ(parsed->insts.size(), 1u);
      ASSERT_EQ(parsed->insts[0], inst)
          << print(inst) << " is " << x.name << " or " << info(parsed->insts[0]).name;
    }
    EXPECT_GT(good, 0u) << x.name;
  }
}

TEST(IsaParse, BundlesAndSpace) {
  auto b = parseBundle("  NOPA\t;   lda r0 , [ p1 , #-8 ] ;", {});
  ASSERT_FALSE(b.ok());
  EXPECT_EQ(b.errors()[0].code, "slot-twice");
  b = parseBundle("vldb wl0, [p0], #32;  lda r17, [p1,#0x8]; mov r3,r4 ;movx r5, #-1", {});
  ASSERT_TRUE(b.ok()) << b.errors()[0].str();
  EXPECT_EQ(b->insts.size(), 4u);
  EXPECT_EQ(b->insts[0].opcode, Opcode::VLDB_dmw_ldb_ag_pstm_nrm_imm);
  EXPECT_EQ(b->insts[0].reg(1), b->insts[0].reg(2)); // the pointer is read and written
  auto made = makeBundle(b->insts);
  ASSERT_TRUE(made.ok());
  EXPECT_EQ(made->size, 12);
}

TEST(IsaParse, ThreeDimensionalModifier) {
  auto b = parseBundle("padda.3d [p2], d1", {});
  ASSERT_TRUE(b.ok());
  const Inst &i = b->insts[0];
  EXPECT_EQ(i.reg(1), Reg::dc1);
  EXPECT_EQ(i.reg(2), Reg::dc5);
  EXPECT_EQ(i.reg(4), Reg::d1_3d);
  EXPECT_EQ(print(i), "padda.3d [p2], d1");
  b = parseBundle("padda.2d [p2], d1", {});
  ASSERT_TRUE(b.ok());
  EXPECT_EQ(b->insts[0].reg(3), Reg::d1);
}

TEST(IsaParse, Symbols) {
  auto known = [](std::string_view name) -> std::optional<int64_t> {
    if (name == "four") return 4;
    return std::nullopt;
  };
  auto b = parseBundle("movxm p0, #(buffer + four*8) ; nopa", {}, known);
  ASSERT_TRUE(b.ok()) << b.errors()[0].str();
  ASSERT_EQ(b->fixups.size(), 1u);
  EXPECT_EQ(b->fixups[0].value.constant, 32);
  EXPECT_EQ(b->fixups[0].value.terms[0].first, "buffer");
  EXPECT_EQ(info(b->insts[0].opcode).operands[b->fixups[0].operand].bits, 32);
  EXPECT_TRUE(parseBundle("jl #main", {}).ok());
  EXPECT_TRUE(parseBundle("jl main", {}).ok());
  EXPECT_EQ(parseBundle("jl p3", {})->insts[0].opcode, Opcode::JL_IND);
  auto bad = parseBundle("padda [p0], #buffer", Place::at("a.s", 3));
  ASSERT_FALSE(bad.ok());
  EXPECT_NE(bad.errors()[0].str().find("a.s:3"), std::string::npos);
}

TEST(IsaParse, WhatIsWrongIsSaid) {
  struct Case {
    const char *text, *code, *words;
  } cases[] = {
      {"lad r0, [p0, #0]", "asm-mnemonic", "did you mean 'lda'"},
      {"lda r0, [p0, #2]", "asm-operands", "no multiple of 4"},
      {"lda r0, [p0, #4096]", "asm-operands", "outside"},
      {"lda r99, [p0, #4]", "asm-operands", "'r99' is not a register"},
      {"lda wl0, [p0, #4]", "asm-operands", "wl0 cannot stand here"},
      {"lda r0, [p0, #4", "asm-operands", "']' is missing"},
      {"lda r0, [p0, #4]]", "asm-operands", "left over"},
      {"lda r0, [p0, #1/0]", "asm-operands", "division by zero"},
      {"movx r0, #99999999999999999999", "asm-operands", "64 bits"},
      {"ret lrx", "asm-operands", ""},
      {" ; ", "asm-operands", "empty"},
  };
  for (const Case &c : cases) {
    auto b = parseBundle(c.text, {});
    ASSERT_FALSE(b.ok()) << c.text;
    EXPECT_EQ(b.errors()[0].code, c.code) << c.text;
    EXPECT_NE(b.errors()[0].str().find(c.words), std::string::npos) << b.errors()[0].str();
  }
}

TEST(IsaParse, Expressions) {
  struct Case {
    const char *text;
    int64_t value;
  } cases[] = {{"1+2*3", 7}, {"(1+2)*3", 9}, {"-4/2", -2}, {"1<<4|3", 19}, {"0x10 - 010", 8},
               {"0b101", 5}, {"~0", -1},     {"'A'", 65},  {"'\\n'", 10},  {"7%4^1", 2},
               {"6&3", 2},   {"--5", 5},     {"a-a+3", 3}, {"0", 0},       {"8>>1", 4}};
  for (const Case &c : cases) {
    std::string_view text = c.text;
    auto e = parseExpression(text);
    ASSERT_TRUE(e.ok()) << c.text << ": " << e.errors()[0].str();
    EXPECT_TRUE(e->isConstant()) << c.text;
    EXPECT_EQ(e->constant, c.value) << c.text;
    EXPECT_TRUE(text.empty()) << c.text;
  }
  for (const char *text : {"", "(1", "1+", "a*2", "08", "0x", "\"a", "'", "12ab", "~a"}) {
    std::string_view rest = text;
    EXPECT_FALSE(parseExpression(rest).ok()) << text;
  }
  std::string deep(10'000, '(');
  std::string_view rest = deep;
  EXPECT_FALSE(parseExpression(rest).ok());
  rest = "1b + 2f";
  auto labels = parseExpression(rest);
  ASSERT_TRUE(labels.ok());
  EXPECT_EQ(labels->terms.size(), 2u);
}

// A relocation exists for every place where code of compilers puts an address: each format that
// holds the instruction has exactly the one whose bits are the operand's.
TEST(IsaParse, RelocationsCoverAddresses) {
  std::set<uint32_t> used;
  for (auto [opcode, operand] : {std::pair{Opcode::JL, 0u},
                                 {Opcode::J_jump_imm, 0u},
                                 {Opcode::JZ, 1u},
                                 {Opcode::JNZ, 1u},
                                 {Opcode::MOVXM_lng_cg, 1u},
                                 {Opcode::MOVA_lda_cg, 1u},
                                 {Opcode::MOVX_alu_cg, 1u},
                                 {Opcode::MOV_mv_cg, 1u}})
    for (unsigned f = 1; f < kFormatIdCount; ++f) {
      FormatId format = static_cast<FormatId>(f);
      if (!(info(format).slotMask & slotBit(info(opcode).slot))) continue;
      auto number = relocationOf(format, opcode, operand);
      EXPECT_TRUE(number.has_value()) << info(opcode).name << " in " << info(format).name;
      if (number) used.insert(*number);
    }
  EXPECT_EQ(used.size(), 50u); // the other four are for data words
  EXPECT_FALSE(canHoldSymbol(Opcode::LDA_dms_lda_idx_imm, 2));
}

} // namespace
} // namespace ashlar::isa
