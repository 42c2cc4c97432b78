// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Laying paths, and packet switching.
#include "emulator/array/network.h"

#include "emulator/array/sanitizer.h"
#include "emulator/array/timeline.h"

#include "device/timing.h"
#include "emulator/tile/core_slot.h"
#include "emulator/tile/events.h"

#include <fmt/format.h>

namespace ashlar::emulator {

namespace timing = device::timing;
namespace reg = device::reg;
using device::PortBundle;
using device::SwitchPort;
using device::TileId;
using device::TileKind;

namespace {
constexpr int kMasterSource = 64, kSinkPort = 128;
/// No path of a 5 x 6 array is longer; a longer one goes in circles.
constexpr int kMaxHops = 64;
constexpr int kCentralFifoWords = 16; // AM020

bool enabled(uint32_t config) { return (config & reg::kSwitchEnable) != 0; }
bool packet(uint32_t config) { return (config & reg::kSwitchPacket) != 0; }

/// Keeps the list of ports while a path is followed.
template <class Step> struct PathMark {
  PathMark(std::vector<Step> &path, Step step) : path_(path) { path_.push_back(step); }
  ~PathMark() { path_.pop_back(); }
  std::vector<Step> &path_;
};

uint32_t muxField(const Tile &tile, SwitchPort port, bool slave) {
  for (const auto &f : slave ? device::shimMuxFields() : device::shimDemuxFields())
    if (f.port == port) return (slave ? tile.mux : tile.demux) >> f.shift & 3;
  return 0;
}

std::string portName(const Tile &tile, SwitchPort port) {
  return fmt::format("{} of {}", port.str(), tile.name());
}
} // namespace

std::string Network::sourceName(Source source) const {
  Tile &tile = *fabric_.tile(source.tile);
  if (source.port >= kMasterSource)
    return fmt::format(
        "master {}",
        portName(tile, device::masterPorts(
                           tile.kind())[static_cast<size_t>(source.port - kMasterSource)]));
  const SwitchPort p = device::slavePorts(tile.kind())[static_cast<size_t>(source.port)];
  for (int c = 0; c < device::dmaChannels(tile.kind()); ++c)
    if (tile.dmaSlave(c) == p) return fmt::format("MM2S {} of {}", c, tile.name());
  switch (p.bundle) {
  case PortBundle::Core: return fmt::format("the stream output of {}", tile.name());
  case PortBundle::Ctrl: return fmt::format("the control port of {}", tile.name());
  case PortBundle::Trace: return fmt::format("trace unit {} of {}", p.channel, tile.name());
  default: return portName(tile, p);
  }
}

int Network::sourceWords(Source source) const {
  if (source.port >= kMasterSource) return 0;
  Tile &tile = *fabric_.tile(source.tile);
  const SwitchPort p = device::slavePorts(tile.kind())[static_cast<size_t>(source.port)];
  if (p.bundle == PortBundle::Core) return timing::kCoreStreamWords;
  if (p.bundle == PortBundle::Dma || p.bundle == PortBundle::South) return timing::kMm2sEgressWords;
  return 0;
}

PacketPort &Network::packetPort(Tile &tile, int slave) {
  auto &p = ports_[{tile.id(), slave}];
  if (!p) p = std::make_unique<PacketPort>(*this, tile, slave);
  return *p;
}

std::vector<PacketPort *> Network::packetPorts() {
  std::vector<PacketPort *> out;
  for (auto &[key, port] : ports_)
    if (port->in) out.push_back(port.get());
  return out;
}

PacketPort *Network::portReading(const Link &link) {
  for (auto &[key, port] : ports_)
    if (port->in == &link) return port.get();
  return nullptr;
}

std::string Network::deadEnd(TileId tile, int slave) const {
  const auto it = deadEnds_.find({tile, slave});
  return it == deadEnds_.end() ? std::string() : it->second;
}

void Network::connect(Key key, int latency, int words, Component *reader, std::string to,
                      OutPort &out, Link *&slot) {
  const int capacity = words + sourceWords(key.source);
  std::unique_ptr<Link> link;
  if (const auto old = previous_.find(key); old != previous_.end()) {
    if (old->second->latency() == latency &&
        old->second->capacity() == static_cast<size_t>(capacity))
      link = std::move(old->second);
    previous_.erase(old);
  }
  if (!link) link = std::make_unique<Link>(fabric_.scheduler, latency, capacity);
  link->reader = reader;
  link->watches.clear();
  for (const PathStep &step : path_)
    for (EventUnit *u : fabric_.tile(step.tile)->eventUnits()) {
      const auto watched = u->watchedPorts();
      for (size_t i = 0; i < watched.size(); ++i)
        if (watched[i] == (step.index | (step.master ? 1 << 5 : 0)))
          link->watches.push_back({u, static_cast<int>(i), step.delay});
    }
  link->stops.clear();
  for (const PathStep &step : path_) {
    const TileKind kind = fabric_.tile(step.tile)->kind();
    const SwitchPort port = step.master ? device::masterPorts(kind)[static_cast<size_t>(step.index)]
                                        : device::slavePorts(kind)[static_cast<size_t>(step.index)];
    link->stops.push_back({step.tile, (step.master ? "out " : "in ") + port.str(), step.delay});
  }
  link->flow = timeline_ ? timeline_->flow(link->stops) : nullptr;
  link->from = sourceName(key.source);
  link->to = std::move(to);
  out.links.push_back(link.get());
  slot = link.get();
  active_.push_back(link.get());
  links_[key] = std::move(link);
}

void Network::enter(Tile &tile, int slave, int latency, int words, int hops, Source source,
                    OutPort &out) {
  const SwitchPort port = device::slavePorts(tile.kind())[static_cast<size_t>(slave)];
  const uint32_t config = tile.slaves[static_cast<size_t>(slave)];
  const PathMark<PathStep> mark(path_, {tile.id(), false, slave, latency});
  if (hops > kMaxHops) {
    deadEnds_[source] = "goes in circles through " + portName(tile, port);
    return;
  }
  if (!enabled(config)) {
    deadEnds_[source] = fmt::format("ends at slave {}, which is not enabled", portName(tile, port));
    return;
  }
  if (packet(config)) {
    PacketPort &p = packetPort(tile, slave);
    connect({source, tile.id(), slave}, latency + timing::kPacketArbitration,
            words + timing::kHopLocalWords / 2, &p, "packet port " + portName(tile, port), out,
            p.in);
    return;
  }
  bool any = false;
  for (size_t m = 0; m < device::masterPorts(tile.kind()).size(); ++m) {
    const uint32_t master = tile.masters[m];
    if (!enabled(master) || packet(master) || static_cast<int>(master & 127) != slave) continue;
    any = true;
    leave(tile, static_cast<int>(m), latency, words, hops + 1, source, out);
  }
  if (!any)
    deadEnds_[source] = fmt::format("ends at slave {}: no master takes it", portName(tile, port));
}

void Network::leave(Tile &tile, int master, int latency, int words, int hops, Source source,
                    OutPort &out) {
  const SwitchPort port = device::masterPorts(tile.kind())[static_cast<size_t>(master)];
  const PathMark<PathStep> mark(path_, {tile.id(), true, master, latency + 1});
  if (const auto far = device::farEnd(tile.id(), port)) {
    Tile *next = inside(far->tile) ? fabric_.tile(far->tile) : nullptr;
    if (!next) {
      deadEnds_[source] = fmt::format("leaves the partition at {}", portName(tile, port));
      return;
    }
    const int slave = device::slaveIndex(next->kind(), far->port);
    if (slave < 0) {
      deadEnds_[source] = fmt::format("ends at master {}: {} has no port {}", portName(tile, port),
                                      next->name(), far->port.str());
      return;
    }
    enter(*next, slave, latency + timing::kHopExternal, words + timing::kHopExternalWords, hops,
          source, out);
    return;
  }
  latency += timing::kHopLocal;
  words += timing::kHopLocalWords;
  const Key key{source, tile.id(), kSinkPort + master};
  Link *&slot = tile.inputs[static_cast<size_t>(master)];
  switch (port.bundle) {
  case PortBundle::Core:
    connect(key, latency, words + timing::kCoreStreamWords, tile.core(),
            "the stream input of " + tile.name(), out, slot);
    return;
  case PortBundle::Ctrl:
    connect(key, latency, words, &tile.controlIn, "the control port of " + tile.name(), out, slot);
    return;
  case PortBundle::Fifo:
    enter(tile, device::slaveIndex(tile.kind(), {PortBundle::Fifo, 0}), latency,
          words + kCentralFifoWords, hops, source, out);
    return;
  case PortBundle::Dma:
    connect(key, latency, words + timing::kS2mmIngressWords,
            tile.s2mm[static_cast<size_t>(port.channel)].get(),
            fmt::format("S2MM {} of {}", port.channel, tile.name()), out, slot);
    return;
  default: break;
  }
  // A shim's South port: to a DMA channel by the demultiplexer, South 0 to the controller.
  for (int c = 0; c < device::dmaChannels(tile.kind()); ++c)
    if (tile.dmaMaster(c) == port && muxField(tile, port, false) == device::kShimMuxDma) {
      connect(key, latency, words + timing::kS2mmIngressWords,
              tile.s2mm[static_cast<size_t>(c)].get(), fmt::format("S2MM {} of {}", c, tile.name()),
              out, slot);
      return;
    }
  if (port.channel == 0) {
    connect(key, latency, words, tokenSinks_[tile.id().col], "the controller", out, slot);
    return;
  }
  deadEnds_[source] = fmt::format("leaves the array at {}: the shim's demultiplexer does not lead "
                                  "it to a DMA channel",
                                  portName(tile, port));
}

void Network::record(Timeline *timeline) {
  timeline_ = timeline;
  for (Link *link : active_) link->flow = timeline ? timeline->flow(link->stops) : nullptr;
}

void Network::rebuild() {
  previous_ = std::move(links_);
  links_.clear();
  active_.clear();
  deadEnds_.clear();
  for (auto &[key, port] : ports_) port->in = nullptr;
  packetMasters_.clear();
  for (int col = 0; col < columns_; ++col)
    for (int row = 0; row < device::kRows; ++row) {
      Tile &tile = *fabric_.tile({col, row});
      tile.inputs.fill(nullptr);
      for (OutPort &o : tile.outputs) o.links.clear();
    }
  for (int col = 0; col < columns_; ++col)
    for (int row = 0; row < device::kRows; ++row) {
      Tile &tile = *fabric_.tile({col, row});
      const auto slaves = device::slavePorts(tile.kind());
      for (size_t s = 0; s < slaves.size(); ++s) {
        const SwitchPort p = slaves[s];
        bool source = p.bundle == PortBundle::Core || p.bundle == PortBundle::Dma ||
                      p.bundle == PortBundle::Ctrl || p.bundle == PortBundle::Trace;
        if (tile.kind() == TileKind::Shim && p.bundle == PortBundle::South)
          source = muxField(tile, p, true) == device::kShimMuxDma;
        if (source && enabled(tile.slaves[s]))
          enter(tile, static_cast<int>(s), 0, 0, 0, {tile.id(), static_cast<int>(s)},
                tile.outputs[s]);
      }
      const auto masters = device::masterPorts(tile.kind());
      for (size_t m = 0; m < masters.size(); ++m)
        if (enabled(tile.masters[m]) && packet(tile.masters[m]))
          leave(tile, static_cast<int>(m), 0, 0, 0,
                {tile.id(), kMasterSource + static_cast<int>(m)},
                packetMasters_[{tile.id(), static_cast<int>(m)}]);
    }
  for (const auto &[key, link] : previous_)
    if (link->size())
      fabric_.warn(*fabric_.tile(key.source.tile),
                   fmt::format("{} words from {} to {} are lost: their path was taken away",
                               link->size(), link->from, link->to));
  previous_.clear();
  // Whoever found no path may have one now.
  Scheduler &s = fabric_.scheduler;
  const uint64_t next = s.now() + 1;
  for (int col = 0; col < columns_; ++col)
    for (int row = 0; row < device::kRows; ++row) {
      Tile &tile = *fabric_.tile({col, row});
      for (auto &c : tile.s2mm) s.wake(*c, next);
      for (auto &c : tile.mm2s) s.wake(*c, next);
      s.wake(tile.controlOut, next);
      s.wake(tile.controlIn, next);
      if (tile.core()) s.wake(*tile.core(), next);
    }
  for (auto &[key, port] : ports_) s.wake(*port, next);
}

std::string PacketPort::name() const {
  return fmt::format("packet port {} of {}",
                     device::slavePorts(tile_.kind())[static_cast<size_t>(slave_)].str(),
                     tile_.name());
}

std::vector<MergeEntry> mergeOrder(Tile &tile, int arbiter) {
  if (arbiter > 1) return {};
  const uint32_t base = reg::switchBase(tile.kind()) + reg::kSwitchMerge +
                        reg::kSwitchMergeStride * static_cast<uint32_t>(arbiter);
  if (!(tile.read32(base + reg::kSwitchMergeControl) & 1)) return {};
  std::vector<MergeEntry> out;
  for (int i = 0; i < 4; ++i) {
    const uint32_t v = tile.read32(base + 4 * static_cast<uint32_t>(i / 2)) >> (16 * (i % 2));
    if (v >> 8 & 63) out.push_back({static_cast<int>(v & 31), static_cast<int>(v >> 8 & 63)});
  }
  return out;
}

bool PacketPort::route() {
  const uint32_t id = header_ & 31;
  masters_.clear();
  for (uint32_t slot : tile_.slots[static_cast<size_t>(slave_)]) {
    const uint32_t mask = slot >> 16 & 31;
    if (!(slot & 1u << 8) || (id & mask) != (slot >> 24 & mask)) continue;
    arbiter_ = static_cast<int>(slot & 7);
    const uint32_t msel = slot >> 4 & 3;
    for (size_t m = 0; m < device::masterPorts(tile_.kind()).size(); ++m) {
      const uint32_t master = tile_.masters[m];
      if (enabled(master) && packet(master) && static_cast<int>(master & 7) == arbiter_ &&
          (master >> (3 + msel) & 1))
        masters_.push_back(static_cast<int>(m));
    }
    wait_ = masters_.empty() ? Wait::NoMaster : Wait::None;
    if (masters_.empty())
      stuck(fmt::format("a packet with id {} at {} goes to arbiter {}, msel {}, which no master "
                        "takes; the port is blocked",
                        id, name(), arbiter_, msel));
    return !masters_.empty();
  }
  wait_ = Wait::NoRule;
  stuck(fmt::format("a packet with id {} matches no rule of {}; the port is blocked", id, name()));
  return false;
}

void PacketPort::stuck(const std::string &what) {
  if (tile_.fabric().sanitizer)
    tile_.fabric().sanitizer->lostPacket(tile_, what);
  else
    tile_.fabric().warn(tile_, what);
}

uint64_t PacketPort::step(uint64_t now) {
  if (!in) return kNever;
  if (now < busyUntil_) return busyUntil_;
  size_t ready = in->arrived(now, timing::kDmaBeatsPerAccess);
  if (ready == 0) return in->readyAt();
  if (!inPacket_) {
    header_ = in->front().data;
    if (!route()) return kNever;
    Arbiter &a = network_.arbiter(tile_, arbiter_);
    const std::vector<MergeEntry> order = mergeOrder(tile_, arbiter_);
    const bool mayGo =
        order.empty() || order[static_cast<size_t>(a.turn) % order.size()].slave == slave_;
    if ((a.owner && a.owner != this) || !mayGo) {
      wait_ = Wait::Arbiter;
      if (std::find(a.waiters.begin(), a.waiters.end(), this) == a.waiters.end())
        a.waiters.push_back(this);
      return kNever;
    }
    a.owner = this;
    inPacket_ = atHeader_ = true;
    ++packets;
  }
  uint64_t sent = 0;
  for (; ready > 0; --ready) {
    for (int m : masters_) {
      OutPort &out = network_.packetMaster(tile_, m);
      if (out.room()) continue;
      wait_ = Wait::Room;
      out.waitForRoom(*this);
      busyUntil_ = now + sent;
      for (int k : masters_) network_.packetMaster(tile_, k).notify();
      return kNever;
    }
    const StreamWord w = in->pop(now);
    for (int m : masters_) {
      const bool drop = atHeader_ && (tile_.masters[static_cast<size_t>(m)] >> 7 & 1);
      if (!drop) network_.packetMaster(tile_, m).push(w, now + sent);
    }
    atHeader_ = false;
    ++sent;
    if (!w.last) continue;
    inPacket_ = false;
    Arbiter &a = network_.arbiter(tile_, arbiter_);
    a.owner = nullptr;
    if (const std::vector<MergeEntry> order = mergeOrder(tile_, arbiter_); !order.empty()) {
      const size_t turn = static_cast<size_t>(a.turn) % order.size();
      if (++a.served >= order[turn].packets) {
        a.served = 0;
        a.turn = static_cast<int>((turn + 1) % order.size());
      }
      for (PacketPort *p : std::exchange(a.waiters, {})) tile_.scheduler().wake(*p, now + sent);
    } else if (!a.waiters.empty()) {
      PacketPort *next = a.waiters.front();
      a.waiters.pop_front();
      tile_.scheduler().wake(*next, now + sent);
      a.owner = next; // its turn, whatever it finds
    }
    break;
  }
  wait_ = Wait::None;
  for (int m : masters_) network_.packetMaster(tile_, m).notify();
  tile_.fabric().progress();
  busyUntil_ = now + sent;
  return busyUntil_;
}

} // namespace ashlar::emulator
