// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Loads and stores of vectors. The address is a stack object, or a pointer with a constant or an
// index register; each part of a wide register has its own access.
#include "codegen/target/select_vector.h"
#include "codegen/target/bind.h"
#include "codegen/target/target.h"

#include "llvm/CodeGen/GlobalISel/Utils.h"

using namespace llvm;
using namespace TargetOpcode;

namespace {
class Access {
public:
  Access(MachineInstr &mi, MachineIRBuilder &b)
      : mi_(mi), b_(b), mri_(*b.getMRI()), store_(mi.getOpcode() == G_STORE),
        memory_(**mi.memoperands_begin()) {}

  bool run() {
    Register value = mi_.getOperand(0).getReg();
    LLT type = mri_.getType(value);
    auto bits = static_cast<unsigned>(type.getSizeInBits().getFixedValue());
    if (!memory_.getSize().hasValue() || memory_.getSize().getValue().getFixedValue() * 8 != bits)
      return false;
    accumulator_ = type.getScalarSizeInBits() == 64;
    findAddress();
    if (bits == 128) return quarter(value);
    const TargetRegisterClass &rc = classOf(bits);
    if (bits == 256) {
      Register reg = store_ ? bindUse(b_, value, rc) : bindDef(b_, value, rc);
      part(reg, 0);
      if (!store_) finishDef(b_, value, reg);
      return true;
    }
    // Indexes of the 256-bit parts within the register, in the order of memory.
    SmallVector<unsigned, 4> indexes = {AIE2::sub_256_lo, AIE2::sub_256_hi};
    const TargetRegisterInfo &registers = *b_.getMF().getSubtarget().getRegisterInfo();
    if (bits == 1024)
      indexes = {
          registers.composeSubRegIndices(AIE2::sub_512_lo, AIE2::sub_256_lo),
          registers.composeSubRegIndices(AIE2::sub_512_lo, AIE2::sub_256_hi),
          registers.composeSubRegIndices(AIE2::sub_512_hi, AIE2::sub_256_lo),
          registers.composeSubRegIndices(AIE2::sub_512_hi, AIE2::sub_256_hi),
      };
    SmallVector<Register, 4> parts;
    for (size_t i = 0; i < indexes.size(); ++i)
      parts.push_back(mri_.createVirtualRegister(&classOf(256)));
    if (store_) {
      Register whole = bindUse(b_, value, rc);
      for (size_t i = 0; i < parts.size(); ++i) {
        b_.buildInstr(COPY).addDef(parts[i]).addUse(whole, {}, indexes[i]);
        part(parts[i], static_cast<int64_t>(32 * i));
      }
      return true;
    }
    for (size_t i = 0; i < parts.size(); ++i) part(parts[i], static_cast<int64_t>(32 * i));
    Register whole = bindDef(b_, value, rc);
    auto sequence = b_.buildInstr(REG_SEQUENCE).addDef(whole);
    for (size_t i = 0; i < parts.size(); ++i) sequence.addUse(parts[i]).addImm(indexes[i]);
    finishDef(b_, value, whole);
    return true;
  }

private:
  const TargetRegisterClass &classOf(unsigned bits) const {
    switch (bits) {
    case 256: return accumulator_ ? AIE2::eAMRegClass : AIE2::eWRegClass;
    case 512: return accumulator_ ? AIE2::eBMRegClass : AIE2::eXRegClass;
    default: return accumulator_ ? AIE2::eCMRegClass : AIE2::eYsRegClass;
    }
  }

  void findAddress() {
    base_ = mi_.getOperand(1).getReg();
    Register address = base_;
    MachineInstr *def = definition(address);
    while (def && def->getOpcode() == G_PTR_ADD) {
      Register by = def->getOperand(2).getReg();
      if (auto k = getIConstantVRegSExtVal(by, mri_)) {
        offset_ += *k;
        base_ = def->getOperand(1).getReg();
        def = definition(base_);
        continue;
      }
      break;
    }
    if (def && def->getOpcode() == G_FRAME_INDEX) frameIndex_ = def->getOperand(1).getIndex();
  }
  MachineInstr *definition(Register reg) const {
    MachineInstr *def = mri_.getVRegDef(reg);
    while (def && def->isCopy() && def->getOperand(1).getReg().isVirtual() &&
           mri_.getType(def->getOperand(1).getReg()).isValid())
      def = mri_.getVRegDef(def->getOperand(1).getReg());
    return def;
  }
  Register base() { return bindUse(b_, base_, AIE2::ePRegClass); }

