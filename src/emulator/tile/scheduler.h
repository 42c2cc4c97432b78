// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Time. Whatever has nothing to do sleeps and costs nothing; whoever changes what a sleeper waits
// for wakes it. A wheel of 64 cycles holds the near future, a heap the rest. Within a cycle the
// order is that of being woken, so a run is deterministic.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <queue>
#include <vector>

namespace ashlar::emulator {

inline constexpr uint64_t kNever = ~uint64_t{0};

/// One thing that acts in the array: a DMA channel, a core, a packet switch port, the controller.
class Component {
public:
  virtual ~Component() = default;
  /// Acts at cycle `now`; returns the next cycle it wants to act in, or kNever to sleep.
  virtual uint64_t step(uint64_t now) = 0;

protected:
  /// Its steps before this cycle do nothing but ask for the next cycle.
  uint64_t coastsTo_ = 0;
  /// Steps before this cycle that were left out.
  uint64_t coastedTo_ = 0;

private:
  friend class Scheduler;
  uint64_t wakeAt_ = kNever;
};

class Scheduler {
public:
  uint64_t now() const { return now_; }

  /// Makes `c` act at `cycle` at the latest (never in the past).
  void wake(Component &c, uint64_t cycle) {
    if (cycle < now_) cycle = now_;
    if (c.wakeAt_ <= cycle) return;
    c.wakeAt_ = cycle;
    push(c, cycle);
  }

  /// The next cycle in which something acts; kNever when everything sleeps.
  uint64_t nextEvent() {
    if (occupied_) {
      const int start = static_cast<int>(now_ & kMask);
      return now_ + static_cast<uint64_t>(std::countr_zero(std::rotr(occupied_, start)));
    }
    return far_.empty() ? kNever : far_.top().cycle;
  }

  /// Runs all that acts at `cycle`, which is nextEvent(). Cycles up to `limit` in which everybody
  /// coasts are passed in one go: the order in the bucket is what it would have become.
  void runCycle(uint64_t cycle, uint64_t limit) {
    advanceTo(cycle);
    limit_ = limit;
    std::vector<Component *> &bucket = wheel_[cycle & kMask];
    if (bucket.front()->coastsTo_ > cycle && coast(cycle, limit)) return;
    for (index_ = 0; index_ < bucket.size(); ++index_) { // may grow while it runs
      Component &c = *bucket[index_];
      if (c.wakeAt_ != cycle) continue; // woken earlier meanwhile
      c.wakeAt_ = kNever;
      const uint64_t next = c.step(cycle);
      if (next != kNever) wake(c, next);
    }
    bucket.clear();
    occupied_ &= ~(uint64_t{1} << (cycle & kMask));
  }

  /// Time passes up to `cycle` with nothing to do: it is not after nextEvent().
  void advanceTo(uint64_t cycle) {
    now_ = cycle;
    while (!far_.empty() && far_.top().cycle < now_ + kSize) {
      const Far f = far_.top();
      far_.pop();
      if (f.component->wakeAt_ == f.cycle) near(*f.component, f.cycle);
    }
  }

  /// Asked by the running component: nobody else acts before this cycle unless woken by it. It may
  /// run ahead to there, telling the time with setNow().
  uint64_t quietUntil() const {
    const uint64_t mark = uint64_t{1} << (now_ & kMask);
    if (wheel_[now_ & kMask].size() != index_ + 1) return now_ + 1;
    const uint64_t others = occupied_ & ~mark;
    // Must not come round to the running bucket, nor go beyond where the caller wants to be.
    const uint64_t limit = std::min(now_ + kSize - 4, limit_ + 1);
    if (!others) return limit;
    const int start = static_cast<int>(now_ & kMask);
    const uint64_t next = now_ + static_cast<uint64_t>(std::countr_zero(std::rotr(others, start)));
    return next < limit ? next : limit;
  }
  void setNow(uint64_t cycle) { now_ = cycle; }

private:
  bool coast(uint64_t cycle, uint64_t limit) {
    std::vector<Component *> &bucket = wheel_[cycle & kMask];
    uint64_t to = std::min(limit + 1, cycle + kSize - 4);
    if (const uint64_t others = occupied_ & ~(uint64_t{1} << (cycle & kMask)))
      to = std::min(to, cycle + static_cast<uint64_t>(std::countr_zero(
                                    std::rotr(others, static_cast<int>(cycle & kMask)))));
    for (const Component *c : bucket)
      if (c->wakeAt_ == cycle) to = std::min(to, c->coastsTo_);
    if (to <= cycle + 1) return false;
    for (Component *c : bucket) {
      if (c->wakeAt_ != cycle) continue; // woken earlier meanwhile
      c->wakeAt_ = c->coastedTo_ = to;
      near(*c, to);
    }
    bucket.clear();
    occupied_ &= ~(uint64_t{1} << (cycle & kMask));
    advanceTo(to - 1);
    return true;
  }

  static constexpr uint64_t kSize = 64, kMask = kSize - 1;
  struct Far {
    uint64_t cycle, order;
    Component *component;
    bool operator<(const Far &o) const { // the heap's top is the earliest
      return cycle != o.cycle ? cycle > o.cycle : order > o.order;
    }
  };

  void near(Component &c, uint64_t cycle) {
    wheel_[cycle & kMask].push_back(&c);
    occupied_ |= uint64_t{1} << (cycle & kMask);
  }
  void push(Component &c, uint64_t cycle) {
    if (cycle < now_ + kSize)
      near(c, cycle);
    else
      far_.push({cycle, order_++, &c});
  }

  uint64_t now_ = 0, order_ = 0, occupied_ = 0, limit_ = 0;
  std::size_t index_ = 0; ///< of the running component in its bucket
  std::array<std::vector<Component *>, kSize> wheel_;
  std::priority_queue<Far> far_;
};

} // namespace ashlar::emulator
