// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// `x * 0.5` with a float x is double arithmetic in C, and here each such operation is a call. In a
// loop that is nearly always a mistake, so it is remarked once for each function.
#include "codegen/target/watch.h"

#include "llvm/Analysis/LoopInfo.h"
#include "llvm/IR/DiagnosticInfo.h"
#include "llvm/IR/Function.h"
#include "llvm/IR/InstIterator.h"
#include "llvm/IR/Instructions.h"
#include "llvm/IR/LLVMContext.h"
#include "llvm/Pass.h"

using namespace llvm;

namespace {
bool isDoubleArithmetic(const Instruction &i) {
  switch (i.getOpcode()) {
  case Instruction::FAdd:
  case Instruction::FSub:
  case Instruction::FMul:
  case Instruction::FDiv:
  case Instruction::FRem:
  case Instruction::FPExt:
  case Instruction::SIToFP:
  case Instruction::UIToFP: return i.getType()->isDoubleTy();
  case Instruction::FCmp:
  case Instruction::FPTrunc:
  case Instruction::FPToSI:
  case Instruction::FPToUI: return i.getOperand(0)->getType()->isDoubleTy();
  default: return false;
  }
}

/// Calls that the source demands to be jumps.
void refuseTailCalls(Function &f) {
  for (Instruction &i : instructions(f)) {
    auto *call = dyn_cast<CallInst>(&i);
    if (!call || !call->isMustTailCall()) continue;
    f.getContext().diagnose(DiagnosticInfoGenericWithLoc(
        "musttail is not supported on AIE2: each call keeps its caller's frame", f,
        call->getDebugLoc()));
    call->setTailCallKind(CallInst::TCK_None);
  }
}

class Watch : public FunctionPass {
public:
  static char ID;
  Watch() : FunctionPass(ID) {}
  StringRef getPassName() const override { return "AIE2 watch"; }
  void getAnalysisUsage(AnalysisUsage &usage) const override {
    usage.addRequired<LoopInfoWrapperPass>();
    usage.setPreservesAll();
  }
  bool runOnFunction(Function &f) override {
    currentAIE2Function() = f.getName().str();
    refuseTailCalls(f);
    const LoopInfo &loops = getAnalysis<LoopInfoWrapperPass>().getLoopInfo();
    unsigned count = 0;
    DebugLoc first;
    for (const BasicBlock &block : f) {
      if (!loops.getLoopFor(&block)) continue;
      for (const Instruction &i : block) {
        if (!isDoubleArithmetic(i)) continue;
        if (!count++ || !first) first = i.getDebugLoc();
      }
    }
    if (count)
      f.getContext().diagnose(DiagnosticInfoGenericWithLoc(
          "arithmetic on double in a loop: " + Twine(count) +
              (count == 1 ? " operation is a call" : " operations are calls") +
              " of the run-time library each time round; float is faster (0.5f instead of 0.5)",
          f, first, DS_Remark));
    return false;
  }
};
char Watch::ID = 0;
} // namespace

FunctionPass *llvm::createAIE2Watch() { return new Watch(); }

std::string &llvm::currentAIE2Function() {
  static thread_local std::string name;
  return name;
}
