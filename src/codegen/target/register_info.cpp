// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Registers, and the end of frame indexes: sp-relative accesses of words reach 8 KiB, those of
// vectors the whole memory in one instruction; everything else goes through a pointer register.
#include "codegen/target/target.h"

#include "llvm/CodeGen/MachineFrameInfo.h"
#include "llvm/CodeGen/MachineInstrBuilder.h"
#include "llvm/CodeGen/RegisterScavenging.h"
#include "llvm/Support/ErrorHandling.h"

#define GET_REGINFO_TARGET_DESC
#include "AIE2GenRegisterInfo.inc"

using namespace llvm;

namespace {
/// The instructions that move one kind of register to and from memory.
struct Forms {
  unsigned load[3], store[3]; ///< below sp, behind a pointer by a constant, by a register
  bool belowOnly;             ///< the sp form has no offsets from 0 up
  unsigned bits, scale;       ///< of the sp form's field
  unsigned pointerBits;       ///< of the other's, same scale
};
constexpr Forms kWord = {{AIE2::LDA_dms_spill, AIE2::LDA_dms_lda_idx_imm, AIE2::LDA_dms_lda_idx},
                         {AIE2::ST_dms_spill, AIE2::ST_dms_sts_idx_imm, AIE2::ST_dms_sts_idx},
                         false,
                         12,
                         4,
                         6};
constexpr Forms kW = {
    {AIE2::VLDA_dmw_lda_w_ag_spill, AIE2::VLDA_dmw_lda_w_ag_idx_imm, AIE2::VLDA_dmw_lda_w_ag_idx},
    {AIE2::VST_dmw_sts_w_ag_spill, AIE2::VST_dmw_sts_w_ag_idx_imm, AIE2::VST_dmw_sts_w_ag_idx},
    true,
    13,
    32,
    6};
constexpr Forms kAM = {
    {AIE2::VLDA_dmw_lda_am_ag_spill, AIE2::VLDA_dmw_lda_am_ag_idx_imm,
     AIE2::VLDA_dmw_lda_am_ag_idx},
    {AIE2::VST_dmw_sts_am_ag_spill, AIE2::VST_dmw_sts_am_ag_idx_imm, AIE2::VST_dmw_sts_am_ag_idx},
    true,
    13,
    32,
    6};
constexpr Forms kQ = {
    {AIE2::LDA_dmv_lda_q_ag_spill, AIE2::LDA_dmv_lda_q_ag_idx_imm, AIE2::LDA_dmv_lda_q_ag_idx},
    {AIE2::ST_dmv_sts_q_ag_spill, AIE2::ST_dmv_sts_q_ag_idx_imm, AIE2::ST_dmv_sts_q_ag_idx},
    true,
    13,
    16,
    6};

/// Expands an access of one register at an address to those of its parts.
class StackAccess {
public:
  StackAccess(MachineInstr &mi, Register base, int64_t offset)
      : mi_(mi), block_(*mi.getParent()), mf_(*block_.getParent()), mri_(mf_.getRegInfo()),
        registers_(*mf_.getSubtarget().getRegisterInfo()), tii_(*mf_.getSubtarget().getInstrInfo()),
        load_(mi.mayLoad()), base_(base), offset_(offset) {}

  void expand() {
    if (!load_ && mi_.getOperand(0).isUndef()) return;
    whole(mi_.getOperand(0).getReg(), offset_);
    if (load_ || !last_) return;
    // Of a wide register only some parts may have values. All are stored, so each store uses its
    // part as it is, and the last one uses the register.
    Register reg = mi_.getOperand(0).getReg();
    if (last_->getOperand(0).getReg() != reg && last_->getOperand(0).isUndef())
      last_->addOperand(mf_,
                        MachineOperand::CreateReg(reg, false, true, mi_.getOperand(0).isKill()));
  }

private:
  void whole(Register reg, int64_t at) {
    if (AIE2::mLdaSclRegClass.contains(reg)) return part(kWord, reg, at);
    if (AIE2::eWRegClass.contains(reg)) return part(kW, reg, at);
    if (AIE2::eAMRegClass.contains(reg)) return part(kAM, reg, at);
    if (AIE2::eQRegClass.contains(reg)) return part(kQ, reg, at);
    if (AIE2::eSRegClass.contains(reg)) return shift(reg, at);
    auto parts = [&](ArrayRef<unsigned> indexes, int64_t step) {
      for (unsigned index : indexes) {
        whole(registers_.getSubReg(reg, index), at);
        at += step;
      }
    };
    if (AIE2::eLRegClass.contains(reg)) return parts({AIE2::sub_lo32, AIE2::sub_hi32}, 4);
    if (AIE2::eDRegClass.contains(reg))
      return parts({AIE2::sub_m, AIE2::sub_dn, AIE2::sub_dj, AIE2::sub_dc}, 4);
    if (AIE2::eDSRegClass.contains(reg)) return parts({AIE2::sub_dlo, AIE2::sub_dhi}, 16);
    if (AIE2::eQXRegClass.contains(reg)) return parts({AIE2::sub_qx_x, AIE2::sub_qx_q}, 64);
    if (AIE2::eXRegClass.contains(reg) || AIE2::eBMRegClass.contains(reg))
      return parts({AIE2::sub_256_lo, AIE2::sub_256_hi}, 32);
    parts({AIE2::sub_512_lo, AIE2::sub_512_hi}, 64);
  }

