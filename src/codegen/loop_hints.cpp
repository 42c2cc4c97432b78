// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Two forms arrive. A call of `__aie2_loop_range(line, least, most)` or `__aie2_loop_unroll(count)`
// in the body: what stands between a loop's head and its body can only be a statement. And loop
// metadata from a pragma in front of the loop. A pragma's bounds become `llvm.assume` on the number
// of rounds at the loop's entry, unrolling becomes what Clang's pragma makes of it.
#include "codegen/loop_hints.h"

#include "llvm/Analysis/AssumptionCache.h"
#include "llvm/Analysis/LoopInfo.h"
#include "llvm/Analysis/ScalarEvolution.h"
#include "llvm/Analysis/ScalarEvolutionExpressions.h"
#include "llvm/Demangle/Demangle.h"
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
constexpr const char *kRange = "__aie2_loop_range";
constexpr const char *kUnroll = "__aie2_loop_unroll";
constexpr const char *kLeast = "llvm.loop.interleave.count";
constexpr const char *kMost = "llvm.loop.pipeline.initiationinterval";

struct Bounds {
  int64_t least = 0, most = 0, line = 0; ///< 0: none
};

std::vector<CallInst *> markersOf(Function &f) {
  std::vector<CallInst *> found;
  for (Instruction &i : instructions(f))
    if (auto *call = dyn_cast<CallInst>(&i))
      if (const Function *to = call->getCalledFunction();
          to && (to->getName() == kRange || to->getName() == kUnroll))
        found.push_back(call);
  return found;
}

int64_t constantOf(const Value *v) {
  auto *c = dyn_cast<ConstantInt>(v);
  return c ? c->getSExtValue() : 0;
}

int64_t numberIn(const MDNode &option) {
  const auto *n = option.getNumOperands() > 1
                      ? mdconst::dyn_extract<ConstantInt>(option.getOperand(1))
                      : nullptr;
  return n ? n->getSExtValue() : 0;
}

/// The bounds in a loop's metadata, and the metadata without them.
std::pair<Bounds, MDNode *> boundsIn(MDNode &id) {
  Bounds bounds;
  SmallVector<Metadata *, 4> keep = {nullptr};
  for (const MDOperand &operand : drop_begin(id.operands())) {
    auto *option = dyn_cast<MDNode>(operand);
    auto *name =
        option && option->getNumOperands() ? dyn_cast<MDString>(option->getOperand(0)) : nullptr;
    int64_t n =
        name && (name->getString() == kLeast || name->getString() == kMost) ? numberIn(*option) : 0;
    if (n < kRoundsMark)
      keep.push_back(operand);
    else
      (name->getString() == kLeast ? bounds.least : bounds.most) = n - kRoundsMark;
  }
  if (keep.size() == id.getNumOperands()) return {bounds, nullptr};
  if (keep.size() == 1) return {bounds, nullptr};
  MDNode *made = MDNode::getDistinct(id.getContext(), keep);
  made->replaceOperandWith(0, made);
  return {bounds, made};
}

/// Takes the bounds out of all loops' metadata.
DenseMap<const Instruction *, Bounds> takePragmas(Function &f) {
  DenseMap<const Instruction *, Bounds> found;
  DenseMap<MDNode *, std::pair<Bounds, MDNode *>> done; // several latches of one loop share a node
  for (Instruction &i : instructions(f)) {
    MDNode *id = i.getMetadata(LLVMContext::MD_loop);
    if (!id) continue;
    auto [at, fresh] = done.try_emplace(id);
    if (fresh) at->second = boundsIn(*id);
    const auto &[bounds, rest] = at->second;
    if (!bounds.least && !bounds.most) continue;
    i.setMetadata(LLVMContext::MD_loop, rest);
    found[&i] = bounds;
  }
  return found;
}

