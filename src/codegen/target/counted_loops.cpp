// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Innermost loops whose number of rounds is known before they start count down in a register of
// their own. LLVM's HardwareLoops pass finds the number; here its intrinsics become plain
// arithmetic again, `n = phi(count, n - 1)`, because that is code which is always right: the
// scheduler turns the counter into the zero-overhead loop when the finished body allows it, and
// leaves it as it is when not.
#include "codegen/target/target.h"

#include "llvm/Analysis/LoopInfo.h"
#include "llvm/Analysis/ScalarEvolution.h"
#include "llvm/Analysis/ScalarEvolutionExpressions.h"
#include "llvm/IR/IRBuilder.h"
#include "llvm/IR/InstIterator.h"
#include "llvm/IR/IntrinsicInst.h"
#include "llvm/IR/Intrinsics.h"
#include "llvm/Pass.h"

using namespace llvm;

namespace {
class CountedLoops : public FunctionPass {
public:
  static char ID;
  CountedLoops() : FunctionPass(ID) {}
  StringRef getPassName() const override { return "AIE2 counted loops"; }
  bool runOnFunction(Function &f) override {
    SmallVector<IntrinsicInst *, 8> found;
    for (Instruction &i : instructions(f))
      if (auto *call = dyn_cast<IntrinsicInst>(&i))
        if (call->getIntrinsicID() == Intrinsic::start_loop_iterations ||
            call->getIntrinsicID() == Intrinsic::loop_decrement_reg)
          found.push_back(call);
    for (IntrinsicInst *call : found) {
      Value *with = call->getArgOperand(0);
      if (call->getIntrinsicID() == Intrinsic::loop_decrement_reg) {
        IRBuilder<> b(call);
        with = b.CreateSub(with, call->getArgOperand(1), "rounds");
      }
      call->replaceAllUsesWith(with);
      call->eraseFromParent();
    }
    return !found.empty();
  }
};
char CountedLoops::ID = 0;

/// Leaves the least number of rounds at each inner loop's branch, while the assumptions that tell
/// it still stand.
class LeastRounds : public FunctionPass {
public:
  static char ID;
  LeastRounds() : FunctionPass(ID) {}
  StringRef getPassName() const override { return "AIE2 least rounds"; }
  void getAnalysisUsage(AnalysisUsage &usage) const override {
    usage.addRequired<ScalarEvolutionWrapperPass>();
    usage.addRequired<LoopInfoWrapperPass>();
    usage.setPreservesAll();
  }
  bool runOnFunction(Function &f) override {
    auto &evolution = getAnalysis<ScalarEvolutionWrapperPass>().getSE();
    bool changed = false;
    for (Loop *loop : getAnalysis<LoopInfoWrapperPass>().getLoopInfo().getLoopsInPreorder()) {
      if (!loop->isInnermost() || loop->getNumBlocks() != 1) continue;
      const SCEV *back = evolution.getBackedgeTakenCount(loop);
      if (isa<SCEVCouldNotCompute>(back)) continue;
      uint64_t least = evolution.getUnsignedRangeMin(evolution.applyLoopGuards(back, loop))
                           .getLimitedValue(INT32_MAX - 1) +
                       1;
      loop->getHeader()->getTerminator()->setMetadata(
          kAIE2RoundsMetadata,
          MDNode::get(f.getContext(), ConstantAsMetadata::get(ConstantInt::get(
                                          Type::getInt32Ty(f.getContext()), least))));
      changed = true;
    }
    return changed;
  }
};
char LeastRounds::ID = 0;
} // namespace

FunctionPass *llvm::createAIE2LeastRounds() { return new LeastRounds(); }

FunctionPass *llvm::createAIE2CountedLoops() { return new CountedLoops(); }
