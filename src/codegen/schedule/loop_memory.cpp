// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Alias analysis answers for two accesses at one time. For different rounds of a loop there are two
// ways: addresses that step evenly give an exact distance, and objects that differ never meet.
#include "codegen/schedule/loop_memory.h"

#include "llvm/Analysis/AliasAnalysis.h"
#include "llvm/Analysis/LoopInfo.h"
#include "llvm/Analysis/ScalarEvolution.h"
#include "llvm/Analysis/ScalarEvolutionExpressions.h"
#include "llvm/Analysis/ValueTracking.h"
#include "llvm/CodeGen/MachineBasicBlock.h"
#include "llvm/CodeGen/MachineInstr.h"
#include "llvm/CodeGen/MachineMemOperand.h"
#include "llvm/IR/IntrinsicInst.h"

using namespace llvm;

namespace ashlar::codegen::schedule {
namespace {
/// The smallest r >= least with -after < distance + step * r < before.
std::optional<unsigned> firstMeeting(int64_t distance, int64_t step, int64_t before, int64_t after,
                                     unsigned least) {
  auto meet = [&](int64_t r) {
    int64_t at = distance + step * r;
    return at > -after && at < before;
  };
  if (step == 0) return meet(least) ? std::optional(least) : std::nullopt;
  // The window's near end, in steps.
  int64_t target = step > 0 ? -after + 1 - distance : distance - before + 1;
  int64_t stride = std::abs(step);
  int64_t r = target > 0 ? (target + stride - 1) / stride : 0;
  r = std::max<int64_t>(r, least);
  return meet(r) ? std::optional(static_cast<unsigned>(r)) : std::nullopt;
}

/// What `v` may point into, through steps of walks too (`add_2d_byte`).
void objectsOf(const Value *v, SmallVectorImpl<const Value *> &objects) {
  SmallVector<const Value *, 4> work = {v};
  SmallPtrSet<const Value *, 8> seen;
  while (!work.empty()) {
    SmallVector<const Value *, 4> found;
    getUnderlyingObjects(work.pop_back_val(), found);
    for (const Value *object : found) {
      if (!seen.insert(object).second) continue;
      const auto *pointer = dyn_cast<ExtractValueInst>(object);
      const auto *call = pointer ? dyn_cast<CallInst>(pointer->getAggregateOperand()) : nullptr;
      const Function *callee = call ? call->getCalledFunction() : nullptr;
      if (callee && (callee->getName() == "__aie2_add_2d" || callee->getName() == "__aie2_add_3d"))
        work.push_back(call->getArgOperand(0));
      else
        objects.push_back(object);
    }
  }
}
/// All objects that the one may point into are others than those of the other. Alias analysis
/// across rounds gives up on a walking pointer beside a part of another one.
bool apart(const Value &x, const Value &y) {
  SmallVector<const Value *, 4> ofX, ofY;
  objectsOf(&x, ofX);
  objectsOf(&y, ofY);
  auto known = [](const Value *v) { return isIdentifiedObject(v); };
  return all_of(ofX, known) && all_of(ofY, known) &&
         none_of(ofX, [&](const Value *v) { return is_contained(ofY, v); });
}
} // namespace

LoopMemory::LoopMemory(AAResults &aliases, ScalarEvolution &evolution, LoopInfo &loops,
                       const MachineBasicBlock &block, std::vector<const MachineInstr *> insts)
    : aliases_(aliases), evolution_(evolution), loops_(loops), block_(block),
      insts_(std::move(insts)), known_(insts_.size() * insts_.size()) {
  if (const BasicBlock *ir = block.getBasicBlock())
    if (const Loop *loop = loops.getLoopFor(ir))
      for (const BasicBlock *b : loop->blocks())
        for (const Instruction &i : *b) scopesInside_ |= isa<NoAliasScopeDeclInst>(i);
}

std::optional<unsigned> LoopMemory::meets(size_t i, size_t j) {
  auto &known = known_[i * insts_.size() + j];
  if (!known) known = find(i, j);
  return *known;
}

bool LoopMemory::meetsAt(size_t i, size_t j, unsigned rounds) {
  // Within a round too: exact distances say more than alias analysis, and the search used them.
  if (rounds == 0 && i > j) std::swap(i, j);
  auto least = meets(i, j);
  return least && *least <= rounds;
}

std::optional<unsigned> LoopMemory::find(size_t i, size_t j) {
  const MachineInstr &a = *insts_[i], &b = *insts_[j];
  unsigned least = i < j ? 0 : 1;
  if (!a.mayStore() && !b.mayStore()) return std::nullopt;
  if (a.hasOrderedMemoryRef() || b.hasOrderedMemoryRef() || !a.hasOneMemOperand() ||
      !b.hasOneMemOperand())
    return least;
  const MachineMemOperand &x = **a.memoperands_begin(), &y = **b.memoperands_begin();
  if (!x.getValue() || !y.getValue()) {
    // A stack slot stays where it is.
    return a.mayAlias(&aliases_, b, true) ? std::optional(least) : std::nullopt;
  }
  if (!x.getSize().hasValue() || !y.getSize().hasValue()) return least;
  auto before = static_cast<int64_t>(x.getSize().getValue().getFixedValue()),
       after = static_cast<int64_t>(y.getSize().getValue().getFixedValue());
  const BasicBlock *ir = block_.getBasicBlock();
  const Loop *loop = ir ? loops_.getLoopFor(ir) : nullptr;
  if (loop && loop->getHeader() == ir && loop->getNumBlocks() == 1) {
    const SCEV *s = evolution_.getSCEV(const_cast<Value *>(x.getValue())),
               *t = evolution_.getSCEV(const_cast<Value *>(y.getValue()));
    auto stepOf = [&](const SCEV *e) -> std::optional<int64_t> {
      if (evolution_.isLoopInvariant(e, loop)) return 0;
      auto *walk = dyn_cast<SCEVAddRecExpr>(e);
      if (!walk || walk->getLoop() != loop || !walk->isAffine()) return std::nullopt;
      auto *step = dyn_cast<SCEVConstant>(walk->getStepRecurrence(evolution_));
      return step ? std::optional(step->getAPInt().getSExtValue()) : std::nullopt;
    };
    auto p = stepOf(s), q = stepOf(t);
    if (p && q && *p == *q)
      if (auto *apart = dyn_cast<SCEVConstant>(evolution_.getMinusSCEV(t, s)))
        return firstMeeting(apart->getAPInt().getSExtValue() + y.getOffset() - x.getOffset(), *p,
                            before, after, least);
  }
  BatchAAResults batch(aliases_);
  batch.enableCrossIterationMode();
  auto whole = [&](const MachineMemOperand &m) {
    AAMDNodes info = m.getAAInfo();
    if (scopesInside_) info.Scope = info.NoAlias = nullptr;
    return MemoryLocation(m.getValue(), LocationSize::beforeOrAfterPointer(), info);
  };
  if (apart(*x.getValue(), *y.getValue()) || batch.isNoAlias(whole(x), whole(y)))
    return std::nullopt;
  // Nobody stores to a constant, wherever the other pointer may lead.
  auto constant = [&](const MachineInstr &mi, const MachineMemOperand &m) {
    return !mi.mayStore() && (m.isInvariant() || isNoModRef(batch.getModRefInfoMask(whole(m))));
  };
  if (constant(a, x) || constant(b, y)) return std::nullopt;
  if (least == 0 && !a.mayAlias(&aliases_, b, true)) return 1;
  return least;
}

} // namespace ashlar::codegen::schedule
