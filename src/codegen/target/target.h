// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The code-generation classes of the AIE2 target. One subtarget serves every function: Phoenix
// has one kind of core.
#pragma once

#include "codegen/target/mc.h"

#include "llvm/CodeGen/CodeGenTargetMachineImpl.h"
#include "llvm/CodeGen/GlobalISel/CallLowering.h"
#include "llvm/CodeGen/GlobalISel/InlineAsmLowering.h"
#include "llvm/CodeGen/GlobalISel/InstructionSelector.h"
#include "llvm/CodeGen/GlobalISel/LegalizerInfo.h"
#include "llvm/CodeGen/MachineFunction.h"
#include "llvm/CodeGen/RegisterBankInfo.h"
#include "llvm/CodeGen/SelectionDAGTargetInfo.h"
#include "llvm/CodeGen/TargetFrameLowering.h"
#include "llvm/CodeGen/TargetInstrInfo.h"
#include "llvm/CodeGen/TargetLowering.h"
#include "llvm/CodeGen/TargetRegisterInfo.h"
#include "llvm/CodeGen/TargetSubtargetInfo.h"

#define GET_REGINFO_HEADER
#include "AIE2GenRegisterInfo.inc"
#define GET_INSTRINFO_HEADER
#include "AIE2GenInstrInfo.inc"
#define GET_SUBTARGETINFO_HEADER
#include "AIE2GenSubtargetInfo.inc"
#define GET_REGBANK_DECLARATIONS
#include "AIE2GenRegisterBank.inc"

namespace llvm {
class AIE2Subtarget;
class AIE2TargetMachine;
ScheduleDAGInstrs *createAIE2MachineScheduler(MachineSchedContext *);

struct AIE2RegisterInfo : AIE2GenRegisterInfo {
  AIE2RegisterInfo();
  const MCPhysReg *getCalleeSavedRegs(const MachineFunction *) const override;
  const uint32_t *getCallPreservedMask(const MachineFunction &, CallingConv::ID) const override;
  BitVector getReservedRegs(const MachineFunction &) const override;
  bool eliminateFrameIndex(MachineBasicBlock::iterator, int spAdjustment, unsigned operand,
                           RegScavenger *) const override;
  Register getFrameRegister(const MachineFunction &) const override;
  bool requiresRegisterScavenging(const MachineFunction &) const override { return true; }
  bool requiresFrameIndexScavenging(const MachineFunction &) const override { return true; }
  // Otherwise values of classes with few registers, accumulators, are allocated by size and not in
  // the order of the code, which needs more of them than live at once.
  bool reverseLocalAssignment() const override { return true; }
  bool shouldCoalesce(MachineInstr *copy, const TargetRegisterClass *source, unsigned,
                      const TargetRegisterClass *, unsigned, const TargetRegisterClass *made,
                      LiveIntervals &) const override;
};

struct AIE2InstrInfo : AIE2GenInstrInfo {
  AIE2RegisterInfo registers;
  explicit AIE2InstrInfo(const AIE2Subtarget &);

