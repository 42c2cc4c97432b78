// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Every instruction has a meaning or a reason for having none.
#include "emulator/core/semantics.h"

#include <gtest/gtest.h>

namespace ashlar::emulator {
namespace {

TEST(Semantics, EveryInstructionHasAMeaningOrAReason) {
  int simulated = 0;
  for (unsigned i = 1; i < isa::kOpcodeCount; ++i) {
    const auto opcode = static_cast<isa::Opcode>(i);
    const Semantics &s = semanticsOf(opcode);
    const isa::InstInfo &x = isa::info(opcode);
    if (s.kind == Kind::NotSimulated) {
      EXPECT_STRNE(s.reason, "no meaning is written down for it") << x.name;
      EXPECT_STRNE(s.reason, "") << x.name;
      continue;
    }
    ++simulated;
    if (s.kind == Kind::Load || s.kind == Kind::Store || s.kind == Kind::Compute)
      EXPECT_NE(s.kernel, nullptr) << x.name;
    const AddressOperands a = addressOperands(opcode);
    if (s.kind == Kind::Load || s.kind == Kind::Store || s.kind == Kind::StoreSubWord)
      EXPECT_NE(a.mode, AddressMode::None) << x.name;
    if (x.mayLoad && s.kind != Kind::Gather && s.kind != Kind::LoadTile &&
        s.kind != Kind::StoreSubWord)
      EXPECT_EQ(s.kind, Kind::Load) << x.name;
  }
  EXPECT_GE(simulated, 540);
}

} // namespace
} // namespace ashlar::emulator
