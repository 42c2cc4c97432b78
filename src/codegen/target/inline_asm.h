// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Inline assembly: one line is one bundle, in the syntax of `ashlar asm`. The code before it has
// landed all its results when it begins, its bundles issue exactly as written, and nops behind the
// last one wait until all of its results have landed.
#pragma once

#include "codegen/target/target.h"

#include "llvm/CodeGen/GlobalISel/InlineAsmLowering.h"

namespace llvm {

/// Operands: besides integers ("i", "n") also addresses of globals.
class AIE2InlineAsmLowering : public InlineAsmLowering {
public:
  using InlineAsmLowering::InlineAsmLowering;
  bool lowerAsmOperandForConstraint(Value *, StringRef constraint, std::vector<MachineOperand> &,
                                    MachineIRBuilder &) const override;
};

/// An IR pass that refuses, at the source line, what could not be selected.
FunctionPass *createAIE2CheckAsm();
/// A machine pass that turns each INLINEASM into bundles of real instructions.
FunctionPass *createAIE2ExpandAsm();

} // namespace llvm
