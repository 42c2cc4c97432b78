// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// From registers and plan to the view.
#include "analysis/view.h"

#include "analysis/model.h"

#include <algorithm>
#include <fmt/format.h>
#include <set>

namespace ashlar::analysis {

using device::PortBundle;
using device::SwitchPort;

uint32_t ArrayView::Tile::bytesUsed() const {
  uint32_t used = 0, end = 0;
  for (const Piece &p : memory) {
    const uint32_t start = std::max(p.start, end);
    if (p.start + p.size > start) used += p.start + p.size - start;
    end = std::max(end, p.start + p.size);
  }
  return used;
}

const ArrayView::Tile *ArrayView::find(TileId id) const {
  const auto it =
      std::find_if(tiles.begin(), tiles.end(), [&](const Tile &t) { return t.id == id; });
  return it == tiles.end() ? nullptr : &*it;
}

std::string ArrayView::End::text() const {
  if (port.bundle == PortBundle::Dma) return channelText(tile, DmaDirection::S2MM, port.channel);
  if (port.bundle == PortBundle::South && device::tileKind(tile) == TileKind::Shim)
    return port.channel == 0 ? "the controller"
                             : fmt::format("{} of {}", port.str(), tileText(tile));
  return fmt::format("{} of {}", port.str(), tileText(tile));
}

namespace {

class Viewer {
public:
  Viewer(const load::Configuration &configuration, std::span<const load::Stream> streams,
         const plan::Plan *plan)
      : configured_(modelOf(configuration)), plan_(plan), names_(plan, "") {
    images(configuration);
    model_ = configured_;
    for (const load::Stream &stream : streams) follow(stream);
  }

  ArrayView run() {
    for (const auto &[id, model] : model_.tiles) {
      if (id.row >= device::kRows || id.col >= device::kMaxColumns) continue;
      tile(id, model);
    }
    routes();
    std::erase_if(view_.tiles, [&](const ArrayView::Tile &t) { return !matters(t); });
    for (const ArrayView::Tile &t : view_.tiles)
      view_.columns = std::max(view_.columns, t.id.col + 1);
    if (plan_) {
      view_.columns = std::max(view_.columns, std::min(plan_->columns, device::kMaxColumns));
      fifos();
    }
    return std::move(view_);
  }

private:
  /// Packages write the clock and reset registers of tiles that they do not use.
  bool matters(const ArrayView::Tile &t) const {
    if (!t.program.empty() || !t.memory.empty() || !t.descriptors.empty() || !t.channels.empty())
      return true;
    for (const ArrayView::Route &r : view_.routes)
      for (const ArrayView::Hop &h : r.hops)
        if (h.tile == t.id) return true;
    return std::any_of(t.locks.begin(), t.locks.end(),
                       [](const auto &l) { return l.init.value_or(0) != 0 || !l.name.empty(); });
  }

  void images(const load::Configuration &configuration) {
    const auto put = [&](uint32_t address, std::span<const uint32_t> words) {
      const TileId id = device::tileOfAddress(address);
      const uint32_t offset = device::offsetOfAddress(address);
      const uint32_t room = device::dataMemoryBytes(device::tileKind(id));
      if (offset >= room) return;
      auto &[bytes, written] = images_[id];
      const size_t end = std::min<size_t>(room, offset + 4 * words.size());
      if (bytes.size() < end) bytes.resize(end), written.resize(end);
      for (size_t at = offset, i = 0; at + 4 <= end; at += 4, ++i) {
        writeU32(&bytes[at], words[i]);
        std::fill_n(written.begin() + static_cast<std::ptrdiff_t>(at), 4, true);
      }
    };
    for (const load::Operation &o : configuration.operations)
      if (const auto *b = std::get_if<load::BlockWrite>(&o.op))
        put(b->address, b->words);
      else if (const auto *w = std::get_if<load::Write32>(&o.op))
        put(w->address, std::span(&w->value, 1));
  }

