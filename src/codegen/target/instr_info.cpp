// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Branch analysis, copies and spills. A copy between any two scalar registers is one `mov`;
// wider registers are copied by the widest vector move of their kind.
#include "codegen/target/target.h"

#include "llvm/CodeGen/MachineFrameInfo.h"
#include "llvm/CodeGen/MachineInstrBuilder.h"
#include "llvm/Support/ErrorHandling.h"

#define GET_INSTRINFO_CTOR_DTOR
#include "AIE2GenInstrInfo.inc"

using namespace llvm;

AIE2InstrInfo::AIE2InstrInfo(const AIE2Subtarget &subtarget)
    : AIE2GenInstrInfo(subtarget, registers, AIE2::ADJCALLSTACKDOWN, AIE2::ADJCALLSTACKUP) {}

unsigned AIE2InstrInfo::getInstSizeInBytes(const MachineInstr &mi) const {
  if (mi.isInlineAsm()) return 64;
  return mi.isMetaInstruction() ? 0 : mi.getDesc().getSize();
}

static bool isConditional(const MachineInstr &mi) {
  return mi.getOpcode() == AIE2::JZ || mi.getOpcode() == AIE2::JNZ;
}

bool AIE2InstrInfo::analyzeBranch(MachineBasicBlock &block, MachineBasicBlock *&taken,
                                  MachineBasicBlock *&other,
                                  SmallVectorImpl<MachineOperand> &condition,
                                  bool allowModify) const {
  taken = other = nullptr;
  condition.clear();
  SmallVector<MachineInstr *, 2> branches;
  for (MachineInstr &mi : block.terminators())
    if (!mi.isDebugInstr()) branches.push_back(&mi);
  if (branches.empty()) return false;
  auto setCondition = [&](MachineInstr &mi) {
    condition.push_back(MachineOperand::CreateImm(mi.getOpcode()));
    condition.push_back(mi.getOperand(0));
  };
  if (branches.front()->getOpcode() == AIE2::J_jump_imm) {
    taken = branches.front()->getOperand(0).getMBB();
    // What stands behind an unconditional jump is never reached.
    if (branches.size() > 1 && allowModify)
      while (&block.back() != branches.front()) block.back().eraseFromParent();
    return branches.size() > 1 && !allowModify;
  }
  if (!isConditional(*branches.front())) return true;
  if (branches.size() == 1) {
    taken = branches[0]->getOperand(1).getMBB();
    setCondition(*branches[0]);
    return false;
  }
  if (branches.size() == 2 && branches[1]->getOpcode() == AIE2::J_jump_imm) {
    taken = branches[0]->getOperand(1).getMBB();
    other = branches[1]->getOperand(0).getMBB();
    setCondition(*branches[0]);
    return false;
  }
  return true;
}

unsigned AIE2InstrInfo::removeBranch(MachineBasicBlock &block, int *bytes) const {
  unsigned removed = 0;
  for (auto it = block.getLastNonDebugInstr(); it != block.end();
       it = block.getLastNonDebugInstr()) {
    if (it->getOpcode() != AIE2::J_jump_imm && !isConditional(*it)) break;
    it->eraseFromParent();
    ++removed;
  }
  if (bytes) *bytes = 16 * static_cast<int>(removed);
  return removed;
}

unsigned AIE2InstrInfo::insertBranch(MachineBasicBlock &block, MachineBasicBlock *taken,
                                     MachineBasicBlock *other, ArrayRef<MachineOperand> condition,
                                     const DebugLoc &where, int *bytes) const {
  unsigned inserted = 1;
  if (condition.empty()) {
    BuildMI(&block, where, get(AIE2::J_jump_imm)).addMBB(taken);
  } else {
    BuildMI(&block, where, get(static_cast<unsigned>(condition[0].getImm())))
        .addReg(condition[1].getReg())
        .addMBB(taken);
    if (other) {
      BuildMI(&block, where, get(AIE2::J_jump_imm)).addMBB(other);
      ++inserted;
    }
  }
  if (bytes) *bytes = 16 * static_cast<int>(inserted);
  return inserted;
}

bool AIE2InstrInfo::reverseBranchCondition(SmallVectorImpl<MachineOperand> &condition) const {
  condition[0].setImm(condition[0].getImm() == AIE2::JNZ ? AIE2::JZ : AIE2::JNZ);
  return false;
}

bool AIE2InstrInfo::isSchedulingBoundary(const MachineInstr &mi, const MachineBasicBlock *block,
                                         const MachineFunction &function) const {
  return mi.isInlineAsm() || TargetInstrInfo::isSchedulingBoundary(mi, block, function);
}

