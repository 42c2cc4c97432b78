// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Register writes of the runtime sequence: raw ones, run-time parameters, locks, control packets.
#include "lower/sequence.h"

#include "device/registers.h"
#include "plan/control_packet.h"

#include <mlir/Dialect/MemRef/IR/MemRef.h>

using namespace mlir;
using ashlar::design::intAttr;
using ashlar::design::intAttrOr;
using ashlar::design::isOp;
using ashlar::design::opName;
using ashlar::design::strAttr;

namespace ashlar::lower {

namespace reg = device::reg;

namespace {
constexpr size_t kBoundArguments = 5;
constexpr int64_t kMaxStreamId = 127;
} // namespace

/// write32 and maskwrite32: attributes, or operands address, value, mask.
bool SequenceInterpreter::write32(Operation *op) {
  const bool operands = op->getNumOperands() > 0;
  const auto at = field(op, "address", operands ? 0 : -1);
  const auto v = field(op, "value", operands ? 1 : -1);
  if (!at || !v) return false;
  const auto where = address(op, *at);
  if (!where) return false;
  rawWrites_ = true;
  if (isOp(op, "aiex.npu.write32")) {
    emit(op, plan::Write32{*where, static_cast<uint32_t>(*v)});
    return true;
  }
  const auto mask = field(op, "mask", operands ? 2 : -1);
  if (!mask) return false;
  emit(op, plan::MaskWrite32{*where, static_cast<uint32_t>(*v), static_cast<uint32_t>(*mask)});
  return true;
}

/// The address is an attribute, or (since 2026) the first of two operands; the data come last.
bool SequenceInterpreter::blockWrite(Operation *op) {
  const auto at = field(op, "address", op->getNumOperands() > 1 ? 0 : -1);
  if (!at) return false;
  const auto where = address(op, *at);
  if (!where) return false;
  const auto from = memory(op->getOperand(op->getNumOperands() - 1));
  auto global =
      from && from->global ? dyn_cast<memref::GlobalOp>(from->global) : memref::GlobalOp();
  auto data = global && global.getInitialValue()
                  ? dyn_cast<DenseElementsAttr>(*global.getInitialValue())
                  : DenseElementsAttr();
  if (!data || !data.getElementType().isInteger(32))
    return fail(op, "the data of a blockwrite must be a memref.global with a dense i32 value");
  plan::BlockWrite write{*where, {}};
  for (const APInt &v : data.getValues<APInt>())
    write.words.push_back(static_cast<uint32_t>(v.getRawData()[0]));
  emit(op, std::move(write));
  return true;
}

bool SequenceInterpreter::addressPatch(Operation *op) {
  const bool operands = op->getNumOperands() > 0;
  const auto at = field(op, "addr", operands && !op->hasAttr("addr") ? 0 : -1);
  const auto index = field(op, "arg_idx", -1);
  if (!at || !index) return false;
  std::optional<int64_t> plus = intAttr(op, "arg_plus");
  if (!plus && operands) plus = known(op, op->getOperand(op->getNumOperands() - 1), "arg_plus");
  if (!plus) return operands ? false : fail(op, "aiex.npu.address_patch needs an arg_plus");
  // Host programs bind five buffers, used or not; trace buffers are often not declared.
  const auto last =
      static_cast<int64_t>(std::max<size_t>(out_.arguments.size(), kBoundArguments)) - 1;
  if (*index < 0 || *index > last)
    return fail(op,
                fmt::format("the sequence has {} buffer arguments, there is no argument {}",
                            out_.arguments.size(), *index),
                fmt::format("arg_idx counts the memref arguments of the sequence from 0; a host "
                            "binds {} at least",
                            kBoundArguments));
  while (out_.arguments.size() <= static_cast<size_t>(*index)) {
    plan::Argument undeclared;
    undeclared.name = fmt::format("arg{}", out_.arguments.size());
    undeclared.elementType = "i8";
    out_.arguments.push_back(std::move(undeclared));
  }
  emit(op, plan::AddressPatch{static_cast<uint32_t>(*at), static_cast<uint32_t>(*index),
                              static_cast<uint64_t>(*plus)});
  if (static_cast<size_t>(*index) < out_.arguments.size()) {
    out_.arguments[static_cast<size_t>(*index)].read = true;
    out_.arguments[static_cast<size_t>(*index)].written = true;
  }
  return true;
}

bool SequenceInterpreter::rtpWrite(Operation *op) {
  unsigned next = 0;
  std::optional<int64_t> index = intAttr(op, "index"), v = intAttr(op, "value");
  if (!index && !(index = known(op, op->getOperand(next++), "index"))) return false;
  if (!v && next < op->getNumOperands() && !(v = known(op, op->getOperand(next), "value")))
    return false;
  if (!v) return fail(op, "aiex.npu.rtp_write needs a value");
  const auto where = address(op, *index);
  if (!where) return false;
  for (const Buffer &b : m_.buffers)
    if (b.name == strAttr(op, "buffer") && (*index < 0 || (*index + 1) * 4 > b.type.bytes()))
      return fail(op, fmt::format("'{}' has {} words, there is no word {}", b.name,
                                  b.type.bytes() / 4, *index));
  emit(op, plan::Write32{*where, static_cast<uint32_t>(*v)});
  return true;
}

bool SequenceInterpreter::loadPdi(Operation *op) {
  if (isOp(op, "aiex.npu.preempt")) {
    const int64_t level = intAttrOr(op, "level", 0);
    if (level < 0 || level > 3)
      return fail(op, fmt::format("preemption level {} is not 0..3", level));
    emit(op, plan::Preempt{static_cast<uint32_t>(level)});
    return true;
  }
  if (const std::string device = strAttr(op, "device_ref"); !device.empty())
    return become(op, device);
  plan::LoadPdi load;
  load.id = static_cast<uint32_t>(intAttrOr(op, "id", 0));
  load.size = static_cast<uint32_t>(intAttrOr(op, "size", 0));
  load.address = static_cast<uint64_t>(intAttrOr(op, "address", 0));
  emit(op, std::move(load));
  return true;
}

bool SequenceInterpreter::controlPacket(Operation *op) {
  const int64_t address = intAttrOr(op, "address", -1), opcode = intAttrOr(op, "opcode", 0),
                stream = intAttrOr(op, "stream_id", 0);
  plan::ControlPacket packet;
  for (int64_t v : design::intsAttr(op, "data")) packet.words.push_back(static_cast<uint32_t>(v));
  const auto length = intAttr(op, "length");
  if (address < 0 || address >= int64_t{1} << 32 || address % 4)
    return fail(op, fmt::format("control packet address {:#x} is not a register's", address));
  if (opcode < 0 || opcode > 2)
    return fail(op, fmt::format("control packet opcode {} is unknown", opcode),
                "0 writes, 1 reads, 2 writes with addresses counted up");
  if (stream < 0 || stream > kMaxStreamId)
    return fail(op, fmt::format("control packet stream id {} is not 0..{}", stream, kMaxStreamId));
  const bool read = opcode == 1;
  if (read != packet.words.empty())
    return fail(op, read ? "a control packet that reads has no data"
                         : "a control packet that writes needs data");
  if (read && (!length || *length < 1 || *length > static_cast<int64_t>(plan::kControlWords)))
    return fail(op, fmt::format("a control packet reads 1..{} words", plan::kControlWords),
                "give length = 1 to 4, and several packets for more");
  packet.address = static_cast<uint32_t>(address);
  packet.opcode = static_cast<int>(opcode);
  packet.stream = static_cast<int>(stream);
  packet.length = read ? static_cast<int>(*length) : 0;
  const TileId tile = device::tileOfAddress(packet.address);
  const plan::ControlRoute *route = nullptr;
  for (const plan::ControlRoute &r : m_.controlRoutes)
    if (r.tile == tile) route = &r;
  if (!route)
    return fail(op, fmt::format("no control packet reaches tile {}", tile.str()),
                "declare the tile in the design, or give a packet_flow from a shim tile's DMA to "
                "its TileControl : 0");
  const Tile *shim = tileModel(route->shim);
  std::optional<uint8_t> controller;
  if (shim && shim->controller) controller = static_cast<uint8_t>(*shim->controller);
  const Status sent =
      plan::sendControlPacket(packet, *route, controller, out_, out_.ops, design::placeOf(op));
  if (!sent.ok()) m_.errors.push_back(sent.errors().front());
  return sent.ok();
}

/// `aiex.buffer_clear(%tile, address, words)`: zeros into a tile's data memory.
bool SequenceInterpreter::clearMemory(Operation *op) {
  auto it = m_.tileOf.find(op->getOperand(0));
  const TileKind kind = it == m_.tileOf.end() ? TileKind::Shim : device::tileKind(it->second);
  if (kind == TileKind::Shim) return fail(op, "only core tiles and memtiles have memory to clear");
  const int64_t address = intAttrOr(op, "address", 0), words = intAttrOr(op, "length", 0),
                room = device::dataMemoryBytes(kind);
  if (address < 0 || address % 4 || words < 1 || words > room / 4 || address > room - words * 4)
    return fail(op,
                fmt::format("{} words from byte {} are not in the {} bytes of a {} tile's "
                            "memory",
                            words, address, room, device::tileKindName(kind)),
                "give a multiple of 4 bytes and at least one word");
  emit(op, plan::BlockWrite{device::tileAddress(it->second, static_cast<uint32_t>(address)),
                            std::vector<uint32_t>(static_cast<size_t>(words), 0)});
  return true;
}

bool SequenceInterpreter::setLock(Operation *op) {
  auto it = m_.lockOf.find(op->getOperand(0));
  std::optional<int64_t> v = intAttr(op, "value");
  if (!v && op->getNumOperands() > 1 && !(v = known(op, op->getOperand(1), "value"))) return false;
  if (it == m_.lockOf.end() || !v || *v < 0 || *v > device::kMaxLockValue)
    return fail(op, fmt::format("set_lock needs a lock of this device and a value of 0..{}",
                                device::kMaxLockValue));
  const Lock &lock = m_.locks[static_cast<size_t>(it->second)];
  emit(op, plan::Write32{device::tileAddress(lock.tile, reg::lockBase(device::tileKind(lock.tile)) +
                                                            reg::kLockStride *
                                                                static_cast<uint32_t>(*lock.id)),
                         static_cast<uint32_t>(*v)});
  return true;
}

/// A pulse on the reset bit; the enable bit beside it stays.

} // namespace ashlar::lower
