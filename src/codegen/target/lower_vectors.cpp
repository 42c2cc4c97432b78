// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Turns what LLVM IR can do with vectors into what the core can: register vectors that are loaded,
// stored, copied and merged by phis, and calls of `__aie2_*` operations. Vectors of other widths
// become registers and scalars, operations that the core has not go lane by lane. It runs last
// among the IR passes, so that all optimisation has seen plain vectors.
#include "codegen/target/lower_vectors.h"
#include "codegen/target/intrinsics.h"
#include "codegen/target/target.h"

#include "llvm/ADT/PostOrderIterator.h"
#include "llvm/IR/InstIterator.h"
#include "llvm/IR/Module.h"
#include "llvm/Pass.h"
#include "llvm/Transforms/Utils/BasicBlockUtils.h"

using namespace llvm;

namespace {
bool isVector(const Value *v) { return isa<FixedVectorType>(v->getType()); }

bool touchesVectors(const Instruction &inst) {
  return isVector(&inst) || any_of(inst.operands(), [](const Use &u) { return isVector(u); });
}
} // namespace

// ---- values -------------------------------------------------------------------------------------

Parts VectorLowering::parts(B &v, Value *value) {
  if (auto found = map_.find(value); found != map_.end()) return found->second;
  auto types = partTypes(value->getType());
  auto *constant = dyn_cast<Constant>(value);
  if (!constant) return {value}; // an argument or a result that is one register
  Parts made;
  unsigned at = 0, count = laneCount(value->getType());
  auto element = [&](unsigned i) -> Constant * {
    if (Constant *c = constant->getAggregateElement(i)) return c;
    return ConstantExpr::getExtractElement(constant, v.b.getInt32(i));
  };
  for (Type *type : types) {
    if (value->getType()->getScalarType()->isIntegerTy(1)) {
      uint32_t word = 0;
      for (unsigned i = 0; i < 32 && at + i < count; ++i)
        if (auto *k = dyn_cast<ConstantInt>(element(at + i)); k && k->isOne()) word |= 1u << i;
      made.push_back(v.b.getInt32(word));
      at += 32;
      continue;
    }
    unsigned n = isa<FixedVectorType>(type) ? laneCount(type) : 1;
    if (n == 1 && !isa<FixedVectorType>(type)) {
      made.push_back(element(at++));
      continue;
    }
    SmallVector<Constant *, 16> values;
    for (unsigned i = 0; i < n; ++i) values.push_back(element(at + i));
    made.push_back(v.constant(ConstantVector::get(values), type));
    at += n;
  }
  return made;
}

Value *VectorLowering::lane(B &v, ArrayRef<Value *> parts, Type *type, unsigned index) {
  if (type->getScalarType()->isIntegerTy(1))
    return v.b.CreateTrunc(v.b.CreateLShr(parts[index / 32], index % 32), v.b.getInt1Ty());
  for (Value *part : parts) {
    unsigned n = isVector(part) ? laneCount(part->getType()) : 1;
    if (index < n) return isVector(part) ? v.extract(part, index) : part;
    index -= n;
  }
  return PoisonValue::get(type->getScalarType());
}

SmallVector<Value *, 16> VectorLowering::lanes(B &v, Value *value) {
  SmallVector<Value *, 16> result;
  unsigned n = laneCount(value->getType());
  if (auto *constant = dyn_cast<Constant>(value); constant && !map_.contains(value)) {
    for (unsigned i = 0; i < n; ++i)
      if (Constant *c = constant->getAggregateElement(i)) result.push_back(c);
    if (result.size() == n) return result;
    result.clear();
  }
  Parts list = parts(v, value);
  for (unsigned i = 0; i < n; ++i) result.push_back(lane(v, list, value->getType(), i));
  return result;
}

void VectorLowering::set(Value *value, Parts parts) {
  if (parts.size() == 1 && parts[0]->getType() == value->getType()) {
    value->replaceAllUsesWith(parts[0]);
    return;
  }
  map_[value] = std::move(parts);
}

