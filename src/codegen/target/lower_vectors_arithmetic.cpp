// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Arithmetic, comparisons and conversions of integer lanes on 512 bits at a time. Nothing here
// depends on the control registers that kernels set: shifts put crSat and crRnd to 0 and back.
#include "codegen/target/lower_vectors.h"

#include "llvm/Analysis/VectorUtils.h"
#include "llvm/IR/Module.h"

using namespace llvm;

namespace {
// Configuration words of the multiplier: 32 products of 16 x 16 bits in 32-bit lanes, and 16 sums
// of two unsigned ones in 64-bit lanes.
constexpr int kProduct16 = 824, kSums16 = 90, kShift16 = 1 << 10;
// Modes of vshuffle.
constexpr int kEvenBytes = 0, kEvenHalves = 2, kEvenWords = 4, kSplitHalves = 44;

bool isChunked(Type *type) {
  return all_of(partTypes(type), [](Type *part) { return registerBits(part) != 0; });
}
bool isIntegerLanes(Type *type) {
  return type->getScalarType()->isIntegerTy() && laneBits(type) >= 8 && laneBits(type) <= 32 &&
         isChunked(type);
}
std::string sized(const char *name, unsigned lane) { return name + std::to_string(lane); }
} // namespace

void VectorLowering::scalarize(Instruction &inst, B &v) {
  unsigned n = 0;
  SmallVector<SmallVector<Value *, 16>, 4> operands;
  for (Use &u : inst.operands()) {
    operands.emplace_back();
    if (!isa<FixedVectorType>(u->getType())) continue;
    operands.back() = lanes(v, u);
    n = laneCount(u->getType());
  }
  if (isa<FixedVectorType>(inst.getType())) n = laneCount(inst.getType());
  SmallVector<Value *, 16> results;
  for (unsigned i = 0; i < n; ++i) {
    Instruction *one = inst.clone();
    for (unsigned k = 0; k < operands.size(); ++k)
      if (!operands[k].empty()) one->setOperand(k, operands[k][i]);
    one->mutateType(inst.getType()->getScalarType());
    v.b.Insert(one);
    results.push_back(one);
  }
  setLanes(v, &inst, results);
  dead(inst);
}

void VectorLowering::unary(Instruction &inst, B &v) { // fneg
  unsigned lane = laneBits(inst.getType());
  if (!isChunked(inst.getType()) || lane == 64) return scalarize(inst, v);
  Parts made;
  for (Value *part : parts(v, inst.getOperand(0))) {
    auto list = v.chunks(part, lane);
    Value *sign = v.splat(v.b.getIntN(lane, 1ull << (lane - 1)), v.x(lane));
    // The sign flips, and nothing is carried out of the lane.
    for (Value *&chunk : list) chunk = v.call(sized("vadd_", lane), v.x(lane), {chunk, sign});
    made.push_back(v.unchunk(list, part->getType()));
  }
  set(&inst, made);
  dead(inst);
}

Value *VectorLowering::multiply(B &v, unsigned lane, Value *x, Value *y) {
  auto *bytes = v.x(8);
  auto *cm = FixedVectorType::get(v.b.getInt64Ty(), 16);
  auto number = [&](int k) { return v.b.getInt32(static_cast<uint32_t>(k)); };
  auto shuffle = [&](Value *a, Value *c, int mode) {
    return v.call("vshuffle", bytes, {v.cast(a, bytes), v.cast(c, bytes), number(mode)});
  };
  if (lane == 8) {
    auto unpack = [&](Value *w) { return v.call("vunpack_s16_s8", v.x(16), {w}); };
    Value *lo = multiply(v, 16, unpack(v.low(x)), unpack(v.low(y)));
    Value *hi = multiply(v, 16, unpack(v.high(x)), unpack(v.high(y)));
    return shuffle(lo, hi, kEvenBytes);
  }
  if (lane == 16) {
    Value *all = v.call("vmul", cm, {v.cast(x, bytes), v.cast(y, bytes), number(kProduct16)});
    return v.cast(shuffle(v.low(all), v.high(all), kEvenHalves), v.x(16));
  }
  // (xl + xh * 2^16) * (yl + yh * 2^16) mod 2^32 = xl * yl + (xl * yh + xh * yl) * 2^16
  Value *a = shuffle(x, PoisonValue::get(bytes), kSplitHalves);
  Value *c = shuffle(y, PoisonValue::get(bytes), kSplitHalves);
  Value *swapped = v.call("vshift", bytes, {c, c, number(32)});
  Value *cross = v.call("vmul", cm, {a, swapped, number(kSums16)});
  Value *zero = v.low(v.splat(v.b.getInt8(0), bytes));
  Value *low = v.join(v.low(a), zero);
  Value *all = v.call("vmac", cm, {cross, low, c, number(kSums16 | kShift16)});
  return v.cast(shuffle(v.low(all), v.high(all), kEvenWords), v.x(32));
}

