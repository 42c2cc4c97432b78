// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Hand-written DMA programs and the descriptors of tasks: blocks that end in aie.next_bd, and the
// older form with one region a descriptor.
#include "lower/model.h"

#include <mlir/Dialect/Arith/IR/Arith.h>
#include <mlir/IR/Matchers.h>

using namespace mlir;
using ashlar::design::intAttr;
using ashlar::design::intAttrOr;
using ashlar::design::isOp;
using ashlar::design::opName;
using ashlar::design::placeOf;
using ashlar::design::strAttr;

namespace ashlar::lower {

std::optional<int64_t> constantOf(Value value) {
  APInt constant;
  if (value && matchPattern(value, m_ConstantInt(&constant)) && constant.getSignificantBits() <= 64)
    return constant.getSExtValue();
  return std::nullopt;
}

namespace {

/// One aie.use_lock as the register wants it.
void readLockUse(Model &m, Operation *op, BdDesc &bd) {
  const Place place = placeOf(op);
  auto it = m.lockOf.find(op->getOperand(0));
  if (it == m.lockOf.end()) {
    m.fail("bad-operand", place, "aie.use_lock needs a lock of this device");
    return;
  }
  std::optional<int64_t> value =
      op->getNumOperands() > 1 ? constantOf(op->getOperand(1)) : intAttr(op, "value");
  if (!value || *value < -64 || *value > 63) {
    m.fail("bad-lock", place,
           "a buffer descriptor's lock value must be a constant that fits 7 bits");
    return;
  }
  const std::string action = strAttr(op, "action");
  const int v = static_cast<int>(*value);
  if (action == "Release") {
    if (bd.release) m.fail("bad-dma", place, "a buffer descriptor releases at most one lock");
    bd.release = LockUse{it->second, v};
  } else {
    if (bd.acquire) m.fail("bad-dma", place, "a buffer descriptor acquires at most one lock");
    bd.acquire = LockUse{it->second, action == "Acquire" ? v : -v};
  }
}

/// The descriptor that a block or region holds, or nothing when it has none.
std::optional<DmaBlock> readBdBlock(Model &m, Block &block, TileKind kind) {
  DmaBlock out;
  out.kind = DmaBlock::Bd;
  bool found = false;
  std::optional<std::pair<int, int>> packet;
  BdDesc locks;
  for (Operation &op : block) {
    if (isOp(&op, "aie.use_lock")) {
      readLockUse(m, &op, locks);
    } else if (isOp(&op, "aie.dma_bd_packet")) {
      packet = std::pair(static_cast<int>(intAttrOr(&op, "packet_type", 0)),
                         static_cast<int>(intAttrOr(&op, "packet_id", 0)));
    } else if (isOp(&op, "aie.dma_bd")) {
      if (found) m.fail("bad-dma", placeOf(&op), "a block holds one aie.dma_bd");
      out.bd = readBd(m, &op, kind);
      out.place = placeOf(&op);
      found = true;
    } else if (!isOp(&op, "aie.next_bd") && !isOp(&op, "aie.end") && !isOp(&op, "aie.dma_start") &&
               !isOp(&op, "aie.buffer") && !isOp(&op, "aie.lock") && !isOp(&op, "aie.dma") &&
               !isOp(&op, "aie.external_buffer") && !opName(&op).starts_with("arith.") &&
               !isOp(&op, "memref.assume_alignment")) {
      m.fail("bad-dma", placeOf(&op),
             fmt::format("{} does not belong in a DMA program", opName(&op).str()));
    }
  }
  if (!found) return std::nullopt;
  out.bd.acquire = locks.acquire;
  out.bd.release = locks.release;
  if (packet && !out.bd.packet) out.bd.packet = packet;
  return out;
}

} // namespace

BdDesc readBd(Model &m, Operation *op, TileKind kind, ValueOf valueOf) {
  BdDesc bd;
  const Place place = placeOf(op);
  Value memory = op->getOperand(0);
  auto type = elementInfo(memory.getType(), place);
  if (!type.ok()) {
    // A sequence argument may be a dynamic or strided memref; its elements still have a size.
    auto memref = dyn_cast<MemRefType>(memory.getType());
    if (!memref || !memref.getElementType().isIntOrFloat()) {
      m.errors.push_back(type.errors().front());
      return bd;
    }
    bd.elementBits = static_cast<int>(memref.getElementType().getIntOrFloatBitWidth());
  } else {
    bd.elementBits = type->bits;
    bd.length = type->elements;
  }
  if (auto it = m.bufferOf.find(memory); it != m.bufferOf.end()) {
    bd.buffer = it->second;
    bd.what = m.buffers[static_cast<size_t>(it->second)].name;
  } else if (Operation *external = memory.getDefiningOp(); isOp(external, "aie.external_buffer")) {
    bd.address = intAttr(external, "address");
    bd.what = strAttr(external, "sym_name");
    if (!bd.address)
      m.fail("unsupported-op", place, "only a shim tile moves an aie.external_buffer",
             "use it in the aie.shim_dma of a shim tile");
  } else if (auto argument = dyn_cast<BlockArgument>(memory)) {
    bd.argument = static_cast<int>(argument.getArgNumber());
    bd.what = fmt::format("argument {}", bd.argument);
  }
  auto field = [&](StringRef name) -> std::optional<int64_t> {
    if (auto dynamic = op->getAttrOfType<ArrayAttr>("dynamic"))
      for (auto [i, n] : llvm::enumerate(dynamic))
        if (auto s = dyn_cast<StringAttr>(n); s && s.getValue() == name) {
          auto constant =
              i + 1 < op->getNumOperands() ? valueOf(op->getOperand(i + 1)) : std::nullopt;
          if (!constant && m.errors.empty())
            m.fail("bad-bd", place,
                   fmt::format("the {} of this aie.dma_bd is not a constant", name.str()),
                   "only tasks of a runtime sequence can compute it");
          return constant;
        }
    return intAttr(op, name);
  };
  bd.offset = field("offset").value_or(0);
  if (auto length = field("len")) bd.length = *length;
  if (auto dims = op->getAttrOfType<ArrayAttr>("dimensions"))
    for (auto [i, d] : llvm::enumerate(dims)) {
      auto record = dyn_cast<design::RecordAttr>(d);
      if (!record) continue;
      int64_t size = record.field("size"), stride = record.field("stride");
      if (size == design::kDynamic) size = field(fmt::format("sizes.{}", i)).value_or(1);
      if (stride == design::kDynamic) stride = field(fmt::format("strides.{}", i)).value_or(1);
      bd.dims.emplace_back(size, stride);
    }
  if (auto pads = op->getAttrOfType<ArrayAttr>("pad_dimensions"))
    for (Attribute p : pads)
      if (auto record = dyn_cast<design::RecordAttr>(p))
        bd.pads.emplace_back(record.field("const_pad_before"), record.field("const_pad_after"));
  if (field("pad_value").value_or(0) != 0)
    m.fail("bad-bd", place, "a buffer descriptor that pads with another value than zero",
           kZerosOnly);
  if (auto packet = design::recordAttr(op, "packet"))
    bd.packet = std::pair(static_cast<int>(packet->field("pkt_type")),
                          static_cast<int>(packet->field("pkt_id")));
  if (auto iteration = design::recordAttr(op, "iteration"))
    bd.iteration = std::array<int64_t, 3>{
        iteration->field("size", 1), iteration->field("stride", 1), iteration->field("current")};
  for (const char *name : {"bd_id", "next_bd_id"})
    if (auto id = intAttr(op, name); id && (*id < 0 || *id >= device::bdCount(kind)))
      m.fail(
          "bad-bd", place,
          fmt::format("{} = {}: a {} tile has no such BD", name, *id, device::tileKindName(kind)),
          fmt::format("BDs are 0..{}", device::bdCount(kind) - 1));
  if (auto id = intAttr(op, "bd_id")) bd.id = static_cast<int>(std::clamp<int64_t>(*id, -1, 1000));
  bd.burst = static_cast<int>(std::clamp<int64_t>(intAttrOr(op, "burst_length", 0), -1, 1 << 16));
  bd.outOfOrderId = static_cast<int>(intAttrOr(op, "out_of_order_id", 0) & 63);
  return bd;
}

DmaProgram readDmaProgram(Model &m, Operation *op) {
  DmaProgram program;
  program.tile = m.tileOf.lookup(op->getOperand(0));
  program.place = placeOf(op);
  const TileKind kind = device::tileKind(program.tile);
  Region &region = op->getRegion(0);
  llvm::DenseMap<Block *, int> index;
  for (Block &block : region) {
    index[&block] = static_cast<int>(program.blocks.size());
    program.blocks.emplace_back();
  }
  auto checkChannel = [&](int64_t channel, const Place &place) {
    if (channel < 0 || channel >= device::dmaChannels(kind))
      m.fail("bad-channel", place,
             fmt::format("a {} tile has no DMA channel {}", device::tileKindName(kind), channel),
             fmt::format("channels are 0..{}", device::dmaChannels(kind) - 1));
  };
  auto readStart = [&](Operation *start, DmaBlock &out) {
    out.kind = DmaBlock::Start;
    out.place = placeOf(start);
    out.direction =
        strAttr(start, "channel_dir") == "MM2S" ? DmaDirection::MM2S : DmaDirection::S2MM;
    const int64_t channel = intAttrOr(start, "channel_index", 0);
    checkChannel(channel, out.place);
    out.channel = static_cast<int>(std::clamp<int64_t>(channel, 0, 15));
    const int64_t repeat = intAttrOr(start, "repeat_count", 0);
    if (repeat < 0 || repeat > 255)
      m.fail("bad-dma", out.place, fmt::format("repeat_count {} is not 0..255", repeat));
    out.repeat = static_cast<int>(repeat & 255);
  };
  for (Block &block : region) {
    const int self = index[&block];
    Operation *end = block.empty() ? nullptr : &block.back();
    if (auto bd = readBdBlock(m, block, kind)) {
      program.blocks[static_cast<size_t>(self)] = std::move(*bd);
      if (isOp(end, "aie.next_bd"))
        program.blocks[static_cast<size_t>(self)].next = index.lookup(end->getSuccessor(0));
      else if (!isOp(end, "aie.end"))
        m.fail("bad-dma", end ? placeOf(end) : program.place,
               "a descriptor's block ends in aie.next_bd or aie.end");
    } else if (isOp(end, "aie.dma_start")) {
      DmaBlock start;
      readStart(end, start);
      start.next = index.lookup(end->getSuccessor(0));
      start.chain = index.lookup(end->getSuccessor(1));
      program.blocks[static_cast<size_t>(self)] = start;
    } else if (isOp(end, "aie.next_bd")) {
      m.fail("bad-dma", placeOf(end), "this block has an aie.next_bd but no aie.dma_bd");
    }
  }
  // The older form: every aie.dma of the entry block is a start with its own regions.
  if (!region.empty()) {
    int previous = -1;
    for (Operation &inner : region.front()) {
      if (!isOp(&inner, "aie.dma")) continue;
      DmaBlock start;
      readStart(&inner, start);
      const bool loop = intAttrOr(&inner, "loop", 1) != 0;
      if (previous < 0)
        previous = index[&region.front()];
      else {
        program.blocks.emplace_back();
        program.blocks[static_cast<size_t>(previous)].chain =
            static_cast<int>(program.blocks.size()) - 1;
        previous = static_cast<int>(program.blocks.size()) - 1;
      }
      const int first = static_cast<int>(program.blocks.size());
      start.next = first;
      program.blocks[static_cast<size_t>(previous)] = start;
      int count = 0;
      for (Region &r : inner.getRegions()) {
        auto bd = r.empty() ? std::nullopt : readBdBlock(m, r.front(), kind);
        if (!bd) {
          m.fail("bad-dma", placeOf(&inner), "each region of aie.dma holds one aie.dma_bd");
          continue;
        }
        bd->next = static_cast<int>(program.blocks.size()) + 1;
        program.blocks.push_back(std::move(*bd));
        ++count;
      }
      if (count)
        program.blocks.back().next = loop ? first : -1;
      else
        program.blocks[static_cast<size_t>(previous)].next = -1;
    }
  }
  // A chain may end in a block that only ends; it has no descriptor to follow.
  for (DmaBlock &b : program.blocks)
    if (b.kind == DmaBlock::Bd && b.next >= 0 &&
        program.blocks[static_cast<size_t>(b.next)].kind == DmaBlock::End)
      b.next = -1;
  for (const DmaBlock &b : program.blocks)
    if (b.kind == DmaBlock::Start &&
        (b.next < 0 || program.blocks[static_cast<size_t>(b.next)].kind != DmaBlock::Bd))
      m.fail("bad-dma", b.place, "this channel starts at a block without aie.dma_bd");
  return program;
}

} // namespace ashlar::lower
