// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// GlobalISel has no bfloat type. This pass rewrites scalar bfloat values as the 16-bit integers
// they are stored as: conversions to float become shifts, conversions from float arithmetic on the
// bits or, where size counts, calls of the run-time library; arithmetic goes through float. Types
// that only move are left to LLVM, which treats them as 16 bits. It also copies arguments passed by
// value into memory of the caller.
#include "codegen/target/target.h"

#include "llvm/IR/IRBuilder.h"
#include "llvm/IR/InstIterator.h"
#include "llvm/IR/Module.h"
#include "llvm/Pass.h"

using namespace llvm;

namespace {
bool isBFloat(const Value *v) { return v->getType()->getScalarType()->isBFloatTy(); }

class LowerBFloat : public FunctionPass {
public:
  static char ID;
  explicit LowerBFloat(bool optimize) : FunctionPass(ID), optimize_(optimize) {}
  StringRef getPassName() const override { return "AIE2 bfloat lowering"; }
  bool runOnFunction(Function &f) override;

private:
  Type *bitsOf(Type *type) {
    Type *word = Type::getInt16Ty(type->getContext());
    if (auto *vector = dyn_cast<VectorType>(type))
      return VectorType::get(word, vector->getElementCount());
    return word;
  }
  /// The value as integers.
  Value *bits(IRBuilder<> &b, Value *v) {
    if (auto *cast = dyn_cast<BitCastInst>(v))
      if (cast->getSrcTy() == bitsOf(v->getType())) return cast->getOperand(0);
    if (auto *constant = dyn_cast<ConstantFP>(v))
      return ConstantInt::get(v->getContext(), constant->getValueAPF().bitcastToAPInt());
    return b.CreateBitCast(v, bitsOf(v->getType()));
  }
  Value *toFloat(IRBuilder<> &b, Value *v) {
    Value *word = b.CreateZExt(bits(b, v), b.getInt32Ty());
    return b.CreateBitCast(b.CreateShl(word, 16), b.getFloatTy());
  }
  Value *fromFloat(IRBuilder<> &b, Value *v) {
    if (fast_ && v->getType()->isFloatTy()) return roundFloat(b, v);
    Module &module = *b.GetInsertBlock()->getModule();
    const char *name = v->getType()->isDoubleTy() ? "__truncdfbf2" : "__truncsfbf2";
    FunctionCallee routine = module.getOrInsertFunction(name, b.getInt16Ty(), v->getType());
    CallInst *call = b.CreateCall(routine, {v});
    call->addRetAttr(Attribute::ZExt);
    return b.CreateBitCast(call, b.getBFloatTy());
  }
  /// To nearest even; a NaN stays one and becomes quiet.
  static Value *roundFloat(IRBuilder<> &b, Value *v) {
    Value *x = b.CreateBitCast(v, b.getInt32Ty()), *high = b.CreateLShr(x, 16);
    Value *half = b.CreateAdd(b.CreateAnd(high, 1), b.getInt32(0x7fff));
    Value *rounded = b.CreateLShr(b.CreateAdd(x, half), 16);
    Value *nan = b.CreateICmpUGT(b.CreateShl(x, 1), b.getInt32(0xff000000));
    Value *bits = b.CreateSelect(nan, b.CreateOr(high, 0x40), rounded);
    return b.CreateBitCast(b.CreateTrunc(bits, b.getInt16Ty()), b.getBFloatTy());
  }
  bool lower(Instruction &inst);

