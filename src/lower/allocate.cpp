// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Numbers and addresses: lock ids, BD ids, buffer addresses in both schemes. First free number in
// declaration order; buffers largest first, because that is what the vendor's flow does and what
// tests and packages rely on.
#include "lower/model.h"

#include "device/registers.h"

namespace ashlar::lower {

std::vector<std::string> lockUsers(const Model &m, TileId tile) {
  std::vector<std::string> users;
  for (const Lock &lock : m.locks)
    if (lock.tile == tile && lock.id)
      users.push_back(fmt::format("lock {}: {} at {}", *lock.id,
                                  lock.name.empty() ? "declared" : "'" + lock.name + "'",
                                  lock.place.str()));
  return users;
}

void assignLocks(Model &m) {
  std::map<TileId, std::map<int, const Lock *>> used;
  for (const Lock &lock : m.locks)
    if (lock.id) {
      auto [it, fresh] = used[lock.tile].emplace(*lock.id, &lock);
      if (!fresh)
        m.fail("bad-lock", lock.place,
               fmt::format("lock {} of tile {} is declared twice", *lock.id, lock.tile.str()), {},
               {it->second->place.str() + ": the first is here"});
    }
  for (int i : inOrder(m.locks)) {
    Lock &lock = m.locks[static_cast<size_t>(i)];
    if (lock.id) continue;
    auto &taken = used[lock.tile];
    int id = 0;
    while (taken.count(id)) ++id;
    const TileKind kind = device::tileKind(lock.tile);
    if (id >= device::lockCount(kind)) {
      m.fail("out-of-locks", lock.place,
             fmt::format("{} tile {} has {} locks, and all are taken", device::tileKindName(kind),
                         lock.tile.str(), device::lockCount(kind)),
             "use fewer locks on this tile, or those of a neighbour that its users reach",
             lockUsers(m, lock.tile));
      id = 0;
    }
    lock.id = id;
    taken.emplace(id, &lock);
  }
}

namespace {

/// The channel that runs each block: memtile BDs are split between even and odd channels.
std::vector<int> channelOfBlocks(const DmaProgram &p) {
  std::vector<int> channel(p.blocks.size(), 0);
  for (const DmaBlock &start : p.blocks) {
    if (start.kind != DmaBlock::Start) continue;
    std::set<int> seen;
    for (int b = start.next; b >= 0 && seen.insert(b).second;
         b = p.blocks[static_cast<size_t>(b)].next)
      channel[static_cast<size_t>(b)] = start.channel;
  }
  return channel;
}

} // namespace

void assignBds(Model &m) {
  for (DmaProgram &p : m.dmas) {
    const TileKind kind = device::tileKind(p.tile);
    const std::vector<int> channel = channelOfBlocks(p);
    std::map<int, const DmaBlock *> used;
    const int half = device::bdCount(kind) / 2;
    for (size_t i = 0; i < p.blocks.size(); ++i) {
      const DmaBlock &b = p.blocks[i];
      if (b.kind != DmaBlock::Bd || !b.bd.id) continue;
      auto [it, fresh] = used.emplace(*b.bd.id, &b);
      if (!fresh)
        m.fail("bad-bd", b.place,
               fmt::format("BD {} of tile {} is given twice", *b.bd.id, p.tile.str()), {},
               {it->second->place.str() + ": the first is here"});
    }
    for (size_t i = 0; i < p.blocks.size(); ++i) {
      DmaBlock &b = p.blocks[i];
      if (b.kind != DmaBlock::Bd || b.bd.id) continue;
      const bool odd = kind == TileKind::Mem && channel[i] % 2;
      const int first = odd ? half : 0;
      const int last = kind == TileKind::Mem && !odd ? half : device::bdCount(kind);
      int id = first;
      while (id < last && used.count(id)) ++id;
      if (id >= last) {
        std::map<std::string, int> users;
        for (const DmaBlock &other : p.blocks)
          if (other.kind == DmaBlock::Bd) ++users[other.bd.what];
        std::vector<std::string> notes;
        for (const auto &[name, count] : users)
          notes.push_back(fmt::format("{}: {} descriptors", name, count));
        m.fail("bd-exhausted", b.place,
               fmt::format("{} tile {} needs more than its {} buffer descriptors{}",
                           device::tileKindName(kind), p.tile.str(), last - first,
                           kind == TileKind::Mem ? odd ? " for odd channels" : " for even channels"
                                                 : ""),
               "use smaller depths or repeat counts, or other channels", notes);
        return;
      }
      b.bd.id = id;
      used.emplace(id, &b);
    }
  }
}

namespace {

struct TileMemory {
  TileId tile;
  int64_t stack = 0, size = 0;
  int banks = 1;
  std::vector<Buffer *> buffers;
};

std::vector<std::string> memoryMap(const TileMemory &t) {
  std::vector<std::string> lines;
  if (t.stack)
    lines.push_back(fmt::format("0x{:05x}..0x{:05x} stack, {} bytes", 0, t.stack - 1, t.stack));
  std::vector<const Buffer *> sorted(t.buffers.begin(), t.buffers.end());
  std::stable_sort(sorted.begin(), sorted.end(), [](const Buffer *a, const Buffer *b) {
    return a->address.value_or(INT64_MAX) < b->address.value_or(INT64_MAX);
  });
  for (const Buffer *b : sorted)
    lines.push_back(b->address
                        ? fmt::format("0x{:05x}..0x{:05x} {}, {} bytes", *b->address,
                                      *b->address + b->type.bytes() - 1, b->name, b->type.bytes())
                        : fmt::format("no place for {}, {} bytes", b->name, b->type.bytes()));
  return lines;
}

/// Packed behind the stack, around what has a fixed address.
bool basicSequential(TileMemory &t) {
  std::vector<Buffer *> todo, fixed;
  for (Buffer *b : t.buffers) (b->address ? fixed : todo).push_back(b);
  std::stable_sort(todo.begin(), todo.end(), [](const Buffer *a, const Buffer *b) {
    return a->type.bytes() > b->type.bytes();
  });
  int64_t at = t.stack;
  for (Buffer *b : todo) {
    // DMA addresses are whole words.
    at = (at + 3) / 4 * 4;
    for (bool moved = true; moved;) {
      moved = false;
      for (const Buffer *f : fixed)
        if (at < *f->address + f->type.bytes() && *f->address < at + b->type.bytes()) {
          at = (*f->address + f->type.bytes() + 3) / 4 * 4;
          moved = true;
        }
    }
    b->address = at;
    at += b->type.bytes();
  }
  return at <= t.size;
}

/// Round robin over the banks; each bank fills upwards.
bool bankAware(TileMemory &t) {
  const int64_t bankSize = t.size / t.banks;
  std::vector<int64_t> next(static_cast<size_t>(t.banks));
  for (int i = 0; i < t.banks; ++i) next[static_cast<size_t>(i)] = bankSize * i;
  next[0] += t.stack;
  std::vector<Buffer *> todo;
  auto place = [&](Buffer *b, int bank) {
    const int64_t at = (next[static_cast<size_t>(bank)] + 3) / 4 * 4;
    if (at + b->type.bytes() > bankSize * (bank + 1)) return false;
    b->address = at;
    b->bank = bank;
    next[static_cast<size_t>(bank)] = at + b->type.bytes();
    return true;
  };
  for (Buffer *b : t.buffers) {
    if (!b->address) continue;
    for (int i = 0; i < t.banks; ++i)
      if (*b->address < bankSize * (i + 1) && *b->address + b->type.bytes() > bankSize * i)
        next[static_cast<size_t>(i)] =
            std::max(next[static_cast<size_t>(i)], *b->address + b->type.bytes());
  }
  for (Buffer *b : t.buffers) {
    if (b->address) continue;
    // A bank that the design gives is kept, or the scheme does not fit.
    if (!b->bank)
      todo.push_back(b);
    else if (!place(b, *b->bank))
      return false;
  }
  std::stable_sort(todo.begin(), todo.end(), [](const Buffer *a, const Buffer *b) {
    return a->type.bytes() > b->type.bytes();
  });
  int bank = 0;
  for (Buffer *b : todo) {
    bool placed = false;
    for (int i = 0; i < t.banks && !placed; ++i) {
      placed = place(b, bank);
      bank = (bank + 1) % t.banks;
    }
    if (!placed) return false;
  }
  return true;
}

/// Objects that a memtile has no room for go to one beside it, which its DMA reaches too; only its
/// last channels do not.
void spillMemTiles(Model &m, std::map<TileId, TileMemory> &tiles) {
  std::set<int> bound;
  for (const DmaProgram &p : m.dmas)
    for (const DmaBlock &start : p.blocks) {
      if (start.kind != DmaBlock::Start || start.channel < kFirstLocalChannel) continue;
      std::set<int> seen;
      for (int b = start.next; b >= 0 && seen.insert(b).second;
           b = p.blocks[static_cast<size_t>(b)].next)
        bound.insert(p.blocks[static_cast<size_t>(b)].bd.buffer);
    }
  const int64_t size = device::dataMemoryBytes(TileKind::Mem);
  std::map<TileId, int64_t> used;
  std::vector<TileId> all;
  for (const auto &[id, t] : tiles)
    if (device::tileKind(id) == TileKind::Mem) {
      all.push_back(id);
      for (const Buffer *b : t.buffers) used[id] += b->type.bytes();
    }
  for (TileId id : all) {
    const std::vector<Buffer *> buffers = tiles[id].buffers;
    for (size_t i = buffers.size(); i-- > 0 && used[id] > size;) {
      Buffer &b = *buffers[i];
      if (b.fifo.empty() || b.address || bound.count(static_cast<int>(&b - m.buffers.data())))
        continue;
      for (int side : {-1, 1}) {
        const TileId beside{id.col + side, id.row};
        if (!m.exists(beside) || used[beside] + b.type.bytes() > size) continue;
        b.tile = beside;
        used[id] -= b.type.bytes();
        used[beside] += b.type.bytes();
        std::erase(tiles[id].buffers, &b);
        tiles[beside].buffers.push_back(&b);
        break;
      }
    }
  }
}

} // namespace

void assignAddresses(Model &m, const Options &options) {
  std::map<TileId, TileMemory> tiles;
  for (int i : inOrder(m.buffers)) {
    Buffer &b = m.buffers[static_cast<size_t>(i)];
    tiles[b.tile].buffers.push_back(&b);
  }
  spillMemTiles(m, tiles);
  for (auto &[id, t] : tiles) {
    if (t.buffers.empty()) continue;
    const TileKind kind = device::tileKind(id);
    t.tile = id;
    t.size = device::dataMemoryBytes(kind);
    t.banks = kind == TileKind::Mem ? device::kMemTileBanks : device::kCoreBanks;
    const Core *core = m.coreAt(id);
    t.stack = core ? core->stack : 0;
    const Place place = t.buffers.front()->place;
    for (const Buffer *b : t.buffers)
      if (b->address &&
          (*b->address < 0 || *b->address + b->type.bytes() > t.size || *b->address % 4))
        m.fail("bad-buffer", b->place,
               fmt::format("buffer '{}' of {} bytes cannot be at address 0x{:x}: tile {} has {} "
                           "bytes, addressed in words of 4",
                           b->name, b->type.bytes(), *b->address, id.str(), t.size));
    const int64_t bankSize = t.size / t.banks;
    bool banksGiven = false;
    for (Buffer *b : t.buffers) {
      if (!b->bank) continue;
      banksGiven |= !b->address;
      if (*b->bank < 0 || *b->bank >= t.banks) {
        m.fail("bad-buffer", b->place,
               fmt::format("buffer '{}' wants bank {}; a {} tile has banks 0..{}", b->name,
                           *b->bank, device::tileKindName(kind), t.banks - 1));
        b->bank.reset();
      } else if (b->address && *b->address / bankSize != *b->bank) {
        m.warn("bad-buffer", b->place,
               fmt::format("buffer '{}' wants bank {} and address 0x{:x}, which is in bank {}; the "
                           "address counts",
                           b->name, *b->bank, *b->address, *b->address / bankSize),
               "leave one of mem_bank and address out");
      }
    }
    AllocScheme scheme = options.scheme;
    for (const Tile &tile : m.tiles)
      if (tile.id == id && !tile.scheme.empty()) {
        if (tile.scheme == "basic-sequential")
          scheme = AllocScheme::BasicSequential;
        else if (tile.scheme == "bank-aware")
          scheme = AllocScheme::BankAware;
        else
          m.fail("bad-scheme", tile.place,
                 fmt::format("there is no allocation scheme '{}'", tile.scheme),
                 "basic-sequential or bank-aware");
      }
    const std::vector<Buffer *> buffers = t.buffers;
    std::vector<std::pair<std::optional<int64_t>, std::optional<int>>> before;
    for (const Buffer *b : buffers) before.emplace_back(b->address, b->bank);
    bool fits = false;
    std::vector<std::string> map;
    if (scheme != AllocScheme::BasicSequential) {
      fits = bankAware(t);
      if (!fits) {
        map = memoryMap(t);
        for (size_t i = 0; i < buffers.size(); ++i)
          std::tie(buffers[i]->address, buffers[i]->bank) = before[i];
      }
    }
    if (!fits && scheme == AllocScheme::Auto && banksGiven) {
      m.fail("out-of-memory", place,
             fmt::format("the buffers of tile {} do not fit with the banks that the design gives",
                         id.str()),
             fmt::format("a bank holds {} bytes; leave mem_bank out, or use smaller objects",
                         bankSize),
             map);
      for (Buffer *b : buffers)
        if (!b->address) b->address = 0;
      continue;
    }
    if (!fits && scheme != AllocScheme::BankAware) {
      fits = basicSequential(t);
      if (!fits) map = memoryMap(t);
    }
    if (!fits) {
      int64_t total = t.stack;
      for (const Buffer *b : buffers) total += b->type.bytes();
      if (scheme == AllocScheme::BankAware && total <= t.size)
        m.fail(
            "out-of-memory", place,
            fmt::format("the buffers of {} tile {} do not fit into its banks: bank-aware divides "
                        "no buffer, and a bank holds {} bytes",
                        device::tileKindName(kind), id.str(), bankSize),
            "use basic-sequential, leave the scheme open, or use smaller objects", map);
      else
        m.fail(
            "out-of-memory", place,
            fmt::format("the buffers of {} tile {} do not fit: {} bytes are asked for{}, the tile "
                        "has {}",
                        device::tileKindName(kind), id.str(), total,
                        t.stack ? " with the stack" : "", t.size),
            "use smaller objects or depths, or another tile", map);
      for (Buffer *b : buffers)
        if (!b->address) b->address = 0;
    }
    // Only addresses that the design gives can overlap.
    for (size_t i = 0; i < buffers.size(); ++i)
      for (size_t j = i + 1; j < buffers.size(); ++j) {
        const Buffer *a = buffers[i], *b = buffers[j];
        if (fits && *a->address < *b->address + b->type.bytes() &&
            *b->address < *a->address + a->type.bytes())
          m.fail(
              "overlap", b->place,
              fmt::format("buffers '{}' (0x{:x}, {} bytes) and '{}' (0x{:x}, {} bytes) of tile {} "
                          "overlap",
                          a->name, *a->address, a->type.bytes(), b->name, *b->address,
                          b->type.bytes(), id.str()),
              "change or leave out an address", memoryMap(t));
      }
    if (fits && t.stack)
      for (const Buffer *b : buffers)
        if (*b->address < t.stack)
          m.warn("overlap", b->place,
                 fmt::format("buffer '{}' at 0x{:x} lies in the stack of {} bytes", b->name,
                             *b->address, t.stack));
  }
}

} // namespace ashlar::lower
