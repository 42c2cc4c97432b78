// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Object FIFOs become pools of buffers with a pair of locks, DMA rings and flows. The choices (who
// holds the buffers, how deep each end is, names, lock order, channels) are the vendor's flow's,
// because addresses, lock numbers and the order in the package follow from them.
#include "lower/fifo.h"

#include "base/nearest.h"

using namespace mlir;
using ashlar::design::intAttrOr;
using ashlar::design::isOp;
using ashlar::design::placeOf;
using ashlar::design::strAttr;

namespace ashlar::lower {

void FifoExpander::checkUses() {
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
      // Endpoints of a FIFO that the design has taken apart.
      if (auto pool = m_.pools.find({name, core.tile}); pool != m_.pools.end()) {
        const int64_t n = intAttrOr(op, "size", 0);
        if (n < 1 || n > pool->second.depth)
          m_.fail(
              "bad-fifo", placeOf(op),
              fmt::format("{} objects of '{}', whose pool holds {}", n, name, pool->second.depth));
        return;
      }
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
      // With one number for all ends, an end with its own buffers gets as many as its core holds.
      int direction = 0;
      if (!f.depthArray && (!produce || f.init.empty()) && needsDma(it->second, direction))
        depth = std::max<int64_t>(depth, device::kMaxLockValue - 1);
      if (n < 1)
        m_.fail("bad-fifo", placeOf(op), fmt::format("{} objects: at least 1 is needed", n));
      else if (n > depth)
        m_.fail("bad-fifo", placeOf(op),
                fmt::format("{} objects of '{}', which holds {}{}", n, name, depth,
                            depth > f.depths[0] ? " at most" : ""),
                depth > f.depths[0] ? "take fewer" : "give the FIFO a larger depth");
    });
}

