// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Where the objects of a FIFO lie: who holds them, how many each end has, their locks.
#include "lower/fifo.h"

#include <array>

using namespace mlir;
using ashlar::design::intAttrOr;
using ashlar::design::isOp;
using ashlar::design::strAttr;

namespace ashlar::lower {

/// direction: -1 the memory of `a` serves both, 1 that of `b`, 2 either.
bool FifoExpander::sharedMemory(TileId a, TileId b, int &direction) const {
  const bool right = coreReaches(a, b), left = coreReaches(b, a);
  direction = left && right ? 2 : left ? -1 : right ? 1 : 0;
  return left || right;
}

bool FifoExpander::needsDma(int e, int &direction) {
  const Fifo &f = fifo(e);
  direction = 0;
  if (f.viaDma || f.repeat || f.stream || f.takenType) return true;
  if (f.consumers.size() != 1 || !f.dimsTo.empty()) return true;
  if (!sharedMemory(f.producer, f.consumers[0], direction)) return true;
  if (llvm::any_of(f.dimsFrom, [](const Dims &d) { return !d.empty(); })) return true;
  // Only a FIFO still whole can be part of a link through shared memory.
  if (end(e).parent >= 0) return false;
  if (LinkState *link = linkOf(e)) {
    if (link->join() || link->distribute()) return true;
    if (f.delegate) {
      int p = 0, c = 0;
      sharedMemory(*f.delegate, f.producer, p);
      sharedMemory(*f.delegate, f.consumers[0], c);
      return !((p == -1 || p == 2) && (c == -1 || c == 2));
    }
    return true;
  }
  return false;
}

int FifoExpander::maxAcquired(TileId tile, const std::string &name) const {
  int most = 0;
  if (const Core *core = m_.coreAt(tile))
    core->op->walk([&](Operation *op) {
      if (isOp(op, "aie.objectfifo.acquire") && strAttr(op, "fifo") == name)
        most = std::max(
            most, static_cast<int>(std::clamp<int64_t>(intAttrOr(op, "size", 0), 0, 1 << 20)));
    });
  return most;
}

/// Depth of an end when the design gives one number: what the core holds plus one in flight.
int FifoExpander::sizeAt(TileId tile, const Fifo &f, const std::string &coreName) {
  const int depth = static_cast<int>(f.depths[0]);
  if (depth == 0 || device::tileKind(tile) != TileKind::Core) return depth;
  const int most = maxAcquired(tile, coreName);
  if (most == 0) return depth;
  return most == 1 && depth == 1 ? 1 : most + 1;
}

void FifoExpander::split(int e) {
  end(e).split = true;
  const Fifo f = fifo(e);
  bool isInput = false;
  LinkState *link = linkOf(e, &isInput);
  std::vector<int> consumers;
  for (size_t i = 0; i < f.consumers.size(); ++i) {
    FifoEnd c;
    c.parent = e;
    c.consumer = static_cast<int>(i);
    c.fifo.name = f.consumers.size() > 1 ? fmt::format("{}_{}_cons", f.name, i) : f.name + "_cons";
    c.fifo.producer = f.consumers[i];
    c.fifo.consumers = {f.consumers[i]};
    c.fifo.depths = {f.depthArray ? f.depths[i + 1] : sizeAt(f.consumers[i], f, f.name)};
    c.fifo.memref = f.takenType ? f.takenMemref : f.memref;
    c.fifo.type = f.takenType ? *f.takenType : f.type;
    c.fifo.dimsFrom = {f.dimsFrom[i]};
    c.fifo.noSync = f.noSync;
    c.fifo.iterCount = f.iterCount;
    c.fifo.order = f.order;
    c.fifo.place = f.place;
    if (f.stream && *f.stream > 0) {
      c.fifo.stream = f.stream;
      c.fifo.streamPort = f.streamPort;
    }
    const int id = static_cast<int>(ends_.size());
    ends_.push_back(std::move(c));
    consumers.push_back(id);
    if (link && isInput && f.consumers[i] == link->tile)
      for (int &in : link->ins)
        if (in == e) in = id;
  }
  if (f.stream && *f.stream == 1) {
    fifo(e).stream.reset();
    fifo(e).streamPort.reset();
  }
  end(e).consumers = consumers;
}

/// A memtile's objects lie in it as long as they fit, then west of it, then east of it.
TileId FifoExpander::roomFor(TileId tile, int64_t bytes) {
  if (device::tileKind(tile) != TileKind::Mem) return tile;
  const auto used = [&](TileId at) {
    int64_t sum = 0;
    for (const Buffer &b : m_.buffers)
      if (b.tile == at && !b.fifo.empty()) sum += b.type.bytes();
    return sum;
  };
  const auto fits = [&](TileId at) {
    return m_.exists(at) && used(at) + bytes <= device::dataMemoryBytes(TileKind::Mem);
  };
  if (fits(tile)) return tile;
  std::array<TileId, 2> beside{TileId{tile.col - 1, tile.row}, TileId{tile.col + 1, tile.row}};
  if (largestFirst_ && used(beside[1]) < used(beside[0])) std::swap(beside[0], beside[1]);
  for (const TileId at : beside)
    if (fits(at)) return at;
  homeless_ = true;
  return tile; // what assigns addresses may still find room, or says what is there
}

bool FifoExpander::reachesOver(int e) {
  const TileId tile = fifo(e).producer;
  if (device::tileKind(tile) != TileKind::Mem) return false;
  const LinkState *link = linkOf(e);
  for (int b : end(link && link->holder >= 0 ? link->holder : e).buffers)
    if (m_.buffers[static_cast<size_t>(b)].tile != tile) return true;
  return false;
}

void FifoExpander::createElements(int e, int direction) {
  const Fifo f = fifo(e);
  const int depth = static_cast<int>(f.depths[0]);
  end(e).depth = depth;
  if (depth == 0 || f.stream) return;
  LinkState *link = linkOf(e);
  if (link) {
    if (link->holder >= 0) return;
    const int in = link->ins[0], out = link->outs[0];
    int holder = in;
    if (link->join())
      holder = out;
    else if (!link->distribute()) {
      if (!fifo(out).init.empty())
        holder = out;
      else if (fifo(in).type.elements < fifo(out).type.elements && fifo(out).pads.empty())
        holder = out;
    }
    if (holder != e) return;
  }
  TileId tile = direction == 1 ? f.consumers[0] : f.producer;
  if (f.delegate) {
    int p = 0, c = 0;
    sharedMemory(*f.delegate, f.producer, p);
    sharedMemory(*f.delegate, f.consumers[0], c);
    if ((p == -1 || p == 2) && (c == -1 || c == 2))
      tile = *f.delegate;
    else
      m_.fail("bad-fifo", f.place,
              fmt::format("tile {} cannot hold '{}': its memory is not within reach of both ends",
                          f.delegate->str(), f.name));
  }
  // New things stand right behind the last tile: what is made later comes first.
  const int64_t base = -(++created_) * 1000000;
  int64_t at = 0;
  const TileKind kind = device::tileKind(tile);
  if (kind != TileKind::Shim)
    for (int i = 0; i < depth; ++i) {
      Buffer b;
      b.tile = roomFor(tile, f.type.bytes());
      b.name = fmt::format("{}_buff_{}", f.name, i);
      b.type = f.type;
      b.memref = f.memref;
      if (static_cast<size_t>(i) < f.init.size()) b.init = f.init[static_cast<size_t>(i)];
      b.order = {m_.lastTileOrdinal, base + at++};
      b.place = f.place;
      b.fifo = f.name;
      end(e).buffers.push_back(static_cast<int>(m_.buffers.size()));
      m_.buffers.push_back(std::move(b));
    }
  int repeat = f.repeat.value_or(1);
  int factor = 1;
  if (link) {
    if (auto r = fifo(link->outs[0]).repeat) repeat = *r;
    factor = static_cast<int>(link->distribute() ? link->outs.size()
                              : link->join()     ? link->ins.size()
                                                 : 1);
    link->holder = e;
  }
  end(e).created = true;
  const bool cycledStatic = !f.init.empty() && f.iterCount && *f.iterCount > 1 && !link &&
                            static_cast<int>(f.init.size()) == depth;
  if (f.noSync || cycledStatic) return;
  const int objects = kind == TileKind::Shim ? 0 : depth;
  const int preset = kind == TileKind::Shim ? 0 : static_cast<int>(f.init.size());
  for (int i = 0; i < factor; ++i)
    for (bool prod : {true, false}) {
      Lock lock;
      lock.tile = tile;
      lock.name = fmt::format("{}_{}_lock_{}", f.name, prod ? "prod" : "cons", i);
      lock.init = (prod ? objects - preset : preset) * repeat;
      if (*lock.init > device::kMaxLockValue) {
        m_.fail("bad-fifo", f.place,
                fmt::format("lock '{}' would start at {}; a lock counts to {}", lock.name,
                            *lock.init, device::kMaxLockValue),
                "use fewer objects or a smaller repeat_count");
        lock.init = device::kMaxLockValue;
      }
      // The lowest number that is free now, as the vendor's flow gives them while it goes.
      std::set<int> &used = usedLocks_[tile];
      int id = 0;
      while (used.count(id)) ++id;
      if (id >= device::lockCount(kind)) {
        m_.fail("out-of-locks", f.place,
                fmt::format("object FIFO '{}' needs another lock on {} tile {}, which has {}",
                            f.name, device::tileKindName(kind), tile.str(),
                            device::lockCount(kind)),
                "use fewer object FIFOs on this tile, or disable_synchronization where it is safe",
                lockUsers(m_, tile));
        return;
      }
      used.insert(id);
      lock.id = id;
      lock.order = {m_.lastTileOrdinal, base + at++};
      lock.place = f.place;
      end(e).locks.push_back(static_cast<int>(m_.locks.size()));
      m_.locks.push_back(std::move(lock));
    }
}

} // namespace ashlar::lower
