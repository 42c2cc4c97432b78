// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Calls, returns and arguments. The registers of the result are taken first and no argument gets
// them: `int f(int, int)` takes r1 and r2 and answers in r0, `void f(int)` takes r0. Stack
// arguments count downwards from the caller's sp, so an argument at offset `o` of `n` bytes lies at
// sp - o - n, and a callee finds it below its entry sp. Variadic arguments are all on the stack.
#include "codegen/target/intrinsics.h"
#include "codegen/target/target.h"

#include "llvm/CodeGen/Analysis.h"
#include "llvm/CodeGen/CallingConvLower.h"
#include "llvm/CodeGen/FunctionLoweringInfo.h"
#include "llvm/CodeGen/GlobalISel/MachineIRBuilder.h"
#include "llvm/CodeGen/GlobalISel/Utils.h"
#include "llvm/CodeGen/MachineFrameInfo.h"
#include "llvm/CodeGen/MachineRegisterInfo.h"
#include "llvm/IR/Function.h"
#include "llvm/IR/LLVMContext.h"

using namespace llvm;

namespace {
const MCPhysReg kWordRegisters[] = {AIE2::r0, AIE2::r1, AIE2::r2, AIE2::r3,
                                    AIE2::r4, AIE2::r5, AIE2::r6, AIE2::r7};

/// Collects the pieces of a split value; with the last one gives all of them registers, or all of
/// them one block of the stack in the order in which memory holds the value.
bool assignPieces(unsigned valNo, MVT valVT, MVT locVT, CCValAssign::LocInfo info,
                  ISD::ArgFlagsTy flags, CCState &state, bool registers) {
  auto &pending = state.getPendingLocs();
  if (!flags.isSplit() && pending.empty()) return false;
  pending.push_back(CCValAssign::getPending(valNo, valVT, locVT, info));
  if (!flags.isSplitEnd()) return true;
  unsigned first = registers ? state.getFirstUnallocated(kWordRegisters) : 8;
  size_t n = pending.size();
  if (first + n <= std::size(kWordRegisters)) {
    for (CCValAssign &piece : pending) {
      piece.convertToReg(state.AllocateReg(kWordRegisters));
      state.addLoc(piece);
    }
  } else {
    int64_t from = state.AllocateStack(static_cast<unsigned>(4 * n), Align(4));
    for (size_t i = 0; i < n; ++i) {
      pending[i].convertToMem(from + static_cast<int64_t>(4 * (n - 1 - i)));
      state.addLoc(pending[i]);
    }
  }
  pending.clear();
  return true;
}
bool assignSplitPieces(unsigned &valNo, MVT &valVT, MVT &locVT, CCValAssign::LocInfo &info,
                       ISD::ArgFlagsTy &flags, CCState &state) {
  return assignPieces(valNo, valVT, locVT, info, flags, state, true);
}
bool assignSplitPiecesOnStack(unsigned &valNo, MVT &valVT, MVT &locVT, CCValAssign::LocInfo &info,
                              ISD::ArgFlagsTy &flags, CCState &state) {
  return assignPieces(valNo, valVT, locVT, info, flags, state, false);
}
} // namespace

#include "AIE2GenCallingConv.inc"

