// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Calls with vectors, and the signatures of functions. A register vector travels in its register;
// one of 128 bits in the low half of a register, smaller ones as integers, all others lane by lane.
#include "codegen/target/intrinsics.h"
#include "codegen/target/lower_vectors.h"
#include "codegen/target/target.h"

#include "llvm/Analysis/VectorUtils.h"
#include "llvm/IR/AttributeMask.h"
#include "llvm/IR/InstIterator.h"
#include "llvm/IR/Module.h"
#include "llvm/Transforms/Utils/BasicBlockUtils.h"
#include "llvm/Transforms/Utils/Cloning.h"

using namespace llvm;

void VectorLowering::call(CallInst &inst, B &v) {
  auto replaceArguments = [&] {
    for (unsigned i = 0; i < inst.arg_size(); ++i) {
      Value *argument = inst.getArgOperand(i);
      if (!isa<FixedVectorType>(argument->getType())) continue;
      Parts list = parts(v, argument);
      if (list.size() != 1 || list[0]->getType() != argument->getType())
        return fail(inst, "a call with such a vector");
      inst.setArgOperand(i, list[0]);
    }
  };
  auto *intrinsic = dyn_cast<IntrinsicInst>(&inst);
  if (!intrinsic) return replaceArguments();
  if (minmax(*intrinsic, v)) return;
  Intrinsic::ID id = intrinsic->getIntrinsicID();
  if (!isTriviallyScalarizable(id, nullptr))
    return fail(inst, "'" + inst.getCalledFunction()->getName() + "'");
  // The same intrinsic on each lane.
  bool single = isa<FixedVectorType>(inst.getType());
  if (!single) return fail(inst, "'" + inst.getCalledFunction()->getName() + "'");
  SmallVector<SmallVector<Value *, 16>, 3> operands;
  SmallVector<Type *, 3> overloads;
  if (isVectorIntrinsicWithOverloadTypeAtArg(id, -1, nullptr))
    overloads.push_back(inst.getType()->getScalarType());
  for (unsigned i = 0; i < inst.arg_size(); ++i) {
    Value *argument = inst.getArgOperand(i);
    operands.emplace_back();
    if (isa<FixedVectorType>(argument->getType())) operands.back() = lanes(v, argument);
    if (isVectorIntrinsicWithOverloadTypeAtArg(id, static_cast<int>(i), nullptr))
      overloads.push_back(argument->getType()->getScalarType());
  }
  SmallVector<Value *, 16> results;
  for (unsigned k = 0; k < laneCount(inst.getType()); ++k) {
    SmallVector<Value *, 3> arguments;
    for (unsigned i = 0; i < inst.arg_size(); ++i)
      arguments.push_back(operands[i].empty() ? inst.getArgOperand(i) : operands[i][k]);
    auto *one = cast<CallInst>(v.b.CreateIntrinsic(id, overloads, arguments));
    if (isa<FPMathOperator>(one)) one->copyFastMathFlags(&inst);
    results.push_back(one);
  }
  setLanes(v, &inst, results);
  dead(inst);
}

// ---- signatures ---------------------------------------------------------------------------------

