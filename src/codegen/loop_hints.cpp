// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Two forms arrive. A call of `__aie2_loop_range(line, least, most)` in the body: what stands
// between a loop's head and its body can only be a statement. And loop metadata from a pragma in
// front of the loop. Both become `llvm.assume` on the number of rounds at the loop's entry.
#include "codegen/loop_hints.h"

#include "llvm/Analysis/AssumptionCache.h"
#include "llvm/Analysis/LoopInfo.h"
#include "llvm/Analysis/ScalarEvolution.h"
#include "llvm/Analysis/ScalarEvolutionExpressions.h"
#include "llvm/IR/DebugInfoMetadata.h"
#include "llvm/IR/DiagnosticInfo.h"
#include "llvm/IR/IRBuilder.h"
#include "llvm/IR/InstIterator.h"
#include "llvm/IR/LLVMContext.h"
#include "llvm/IR/Module.h"
#include "llvm/Transforms/Utils/LoopSimplify.h"
#include "llvm/Transforms/Utils/LoopUtils.h"
#include "llvm/Transforms/Utils/Mem2Reg.h"
#include "llvm/Transforms/Utils/ScalarEvolutionExpander.h"

#include <algorithm>

using namespace llvm;

namespace ashlar::codegen {
namespace {
constexpr const char *kMarker = "__aie2_loop_range";
constexpr const char *kInterleave = "llvm.loop.interleave.count";

struct Bounds {
  int64_t least = 0, most = 0, line = 0; ///< 0: none
};

std::vector<CallInst *> markersOf(Function &f) {
  std::vector<CallInst *> found;
  for (Instruction &i : instructions(f))
    if (auto *call = dyn_cast<CallInst>(&i))
      if (const Function *to = call->getCalledFunction(); to && to->getName() == kMarker)
        found.push_back(call);
  return found;
}

int64_t constantOf(const Value *v) {
  auto *c = dyn_cast<ConstantInt>(v);
  return c ? c->getSExtValue() : 0;
}

bool hasPragma(Function &f) {
  return std::ranges::any_of(instructions(f), [](const Instruction &i) {
    const MDNode *id = i.getMetadata(LLVMContext::MD_loop);
    return id && findOptionMDForLoopID(const_cast<MDNode *>(id), kInterleave);
  });
}

/// The least number of rounds in the loop's metadata, which is removed.
int64_t takePragma(Loop &loop) {
  MDNode *id = loop.getLoopID();
  auto least = getOptionalIntLoopAttribute(&loop, kInterleave);
  if (!id || !least || *least < kLeastRoundsMark) return 0;
  SmallVector<Metadata *, 4> keep = {nullptr};
  for (unsigned i = 1; i < id->getNumOperands(); ++i) {
    auto *node = dyn_cast<MDNode>(id->getOperand(i));
    auto *name = node && node->getNumOperands() ? dyn_cast<MDString>(node->getOperand(0)) : nullptr;
    if (!name || name->getString() != kInterleave) keep.push_back(id->getOperand(i));
  }
  MDNode *made = MDNode::getDistinct(id->getContext(), keep);
  made->replaceOperandWith(0, made);
  loop.setLoopID(made);
  return *least - kLeastRoundsMark;
}

/// How often the body runs.
const SCEV *roundsOf(ScalarEvolution &evolution, Loop &loop) {
  BasicBlock *header = loop.getHeader(), *latch = loop.getLoopLatch();
  if (latch && loop.isLoopExiting(latch) && !(header != latch && loop.isLoopExiting(header))) {
    const SCEV *back = evolution.getExitCount(&loop, latch);
    if (isa<SCEVCouldNotCompute>(back)) return nullptr;
    return evolution.getAddExpr(back, evolution.getOne(back->getType()));
  }
  if (!loop.isLoopExiting(header)) return nullptr;
  const SCEV *count = evolution.getExitCount(&loop, header);
  return isa<SCEVCouldNotCompute>(count) ? nullptr : count;
}

void assume(Function &f, Loop &loop, const Bounds &bounds, FunctionAnalysisManager &analyses) {
  auto &evolution = analyses.getResult<ScalarEvolutionAnalysis>(f);
  const SCEV *rounds = roundsOf(evolution, loop);
  BasicBlock *before = loop.getLoopPreheader();
  if (!rounds || !before) return;
  auto refuse = [&](const Twine &what) {
    DISubprogram *scope = f.getSubprogram();
    f.getContext().diagnose(DiagnosticInfoGenericWithLoc(
        "the loop hint cannot hold: " + what + " (in function '" + f.getName() + "')", f,
        scope ? DiagnosticLocation(DebugLoc(DILocation::get(f.getContext(), bounds.line, 0, scope)))
              : DiagnosticLocation()));
  };
  if (bounds.most && bounds.most < bounds.least)
    return refuse("at least " + Twine(bounds.least) + " and at most " + Twine(bounds.most) +
                  " rounds");
  uint64_t most = evolution.getUnsignedRangeMax(rounds).getLimitedValue(),
           least = evolution.getUnsignedRangeMin(rounds).getLimitedValue();
  if (bounds.least > 0 && most < static_cast<uint64_t>(bounds.least))
    return refuse("it says at least " + Twine(bounds.least) + " rounds, and there are at most " +
                  Twine(most));
  if (bounds.most > 0 && least > static_cast<uint64_t>(bounds.most))
    return refuse("it says at most " + Twine(bounds.most) + " rounds, and there are at least " +
                  Twine(least));
  SCEVExpander expander(evolution, "rounds");
  if (!expander.isSafeToExpandAt(rounds, before->getTerminator())) return;
  Value *count = expander.expandCodeFor(rounds, rounds->getType(), before->getTerminator());
  IRBuilder<> b(before->getTerminator());
  auto &assumptions = analyses.getResult<AssumptionAnalysis>(f);
  auto add = [&](Value *condition) {
    assumptions.registerAssumption(cast<AssumeInst>(b.CreateAssumption(condition)));
  };
  if (bounds.least > 0)
    add(b.CreateICmpUGE(count,
                        ConstantInt::get(count->getType(), static_cast<uint64_t>(bounds.least))));
  if (bounds.most > 0)
    add(b.CreateICmpULE(count,
                        ConstantInt::get(count->getType(), static_cast<uint64_t>(bounds.most))));
}
} // namespace

PreservedAnalyses LoopHintsPass::run(Function &f, FunctionAnalysisManager &analyses) {
  std::vector<CallInst *> markers = markersOf(f);
  if (markers.empty() && !hasPragma(f)) return PreservedAnalyses::all();
  if (optimize_) {
    PreservedAnalyses kept = PromotePass().run(f, analyses);
    analyses.invalidate(f, kept);
    kept = LoopSimplifyPass().run(f, analyses);
    analyses.invalidate(f, kept);
    auto &loops = analyses.getResult<LoopAnalysis>(f);
    for (Loop *loop : loops.getLoopsInPreorder()) {
      Bounds bounds;
      bounds.least = takePragma(*loop);
      for (CallInst *call : markers)
        if (loops.getLoopFor(call->getParent()) == loop)
          bounds = {std::max(bounds.least, constantOf(call->getArgOperand(1))),
                    constantOf(call->getArgOperand(2)), constantOf(call->getArgOperand(0))};
      if (bounds.least > 0 || bounds.most > 0) assume(f, *loop, bounds, analyses);
    }
  }
  for (CallInst *call : markers) call->eraseFromParent();
  return PreservedAnalyses::none();
}

} // namespace ashlar::codegen
