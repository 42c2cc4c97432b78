// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Object FIFOs that the design has taken apart: pools get their buffers and locks, DMA endpoints
// their channels and chains of descriptors, routes become flows, as the vendor's allocate and
// lower-dmas passes do it. What the design has decided (buffers, locks, channels) stays. A core's
// endpoint is what its acquires name; readDevice() makes a pool of it that cores know.
#include "lower/model.h"

#include <mlir/IR/Builders.h>

using namespace mlir;
using ashlar::design::intAttr;
using ashlar::design::intAttrOr;
using ashlar::design::isOp;
using ashlar::design::opName;
using ashlar::design::placeOf;
using ashlar::design::strAttr;
using ashlar::design::symsAttr;

namespace ashlar::lower {
namespace {

constexpr int64_t kMostObjects = 64;

struct Segment {
  Operation *op = nullptr;
  int64_t offset = 0, size = 0;
  Value produce, consume;
};
struct PoolPlan {
  Operation *op = nullptr;
  std::vector<Value> buffers; ///< empty: host memory, or somebody else's
  std::vector<Segment> segments;
};
struct End {
  Operation *op = nullptr;
  std::string bundle = "DMA";
  bool fills = false;
  int64_t channel = -1;
};

class Pools {
public:
  Pools(Model &m, Operation *device) : m_(m), device_(device) {
    for (Operation &op : device->getRegion(0).front())
      if (std::string name = strAttr(&op, "sym_name"); !name.empty()) byName_[name] = &op;
  }

  void run() {
    SmallVector<Operation *> ends, routes;
    for (Operation &op : device_->getRegion(0).front()) {
      const StringRef name = opName(&op);
      if (name == "aie.objectfifo.pool")
        pools_[strAttr(&op, "sym_name")].op = &op;
      else if (name == "aie.objectfifo.dma_endpoint" || name == "aie.route_endpoint")
        ends.push_back(&op);
      else if (name == "aie.route")
        routes.push_back(&op);
    }
    if (pools_.empty() && ends.empty() && routes.empty()) return;
    for (auto &[name, pool] : pools_)
      if (!allocate(name, pool)) return;
    for (Operation *op : ends)
      if (!readEnd(op)) return;
    for (Operation *op : routes)
      for (const std::string &source : symsAttr(op, "from"))
        if (auto it = ends_.find(source);
            it != ends_.end() && isOp(it->second.op, "aie.route_endpoint"))
          it->second.fills = false;
    if (!channels()) return;
    for (Operation *op : routes)
      if (!flow(op)) return;
    if (!programs()) return;
    for (Operation *op : routes) op->erase();
    for (Operation *op : ends) op->erase();
  }

private:
  bool fail(Operation *op, std::string message, std::string remedy = {}) {
    m_.fail("bad-pool", placeOf(op), std::move(message), std::move(remedy));
    return false;
  }
  /// Nothing is passed over that would change what the hardware does.
  bool only(Operation *op, std::initializer_list<StringRef> known) {
    for (NamedAttribute a : op->getAttrs())
      if (!llvm::is_contained(known, a.getName().strref())) {
        m_.fail("unsupported-op", placeOf(op),
                fmt::format("{} with the attribute {} is not supported", opName(op).str(),
                            a.getName().str()),
                "write the aie.objectfifo that it was made of");
        return false;
      }
    return true;
  }
  bool placed(Operation *op) {
    Operation *tile = op->getOperand(0).getDefiningOp();
    return (isOp(tile, "aie.tile") && intAttr(tile, "row")) ||
           fail(op, "pools and endpoints belong to tiles with coordinates", "write aie.tile");
  }
  Value named(Operation *user, const std::string &name, const char *kind) {
    auto it = byName_.find(name);
    if (it != byName_.end() && isOp(it->second, kind)) return it->second->getResult(0);
    fail(user, fmt::format("there is no {} '{}'", kind, name));
    return {};
  }
  static bool inShim(Operation *op) {
    Operation *tile = op->getOperand(0).getDefiningOp();
    return tile && intAttr(tile, "row") == 0;
  }

