// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Banks follow types: pointers in p, other scalars in r, vectors of 64-bit words in accumulators,
// other vectors in vector registers.
#include "codegen/target/target.h"

#include "llvm/CodeGen/MachineRegisterInfo.h"
#include "llvm/CodeGen/TargetOpcodes.h"

#define GET_TARGET_REGBANK_IMPL
#include "AIE2GenRegisterBank.inc"

using namespace llvm;

static const RegisterBank &bankOf(LLT type) {
  if (type.isVector()) return type.getScalarSizeInBits() == 64 ? AIE2::ACCB : AIE2::VECB;
  return type.isPointer() ? AIE2::PTRB : AIE2::GPRB;
}

const RegisterBank &AIE2RegisterBankInfo::getRegBankFromRegClass(const TargetRegisterClass &rc,
                                                                 LLT type) const {
  switch (rc.getID()) {
  case AIE2::ePRegClassID: return AIE2::PTRB;
  case AIE2::eWRegClassID:
  case AIE2::eXRegClassID:
  case AIE2::eYsRegClassID: return AIE2::VECB;
  case AIE2::eAMRegClassID:
  case AIE2::eBMRegClassID:
  case AIE2::eCMRegClassID: return AIE2::ACCB;
  case AIE2::eQRegClassID: return AIE2::MASKB;
  default: return type.isValid() ? bankOf(type) : AIE2::GPRB;
  }
}

const RegisterBankInfo::InstructionMapping &
AIE2RegisterBankInfo::getInstrMapping(const MachineInstr &mi) const {
  const MachineFunction &mf = *mi.getMF();
  const MachineRegisterInfo &mri = mf.getRegInfo();
  const TargetRegisterInfo &registers = *mf.getSubtarget().getRegisterInfo();
  if (!isPreISelGenericOpcode(mi.getOpcode()) && !mi.isCopy() && !mi.isPHI()) {
    const InstructionMapping &known = getInstrMappingImpl(mi);
    if (known.isValid()) return known;
  }
  SmallVector<const ValueMapping *, 8> operands(mi.getNumOperands(), nullptr);
  for (unsigned i = 0; i < mi.getNumOperands(); ++i) {
    const MachineOperand &op = mi.getOperand(i);
    if (!op.isReg() || !op.getReg() || op.getReg().isPhysical()) continue;
    LLT type = mri.getType(op.getReg());
    if (!type.isValid()) continue;
    const RegisterBank *bank = getRegBank(op.getReg(), mri, registers);
    operands[i] = &getValueMapping(0, getSizeInBits(op.getReg(), mri, registers).getFixedValue(),
                                   bank ? *bank : bankOf(type));
  }
  return getInstructionMapping(DefaultMappingID, 1, getOperandsMapping(operands),
                               mi.getNumOperands());
}
