// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The inverse of configuration: from addresses and values back to what was meant.
#include "device/describe.h"

#include "device/ports.h"
#include "device/registers.h"

namespace ashlar::device {
namespace {

constexpr uint32_t kQueueToken = 1u << 31;

std::string lockText(TileKind kind, int id) {
  if (kind != TileKind::Mem) return fmt::format("lock {}", id);
  const int own = lockCount(kind); // the window has the west neighbour's first
  const char *side = id < own ? "west " : id < 2 * own ? "" : "east ";
  return fmt::format("{}lock {}", side, id % own);
}

/// "MM2S0 start: BD 2, 4 times, with token", if the offset is a start queue.
std::optional<std::string> queueText(TileKind kind, uint32_t offset, uint32_t value) {
  for (const DmaDirection d : {DmaDirection::S2MM, DmaDirection::MM2S})
    for (int c = 0; c < dmaChannels(kind); ++c) {
      if (offset != reg::dmaQueue(kind, d, c)) continue;
      const uint32_t bds = static_cast<uint32_t>(kind == TileKind::Mem ? 63 : 15);
      std::string t = fmt::format("{}{} start: BD {}", dmaDirectionName(d), c, value & bds);
      if (const uint32_t repeat = value >> 16 & 0xFF) t += fmt::format(", {} times", repeat + 1);
      if (value & kQueueToken) t += ", with token";
      return t;
    }
  return std::nullopt;
}

std::optional<std::string> switchText(TileKind kind, uint32_t offset, uint32_t value) {
  const std::span<const SwitchPort> masters = masterPorts(kind), slaves = slavePorts(kind);
  const bool on = value & reg::kSwitchEnable, packet = value & reg::kSwitchPacket;
  for (size_t i = 0; i < masters.size(); ++i) {
    if (offset != reg::switchMaster(kind, static_cast<int>(i))) continue;
    const std::string name = masters[i].str();
    if (!on) return name + " <- nothing";
    if (packet)
      return fmt::format("{} <- packets of arbiter {}, msel mask {:#x}{}", name, value & 7,
                         value >> 3 & 15, value & 0x80 ? ", header dropped" : "");
    const uint32_t from = value & 0x7F;
    return fmt::format("{} <- {}", name, from < slaves.size() ? slaves[from].str() : "?");
  }
  for (size_t i = 0; i < slaves.size(); ++i) {
    const int index = static_cast<int>(i);
    if (offset == reg::switchSlave(kind, index))
      return fmt::format("{} {}", slaves[i].str(), !on ? "off" : packet ? "on, packets" : "on");
    for (int slot = 0; slot < kPacketSlots; ++slot)
      if (offset == reg::switchSlot(kind, index, slot)) {
        if (!(value & 0x100)) return fmt::format("{} rule {}: off", slaves[i].str(), slot);
        return fmt::format("{} rule {}: id {} mask {} -> arbiter {}, msel {}", slaves[i].str(),
                           slot, value >> 24 & 31, value >> 16 & 31, value & 7, value >> 4 & 3);
      }
  }
  return std::nullopt;
}

std::optional<std::string> lockWriteText(TileKind kind, uint32_t offset, uint32_t value) {
  const uint32_t base = reg::lockBase(kind);
  const uint32_t end = base + reg::kLockStride * static_cast<uint32_t>(lockCount(kind));
  if (offset < base || offset >= end || (offset - base) % reg::kLockStride) return std::nullopt;
  return fmt::format("lock {} = {}", (offset - base) / reg::kLockStride, value);
}

} // namespace

std::string describeBd(TileKind kind, const Bd &bd) {
  std::string t;
  if (!bd.valid) t += "not valid, ";
  if (bd.acquire) {
    const int v = bd.acquire->value;
    t += fmt::format("acquire {} {} {}, ", lockText(kind, bd.acquire->id),
                     v < 0 ? ">=" : "==", v < 0 ? -v : v);
  }
  t += fmt::format("{} words at {:#x}", bd.length, bd.address);
  std::string shape;
  for (int i = 3; i >= 0; --i) {
    const BdDim &d = bd.dims[i];
    if (d.size == 0 && d.step == 1) continue;
    shape += fmt::format("{}{}x{}", shape.empty() ? "" : " ", d.size ? std::to_string(d.size) : "*",
                         d.step);
  }
  if (!shape.empty()) t += fmt::format(", walked [{}]", shape);
  for (int i = 0; i < 3; ++i)
    if (bd.pads[i].before || bd.pads[i].after)
      t += fmt::format(", dimension {} padded {}+{}", i, bd.pads[i].before, bd.pads[i].after);
  if (bd.iterationSize > 1)
    t += fmt::format(", iteration {} x {} words (now {})", bd.iterationSize, bd.iterationStep,
                     bd.iterationCurrent);
  if (bd.packet) t += fmt::format(", packet id {} type {}", bd.packet->id, bd.packet->type);
  if (bd.outOfOrderId) t += fmt::format(", out-of-order id {}", bd.outOfOrderId);
  if (bd.suppressTlast) t += ", no TLAST";
  if (bd.compression) t += ", compressed";
  if (bd.release)
    t += fmt::format(", release {} {:+d}", lockText(kind, bd.release->id), bd.release->value);
  if (bd.next) t += fmt::format(", then BD {}", *bd.next);
  return t;
}

std::string describeWrite(uint32_t address, uint32_t value) {
  const TileId tile = tileOfAddress(address);
  if (tile.row >= kRows) return fmt::format("{:#010x} = {:#010x}", address, value);
  const TileKind kind = tileKind(tile);
  const uint32_t offset = offsetOfAddress(address);
  if (auto t = queueText(kind, offset, value)) return *t;
  if (auto t = switchText(kind, offset, value)) return *t;
  if (auto t = lockWriteText(kind, offset, value)) return *t;
  if (offset < dataMemoryBytes(kind)) return fmt::format("memory {:#x} = {:#010x}", offset, value);
  return describeRegister(kind, offset, value);
}

std::string describeMaskWrite(uint32_t address, uint32_t mask, uint32_t value) {
  const TileId tile = tileOfAddress(address);
  if (tile.row >= kRows) return fmt::format("{:#010x} bits {:#x} = {:#x}", address, mask, value);
  const RegisterInfo *r = findRegister(tileKind(tile), offsetOfAddress(address));
  if (!r) return fmt::format("{:#07x} bits {:#x} = {:#x}", offsetOfAddress(address), mask, value);
  if (!mask) return fmt::format("{}: nothing (empty mask)", r->name);
  std::string t;
  uint32_t told = 0;
  for (auto f = r->fields.rbegin(); f != r->fields.rend(); ++f) {
    if (f->high > 31) continue;
    const int width = f->high - f->low + 1;
    const uint32_t bits = (width == 32 ? ~0u : (1u << width) - 1) << f->low;
    if (!(mask & bits)) continue; // a mask may cover the low part of a field only
    t += fmt::format("{}{}={}", t.empty() ? "" : " ", f->name, (value & mask & bits) >> f->low);
    told |= mask & bits;
  }
  if (told != mask)
    t += fmt::format("{}bits {:#x}={:#x}", t.empty() ? "" : " ", mask & ~told, value & ~told);
  return fmt::format("{}[{}]", r->name, t);
}

std::string describeBlock(uint32_t address, std::span<const uint32_t> words) {
  const TileId tile = tileOfAddress(address);
  const size_t bytes = 4 * words.size();
  if (tile.row >= kRows) return fmt::format("{} bytes at {:#010x}", bytes, address);
  const TileKind kind = tileKind(tile);
  const uint32_t offset = offsetOfAddress(address);
  if (kind == TileKind::Core && offset >= reg::kProgramMemory &&
      offset < reg::kProgramMemory + kProgramMemoryBytes)
    return fmt::format("program {:#x}, {} bytes", offset - reg::kProgramMemory, bytes);
  if (offset < dataMemoryBytes(kind)) return fmt::format("memory {:#x}, {} bytes", offset, bytes);
  const uint32_t first = bdRegister(kind, 0);
  const uint32_t last = bdRegister(kind, bdCount(kind));
  if (offset >= first && offset < last && (offset - first) % reg::kBdStride == 0 &&
      words.size() == static_cast<size_t>(bdWords(kind)))
    return fmt::format("BD {}: {}", (offset - first) / reg::kBdStride,
                       describeBd(kind, decodeBd(kind, words)));
  const RegisterInfo *r = findRegister(kind, offset);
  return fmt::format("{} and on, {} words", r ? r->name : fmt::format("{:#07x}", offset),
                     words.size());
}

} // namespace ashlar::device
