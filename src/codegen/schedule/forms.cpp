// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Constants go into any of three slots, steps of a pointer too, copies of a register into the move
// or the arithmetic slot, vector loads into both load slots when their timing agrees.
#include "codegen/schedule/forms.h"
#include "codegen/target/isa_join.h"
#include "codegen/target/target.h"

#include "llvm/ADT/DenseMap.h"
#include "llvm/Analysis/ValueTracking.h"
#include "llvm/CodeGen/MachineInstrBuilder.h"
#include "llvm/IR/Instructions.h"

#include <algorithm>

namespace ashlar::codegen::schedule {
namespace {
namespace AIE2 = llvm::AIE2;
using isa::Opcode;

isa::Inst make(Opcode opcode, std::initializer_list<int32_t> operands) {
  isa::Inst inst;
  inst.opcode = opcode;
  std::copy(operands.begin(), operands.end(), inst.ops.begin());
  return inst;
}

bool fits(Opcode opcode, unsigned operand, int64_t value) {
  const isa::OperandInfo &info = isa::info(opcode).operands[operand];
  return value % info.scale == 0 && value >= info.minimum() && value <= info.maximum();
}

/// Loads of 256 bits exist in both load slots with the same operands.
Opcode otherLoad(Opcode opcode) {
  static constexpr std::pair<Opcode, Opcode> kPairs[] = {
      {Opcode::VLDA_dmw_lda_w_ag_idx, Opcode::VLDB_dmw_ldb_ag_idx},
      {Opcode::VLDA_dmw_lda_w_ag_idx_imm, Opcode::VLDB_dmw_ldb_ag_idx_imm},
      {Opcode::VLDA_dmw_lda_w_ag_pstm_nrm, Opcode::VLDB_dmw_ldb_ag_pstm_nrm},
      {Opcode::VLDA_dmw_lda_w_ag_pstm_nrm_imm, Opcode::VLDB_dmw_ldb_ag_pstm_nrm_imm},
      {Opcode::VLDA_2D_dmw_lda_w, Opcode::VLDB_2D},
      {Opcode::VLDA_3D_dmw_lda_w, Opcode::VLDB_3D},
  };
  for (auto [a, b] : kPairs) {
    if (opcode == a) return b;
    if (opcode == b) return a;
  }
  return Opcode::Invalid;
}

/// All operands of `inst` are legal in the other form.
bool legal(const isa::Inst &inst) {
  const isa::InstInfo &info = isa::info(inst);
  for (unsigned i = 0; i < info.operands.size(); ++i) {
    const isa::OperandInfo &o = info.operands[i];
    if (o.isReg ? !isa::contains(o.cls, inst.reg(i)) : !fits(inst.opcode, i, inst.ops[i]))
      return false;
  }
  return true;
}
} // namespace

std::vector<isa::Inst> formsOf(const llvm::MachineInstr &mi) {
  auto reg = [&](unsigned i) {
    return static_cast<int32_t>(isaReg(mi.getOperand(i).getReg().asMCReg()));
  };
  std::vector<isa::Inst> forms;
  switch (mi.getOpcode()) {
  case AIE2::MOV_IMM:
  case AIE2::MOV_IMM_P:
  case AIE2::MOV_IMM_M:
  case AIE2::MOV_IMM_DJ:
  case AIE2::MOV_IMM_S: {
    auto value = static_cast<int32_t>(mi.getOperand(1).getImm());
    auto d = static_cast<isa::Reg>(reg(0));
    for (Opcode opcode : {Opcode::MOVX_alu_cg, Opcode::MOVA_lda_cg, Opcode::MOV_mv_cg})
      if (fits(opcode, 1, value) && isa::contains(isa::info(opcode).operands[0].cls, d))
        forms.push_back(make(opcode, {reg(0), value}));
    if (forms.empty()) forms.push_back(make(Opcode::MOVXM_lng_cg, {reg(0), value}));
    return forms;
  }
  case AIE2::PADD_IMM: {
    auto value = static_cast<int32_t>(mi.getOperand(2).getImm());
    for (Opcode opcode : {Opcode::PADDB_ldb_ptr_inc_nrm_imm, Opcode::PADDS_st_ptr_inc_idx_imm,
                          Opcode::PADDA_lda_ptr_inc_idx_imm})
      if (fits(opcode, 2, value)) forms.push_back(make(opcode, {reg(0), reg(0), value}));
    return forms;
  }
  case AIE2::PADD_MOD:
    for (Opcode opcode : {Opcode::PADDB_ldb_ptr_inc_nospill_nrm, Opcode::PADDS_st_ptr_inc_idx,
                          Opcode::PADDA_lda_ptr_inc_idx})
      forms.push_back(make(opcode, {reg(0), reg(0), reg(2)}));
    return forms;
  case AIE2::PADDB_sp_imm: {
    auto value = static_cast<int32_t>(mi.getOperand(0).getImm());
    return {make(Opcode::PADDB_sp_imm, {value}), make(Opcode::PADDA_sp_imm, {value})};
  }
  default: break;
  }
  isa::Inst inst = llvm::isaInst(mi);
  isa::complete(inst);
  forms.push_back(inst);
  if (mi.getOpcode() == AIE2::MOV_mv_scl && isa::contains(isa::ClassId::eR, inst.reg(0)) &&
      isa::contains(isa::ClassId::eR, inst.reg(1)))
    forms.push_back(make(Opcode::OR, {inst.ops[0], inst.ops[1], inst.ops[1]}));
  // Adding a constant goes into the move slot too, when nobody wants the carry.
  if (mi.getOpcode() == AIE2::ADD_add_r_ri && mi.registerDefIsDead(AIE2::srCarry, nullptr) &&
      fits(Opcode::ADD_NC, 2, inst.ops[2]))
    forms.push_back(make(Opcode::ADD_NC, {inst.ops[0], inst.ops[1], inst.ops[2]}));
  if (Opcode other = otherLoad(inst.opcode); other != Opcode::Invalid) {
    isa::Inst twin = inst;
    twin.opcode = other;
    if (legal(twin)) forms.push_back(twin);
  }
  return forms;
}

bool isExpandable(const llvm::MachineInstr &mi) {
  switch (mi.getOpcode()) {
  case AIE2::MOV_IMM:
  case AIE2::MOV_IMM_P:
  case AIE2::MOV_IMM_M:
  case AIE2::MOV_IMM_DJ:
  case AIE2::MOV_IMM_S:
  case AIE2::PADD_IMM:
  case AIE2::PADD_MOD: return true;
  default: return false;
  }
}

bool isBarrier(const llvm::MachineInstr &mi) {
  return mi.isBundle() || mi.isInlineAsm() || (mi.hasUnmodeledSideEffects() && !mi.isCall());
}

/// Whether the function asks for status bits anywhere.
static bool readsFlags(const llvm::MachineFunction &mf) {
  for (isa::Reg r : {isa::Reg::srSRS_of, isa::Reg::srUPS_of, isa::Reg::srFPFlags,
                     isa::Reg::srF2FFlags, isa::Reg::srF2IFlags})
    if (!mf.getRegInfo().use_nodbg_empty(llvm::llvmReg(r))) return true;
  return false;
}

Item itemOf(const llvm::MachineInstr &mi) {
  Item item;
  bool flags = false;
  item.forms = formsOf(mi);
  item.control = mi.isCall() || mi.isTerminator();
  item.touchesMemory = mi.mayLoadOrStore() && !item.control;
  item.stores = mi.mayStore() && !item.control;
  item.barrier = isBarrier(mi);
  for (const llvm::MachineOperand &op : mi.implicit_operands())
    if (op.isReg() && op.isDef()) {
      item.deadCarry |= op.isDead() && op.getReg() == AIE2::srCarry;
      flags |= isa::isStickyFlag(isaReg(op.getReg().asMCReg()));
    }
  if (flags) item.looseFlags = !readsFlags(*mi.getMF());
  return item;
}

void nameObjects(llvm::ArrayRef<llvm::MachineInstr *> insts, std::vector<Item> &items) {
  llvm::DenseMap<const llvm::Value *, uint16_t> numbers; // null: the stack
  for (size_t i = 0; i < insts.size(); ++i) {
    if (!items[i].touchesMemory || !insts[i]->hasOneMemOperand()) continue;
    const llvm::MachineMemOperand &memory = **insts[i]->memoperands_begin();
    const llvm::Value *object = nullptr;
    if (const llvm::Value *v = memory.getValue()) {
      llvm::SmallVector<const llvm::Value *, 4> all;
      llvm::getUnderlyingObjects(v, all);
      if (all.size() != 1) continue;
      if (!llvm::isa<llvm::AllocaInst>(all.front())) object = all.front();
    } else if (!memory.getPseudoValue()) {
      continue;
    }
    items[i].object = numbers.try_emplace(object, numbers.size() + 1).first->second;
  }
}

llvm::MachineInstr *build(llvm::MachineFunction &mf, const llvm::MachineInstr &mi,
                          const isa::Inst &form) {
  unsigned opcode = llvm::llvmOpcode(form.opcode);
  const isa::InstInfo &info = isa::info(form);
  if (opcode == mi.getOpcode()) {
    llvm::MachineInstr *copy = mf.CloneMachineInstr(&mi);
    for (unsigned o = 0; o < info.operands.size() && o < copy->getNumExplicitOperands(); ++o) {
      llvm::MachineOperand &op = copy->getOperand(o);
      if (op.isReg() && op.getReg()) op.setReg(llvm::llvmReg(form.reg(o)));
    }
    return copy;
  }
  auto built = BuildMI(mf, mi.getDebugLoc(), mf.getSubtarget().getInstrInfo()->get(opcode));
  for (unsigned o = 0; o < info.operands.size(); ++o) {
    if (info.operands[o].isReg)
      built.addReg(llvm::llvmReg(form.reg(o)), llvm::getDefRegState(info.operands[o].out));
    else if (o < mi.getNumExplicitOperands() && !mi.getOperand(o).isReg() &&
             !mi.getOperand(o).isImm())
      built.add(mi.getOperand(o));
    else
      built.addImm(form.ops[o]);
  }
  built.cloneMemRefs(mi);
  return built;
}

} // namespace ashlar::codegen::schedule
