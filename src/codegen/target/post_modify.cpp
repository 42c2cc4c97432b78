// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Post-modify addressing. A load or store at [p] that is followed by p + k becomes one instruction,
// `[p], #k` or `[p], m`, and accesses through p behind it are rewritten to the new pointer. Works
// on selected code in SSA form and finds the post-modifying twin of an instruction by its name in
// the description, so that every access of the instruction set, vectors included, takes part.
#include "codegen/target/isa_join.h"
#include "codegen/target/target.h"

#include "llvm/CodeGen/MachineFunctionPass.h"
#include "llvm/CodeGen/MachineInstrBuilder.h"
#include "llvm/CodeGen/MachineRegisterInfo.h"

using namespace llvm;
namespace isa = ashlar::isa;

namespace {
/// The access `[p, #k]` with a post-modifying twin.
struct Twin {
  isa::Opcode immediate = isa::Opcode::Invalid, modifier = isa::Opcode::Invalid;
  unsigned pointer = 0, offset = 0; ///< operand numbers in the plain form
};

std::optional<Twin> twinOf(unsigned llvmOpcode) {
  isa::Opcode plain = isaOpcode(llvmOpcode);
  if (plain == isa::Opcode::Invalid) return std::nullopt;
  const isa::InstInfo &info = isa::info(plain);
  std::string_view name = info.name;
  constexpr std::string_view kSuffix = "_idx_imm";
  if ((!info.mayLoad && !info.mayStore) || !name.ends_with(kSuffix)) return std::nullopt;
  std::string stem(name.substr(0, name.size() - kSuffix.size()));
  Twin twin;
  bool pointer = false, offset = false;
  twin.immediate = isa::findOpcode(stem + "_pstm_nrm_imm");
  twin.modifier = isa::findOpcode(stem + "_pstm_nrm");
  if (twin.immediate == isa::Opcode::Invalid) return std::nullopt;
  for (unsigned i = 0; i < info.operands.size(); ++i) {
    if (info.operands[i].isReg && std::string_view(info.operands[i].name) == "ptr")
      twin.pointer = i, pointer = true;
    if (!info.operands[i].isReg) twin.offset = i, offset = true;
  }
  return pointer && offset ? std::optional(twin) : std::nullopt;
}

bool fits(const isa::OperandInfo &o, int64_t v) {
  return v % o.scale == 0 && v >= o.minimum() && v <= o.maximum();
}

/// The second load slot has vector loads of shorter reach; what fits there should go on doing so.
bool losesSlot(isa::Opcode opcode, int64_t before, int64_t after) {
  if (opcode != isa::Opcode::VLDA_dmw_lda_w_ag_idx_imm) return false;
  const isa::OperandInfo &other = isa::info(isa::Opcode::VLDB_dmw_ldb_ag_idx_imm).operands[2];
  return fits(other, before) && !fits(other, after);
}

const isa::OperandInfo *immediateOf(isa::Opcode opcode) {
  for (const isa::OperandInfo &o : isa::info(opcode).operands)
    if (!o.isReg) return &o;
  return nullptr;
}

class PostModify : public MachineFunctionPass {
public:
  static char ID;
  PostModify() : MachineFunctionPass(ID) {}
  StringRef getPassName() const override { return "AIE2 post-modify addressing"; }
  void getAnalysisUsage(AnalysisUsage &usage) const override {
    usage.setPreservesCFG();
    MachineFunctionPass::getAnalysisUsage(usage);
  }

