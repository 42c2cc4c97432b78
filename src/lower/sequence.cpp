// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The runtime sequence becomes the list of operations that the NPU's controller executes. The
// sequence is interpreted: constants are folded, loops unrolled; what needs a value that only the
// run knows is refused. Operations come out strictly in program order.
#include "lower/model.h"

#include "base/nearest.h"
#include "device/registers.h"

#include <mlir/Dialect/Arith/IR/Arith.h>
#include <mlir/Dialect/MemRef/IR/MemRef.h>
#include <mlir/Dialect/SCF/IR/SCF.h>
#include <mlir/Dialect/Utils/StaticValueUtils.h>

using namespace mlir;
using ashlar::design::intAttr;
using ashlar::design::intAttrOr;
using ashlar::design::isOp;
using ashlar::design::opName;
using ashlar::design::placeOf;
using ashlar::design::strAttr;

namespace ashlar::lower {
namespace {

namespace reg = device::reg;

constexpr int64_t kMaxOps = 1 << 20;
constexpr int kMaxRepeat = 255;
constexpr uint32_t kControllerIdMask = 0x1F00;
constexpr int kControllerIdShift = 8;
constexpr uint32_t kTokenBit = 1u << 31;
constexpr int kRepeatShift = 16;

/// Where a memref of the sequence lies: an argument and a byte offset, or a constant table.
struct Memory {
  int argument = -1;
  int64_t offset = 0;
  Operation *global = nullptr;
};

struct Task {
  TileId tile;
  DmaDirection direction = DmaDirection::MM2S;
  int channel = 0;
  int firstBd = 0;
  int repeat = 0;
  bool token = false;
  std::vector<int> bds;
  bool freed = false;
};

class Interpreter {
public:
  Interpreter(Model &model, const Sequence &sequence, plan::RuntimeSequence &out)
      : m_(model), out_(out), sequence_(sequence) {}
  void run();

private:
  using Env = llvm::DenseMap<Value, int64_t>;

  bool block(Block &block);
  bool op(Operation *op);
  bool fail(Operation *op, std::string message, std::string remedy = {},
            std::string code = "bad-sequence") {
    m_.fail(std::move(code), placeOf(op), std::move(message), std::move(remedy));
    return false;
  }
  void emit(Operation *op, plan::SequenceOpKind kind) {
    out_.ops.push_back({std::move(kind), placeOf(op)});
  }
  std::optional<int64_t> value(Value v);
  /// Attribute `name`, or operand number `operand` when the operation has operands.
  std::optional<int64_t> field(Operation *op, StringRef name, int operand);
  std::optional<Memory> memory(Value v);
  std::optional<uint32_t> address(Operation *op, int64_t address);
  const ShimAllocation *allocation(Operation *op, const std::string &name);
  const Tile *tileModel(TileId id) const;

  bool memcpyNd(Operation *op);
  bool configureTask(Operation *op);
  bool configureChain(Operation *op);
  bool taskBody(Operation *op, Region &region, Task task, ArrayRef<Value> chainArguments);
  bool task(Operation *op);
  bool writeBd(Operation *op, TileId tile, int id, const device::Bd &bd);
  bool push(Operation *op, TileId tile, DmaDirection direction, int channel, int bd, int repeat,
            bool token);
  bool rawBd(Operation *op);
  bool loop(Operation *op);
  int takeBd(Operation *op, TileId tile, int channel, std::optional<int> wanted);

