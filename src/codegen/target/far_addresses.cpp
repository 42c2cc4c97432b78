// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Vector accesses that lie too far behind their pointer for a constant in the instruction. Each
// would take a constant in an index register, made in the long slot; instead a copy of the pointer
// steps from access to access in program order, in any of three slots and in one register.
//
//   dj0 = 4096; load [p, dj0]; dj1 = 4128; load [p, dj1]   ->   q = p + 4096; load [q]; load [q,
//   32]
#include "codegen/target/isa_join.h"
#include "codegen/target/target.h"

#include "llvm/ADT/MapVector.h"
#include "llvm/CodeGen/MachineFunctionPass.h"
#include "llvm/CodeGen/MachineInstrBuilder.h"
#include "llvm/CodeGen/MachineRegisterInfo.h"

using namespace llvm;
namespace isa = ashlar::isa;

namespace {
constexpr int64_t kGrain = 32; ///< of the constants in vector accesses

/// An access at a constant distance from a pointer.
struct Access {
  MachineInstr *mi;
  isa::Opcode near; ///< the form with a constant
  unsigned pointer, offset;
  int64_t at;
  bool far; ///< its constant is in a register
};

/// From where to where a pointer serves, relative to it.
struct Reach {
  int64_t least, most;
};

class FarAddresses : public MachineFunctionPass {
public:
  static char ID;
  FarAddresses() : MachineFunctionPass(ID) {}
  StringRef getPassName() const override { return "AIE2 far addresses"; }
  void getAnalysisUsage(AnalysisUsage &usage) const override {
    usage.setPreservesCFG();
    MachineFunctionPass::getAnalysisUsage(usage);
  }
  bool runOnMachineFunction(MachineFunction &mf) override {
    mri_ = &mf.getRegInfo();
    tii_ = mf.getSubtarget().getInstrInfo();
    bool changed = false;
    for (MachineBasicBlock &block : mf) {
      MapVector<Register, SmallVector<Access, 8>> pointers;
      for (MachineInstr &mi : block)
        if (auto access = recognise(mi))
          pointers[mi.getOperand(access->pointer).getReg()].push_back(*access);
      for (auto &[pointer, accesses] : pointers)
        if (count_if(accesses, [](const Access &a) { return a.far; }) > 1) {
          step(pointer, accesses);
          changed = true;
        }
    }
    return changed;
  }

private:
  std::optional<Access> recognise(MachineInstr &mi) const {
    isa::Opcode opcode = isaOpcode(mi.getOpcode());
    if (opcode == isa::Opcode::Invalid || !(mi.mayLoad() || mi.mayStore())) return std::nullopt;
    const isa::InstInfo *info = &isa::info(opcode);
    std::string_view name = info->name;
    if (!name.starts_with("V")) return std::nullopt;
    Access access{&mi, opcode, 0, 0, 0, name.ends_with("_ag_idx")};
    if (access.far) {
      access.near = isa::findOpcode(std::string(name) + "_imm");
      if (access.near == isa::Opcode::Invalid) return std::nullopt;
    } else if (!name.ends_with("_ag_idx_imm")) {
      return std::nullopt;
    }
    bool found = false;
    for (unsigned i = 0; i < info->operands.size(); ++i) {
      std::string_view operand = info->operands[i].name;
      if (operand == "ptr") access.pointer = i, found = true;
      if (operand == "dj" || operand == "imm") access.offset = i;
    }
    const MachineOperand &pointer = mi.getOperand(access.pointer);
    if (!found || !pointer.isReg() || !pointer.getReg().isVirtual() || pointer.getSubReg())
      return std::nullopt;
    const MachineOperand &offset = mi.getOperand(access.offset);
    if (offset.isImm()) {
      access.at = offset.getImm();
      return access.at % kGrain ? std::nullopt : std::optional(access);
    }
    if (!offset.isReg() || !offset.getReg().isVirtual()) return std::nullopt;
    const MachineInstr *constant = mri_->getVRegDef(offset.getReg());
    if (!constant || constant->getOpcode() != AIE2::MOV_IMM_DJ || !constant->getOperand(1).isImm())
      return std::nullopt;
    access.at = constant->getOperand(1).getImm();
    return access.at % kGrain ? std::nullopt : std::optional(access);
  }

  static const isa::OperandInfo &constantOf(isa::Opcode opcode) {
    const auto &operands = isa::info(opcode).operands;
    return *std::ranges::find_if(operands, [](const isa::OperandInfo &o) { return !o.isReg; });
  }

