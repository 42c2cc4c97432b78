// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A descriptor of the language (elements, outermost dimension first) as the hardware has it (words,
// innermost first), with the hardware's limits.
#include "lower/model.h"

namespace ashlar::lower {

namespace {

struct Limits {
  int dims;
  uint32_t wrap, step;
  uint64_t length;
};
/// Widths of the fields: sizes and steps of a dimension, length in words.
Limits limitsOf(TileKind kind) {
  switch (kind) {
  case TileKind::Core: return {3, 255, 1u << 13, (1u << 14) - 1};
  case TileKind::Mem: return {4, 1023, 1u << 17, (1u << 17) - 1};
  case TileKind::Shim: return {3, 1023, 1u << 20, 0xFFFFFFFFull};
  }
  return {};
}
constexpr int kMaxIterations = 64;

} // namespace

Result<device::Bd> lowerBd(const Model &m, const BdDesc &desc, TileId tile, DmaDirection direction,
                           const Place &place) {
  const TileKind kind = device::tileKind(tile);
  const Limits limit = limitsOf(kind);
  const int bits = desc.elementBits;
  const std::string who =
      fmt::format("the descriptor of {}", desc.what.empty() ? "this transfer" : desc.what);
  device::Bd bd;
  auto bad = [&](std::string message, std::string remedy = {}) {
    return error("bad-bd", place, std::move(message), std::move(remedy));
  };
  auto words = [&](int64_t elements) -> std::optional<int64_t> {
    if (elements < 0 || elements > (int64_t(1) << 40) || elements * bits % 32) return std::nullopt;
    return elements * bits / 32;
  };

  const auto offset = words(desc.offset);
  if (!offset)
    return bad(fmt::format("{} starts at element {} of {} bits; addresses are multiples of 4 bytes",
                           who, desc.offset, bits));
  auto length = words(desc.length);
  if (!length)
    return bad(fmt::format("{} has {} elements of {} bits; lengths are multiples of 4 bytes", who,
                           desc.length, bits));
  if (*length == 0) return bad(fmt::format("{} moves nothing", who));
  if (static_cast<uint64_t>(*length) > limit.length)
    return bad(fmt::format("{} moves {} words; a {} tile's descriptor moves at most {}", who,
                           *length, device::tileKindName(kind), limit.length),
               "split it");
  bd.length = static_cast<uint32_t>(*length);

  if (desc.buffer >= 0) {
    const Buffer &b = m.buffers[static_cast<size_t>(desc.buffer)];
    if (desc.offset * bits / 8 >= b.type.bytes() && b.type.bytes() > 0)
      return bad(fmt::format("{} starts at byte {}, behind its {} bytes", who,
                             desc.offset * bits / 8, b.type.bytes()));
    const uint64_t local = static_cast<uint64_t>(b.address.value_or(0) + *offset * 4);
    if (kind == TileKind::Mem) {
      const int dc = b.tile.col - tile.col;
      if (b.tile.row != tile.row || dc < -1 || dc > 1)
        return bad(fmt::format("the DMA of tile {} cannot reach '{}' in tile {}", tile.str(),
                               b.name, b.tile.str()),
                   "a memtile reaches its own memory and that of the memtiles beside it");
      bd.address = local + static_cast<uint64_t>(dc + 1) * device::kMemTileBytes;
    } else {
      if (b.tile != tile)
        return bad(fmt::format("the DMA of tile {} cannot reach '{}' in tile {}", tile.str(),
                               b.name, b.tile.str()),
                   "a core tile's DMA reaches its own memory only");
      bd.address = local;
    }
  } else if (desc.address) {
    bd.address = static_cast<uint64_t>(*desc.address + *offset * 4);
  }

  Dims dims = desc.dims;
  if (kind == TileKind::Shim && dims.size() == 4 && !desc.iteration) {
    // In a shim task the outermost of four dimensions is the iteration.
    const auto [size, stride] = dims.front();
    dims.erase(dims.begin());
    if (size > 1 && stride != 0) {
      const auto step = words(stride);
      if (!step || size > kMaxIterations || *step < 1 || *step > limit.step)
        return bad(
            fmt::format("{} iterates {} times over a stride of {} elements", who, size, stride),
            fmt::format("at most {} iterations, strides of whole words up to {}", kMaxIterations,
                        limit.step));
      bd.iterationSize = static_cast<uint32_t>(size);
      bd.iterationStep = static_cast<uint32_t>(*step);
    } else if (size > 256) {
      return bad(fmt::format("{} repeats {} times; a task repeats at most 256 times", who, size));
    }
  }
  if (desc.iteration) {
    const auto [size, stride, current] = *desc.iteration;
    const auto step = words(stride);
    if (size >= 1 && (current < 0 || current >= size))
      return bad(fmt::format("{} starts at iteration {} of {}", who, current, size),
                 "the current iteration is below the size");
    if (!step || size < 1 || size > kMaxIterations || *step < 1 || *step > limit.step)
      return bad(
          fmt::format("{} iterates {} times over a stride of {} elements", who, size, stride),
          fmt::format("at most {} iterations, strides of whole words up to {}", kMaxIterations,
                      limit.step));
    bd.iterationSize = static_cast<uint32_t>(size);
    bd.iterationStep = static_cast<uint32_t>(*step);
    bd.iterationCurrent = static_cast<uint32_t>(current);
  }
  const int count = static_cast<int>(dims.size());
  if (count > limit.dims)
    return bad(fmt::format("{} has {} dimensions; a {} tile's descriptor has {}", who, count,
                           device::tileKindName(kind), limit.dims));
  // [.., 1, 1, n][.., 0, 0, 1] says nothing but the length; so does any contiguous pattern, which
  // is taken that way where its sizes would not fit the fields.
  bool linear = kind == TileKind::Shim && !dims.empty() && dims.back().second == 1;
  bool contiguous = linear;
  for (int i = count - 2; i >= 0; --i) {
    const auto [size, stride] = dims[static_cast<size_t>(i)];
    linear &= size == 1 && stride == 0;
    int64_t inner = 1;
    for (int k = i + 1; k < count; ++k)
      inner *= std::clamp<int64_t>(dims[static_cast<size_t>(k)].first, 1, 1 << 20);
    contiguous &= size == 1 || stride == inner;
  }
  linear |= contiguous && words(dims.back().first).value_or(0) > limit.wrap;
  if (!linear) {
    for (int j = 0; j < count; ++j) {
      auto [size, stride] = dims[static_cast<size_t>(count - 1 - j)];
      if (size < 1)
        return bad(fmt::format("dimension {} of {} has size {}", j, who, size),
                   "sizes are at least 1 (dimension 0 is the innermost)");
      std::optional<int64_t> wrap = size, step;
      if (j == 0) {
        wrap = words(size);
        if (!wrap)
          return bad(fmt::format("the innermost dimension of {} has {} elements of {} bits", who,
                                 size, bits),
                     "make it a multiple of 4 bytes");
        if (bits < 32 && stride != 1 && size > 1)
          return bad(fmt::format("the innermost stride of {} is {} elements of {} bits", who,
                                 stride, bits),
                     "elements of less than 32 bits need an innermost stride of 1");
        step = bits < 32 ? 1 : words(stride);
        if (bits > 32 && stride == 1) step = 1;
      } else {
        step = size == 1 ? std::optional<int64_t>(std::max<int64_t>(words(stride).value_or(1), 1))
                         : words(stride);
      }
      if (!step)
        return bad(fmt::format("the stride of dimension {} of {} is {} elements of {} bits", j, who,
                               stride, bits),
                   "strides are multiples of 4 bytes");
      if (*step < 1 && size > 1)
        return bad(fmt::format("the stride of dimension {} of {} is {}", j, who, stride),
                   "strides are positive");
      const bool outermost = j == limit.dims - 1;
      if (!outermost && *wrap > limit.wrap)
        return bad(fmt::format("dimension {} of {} has size {}; the field holds at most {}", j, who,
                               *wrap, limit.wrap),
                   "split the dimension");
      if (*step > limit.step)
        return bad(fmt::format("the stride of dimension {} of {} is {} words; the field holds at "
                               "most {}",
                               j, who, *step, limit.step));
      bd.dims[j].size = static_cast<uint32_t>(*wrap);
      bd.dims[j].step = static_cast<uint32_t>(std::max<int64_t>(*step, 1));
    }
  }
  // Sizes say how many elements there are, and so does the length. The DMA goes by the length,
  // which is hardly what was meant where the two differ.
  __int128 inner = 1;
  for (size_t i = 1; i < dims.size(); ++i) inner *= dims[i].first;
  __int128 padded = 1;
  for (size_t i = 0; i < dims.size(); ++i)
    padded *= dims[i].first + (i < desc.pads.size() ? desc.pads[i].first + desc.pads[i].second : 0);
  if (!desc.pads.empty() && padded > desc.length)
    return bad(fmt::format("{} has {} elements with its padding, and a length of {}", who,
                           static_cast<int64_t>(padded), desc.length),
               "the length counts what is sent, with the padding");
  if (!dims.empty() && desc.pads.empty() && kind == TileKind::Shim &&
      inner * dims[0].first != desc.length)
    return bad(fmt::format("{} has a length of {} elements, and its sizes make {}", who,
                           desc.length, static_cast<int64_t>(inner * dims[0].first)),
               "make the length the product of the sizes (of four, the first is the iteration)");
  // Whatever lies behind the buffer belongs to somebody else. Where the length is more than the
  // sizes make, the outermost dimension of the hardware goes on; one that the design leaves out
  // steps by a word.
  if (desc.buffer >= 0 && desc.pads.empty()) {
    const int64_t held = m.buffers[static_cast<size_t>(desc.buffer)].type.bytes() * 8 / bits;
    __int128 last = desc.offset;
    if (dims.empty()) {
      last += desc.length - 1;
    } else {
      const bool open = static_cast<int>(dims.size()) == limit.dims;
      const __int128 round = open ? inner : inner * dims[0].first;
      if (round > 0 && desc.length >= inner * dims[0].first) {
        for (size_t i = open ? 1 : 0; i < dims.size(); ++i)
          last += static_cast<__int128>(dims[i].first - 1) * dims[i].second;
        last += (desc.length / round - 1) * (open ? dims[0].second : std::max(32 / bits, 1));
      }
    }
    if (last >= held)
      return bad(fmt::format("{} reaches element {}, and there are {}", who,
                             static_cast<int64_t>(last), held),
                 "correct offset, length, sizes or strides");
  }
  if (!desc.pads.empty()) {
    if (kind != TileKind::Mem || direction != DmaDirection::MM2S)
      return bad(fmt::format("{} pads", who), "padding exists on memtile MM2S channels only");
    if (desc.pads.size() > 3 || desc.pads.size() != desc.dims.size())
      return bad(
          fmt::format("{} has {} dimensions and {} pads", who, desc.dims.size(), desc.pads.size()),
          "as many pads as dimensions, at most 3");
    const int n = static_cast<int>(desc.pads.size());
    static constexpr int64_t most[] = {63, 31, 15};
    for (int j = 0; j < n; ++j) {
      auto [before, after] = desc.pads[static_cast<size_t>(n - 1 - j)];
      if (j == 0) {
        const auto b = words(before), a = words(after);
        if (!a || !b)
          return bad(fmt::format("the innermost padding of {} is not whole words", who));
        before = *b;
        after = *a;
      }
      if (before < 0 || after < 0 || before > most[j] || after > most[j])
        return bad(
            fmt::format("dimension {} of {} is padded by {} and {}; the fields hold at most {}", j,
                        who, before, after, most[j]));
      bd.pads[j] = {static_cast<uint32_t>(before), static_cast<uint32_t>(after)};
    }
  }
  if (desc.packet) {
    const auto [type, id] = *desc.packet;
    if (type < 0 || type > 7 || id < 0 || id > 31)
      return bad(fmt::format("packet type {} or id {} is out of range", type, id),
                 "types are 0..7, ids 0..31");
    bd.packet = device::BdPacket{static_cast<uint8_t>(type), static_cast<uint8_t>(id)};
  }
  bd.outOfOrderId = static_cast<uint8_t>(desc.outOfOrderId);
  auto lockId = [&](const LockUse &use) -> std::optional<uint16_t> {
    const Lock &lock = m.locks[static_cast<size_t>(use.lock)];
    const int id = lock.id.value_or(0);
    if (kind == TileKind::Mem) {
      const int dc = lock.tile.col - tile.col;
      if (lock.tile.row != tile.row || dc < -1 || dc > 1) return std::nullopt;
      return static_cast<uint16_t>((dc + 1) * device::lockCount(TileKind::Mem) + id);
    }
    if (lock.tile != tile) return std::nullopt;
    return static_cast<uint16_t>(id);
  };
  for (const auto *use : {&desc.acquire, &desc.release}) {
    if (!*use) continue;
    const auto id = lockId(**use);
    if (!id) {
      const Lock &lock = m.locks[static_cast<size_t>((*use)->lock)];
      return bad(fmt::format("the DMA of tile {} cannot reach lock '{}' of tile {}", tile.str(),
                             lock.name, lock.tile.str()));
    }
    device::BdLock l{*id, static_cast<int8_t>((*use)->value)};
    (use == &desc.acquire ? bd.acquire : bd.release) = l;
  }
  if (kind == TileKind::Shim) {
    switch (desc.burst) {
    case 0: break;
    case 64: bd.burst = 0; break;
    case 128: bd.burst = 1; break;
    case 256: bd.burst = 2; break;
    default:
      return bad(fmt::format("{} has a burst length of {}", who, desc.burst),
                 "64, 128 or 256 bytes, or 0 for the longest");
    }
  }
  return bd;
}

} // namespace ashlar::lower