  Model &m_;
  plan::RuntimeSequence &out_;
  const Sequence &sequence_;
  Env env_;
  llvm::DenseMap<Value, Task> tasks_;
  llvm::DenseMap<Value, Memory> bound_; ///< arguments of instantiated BD chains
  std::map<TileId, std::set<int>> busy_;
  int64_t steps_ = 0;
  int nesting_ = 0;
};

const Tile *Interpreter::tileModel(TileId id) const {
  for (const Tile &t : m_.tiles)
    if (t.id == id) return &t;
  return nullptr;
}

std::optional<int64_t> Interpreter::value(Value v) {
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

std::optional<int64_t> Interpreter::field(Operation *op, StringRef name, int operand) {
  if (operand >= 0 && op->getNumOperands() > static_cast<unsigned>(operand)) {
    auto v = value(op->getOperand(static_cast<unsigned>(operand)));
    if (!v)
      fail(op,
           fmt::format("{}: the {} is known only at run time, which is not supported yet",
                       opName(op).str(), name.str()),
           {}, "unsupported-op");
    return v;
  }
  if (auto v = intAttr(op, name)) return v;
  fail(op, fmt::format("{} needs an attribute {}", opName(op).str(), name.str()));
  return std::nullopt;
}

std::optional<Memory> Interpreter::memory(Value v) {
  if (auto it = bound_.find(v); it != bound_.end()) return it->second;
  if (auto argument = dyn_cast<BlockArgument>(v)) {
    if (argument.getOwner()->getParentOp() != sequence_.op) return std::nullopt;
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
std::optional<uint32_t> Interpreter::address(Operation *op, int64_t address) {
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

const ShimAllocation *Interpreter::allocation(Operation *op, const std::string &name) {
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

bool Interpreter::writeBd(Operation *op, TileId tile, int id, const device::Bd &bd) {
  const TileKind kind = device::tileKind(tile);
  plan::BlockWrite write;
  write.address = device::tileAddress(tile, device::bdRegister(kind, id));
  write.words.resize(static_cast<size_t>(device::bdWords(kind)));
  auto status = device::encodeBd(kind, bd, write.words, placeOf(op));
  if (!status.ok()) {
    m_.errors.push_back(status.errors().front());
    return false;
  }
  emit(op, std::move(write));
  return true;
}

bool Interpreter::push(Operation *op, TileId tile, DmaDirection direction, int channel, int bd,
                       int repeat, bool token) {
  const TileKind kind = device::tileKind(tile);
  if (channel < 0 || channel >= device::dmaChannels(kind))
    return fail(
        op, fmt::format("a {} tile has no DMA channel {}", device::tileKindName(kind), channel));
  if (repeat < 0 || repeat > kMaxRepeat)
    return fail(op,
                fmt::format("a task repeats at most {} times, not {}", kMaxRepeat + 1, repeat + 1));
  if (token) {
    const Tile *t = tileModel(tile);
    if (t && t->controller)
      emit(op, plan::MaskWrite32{
                   device::tileAddress(tile, reg::dmaControl(kind, direction, channel)),
                   static_cast<uint32_t>(*t->controller) << kControllerIdShift, kControllerIdMask});
  }
  const uint32_t bdMask = kind == TileKind::Mem ? 0x3F : 0xF;
  emit(op,
       plan::Write32{device::tileAddress(tile, reg::dmaQueue(kind, direction, channel)),
                     (static_cast<uint32_t>(bd) & bdMask) |
                         static_cast<uint32_t>(repeat) << kRepeatShift | (token ? kTokenBit : 0)});
  return true;
}

bool Interpreter::memcpyNd(Operation *op) {
  const std::string name = strAttr(op, "metadata");
  const ShimAllocation *a = allocation(op, name);
  if (!a) return false;
  const auto where = memory(op->getOperand(0));
  if (!where || where->argument < 0)
    return fail(op, "the memory of dma_memcpy_nd must be an argument of the sequence, or a view of "
                    "one with constant offsets");
  const auto id = intAttr(op, "id");
  if (!id || *id < 0 || *id >= device::bdCount(TileKind::Shim))
    return fail(
        op, fmt::format("dma_memcpy_nd needs an id of 0..{}", device::bdCount(TileKind::Shim) - 1));
  auto type = dyn_cast<MemRefType>(op->getOperand(0).getType());
  if (!type || !type.getElementType().isIntOrFloat())
    return fail(op, "the memory of dma_memcpy_nd must be a memref of integers or floats");
  const int bits = static_cast<int>(type.getElementType().getIntOrFloatBitWidth());
  std::array<std::vector<int64_t>, 3> lists; // offsets, sizes, strides, outermost first
  unsigned next = 1;
  int which = 0;
  for (const char *list : {"static_offsets", "static_sizes", "static_strides"}) {
    for (int64_t v : design::intsAttr(op, list)) {
      if (v == design::kDynamic) {
        const auto known = value(op->getOperand(next++));
        if (!known)
          return fail(op,
                      "a size, stride or offset that is known only at run time is not "
                      "supported yet",
                      {}, "unsupported-op");
        v = *known;
      }
      lists[static_cast<size_t>(which)].push_back(v);
    }
    ++which;
  }
  auto &[offsets, sizes, strides] = lists;
  for (size_t i = 0; i < 4; ++i) {
    if (sizes[i] < 1 || sizes[i] > (int64_t(1) << 32))
      return fail(op, fmt::format("size {} of dimension {} must be positive", sizes[i], 3 - i));
    if (strides[i] < 0 || (strides[i] == 0 && sizes[i] > 1 && i > 0))
      return fail(op,
                  fmt::format("stride {} of dimension {} (size {}) must be positive", strides[i],
                              3 - i, sizes[i]),
                  "only the outermost dimension may have stride 0: it repeats");
  }
  int64_t offset = where->offset;
  for (size_t i = 0; i < 4; ++i)
    offset += offsets[i] * (i == 3 && strides[i] == 0 ? 1 : strides[i]) * bits / 8;
  if (offset % 4 || offset < 0)
    return fail(
        op, fmt::format("the transfer starts at byte {}; addresses are multiples of 4", offset));
  BdDesc desc;
  desc.elementBits = bits;
  desc.argument = where->argument;
  desc.what = fmt::format("the transfer of '{}'", name);
  desc.length = sizes[1] * sizes[2] * sizes[3];
  desc.burst = static_cast<int>(intAttrOr(op, "burst_length", 0));
  if (auto packet = design::recordAttr(op, "packet"))
    desc.packet = std::pair(static_cast<int>(packet->field("pkt_type")),
                            static_cast<int>(packet->field("pkt_id")));
  for (const char *pad : {"d0_zero_before", "d1_zero_before", "d2_zero_before", "d0_zero_after",
                          "d1_zero_after", "d2_zero_after"})
    if (intAttrOr(op, pad, 0) != 0) return fail(op, "a shim tile's DMA cannot pad");
  const bool contiguous = strides[3] == 1 && (sizes[2] == 1 || strides[2] == sizes[3]) &&
                          (sizes[1] == 1 || strides[1] == sizes[3] * sizes[2]);
  if (!contiguous) {
    for (size_t i = 1; i < 4; ++i) desc.dims.emplace_back(sizes[i], strides[i]);
  }
  if (sizes[0] > 1 && strides[0] > 0)
    desc.iteration = std::array<int64_t, 3>{sizes[0], strides[0], 0};
  auto bd = lowerBd(m_, desc, a->tile, a->direction, placeOf(op));
  if (!bd.ok()) {
    m_.errors.push_back(bd.errors().front());
    return false;
  }
  if (!contiguous) {
    // The fields of dimensions of size 1 as the vendor's flow leaves them.
    for (int d = 1; d < 3; ++d)
      if (sizes[static_cast<size_t>(3 - d)] == 1) bd->dims[d].step = 1;
    bd->dims[2].size = 0;
  }
  const int bdId = static_cast<int>(*id);
  if (!writeBd(op, a->tile, bdId, *bd)) return false;
  emit(op, plan::AddressPatch{
               device::tileAddress(a->tile, device::bdRegister(TileKind::Shim, bdId) + 4),
               static_cast<uint32_t>(where->argument), static_cast<uint64_t>(offset)});
  auto &argument = out_.arguments[static_cast<size_t>(where->argument)];
  (a->direction == DmaDirection::MM2S ? argument.read : argument.written) = true;
  const bool token = design::flagAttr(op, "issue_token") || a->direction == DmaDirection::S2MM;
  return push(op, a->tile, a->direction, a->channel, bdId, static_cast<int>(sizes[0] - 1), token);
}

int Interpreter::takeBd(Operation *op, TileId tile, int channel, std::optional<int> wanted) {
  const TileKind kind = device::tileKind(tile);
  std::set<int> &used = busy_[tile];
  if (wanted) {
    used.insert(*wanted);
    return *wanted;
  }
  const int half = device::bdCount(kind) / 2;
  const bool odd = kind == TileKind::Mem && channel % 2;
  const int last = kind == TileKind::Mem && !odd ? half : device::bdCount(kind);
  int id = odd ? half : 0;
  // What the tile's own DMA program holds is not free.
  for (const DmaProgram &p : m_.dmas)
    if (p.tile == tile)
      for (const DmaBlock &b : p.blocks)
        if (b.kind == DmaBlock::Bd && b.bd.id) used.insert(*b.bd.id);
  while (id < last && used.count(id)) ++id;
  if (id >= last) {
    fail(op,
         fmt::format("all {} buffer descriptors of {} tile {} are taken by tasks",
                     last - (odd ? half : 0), device::tileKindName(kind), tile.str()),
         "free tasks with aiex.dma_free_task, or wait for them", "out-of-bds");
    return -1;
  }
  used.insert(id);
  return id;
}

bool Interpreter::taskBody(Operation *op, Region &region, Task task,
                           ArrayRef<Value> chainArguments) {
  const TileKind kind = device::tileKind(task.tile);
  std::optional<std::pair<int, int>> packet;
  if (auto p = design::recordAttr(op, "packet"))
    packet =
        std::pair(static_cast<int>(p->field("pkt_type")), static_cast<int>(p->field("pkt_id")));
  for (unsigned i = 0; i < chainArguments.size() && i < region.getNumArguments(); ++i) {
    auto where = memory(chainArguments[i]);
    if (where)
      bound_[region.getArgument(i)] = *where;
    else if (auto it = m_.bufferOf.find(chainArguments[i]); it != m_.bufferOf.end())
      m_.bufferOf[region.getArgument(i)] = it->second;
  }
  struct Item {
    Block *block;
    Operation *bdOp;
    int id;
  };
  std::vector<Item> items;
  llvm::DenseMap<Block *, int> idOf;
  for (Block &b : region) {
    Operation *bdOp = nullptr;
    for (Operation &inner : b)
      if (isOp(&inner, "aie.dma_bd")) {
        if (bdOp) return fail(&inner, "a block holds one aie.dma_bd");
        bdOp = &inner;
      }
    if (!bdOp) continue; // an entry block that only leads on, or a shared end
    std::optional<int> wanted;
    if (auto id = intAttr(bdOp, "bd_id")) {
      if (*id < 0 || *id >= device::bdCount(kind))
        return fail(bdOp, fmt::format("a {} tile has no BD {}", device::tileKindName(kind), *id));
      wanted = static_cast<int>(*id);
    }
    const int id = takeBd(bdOp, task.tile, task.channel, wanted);
    if (id < 0) return false;
    items.push_back({&b, bdOp, id});
    idOf[&b] = id;
    task.bds.push_back(id);
  }
  if (items.empty()) return fail(op, "a task needs an aie.dma_bd");
  task.firstBd = items.front().id;
  if (Block &entry = region.front();
      !idOf.count(&entry) && !entry.empty() && isOp(&entry.back(), "aie.next_bd"))
    task.firstBd = idOf.lookup(entry.back().getSuccessor(0));
  for (const Item &item : items) {
    const size_t before = m_.errors.size();
    BdDesc desc = readBd(m_, item.bdOp, kind);
    for (Operation &inner : *item.block)
      if (isOp(&inner, "aie.use_lock")) {
        auto it = m_.lockOf.find(inner.getOperand(0));
        const auto v =
            inner.getNumOperands() > 1 ? value(inner.getOperand(1)) : intAttr(&inner, "value");
        if (it == m_.lockOf.end() || !v || *v < -64 || *v > 63)
          return fail(&inner, "a descriptor's lock must be one of this device, its value constant");
        const std::string action = strAttr(&inner, "action");
        LockUse use{it->second, static_cast<int>(action == "AcquireGreaterEqual" ? -*v : *v)};
        (action == "Release" ? desc.release : desc.acquire) = use;
      }
    if (packet && !desc.packet) desc.packet = packet;
    Value memoryValue = item.bdOp->getOperand(0);
    const bool buffer = m_.bufferOf.count(memoryValue);
    std::optional<Memory> where;
    if (!buffer) {
      where = memory(memoryValue);
      if (!where || where->argument < 0)
        return fail(item.bdOp, "the memory of this descriptor must be an aie.buffer or an argument "
                               "of the sequence with constant offsets");
      if (kind != TileKind::Shim)
        return fail(item.bdOp,
                    fmt::format("the DMA of {} tile {} cannot reach an argument in host "
                                "memory",
                                device::tileKindName(kind), task.tile.str()),
                    "only shim tiles reach host memory");
      desc.buffer = -1;
    } else {
      desc.buffer = m_.bufferOf.lookup(memoryValue);
    }
    if (m_.errors.size() != before) return false;
    const int64_t offsetBytes = desc.offset * desc.elementBits / 8;
    auto bd = lowerBd(m_, desc, task.tile, task.direction, placeOf(item.bdOp));
    if (!bd.ok()) {
      m_.errors.push_back(bd.errors().front());
      return false;
    }
    Operation *end = &item.block->back();
    if (isOp(end, "aie.next_bd") && idOf.count(end->getSuccessor(0)))
      bd->next = static_cast<uint8_t>(idOf.lookup(end->getSuccessor(0)));
    else if (auto next = intAttr(item.bdOp, "next_bd_id"))
      bd->next = static_cast<uint8_t>(*next);
    // The BD is written with its offset alone; the address follows in a write of its own, as the
    // vendor's flow does it.
    if (kind == TileKind::Shim) {
      bd->address = 0;
      if (!writeBd(item.bdOp, task.tile, item.id, *bd)) return false;
      if (where) {
        emit(item.bdOp, plan::AddressPatch{
                            device::tileAddress(task.tile, device::bdRegister(kind, item.id) + 4),
                            static_cast<uint32_t>(where->argument),
                            static_cast<uint64_t>(where->offset + offsetBytes)});
        auto &argument = out_.arguments[static_cast<size_t>(where->argument)];
        (task.direction == DmaDirection::MM2S ? argument.read : argument.written) = true;
      }
    } else {
      const uint64_t address = bd->address;
      bd->address = static_cast<uint64_t>(offsetBytes);
      if (!writeBd(item.bdOp, task.tile, item.id, *bd)) return false;
      const uint32_t at = device::tileAddress(task.tile, device::bdRegister(kind, item.id) +
                                                             (kind == TileKind::Mem ? 4 : 0));
      // Base address field: core [27:14] of word 0, memtile [18:0] of word 1, in words.
      if (kind == TileKind::Core)
        emit(item.bdOp,
             plan::MaskWrite32{at, static_cast<uint32_t>(address / 4) << 14, 0x0FFFC000});
      else
        emit(item.bdOp, plan::MaskWrite32{at, static_cast<uint32_t>(address / 4), 0x0007FFFF});
    }
  }
  if (auto repeat = intAttr(op, "repeat_count")) task.repeat = static_cast<int>(*repeat);
  task.token = design::flagAttr(op, "issue_token");
  tasks_[op->getResult(0)] = std::move(task);
  return true;
}

bool Interpreter::configureTask(Operation *op) {
  Task task;
  if (isOp(op, "aiex.dma_configure_task_for")) {
    const ShimAllocation *a = allocation(op, strAttr(op, "alloc"));
    if (!a) return false;
    task.tile = a->tile;
    task.direction = a->direction;
    task.channel = a->channel;
  } else {
    auto it = m_.tileOf.find(op->getOperand(0));
    if (it == m_.tileOf.end()) return fail(op, "a task needs a tile of this device");
    task.tile = it->second;
    task.direction = strAttr(op, "direction") == "MM2S" ? DmaDirection::MM2S : DmaDirection::S2MM;
    task.channel = static_cast<int>(intAttrOr(op, "channel", 0));
  }
  return taskBody(op, op->getRegion(0), task, {});
}

bool Interpreter::configureChain(Operation *op) {
  const std::string name = strAttr(op, "chain");
  Operation *chain = nullptr;
  for (Operation &candidate : m_.op->getRegion(0).front())
    if (isOp(&candidate, "aie.bd_chain") && strAttr(&candidate, "sym_name") == name)
      chain = &candidate;
  if (!chain) return fail(op, fmt::format("there is no aie.bd_chain '{}'", name));
  Task task;
  SmallVector<Value> arguments;
  if (op->hasAttr("alloc")) {
    const ShimAllocation *a = allocation(op, strAttr(op, "alloc"));
    if (!a) return false;
    task.tile = a->tile;
    task.direction = a->direction;
    task.channel = a->channel;
    arguments.append(op->operand_begin(), op->operand_end());
  } else {
    auto it = m_.tileOf.find(op->getOperand(0));
    if (it == m_.tileOf.end()) return fail(op, "a task needs a tile of this device");
    task.tile = it->second;
    task.direction = strAttr(op, "direction") == "MM2S" ? DmaDirection::MM2S : DmaDirection::S2MM;
    task.channel = static_cast<int>(intAttrOr(op, "channel", 0));
    arguments.append(std::next(op->operand_begin()), op->operand_end());
  }
  Region &region = chain->getRegion(0);
  if (arguments.size() != region.getNumArguments())
    return fail(op, fmt::format("'{}' has {} arguments, {} are given", name,
                                region.getNumArguments(), arguments.size()));
  for (unsigned i = 0; i < arguments.size(); ++i)
    if (arguments[i].getType() != region.getArgument(i).getType())
      return fail(op, fmt::format("argument {} of '{}' has another type", i + 1, name));
  if (!taskBody(op, region, task, arguments)) return false;
  // This operation starts what it configures.
  const Task &made = tasks_[op->getResult(0)];
  return push(op, made.tile, made.direction, made.channel, made.firstBd, made.repeat, made.token);
}

bool Interpreter::task(Operation *op) {
  auto it = tasks_.find(op->getOperand(0));
  if (it == tasks_.end()) return fail(op, "this task has not been configured here");
  Task &t = it->second;
  const StringRef name = opName(op);
  auto release = [&] {
    for (int bd : t.bds) busy_[t.tile].erase(bd);
    t.freed = true;
  };
  if (name == "aiex.dma_start_task") {
    if (t.freed) return fail(op, "this task was freed before it is started");
    return push(op, t.tile, t.direction, t.channel, t.firstBd, t.repeat, t.token);
  }
  if (name == "aiex.dma_free_task") {
    release();
    return true;
  }
  if (!t.token)
    return fail(op, "this task sends no token to wait for", "configure it with issue_token = true");
  emit(op, plan::Sync{t.direction, t.channel, t.tile.col, t.tile.row, 1, 1});
  release();
  return true;
}

/// aiex.npu.writebd: register fields as they are.
bool Interpreter::rawBd(Operation *op) {
  auto f = [&](const char *name) { return static_cast<uint32_t>(intAttrOr(op, name, 0)); };
  const TileId tile{static_cast<int>(f("column")), static_cast<int>(f("row"))};
  if (!m_.exists(tile)) return fail(op, fmt::format("tile {} is outside the device", tile.str()));
  const TileKind kind = device::tileKind(tile);
  const int id = static_cast<int>(intAttrOr(op, "bd_id", -1));
  if (id < 0 || id >= device::bdCount(kind))
    return fail(op, fmt::format("a {} tile has no BD {}", device::tileKindName(kind), id));
  device::Bd bd;
  bd.length = f("buffer_length");
  bd.address = kind == TileKind::Mem ? uint64_t(f("buffer_offset")) * 4 : f("buffer_offset");
  for (int d = 0; d < 3; ++d) {
    const std::string prefix = fmt::format("d{}_", d);
    bd.dims[d].size = f((prefix + "size").c_str());
    bd.dims[d].step = f((prefix + "stride").c_str()) + 1;
    bd.pads[d] = {f((prefix + "zero_before").c_str()), f((prefix + "zero_after").c_str())};
  }
  bd.iterationSize = f("iteration_size") + 1;
  bd.iterationStep = f("iteration_stride") + 1;
  bd.iterationCurrent = f("iteration_current");
  if (f("enable_packet"))
    bd.packet = device::BdPacket{static_cast<uint8_t>(f("packet_type")),
                                 static_cast<uint8_t>(f("packet_id"))};
  bd.outOfOrderId = static_cast<uint8_t>(f("out_of_order_id"));
  auto signed7 = [](uint32_t v) { return static_cast<int8_t>(llvm::SignExtend32(v & 0x7F, 7)); };
  if (f("lock_acq_enable"))
    bd.acquire =
        device::BdLock{static_cast<uint16_t>(f("lock_acq_id")), signed7(f("lock_acq_val"))};
  if (f("lock_rel_val") || f("lock_rel_id"))
    bd.release =
        device::BdLock{static_cast<uint16_t>(f("lock_rel_id")), signed7(f("lock_rel_val"))};
  if (f("use_next_bd")) bd.next = static_cast<uint8_t>(f("next_bd"));
  bd.valid = intAttrOr(op, "valid_bd", 0) != 0;
  switch (f("burst_length")) {
  case 64: bd.burst = 0; break;
  case 128: bd.burst = 1; break;
  default: break;
  }
  return writeBd(op, tile, id, bd);
}

bool Interpreter::loop(Operation *op) {
  auto loop = cast<scf::ForOp>(op);
  const auto low = value(loop.getLowerBound()), high = value(loop.getUpperBound()),
             step = value(loop.getStep());
  if (!low || !high || !step || *step < 1)
    return fail(op, "a loop of the sequence needs constant bounds and a positive step");
  SmallVector<std::optional<int64_t>> carried;
  for (Value init : loop.getInitArgs()) carried.push_back(value(init));
  for (int64_t i = *low; i < *high; i += *step) {
    if (++steps_ > kMaxOps)
      return fail(op, fmt::format("the sequence has more than {} steps", kMaxOps));
    env_[loop.getInductionVar()] = i;
    for (auto [argument, v] : llvm::zip(loop.getRegionIterArgs(), carried)) {
      if (!v) return fail(op, "a loop-carried value of the sequence must be a known integer");
      env_[argument] = *v;
    }
    if (!block(*loop.getBody())) return false;
    auto yield = cast<scf::YieldOp>(loop.getBody()->getTerminator());
    for (auto [k, v] : llvm::enumerate(yield.getOperands())) carried[k] = value(v);
    if (*high - i <= *step) break; // no overflow at the top of the range
  }
  for (auto [result, v] : llvm::zip(loop.getResults(), carried))
    if (v) env_[result] = *v;
  return true;
}

bool Interpreter::op(Operation *op) {
  if (++steps_ > kMaxOps)
    return fail(op, fmt::format("the sequence has more than {} steps", kMaxOps));
  const StringRef name = opName(op);
  if (name == "aiex.npu.dma_memcpy_nd") return memcpyNd(op);
  if (name == "aiex.npu.dma_wait") {
    const ShimAllocation *a = allocation(op, strAttr(op, "symbol"));
    if (!a) return false;
    emit(op, plan::Sync{a->direction, a->channel, a->tile.col, a->tile.row, 1, 1});
    return true;
  }
  if (name == "aiex.npu.sync") {
    const bool operands = op->getNumOperands() == 6;
    const auto column = field(op, "column", operands ? 0 : -1),
               row = field(op, "row", operands ? 1 : -1),
               direction = field(op, "direction", operands ? 2 : -1),
               channel = field(op, "channel", operands ? 3 : -1),
               columns = field(op, "column_num", operands ? 4 : -1),
               rows = field(op, "row_num", operands ? 5 : -1);
    if (!column || !row || !direction || !channel || !columns || !rows) return false;
    emit(op,
         plan::Sync{*direction == 0 ? DmaDirection::S2MM : DmaDirection::MM2S,
                    static_cast<int>(*channel), static_cast<int>(*column), static_cast<int>(*row),
                    static_cast<int>(*columns), static_cast<int>(*rows)});
    return true;
  }
  if (name == "aiex.npu.write32") {
    const auto at = field(op, "address", op->getNumOperands() ? 0 : -1);
    const auto v = field(op, "value", op->getNumOperands() ? 1 : -1);
    if (!at || !v) return false;
    const auto where = address(op, *at);
    if (!where) return false;
    emit(op, plan::Write32{*where, static_cast<uint32_t>(*v)});
    return true;
  }
  if (name == "aiex.npu.maskwrite32") {
    const auto at = field(op, "address", op->getNumOperands() ? 0 : -1);
    const auto v = field(op, "value", op->getNumOperands() ? 1 : -1);
    const auto mask = field(op, "mask", op->getNumOperands() ? 2 : -1);
    if (!at || !v || !mask) return false;
    const auto where = address(op, *at);
    if (!where) return false;
    emit(op, plan::MaskWrite32{*where, static_cast<uint32_t>(*v), static_cast<uint32_t>(*mask)});
    return true;
  }
  if (name == "aiex.npu.blockwrite") {
    const auto at = field(op, "address", -1);
    if (!at) return false;
    const auto where = address(op, *at);
    if (!where) return false;
    const auto from = memory(op->getOperand(0));
    auto global =
        from && from->global ? dyn_cast<memref::GlobalOp>(from->global) : memref::GlobalOp();
    auto data = global && global.getInitialValue()
                    ? dyn_cast<DenseElementsAttr>(*global.getInitialValue())
                    : DenseElementsAttr();
    if (!data || !data.getElementType().isIntOrIndex())
      return fail(op,
                  "the data of a blockwrite must be a memref.global with a dense integer value");
    plan::BlockWrite write{*where, {}};
    for (const APInt &v : data.getValues<APInt>())
      write.words.push_back(static_cast<uint32_t>(v.getRawData()[0]));
    emit(op, std::move(write));
    return true;
  }
  if (name == "aiex.npu.address_patch") {
    const bool operands = op->getNumOperands() > 0;
    const auto at = field(op, "addr", operands && !op->hasAttr("addr") ? 0 : -1);
    const auto index = field(op, "arg_idx", -1);
    std::optional<int64_t> plus = intAttr(op, "arg_plus");
    if (operands) plus = value(op->getOperand(op->getNumOperands() - 1));
    if (!at || !index) return false;
    if (!plus) return fail(op, "arg_plus must be known", {}, "unsupported-op");
    if (*index < 0 || *index > 64) return fail(op, fmt::format("there is no argument {}", *index));
    emit(op, plan::AddressPatch{static_cast<uint32_t>(*at), static_cast<uint32_t>(*index),
                                static_cast<uint64_t>(*plus)});
    if (static_cast<size_t>(*index) < out_.arguments.size()) {
      out_.arguments[static_cast<size_t>(*index)].read = true;
      out_.arguments[static_cast<size_t>(*index)].written = true;
    }
    return true;
  }
  if (name == "aiex.npu.push_queue") {
    const TileId tile{static_cast<int>(intAttrOr(op, "column", 0)),
                      static_cast<int>(intAttrOr(op, "row", 0))};
    if (!m_.exists(tile)) return fail(op, fmt::format("tile {} is outside the device", tile.str()));
    std::optional<int64_t> bd = intAttr(op, "bd_id"), repeat = intAttrOr(op, "repeat_count", 0);
    if (auto dynamic = op->getAttrOfType<ArrayAttr>("dynamic"))
      for (auto [i, n] : llvm::enumerate(dynamic))
        (cast<StringAttr>(n).getValue() == "bd_id" ? bd : repeat) = value(op->getOperand(i));
    if (!bd || !repeat) return fail(op, "push_queue needs a known bd_id and repeat_count");
    return push(op, tile,
                strAttr(op, "direction") == "MM2S" ? DmaDirection::MM2S : DmaDirection::S2MM,
                static_cast<int>(intAttrOr(op, "channel", 0)), static_cast<int>(*bd),
                static_cast<int>(*repeat), design::flagAttr(op, "issue_token"));
  }
  if (name == "aiex.npu.rtp_write") {
    unsigned next = 0;
    std::optional<int64_t> index = intAttr(op, "index"), v = intAttr(op, "value");
    if (!index) index = value(op->getOperand(next++));
    if (!v && next < op->getNumOperands()) v = value(op->getOperand(next));
    if (!index || !v)
      return fail(op, "an rtp_write whose value is known only at run time is not supported yet", {},
                  "unsupported-op");
    const auto where = address(op, *index);
    if (!where) return false;
    for (const Buffer &b : m_.buffers)
      if (b.name == strAttr(op, "buffer") && (*index < 0 || (*index + 1) * 4 > b.type.bytes()))
        return fail(op, fmt::format("'{}' has {} words, there is no word {}", b.name,
                                    b.type.bytes() / 4, *index));
    emit(op, plan::Write32{*where, static_cast<uint32_t>(*v)});
    return true;
  }
  if (name == "aiex.npu.writebd") return rawBd(op);
  if (name == "aiex.npu.load_pdi") {
    plan::LoadPdi load;
    load.id = static_cast<uint32_t>(intAttrOr(op, "id", 0));
    load.size = static_cast<uint32_t>(intAttrOr(op, "size", 0));
    load.address = static_cast<uint64_t>(intAttrOr(op, "address", 0));
    load.device = strAttr(op, "device_ref");
    emit(op, std::move(load));
    return true;
  }
  if (name == "aiex.npu.preempt") {
    emit(op, plan::Preempt{static_cast<uint32_t>(intAttrOr(op, "level", 0))});
    return true;
  }
  if (name == "aiex.set_lock") {
    auto it = m_.lockOf.find(op->getOperand(0));
    const int64_t v = intAttrOr(op, "value", 0);
    if (it == m_.lockOf.end() || v < 0 || v > device::kMaxLockValue)
      return fail(op, "set_lock needs a lock of this device and a value of 0..63");
    const Lock &lock = m_.locks[static_cast<size_t>(it->second)];
    emit(op, plan::Write32{device::tileAddress(
                               lock.tile, reg::lockBase(device::tileKind(lock.tile)) +
                                              reg::kLockStride * static_cast<uint32_t>(*lock.id)),
                           static_cast<uint32_t>(v)});
    return true;
  }
  if (name == "aiex.dma_configure_task" || name == "aiex.dma_configure_task_for")
    return configureTask(op);
  if (name == "aiex.dma_start_bd_chain" || name == "aiex.dma_start_bd_chain_for")
    return configureChain(op);
  if (name == "aiex.dma_start_task" || name == "aiex.dma_await_task" ||
      name == "aiex.dma_free_task")
    return task(op);
  if (name == "scf.for") return loop(op);
  if (auto branch = dyn_cast<scf::IfOp>(op)) {
    const auto c = value(branch.getCondition());
    if (!c)
      return fail(op, "a condition known only at run time is not supported yet", {},
                  "unsupported-op");
    Block *taken = *c ? branch.thenBlock() : branch.elseBlock();
    if (!taken) return true;
    if (!block(*taken)) return false;
    for (auto [result, v] : llvm::zip(branch.getResults(), taken->getTerminator()->getOperands()))
      if (auto known = value(v)) env_[result] = *known;
    return true;
  }
  if (name.starts_with("arith.") || name.starts_with("memref.") || name == "scf.yield" ||
      name == "aie.end")
    return true; // looked at where they are used
  return fail(op, fmt::format("{} is not supported yet", name.str()), {}, "unsupported-op");
}

bool Interpreter::block(Block &b) {
  for (Operation &inner : b)
    if (!op(&inner)) return false;
  return true;
}

void Interpreter::run() {
  out_.name = sequence_.name;
  Region &region = sequence_.op->getRegion(0);
  for (BlockArgument argument : region.getArguments()) {
    auto type = dyn_cast<BaseMemRefType>(argument.getType());
    if (!type) continue;
    plan::Argument a;
    a.name = fmt::format("arg{}", out_.arguments.size());
    llvm::raw_string_ostream(a.elementType) << type.getElementType();
    int64_t elements = 1;
    for (int64_t extent : type.getShape()) {
      a.shape.push_back(extent);
      elements =
          ShapedType::isDynamic(extent) || elements > (int64_t(1) << 40) ? 0 : elements * extent;
    }
    if (type.getElementType().isIntOrFloat())
      a.bytes = static_cast<uint64_t>(elements) * type.getElementType().getIntOrFloatBitWidth() / 8;
    out_.arguments.push_back(std::move(a));
  }
  if (!region.empty()) (void)block(region.front());
}

} // namespace

void lowerSequences(Model &model, plan::Plan &plan) {
  for (const Sequence &sequence : model.sequences) {
    plan::RuntimeSequence out;
    Interpreter(model, sequence, out).run();
    plan.sequences.push_back(std::move(out));
  }
}

} // namespace ashlar::lower