  /// What the form allows; `narrow`: so that the second load slot can be taken too.
  static Reach reachOf(isa::Opcode opcode, bool narrow) {
    if (narrow && opcode == isa::Opcode::VLDA_dmw_lda_w_ag_idx_imm)
      opcode = isa::Opcode::VLDB_dmw_ldb_ag_idx_imm;
    const isa::OperandInfo &o = constantOf(opcode);
    return {o.minimum(), o.maximum()};
  }

  /// Cuts the accesses into runs that one place of the pointer serves; where each has its pointer.
  static SmallVector<int64_t, 32> place(ArrayRef<Access> accesses, bool narrow) {
    SmallVector<int64_t, 32> places;
    for (size_t first = 0; first < accesses.size();) {
      int64_t low = std::numeric_limits<int64_t>::min(), high = -low - 1;
      size_t end = first;
      for (; end < accesses.size(); ++end) {
        // The pointer may be where this access still reaches.
        const Reach reach = reachOf(accesses[end].near, narrow);
        int64_t l = std::max(low, accesses[end].at - reach.most),
                h = std::min(high, accesses[end].at - reach.least);
        if (l > h) break;
        low = l, high = h;
      }
      // At the first access, so that it can take the next step; as near to it as the others allow.
      int64_t at = std::clamp(accesses[first].at, low, high);
      for (; first < end; ++first) places.push_back(at);
    }
    return places;
  }
  static size_t steps(ArrayRef<int64_t> places) {
    size_t n = 0;
    for (size_t i = 0; i < places.size(); ++i) n += i == 0 || places[i] != places[i - 1];
    return n;
  }

  void step(Register pointer, ArrayRef<Access> accesses) {
    SmallVector<int64_t, 32> wide = place(accesses, false), narrow = place(accesses, true);
    const auto &places = steps(narrow) * 3 <= accesses.size() ? narrow : wide;
    Register now = pointer;
    int64_t at = 0;
    for (size_t i = 0; i < accesses.size(); ++i) {
      const Access &access = accesses[i];
      if (places[i] != at) {
        now = add(*access.mi, now, places[i] - at);
        at = places[i];
      }
      rewrite(access, now, access.at - at);
    }
  }

  Register add(MachineInstr &where, Register pointer, int64_t by) {
    Register made = mri_->createVirtualRegister(&AIE2::ePRegClass);
    MachineBasicBlock &block = *where.getParent();
    if (isShiftedInt<10, 2>(by)) {
      BuildMI(block, where, where.getDebugLoc(), tii_->get(AIE2::PADD_IMM), made)
          .addReg(pointer)
          .addImm(by);
    } else {
      Register m = mri_->createVirtualRegister(&AIE2::eMRegClass);
      BuildMI(block, where, where.getDebugLoc(), tii_->get(AIE2::MOV_IMM_M), m).addImm(by);
      BuildMI(block, where, where.getDebugLoc(), tii_->get(AIE2::PADD_MOD), made)
          .addReg(pointer)
          .addReg(m);
    }
    mri_->clearKillFlags(pointer);
    return made;
  }

  void rewrite(const Access &access, Register pointer, int64_t offset) {
    MachineInstr &mi = *access.mi;
    if (!access.far) {
      mi.getOperand(access.pointer).setReg(pointer);
      mi.getOperand(access.offset).setImm(offset);
      return;
    }
    // The forms name the same operands, in an order of their own.
    const isa::InstInfo &from = isa::info(isaOpcode(mi.getOpcode())), &to = isa::info(access.near);
    auto built = BuildMI(*mi.getParent(), mi, mi.getDebugLoc(), tii_->get(llvmOpcode(access.near)));
    for (const isa::OperandInfo &o : to.operands) {
      std::string_view name = o.name;
      if (!o.isReg) {
        built.addImm(offset);
      } else if (name == "ptr") {
        built.addReg(pointer);
      } else {
        for (unsigned k = 0; k < from.operands.size(); ++k)
          if (name == from.operands[k].name) built.add(mi.getOperand(k));
      }
    }
    built.cloneMemRefs(mi);
    built->setFlags(mi.getFlags());
    for (const MachineOperand &op : mi.implicit_operands())
      if (op.isReg() && op.isDef() && op.isDead())
        if (MachineOperand *same = built->findRegisterDefOperand(op.getReg(), nullptr))
          same->setIsDead();
    MachineInstr *constant = mri_->getVRegDef(mi.getOperand(access.offset).getReg());
    mi.eraseFromParent();
    if (mri_->use_nodbg_empty(constant->getOperand(0).getReg())) constant->eraseFromParent();
  }

  MachineRegisterInfo *mri_ = nullptr;
  const TargetInstrInfo *tii_ = nullptr;
};
char FarAddresses::ID = 0;
} // namespace

FunctionPass *llvm::createAIE2FarAddresses() { return new FarAddresses(); }
