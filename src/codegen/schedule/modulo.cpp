// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Modulo scheduling by slack: all longest paths between instructions are known for an interval, so
// each has a window that keeps every dependence, and the one with the least freedom is placed next,
// early or late by whether it makes more values than it uses. What blocks a place is put back.
#include "codegen/schedule/modulo.h"

#include "codegen/schedule/banks.h"

#include "isa/hazard.h"

#include <algorithm>
#include <array>
#include <bit>
#include <limits>
#include <map>

namespace ashlar::codegen::schedule {
namespace {
using namespace isa;

constexpr double kMostWork = 1e9; // about a second
constexpr int kNone = std::numeric_limits<int>::min() / 4;

struct Edge {
  size_t from, to;
  int distance;
  int rounds;
  bool flow; ///< a value goes along it
};

/// Everything that orders the instructions of this round and the next ones.
class Dependences {
public:
  explicit Dependences(const LoopBody &body) : body_(body) {
    registers();
    memory();
  }
  const std::vector<Edge> &edges() const { return edges_; }

private:
  void add(size_t from, size_t to, int distance, int rounds, bool flow) {
    if (from == to && rounds == 0) return;
    edges_.push_back({from, to, distance, rounds, flow});
  }

  void registers() {
    struct Touch {
      size_t item;
      int round;
      Access access;
    };
    struct State {
      std::optional<Touch> write;
      std::vector<Touch> reads;
    };
    Units read, strict;
    std::vector<Accesses> all;
    for (const Item &item : body_.items) {
      all.push_back(accesses(item.inst()));
      for (const Access &a : all.back())
        for (uint8_t unit : info(a.reg).units) {
          if (!a.write) read.set(unit);
          if (!item.loose(a)) strict.set(unit);
        }
    }
    std::vector<State> units(kRegUnitCount);
    // Twice through the body: what the second round meets of the first is carried around the loop.
    for (int round = 0; round < 2; ++round)
      for (size_t i = 0; i < body_.items.size(); ++i) {
        for (const Access &a : all[i]) {
          if (a.write) continue;
          for (uint8_t unit : info(a.reg).units) {
            State &s = units[unit];
            if (s.write && (round == 0 || s.write->round == 0))
              add(s.write->item, i, latency(s.write->access, a), round - s.write->round, true);
            s.reads.push_back({i, round, a});
          }
        }
        for (const Access &a : all[i]) {
          if (!a.write) continue;
          for (uint8_t unit : info(a.reg).units) {
            // What nobody reads may land in any order.
            if (!strict[unit] || (!read[unit] && !body_.liveOut[unit])) continue;
            State &s = units[unit];
            for (const Touch &r : s.reads)
              if (round == 0 || r.round == 0)
                add(r.item, i, 1 - latency(a, r.access), round - r.round, false);
            if (s.write && (round == 0 || s.write->round == 0))
              add(s.write->item, i, s.write->access.cycle - a.cycle + 1, round - s.write->round,
                  false);
            s.write = Touch{i, round, a};
            s.reads.clear();
          }
        }
      }
  }

  void memory() {
    std::vector<size_t> ordered;
    for (size_t i = 0; i < body_.items.size(); ++i)
      if (body_.items[i].touchesMemory) ordered.push_back(i);
    for (size_t i : ordered)
      for (size_t j : ordered) {
        const Item &a = body_.items[i], &b = body_.items[j];
        if (!a.stores && !b.stores) continue;
        if (auto rounds = body_.meets(i, j))
          if (auto distance = memoryDistance(a, b, true))
            add(i, j, *distance, static_cast<int>(*rounds), false);
      }
  }

  const LoopBody &body_;
  std::vector<Edge> edges_;
};

uint8_t occupied(Slot slot) {
  uint8_t both = slotBit(Slot::alu) | slotBit(Slot::mv);
  return static_cast<uint8_t>(slotBit(slot) | (slot == Slot::lng ? both : 0));
}

/// Slots and units by bundle of the interval.
class Table {
public:
  explicit Table(int interval) : rows_(static_cast<size_t>(interval)) {}

