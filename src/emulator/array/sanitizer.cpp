// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The checks of the sanitizer.
#include "emulator/array/sanitizer.h"

#include "emulator/array/array.h"
#include "emulator/tile/core_slot.h"
#include "isa/decode.h"
#include "isa/hazard.h"

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
  heldByCore(memory, address, bytes, tile, channel);
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
  heldByCore(memory, address, bytes, tile, channel);
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
  const auto coreName = [&] { return coreText(core, pc); };
  // Where the design's buffers are known, the stack and the program's data need no second look.
  if (array_.names.layouts.empty() || array_.names.bufferAt(memory.id(), address))
    hold(core, memory, address, write, pc);
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

std::string Sanitizer::coreText(const Tile &core, uint32_t pc) const {
  std::string s = fmt::format("{} (pc 0x{:X}", core.name(), pc);
  if (array_.names.code)
    if (const std::string where = array_.names.code(core.id(), pc); !where.empty())
      s += ", " + where;
  return s + ")";
}

std::string Sanitizer::lockText(const Tile &tile, int id) const {
  const auto it = array_.names.locks.find({tile.id(), id});
  if (it == array_.names.locks.end()) return fmt::format("lock {} of {}", id, tile.name());
  return fmt::format("lock {} (number {} of {}{})", it->second.name, id, tile.name(),
                     it->second.place.empty() ? "" : ", " + it->second.place);
}

// ---- buffers that cores hold -------------------------------------------------------------------

// A buffer belongs to the two locks of the descriptor that covers it: the channel takes one and
// gives the other. A core that has taken the other and been in the buffer has it until it gives
// something back.
void Sanitizer::hold(const Tile &core, Tile &memory, uint32_t address, bool write, uint32_t pc) {
  std::vector<Held> &list = held_[memory.id()];
  for (Held &h : list)
    if (h.core == core.id() && address >= h.start && address < h.end) {
      h.written |= write;
      return;
    }
  for (int i = 0; i < device::bdCount(memory.kind()); ++i) {
    const device::Bd &bd = memory.peekBd(i);
    if (!bd.valid || !bd.acquire || !bd.release || address < bd.address ||
        address - bd.address >= uint64_t{bd.length} * 4)
      continue;
    const auto taken = taken_.find({core.id(), memory.id(), bd.release->id});
    if (taken == taken_.end() || taken->second <= 0) continue;
    const uint32_t start = static_cast<uint32_t>(bd.address);
    list.push_back(
        {core.id(), start, start + bd.length * 4, pc, write, bd.release->id, bd.acquire->id});
    return;
  }
}

void Sanitizer::coreLock(const Tile &core, const Tile &owner, int id, bool acquire, int value) {
  if (acquire) {
    taken_[{core.id(), owner.id(), id}] += value < 0 ? -value : value;
    return;
  }
  std::vector<Held> &list = held_[owner.id()];
  // Which of several buffers it gives back is not said: none counts as held any more.
  for (const Held &h : list)
    if (h.core == core.id() && h.partner == id) taken_[{core.id(), owner.id(), h.acquired}] = 0;
  std::erase_if(list, [&](const Held &h) { return h.core == core.id() && h.partner == id; });
}

void Sanitizer::heldByCore(const Tile &memory, uint32_t address, uint32_t bytes, const Tile &tile,
                           const DmaChannel &channel) {
  const auto it = held_.find(memory.id());
  if (it == held_.end()) return;
  const bool in = channel.direction() == DmaDirection::S2MM;
  for (const Held &h : it->second) {
    if (address >= h.end || address + bytes <= h.start || (!in && !h.written)) continue;
    const Tile &core = *array_.tile(h.core);
    find(
        "sanitize-race", channelName(tile, channel) + "held" + bufferKey(memory, h.start),
        [&] {
          return fmt::format("{} {} {} while {} holds it (BD {}; the core has taken {})",
                             channelName(tile, channel), in ? "fills" : "sends",
                             where(memory, address), coreText(core, h.pc), channel.currentBd(),
                             lockText(memory, h.acquired));
        },
        "let the descriptor acquire the lock that the core releases");
  }
}

// ---- locks, packets, code ----------------------------------------------------------------------

void Sanitizer::lockError(const Tile &tile, int id, int value, int delta) {
  find(
      delta < 0 ? "sanitize-lock-underflow" : "sanitize-lock-overflow", lockText(tile, id),
      [&] {
        return fmt::format("{} holds {}, and {} {} leaves the range 0 to {}: it is not done",
                           lockText(tile, id), value, delta < 0 ? "taking" : "adding",
                           std::abs(delta), device::kMaxLockValue);
      },
      "match each release with an acquire");
}

void Sanitizer::lostPacket(const Tile &tile, const std::string &what) {
  find(
      "sanitize-lost-packet", tile.name() + what, [&] { return what; },
      "give the port a rule for the id, or send another one");
}

void Sanitizer::hazards() {
  for (const auto &[id, counts] : executed.cores()) {
    Tile *tile = array_.tile(id);
    if (!tile || !tile->core()) continue;
    const ByteView program = tile->core()->core().program();
    std::vector<isa::CodeBundle> code;
    for (size_t i = 0; i < counts.size() && 2 * i < program.size(); ++i) {
      isa::Bundle bundle;
      if (counts[i].issued && isa::decode(program, 2 * i, bundle) == isa::DecodeError::None)
        code.push_back({static_cast<uint32_t>(2 * i), bundle});
    }
    isa::HazardOptions options;
    options.earlyReads = options.locks = false;
    for (const isa::Hazard &h : isa::findHazards(code, options)) {
      if (!h.isError || h.kind == isa::HazardKind::JumpOutside ||
          h.kind == isa::HazardKind::DelaySlotEnd)
        continue;
      find(
          "sanitize-hazard", fmt::format("{}{:x}{:x}", tile->name(), h.first, h.second),
          [&] {
            return fmt::format("{} has executed code that breaks the pipeline's rules: {} ({})",
                               coreText(*tile, h.first), h.text, isa::hazardName(h.kind));
          },
          "what it computes depends on the chip; move the instructions apart");
    }
  }
}

void Sanitizer::ended(bool completed) {
  hazards();
  if (!completed) return;
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
