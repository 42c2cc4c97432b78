// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Streams. A circuit-switched path is fixed between two configurations, so it is one FIFO with the
// path's latency and buffering rather than a walk through every switch each cycle: the same words
// arrive in the same cycles at a fraction of the cost.
#pragma once

#include "emulator/tile/flow.h"
#include "emulator/tile/scheduler.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <string>

namespace ashlar::emulator {

struct StreamWord {
  uint32_t data = 0;
  bool last = false;
};

class EventUnit;

/// A switch port on a path that somebody watches for events.
struct PortWatch {
  EventUnit *unit = nullptr;
  int slot = 0;
  int delay = 0; ///< cycles from the path's start to the port
};
/// Told of words and waits on a watched path.
void watchedWord(const PortWatch &watch, uint64_t at, bool last);
void watchedStall(const PortWatch &watch, bool on);

/// A FIFO from one writer to one reader. The words lie in a ring (a power of two long), so that
/// blocks are copied and not walked. Their times of arrival are kept as runs of one word a cycle,
/// and ends of packets as a list of places: a stream that flows costs nothing for either.
class Link {
public:
  Link(Scheduler &scheduler, int latency, int capacity)
      : scheduler_(scheduler), latency_(static_cast<uint32_t>(latency)),
        capacity_(static_cast<uint32_t>(capacity)), mask_(std::bit_ceil(capacity_) - 1),
        data_(mask_ + 1) {}

  Component *reader = nullptr;
  uint64_t words = 0;   ///< ever pushed
  Flow *flow = nullptr; ///< notes when words leave, where somebody wants to know
  std::vector<PortWatch> watches;
  std::string from, to;        ///< ends, for reports
  std::vector<PortStop> stops; ///< switch ports from end to end

  size_t capacity() const { return capacity_; }
  size_t size() const { return words - taken_; }
  size_t room() const { return capacity_ - size(); }
  int latency() const { return static_cast<int>(latency_); }

  /// A word leaves the writer at cycle `at` (now or a few cycles ahead).
  void push(StreamWord w, uint64_t at) {
    arrive(arrival(at), 1);
    data_[words & mask_] = w.data;
    if (w.last) ends_.add(words);
    ++words;
    if (flow) flow->add(at, 1);
    for (const PortWatch &p : watches) watchedWord(p, at, w.last);
  }
  /// `n` words, one a cycle from `at` on; the last one ends a packet if `last`.
  void pushBlock(const uint8_t *data, size_t n, uint64_t at, bool last) {
    if (!watches.empty()) {
      for (size_t i = 0; i < n; ++i) {
        StreamWord w;
        std::memcpy(&w.data, data + 4 * i, 4);
        w.last = last && i + 1 == n;
        push(w, at + i);
      }
      return;
    }
    arrive(arrival(at), n);
    const size_t slot = words & mask_, first = std::min(n, mask_ + 1 - slot);
    copy(&data_[slot], data, first);
    if (first < n) copy(data_.data(), data + 4 * first, n - first);
    words += n;
    if (last) ends_.add(words - 1);
    if (flow) flow->add(at, n);
  }
  /// Takes `n` arrived words, to `out`; with `stop` it ends after one that ends a packet, and
  /// `last` tells so.
  size_t popBlock(uint8_t *out, size_t n, bool stop, bool &last, uint64_t now) {
    if (stop && !ends_.empty() && ends_.first() < taken_ + n) {
      last = true;
      n = ends_.first() + 1 - taken_;
    }
    const size_t slot = taken_ & mask_, first = std::min(n, mask_ + 1 - slot);
    copy(out, &data_[slot], first);
    if (first < n) copy(out + 4 * first, data_.data(), n - first);
    take(n, now);
    return n;
  }
  /// After a batch of pushes: wakes the reader when the last of them is there.
  void notify() {
    if (reader && size()) scheduler_.wake(*reader, lastReady_);
  }
  /// Words that have arrived by `now`, at most `limit`.
  size_t arrived(uint64_t now, size_t limit) const {
    size_t n = std::min(size(), limit);
    if (lastReady_ <= now) return n;
    if (taken_ >= run_.first) { // one run holds them all
      const uint64_t head = run_.at + (taken_ - run_.first);
      return now < head ? 0 : std::min<uint64_t>(n, now - head + 1);
    }
    while (n && readyAt(n - 1) > now) --n; // arrivals are in order
    return n;
  }
  /// When the word at `index` (from the head) arrives; kNever if there is none yet.
  uint64_t readyAt(size_t index = 0) const {
    if (index >= size()) return kNever;
    const uint64_t word = taken_ + index;
    if (word >= run_.first) return run_.at + (word - run_.first);
    size_t r = runs_.size();
    while (runs_[--r].first > word) {
    }
    return runs_[r].at + (word - runs_[r].first);
  }
  StreamWord front() const {
    return {data_[taken_ & mask_], !ends_.empty() && ends_.first() == taken_};
  }
  StreamWord pop(uint64_t now) {
    const StreamWord w = front();
    take(1, now);
    return w;
  }
  /// The writer sleeps until there is room.
  void waitForRoom(Component &writer) {
    writer_ = &writer;
    for (const PortWatch &p : watches) watchedStall(p, true);
  }

private:
  /// Words from `first` on that arrive one a cycle from `at` on.
  struct Run {
    uint64_t first = 0, at = 0;
  };
  /// Places of words, in order; what was taken leaves at the front.
  class Places {
  public:
    bool empty() const { return head_ == places_.size(); }
    uint64_t first() const { return places_[head_]; }
    void add(uint64_t place) {
      if (empty()) {
        places_.clear();
        head_ = 0;
      }
      places_.push_back(place);
    }
    void dropBelow(uint64_t place) {
      while (!empty() && first() < place) ++head_;
      if (head_ < kKept) return;
      places_.erase(places_.begin(), places_.begin() + static_cast<std::ptrdiff_t>(head_));
      head_ = 0;
    }