namespace {
struct ArgumentAssigner : CallLowering::ValueAssigner {
  ArgumentAssigner(bool incoming, CCAssignFn *fn) : ValueAssigner(incoming, fn, fn) {}
  bool assignArg(unsigned valNo, EVT origVT, MVT valVT, MVT locVT, CCValAssign::LocInfo info,
                 const CallLowering::ArgInfo &arg, ISD::ArgFlagsTy flags, CCState &state) override {
    (void)origVT;
    // The variable arguments begin at a multiple of 32, whatever fixed ones lie there already.
    if (flags.isVarArg() && !variadic) {
      variadic = true;
      const uint64_t used = state.getStackSize();
      state.AllocateStack(static_cast<unsigned>(alignTo(used, 32) - used), Align(4));
    }
    CCAssignFn *fn = flags.isVarArg() ? CC_AIE2_Stack : AssignFn;
    if (fn(valNo, valVT, locVT, info, flags, arg.Ty, state)) return true;
    StackSize = state.getStackSize();
    return false;
  }
  bool variadic = false;
};

struct ResultAssigner : CallLowering::ValueAssigner {
  ResultAssigner() : ValueAssigner(true, RetCC_AIE2, RetCC_AIE2) {}
};
/// Members of a struct travel as if each stood alone. The parts that a value was split into have
/// lost whether they are pointers; this marks those of `whole` from part `first` on.
void markPointers(SmallVectorImpl<CallLowering::ArgInfo> &parts, size_t first, Type *whole,
                  const DataLayout &layout) {
  SmallVector<Type *, 8> types;
  ComputeValueTypes(layout, whole, types);
  for (size_t i = 0; i < types.size() && first + i < parts.size(); ++i)
    if (types[i]->isPointerTy())
      for (ISD::ArgFlagsTy &flags : parts[first + i].Flags) flags.setPointer();
}
/// Takes the registers of a result out of what arguments can get. `determine` is the call
/// lowering's determineAssignments.
void reserveResult(CCState &state, SmallVector<CallLowering::ArgInfo, 4> parts, auto determine) {
  SmallVector<CCValAssign, 8> locations;
  CCState result(state.getCallingConv(), false, state.getMachineFunction(), locations,
                 state.getContext());
  ResultAssigner assigner;
  if (!determine(assigner, parts, result)) return; // then it is returned in memory
  for (const CCValAssign &location : locations)
    if (location.isRegLoc()) state.AllocateReg(location.getLocReg());
}

struct IncomingHandler : CallLowering::IncomingValueHandler {
  MachineInstrBuilder *call;
  IncomingHandler(MachineIRBuilder &b, MachineRegisterInfo &mri,
                  MachineInstrBuilder *call = nullptr)
      : IncomingValueHandler(b, mri), call(call) {}
  void assignValueToReg(Register value, Register reg, const CCValAssign &va) override {
    if (call) {
      call->addDef(reg, RegState::Implicit);
    } else {
      MRI.addLiveIn(reg);
      MIRBuilder.getMBB().addLiveIn(reg);
    }
    if (MRI.getType(value).isPointer() || MRI.getType(value).isVector())
      MIRBuilder.buildCopy(value, reg);
    else
      IncomingValueHandler::assignValueToReg(value, reg, va);
  }
  Register getStackAddress(uint64_t size, int64_t offset, MachinePointerInfo &info,
                           ISD::ArgFlagsTy) override {
    MachineFunction &mf = MIRBuilder.getMF();
    int index =
        mf.getFrameInfo().CreateFixedObject(size, -(offset + static_cast<int64_t>(size)), true);
    info = MachinePointerInfo::getFixedStack(mf, index);
    return MIRBuilder.buildFrameIndex(LLT::pointer(0, 32), index).getReg(0);
  }
  void assignValueToAddress(Register value, Register address, LLT type,
                            const MachinePointerInfo &info, const CCValAssign &va) override {
    MachineFunction &mf = MIRBuilder.getMF();
    MachineMemOperand *memory =
        mf.getMachineMemOperand(info, MachineMemOperand::MOLoad | MachineMemOperand::MOInvariant,
                                type, Align(type.getSizeInBytes() >= 32 ? 32 : 4));
    LLT valueType = MRI.getType(value);
    if (valueType == type || !valueType.isScalar() || va.getLocInfo() == CCValAssign::Full) {
      MIRBuilder.buildLoad(value, address, *memory);
      return;
    }
    MIRBuilder.buildTrunc(value, MIRBuilder.buildLoad(type, address, *memory));
  }
};

struct OutgoingHandler : CallLowering::OutgoingValueHandler {
  MachineInstrBuilder &call;
  Register sp;
  OutgoingHandler(MachineIRBuilder &b, MachineRegisterInfo &mri, MachineInstrBuilder &call)
      : OutgoingValueHandler(b, mri), call(call) {}
  void assignValueToReg(Register value, Register reg, const CCValAssign &va) override {
    call.addUse(reg, RegState::Implicit);
    LLT type = MRI.getType(value);
    MIRBuilder.buildCopy(reg,
                         type.isPointer() || type.isVector() ? value : extendRegister(value, va));
  }
  Register getStackAddress(uint64_t size, int64_t offset, MachinePointerInfo &info,
                           ISD::ArgFlagsTy) override {
    LLT pointer = LLT::pointer(0, 32);
    if (!sp) sp = MIRBuilder.buildCopy(pointer, Register(AIE2::sp)).getReg(0);
    int64_t below = -(offset + static_cast<int64_t>(size));
    info = MachinePointerInfo::getStack(MIRBuilder.getMF(), below);
    return MIRBuilder.buildPtrAdd(pointer, sp, MIRBuilder.buildConstant(LLT::scalar(32), below))
        .getReg(0);
  }
  void assignValueToAddress(Register value, Register address, LLT type,
                            const MachinePointerInfo &info, const CCValAssign &va) override {
    MachineFunction &mf = MIRBuilder.getMF();
    if (MRI.getType(value).isScalar()) value = extendRegister(value, va);
    MIRBuilder.buildStore(value, address,
                          *mf.getMachineMemOperand(info, MachineMemOperand::MOStore, type,
                                                   Align(type.getSizeInBytes() >= 32 ? 32 : 4)));
  }
};
} // namespace

