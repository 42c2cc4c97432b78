// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Bottom-up list scheduling over the exposed pipeline. Working backwards from the end fills delay
// slots by itself: an instruction goes as late as its readers and the end of the region allow. Time
// runs backwards here: `rev` 0 is the last bundle.
#include "codegen/schedule/region.h"

#include "codegen/schedule/banks.h"

#include "isa/hazard.h"

#include <algorithm>

namespace ashlar::codegen::schedule {
namespace {
using namespace isa;

constexpr int kDelaySlots = static_cast<int>(kBranchDelaySlots);
// In which cycle of a lock operation the core stops, and in which it goes on.
constexpr int kLockStall = 2, kLockResume = 8;
constexpr int kMemoryCycle = 5; // of loads and of stores of whole words

bool isLock(Opcode opcode) {
  switch (opcode) {
  case Opcode::ACQ_mLockId_imm:
  case Opcode::ACQ_mLockId_reg:
  case Opcode::ACQ_COND_mLockId_imm:
  case Opcode::ACQ_COND_mLockId_reg:
  case Opcode::REL_mLockId_imm:
  case Opcode::REL_mLockId_reg:
  case Opcode::REL_COND_mLockId_imm:
  case Opcode::REL_COND_mLockId_reg:
  case Opcode::DONE: return true;
  default: return false;
  }
}

/// Reservations of slots and units, by rev.
class Table {
public:
  bool fits(const Inst &inst, int rev) const {
    if (at(rev).slots & occupied(info(inst).slot)) return false;
    for (const Stage &s : timing(inst).stages)
      for (int c = s.cycle; c < s.cycle + s.length; ++c) {
        const Row &row = at(rev - (c - 1));
        uint64_t bit = 1ull << static_cast<unsigned>(s.unit);
        if ((row.required & bit) || (!s.reserved && (row.reserved & bit))) return false;
      }
    return true;
  }
  void take(const Inst &inst, int rev) {
    row(rev).slots |= occupied(info(inst).slot);
    for (const Stage &s : timing(inst).stages)
      for (int c = s.cycle; c < s.cycle + s.length; ++c) {
        Row &r = row(rev - (c - 1));
        (s.reserved ? r.reserved : r.required) |= 1ull << static_cast<unsigned>(s.unit);
      }
  }

  void drop(const Inst &inst, int rev) {
    row(rev).slots &= static_cast<uint8_t>(~occupied(info(inst).slot));
    for (const Stage &s : timing(inst).stages)
      for (int c = s.cycle; c < s.cycle + s.length; ++c) {
        Row &r = row(rev - (c - 1));
        uint64_t bit = 1ull << static_cast<unsigned>(s.unit);
        if (s.reserved) {
          // Several may share it; a needless reservation only forbids.
          continue;
        }
        r.required &= ~bit;
      }
  }

private:
  struct Row {
    uint8_t slots = 0;
    uint64_t required = 0, reserved = 0;
  };
  static constexpr int kBelow = 32; // rows behind the end, for units that run on

  static uint8_t occupied(Slot slot) {
    // The long slot lies on top of alu and mv.
    uint8_t both = slotBit(Slot::alu) | slotBit(Slot::mv);
    return static_cast<uint8_t>(slotBit(slot) | (slot == Slot::lng ? both : 0));
  }
  const Row &at(int rev) const {
    static const Row empty;
    auto i = static_cast<size_t>(rev + kBelow);
    return i < rows_.size() ? rows_[i] : empty;
  }
  Row &row(int rev) {
    auto i = static_cast<size_t>(rev + kBelow);
    if (i >= rows_.size()) rows_.resize(i + 64);
    return rows_[i];
  }
  std::vector<Row> rows_;
};

struct Edge {
  size_t item;
  int distance;
};

class Scheduler {
public:
  explicit Scheduler(Region &region) : region_(region), n_(region.items.size()) {}
  void run() {
    predecessors_.resize(n_);
    successors_.resize(n_);
    orderRegisters();
    orderMemory();
    entry_.assign(n_, 0);
    if (!region_.carry.empty())
      for (size_t i = 0; i < n_; ++i) entry_[i] = earliest(region_.carry, region_.items[i]);
    place();
    if (region_.ending == Ending::Open && n_ && region_.items.back().control &&
        length_ > kDelaySlots + 1) {
      // Delay slots may also start what ends behind them; that pays when the region gets shorter.
      int settled = length_;
      eager_ = true;
      place();
      if (length_ >= settled) {
        eager_ = false;
        place();
      }
    }
    finish();
  }

private:
  /// Item `to` issues at least `distance` bundles after item `from`, or by so many before it.
  void order(size_t from, size_t to, int distance) {
    if (from == to) return;
    successors_[from].push_back({to, distance});
    predecessors_[to].push_back({from, distance});
  }

