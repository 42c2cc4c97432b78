// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Places logical tiles. Cores take tiles column by column, bottom up, where what they share with
// other cores (buffers, cascades, more FIFOs than DMA channels) is within reach; shim tiles and
// memtiles then go to the column from which the streams to their cores are shortest and channels
// are left, and may share a tile. The order and the choices are those of the vendor's sequential
// placer.
#include "lower/model.h"

#include <mlir/Dialect/MemRef/IR/MemRef.h>

using namespace mlir;
using ashlar::design::intAttr;
using ashlar::design::intAttrOr;
using ashlar::design::isOp;
using ashlar::design::placeOf;
using ashlar::design::strAttr;
using ashlar::design::symsAttr;

namespace ashlar::lower {

namespace {

struct Node {
  Operation *op = nullptr;
  TileKind kind = TileKind::Core;
  std::optional<int> col, row;
  std::optional<TileId> at;
  int in = 0, out = 0;           ///< DMA channels it needs
  int peersIn = 0, peersOut = 0; ///< FIFOs with other cores
  int mustIn = 0, mustOut = 0;   ///< of those, how many need shared memory
  bool logical = false;
  std::vector<std::vector<int>> flows; ///< what each of its streams leads to
  int demand() const { return mustIn + mustOut; }
};
struct Edge {
  int first = 0, second = 0;
};

class Placer {
public:
  Placer(Model &m, Operation *device) : m_(m), device_(device) {}
  std::map<Operation *, TileId> run();

private:
  int node(Value v) {
    auto it = index_.find(v.getDefiningOp());
    return it == index_.end() ? -1 : it->second;
  }
  void collect();
  void collectFifos();
  void collectFlows();
  void collectShared();
  bool place(int n, TileId at, bool pinned);
  bool placeCore(int n);
  bool placeOther(int n);
  bool reachable(int n, TileId at) const;
  bool peersFit(int n, TileId at) const;
  bool reserved(int n, TileId at) const;
  int column(int n) const;
  bool isPeer(int a, int b) const {
    return llvm::any_of(peers_, [&](const Edge &e) {
      return (e.first == a && e.second == b) || (e.first == b && e.second == a);
    });
  }
  std::vector<TileId> neighbours(TileId t) const {
    std::vector<TileId> out;
    for (TileId other : free_)
      if (other != t && (coreReaches(t, other) || coreReaches(other, t))) out.push_back(other);
    return out;
  }

