// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Calls of vector operations to instructions. Operands follow the ISA's order; 64-bit masks travel
// in pairs, compressed factors as data and mask, shifts in s registers, and a constant offset of
// the pointer goes into the access.
#include "codegen/target/bind.h"
#include "codegen/target/intrinsics.h"
#include "codegen/target/isa_join.h"
#include "codegen/target/target.h"

#include "llvm/CodeGen/GlobalISel/MachineIRBuilder.h"
#include "llvm/CodeGen/GlobalISel/Utils.h"
#include "llvm/IR/Function.h"
#include "llvm/IR/InstrTypes.h"
#include "llvm/IR/LLVMContext.h"

using namespace llvm;
namespace isa = ashlar::isa;

namespace {
class Lowering {
public:
  Lowering(MachineIRBuilder &b, CallLowering::CallLoweringInfo &info, const AIE2Intrinsic &row)
      : b_(b), info_(info), row_(row), mri_(*b.getMRI()),
        tii_(*b.getMF().getSubtarget().getInstrInfo()) {
    for (const CallLowering::ArgInfo &argument : info.OrigArgs)
      arguments_.append(argument.Regs.begin(), argument.Regs.end());
    results_.append(info.OrigRet.Regs.begin(), info.OrigRet.Regs.end());
  }

  bool run() {
    unsigned opcode = row_.opcode;
    if (row_.immediate != AIE2::INSTRUCTION_LIST_END && !arguments_.empty())
      if (auto k = constant(arguments_.back())) {
        const isa::OperandInfo &last = isa::info(isaOpcode(row_.immediate)).operands.back();
        if (*k >= last.minimum() && *k <= last.maximum()) opcode = row_.immediate;
      }
    const isa::InstInfo &instruction = isa::info(isaOpcode(opcode));
    const MCInstrDesc &description = tii_.get(opcode);
    // Operands first: what prepares them stands before the instruction.
    SmallVector<MachineOperand, 8> operands;
    for (unsigned i = 0; i < instruction.numOuts; ++i)
      if (!output(classOf(description, i), operands)) return mismatch();
    for (unsigned i = instruction.numOuts; i < instruction.operands.size(); ++i)
      if (!input(instruction.operands[i], classOf(description, i), operands)) return mismatch();
    if (next_ != arguments_.size() || nextResult_ != results_.size()) return mismatch();
    auto built = b_.buildInstrNoInsert(opcode);
    for (const MachineOperand &op : operands) built.add(op);
    for (MachineOperand &op : built->implicit_operands())
      if (op.isReg() && op.isDef() &&
          StringRef(b_.getMF().getSubtarget().getRegisterInfo()->getName(op.getReg()))
              .starts_with("sr"))
        op.setIsDead(); // status bits are hints
    tieOperands(*built);
    if (instruction.mayLoad || instruction.mayStore) addMemory(*built, instruction);
    b_.insertInstr(built);
    for (auto [result, defined] : copies_) b_.buildCopy(result, defined);
    for (auto [result, pair] : pairs_) {
      Register low = mri_.createGenericVirtualRegister(LLT::scalar(32)),
               high = mri_.createGenericVirtualRegister(LLT::scalar(32));
      b_.buildInstr(TargetOpcode::COPY).addDef(low).addUse(pair, {}, AIE2::sub_lo32);
      b_.buildInstr(TargetOpcode::COPY).addDef(high).addUse(pair, {}, AIE2::sub_hi32);
      b_.buildMergeLikeInstr(result, {low, high});
    }
    return true;
  }

private:
  std::optional<int64_t> constant(Register reg) const {
    return mri_.getType(reg) == LLT::scalar(32) ? getIConstantVRegSExtVal(reg, mri_) : std::nullopt;
  }
  bool mismatch() {
    return refuseAIE2Intrinsic(b_, info_, row_.name,
                               "is called with arguments that it does not have");
  }

  const TargetRegisterClass *classOf(const MCInstrDesc &description, unsigned operand) const {
    const TargetRegisterClass *rc = tii_.getRegClass(description, operand);
    if (!rc || rc->isAllocatable()) return rc;
    if (rc == &AIE2::mMvSclDstRegClass || rc == &AIE2::mMvSclSrcRegClass) return &AIE2::eRRegClass;
    return row_.inAccumulator ? &AIE2::eBMRegClass : &AIE2::eXRegClass; // x or bm
  }

  bool output(const TargetRegisterClass *rc, SmallVectorImpl<MachineOperand> &operands) {
    auto define = [&](Register reg, bool dead = false) {
      operands.push_back(MachineOperand::CreateReg(reg, true, false, false, dead));
      return true;
    };
    if (nextResult_ >= results_.size())
      // A caller that ignores further results names none.
      return nextResult_ > 0 && define(mri_.createVirtualRegister(rc), true);
    Register result = results_[nextResult_++];
    if (rc == &AIE2::eLRegClass) {
      if (mri_.getType(result).getSizeInBits() != 64) return false;
      Register pair = mri_.createVirtualRegister(rc);
      pairs_.push_back({result, pair});
      return define(pair);
    }
    if (!fits(result, *rc)) return false;
    if (rc == &AIE2::eRS8RegClass) {
      Register mask = mri_.createVirtualRegister(rc);
      copies_.push_back({result, mask});
      return define(mask);
    }
    Register defined = bindDef(b_, result, *rc);
    if (defined != result) copies_.push_back({result, defined});
    return define(defined);
  }

