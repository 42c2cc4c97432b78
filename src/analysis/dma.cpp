// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// DMA programs and locks: chains that lead to BDs nobody wrote, transfers outside the memory,
// transfers over the program's own data, and locks that only ever move one way: a lock that
// somebody waits for and nobody gives is a hang that no run will get past.
#include "analysis/model.h"

#include "device/ports.h"
#include "device/registers.h"

#include <algorithm>
#include <fmt/format.h>
#include <set>

namespace ashlar::analysis {
namespace {

/// Words that a BD covers beyond its address, as [lowest, highest] word offsets of one execution.
std::pair<int64_t, int64_t> extent(const device::Bd &bd, TileKind kind) {
  const int last = kind == TileKind::Mem ? 3 : 2;
  int64_t low = 0, high = 0;
  uint64_t left = bd.length;
  for (int d = 0; d <= last && left > 0; ++d) {
    uint64_t size = bd.dims[d].size;
    if (d == last || size == 0) size = left;
    const uint64_t steps = std::min<uint64_t>(size, left);
    const int64_t span = static_cast<int64_t>(steps - 1) * bd.dims[d].step;
    (span < 0 ? low : high) += span;
    left = (left + size - 1) / size;
    if (size == 1 && d < last) continue;
    if (steps == size && left <= 1) break;
  }
  return {low, high};
}

class DmaCheck {
public:
  DmaCheck(const Model &model, const std::map<TileId, ProgramFacts> &programs,
           std::span<const load::Stream> streams, const Names &names, Diagnostics &findings)
      : model_(model), programs_(programs), streams_(streams), names_(names), findings_(findings) {}

  void run() {
    for (const auto &[id, tile] : model_.tiles) {
      for (const Push &push : tile.pushes) chain(tile, push);
      lockValues(tile);
    }
    for (const auto &[id, facts] : programs_)
      for (const LockUse &use : facts.locks) use_[{use.tile, use.id}].add(use.acquire);
    for (const load::Stream &stream : streams_) streamLocks(stream);
    lockBalance();
  }

private:
  struct Usage {
    int acquires = 0, releases = 0;
    void add(bool acquire) { ++(acquire ? acquires : releases); }
  };

  void chain(const TileModel &tile, const Push &push) {
    std::set<int> seen;
    int id = push.bd;
    const Place place = names_.channel(tile.id, push.direction, push.channel, push.offset);
    const std::string who = channelText(tile.id, push.direction, push.channel);
    while (seen.insert(id).second) {
      const auto bd = tile.bd(id);
      if (!bd || !bd->valid) {
        findings_.push_back(
            error("bd-invalid", place,
                  fmt::format("{} {} BD {}, which is {}", who,
                              id == push.bd ? "starts with" : "goes on to", id,
                              bd ? "not marked valid" : "never written"),
                  "write the BD before the channel starts, or end the chain before it"));
        return;
      }
      range(tile, push, id, *bd, place, who);
      locks(tile, *bd, place, who, id);
      if (!bd->next) return;
      id = *bd->next;
    }
  }

  void range(const TileModel &tile, const Push &, int id, const device::Bd &bd, const Place &place,
             const std::string &who) {
    if (tile.kind == TileKind::Shim) return; // host addresses are patched in later
    const auto [low, high] = extent(bd, tile.kind);
    const int64_t first = static_cast<int64_t>(bd.address) + low * 4;
    const int64_t end = static_cast<int64_t>(bd.address) + (high + 1) * 4;
    // A memtile's BD sees its western and eastern neighbour's memory too.
    const int64_t limit = tile.kind == TileKind::Mem ? 3 * int64_t{device::kMemTileBytes}
                                                     : int64_t{device::kCoreMemoryBytes};
    if (first < 0 || end > limit) {
      findings_.push_back(
          error("bd-range", place,
                fmt::format("BD {} of {} covers bytes {:#x} to {:#x}{}; the memory ends at {:#x}",
                            id, who, first, end,
                            names_.buffer(tile.id, static_cast<uint32_t>(bd.address)), limit),
                "shorten the transfer or its strides"));
      return;
    }
    if (tile.kind != TileKind::Core) return;
    for (const TileModel::Extent &e : tile.data)
      if (first < e.end && end > e.start && overlapsProgramData(tile.id, e)) {
        findings_.push_back(
            error("buffer-overlap", place,
                  fmt::format(
                      "BD {} of {} covers bytes {:#x} to {:#x}{}, and the program of the core has "
                      "its data at {:#x} to {:#x}",
                      id, who, first, end,
                      names_.buffer(tile.id, static_cast<uint32_t>(bd.address)), e.start, e.end),
                  "move the buffer, or link the core after the last buffer"));
        return;
      }
  }
  /// Configuration also fills buffers with initial values; those belong to the design.
  bool overlapsProgramData(TileId tile, const TileModel::Extent &e) const {
    if (!names_.plan()) return false;
    for (const plan::Buffer &b : names_.plan()->buffers)
      if (b.tile == tile && !b.init.empty() && e.start >= b.address &&
          e.end <= b.address + (b.size + 3) / 4 * 4)
        return false;
    return true;
  }

  void locks(const TileModel &tile, const device::Bd &bd, const Place &place,
             const std::string &who, int id) {
    for (const auto &[lock, acquire] : {std::pair{bd.acquire, true}, {bd.release, false}}) {
      if (!lock || lock->value == 0) continue;
      TileId owner = tile.id;
      int number = lock->id;
      if (tile.kind == TileKind::Mem) { // numbered over the western, own and eastern memtile
        const int count = device::lockCount(TileKind::Mem);
        owner.col += number / count - 1;
        number %= count;
      }
      if (number >= device::lockCount(tile.kind)) {
        findings_.push_back(error("lock-range", place,
                                  fmt::format("BD {} of {} uses lock {}, and there are {}", id, who,
                                              number, device::lockCount(tile.kind)),
                                  "use a lock that the tile has"));
        continue;
      }
      use_[{owner, number}].add(acquire);
    }
  }