void unroll(Loop &loop, int64_t count) {
  LLVMContext &context = loop.getHeader()->getContext();
  auto *name =
      MDString::get(context, count == 0 ? "llvm.loop.unroll.full" : "llvm.loop.unroll.count");
  SmallVector<Metadata *, 2> option = {name};
  if (count)
    option.push_back(ConstantAsMetadata::get(ConstantInt::get(Type::getInt32Ty(context), count)));
  loop.setLoopID(makePostTransformationMetadata(context, loop.getLoopID(), {"llvm.loop.unroll."},
                                                {MDNode::get(context, option)}));
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

/// Warns of bounds that the loop contradicts and leaves them out, as kernels are in use that say
/// more rounds than they run; of the others those to be trusted become assumptions.
void apply(Function &f, Loop &loop, const Bounds &bounds, bool trusted,
           FunctionAnalysisManager &analyses) {
  auto &evolution = analyses.getResult<ScalarEvolutionAnalysis>(f);
  const SCEV *rounds = roundsOf(evolution, loop);
  BasicBlock *before = loop.getLoopPreheader();
  if (!rounds || !before) return;
  auto leaveOut = [&](const Twine &what) {
    DISubprogram *scope = f.getSubprogram();
    DebugLoc start = loop.getStartLoc();
    f.getContext().diagnose(DiagnosticInfoGenericWithLoc(
        "the loop hint cannot hold and is left out: " + what + " (in function '" +
            demangle(f.getName()) + "')",
        f,
        bounds.line && scope
            ? DiagnosticLocation(DebugLoc(DILocation::get(f.getContext(), bounds.line, 0, scope)))
            : DiagnosticLocation(start),
        DS_Warning));
  };
  if (bounds.most && bounds.most < bounds.least)
    return leaveOut("at least " + Twine(bounds.least) + " and at most " + Twine(bounds.most) +
                    " rounds");
  uint64_t most = evolution.getUnsignedRangeMax(rounds).getLimitedValue(),
           least = evolution.getUnsignedRangeMin(rounds).getLimitedValue();
  if (bounds.least > 0 && most < static_cast<uint64_t>(bounds.least))
    return leaveOut("it says at least " + Twine(bounds.least) + " rounds, and there are at most " +
                    Twine(most));
  if (bounds.most > 0 && least > static_cast<uint64_t>(bounds.most))
    return leaveOut("it says at most " + Twine(bounds.most) + " rounds, and there are at least " +
                    Twine(least));
  if (!trusted) return;
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
  DenseMap<const Instruction *, Bounds> pragmas = takePragmas(f);
  if (markers.empty() && pragmas.empty()) return PreservedAnalyses::all();
  if (optimize_) {
    // Made now: what follows may make other instructions of the loops' ends.
    auto pragmaOf = [&](const Loop &loop) {
      SmallVector<BasicBlock *, 2> latches;
      loop.getLoopLatches(latches);
      for (BasicBlock *latch : latches)
        if (auto at = pragmas.find(latch->getTerminator()); at != pragmas.end()) return at->second;
      return Bounds();
    };
    DenseMap<const BasicBlock *, Bounds> of; // by the loop's head
    for (Loop *loop : analyses.getResult<LoopAnalysis>(f).getLoopsInPreorder())
      of[loop->getHeader()] = pragmaOf(*loop);
    PreservedAnalyses kept = PromotePass().run(f, analyses);
    analyses.invalidate(f, kept);
    kept = LoopSimplifyPass().run(f, analyses);
    analyses.invalidate(f, kept);
    auto &loops = analyses.getResult<LoopAnalysis>(f);
    for (Loop *loop : loops.getLoopsInPreorder()) {
      Bounds chess;
      for (CallInst *call : markers) {
        if (loops.getLoopFor(call->getParent()) != loop) continue;
        if (call->getCalledFunction()->getName() == kUnroll)
          unroll(*loop, constantOf(call->getArgOperand(0)));
        else
          chess = {constantOf(call->getArgOperand(1)), constantOf(call->getArgOperand(2)),
                   constantOf(call->getArgOperand(0))};
      }
      // The vendor's open compiler knows no `chess_*`, so kernels are in use that say more rounds
      // than they run: what they say is checked, not relied on.
      if (chess.least > 0 || chess.most > 0) apply(f, *loop, chess, false, analyses);
      const Bounds bounds = of.lookup(loop->getHeader());
      if (bounds.least > 0 || bounds.most > 0) apply(f, *loop, bounds, true, analyses);
    }
  }
  for (CallInst *call : markers) call->eraseFromParent();
  return PreservedAnalyses::none();
}

} // namespace ashlar::codegen
