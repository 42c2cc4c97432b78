// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Object FIFOs become pools of buffers with a pair of locks, DMA rings and flows. The choices (who
// holds the buffers, how deep each end is, names, lock order, channels) are the vendor's flow's,
// because addresses, lock numbers and the order in the package follow from them.
#include "lower/model.h"

#include "base/nearest.h"

#include <set>

using namespace mlir;
using ashlar::design::intAttrOr;
using ashlar::design::isOp;
using ashlar::design::placeOf;
using ashlar::design::strAttr;

namespace ashlar::lower {
namespace {

/// A FIFO as it is being taken apart: the user's own ("producer side") or a consumer's end.
struct End {
  Fifo fifo;
  int parent = -1; ///< index of the user's FIFO for a consumer end
  int consumer = 0;
  bool split = false;
  std::vector<int> consumers; ///< ends, for a split FIFO
  int mm2s = -1, s2mm = -1;
  // What it holds once its elements exist:
  std::vector<int> buffers, locks;
  bool created = false;
  int depth = 0;
};
struct LinkState {
  Link link;
  std::vector<int> ins, outs; ///< ends (ins are consumer ends after the split)
  int holder = -1;            ///< the end whose buffers all use
  TileId tile;
  bool join() const { return ins.size() > 1; }
  bool distribute() const { return outs.size() > 1; }
};

class Expander {
public:
  Expander(Model &model, const Options &options) : m_(model), options_(options) {}
  void run();

private:
  Fifo &fifo(int end) { return ends_[static_cast<size_t>(end)].fifo; }
  End &end(int i) { return ends_[static_cast<size_t>(i)]; }
  void readLinks();
  LinkState *linkOf(int end, bool *isInput = nullptr);
  bool sharedMemory(TileId a, TileId b, int &direction) const;
  bool needsDma(int end, int &direction);
  int sizeAt(TileId tile, const Fifo &f, const std::string &coreName);
  int maxAcquired(TileId tile, const std::string &name) const;
  void split(int end);
  void createElements(int end, int direction);
  void createDma(int end, DmaDirection direction);
  int channel(int end, DmaDirection direction, std::optional<int> wanted);
  DmaProgram &program(TileId tile, const Place &place);
  void checkUses();