void FifoExpander::createAllElements(const std::vector<int> &order) {
  for (int e : order) {
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
}

/// In order of the design. Where that leaves an object of a memtile without room, the largest
/// choose first, and of two neighbours the emptier one.
void FifoExpander::placeElements() {
  const std::vector<FifoEnd> ends = ends_;
  const std::vector<LinkState> links = links_;
  const size_t buffers = m_.buffers.size(), locks = m_.locks.size(), errors = m_.errors.size();
  const auto usedLocks = usedLocks_;
  const int64_t created = created_;
  createAllElements(sequence_);
  if (!homeless_) return;
  ends_ = ends;
  links_ = links;
  m_.buffers.resize(buffers);
  m_.locks.resize(locks);
  m_.errors.resize(errors);
  usedLocks_ = usedLocks;
  created_ = created;
  largestFirst_ = true;
  std::vector<int> order = sequence_;
  std::vector<size_t> places;
  std::vector<int> inMemTiles;
  for (size_t i = 0; i < sequence_.size(); ++i)
    if (device::tileKind(fifo(sequence_[i]).producer) == TileKind::Mem) {
      places.push_back(i);
      inMemTiles.push_back(sequence_[i]);
    }
  std::stable_sort(inMemTiles.begin(), inMemTiles.end(),
                   [&](int x, int y) { return fifo(x).type.bytes() > fifo(y).type.bytes(); });
  for (size_t i = 0; i < places.size(); ++i) order[places[i]] = inMemTiles[i];
  createAllElements(order);
}

/// Ids of FIFOs over packet-switched routes count on from the largest that the design uses; those
/// of task-complete tokens are left out.
void FifoExpander::choosePackets() {
  int next = 0;
  for (const PacketFlow &flow : m_.packetFlows) next = std::max(next, flow.id + 1);
  for (const FifoEnd &e : ends_)
    if (e.fifo.packetId) next = std::max(next, *e.fifo.packetId + 1);
  for (FifoEnd &e : ends_) {
    if (!e.split || (!options_.packetObjectFifos && !e.fifo.packets)) continue;
    e.fifo.packets = true;
    if (e.fifo.stream)
      m_.fail("bad-fifo", e.fifo.place,
              fmt::format("object FIFO '{}' goes from or to a core's stream port, which knows no "
                          "packets",
                          e.fifo.name));
    if (e.fifo.packetId) continue;
    while (isTokenId(next)) ++next;
    if (next > 31) {
      m_.fail("out-of-packet-ids", e.fifo.place,
              fmt::format("object FIFO '{}' needs a packet id, and 0..31 are used up", e.fifo.name),
              "use circuit-switched routes (without --packet-sw-objFifos), or smaller ids");
      return;
    }
    e.fifo.packetId = next++;
  }
}

void FifoExpander::run() {
  for (const Fifo &f : m_.fifos) {
    FifoEnd e;
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

  // Channels that flows of the design's own use are not free either.
  auto reserve = [&](const PortAt &at, DmaDirection direction) {
    if (at.port.bundle == plan::Bundle::DMA)
      channels_[{at.tile, direction, at.port.channel}] = "a flow of the design";
  };
  for (const Flow &flow : m_.flows) {
    reserve(flow.source, DmaDirection::MM2S);
    reserve(flow.dest, DmaDirection::S2MM);
  }
  for (const PacketFlow &flow : m_.packetFlows) {
    for (const PortAt &at : flow.sources) reserve(at, DmaDirection::MM2S);
    for (const PortAt &at : flow.dests) reserve(at, DmaDirection::S2MM);
  }

  for (int e = 0; e < userFifos; ++e) {
    int direction = 0;
    if (needsDma(e, direction)) split(e);
    sequence_.push_back(e);
    // Consumers' ends are each inserted right behind the FIFO.
    for (size_t i = end(e).consumers.size(); i-- > 0;) sequence_.push_back(end(e).consumers[i]);
  }
  placeElements();
  if (!m_.errors.empty()) return;

  // Ends with objects in the memtile beside theirs choose first: only channels 0..3 reach those.
  for (bool over : {true, false})
    for (int e = 0; e < userFifos; ++e) {
      if (!end(e).split) continue;
      if ((!fifo(e).stream || *fifo(e).stream == 1) && reachesOver(e) == over)
        end(e).mm2s = channel(e, DmaDirection::MM2S, fifo(e).producerChannel);
      for (int c : end(e).consumers) {
        if (fifo(c).stream || reachesOver(c) != over) continue;
        const auto &wanted = fifo(e).consumerChannels;
        const size_t k = static_cast<size_t>(end(c).consumer);
        end(c).s2mm = channel(c, DmaDirection::S2MM,
                              k < wanted.size() ? std::optional<int>(static_cast<int>(wanted[k]))
                                                : std::nullopt);
      }
    }
  if (!m_.errors.empty()) return;
  countBds();
  choosePackets();
  if (!m_.errors.empty()) return;

  for (int e = 0; e < userFifos; ++e) {
    if (!end(e).split) continue;
    const bool producerStream = fifo(e).stream.has_value();
    auto allocate = [&](int which, DmaDirection direction, int ch) {
      if (device::tileKind(fifo(which).producer) == TileKind::Shim)
        m_.shimAllocations.push_back({fifo(e).name + "_shim_alloc", fifo(which).producer, direction,
                                      ch,
                                      fifo(e).packets && direction == DmaDirection::MM2S
                                          ? std::optional(std::pair(0, *fifo(e).packetId))
                                          : std::nullopt,
                                      fifo(e).place});
    };
    if (!producerStream) {
      createDma(e, DmaDirection::MM2S);
      allocate(e, DmaDirection::MM2S, end(e).mm2s);
    }
    int64_t k = 0;
    PacketFlow packets;
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
      if (fifo(e).packets) {
        if (packets.dests.empty()) packets.order = flow.order;
        packets.sources = {flow.source};
        packets.dests.push_back(flow.dest);
      } else {
        m_.flows.push_back(std::move(flow));
      }
    }
    if (packets.dests.empty()) continue;
    packets.id = *fifo(e).packetId;
    packets.place = fifo(e).place;
    m_.packetFlows.push_back(std::move(packets));
  }

  // What the cores see.
  for (int e = 0; e < userFifos; ++e) {
    const std::string name = fifo(e).name;
    auto pool = [&](int which) {
      LinkState *link = linkOf(which);
      const FifoEnd &holder = end(link && link->holder >= 0 ? link->holder : which);
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
    Rearm &rearm = m_.rearms[name];
    auto addEnd = [&](int which, DmaDirection direction, int channel) {
      if (device::tileKind(fifo(which).producer) == TileKind::Shim) return;
      if (channel >= 0) rearm.channels.emplace_back(fifo(which).producer, direction, channel);
      LinkState *link = linkOf(which);
      const FifoEnd &holder = end(link && link->holder >= 0 ? link->holder : which);
      rearm.locks.insert(rearm.locks.end(), holder.locks.begin(), holder.locks.end());
    };
    addEnd(e, DmaDirection::MM2S, end(e).mm2s);
    for (int c : end(e).consumers) addEnd(c, DmaDirection::S2MM, end(c).s2mm);
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

void expandFifos(Model &model, const Options &options) { FifoExpander(model, options).run(); }

} // namespace ashlar::lower
