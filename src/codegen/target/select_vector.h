// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Selection of loads and stores of vectors and accumulators: registers of more than 256 bits are
// moved in halves and quarters.
#pragma once

#include "llvm/CodeGen/GlobalISel/MachineIRBuilder.h"
#include "llvm/CodeGen/MachineRegisterInfo.h"

namespace llvm {
bool isVectorAccess(const MachineInstr &, const MachineRegisterInfo &);
bool selectVectorAccess(MachineInstr &, MachineIRBuilder &);
} // namespace llvm
