// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// LLVM numbers opcodes and registers its own way; both sides use the names of the description.
#pragma once

#include "isa/isa.h"

#include "llvm/MC/MCRegister.h"

namespace llvm {
class MachineInstr;
/// Opcode::Invalid for a pseudo instruction.
ashlar::isa::Opcode isaOpcode(unsigned llvmOpcode);
unsigned llvmOpcode(ashlar::isa::Opcode opcode);
ashlar::isa::Reg isaReg(MCRegister reg);
MCRegister llvmReg(ashlar::isa::Reg reg);
/// The instruction with its registers and constants; an operand that is a symbol becomes 0.
ashlar::isa::Inst isaInst(const MachineInstr &mi);
} // namespace llvm
