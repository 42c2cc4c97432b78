// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Binding of virtual registers to register classes. LLVM's own constraining picks a class for
// operands that can be in several banks and so costs copies; here the caller says which.
#pragma once

#include "llvm/CodeGen/GlobalISel/MachineIRBuilder.h"
#include "llvm/CodeGen/MachineRegisterInfo.h"
#include "llvm/CodeGen/RegisterBankInfo.h"

namespace llvm {
/// The register itself when it can be of the class, else a copy that is.
inline Register bindUse(MachineIRBuilder &b, Register reg, const TargetRegisterClass &rc) {
  MachineRegisterInfo &mri = *b.getMRI();
  if (reg.isVirtual()) {
    if (const TargetRegisterClass *known = mri.getRegClassOrNull(reg)) {
      if (mri.constrainRegClass(reg, &rc, rc.getNumRegs() > 4 ? 4 : 1)) return reg;
      (void)known;
    } else if (RegisterBankInfo::constrainGenericRegister(reg, rc, mri)) {
      return reg;
    }
  }
  Register copy = mri.createVirtualRegister(&rc);
  b.buildCopy(copy, reg);
  return copy;
}

/// A register to define: `reg` itself, or one that is copied to it by `finishDef`.
inline Register bindDef(MachineIRBuilder &b, Register reg, const TargetRegisterClass &rc) {
  MachineRegisterInfo &mri = *b.getMRI();
  const TargetRegisterClass *known = mri.getRegClassOrNull(reg);
  if (known ? known == &rc : RegisterBankInfo::constrainGenericRegister(reg, rc, mri) != nullptr)
    return reg;
  return mri.createVirtualRegister(&rc);
}
inline void finishDef(MachineIRBuilder &b, Register reg, Register defined) {
  if (reg != defined) b.buildCopy(reg, defined);
}

/// Ties operands as the instruction's description says.
inline void tieOperands(MachineInstr &mi) {
  for (unsigned i = mi.getNumExplicitDefs(); i < mi.getNumExplicitOperands(); ++i) {
    int to = mi.getDesc().getOperandConstraint(i, MCOI::TIED_TO);
    if (to >= 0 && !mi.getOperand(i).isTied()) mi.tieOperands(static_cast<unsigned>(to), i);
  }
}
} // namespace llvm
