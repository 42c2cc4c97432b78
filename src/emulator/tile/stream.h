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

/// A FIFO from one writer to one reader. Words, their ends of packet and their times of arrival lie
/// in a ring each (a power of two long), so that blocks are copied and not walked.
class Link {
public:
  Link(Scheduler &scheduler, int latency, int capacity)
      : scheduler_(scheduler), latency_(latency), capacity_(static_cast<size_t>(capacity)),
        mask_(std::bit_ceil(capacity_) - 1), data_(mask_ + 1), last_(mask_ + 1), ready_(mask_ + 1) {
  }

  Component *reader = nullptr;
  std::string from, to; ///< ends, for reports
  uint64_t words = 0;   ///< ever pushed
  std::vector<PortWatch> watches;
  std::vector<PortStop> stops; ///< switch ports from end to end
  Flow *flow = nullptr;        ///< notes when words leave, where somebody wants to know

  size_t capacity() const { return capacity_; }
  size_t size() const { return count_; }
  size_t room() const { return capacity_ - count_; }
  int latency() const { return latency_; }

  /// A word leaves the writer at cycle `at` (now or a few cycles ahead).
  void push(StreamWord w, uint64_t at) {
    const size_t slot = (head_ + count_) & mask_;
    data_[slot] = w.data;
    last_[slot] = w.last;
    ready_[slot] = lastReady_ = arrival(at);
    ++count_;
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
    const uint64_t ready = arrival(at);
    const size_t slot = (head_ + count_) & mask_, first = std::min(n, mask_ + 1 - slot);
    fill(slot, data, first, ready);
    if (first < n) fill(0, data + 4 * first, n - first, ready + first);
    last_[(slot + n - 1) & mask_] = last;
    lastReady_ = ready + n - 1;
    count_ += n;
    words += n;
    if (flow) flow->add(at, n);
  }
  /// Takes `n` arrived words, to `out`; with `stop` it ends after one that ends a packet, and
  /// `last` tells so.
  size_t popBlock(uint8_t *out, size_t n, bool stop, bool &last, uint64_t now) {
    if (stop)
      for (size_t i = 0; i < n && !last; ++i)
        if (last_[(head_ + i) & mask_]) {
          last = true;
          n = i + 1;
        }
    const size_t first = std::min(n, mask_ + 1 - head_);
    copy(out, &data_[head_], first);
    if (first < n) copy(out + 4 * first, data_.data(), n - first);
    head_ = (head_ + n) & mask_;
    count_ -= n;
    freed(now);
    return n;
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
    return index < count_ ? ready_[(head_ + index) & mask_] : kNever;
  }
  StreamWord front() const { return {data_[head_], last_[head_] != 0}; }
  StreamWord pop(uint64_t now) {
    const StreamWord w = front();
    head_ = (head_ + 1) & mask_;
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
  uint64_t arrival(uint64_t at) const { // one word a cycle
    return std::max(at + static_cast<uint64_t>(latency_), lastReady_ + 1);
  }
  static void copy(void *to, const void *from, size_t words) {
    constexpr size_t kUsual = 8; // what a DMA moves at a time: worth a copy without a call
    if (words == kUsual)
      std::memcpy(to, from, 4 * kUsual);
    else
      std::memcpy(to, from, 4 * words);
  }
  void fill(size_t slot, const uint8_t *data, size_t n, uint64_t ready) {
    copy(&data_[slot], data, n);
    std::memset(&last_[slot], 0, n);
    for (size_t i = 0; i < n; ++i) ready_[slot + i] = ready + i;
  }
  Scheduler &scheduler_;
  int latency_;
  size_t capacity_, mask_;
  std::vector<uint32_t> data_;
  std::vector<uint8_t> last_;
  std::vector<uint64_t> ready_;
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
