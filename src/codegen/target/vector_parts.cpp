// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Moves between lanes, parts and words.
#include "codegen/target/vector_parts.h"
#include "codegen/target/intrinsics.h"

#include "llvm/IR/Constants.h"
#include "llvm/IR/Module.h"

using namespace llvm;

namespace {
bool isNarrowLane(Type *lane) {
  return lane->isIntegerTy(8) || lane->isIntegerTy(16) || lane->isIntegerTy(32) ||
         lane->isFloatTy() || lane->isBFloatTy() || lane->isHalfTy();
}
bool isWideLane(Type *lane) { return lane->isIntegerTy(64) || lane->isDoubleTy(); }

FixedVectorType *resized(Type *type, unsigned lanes) {
  return FixedVectorType::get(type->getScalarType(), lanes);
}
} // namespace

unsigned llvm::registerBits(Type *type) {
  auto *vector = dyn_cast<FixedVectorType>(type);
  if (!vector) return 0;
  Type *lane = vector->getElementType();
  bool narrow = isNarrowLane(lane);
  if (!narrow && !isWideLane(lane)) return 0;
  unsigned bits = vector->getNumElements() * laneBits(type);
  return bits == 256 || bits == 512 || bits == 1024 || (bits == 128 && narrow) ? bits : 0;
}

SmallVector<Type *, 2> llvm::partTypes(Type *vector) {
  unsigned n = laneCount(vector), lane = laneBits(vector);
  Type *scalar = vector->getScalarType();
  if (scalar->isIntegerTy(1))
    return SmallVector<Type *, 2>((n + 31) / 32, Type::getInt32Ty(vector->getContext()));
  if (registerBits(vector)) return {vector};
  SmallVector<Type *, 2> types;
  unsigned unit = isNarrowLane(scalar) ? 128 : isWideLane(scalar) ? 256 : 0;
  if (unit && n * lane % unit == 0) {
    for (unsigned left = n * lane, bits = 512; left; left -= bits) {
      while (bits > left) bits /= 2;
      types.push_back(resized(vector, bits / lane));
    }
    return types;
  }
  types.assign(n, scalar);
  return types;
}

Value *VectorBuilder::call(StringRef name, Type *result, ArrayRef<Value *> arguments) {
  SmallVector<Type *, 4> types;
  for (Value *v : arguments) types.push_back(v->getType());
  auto *type = FunctionType::get(result, types, false);
  FunctionCallee callee = module_.getOrInsertFunction(("__aie2_" + name).str(), type);
  if (auto *f = dyn_cast<Function>(callee.getCallee())) describeAIE2Intrinsic(*f);
  return b.CreateCall(type, callee.getCallee(), arguments);
}

static std::string typed(StringRef name, Type *type) {
  Type *lane = type->getScalarType();
  const char *kind = lane->isBFloatTy() ? "bf" : lane->isFloatingPointTy() ? "f" : "i";
  return (name + ".v" + Twine(laneCount(type)) + kind + Twine(laneBits(type))).str();
}

Value *VectorBuilder::half(Value *v, StringRef name) {
  if (isa<PoisonValue>(v))
    return PoisonValue::get(resized(v->getType(), laneCount(v->getType()) / 2));
  return call(typed(name, v->getType()), resized(v->getType(), laneCount(v->getType()) / 2), {v});
}

Value *VectorBuilder::join(Value *lo, Value *hi) {
  Type *type = lo->getType();
  if (isa<PoisonValue>(hi)) return widen(lo);
  return call(typed("join", type), resized(type, 2 * laneCount(type)), {lo, hi});
}

Value *VectorBuilder::widen(Value *v) {
  Type *type = v->getType();
  Type *twice = resized(type, 2 * laneCount(type));
  if (isa<PoisonValue>(v)) return PoisonValue::get(twice);
  return call(typed("widen", type), twice, {v});
}

SmallVector<Value *, 2> VectorBuilder::chunks(Value *part, unsigned lane) {
  unsigned bits = registerBits(part->getType());
  Value *v = cast(part, FixedVectorType::get(b.getIntNTy(lane), bits / lane));
  if (bits == 1024) return {low(v), high(v)};
  for (; bits < 512; bits *= 2) v = widen(v);
  return {v};
}

