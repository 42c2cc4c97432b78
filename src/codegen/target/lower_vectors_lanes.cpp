// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Lanes in and out, permutations, reinterpretation, loads and stores.
#include "codegen/target/lower_vectors.h"

#include "isa/isa.h"

#include "llvm/IR/Constants.h"

using namespace llvm;
namespace isa = ashlar::isa;

// ---- single lanes -------------------------------------------------------------------------------

void VectorLowering::extractElement(ExtractElementInst &inst, B &v) {
  Type *type = inst.getVectorOperandType();
  Value *result = nullptr;
  if (auto *k = dyn_cast<ConstantInt>(inst.getIndexOperand())) {
    if (k->getValue().uge(laneCount(type)))
      result = PoisonValue::get(inst.getType());
    else
      result = lane(v, parts(v, inst.getVectorOperand()), type,
                    static_cast<unsigned>(k->getZExtValue()));
  } else if (type->getScalarType()->isIntegerTy(1) && laneCount(type) <= 32) {
    Value *word = parts(v, inst.getVectorOperand())[0];
    Value *by = v.b.CreateZExtOrTrunc(inst.getIndexOperand(), v.b.getInt32Ty());
    result = v.b.CreateTrunc(v.b.CreateLShr(word, by), inst.getType());
  } else if (unsigned bits = registerBits(type); bits && bits <= 512 && laneBits(type) < 64) {
    unsigned width = laneBits(type);
    Value *index = v.b.CreateZExtOrTrunc(inst.getIndexOperand(), v.b.getInt32Ty());
    Value *chunk = v.chunks(parts(v, inst.getVectorOperand())[0], width)[0];
    result =
        v.fromWord(v.call("vextract_s" + std::to_string(width), v.b.getInt32Ty(), {chunk, index}),
                   inst.getType());
  } else {
    bool mask = type->getScalarType()->isIntegerTy(1);
    Type *element = mask ? v.b.getInt8Ty() : type->getScalarType();
    AllocaInst *memory = nullptr;
    if (mask) {
      memory = slot(laneCount(type));
      auto list = lanes(v, inst.getVectorOperand());
      for (unsigned i = 0; i < list.size(); ++i)
        v.b.CreateStore(v.b.CreateZExt(list[i], element),
                        v.b.CreateConstInBoundsGEP1_32(element, memory, i));
    } else {
      memory = spill(v, inst.getVectorOperand());
    }
    Value *address = v.b.CreateGEP(element, memory, {inst.getIndexOperand()});
    result = v.b.CreateLoad(element, address);
    if (mask) result = v.b.CreateTrunc(result, inst.getType());
  }
  inst.replaceAllUsesWith(result);
  dead(inst);
}

void VectorLowering::insertElement(InsertElementInst &inst, B &v) {
  Type *type = inst.getType();
  unsigned n = laneCount(type);
  auto indexOf = [](InsertElementInst &i) { return dyn_cast<ConstantInt>(i.getOperand(2)); };
  if (!indexOf(inst)) {
    Value *index = v.b.CreateZExtOrTrunc(inst.getOperand(2), v.b.getInt32Ty());
    unsigned bits = registerBits(type), width = laneBits(type);
    if (bits && bits <= 512 && width < 64) {
      Value *chunk = v.chunks(parts(v, inst.getOperand(0))[0], width)[0];
      chunk = v.call("vinsert_" + std::to_string(width), v.x(width),
                     {chunk, index, v.toWord(inst.getOperand(1))});
      set(&inst, {v.unchunk({chunk}, type)});
    } else {
      // Lane by lane: each takes the new value when it is meant.
      SmallVector<Value *, 16> list = lanes(v, inst.getOperand(0));
      for (unsigned i = 0; i < n; ++i)
        list[i] =
            v.b.CreateSelect(v.b.CreateICmpEQ(index, v.b.getInt32(i)), inst.getOperand(1), list[i]);
      setLanes(v, &inst, list);
    }
    return dead(inst);
  }
  dead(inst);
  // A chain of insertions is built at its end.
  if (inst.hasOneUse())
    if (auto *next = dyn_cast<InsertElementInst>(inst.user_back());
        next && next->getOperand(0) == &inst && indexOf(*next) &&
        next->getParent() == inst.getParent())
      return;
  SmallVector<Value *, 16> list(n, nullptr);
  Value *base = &inst;
  unsigned inserted = 0;
  for (auto *i = &inst; i && indexOf(*i); i = dyn_cast<InsertElementInst>(base)) {
    if (i != &inst && (map_.contains(i) || !i->hasOneUse())) break;
    uint64_t at = indexOf(*i)->getZExtValue();
    if (at < n && !list[at]) {
      list[at] = i->getOperand(1);
      ++inserted;
    }
    base = i->getOperand(0);
  }
  bool fresh = isa<UndefValue>(base);
  if (!fresh && inserted * 2 < n && type->getScalarType()->isIntegerTy(1) == false) {
    Parts made = parts(v, base);
    for (unsigned i = 0; i < n; ++i) {
      if (!list[i]) continue;
      unsigned at = i;
      for (Value *&part : made) {
        unsigned count = isa<FixedVectorType>(part->getType()) ? laneCount(part->getType()) : 1;
        if (at >= count) {
          at -= count;
          continue;
        }
        part = isa<FixedVectorType>(part->getType()) ? v.insert(part, at, list[i]) : list[i];
        break;
      }
    }
    return set(&inst, made);
  }
  Parts old = fresh ? Parts() : parts(v, base);
  for (unsigned i = 0; i < n; ++i)
    if (!list[i]) list[i] = fresh ? PoisonValue::get(type->getScalarType()) : lane(v, old, type, i);
  setLanes(v, &inst, list);
}

