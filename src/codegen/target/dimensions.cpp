// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Pointers that walk through two or three dimensions (`add_2d_byte`, `add_3d_byte`). The core keeps
// such a walk in one register of four or eight parts: three fixed numbers a dimension and the count
// that the instruction writes.
//
// In SSA form the count alone is carried from round to round, so that the whole would be put
// together in each. KeepWalks carries the whole: then a round costs one instruction.
// After allocation FoldWalks makes it part of the load or store in front:
//
//   vlda wl0, [p0, #0]; paddb.2d [p0], d0   ->   vlda.2d wl0, [p0], d0
#include "codegen/target/isa_join.h"
#include "codegen/target/target.h"

#include "llvm/CodeGen/MachineDominators.h"
#include "llvm/CodeGen/MachineFunctionPass.h"
#include "llvm/CodeGen/MachineInstrBuilder.h"
#include "llvm/CodeGen/MachineRegisterInfo.h"

using namespace llvm;
namespace isa = ashlar::isa;

namespace {
/// A value followed through copies: part `sub` of `reg`.
struct Origin {
  Register reg;
  unsigned sub = 0;
  bool operator==(const Origin &) const = default;
};

/// What a walk's register is made of.
struct Walk {
  SmallVector<Origin, 5> fixed;
  SmallVector<Origin, 2> counts;
};

class KeepWalks : public MachineFunctionPass {
public:
  static char ID;
  KeepWalks() : MachineFunctionPass(ID) {}
  StringRef getPassName() const override { return "AIE2 walks stay in their registers"; }
  void getAnalysisUsage(AnalysisUsage &usage) const override {
    usage.setPreservesCFG();
    usage.addRequired<MachineDominatorTreeWrapperPass>();
    MachineFunctionPass::getAnalysisUsage(usage);
  }
  bool runOnMachineFunction(MachineFunction &mf) override {
    mri_ = &mf.getRegInfo();
    tii_ = mf.getSubtarget().getInstrInfo();
    registers_ = mri_->getTargetRegisterInfo();
    SmallVector<MachineInstr *, 8> steps;
    for (MachineBasicBlock &block : mf)
      for (MachineInstr &mi : block)
        if (mi.getOpcode() == AIE2::PADD_2D || mi.getOpcode() == AIE2::PADD_3D)
          steps.push_back(&mi);
    if (steps.empty()) return false;
    dominators_ = &getAnalysis<MachineDominatorTreeWrapperPass>().getDomTree();
    for (MachineInstr *step : steps)
      if (auto walk = walkOf(step->getOperand(3).getReg()))
        made_[step->getOperand(1).getReg()] = *walk;
    for (MachineInstr *step : steps) keep(*step);
    made_.clear();
    return true;
  }

private:
  Origin follow(Register reg, unsigned sub = 0) const {
    Origin at{reg, sub};
    while (at.reg.isVirtual()) {
      const MachineInstr *def = mri_->getVRegDef(at.reg);
      if (!def || !def->isCopy() || !def->getOperand(1).getReg().isVirtual()) break;
      if (unsigned inner = def->getOperand(1).getSubReg())
        at.sub = at.sub ? registers_->composeSubRegIndices(inner, at.sub) : inner;
      at.reg = def->getOperand(1).getReg();
    }
    return at;
  }
  unsigned countPart(bool three, bool high) const {
    if (!three) return AIE2::sub_dc;
    return registers_->composeSubRegIndices(high ? AIE2::sub_dhi : AIE2::sub_dlo, AIE2::sub_dc);
  }
  /// Null where it is not put together from its parts.
  std::optional<Walk> walkOf(Register reg) const {
    Walk walk;
    auto dimension = [&](Register from, bool outer) {
      const MachineInstr *def = mri_->getVRegDef(from);
      if (!def || !def->isRegSequence()) return false;
      for (unsigned i = 1; i + 1 < def->getNumOperands(); i += 2) {
        auto part = static_cast<unsigned>(def->getOperand(i + 1).getImm());
        const Origin origin = follow(def->getOperand(i).getReg(), def->getOperand(i).getSubReg());
        if (part == AIE2::sub_dc)
          walk.counts.push_back(origin);
        else if (!outer || part != AIE2::sub_m)
          walk.fixed.push_back(origin);
      }
      return true;
    };
    const MachineInstr *def = mri_->getVRegDef(reg);
    if (!def || !def->isRegSequence()) return std::nullopt;
    const auto first = static_cast<unsigned>(def->getOperand(2).getImm());
    if (first != AIE2::sub_dlo) return dimension(reg, false) ? std::optional(walk) : std::nullopt;
    if (dimension(def->getOperand(1).getReg(), false) &&
        dimension(def->getOperand(3).getReg(), true))
      return walk;
    return std::nullopt;
  }
  /// The walk's register in which all these counts stand as an earlier step left them.
  Register sameAs(const Walk &walk, ArrayRef<Origin> counts) const {
    Register whole = counts[0].reg;
    auto known = made_.find(whole);
    if (known == made_.end() || known->second.fixed != walk.fixed) return {};
    for (size_t i = 0; i < counts.size(); ++i)
      if (counts[i] != Origin{whole, countPart(counts.size() > 1, i > 0)}) return {};
    return whole;
  }