/// All lanes by the same amount, through the accumulators, which are wide enough to lose nothing.
static Value *shiftChunk(VectorBuilder &v, unsigned opcode, unsigned lane, Value *x, Value *by) {
  auto *cm = FixedVectorType::get(v.b.getInt64Ty(), 16);
  bool left = opcode == Instruction::Shl;
  Value *zero = v.b.getInt32(0);
  Value *up = left ? by : zero, *down = left ? zero : by;
  const char *sign = opcode == Instruction::LShr ? "d" : "s";
  if (lane == 32) {
    Value *wide = v.call(std::string("vups_s64_") + sign + "32_cm", cm, {x, up});
    return v.call("vsrs_s32_s64_x", v.x(32), {wide, down});
  }
  if (lane == 16) {
    Value *wide = v.call(std::string("vups_s32_") + sign + "16_cm", cm, {x, up});
    return v.call("vsrs_s16_s32_x", v.x(16), {wide, down});
  }
  auto *w = FixedVectorType::get(v.b.getInt8Ty(), 32);
  auto half = [&](Value *part) {
    Value *wide = v.call(std::string("vups_s32_") + sign + "8", cm, {part, up});
    return v.call("vsrs_s8_s32", w, {wide, down});
  };
  return v.join(half(v.low(x)), half(v.high(x)));
}

Value *VectorLowering::binaryChunk(B &v, unsigned opcode, unsigned lane, Value *x, Value *y) {
  auto *bytes = v.x(8);
  auto logic = [&](const char *name) {
    return v.call(name, bytes, {v.cast(x, bytes), v.cast(y, bytes)});
  };
  switch (opcode) {
  case Instruction::Add: return v.call(sized("vadd_", lane), v.x(lane), {x, y});
  case Instruction::Sub: return v.call(sized("vsub_", lane), v.x(lane), {x, y});
  case Instruction::Mul: return multiply(v, lane, x, y);
  case Instruction::And: return v.cast(logic("vband"), v.x(lane));
  case Instruction::Or: return v.cast(logic("vbor"), v.x(lane));
  case Instruction::Xor: // a | b never has less than a & b in any bit
    return v.cast(v.call("vsub_8", bytes, {logic("vbor"), logic("vband")}), v.x(lane));
  default: return nullptr;
  }
}