  Model &m_;
  const Options &options_;
  std::vector<End> ends_;
  std::vector<int> sequence_; ///< ends in the order of the lowered design
  std::vector<LinkState> links_;
  int64_t created_ = 0;
  int64_t programs_ = 0;
  std::map<std::tuple<TileId, DmaDirection, int>, std::string> channels_;
  std::map<TileId, std::set<int>> usedLocks_;
};

void Expander::readLinks() {
  auto find = [&](const std::string &name, const Place &place) {
    std::vector<std::string> names;
    for (size_t i = 0; i < ends_.size(); ++i) {
      if (ends_[i].fifo.name == name) return static_cast<int>(i);
      names.push_back(ends_[i].fifo.name);
    }
    auto nearest = nearestName(name, names);
    m_.fail("unknown-fifo", place, fmt::format("there is no object FIFO '{}'", name),
            nearest ? fmt::format("did you mean '{}'?", *nearest) : std::string());
    return -1;
  };
  std::map<int, Place> inLink;
  for (const Link &link : m_.links) {
    LinkState state{link, {}, {}, -1, {}};
    for (const std::string &name : link.ins) state.ins.push_back(find(name, link.place));
    for (const std::string &name : link.outs) state.outs.push_back(find(name, link.place));
    bool bad = state.ins.empty() || state.outs.empty();
    for (const auto *list : {&state.ins, &state.outs})
      for (int e : *list) {
        if (e < 0) {
          bad = true;
          continue;
        }
        auto [it, fresh] = inLink.emplace(e, link.place);
        // A FIFO between two links is legal: it is an output of one and an input of the other.
        if (!fresh && list == &state.ins) {
          for (const LinkState &other : links_)
            if (llvm::is_contained(other.ins, e)) {
              m_.fail("bad-link", link.place,
                      fmt::format("object FIFO '{}' is the input of two links", fifo(e).name), {},
                      {it->second.str() + ": the first is here"});
              bad = true;
            }
        } else if (!fresh) {
          for (const LinkState &other : links_)
            if (llvm::is_contained(other.outs, e)) {
              m_.fail("bad-link", link.place,
                      fmt::format("object FIFO '{}' is the output of two links", fifo(e).name), {},
                      {it->second.str() + ": the first is here"});
              bad = true;
            }
        }
      }
    if (bad) continue;
    if (state.join() && state.distribute()) {
      m_.fail("bad-link", link.place, "a link joins many into one or distributes one to many",
              "use two links");
      continue;
    }
    state.tile = fifo(state.outs[0]).producer;
    for (int e : state.outs)
      if (fifo(e).producer != state.tile) {
        m_.fail("bad-link", link.place,
                fmt::format("the outputs of a link start in one tile: '{}' in {}, '{}' in {}",
                            fifo(state.outs[0]).name, state.tile.str(), fifo(e).name,
                            fifo(e).producer.str()));
        bad = true;
      }
    for (int e : state.ins)
      if (!llvm::is_contained(fifo(e).consumers, state.tile)) {
        m_.fail("bad-link", link.place,
                fmt::format("object FIFO '{}' does not end in tile {}, where this link meets",
                            fifo(e).name, state.tile.str()));
        bad = true;
      }
    if (state.distribute() && link.dstOffsets.size() != state.outs.size() &&
        !link.dstOffsets.empty()) {
      m_.fail(
          "bad-link", link.place,
          fmt::format("{} offsets for {} object FIFOs", link.dstOffsets.size(), state.outs.size()));
      bad = true;
    }
    if (state.join() && link.srcOffsets.size() != state.ins.size() && !link.srcOffsets.empty()) {
      m_.fail(
          "bad-link", link.place,
          fmt::format("{} offsets for {} object FIFOs", link.srcOffsets.size(), state.ins.size()));
      bad = true;
    }
    if (bad) continue;
    // Without offsets the parts lie one behind the other.
    auto fill = [&](std::vector<int64_t> &offsets, const std::vector<int> &parts) {
      if (!offsets.empty()) return;
      int64_t at = 0;
      for (int e : parts) {
        offsets.push_back(at);
        at += fifo(e).type.elements;
      }
    };
    if (state.distribute()) fill(state.link.dstOffsets, state.outs);
    if (state.join()) fill(state.link.srcOffsets, state.ins);
    const int whole = state.join() ? state.outs[0] : state.ins[0];
    const auto &parts = state.join() ? state.ins : state.outs;
    const auto &offsets = state.join() ? state.link.srcOffsets : state.link.dstOffsets;
    if (state.join() || state.distribute())
      for (size_t i = 0; i < parts.size(); ++i)
        if (offsets[i] < 0 || offsets[i] + fifo(parts[i]).type.elements > fifo(whole).type.elements)
          m_.fail("bad-link", link.place,
                  fmt::format("part '{}' at offset {} with {} elements leaves the {} elements of "
                              "'{}'",
                              fifo(parts[i]).name, offsets[i], fifo(parts[i]).type.elements,
                              fifo(whole).type.elements, fifo(whole).name));
    links_.push_back(std::move(state));
  }
}

LinkState *Expander::linkOf(int e, bool *isInput) {
  for (LinkState &link : links_) {
    if (llvm::is_contained(link.ins, e)) {
      if (isInput) *isInput = true;
      return &link;
    }
    if (llvm::is_contained(link.outs, e)) {
      if (isInput) *isInput = false;
      return &link;
    }
  }
  return nullptr;
}

/// direction: -1 the memory of `a` serves both, 1 that of `b`, 2 either.
bool Expander::sharedMemory(TileId a, TileId b, int &direction) const {
  const bool right = coreReaches(a, b), left = coreReaches(b, a);
  direction = left && right ? 2 : left ? -1 : right ? 1 : 0;
  return left || right;
}

bool Expander::needsDma(int e, int &direction) {
  const Fifo &f = fifo(e);
  direction = 0;
  if (f.viaDma || f.repeat || f.stream) return true;
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

int Expander::maxAcquired(TileId tile, const std::string &name) const {
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
int Expander::sizeAt(TileId tile, const Fifo &f, const std::string &coreName) {
  const int depth = static_cast<int>(f.depths[0]);
  if (depth == 0 || device::tileKind(tile) != TileKind::Core) return depth;
  const int most = maxAcquired(tile, coreName);
  if (most == 0) return depth;
  return most == 1 && depth == 1 ? 1 : most + 1;
}

void Expander::split(int e) {
  end(e).split = true;
  const Fifo f = fifo(e);
  bool isInput = false;
  LinkState *link = linkOf(e, &isInput);
  std::vector<int> consumers;
  for (size_t i = 0; i < f.consumers.size(); ++i) {
    End c;
    c.parent = e;
    c.consumer = static_cast<int>(i);
    c.fifo.name = f.consumers.size() > 1 ? fmt::format("{}_{}_cons", f.name, i) : f.name + "_cons";
    c.fifo.producer = f.consumers[i];
    c.fifo.consumers = {f.consumers[i]};
    c.fifo.depths = {f.depthArray ? f.depths[i + 1] : sizeAt(f.consumers[i], f, f.name)};
    c.fifo.memref = f.memref;
    c.fifo.type = f.type;
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

void Expander::createElements(int e, int direction) {
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
      b.tile = tile;
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
                "use fewer object FIFOs on this tile, or disable_synchronization where it is safe");
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

int Expander::channel(int e, DmaDirection direction, std::optional<int> wanted) {
  const TileId tile = fifo(e).producer;
  const int count = device::dmaChannels(device::tileKind(tile));
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
          fmt::format("object FIFO '{}' needs another {} channel on {} tile {}, which has {}",
                      fifo(e).name, device::dmaDirectionName(direction),
                      device::tileKindName(device::tileKind(tile)), tile.str(), count),
          "end fewer object FIFOs in this tile, or send them through a memtile", users);
  return 0;
}

DmaProgram &Expander::program(TileId tile, const Place &place) {
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

void Expander::createDma(int e, DmaDirection direction) {
  const Fifo &f = fifo(e);
  const TileKind kind = device::tileKind(f.producer);
  if (kind == TileKind::Shim) return;
  bool isInput = false;
  LinkState *link = linkOf(e, &isInput);
  int holder = e;
  int blocks = end(e).depth;
  if (blocks == 0) return;
  int repeat = f.repeat.value_or(1), acquire = 1, parts = 1, part = 0;
  int64_t length = f.type.elements, offset = 0;
  bool distribOrJoin = false;
  if (link && link->holder >= 0) {
    holder = link->holder;
    if (auto r = fifo(link->outs[0]).repeat; r && link->ins[0] == e) acquire = *r;
    if (link->join() || link->distribute()) {
      distribOrJoin = true;
      const auto &list = link->join() ? link->ins : link->outs;
      const auto &offsets = link->join() ? link->link.srcOffsets : link->link.dstOffsets;
      if (holder == e) {
        parts = static_cast<int>(list.size());
      } else {
        part = static_cast<int>(std::find(list.begin(), list.end(), e) - list.begin());
        if (static_cast<size_t>(part) >= list.size()) part = 0;
        offset = offsets[static_cast<size_t>(part)];
        length = f.type.elements;
      }
    } else if (holder != e && fifo(holder).type.elements >= length) {
      length = fifo(holder).type.elements;
    }
    if (holder != e) blocks = end(holder).depth;
  }
  const End &pool = end(holder);
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
  const bool hardwareRepeat = repeat > 1 && blocks == 1 && parts == 1 && !chain;
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
      b.bd.offset = offset;
      b.bd.length = length;
      int lockPair = part;
      if (distribOrJoin && holder == e) {
        const auto &list = link->join() ? link->ins : link->outs;
        const auto &offsets = link->join() ? link->link.srcOffsets : link->link.dstOffsets;
        const size_t k = static_cast<size_t>(r % parts);
        b.bd.offset = offsets[k];
        b.bd.length = fifo(list[k]).type.elements;
        lockPair = r % parts;
      } else if (!distribOrJoin) {
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

void Expander::checkUses() {
  std::map<std::string, int> byName;
  std::vector<std::string> names;
  for (size_t i = 0; i < ends_.size(); ++i)
    if (ends_[i].parent < 0) {
      byName[ends_[i].fifo.name] = static_cast<int>(i);
      names.push_back(ends_[i].fifo.name);
    }
  for (const Core &core : m_.cores)
    core.op->walk([&](Operation *op) {
      const bool acquire = isOp(op, "aie.objectfifo.acquire");
      if (!acquire && !isOp(op, "aie.objectfifo.release")) return;
      const std::string name = strAttr(op, "fifo");
      auto it = byName.find(name);
      if (it == byName.end()) {
        auto nearest = nearestName(name, names);
        m_.fail("unknown-fifo", placeOf(op), fmt::format("there is no object FIFO '{}'", name),
                nearest ? fmt::format("did you mean '{}'?", *nearest) : std::string());
        return;
      }
      const Fifo &f = fifo(it->second);
      const bool produce = strAttr(op, "port") == "Produce";
      const bool here =
          produce ? f.producer == core.tile : llvm::is_contained(f.consumers, core.tile);
      if (!here)
        m_.fail("wrong-tile", placeOf(op),
                fmt::format("the core of tile {} is not {} of object FIFO '{}'", core.tile.str(),
                            produce ? "the producer" : "a consumer", name));
      const int64_t n = intAttrOr(op, "size", 0);
      int64_t depth = f.depths[0];
      if (f.depthArray && !produce && here)
        for (size_t i = 0; i < f.consumers.size(); ++i)
          if (f.consumers[i] == core.tile) depth = f.depths[i + 1];
      if (n < 1)
        m_.fail("bad-fifo", placeOf(op), fmt::format("{} objects: at least 1 is needed", n));
      else if (n > depth)
        m_.fail("bad-fifo", placeOf(op),
                fmt::format("{} objects of '{}', which holds {}", n, name, depth),
                "give the FIFO a larger depth");
    });
}

void Expander::run() {
  if (options_.packetObjectFifos && !m_.fifos.empty())
    m_.fail("unsupported-op", m_.fifos.front().place,
            "object FIFOs over packet-switched routes are not supported yet");
  for (const Fifo &f : m_.fifos) {
    End e;
    e.fifo = f;
    ends_.push_back(std::move(e));
  }
  const int userFifos = static_cast<int>(ends_.size());
  readLinks();
  checkUses();
  if (!m_.errors.empty()) return;
  for (const Lock &lock : m_.locks)
    if (lock.id) usedLocks_[lock.tile].insert(*lock.id);
  for (const DmaProgram &p : m_.dmas)
    for (const DmaBlock &b : p.blocks)
      if (b.kind == DmaBlock::Start)
        channels_[{p.tile, b.direction, b.channel}] = "the program at " + b.place.str();

  for (int e = 0; e < userFifos; ++e) {
    int direction = 0;
    if (needsDma(e, direction)) split(e);
    sequence_.push_back(e);
    // Consumers' ends are each inserted right behind the FIFO.
    for (size_t i = end(e).consumers.size(); i-- > 0;) sequence_.push_back(end(e).consumers[i]);
  }
  for (int e : sequence_) {
    int direction = 0;
    const bool shared = !needsDma(e, direction);
    Fifo &f = fifo(e);
    if (!shared) {
      if (f.depthArray)
        f.depths = {f.depths[0]};
      else if (f.init.empty()) {
        const std::string &coreName = end(e).parent >= 0 ? fifo(end(e).parent).name : f.name;
        f.depths = {sizeAt(f.producer, f, coreName)};
      }
    }
    createElements(e, shared ? direction : 0);
  }
  if (!m_.errors.empty()) return;

  for (int e = 0; e < userFifos; ++e) {
    if (!end(e).split) continue;
    if (!fifo(e).stream || *fifo(e).stream == 1)
      end(e).mm2s = channel(e, DmaDirection::MM2S, fifo(e).producerChannel);
    for (int c : end(e).consumers) {
      if (fifo(c).stream) continue;
      const auto &wanted = fifo(e).consumerChannels;
      const size_t k = static_cast<size_t>(end(c).consumer);
      end(c).s2mm = channel(c, DmaDirection::S2MM,
                            k < wanted.size() ? std::optional<int>(static_cast<int>(wanted[k]))
                                              : std::nullopt);
    }
  }
  if (!m_.errors.empty()) return;

  for (int e = 0; e < userFifos; ++e) {
    if (!end(e).split) continue;
    const bool producerStream = fifo(e).stream.has_value();
    auto allocate = [&](int which, DmaDirection direction, int ch) {
      if (device::tileKind(fifo(which).producer) == TileKind::Shim)
        m_.shimAllocations.push_back({fifo(e).name + "_shim_alloc", fifo(which).producer, direction,
                                      ch, std::nullopt, fifo(e).place});
    };
    if (!producerStream) {
      createDma(e, DmaDirection::MM2S);
      allocate(e, DmaDirection::MM2S, end(e).mm2s);
    }
    int64_t k = 0;
    for (int c : end(e).consumers) {
      const bool consumerStream = fifo(c).stream.has_value();
      if (!consumerStream) {
        createDma(c, DmaDirection::S2MM);
        allocate(c, DmaDirection::S2MM, end(c).s2mm);
      }
      Flow flow;
      flow.source = {fifo(e).producer,
                     producerStream ? Port{plan::Bundle::Core, fifo(e).streamPort.value_or(0)}
                                    : Port{plan::Bundle::DMA, end(e).mm2s}};
      flow.dest = {fifo(c).producer, consumerStream
                                         ? Port{plan::Bundle::Core, fifo(c).streamPort.value_or(0)}
                                         : Port{plan::Bundle::DMA, end(c).s2mm}};
      flow.order = {fifo(e).order.ordinal, -(++k)};
      flow.place = fifo(e).place;
      flow.what = "object FIFO '" + fifo(e).name + "'";
      m_.flows.push_back(std::move(flow));
    }
  }

  // What the cores see.
  for (int e = 0; e < userFifos; ++e) {
    const std::string name = fifo(e).name;
    auto pool = [&](int which) {
      LinkState *link = linkOf(which);
      const End &holder = end(link && link->holder >= 0 ? link->holder : which);
      Pool out;
      out.buffers = holder.buffers;
      if (holder.locks.size() >= 2) {
        out.prodLock = holder.locks[0];
        out.consLock = holder.locks[1];
      }
      out.repeat = end(which).fifo.repeat.value_or(1);
      out.depth = static_cast<int>(out.buffers.size());
      return out;
    };
    m_.pools[{name, fifo(e).producer}] = pool(e);
    if (end(e).split) {
      for (int c : end(e).consumers) m_.pools[{name, fifo(c).producer}] = pool(c);
    } else {
      for (TileId t : fifo(e).consumers) m_.pools[{name, t}] = pool(e);
    }
    plan::Fifo report;
    report.name = name;
    report.producer = fifo(e).producer;
    report.consumers = fifo(e).consumers;
    report.objectBytes = static_cast<uint32_t>(fifo(e).type.bytes());
    report.place = fifo(e).place;
    report.depths.push_back(static_cast<uint32_t>(fifo(e).depths[0]));
    for (int c : end(e).consumers)
      report.depths.push_back(static_cast<uint32_t>(fifo(c).depths[0]));
    m_.reportFifos.push_back(std::move(report));
  }
}

} // namespace

void expandFifos(Model &model, const Options &options) { Expander(model, options).run(); }

} // namespace ashlar::lower