void VectorLowering::setLanes(B &v, Value *value, ArrayRef<Value *> lanes) {
  Parts made;
  size_t at = 0;
  if (value->getType()->getScalarType()->isIntegerTy(1)) {
    for (; at < lanes.size(); at += 32) {
      Value *word = v.b.getInt32(0);
      for (size_t i = at; i < std::min(lanes.size(), at + 32); ++i)
        if (!isa<UndefValue>(lanes[i]))
          word = v.b.CreateOr(word, v.b.CreateShl(v.b.CreateZExt(lanes[i], v.b.getInt32Ty()),
                                                  static_cast<uint64_t>(i - at)));
      made.push_back(word);
    }
    return set(value, made);
  }
  for (Type *type : partTypes(value->getType())) {
    if (!isa<FixedVectorType>(type)) {
      made.push_back(lanes[at++]);
      continue;
    }
    made.push_back(v.build(type, lanes.slice(at, laneCount(type))));
    at += laneCount(type);
  }
  set(value, made);
}

AllocaInst *VectorLowering::slot(uint64_t bytes) {
  IRBuilder<> entry(&f_.getEntryBlock(), f_.getEntryBlock().begin());
  AllocaInst *made = entry.CreateAlloca(ArrayType::get(entry.getInt8Ty(), alignTo(bytes, 32)));
  made->setAlignment(Align(32));
  return made;
}

AllocaInst *VectorLowering::spill(B &v, Value *value) {
  Type *type = value->getType();
  unsigned bytes = (laneBits(type) + 7) / 8;
  AllocaInst *memory = slot(uint64_t(bytes) * laneCount(type));
  uint64_t at = 0;
  for (Value *part : parts(v, value)) {
    Value *address =
        v.b.CreateConstInBoundsGEP1_32(v.b.getInt8Ty(), memory, static_cast<unsigned>(at));
    uint64_t size = isVector(part) ? registerBits(part->getType()) / 8 : bytes;
    v.b.CreateAlignedStore(part, address, commonAlignment(Align(32), at));
    at += size;
  }
  return memory;
}

void VectorLowering::fail(Instruction &inst, const Twine &what) {
  f_.getContext().emitError(&inst,
                            what + " is not supported yet (in function '" + f_.getName() + "')");
  if (isVector(&inst)) inst.replaceAllUsesWith(PoisonValue::get(inst.getType()));
  dead(inst);
}

// ---- flow ---------------------------------------------------------------------------------------

void VectorLowering::phi(PHINode &inst) {
  auto types = partTypes(inst.getType());
  if (types.size() == 1 && types[0] == inst.getType()) {
    phis_.push_back({&inst, {&inst}});
    return;
  }
  SmallVector<PHINode *, 2> made;
  Parts list;
  IRBuilder<> b(&inst);
  for (Type *type : types) {
    made.push_back(b.CreatePHI(type, inst.getNumIncomingValues()));
    list.push_back(made.back());
  }
  phis_.push_back({&inst, made});
  map_[&inst] = list;
  dead(inst);
}

void VectorLowering::finishPhis() {
  for (auto &[phi, made] : phis_)
    for (unsigned i = 0; i < phi->getNumIncomingValues(); ++i) {
      BasicBlock *from = phi->getIncomingBlock(i);
      // One value for all edges from a block.
      int before = -1;
      for (unsigned k = 0; k < i && before < 0; ++k)
        if (phi->getIncomingBlock(k) == from) before = static_cast<int>(k);
      IRBuilder<> b(from->getTerminator());
      B v(b, constants_);
      bool itself = made.size() == 1 && made[0] == phi;
      if (before >= 0) {
        for (PHINode *part : made) {
          Value *same = part->getIncomingValueForBlock(from);
          if (itself)
            part->setIncomingValue(i, same);
          else
            part->addIncoming(same, from);
        }
        continue;
      }
      Parts values = parts(v, phi->getIncomingValue(i));
      for (size_t k = 0; k < made.size(); ++k) {
        if (itself)
          made[k]->setIncomingValue(i, values[k]);
        else
          made[k]->addIncoming(values[k], from);
      }
    }
}

