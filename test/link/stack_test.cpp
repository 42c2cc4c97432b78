// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Stack need over the call graph.
#include "isa/encode.h"
#include "link/build.h"
#include "link/frame.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <map>

namespace ashlar::link_test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

struct Fn {
  const char *name;
  uint32_t frame;
  std::vector<const char *> callees;
};
/// An object whose functions have the given frames and call each other.
link::Input program(const std::vector<Fn> &functions) {
  ObjectBuilder b;
  std::map<std::string, uint32_t> symbols;
  std::vector<uint32_t> sections;
  for (const Fn &f : functions) {
    sections.push_back(b.function(f.name, 64));
    symbols[f.name] = static_cast<uint32_t>(b.file.symbols.size()) - 1;
  }
  for (size_t i = 0; i < functions.size(); ++i) {
    uint32_t at = 0;
    for (const char *callee : functions[i].callees) {
      b.reloc(sections[i], at, kJump6, symbols.at(callee));
      at += 6;
    }
    b.stackSize(sections[i], symbols.at(functions[i].name), functions[i].frame);
  }
  return b.input("k.o");
}

TEST(Stack, DeepestChainIsSummed) {
  Diagnostics warnings;
  const auto linked = linkAll({startCode(), program({{"core_0_2", 64, {"a", "b"}},
                                                     {"a", 32, {"leaf"}},
                                                     {"b", 192, {"leaf"}},
                                                     {"leaf", 320, {}}})},
                              warnings);
  ASSERT_TRUE(linked.ok()) << text(linked.errors());
  EXPECT_EQ(linked->stack.bytes, 64u + 192 + 320);
  EXPECT_THAT(linked->stack.chain, ElementsAre("__start 0", "core_0_2 64", "b 192", "leaf 320"));
  EXPECT_TRUE(warnings.empty()) << text(warnings);
  EXPECT_THAT(link::mapText(core(), *linked), HasSubstr("stack need: 576 bytes"));
}

TEST(Stack, OverflowNamesTheChainAndTheSizeToAskFor) {
  Diagnostics warnings;
  const std::vector<link::Input> inputs{startCode(),
                                        program({{"core_0_2", 64, {"big"}}, {"big", 4096, {}}})};
  const auto linked = linkAll(inputs, warnings);
  ASSERT_FALSE(linked.ok());
  EXPECT_THAT(text(linked.errors()),
              HasSubstr("design.mlir:7:3: error: core (0,2) needs 4160 bytes of stack and has "
                        "1024: __start 0 > core_0_2 64 > big 4096 [stack-overflow] -- set "
                        "stack_size = 4160"));
  link::Options lenient;
  lenient.stackOverflowIsError = false;
  EXPECT_TRUE(linkAll(inputs, warnings, core(), lenient).ok());
  ASSERT_EQ(warnings.size(), 1u);
  EXPECT_EQ(warnings[0].code, "stack-overflow");
  EXPECT_EQ(warnings[0].severity, Severity::Warning);
}

TEST(Stack, ExactlyFullIsEnough) {
  Diagnostics warnings;
  EXPECT_TRUE(linkAll({startCode(), program({{"core_0_2", 1024, {}}})}, warnings).ok());
  EXPECT_FALSE(linkAll({startCode(), program({{"core_0_2", 1056, {}}})}, warnings).ok());
}

TEST(Stack, RecursionIsCountedOnceAndReported) {
  Diagnostics warnings;
  const auto linked =
      linkAll({startCode(),
               program({{"core_0_2", 32, {"even"}}, {"even", 64, {"odd"}}, {"odd", 96, {"even"}}})},
              warnings);
  ASSERT_TRUE(linked.ok());
  EXPECT_EQ(linked->stack.bytes, 32u + 64 + 96);
  ASSERT_EQ(warnings.size(), 1u);
  EXPECT_EQ(warnings[0].code, "stack-recursion");
  EXPECT_THAT(warnings[0].message, HasSubstr("`even`"));
}

/// A function made of these bundles, one instruction each.
Bytes assemble(const std::vector<isa::Inst> &code) {
  Bytes bytes;
  for (const isa::Inst &inst : code) {
    auto bundle = isa::makeBundle(std::span(&inst, 1));
    if (!bundle.ok()) {
      ADD_FAILURE() << text(bundle.errors());
      return bytes;
    }
    const auto encoded = isa::encode(*bundle);
    EXPECT_TRUE(encoded.ok());
    const ByteView view = encoded.ok() ? encoded->view() : ByteView();
    bytes.insert(bytes.end(), view.begin(), view.end());
  }
  return bytes;
}
isa::Inst stackStep(int bytes) {
  isa::Inst inst{isa::Opcode::PADDB_sp_imm, {bytes}};
  return inst;
}
isa::Inst plain(isa::Opcode opcode) {
  isa::Inst inst{opcode, {}};
  if (opcode == isa::Opcode::JL_IND) inst.ops[0] = static_cast<int32_t>(isa::findReg("p1"));
  isa::complete(inst);
  return inst;
}

// Without records the frame is read from the code; what a return gives back does not count for the
// path after it.
TEST(Frame, ReadFromTheCode) {
  const isa::Inst nop = plain(isa::nopOf(isa::Slot::alu));
  const isa::Inst ret = plain(isa::Opcode::RET);
  const Bytes code =
      assemble({stackStep(96), nop, ret, stackStep(-96), nop, nop, nop, nop, stackStep(64),
                stackStep(-64), ret, stackStep(-96), nop, nop, nop, nop});
  const link::FrameFacts facts = link::readFrame(code);
  EXPECT_TRUE(facts.decoded);
  EXPECT_EQ(facts.frame, 160u);
  EXPECT_FALSE(facts.indirectCall);
  EXPECT_TRUE(link::readFrame(assemble({nop, plain(isa::Opcode::JL_IND), nop})).indirectCall);
  // A VLA moves sp from a pointer; the epilogue brings it back from p7.
  const auto move = [](const char *from) {
    isa::Inst inst{isa::Opcode::MOV_mv_scl, {}};
    inst.ops[0] = static_cast<int32_t>(isa::findReg("sp"));
    inst.ops[1] = static_cast<int32_t>(isa::findReg(from));
    isa::complete(inst);
    return inst;
  };
  EXPECT_TRUE(link::readFrame(assemble({nop, move("p0"), nop})).dynamic);
  EXPECT_FALSE(link::readFrame(assemble({nop, move("p7"), nop})).dynamic);
  const Bytes junk(7, 0xFF);
  EXPECT_FALSE(link::readFrame(junk).decoded);
}

} // namespace
} // namespace ashlar::link_test