  void keep(MachineInstr &step) {
    auto found = made_.find(step.getOperand(1).getReg());
    if (found == made_.end()) return;
    const Walk walk = found->second;
    MachineOperand &in = step.getOperand(3);
    if (Register whole = sameAs(walk, walk.counts)) return in.setReg(whole);
    // Counts carried by a loop from a step of the same walk.
    SmallVector<MachineInstr *, 2> phis;
    for (const Origin &count : walk.counts) {
      MachineInstr *phi =
          count.reg.isVirtual() && !count.sub ? mri_->getVRegDef(count.reg) : nullptr;
      if (!phi || !phi->isPHI() || phi->getNumOperands() != 5 ||
          (!phis.empty() && phi->getParent() != phis[0]->getParent()))
        return;
      phis.push_back(phi);
    }
    for (unsigned back : {1u, 3u}) {
      SmallVector<Origin, 2> counts;
      for (MachineInstr *phi : phis)
        counts.push_back(follow(phi->getOperand(back).getReg(), phi->getOperand(back).getSubReg()));
      MachineBasicBlock *from = phis[0]->getOperand(back + 1).getMBB();
      if (Register whole = sameAs(walk, counts); whole && all_of(phis, [&](MachineInstr *p) {
                                                   return p->getOperand(back + 1).getMBB() == from;
                                                 })) {
        carry(step, walk, phis, back, whole);
        return;
      }
    }
  }

  /// The whole goes round instead of the counts.
  void carry(MachineInstr &step, const Walk &walk, ArrayRef<MachineInstr *> phis, unsigned back,
             Register whole) {
    MachineBasicBlock &head = *phis[0]->getParent();
    const unsigned first = 4 - back;
    MachineBasicBlock &before = *phis[0]->getOperand(first + 1).getMBB();
    const auto where = before.getFirstTerminator();
    for (const Origin &origin : walk.fixed) {
      const MachineInstr *def = origin.reg.isVirtual() ? mri_->getVRegDef(origin.reg) : nullptr;
      if (!def || (!isConstant(*def) && !dominators_->dominates(def->getParent(), &before))) return;
    }
    auto copy = [&](const Origin &origin, const TargetRegisterClass &rc) {
      Register from = origin.reg;
      if (const MachineInstr *def = mri_->getVRegDef(from); isConstant(*def)) {
        from = mri_->createVirtualRegister(&AIE2::eRRegClass);
        BuildMI(before, where, step.getDebugLoc(), tii_->get(AIE2::MOV_IMM), from)
            .addImm(def->getOperand(1).getImm());
      }
      Register to = mri_->createVirtualRegister(&rc);
      BuildMI(before, where, step.getDebugLoc(), tii_->get(TargetOpcode::COPY), to)
          .addReg(from, {}, origin.sub);
      mri_->clearKillFlags(from);
      return to;
    };
    auto dimension = [&](size_t at, bool outer, MachineInstr *phi) {
      Register m = outer ? mri_->createVirtualRegister(&AIE2::eMRegClass)
                         : copy(walk.fixed[0], AIE2::eMRegClass);
      if (outer)
        BuildMI(before, where, step.getDebugLoc(), tii_->get(TargetOpcode::IMPLICIT_DEF), m);
      Register dn = copy(walk.fixed[at], AIE2::eDNRegClass),
               dj = copy(walk.fixed[at + 1], AIE2::eDJRegClass),
               dc = mri_->createVirtualRegister(&AIE2::eDCRegClass),
               d = mri_->createVirtualRegister(&AIE2::eDRegClass);
      const MachineOperand &start = phi->getOperand(first);
      BuildMI(before, where, step.getDebugLoc(), tii_->get(TargetOpcode::COPY), dc)
          .addReg(start.getReg(), {}, start.getSubReg());
      mri_->clearKillFlags(start.getReg());
      BuildMI(before, where, step.getDebugLoc(), tii_->get(TargetOpcode::REG_SEQUENCE), d)
          .addReg(m)
          .addImm(AIE2::sub_m)
          .addReg(dn)
          .addImm(AIE2::sub_dn)
          .addReg(dj)
          .addImm(AIE2::sub_dj)
          .addReg(dc)
          .addImm(AIE2::sub_dc);
      return d;
    };
    const bool three = phis.size() > 1;
    const TargetRegisterClass *rc = three ? &AIE2::eDSRegClass : &AIE2::eDRegClass;
    Register start = dimension(1, false, phis[0]);
    if (three) {
      Register low = start, high = dimension(3, true, phis[1]);
      start = mri_->createVirtualRegister(rc);
      BuildMI(before, where, step.getDebugLoc(), tii_->get(TargetOpcode::REG_SEQUENCE), start)
          .addReg(low)
          .addImm(AIE2::sub_dlo)
          .addReg(high)
          .addImm(AIE2::sub_dhi);
    }
    Register carried = mri_->createVirtualRegister(rc);
    auto phi =
        BuildMI(head, head.begin(), step.getDebugLoc(), tii_->get(TargetOpcode::PHI), carried);
    phi.addReg(start).addMBB(&before);
    phi.addReg(whole).addMBB(phis[0]->getOperand(back + 1).getMBB());
    mri_->clearKillFlags(whole);
    step.getOperand(3).setReg(carried);
  }
  static bool isConstant(const MachineInstr &mi) {
    return mi.isMoveImmediate() && mi.getNumExplicitOperands() == 2 && mi.getOperand(1).isImm();
  }

