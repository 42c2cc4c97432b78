// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// LLVM's generic rewrites before legalization (AIE2Combine.td).
#include "codegen/target/target.h"

#include "llvm/CodeGen/GlobalISel/CSEInfo.h"
#include "llvm/CodeGen/GlobalISel/Combiner.h"
#include "llvm/CodeGen/GlobalISel/CombinerHelper.h"
#include "llvm/CodeGen/GlobalISel/CombinerInfo.h"
#include "llvm/CodeGen/GlobalISel/GIMatchTableExecutorImpl.h"
#include "llvm/CodeGen/GlobalISel/GISelValueTracking.h"
#include "llvm/CodeGen/GlobalISel/MIPatternMatch.h"
#include "llvm/CodeGen/MachineDominators.h"
#include "llvm/CodeGen/TargetPassConfig.h"
#include "llvm/InitializePasses.h"

#define DEBUG_TYPE "aie2-combiner"
#define GET_GICOMBINER_DEPS
#include "AIE2GenPreLegalizeGICombiner.inc"
#undef GET_GICOMBINER_DEPS

using namespace llvm;

namespace {
#define GET_GICOMBINER_TYPES
#include "AIE2GenPreLegalizeGICombiner.inc"
#undef GET_GICOMBINER_TYPES

class AIE2PreLegalizerCombinerImpl : public Combiner {
  const CombinerHelper Helper;
  const AIE2PreLegalizerCombinerImplRuleConfig &RuleConfig;
  const AIE2Subtarget &STI;

public:
  AIE2PreLegalizerCombinerImpl(MachineFunction &mf, CombinerInfo &info, GISelValueTracking &values,
                               GISelCSEInfo *cse,
                               const AIE2PreLegalizerCombinerImplRuleConfig &config,
                               const AIE2Subtarget &subtarget, const LegalizerInfo *legal);
  static const char *getName() { return "AIE2PreLegalizerCombiner"; }
  bool tryCombineAll(MachineInstr &mi) const override { return tryCombineAllImpl(mi); }
  bool tryCombineAllImpl(MachineInstr &mi) const;

private:
#define GET_GICOMBINER_CLASS_MEMBERS
#include "AIE2GenPreLegalizeGICombiner.inc"
#undef GET_GICOMBINER_CLASS_MEMBERS
};

#define GET_GICOMBINER_IMPL
#include "AIE2GenPreLegalizeGICombiner.inc"
#undef GET_GICOMBINER_IMPL

AIE2PreLegalizerCombinerImpl::AIE2PreLegalizerCombinerImpl(
    MachineFunction &mf, CombinerInfo &info, GISelValueTracking &values, GISelCSEInfo *cse,
    const AIE2PreLegalizerCombinerImplRuleConfig &config, const AIE2Subtarget &subtarget,
    const LegalizerInfo *legal)
    : Combiner(mf, info, nullptr, &values, cse),
      Helper(Observer, B, /*IsPreLegalize=*/true, &values, nullptr, legal), RuleConfig(config),
      STI(subtarget),
#define GET_GICOMBINER_CONSTRUCTOR_INITS
#include "AIE2GenPreLegalizeGICombiner.inc"
#undef GET_GICOMBINER_CONSTRUCTOR_INITS
{
}

class PreLegalizerCombiner : public MachineFunctionPass {
  AIE2PreLegalizerCombinerImplRuleConfig config_;

public:
  static char ID;
  PreLegalizerCombiner() : MachineFunctionPass(ID) {}
  StringRef getPassName() const override { return "AIE2 combiner before legalization"; }
  void getAnalysisUsage(AnalysisUsage &usage) const override {
    usage.addRequired<TargetPassConfig>();
    usage.setPreservesCFG();
    getSelectionDAGFallbackAnalysisUsage(usage);
    usage.addRequired<GISelValueTrackingAnalysisLegacy>();
    usage.addPreserved<GISelValueTrackingAnalysisLegacy>();
    usage.addRequired<GISelCSEAnalysisWrapperPass>();
    usage.addPreserved<GISelCSEAnalysisWrapperPass>();
    MachineFunctionPass::getAnalysisUsage(usage);
  }
  bool runOnMachineFunction(MachineFunction &mf) override {
    if (mf.getProperties().hasFailedISel()) return false;
    auto &values = getAnalysis<GISelValueTrackingAnalysisLegacy>().get(mf);
    auto &wrapper = getAnalysis<GISelCSEAnalysisWrapperPass>().getCSEWrapper();
    GISelCSEInfo *cse = &wrapper.get(getAnalysis<TargetPassConfig>().getCSEConfig());
    const auto &subtarget = mf.getSubtarget<AIE2Subtarget>();
    CombinerInfo info(/*AllowIllegalOps=*/true, /*ShouldLegalizeIllegal=*/false, nullptr, true,
                      mf.getFunction().hasOptSize(), mf.getFunction().hasMinSize());
    AIE2PreLegalizerCombinerImpl impl(mf, info, values, cse, config_, subtarget,
                                      subtarget.getLegalizerInfo());
    return impl.combineMachineInstrs();
  }
};
char PreLegalizerCombiner::ID = 0;
} // namespace

FunctionPass *llvm::createAIE2PreLegalizerCombiner() { return new PreLegalizerCombiner(); }
