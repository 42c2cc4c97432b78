// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The algorithm is the vendor's down to its quirks (a vertex is a port of either direction, the
// heap is not re-sifted when a distance shrinks), because any other tie-break gives another
// package. Proven against public designs: every connection of 45 of 45.
#include "lower/router.h"

#include "device/ports.h"

#include <array>

namespace ashlar::lower {

using plan::Bundle;

std::optional<device::SwitchPort> switchPort(Port p) {
  using device::PortBundle;
  switch (p.bundle) {
  case Bundle::Core: return device::SwitchPort{PortBundle::Core, p.channel};
  case Bundle::DMA: return device::SwitchPort{PortBundle::Dma, p.channel};
  case Bundle::FIFO: return device::SwitchPort{PortBundle::Fifo, p.channel};
  case Bundle::South: return device::SwitchPort{PortBundle::South, p.channel};
  case Bundle::West: return device::SwitchPort{PortBundle::West, p.channel};
  case Bundle::North: return device::SwitchPort{PortBundle::North, p.channel};
  case Bundle::East: return device::SwitchPort{PortBundle::East, p.channel};
  case Bundle::Trace: return device::SwitchPort{PortBundle::Trace, p.channel};
  case Bundle::TileControl: return device::SwitchPort{PortBundle::Ctrl, p.channel};
  default: return std::nullopt;
  }
}

namespace {

constexpr int kBundles = 11;

/// Shim tiles reach DMA, NoC and PL through a multiplexer below South; as switch ports the vendor
/// counts them like this.
int muxCount(Bundle b, bool slave) {
  switch (b) {
  case Bundle::DMA: return 2;
  case Bundle::NOC: return 4;
  case Bundle::PLIO: return slave ? 8 : 6;
  default: return 0;
  }
}

bool throughMux(Bundle b) { return b == Bundle::DMA || b == Bundle::NOC || b == Bundle::PLIO; }

/// All pairs of one switch, or of one hop between neighbours.
struct Matrix {
  TileId from, to;
  std::vector<Port> src, dst;
  std::vector<char> ok, priority;
  std::vector<double> demand;
  std::vector<int> used, over, packets, group;
  void resize() {
    const size_t n = src.size() * dst.size();
    ok.assign(n, 0);
    priority.assign(n, 0);
    demand.assign(n, 1.0);
    used.assign(n, 0);
    over.assign(n, 0);
    packets.assign(n, 0);
    group.assign(n, -1);
  }
  size_t at(size_t i, size_t j) const { return i * dst.size() + j; }
  int find(const std::vector<Port> &list, Port p) const {
    for (size_t i = 0; i < list.size(); ++i)
      if (list[i] == p) return static_cast<int>(i);
    return -1;
  }
  void bump(size_t e) {
    if (used[e] >= 1) demand[e] *= priority[e] ? 2147483647.0 : 1.1;
  }
};

class Router {
public:
  explicit Router(int columns) : columns_(columns) { build(); }
  Result<Routes> run(std::vector<RouteRequest> requests, const Taken &taken);

private:
  struct Edge {
    int to;
    int matrix;
    size_t entry;
  };
  int vertex(TileId t, Port p) {
    const auto key = std::tuple(t.col, t.row, static_cast<int>(p.bundle), p.channel);
    auto [it, fresh] = ids_.emplace(key, static_cast<int>(vertices_.size()));
    if (fresh) {
      vertices_.push_back({t, p});
      edges_.emplace_back();
      edgesBuilt_.push_back(false);
    }
    return it->second;
  }
  void build();
  const std::vector<Edge> &edges(int v);
  void dijkstra(int source);