  bool fits(Register reg, const TargetRegisterClass &rc) const {
    LLT type = mri_.getType(reg);
    uint64_t bits = b_.getMF().getSubtarget().getRegisterInfo()->getRegSizeInBits(rc);
    if (bits <= 32) return type.getSizeInBits() == 32;
    return type.isVector() && type.getSizeInBits() == bits;
  }

  bool input(const isa::OperandInfo &operand, const TargetRegisterClass *rc,
             SmallVectorImpl<MachineOperand> &operands) {
    StringRef name = operand.name;
    if (name == "imm" || name == "dj") return offset(operand, operands);
    if (next_ >= arguments_.size()) return false;
    Register from = arguments_[next_++];
    if (!operand.isReg) {
      auto k = constant(from);
      if (!k) return false;
      operands.push_back(MachineOperand::CreateImm(*k));
      return true;
    }
    auto use = [&](Register reg) {
      operands.push_back(MachineOperand::CreateReg(reg, false));
      return true;
    };
    if (rc == &AIE2::eQXRegClass) {
      if (next_ >= arguments_.size()) return false;
      return use(compressed(from, arguments_[next_++]));
    }
    if (rc == &AIE2::eLRegClass)
      return mri_.getType(from).getSizeInBits() == 64 && use(pairOf(from));
    if (!fits(from, *rc)) return false;
    if (rc == &AIE2::eSRegClass)
      if (auto k = constant(from); k && isInt<10>(*k)) {
        Register shift = mri_.createVirtualRegister(rc);
        b_.buildInstr(AIE2::MOV_IMM_S, {shift}, {}).addImm(*k);
        return use(shift);
      }
    if (name == "ptr") {
      pointer_ = next_ - 1;
      foldOffset(operand, from);
    }
    bool narrow = rc->getNumRegs() < 9 && rc != &AIE2::ePRegClass && rc != &AIE2::eYsRegClass;
    if (narrow) {
      // Only a copy is bound to the few registers.
      Register copy = mri_.createVirtualRegister(rc);
      b_.buildCopy(copy, from);
      return use(copy);
    }
    return use(bindUse(b_, from, *rc));
  }

  /// The pointer's constant part, when the access can hold it.
  void foldOffset(const isa::OperandInfo &, Register &pointer) {
    offset_ = 0;
    MachineInstr *def = mri_.getVRegDef(pointer);
    if (!def || def->getOpcode() != TargetOpcode::G_PTR_ADD) return;
    auto k = getIConstantVRegSExtVal(def->getOperand(2).getReg(), mri_);
    const isa::InstInfo &instruction = isa::info(isaOpcode(row_.opcode));
    for (const isa::OperandInfo &operand : instruction.operands)
      if (k && StringRef(operand.name) == "imm" && *k % operand.scale == 0 &&
          *k >= operand.minimum() && *k <= operand.maximum()) {
        offset_ = *k;
        pointer = def->getOperand(1).getReg();
      }
  }
  bool offset(const isa::OperandInfo &operand, SmallVectorImpl<MachineOperand> &operands) {
    if (!operand.isReg) {
      operands.push_back(MachineOperand::CreateImm(offset_));
      return true;
    }
    Register dj = mri_.createVirtualRegister(&AIE2::eDJRegClass);
    b_.buildInstr(AIE2::MOV_IMM_DJ, {dj}, {}).addImm(0);
    operands.push_back(MachineOperand::CreateReg(dj, false));
    return true;
  }

  Register pairOf(Register value) {
    auto halves = b_.buildUnmerge(LLT::scalar(32), value);
    Register pair = mri_.createVirtualRegister(&AIE2::eLRegClass);
    b_.buildInstr(TargetOpcode::REG_SEQUENCE)
        .addDef(pair)
        .addUse(bindUse(b_, halves.getReg(0), AIE2::eRRegClass))
        .addImm(AIE2::sub_lo32)
        .addUse(bindUse(b_, halves.getReg(1), AIE2::eRRegClass))
        .addImm(AIE2::sub_hi32);
    return pair;
  }
  Register compressed(Register data, Register mask) {
    Register q = mri_.createVirtualRegister(&AIE2::eQRegClass);
    b_.buildInstr(AIE2::VMOV_mv_w).addDef(q).addUse(bindUse(b_, mask, AIE2::eWRegClass));
    Register both = mri_.createVirtualRegister(&AIE2::eQXRegClass);
    b_.buildInstr(TargetOpcode::REG_SEQUENCE)
        .addDef(both)
        .addUse(bindUse(b_, data, AIE2::eXRegClass))
        .addImm(AIE2::sub_qx_x)
        .addUse(q)
        .addImm(AIE2::sub_qx_q);
    return both;
  }