void VectorLowering::visit(Instruction &inst) {
  IRBuilder<> b(&inst);
  B v(b, constants_);
  if (auto *phiNode = dyn_cast<PHINode>(&inst)) return phi(*phiNode);
  if (auto *x = dyn_cast<LoadInst>(&inst)) return load(*x, v);
  if (auto *x = dyn_cast<StoreInst>(&inst)) return store(*x, v);
  if (auto *x = dyn_cast<ExtractElementInst>(&inst)) return extractElement(*x, v);
  if (auto *x = dyn_cast<InsertElementInst>(&inst)) return insertElement(*x, v);
  if (auto *x = dyn_cast<ShuffleVectorInst>(&inst)) return shuffle(*x, v);
  if (auto *x = dyn_cast<BinaryOperator>(&inst)) return binary(*x, v);
  if (auto *x = dyn_cast<ICmpInst>(&inst)) return compare(*x, v);
  if (auto *x = dyn_cast<SelectInst>(&inst)) return select(*x, v);
  if (auto *x = dyn_cast<CastInst>(&inst)) return convert(*x, v);
  if (auto *x = dyn_cast<CallInst>(&inst)) return call(*x, v);
  if (isa<UnaryOperator>(inst)) return unary(inst, v);
  if (isa<FCmpInst>(inst) || isa<GetElementPtrInst>(inst)) return scalarize(inst, v);
  if (isa<FreezeInst>(inst)) {
    Parts made;
    for (Value *part : parts(v, inst.getOperand(0))) made.push_back(b.CreateFreeze(part));
    set(&inst, made);
    return dead(inst);
  }
  if (isa<ReturnInst>(inst)) {
    Parts list = parts(v, inst.getOperand(0));
    if (list.size() == 1) inst.setOperand(0, list[0]);
    return;
  }
  if (isa<ExtractValueInst>(inst)) {
    if (!registerBits(inst.getType())) fail(inst, "an aggregate with such a vector");
    return;
  }
  if (auto *x = dyn_cast<InsertValueInst>(&inst)) {
    Parts list = parts(v, x->getInsertedValueOperand());
    if (list.size() == 1) return x->setOperand(1, list[0]);
  }
  fail(inst, Twine("'") + inst.getOpcodeName() + "' on vectors");
}

void VectorLowering::run() {
  SmallVector<Instruction *, 64> work;
  ReversePostOrderTraversal<Function *> order(&f_);
  for (BasicBlock *block : order)
    for (Instruction &inst : *block)
      if (touchesVectors(inst)) work.push_back(&inst);
  for (Instruction *inst : work) visit(*inst);
  finishPhis();
  for (Instruction *inst : reverse(dead_)) {
    if (!inst->use_empty()) inst->replaceAllUsesWith(PoisonValue::get(inst->getType()));
    inst->eraseFromParent();
  }
}

namespace {
class LowerVectors : public ModulePass {
public:
  static char ID;
  LowerVectors() : ModulePass(ID) {}
  StringRef getPassName() const override { return "AIE2 vector lowering"; }
  bool runOnModule(Module &module) override {
    VectorConstants constants;
    lowerVectorSignatures(module);
    for (Function &f : make_early_inc_range(module))
      if (!f.isDeclaration()) {
        EliminateUnreachableBlocks(f); // what nothing reaches is not visited, and may hold anything
        alignVectorObjects(f);
        VectorLowering(f, constants).run();
        fuseVectorAccesses(f);
      }
    prepareAIE2Intrinsics(module);
    return true;
  }
};
char LowerVectors::ID = 0;
} // namespace

ModulePass *llvm::createAIE2LowerVectors() { return new LowerVectors(); }
