// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The checks of the sanitizer.
#include "emulator/array/sanitizer.h"

#include "emulator/array/array.h"
#include "emulator/tile/core_slot.h"

#include <fmt/format.h>

namespace ashlar::emulator {

using device::DmaDirection;
using device::TileKind;

namespace {
std::string channelName(const Tile &tile, const DmaChannel &c) {
  return fmt::format("{} {} of {}", device::dmaDirectionName(c.direction()), c.channel(),
                     tile.name());
}
} // namespace

Sanitizer::Sanitizer(Array &array) : array_(array) {}

Sanitizer::Memory &Sanitizer::memoryOf(const Tile &tile) {
  Memory &m = memories_[tile.id()];
  if (m.written.empty()) m.written.resize(tile.memory.size());
  return m;
}

int64_t Sanitizer::unwritten(const Memory &memory, uint32_t address, uint32_t bytes) const {
  for (uint32_t i = 0; i < bytes && address + i < memory.written.size(); ++i)
    if (!memory.written[address + i]) return address + i;
  return -1;
}

std::string Sanitizer::where(const Tile &tile, uint32_t address) const {
  const NameTable::BufferName *b = array_.names.bufferAt(tile.id(), address);
  if (!b) return fmt::format("address 0x{:X} of {}", address, tile.name());
  std::string s =
      fmt::format("byte {} of buffer {} in {}", address - b->address, b->name, tile.name());
  if (!b->place.empty()) s += fmt::format(" ({})", b->place);
  return s;
}

std::string Sanitizer::bufferKey(const Tile &tile, uint32_t address) const {
  const NameTable::BufferName *b = array_.names.bufferAt(tile.id(), address);
  return b ? b->name : fmt::format("{}:{}", tile.id().str(), address >> 10);
}

void Sanitizer::find(const std::string &code, const std::string &key,
                     const std::function<std::string()> &text, const std::string &remedy) {
  if (!said_.insert(code + "|" + key).second) return;
  findings_.push_back(
      warning(code, {}, fmt::format("{} (cycle {})", text(), array_.scheduler.now()), remedy));
}

void Sanitizer::wrote(const Tile &tile, uint32_t address, uint32_t bytes) {
  Memory &m = memoryOf(tile);
  for (uint32_t i = 0; i < bytes && address + i < m.written.size(); ++i) m.written[address + i] = 1;
}

void Sanitizer::dmaReads(const Tile &memory, uint32_t address, uint32_t bytes, const Tile &tile,
                         const DmaChannel &channel) {
  const int64_t bad = unwritten(memoryOf(memory), address, bytes);
  if (bad < 0) return;
  find(
      "sanitize-uninitialized",
      channelName(tile, channel) + bufferKey(memory, static_cast<uint32_t>(bad)),
      [&] {
        return fmt::format("{} sends {}, which nobody has written", channelName(tile, channel),
                           where(memory, static_cast<uint32_t>(bad)));
      },
      "give the buffer an initial value, or let its producer fill it before it is released");
}

void Sanitizer::dmaWrites(const Tile &memory, uint32_t address, uint32_t bytes, const Tile &tile,
                          const DmaChannel &channel) {
  wrote(memory, address, bytes);
  const auto it = array_.names.buffers.find(memory.id());
  if (it == array_.names.buffers.end() || array_.names.bufferAt(memory.id(), address)) return;
  find(
      "sanitize-outside-buffer", channelName(tile, channel) + bufferKey(memory, address),
      [&] {
        return fmt::format("{} writes {}, which is in no buffer", channelName(tile, channel),
                           where(memory, address));
      },
      "compare the transfer's length with the buffer's size");
}

void Sanitizer::coreAccess(const Tile &core, Tile &memory, uint32_t address, uint32_t bytes,
                           bool write, uint32_t pc) {
  Memory &m = memoryOf(memory);
  const auto coreName = [&] { return fmt::format("{} (pc 0x{:X})", core.name(), pc); };
  if (write) {
    wrote(memory, address, bytes);
  } else if (const int64_t bad = unwritten(m, address, bytes); bad >= 0) {
    find(
        "sanitize-uninitialized", core.name() + bufferKey(memory, static_cast<uint32_t>(bad)),
        [&] {
          return fmt::format("{} reads {}, which nobody has written", coreName(),
                             where(memory, static_cast<uint32_t>(bad)));
        },
        "initialise it, or acquire the lock of its producer first");
  }
  // A DMA channel that holds the lock of this buffer is in the middle of it.
  for (auto *list : {&memory.s2mm, &memory.mm2s})
    for (auto &c : *list) {
      const bool in = c->direction() == DmaDirection::S2MM;
      if (c->state() != DmaState::Moving || (!in && !write)) continue;
      if (!c->bd().acquire || !c->touches(address, bytes)) continue;
      find(
          "sanitize-race", core.name() + channelName(memory, *c) + bufferKey(memory, address),
          [&] {
            return fmt::format("{} {} {} while {} {} it (BD {})", coreName(),
                               write ? "writes" : "reads", where(memory, address),
                               channelName(memory, *c), in ? "fills" : "sends", c->currentBd());
          },
          "acquire the buffer's lock before the access and release it after");
    }
  const auto layout = array_.names.layouts.find(core.id());
  if (layout == array_.names.layouts.end()) return;
  const bool own = core.id() == memory.id();
  if (own && write) {
    const uint32_t sp = const_cast<Tile &>(core).core()->core().debugRegister(DebugRegister::SP);
    const uint32_t used = sp - device::kCoreWindowOwn;
    if (used < device::kCoreMemoryBytes && used > layout->second.stack)
      find(
          "sanitize-stack", core.name(),
          [&] {
            return fmt::format("the stack of {} has grown to {} bytes; it has {}", coreName(), used,
                               layout->second.stack);
          },
          "give the core a larger stack_size, or its functions smaller local arrays");
  }
  if (array_.names.bufferAt(memory.id(), address)) return;
  if (own && (address < layout->second.stack || address >= layout->second.dataStart)) return;
  find(
      "sanitize-outside-buffer", core.name() + (write ? "w" : "r") + bufferKey(memory, address),
      [&] {
        return fmt::format("{} {} {}, which is in no buffer, nor in its stack or data", coreName(),
                           write ? "writes" : "reads", where(memory, address));
      },
      "look for an index beyond the end of a buffer");
}

void Sanitizer::ended() {
  for (const Link *l : array_.network().links())
    if (l->size() && l->to != "the controller")
      find(
          "sanitize-unread-stream", l->from + l->to,
          [&] {
            return fmt::format("{} word{} from {} to {} {} never read", l->size(),
                               l->size() == 1 ? "" : "s", l->from, l->to,
                               l->size() == 1 ? "was" : "were");
          },
          "the producer sends more than the consumer takes");
  for (Tile *t : array_.tiles()) {
    if (t->kind() != TileKind::Shim) continue;
    for (auto *list : {&t->s2mm, &t->mm2s})
      for (auto &c : *list)
        if (!c->idle() && c->state() != DmaState::Failed)
          find(
              "sanitize-unfinished-transfer", channelName(*t, *c),
              [&] {
                return fmt::format("the sequence has ended, but {} still has {} of {} words to "
                                   "move",
                                   channelName(*t, *c), c->remaining(), c->bd().length);
              },
              "wait for it in the sequence (dma_wait, dma_await_task)");
  }
}

} // namespace ashlar::emulator
