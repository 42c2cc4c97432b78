// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The pass that leaves only register vectors that move and `__aie2_*` calls, in pieces: what a
// vector value is made of (this file), arithmetic, shuffles, memory, and signatures.
#pragma once

#include "codegen/target/vector_parts.h"

#include "llvm/IR/Instructions.h"
#include "llvm/IR/IntrinsicInst.h"

namespace llvm {

class VectorLowering {
public:
  VectorLowering(Function &f, VectorConstants &constants) : f_(f), constants_(constants) {}
  /// Rewrites the function's instructions.
  void run();

private:
  using B = VectorBuilder;
  void visit(Instruction &inst);

  // ---- values -----------------------------------------------------------------------------------
  Parts parts(B &v, Value *value);
  SmallVector<Value *, 16> lanes(B &v, Value *value);
  void set(Value *value, Parts parts);
  void setLanes(B &v, Value *value, ArrayRef<Value *> lanes);
  Value *lane(B &v, ArrayRef<Value *> parts, Type *type, unsigned index);
  /// The vector in memory, 32-byte aligned.
  AllocaInst *spill(B &v, Value *value);
  AllocaInst *slot(uint64_t bytes);

  // ---- arithmetic -------------------------------------------------------------------------------
  void unary(Instruction &inst, B &v);
  void binary(BinaryOperator &inst, B &v);
  Value *binaryChunk(B &v, unsigned opcode, unsigned lane, Value *x, Value *y);
  Value *multiply(B &v, unsigned lane, Value *x, Value *y);
  void compare(ICmpInst &inst, B &v);
  Value *compareChunk(B &v, CmpInst::Predicate predicate, unsigned lane, Value *x, Value *y);
  void select(SelectInst &inst, B &v);
  void convert(CastInst &inst, B &v);
  bool resize(CastInst &inst, B &v);
  void reinterpret(BitCastInst &inst, B &v);
  void call(CallInst &inst, B &v);
  bool minmax(IntrinsicInst &inst, B &v);
  /// Lane by lane, with the same instruction on scalars.
  void scalarize(Instruction &inst, B &v);

  // ---- lanes and shuffles -----------------------------------------------------------------------
  void extractElement(ExtractElementInst &inst, B &v);
  void insertElement(InsertElementInst &inst, B &v);
  void shuffle(ShuffleVectorInst &inst, B &v);
  Value *shuffleRegisters(B &v, Type *part, ArrayRef<int> mask, ArrayRef<Value *> sources);

  // ---- memory and flow --------------------------------------------------------------------------
  void load(LoadInst &inst, B &v);
  void store(StoreInst &inst, B &v);
  void phi(PHINode &inst);
  void finishPhis();

  void fail(Instruction &inst, const Twine &what);
  void dead(Instruction &inst) { dead_.push_back(&inst); }

  Function &f_;
  VectorConstants &constants_;
  DenseMap<Value *, Parts> map_;
  SmallVector<Instruction *, 32> dead_;
  SmallVector<std::pair<PHINode *, SmallVector<PHINode *, 2>>, 8> phis_;
};

/// Gives functions and calls types whose vectors each travel in one register;
/// lower_vectors_calls.cpp.
void lowerVectorSignatures(Module &);
/// Objects get the alignment that vector accesses to them want.
void alignVectorObjects(Function &);

/// Loads that widen and stores that narrow; lower_vectors_fuse.cpp.
void fuseVectorAccesses(Function &);

/// One operation of 512 bits on a mask of two sources of 512 bits (lanes of `bytes` bytes), or
/// nothing; indexes below 0 are free.
Value *shuffleOnce(VectorBuilder &v, unsigned bytes, ArrayRef<int> mask, Value *x, Value *y);

} // namespace llvm