// ---- permutations -------------------------------------------------------------------------------

Value *llvm::shuffleOnce(VectorBuilder &v, unsigned bytes, ArrayRef<int> mask, Value *x, Value *y) {
  auto *type = v.x(8);
  int lanes = static_cast<int>(64 / bytes);
  std::array<int, 64> want;
  want.fill(-1);
  for (int i = 0; i < static_cast<int>(mask.size()); ++i)
    for (int k = 0; k < static_cast<int>(bytes); ++k)
      if (mask[static_cast<size_t>(i)] >= 0)
        want[static_cast<size_t>(i * static_cast<int>(bytes) + k)] =
            mask[static_cast<size_t>(i)] * static_cast<int>(bytes) + k;
  auto agrees = [&](auto &&from) {
    for (int i = 0; i < 64; ++i)
      if (want[static_cast<size_t>(i)] >= 0 && want[static_cast<size_t>(i)] != from(i))
        return false;
    return true;
  };
  auto raw = [&](Value *value) { return v.cast(value, type); };
  if (agrees([](int i) { return i; })) return raw(x);
  if (agrees([](int i) { return i + 64; })) return raw(y);
  // One lane everywhere.
  int first = -1;
  bool splat = true;
  for (int m : mask) {
    if (m < 0) continue;
    if (first < 0) first = m;
    splat &= m == first;
  }
  if (splat && first >= 0) {
    std::string width = std::to_string(8 * bytes);
    auto *lane = v.x(8 * bytes);
    return raw(v.call(
        "vextbcst_" + width, lane,
        {v.cast(first < lanes ? x : y, lane), v.b.getInt32(static_cast<uint32_t>(first % lanes))}));
  }
  struct Order {
    Value *low, *high;
    int lowBase, highBase;
  };
  const Order orders[] = {{x, y, 0, 64}, {y, x, 64, 0}, {x, x, 0, 0}, {y, y, 64, 64}};
  for (const Order &o : orders) {
    auto source = [&](int byte) { return byte < 64 ? o.lowBase + byte : o.highBase + byte - 64; };
    for (int n = 1; n < 64; ++n)
      if (agrees([&](int i) { return source(n + i); }))
        return v.call("vshift", type,
                      {raw(o.low), raw(o.high), v.b.getInt32(static_cast<uint32_t>(n))});
  }
  for (const Order &o : orders) {
    auto source = [&](int byte) { return byte < 64 ? o.lowBase + byte : o.highBase + byte - 64; };
    for (unsigned mode = 0; mode < 48; ++mode) {
      auto table = isa::shuffleBytes(mode);
      if (agrees([&](int i) {
            return table[static_cast<size_t>(i)] == 255 ? -2
                                                        : source(table[static_cast<size_t>(i)]);
          }))
        return v.call("vshuffle", type, {raw(o.low), raw(o.high), v.b.getInt32(mode)});
    }
  }
  if (agrees([&](int i) {
        return want[static_cast<size_t>(i)] % 64 == i ? want[static_cast<size_t>(i)] : -2;
      })) {
    uint64_t select = 0;
    for (size_t i = 0; i < mask.size(); ++i)
      if (mask[i] >= lanes) select |= 1ull << i;
    std::string width = std::to_string(8 * bytes);
    auto *lane = v.x(8 * bytes);
    Value *bits = bytes == 1 ? static_cast<Value *>(v.b.getInt64(select))
                             : v.b.getInt32(static_cast<uint32_t>(select));
    return raw(v.call("vsel_" + width, lane, {v.cast(x, lane), v.cast(y, lane), bits}));
  }
  return nullptr;
}

