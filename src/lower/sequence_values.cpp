// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What a runtime sequence says about values, memories and addresses, found without running it.
#include "lower/sequence.h"

#include "base/nearest.h"

#include <mlir/Dialect/Arith/IR/Arith.h>
#include <mlir/Dialect/MemRef/IR/MemRef.h>
#include <mlir/Dialect/Utils/StaticValueUtils.h>

using namespace mlir;
using ashlar::design::intAttr;
using ashlar::design::intAttrOr;
using ashlar::design::isOp;
using ashlar::design::opName;
using ashlar::design::placeOf;
using ashlar::design::strAttr;

namespace ashlar::lower {

const Tile *SequenceInterpreter::tileModel(TileId id) const {
  for (const Tile &t : m_.tiles)
    if (t.id == id) return &t;
  return nullptr;
}

std::optional<int64_t> SequenceInterpreter::value(Value v) {
  if (!v) return std::nullopt;
  if (auto it = env_.find(v); it != env_.end()) return it->second;
  if (auto constant = getConstantIntValue(v)) return constant;
  Operation *def = v.getDefiningOp();
  if (!def || nesting_ > 200) return std::nullopt;
  ++nesting_;
  auto operand = [&](unsigned i) { return value(def->getOperand(i)); };
  std::optional<int64_t> result;
  const StringRef name = opName(def);
  if (name == "arith.index_cast" || name == "arith.extsi" || name == "arith.index_castui") {
    result = operand(0);
  } else if (name == "arith.extui" || name == "arith.trunci") {
    result = operand(0);
    Type type = name == "arith.extui" ? def->getOperand(0).getType() : v.getType();
    if (result && type.isIntOrFloat() && type.getIntOrFloatBitWidth() < 64) {
      const unsigned bits = type.getIntOrFloatBitWidth();
      const uint64_t low = static_cast<uint64_t>(*result) & ((uint64_t(1) << bits) - 1);
      result = name == "arith.extui" ? static_cast<int64_t>(low) : llvm::SignExtend64(low, bits);
    }
  } else if (def->getNumOperands() == 2 && name.starts_with("arith.")) {
    const auto a = operand(0), b = operand(1);
    if (a && b) {
      const uint64_t x = static_cast<uint64_t>(*a), y = static_cast<uint64_t>(*b);
      if (name == "arith.addi") result = static_cast<int64_t>(x + y);
      if (name == "arith.subi") result = static_cast<int64_t>(x - y);
      if (name == "arith.muli") result = static_cast<int64_t>(x * y);
      if (name == "arith.andi") result = static_cast<int64_t>(x & y);
      if (name == "arith.ori") result = static_cast<int64_t>(x | y);
      if (name == "arith.xori") result = static_cast<int64_t>(x ^ y);
      if (name == "arith.shli" && y < 64) result = static_cast<int64_t>(x << y);
      if (name == "arith.shrui" && y < 64) result = static_cast<int64_t>(x >> y);
      if (*b != 0 && !(*b == -1)) {
        if (name == "arith.divsi") result = *a / *b;
        if (name == "arith.remsi") result = *a % *b;
        if (name == "arith.divui") result = static_cast<int64_t>(x / y);
        if (name == "arith.remui") result = static_cast<int64_t>(x % y);
      }
      if (name == "arith.minsi") result = std::min(*a, *b);
      if (name == "arith.maxsi") result = std::max(*a, *b);
    }
  } else if (name == "arith.select" && def->getNumOperands() == 3) {
    if (auto c = operand(0)) result = operand(*c ? 1 : 2);
  }
  if (auto compare = dyn_cast<arith::CmpIOp>(def)) {
    const auto a = operand(0), b = operand(1);
    if (a && b)
      result =
          arith::applyCmpPredicate(compare.getPredicate(), APInt(64, static_cast<uint64_t>(*a)),
                                   APInt(64, static_cast<uint64_t>(*b)));
  }
  --nesting_;
  return result;
}

std::optional<int64_t> SequenceInterpreter::known(Operation *op, Value v, StringRef what) {
  if (auto found = value(v)) return found;
  // The scalar arguments of the sequence that it depends on: giving them is the remedy.
  std::set<unsigned> missing;
  SmallVector<Value> open{v};
  llvm::DenseSet<Value> seen;
  while (!open.empty() && seen.size() < 1000) {
    Value next = open.pop_back_val();
    if (!seen.insert(next).second) continue;
    if (auto argument = dyn_cast<BlockArgument>(next)) {
      if (argument.getOwner()->getParentOp() == sequence_->op && !env_.count(argument))
        missing.insert(argument.getArgNumber());
    } else if (Operation *def = next.getDefiningOp()) {
      open.append(def->operand_begin(), def->operand_end());
    }
  }
  std::string remedy;
  for (unsigned index : missing)
    remedy +=
        fmt::format("{}--sequence-arg {}=VALUE", remedy.empty() ? "give it with " : " ", index);
  fail(op,
       fmt::format("{}: the {} is known only at run time, and a stream holds numbers",
                   opName(op).str(), what.str()),
       remedy.empty() ? std::string("compute it from constants or scalar arguments")
                      : remedy + " (the package is the same for all values)",
       "runtime-value");
  return std::nullopt;
}

std::optional<int64_t> SequenceInterpreter::field(Operation *op, StringRef name, int operand) {
  if (operand >= 0 && op->getNumOperands() > static_cast<unsigned>(operand))
    return known(op, op->getOperand(static_cast<unsigned>(operand)), name);
  if (auto v = intAttr(op, name)) return v;
  fail(op, fmt::format("{} needs an attribute {}", opName(op).str(), name.str()));
  return std::nullopt;
}

std::optional<Memory> SequenceInterpreter::memory(Value v) {
  if (auto it = bound_.find(v); it != bound_.end()) return it->second;
  if (auto argument = dyn_cast<BlockArgument>(v)) {
    if (argument.getOwner()->getParentOp() != sequence_->op) return std::nullopt;
    int index = 0;
    for (unsigned i = 0; i < argument.getArgNumber(); ++i)
      if (isa<BaseMemRefType>(argument.getOwner()->getArgument(i).getType())) ++index;
    return Memory{index, 0, nullptr};
  }
  Operation *def = v.getDefiningOp();
  if (!def) return std::nullopt;
  if (auto get = dyn_cast<memref::GetGlobalOp>(def)) {
    Operation *global = SymbolTable::lookupSymbolIn(m_.op, get.getNameAttr());
    if (!global && m_.op->getParentOp())
      global = SymbolTable::lookupSymbolIn(m_.op->getParentOp(), get.getNameAttr());
    return Memory{-1, 0, global};
  }
  if (isa<memref::CastOp, memref::CollapseShapeOp, memref::ExpandShapeOp,
          memref::MemorySpaceCastOp>(def) ||
      isOp(def, "memref.reshape") || isOp(def, "memref.assume_alignment"))
    return memory(def->getOperand(0));
  const auto type = dyn_cast<MemRefType>(v.getType());
  if (!type || !type.getElementType().isIntOrFloat()) return std::nullopt;
  const int64_t bytes = std::max<int64_t>(type.getElementType().getIntOrFloatBitWidth() / 8, 1);
  if (auto subview = dyn_cast<memref::SubViewOp>(def)) {
    auto base = memory(subview.getSource());
    auto sourceType = dyn_cast<MemRefType>(subview.getSource().getType());
    int64_t sourceOffset = 0;
    SmallVector<int64_t> strides;
    if (!base || !sourceType || failed(sourceType.getStridesAndOffset(strides, sourceOffset)))
      return std::nullopt;
    for (auto [i, offset] : llvm::enumerate(subview.getMixedOffsets())) {
      std::optional<int64_t> constant = getConstantIntValue(offset);
      if (!constant)
        if (auto dynamic = dyn_cast<Value>(offset)) constant = value(dynamic);
      if (!constant || i >= strides.size() || ShapedType::isDynamic(strides[i]))
        return std::nullopt;
      base->offset += *constant * strides[i] * bytes;
    }
    return base;
  }
  if (auto cast = dyn_cast<memref::ReinterpretCastOp>(def)) {
    auto base = memory(cast.getSource());
    if (!base || cast.getMixedOffsets().size() != 1) return std::nullopt;
    OpFoldResult offset = cast.getMixedOffsets()[0];
    std::optional<int64_t> constant = getConstantIntValue(offset);
    if (!constant)
      if (auto dynamic = dyn_cast<Value>(offset)) constant = value(dynamic);
    if (!constant) return std::nullopt;
    base->offset += *constant * bytes;
    return base;
  }
  return std::nullopt;
}

/// Absolute address: with `buffer` the number is a word index into it, with column and row a byte
/// offset in the tile, else it is the address.
std::optional<uint32_t> SequenceInterpreter::address(Operation *op, int64_t address) {
  const std::string name = strAttr(op, "buffer");
  if (!name.empty()) {
    for (const Buffer &b : m_.buffers)
      if (b.name == name)
        return device::tileAddress(b.tile,
                                   static_cast<uint32_t>(b.address.value_or(0) + address * 4));
    std::vector<std::string> names;
    for (const Buffer &b : m_.buffers) names.push_back(b.name);
    auto nearest = nearestName(name, names);
    fail(op, fmt::format("there is no buffer '{}'", name),
         nearest ? fmt::format("did you mean '{}'?", *nearest) : std::string());
    return std::nullopt;
  }
  const auto column = intAttr(op, "column"), row = intAttr(op, "row");
  if (column && row)
    return device::tileAddress({static_cast<int>(*column), static_cast<int>(*row)},
                               static_cast<uint32_t>(address) & 0xFFFFF);
  return static_cast<uint32_t>(address);
}

const ShimAllocation *SequenceInterpreter::allocation(Operation *op, const std::string &name) {
  if (const ShimAllocation *a = m_.shimAllocation(name)) return a;
  std::vector<std::string> names;
  for (const ShimAllocation &a : m_.shimAllocations) names.push_back(a.name);
  for (const Fifo &f : m_.fifos) names.push_back(f.name);
  auto nearest = nearestName(name, names);
  fail(op,
       fmt::format("'{}' names neither a shim_dma_allocation nor an object FIFO that ends in a "
                   "shim tile",
                   name),
       nearest ? fmt::format("did you mean '{}'?", *nearest) : std::string());
  return nullptr;
}

} // namespace ashlar::lower