  private:
    static constexpr size_t kKept = 256; // erased in lots: a move of few words each time
    std::vector<uint64_t> places_;
    size_t head_ = 0;
  };

  void arrive(uint64_t ready, size_t n) {
    if (ready != run_.at + (words - run_.first)) {
      if (size())
        runs_.push_back(run_);
      else
        runs_.clear();
      run_ = {words, ready};
    }
    lastReady_ = ready + n - 1;
  }
  void take(size_t n, uint64_t now) {
    taken_ += n;
    if (!ends_.empty()) ends_.dropBelow(taken_);
    if (!runs_.empty()) dropRuns();
    if (!writer_) return;
    scheduler_.wake(*writer_, now + 1);
    writer_ = nullptr;
    for (const PortWatch &p : watches) watchedStall(p, false);
  }
  void dropRuns() {
    if (taken_ >= run_.first) {
      runs_.clear();
      return;
    }
    size_t gone = 0; // a run is over when the next one begins at or before the head
    while (gone + 1 < runs_.size() && runs_[gone + 1].first <= taken_) ++gone;
    runs_.erase(runs_.begin(), runs_.begin() + static_cast<std::ptrdiff_t>(gone));
  }
  uint64_t arrival(uint64_t at) const { // one word a cycle
    return std::max(at + latency_, lastReady_ + 1);
  }
  static void copy(void *to, const void *from, size_t words) {
    constexpr size_t kUsual = 16; // what a DMA moves at a time: worth a copy without a call
    if (words == kUsual)
      std::memcpy(to, from, 4 * kUsual);
    else
      std::memcpy(to, from, 4 * words);
  }
  Scheduler &scheduler_;
  uint32_t latency_, capacity_;
  size_t mask_;
  uint64_t taken_ = 0;          ///< words ever taken
  uint64_t lastReady_ = 0;      ///< arrival of the youngest word
  Component *writer_ = nullptr; ///< waiting for room
  Run run_;                     ///< the youngest run; `runs_` are those before it
  std::vector<uint32_t> data_;
  std::vector<Run> runs_;
  Places ends_; ///< words that end a packet
};

/// Where a source sends its words: every branch of a broadcast takes each word, or none does.
class OutPort {
public:
  std::vector<Link *> links;

  bool connected() const { return !links.empty(); }
  size_t room() const {
    size_t n = links.empty() ? 0 : ~size_t{0};
    for (const Link *l : links)
      if (l->room() < n) n = l->room();
    return n;
  }
  void pushBlock(const uint8_t *data, size_t n, uint64_t at, bool last) {
    for (Link *l : links) l->pushBlock(data, n, at, last);
  }
  void push(StreamWord w, uint64_t at) {
    for (Link *l : links) l->push(w, at);
  }
  void notify() {
    for (Link *l : links) l->notify();
  }
  /// Registers for a wake-up by the branch that is full.
  void waitForRoom(Component &writer) {
    for (Link *l : links)
      if (l->room() == 0) {
        l->waitForRoom(writer);
        return;
      }
  }
};

} // namespace ashlar::emulator
