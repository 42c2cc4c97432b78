// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Instruction selection: generic operations to AIE2 instructions. What has one instruction stands
// in a table; addresses fold a constant or an index register into the access.
#include "codegen/target/select_vector.h"
#include "codegen/target/target.h"

#include "llvm/CodeGen/GlobalISel/GIMatchTableExecutorImpl.h"
#include "llvm/CodeGen/GlobalISel/GenericMachineInstrs.h"
#include "llvm/CodeGen/GlobalISel/MachineIRBuilder.h"
#include "llvm/CodeGen/GlobalISel/Utils.h"
#include "llvm/CodeGen/MachineJumpTableInfo.h"

using namespace llvm;
using namespace TargetOpcode;

namespace {
class Selector : public InstructionSelector {
public:
  Selector(const AIE2Subtarget &subtarget, const AIE2RegisterBankInfo &banks)
      : tii_(*subtarget.getInstrInfo()), registers_(*subtarget.getRegisterInfo()), banks_(banks) {}
  bool select(MachineInstr &mi) override;
  void setupGeneratedPerFunctionState(MachineFunction &) override {}

private:
  const TargetRegisterClass *classOf(Register reg, const MachineRegisterInfo &mri) const;
  bool constrain(MachineInstr &mi, unsigned operand) const;
  bool finish(MachineInstr &from, MachineInstr &to) const;
  bool copy(MachineInstr &mi) const;
  bool selectCompare(MachineInstr &mi, MachineIRBuilder &b) const;
  bool selectShift(MachineInstr &mi, MachineIRBuilder &b) const;
  bool selectBranch(MachineInstr &mi, MachineIRBuilder &b) const;
  bool selectSelect(MachineInstr &mi, MachineIRBuilder &b) const;
  bool selectMemory(MachineInstr &mi, MachineIRBuilder &b) const;
  bool selectPtrAdd(MachineInstr &mi, MachineIRBuilder &b) const;
  bool selectExtend(MachineInstr &mi, MachineIRBuilder &b, Register from, unsigned bits,
                    bool isSigned) const;
  Register word(MachineIRBuilder &b, int64_t value) const {
    Register reg = b.getMRI()->createVirtualRegister(&AIE2::eRRegClass);
    b.buildInstr(AIE2::MOV_IMM, {reg}, {}).addImm(value);
    return reg;
  }

