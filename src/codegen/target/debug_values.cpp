// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A debug value may name a virtual register behind its last use. Once the register is merged with
// another (a loop's counter with its next value), it would name that other one's value, and say
// that a variable is one less than it is. So it names nothing there. LLVM's scheduler moves the
// instruction that makes the next value over debug values of the old one, with the same effect:
// what each means is noted before, and one that means something else behind it names nothing.
#include "codegen/target/debug_values.h"

#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/SmallPtrSet.h"
#include "llvm/ADT/SmallSet.h"
#include "llvm/CodeGen/MachineFunctionPass.h"
#include "llvm/CodeGen/MachineRegisterInfo.h"
#include "llvm/CodeGen/TargetRegisterInfo.h"
#include "llvm/CodeGen/TargetSubtargetInfo.h"
#include "llvm/IR/DebugInfoMetadata.h"
#include "llvm/IR/Function.h"
#include "llvm/PassInfo.h"
#include "llvm/PassRegistry.h"

using namespace llvm;

namespace {
class DropDeadValues : public MachineFunctionPass {
public:
  static char ID;
  DropDeadValues() : MachineFunctionPass(ID) {}
  StringRef getPassName() const override { return "AIE2 debug values of dead registers"; }

  bool runOnMachineFunction(MachineFunction &mf) override {
    if (!mf.getFunction().getSubprogram()) return false;
    mri_ = &mf.getRegInfo();
    liveOut_.clear();
    bool changed = false;
    for (MachineBasicBlock &block : mf) {
      SmallSet<Register, 16> used; // behind the instruction at hand
      for (MachineInstr &mi : reverse(block)) {
        if (mi.isDebugValue()) {
          bool dead = false;
          for (const MachineOperand &op : mi.debug_operands())
            dead |= op.isReg() && op.getReg().isVirtual() && !used.contains(op.getReg()) &&
                    !isLiveOut(op.getReg(), block);
          if (dead) mi.setDebugValueUndef();
          changed |= dead;
          continue;
        }
        // What a PHI reads is read at the end of the block it comes from.
        if (mi.isPHI() || mi.isDebugInstr()) continue;
        for (const MachineOperand &op : mi.operands())
          if (op.isReg() && op.isUse() && op.getReg().isVirtual()) used.insert(op.getReg());
      }
    }
    return changed;
  }

private:
  bool isLiveOut(Register reg, const MachineBasicBlock &block) {
    auto [it, fresh] = liveOut_.try_emplace({reg.id(), &block}, false);
    if (!fresh) return it->second;
    SmallPtrSet<const MachineBasicBlock *, 8> users;
    for (const MachineInstr &user : mri_->use_nodbg_instructions(reg)) {
      if (!user.isPHI()) {
        users.insert(user.getParent());
        continue;
      }
      for (unsigned i = 1; i + 1 < user.getNumOperands(); i += 2)
        if (user.getOperand(i).getReg() == reg) {
          const MachineBasicBlock *from = user.getOperand(i + 1).getMBB();
          if (from == &block) return liveOut_[{reg.id(), &block}] = true;
          users.insert(from);
        }
    }
    const MachineInstr *def = mri_->getVRegDef(reg);
    SmallPtrSet<const MachineBasicBlock *, 16> seen;
    SmallVector<const MachineBasicBlock *, 16> work(block.successors());
    while (!users.empty() && !work.empty()) {
      const MachineBasicBlock *next = work.pop_back_val();
      // Behind its definition it is another value.
      if (!seen.insert(next).second || (def && next == def->getParent())) continue;
      if (users.contains(next)) return liveOut_[{reg.id(), &block}] = true;
      work.append(next->succ_begin(), next->succ_end());
    }
    return false;
  }

