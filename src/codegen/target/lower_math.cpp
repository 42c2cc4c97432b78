// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Functions of <math.h> that Clang makes intrinsics of and GlobalISel has no library calls for:
// they become the calls that they were. So does the memset that must not become a call: a loop.
#include "codegen/target/target.h"

#include "llvm/IR/IRBuilder.h"
#include "llvm/IR/InstIterator.h"
#include "llvm/IR/IntrinsicInst.h"
#include "llvm/IR/Module.h"
#include "llvm/Pass.h"
#include "llvm/Transforms/Utils/LowerMemIntrinsics.h"

using namespace llvm;

namespace {
class LowerMath : public FunctionPass {
public:
  static char ID;
  LowerMath() : FunctionPass(ID) {}
  StringRef getPassName() const override { return "AIE2 mathematics lowering"; }
  bool runOnFunction(Function &f) override;

private:
  bool lower(IntrinsicInst &call);
};
char LowerMath::ID = 0;

/// A call of NAMEf for float, of NAME for double.
CallInst *callOf(IRBuilder<> &b, StringRef name, Type *type, Type *result, ArrayRef<Value *> args) {
  SmallVector<Type *, 2> types;
  for (Value *arg : args) types.push_back(arg->getType());
  std::string full = name.str();
  if (type->isFloatTy() && !name.starts_with("__")) full += "f";
  return b.CreateCall(b.GetInsertBlock()->getModule()->getOrInsertFunction(
                          full, FunctionType::get(result, types, false)),
                      args);
}

/// What a function with a second result through a pointer gives, as a pair.
Value *pairOf(IRBuilder<> &b, StringRef name, IntrinsicInst &call) {
  auto *pair = cast<StructType>(call.getType());
  Value *x = call.getArgOperand(0);
  BasicBlock &entry = call.getFunction()->getEntryBlock();
  IRBuilder<> top(&entry, entry.begin());
  Value *second = top.CreateAlloca(pair->getElementType(1));
  Value *first = callOf(b, name, x->getType(), pair->getElementType(0), {x, second});
  Value *result = b.CreateInsertValue(PoisonValue::get(pair), first, 0);
  return b.CreateInsertValue(result, b.CreateLoad(pair->getElementType(1), second), 1);
}

bool LowerMath::lower(IntrinsicInst &call) {
  if (auto *fill = dyn_cast<MemSetInst>(&call)) {
    if (call.getIntrinsicID() != Intrinsic::memset_inline) return false;
    expandMemSetAsLoop(fill);
    call.eraseFromParent();
    return true;
  }
  if (call.arg_size() == 0) return false;
  IRBuilder<> b(&call);
  Value *x = call.getArgOperand(0);
  Type *type = x->getType();
  if (!type->isFloatTy() && !type->isDoubleTy()) return false;
  const bool isLong = call.getType()->isIntegerTy(64);
  Value *result = nullptr;
  switch (call.getIntrinsicID()) {
  case Intrinsic::lrint:
  case Intrinsic::llrint:
    result = callOf(b, isLong ? "llrint" : "lrint", type, call.getType(), {x});
    break;
  case Intrinsic::lround:
  case Intrinsic::llround:
    result = callOf(b, isLong ? "llround" : "lround", type, call.getType(), {x});
    break;
  case Intrinsic::modf: result = pairOf(b, "modf", call); break;
  case Intrinsic::frexp: result = pairOf(b, "frexp", call); break;
  case Intrinsic::sincos:
    result =
        b.CreateInsertValue(PoisonValue::get(call.getType()), callOf(b, "sin", type, type, {x}), 0);
    result = b.CreateInsertValue(result, callOf(b, "cos", type, type, {x}), 1);
    break;
  case Intrinsic::powi:
    result = callOf(b, type->isFloatTy() ? "__powisf2" : "__powidf2", type, type,
                    {x, b.CreateSExtOrTrunc(call.getArgOperand(1), b.getInt32Ty())});
    break;
  default: return false;
  }
  call.replaceAllUsesWith(result);
  call.eraseFromParent();
  return true;
}

bool LowerMath::runOnFunction(Function &f) {
  SmallVector<IntrinsicInst *, 8> calls;
  for (Instruction &inst : instructions(f))
    if (auto *call = dyn_cast<IntrinsicInst>(&inst)) calls.push_back(call);
  bool changed = false;
  for (IntrinsicInst *call : calls) changed |= lower(*call);
  return changed;
}
} // namespace

FunctionPass *llvm::createAIE2LowerMath() { return new LowerMath(); }