  bool allocate(const std::string &name, PoolPlan &pool) {
    Operation *op = pool.op;
    if (!placed(op)) return false;
    if (!only(op, {"sym_name", "elem_type", "depth", "buffers", "fifoName"})) return false;
    const int64_t depth = intAttrOr(op, "depth", 0);
    auto object = cast<MemRefType>(cast<TypeAttr>(op->getAttr("elem_type")).getValue());
    if (depth < 0 || depth > kMostObjects)
      return fail(op, fmt::format("a pool of {} objects", depth), "0 to 64");
    OpBuilder b(op);
    std::string base = name;
    if (StringRef(base).ends_with("_pool")) base.resize(base.size() - 5);
    std::vector<std::string> names = symsAttr(op, "buffers");
    if (!names.empty() && static_cast<int64_t>(names.size()) != depth)
      return fail(op, fmt::format("a pool of depth {} with {} buffers", depth, names.size()));
    for (const std::string &buffer : names) {
      Value v = named(op, buffer, "aie.buffer");
      if (!v) return false;
      if (v.getType() != object)
        return fail(op, fmt::format("buffer '{}' is no {}", buffer, design::typeText(object)));
      pool.buffers.push_back(v);
    }
    const bool made = names.empty() && !inShim(op);
    for (int64_t k = 0; made && k < depth; ++k) {
      OperationState state(op->getLoc(), "aie.buffer");
      state.addOperands(op->getOperand(0));
      state.addTypes(object);
      names.push_back(fmt::format("{}_buff_{}", base, k));
      state.addAttribute("sym_name", b.getStringAttr(names.back()));
      pool.buffers.push_back(b.create(state)->getResult(0));
    }
    if (made) {
      SmallVector<Attribute> symbols;
      for (const std::string &n : names)
        symbols.push_back(FlatSymbolRefAttr::get(op->getContext(), n));
      op->setAttr("buffers", b.getArrayAttr(symbols));
    }
    int64_t reached = 0;
    for (Operation &inner : op->getRegion(0).front()) {
      if (!isOp(&inner, "aie.objectfifo.segment")) return fail(&inner, "a pool holds segments");
      if (!only(&inner, {"sym_name", "offset", "size", "produceLock", "consumeLock"})) return false;
      Segment s{&inner, intAttrOr(&inner, "offset", 0), intAttrOr(&inner, "size", 0), {}, {}};
      if (s.offset != reached || s.size < 1)
        return fail(&inner,
                    fmt::format("this segment begins at {}, and the one before ends at {}",
                                s.offset, reached),
                    "segments cover the object from its start to its end");
      reached += s.size;
      for (bool produce : {true, false}) {
        const char *attribute = produce ? "produceLock" : "consumeLock";
        Value &lock = produce ? s.produce : s.consume;
        if (const std::string given = strAttr(&inner, attribute); !given.empty()) {
          if (!(lock = named(&inner, given, "aie.lock"))) return false;
        } else if (!inShim(op)) {
          OperationState state(op->getLoc(), "aie.lock");
          state.addOperands(op->getOperand(0));
          state.addTypes(b.getIndexType());
          const std::string symbol =
              fmt::format("{}_{}_lock_{}", base, produce ? "prod" : "cons", pool.segments.size());
          state.addAttribute("sym_name", b.getStringAttr(symbol));
          state.addAttribute("init", b.getI64IntegerAttr(produce ? depth : 0));
          lock = b.create(state)->getResult(0);
          inner.setAttr(attribute, FlatSymbolRefAttr::get(op->getContext(), symbol));
        }
      }
      pool.segments.push_back(s);
    }
    if (reached != object.getNumElements())
      return fail(op, fmt::format("the segments cover {} of the {} elements of an object", reached,
                                  object.getNumElements()));
    return true;
  }