  const MachineRegisterInfo *mri_ = nullptr;
  DenseMap<std::pair<unsigned, const MachineBasicBlock *>, bool> liveOut_;
};
char DropDeadValues::ID = 0;

/// Calls `value(mi, number of the instruction that made what it names)` for every debug value of
/// one virtual register; 0 is what the block began with. `number` gives each instruction its own.
template <class Number, class Value>
void visitValues(MachineBasicBlock &block, Number number, Value value) {
  DenseMap<Register, unsigned> made;
  for (MachineInstr &mi : block) {
    if (mi.isDebugValue()) {
      Register reg;
      unsigned count = 0;
      for (const MachineOperand &op : mi.debug_operands())
        if (op.isReg() && op.getReg().isVirtual()) {
          reg = op.getReg();
          ++count;
        }
      if (count > 1)
        mi.setDebugValueUndef();
      else if (count == 1)
        value(mi, made.lookup(reg));
      continue;
    }
    if (mi.isDebugInstr()) continue;
    const unsigned own = number(mi);
    for (const MachineOperand &op : mi.operands())
      if (op.isReg() && op.isDef() && op.getReg().isVirtual()) made[op.getReg()] = own;
  }
}

/// The numbers stand in LLVM's debug instruction numbers, which nothing else here uses.
class NoteDebugValues : public MachineFunctionPass {
public:
  static char ID;
  NoteDebugValues() : MachineFunctionPass(ID) {}
  StringRef getPassName() const override { return "AIE2 debug values before scheduling"; }
  void getAnalysisUsage(AnalysisUsage &usage) const override {
    usage.setPreservesAll();
    MachineFunctionPass::getAnalysisUsage(usage);
  }
  bool runOnMachineFunction(MachineFunction &mf) override {
    if (!mf.getFunction().getSubprogram()) return false;
    unsigned next = 0;
    for (MachineBasicBlock &block : mf)
      visitValues(
          block,
          [&](MachineInstr &mi) {
            mi.setDebugInstrNum(++next);
            return next;
          },
          [](MachineInstr &mi, unsigned made) { mi.setDebugInstrNum(made); });
    return false;
  }
};
char NoteDebugValues::ID = 0;

std::pair<const DILocalVariable *, const DILocation *> keyOf(const MachineInstr &value) {
  return {value.getDebugVariable(), value.getDebugLoc()->getInlinedAt()};
}

class CheckDebugValues : public MachineFunctionPass {
public:
  static char ID;
  explicit CheckDebugValues(std::shared_ptr<AIE2DebugMakers> makers)
      : MachineFunctionPass(ID), makers_(std::move(makers)) {}
  StringRef getPassName() const override { return "AIE2 debug values behind scheduling"; }
  void getAnalysisUsage(AnalysisUsage &usage) const override {
    usage.setPreservesAll();
    MachineFunctionPass::getAnalysisUsage(usage);
  }
  bool runOnMachineFunction(MachineFunction &mf) override {
    makers_->clear();
    if (!mf.getFunction().getSubprogram()) return false;
    for (MachineBasicBlock &block : mf)
      visitValues(
          block, [](const MachineInstr &mi) { return mi.peekDebugInstrNum(); },
          [&](MachineInstr &mi, unsigned made) {
            if (mi.peekDebugInstrNum() != made)
              mi.setDebugValueUndef();
            else
              (*makers_)[keyOf(mi)].insert(made);
          });
    return false;
  }

private:
  std::shared_ptr<AIE2DebugMakers> makers_;
};
char CheckDebugValues::ID = 0;

/// The allocator says again where variables are, by places of instructions that the scheduler has
/// moved: a value may so outlast its register's next write. What another instruction of the block
/// made is not the variable. Instructions that the allocator added have no number: they copy.
class CheckDebugRegisters : public MachineFunctionPass {
public:
  static char ID;
  explicit CheckDebugRegisters(std::shared_ptr<AIE2DebugMakers> makers)
      : MachineFunctionPass(ID), makers_(std::move(makers)) {}
  StringRef getPassName() const override { return "AIE2 debug values behind allocation"; }
  void getAnalysisUsage(AnalysisUsage &usage) const override {
    usage.setPreservesAll();
    MachineFunctionPass::getAnalysisUsage(usage);
  }
  bool runOnMachineFunction(MachineFunction &mf) override {
    if (!mf.getFunction().getSubprogram()) return false;
    const TargetRegisterInfo &registers = *mf.getSubtarget().getRegisterInfo();
    for (MachineBasicBlock &block : mf) {
      DenseMap<MCRegUnit, unsigned> made;
      for (MachineInstr &mi : block) {
        if (mi.isDebugValue()) {
          if (isOther(mi, made, registers)) mi.setDebugValueUndef();
          continue;
        }
        if (mi.isDebugInstr()) continue;
        for (const MachineOperand &op : mi.operands())
          if (op.isReg() && op.isDef() && op.getReg().isPhysical())
            for (MCRegUnit unit : registers.regunits(op.getReg().asMCReg()))
              made[unit] = mi.peekDebugInstrNum();
      }
    }
    for (MachineBasicBlock &block : mf)
      for (MachineInstr &mi : block) mi.dropDebugNumber();
    return false;
  }

private:
  bool isOther(const MachineInstr &value, const DenseMap<MCRegUnit, unsigned> &made,
               const TargetRegisterInfo &registers) const {
    const auto makers = makers_->find(keyOf(value));
    for (const MachineOperand &op : value.debug_operands()) {
      if (!op.isReg() || !op.getReg().isPhysical()) continue;
      for (MCRegUnit unit : registers.regunits(op.getReg().asMCReg()))
        if (const unsigned number = made.lookup(unit);
            number != 0 && (makers == makers_->end() || !makers->second.contains(number)))
          return true;
    }
    return false;
  }
  std::shared_ptr<AIE2DebugMakers> makers_;
};
char CheckDebugRegisters::ID = 0;
} // namespace

char &llvm::AIE2NoteDebugValuesID = NoteDebugValues::ID;
void llvm::registerAIE2NoteDebugValues(PassRegistry &passes) {
  passes.registerPass(*new PassInfo("AIE2 debug values before scheduling", "aie2-note-debug-values",
                                    &NoteDebugValues::ID, callDefaultCtor<NoteDebugValues>, false,
                                    false),
                      true);
}
FunctionPass *llvm::createAIE2CheckDebugValues(std::shared_ptr<AIE2DebugMakers> makers) {
  return new CheckDebugValues(std::move(makers));
}
FunctionPass *llvm::createAIE2CheckDebugRegisters(std::shared_ptr<AIE2DebugMakers> makers) {
  return new CheckDebugRegisters(std::move(makers));
}

FunctionPass *llvm::createAIE2DropDeadValues() { return new DropDeadValues(); }