bool AIE2CallLowering::canLowerReturn(MachineFunction &mf, CallingConv::ID cc,
                                      SmallVectorImpl<BaseArgInfo> &outs, bool variadic) const {
  SmallVector<CCValAssign, 8> locations;
  CCState state(cc, variadic, mf, locations, mf.getFunction().getContext());
  return checkReturn(state, outs, RetCC_AIE2);
}

bool AIE2CallLowering::lowerReturn(MachineIRBuilder &b, const Value *value, ArrayRef<Register> regs,
                                   FunctionLoweringInfo &info) const {
  MachineFunction &mf = b.getMF();
  const Function &f = mf.getFunction();
  auto ret = b.buildInstrNoInsert(AIE2::RET);
  bool ok = true;
  if (!regs.empty() && !info.CanLowerReturn) {
    insertSRetStores(b, value->getType(), regs, info.DemoteRegister);
  } else if (!regs.empty()) {
    ArgInfo whole{regs, value->getType(), 0};
    setArgFlags(whole, AttributeList::ReturnIndex, mf.getDataLayout(), f);
    SmallVector<ArgInfo, 4> parts;
    splitToValueTypes(whole, parts, mf.getDataLayout(), f.getCallingConv());
    markPointers(parts, 0, value->getType(), mf.getDataLayout());
    OutgoingValueAssigner assigner(RetCC_AIE2);
    OutgoingHandler handler(b, *b.getMRI(), ret);
    ok = determineAndHandleAssignments(handler, assigner, parts, b, f.getCallingConv(), false);
  }
  b.insertInstr(ret);
  return ok;
}

bool AIE2CallLowering::lowerFormalArguments(MachineIRBuilder &b, const Function &f,
                                            ArrayRef<ArrayRef<Register>> regs,
                                            FunctionLoweringInfo &info) const {
  MachineFunction &mf = b.getMF();
  const DataLayout &layout = mf.getDataLayout();
  SmallVector<ArgInfo, 8> parts;
  if (!info.CanLowerReturn)
    insertSRetIncomingArgument(f, parts, info.DemoteRegister, *b.getMRI(), layout);
  unsigned index = 0;
  for (const Argument &argument : f.args()) {
    ArgInfo whole{regs[index], argument.getType(), index};
    setArgFlags(whole, index + AttributeList::FirstArgIndex, layout, f);
    const size_t first = parts.size();
    splitToValueTypes(whole, parts, layout, f.getCallingConv());
    markPointers(parts, first, argument.getType(), layout);
    ++index;
  }
  ArgumentAssigner assigner(true, CC_AIE2);
  IncomingHandler handler(b, *b.getMRI());
  // Fixed arguments of a variadic function travel like those of any other.
  SmallVector<CCValAssign, 16> locations;
  CCState state(f.getCallingConv(), false, mf, locations, f.getContext());
  if (info.CanLowerReturn && !f.getReturnType()->isVoidTy()) {
    SmallVector<EVT, 4> types;
    ComputeValueVTs(*getTLI(), layout, f.getReturnType(), types);
    SmallVector<Register, 4> none(types.size());
    ArgInfo whole{none, f.getReturnType(), 0};
    setArgFlags(whole, AttributeList::ReturnIndex, layout, f);
    SmallVector<ArgInfo, 4> result;
    splitToValueTypes(whole, result, layout, f.getCallingConv());
    markPointers(result, 0, f.getReturnType(), layout);
    reserveResult(state, std::move(result), [&](auto &assign, auto &list, CCState &to) {
      return determineAssignments(assign, list, to);
    });
  }
  if (!determineAssignments(assigner, parts, state) ||
      !handleAssignments(handler, parts, state, locations, b))
    return false;
  if (f.isVarArg())
    mf.getInfo<AIE2FunctionInfo>()->variadicFrameIndex = mf.getFrameInfo().CreateFixedObject(
        1, -static_cast<int64_t>(alignTo(assigner.StackSize, 32)), true);
  return true;
}

