// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Register reads and writes of a tile. What has no effect here is kept and read back.
#include "device/events.h"
#include "emulator/array/sanitizer.h"
#include "emulator/tile/core_slot.h"
#include "emulator/tile/events.h"
#include "emulator/tile/tile.h"

#include <fmt/format.h>

namespace ashlar::emulator {

namespace reg = device::reg;
using device::DmaDirection;
using device::PortBundle;
using device::TileKind;

namespace {
constexpr DmaDirection kDirections[] = {DmaDirection::S2MM, DmaDirection::MM2S};
} // namespace

uint32_t Tile::plain(uint32_t offset) const {
  const auto it = plain_.find(offset);
  if (it != plain_.end()) return it->second;
  const device::RegisterInfo *r = device::findRegister(kind_, offset);
  return r ? r->reset : 0;
}

bool Tile::writeDma(uint32_t offset, uint32_t value) {
  const uint32_t base = reg::bdBase(kind_);
  const uint32_t end = base + static_cast<uint32_t>(device::bdCount(kind_)) * reg::kBdStride;
  if (offset >= base && offset < end) {
    const uint32_t id = (offset - base) / reg::kBdStride, w = (offset - base) % reg::kBdStride / 4;
    const uint32_t words = static_cast<uint32_t>(device::bdWords(kind_));
    if (w < words) {
      bdWords_[id * words + w] = value;
      bds_[id].reset();
    }
    return true;
  }
  for (DmaDirection d : kDirections) {
    for (int c = 0; c < device::dmaChannels(kind_); ++c) {
      if (offset == reg::dmaControl(kind_, d, c)) {
        channel(d, c).writeControl(value);
        return true;
      }
      if (offset == reg::dmaQueue(kind_, d, c)) {
        channel(d, c).push(value);
        return true;
      }
      if (offset == reg::dmaStatus(kind_, d, c)) {
        channel(d, c).clearStatus(value & DmaChannel::kQueueOverflow);
        return true;
      }
    }
  }
  return false;
}

std::optional<uint32_t> Tile::readDma(uint32_t offset) {
  const uint32_t base = reg::bdBase(kind_);
  const uint32_t end = base + static_cast<uint32_t>(device::bdCount(kind_)) * reg::kBdStride;
  if (offset >= base && offset < end) {
    const uint32_t id = (offset - base) / reg::kBdStride, w = (offset - base) % reg::kBdStride / 4;
    const uint32_t words = static_cast<uint32_t>(device::bdWords(kind_));
    return w < words ? bdWords_[id * words + w] : 0;
  }
  for (int c = 0; c < device::dmaChannels(kind_); ++c) {
    for (DmaDirection d : kDirections) {
      if (offset == reg::dmaControl(kind_, d, c)) return channel(d, c).control();
      if (offset == reg::dmaStatus(kind_, d, c)) return channel(d, c).status();
    }
    if (offset == reg::dmaWriteCount(kind_, c)) return s2mm[static_cast<size_t>(c)]->writeCount();
    if (offset == reg::dmaFotCount(kind_, c)) return s2mm[static_cast<size_t>(c)]->popFotCount();
  }
  return std::nullopt;
}

bool Tile::writeSwitch(uint32_t offset, uint32_t value) {
  const uint32_t base = reg::switchBase(kind_);
  if (kind_ == TileKind::Shim && (offset == reg::kMuxConfig || offset == reg::kDemuxConfig)) {
    (offset == reg::kMuxConfig ? mux : demux) = value;
    fabric_.switchesChanged();
    return true;
  }
  if (offset < base || offset >= base + 0x400) return false;
  const uint32_t o = offset - base;
  if (o < 0x100) {
    if (o / 4 < device::masterPorts(kind_).size()) masters[o / 4] = value;
  } else if (o < 0x200) {
    if ((o - 0x100) / 4 < device::slavePorts(kind_).size()) slaves[(o - 0x100) / 4] = value;
  } else {
    const uint32_t port = (o - 0x200) / 16, slot = (o - 0x200) % 16 / 4;
    if (port < device::slavePorts(kind_).size()) slots[port][slot] = value;
  }
  fabric_.switchesChanged();
  return true;
}

std::optional<uint32_t> Tile::readSwitch(uint32_t offset) {
  const uint32_t base = reg::switchBase(kind_);
  if (kind_ == TileKind::Shim && offset == reg::kMuxConfig) return mux;
  if (kind_ == TileKind::Shim && offset == reg::kDemuxConfig) return demux;
  if (offset == base + reg::kControlPacketStatus) return controlIn.errors;
  if (offset < base || offset >= base + 0x400) return std::nullopt;
  const uint32_t o = offset - base;
  if (o < 0x100) return o / 4 < kPorts ? masters[o / 4] : 0;
  if (o < 0x200) return (o - 0x100) / 4 < kPorts ? slaves[(o - 0x100) / 4] : 0;
  const uint32_t port = (o - 0x200) / 16;
  return port < kPorts ? slots[port][(o - 0x200) % 16 / 4] : 0;
}

bool Tile::writeLocks(uint32_t offset, uint32_t value) {
  const uint32_t base = reg::lockBase(kind_);
  const uint32_t end = base + static_cast<uint32_t>(locks.count()) * reg::kLockStride;
  if (offset >= base && offset < end) {
    if ((offset - base) % reg::kLockStride == 0)
      locks.set(static_cast<int>((offset - base) / reg::kLockStride), static_cast<int>(value & 63));
    return true;
  }
  const uint32_t selection = reg::lockEventSelection(kind_);
  if (offset >= selection && offset < selection + 4 * lockSelection_.size() &&
      offset < reg::lockOverflow(kind_)) {
    lockSelection_[(offset - selection) / 4] = value;
    return true;
  }
  const uint32_t words = kind_ == TileKind::Mem ? 2 : 1;
  for (uint32_t w = 0; w < words; ++w) {
    if (offset == reg::lockOverflow(kind_) + 4 * w) {
      locks.clearLatches(uint64_t{value} << (32 * w), 0);
      return true;
    }
    if (offset == reg::lockUnderflow(kind_) + 4 * w) {
      locks.clearLatches(0, uint64_t{value} << (32 * w));
      return true;
    }
  }
  return false;
}

std::optional<uint32_t> Tile::readLocks(uint32_t offset) {
  const uint32_t base = reg::lockBase(kind_);
  const uint32_t end = base + static_cast<uint32_t>(locks.count()) * reg::kLockStride;
  if (offset >= base && offset < end)
    return (offset - base) % reg::kLockStride
               ? 0
               : static_cast<uint32_t>(
                     locks.value(static_cast<int>((offset - base) / reg::kLockStride)));
  const uint32_t selection = reg::lockEventSelection(kind_);
  if (offset >= selection && offset < selection + 4 * lockSelection_.size() &&
      offset < reg::lockOverflow(kind_))
    return lockSelection_[(offset - selection) / 4];
  const uint32_t words = kind_ == TileKind::Mem ? 2 : 1;
  for (uint32_t w = 0; w < words; ++w) {
    if (offset == reg::lockOverflow(kind_) + 4 * w)
      return static_cast<uint32_t>(locks.overflow() >> (32 * w));
    if (offset == reg::lockUnderflow(kind_) + 4 * w)
      return static_cast<uint32_t>(locks.underflow() >> (32 * w));
  }
  const uint32_t request = reg::lockRequestBase(kind_);
  const uint32_t requests = static_cast<uint32_t>(locks.count() * reg::lockRequestStride);
  if (offset >= request && offset < request + requests) {
    // A read that is a request: lock, kind and signed 7-bit change are in the address.
    const uint32_t o = offset - request;
    const int id = static_cast<int>(o / reg::lockRequestStride);
    const bool acquire = (o & reg::lockRequestAcquire) != 0;
    int delta = static_cast<int>(o >> 2 & 127);
    if (delta > 63) delta -= 128;
    return locks.request(id, delta, acquire) ? 1 : 0;
  }
  return std::nullopt;
}

void Tile::write32(uint32_t offset, uint32_t value) {
  if (core_) core_->comeBack();
  offset &= 0xFFFFC;
  if (offset < memory.size()) {
    memory.setWord(offset, value);
    if (fabric_.sanitizer) fabric_.sanitizer->wrote(*this, offset, 4);
    return;
  }
  if (core_) {
    if (offset >= reg::kProgramMemory &&
        offset < reg::kProgramMemory + device::kProgramMemoryBytes) {
      uint8_t bytes[4];
      writeU32(bytes, value);
      (void)core_->core().writeProgram(offset - reg::kProgramMemory, bytes);
      return;
    }
    if (offset == reg::kCoreControl) return core_->writeControl(value);
    if (offset == reg::kAccumulatorControl) {
      plain_[offset] = value;
      return core_->writeAccumulatorControl(value);
    }
  }
  if (writeDma(offset, value) || writeSwitch(offset, value) || writeLocks(offset, value)) return;
  for (EventUnit *u : eventUnits_)
    if (u->write(offset, value)) {
      plain_[offset] = value;
      return;
    }
  if (kind_ != TileKind::Shim && offset == reg::memoryControl(kind_)) {
    if (value & 1) {
      memory.clear();
      if (fabric_.sanitizer) fabric_.sanitizer->wrote(*this, 0, memory.size());
    }
    if (kind_ == TileKind::Mem) memory.interleaved = (value & 2) != 0;
    plain_[offset] = value & ~1u;
    return;
  }
  if (offset == reg::switchBase(kind_) + reg::kControlPacketStatus) {
    controlIn.errors &= ~value;
    return;
  }
  plain_[offset] = value;
}

void Tile::writeBlock(uint32_t offset, std::span<const uint32_t> words) {
  if (core_) core_->comeBack();
  const uint64_t bytes = words.size() * 4;
  if (offset % 4 == 0 && offset + bytes <= memory.size()) {
    for (size_t i = 0; i < words.size(); ++i)
      memory.setWord(offset + 4 * static_cast<uint32_t>(i), words[i]);
    if (fabric_.sanitizer) fabric_.sanitizer->wrote(*this, offset, static_cast<uint32_t>(bytes));
    return;
  }
  if (core_ && offset >= reg::kProgramMemory &&
      offset + bytes <= reg::kProgramMemory + device::kProgramMemoryBytes) {
    std::vector<uint8_t> image(bytes);
    for (size_t i = 0; i < words.size(); ++i) writeU32(&image[4 * i], words[i]);
    (void)core_->core().writeProgram(offset - reg::kProgramMemory, image);
    return;
  }
  for (size_t i = 0; i < words.size(); ++i)
    write32(offset + 4 * static_cast<uint32_t>(i), words[i]);
}

uint32_t Tile::read32(uint32_t offset) {
  if (core_) core_->comeBack();
  offset &= 0xFFFFC;
  if (offset < memory.size()) return memory.word(offset);
  if (core_) {
    if (offset >= reg::kProgramMemory && offset < reg::kProgramMemory + device::kProgramMemoryBytes)
      return readU32(core_->core().program().data() + (offset - reg::kProgramMemory));
    if (offset == reg::kCoreControl) return core_->control();
    if (offset == reg::kCoreStatus) return core_->status();
    if (offset >= reg::kCorePc && offset < reg::kCorePc + 10 * 0x10 && offset % 0x10 == 0)
      return core_->core().debugRegister(
          static_cast<DebugRegister>((offset - reg::kCorePc) / 0x10));
  }
  if (const auto v = readDma(offset)) return *v;
  if (const auto v = readSwitch(offset)) return *v;
  if (const auto v = readLocks(offset)) return *v;
  for (EventUnit *u : eventUnits_)
    if (const auto v = u->read(offset)) return *v;
  return plain(offset);
}

} // namespace ashlar::emulator