  void follow(const load::Stream &stream) {
    for (auto &[id, tile] : model_.tiles) tile.pushes.clear();
    for (const load::Operation &operation : stream.operations) {
      applyOperation(model_, operation);
      for (auto &[id, tile] : model_.tiles) {
        for (const Push &push : tile.pushes) {
          ArrayView::Channel &c = channel(id, push);
          c.bySequence = true;
          started(tile, push, c);
        }
        tile.pushes.clear();
      }
    }
  }

  ArrayView::Channel &channel(TileId id, const Push &push) {
    const auto key = std::tuple(id, push.direction, push.channel);
    auto [it, added] = channels_.try_emplace(key);
    if (added) {
      it->second.direction = push.direction;
      it->second.channel = push.channel;
    }
    return it->second;
  }

  static void started(const TileModel &tile, const Push &push, ArrayView::Channel &c) {
    ++c.tasks;
    std::set<int> seen;
    uint64_t bytes = 0;
    bool ends = true;
    for (std::optional<int> id = push.bd; id;) {
      if (!seen.insert(*id).second) {
        ends = false;
        break;
      }
      const auto bd = tile.bd(*id);
      if (!bd || !bd->valid) break;
      if (c.tasks == 1) c.chain.push_back(*id);
      bytes += uint64_t{bd->length} * 4;
      id = bd->next ? std::optional<int>(*bd->next) : std::nullopt;
    }
    if (ends)
      c.bytes += bytes * static_cast<uint64_t>(push.repeat);
    else
      c.forEver = true;
  }

  std::string fifoOf(TileId id, DmaDirection direction, int channel) const {
    if (!plan_) return "";
    for (const plan::ShimAllocation &s : plan_->shimAllocations)
      if (s.tile == id && s.direction == direction && s.channel == channel) return s.name;
    for (const plan::DmaProgram &p : plan_->dmas) {
      if (p.tile != id) continue;
      for (const plan::DmaStart &s : p.starts)
        if (s.direction == direction && s.channel == channel)
          for (const plan::BdSlot &b : p.bds)
            if (b.id == s.firstBd) {
              const size_t cut = b.buffer.rfind("_buff_");
              return b.buffer.substr(0, cut);
            }
    }
    return "";
  }

  void tile(TileId id, const TileModel &model) {
    ArrayView::Tile t;
    t.id = id;
    t.kind = model.kind;
    t.enabled = model.enabled();
    t.program = model.program;
    if (const auto it = images_.find(id); it != images_.end())
      std::tie(t.data, t.written) = it->second;
    t.stackSize = t.kind == TileKind::Core ? names_.stackSize(id) : 0;
    if (plan_)
      for (const plan::Core &c : plan_->cores)
        if (c.tile == id) t.function = c.function, t.place = c.place;
    const auto configured = configured_.tiles.find(id);
    if (configured != configured_.tiles.end())
      for (const Push &push : configured->second.pushes) {
        ArrayView::Channel &c = channel(id, push);
        if (!c.bySequence) started(configured->second, push, c);
      }
    for (int i = 0; i < device::bdCount(t.kind); ++i)
      if (const auto bd = model.bd(i); bd && bd->valid) {
        const bool sequence =
            configured == configured_.tiles.end() || configured->second.bd(i) != bd;
        t.descriptors.push_back({i, *bd, bufferName(id, *bd), sequence});
      }
    for (auto &[key, c] : channels_)
      if (std::get<0>(key) == id) {
        c.name = fifoOf(id, c.direction, c.channel);
        t.channels.push_back(c);
      }
    memory(t, model);
    locks(t, model);
    view_.tiles.push_back(std::move(t));
  }

  /// Where a descriptor's bytes are; memtiles see their neighbours' memory too.
  static std::optional<std::pair<TileId, uint32_t>> local(TileId id, const device::Bd &bd) {
    if (device::tileKind(id) == TileKind::Shim) return std::nullopt;
    if (device::tileKind(id) == TileKind::Core)
      return std::pair(id, static_cast<uint32_t>(bd.address));
    const int side = static_cast<int>(bd.address / device::kMemTileBytes) - 1;
    return std::pair(TileId{id.col + side, id.row},
                     static_cast<uint32_t>(bd.address % device::kMemTileBytes));
  }
  std::string bufferName(TileId id, const device::Bd &bd) const {
    const auto where = local(id, bd);
    if (!where || !plan_) return "";
    for (const plan::Buffer &b : plan_->buffers)
      if (b.tile == where->first && where->second >= b.address &&
          where->second - b.address < b.size)
        return b.name;
    return "";
  }

