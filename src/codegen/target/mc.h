// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The machine-code layer of the AIE2 target: enumerators written by TableGen and the join between
// LLVM's numbering and isa's. The classes live in namespace llvm because TableGen's do.
#pragma once

#include "llvm/MC/MCRegister.h"
#include "llvm/MC/TargetRegistry.h"

#define GET_REGINFO_ENUM
#include "AIE2GenRegisterInfo.inc"
#define GET_INSTRINFO_ENUM
#define GET_INSTRINFO_MC_HELPER_DECLS
#include "AIE2GenInstrInfo.inc"
#define GET_SUBTARGETINFO_ENUM
#include "AIE2GenSubtargetInfo.inc"

namespace llvm {
class MCInst;

Target &theAIE2Target();
void registerAIE2MC();
void registerAIE2TargetMachine();
void registerAIE2AsmPrinter();
} // namespace llvm