  bool readEnd(Operation *op) {
    if (!placed(op)) return false;
    End e;
    e.op = op;
    e.fills = true; // of a loose end its route tells
    e.channel = intAttrOr(op, "channelIndex", intAttrOr(op, "pinnedChannel", -1));
    if (isOp(op, "aie.route_endpoint")) {
      if (!only(op, {"sym_name", "bundle", "channelIndex", "fifoName"})) return false;
      e.bundle = strAttr(op, "bundle");
    } else {
      if (!only(op, {"sym_name", "pool", "role", "channelIndex", "pinnedChannel", "fifoName",
                     "segments"}))
        return false;
      e.fills = strAttr(op, "role") == "fills";
      if (!pools_.count(strAttr(op, "pool")))
        return fail(op, fmt::format("there is no pool '{}'", strAttr(op, "pool")));
    }
    if (e.bundle != "DMA" && e.channel < 0) e.channel = 0;
    ends_[strAttr(op, "sym_name")] = e;
    return true;
  }

  using Channel = std::tuple<int64_t, int64_t, bool, int64_t>; ///< column, row, fills, number
  Channel channelOf(const End &e, int64_t number) {
    Operation *tile = e.op->getOperand(0).getDefiningOp();
    return {tile ? intAttrOr(tile, "col", -1) : -1, tile ? intAttrOr(tile, "row", -1) : -1, e.fills,
            number};
  }

  /// The lowest channel that nobody names.
  bool channels() {
    std::set<Channel> used;
    auto use = [&](Value tile, bool fills, int64_t channel) {
      if (Operation *t = tile.getDefiningOp())
        used.insert({intAttrOr(t, "col", -1), intAttrOr(t, "row", -1), fills, channel});
    };
    device_->walk([&](Operation *op) {
      if (isOp(op, "aie.flow") && op->getNumOperands() == 2) {
        if (strAttr(op, "source_bundle") == "DMA")
          use(op->getOperand(0), false, intAttrOr(op, "source_channel", 0));
        if (strAttr(op, "dest_bundle") == "DMA")
          use(op->getOperand(1), true, intAttrOr(op, "dest_channel", 0));
      } else if (isOp(op, "aie.packet_source") || isOp(op, "aie.packet_dest")) {
        if (strAttr(op, "port_bundle") == "DMA")
          use(op->getOperand(0), isOp(op, "aie.packet_dest"), intAttrOr(op, "port_channel", 0));
      } else if (isOp(op, "aie.shim_dma_allocation") && op->getNumOperands()) {
        use(op->getOperand(0), strAttr(op, "channel_dir") == "S2MM",
            intAttrOr(op, "channel_index", 0));
      } else if (isOp(op, "aie.dma_start") && op->getParentOp()->getNumOperands()) {
        use(op->getParentOp()->getOperand(0), strAttr(op, "channel_dir") == "S2MM",
            intAttrOr(op, "channel_index", 0));
      }
    });
    for (auto &[name, e] : ends_)
      if (e.bundle == "DMA" && e.channel >= 0) used.insert(channelOf(e, e.channel));
    // In the order of the design, not of the names.
    for (Operation &op : device_->getRegion(0).front()) {
      auto it = ends_.find(strAttr(&op, "sym_name"));
      if (it == ends_.end() || it->second.op != &op || it->second.channel >= 0) continue;
      End &e = it->second;
      for (e.channel = 0; used.count(channelOf(e, e.channel));) ++e.channel;
      used.insert(channelOf(e, e.channel));
    }
    return true;
  }

  bool flow(Operation *op) {
    if (!only(op, {"from", "to"})) return false;
    const std::vector<std::string> from = symsAttr(op, "from"), to = symsAttr(op, "to");
    if (from.size() != 1)
      return fail(op, "a route without packets has one source", "write aie.packet_flow");
    OpBuilder b(op);
    auto end = [&](const std::string &name) -> End * {
      auto it = ends_.find(name);
      if (it != ends_.end()) return &it->second;
      fail(op, fmt::format("there is no endpoint '{}'", name));
      return nullptr;
    };
    End *source = end(from[0]);
    for (const std::string &name : to) {
      End *dest = source ? end(name) : nullptr;
      if (!dest) return false;
      if (source->fills || !dest->fills)
        return fail(op, fmt::format("'{}' does not send to '{}'", from[0], name),
                    "a route goes from an end that drains to ends that fill");
      OperationState state(op->getLoc(), "aie.flow");
      state.addOperands({source->op->getOperand(0), dest->op->getOperand(0)});
      for (auto [word, e] : {std::pair("source", source), std::pair("dest", dest)}) {
        state.addAttribute(fmt::format("{}_bundle", word), b.getStringAttr(e->bundle));
        state.addAttribute(fmt::format("{}_channel", word), b.getI64IntegerAttr(e->channel));
      }
      b.create(state);
    }
    return true;
  }

