// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Register writes to state, and state to words.
#include "analysis/model.h"

#include <algorithm>
#include <fmt/format.h>

namespace ashlar::analysis {

namespace reg = device::reg;

bool TileModel::enabled() const { return reg(reg::kCoreControl) & 1; }

std::optional<device::Bd> TileModel::bd(int id) const {
  const int words = device::bdWords(kind);
  const uint32_t base = device::bdRegister(kind, id);
  std::array<uint32_t, 8> image{};
  bool any = false;
  for (int i = 0; i < words; ++i) {
    const auto it = registers.find(base + 4 * static_cast<uint32_t>(i));
    if (it == registers.end()) continue;
    image[static_cast<size_t>(i)] = it->second;
    any = true;
  }
  if (!any) return std::nullopt;
  return device::decodeBd(kind, std::span(image.data(), static_cast<size_t>(words)));
}

std::optional<uint32_t> TileModel::lockInit(int id) const {
  const auto it =
      registers.find(reg::lockBase(kind) + reg::kLockStride * static_cast<uint32_t>(id));
  if (it == registers.end()) return std::nullopt;
  return it->second;
}

TileModel &Model::tile(TileId id) {
  TileModel &t = tiles[id];
  t.id = id;
  t.kind = device::tileKind(id);
  return t;
}

std::optional<Push> pushOf(TileKind kind, uint32_t offset, uint32_t value) {
  for (const DmaDirection d : {DmaDirection::S2MM, DmaDirection::MM2S})
    for (int c = 0; c < device::dmaChannels(kind); ++c)
      if (offset == reg::dmaQueue(kind, d, c))
        return Push{d,
                    c,
                    static_cast<int>(value & (kind == TileKind::Mem ? 0x3F : 0xF)),
                    static_cast<int>(value >> 16 & 0xFF) + 1,
                    (value >> 31) != 0,
                    0};
  return std::nullopt;
}

void Model::write(uint32_t address, uint32_t value, uint64_t offset) {
  writeBlock(address, std::span(&value, 1), offset);
}

void Model::maskWrite(uint32_t address, uint32_t value, uint32_t mask, uint64_t offset) {
  const TileModel &t = tile(device::tileOfAddress(address));
  const uint32_t old = t.reg(device::offsetOfAddress(address));
  write(address, (old & ~mask) | (value & mask), offset);
}

void Model::writeBlock(uint32_t address, std::span<const uint32_t> words, uint64_t fileOffset) {
  TileModel &t = tile(device::tileOfAddress(address));
  const uint32_t offset = device::offsetOfAddress(address);
  const uint32_t bytes = static_cast<uint32_t>(words.size()) * 4;
  if (offset < device::dataMemoryBytes(t.kind)) {
    t.data.push_back({offset, offset + bytes});
    return;
  }
  if (t.kind == TileKind::Core && offset >= reg::kProgramMemory && offset < reg::kCoreRegisters) {
    const uint32_t start = offset - reg::kProgramMemory;
    t.hasProgram = true;
    t.programEnd = std::max(t.programEnd, start + bytes);
    const uint32_t end = std::min(start + bytes, device::kProgramMemoryBytes);
    if (t.program.size() < end) t.program.resize(end);
    for (uint32_t at = start, i = 0; at + 4 <= end; at += 4, ++i)
      writeU32(&t.program[at], words[i]);
    return;
  }
  for (size_t i = 0; i < words.size(); ++i) {
    const uint32_t at = offset + 4 * static_cast<uint32_t>(i);
    t.registers[at] = words[i];
    if (auto push = pushOf(t.kind, at, words[i])) {
      push->offset = fileOffset;
      t.pushes.push_back(*push);
    }
  }
}

void applyOperation(Model &model, const load::Operation &operation) {
  if (const auto *w = std::get_if<load::Write32>(&operation.op)) {
    model.write(w->address, w->value, operation.offset);
  } else if (const auto *m = std::get_if<load::MaskWrite32>(&operation.op)) {
    model.maskWrite(m->address, m->value, m->mask, operation.offset);
  } else if (const auto *b = std::get_if<load::BlockWrite>(&operation.op)) {
    model.writeBlock(b->address, b->words, operation.offset);
  } else if (const auto *f = std::get_if<load::BlockFill>(&operation.op)) {
    // A fill says its length in one word; no memory holds more than this.
    const std::vector<uint32_t> words(std::min(f->words, device::kMemTileBytes / 4), f->value);
    model.writeBlock(f->address, words, operation.offset);
  }
}

Model modelOf(const load::Configuration &configuration) {
  Model model;
  for (const load::Operation &operation : configuration.operations)
    applyOperation(model, operation);
  return model;
}

std::string tileText(TileId tile) {
  return fmt::format("{} {}", device::tileKindName(device::tileKind(tile)), tile.str());
}
std::string channelText(TileId tile, DmaDirection direction, int channel) {
  return fmt::format("{} {} of {}", device::dmaDirectionName(direction), channel, tileText(tile));
}

Place Names::core(TileId tile) const {
  if (plan_)
    for (const plan::Core &c : plan_->cores)
      if (c.tile == tile && c.place.known()) return c.place;
  return file();
}

Place Names::channel(TileId tile, DmaDirection direction, int channel, uint64_t offset) const {
  if (plan_)
    for (const plan::DmaProgram &program : plan_->dmas)
      if (program.tile == tile)
        for (const plan::DmaStart &s : program.starts)
          if (s.direction == direction && s.channel == channel && s.place.known()) return s.place;
  return offset ? at(offset) : file();
}

std::string Names::lock(TileId tile, int id) const {
  if (plan_)
    for (const plan::Lock &l : plan_->locks)
      if (l.tile == tile && l.id == id && !l.name.empty())
        return fmt::format("lock `{}` (number {} of {})", l.name, id, tileText(tile));
  return fmt::format("lock {} of {}", id, tileText(tile));
}

std::string Names::buffer(TileId tile, uint32_t address) const {
  if (plan_)
    for (const plan::Buffer &b : plan_->buffers)
      if (b.tile == tile && address >= b.address && address - b.address < b.size)
        return fmt::format(" (`{}`)", b.name);
  return "";
}

uint32_t Names::stackSize(TileId tile) const {
  if (plan_)
    for (const plan::Core &c : plan_->cores)
      if (c.tile == tile) return c.stackSize;
  return 0;
}

} // namespace ashlar::analysis