  unsigned getInstSizeInBytes(const MachineInstr &) const override;
  bool analyzeBranch(MachineBasicBlock &, MachineBasicBlock *&taken, MachineBasicBlock *&other,
                     SmallVectorImpl<MachineOperand> &condition, bool allowModify) const override;
  unsigned removeBranch(MachineBasicBlock &, int *bytes) const override;
  unsigned insertBranch(MachineBasicBlock &, MachineBasicBlock *taken, MachineBasicBlock *other,
                        ArrayRef<MachineOperand> condition, const DebugLoc &,
                        int *bytes) const override;
  bool reverseBranchCondition(SmallVectorImpl<MachineOperand> &) const override;
  void copyPhysReg(MachineBasicBlock &, MachineBasicBlock::iterator, const DebugLoc &, Register to,
                   Register from, bool kill, bool, bool) const override;
  void storeRegToStackSlot(MachineBasicBlock &, MachineBasicBlock::iterator, Register, bool kill,
                           int frameIndex, const TargetRegisterClass *, Register,
                           MachineInstr::MIFlag) const override;
  void loadRegFromStackSlot(MachineBasicBlock &, MachineBasicBlock::iterator, Register,
                            int frameIndex, const TargetRegisterClass *, Register, unsigned,
                            MachineInstr::MIFlag) const override;
  Register isLoadFromStackSlot(const MachineInstr &, int &frameIndex) const override;
  Register isStoreToStackSlot(const MachineInstr &, int &frameIndex) const override;
  bool expandPostRAPseudo(MachineInstr &) const override;
  /// A jump costs six bundles, which is more than most blocks that it would spare.
  unsigned getTailDuplicateSize(CodeGenOptLevel level) const override {
    return level >= CodeGenOptLevel::Aggressive ? 6 : 4;
  }
  void insertNoop(MachineBasicBlock &, MachineBasicBlock::iterator) const override;
  bool isSchedulingBoundary(const MachineInstr &, const MachineBasicBlock *,
                            const MachineFunction &) const override;
};

class AIE2FrameLowering : public TargetFrameLowering {
public:
  AIE2FrameLowering() : TargetFrameLowering(StackGrowsUp, Align(32), 0) {}
  void emitPrologue(MachineFunction &, MachineBasicBlock &) const override;
  void emitEpilogue(MachineFunction &, MachineBasicBlock &) const override;
  bool hasFPImpl(const MachineFunction &) const override;
  bool hasReservedCallFrame(const MachineFunction &) const override;
  void determineCalleeSaves(MachineFunction &, BitVector &saved, RegScavenger *) const override;
  void processFunctionBeforeFrameFinalized(MachineFunction &, RegScavenger *) const override;
  StackOffset getFrameIndexReference(const MachineFunction &, int frameIndex,
                                     Register &base) const override;
  MachineBasicBlock::iterator
  eliminateCallFramePseudoInstr(MachineFunction &, MachineBasicBlock &,
                                MachineBasicBlock::iterator) const override;
  /// Adds `amount` bytes (a multiple of 32, either sign) to sp before `where`.
  void adjustStack(MachineBasicBlock &, MachineBasicBlock::iterator where, const DebugLoc &,
                   int64_t amount, MachineInstr::MIFlag) const;
};

struct AIE2TargetLowering : TargetLowering {
  AIE2TargetLowering(const TargetMachine &, const AIE2Subtarget &);
  bool isLegalAddressingMode(const DataLayout &, const AddrMode &, Type *, unsigned addressSpace,
                             Instruction *) const override;
  bool isLegalAddImmediate(int64_t v) const override { return v >= -64 && v <= 63; }
  bool isLegalICmpImmediate(int64_t v) const override { return v == 0; }
  bool isTruncateFree(Type *from, Type *to) const override;
  bool isTruncateFree(EVT from, EVT to) const override;
  bool isZExtFree(Type *from, Type *to) const override;
  bool isZExtFree(EVT from, EVT to) const override;
  bool isIntDivCheap(EVT, AttributeList) const override { return false; }
  MVT getScalarShiftAmountTy(const DataLayout &, EVT) const override { return MVT::i32; }
  bool allowsMisalignedMemoryAccesses(EVT, unsigned, Align, MachineMemOperand::Flags,
                                      unsigned *) const override;
  bool allowsMisalignedMemoryAccesses(LLT, unsigned, Align, MachineMemOperand::Flags,
                                      unsigned *) const override;
  LLT getOptimalMemOpLLT(const MemOp &, const AttributeList &) const override;
  ConstraintType getConstraintType(StringRef) const override;
  std::pair<unsigned, const TargetRegisterClass *>
  getRegForInlineAsmConstraint(const TargetRegisterInfo *, StringRef, MVT) const override;
};

struct AIE2CallLowering : CallLowering {
  explicit AIE2CallLowering(const AIE2TargetLowering &t) : CallLowering(&t) {}
  bool canLowerReturn(MachineFunction &, CallingConv::ID, SmallVectorImpl<BaseArgInfo> &,
                      bool) const override;
  bool lowerReturn(MachineIRBuilder &, const Value *, ArrayRef<Register>,
                   FunctionLoweringInfo &) const override;
  bool lowerFormalArguments(MachineIRBuilder &, const Function &, ArrayRef<ArrayRef<Register>>,
                            FunctionLoweringInfo &) const override;
  bool lowerCall(MachineIRBuilder &, CallLoweringInfo &) const override;
};

struct AIE2LegalizerInfo : LegalizerInfo {
  AIE2LegalizerInfo();
  bool legalizeCustom(LegalizerHelper &, MachineInstr &, LostDebugLocObserver &) const override;
  bool legalizeIntrinsic(LegalizerHelper &, MachineInstr &) const override;
};

class AIE2GenRegisterBankInfo : public RegisterBankInfo {
#define GET_TARGET_REGBANK_CLASS
#include "AIE2GenRegisterBank.inc"
};

struct AIE2RegisterBankInfo : AIE2GenRegisterBankInfo {
  const InstructionMapping &getInstrMapping(const MachineInstr &) const override;
  const RegisterBank &getRegBankFromRegClass(const TargetRegisterClass &, LLT) const override;
};

class AIE2Subtarget : public AIE2GenSubtargetInfo {
public:
  AIE2Subtarget(const Triple &, StringRef cpu, StringRef features, const AIE2TargetMachine &);
  const AIE2InstrInfo *getInstrInfo() const override { return &instructions_; }
  const AIE2RegisterInfo *getRegisterInfo() const override { return &instructions_.registers; }
  const AIE2FrameLowering *getFrameLowering() const override { return &frame_; }
  const AIE2TargetLowering *getTargetLowering() const override { return &lowering_; }
  const CallLowering *getCallLowering() const override { return &calls_; }
  const InlineAsmLowering *getInlineAsmLowering() const override { return assembly_.get(); }
  const LegalizerInfo *getLegalizerInfo() const override { return &legalizer_; }
  const RegisterBankInfo *getRegBankInfo() const override { return &banks_; }
  InstructionSelector *getInstructionSelector() const override { return selector_.get(); }
  const SelectionDAGTargetInfo *getSelectionDAGInfo() const override { return &dag_; }
  void initLibcallLoweringInfo(LibcallLoweringInfo &) const override;
  bool enableMachineScheduler() const override { return true; }
  bool enableSubRegLiveness() const override { return true; }
  bool useAA() const override { return true; }

private:
  AIE2InstrInfo instructions_;
  AIE2FrameLowering frame_;
  AIE2TargetLowering lowering_;
  AIE2CallLowering calls_;
  AIE2LegalizerInfo legalizer_;
  AIE2RegisterBankInfo banks_;
  SelectionDAGTargetInfo dag_;
  std::unique_ptr<InstructionSelector> selector_;
  std::unique_ptr<InlineAsmLowering> assembly_;
};

class AIE2TargetMachine : public CodeGenTargetMachineImpl {
public:
  AIE2TargetMachine(const Target &, const Triple &, StringRef cpu, StringRef features,
                    const TargetOptions &, std::optional<Reloc::Model>,
                    std::optional<CodeModel::Model>, CodeGenOptLevel, bool jit);
  const AIE2Subtarget *getSubtargetImpl(const Function &) const override {
    return subtarget_.get();
  }
  const AIE2Subtarget *subtarget() const { return subtarget_.get(); }
  TargetLoweringObjectFile *getObjFileLowering() const override { return objectFile_.get(); }
  TargetPassConfig *createPassConfig(PassManagerBase &) override;
  TargetTransformInfo getTargetTransformInfo(const Function &) const override;
  ScheduleDAGInstrs *createMachineScheduler(MachineSchedContext *context) const override {
    return createAIE2MachineScheduler(context);
  }
  MachineFunctionInfo *createMachineFunctionInfo(BumpPtrAllocator &, const Function &,
                                                 const TargetSubtargetInfo *) const override;

private:
  std::unique_ptr<TargetLoweringObjectFile> objectFile_;
  std::unique_ptr<AIE2Subtarget> subtarget_;
};

/// What lowering leaves for frame layout.
struct AIE2FunctionInfo : MachineFunctionInfo {
  AIE2FunctionInfo(const Function &, const TargetSubtargetInfo *) {}
  int variadicFrameIndex = 0; ///< fixed object at the first variadic argument
};

/// The data layout; the front end and the MLIR lowering use the same one.
extern const char *const kAIE2DataLayout;
/// Function attribute in which the bundler leaves the frame's size.
inline constexpr const char *kAIE2FrameAttribute = "aie2-frame-bytes";
inline constexpr const char *kAIE2DynamicFrameAttribute = "aie2-frame-dynamic";
/// The pass name under which remarks about loops come.
inline constexpr const char *kAIE2LoopRemarks = "aie2-pipeline";
/// Metadata at a loop's branch: how many rounds it has at least.
inline constexpr const char *kAIE2RoundsMetadata = "aie2.rounds";

InstructionSelector *createAIE2InstructionSelector(const AIE2TargetMachine &, const AIE2Subtarget &,
                                                   const AIE2RegisterBankInfo &);
FunctionPass *createAIE2PreLegalizerCombiner();
FunctionPass *createAIE2PostLegalizerCombiner();
FunctionPass *createAIE2LowerMath();
FunctionPass *createAIE2DivideByConstants();
FunctionPass *createAIE2LowerBFloat(bool optimize);
/// Leaves of vectors only what registers hold and machine operations.
ModulePass *createAIE2LowerVectors();
FunctionPass *createAIE2CountedLoops();
FunctionPass *createAIE2LeastRounds();
FunctionPass *createAIE2FarAddresses();
FunctionPass *createAIE2SingleRegisters();
FunctionPass *createAIE2KeepWalks();
FunctionPass *createAIE2FoldWalks();
FunctionPass *createAIE2PostModify();
/// Forms bundles: schedules every block, lays the function out and verifies the result.
FunctionPass *createAIE2Bundler();
} // namespace llvm