bool AIE2CallLowering::lowerCall(MachineIRBuilder &b, CallLoweringInfo &info) const {
  MachineFunction &mf = b.getMF();
  MachineRegisterInfo &mri = mf.getRegInfo();
  const DataLayout &layout = mf.getDataLayout();
  const TargetRegisterInfo &registers = *mf.getSubtarget().getRegisterInfo();
  const TargetInstrInfo &tii = *mf.getSubtarget().getInstrInfo();
  // A call whose type is not the callee's (bf16 became integers) comes as an indirect one.
  if (info.Callee.isReg() && info.CB)
    if (const auto *callee = dyn_cast<Function>(info.CB->getCalledOperand()))
      info.Callee = MachineOperand::CreateGA(callee, 0);
  if (info.Callee.isGlobal() && isAIE2Intrinsic(info.Callee.getGlobal()->getName())) {
    if (!lowerAIE2Intrinsic(b, info, info.Callee.getGlobal()->getName())) return false;
    // The translator looks at the instruction before, whether the call made one or not (a barrier
    // makes none, nor does what was refused): there must be one.
    if (b.getInsertPt() == b.getMBB().begin()) b.buildUndef(LLT::scalar(32));
    return true;
  }
  if (info.IsMustTailCall) return false;

  SmallVector<ArgInfo, 8> outs, ins;
  for (ArgInfo argument : info.OrigArgs) {
    // The generic code sets the flags of calls in the source, but not of the library calls that it
    // makes itself (memcpy): a pointer there would travel in r0.
    if (argument.Ty->isPointerTy() && !argument.Flags.empty()) argument.Flags[0].setPointer();
    const size_t first = outs.size();
    splitToValueTypes(argument, outs, layout, info.CallConv);
    markPointers(outs, first, argument.Ty, layout);
  }
  if (info.CanLowerReturn && !info.OrigRet.Ty->isVoidTy()) {
    splitToValueTypes(info.OrigRet, ins, layout, info.CallConv);
    markPointers(ins, 0, info.OrigRet.Ty, layout);
  }
  auto start = b.buildInstr(AIE2::ADJCALLSTACKDOWN);
  bool indirect = info.Callee.isReg();
  auto call = b.buildInstrNoInsert(indirect ? AIE2::JL_IND : AIE2::JL);
  if (indirect)
    call.addUse(info.Callee.getReg());
  else
    call.add(info.Callee);
  call.addRegMask(registers.getCallPreservedMask(mf, info.CallConv));
  ArgumentAssigner assigner(false, CC_AIE2);
  OutgoingHandler handler(b, mri, call);
  SmallVector<CCValAssign, 16> locations;
  CCState state(info.CallConv, info.IsVarArg, mf, locations, mf.getFunction().getContext());
  reserveResult(state, {ins.begin(), ins.end()}, [&](auto &assign, auto &list, CCState &to) {
    return determineAssignments(assign, list, to);
  });
  // The legalizer calls these as if they returned nothing; as functions they return a pointer.
  if (ins.empty() && info.Callee.isSymbol()) {
    StringRef name = info.Callee.getSymbolName();
    if (name == "memcpy" || name == "memmove" || name == "memset") state.AllocateReg(AIE2::p0);
  }
  if (!determineAssignments(assigner, outs, state) ||
      !handleAssignments(handler, outs, state, locations, b))
    return false;
  b.insertInstr(call);
  if (indirect)
    constrainOperandRegClass(mf, registers, mri, tii, *mf.getSubtarget().getRegBankInfo(), *call,
                             call->getDesc(), call->getOperand(0), 0);
  if (!ins.empty()) {
    IncomingValueAssigner returned(RetCC_AIE2);
    IncomingHandler receive(b, mri, &call);
    if (!determineAndHandleAssignments(receive, returned, ins, b, info.CallConv, false))
      return false;
  }
  auto size = static_cast<int64_t>(alignTo(assigner.StackSize, 32));
  start.addImm(size).addImm(0);
  b.buildInstr(AIE2::ADJCALLSTACKUP).addImm(size).addImm(0);
  if (!info.CanLowerReturn)
    insertSRetLoads(b, info.OrigRet.Ty, info.OrigRet.Regs, info.DemoteRegister,
                    info.DemoteStackIndex);
  return true;
}