  bool take(const Inst &inst, int time) {
    Row &first = row(time);
    uint8_t slots = occupied(info(inst).slot);
    if (first.slots & slots) return false;
    auto stages = timing(inst).stages;
    for (size_t s = 0; s < stages.size(); ++s)
      for (int c = 0; c < stages[s].length; ++c) {
        Row &r = row(time + stages[s].cycle + c - 1);
        auto unit = static_cast<size_t>(stages[s].unit);
        if (r.required[unit] || (!stages[s].reserved && r.reserved[unit])) {
          // Nothing of it stays.
          for (size_t t = 0; t <= s; ++t)
            for (int d = 0; d < (t == s ? c : stages[t].length); ++d)
              drop(stages[t], time + stages[t].cycle + d - 1);
          return false;
        }
        ++(stages[s].reserved ? r.reserved : r.required)[unit];
      }
    first.slots |= slots;
    return true;
  }
  void free(const Inst &inst, int time) {
    row(time).slots &= static_cast<uint8_t>(~occupied(info(inst).slot));
    for (const Stage &s : timing(inst).stages)
      for (int c = 0; c < s.length; ++c) drop(s, time + s.cycle + c - 1);
  }

private:
  struct Row {
    uint8_t slots = 0;
    std::array<uint8_t, kUnitCount> required{}, reserved{};
  };
  Row &row(int time) {
    int n = static_cast<int>(rows_.size());
    return rows_[static_cast<size_t>(((time % n) + n) % n)];
  }
  void drop(const Stage &s, int time) {
    Row &r = row(time);
    --(s.reserved ? r.reserved : r.required)[static_cast<size_t>(s.unit)];
  }
  std::vector<Row> rows_;
};

/// Which memory accesses may not share a cycle.
enum class Apart : uint8_t { All, SameObject, None };

/// The longest path between any two for one interval.
class Paths {
public:
  Paths(size_t n, const std::vector<Edge> &edges, int interval) : n_(n), longest_(n * n, kNone) {
    for (const Edge &e : edges) {
      int &d = longest_[e.from * n_ + e.to];
      d = std::max(d, e.distance - e.rounds * interval);
    }
    for (size_t k = 0; k < n_; ++k)
      for (size_t i = 0; i < n_; ++i) {
        int first = longest_[i * n_ + k];
        if (first == kNone) continue;
        const int *from = &longest_[k * n_];
        int *to = &longest_[i * n_];
        for (size_t j = 0; j < n_; ++j)
          if (from[j] != kNone && first + from[j] > to[j]) to[j] = first + from[j];
      }
    for (size_t i = 0; i < n_; ++i) possible_ &= longest_[i * n_ + i] <= 0;
    inverse_.resize(n_ * n_);
    for (size_t i = 0; i < n_; ++i)
      for (size_t j = 0; j < n_; ++j) inverse_[j * n_ + i] = longest_[i * n_ + j];
  }
  /// No circle is longer than the interval allows.
  bool possible() const { return possible_; }
  const int *from(size_t i) const { return &longest_[i * n_]; }
  const int *to(size_t j) const { return &inverse_[j * n_]; }
  double work() const { return static_cast<double>(n_) * static_cast<double>(n_ * n_); }

private:
  size_t n_;
  std::vector<int> longest_, inverse_;
  bool possible_ = true;
};

class Placer {
public:
  /// Each attempt looks in another order: first late, then early, then with small changes.
  Placer(LoopBody &body, const std::vector<Edge> &edges, const Paths &paths, int interval,
         unsigned attempt, Apart apart = Apart::None)
      : body_(body), edges_(edges), paths_(paths), interval_(interval), n_(body.items.size()),
        preferLate_(attempt % 2 == 0), byHeight_(attempt % 4 >= 2), attempt_(attempt / 4),
        table_(interval), apart_(apart), banks_(interval, apart == Apart::All) {}

