// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "plan/control_packet.h"

#include "device/registers.h"

#include <algorithm>
#include <bit>

namespace ashlar::plan {

namespace reg = device::reg;

namespace {

constexpr const char *kArgumentName = "control_packets";
constexpr int kBd = 0; ///< every packet is waited for before the next uses the descriptor
constexpr uint32_t kControllerIdMask = 0x1F00;
constexpr int kControllerIdShift = 8;
constexpr uint32_t kToken = 1u << 31;

/// Bit 31 makes the number of ones odd.
uint32_t withParity(uint32_t word) { return std::popcount(word) % 2 ? word : word | 1u << 31; }

Status sendOne(const ControlPacket &packet, uint32_t address, std::span<const uint32_t> words,
               int beats, const ControlRoute &route, std::optional<uint8_t> controller,
               RuntimeSequence &sequence, std::vector<SequenceOp> &ops, const Place &place) {
  const uint32_t argument = static_cast<uint32_t>(controlArgument(sequence));
  const uint64_t offset = sequence.controlWords.size() * 4;
  sequence.controlWords.push_back(withParity(uint32_t{route.type} << 12 | route.id));
  sequence.controlWords.push_back(withParity(
      static_cast<uint32_t>(packet.stream) << 24 | static_cast<uint32_t>(packet.opcode) << 22 |
      static_cast<uint32_t>(beats - 1) << 20 | device::offsetOfAddress(address)));
  sequence.controlWords.insert(sequence.controlWords.end(), words.begin(), words.end());
  Argument &buffer = sequence.arguments[argument];
  buffer.bytes = sequence.controlWords.size() * 4;
  buffer.shape = {static_cast<int64_t>(sequence.controlWords.size())};
  buffer.read = true;

  const auto kind = device::TileKind::Shim;
  Bd bd;
  bd.length = static_cast<uint32_t>(2 + words.size());
  BlockWrite write;
  write.address = device::tileAddress(route.shim, device::bdRegister(kind, kBd));
  write.words.resize(static_cast<size_t>(device::bdWords(kind)));
  ASHLAR_CHECK(device::encodeBd(kind, bd, write.words, place));
  auto add = [&](SequenceOpKind op) { ops.push_back({std::move(op), place}); };
  const uint32_t patched = write.address + 4;
  add(std::move(write));
  add(AddressPatch{patched, argument, offset});
  const auto mm2s = DmaDirection::MM2S;
  if (controller)
    add(MaskWrite32{device::tileAddress(route.shim, reg::dmaControl(kind, mm2s, route.channel)),
                    uint32_t{*controller} << kControllerIdShift, kControllerIdMask});
  add(Write32{device::tileAddress(route.shim, reg::dmaQueue(kind, mm2s, route.channel)),
              kBd | kToken});
  add(Sync{mm2s, route.channel, route.shim.col, route.shim.row, 1, 1});
  return Ok{};
}

} // namespace

const ControlRoute *controlRoute(const Plan &plan, TileId tile) {
  for (const ControlRoute &route : plan.controlRoutes)
    if (route.tile == tile) return &route;
  return nullptr;
}

size_t controlArgument(RuntimeSequence &sequence) {
  for (size_t i = 0; i < sequence.arguments.size(); ++i)
    if (sequence.arguments[i].name == kArgumentName) return i;
  Argument a;
  a.name = kArgumentName;
  a.elementType = "i32";
  sequence.arguments.push_back(std::move(a));
  return sequence.arguments.size() - 1;
}

Status sendControlPacket(const ControlPacket &packet, const ControlRoute &route,
                         std::optional<uint8_t> controller, RuntimeSequence &sequence,
                         std::vector<SequenceOp> &ops, const Place &place) {
  if (packet.words.empty())
    return sendOne(packet, packet.address, {}, packet.length, route, controller, sequence, ops,
                   place);
  for (size_t i = 0; i < packet.words.size(); i += kControlWords) {
    const size_t n = std::min(kControlWords, packet.words.size() - i);
    ASHLAR_CHECK(sendOne(packet, packet.address + static_cast<uint32_t>(4 * i),
                         std::span(packet.words).subspan(i, n), static_cast<int>(n), route,
                         controller, sequence, ops, place));
  }
  return Ok{};
}

} // namespace ashlar::plan