void AIE2InstrInfo::copyPhysReg(MachineBasicBlock &block, MachineBasicBlock::iterator where,
                                const DebugLoc &line, Register to, Register from, bool kill, bool,
                                bool) const {
  auto move = [&](unsigned opcode, Register d, Register s, bool last) {
    auto mi = BuildMI(block, where, line, get(opcode), d).addReg(s, getKillRegState(kill && last));
    if (d != to) mi.addReg(to, RegState::ImplicitDefine);
    if (s != from) mi.addReg(from, RegState::Implicit | getKillRegState(kill && last));
  };
  auto pieces = [&](unsigned opcode, ArrayRef<unsigned> indexes) {
    for (unsigned index : indexes)
      move(opcode, registers.getSubReg(to, index), registers.getSubReg(from, index),
           index == indexes.back());
  };
  if (AIE2::mMvSclDstRegClass.contains(to) && AIE2::mMvSclSrcRegClass.contains(from))
    return move(AIE2::MOV_mv_scl, to, from, true);
  if (AIE2::mMvAMWQDstRegClass.contains(to) && AIE2::mMvAMWQDstRegClass.contains(from))
    return move(AIE2::VMOV_mv_w, to, from, true);
  if (AIE2::mMvBMXSrcRegClass.contains(to, from)) return move(AIE2::VMOV_mv_x, to, from, true);
  if (AIE2::eCMRegClass.contains(to, from)) return move(AIE2::VMOV_mv_cm, to, from, true);
  if (AIE2::eLRegClass.contains(to, from))
    return pieces(AIE2::MOV_mv_scl, {AIE2::sub_lo32, AIE2::sub_hi32});
  if (AIE2::eYsRegClass.contains(to, from) || AIE2::eCMRegClass.contains(to) ||
      AIE2::eCMRegClass.contains(from))
    return pieces(AIE2::VMOV_mv_x, {AIE2::sub_512_lo, AIE2::sub_512_hi});
  if (AIE2::eQXRegClass.contains(to, from)) {
    move(AIE2::VMOV_mv_x, registers.getSubReg(to, AIE2::sub_qx_x),
         registers.getSubReg(from, AIE2::sub_qx_x), false);
    return move(AIE2::VMOV_mv_w, registers.getSubReg(to, AIE2::sub_qx_q),
                registers.getSubReg(from, AIE2::sub_qx_q), true);
  }
  if (AIE2::eDRegClass.contains(to, from))
    return pieces(AIE2::MOV_mv_scl, {AIE2::sub_m, AIE2::sub_dn, AIE2::sub_dj, AIE2::sub_dc});
  if (AIE2::eDSRegClass.contains(to, from)) {
    for (unsigned half : {AIE2::sub_dlo, AIE2::sub_dhi})
      copyPhysReg(block, where, line, registers.getSubReg(to, half),
                  registers.getSubReg(from, half), false, false, false);
    return;
  }
  report_fatal_error(Twine("cannot copy ") + registers.getName(from) + " to " +
                     registers.getName(to));
}

namespace {
/// How registers of a class go to the stack and back.
struct StackForm {
  const TargetRegisterClass *rc;
  unsigned load, store;
};
constexpr StackForm kStackForms[] = {
    {&AIE2::mLdaSclRegClass, AIE2::LDA_FI, AIE2::ST_FI},
    {&AIE2::eWRegClass, AIE2::W_LOAD_FI, AIE2::W_STORE_FI},
    {&AIE2::eXRegClass, AIE2::X_LOAD_FI, AIE2::X_STORE_FI},
    {&AIE2::eYsRegClass, AIE2::Y_LOAD_FI, AIE2::Y_STORE_FI},
    {&AIE2::eAMRegClass, AIE2::AM_LOAD_FI, AIE2::AM_STORE_FI},
    {&AIE2::eBMRegClass, AIE2::BM_LOAD_FI, AIE2::BM_STORE_FI},
    {&AIE2::eCMRegClass, AIE2::CM_LOAD_FI, AIE2::CM_STORE_FI},
    {&AIE2::eQRegClass, AIE2::Q_LOAD_FI, AIE2::Q_STORE_FI},
    {&AIE2::eQXRegClass, AIE2::QX_LOAD_FI, AIE2::QX_STORE_FI},
    {&AIE2::eLRegClass, AIE2::L_LOAD_FI, AIE2::L_STORE_FI},
    {&AIE2::eSRegClass, AIE2::S_LOAD_FI, AIE2::S_STORE_FI},
    {&AIE2::eDRegClass, AIE2::D_LOAD_FI, AIE2::D_STORE_FI},
    {&AIE2::eDSRegClass, AIE2::DS_LOAD_FI, AIE2::DS_STORE_FI},
};
const StackForm &stackForm(Register reg, const TargetRegisterClass *rc,
                           const AIE2RegisterInfo &registers) {
  for (const StackForm &form : kStackForms)
    if (form.rc->hasSubClassEq(rc) || (reg.isPhysical() && form.rc->contains(reg))) return form;
  report_fatal_error(Twine("cannot spill a register of class ") + registers.getRegClassName(rc));
}
} // namespace