/// Whole registers of 256 bits that only change places; null when the mask is finer.
static Value *moveRegisters(VectorBuilder &v, Type *part, ArrayRef<int> mask,
                            ArrayRef<Value *> sources) {
  unsigned width = laneBits(part), each = 256 / width;
  if (registerBits(part) == 128) return nullptr;
  SmallVector<Value *, 8> pieces;
  for (Value *source : sources) {
    SmallVector<Value *, 4> list = {source};
    if (registerBits(source->getType()) == 128) return nullptr;
    while (registerBits(list[0]->getType()) > 256) {
      SmallVector<Value *, 4> halves;
      for (Value *x : list) halves.append({v.low(x), v.high(x)});
      list = halves;
    }
    pieces.append(list);
  }
  SmallVector<Value *, 4> result;
  for (size_t at = 0; at < mask.size(); at += each) {
    int from = -1;
    for (unsigned i = 0; i < each; ++i) {
      int m = mask[at + i];
      if (m < 0) continue;
      int start = m - static_cast<int>(i);
      if (start < 0 || start % static_cast<int>(each) || (from >= 0 && from != start))
        return nullptr;
      from = start;
    }
    auto *piece = FixedVectorType::get(part->getScalarType(), each);
    result.push_back(from < 0 ? static_cast<Value *>(PoisonValue::get(piece))
                              : pieces[static_cast<size_t>(from) / each]);
  }
  while (result.size() > 1) {
    SmallVector<Value *, 4> pairs;
    for (size_t i = 0; i < result.size(); i += 2) pairs.push_back(v.join(result[i], result[i + 1]));
    result = pairs;
  }
  return result[0];
}

Value *VectorLowering::shuffleRegisters(B &v, Type *part, ArrayRef<int> mask,
                                        ArrayRef<Value *> sources) {
  // A register as it is; lanes that nobody asks for are what they were.
  size_t before = 0;
  for (Value *source : sources) {
    size_t n = laneCount(source->getType());
    bool same = source->getType() == part && any_of(mask, [](int m) { return m >= 0; });
    for (size_t i = 0; same && i < mask.size(); ++i)
      same = mask[i] < 0 || static_cast<size_t>(mask[i]) == before + i;
    if (same) return source;
    before += n;
  }
  if (Value *moved = moveRegisters(v, part, mask, sources)) return moved;
  unsigned width = laneBits(part), scale = width == 64 ? 2 : 1, lane = width / scale;
  int perChunk = static_cast<int>(512 / lane);
  // Where each lane of the sources stands: chunk * perChunk + place.
  SmallVector<Value *, 8> chunks;
  SmallVector<int, 64> place;
  for (Value *source : sources) {
    auto list = v.chunks(source, lane);
    int lanes = static_cast<int>(laneCount(source->getType()) * scale);
    for (int i = 0; i < lanes; ++i) place.push_back(static_cast<int>(chunks.size()) * perChunk + i);
    chunks.append(list.begin(), list.end());
  }
  SmallVector<int, 64> wanted;
  for (int m : mask)
    for (unsigned k = 0; k < scale; ++k)
      wanted.push_back(m < 0 ? -1 : place[static_cast<size_t>(m) * scale + k]);
  SmallVector<Value *, 2> result;
  for (size_t at = 0; at < wanted.size(); at += static_cast<size_t>(perChunk)) {
    auto slice =
        ArrayRef(wanted).slice(at, std::min(wanted.size() - at, static_cast<size_t>(perChunk)));
    SmallVector<int, 4> used;
    for (int w : slice)
      if (w >= 0 && !is_contained(used, w / perChunk)) used.push_back(w / perChunk);
    if (used.empty()) {
      result.push_back(PoisonValue::get(v.x(lane)));
      continue;
    }
    sort(used);
    // Two sources at a time; what several pairs give is merged lane by lane.
    Value *merged = nullptr;
    for (size_t u = 0; u < used.size(); u += 2) {
      int a = used[u], c = u + 1 < used.size() ? used[u + 1] : a;
      SmallVector<int, 64> local;
      uint64_t taken = 0;
      for (size_t i = 0; i < slice.size(); ++i) {
        int w = slice[i];
        bool mine = w >= 0 && (w / perChunk == a || w / perChunk == c);
        local.push_back(!mine ? -1 : w % perChunk + (w / perChunk == a ? 0 : perChunk));
        if (mine) taken |= 1ull << i;
      }
      Value *x = chunks[static_cast<size_t>(a)], *y = chunks[static_cast<size_t>(c)];
      Value *one = shuffleOnce(v, lane / 8, local, x, y);
      if (!one) {
        SmallVector<Value *, 64> list;
        for (int m : local)
          list.push_back(
              m < 0 ? static_cast<Value *>(PoisonValue::get(v.b.getIntNTy(lane)))
                    : v.extract(m < perChunk ? x : y, static_cast<unsigned>(m % perChunk)));
        list.resize(static_cast<size_t>(perChunk), PoisonValue::get(v.b.getIntNTy(lane)));
        one = v.build(v.x(lane), list);
      }
      one = v.cast(one, v.x(lane));
      if (!merged) {
        merged = one;
        continue;
      }
      Value *bits = lane == 8 ? static_cast<Value *>(v.b.getInt64(taken))
                              : v.b.getInt32(static_cast<uint32_t>(taken));
      merged = v.call("vsel_" + std::to_string(lane), v.x(lane), {merged, one, bits});
    }
    result.push_back(v.cast(merged, v.x(lane)));
  }
  return v.unchunk(result, part);
}