  bool optimize_, fast_ = false; ///< rather than small
};
char LowerBFloat::ID = 0;

bool LowerBFloat::lower(Instruction &inst) {
  IRBuilder<> b(&inst);
  auto replace = [&](Value *with) {
    inst.replaceAllUsesWith(with);
    inst.eraseFromParent();
    return true;
  };
  auto wide = [&](unsigned i) { return toFloat(b, inst.getOperand(i)); };
  bool scalarResult = inst.getType()->isBFloatTy();
  bool scalarOperand = inst.getNumOperands() && inst.getOperand(0)->getType()->isBFloatTy();
  switch (inst.getOpcode()) {
  case Instruction::FPExt: {
    if (!scalarOperand) return false;
    Value *v = wide(0);
    return replace(inst.getType()->isDoubleTy() ? b.CreateFPExt(v, inst.getType()) : v);
  }
  case Instruction::FPTrunc: return scalarResult && replace(fromFloat(b, inst.getOperand(0)));
  case Instruction::FPToSI:
  case Instruction::FPToUI:
    return scalarOperand &&
           replace(b.CreateCast(cast<CastInst>(inst).getOpcode(), wide(0), inst.getType()));
  case Instruction::SIToFP:
  case Instruction::UIToFP:
    return scalarResult && replace(fromFloat(b, b.CreateCast(cast<CastInst>(inst).getOpcode(),
                                                             inst.getOperand(0), b.getFloatTy())));
  case Instruction::FAdd:
  case Instruction::FSub:
  case Instruction::FMul:
  case Instruction::FDiv:
  case Instruction::FRem:
    return scalarResult &&
           replace(fromFloat(
               b, b.CreateBinOp(cast<BinaryOperator>(inst).getOpcode(), wide(0), wide(1))));
  case Instruction::FNeg:
    return scalarResult && replace(b.CreateBitCast(b.CreateXor(bits(b, inst.getOperand(0)), 0x8000),
                                                   inst.getType()));
  case Instruction::FCmp:
    return scalarOperand &&
           replace(b.CreateFCmp(cast<FCmpInst>(inst).getPredicate(), wide(0), wide(1)));
  case Instruction::Load: {
    if (!isBFloat(&inst)) return false;
    auto &load = cast<LoadInst>(inst);
    auto *made = b.CreateAlignedLoad(bitsOf(inst.getType()), load.getPointerOperand(),
                                     load.getAlign(), load.isVolatile());
    made->copyMetadata(
        inst, {LLVMContext::MD_tbaa, LLVMContext::MD_alias_scope, LLVMContext::MD_noalias});
    return replace(b.CreateBitCast(made, inst.getType()));
  }
  case Instruction::Store: {
    auto &store = cast<StoreInst>(inst);
    if (!isBFloat(store.getValueOperand())) return false;
    auto *made = b.CreateAlignedStore(bits(b, store.getValueOperand()), store.getPointerOperand(),
                                      store.getAlign(), store.isVolatile());
    made->copyMetadata(
        inst, {LLVMContext::MD_tbaa, LLVMContext::MD_alias_scope, LLVMContext::MD_noalias});
    inst.eraseFromParent();
    return true;
  }
  case Instruction::Select:
    return isBFloat(&inst) &&
           replace(b.CreateBitCast(b.CreateSelect(inst.getOperand(0), bits(b, inst.getOperand(1)),
                                                  bits(b, inst.getOperand(2))),
                                   inst.getType()));
  case Instruction::PHI: {
    if (!isBFloat(&inst)) return false;
    auto &phi = cast<PHINode>(inst);
    PHINode *made = b.CreatePHI(bitsOf(inst.getType()), phi.getNumIncomingValues());
    for (unsigned i = 0; i < phi.getNumIncomingValues(); ++i) {
      IRBuilder<> at(phi.getIncomingBlock(i)->getTerminator());
      made->addIncoming(bits(at, phi.getIncomingValue(i)), phi.getIncomingBlock(i));
    }
    IRBuilder<> after(inst.getParent(), inst.getParent()->getFirstInsertionPt());
    return replace(after.CreateBitCast(made, inst.getType()));
  }
  case Instruction::Call: {
    auto &call = cast<CallInst>(inst);
    bool any = isBFloat(&inst) || any_of(call.args(), [](const Use &u) { return isBFloat(u); });
    if (!any || call.isInlineAsm()) return false;
    if (Function *callee = call.getCalledFunction(); callee && callee->isIntrinsic()) {
      if (!scalarResult && !scalarOperand) return false;
      // llvm.fabs, llvm.maxnum and the like: the same operation on float.
      SmallVector<Value *, 3> arguments;
      for (Use &u : call.args()) arguments.push_back(isBFloat(u) ? toFloat(b, u) : u.get());
      Value *made = b.CreateIntrinsic(callee->getIntrinsicID(), {b.getFloatTy()}, arguments);
      return replace(scalarResult ? fromFloat(b, made) : made);
    }
    SmallVector<Value *, 8> arguments;
    SmallVector<Type *, 8> types;
    for (Use &u : call.args()) {
      arguments.push_back(isBFloat(u) ? bits(b, u) : u.get());
      types.push_back(arguments.back()->getType());
    }
    Type *result = isBFloat(&inst) ? bitsOf(inst.getType()) : inst.getType();
    CallInst *made =
        b.CreateCall(FunctionType::get(result, types, call.getFunctionType()->isVarArg()),
                     call.getCalledOperand(), arguments);
    made->setAttributes(call.getAttributes());
    made->setCallingConv(call.getCallingConv());
    if (!isBFloat(&inst)) return replace(made);
    return replace(b.CreateBitCast(made, inst.getType()));
  }
  default: return false;
  }
}

/// An argument passed by value lives in memory of the caller.
bool copyByValue(Function &f) {
  bool changed = false;
  SmallVector<CallBase *, 8> calls;
  for (Instruction &inst : instructions(f))
    if (auto *call = dyn_cast<CallBase>(&inst)) calls.push_back(call);
  for (CallBase *call : calls)
    for (unsigned i = 0; i < call->arg_size(); ++i) {
      if (!call->isByValArgument(i)) continue;
      Type *type = call->getParamByValType(i);
      const DataLayout &layout = f.getDataLayout();
      Align align = std::max(call->getParamAlign(i).valueOrOne(), layout.getABITypeAlign(type));
      IRBuilder<> entry(&f.getEntryBlock(), f.getEntryBlock().begin());
      AllocaInst *copy = entry.CreateAlloca(type);
      copy->setAlignment(align);
      IRBuilder<> b(call);
      b.CreateMemCpy(copy, align, call->getArgOperand(i), call->getParamAlign(i),
                     layout.getTypeAllocSize(type).getFixedValue());
      call->setArgOperand(i, copy);
      call->removeParamAttr(i, Attribute::ByVal);
      changed = true;
    }
  for (Argument &argument : f.args())
    if (argument.hasByValAttr()) {
      argument.removeAttr(Attribute::ByVal);
      changed = true;
    }
  return changed;
}

bool LowerBFloat::runOnFunction(Function &f) {
  fast_ = !f.hasOptSize() && !f.hasOptNone() && optimize_;
  bool changed = copyByValue(f);
  SmallVector<Instruction *, 64> work;
  for (Instruction &inst : instructions(f)) work.push_back(&inst);
  for (Instruction *inst : work) changed |= lower(*inst);
  return changed;
}
} // namespace

FunctionPass *llvm::createAIE2LowerBFloat(bool optimize) { return new LowerBFloat(optimize); }
