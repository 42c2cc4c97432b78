// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The two numberings are joined once, by name.
#include "codegen/target/isa_join.h"
#include "codegen/target/mc.h"

#include "llvm/CodeGen/MachineInstr.h"
#include "llvm/MC/MCInstrInfo.h"
#include "llvm/MC/MCRegisterInfo.h"

#include <memory>

using namespace llvm;
namespace isa = ashlar::isa;

namespace {
struct Join {
  std::vector<isa::Opcode> opcodes;
  std::vector<unsigned> back;
  std::vector<isa::Reg> registers;
  std::vector<MCRegister> registersBack;
  Join() {
    std::unique_ptr<MCInstrInfo> instructions(theAIE2Target().createMCInstrInfo());
    std::unique_ptr<MCRegisterInfo> regs(
        theAIE2Target().createMCRegInfo(Triple("aie2-none-unknown-elf")));
    for (unsigned i = 0; i < instructions->getNumOpcodes(); ++i) {
      isa::Opcode opcode = isa::findOpcode(std::string_view(instructions->getName(i)));
      opcodes.push_back(opcode);
      auto at = static_cast<size_t>(opcode);
      if (back.size() <= at) back.resize(at + 1);
      back[at] = i;
    }
    for (unsigned i = 0; i < regs->getNumRegs(); ++i) {
      isa::Reg reg = i ? isa::findReg(regs->getName(i)) : isa::Reg::None;
      registers.push_back(reg);
      auto at = static_cast<size_t>(reg);
      if (registersBack.size() <= at) registersBack.resize(at + 1);
      if (reg != isa::Reg::None) registersBack[at] = MCRegister(i);
    }
  }
};
const Join &join() {
  static const Join made;
  return made;
}
} // namespace

isa::Opcode llvm::isaOpcode(unsigned opcode) { return join().opcodes[opcode]; }
unsigned llvm::llvmOpcode(isa::Opcode opcode) { return join().back[static_cast<size_t>(opcode)]; }
isa::Reg llvm::isaReg(MCRegister reg) { return join().registers[reg.id()]; }

MCRegister llvm::llvmReg(isa::Reg reg) { return join().registersBack[static_cast<size_t>(reg)]; }

isa::Inst llvm::isaInst(const MachineInstr &mi) {
  isa::Inst inst;
  inst.opcode = isaOpcode(mi.getOpcode());
  for (unsigned i = 0; i < mi.getNumExplicitOperands() && i < isa::kMaxOperands; ++i) {
    const MachineOperand &op = mi.getOperand(i);
    if (op.isReg())
      inst.ops[i] = op.getReg() ? static_cast<int32_t>(isaReg(op.getReg().asMCReg())) : 0;
    else if (op.isImm())
      inst.ops[i] = static_cast<int32_t>(op.getImm());
    if (i + 1 >= isa::info(inst.opcode).operands.size()) break;
  }
  return inst;
}
