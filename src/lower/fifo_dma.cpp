// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The DMA rings of object FIFOs: channels, blocks, locks, repeats.
#include "lower/fifo.h"

using namespace mlir;

namespace ashlar::lower {

int FifoExpander::channel(int e, DmaDirection direction, std::optional<int> wanted) {
  const TileId tile = fifo(e).producer;
  const int count =
      reachesOver(e) ? kFirstLocalChannel : device::dmaChannels(device::tileKind(tile));
  if (wanted) {
    channels_[{tile, direction, *wanted}] = fifo(e).name;
    return *wanted;
  }
  for (int c = 0; c < count; ++c)
    if (channels_.emplace(std::tuple(tile, direction, c), fifo(e).name).second) return c;
  std::vector<std::string> users;
  for (const auto &[key, user] : channels_)
    if (std::get<0>(key) == tile && std::get<1>(key) == direction)
      users.push_back(
          fmt::format("{} {}: {}", device::dmaDirectionName(direction), std::get<2>(key), user));
  m_.fail("out-of-channels", fifo(e).place,
          fmt::format("object FIFO '{}' needs another {} channel on {} tile {}, which has {}{}",
                      fifo(e).name, device::dmaDirectionName(direction),
                      device::tileKindName(device::tileKind(tile)), tile.str(), count,
                      reachesOver(e) ? " that reach the memtile beside it" : ""),
          "end fewer object FIFOs in this tile, or send them through a memtile", users);
  return 0;
}

DmaProgram &FifoExpander::program(TileId tile, const Place &place) {
  for (DmaProgram &p : m_.dmas)
    if (p.tile == tile) return p;
  DmaProgram p;
  p.tile = tile;
  p.place = place;
  p.order = {kOrderEnd, ++programs_};
  p.blocks.emplace_back(); // its end
  m_.dmas.push_back(std::move(p));
  return m_.dmas.back();
}

FifoExpander::Ring FifoExpander::ringOf(int e) {
  const Fifo &f = fifo(e);
  Ring r;
  r.holder = e;
  r.blocks = end(e).depth;
  r.repeat = f.repeat.value_or(1);
  r.length = f.type.elements;
  r.link = linkOf(e);
  LinkState *link = r.link;
  if (!link || link->holder < 0 || r.blocks == 0) return r;
  r.holder = link->holder;
  if (auto repeat = fifo(link->outs[0]).repeat; repeat && link->ins[0] == e) r.acquire = *repeat;
  if (link->join() || link->distribute()) {
    r.parted = true;
    const auto &list = link->join() ? link->ins : link->outs;
    const auto &offsets = link->join() ? link->link.srcOffsets : link->link.dstOffsets;
    if (r.holder == e) {
      r.parts = static_cast<int>(list.size());
    } else {
      r.part = static_cast<int>(std::find(list.begin(), list.end(), e) - list.begin());
      if (static_cast<size_t>(r.part) >= list.size()) r.part = 0;
      r.offset = offsets[static_cast<size_t>(r.part)];
      r.length = link->lengths[static_cast<size_t>(r.part)];
    }
  } else if (r.holder != e && device::tileKind(f.producer) == TileKind::Mem &&
             fifo(r.holder).type.elements >= r.length) {
    r.length = fifo(r.holder).type.elements;
  }
  if (r.holder != e) r.blocks = end(r.holder).depth;
  return r;
}

/// Which half of a tile's descriptors a channel uses; only memtiles have two.
static int halfOf(TileId tile, int channel) {
  return device::tileKind(tile) == TileKind::Mem ? channel % 2 : 0;
}

/// How many descriptors all rings of a tile want when each repetition has one of its own.
void FifoExpander::countBds() {
  auto add = [&](int e, int channel) {
    if (channel < 0 || device::tileKind(fifo(e).producer) == TileKind::Shim) return;
    const Ring r = ringOf(e);
    wantedBds_[{fifo(e).producer, halfOf(fifo(e).producer, channel)}] +=
        r.blocks * r.parts * r.repeat;
  };
  for (size_t e = 0; e < ends_.size(); ++e) {
    add(static_cast<int>(e), ends_[e].mm2s);
    add(static_cast<int>(e), ends_[e].s2mm);
  }
  for (const DmaProgram &p : m_.dmas) {
    int half = 0;
    for (const DmaBlock &b : p.blocks) {
      if (b.kind == DmaBlock::Start) half = halfOf(p.tile, b.channel);
      if (b.kind == DmaBlock::Bd) ++wantedBds_[{p.tile, half}];
    }
  }
}

bool FifoExpander::fewBds(int e, DmaDirection direction) const {
  const FifoEnd &at = ends_[static_cast<size_t>(e)];
  const TileId tile = at.fifo.producer;
  const TileKind kind = device::tileKind(tile);
  const int halves = kind == TileKind::Mem ? 2 : 1;
  auto it =
      wantedBds_.find({tile, halfOf(tile, direction == DmaDirection::MM2S ? at.mm2s : at.s2mm)});
  return it != wantedBds_.end() && it->second > device::bdCount(kind) / halves;
}

void FifoExpander::createDma(int e, DmaDirection direction) {
  const Fifo &f = fifo(e);
  const TileKind kind = device::tileKind(f.producer);
  if (kind == TileKind::Shim) return;
  const Ring ring = ringOf(e);
  LinkState *link = ring.link;
  const int holder = ring.holder, blocks = ring.blocks, repeat = ring.repeat;
  const int acquire = ring.acquire, parts = ring.parts;
  if (blocks == 0) return;
  const FifoEnd &pool = end(holder);
  DmaProgram &p = program(f.producer, f.place);

  // The new channel stands before the end, and the last channel's chain leads to it.
  const int last = static_cast<int>(p.blocks.size()) - 1;
  ASHLAR_ASSERT(last >= 0);
  int endBlock = -1;
  for (size_t i = 0; i < p.blocks.size(); ++i)
    if (p.blocks[i].kind == DmaBlock::End) endBlock = static_cast<int>(i);
  if (endBlock < 0) {
    endBlock = static_cast<int>(p.blocks.size());
    p.blocks.emplace_back();
  }
  std::vector<DmaBlock> fresh;
  DmaBlock start;
  start.kind = DmaBlock::Start;
  start.direction = direction;
  start.channel = direction == DmaDirection::MM2S ? end(e).mm2s : end(e).s2mm;
  start.place = f.place;
  const bool chain = f.iterCount && kind == TileKind::Mem;
  // One descriptor a repetition, as the vendor's flow; where there are not so many, the DMA's queue
  // counts them: the same words in the same order.
  const bool hardwareRepeat =
      repeat > 1 && blocks == 1 && parts == 1 && !chain && fewBds(e, direction);
  start.repeat = chain ? *f.iterCount - 1 : hardwareRepeat ? repeat - 1 : 0;
  if (start.repeat > 255)
    m_.fail("bad-fifo", f.place,
            fmt::format("object FIFO '{}' repeats {} times; a DMA task repeats at most 256 times",
                        f.name, start.repeat + 1));
  start.repeat &= 255;
  const int copies = hardwareRepeat ? 1 : repeat;
  const Dims &dims = direction == DmaDirection::MM2S ? f.dimsTo : f.dimsFrom[0];
  const bool unsynced =
      pool.locks.empty() || (direction == DmaDirection::MM2S && !pool.fifo.init.empty() &&
                             pool.fifo.iterCount && *pool.fifo.iterCount > 1 && !linkOf(holder));
  const int base = endBlock; // new blocks take the end's place, the end moves behind them
  for (int i = 0; i < blocks && static_cast<size_t>(i) < pool.buffers.size(); ++i)
    for (int r = 0; r < copies * parts; ++r) {
      DmaBlock b;
      b.kind = DmaBlock::Bd;
      b.place = f.place;
      b.bd.buffer = pool.buffers[static_cast<size_t>(i)];
      b.bd.what = m_.buffers[static_cast<size_t>(b.bd.buffer)].name;
      b.bd.elementBits = pool.fifo.type.bits;
      b.bd.offset = ring.offset;
      b.bd.length = ring.length;
      if (f.packets && direction == DmaDirection::MM2S) b.bd.packet = std::pair(0, *f.packetId);
      int lockPair = ring.part;
      if (ring.parted && holder == e) {
        const auto &offsets = link->join() ? link->link.srcOffsets : link->link.dstOffsets;
        const size_t k = static_cast<size_t>(r % parts);
        b.bd.offset = offsets[k];
        b.bd.length = link->lengths[k];
        lockPair = r % parts;
      } else if (!ring.parted) {
        lockPair = 0;
      }
      b.bd.dims = dims;
      if (direction == DmaDirection::MM2S && kind == TileKind::Mem) b.bd.pads = f.pads;
      if (!unsynced) {
        const int prod = pool.locks[static_cast<size_t>(lockPair) * 2];
        const int cons = pool.locks[static_cast<size_t>(lockPair) * 2 + 1];
        const bool write = direction == DmaDirection::S2MM;
        b.bd.acquire = LockUse{write ? prod : cons, -acquire};
        b.bd.release = LockUse{write ? cons : prod, acquire};
      }
      b.next = base + 1 + static_cast<int>(fresh.size()) + 1;
      fresh.push_back(std::move(b));
    }
  if (fresh.empty()) return;
  fresh.back().next = chain ? -1 : base + 1;
  start.next = base + 1;
  start.chain = base + 1 + static_cast<int>(fresh.size());
  // Whoever led to the end now leads to the new start, which takes its index.
  DmaBlock theEnd = p.blocks[static_cast<size_t>(endBlock)];
  if (endBlock != static_cast<int>(p.blocks.size()) - 1) {
    // A hand-written program whose end is not last: move it there first.
    const int moved = static_cast<int>(p.blocks.size()) - 1;
    p.blocks.erase(p.blocks.begin() + endBlock);
    p.blocks.push_back(theEnd);
    auto fix = [&](int &i) {
      if (i == endBlock)
        i = moved;
      else if (i > endBlock)
        --i;
    };
    for (DmaBlock &b : p.blocks) {
      fix(b.next);
      fix(b.chain);
    }
    const int delta = moved - endBlock;
    for (DmaBlock &b : fresh)
      if (b.next >= 0) b.next += delta;
    start.next += delta;
    start.chain += delta;
  }
  p.blocks.pop_back();
  p.blocks.push_back(start);
  for (DmaBlock &b : fresh) p.blocks.push_back(std::move(b));
  p.blocks.push_back(theEnd);
}

} // namespace ashlar::lower