  MachineRegisterInfo *mri_ = nullptr;
  const TargetInstrInfo *tii_ = nullptr;
  const TargetRegisterInfo *registers_ = nullptr;
  MachineDominatorTree *dominators_ = nullptr;
  DenseMap<Register, Walk> made_; ///< by the register that a step leaves
};
char KeepWalks::ID = 0;

/// The form of an access at [p, #0] that walks behind it.
isa::Opcode walking(const MachineInstr &mi, bool three) {
  isa::Opcode plain = isaOpcode(mi.getOpcode());
  if (plain == isa::Opcode::Invalid) return plain;
  std::string name(isa::info(plain).name);
  for (std::string_view end : {"_idx_imm", "_ag"})
    if (std::string_view(name).ends_with(end)) name.resize(name.size() - end.size());
  if (name.size() == std::string_view(isa::info(plain).name).size()) return isa::Opcode::Invalid;
  const char *what = three ? "_3D" : "_2D";
  // VST_CONV_2D_..., VLDA_2D_CONV_...: the place in the name differs.
  for (size_t at = name.find('_'); at != std::string::npos; at = name.find('_', at + 1))
    if (auto found = isa::findOpcode(name.substr(0, at) + what + name.substr(at));
        found != isa::Opcode::Invalid)
      return found;
  return isa::Opcode::Invalid;
}

class FoldWalks : public MachineFunctionPass {
public:
  static char ID;
  FoldWalks() : MachineFunctionPass(ID) {}
  StringRef getPassName() const override { return "AIE2 loads and stores that walk"; }
  bool runOnMachineFunction(MachineFunction &mf) override {
    tii_ = mf.getSubtarget().getInstrInfo();
    registers_ = mf.getSubtarget().getRegisterInfo();
    bool changed = false;
    for (MachineBasicBlock &block : mf)
      for (MachineInstr &mi : make_early_inc_range(block))
        if (mi.getOpcode() == AIE2::PADDB_2D || mi.getOpcode() == AIE2::PADDB_3D)
          changed |= fold(mi);
    return changed;
  }

private:
  bool fold(MachineInstr &step) {
    const bool three = step.getOpcode() == AIE2::PADDB_3D;
    MachineBasicBlock &block = *step.getParent();
    const isa::InstInfo &padd = isa::info(isaOpcode(step.getOpcode()));
    const Register pointer = step.getOperand(0).getReg();
    const Register mod = step.getOperand(static_cast<unsigned>(padd.operands.size()) - 1).getReg();
    // Backwards to the access at [p, #0]. The step comes up behind the last load through p, and the
    // access down to it.
    MachineInstr *last = nullptr;
    for (auto it = MachineBasicBlock::iterator(step); it != block.begin();) {
      MachineInstr &mi = *--it;
      if (mi.isDebugInstr()) continue;
      if (mi.modifiesRegister(mod, registers_) || mi.readsRegister(mod, registers_) ||
          mi.modifiesRegister(pointer, registers_) || mi.hasUnmodeledSideEffects() || mi.isCall() ||
          mi.isInlineAsm())
        return false;
      if (!mi.readsRegister(pointer, registers_)) continue;
      if (!last) last = &mi;
      isa::Opcode opcode = walking(mi, three);
      if (opcode == isa::Opcode::Invalid || !reads(mi, pointer)) {
        if (!mi.mayLoad()) return false;
        continue;
      }
      const auto behind = std::next(last->getIterator());
      if (!canMove(mi, behind)) return false;
      replace(mi, behind, step, opcode, pointer, mod);
      return true;
    }
    return false;
  }
  /// Whether it is an access at [p, #0] and uses p for nothing else.
  static bool reads(const MachineInstr &mi, Register pointer) {
    const isa::InstInfo &info = isa::info(isaOpcode(mi.getOpcode()));
    bool found = false;
    for (unsigned i = 0; i < info.operands.size(); ++i) {
      const MachineOperand &operand = mi.getOperand(i);
      const bool isPointer = std::string_view(info.operands[i].name) == "ptr";
      if (isPointer) found = operand.getReg() == pointer;
      if (!isPointer && operand.isReg() && operand.getReg() == pointer) return false;
      if (operand.isImm() && operand.getImm() != 0) return false;
    }
    return found;
  }
  bool canMove(const MachineInstr &mi, MachineBasicBlock::const_instr_iterator end) const {
    for (auto it = std::next(mi.getIterator()); it != end; ++it) {
      if (it->isDebugInstr()) continue;
      if (mi.mayStore() ? it->mayLoadOrStore() : it->mayStore()) return false;
      if (it->hasUnmodeledSideEffects() || it->isCall()) return false;
      for (const MachineOperand &op : mi.operands()) {
        if (!op.isReg() || !op.getReg()) continue;
        if (it->modifiesRegister(op.getReg(), registers_)) return false;
        if (op.isDef() && it->readsRegister(op.getReg(), registers_)) return false;
      }
    }
    return true;
  }
  void replace(MachineInstr &mi, MachineBasicBlock::instr_iterator behind, MachineInstr &step,
               isa::Opcode opcode, Register pointer, Register mod) {
    MachineBasicBlock &block = *step.getParent();
    const isa::InstInfo &info = isa::info(opcode), &plain = isa::info(isaOpcode(mi.getOpcode()));
    const isa::InstInfo &padd = isa::info(isaOpcode(step.getOpcode()));
    auto built = BuildMI(block, behind, mi.getDebugLoc(), tii_->get(llvmOpcode(opcode)));
    auto from = [&](const MachineInstr &source, const isa::InstInfo &names, std::string_view name) {
      for (unsigned k = 0; k < names.operands.size(); ++k)
        if (name == names.operands[k].name) {
          MachineOperand operand = source.getOperand(k);
          if (operand.isReg() && operand.isTied())
            operand = MachineOperand::CreateReg(operand.getReg(), operand.isDef());
          built.add(operand);
          return true;
        }
      return false;
    };
    for (const isa::OperandInfo &operand : info.operands) {
      std::string_view name = operand.name;
      if (name == "ptr_out")
        built.addReg(pointer, RegState::Define);
      else if (name == "ptr")
        built.addReg(pointer);
      else if (name == "mod")
        built.addReg(mod);
      else if (!from(step, padd, name))
        from(mi, plain, name);
    }
    built.cloneMemRefs(mi);
    built->setFlags(mi.getFlags());
    // What was read last in between is now read here.
    for (auto it = std::next(mi.getIterator()); it != behind; ++it)
      for (const MachineOperand &op : mi.uses())
        if (op.isReg() && op.getReg()) it->clearRegisterKills(op.getReg(), registers_);
    mi.eraseFromParent();
    step.eraseFromParent();
  }
  const TargetInstrInfo *tii_ = nullptr;
  const TargetRegisterInfo *registers_ = nullptr;
};
char FoldWalks::ID = 0;
} // namespace

FunctionPass *llvm::createAIE2KeepWalks() { return new KeepWalks(); }
FunctionPass *llvm::createAIE2FoldWalks() { return new FoldWalks(); }