void VectorLowering::shuffle(ShuffleVectorInst &inst, B &v) {
  Type *type = inst.getType(), *from = inst.getOperand(0)->getType();
  SmallVector<int, 64> mask(inst.getShuffleMask());
  unsigned n = laneCount(from);
  // A scalar in all lanes.
  if (inst.isZeroEltSplat())
    if (auto *insert = dyn_cast<InsertElementInst>(inst.getOperand(0)))
      if (auto *k = dyn_cast<ConstantInt>(insert->getOperand(2)); k && k->isZero()) {
        SmallVector<Value *, 64> list(mask.size(), insert->getOperand(1));
        setLanes(v, &inst, list);
        return dead(inst);
      }
  auto registersOnly = [](Type *t) {
    return all_of(partTypes(t), [](Type *part) { return registerBits(part) != 0; });
  };
  bool second = any_of(mask, [&](int m) { return m >= static_cast<int>(n); });
  if (registersOnly(type) && registersOnly(from)) {
    Parts sources = parts(v, inst.getOperand(0));
    if (second) append_range(sources, parts(v, inst.getOperand(1)));
    Parts made;
    size_t at = 0;
    for (Type *part : partTypes(type)) {
      made.push_back(shuffleRegisters(v, part, ArrayRef(mask).slice(at, laneCount(part)), sources));
      at += laneCount(part);
    }
    set(&inst, made);
    return dead(inst);
  }
  Parts x = parts(v, inst.getOperand(0));
  Parts y = second ? parts(v, inst.getOperand(1)) : Parts();
  DenseMap<int, Value *> known;
  SmallVector<Value *, 64> list;
  for (int m : mask) {
    if (m < 0) {
      list.push_back(PoisonValue::get(type->getScalarType()));
      continue;
    }
    Value *&value = known[m];
    if (!value)
      value = m < static_cast<int>(n) ? lane(v, x, from, static_cast<unsigned>(m))
                                      : lane(v, y, from, static_cast<unsigned>(m) - n);
    list.push_back(value);
  }
  setLanes(v, &inst, list);
  dead(inst);
}

// ---- reinterpretation ---------------------------------------------------------------------------