  /// Shift registers have no loads and stores.
  void shift(Register reg, int64_t at) {
    Register word = mri_.createVirtualRegister(&AIE2::eRRegClass);
    auto move = [&](Register to, Register from, unsigned flags) {
      BuildMI(block_, mi_, mi_.getDebugLoc(), tii_.get(AIE2::MOV_mv_scl), to).addReg(from, flags);
    };
    if (!load_) move(word, reg, getKillRegState(mi_.getOperand(0).isKill()));
    part(kWord, word, at);
    if (load_) move(reg, word, RegState::Kill);
  }

  void part(const Forms &forms, Register reg, int64_t at) {
    auto access = [&](unsigned form) {
      auto built = BuildMI(block_, mi_, mi_.getDebugLoc(),
                           tii_.get(load_ ? forms.load[form] : forms.store[form]));
      bool whole = reg == mi_.getOperand(0).getReg();
      if (load_)
        built.addReg(reg, RegState::Define);
      else if (whole || reg.isVirtual())
        built.addReg(reg, getKillRegState(mi_.getOperand(0).isKill() || reg.isVirtual()));
      else
        built.addReg(reg, RegState::Undef);
      last_ = built;
      built.setMemRefs(mi_.memoperands());
      built->setFlags(mi_.getFlags());
      return built;
    };
    auto scale = static_cast<int64_t>(forms.scale);
    if (base_ == AIE2::sp && at % scale == 0 && isIntN(forms.bits, at / scale) &&
        (at < 0 || !forms.belowOnly)) {
      access(0).addImm(at);
    } else if (base_ != AIE2::sp && at % scale == 0 && isIntN(forms.pointerBits, at / scale)) {
      access(1).addReg(base_).addImm(at);
    } else {
      Register index = mri_.createVirtualRegister(&AIE2::eDJRegClass);
      Register pointer = base_;
      if (base_ == AIE2::sp) {
        pointer = mri_.createVirtualRegister(&AIE2::ePRegClass);
        BuildMI(block_, mi_, mi_.getDebugLoc(), tii_.get(AIE2::MOV_mv_scl), pointer).addReg(base_);
      }
      BuildMI(block_, mi_, mi_.getDebugLoc(), tii_.get(AIE2::MOV_IMM_DJ), index).addImm(at);
      access(2).addReg(pointer, getKillRegState(pointer != base_)).addReg(index, RegState::Kill);
    }
  }

  MachineInstr &mi_;
  MachineBasicBlock &block_;
  MachineFunction &mf_;
  MachineRegisterInfo &mri_;
  const TargetRegisterInfo &registers_;
  const TargetInstrInfo &tii_;
  bool load_;
  MachineInstr *last_ = nullptr;
  Register base_;
  int64_t offset_;
};
} // namespace

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

/// A value that other instructions want as well is not bound to the one register that an operand
/// must have: two such operands of one instruction would find none.
bool AIE2RegisterInfo::shouldCoalesce(MachineInstr *copy, const TargetRegisterClass *source,
                                      unsigned, const TargetRegisterClass *, unsigned,
                                      const TargetRegisterClass *made, LiveIntervals &) const {
  if (!made || made->getNumRegs() > 1) return true;
  const MachineRegisterInfo &mri = copy->getMF()->getRegInfo();
  const MachineOperand &other = copy->getOperand(source == made ? 0 : 1);
  return !other.getReg().isVirtual() ||
         (mri.hasOneNonDBGUse(other.getReg()) && mri.hasOneDef(other.getReg()));
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
  StackAccess access(mi, base, offset);
  access.expand();
  mi.eraseFromParent();
  return true;
}