void VectorLowering::binary(BinaryOperator &inst, B &v) {
  Type *type = inst.getType();
  unsigned opcode = inst.getOpcode(), lane = laneBits(type);
  bool bitwise = inst.isBitwiseLogicOp();
  if (lane == 1) {
    Parts x = parts(v, inst.getOperand(0)), y = parts(v, inst.getOperand(1)), made;
    unsigned same = opcode == Instruction::Add || opcode == Instruction::Sub ? Instruction::Xor
                    : opcode == Instruction::Mul                             ? Instruction::And
                                                                             : opcode;
    if (same != Instruction::Xor && same != Instruction::And && same != Instruction::Or)
      return scalarize(inst, v);
    for (size_t i = 0; i < x.size(); ++i)
      made.push_back(v.b.CreateBinOp(static_cast<Instruction::BinaryOps>(same), x[i], y[i]));
    set(&inst, made);
    return dead(inst);
  }
  bool known = isIntegerLanes(type) && (bitwise || opcode == Instruction::Add ||
                                        opcode == Instruction::Sub || opcode == Instruction::Mul);
  if (bitwise && lane == 64 && isChunked(type)) {
    known = true;
    lane = 32;
  }
  Value *by = nullptr; // of a shift whose amount is the same in all lanes
  if (isIntegerLanes(type) && inst.isShift())
    if ((by = getSplatValue(inst.getOperand(1)))) {
      by = v.b.CreateZExt(by, v.b.getInt32Ty());
      known = true;
    }
  if (!known) return scalarize(inst, v);

  SmallVector<std::pair<Value *, const char *>, 2> controls;
  if (by)
    for (const char *name : {"crSat", "crRnd"}) {
      controls.push_back({v.call(std::string("get_") + name, v.b.getInt32Ty(), {}), name});
      v.call(std::string("set_") + name, v.b.getVoidTy(), {v.b.getInt32(0)});
    }
  Parts xs = parts(v, inst.getOperand(0)), made;
  Parts ys = by ? Parts() : parts(v, inst.getOperand(1));
  for (size_t i = 0; i < xs.size(); ++i) {
    auto x = v.chunks(xs[i], lane);
    if (by) {
      for (Value *&chunk : x) chunk = shiftChunk(v, opcode, lane, chunk, by);
    } else {
      auto y = v.chunks(ys[i], lane);
      for (size_t k = 0; k < x.size(); ++k) x[k] = binaryChunk(v, opcode, lane, x[k], y[k]);
    }
    made.push_back(v.unchunk(x, xs[i]->getType()));
  }
  for (auto [old, name] : controls) v.call(std::string("set_") + name, v.b.getVoidTy(), {old});
  set(&inst, made);
  dead(inst);
}

Value *VectorLowering::compareChunk(B &v, CmpInst::Predicate predicate, unsigned lane, Value *x,
                                    Value *y) {
  Type *mask = lane == 8 ? v.b.getInt64Ty() : v.b.getInt32Ty();
  if (CmpInst::isEquality(predicate)) {
    Value *difference = v.call(sized("vsub_", lane), v.x(lane), {x, y});
    Value *equal = v.call(sized("veqz_", lane), mask, {difference});
    return predicate == CmpInst::ICMP_EQ ? equal : v.b.CreateNot(equal);
  }
  if (predicate == CmpInst::ICMP_SGT || predicate == CmpInst::ICMP_SLE ||
      predicate == CmpInst::ICMP_UGT || predicate == CmpInst::ICMP_ULE) {
    std::swap(x, y);
    predicate = CmpInst::getSwappedPredicate(predicate);
  }
  bool less = predicate == CmpInst::ICMP_SLT || predicate == CmpInst::ICMP_ULT;
  std::string name =
      std::string(less ? "vlt_" : "vge_") + (CmpInst::isSigned(predicate) ? "s" : "d");
  return v.call(sized(name.c_str(), lane), mask, {x, y});
}

void VectorLowering::compare(ICmpInst &inst, B &v) {
  Type *type = inst.getOperand(0)->getType();
  unsigned lane = laneBits(type);
  if (!isIntegerLanes(type)) return scalarize(inst, v);
  Parts xs = parts(v, inst.getOperand(0)), ys = parts(v, inst.getOperand(1)), words;
  unsigned at = 0;
  for (size_t i = 0; i < xs.size(); ++i) {
    auto x = v.chunks(xs[i], lane), y = v.chunks(ys[i], lane);
    unsigned each = std::min(laneCount(xs[i]->getType()), 512 / lane);
    for (size_t k = 0; k < x.size(); ++k, at += each)
      v.append(words, at, compareChunk(v, inst.getPredicate(), lane, x[k], y[k]), each);
  }
  set(&inst, words);
  dead(inst);
}