Value *VectorBuilder::unchunk(ArrayRef<Value *> chunks, Type *part) {
  Value *v = chunks[0];
  if (chunks.size() == 2)
    v = join(v, chunks[1]);
  else
    for (unsigned bits = 512; bits > registerBits(part); bits /= 2) v = low(v);
  return cast(v, part);
}

Value *VectorBuilder::toWord(Value *scalar) {
  Type *type = scalar->getType();
  if (type->isFloatingPointTy()) scalar = b.CreateBitCast(scalar, b.getIntNTy(laneBits(type)));
  return b.CreateZExt(scalar, b.getInt32Ty());
}

Value *VectorBuilder::fromWord(Value *word, Type *scalar) {
  Value *v = b.CreateTrunc(word, b.getIntNTy(laneBits(scalar)));
  return scalar->isFloatingPointTy() ? b.CreateBitCast(v, scalar) : v;
}

/// A wide lane is two words: the same vector with lanes of 32 bits.
static FixedVectorType *asWords(Type *part) {
  return FixedVectorType::get(Type::getInt32Ty(part->getContext()), laneCount(part) * 2);
}
static std::pair<Value *, Value *> halves(IRBuilder<> &b, Value *scalar) {
  if (scalar->getType()->isDoubleTy()) scalar = b.CreateBitCast(scalar, b.getInt64Ty());
  return {b.CreateTrunc(scalar, b.getInt32Ty()),
          b.CreateTrunc(b.CreateLShr(scalar, 32), b.getInt32Ty())};
}

Value *VectorBuilder::splat(Value *scalar, Type *part) {
  unsigned lane = laneBits(part);
  Value *one = nullptr;
  if (lane == 64) {
    auto *k = dyn_cast<Constant>(scalar);
    if (k && k->isNullValue()) {
      if (registerBits(part) == 1024)
        return cast(call("vclr_cm", FixedVectorType::get(b.getInt64Ty(), 16), {}), part);
      Value *zero = call("vclr_bm", FixedVectorType::get(b.getInt64Ty(), 8), {});
      return unchunk({zero}, part);
    }
    if (scalar->getType()->isDoubleTy()) scalar = b.CreateBitCast(scalar, b.getInt64Ty());
    one = call("vbcst_64", x(32), {scalar});
  } else {
    one = call("vbcst_" + std::to_string(lane), x(lane), {toWord(scalar)});
  }
  if (registerBits(part) == 1024) return unchunk({one, one}, part);
  return unchunk({one}, part);
}

Value *VectorBuilder::constant(Constant *c, Type *part) {
  if (isa<UndefValue>(c)) return PoisonValue::get(part);
  if (Constant *value = c->getSplatValue(/*AllowPoison=*/true)) return splat(value, part);
  GlobalVariable *&global = constants_[c];
  if (!global) {
    global = new GlobalVariable(module_, part, true, GlobalValue::PrivateLinkage, c, "vector");
    global->setAlignment(Align(std::min(registerBits(part) / 8, 32u)));
    global->setUnnamedAddr(GlobalValue::UnnamedAddr::Global);
  }
  LoadInst *load = b.CreateAlignedLoad(part, global, *global->getAlign());
  load->setMetadata(LLVMContext::MD_invariant_load, MDNode::get(b.getContext(), {}));
  return load;
}

Value *VectorBuilder::insert(Value *part, unsigned lane, Value *scalar) {
  Type *type = part->getType();
  unsigned width = laneBits(type);
  if (width == 64) {
    Value *words = cast(part, asWords(type));
    auto [lo, hi] = halves(b, scalar);
    return cast(insert(insert(words, 2 * lane, lo), 2 * lane + 1, hi), type);
  }
  auto list = chunks(part, width);
  unsigned inChunk = 512 / width;
  Value *&chunk = list[lane / inChunk];
  chunk = call("vinsert_" + std::to_string(width), x(width),
               {chunk, b.getInt32(lane % inChunk), toWord(scalar)});
  return unchunk(list, type);
}