  bool run() {
    time_.assign(n_, kNone);
    stale_.assign(n_, false);
    sooner_.assign(n_, kNone);
    later_.assign(n_, -kNone);
    last_.assign(n_, kNone);
    earliest_.assign(n_, 0);
    tail_.assign(n_, 0);
    low_.assign(n_, kNone);
    high_.assign(n_, -kNone);
    makes_.assign(n_, 0);
    for (size_t i = 0; i < n_; ++i)
      for (size_t j = 0; j < n_; ++j) {
        int d = paths_.from(i)[j];
        if (d == kNone || i == j) continue;
        earliest_[j] = std::max(earliest_[j], d);
        tail_[i] = std::max(tail_[i], d);
      }
    // What keeps a unit for long goes first: later it would find it taken here and there.
    for (const Item &item : body_.items)
      heavy_.push_back(std::ranges::any_of(
          timing(item.inst()).stages, [](const Stage &s) { return !s.reserved && s.length > 1; }));
    for (const Edge &e : edges_)
      if (e.flow && e.from != e.to) ++makes_[e.from], --makes_[e.to];
    horizon_ = 0;
    for (int e : earliest_) horizon_ = std::max(horizon_, e);
    size_t placed = 0, budget = n_ * 24 + 64;
    while (placed < n_) {
      if (budget-- == 0) return false;
      ++spent_;
      size_t v = next();
      placed += place(v);
    }
    return true;
  }
  const std::vector<int> &times() const { return time_; }
  /// Cycles that accesses of the same object cost each other in a round.
  int lost() const { return banks_.lost(); }
  double work() const {
    return static_cast<double>(spent_ + 4 * lifted_) * 4 * static_cast<double>(n_);
  }

private:
  /// Where v may go between all that is placed.
  std::pair<int, int> window(size_t v) const { return {low_[v], high_[v]}; }
  static bool none(int time) { return time < kNone / 2 || time > -kNone / 2; }
  std::pair<int, int> softWindow(size_t v) const {
    auto [low, high] = window(v);
    if (none(low)) low = std::min(earliest_[v], high);
    if (none(high)) high = std::max(horizon_ - tail_[v], low);
    return {low, high};
  }
  size_t next() {
    size_t best = n_;
    std::tuple<bool, int, int> rank;
    for (size_t v = 0; v < n_; ++v) {
      if (time_[v] != kNone) continue;
      if (stale_[v]) look(v), stale_[v] = false;
      auto [low, high] = softWindow(v);
      std::tuple r{!heavy_[v], std::min(high - low, interval_), preferLate_ ? -high : low};
      if (byHeight_) r = {!heavy_[v], preferLate_ ? -earliest_[v] : -tail_[v], high - low};
      if (attempt_) std::get<1>(r) += static_cast<int>((v * 2654435761u * attempt_ >> 13) % 4);
      if (best == n_ || r < rank) best = v, rank = r;
    }
    return best;
  }

  bool put(size_t v, int t) {
    Item &item = body_.items[v];
    for (size_t f = 0; f < item.forms.size(); ++f)
      if ((apart_ == Apart::None || banks_.free(item, item.forms[f], t)) &&
          table_.take(item.forms[f], t)) {
        banks_.take(item, item.forms[f], t);
        item.chosen = f;
        time_[v] = t;
        return true;
      }
    return false;
  }
  void lift(size_t u) {
    table_.free(body_.items[u].inst(), time_[u]);
    banks_.drop(body_.items[u], body_.items[u].inst(), time_[u]);
    time_[u] = kNone;
  }

  /// v stays where it was put: all others learn of it.
  void settle(size_t v) {
    last_[v] = time_[v];
    const int t = sooner_[v] = later_[v] = time_[v];
    const int *after = paths_.from(v), *before = paths_.to(v);
    for (size_t w = 0; w < n_; ++w) {
      low_[w] = std::max(low_[w], t + after[w]);
      high_[w] = std::min(high_[w], t - before[w]);
    }
  }
  void remove(size_t u) {
    const int t = time_[u];
    lift(u);
    sooner_[u] = kNone;
    later_[u] = -kNone;
    stale_[u] = true;
    const int *after = paths_.from(u), *before = paths_.to(u);
    // Only whom it bound looks again, when it needs a place.
    for (size_t w = 0; w < n_; ++w)
      stale_[w] |= low_[w] == t + after[w] || high_[w] == t - before[w];
    ++lifted_;
  }