namespace {
/// How a vector travels; null when as it is.
Type *travelsAs(Type *type) {
  auto *vector = dyn_cast<FixedVectorType>(type);
  if (!vector) return nullptr;
  // Registers are assigned by integer types.
  if (registerBits(type) >= 256 &&
      (vector->getElementType()->isDoubleTy() || vector->getElementType()->isHalfTy()))
    return FixedVectorType::get(IntegerType::get(type->getContext(), laneBits(type)),
                                vector->getNumElements());
  unsigned bits = vector->getNumElements() * laneBits(type);
  if (registerBits(type) == 128)
    return FixedVectorType::get(vector->getElementType(), 2 * vector->getNumElements());
  if (registerBits(type)) return nullptr;
  bool pointers = vector->getElementType()->isPointerTy();
  if (!pointers && bits <= 64) return IntegerType::get(type->getContext(), bits);
  return ArrayType::get(vector->getElementType(), vector->getNumElements());
}
bool changes(FunctionType *type) {
  return travelsAs(type->getReturnType()) ||
         any_of(type->params(), [](Type *t) { return travelsAs(t) != nullptr; });
}
FunctionType *changed(FunctionType *type) {
  SmallVector<Type *, 8> types;
  for (Type *t : type->params()) types.push_back(travelsAs(t) ? travelsAs(t) : t);
  Type *result = travelsAs(type->getReturnType());
  return FunctionType::get(result ? result : type->getReturnType(), types, type->isVarArg());
}

Value *pack(IRBuilder<> &b, Value *v) {
  Type *to = travelsAs(v->getType());
  if (!to) return v;
  if (isa<IntegerType>(to)) return b.CreateBitCast(v, to);
  unsigned n = laneCount(v->getType());
  if (isa<FixedVectorType>(to) && laneCount(to) == n) return b.CreateBitCast(v, to);
  if (isa<FixedVectorType>(to)) {
    SmallVector<int, 32> mask;
    for (unsigned i = 0; i < 2 * n; ++i) mask.push_back(i < n ? static_cast<int>(i) : -1);
    return b.CreateShuffleVector(v, mask);
  }
  Value *array = PoisonValue::get(to);
  for (unsigned i = 0; i < n; ++i)
    array = b.CreateInsertValue(array, b.CreateExtractElement(v, i), i);
  return array;
}
Value *unpack(IRBuilder<> &b, Value *v, Type *to) {
  if (v->getType() == to) return v;
  if (isa<IntegerType>(v->getType())) return b.CreateBitCast(v, to);
  unsigned n = laneCount(to);
  if (isa<FixedVectorType>(v->getType()) && laneCount(v->getType()) == n)
    return b.CreateBitCast(v, to);
  if (isa<FixedVectorType>(v->getType())) {
    SmallVector<int, 32> mask;
    for (unsigned i = 0; i < n; ++i) mask.push_back(static_cast<int>(i));
    return b.CreateShuffleVector(v, mask);
  }
  Value *vector = PoisonValue::get(to);
  for (unsigned i = 0; i < n; ++i)
    vector = b.CreateInsertElement(vector, b.CreateExtractValue(v, i), i);
  return vector;
}

/// Attributes that do not fit the type any more go.
AttributeList fitting(LLVMContext &context, AttributeList list, FunctionType *type) {
  list = list.removeRetAttributes(
      context, AttributeFuncs::typeIncompatible(type->getReturnType(), list.getRetAttrs()));
  for (unsigned i = 0; i < type->getNumParams(); ++i)
    list = list.removeParamAttributes(
        context, i, AttributeFuncs::typeIncompatible(type->getParamType(i), list.getParamAttrs(i)));
  return list;
}

void changeCalls(Module &module) {
  SmallVector<CallInst *, 16> calls;
  for (Function &f : module)
    for (Instruction &inst : instructions(f))
      if (auto *call = dyn_cast<CallInst>(&inst)) {
        auto *callee = dyn_cast<Function>(call->getCalledOperand());
        if (call->isInlineAsm() ||
            (callee && (callee->isIntrinsic() || isAIE2Intrinsic(callee->getName()))))
          continue;
        bool extra = any_of(call->args(), [](const Use &u) { return travelsAs(u->getType()); });
        if (changes(call->getFunctionType()) || extra) calls.push_back(call);
      }
  for (CallInst *call : calls) {
    IRBuilder<> b(call);
    SmallVector<Value *, 8> arguments;
    for (Use &u : call->args()) arguments.push_back(pack(b, u));
    FunctionType *type = changed(call->getFunctionType());
    CallInst *made = b.CreateCall(type, call->getCalledOperand(), arguments);
    made->setCallingConv(call->getCallingConv());
    made->setAttributes(fitting(call->getContext(), call->getAttributes(), type));
    made->setTailCallKind(call->getTailCallKind());
    if (!call->getType()->isVoidTy()) call->replaceAllUsesWith(unpack(b, made, call->getType()));
    call->eraseFromParent();
  }
}

void changeFunction(Function &f) {
  FunctionType *type = changed(f.getFunctionType());
  Function *made = Function::Create(type, f.getLinkage(), f.getAddressSpace());
  f.getParent()->getFunctionList().insert(f.getIterator(), made);
  made->takeName(&f);
  AttributeList attributes = f.getAttributes();
  made->copyAttributesFrom(&f);
  made->setAttributes(fitting(f.getContext(), attributes, type));
  made->setComdat(f.getComdat());
  made->copyMetadata(&f, 0);
  made->splice(made->begin(), &f);
  if (!made->empty()) {
    BasicBlock &entry = made->getEntryBlock();
    IRBuilder<> b(&entry, entry.begin());
    for (unsigned i = 0; i < f.arg_size(); ++i) {
      Argument *from = f.getArg(i);
      made->getArg(i)->takeName(from);
      from->replaceAllUsesWith(unpack(b, made->getArg(i), from->getType()));
    }
    if (travelsAs(f.getReturnType()))
      for (BasicBlock &block : *made)
        if (auto *ret = dyn_cast<ReturnInst>(block.getTerminator())) {
          IRBuilder<> at(ret);
          ret->setOperand(0, pack(at, ret->getReturnValue()));
        }
  }
  f.replaceAllUsesWith(made);
  f.eraseFromParent();
}
} // namespace

void llvm::lowerVectorSignatures(Module &module) {
  changeCalls(module);
  for (Function &f : make_early_inc_range(module))
    if (!f.isIntrinsic() && !isAIE2Intrinsic(f.getName()) && changes(f.getFunctionType()))
      changeFunction(f);
}
