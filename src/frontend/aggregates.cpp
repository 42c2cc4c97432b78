// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A function's signature tells by `byval` and `sret` what is an aggregate, and so does every
// call's, so definitions, direct and indirect calls are rewritten by the same rule and stay in
// step. Runs on Clang's output before any optimisation, which then sees the members as plain
// values.
#include "frontend/aggregates.h"

#include "llvm/IR/DerivedTypes.h"
#include "llvm/IR/IRBuilder.h"
#include "llvm/IR/Module.h"

#include <optional>

using namespace llvm;

namespace ashlar::frontend {

namespace {

constexpr size_t kMaxMembers = 256;
constexpr uint64_t kMaxResultBytes = 16;
// Registers for results: r0 to r7 and p0 to p5.
constexpr size_t kResultWords = 8, kResultPointers = 6;

/// A member that is no aggregate itself, and the way to it.
struct Member {
  Type *type;
  uint64_t offset;
  SmallVector<unsigned, 4> path;
};
using Members = SmallVector<Member, 8>;

/// False when there are too many.
bool collect(Type *type, uint64_t offset, SmallVectorImpl<unsigned> &path, const DataLayout &layout,
             Members &out) {
  if (auto *record = dyn_cast<StructType>(type)) {
    const StructLayout *places = layout.getStructLayout(record);
    for (unsigned i = 0; i < record->getNumElements(); ++i) {
      path.push_back(i);
      if (!collect(record->getElementType(i), offset + places->getElementOffset(i), path, layout,
                   out))
        return false;
      path.pop_back();
    }
    return true;
  }
  if (auto *array = dyn_cast<ArrayType>(type)) {
    const uint64_t size = layout.getTypeAllocSize(array->getElementType());
    for (uint64_t i = 0; i < array->getNumElements(); ++i) {
      path.push_back(static_cast<unsigned>(i));
      if (!collect(array->getElementType(), offset + i * size, path, layout, out)) return false;
      path.pop_back();
    }
    return true;
  }
  out.push_back({type, offset, SmallVector<unsigned, 4>(path.begin(), path.end())});
  return out.size() <= kMaxMembers;
}

uint64_t bytesOf(const Members &members, const DataLayout &layout) {
  uint64_t sum = 0;
  for (const Member &member : members) sum += layout.getTypeStoreSize(member.type);
  return sum;
}

/// A union inside whose members leave some of its bytes out.
bool losesBits(Type *type, const DataLayout &layout) {
  if (auto *array = dyn_cast<ArrayType>(type)) return losesBits(array->getElementType(), layout);
  auto *record = dyn_cast<StructType>(type);
  if (!record) return false;
  if (record->hasName() && record->getName().starts_with("union.")) {
    Members members;
    SmallVector<unsigned, 4> path;
    if (!collect(record, 0, path, layout, members) ||
        bytesOf(members, layout) < layout.getTypeAllocSize(record))
      return true;
  }
  return any_of(record->elements(), [&](Type *element) { return losesBits(element, layout); });
}

std::optional<Members> membersOf(Type *type, const DataLayout &layout) {
  if (!type->isStructTy() || losesBits(type, layout)) return std::nullopt;
  Members members;
  SmallVector<unsigned, 4> path;
  if (!collect(type, 0, path, layout, members)) return std::nullopt;
  return members;
}

class Rewriter {
public:
  Rewriter(Module &module, std::function<bool(const StructType *)> inMemory, bool expand)
      : module_(module), layout_(module.getDataLayout()), inMemory_(std::move(inMemory)),
        expand_(expand) {}

  void run() {
    SmallVector<Function *, 32> functions;
    for (Function &f : module_) functions.push_back(&f);
    for (Function *f : functions) function(*f);
    SmallVector<CallBase *, 32> calls;
    for (Function &f : module_)
      for (BasicBlock &block : f)
        for (Instruction &i : block)
          if (auto *c = dyn_cast<CallBase>(&i)) calls.push_back(c);
    for (CallBase *c : calls) call(*c);
  }

private:
  /// What becomes of a signature. For each argument: its members, or nothing when it stays.
  struct Plan {
    SmallVector<std::optional<Members>, 8> arguments;
    SmallVector<Type *, 8> byval; ///< the pointee, or null
    StructType *result = nullptr; ///< of the sret argument that goes
    unsigned resultIndex = 0;
    bool changes = false;
  };

