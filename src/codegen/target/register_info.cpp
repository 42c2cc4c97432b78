// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Registers, and the end of frame indexes: sp-relative word accesses reach 8 KiB in one
// instruction, everything else goes through a pointer register.
#include "codegen/target/target.h"

#include "llvm/CodeGen/MachineFrameInfo.h"
#include "llvm/CodeGen/MachineInstrBuilder.h"
#include "llvm/CodeGen/RegisterScavenging.h"
#include "llvm/Support/ErrorHandling.h"

#define GET_REGINFO_TARGET_DESC
#include "AIE2GenRegisterInfo.inc"

using namespace llvm;

AIE2RegisterInfo::AIE2RegisterInfo() : AIE2GenRegisterInfo(AIE2::lr) {}

const MCPhysReg *AIE2RegisterInfo::getCalleeSavedRegs(const MachineFunction *) const {
  return CSR_AIE2_SaveList;
}

const uint32_t *AIE2RegisterInfo::getCallPreservedMask(const MachineFunction &,
                                                       CallingConv::ID) const {
  return CSR_AIE2_RegMask;
}

BitVector AIE2RegisterInfo::getReservedRegs(const MachineFunction &mf) const {
  BitVector reserved(getNumRegs());
  for (MCPhysReg reg : {AIE2::r27, AIE2::sp, AIE2::lr, AIE2::ls, AIE2::le, AIE2::lc, AIE2::dp,
                        AIE2::core_id, AIE2::tile_cntr})
    reserved.set(reg);
  // Control and status registers live outside allocation.
  for (MCPhysReg reg : AIE2::mMvSclSrcRegClass)
    if (StringRef(getName(reg)).starts_with("cr") || StringRef(getName(reg)).starts_with("sr"))
      reserved.set(reg);
  if (mf.getSubtarget().getFrameLowering()->hasFP(mf)) reserved.set(AIE2::p7);
  return reserved;
}

Register AIE2RegisterInfo::getFrameRegister(const MachineFunction &mf) const {
  return mf.getSubtarget().getFrameLowering()->hasFP(mf) ? AIE2::p7 : AIE2::sp;
}

bool AIE2RegisterInfo::eliminateFrameIndex(MachineBasicBlock::iterator it, int, unsigned operand,
                                           RegScavenger *) const {
  MachineInstr &mi = *it;
  MachineBasicBlock &block = *mi.getParent();
  MachineFunction &mf = *block.getParent();
  MachineRegisterInfo &mri = mf.getRegInfo();
  const TargetInstrInfo &tii = *mf.getSubtarget().getInstrInfo();
  const DebugLoc &line = mi.getDebugLoc();
  Register base;
  int64_t offset = mf.getSubtarget()
                       .getFrameLowering()
                       ->getFrameIndexReference(mf, mi.getOperand(operand).getIndex(), base)
                       .getFixed() +
                   mi.getOperand(operand + 1).getImm();

  // Leaves base + by in the pointer register d.
  auto pointerTo = [&](Register d, int64_t by) {
    BuildMI(block, it, line, tii.get(AIE2::MOV_mv_scl), d).addReg(base);
    if (by == 0) return;
    if (isShiftedInt<10, 2>(by)) {
      BuildMI(block, it, line, tii.get(AIE2::PADD_IMM), d).addReg(d).addImm(by);
      return;
    }
    Register m = mri.createVirtualRegister(&AIE2::eMRegClass);
    BuildMI(block, it, line, tii.get(AIE2::MOV_IMM_M), m).addImm(by);
    BuildMI(block, it, line, tii.get(AIE2::PADD_MOD), d).addReg(d).addReg(m, RegState::Kill);
  };

  if (mi.getOpcode() == AIE2::LEA_FI) {
    pointerTo(mi.getOperand(0).getReg(), offset);
    mi.eraseFromParent();
    return true;
  }
  bool load = mi.getOpcode() == AIE2::LDA_FI;
  if (!load && mi.getOpcode() != AIE2::ST_FI)
    report_fatal_error("frame index in an instruction that cannot hold one");
  const MachineOperand &value = mi.getOperand(0);
  auto access = [&](unsigned opcode) {
    auto built = BuildMI(block, it, line, tii.get(opcode));
    if (load)
      built.addReg(value.getReg(), RegState::Define);
    else
      built.addReg(value.getReg(), getKillRegState(value.isKill()));
    return built;
  };
  MachineInstr *done = nullptr;
  if (base == AIE2::sp && isShiftedInt<12, 2>(offset)) {
    done = access(load ? AIE2::LDA_dms_spill : AIE2::ST_dms_spill).addImm(offset);
  } else if (base != AIE2::sp && isShiftedInt<6, 2>(offset)) {
    done = access(load ? AIE2::LDA_dms_lda_idx_imm : AIE2::ST_dms_sts_idx_imm)
               .addReg(base)
               .addImm(offset);
  } else {
    Register index = mri.createVirtualRegister(&AIE2::eDJRegClass);
    Register pointer = base;
    if (base == AIE2::sp) {
      pointer = mri.createVirtualRegister(&AIE2::ePRegClass);
      BuildMI(block, it, line, tii.get(AIE2::MOV_mv_scl), pointer).addReg(base);
    }
    BuildMI(block, it, line, tii.get(AIE2::MOV_IMM_DJ), index).addImm(offset);
    done = access(load ? AIE2::LDA_dms_lda_idx : AIE2::ST_dms_sts_idx)
               .addReg(pointer, getKillRegState(pointer != base))
               .addReg(index, RegState::Kill);
  }
  done->setMemRefs(mf, mi.memoperands());
  done->setFlags(mi.getFlags());
  mi.eraseFromParent();
  return true;
}