void VectorLowering::select(SelectInst &inst, B &v) {
  Type *type = inst.getType();
  Value *condition = inst.getCondition();
  bool uniform = !isa<FixedVectorType>(condition->getType());
  unsigned lane = laneBits(type);
  Parts yes = parts(v, inst.getTrueValue()), no = parts(v, inst.getFalseValue()), made;
  if (uniform) {
    Value *mask = nullptr;
    for (size_t i = 0; i < yes.size(); ++i) {
      if (!isa<FixedVectorType>(yes[i]->getType())) {
        made.push_back(v.b.CreateSelect(condition, yes[i], no[i]));
        continue;
      }
      if (!mask) mask = v.b.CreateSExt(condition, v.b.getInt32Ty());
      auto x = v.chunks(no[i], 32), y = v.chunks(yes[i], 32);
      for (size_t k = 0; k < x.size(); ++k) x[k] = v.call("vsel_32", v.x(32), {x[k], y[k], mask});
      made.push_back(v.unchunk(x, yes[i]->getType()));
    }
  } else if (lane == 1) {
    Parts words = parts(v, condition);
    for (size_t i = 0; i < words.size(); ++i)
      made.push_back(v.b.CreateOr(v.b.CreateAnd(words[i], yes[i]),
                                  v.b.CreateAnd(v.b.CreateNot(words[i]), no[i])));
  } else if (isChunked(type) && lane < 64) {
    Parts words = parts(v, condition);
    unsigned at = 0;
    for (size_t i = 0; i < yes.size(); ++i) {
      auto x = v.chunks(no[i], lane), y = v.chunks(yes[i], lane);
      for (Value *&chunk : x) {
        size_t k = static_cast<size_t>(&chunk - x.begin());
        chunk =
            v.call(sized("vsel_", lane), v.x(lane), {chunk, y[k], v.mask(words, at, 512 / lane)});
        at += std::min(laneCount(yes[i]->getType()), 512 / lane);
      }
      made.push_back(v.unchunk(x, yes[i]->getType()));
    }
  } else {
    return scalarize(inst, v);
  }
  set(&inst, made);
  dead(inst);
}

