// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The target machine and its pass pipeline: GlobalISel, LLVM's allocator, then our bundler as the
// very last pass before printing.
#include "codegen/target/debug_values.h"
#include "codegen/target/inline_asm.h"
#include "codegen/target/target.h"
#include "codegen/target/watch.h"

#include "llvm/CodeGen/GlobalISel/CSEInfo.h"
#include "llvm/CodeGen/GlobalISel/IRTranslator.h"
#include "llvm/CodeGen/GlobalISel/InstructionSelect.h"
#include "llvm/CodeGen/GlobalISel/Legalizer.h"
#include "llvm/CodeGen/GlobalISel/Localizer.h"
#include "llvm/CodeGen/GlobalISel/RegBankSelect.h"
#include "llvm/CodeGen/MachineFunctionPass.h"
#include "llvm/CodeGen/MachineInstrBuilder.h"
#include "llvm/CodeGen/Passes.h"
#include "llvm/CodeGen/TargetLoweringObjectFileImpl.h"
#include "llvm/CodeGen/TargetPassConfig.h"
#include "llvm/IR/LLVMContext.h"
#include "llvm/InitializePasses.h"
#include "llvm/PassRegistry.h"

#define GET_SUBTARGETINFO_CTOR
#include "AIE2GenSubtargetInfo.inc"

using namespace llvm;

const char *const llvm::kAIE2DataLayout =
    "e-m:e-p:32:32-i1:8:32-i8:8:32-i16:16:32-i32:32:32-f32:32:32-i64:32-f64:32-a:0:32-n32";

AIE2Subtarget::AIE2Subtarget(const Triple &triple, StringRef cpu, StringRef features,
                             const AIE2TargetMachine &tm)
    : AIE2GenSubtargetInfo(triple, cpu, cpu, features), instructions_(*this), lowering_(tm, *this),
      calls_(lowering_) {
  selector_.reset(createAIE2InstructionSelector(tm, *this, banks_));
  assembly_ = std::make_unique<AIE2InlineAsmLowering>(&lowering_);
}