  const AIE2InstrInfo &tii_;
  const AIE2RegisterInfo &registers_;
  const AIE2RegisterBankInfo &banks_;
};

const TargetRegisterClass *Selector::classOf(Register reg, const MachineRegisterInfo &mri) const {
  if (const TargetRegisterClass *known = mri.getRegClassOrNull(reg)) return known;
  const RegisterBank *bank = banks_.getRegBank(reg, mri, registers_);
  if (!bank) return nullptr;
  if (bank->getID() == AIE2::PTRBID) return &AIE2::ePRegClass;
  if (bank->getID() == AIE2::GPRBID) return &AIE2::eRRegClass;
  unsigned bits = mri.getType(reg).getSizeInBits().getFixedValue();
  bool accumulator = bank->getID() == AIE2::ACCBID;
  switch (bits) {
  case 128: return bank->getID() == AIE2::MASKBID ? &AIE2::eQRegClass : &AIE2::eWRegClass;
  case 256: return accumulator ? &AIE2::eAMRegClass : &AIE2::eWRegClass;
  case 512: return accumulator ? &AIE2::eBMRegClass : &AIE2::eXRegClass;
  case 1024: return accumulator ? &AIE2::eCMRegClass : &AIE2::eYsRegClass;
  default: return nullptr;
  }
}

bool Selector::constrain(MachineInstr &mi, unsigned operand) const {
  MachineRegisterInfo &mri = mi.getMF()->getRegInfo();
  Register reg = mi.getOperand(operand).getReg();
  if (!reg || reg.isPhysical() || mri.getRegClassOrNull(reg)) return true;
  const TargetRegisterClass *rc = classOf(reg, mri);
  return rc && RegisterBankInfo::constrainGenericRegister(reg, *rc, mri);
}

bool Selector::copy(MachineInstr &mi) const {
  mi.setDesc(tii_.get(COPY));
  return constrain(mi, 0) && constrain(mi, 1);
}

bool Selector::finish(MachineInstr &from, MachineInstr &to) const {
  if (&from != &to) from.eraseFromParent();
  // A bank alone would let the operand's wide class decide, and cost a copy.
  for (unsigned i = 0; i < to.getNumExplicitOperands(); ++i)
    if (to.getOperand(i).isReg() && !constrain(to, i)) return false;
  // Nothing reads the carry (wide additions compare instead) or a select's r27.
  for (MachineOperand &op : to.implicit_operands())
    if (op.isReg() && op.isDef() && (op.getReg() == AIE2::srCarry || op.getReg() == AIE2::r27))
      op.setIsDead();
  return constrainSelectedInstRegOperands(to, tii_, registers_, banks_);
}

unsigned simpleOpcode(unsigned generic) {
  switch (generic) {
  case G_ADD: return AIE2::ADD;
  case G_SUB: return AIE2::SUB;
  case G_MUL: return AIE2::MUL_mul_r_rr;
  case G_AND: return AIE2::AND;
  case G_OR: return AIE2::OR;
  case G_XOR: return AIE2::XOR;
  case G_SHL: return AIE2::LSHL;
  case G_ABS: return AIE2::ABS;
  case G_CTLZ:
  case G_CTLZ_ZERO_UNDEF: return AIE2::CLZ;
  default: return 0;
  }
}

bool Selector::selectExtend(MachineInstr &mi, MachineIRBuilder &b, Register from, unsigned bits,
                            bool isSigned) const {
  Register to = mi.getOperand(0).getReg();
  if (bits == 8 || bits == 16) {
    unsigned opcode = bits == 8 ? (isSigned ? AIE2::EXTENDs8 : AIE2::EXTENDu8)
                                : (isSigned ? AIE2::EXTENDs16 : AIE2::EXTENDu16);
    return finish(mi, *b.buildInstr(opcode, {to}, {from}));
  }
  Register up = b.getMRI()->createVirtualRegister(&AIE2::eRRegClass);
  auto left = b.buildInstr(AIE2::LSHL, {up}, {from, word(b, 32 - static_cast<int64_t>(bits))});
  if (!constrainSelectedInstRegOperands(*left, tii_, registers_, banks_)) return false;
  return finish(mi, *b.buildInstr(isSigned ? AIE2::ASHL : AIE2::LSHL, {to},
                                  {up, word(b, static_cast<int64_t>(bits) - 32)}));
}

bool Selector::selectShift(MachineInstr &mi, MachineIRBuilder &b) const {
  // lshl and ashl shift right by a negative amount.
  Register amount = mi.getOperand(2).getReg(), by;
  if (auto k = getIConstantVRegSExtVal(amount, *b.getMRI())) {
    by = word(b, -*k);
  } else {
    by = b.getMRI()->createVirtualRegister(&AIE2::eRRegClass);
    auto negate = b.buildInstr(AIE2::SUB, {by}, {word(b, 0), amount});
    negate->findRegisterDefOperand(AIE2::srCarry, nullptr)->setIsDead();
    if (!constrainSelectedInstRegOperands(*negate, tii_, registers_, banks_)) return false;
  }
  unsigned opcode = mi.getOpcode() == G_LSHR ? AIE2::LSHL : AIE2::ASHL;
  return finish(mi, *b.buildInstr(opcode, {mi.getOperand(0)}, {mi.getOperand(1), by}));
}

bool Selector::selectCompare(MachineInstr &mi, MachineIRBuilder &b) const {
  auto predicate = static_cast<CmpInst::Predicate>(mi.getOperand(1).getPredicate());
  Register to = mi.getOperand(0).getReg(), left = mi.getOperand(2).getReg(),
           right = mi.getOperand(3).getReg();
  if (ICmpInst::isEquality(predicate))
    for (auto [x, k] : {std::pair(left, right), {right, left}})
      if (getIConstantVRegSExtVal(k, *b.getMRI()) == std::optional<int64_t>(0))
        return finish(
            mi, *b.buildInstr(predicate == CmpInst::ICMP_EQ ? AIE2::EQZ : AIE2::NEZ, {to}, {x}));
  unsigned opcode = 0;
  bool swap = false;
  switch (predicate) {
  case CmpInst::ICMP_EQ: opcode = AIE2::EQ; break;
  case CmpInst::ICMP_NE: opcode = AIE2::NE; break;
  case CmpInst::ICMP_SLT: opcode = AIE2::LT; break;
  case CmpInst::ICMP_SGT: opcode = AIE2::LT, swap = true; break;
  case CmpInst::ICMP_ULT: opcode = AIE2::LTU; break;
  case CmpInst::ICMP_UGT: opcode = AIE2::LTU, swap = true; break;
  case CmpInst::ICMP_SGE: opcode = AIE2::GE; break;
  case CmpInst::ICMP_SLE: opcode = AIE2::GE, swap = true; break;
  case CmpInst::ICMP_UGE: opcode = AIE2::GEU; break;
  case CmpInst::ICMP_ULE: opcode = AIE2::GEU, swap = true; break;
  default: return false;
  }
  if (swap) std::swap(left, right);
  return finish(mi, *b.buildInstr(opcode, {to}, {left, right}));
}

bool Selector::selectBranch(MachineInstr &mi, MachineIRBuilder &b) const {
  MachineRegisterInfo &mri = *b.getMRI();
  Register condition = mi.getOperand(0).getReg();
  unsigned opcode = AIE2::JNZ;
  // A test against zero is the branch's own.
  for (MachineInstr *def = mri.getVRegDef(condition); def && def->getOpcode() == G_ICMP;
       def = mri.getVRegDef(condition)) {
    auto predicate = static_cast<CmpInst::Predicate>(def->getOperand(1).getPredicate());
    if (!ICmpInst::isEquality(predicate) ||
        getIConstantVRegSExtVal(def->getOperand(3).getReg(), mri) != std::optional<int64_t>(0))
      break;
    condition = def->getOperand(2).getReg();
    if (predicate == CmpInst::ICMP_EQ) opcode = opcode == AIE2::JNZ ? AIE2::JZ : AIE2::JNZ;
  }
  auto built = b.buildInstr(opcode).addUse(condition).addMBB(mi.getOperand(1).getMBB());
  return finish(mi, *built);
}

bool Selector::selectSelect(MachineInstr &mi, MachineIRBuilder &b) const {
  return finish(mi, *b.buildInstr(AIE2::SELECT, {mi.getOperand(0)},
                                  {mi.getOperand(2), mi.getOperand(3), mi.getOperand(1)}));
}

bool Selector::selectPtrAdd(MachineInstr &mi, MachineIRBuilder &b) const {
  MachineRegisterInfo &mri = *b.getMRI();
  Register by = mi.getOperand(2).getReg();
  auto k = getIConstantVRegSExtVal(by, mri);
  if (k && isShiftedInt<10, 2>(*k))
    return finish(mi,
                  *b.buildInstr(AIE2::PADD_IMM, {mi.getOperand(0)}, {mi.getOperand(1)}).addImm(*k));
  Register m = mri.createVirtualRegister(&AIE2::eMRegClass);
  if (k) {
    b.buildInstr(AIE2::MOV_IMM_M, {m}, {}).addImm(*k);
  } else {
    if (!constrain(mi, 2)) return false;
    b.buildInstr(COPY, {m}, {by});
  }
  return finish(mi, *b.buildInstr(AIE2::PADD_MOD, {mi.getOperand(0)}, {mi.getOperand(1), m}));
}

struct Access {
  unsigned immediate, indexed; ///< opcodes
  unsigned bits;               ///< of the immediate field
  unsigned scale;              ///< log2
};
Access accessFor(unsigned generic, unsigned bytes) {
  bool store = generic == G_STORE, isSigned = generic == G_SEXTLOAD;
  if (bytes == 4)
    return store ? Access{AIE2::ST_dms_sts_idx_imm, AIE2::ST_dms_sts_idx, 6, 2}
                 : Access{AIE2::LDA_dms_lda_idx_imm, AIE2::LDA_dms_lda_idx, 6, 2};
  if (bytes == 2) {
    if (store) return {AIE2::ST_S16_ag_idx_imm, AIE2::ST_S16_ag_idx, 3, 0};
    return isSigned ? Access{AIE2::LDA_S16_ag_idx_imm, AIE2::LDA_S16_ag_idx, 3, 0}
                    : Access{AIE2::LDA_U16_ag_idx_imm, AIE2::LDA_U16_ag_idx, 3, 0};
  }
  if (store) return {AIE2::ST_S8_ag_idx_imm, AIE2::ST_S8_ag_idx, 3, 0};
  return isSigned ? Access{AIE2::LDA_S8_ag_idx_imm, AIE2::LDA_S8_ag_idx, 3, 0}
                  : Access{AIE2::LDA_U8_ag_idx_imm, AIE2::LDA_U8_ag_idx, 3, 0};
}

bool Selector::selectMemory(MachineInstr &mi, MachineIRBuilder &b) const {
  MachineRegisterInfo &mri = *b.getMRI();
  bool store = mi.getOpcode() == G_STORE;
  const MachineMemOperand &memory = **mi.memoperands_begin();
  if (!memory.getSize().hasValue()) return false;
  uint64_t bytes = memory.getSize().getValue().getFixedValue();
  if (bytes != 1 && bytes != 2 && bytes != 4) return false;
  Access access = accessFor(mi.getOpcode(), static_cast<unsigned>(bytes));
  Register address = mi.getOperand(1).getReg();
  if (!constrain(mi, 0)) return false;
  auto start = [&](unsigned opcode) {
    auto built = b.buildInstr(opcode);
    if (store)
      built.addUse(mi.getOperand(0).getReg());
    else
      built.addDef(mi.getOperand(0).getReg());
    return built.cloneMemRefs(mi);
  };
  MachineInstr *def = mri.getVRegDef(address);
  while (def && def->isCopy() && def->getOperand(1).getReg().isVirtual() &&
         mri.getType(def->getOperand(1).getReg()).isValid())
    def = mri.getVRegDef(def->getOperand(1).getReg());
  int64_t offset = 0;
  Register base = address, index;
  if (def && def->getOpcode() == G_PTR_ADD) {
    Register by = def->getOperand(2).getReg();
    if (auto k = getIConstantVRegSExtVal(by, mri)) {
      offset = *k;
      base = def->getOperand(1).getReg();
      def = mri.getVRegDef(base);
    } else if (mri.hasOneNonDBGUse(address)) {
      base = def->getOperand(1).getReg();
      index = by;
    }
  }
  if (bytes == 4 && !index && def && def->getOpcode() == G_FRAME_INDEX) {
    auto built = start(store ? AIE2::ST_FI : AIE2::LDA_FI)
                     .addFrameIndex(def->getOperand(1).getIndex())
                     .addImm(offset);
    return finish(mi, *built);
  }
  if (index) {
    const TargetRegisterClass *rc = classOf(index, mri);
    if (!rc || !RegisterBankInfo::constrainGenericRegister(index, *rc, mri)) return false;
    Register dj = mri.createVirtualRegister(&AIE2::eDJRegClass);
    b.buildInstr(COPY, {dj}, {index});
    return finish(mi, *start(access.indexed).addUse(base).addUse(dj));
  }
  int64_t unit = int64_t(1) << access.scale;
  if (offset % unit == 0 && isIntN(access.bits, offset / unit))
    return finish(mi, *start(access.immediate).addUse(base).addImm(offset));
  Register dj = mri.createVirtualRegister(&AIE2::eDJRegClass);
  b.buildInstr(AIE2::MOV_IMM_DJ, {dj}, {}).addImm(offset);
  return finish(mi, *start(access.indexed).addUse(base).addUse(dj));
}

bool Selector::select(MachineInstr &mi) {
  MachineBasicBlock &block = *mi.getParent();
  MachineFunction &mf = *block.getParent();
  MachineRegisterInfo &mri = mf.getRegInfo();
  unsigned opcode = mi.getOpcode();
  if (!isPreISelGenericOpcode(opcode)) {
    if (!mi.isCopy()) return true;
    if (!constrain(mi, 0)) return false;
    return mi.getOperand(1).getSubReg() || constrain(mi, 1);
  }
  MachineIRBuilder b(mi);
  if (isVectorAccess(mi, mri)) return selectVectorAccess(mi, b);
  if (opcode == G_PHI) {
    mi.setDesc(tii_.get(PHI));
    for (unsigned i = 0; i < mi.getNumOperands(); i += i ? 2 : 1)
      if (!constrain(mi, i)) return false;
    return true;
  }
  if (opcode == G_ADD)
    if (auto k = getIConstantVRegSExtVal(mi.getOperand(2).getReg(), mri); k && isInt<7>(*k))
      return finish(
          mi, *b.buildInstr(AIE2::ADD_add_r_ri, {mi.getOperand(0)}, {mi.getOperand(1)}).addImm(*k));
  if (opcode == G_AND)
    if (auto k = getIConstantVRegSExtVal(mi.getOperand(2).getReg(), mri);
        k && (*k == 255 || *k == 65535))
      return selectExtend(mi, b, mi.getOperand(1).getReg(), *k == 255 ? 8 : 16, false);
  if (unsigned simple = simpleOpcode(opcode)) {
    auto built = b.buildInstr(simple, {mi.getOperand(0)}, {});
    for (unsigned i = 1; i < mi.getNumExplicitOperands(); ++i)
      built.addUse(mi.getOperand(i).getReg());
    return finish(mi, *built);
  }
  switch (opcode) {
  case G_LSHR:
  case G_ASHR: return selectShift(mi, b);
  case G_ICMP: return selectCompare(mi, b);
  case G_SELECT: return selectSelect(mi, b);
  case G_BRCOND: return selectBranch(mi, b);
  case G_BR: mi.setDesc(tii_.get(AIE2::J_jump_imm)); return true;
  case G_BRINDIRECT:
    return finish(mi, *b.buildInstr(AIE2::J_jump_ind).addUse(mi.getOperand(0).getReg()));
  case G_LOAD:
  case G_SEXTLOAD:
  case G_ZEXTLOAD:
  case G_STORE: return selectMemory(mi, b);
  case G_PTR_ADD: return selectPtrAdd(mi, b);
  case G_SEXT_INREG:
    return selectExtend(mi, b, mi.getOperand(1).getReg(),
                        static_cast<unsigned>(mi.getOperand(2).getImm()), true);
  case G_TRUNC:
  case G_ANYEXT:
  case G_PTRTOINT:
  case G_INTTOPTR:
  case G_FREEZE:
  case G_BITCAST:
  case G_ADDRSPACE_CAST:
  case G_CONSTANT_FOLD_BARRIER:
  case G_ASSERT_SEXT:
  case G_ASSERT_ZEXT:
  case G_ASSERT_ALIGN: return copy(mi);
  case G_IMPLICIT_DEF: mi.setDesc(tii_.get(IMPLICIT_DEF)); return constrain(mi, 0);
  case G_CONSTANT: {
    bool pointer = mri.getType(mi.getOperand(0).getReg()).isPointer();
    int64_t value = mi.getOperand(1).isCImm() ? mi.getOperand(1).getCImm()->getSExtValue()
                                              : mi.getOperand(1).getImm();
    return finish(mi,
                  *b.buildInstr(pointer ? AIE2::MOV_IMM_P : AIE2::MOV_IMM, {mi.getOperand(0)}, {})
                       .addImm(value));
  }
  case G_GLOBAL_VALUE:
    return finish(
        mi, *b.buildInstr(AIE2::MOVXM_lng_cg, {mi.getOperand(0)}, {})
                 .addGlobalAddress(mi.getOperand(1).getGlobal(), mi.getOperand(1).getOffset()));
  case G_BLOCK_ADDR:
    return finish(mi, *b.buildInstr(AIE2::MOVXM_lng_cg, {mi.getOperand(0)}, {})
                           .addBlockAddress(mi.getOperand(1).getBlockAddress()));
  case G_JUMP_TABLE:
    return finish(mi, *b.buildInstr(AIE2::MOVXM_lng_cg, {mi.getOperand(0)}, {})
                           .addJumpTableIndex(mi.getOperand(1).getIndex()));
  case G_FRAME_INDEX:
    return finish(mi, *b.buildInstr(AIE2::LEA_FI, {mi.getOperand(0)}, {})
                           .addFrameIndex(mi.getOperand(1).getIndex())
                           .addImm(0));
  case G_TRAP:
  case G_DEBUGTRAP:
  case G_UBSANTRAP: return finish(mi, *b.buildInstr(AIE2::DONE));
  case G_FENCE:
  case G_PREFETCH: mi.eraseFromParent(); return true;
  default: return false;
  }
}
} // namespace

InstructionSelector *llvm::createAIE2InstructionSelector(const AIE2TargetMachine &,
                                                         const AIE2Subtarget &subtarget,
                                                         const AIE2RegisterBankInfo &banks) {
  return new Selector(subtarget, banks);
}