  void memory(ArrayView::Tile &t, const TileModel &model) {
    using Kind = ArrayView::PieceKind;
    if (t.stackSize) t.memory.push_back({Kind::Stack, "stack", 0, t.stackSize, t.place});
    if (plan_)
      for (const plan::Buffer &b : plan_->buffers)
        if (b.tile == t.id) t.memory.push_back({Kind::Buffer, b.name, b.address, b.size, b.place});
    const auto covered = [&](uint32_t start) {
      return std::any_of(t.memory.begin(), t.memory.end(), [&](const ArrayView::Piece &p) {
        return start >= p.start && start - p.start < p.size;
      });
    };
    for (const TileModel::Extent &e : model.data)
      if (!covered(e.start))
        t.memory.push_back({Kind::Data, "initial data", e.start, e.end - e.start, {}});
    std::map<std::pair<uint32_t, uint32_t>, std::string> unnamed;
    for (const auto &[id, other] : model_.tiles)
      for (int i = 0; i < device::bdCount(other.kind); ++i) {
        const auto bd = other.bd(i);
        if (!bd || !bd->valid) continue;
        const auto where = local(id, *bd);
        if (!where || where->first != t.id || covered(where->second)) continue;
        const uint32_t room = device::dataMemoryBytes(t.kind);
        const uint32_t size = std::min(bd->length * 4, room - std::min(room, where->second));
        std::string &name = unnamed[{where->second, size}];
        name += fmt::format("{}{}{}", name.empty() ? "BD " : ", ",
                            id == t.id ? "" : tileText(id) + " ", i);
      }
    for (const auto &[range, name] : unnamed)
      t.memory.push_back({Kind::Unnamed, name, range.first, range.second, {}});
    std::stable_sort(t.memory.begin(), t.memory.end(),
                     [](const auto &a, const auto &b) { return a.start < b.start; });
  }

  void locks(ArrayView::Tile &t, const TileModel &model) {
    std::map<int, ArrayView::Lock> found;
    for (int i = 0; i < device::lockCount(t.kind); ++i)
      if (const auto value = model.lockInit(i)) found[i].init = static_cast<int>(*value);
    if (plan_)
      for (const plan::Lock &l : plan_->locks)
        if (l.tile == t.id) found[l.id].name = l.name, found[l.id].place = l.place;
    use();
    for (const auto &[key, users] : users_)
      if (key.first == t.id) {
        found[key.second].acquiredBy = users.first;
        found[key.second].releasedBy = users.second;
      }
    for (auto &[id, lock] : found) {
      // Configuration sets locks to 0 that nobody uses.
      if (lock.name.empty() && !lock.init.value_or(0) && lock.acquiredBy.empty() &&
          lock.releasedBy.empty())
        continue;
      lock.id = id;
      t.locks.push_back(std::move(lock));
    }
  }

  /// Who uses which lock: once for all tiles.
  void use() {
    if (used_) return;
    used_ = true;
    const auto note = [&](TileId owner, int id, bool acquire, const std::string &who) {
      auto &lists = users_[{owner, id}];
      auto &list = acquire ? lists.first : lists.second;
      if (std::find(list.begin(), list.end(), who) == list.end()) list.push_back(who);
    };
    for (const auto &[id, model] : model_.tiles) {
      for (int i = 0; i < device::bdCount(model.kind); ++i) {
        const auto bd = model.bd(i);
        if (!bd || !bd->valid) continue;
        for (const auto &[lock, acquire] : {std::pair{bd->acquire, true}, {bd->release, false}}) {
          if (!lock || (!acquire && lock->value == 0)) continue;
          TileId owner = id;
          int number = lock->id;
          if (model.kind == TileKind::Mem) {
            const int count = device::lockCount(TileKind::Mem);
            owner.col += number / count - 1;
            number %= count;
          }
          note(owner, number, acquire,
               id == owner ? fmt::format("BD {}", i) : fmt::format("BD {} of {}", i, tileText(id)));
        }
      }
      if (model.kind != TileKind::Core || !model.hasProgram) continue;
      Diagnostics ignored;
      for (const LockUse &u : checkProgram(model, names_, ignored).locks)
        note(u.tile, u.id, u.acquire, u.tile == id ? "core" : tileText(id));
    }
  }

