// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// How a vector of LLVM IR is held by the machine. A vector is a list of parts: registers of 128 to
// 1024 bits where its lanes have 8, 16 or 32 bits (64 in accumulators), scalars where not. A vector
// of i1 is words of 32 bits, lane i in bit i % 32. All code that this builder makes uses only moves
// of such parts and calls of `__aie2_*` operations.
#pragma once

#include "llvm/IR/IRBuilder.h"

namespace llvm {

using Parts = SmallVector<Value *, 2>;

/// The bits of a vector type that one register holds, or 0.
unsigned registerBits(Type *);
inline unsigned laneBits(Type *type) { return type->getScalarSizeInBits(); }
inline unsigned laneCount(Type *type) { return cast<FixedVectorType>(type)->getNumElements(); }
/// The types of the parts of a vector.
SmallVector<Type *, 2> partTypes(Type *vector);

/// The vectors in read-only data, each once.
using VectorConstants = DenseMap<Constant *, GlobalVariable *>;

/// Builds code at one place.
class VectorBuilder {
public:
  VectorBuilder(IRBuilder<> &b, VectorConstants &constants)
      : b(b), module_(*b.GetInsertBlock()->getModule()), constants_(constants) {}

  Value *call(StringRef name, Type *result, ArrayRef<Value *> arguments);
  /// The vector of 512 bits with integer lanes of that width.
  FixedVectorType *x(unsigned lane) { return FixedVectorType::get(b.getIntNTy(lane), 512 / lane); }
  /// The same bits. Of bf16 the translator knows only the way to and from 16-bit integers.
  Value *cast(Value *v, Type *type) {
    auto step = [&](Type *to) { v = v->getType() == to ? v : b.CreateBitCast(v, to); };
    if (v->getType() != type && v->getType()->getScalarType()->isBFloatTy())
      step(v->getType()->getWithNewType(b.getInt16Ty()));
    if (v->getType() != type && type->getScalarType()->isBFloatTy())
      step(type->getWithNewType(b.getInt16Ty()));
    step(type);
    return v;
  }

  Value *low(Value *v) { return half(v, "part_lo"); }
  Value *high(Value *v) { return half(v, "part_hi"); }
  Value *join(Value *lo, Value *hi);
  /// Twice as wide; what is new is undefined.
  Value *widen(Value *v);
  /// A register as vectors of 512 bits with integer lanes; a narrow one is widened.
  SmallVector<Value *, 2> chunks(Value *part, unsigned lane);
  /// The other way.
  Value *unchunk(ArrayRef<Value *> chunks, Type *part);

  Value *splat(Value *scalar, Type *part);
  Value *constant(Constant *c, Type *part);
  /// A register from its lanes.
  Value *build(Type *part, ArrayRef<Value *> lanes);
  Value *extract(Value *part, unsigned lane);
  Value *insert(Value *part, unsigned lane, Value *scalar);
  /// A scalar as the 32-bit word that operations take, and back.
  Value *toWord(Value *scalar);
  Value *fromWord(Value *word, Type *scalar);

  // ---- masks: words of 32 lanes -----------------------------------------------------------------
  /// The mask operand of an operation on `count` lanes that starts at lane `first`.
  Value *mask(ArrayRef<Value *> words, unsigned first, unsigned count);
  /// Appends `count` lanes of an operation's mask; `at` lanes stand already.
  void append(Parts &words, unsigned at, Value *mask, unsigned count);

  IRBuilder<> &b;

private:
  Value *half(Value *v, StringRef name);
  Module &module_;
  VectorConstants &constants_;
};

} // namespace llvm
