// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Machine operations that source code names: functions called `__aie2_` + the name of the
// operation. They are recognised when a call is lowered and become instructions at once.
#pragma once

#include "llvm/ADT/StringRef.h"
#include "llvm/CodeGen/GlobalISel/CallLowering.h"

namespace llvm {
bool isAIE2Intrinsic(StringRef name);
/// Selects the instruction of such a call. False (after a diagnostic in the context) when the name
/// is unknown or its operands do not fit.
bool lowerAIE2Intrinsic(MachineIRBuilder &, CallLowering::CallLoweringInfo &);
} // namespace llvm
