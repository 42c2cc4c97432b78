// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Some operands must be in one certain register: the lane of `vinsert` in r29, for example. LLVM's
// elimination of common values binds a value to such a register together with everybody else who
// wants it, and then an instruction that needs two of them finds none. Here, after it, each such
// operand gets a value of its own again, made beside it, and the shared one is free.
#include "codegen/target/target.h"

#include "llvm/CodeGen/MachineFunctionPass.h"
#include "llvm/CodeGen/MachineInstrBuilder.h"
#include "llvm/CodeGen/MachineRegisterInfo.h"

using namespace llvm;

namespace {
class SingleRegisters : public MachineFunctionPass {
public:
  static char ID;
  SingleRegisters() : MachineFunctionPass(ID) {}
  StringRef getPassName() const override { return "AIE2 operands in one register"; }
  void getAnalysisUsage(AnalysisUsage &usage) const override {
    usage.setPreservesCFG();
    MachineFunctionPass::getAnalysisUsage(usage);
  }

  bool runOnMachineFunction(MachineFunction &mf) override {
    MachineRegisterInfo &mri = mf.getRegInfo();
    bool changed = false;
    // Values that are made here are at the end, and are as they should be.
    for (unsigned i = 0, n = mri.getNumVirtRegs(); i < n; ++i) {
      Register value = Register::index2VirtReg(i);
      const TargetRegisterClass *rc = mri.getRegClassOrNull(value);
      if (!rc || rc->getNumRegs() > 1 || !AIE2::eRRegClass.hasSubClass(rc) ||
          mri.hasOneNonDBGUse(value) || !mri.hasOneDef(value))
        continue;
      changed |= part(mf, value, *rc);
    }
    return changed;
  }

private:
  /// The class that the instruction asks for; null where any will do.
  static const TargetRegisterClass *wantedBy(const TargetInstrInfo &tii,
                                             const MachineOperand &operand) {
    const MachineInstr &mi = *operand.getParent();
    if (mi.isPHI() || mi.isCopy() || operand.isImplicit()) return nullptr;
    return tii.getRegClass(mi.getDesc(), mi.getOperandNo(&operand));
  }
  static bool part(MachineFunction &mf, Register value, const TargetRegisterClass &rc) {
    MachineRegisterInfo &mri = mf.getRegInfo();
    const TargetInstrInfo &tii = *mf.getSubtarget().getInstrInfo();
    MachineInstr &def = *mri.getVRegDef(value);
    SmallVector<MachineOperand *, 8> bound;
    for (MachineOperand &use : mri.use_nodbg_operands(value)) {
      const TargetRegisterClass *wanted = wantedBy(tii, use);
      if (wanted == &rc && !use.isTied()) bound.push_back(&use);
    }
    for (MachineOperand *use : bound) {
      MachineInstr &user = *use->getParent();
      Register own = mri.createVirtualRegister(&rc);
      if (def.getOpcode() == AIE2::MOV_IMM)
        BuildMI(*user.getParent(), user, user.getDebugLoc(), def.getDesc(), own)
            .addImm(def.getOperand(1).getImm());
      else
        BuildMI(*user.getParent(), user, user.getDebugLoc(), tii.get(TargetOpcode::COPY), own)
            .addReg(value);
      use->setReg(own);
      use->setIsKill(false);
    }
    mri.clearKillFlags(value);
    if (mri.use_nodbg_empty(value) && def.getOpcode() == AIE2::MOV_IMM) {
      mri.markUsesInDebugValueAsUndef(value);
      def.eraseFromParent();
    } else {
      // As wide as those who are left allow.
      const TargetRegisterInfo &registers = *mri.getTargetRegisterInfo();
      const TargetRegisterClass *wide = &AIE2::eRRegClass;
      for (MachineOperand &operand : mri.reg_nodbg_operands(value))
        if (const TargetRegisterClass *wanted = wantedBy(tii, operand); wanted && wide)
          wide = registers.getCommonSubClass(wide, wanted);
      if (wide) mri.setRegClass(value, wide);
    }
    return !bound.empty();
  }
};
char SingleRegisters::ID = 0;
} // namespace

FunctionPass *llvm::createAIE2SingleRegisters() { return new SingleRegisters(); }