void VectorLowering::reinterpret(BitCastInst &inst, B &v) {
  Type *from = inst.getSrcTy(), *to = inst.getDestTy();
  Value *source = inst.getOperand(0);
  auto bitsOf = [](Type *t) { return t->getPrimitiveSizeInBits().getFixedValue(); };
  uint64_t bits = bitsOf(from);
  auto finish = [&](Value *value) {
    inst.replaceAllUsesWith(value);
    dead(inst);
  };
  bool fromVector = isa<FixedVectorType>(from), toVector = isa<FixedVectorType>(to);
  if (fromVector && toVector) {
    auto a = partTypes(from), c = partTypes(to);
    bool same = a.size() == c.size();
    for (size_t i = 0; same && i < a.size(); ++i)
      same = (!!registerBits(a[i]) == !!registerBits(c[i])) && bitsOf(a[i]) == bitsOf(c[i]) &&
             from->getScalarSizeInBits() > 1 && to->getScalarSizeInBits() > 1;
    if (same) {
      Parts made;
      for (auto [part, type] : zip(parts(v, source), c)) made.push_back(v.cast(part, type));
      set(&inst, made);
      return dead(inst);
    }
  }
  auto *whole = v.b.getIntNTy(static_cast<unsigned>(bits));
  bool mask = (fromVector && from->getScalarType()->isIntegerTy(1)) ||
              (toVector && to->getScalarType()->isIntegerTy(1));
  if (bits <= 64 || mask) { // through an integer
    Value *number = source;
    if (fromVector) {
      number = ConstantInt::get(whole, 0);
      auto list = from->getScalarType()->isIntegerTy(1) ? SmallVector<Value *, 16>(parts(v, source))
                                                        : lanes(v, source);
      unsigned width = from->getScalarType()->isIntegerTy(1) ? 32 : laneBits(from);
      for (unsigned i = 0; i < list.size(); ++i) {
        Value *lane = v.cast(list[i], v.b.getIntNTy(width));
        lane = v.b.CreateZExtOrTrunc(lane, whole);
        number = v.b.CreateOr(number, v.b.CreateShl(lane, uint64_t(i) * width));
      }
    } else {
      number = v.cast(source, whole);
    }
    if (!toVector) return finish(v.cast(number, to));
    if (to->getScalarType()->isIntegerTy(1)) {
      Parts words;
      for (uint64_t at = 0; at < bits; at += 32)
        words.push_back(v.b.CreateZExtOrTrunc(v.b.CreateLShr(number, at), v.b.getInt32Ty()));
      set(&inst, words);
      return dead(inst);
    }
    SmallVector<Value *, 16> list;
    unsigned width = laneBits(to);
    for (unsigned i = 0; i < laneCount(to); ++i)
      list.push_back(
          v.cast(v.b.CreateTrunc(v.b.CreateLShr(number, uint64_t(i) * width), v.b.getIntNTy(width)),
                 to->getScalarType()));
    setLanes(v, &inst, list);
    return dead(inst);
  }
  // Through memory.
  AllocaInst *memory = nullptr;
  if (fromVector) {
    memory = spill(v, source);
  } else {
    memory = slot(bits / 8);
    v.b.CreateAlignedStore(source, memory, Align(32));
  }
  if (!toVector) return finish(v.b.CreateAlignedLoad(to, memory, Align(32)));
  Parts made;
  uint64_t at = 0;
  for (Type *part : partTypes(to)) {
    Value *address =
        v.b.CreateConstInBoundsGEP1_32(v.b.getInt8Ty(), memory, static_cast<unsigned>(at));
    made.push_back(v.b.CreateAlignedLoad(part, address, commonAlignment(Align(32), at)));
    at += bitsOf(part) / 8;
  }
  set(&inst, made);
  dead(inst);
}

// ---- memory -------------------------------------------------------------------------------------

namespace {
void keepMetadata(Instruction &from, Instruction &to) {
  to.copyMetadata(from, {LLVMContext::MD_tbaa, LLVMContext::MD_alias_scope, LLVMContext::MD_noalias,
                         LLVMContext::MD_invariant_load});
}
Value *behind(IRBuilder<> &b, Value *pointer, uint64_t bytes) {
  return bytes ? b.CreateConstInBoundsGEP1_32(b.getInt8Ty(), pointer, static_cast<unsigned>(bytes))
               : pointer;
}
Align neededBy(Type *part) { return Align(std::min(registerBits(part) / 8, 32u)); }

/// The largest pieces that an alignment allows: 128 bits or a scalar.
Type *pieceFor(IRBuilder<> &b, Align align, uint64_t bytes) {
  if (align >= Align(16) && bytes % 16 == 0) return FixedVectorType::get(b.getInt32Ty(), 4);
  if (align >= Align(4) && bytes % 4 == 0) return b.getInt32Ty();
  if (align >= Align(2) && bytes % 2 == 0) return b.getInt16Ty();
  return b.getInt8Ty();
}
/// Copies between memory of any alignment and a slot of ours.
void copyPieces(IRBuilder<> &b, Value *to, Align toAlign, Value *from, Align fromAlign,
                uint64_t bytes, bool isVolatile, Instruction &origin, bool load) {
  Type *piece = pieceFor(b, std::min(toAlign, fromAlign), bytes);
  uint64_t step = piece->getPrimitiveSizeInBits().getFixedValue() / 8;
  for (uint64_t at = 0; at < bytes; at += step) {
    auto *word = b.CreateAlignedLoad(piece, behind(b, from, at), commonAlignment(fromAlign, at),
                                     isVolatile && load);
    auto *store = b.CreateAlignedStore(word, behind(b, to, at), commonAlignment(toAlign, at),
                                       isVolatile && !load);
    keepMetadata(origin, load ? static_cast<Instruction &>(*word) : *store);
  }
}
} // namespace

