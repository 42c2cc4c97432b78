// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Resets of the runtime sequence: cores, DMA channels, whole object FIFOs.
#include "lower/sequence.h"

#include "device/registers.h"

using namespace mlir;
using ashlar::design::intAttrOr;
using ashlar::design::strAttr;

namespace ashlar::lower {

namespace reg = device::reg;

void SequenceInterpreter::pulseChannel(Operation *op, TileId tile, DmaDirection direction,
                                       int channel) {
  const uint32_t at =
      device::tileAddress(tile, reg::dmaControl(device::tileKind(tile), direction, channel));
  for (uint32_t value : {reg::kDmaChannelReset, 0u})
    emit(op, plan::MaskWrite32{at, value, reg::kDmaChannelReset});
}

bool SequenceInterpreter::resetCore(Operation *op) {
  auto it = m_.tileOf.find(op->getOperand(0));
  if (it == m_.tileOf.end() || device::tileKind(it->second) != TileKind::Core)
    return fail(op, "core_reset needs a core tile of this device");
  const uint32_t at = device::tileAddress(it->second, reg::kCoreControl);
  for (uint32_t value : {reg::kCoreReset, 0u})
    emit(op, plan::MaskWrite32{at, value, reg::kCoreReset});
  return true;
}

bool SequenceInterpreter::resetChannel(Operation *op) {
  auto it = m_.tileOf.find(op->getOperand(0));
  if (it == m_.tileOf.end()) return fail(op, "dma_channel_reset needs a tile of this device");
  const TileKind kind = device::tileKind(it->second);
  const int64_t channel = intAttrOr(op, "channel", 0);
  if (kind == TileKind::Shim)
    return fail(op, "the DMA channels of a shim tile have no reset bit",
                "reset the channels of core tiles and memtiles");
  if (channel < 0 || channel >= device::dmaChannels(kind))
    return fail(
        op, fmt::format("a {} tile has no DMA channel {}", device::tileKindName(kind), channel));
  pulseChannel(op, it->second,
               strAttr(op, "direction") == "MM2S" ? DmaDirection::MM2S : DmaDirection::S2MM,
               static_cast<int>(channel));
  return true;
}

/// `aiex.dma_channel_reset_for(@fifo)`: every end of the FIFO in the array as it was at the start.
/// Channels first, then locks, then the channels' tasks: a channel starts as soon as it has one.
bool SequenceInterpreter::resetFifo(Operation *op) {
  const std::string name = strAttr(op, "fifo");
  auto it = m_.rearms.find(name);
  if (it == m_.rearms.end()) return fail(op, fmt::format("there is no object FIFO '{}'", name));
  const Rearm &ends = it->second;
  if (ends.channels.empty() && ends.locks.empty())
    return fail(op, fmt::format("object FIFO '{}' has no channel or lock inside the array", name));
  for (const auto &[tile, direction, channel] : ends.channels)
    pulseChannel(op, tile, direction, channel);
  for (int index : ends.locks) {
    const Lock &lock = m_.locks[static_cast<size_t>(index)];
    emit(op, plan::Write32{
                 device::tileAddress(lock.tile, reg::lockBase(device::tileKind(lock.tile)) +
                                                    reg::kLockStride *
                                                        static_cast<uint32_t>(lock.id.value_or(0))),
                 static_cast<uint32_t>(lock.init.value_or(0))});
  }
  for (const auto &[tile, direction, channel] : ends.channels)
    for (const DmaProgram &p : m_.dmas) {
      if (p.tile != tile) continue;
      for (const DmaBlock &start : p.blocks)
        if (start.kind == DmaBlock::Start && start.direction == direction &&
            start.channel == channel && start.next >= 0 &&
            !push(op, tile, direction, channel,
                  p.blocks[static_cast<size_t>(start.next)].bd.id.value_or(0), start.repeat,
                  /*token=*/false))
          return false;
    }
  return true;
}

/// What the vendor's passes demand of a value that only the run knows; here all are known.
bool SequenceInterpreter::assertField(Operation *op) {
  if (op->getNumOperands() != 1) return fail(op, "one value is needed");
  const auto v = known(op, op->getOperand(0), "value");
  if (!v) return false;
  const int64_t max = intAttrOr(op, "max", INT64_MAX), divisor = intAttrOr(op, "divisor", 1);
  if (*v > max)
    return fail(
        op, fmt::format("{} does not fit the descriptor's field, which holds {} at most", *v, max));
  if (divisor < 1 || (*v % divisor && !(*v == 1 && op->hasAttr("allow_unit"))))
    return fail(op, fmt::format("{} is not a multiple of {}", *v, divisor));
  return true;
}

} // namespace ashlar::lower