  Plan plan(const AttributeList &attributes, FunctionType *type, unsigned count) const {
    Plan plan;
    for (unsigned i = 0; i < count; ++i) {
      plan.arguments.emplace_back();
      Type *pointee = attributes.getParamByValType(i);
      plan.byval.push_back(pointee);
      if (pointee && expand_ && i < type->getNumParams()) {
        plan.arguments.back() = membersOf(pointee, layout_);
        plan.changes |= plan.arguments.back().has_value();
      }
      auto *returned = dyn_cast_or_null<StructType>(attributes.getParamStructRetType(i));
      if (!returned || !expand_ || i >= type->getNumParams()) continue;
      if (layout_.getTypeAllocSize(returned) > kMaxResultBytes || inMemory_(returned)) continue;
      const std::optional<Members> members = membersOf(returned, layout_);
      if (!members || !inRegisters(*members)) continue;
      plan.result = returned;
      plan.resultIndex = i;
      plan.changes = true;
    }
    return plan;
  }

  bool inRegisters(const Members &members) const {
    size_t words = 0, pointers = 0;
    for (const Member &member : members) {
      if (member.type->isPointerTy())
        ++pointers;
      else
        words += (layout_.getTypeStoreSize(member.type) + 3) / 4;
    }
    return words <= kResultWords && pointers <= kResultPointers;
  }

  FunctionType *typeOf(const Plan &plan, FunctionType *old) const {
    SmallVector<Type *, 8> parameters;
    for (unsigned i = 0; i < old->getNumParams(); ++i) {
      if (plan.result && i == plan.resultIndex) continue;
      if (plan.arguments[i])
        for (const Member &member : *plan.arguments[i]) parameters.push_back(member.type);
      else
        parameters.push_back(old->getParamType(i));
    }
    return FunctionType::get(plan.result ? plan.result : old->getReturnType(), parameters,
                             old->isVarArg());
  }

  /// Attributes of what stays move with it; a plain copy is an ordinary pointer.
  AttributeList attributesOf(const Plan &plan, const AttributeList &old) const {
    LLVMContext &context = module_.getContext();
    SmallVector<AttributeSet, 8> parameters;
    for (unsigned i = 0; i < plan.arguments.size(); ++i) {
      if (plan.result && i == plan.resultIndex) continue;
      if (plan.arguments[i]) {
        parameters.append(plan.arguments[i]->size(), AttributeSet());
        continue;
      }
      AttributeSet set = old.getParamAttrs(i);
      if (plan.byval[i]) set = set.removeAttribute(context, Attribute::ByVal);
      parameters.push_back(set);
    }
    return AttributeList::get(context, old.getFnAttrs(),
                              plan.result ? AttributeSet() : old.getRetAttrs(), parameters);
  }

  Value *place(IRBuilder<> &b, Value *object, const Member &member) const {
    return member.offset ? b.CreateConstInBoundsGEP1_32(b.getInt8Ty(), object,
                                                        static_cast<unsigned>(member.offset))
                         : object;
  }

  void function(Function &old) {
    const Plan p =
        plan(old.getAttributes(), old.getFunctionType(), static_cast<unsigned>(old.arg_size()));
    if (!p.changes) {
      old.setAttributes(attributesOf(p, old.getAttributes()));
      return;
    }
    Function *f = Function::Create(typeOf(p, old.getFunctionType()), old.getLinkage(),
                                   old.getAddressSpace(), "", &module_);
    module_.getFunctionList().splice(old.getIterator(), module_.getFunctionList(),
                                     f->getIterator());
    f->takeName(&old);
    f->copyAttributesFrom(&old);
    f->setComdat(old.getComdat());
    f->copyMetadata(&old, 0);
    f->setAttributes(attributesOf(p, old.getAttributes()));
    f->splice(f->begin(), &old);
    if (!f->empty()) enter(old, *f, p);
    old.replaceAllUsesWith(f);
    old.eraseFromParent();
  }

  /// The body still uses the old arguments: gives each aggregate an object on the stack.
  void enter(Function &old, Function &f, const Plan &p) {
    IRBuilder<> b(&f.getEntryBlock(), f.getEntryBlock().begin());
    Function::arg_iterator next = f.arg_begin();
    AllocaInst *result = nullptr;
    for (Argument &argument : old.args()) {
      const unsigned i = argument.getArgNo();
      if (p.result && i == p.resultIndex) {
        result = b.CreateAlloca(p.result, nullptr, "result");
        result->setAlignment(alignOf(old.getAttributes(), i, p.result));
        argument.replaceAllUsesWith(result);
        continue;
      }
      if (!p.arguments[i]) {
        next->takeName(&argument);
        argument.replaceAllUsesWith(&*next++);
        continue;
      }
      AllocaInst *object = b.CreateAlloca(p.byval[i], nullptr, argument.getName());
      object->setAlignment(alignOf(old.getAttributes(), i, p.byval[i]));
      argument.replaceAllUsesWith(object);
      for (const Member &member : *p.arguments[i]) {
        next->setName(argument.getName());
        b.CreateAlignedStore(&*next++, place(b, object, member),
                             commonAlignment(object->getAlign(), member.offset));
      }
    }
    if (!result) return;
    for (BasicBlock &block : f)
      if (auto *ret = dyn_cast<ReturnInst>(block.getTerminator())) {
        IRBuilder<> at(ret);
        ReturnInst *with = at.CreateRet(load(at, result, result->getAlign(), p.result));
        with->setDebugLoc(ret->getDebugLoc());
        ret->eraseFromParent();
      }
  }