  void orderRegisters() {
    struct Touch {
      size_t item;
      Access access;
    };
    struct State {
      std::optional<Touch> write;
      std::vector<Touch> reads;    ///< since the write
      std::vector<Touch> clobbers; ///< writes that nobody reads, since the write
    };
    std::vector<State> units(kRegUnitCount);
    for (size_t i = 0; i < n_; ++i) {
      const Item &item = region_.items[i];
      Accesses all = accesses(item.inst());
      for (const Access &a : all) {
        if (a.write) continue;
        for (uint8_t unit : info(a.reg).units) {
          State &s = units[unit];
          if (s.write) order(s.write->item, i, latency(s.write->access, a));
          for (const Touch &c : s.clobbers) order(c.item, i, latency(c.access, a));
          s.reads.push_back({i, a});
        }
      }
      for (const Access &a : all) {
        if (!a.write) continue;
        bool clobber = item.deadCarry && a.reg == Reg::srCarry;
        for (uint8_t unit : info(a.reg).units) {
          State &s = units[unit];
          // A reader must not see this write yet.
          for (const Touch &r : s.reads) order(r.item, i, 1 - latency(a, r.access));
          if (item.loose(a) && s.write)
            order(s.write->item, i, s.write->access.cycle - a.cycle + 1);
          if (clobber || item.loose(a)) {
            s.clobbers.push_back({i, a});
            continue;
          }
          if (s.write) order(s.write->item, i, s.write->access.cycle - a.cycle + 1);
          for (const Touch &c : s.clobbers) order(c.item, i, c.access.cycle - a.cycle + 1);
          s.write = Touch{i, a};
          s.reads.clear();
          s.clobbers.clear();
        }
      }
    }
  }

  void orderMemory() {
    std::vector<size_t> ordered;
    for (size_t i = 0; i < n_; ++i)
      if (region_.items[i].touchesMemory || region_.items[i].barrier) ordered.push_back(i);
    for (size_t k = 0; k < ordered.size(); ++k)
      for (size_t j = 0; j < k; ++j) {
        const Item &a = region_.items[ordered[j]], &b = region_.items[ordered[k]];
        if (!a.barrier && !b.barrier && !a.stores && !b.stores) continue;
        bool meet = a.touchesMemory && b.touchesMemory && (a.stores || b.stores) &&
                    region_.mayMeet(ordered[j], ordered[k]);
        if (auto distance = memoryDistance(a, b, meet)) order(ordered[j], ordered[k], *distance);
      }
  }

  /// The item becomes available; the end of the region bounds its place.
  void release(size_t i) {
    const Item &item = region_.items[i];
    int least = item.control ? kDelaySlots : eager_ ? 0 : drain(item, region_.locksFollow);
    // What can stop the core stays out of delay slots.
    if (region_.items.back().control && item.barrier) least = std::max(least, kDelaySlots + 1);
    ready_[i] = std::max(ready_[i], least);
    available_.push_back(i);
  }

  void settle(size_t i, int rev) {
    rev_[i] = rev;
    --left_;
    for (const Edge &e : predecessors_[i]) {
      ready_[e.item] = std::max(ready_[e.item], rev + e.distance);
      if (--waiting_[e.item] == 0) release(e.item);
    }
  }