  void addMemory(MachineInstr &mi, const isa::InstInfo &instruction) {
    MachineFunction &mf = b_.getMF();
    auto flags = instruction.mayStore ? MachineMemOperand::MOStore : MachineMemOperand::MOLoad;
    if (pointer_ >= arguments_.size() || !info_.CB) return; // no operand: may touch anything
    MachinePointerInfo where(info_.CB->getArgOperand(static_cast<unsigned>(pointer_)));
    mi.addMemOperand(mf, mf.getMachineMemOperand(where, flags,
                                                 LLT::scalar(8u * instruction.memoryBytes),
                                                 Align(instruction.memoryBytes)));
  }

  MachineIRBuilder &b_;
  CallLowering::CallLoweringInfo &info_;
  const AIE2Intrinsic &row_;
  MachineRegisterInfo &mri_;
  const TargetInstrInfo &tii_;
  SmallVector<Register, 8> arguments_, results_;
  size_t next_ = 0, nextResult_ = 0, pointer_ = ~size_t(0);
  int64_t offset_ = 0;
  SmallVector<std::pair<Register, Register>, 2> copies_, pairs_;
};
} // namespace

/// Halves, pairs and widening of registers: only sub-registers, no instruction.
bool llvm::lowerAIE2VectorPart(MachineIRBuilder &b, CallLowering::CallLoweringInfo &info,
                               StringRef name) {
  MachineRegisterInfo &mri = *b.getMRI();
  const auto refuse = [&] {
    return refuseAIE2Intrinsic(b, info, name, "is a reserved name of the compiler's own");
  };
  const size_t arguments = name == "join" ? 2 : 1;
  if (info.OrigArgs.size() != arguments || info.OrigRet.Regs.size() != 1) return refuse();
  for (const CallLowering::ArgInfo &a : info.OrigArgs)
    if (a.Regs.size() != 1 || mri.getType(a.Regs[0]) != mri.getType(info.OrigArgs[0].Regs[0]))
      return refuse();
  Register to = info.OrigRet.Regs[0], from = info.OrigArgs[0].Regs[0];
  LLT narrow = mri.getType(name.starts_with("part") ? to : from),
      wide = mri.getType(name.starts_with("part") ? from : to);
  auto bits = static_cast<unsigned>(narrow.getSizeInBits().getFixedValue());
  if (!narrow.isVector() || !wide.isVector() ||
      wide.getSizeInBits() != narrow.getSizeInBits() * 2 ||
      (bits != 128 && bits != 256 && bits != 512))
    return refuse();
  bool accumulator = wide.getScalarSizeInBits() == 64;
  auto classOf = [&](unsigned n) -> const TargetRegisterClass & {
    switch (n) {
    case 128:
    case 256: return accumulator ? AIE2::eAMRegClass : AIE2::eWRegClass;
    case 512: return accumulator ? AIE2::eBMRegClass : AIE2::eXRegClass;
    default: return accumulator ? AIE2::eCMRegClass : AIE2::eYsRegClass;
    }
  };
  const TargetRegisterClass &whole = classOf(2 * bits), &piece = classOf(bits);
  unsigned low = bits == 512 ? AIE2::sub_512_lo : AIE2::sub_256_lo,
           high = bits == 512 ? AIE2::sub_512_hi : AIE2::sub_256_hi;
  if (bits == 128) { // both stand in the low half of a w register
    if (name != "part_lo" && name != "widen") return refuse();
    Register target = bindDef(b, to, piece);
    b.buildCopy(target, bindUse(b, from, piece));
    finishDef(b, to, target);
    return true;
  }
  if (name.starts_with("part")) {
    Register target = bindDef(b, to, piece);
    b.buildInstr(TargetOpcode::COPY)
        .addDef(target)
        .addUse(bindUse(b, from, whole), {}, name == "part_lo" ? low : high);
    finishDef(b, to, target);
    return true;
  }
  Register second;
  if (name == "join") {
    second = bindUse(b, info.OrigArgs[1].Regs[0], piece);
  } else {
    second = mri.createVirtualRegister(&piece);
    b.buildInstr(TargetOpcode::IMPLICIT_DEF).addDef(second);
  }
  Register target = bindDef(b, to, whole);
  b.buildInstr(TargetOpcode::REG_SEQUENCE)
      .addDef(target)
      .addUse(bindUse(b, from, piece))
      .addImm(low)
      .addUse(second)
      .addImm(high);
  finishDef(b, to, target);
  return true;
}

bool llvm::lowerAIE2VectorIntrinsic(MachineIRBuilder &b, CallLowering::CallLoweringInfo &info,
                                    const AIE2Intrinsic &row) {
  return Lowering(b, info, row).run();
}
