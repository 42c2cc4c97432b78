// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Every instruction has a page with its meaning; the facts on a page are those of the tables.
#include "isa/page.h"

#include <gtest/gtest.h>

namespace ashlar::isa {
namespace {

TEST(IsaPage, EveryInstructionIsDescribed) {
  for (unsigned n = 1; n < kOpcodeCount; ++n) {
    const InstInfo &x = info(static_cast<Opcode>(n));
    EXPECT_STRNE(x.means, "") << x.name;
    EXPECT_STRNE(x.source, "") << x.name;
    auto p = page(x.name);
    ASSERT_TRUE(p.ok());
    EXPECT_NE(p->find(x.syntax), std::string::npos);
    EXPECT_EQ(p->find('\x01'), std::string::npos);
  }
}

TEST(IsaPage, SaysWhatTheTablesSay) {
  std::string p = *page("MUL_mul_r_rr");
  EXPECT_NE(p.find("mRx           written in cycle 2"), std::string::npos) << p;
  EXPECT_NE(p.find("slot alu, 20 bits"), std::string::npos);
  EXPECT_NE(page("jl")->find("JL_IND"), std::string::npos);
  EXPECT_NE(page("x3")->find("bits 511..256 are wh3"), std::string::npos);
  EXPECT_NE(page("I48_LNG")->find("bundle of 6 bytes"), std::string::npos);
  auto none = page("vmax");
  ASSERT_FALSE(none.ok());
  EXPECT_EQ(none.errors()[0].code, "isa-name");
}

TEST(IsaPage, OpenChoicesNameInstructions) {
  std::string open = openChoices();
  EXPECT_NE(open.find("ASHL LSHL"), std::string::npos);
  EXPECT_EQ(open.find("Open:"), std::string::npos);
  EXPECT_NE(open.find("srSRS_of"), std::string::npos); // one of the machine's
}

} // namespace
} // namespace ashlar::isa
