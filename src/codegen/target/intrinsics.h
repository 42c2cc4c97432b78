// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Machine operations that source code names: functions called `__aie2_` + the name of the
// operation. They are recognised when a call is lowered and become instructions at once. What
// follows a dot in the name is ignored, so that one operation can have several function types.
#pragma once

#include "llvm/ADT/StringRef.h"
#include "llvm/CodeGen/GlobalISel/CallLowering.h"

namespace llvm {
class Module;

/// What a vector operation does besides computing its results from its operands.
enum AIE2Effects : unsigned {
  kPure = 0,
  kReadsControl = 1, ///< crRnd, crSat and the like
  kLoads = 2,        ///< through its pointer argument
  kLoadsAnywhere = 4,
  kStores = 8, ///< through its pointer argument
  kActs = 16,  ///< writes a control register, moves a stream
};

/// A vector operation; the table is made from the ISA description.
struct AIE2Intrinsic {
  StringRef name;     ///< without __aie2_
  unsigned opcode;    ///< register form
  unsigned immediate; ///< the form that takes its last operand as a constant, or the same as none
  unsigned effects;   ///< AIE2Effects
  bool inAccumulator; ///< of an operand that can be in x or bm: it is in bm
};
ArrayRef<AIE2Intrinsic> aie2Intrinsics();

bool isAIE2Intrinsic(StringRef name);
/// The vector operation that a function names, or nullptr.
const AIE2Intrinsic *findAIE2Intrinsic(StringRef function);
/// Gives declared intrinsics their memory effects and turns results through pointers into results.
/// To be run before optimisation.
void prepareAIE2Intrinsics(Module &);
/// The same attributes for one that is declared later. Without them a loop around its call might
/// end within the call for all LLVM knows, and has no number of rounds.
void describeAIE2Intrinsic(Function &);
/// Selects the instruction of such a call. When the name is unknown or its operands do not fit, an
/// error at the call's line goes to the context and the results are undefined.
bool lowerAIE2Intrinsic(MachineIRBuilder &, CallLowering::CallLoweringInfo &, StringRef function);
/// Says at the call's line what is wrong with it and leaves its results undefined. True.
bool refuseAIE2Intrinsic(MachineIRBuilder &, CallLowering::CallLoweringInfo &, StringRef function,
                         const Twine &what);
/// The same for a vector operation.
bool lowerAIE2VectorIntrinsic(MachineIRBuilder &, CallLowering::CallLoweringInfo &,
                              const AIE2Intrinsic &);
/// `part_lo`, `part_hi`, `join`, `widen`: used by lower_vectors.cpp.
bool lowerAIE2VectorPart(MachineIRBuilder &, CallLowering::CallLoweringInfo &, StringRef name);
} // namespace llvm