/// Lanes of another width, through chunks of 512 bits in the order of lanes.
bool VectorLowering::resize(CastInst &inst, B &v) {
  Type *from = inst.getSrcTy(), *to = inst.getDestTy();
  unsigned source = laneBits(from), target = laneBits(to);
  unsigned opcode = inst.getOpcode();
  if (source == 1 && isIntegerLanes(to)) {
    Parts words = parts(v, inst.getOperand(0)), made;
    Value *zero = v.splat(v.b.getIntN(target, 0), v.x(target));
    Value *one =
        v.splat(opcode == Instruction::SExt ? Constant::getAllOnesValue(v.b.getIntNTy(target))
                                            : v.b.getIntN(target, 1),
                v.x(target));
    unsigned at = 0;
    for (Type *part : partTypes(to)) {
      SmallVector<Value *, 2> list;
      for (unsigned left = laneCount(part); left;) {
        list.push_back(v.call(sized("vsel_", target), v.x(target),
                              {zero, one, v.mask(words, at, 512 / target)}));
        unsigned n = std::min(left, 512 / target);
        at += n;
        left -= n;
      }
      made.push_back(v.unchunk(list, part));
    }
    set(&inst, made);
    return true;
  }
  if (target == 1 && isIntegerLanes(from)) {
    Parts words;
    unsigned at = 0;
    for (Value *part : parts(v, inst.getOperand(0))) {
      unsigned each = std::min(laneCount(part->getType()), 512 / source);
      for (Value *chunk : v.chunks(part, source)) {
        Value *one = v.splat(v.b.getIntN(source, 1), v.x(source));
        Value *bit = binaryChunk(v, Instruction::And, source, chunk, one);
        Value *zero = v.splat(v.b.getIntN(source, 0), v.x(source));
        v.append(words, at, compareChunk(v, CmpInst::ICMP_NE, source, bit, zero), each);
        at += each;
      }
    }
    set(&inst, words);
    return true;
  }
  if (!isIntegerLanes(from) || !isIntegerLanes(to)) return false;
  SmallVector<Value *, 4> list;
  for (Value *part : parts(v, inst.getOperand(0))) append_range(list, v.chunks(part, source));
  auto *bytes = v.x(8);
  for (unsigned lane = source; lane != target;) {
    SmallVector<Value *, 4> next;
    if (opcode == Instruction::Trunc) {
      for (size_t i = 0; i < list.size(); i += 2) {
        Value *other = i + 1 < list.size() ? v.cast(list[i + 1], bytes) : PoisonValue::get(bytes);
        Value *even = v.call(
            "vshuffle", bytes,
            {v.cast(list[i], bytes), other, v.b.getInt32(lane == 32 ? kEvenHalves : kEvenBytes)});
        next.push_back(v.cast(even, v.x(lane / 2)));
      }
      lane /= 2;
    } else {
      bool sign = opcode == Instruction::SExt;
      auto *bm = FixedVectorType::get(v.b.getInt64Ty(), 8);
      for (Value *chunk : list)
        for (Value *half : {v.low(chunk), v.high(chunk)})
          next.push_back(lane == 8
                             ? v.call(sign ? "vunpack_s16_s8" : "vunpack_d16_d8", v.x(16), {half})
                             : v.cast(v.call(sign ? "vups_s32_s16_bm" : "vups_s32_d16_bm", bm,
                                             {half, v.b.getInt32(0)}),
                                      v.x(32)));
      lane *= 2;
    }
    list = next;
  }
  Parts made;
  size_t at = 0;
  for (Type *part : partTypes(to)) {
    size_t n = registerBits(part) == 1024 ? 2 : 1;
    made.push_back(v.unchunk(ArrayRef(list).slice(at, n), part));
    at += n;
  }
  set(&inst, made);
  return true;
}

void VectorLowering::convert(CastInst &inst, B &v) {
  if (auto *same = dyn_cast<BitCastInst>(&inst)) return reinterpret(*same, v);
  bool resizes = isa<TruncInst>(inst) || isa<ZExtInst>(inst) || isa<SExtInst>(inst);
  if (resizes && resize(inst, v)) return dead(inst);
  scalarize(inst, v);
}

bool VectorLowering::minmax(IntrinsicInst &inst, B &v) {
  const char *name = nullptr;
  switch (inst.getIntrinsicID()) {
  case Intrinsic::smax: name = "vmax_lt_s"; break;
  case Intrinsic::umax: name = "vmax_lt_d"; break;
  case Intrinsic::smin: name = "vmin_ge_s"; break;
  case Intrinsic::umin: name = "vmin_ge_d"; break;
  case Intrinsic::abs: name = "vabs_gtz_s"; break;
  default: return false;
  }
  Type *type = inst.getType();
  unsigned lane = laneBits(type);
  if (!isIntegerLanes(type)) return false;
  bool two = inst.getIntrinsicID() != Intrinsic::abs;
  Type *mask = lane == 8 ? v.b.getInt64Ty() : v.b.getInt32Ty();
  auto *both = StructType::get(v.b.getContext(), {v.x(lane), mask});
  Parts xs = parts(v, inst.getArgOperand(0)), made;
  Parts ys = two ? parts(v, inst.getArgOperand(1)) : xs;
  for (size_t i = 0; i < xs.size(); ++i) {
    auto x = v.chunks(xs[i], lane), y = v.chunks(ys[i], lane);
    for (size_t k = 0; k < x.size(); ++k) {
      SmallVector<Value *, 2> arguments = {x[k]};
      if (two) arguments.push_back(y[k]);
      x[k] = v.b.CreateExtractValue(v.call(sized(name, lane) + ".r", both, arguments), 0);
    }
    made.push_back(v.unchunk(x, xs[i]->getType()));
  }
  set(&inst, made);
  dead(inst);
  return true;
}
