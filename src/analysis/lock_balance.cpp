// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What a core's loop takes from a FIFO and gives back. A FIFO's buffers are counted by two locks:
// a descriptor takes from one and gives to the other, the core the other way round. What the two
// hold together never changes if the core's loop gives as much as it takes; else the FIFO runs dry
// or over after some rounds, which no short run shows.
#include "analysis/model.h"
#include "analysis/skeleton.h"

#include <algorithm>
#include <fmt/format.h>
#include <set>

namespace ashlar::analysis {
namespace {

using Lock = std::pair<TileId, int>;

/// Descriptors take `x` of one lock and give `y` to the other.
struct Pair {
  int x = 1, y = 1;
  auto operator<=>(const Pair &) const = default;
};
struct Amounts {
  int taken = 0, given = 0, most = 0;
};

class Balance {
public:
  Balance(const Model &model, const Names &names, Diagnostics &findings)
      : model_(model), names_(names), findings_(findings) {}

  void run() {
    descriptors();
    for (const auto &[id, tile] : model_.tiles)
      if (tile.kind == TileKind::Core && tile.hasProgram && tile.enabled()) core(tile);
    for (const auto &[id, amounts] : cores_) judge(id, amounts);
  }

private:
  void descriptors() {
    for (const auto &[id, tile] : model_.tiles)
      for (int i = 0; i < device::bdCount(tile.kind); ++i) {
        const auto bd = tile.bd(i);
        if (!bd || !bd->valid || !bd->acquire || !bd->release || bd->acquire->value >= 0) continue;
        const Lock from = owner(tile, bd->acquire->id), to = owner(tile, bd->release->id);
        pairs_[{from, to}].insert({-bd->acquire->value, bd->release->value});
        partners_[from].insert(to);
        partners_[to].insert(from);
      }
  }
  static Lock owner(const TileModel &tile, int id) {
    if (tile.kind != TileKind::Mem) return {tile.id, id};
    const int count = device::lockCount(TileKind::Mem);
    return {{tile.id.col + id / count - 1, tile.id.row}, id % count};
  }

  /// The loop that the program ends up in, if it has but one way to go.
  void core(const TileModel &tile) {
    Skeleton skeleton(tile);
    std::map<int, size_t> at;
    std::vector<LockStep> steps;
    int node = 0;
    std::optional<size_t> loop;
    while (steps.size() < 5'000) {
      if (const auto it = at.find(node); it != at.end()) {
        loop = it->second;
        break;
      }
      at[node] = steps.size();
      const Skeleton::Node &n = skeleton.node(node);
      if (!skeleton.known() || n.edges.empty()) break;
      // A loop of unknown count: staying in it is the way that matters.
      const Skeleton::Edge *next = &n.edges[0];
      for (const Skeleton::Edge &e : n.edges)
        if (at.count(e.to)) next = &e;
      steps.push_back(next->step);
      node = next->to;
    }
    if (!skeleton.known()) return;
    std::map<Lock, Amounts> &sum = cores_[tile.id];
    for (size_t i = 0; i < steps.size(); ++i) {
      const LockStep &s = steps[i];
      Amounts &a = sum[{s.tile, s.id}];
      if (s.acquire) a.most = std::max(a.most, -s.value);
      users_[{s.tile, s.id}].insert(tile.id);
      if (loop && i >= *loop) (s.acquire ? a.taken : a.given) += std::abs(s.value);
    }
  }

  int held(const Lock &lock) const {
    const TileModel *t = model_.find(lock.first);
    return t ? static_cast<int>(t->lockInit(lock.second).value_or(0)) : 0;
  }

  void judge(TileId core, const std::map<Lock, Amounts> &amounts) {
    for (const auto &[locks, kinds] : pairs_) {
      const auto &[from, to] = locks;
      // Two locks that only this core and descriptors of one kind share.
      if (kinds.size() != 1 || partners_[from].size() != 1 || partners_[to].size() != 1 ||
          users_[from].size() > 1 || users_[to].size() > 1)
        continue;
      const Pair &pair = *kinds.begin();
      const auto taken = amounts.find(to), given = amounts.find(from);
      if (taken == amounts.end()) continue;
      const int total = held(from) * pair.y + held(to) * pair.x;
      if (taken->second.most * pair.x > total)
        findings_.push_back(
            error("acquire-beyond-depth", names_.core(core),
                  fmt::format("{} waits for {} of {}, and with its partner {} that never holds "
                              "more than {}",
                              tileText(core), taken->second.most, names_.lock(to.first, to.second),
                              names_.lock(from.first, from.second), total / pair.x),
                  "give the FIFO a depth of at least what is acquired at once"));
      const int takes = taken->second.taken,
                gives = given == amounts.end() ? 0 : given->second.given;
      if (takes * pair.x == gives * pair.y || given == amounts.end()) continue;
      findings_.push_back(warning(
          "lock-imbalance", names_.core(core),
          fmt::format("each round of the loop of {} takes {} of {} and gives {} to its partner {}: "
                      "the FIFO {} after some rounds",
                      tileText(core), takes, names_.lock(to.first, to.second), gives,
                      names_.lock(from.first, from.second),
                      takes * pair.x > gives * pair.y ? "runs dry" : "is written over"),
          "release as many objects as are acquired in each round"));
    }
  }

  const Model &model_;
  const Names &names_;
  Diagnostics &findings_;
  std::map<std::pair<Lock, Lock>, std::set<Pair>> pairs_;
  std::map<Lock, std::set<Lock>> partners_;
  std::map<Lock, std::set<TileId>> users_;
  std::map<TileId, std::map<Lock, Amounts>> cores_;
};

} // namespace

void checkLockBalance(const Model &model, const Names &names, Diagnostics &findings) {
  Balance(model, names, findings).run();
}

} // namespace ashlar::analysis