namespace {
/// Reports a function that could not be selected, and leaves an empty body so that the remaining
/// passes can run; compile() makes no object then. What could not be selected was said in a remark.
class SelectionCheck : public MachineFunctionPass {
public:
  static char ID;
  SelectionCheck() : MachineFunctionPass(ID) {}
  StringRef getPassName() const override { return "AIE2 selection check"; }
  bool runOnMachineFunction(MachineFunction &mf) override {
    if (!mf.getProperties().hasFailedISel()) return false;
    mf.getFunction().getContext().emitError("cannot select instructions for function '" +
                                            mf.getName() + "'");
    mf.reset();
    mf.getProperties().setLegalized().setRegBankSelected().setSelected();
    MachineBasicBlock *body = mf.CreateMachineBasicBlock();
    mf.push_back(body);
    BuildMI(body, DebugLoc(), mf.getSubtarget().getInstrInfo()->get(AIE2::RET));
    return true;
  }
};
char SelectionCheck::ID = 0;

class PassConfig : public TargetPassConfig {
public:
  PassConfig(AIE2TargetMachine &tm, PassManagerBase &pm) : TargetPassConfig(tm, pm) {
    // Our bundler schedules after allocation.
    disablePass(&PostRASchedulerID);
    disablePass(&PostMachineSchedulerID);
    disablePass(&StackMapLivenessID);
    disablePass(&FuncletLayoutID);
    insertPass(&RegisterCoalescerID, &AIE2NoteDebugValuesID);
  }
  void addIRPasses() override {
    if (getOptLevel() != CodeGenOptLevel::None) addPass(createAIE2LeastRounds());
    TargetPassConfig::addIRPasses();
  }
  bool addPreISel() override {
    addPass(createAIE2Watch());
    addPass(createAIE2CheckAsm());
    addPass(createAIE2LowerVectors());
    addPass(createAIE2LowerMath());
    if (getOptLevel() != CodeGenOptLevel::None) addPass(createAIE2DivideByConstants());
    addPass(createAIE2LowerBFloat(getOptLevel() != CodeGenOptLevel::None));
    if (getOptLevel() != CodeGenOptLevel::None) {
      addPass(createHardwareLoopsLegacyPass());
      addPass(createAIE2CountedLoops());
    }
    return false;
  }
  bool addInstSelector() override { return false; } // there is no SelectionDAG selector
  void addPreLegalizeMachineIR() override {
    if (getOptLevel() != CodeGenOptLevel::None) addPass(createAIE2PreLegalizerCombiner());
  }
  bool addIRTranslator() override {
    addPass(new IRTranslator(getOptLevel()));
    return false;
  }
  bool addLegalizeMachineIR() override {
    addPass(new Legalizer());
    return false;
  }
  void addPreRegBankSelect() override {
    if (getOptLevel() != CodeGenOptLevel::None) addPass(createAIE2PostLegalizerCombiner());
  }
  bool addRegBankSelect() override {
    addPass(new RegBankSelect());
    return false;
  }
  void addPreGlobalInstructionSelect() override { addPass(new Localizer()); }
  bool addGlobalInstructionSelect() override {
    addPass(new InstructionSelect(getOptLevel()));
    addPass(new SelectionCheck());
    return false;
  }
  void addMachineSSAOptimization() override {
    TargetPassConfig::addMachineSSAOptimization();
    addPass(createAIE2SingleRegisters());
    addPass(createAIE2KeepWalks());
    addPass(createAIE2FarAddresses());
    addPass(createAIE2PostModify());
    addPass(createAIE2DropDeadValues());
  }
  bool addRegAssignAndRewriteOptimized() override {
    const auto makers = std::make_shared<AIE2DebugMakers>();
    addPass(createAIE2CheckDebugValues(makers));
    const bool done = TargetPassConfig::addRegAssignAndRewriteOptimized();
    addPass(createAIE2CheckDebugRegisters(makers));
    return done;
  }
  void addPreEmitPass2() override {
    if (getTM<AIE2TargetMachine>().Options.VerifyArgABICompliance) // set by tests: check the result
      addPass(createMachineVerifierPass("before bundling"));
    if (getOptLevel() != CodeGenOptLevel::None) addPass(createAIE2FoldWalks());
    addPass(createAIE2ExpandAsm());
    addPass(createAIE2Bundler());
  }
};
} // namespace

AIE2TargetMachine::AIE2TargetMachine(const Target &target, const Triple &triple, StringRef cpu,
                                     StringRef features, const TargetOptions &options,
                                     std::optional<Reloc::Model> reloc,
                                     std::optional<CodeModel::Model> model, CodeGenOptLevel level,
                                     bool)
    : CodeGenTargetMachineImpl(target, kAIE2DataLayout, triple, cpu.empty() ? "aie2" : cpu,
                               features, options, reloc.value_or(Reloc::Static),
                               getEffectiveCodeModel(model, CodeModel::Small), level),
      objectFile_(std::make_unique<TargetLoweringObjectFileELF>()) {
  initAsmInfo();
  subtarget_ = std::make_unique<AIE2Subtarget>(triple, getTargetCPU(), features, *this);
  setGlobalISel(true);
  setFastISel(false);
  setGlobalISelAbort(GlobalISelAbortMode::Disable);
  setMachineOutliner(false);
}

TargetPassConfig *AIE2TargetMachine::createPassConfig(PassManagerBase &pm) {
  return new PassConfig(*this, pm);
}

MachineFunctionInfo *
AIE2TargetMachine::createMachineFunctionInfo(BumpPtrAllocator &allocator, const Function &f,
                                             const TargetSubtargetInfo *subtarget) const {
  return MachineFunctionInfo::create<AIE2FunctionInfo>(allocator, f, subtarget);
}

void llvm::registerAIE2TargetMachine() {
  registerAIE2NoteDebugValues(*PassRegistry::getPassRegistry());
  TargetRegistry::RegisterTargetMachine(
      theAIE2Target(),
      [](const Target &target, const Triple &triple, StringRef cpu, StringRef features,
         const TargetOptions &options, std::optional<Reloc::Model> reloc,
         std::optional<CodeModel::Model> model, CodeGenOptLevel level,
         bool jit) -> TargetMachine * {
        return new AIE2TargetMachine(target, triple, cpu, features, options, reloc, model, level,
                                     jit);
      });
}