Value *VectorBuilder::extract(Value *part, unsigned lane) {
  Type *type = part->getType();
  unsigned width = laneBits(type);
  if (isa<PoisonValue>(part)) return PoisonValue::get(type->getScalarType());
  if (width == 64) {
    Value *words = cast(part, asWords(type));
    Value *lo = b.CreateZExt(extract(words, 2 * lane), b.getInt64Ty());
    Value *hi = b.CreateZExt(extract(words, 2 * lane + 1), b.getInt64Ty());
    return cast(b.CreateOr(lo, b.CreateShl(hi, 32)), type->getScalarType());
  }
  auto list = chunks(part, width);
  unsigned inChunk = 512 / width;
  Value *word = call("vextract_s" + std::to_string(width), b.getInt32Ty(),
                     {list[lane / inChunk], b.getInt32(lane % inChunk)});
  return fromWord(word, type->getScalarType());
}

Value *VectorBuilder::build(Type *part, ArrayRef<Value *> lanes) {
  unsigned width = laneBits(part);
  unsigned constants = 0;
  Value *same = nullptr;
  bool isSplat = true;
  for (Value *v : lanes) {
    if (isa<UndefValue>(v)) {
      ++constants;
      continue;
    }
    constants += isa<Constant>(v);
    if (!same) same = v;
    isSplat &= same == v;
  }
  if (!same) return PoisonValue::get(part);
  if (isSplat) return splat(same, part);
  if (constants * 4 >= lanes.size() * 3 && width < 64) {
    SmallVector<Constant *, 16> values;
    for (Value *v : lanes)
      values.push_back(isa<Constant>(v) ? llvm::cast<Constant>(v)
                                        : PoisonValue::get(part->getScalarType()));
    Value *base = constant(ConstantVector::get(values), part);
    for (unsigned i = 0; i < lanes.size(); ++i)
      if (!isa<Constant>(lanes[i])) base = insert(base, i, lanes[i]);
    return base;
  }
  if (width == 64) {
    SmallVector<Value *, 16> words;
    for (Value *v : lanes) {
      if (isa<UndefValue>(v)) {
        words.append(2, PoisonValue::get(b.getInt32Ty()));
        continue;
      }
      auto [lo, hi] = halves(b, v);
      words.append({lo, hi});
    }
    return cast(build(asWords(part), words), part);
  }
  // Each push moves what stands one lane up: the last lane goes first.
  SmallVector<Value *, 2> list;
  unsigned inChunk = 512 / width;
  for (size_t first = 0; first < lanes.size(); first += inChunk) {
    Value *v = PoisonValue::get(x(width));
    for (size_t i = std::min<size_t>(lanes.size(), first + inChunk); i-- > first;) {
      Value *word = isa<UndefValue>(lanes[i]) ? b.getInt32(0) : toWord(lanes[i]);
      v = call("vpush_lo_" + std::to_string(width), x(width), {word, v});
    }
    list.push_back(v);
  }
  return unchunk(list, part);
}

Value *VectorBuilder::mask(ArrayRef<Value *> words, unsigned first, unsigned count) {
  Value *word = words[first / 32];
  if (count == 64) {
    Value *lo = b.CreateZExt(word, b.getInt64Ty());
    if (first / 32 + 1 >= words.size()) return lo;
    return b.CreateOr(lo, b.CreateShl(b.CreateZExt(words[first / 32 + 1], b.getInt64Ty()), 32));
  }
  return first % 32 ? b.CreateLShr(word, first % 32) : word;
}

void VectorBuilder::append(Parts &words, unsigned at, Value *mask, unsigned count) {
  if (mask->getType()->isIntegerTy(64)) {
    Value *lo = b.CreateTrunc(mask, b.getInt32Ty());
    if (count <= 32) return append(words, at, lo, count);
    append(words, at, lo, 32);
    return append(words, at + 32, b.CreateTrunc(b.CreateLShr(mask, 32), b.getInt32Ty()),
                  count - 32);
  }
  if (at % 32 == 0) {
    words.push_back(mask);
    return;
  }
  // The lanes below may stand under others that mean nothing.
  Value *below = b.CreateAnd(words.back(), (1u << (at % 32)) - 1);
  words.back() = b.CreateOr(below, b.CreateShl(mask, at % 32));
}
