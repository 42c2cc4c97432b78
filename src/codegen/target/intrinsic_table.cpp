// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The table of vector operations, and what LLVM's optimiser is told of them. A control register is
// memory that no pointer reaches: operations that depend on one read it and are kept in order with
// its writes; everything else may be merged, hoisted and removed. Status bits are not modelled.
#include "codegen/target/intrinsics.h"
#include "codegen/target/isa_join.h"
#include "codegen/target/target.h"

#include "llvm/ADT/StringMap.h"
#include "llvm/IR/IRBuilder.h"
#include "llvm/IR/Module.h"
#include "llvm/Support/ModRef.h"

using namespace llvm;
namespace isa = ashlar::isa;

namespace {
constexpr StringLiteral kPrefix = "__aie2_";
constexpr AIE2Intrinsic kTable[] = {
#define AIE2_INTRINSIC(name, opcode, immediate, effects, accumulator)                              \
  {name, AIE2::opcode, AIE2::immediate, effects, accumulator},
#include "AIE2Intrinsics.inc"
#undef AIE2_INTRINSIC
};

MemoryEffects memoryOf(unsigned effects) {
  MemoryEffects memory = MemoryEffects::none();
  if (effects & kReadsControl) memory |= MemoryEffects::inaccessibleMemOnly(ModRefInfo::Ref);
  if (effects & kActs) memory |= MemoryEffects::inaccessibleMemOnly();
  if (effects & kLoads) memory |= MemoryEffects::argMemOnly(ModRefInfo::Ref);
  if (effects & kStores) memory |= MemoryEffects::argMemOnly(ModRefInfo::Mod);
  if (effects & kLoadsAnywhere) memory |= MemoryEffects::readOnly();
  return memory;
}

void describe(Function &f, MemoryEffects memory) {
  f.setMemoryEffects(memory);
  for (auto kind : {Attribute::NoUnwind, Attribute::WillReturn, Attribute::NoCallback,
                    Attribute::NoFree, Attribute::NoSync})
    f.addFnAttr(kind);
  if (memory.doesNotAccessMemory()) f.addFnAttr(Attribute::Speculatable);
}

Type *withoutBFloat(Type *type) {
  if (!type->getScalarType()->isBFloatTy()) return type;
  return VectorType::get(Type::getInt16Ty(type->getContext()),
                         cast<VectorType>(type)->getElementCount());
}

/// `d = f(a, b, &m)` becomes `{d, m} = f.r(a, b)`. A pointer that the instruction advances is an
/// argument `&p`: it becomes `p` and a result.
void returnResults(CallInst &call, const AIE2Intrinsic &row) {
  const isa::InstInfo &info = isa::info(isaOpcode(row.opcode));
  unsigned outs = info.numOuts;
  bool advances = isa::contains(isa::ClassId::eP, isa::Reg::p0) && outs > 1 &&
                  info.operands[0].isReg && info.operands[0].cls == isa::ClassId::eP;
  unsigned pointers = outs - 1; // arguments that are results
  if (call.arg_size() < pointers || call.getType()->isVoidTy()) return;
  unsigned first = advances ? 0 : call.arg_size() - pointers;
  for (unsigned i = 0; i < pointers; ++i)
    if (!call.getArgOperand(first + i)->getType()->isPointerTy()) return;
  IRBuilder<> b(&call);
  SmallVector<Value *, 4> arguments;
  SmallVector<Type *, 4> types, results;
  Type *main = withoutBFloat(call.getType());
  if (advances) {
    results = {b.getPtrTy(), main};
    arguments.push_back(b.CreateLoad(b.getPtrTy(), call.getArgOperand(0)));
  } else {
    results.push_back(main);
    for (unsigned i = 1; i < outs; ++i)
      results.push_back(info.operands[i].cls == isa::ClassId::eL ? b.getInt64Ty() : b.getInt32Ty());
  }
  for (unsigned i = 0; i < call.arg_size(); ++i)
    if (i < first || i >= first + pointers) arguments.push_back(call.getArgOperand(i));
  for (Value *v : arguments) types.push_back(v->getType());
  Module &module = *call.getModule();
  auto *type = FunctionType::get(StructType::get(b.getContext(), results), types, false);
  FunctionCallee callee = module.getOrInsertFunction((kPrefix + row.name + ".r").str(), type);
  describe(*cast<Function>(callee.getCallee()), memoryOf(row.effects));
  CallInst *made = b.CreateCall(callee, arguments);
  unsigned at = advances ? 1 : 0;
  Value *result = b.CreateExtractValue(made, at);
  for (unsigned i = 0; i < pointers; ++i)
    b.CreateStore(b.CreateExtractValue(made, advances ? 0 : i + 1), call.getArgOperand(first + i));
  call.replaceAllUsesWith(b.CreateBitCast(result, call.getType()));
  call.eraseFromParent();
}
} // namespace

ArrayRef<AIE2Intrinsic> llvm::aie2Intrinsics() { return kTable; }

bool llvm::isAIE2Intrinsic(StringRef name) { return name.starts_with(kPrefix); }

const AIE2Intrinsic *llvm::findAIE2Intrinsic(StringRef function) {
  static const StringMap<const AIE2Intrinsic *> kNames = [] {
    StringMap<const AIE2Intrinsic *> map;
    for (const AIE2Intrinsic &row : kTable) map[row.name] = &row;
    return map;
  }();
  if (!function.consume_front(kPrefix)) return nullptr;
  return kNames.lookup(function.split('.').first);
}

void llvm::describeAIE2Intrinsic(Function &f) {
  if (const AIE2Intrinsic *row = findAIE2Intrinsic(f.getName()))
    return describe(f, memoryOf(row->effects));
  f.addFnAttr(Attribute::NoUnwind);
  f.addFnAttr(Attribute::WillReturn);
}

void llvm::prepareAIE2Intrinsics(Module &module) {
  for (Function &f : make_early_inc_range(module)) {
    StringRef name = f.getName();
    if (!f.isDeclaration() || !isAIE2Intrinsic(name)) continue;
    if (const AIE2Intrinsic *row = findAIE2Intrinsic(name)) {
      describe(f, memoryOf(row->effects));
      if (isa::info(isaOpcode(row->opcode)).numOuts < 2 || name.contains('.')) continue;
      for (User *user : make_early_inc_range(f.users()))
        if (auto *call = dyn_cast<CallInst>(user); call && call->getCalledOperand() == &f)
          returnResults(*call, *row);
      continue;
    }
    StringRef rest = name.drop_front(kPrefix.size());
    bool reads = rest.starts_with("get_cr"), writes = rest.starts_with("set_cr");
    bool status = rest.starts_with("get_sr") || rest.starts_with("set_sr");
    if (reads || writes || status) describe(f, memoryOf(reads ? kReadsControl : kActs));
  }
}