  /// One DMA program a tile; the ends of shim tiles are the runtime sequence's to move.
  bool programs() {
    std::vector<std::pair<Value, std::vector<End *>>> tiles;
    for (Operation &op : device_->getRegion(0).front()) {
      auto it = ends_.find(strAttr(&op, "sym_name"));
      if (it == ends_.end() || it->second.op != &op || it->second.bundle != "DMA") continue;
      End &e = it->second;
      Value tile = op.getOperand(0);
      if (inShim(&op)) {
        OpBuilder b(&op);
        OperationState state(op.getLoc(), "aie.shim_dma_allocation");
        state.addOperands(tile);
        state.addAttribute("sym_name", op.getAttr("sym_name"));
        state.addAttribute("channel_dir", b.getStringAttr(e.fills ? "S2MM" : "MM2S"));
        state.addAttribute("channel_index", b.getI64IntegerAttr(e.channel));
        b.create(state);
      } else if (isOp(&op, "aie.objectfifo.dma_endpoint")) {
        auto at = llvm::find_if(tiles, [&](const auto &t) { return t.first == tile; });
        if (at == tiles.end()) at = tiles.insert(at, {tile, {}});
        at->second.push_back(&e);
      }
    }
    for (auto &[tile, ends] : tiles)
      if (!program(tile, ends)) return false;
    return true;
  }

  bool program(Value tile, const std::vector<End *> &ends) {
    Operation *first = ends.front()->op;
    for (Operation &op : device_->getRegion(0).front())
      if ((isOp(&op, "aie.mem") || isOp(&op, "aie.memtile_dma")) && op.getOperand(0) == tile)
        return fail(first, "this tile has a DMA program written by hand and DMA endpoints",
                    "write the program of all its channels, or an endpoint for each");
    Operation *def = tile.getDefiningOp();
    // Behind the buffers and locks of all pools.
    Block &body = device_->getRegion(0).front();
    OpBuilder b = OpBuilder::atBlockEnd(&body);
    if (isOp(&body.back(), "aie.end")) b.setInsertionPoint(&body.back());
    OperationState mem(first->getLoc(),
                       def && intAttr(def, "row") == 1 ? "aie.memtile_dma" : "aie.mem");
    mem.addOperands(tile);
    mem.addTypes(b.getIndexType());
    mem.addRegion();
    Region *region = &b.create(mem)->getRegion(0);
    Block *start = &region->emplaceBlock();
    for (End *e : ends) {
      const PoolPlan &pool = pools_[strAttr(e->op, "pool")];
      std::vector<const Segment *> chosen;
      const std::vector<std::string> names = symsAttr(e->op, "segments");
      for (const Segment &s : pool.segments)
        if (names.empty() || llvm::is_contained(names, strAttr(s.op, "sym_name")))
          chosen.push_back(&s);
      if (chosen.empty() || (!names.empty() && names.size() != chosen.size()) ||
          (names.empty() && chosen.size() > 1))
        return fail(e->op,
                    "this endpoint names no segments of its pool, or some that are not there",
                    "name the segments that it moves: segments = [@s0]");
      if (pool.buffers.empty()) return fail(e->op, "the pool of this endpoint has no buffers");
      std::vector<Block *> bds;
      for (size_t i = 0; i < pool.buffers.size() * chosen.size(); ++i)
        bds.push_back(&region->emplaceBlock());
      Block *next = &region->emplaceBlock();
      OpBuilder at(b.getContext());
      at.setInsertionPointToEnd(start);
      OperationState go(e->op->getLoc(), "aie.dma_start");
      go.addAttribute("channel_dir", b.getStringAttr(e->fills ? "S2MM" : "MM2S"));
      go.addAttribute("channel_index", b.getI64IntegerAttr(e->channel));
      go.addSuccessors(bds[0]);
      go.addSuccessors(next);
      go.addTypes(b.getI1Type());
      at.create(go);
      size_t i = 0;
      for (Value buffer : pool.buffers)
        for (const Segment *s : chosen) {
          at.setInsertionPointToEnd(bds[i]);
          auto lock = [&](Value v, const char *action) {
            OperationState use(e->op->getLoc(), "aie.use_lock");
            use.addOperands(v);
            use.addAttribute("action", b.getStringAttr(action));
            use.addAttribute("value", b.getI64IntegerAttr(1));
            at.create(use);
          };
          lock(e->fills ? s->produce : s->consume, "AcquireGreaterEqual");
          OperationState bd(e->op->getLoc(), "aie.dma_bd");
          bd.addOperands(buffer);
          bd.addAttribute("offset", b.getI64IntegerAttr(s->offset));
          bd.addAttribute("len", b.getI64IntegerAttr(s->size));
          at.create(bd);
          lock(e->fills ? s->consume : s->produce, "Release");
          OperationState on(e->op->getLoc(), "aie.next_bd");
          on.addSuccessors(bds[(i + 1) % bds.size()]);
          at.create(on);
          ++i;
        }
      start = next;
    }
    OpBuilder at(b.getContext());
    at.setInsertionPointToEnd(start);
    at.create(OperationState(first->getLoc(), "aie.end"));
    return true;
  }