  /// The window of v between all that is placed now. No branches: paths and times that do not exist
  /// are far beyond all others.
  void look(size_t v) {
    const int *before = paths_.to(v), *after = paths_.from(v);
    int low = kNone, high = -kNone;
    for (size_t x = 0; x < n_; ++x) {
      low = std::max(low, sooner_[x] + before[x]);
      high = std::min(high, later_[x] - after[x]);
    }
    low_[v] = low;
    high_[v] = high;
  }

  /// By how much the number of placed instructions changes.
  size_t place(size_t v) {
    auto [low, high] = window(v);
    auto [softLow, softHigh] = softWindow(v);
    bool bounded = !none(low), ends = !none(high);
    bool late = bounded == ends ? makes_[v] > 0 || (makes_[v] == 0 && preferLate_) : ends;
    if (byHeight_) late = preferLate_;
    if (!bounded && !ends) late = false; // the first of its kind anchors the rest
    if (late) {
      int from = ends ? high : softHigh, to = bounded ? low : from - interval_ + 1;
      to = std::max(to, from - interval_ + 1);
      for (int t = from; t >= to; --t)
        if (put(v, t)) return settle(v), 1;
    } else {
      int from = bounded ? low : softLow, to = ends ? high : from + interval_ - 1;
      to = std::min(to, from + interval_ - 1);
      for (int t = from; t <= to; ++t)
        if (put(v, t)) return settle(v), 1;
    }
    return force(v, late, late ? softHigh : softLow);
  }

  size_t force(size_t v, bool late, int t) {
    // A new place every time, and what is in the way goes.
    if (last_[v] != kNone) t = late ? std::min(t, last_[v] - 1) : std::max(t, last_[v] + 1);
    size_t gone = 0;
    for (size_t u = 0; u < n_; ++u) {
      if (time_[u] == kNone || u == v) continue;
      int to = paths_.from(v)[u], from = paths_.to(v)[u];
      if ((to != kNone && time_[u] < t + to) || (from != kNone && t < time_[u] + from)) {
        remove(u);
        ++gone;
      }
    }
    while (!put(v, t)) {
      // The one with the most freedom among those whose absence helps.
      size_t victim = n_;
      for (size_t u = 0; u < n_ && victim == n_; ++u) {
        if (time_[u] == kNone) continue;
        int at = time_[u];
        size_t form = body_.items[u].chosen;
        lift(u);
        if (put(v, t)) {
          lift(v);
          victim = u;
        }
        table_.take(body_.items[u].forms[form], at);
        banks_.take(body_.items[u], body_.items[u].forms[form], at);
        body_.items[u].chosen = form;
        time_[u] = at;
      }
      if (victim == n_) {
        // Several stand in the way at once: all that shares its bundle or units goes.
        for (size_t u = 0; u < n_ && victim == n_; ++u)
          if (time_[u] != kNone && clashes(v, t, u)) victim = u;
        if (victim == n_) return 0 - gone; // it clashes with itself
      }
      remove(victim);
      ++gone;
    }
    settle(v);
    return 1 - gone;
  }

  bool clashes(size_t v, int t, size_t u) const {
    const Inst &a = body_.items[v].forms.front(), &b = body_.items[u].inst();
    int apart = time_[u] - t;
    if (apart % interval_ == 0 && (occupied(info(a).slot) & occupied(info(b).slot))) return true;
    if (apart_ != Apart::None) {
      Banks only(interval_, apart_ == Apart::All);
      only.take(body_.items[u], b, time_[u]);
      if (!only.free(body_.items[v], a, t)) return true;
    }
    for (const Stage &s : timing(a).stages)
      for (const Stage &q : timing(b).stages) {
        if (s.unit != q.unit || (s.reserved && q.reserved)) continue;
        for (int c = 0; c < s.length; ++c)
          for (int d = 0; d < q.length; ++d)
            if ((s.cycle + c - q.cycle - d - apart) % interval_ == 0) return true;
      }
    return false;
  }