  void routes() {
    for (const auto &[id, model] : model_.tiles) {
      if (id.row >= device::kRows) continue;
      std::map<SwitchPort, int> dma; // shim ports that a channel feeds
      if (model.kind == TileKind::Shim)
        for (int c = 0; c < device::dmaChannels(model.kind); ++c)
          if (const auto port = outputPort(model, c)) dma[*port] = c;
      for (const SwitchPort &slave : device::slavePorts(model.kind)) {
        const bool channel =
            slave.bundle == PortBundle::Dma || (model.kind == TileKind::Shim && dma.count(slave));
        const bool other = slave.bundle == PortBundle::Core || slave.bundle == PortBundle::Trace ||
                           slave.bundle == PortBundle::Ctrl;
        if (!channel && !other) continue;
        const uint32_t config =
            model.reg(device::reg::switchSlave(model.kind, device::slaveIndex(model.kind, slave)));
        if (!(config & device::reg::kSwitchEnable)) continue;
        const int number = dma.count(slave) ? dma.at(slave) : slave.channel;
        routesFrom(id, slave,
                   channel ? channelText(id, DmaDirection::MM2S, number)
                           : fmt::format("{} of {}", slave.str(), tileText(id)),
                   channel ? fifoOf(id, DmaDirection::MM2S, number) : "");
      }
    }
  }

  void routesFrom(TileId id, SwitchPort slave, const std::string &text, const std::string &name) {
    const size_t first = view_.routes.size();
    for (int packet = -1; packet < 32; ++packet) {
      const Trace trace = traceFrom(model_, id, slave, packet);
      if (trace.ends.empty()) continue;
      ArrayView::Route r;
      r.name = name;
      r.from = id;
      r.source = slave;
      r.sourceText = text;
      for (const Passage &h : trace.hops) r.hops.push_back({h.tile, h.in, h.out});
      for (const Destination &d : trace.ends) r.ends.push_back({d.tile, d.port});
      if (packet < 0) {
        view_.routes.push_back(std::move(r));
        return;
      }
      const auto same =
          std::find_if(view_.routes.begin() + static_cast<std::ptrdiff_t>(first),
                       view_.routes.end(), [&](const auto &x) { return x.hops == r.hops; });
      if (same != view_.routes.end()) {
        same->packets.push_back(packet);
      } else {
        r.packets.push_back(packet);
        view_.routes.push_back(std::move(r));
      }
    }
  }

  void fifos() {
    for (const plan::Fifo &f : plan_->fifos) {
      std::string consumers, depths;
      for (const TileId &c : f.consumers)
        consumers += (consumers.empty() ? "" : ", ") + tileText(c);
      for (const uint32_t d : f.depths)
        depths += fmt::format("{}{}", depths.empty() ? "" : ", ", d);
      view_.fifos.push_back(
          {f.name, tileText(f.producer), consumers, depths, f.objectBytes, f.place});
    }
  }

  Model configured_, model_;
  const plan::Plan *plan_;
  Names names_;
  ArrayView view_;
  std::map<TileId, std::pair<Bytes, std::vector<bool>>> images_;
  std::map<std::tuple<TileId, DmaDirection, int>, ArrayView::Channel> channels_;
  std::map<std::pair<TileId, int>, std::pair<std::vector<std::string>, std::vector<std::string>>>
      users_;
  bool used_ = false;
};

} // namespace

ArrayView viewOf(const load::Configuration &configuration, std::span<const load::Stream> streams,
                 const plan::Plan *plan) {
  return Viewer(configuration, streams, plan).run();
}

} // namespace ashlar::analysis