  int columns_;
  std::vector<Matrix> matrices_;
  std::map<std::pair<TileId, TileId>, int> matrixOf_;
  std::map<std::tuple<int, int, int, int>, int> ids_;
  std::vector<PortAt> vertices_;
  std::vector<std::vector<Edge>> edges_;
  std::vector<char> edgesBuilt_;
  std::vector<double> distance_;
  std::vector<int> previous_, color_;
  std::vector<Edge> via_;
};

void Router::build() {
  for (int row = 0; row < device::kRows; ++row)
    for (int col = 0; col < columns_; ++col) {
      const TileId t{col, row};
      Matrix m;
      m.from = m.to = t;
      for (int b = 0; b < kBundles; ++b) {
        const Bundle bundle = static_cast<Bundle>(b);
        for (bool slave : {true, false})
          for (int c = 0; c < portCount(columns_, t, bundle, slave); ++c)
            (slave ? m.src : m.dst).push_back({bundle, c});
      }
      m.resize();
      for (size_t i = 0; i < m.src.size(); ++i)
        for (size_t j = 0; j < m.dst.size(); ++j)
          m.ok[m.at(i, j)] = legalConnection(columns_, t, m.src[i], m.dst[j]);
      matrixOf_[{t, t}] = static_cast<int>(matrices_.size());
      matrices_.push_back(std::move(m));
      auto neighbour = [&](TileId to, Bundle out, Bundle in) {
        if (to.col < 0 || to.col >= columns_ || to.row < 0 || to.row >= device::kRows) return;
        Matrix hop;
        hop.from = t;
        hop.to = to;
        for (int c = 0; c < portCount(columns_, t, out, false); ++c) {
          hop.src.push_back({out, c});
          hop.dst.push_back({in, c});
        }
        hop.resize();
        for (size_t i = 0; i < hop.src.size(); ++i) hop.ok[hop.at(i, i)] = 1;
        matrixOf_[{t, to}] = static_cast<int>(matrices_.size());
        matrices_.push_back(std::move(hop));
      };
      neighbour({col, row - 1}, Bundle::South, Bundle::North);
      neighbour({col, row + 1}, Bundle::North, Bundle::South);
      neighbour({col - 1, row}, Bundle::West, Bundle::East);
      neighbour({col + 1, row}, Bundle::East, Bundle::West);
    }
}

const std::vector<Router::Edge> &Router::edges(int v) {
  if (edgesBuilt_[static_cast<size_t>(v)]) return edges_[static_cast<size_t>(v)];
  edgesBuilt_[static_cast<size_t>(v)] = true;
  const PortAt here = vertices_[static_cast<size_t>(v)];
  std::vector<Edge> out;
  const int own = matrixOf_.at({here.tile, here.tile});
  {
    const Matrix &m = matrices_[static_cast<size_t>(own)];
    const int i = m.find(m.src, here.port);
    if (i >= 0)
      for (size_t j = 0; j < m.dst.size(); ++j)
        if (m.ok[m.at(static_cast<size_t>(i), j)])
          out.push_back({vertex(here.tile, m.dst[j]), own, m.at(static_cast<size_t>(i), j)});
  }
  const int c = here.tile.col, r = here.tile.row;
  for (const auto &[tile, outBundle, inBundle] :
       {std::tuple(TileId{c, r - 1}, Bundle::South, Bundle::North),
        {TileId{c - 1, r}, Bundle::West, Bundle::East},
        {TileId{c, r + 1}, Bundle::North, Bundle::South},
        {TileId{c + 1, r}, Bundle::East, Bundle::West}}) {
    if (here.port.bundle != outBundle) continue;
    auto it = matrixOf_.find({here.tile, tile});
    if (it == matrixOf_.end()) continue;
    const Matrix &m = matrices_[static_cast<size_t>(it->second)];
    const int i = m.find(m.src, here.port);
    const int j = m.find(m.dst, {inBundle, here.port.channel});
    if (i < 0 || j < 0) continue;
    out.push_back({vertex(tile, {inBundle, here.port.channel}), it->second,
                   m.at(static_cast<size_t>(i), static_cast<size_t>(j))});
  }
  std::stable_sort(out.begin(), out.end(), [&](const Edge &a, const Edge &b) {
    const PortAt &x = vertices_[static_cast<size_t>(a.to)],
                 &y = vertices_[static_cast<size_t>(b.to)];
    return std::tuple(x.tile, static_cast<int>(x.port.bundle), x.port.channel) <
           std::tuple(y.tile, static_cast<int>(y.port.bundle), y.port.channel);
  });
  edges_[static_cast<size_t>(v)] = std::move(out);
  return edges_[static_cast<size_t>(v)];
}

void Router::dijkstra(int source) {
  constexpr double infinite = std::numeric_limits<double>::infinity();
  std::vector<int> heap;
  auto room = [&](int v) {
    const size_t n = std::max<size_t>(vertices_.size(), static_cast<size_t>(v) + 1);
    if (distance_.size() < n) {
      distance_.resize(n, infinite);
      previous_.resize(n, -1);
      color_.resize(n, 0);
      via_.resize(n);
    }
  };
  std::fill(distance_.begin(), distance_.end(), infinite);
  std::fill(previous_.begin(), previous_.end(), -1);
  std::fill(color_.begin(), color_.end(), 0);
  room(source);
  auto d = [&](int v) { return distance_[static_cast<size_t>(v)]; };
  auto push = [&](int v) {
    heap.push_back(v);
    size_t i = heap.size() - 1;
    while (i > 0) {
      const size_t parent = (i - 1) / 4;
      if (!(d(v) < d(heap[parent]))) break;
      heap[i] = heap[parent];
      i = parent;
    }
    heap[i] = v;
  };
  auto pop = [&]() {
    const int top = heap.front();
    if (heap.size() == 1) {
      heap.pop_back();
      return top;
    }
    heap.front() = heap.back();
    heap.pop_back();
    const int v = heap.front();
    size_t i = 0;
    for (;;) {
      const size_t first = 4 * i + 1;
      if (first >= heap.size()) break;
      size_t best = first;
      for (size_t k = first + 1; k < std::min(first + 4, heap.size()); ++k)
        if (d(heap[k]) < d(heap[best])) best = k;
      if (!(d(heap[best]) < d(v))) break;
      std::swap(heap[i], heap[best]);
      i = best;
    }
    return top;
  };
  distance_[static_cast<size_t>(source)] = 0;
  push(source);
  while (!heap.empty()) {
    const int u = pop();
    const std::vector<Edge> &out = edges(u);
    for (const Edge &e : out) {
      room(e.to);
      const size_t v = static_cast<size_t>(e.to);
      const double w = distance_[static_cast<size_t>(u)] +
                       matrices_[static_cast<size_t>(e.matrix)].demand[e.entry];
      const bool relax = w < distance_[v];
      if (color_[v] == 0) {
        if (relax) {
          distance_[v] = w;
          previous_[v] = u;
          via_[v] = e;
          color_[v] = 1;
        }
        push(e.to);
      } else if (color_[v] == 1 && relax) {
        distance_[v] = w;
        previous_[v] = u;
        via_[v] = e;
      }
    }
    color_[static_cast<size_t>(u)] = 2;
  }
}

Result<Routes> Router::run(std::vector<RouteRequest> requests, const Taken &taken) {
  for (const Hop &hop : taken) {
    auto it = matrixOf_.find({hop.tile, hop.tile});
    if (it == matrixOf_.end()) continue;
    Matrix &m = matrices_[static_cast<size_t>(it->second)];
    for (size_t i = 0; i < m.src.size(); ++i)
      for (size_t j = 0; j < m.dst.size(); ++j)
        // A master serves one slave; what is connected is out of reach for new routes.
        if (m.dst[j] == hop.out) m.ok[m.at(i, j)] = 0;
  }
  // Groups in order of first appearance.
  std::vector<std::vector<size_t>> groups;
  std::map<int, size_t> groupIndex;
  for (size_t i = 0; i < requests.size(); ++i) {
    auto [it, fresh] = groupIndex.emplace(requests[i].group, groups.size());
    if (fresh) groups.emplace_back();
    groups[it->second].push_back(i);
  }
  Routes out;
  out.hops.resize(requests.size());
  constexpr int kMaxIterations = 1000;
  constexpr size_t kMaxNotes = 12;
  std::map<std::pair<int, size_t>, std::set<size_t>> users;
  for (int iteration = 0; iteration < kMaxIterations; ++iteration) {
    for (Matrix &m : matrices_) {
      for (size_t e = 0; e < m.demand.size(); ++e)
        m.demand[e] = (1 + 0.1 * m.over[e]) * (1 + 0.02 * m.used[e]);
      std::fill(m.used.begin(), m.used.end(), 0);
      std::fill(m.packets.begin(), m.packets.end(), 0);
      std::fill(m.group.begin(), m.group.end(), -1);
    }
    users.clear();
    for (const auto &group : groups) {
      for (size_t r : group) {
        const RouteRequest &request = requests[r];
        const int source = vertex(request.source.tile, request.source.port);
        dijkstra(source);
        std::set<int> processed{source};
        std::vector<Hop> hops;
        for (const PortAt &dest : request.dests) {
          int current = vertex(dest.tile, dest.port);
          while (!processed.count(current)) {
            const size_t c = static_cast<size_t>(current);
            if (c >= previous_.size() || previous_[c] < 0)
              return error(
                  "unroutable", request.place,
                  fmt::format("no way leads from {} to {}", request.source.str(), dest.str()),
                  "hand-written switches or the edge of the device are in the way");
            const Edge e = via_[c];
            const int from = previous_[c];
            Matrix &m = matrices_[static_cast<size_t>(e.matrix)];
            const size_t i = e.entry / m.dst.size(), j = e.entry % m.dst.size();
            m.priority[e.entry] = request.priority;
            if (request.group >= 0 &&
                (m.group[e.entry] == -1 || m.group[e.entry] == request.group)) {
              for (size_t k = 0; k < m.src.size(); ++k) m.group[m.at(k, j)] = request.group;
              for (size_t l = 0; l < m.dst.size(); ++l) m.group[m.at(i, l)] = request.group;
              if (++m.packets[e.entry] >= 32) {
                m.packets[e.entry] = 0;
                ++m.used[e.entry];
              }
            } else {
              ++m.used[e.entry];
            }
            m.bump(e.entry);
            users[{e.matrix, e.entry}].insert(r);
            const PortAt &a = vertices_[static_cast<size_t>(from)];
            const PortAt &b = vertices_[c];
            if (a.tile == b.tile) hops.push_back({a.tile, a.port, b.port});
            processed.insert(current);
            current = from;
          }
        }
        out.hops[r] = std::move(hops);
      }
      for (Matrix &m : matrices_) {
        for (size_t e = 0; e < m.packets.size(); ++e)
          if (m.packets[e] > 0) {
            m.packets[e] = 0;
            ++m.used[e];
          }
        for (size_t e = 0; e < m.used.size(); ++e)
          if (m.used[e]) m.bump(e);
      }
    }
    int illegal = 0;
    for (Matrix &m : matrices_)
      for (size_t e = 0; e < m.used.size(); ++e)
        if (m.used[e] > 1) {
          ++m.over[e];
          ++illegal;
        }
    if (!illegal) {
      out.requests = std::move(requests);
      return out;
    }
  }
  Diagnostic d = error("unroutable", {}, "these flows cannot all be routed",
                       "move tiles closer, use fewer flows, or share streams as packets");
  std::set<size_t> competing;
  for (size_t k = 0; k < matrices_.size(); ++k) {
    const Matrix &m = matrices_[k];
    for (size_t e = 0; e < m.used.size(); ++e) {
      if (m.used[e] <= 1) continue;
      const auto &who = users[{static_cast<int>(k), e}];
      competing.insert(who.begin(), who.end());
      if (d.notes.size() >= kMaxNotes) continue;
      const PortAt from{m.from, m.src[e / m.dst.size()]}, to{m.to, m.dst[e % m.dst.size()]};
      std::string note =
          fmt::format("{} to {} is wanted {} times, by", from.str(), to.str(), m.used[e]);
      for (size_t r : who)
        note += fmt::format("{} {}", r == *who.begin() ? "" : ",", requests[r].str());
      d.notes.push_back(note);
    }
  }
  if (!competing.empty()) d.place = requests[*competing.begin()].place;
  return d;
}

} // namespace

std::string RouteRequest::str() const {
  std::string text = fmt::format("{} to {}", source.str(), dests[0].str());
  if (!what.empty()) text = fmt::format("{} ({})", what, text);
  return place.known() ? fmt::format("{} at line {}", text, place.line) : text;
}

int portCount(int columns, TileId t, Bundle bundle, bool slave) {
  const TileKind kind = device::tileKind(t);
  // Ports that lead out of the device do not exist.
  if (bundle == Bundle::West && t.col == 0) return 0;
  if (bundle == Bundle::East && t.col == columns - 1) return 0;
  if (bundle == Bundle::North && t.row == device::kRows - 1) return 0;
  const auto port = switchPort({bundle, 0});
  int count = 0;
  if (port)
    for (const device::SwitchPort &p : slave ? device::slavePorts(kind) : device::masterPorts(kind))
      if (p.bundle == port->bundle) ++count;
  if (count == 0 && kind == TileKind::Shim) return muxCount(bundle, slave);
  return count;
}

bool legalConnection(int columns, TileId t, Port in, Port out) {
  if (in.channel < 0 || out.channel < 0 || in.channel >= portCount(columns, t, in.bundle, true) ||
      out.channel >= portCount(columns, t, out.bundle, false))
    return false;
  const TileKind kind = device::tileKind(t);
  if (kind == TileKind::Shim && (throughMux(in.bundle) || throughMux(out.bundle))) return true;
  const auto a = switchPort(in), b = switchPort(out);
  return a && b && device::crossbarLegal(kind, *a, *b);
}

Result<Routes> findRoutes(int columns, const std::vector<PacketFlow> &packets,
                          const std::vector<Flow> &circuits, const Taken &taken) {
  std::vector<RouteRequest> requests;
  auto add = [&](const PortAt &source, const PortAt &dest, bool packet, bool priority,
                 const Place &place, const std::string &what) {
    for (RouteRequest &r : requests)
      if (r.source == source) {
        if (priority) {
          r.priority = true;
          r.dests.insert(r.dests.begin(), dest);
        } else {
          r.dests.push_back(dest);
        }
        return;
      }
    int group = -1;
    if (packet) {
      bool found = false;
      for (const RouteRequest &r : requests) {
        if (std::find(r.dests.begin(), r.dests.end(), dest) != r.dests.end()) {
          group = r.group;
          found = true;
          break;
        }
        group = std::max(group, r.group);
      }
      if (!found) ++group;
    }
    requests.push_back({packet, priority, source, {dest}, group, place, what});
  };
  for (const PacketFlow &flow : packets)
    for (const PortAt &source : flow.sources)
      for (const PortAt &dest : flow.dests)
        add(source, dest, true, flow.priority, flow.place, fmt::format("packet flow {}", flow.id));
  std::stable_partition(requests.begin(), requests.end(),
                        [](const RouteRequest &r) { return r.priority; });
  auto firstPlain = std::find_if(requests.begin(), requests.end(),
                                 [](const RouteRequest &r) { return !r.priority; });
  std::stable_sort(requests.begin(), firstPlain, [](const RouteRequest &a, const RouteRequest &b) {
    return std::tuple(a.source.tile, static_cast<int>(a.source.port.bundle),
                      a.source.port.channel) <
           std::tuple(b.source.tile, static_cast<int>(b.source.port.bundle), b.source.port.channel);
  });
  for (const Flow &flow : circuits)
    add(flow.source, flow.dest, false, false, flow.place, flow.what);
  return Router(columns).run(std::move(requests), taken);
}

} // namespace ashlar::lower
