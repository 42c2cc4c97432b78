// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Streams. A circuit-switched path is fixed between two configurations, so it is one FIFO with the
// path's latency and buffering rather than a walk through every switch each cycle: the same words
// arrive in the same cycles at a fraction of the cost.
#pragma once

#include "emulator/tile/scheduler.h"

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

/// A FIFO from one writer to one reader.
class Link {
public:
  Link(Scheduler &scheduler, int latency, int capacity)
      : scheduler_(scheduler), latency_(latency), ring_(static_cast<size_t>(capacity)) {}

  Component *reader = nullptr;
  std::string from, to; ///< ends, for reports
  uint64_t words = 0;   ///< ever pushed
  std::vector<PortWatch> watches;

  size_t capacity() const { return ring_.size(); }
  size_t size() const { return count_; }
  size_t room() const { return ring_.size() - count_; }
  int latency() const { return latency_; }

  /// A word leaves the writer at cycle `at` (now or a few cycles ahead).
  void push(StreamWord w, uint64_t at) {
    uint64_t ready = at + static_cast<uint64_t>(latency_);
    if (ready <= lastReady_) ready = lastReady_ + 1; // one word a cycle
    lastReady_ = ready;
    size_t slot = head_ + count_;
    if (slot >= ring_.size()) slot -= ring_.size();
    ring_[slot] = {w, ready};
    ++count_;
    ++words;
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
    uint64_t ready = at + static_cast<uint64_t>(latency_);
    if (ready <= lastReady_) ready = lastReady_ + 1;
    size_t slot = head_ + count_;
    if (slot >= ring_.size()) slot -= ring_.size();
    for (size_t i = 0; i < n; ++i) {
      Entry &e = ring_[slot];
      std::memcpy(&e.word.data, data + 4 * i, 4);
      e.word.last = false;
      e.ready = ready + i;
      if (++slot == ring_.size()) slot = 0;
    }
    ring_[slot ? slot - 1 : ring_.size() - 1].word.last = last;
    lastReady_ = ready + n - 1;
    count_ += n;
    words += n;
  }
  /// Takes up to `n` arrived words, to `out`; ends after one that ends a packet if `stop`.
  size_t popBlock(uint8_t *out, size_t n, bool stop, bool &last, uint64_t now) {
    size_t done = 0;
    while (done < n) {
      const StreamWord &w = ring_[head_].word;
      std::memcpy(out + 4 * done, &w.data, 4);
      ++done;
      if (++head_ == ring_.size()) head_ = 0;
      if (w.last) {
        last = true;
        if (stop) break;
      }
    }
    count_ -= done;
    freed(now);
    return done;
  }
  /// After a batch of pushes: wakes the reader when the last of them is there.
  void notify() {
    if (reader && count_) scheduler_.wake(*reader, lastReady_);
  }
  /// Words that have arrived by `now`, at most `limit`.
  size_t arrived(uint64_t now, size_t limit) const {
    size_t n = count_ < limit ? count_ : limit;
    while (n && readyAt(n - 1) > now) --n; // arrivals are in order
    return n;
  }
  /// When the word at `index` (from the head) arrives; kNever if there is none yet.
  uint64_t readyAt(size_t index = 0) const {
    if (index >= count_) return kNever;
    size_t slot = head_ + index;
    if (slot >= ring_.size()) slot -= ring_.size();
    return ring_[slot].ready;
  }
  StreamWord front() const { return ring_[head_].word; }
  StreamWord pop(uint64_t now) {
    const StreamWord w = ring_[head_].word;
    if (++head_ == ring_.size()) head_ = 0;
    --count_;
    freed(now);
    return w;
  }
  /// The writer sleeps until there is room.
  void waitForRoom(Component &writer) {
    writer_ = &writer;
    for (const PortWatch &p : watches) watchedStall(p, true);
  }

private:
  void freed(uint64_t now) {
    if (!writer_) return;
    scheduler_.wake(*writer_, now + 1);
    writer_ = nullptr;
    for (const PortWatch &p : watches) watchedStall(p, false);
  }
  struct Entry {
    StreamWord word;
    uint64_t ready = 0;
  };
  Scheduler &scheduler_;
  int latency_;
  std::vector<Entry> ring_;
  size_t head_ = 0, count_ = 0;
  uint64_t lastReady_ = 0;
  Component *writer_ = nullptr; ///< waiting for room
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