  MachineInstrBuilder start(unsigned opcode, Register reg, int64_t at, unsigned bytes) {
    auto built = b_.buildInstr(opcode);
    if (store_)
      built.addUse(reg);
    else
      built.addDef(reg);
    built.addMemOperand(b_.getMF().getMachineMemOperand(&memory_, at, LLT::scalar(8 * bytes)));
    return built;
  }
  Register index(int64_t value) {
    Register dj = mri_.createVirtualRegister(&AIE2::eDJRegClass);
    b_.buildInstr(AIE2::MOV_IMM_DJ, {dj}, {}).addImm(value);
    return dj;
  }

  /// One access of 256 bits, `at` bytes into the object.
  void part(Register reg, int64_t at) {
    int64_t offset = offset_ + at;
    if (frameIndex_ != INT_MAX) {
      unsigned opcode = accumulator_ ? (store_ ? AIE2::AM_STORE_FI : AIE2::AM_LOAD_FI)
                                     : (store_ ? AIE2::W_STORE_FI : AIE2::W_LOAD_FI);
      start(opcode, reg, at, 32).addFrameIndex(frameIndex_).addImm(offset);
      return;
    }
    Register pointer = base();
    if (offset % 32 == 0 && isInt<6>(offset / 32)) {
      unsigned opcode =
          accumulator_
              ? (store_ ? AIE2::VST_dmw_sts_am_ag_idx_imm : AIE2::VLDA_dmw_lda_am_ag_idx_imm)
              : (store_ ? AIE2::VST_dmw_sts_w_ag_idx_imm : AIE2::VLDA_dmw_lda_w_ag_idx_imm);
      start(opcode, reg, at, 32).addUse(pointer).addImm(offset);
      return;
    }
    unsigned opcode = accumulator_
                          ? (store_ ? AIE2::VST_dmw_sts_am_ag_idx : AIE2::VLDA_dmw_lda_am_ag_idx)
                          : (store_ ? AIE2::VST_dmw_sts_w_ag_idx : AIE2::VLDA_dmw_lda_w_ag_idx);
    Register dj = index(offset);
    start(opcode, reg, at, 32).addUse(pointer).addUse(dj);
  }

  /// 128 bits: the low half of a vector register.
  bool quarter(Register value) {
    Register reg =
        store_ ? bindUse(b_, value, AIE2::eWRegClass) : bindDef(b_, value, AIE2::eWRegClass);
    Register pointer = base();
    if (store_ && offset_ % 32 == 0 && isInt<6>(offset_ / 32)) {
      start(AIE2::VST_128_ag_idx_imm, reg, 0, 16).addUse(pointer).addImm(offset_);
    } else if (!store_ && offset_ == 0) {
      start(AIE2::VLDA_128, reg, 0, 16).addUse(pointer);
    } else {
      Register dj = index(offset_);
      start(store_ ? AIE2::VST_128_ag_idx : AIE2::VLDB_128_ag_idx, reg, 0, 16)
          .addUse(pointer)
          .addUse(dj);
    }
    if (!store_) finishDef(b_, value, reg);
    return true;
  }

  MachineInstr &mi_;
  MachineIRBuilder &b_;
  MachineRegisterInfo &mri_;
  bool store_;
  const MachineMemOperand &memory_;
  bool accumulator_ = false;
  Register base_;
  int64_t offset_ = 0;
  int frameIndex_ = INT_MAX;
};
} // namespace

bool llvm::isVectorAccess(const MachineInstr &mi, const MachineRegisterInfo &mri) {
  return (mi.getOpcode() == G_LOAD || mi.getOpcode() == G_STORE) &&
         mri.getType(mi.getOperand(0).getReg()).isVector();
}

bool llvm::selectVectorAccess(MachineInstr &mi, MachineIRBuilder &b) {
  if (!Access(mi, b).run()) return false;
  mi.eraseFromParent();
  return true;
}