  /// The most urgent available item that fits into this bundle or, as one that reads late may be
  /// placed before the writer that it waits for, into one behind it.
  bool placeOne(int now) {
    std::ranges::sort(available_, [&](size_t a, size_t b) {
      return depth_[a] != depth_[b] ? depth_[a] > depth_[b] : a > b;
    });
    for (size_t k = 0; k < available_.size(); ++k) {
      size_t i = available_[k];
      Item &item = region_.items[i];
      for (int &rev = ready_[i]; rev <= now; ++rev) {
        auto form = std::ranges::find_if(item.forms,
                                         [&](const Inst &inst) { return fits(item, inst, rev); });
        if (form == item.forms.end()) continue; // nor will it later
        item.chosen = static_cast<size_t>(form - item.forms.begin());
        take(item, rev);
        available_.erase(available_.begin() + static_cast<std::ptrdiff_t>(k));
        settle(i, rev);
        return true;
      }
    }
    return false;
  }

  // Time runs forward in the banks.
  bool fits(const Item &item, const Inst &form, int rev) const {
    return table_.fits(form, rev) && banks_.free(item, form, -rev);
  }
  void take(const Item &item, int rev) {
    table_.take(item.inst(), rev);
    banks_.take(item, item.inst(), -rev);
  }

  void place() {
    table_ = {};
    banks_ = Banks();
    depth_ = entry_;
    available_.clear();
    waiting_.assign(n_, 0);
    ready_.assign(n_, 0);
    rev_.assign(n_, -1);
    left_ = n_;
    for (size_t i = 0; i < n_; ++i) {
      for (const Edge &e : predecessors_[i])
        depth_[i] = std::max(depth_[i], depth_[e.item] + e.distance);
      waiting_[i] = successors_[i].size();
    }
    bool control = n_ && region_.items.back().control;
    for (size_t i = 0; i + (control ? 1 : 0) < n_; ++i)
      if (waiting_[i] == 0) release(i);
    if (control) {
      // Its place is given, and it takes its slot before all others.
      table_.take(region_.items.back().inst(), kDelaySlots);
      settle(n_ - 1, kDelaySlots);
    }
    for (int now = 0; left_; ++now)
      while (placeOne(now)) {
      }
    length_ = control ? kDelaySlots + 1 : 0;
    for (size_t i = 0; i < n_; ++i) length_ = std::max(length_, rev_[i] + 1 + entry_[i]);
    for (bool again = true; again;) {
      again = false;
      for (size_t i = 0; i < n_ && !again; ++i)
        again = clashes(region_.carry, region_.items[i], length_ - 1 - rev_[i]);
      if (again) ++length_;
    }
  }

  /// Working backwards puts everything late; what still is under way at the end goes as early as it
  /// can, so that what follows need not wait.
  void hoist() {
    for (size_t i = 0; i < n_; ++i) {
      Item &item = region_.items[i];
      if (item.control || item.barrier || rev_[i] >= drain(item, region_.locksFollow)) continue;
      int most = length_ - 1 - entry_[i];
      for (const Edge &e : predecessors_[i]) most = std::min(most, rev_[e.item] - e.distance);
      most = std::min(most, drain(item, region_.locksFollow));
      table_.drop(item.inst(), rev_[i]);
      banks_.drop(item, item.inst(), -rev_[i]);
      int to = rev_[i];
      for (int rev = most; rev > rev_[i] && to == rev_[i]; --rev)
        if (fits(item, item.inst(), rev) && !clashes(region_.carry, item, length_ - 1 - rev))
          to = rev;
      take(item, to);
      rev_[i] = to;
    }
  }

  void finish() {
    hoist();
    int length = length_;
    for (size_t i = 0; i < n_; ++i) region_.items[i].cycle = length - 1 - rev_[i];
    // An end that only waits is for the code behind to wait for, if it has to.
    if (region_.ending == Ending::Open && n_ && !region_.items.back().control) {
      length = 0;
      for (const Item &item : region_.items) length = std::max(length, item.cycle + 1);
    }
    region_.cycles = length;
  }

