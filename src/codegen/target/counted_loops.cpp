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
  void getAnalysisUsage(AnalysisUsage &usage) const override {
    usage.addRequired<ScalarEvolutionWrapperPass>();
    usage.addRequired<LoopInfoWrapperPass>();
  }
  bool runOnFunction(Function &f) override {
    auto &evolution = getAnalysis<ScalarEvolutionWrapperPass>().getSE();
    auto &loops = getAnalysis<LoopInfoWrapperPass>().getLoopInfo();
    SmallVector<IntrinsicInst *, 8> found;
    for (Instruction &i : instructions(f))
      if (auto *call = dyn_cast<IntrinsicInst>(&i))
        if (call->getIntrinsicID() == Intrinsic::start_loop_iterations ||
            call->getIntrinsicID() == Intrinsic::loop_decrement_reg)
          found.push_back(call);
    for (IntrinsicInst *call : found) {
      if (call->getIntrinsicID() != Intrinsic::start_loop_iterations) continue;
      // The counter's phi tells which loop it is; the least number saves the scheduler a check.
      for (User *user : call->users()) {
        auto *phi = dyn_cast<PHINode>(user);
        Loop *loop = phi ? loops.getLoopFor(phi->getParent()) : nullptr;
        BasicBlock *latch = loop ? loop->getLoopLatch() : nullptr;
        if (!latch) continue;
        const SCEV *rounds =
            evolution.applyLoopGuards(evolution.getSCEV(call->getArgOperand(0)), loop);
        uint64_t least = evolution.getUnsignedRangeMin(rounds).getLimitedValue(INT32_MAX);
        Type *word = Type::getInt32Ty(f.getContext());
        latch->getTerminator()->setMetadata(
            kAIE2RoundsMetadata,
            MDNode::get(f.getContext(), ConstantAsMetadata::get(ConstantInt::get(word, least))));
      }
    }
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
} // namespace

FunctionPass *llvm::createAIE2CountedLoops() { return new CountedLoops(); }
