// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Frames. The stack grows up and sp stays 32-byte aligned; a function's objects lie below its sp.
// With a variable-sized object p7 keeps the sp of the entry, and callee-saved registers are still
// saved and reloaded relative to sp, which is known at both ends of the function.
#include "codegen/target/target.h"

#include "llvm/CodeGen/MachineFrameInfo.h"
#include "llvm/CodeGen/MachineInstrBuilder.h"
#include "llvm/CodeGen/RegisterScavenging.h"
#include "llvm/IR/DiagnosticInfo.h"
#include "llvm/IR/Function.h"
#include "llvm/IR/LLVMContext.h"
#include "llvm/Support/ErrorHandling.h"

using namespace llvm;

bool AIE2FrameLowering::hasFPImpl(const MachineFunction &mf) const {
  const MachineFrameInfo &frame = mf.getFrameInfo();
  return frame.hasVarSizedObjects() || frame.isFrameAddressTaken();
}

bool AIE2FrameLowering::hasReservedCallFrame(const MachineFunction &mf) const {
  return !mf.getFrameInfo().hasVarSizedObjects();
}

void AIE2FrameLowering::determineCalleeSaves(MachineFunction &mf, BitVector &saved,
                                             RegScavenger *scavenger) const {
  TargetFrameLowering::determineCalleeSaves(mf, saved, scavenger);
  if (hasFP(mf)) saved.set(AIE2::p7);
}

void AIE2FrameLowering::processFunctionBeforeFrameFinalized(MachineFunction &mf,
                                                            RegScavenger *scavenger) const {
  MachineFrameInfo &frame = mf.getFrameInfo();
  // Beyond the reach of sp-relative accesses an address needs a pointer register, and all of them
  // may be taken.
  if (scavenger && (hasFP(mf) || frame.estimateStackSize(mf) > 7000))
    for (int i = 0; i < 2; ++i)
      scavenger->addScavengingFrameIndex(frame.CreateStackObject(4, Align(4), false));
}

StackOffset AIE2FrameLowering::getFrameIndexReference(const MachineFunction &mf, int frameIndex,
                                                      Register &base) const {
  const MachineFrameInfo &frame = mf.getFrameInfo();
  int64_t fromEntry = frame.getObjectOffset(frameIndex);
  bool calleeSaved = false;
  for (const CalleeSavedInfo &info : frame.getCalleeSavedInfo())
    calleeSaved |= !info.isSpilledToReg() && info.getFrameIdx() == frameIndex;
  if (hasFP(mf) && !calleeSaved) {
    base = AIE2::p7;
    return StackOffset::getFixed(fromEntry);
  }
  base = AIE2::sp;
  return StackOffset::getFixed(fromEntry - static_cast<int64_t>(frame.getStackSize()));
}

void AIE2FrameLowering::adjustStack(MachineBasicBlock &block, MachineBasicBlock::iterator where,
                                    const DebugLoc &line, int64_t amount,
                                    MachineInstr::MIFlag flag) const {
  if (amount == 0) return;
  const TargetInstrInfo &tii = *block.getParent()->getSubtarget().getInstrInfo();
  if (!isShiftedInt<12, 5>(amount)) {
    const Function &function = block.getParent()->getFunction();
    if (amount > 0)
      function.getContext().diagnose(DiagnosticInfoGenericWithLoc(
          "function '" + function.getName() + "' needs a frame of " + Twine(amount) +
              " bytes and the data memory has 65536: at -O0 every value has a place of its own, "
              "-O1 and above keep few",
          function, DiagnosticLocation(function.getSubprogram())));
    return;
  }
  BuildMI(block, where, line, tii.get(AIE2::PADDB_sp_imm)).addImm(amount).setMIFlag(flag);
}

void AIE2FrameLowering::emitPrologue(MachineFunction &mf, MachineBasicBlock &block) const {
  MachineFrameInfo &frame = mf.getFrameInfo();
  frame.setStackSize(alignTo(frame.getStackSize(), 32));
  const TargetInstrInfo &tii = *mf.getSubtarget().getInstrInfo();
  auto where = block.begin();
  adjustStack(block, where, DebugLoc(), static_cast<int64_t>(frame.getStackSize()),
              MachineInstr::FrameSetup);
  if (!hasFP(mf)) return;
  for (size_t left = frame.getCalleeSavedInfo().size(); left && where != block.end(); ++where)
    if (where->getOpcode() == AIE2::ST_FI) --left;
  // p7 = entry sp, computed from the sp below which the registers were saved.
  BuildMI(block, where, DebugLoc(), tii.get(AIE2::MOV_mv_scl), AIE2::p7)
      .addReg(AIE2::sp)
      .setMIFlag(MachineInstr::FrameSetup);
  int64_t back = -static_cast<int64_t>(frame.getStackSize());
  for (; back < 0;) {
    int64_t step = std::max<int64_t>(back, -2048);
    BuildMI(block, where, DebugLoc(), tii.get(AIE2::PADD_IMM), AIE2::p7)
        .addReg(AIE2::p7)
        .addImm(step)
        .setMIFlag(MachineInstr::FrameSetup);
    back -= step;
  }
}

void AIE2FrameLowering::emitEpilogue(MachineFunction &mf, MachineBasicBlock &block) const {
  const MachineFrameInfo &frame = mf.getFrameInfo();
  const TargetInstrInfo &tii = *mf.getSubtarget().getInstrInfo();
  auto where = block.getFirstTerminator();
  int64_t size = static_cast<int64_t>(frame.getStackSize());
  if (hasFP(mf)) {
    // The reloads of callee-saved registers stand just before the return.
    auto first = where;
    for (size_t left = frame.getCalleeSavedInfo().size(); left && first != block.begin();) {
      --first;
      if (first->getOpcode() == AIE2::LDA_FI) --left;
    }
    BuildMI(block, first, DebugLoc(), tii.get(AIE2::MOV_mv_scl), AIE2::sp)
        .addReg(AIE2::p7)
        .setMIFlag(MachineInstr::FrameDestroy);
    adjustStack(block, first, DebugLoc(), size, MachineInstr::FrameDestroy);
  }
  adjustStack(block, where, DebugLoc(), -size, MachineInstr::FrameDestroy);
}

MachineBasicBlock::iterator
AIE2FrameLowering::eliminateCallFramePseudoInstr(MachineFunction &mf, MachineBasicBlock &block,
                                                 MachineBasicBlock::iterator it) const {
  if (!hasReservedCallFrame(mf)) {
    int64_t amount = static_cast<int64_t>(alignTo(it->getOperand(0).getImm(), 32));
    if (it->getOpcode() == AIE2::ADJCALLSTACKUP) amount = -amount;
    adjustStack(block, it, it->getDebugLoc(), amount, MachineInstr::NoFlags);
  }
  return block.erase(it);
}