  Region &region_;
  size_t n_, left_ = 0;
  int length_ = 0;
  bool eager_ = false;
  std::vector<int> entry_; ///< the first cycle that what came before allows
  std::vector<std::vector<Edge>> predecessors_, successors_;
  std::vector<int> depth_, ready_, rev_;
  std::vector<size_t> waiting_, available_;
  Table table_;
  Banks banks_;
};

int firstMemoryCycle(const Item &item) {
  auto cycles = timing(item.inst()).memory;
  return cycles.empty() ? kMemoryCycle : static_cast<int>(cycles.front());
}
int lastMemoryCycle(const Item &item) {
  auto cycles = timing(item.inst()).memory;
  return cycles.empty() ? kMemoryCycle : static_cast<int>(cycles.back());
}
} // namespace

std::optional<int> memoryDistance(const Item &earlier, const Item &later, bool mayMeet) {
  std::optional<int> distance;
  auto atLeast = [&](int d) { distance = std::max(distance.value_or(d), d); };
  if (earlier.barrier || later.barrier) atLeast(1);
  if (earlier.touchesMemory && isLock(later.inst().opcode))
    atLeast(lastMemoryCycle(earlier) - kLockStall + 1);
  if (isLock(earlier.inst().opcode) && later.touchesMemory)
    atLeast(kLockResume - firstMemoryCycle(later) + 1);
  if (mayMeet) atLeast(lastMemoryCycle(earlier) - firstMemoryCycle(later) + 1);
  return distance;
}

int drain(const Item &item, bool locksFollow) {
  const ItineraryInfo &t = timing(item.inst());
  int least = 0;
  for (const Stage &s : t.stages) least = std::max(least, s.cycle + s.length - 2);
  for (const Access &a : accesses(item.inst()))
    // Written: readable in the first cycle of what follows. Read: not overwritten by it.
    least = std::max(least, a.write ? a.cycle - 1 : a.cycle - 2);
  if (item.touchesMemory) {
    least = std::max(least, lastMemoryCycle(item) - kMemoryCycle);
    if (locksFollow) least = std::max(least, lastMemoryCycle(item) - kLockStall);
  }
  if (isLock(item.inst().opcode)) least = std::max(least, kLockResume - kMemoryCycle);
  return least;
}

void schedule(Region &region) { Scheduler(region).run(); }

Carry carryOut(const Carry &in, const std::vector<Pending> &issued, int cycles) {
  Carry out;
  for (const auto *list : {&in, &issued})
    for (const Pending &p : *list) {
      int time = p.time - cycles;
      if (time < 0 && -time - 1 < drain(p.item, true)) out.push_back({p.item, time});
    }
  return out;
}

void merge(Carry &into, const Carry &more) {
  for (const Pending &p : more)
    if (std::ranges::none_of(into, [&](const Pending &q) {
          return q.time == p.time && q.item.inst() == p.item.inst();
        }))
      into.push_back(p);
}

int earliest(const Carry &carry, const Item &item) {
  int first = 0;
  Accesses later = accesses(item.inst());
  for (const Pending &p : carry) {
    auto after = [&](int distance) { first = std::max(first, p.time + distance); };
    for (const Access &a : accesses(p.item.inst()))
      for (const Access &b : later) {
        if ((!a.write && !b.write) || !overlap(a.reg, b.reg)) continue;
        if (p.item.loose(a) && item.loose(b)) continue;
        if (a.write && b.write)
          after(a.cycle - b.cycle + 1);
        else
          after(a.write ? latency(a, b) : 1 - latency(b, a));
      }
    bool meet = p.item.touchesMemory && item.touchesMemory && (p.item.stores || item.stores);
    if (auto distance = memoryDistance(p.item, item, meet)) after(*distance);
  }
  return first;
}

bool clashes(const Carry &carry, const Item &item, int cycle) {
  return std::ranges::any_of(carry, [&](const Pending &p) {
    return unitsClash(p.item.inst(), item.inst(), cycle - p.time);
  });
}

} // namespace ashlar::codegen::schedule
