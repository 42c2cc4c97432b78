// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Costs for LLVM's IR optimiser. Scalar code has no vector registers to vectorise into: vectors
// come from the kernel's author.
#include "codegen/target/intrinsics.h"
#include "codegen/target/target.h"

#include "llvm/Analysis/ScalarEvolution.h"
#include "llvm/Analysis/ScalarEvolutionExpressions.h"
#include "llvm/Analysis/TargetTransformInfo.h"
#include "llvm/Analysis/ValueTracking.h"
#include "llvm/CodeGen/BasicTTIImpl.h"

using namespace llvm;

namespace {
constexpr unsigned kMostUnrolled =
    24; ///< vector operations: a 2x2 product of eight steps is left rolled

/// None where the loop's index chooses among locals: these are registers only after unrolling.
unsigned vectorOperations(const Loop &loop) {
  unsigned count = 0;
  for (const BasicBlock *block : loop.blocks())
    for (const Instruction &i : *block) {
      if (auto *address = dyn_cast<GetElementPtrInst>(&i);
          address && !address->hasAllConstantIndices() &&
          isa<AllocaInst>(getUnderlyingObject(address)))
        return 0;
      auto *call = dyn_cast<CallBase>(&i);
      const Function *f = call ? call->getCalledFunction() : nullptr;
      count += f && isAIE2Intrinsic(f->getName()) &&
               (f->getReturnType()->isVectorTy() || f->getReturnType()->isStructTy());
    }
  return count;
}

class TTIImpl final : public BasicTTIImplBase<TTIImpl> {
  using Base = BasicTTIImplBase<TTIImpl>;
  friend Base;
  const AIE2Subtarget *subtarget_;
  const AIE2TargetLowering *lowering_;
  const AIE2Subtarget *getST() const { return subtarget_; }
  const AIE2TargetLowering *getTLI() const { return lowering_; }

public:
  TTIImpl(const AIE2TargetMachine *tm, const Function &f)
      : Base(tm, f.getDataLayout()), subtarget_(tm->subtarget()),
        lowering_(subtarget_->getTargetLowering()) {}
  unsigned getNumberOfRegisters(unsigned registerClass) const override {
    return registerClass == 1 ? 0 : 24;
  }
  TypeSize getRegisterBitWidth(TargetTransformInfo::RegisterKind kind) const override {
    return TypeSize::getFixed(kind == TargetTransformInfo::RGK_Scalar ? 32 : 0);
  }
  /// A machine operation is one instruction: it makes a function no dearer to inline.
  bool isLoweredToCall(const Function *f) const override {
    return !isAIE2Intrinsic(f->getName()) && Base::isLoweredToCall(f);
  }
  bool prefersVectorizedAddressing() const override { return false; }

  // Pointers step through memory as part of the access, so a loop wants one pointer for each
  // stream and no index.
  TargetTransformInfo::AddressingModeKind
  getPreferredAddressingMode(const Loop *, ScalarEvolution *) const override {
    return TargetTransformInfo::AMK_PostIndexed;
  }
  bool isIndexedLoadLegal(TargetTransformInfo::MemIndexedMode mode, Type *) const override {
    return mode == TargetTransformInfo::MIM_PostInc;
  }
  bool isIndexedStoreLegal(TargetTransformInfo::MemIndexedMode mode, Type *) const override {
    return mode == TargetTransformInfo::MIM_PostInc;
  }
  bool isLSRCostLess(const TargetTransformInfo::LSRCost &a,
                     const TargetTransformInfo::LSRCost &b) const override {
    return std::tie(a.Insns, a.NumRegs, a.AddRecCost, a.NumIVMuls, a.NumBaseAdds, a.ScaleCost,
                    a.ImmCost, a.SetupCost) < std::tie(b.Insns, b.NumRegs, b.AddRecCost,
                                                       b.NumIVMuls, b.NumBaseAdds, b.ScaleCost,
                                                       b.ImmCost, b.SetupCost);
  }

  // Program memory has 16 KiB, and each copy of an inner loop brings a prologue and an epilogue.
  void getUnrollingPreferences(Loop *loop, ScalarEvolution &evolution,
                               TargetTransformInfo::UnrollingPreferences &preferences,
                               OptimizationRemarkEmitter *remarks) const override {
    Base::getUnrollingPreferences(loop, evolution, preferences, remarks);
    if (!loop->isInnermost()) preferences.Threshold = preferences.PartialThreshold = 0;
    preferences.Threshold = std::min(preferences.Threshold, 150u);
    // Overlapping the rounds of a loop of vector operations gives what unrolling would, in less
    // code, and the code of many rounds at once is too much for the loop around it to overlap.
    if (vectorOperations(*loop) * evolution.getSmallConstantTripCount(loop) > kMostUnrolled)
      preferences.Threshold = preferences.PartialThreshold = 0;
  }

  // The counter of an innermost loop is free: see counted_loops.cpp.
  bool isHardwareLoopProfitable(Loop *loop, ScalarEvolution &evolution, AssumptionCache &,
                                TargetLibraryInfo *, HardwareLoopInfo &info) const override {
    if (!loop->isInnermost() || loop->getNumBlocks() != 1 ||
        !evolution.hasLoopInvariantBackedgeTakenCount(loop))
      return false;
    // A division to find the count costs more than it saves.
    if (SCEVExprContains(evolution.getBackedgeTakenCount(loop), [](const SCEV *s) {
          auto *division = dyn_cast<SCEVUDivExpr>(s);
          auto *by = division ? dyn_cast<SCEVConstant>(division->getRHS()) : nullptr;
          return division && (!by || !by->getAPInt().isPowerOf2());
        }))
      return false;
    info.CountType = IntegerType::get(loop->getHeader()->getContext(), 32);
    info.LoopDecrement = ConstantInt::get(info.CountType, 1);
    info.CounterInReg = true;
    return true;
  }
  bool canSaveCmp(Loop *loop, BranchInst **branch, ScalarEvolution *evolution, LoopInfo *loops,
                  DominatorTree *tree, AssumptionCache *assumptions,
                  TargetLibraryInfo *library) const override {
    HardwareLoopInfo info(loop);
    if (!info.canAnalyze(*loops) ||
        !isHardwareLoopProfitable(loop, *evolution, *assumptions, library, info) ||
        !info.isHardwareLoopCandidate(*evolution, *loops, *tree))
      return false;
    *branch = info.ExitBranch;
    return true;
  }
  bool shouldBuildLookupTables() const override { return true; }
};
} // namespace

TargetTransformInfo AIE2TargetMachine::getTargetTransformInfo(const Function &f) const {
  return TargetTransformInfo(std::make_unique<TTIImpl>(this, f));
}