  bool runOnMachineFunction(MachineFunction &mf) override {
    mri_ = &mf.getRegInfo();
    tii_ = mf.getSubtarget().getInstrInfo();
    bool changed = false;
    for (MachineBasicBlock &block : mf) {
      if (block.isSuccessor(&block)) changed |= split(block);
      SmallVector<MachineInstr *, 8> steps;
      for (MachineInstr &mi : block)
        if (mi.getOpcode() == AIE2::PADD_IMM || mi.getOpcode() == AIE2::PADD_MOD)
          steps.push_back(&mi);
      for (MachineInstr *step : steps) changed |= fold(*step);
    }
    return changed;
  }

private:
  bool split(MachineBasicBlock &block);
  bool fold(MachineInstr &step);
  bool isBefore(const MachineInstr &a, const MachineInstr &b) const {
    for (auto it = a.getIterator(); it != a.getParent()->end(); ++it)
      if (&*it == &b) return &a != &b;
    return false;
  }
  MachineRegisterInfo *mri_ = nullptr;
  const TargetInstrInfo *tii_ = nullptr;
};
char PostModify::ID = 0;

/// A pointer of a loop that loads and stores go through becomes two. With one, the next round's
/// load would wait for this round's store, which stands at the end of everything.
bool PostModify::split(MachineBasicBlock &block) {
  constexpr size_t kMostPointers = 6;
  SmallVector<MachineInstr *, 8> pointers;
  for (MachineInstr &phi : block.phis())
    if (mri_->getRegClassOrNull(phi.getOperand(0).getReg()) == &AIE2::ePRegClass)
      pointers.push_back(&phi);
  size_t count = pointers.size();
  bool changed = false;
  for (MachineInstr *phi : pointers) {
    if (count >= kMostPointers || phi->getNumOperands() != 5) break;
    Register p = phi->getOperand(0).getReg();
    unsigned back = phi->getOperand(2).getMBB() == &block ? 1 : 3;
    MachineInstr *step = mri_->getVRegDef(phi->getOperand(back).getReg());
    if (!step || step->getParent() != &block || step->getOperand(1).getReg() != p ||
        (step->getOpcode() != AIE2::PADD_IMM && step->getOpcode() != AIE2::PADD_MOD))
      continue;
    bool loads = false, plain = true;
    SmallVector<MachineOperand *, 4> stores;
    for (MachineOperand &use : mri_->use_nodbg_operands(p)) {
      MachineInstr &user = *use.getParent();
      if (&user == step) continue;
      auto twin = twinOf(user.getOpcode());
      plain &= user.getParent() == &block && twin && user.getOperandNo(&use) == twin->pointer;
      loads |= !user.mayStore();
      if (user.mayStore()) stores.push_back(&use);
    }
    if (!plain || !loads || stores.empty()) continue;
    Register q = mri_->createVirtualRegister(&AIE2::ePRegClass),
             next = mri_->createVirtualRegister(&AIE2::ePRegClass);
    MachineInstr *second = block.getParent()->CloneMachineInstr(phi);
    block.insert(phi->getIterator(), second);
    second->getOperand(0).setReg(q);
    second->getOperand(back).setReg(next);
    MachineInstr *again = block.getParent()->CloneMachineInstr(step);
    block.insertAfter(step->getIterator(), again);
    again->getOperand(0).setReg(next);
    again->getOperand(1).setReg(q);
    for (MachineOperand *use : stores) use->setReg(q);
    mri_->clearKillFlags(p);
    for (const MachineOperand &op : step->operands())
      if (op.isReg() && op.getReg().isVirtual()) mri_->clearKillFlags(op.getReg());
    for (unsigned i = 1; i < 5; i += 2) mri_->clearKillFlags(second->getOperand(i).getReg());
    ++count;
    changed = true;
  }
  return changed;
}

bool PostModify::fold(MachineInstr &step) {
  MachineBasicBlock &block = *step.getParent();
  Register to = step.getOperand(0).getReg(), from = step.getOperand(1).getReg();
  if (!to.isVirtual() || !from.isVirtual() || step.getOperand(1).getSubReg()) return false;
  bool constant = step.getOpcode() == AIE2::PADD_IMM;
  int64_t by = constant ? step.getOperand(2).getImm() : 0;
  if (!constant)
    if (MachineInstr *m = mri_->getVRegDef(step.getOperand(2).getReg());
        m && m->getOpcode() == AIE2::MOV_IMM_M)
      by = m->getOperand(1).getImm();
  // Only where the old pointer can die: its uses are in this block.
  SmallPtrSet<MachineInstr *, 8> users;
  for (MachineInstr &user : mri_->use_nodbg_instructions(from)) {
    if (user.getParent() != &block || user.isPHI()) return false;
    users.insert(&user);
  }
  SmallVector<MachineInstr *, 8> order;
  for (MachineInstr &mi : block)
    if (users.contains(&mi) && &mi != &step) order.push_back(&mi);
  MachineInstr *base = nullptr;
  std::optional<Twin> twin;
  bool immediate = false;
  // Whether the modifier is there where the step would be.
  MachineInstr *modifier = constant ? nullptr : mri_->getVRegDef(step.getOperand(2).getReg());
  if (modifier && (modifier->getParent() != &block || modifier->isPHI())) modifier = nullptr;
  // The access at offset 0 that becomes the step: from the last on, such that all behind it can
  // use the new pointer instead.
  for (size_t k = order.size(); k-- > 0;) {
    MachineInstr &mi = *order[k];
    auto t = twinOf(mi.getOpcode());
    if (!t) return false;
    const MachineOperand &pointer = mi.getOperand(t->pointer);
    if (!pointer.isReg() || pointer.getReg() != from || !mi.getOperand(t->offset).isImm())
      return false;
    for (unsigned i = 0; i < mi.getNumExplicitOperands(); ++i)
      if (i != t->pointer && mi.getOperand(i).isReg() && mi.getOperand(i).getReg() == from)
        return false; // stores its own address
    immediate = by && fits(*immediateOf(t->immediate), by);
    bool candidate = mi.getOperand(t->offset).getImm() == 0 &&
                     (immediate || (!constant && t->modifier != isa::Opcode::Invalid));
    if (candidate && !immediate && modifier && !isBefore(*modifier, mi)) {
      if (modifier->getOpcode() != AIE2::MOV_IMM_M) return false;
      modifier->moveBefore(&mi);
    }
    if (candidate) {
      base = &mi;
      twin = t;
      break;
    }
    // It would come behind: its offset must still fit with the new pointer.
    if (!by) return false;
    const isa::OperandInfo &offset = isa::info(isaOpcode(mi.getOpcode())).operands[t->offset];
    int64_t before = mi.getOperand(t->offset).getImm();
    if (!fits(offset, before - by) || losesSlot(isaOpcode(mi.getOpcode()), before, before - by))
      return false;
  }
  if (!base) return false;
  // The new pointer comes to be where the access is: nothing may use it before.
  for (MachineInstr &user : mri_->use_nodbg_instructions(to))
    if (user.getParent() == &block && !user.isPHI() && (&user == base || isBefore(user, *base)))
      return false;

  const isa::Opcode opcode = immediate ? twin->immediate : twin->modifier;
  const isa::InstInfo &info = isa::info(opcode);
  auto built = BuildMI(block, base, base->getDebugLoc(), tii_->get(llvmOpcode(opcode)));
  const isa::InstInfo &plain = isa::info(isaOpcode(base->getOpcode()));
  for (unsigned i = 0; i < info.operands.size(); ++i) {
    const isa::OperandInfo &o = info.operands[i];
    std::string_view name = o.name;
    if (o.isReg && o.out && name == "ptr_out") {
      built.addReg(to, RegState::Define);
    } else if (name == "ptr") {
      built.addReg(from);
    } else if (!o.isReg) {
      built.addImm(by);
    } else if (name == "mod") {
      built.addReg(step.getOperand(2).getReg());
    } else {
      for (unsigned k = 0; k < plain.operands.size(); ++k)
        if (name == plain.operands[k].name) built.add(base->getOperand(k));
    }
  }
  built.cloneMemRefs(*base);
  built->setFlags(base->getFlags());
  for (const MachineOperand &op : base->implicit_operands())
    if (op.isReg() && op.isDef() && op.isDead())
      if (MachineOperand *same = built->findRegisterDefOperand(op.getReg(), nullptr))
        same->setIsDead();
  bool behind = false;
  for (MachineInstr *mi : order) {
    if (mi == base) {
      behind = true;
      continue;
    }
    if (!behind) continue;
    auto t = twinOf(mi->getOpcode());
    mi->getOperand(t->pointer).setReg(to);
    mi->getOperand(t->offset).setImm(mi->getOperand(t->offset).getImm() - by);
  }
  base->eraseFromParent();
  step.eraseFromParent();
  mri_->clearKillFlags(from);
  mri_->clearKillFlags(to);
  for (const MachineOperand &op : built->operands())
    if (op.isReg() && op.getReg().isVirtual()) mri_->clearKillFlags(op.getReg());
  return true;
}
} // namespace

FunctionPass *llvm::createAIE2PostModify() { return new PostModify(); }