  /// The tasks that a stream starts; what is wrong with them is said by the stream's own checks.
  void streamLocks(const load::Stream &stream) {
    Model model = model_;
    for (auto &[id, tile] : model.tiles) tile.pushes.clear();
    for (const load::Operation &operation : stream.operations) {
      applyOperation(model, operation);
      lockWrite(operation);
      for (auto &[id, tile] : model.tiles) {
        for (const Push &push : tile.pushes) {
          std::set<int> seen;
          for (std::optional<int> bd = push.bd; bd && seen.insert(*bd).second;) {
            const auto fields = tile.bd(*bd);
            if (!fields || !fields->valid) break;
            locks(tile, *fields, names_.file(), channelText(id, push.direction, push.channel), *bd);
            bd = fields->next ? std::optional<int>(*fields->next) : std::nullopt;
          }
        }
        tile.pushes.clear();
      }
    }
  }

  /// A lock's register that the stream writes is given by it.
  void lockWrite(const load::Operation &operation) {
    uint32_t address = 0, value = 0;
    if (const auto *write = std::get_if<load::Write32>(&operation.op))
      address = write->address, value = write->value;
    else if (const auto *masked = std::get_if<load::MaskWrite32>(&operation.op))
      address = masked->address, value = masked->value & masked->mask;
    const TileId id = device::tileOfAddress(address);
    const TileKind kind = device::tileKind(id);
    const uint32_t offset = address & 0xFFFFF, base = device::reg::lockBase(kind);
    const uint32_t end =
        base + device::reg::kLockStride * static_cast<uint32_t>(device::lockCount(kind));
    if (value != 0 && offset >= base && offset < end)
      use_[{id, static_cast<int>((offset - base) / device::reg::kLockStride)}].add(false);
  }
  /// Control packets that reach a tile may write any of its registers, locks among them.
  bool takesControlPackets(TileId id) const {
    const TileModel *tile = model_.find(id);
    if (!tile) return false;
    const int port = device::masterIndex(tile->kind, {device::PortBundle::Ctrl, 0});
    return port >= 0 && tile->reg(device::reg::switchMaster(tile->kind, port)) >> 31 != 0;
  }

  /// Without its stream a package may leave channels to it: their tasks may use any lock there.
  bool leftToStreams(TileId id) const {
    const TileModel *tile = model_.find(id);
    if (!streams_.empty() || !tile) return false;
    std::set<std::pair<DmaDirection, int>> started;
    for (const Push &p : tile->pushes) started.insert({p.direction, p.channel});
    for (int i = 0; i < device::bdCount(tile->kind); ++i)
      if (tile->bd(i)) return false; // the configuration programs this DMA itself
    return started.empty();
  }

  void lockValues(const TileModel &tile) {
    for (int i = 0; i < device::lockCount(tile.kind); ++i) {
      const auto value = tile.lockInit(i);
      if (!value || *value <= static_cast<uint32_t>(device::kMaxLockValue)) continue;
      findings_.push_back(error("lock-range", names_.file(),
                                fmt::format("{} starts with the value {}; a lock holds 0 to {}",
                                            names_.lock(tile.id, i), *value, device::kMaxLockValue),
                                "use a smaller depth"));
    }
  }

  void lockBalance() {
    bool unknown = false;
    for (const auto &[id, facts] : programs_) unknown |= facts.usesUnknownLocks;
    if (unknown) return; // a program computes lock numbers: anything may be given anywhere
    for (const auto &[key, usage] : use_) {
      const auto &[tile, id] = key;
      if (leftToStreams(tile) || takesControlPackets(tile)) continue;
      const TileModel *owner = model_.find(tile);
      const uint32_t init = owner ? owner->lockInit(id).value_or(0) : 0;
      if (usage.acquires > 0 && usage.releases == 0)
        findings_.push_back(
            init == 0
                ? error("lock-never-released", names_.file(),
                        fmt::format("{} is waited for in {} places, starts with 0, and nobody "
                                    "releases it: whoever waits, waits for ever",
                                    names_.lock(tile, id), usage.acquires),
                        "release it where the data is ready, or give it an initial value")
                : warning("lock-never-released", names_.file(),
                          fmt::format("{} is acquired in {} places and never released: after its "
                                      "initial value of {} is used up everybody waits",
                                      names_.lock(tile, id), usage.acquires, init),
                          "release it, unless the design ends there"));
      if (usage.releases > 0 && usage.acquires == 0)
        findings_.push_back(
            warning("lock-never-acquired", names_.file(),
                    fmt::format("{} is released in {} places and never acquired: its value grows "
                                "beyond {} if that goes on",
                                names_.lock(tile, id), usage.releases, device::kMaxLockValue),
                    "acquire it, or do not release it"));
    }
  }

  const Model &model_;
  const std::map<TileId, ProgramFacts> &programs_;
  std::span<const load::Stream> streams_;
  const Names &names_;
  Diagnostics &findings_;
  std::map<std::pair<TileId, int>, Usage> use_;
};

} // namespace

void checkDma(const Model &model, const std::map<TileId, ProgramFacts> &programs,
              std::span<const load::Stream> streams, const Names &names, Diagnostics &findings) {
  DmaCheck(model, programs, streams, names, findings).run();
}

} // namespace ashlar::analysis
