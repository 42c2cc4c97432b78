// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Loads that widen and stores that narrow: `vups` of a loaded vector is `vlda.ups`, a stored `vsrs`
// is `vst.srs`, and so for conversions, packing and unpacking. The pair stands in one block and
// nothing between the two writes memory or a control register that matters.
#include "codegen/target/intrinsics.h"
#include "codegen/target/lower_vectors.h"

#include "llvm/IR/InstIterator.h"
#include "llvm/IR/Module.h"

using namespace llvm;

namespace {
std::string nameOf(const Value *v) {
  auto *call = dyn_cast<CallInst>(v);
  auto *callee = call ? dyn_cast<Function>(call->getCalledOperand()) : nullptr;
  if (!callee || !findAIE2Intrinsic(callee->getName())) return {};
  return callee->getName().drop_front(7).split('.').first.str();
}

/// The operation with its load or store, or nothing.
std::string fused(StringRef name, bool store) {
  name.consume_back(store ? "_w" : "_bm");
  std::string made;
  if (store) {
    if (name.starts_with("vsrs_") || name.starts_with("vpack_") || name.starts_with("vconv_bf16_"))
      made = ("vst_" + name.drop_front(1)).str();
  } else if (name.starts_with("vups_") || name.starts_with("vconv_fp32_")) {
    made = ("vlda_" + name.drop_front(1)).str();
  } else if (name.starts_with("vunpack_")) {
    made = ("vldb_" + name.drop_front(1)).str();
  }
  return findAIE2Intrinsic("__aie2_" + made) ? made : std::string();
}

bool quietBetween(const Instruction &from, const Instruction &to) {
  constexpr int kFar = 40; // farther apart, registers are the better place
  int steps = 0;
  for (const Instruction *i = from.getNextNode(); i && i != &to; i = i->getNextNode())
    if (i->mayWriteToMemory() || ++steps > kFar) return false;
  return from.getParent() == to.getParent();
}

bool fuseLoad(CallInst &call, LoadInst &load, StringRef name) {
  std::string made = fused(name, false);
  if (made.empty() || !load.isSimple() || !load.hasOneUse() || load.getAlign() < Align(32) ||
      registerBits(load.getType()) != 256 || !quietBetween(load, call))
    return false;
  IRBuilder<> b(&call);
  VectorConstants none;
  VectorBuilder v(b, none);
  SmallVector<Value *, 2> arguments = {load.getPointerOperand()};
  if (call.arg_size() == 2) arguments.insert(arguments.begin(), call.getArgOperand(1)); // the shift
  call.replaceAllUsesWith(v.call(made, call.getType(), arguments));
  call.eraseFromParent();
  load.eraseFromParent();
  return true;
}

bool fuseStore(StoreInst &store, CallInst &call, StringRef name) {
  std::string made = fused(name, true);
  if (made.empty() || !store.isSimple() || !call.hasOneUse() || store.getAlign() < Align(32) ||
      registerBits(call.getType()) != 256 || !quietBetween(call, store))
    return false;
  IRBuilder<> b(&store);
  VectorConstants none;
  VectorBuilder v(b, none);
  SmallVector<Value *, 3> arguments = {store.getPointerOperand()};
  append_range(arguments, call.args());
  v.call(made, b.getVoidTy(), arguments);
  store.eraseFromParent();
  call.eraseFromParent();
  return true;
}
} // namespace

void llvm::fuseVectorAccesses(Function &f) {
  for (Instruction &inst : make_early_inc_range(instructions(f))) {
    if (auto *store = dyn_cast<StoreInst>(&inst)) {
      Value *value = store->getValueOperand();
      if (auto *call = dyn_cast<CallInst>(value)) fuseStore(*store, *call, nameOf(call));
    } else if (auto *call = dyn_cast<CallInst>(&inst); call && call->arg_size()) {
      auto *load = dyn_cast<LoadInst>(call->getArgOperand(0));
      if (load) fuseLoad(*call, *load, nameOf(call));
    }
  }
}
