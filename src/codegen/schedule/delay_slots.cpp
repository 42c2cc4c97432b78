// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Five bundles after a branch are issued whichever way it goes. Blocks are often so short that
// nothing of their own is left for them; then arithmetic of the blocks behind may come early.
#include "codegen/schedule/delay_slots.h"

#include "codegen/schedule/forms.h"
#include "codegen/target/isa_join.h"
#include "codegen/target/target.h"

#include "llvm/CodeGen/MachineBasicBlock.h"
#include "llvm/CodeGen/MachineFunction.h"

using namespace llvm;

namespace ashlar::codegen::schedule {
namespace {
/// Register units in LLVM's counting.
class RegisterSet {
public:
  explicit RegisterSet(const TargetRegisterInfo &registers)
      : registers_(registers), units_(registers.getNumRegUnits()) {}
  void add(MCRegister reg) {
    for (MCRegUnit u : registers_.regunits(reg)) units_.set(static_cast<unsigned>(u));
  }
  bool has(MCRegister reg) const {
    for (MCRegUnit u : registers_.regunits(reg))
      if (units_.test(static_cast<unsigned>(u))) return true;
    return false;
  }

private:
  const TargetRegisterInfo &registers_;
  BitVector units_;
};

bool isDeadFlag(const MachineOperand &op) {
  return op.isDef() && op.isDead() && op.getReg() == AIE2::srCarry;
}

bool isPlain(const MachineInstr &mi) {
  return !mi.isTerminator() && !mi.isCall() && !mi.mayLoadOrStore() && !isBarrier(mi) &&
         !mi.isInlineAsm() && !mi.isMetaInstruction() && !mi.getFlag(MachineInstr::FrameSetup) &&
         !mi.getFlag(MachineInstr::FrameDestroy) &&
         (isExpandable(mi) || isaOpcode(mi.getOpcode()) != isa::Opcode::Invalid);
}

/// Whether a register that allocation does not see is read in the block before it is written.
bool readsFirst(const MachineBasicBlock &block, MCRegister reg,
                const TargetRegisterInfo &registers) {
  for (const MachineInstr &mi : block) {
    if (mi.readsRegister(reg, &registers)) return true;
    if (mi.modifiesRegister(reg, &registers)) return false;
  }
  return false;
}
} // namespace

SmallVector<MachineInstr *, 8> speculative(MachineBasicBlock &from, const MachineInstr &branch,
                                           unsigned most) {
  SmallVector<MachineInstr *, 8> out;
  const MachineBasicBlock &before = *branch.getParent();
  if (from.pred_size() != 1 || *from.pred_begin() != &before || from.hasAddressTaken()) return out;
  const TargetRegisterInfo &registers = *from.getParent()->getSubtarget().getRegisterInfo();
  const MachineRegisterInfo &mri = from.getParent()->getRegInfo();
  RegisterSet wanted(registers), read(registers), written(registers);
  SmallVector<const MachineBasicBlock *, 2> others;
  for (const MachineBasicBlock *s : before.successors())
    if (s != &from) {
      others.push_back(s);
      for (const auto &in : s->liveins()) wanted.add(in.PhysReg);
    }
  for (const MachineInstr &end : before.terminators())
    for (const MachineOperand &op : end.operands())
      if (op.isReg() && op.getReg()) wanted.add(op.getReg().asMCReg());
  unsigned seen = 0;
  for (MachineInstr &mi : from) {
    if (mi.isTerminator() || mi.isCall() || mi.isBundle() || mi.isInlineAsm() ||
        out.size() == most || ++seen > 24)
      break;
    bool fine = isPlain(mi);
    for (const MachineOperand &op : mi.operands()) {
      if (op.isRegMask()) fine = false;
      if (!op.isReg() || !op.getReg() || isDeadFlag(op)) continue;
      MCRegister reg = op.getReg().asMCReg();
      if (op.isUse()) {
        fine &= !written.has(reg);
        continue;
      }
      fine &= !wanted.has(reg) && !read.has(reg) && !written.has(reg);
      if (mri.isReserved(reg)) {
        fine &= reg == AIE2::r27;
        for (const MachineBasicBlock *s : others) fine &= !readsFirst(*s, reg, registers);
      }
    }
    if (fine) {
      out.push_back(&mi);
      continue;
    }
    for (const MachineOperand &op : mi.operands()) {
      if (!op.isReg() || !op.getReg() || isDeadFlag(op)) continue;
      (op.isUse() ? read : written).add(op.getReg().asMCReg());
    }
  }
  return out;
}

void hoist(MachineInstr &mi, MachineInstr &branch) {
  MachineBasicBlock &from = *mi.getParent();
  for (MachineOperand &op : mi.operands())
    if (op.isReg() && op.isDef() && op.getReg() && !isDeadFlag(op) &&
        !from.isLiveIn(op.getReg().asMCReg()))
      from.addLiveIn(op.getReg().asMCReg());
  mi.moveBefore(&branch);
}

void computeConditionsInPlace(MachineBasicBlock &block) {
  const TargetRegisterInfo &registers = *block.getParent()->getSubtarget().getRegisterInfo();
  for (MachineInstr &move : make_early_inc_range(block)) {
    if (move.getOpcode() != AIE2::MOV_mv_scl || move.getOperand(0).getReg() != AIE2::r27 ||
        !move.getOperand(1).isKill())
      continue;
    Register condition = move.getOperand(1).getReg();
    // Back to what computes it; nothing between may touch either register.
    for (MachineInstr *mi = move.getPrevNode(); mi; mi = mi->getPrevNode()) {
      bool makes = mi->getNumExplicitDefs() == 1 && mi->getOperand(0).isReg() &&
                   mi->getOperand(0).getReg() == condition;
      bool touches =
          mi->readsRegister(AIE2::r27, &registers) || mi->modifiesRegister(AIE2::r27, &registers);
      if (makes && !touches && isPlain(*mi)) {
        isa::Opcode opcode = isaOpcode(mi->getOpcode());
        bool takes = opcode == isa::Opcode::Invalid
                         ? mi->getOpcode() == AIE2::MOV_IMM
                         : isa::contains(isa::info(opcode).operands[0].cls, isa::Reg::r27) &&
                               isa::info(opcode).operands[0].tiedTo < 0;
        for (const isa::OperandInfo &o : opcode == isa::Opcode::Invalid
                                             ? std::span<const isa::OperandInfo>()
                                             : isa::info(opcode).operands)
          takes &= o.tiedTo < 0;
        if (takes) {
          mi->getOperand(0).setReg(AIE2::r27);
          mi->getOperand(0).setIsDead(false);
          move.eraseFromParent();
        }
        break;
      }
      if (touches || mi->isCall() || mi->isBundle() || mi->isInlineAsm() ||
          mi->readsRegister(condition, &registers) || mi->modifiesRegister(condition, &registers))
        break;
    }
  }
}

} // namespace ashlar::codegen::schedule