  Model &m_;
  Operation *device_;
  std::map<std::string, Operation *> byName_;
  std::map<std::string, PoolPlan> pools_;
  std::map<std::string, End> ends_;
};

} // namespace

void expandPools(Model &m, Operation *device) {
  Pools(m, device).run();
  if (!m.errors.empty()) return;
  // Acquires of an endpoint have no port: the endpoint has one.
  std::map<std::string, std::string> ports;
  for (Operation &op : device->getRegion(0).front())
    if (isOp(&op, "aie.objectfifo.core_endpoint"))
      ports[strAttr(&op, "sym_name")] = strAttr(&op, "role") == "fills" ? "Produce" : "Consume";
  device->walk([&](Operation *op) {
    if (!isOp(op, "aie.objectfifo.acquire") && !isOp(op, "aie.objectfifo.release")) return;
    if (auto it = ports.find(strAttr(op, "fifo")); it != ports.end())
      op->setAttr("port", StringAttr::get(op->getContext(), it->second));
  });
}

void readCoreEndpoint(Model &m, Operation *op, TileId tile) {
  auto fail = [&](std::string message, std::string remedy = {}) {
    m.fail("bad-pool", placeOf(op), std::move(message), std::move(remedy));
  };
  Operation *pool = nullptr;
  for (Operation &other : *op->getBlock())
    if (isOp(&other, "aie.objectfifo.pool") && strAttr(&other, "sym_name") == strAttr(op, "pool"))
      pool = &other;
  if (!pool) return fail(fmt::format("there is no pool '{}'", strAttr(op, "pool")));
  Block &segments = pool->getRegion(0).front();
  if (!llvm::hasSingleElement(segments))
    return fail("a core takes whole objects, and those of this pool are in segments",
                "give the core a pool of its own, or write an aie.objectfifo.link");
  Pool out;
  auto index = [&](const auto &all, const std::string &name) {
    for (size_t i = 0; i < all.size(); ++i)
      if (all[i].name == name) return static_cast<int>(i);
    return -1;
  };
  for (const std::string &name : symsAttr(pool, "buffers"))
    out.buffers.push_back(index(m.buffers, name));
  out.prodLock = index(m.locks, strAttr(&segments.front(), "produceLock"));
  out.consLock = index(m.locks, strAttr(&segments.front(), "consumeLock"));
  out.depth = static_cast<int>(out.buffers.size());
  if (out.buffers.empty() || llvm::is_contained(out.buffers, -1) || out.prodLock < 0 ||
      out.consLock < 0)
    return fail("the buffers and locks of this pool must be declared before the endpoint");
  m.pools[{strAttr(op, "sym_name"), tile}] = std::move(out);
}

} // namespace ashlar::lower