  LoopBody &body_;
  const std::vector<Edge> &edges_;
  const Paths &paths_;
  int interval_;
  size_t n_;
  bool preferLate_, byHeight_;
  unsigned attempt_;
  size_t spent_ = 0, lifted_ = 0;
  int horizon_ = 0;
  Table table_;
  Apart apart_;
  Banks banks_;
  std::vector<char> stale_, heavy_;
  std::vector<int> time_, sooner_, later_, last_, low_, high_, earliest_, tail_, makes_;
};

/// What slots and units alone ask for.
int resourceBound(const LoopBody &body) {
  // For each set of slots: the instructions that fit nowhere else.
  std::array<int, 256> only{};
  // For each unit: who needs it, and by slots who only may not meet these.
  std::array<int, kUnitCount> units{};
  std::array<std::array<int, kUnitCount>, 256> avoid{};
  for (const Item &item : body.items) {
    uint8_t any = 0;
    bool wide = true;
    for (const Inst &form : item.forms) {
      any |= occupied(info(form).slot);
      wide &= info(form).slot == Slot::lng;
    }
    only[any] += wide ? 2 : 1; // the long slot fills two
    if (item.forms.size() == 1)
      for (const Stage &s : timing(item.inst()).stages)
        (s.reserved ? avoid[any] : units)[static_cast<size_t>(s.unit)] += s.length;
  }
  for (size_t u = 0; u < kUnitCount; ++u)
    if (units[u]) {
      int most = 0;
      for (const auto &ofSlots : avoid) most = std::max(most, ofSlots[u]);
      units[u] += most;
    }
  int bound = 1;
  for (unsigned set = 1; set < only.size(); ++set) {
    int sum = 0;
    for (unsigned sub = 1; sub < only.size(); ++sub)
      if ((sub & ~set & ~static_cast<unsigned>(slotBit(Slot::lng))) == 0) sum += only[sub];
    int wide = std::popcount(set & ~static_cast<unsigned>(slotBit(Slot::lng)));
    if (wide) bound = std::max(bound, (sum + wide - 1) / wide);
  }
  for (int u : units) bound = std::max(bound, u);
  return bound;
}

bool losesPartStore(const LoopBody &body, const std::vector<int> &times, int interval, int base) {
  for (size_t i = 0; i < times.size(); ++i)
    if ((times[i] - base) % interval == interval - 1 && isPartStore(body.items[i].inst()))
      return true;
  return false;
}
/// The schedule of one round by itself, and how soon the next may begin beside it.
struct Folded {
  std::vector<int> times;
  int interval = 0, lost = 0; ///< cycles of waiting for banks in a round
};
Folded fold(LoopBody &body, const std::vector<Edge> &edges, int bound, int maxInterval) {
  Region region;
  region.items = body.items;
  region.mayMeet = [&](size_t i, size_t j) {
    auto rounds = body.meets(i, j);
    return rounds && *rounds == 0;
  };
  region.ending = Ending::Open;
  region.locksFollow = false;
  schedule(region);
  body.items = region.items;
  std::vector<int> times;
  for (const Item &item : body.items) times.push_back(item.cycle);
  for (const Edge &e : edges) {
    int late = times[e.from] + e.distance - times[e.to];
    if (e.rounds == 0 ? late > 0 : late > e.rounds * maxInterval) return {};
    if (e.rounds) bound = std::max(bound, (late + e.rounds - 1) / e.rounds);
  }
  for (int interval = bound; interval <= maxInterval; ++interval) {
    Table table(interval);
    bool fits = true;
    for (size_t i = 0; i < times.size() && fits; ++i)
      fits = table.take(body.items[i].inst(), times[i]);
    if (!fits) continue;
    Banks banks(interval);
    for (size_t i = 0; i < times.size(); ++i)
      banks.take(body.items[i], body.items[i].inst(), times[i]);
    return {times, interval, banks.lost()};
  }
  return {};
}
} // namespace

Pipelined pipeline(LoopBody &body, const Limits &limits) {
  Pipelined out;
  if (body.items.empty() || body.items.size() > limits.maxItems) return out;
  Dependences dependences(body);
  out.resourceBound = resourceBound(body);
  // The circle that limits: by halving, as longer intervals only help.
  int low = 1;
  for (int high = limits.maxInterval + 1; low < high;) {
    int middle = (low + high) / 2;
    if (Paths(body.items.size(), dependences.edges(), middle).possible())
      high = middle;
    else
      low = middle + 1;
  }
  out.recurrenceBound = low;
  int step = 1;
  double work = 0;
  // Without accesses of more than half a bank there is nothing to keep apart.
  std::map<uint16_t, int> accesses;
  int allAccesses = 0;
  bool wide = false;
  for (const Item &item : body.items)
    if (item.object) {
      ++accesses[item.object];
      ++allAccesses;
      wide |= info(item.inst()).memoryBytes >= 32;
    }
  int mostOfOne = 0;
  for (auto [object, n] : accesses) mostOfOne = std::max(mostOfOne, n);
  int best = limits.maxInterval + 1; // cycles a round, those of waiting included
  auto keep = [&](const std::vector<int> &times, int interval, int lost) {
    int least = std::ranges::min(times), most = std::ranges::max(times), base = least;
    // A sub-word store in the last bundle of a short hardware loop can be lost.
    while (least - base < interval && losesPartStore(body, times, interval, base)) --base;
    if (least - base == interval) return;
    int stages = (most - base) / interval + 1;
    if (stages > limits.maxStages || interval + lost >= best) return;
    // The prologue and the epilogue cost a round for each stage but one.
    if ((limits.rounds + stages - 1) * int64_t{interval + lost} >=
        limits.rounds * int64_t{limits.maxInterval + 1})
      return;
    best = interval + lost;
    out.interval = interval;
    out.stages = stages;
    out.cycle.clear();
    out.chosen.clear();
    for (int t : times) out.cycle.push_back(t - base);
    for (const Item &item : body.items) out.chosen.push_back(item.chosen);
  };
  // The search may as well find this one, with fewer stages; if it finds none, this is it.
  const Folded alone = fold(body, dependences.edges(), out.bound(), limits.maxInterval);
  const LoopBody folded = body;
  if (alone.interval) best = std::min(best, alone.interval + alone.lost + 1);
  const bool large = body.items.size() > 120;
  for (int interval = out.bound(); interval < best && work < kMostWork; interval += step) {
    if (interval - out.bound() >= 8 || large) step = std::max(1, interval / (large ? 32 : 12));
    const Paths paths(body.items.size(), dependences.edges(), interval);
    work += paths.work();
    if (!paths.possible()) continue;
    // Near the bound it pays to look longer.
    const unsigned attempts = interval - out.bound() < 4 && body.items.size() <= 100 ? 16 : 4;
    for (Apart apart : {Apart::All, Apart::SameObject, Apart::None}) {
      if (apart == Apart::All && (!wide || accesses.size() < 2 || allAccesses > interval)) continue;
      if (apart == Apart::SameObject && (!wide || mostOfOne > interval)) continue;
      if (apart == Apart::None && wide && best <= interval + 1) continue;
      for (unsigned attempt = large ? 2 : 0; attempt < attempts && work < kMostWork; ++attempt) {
        Placer placer(body, dependences.edges(), paths, interval, attempt, apart);
        bool placed = placer.run();
        work += placer.work();
        if (!placed) continue;
        keep(placer.times(), interval, placer.lost());
        break;
      }
      if (best == interval) break;
    }
  }
  if (!out.found() && alone.interval) {
    body.items = folded.items;
    ++best;
    keep(alone.times, alone.interval, alone.lost);
  }
  if (out.found())
    for (size_t i = 0; i < body.items.size(); ++i) body.items[i].chosen = out.chosen[i];
  return out;
}

} // namespace ashlar::codegen::schedule