void AIE2InstrInfo::storeRegToStackSlot(MachineBasicBlock &block, MachineBasicBlock::iterator where,
                                        Register reg, bool kill, int frameIndex,
                                        const TargetRegisterClass *rc, Register,
                                        MachineInstr::MIFlag flags) const {
  MachineFunction &mf = *block.getParent();
  auto *memory = mf.getMachineMemOperand(
      MachinePointerInfo::getFixedStack(mf, frameIndex), MachineMemOperand::MOStore,
      mf.getFrameInfo().getObjectSize(frameIndex), mf.getFrameInfo().getObjectAlign(frameIndex));
  BuildMI(block, where, DebugLoc(), get(stackForm(reg, rc, registers).store))
      .addReg(reg, getKillRegState(kill))
      .addFrameIndex(frameIndex)
      .addImm(0)
      .addMemOperand(memory)
      .setMIFlag(flags);
}

void AIE2InstrInfo::loadRegFromStackSlot(MachineBasicBlock &block,
                                         MachineBasicBlock::iterator where, Register reg,
                                         int frameIndex, const TargetRegisterClass *rc, Register,
                                         unsigned, MachineInstr::MIFlag flags) const {
  MachineFunction &mf = *block.getParent();
  auto *memory = mf.getMachineMemOperand(
      MachinePointerInfo::getFixedStack(mf, frameIndex), MachineMemOperand::MOLoad,
      mf.getFrameInfo().getObjectSize(frameIndex), mf.getFrameInfo().getObjectAlign(frameIndex));
  BuildMI(block, where, DebugLoc(), get(stackForm(reg, rc, registers).load), reg)
      .addFrameIndex(frameIndex)
      .addImm(0)
      .addMemOperand(memory)
      .setMIFlag(flags);
}

Register AIE2InstrInfo::isLoadFromStackSlot(const MachineInstr &mi, int &frameIndex) const {
  auto known = [&](const StackForm &form) { return form.load == mi.getOpcode(); };
  if (none_of(kStackForms, known) || !mi.getOperand(1).isFI() || mi.getOperand(2).getImm())
    return Register();
  frameIndex = mi.getOperand(1).getIndex();
  return mi.getOperand(0).getReg();
}

Register AIE2InstrInfo::isStoreToStackSlot(const MachineInstr &mi, int &frameIndex) const {
  auto known = [&](const StackForm &form) { return form.store == mi.getOpcode(); };
  if (none_of(kStackForms, known) || !mi.getOperand(1).isFI() || mi.getOperand(2).getImm())
    return Register();
  frameIndex = mi.getOperand(1).getIndex();
  return mi.getOperand(0).getReg();
}

bool AIE2InstrInfo::expandPostRAPseudo(MachineInstr &mi) const {
  MachineBasicBlock &block = *mi.getParent();
  if (mi.getOpcode() == AIE2::PADD_2D || mi.getOpcode() == AIE2::PADD_3D) {
    const bool three = mi.getOpcode() == AIE2::PADD_3D;
    Register p = mi.getOperand(0).getReg(), d = mi.getOperand(1).getReg();
    auto built =
        BuildMI(block, mi, mi.getDebugLoc(), get(three ? AIE2::PADDB_3D : AIE2::PADDB_2D), p);
    for (unsigned half : {AIE2::sub_dlo, AIE2::sub_dhi})
      if (three)
        built.addReg(registers.getSubReg(registers.getSubReg(d, half), AIE2::sub_dc),
                     RegState::Define);
    if (!three) built.addReg(registers.getSubReg(d, AIE2::sub_dc), RegState::Define);
    built.addReg(p).addReg(d);
    mi.eraseFromParent();
    return true;
  }
  if (mi.getOpcode() != AIE2::SELECT) return false;
  BuildMI(block, mi, mi.getDebugLoc(), get(AIE2::MOV_mv_scl), AIE2::r27)
      .addReg(mi.getOperand(3).getReg());
  BuildMI(block, mi, mi.getDebugLoc(), get(AIE2::SELNEZ), mi.getOperand(0).getReg())
      .addReg(mi.getOperand(1).getReg())
      .addReg(mi.getOperand(2).getReg())
      .addReg(AIE2::r27, RegState::Kill);
  mi.eraseFromParent();
  return true;
}

void AIE2InstrInfo::insertNoop(MachineBasicBlock &block, MachineBasicBlock::iterator where) const {
  BuildMI(block, where, DebugLoc(), get(AIE2::NOP));
}