  Align alignOf(const AttributeList &attributes, unsigned i, Type *type) const {
    return std::max(attributes.getParamAlignment(i).valueOrOne(), layout_.getABITypeAlign(type));
  }

  Value *load(IRBuilder<> &b, Value *from, Align align, StructType *type) const {
    Value *whole = PoisonValue::get(type);
    const std::optional<Members> members = membersOf(type, layout_);
    for (const Member &member : *members)
      whole = b.CreateInsertValue(whole,
                                  b.CreateAlignedLoad(member.type, place(b, from, member),
                                                      commonAlignment(align, member.offset)),
                                  member.path);
    return whole;
  }

  void call(CallBase &old) {
    const Plan p =
        plan(old.getAttributes(), old.getFunctionType(), static_cast<unsigned>(old.arg_size()));
    IRBuilder<> b(&old);
    if (!p.changes) {
      for (unsigned i = 0; i < old.arg_size(); ++i)
        if (p.byval[i]) {
          old.setArgOperand(i, copy(b, old, i, p.byval[i]));
          old.removeParamAttr(i, Attribute::ByVal);
        }
      return;
    }
    SmallVector<Value *, 8> arguments;
    for (unsigned i = 0; i < old.arg_size(); ++i) {
      Value *argument = old.getArgOperand(i);
      if (p.result && i == p.resultIndex) continue;
      if (p.arguments[i]) {
        const Align align = alignOf(old.getAttributes(), i, p.byval[i]);
        for (const Member &member : *p.arguments[i])
          arguments.push_back(b.CreateAlignedLoad(member.type, place(b, argument, member),
                                                  commonAlignment(align, member.offset)));
      } else {
        arguments.push_back(p.byval[i] ? copy(b, old, i, p.byval[i]) : argument);
      }
    }
    SmallVector<OperandBundleDef, 1> bundles;
    old.getOperandBundlesAsDefs(bundles);
    CallInst *made =
        b.CreateCall(typeOf(p, old.getFunctionType()), old.getCalledOperand(), arguments, bundles);
    made->setCallingConv(old.getCallingConv());
    made->setAttributes(attributesOf(p, old.getAttributes()));
    made->copyMetadata(old);
    if (auto *c = dyn_cast<CallInst>(&old)) made->setTailCallKind(c->getTailCallKind());
    if (p.result) {
      Value *to = old.getArgOperand(p.resultIndex);
      const Align align = alignOf(old.getAttributes(), p.resultIndex, p.result);
      const std::optional<Members> members = membersOf(p.result, layout_);
      for (const Member &member : *members)
        b.CreateAlignedStore(b.CreateExtractValue(made, member.path), place(b, to, member),
                             commonAlignment(align, member.offset));
    } else {
      made->takeName(&old);
      old.replaceAllUsesWith(made);
    }
    old.eraseFromParent();
  }

  /// The callee may change what it is given.
  Value *copy(IRBuilder<> &b, CallBase &at, unsigned i, Type *type) const {
    BasicBlock &entry = at.getFunction()->getEntryBlock();
    IRBuilder<> top(&entry, entry.begin());
    AllocaInst *object = top.CreateAlloca(type, nullptr, "copy");
    object->setAlignment(alignOf(at.getAttributes(), i, type));
    b.CreateMemCpy(object, object->getAlign(), at.getArgOperand(i),
                   at.getAttributes().getParamAlignment(i),
                   layout_.getTypeAllocSize(type).getFixedValue());
    return object;
  }

  Module &module_;
  const DataLayout &layout_;
  std::function<bool(const StructType *)> inMemory_;
  bool expand_;
};

} // namespace

void passAggregates(Module &module, const std::function<bool(const StructType *)> &inMemory) {
  Rewriter(module, inMemory, true).run();
}

void copyAggregates(Module &module) {
  Rewriter(module, [](const StructType *) { return false; }, false).run();
}

} // namespace ashlar::frontend