  Model &m_;
  Operation *device_;
  std::vector<Node> nodes_;
  std::map<Operation *, int> index_;
  std::vector<Edge> peers_, buffers_, cascades_;
  std::vector<TileId> free_; ///< core tiles, column by column
  std::map<TileId, std::pair<int, int>> used_;
  std::map<TileId, std::vector<int>> reserved_;
};

void Placer::collect() {
  std::set<TileId> taken;
  for (Operation &op : device_->getRegion(0).front()) {
    const bool logical = isOp(&op, "aie.logical_tile");
    if (!logical && !isOp(&op, "aie.tile")) continue;
    Node n;
    n.op = &op;
    n.logical = logical;
    if (auto col = intAttr(&op, "col")) n.col = static_cast<int>(std::clamp<int64_t>(*col, -1, 99));
    if (auto row = intAttr(&op, "row")) n.row = static_cast<int>(std::clamp<int64_t>(*row, -1, 99));
    if (logical) {
      const std::string kind = strAttr(&op, "kind");
      n.kind = kind == "CoreTile"  ? TileKind::Core
               : kind == "MemTile" ? TileKind::Mem
                                   : TileKind::Shim;
      if (n.col && (*n.col < 0 || *n.col >= m_.columns))
        m_.fail("bad-tile", placeOf(&op), fmt::format("there is no column {}", *n.col));
      if (n.row &&
          (*n.row < 0 || *n.row >= device::kRows || device::tileKind({0, *n.row}) != n.kind))
        m_.fail("bad-tile", placeOf(&op), fmt::format("row {} holds no {}", *n.row, kind));
    } else if (n.col && n.row) {
      n.at = TileId{*n.col, *n.row};
      if (m_.exists(*n.at)) n.kind = device::tileKind(*n.at);
      taken.insert(*n.at);
    }
    index_[&op] = static_cast<int>(nodes_.size());
    nodes_.push_back(std::move(n));
  }
  for (int col = 0; col < m_.columns; ++col)
    for (int row = device::kFirstCoreRow; row < device::kRows; ++row)
      if (!taken.count({col, row})) free_.push_back({col, row});
}

void Placer::collectFifos() {
  std::set<std::string> linkedIn, linkedOut;
  std::map<std::string, Operation *> fifos;
  for (Operation &op : device_->getRegion(0).front()) {
    if (isOp(&op, "aie.objectfifo")) fifos[strAttr(&op, "sym_name")] = &op;
    if (!isOp(&op, "aie.objectfifo.link")) continue;
    for (const std::string &f : symsAttr(&op, "fifo_ins")) linkedIn.insert(f);
    for (const std::string &f : symsAttr(&op, "fifo_outs")) linkedOut.insert(f);
  }
  for (Operation &op : device_->getRegion(0).front()) {
    if (isOp(&op, "aie.objectfifo")) {
      const std::string name = strAttr(&op, "sym_name");
      const int producer = node(op.getOperand(0));
      std::vector<int> consumers;
      bool dma = false;
      for (Value v : op.getOperands().drop_front()) {
        const int c = node(v);
        if (c < 0 || producer < 0) continue;
        consumers.push_back(c);
        const bool both = nodes_[static_cast<size_t>(producer)].logical &&
                          nodes_[static_cast<size_t>(c)].logical &&
                          nodes_[static_cast<size_t>(producer)].kind == TileKind::Core &&
                          nodes_[static_cast<size_t>(c)].kind == TileKind::Core;
        if (both) {
          if (producer != c) peers_.push_back({producer, c});
          continue;
        }
        if (!linkedIn.count(name)) ++nodes_[static_cast<size_t>(c)].in;
        dma = true;
      }
      if (producer < 0) continue;
      if (dma && !linkedOut.count(name)) ++nodes_[static_cast<size_t>(producer)].out;
      if (!consumers.empty()) nodes_[static_cast<size_t>(producer)].flows.push_back(consumers);
      for (int c : consumers) nodes_[static_cast<size_t>(c)].flows.push_back({producer});
    } else if (isOp(&op, "aie.objectfifo.link")) {
      const auto ins = symsAttr(&op, "fifo_ins"), outs = symsAttr(&op, "fifo_outs");
      auto first = ins.empty() ? fifos.end() : fifos.find(ins[0]);
      if (first == fifos.end() || first->second->getNumOperands() < 2) continue;
      if (const int tile = node(first->second->getOperand(1)); tile >= 0) {
        nodes_[static_cast<size_t>(tile)].in += static_cast<int>(ins.size());
        nodes_[static_cast<size_t>(tile)].out += static_cast<int>(outs.size());
      }
    }
  }
}

void Placer::collectFlows() {
  std::set<std::tuple<int, int64_t, bool>> seen;
  auto channel = [&](Value v, Operation *op, StringRef prefix, bool out) {
    const int n = node(v);
    if (n < 0 || strAttr(op, (prefix + "_bundle").str()) != "DMA") return;
    if (seen.emplace(n, intAttrOr(op, (prefix + "_channel").str(), 0), out).second)
      ++(out ? nodes_[static_cast<size_t>(n)].out : nodes_[static_cast<size_t>(n)].in);
  };
  auto join = [&](const std::vector<int> &a, const std::vector<int> &b) {
    for (int s : a)
      if (s >= 0) nodes_[static_cast<size_t>(s)].flows.push_back(b);
    for (int d : b)
      if (d >= 0) nodes_[static_cast<size_t>(d)].flows.push_back(a);
  };
  for (Operation &op : device_->getRegion(0).front()) {
    if (isOp(&op, "aie.flow")) {
      channel(op.getOperand(0), &op, "source", true);
      channel(op.getOperand(1), &op, "dest", false);
      join({node(op.getOperand(0))}, {node(op.getOperand(1))});
    } else if (isOp(&op, "aie.packet_flow")) {
      std::vector<int> sources, dests;
      for (Operation &end : op.getRegion(0).front()) {
        const bool source = isOp(&end, "aie.packet_source");
        if (!source && !isOp(&end, "aie.packet_dest")) continue;
        channel(end.getOperand(0), &end, "port", source);
        (source ? sources : dests).push_back(node(end.getOperand(0)));
      }
      join(sources, dests);
    } else if (isOp(&op, "aie.cascade_flow")) {
      const int a = node(op.getOperand(0)), b = node(op.getOperand(1));
      if (a >= 0 && b >= 0) cascades_.push_back({a, b});
    }
  }
}

/// Cores that use another tile's buffers; how many FIFOs between cores cannot go by DMA.
void Placer::collectShared() {
  for (Operation &op : device_->getRegion(0).front()) {
    if (!isOp(&op, "aie.core")) continue;
    const int consumer = node(op.getOperand(0));
    if (consumer < 0) continue;
    std::set<int> owners;
    op.walk([&](Operation *inner) {
      for (Value v : inner->getOperands()) {
        Operation *def = v.getDefiningOp();
        while (def && isa<memref::SubViewOp, memref::CastOp, memref::ReinterpretCastOp,
                          memref::CollapseShapeOp, memref::ExpandShapeOp>(def))
          def = def->getOperand(0).getDefiningOp();
        if (!isOp(def, "aie.buffer")) continue;
        const int owner = node(def->getOperand(0));
        if (owner >= 0 && owner != consumer && owners.insert(owner).second)
          buffers_.push_back({consumer, owner});
      }
    });
  }
  const int channels = device::dmaChannels(TileKind::Core);
  for (const Edge &e : peers_) {
    ++nodes_[static_cast<size_t>(e.first)].peersOut;
    ++nodes_[static_cast<size_t>(e.second)].peersIn;
  }
  for (Node &n : nodes_) {
    if (!n.logical || n.kind != TileKind::Core) continue;
    n.mustIn = std::max(0, n.peersIn - (channels - n.in));
    n.mustOut = std::max(0, n.peersOut - (channels - n.out));
  }
}

bool Placer::reachable(int n, TileId at) const {
  auto other = [&](int k) { return nodes_[static_cast<size_t>(k)].at; };
  for (const Edge &e : buffers_) {
    if (e.first == n && other(e.second) && !coreReaches(at, *other(e.second))) return false;
    if (e.second == n && other(e.first) && !coreReaches(*other(e.first), at)) return false;
  }
  for (const Edge &e : cascades_) {
    if (e.first != n && e.second != n) continue;
    const auto peer = other(e.first == n ? e.second : e.first);
    if (!peer) continue;
    const TileId from = e.first == n ? at : *peer, to = e.first == n ? *peer : at;
    const bool south = from.col == to.col && to.row == from.row - 1;
    const bool east = from.row == to.row && to.col == from.col + 1;
    if (!south && !east) return false;
  }
  return true;
}

/// Whether the FIFOs between cores that need shared memory get it, here and at the cores that are
/// placed already.
bool Placer::peersFit(int n, TileId at) const {
  auto spent = [&](int k, TileId where, bool in) {
    int far = 0;
    for (const Edge &e : peers_) {
      if ((in ? e.second : e.first) != k) continue;
      const int peer = in ? e.first : e.second;
      const auto there = peer == n ? std::optional(at) : nodes_[static_cast<size_t>(peer)].at;
      if (there && !coreReaches(where, *there)) ++far;
    }
    const Node &node = nodes_[static_cast<size_t>(k)];
    return far > (in ? node.peersIn - node.mustIn : node.peersOut - node.mustOut);
  };
  if (spent(n, at, true) || spent(n, at, false)) return false;
  for (const Edge &e : peers_)
    for (int k : {e.first, e.second})
      if (k != n && (e.first == n || e.second == n) && nodes_[static_cast<size_t>(k)].at &&
          spent(k, *nodes_[static_cast<size_t>(k)].at, k == e.second))
        return false;
  const Node &self = nodes_[static_cast<size_t>(n)];
  if (self.demand() == 0) return true;
  int nearIn = 0, nearOut = 0;
  for (const Edge &e : peers_) {
    if (e.first != n && e.second != n) continue;
    const auto there = nodes_[static_cast<size_t>(e.first == n ? e.second : e.first)].at;
    if (there && coreReaches(at, *there)) ++(e.second == n ? nearIn : nearOut);
  }
  const int open = std::max(0, self.mustIn - nearIn) + std::max(0, self.mustOut - nearOut);
  return open <= static_cast<int>(neighbours(at).size());
}

/// Tiles beside a core that needs neighbours are kept for those it shares FIFOs with.
bool Placer::reserved(int n, TileId at) const {
  auto it = reserved_.find(at);
  if (it == reserved_.end()) return false;
  return llvm::any_of(it->second, [&](int owner) { return owner != n && !isPeer(n, owner); });
}

bool Placer::place(int n, TileId at, bool pinned) {
  Node &self = nodes_[static_cast<size_t>(n)];
  const int limit = device::dmaChannels(self.kind);
  auto &[in, out] = used_[at];
  if (in + self.in > limit || out + self.out > limit) {
    m_.fail("out-of-channels", placeOf(self.op),
            fmt::format("the tile placed at {} needs {} S2MM and {} MM2S channels; {} and {} of {} "
                        "are left",
                        at.str(), self.in, self.out, limit - in, limit - out, limit),
            pinned ? "put it elsewhere" : "send some of its object FIFOs through a memtile");
    return false;
  }
  in += self.in;
  out += self.out;
  self.at = at;
  if (self.kind != TileKind::Core) return true;
  std::erase(free_, at);
  if (self.demand() > 0)
    for (TileId t : neighbours(at)) reserved_[t].push_back(n);
  return true;
}

bool Placer::placeCore(int n) {
  Node &self = nodes_[static_cast<size_t>(n)];
  std::vector<TileId> candidates = free_;
  auto inColumn = [](TileId t) {
    return (t.row > device::kFirstCoreRow) + (t.row + 1 < device::kRows);
  };
  if (self.demand() > 0)
    llvm::stable_sort(candidates, [&](TileId a, TileId b) {
      return std::tuple(a.col, -inColumn(a), a.row) < std::tuple(b.col, -inColumn(b), b.row);
    });
  bool reach = false, channels = false;
  for (bool allowReserved : {false, true})
    for (TileId t : candidates) {
      if ((self.col && *self.col != t.col) || (self.row && *self.row != t.row)) continue;
      if (!allowReserved && reserved(n, t)) continue;
      if (!reachable(n, t)) {
        reach = true;
        continue;
      }
      if (!peersFit(n, t)) {
        channels = true;
        continue;
      }
      return place(n, t, false);
    }
  std::vector<std::string> notes;
  for (const auto *edges : {&buffers_, &cascades_, &peers_})
    for (const Edge &e : *edges)
      if (e.first == n || e.second == n) {
        const Node &peer = nodes_[static_cast<size_t>(e.first == n ? e.second : e.first)];
        if (peer.at)
          notes.push_back(fmt::format("{}: its neighbour is in tile {}", placeOf(peer.op).str(),
                                      peer.at->str()));
      }
  m_.fail("unplaceable", placeOf(self.op),
          fmt::format("no core tile is left for this logical tile{}",
                      channels ? " within reach of the cores it shares object FIFOs with"
                      : reach  ? " within reach of the cores it shares buffers or a cascade with"
                               : ""),
          "use fewer cores, a larger device, or give coordinates", notes);
  return false;
}

/// The column from which the streams to cores are shortest.
int Placer::column(int n) const {
  auto coreColumn = [&](int k) -> std::optional<int> {
    if (k < 0) return std::nullopt;
    const Node &node = nodes_[static_cast<size_t>(k)];
    return node.kind == TileKind::Core && node.at ? std::optional(node.at->col) : std::nullopt;
  };
  std::vector<std::vector<int>> ends;
  double mean = 0;
  int count = 0;
  for (const auto &flow : nodes_[static_cast<size_t>(n)].flows) {
    std::vector<int> columns;
    for (int peer : flow) {
      if (auto c = coreColumn(peer)) {
        columns.push_back(*c);
      } else if (peer >= 0 && peer != n) {
        // One step further: behind a memtile are cores.
        for (const auto &next : nodes_[static_cast<size_t>(peer)].flows)
          for (int far : next)
            if (auto c2 = coreColumn(far)) columns.push_back(*c2);
      }
    }
    for (int c : columns) {
      mean += c;
      ++count;
    }
    if (!columns.empty()) ends.push_back(std::move(columns));
  }
  if (ends.empty()) return 0;
  mean /= count;
  int best = 0;
  std::pair<int, double> least{INT_MAX, 0};
  for (int col = 0; col < m_.columns; ++col) {
    int cost = 0;
    for (const auto &columns : ends) {
      const auto [low, high] = std::minmax_element(columns.begin(), columns.end());
      cost += std::max({0, *low - col, col - *high});
    }
    const std::pair<int, double> key{cost, std::abs(col - mean)};
    if (key < least) {
      least = key;
      best = col;
    }
  }
  return best;
}

bool Placer::placeOther(int n) {
  Node &self = nodes_[static_cast<size_t>(n)];
  const int target = self.col.value_or(column(n));
  const int row = self.kind == TileKind::Shim ? 0 : device::kFirstCoreRow - 1;
  const int limit = device::dmaChannels(self.kind);
  std::optional<TileId> best;
  std::tuple<int, int, int> least;
  for (int col = 0; col < m_.columns; ++col) {
    const auto [in, out] = used_[{col, row}];
    if (in + self.in > limit || out + self.out > limit) continue;
    const std::tuple key{std::abs(col - target), in + out, col};
    if (!best || key < least) {
      best = TileId{col, row};
      least = key;
    }
  }
  if (best) return place(n, *best, false);
  m_.fail("unplaceable", placeOf(self.op),
          fmt::format("no {} tile has {} S2MM and {} MM2S channels left",
                      device::tileKindName(self.kind), self.in, self.out),
          "use fewer object FIFOs or a larger device");
  return false;
}

std::map<Operation *, TileId> Placer::run() {
  collect();
  if (llvm::none_of(nodes_, [](const Node &n) { return n.logical; })) return {};
  collectFifos();
  collectFlows();
  collectShared();
  if (!m_.errors.empty()) return {};
  for (const Node &n : nodes_)
    if (!n.logical && n.at) {
      used_[*n.at].first += n.in;
      used_[*n.at].second += n.out;
    }
  auto priority = [&](int n) {
    int most = nodes_[static_cast<size_t>(n)].demand();
    for (const Edge &e : peers_)
      if (e.first == n || e.second == n)
        most =
            std::max(most, nodes_[static_cast<size_t>(e.first == n ? e.second : e.first)].demand());
    return most;
  };
  std::vector<int> order;
  for (size_t i = 0; i < nodes_.size(); ++i)
    if (nodes_[i].logical) order.push_back(static_cast<int>(i));
  auto rank = [&](int n) {
    const Node &node = nodes_[static_cast<size_t>(n)];
    const int given = (node.col ? 1 : 0) + (node.row ? 1 : 0);
    return std::tuple(-given, -priority(n), -node.demand());
  };
  llvm::stable_sort(order, [&](int a, int b) { return rank(a) < rank(b); });
  for (int n : order) {
    Node &node = nodes_[static_cast<size_t>(n)];
    if (node.col && node.row) {
      const TileId at{*node.col, *node.row};
      if (node.kind == TileKind::Core && !llvm::is_contained(free_, at)) {
        m_.fail("bad-tile", placeOf(node.op), fmt::format("core tile {} is taken", at.str()));
        return {};
      }
      if (!reachable(n, at)) {
        m_.fail("unplaceable", placeOf(node.op),
                fmt::format("tile {} is not within reach of the cores that this one shares "
                            "buffers or a cascade with",
                            at.str()));
        return {};
      }
      if (!place(n, at, true)) return {};
    } else if (node.kind == TileKind::Core && !placeCore(n)) {
      return {};
    }
  }
  std::vector<int> others;
  for (size_t i = 0; i < nodes_.size(); ++i)
    if (nodes_[i].logical && !nodes_[i].at) others.push_back(static_cast<int>(i));
  llvm::stable_sort(others, [&](int a, int b) {
    const Node &x = nodes_[static_cast<size_t>(a)], &y = nodes_[static_cast<size_t>(b)];
    return x.in + x.out > y.in + y.out;
  });
  for (int n : others)
    if (!placeOther(n)) return {};
  std::map<Operation *, TileId> out;
  for (const Node &n : nodes_)
    if (n.logical && n.at) out[n.op] = *n.at;
  return out;
}

} // namespace

std::map<Operation *, TileId> placeTiles(Model &model, Operation *device) {
  return Placer(model, device).run();
}

} // namespace ashlar::lower