void VectorLowering::load(LoadInst &inst, B &v) {
  Type *type = inst.getType();
  unsigned width = laneBits(type);
  Value *pointer = inst.getPointerOperand();
  if (width % 8 && !type->getScalarType()->isPointerTy()) { // packed bits
    auto *whole = v.b.getIntNTy(width * laneCount(type));
    auto *number = v.b.CreateAlignedLoad(whole, pointer, inst.getAlign(), inst.isVolatile());
    SmallVector<Value *, 16> list;
    for (unsigned i = 0; i < laneCount(type); ++i)
      list.push_back(
          v.b.CreateTrunc(v.b.CreateLShr(number, uint64_t(i) * width), type->getScalarType()));
    setLanes(v, &inst, list);
    return dead(inst);
  }
  Parts made;
  uint64_t at = 0;
  for (Type *part : partTypes(type)) {
    bool wide = registerBits(part) != 0;
    uint64_t bytes =
        wide ? registerBits(part) / 8 : f_.getDataLayout().getTypeStoreSize(part).getFixedValue();
    Align align = commonAlignment(inst.getAlign(), at);
    if (wide && align < neededBy(part)) {
      AllocaInst *memory = slot(bytes);
      copyPieces(v.b, memory, Align(32), behind(v.b, pointer, at), align, bytes, inst.isVolatile(),
                 inst, true);
      made.push_back(v.b.CreateAlignedLoad(part, memory, Align(32)));
    } else {
      auto *one = v.b.CreateAlignedLoad(part, behind(v.b, pointer, at), align, inst.isVolatile());
      keepMetadata(inst, *one);
      made.push_back(one);
    }
    at += bytes;
  }
  set(&inst, made);
  dead(inst);
}

void VectorLowering::store(StoreInst &inst, B &v) {
  Value *value = inst.getValueOperand(), *pointer = inst.getPointerOperand();
  Type *type = value->getType();
  unsigned width = laneBits(type);
  if (width % 8 && !type->getScalarType()->isPointerTy()) {
    auto *whole = v.b.getIntNTy(width * laneCount(type));
    Value *number = ConstantInt::get(whole, 0);
    auto list = lanes(v, value);
    for (unsigned i = 0; i < list.size(); ++i)
      number = v.b.CreateOr(
          number, v.b.CreateShl(v.b.CreateZExtOrTrunc(list[i], whole), uint64_t(i) * width));
    v.b.CreateAlignedStore(number, pointer, inst.getAlign(), inst.isVolatile());
    return dead(inst);
  }
  uint64_t at = 0;
  for (Value *part : parts(v, value)) {
    bool wide = registerBits(part->getType()) != 0;
    uint64_t bytes = wide ? registerBits(part->getType()) / 8
                          : f_.getDataLayout().getTypeStoreSize(part->getType()).getFixedValue();
    Align align = commonAlignment(inst.getAlign(), at);
    if (wide && align < neededBy(part->getType())) {
      AllocaInst *memory = slot(bytes);
      v.b.CreateAlignedStore(part, memory, Align(32));
      copyPieces(v.b, behind(v.b, pointer, at), align, memory, Align(32), bytes, inst.isVolatile(),
                 inst, false);
    } else {
      auto *one = v.b.CreateAlignedStore(part, behind(v.b, pointer, at), align, inst.isVolatile());
      keepMetadata(inst, *one);
    }
    at += bytes;
  }
  dead(inst);
}
