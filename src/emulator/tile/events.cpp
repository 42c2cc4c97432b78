// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Reacting to events. Register layout: device/registers.h.
#include "emulator/tile/events.h"

#include "device/timing.h"
#include "emulator/tile/tile.h"

#include <algorithm>
#include <map>

namespace ashlar::emulator {

namespace ev = device::ev;
namespace reg = device::reg;
namespace timing = device::timing;
using device::Module;

namespace {

/// Group events in the order of their enable registers; bit i of a group's enable register is the
/// i-th event after it.
std::span<const int> groups(Module m) {
  static constexpr int core[] = {2, 15, 22, 32, 46, 47, 73, 106, 123};
  static constexpr int memory[] = {2, 15, 18, 43, 76, 86, 106, 123};
  static constexpr int memtile[] = {2, 15, 20, 45, 78, 111, 128, 141, 158};
  static constexpr int shim[] = {2, 13, 38, 63, 76, 109};
  switch (m) {
  case Module::Core: return core;
  case Module::Memory: return memory;
  case Module::MemTile: return memtile;
  case Module::Shim: return shim;
  }
  return {};
}
constexpr int kCoreErrors1 = 47;

int tracePort(Module m) { return m == Module::Memory ? 1 : 0; }
int edgeEvent0(Module m) { return m == Module::Core || m == Module::MemTile ? 13 : 11; }
int comboEvent0(Module m) { return m == Module::Core || m == Module::MemTile ? 9 : 7; }

} // namespace

EventUnit::EventUnit(Tile &tile, Module module)
    : tile_(tile), module_(module), base_(reg::eventBase(module)), perf_(reg::perfBase(module)),
      trace_(tile, tracePort(module)) {
  status_[0] = 1u << ev::kTrue;
  levels_.set(ev::kTrue);
  groupEnable_.fill(~0u);
}

EventUnit::~EventUnit() = default;

uint64_t EventUnit::timer() const { return tile_.scheduler().now() - timerBase_; }

void EventUnit::refresh() {
  listening_ = timerReset_ != 0 || trace_.configured() || comboInputs_ || edge_ || portsSet_;
  for (int b : broadcast_) listening_ |= b != 0;
  for (const Counter &c : counters_) listening_ |= c.start || c.stop || c.reset;
  if (listening_) tile_.fabric().switchesChanged(); // watched ports are tied to paths there
}

void EventUnit::schedule(uint64_t cycle) {
  if (cycle != kNever) tile_.scheduler().wake(*this, cycle);
}

void EventUnit::post(Pending p) {
  auto it = pending_.end();
  while (it != pending_.begin() && std::prev(it)->cycle > p.cycle) --it;
  pending_.insert(it, p);
  schedule(p.cycle);
}

void EventUnit::raiseAt(int event, uint64_t cycle) { post({cycle, event, 0}); }

uint64_t EventUnit::step(uint64_t now) {
  while (!pending_.empty() && pending_.front().cycle <= now) {
    const Pending p = pending_.front();
    pending_.pop_front();
    if (p.kind == 0)
      raise(p.event);
    else
      level(p.event, p.kind > 0);
  }
  if (timerTrigger_ != kNever && timer() >= timerTrigger_) {
    timerTrigger_ = kNever;
    raise(ev::kTimerValueReached);
  }
  for (size_t i = 0; i < counters_.size(); ++i) {
    Counter &c = counters_[i];
    if (c.since != kNever && c.threshold && counterValue(c) == c.threshold)
      raise(ev::kPerfCnt0 + static_cast<int>(i));
  }
  uint64_t next = pending_.empty() ? kNever : pending_.front().cycle;
  if (timerTrigger_ != kNever) next = std::min(next, timerBase_ + timerTrigger_);
  return std::min(next, nextThreshold());
}

uint64_t EventUnit::nextThreshold() const {
  uint64_t next = kNever;
  const uint64_t now = tile_.scheduler().now();
  for (const Counter &c : counters_)
    if (c.since != kNever && c.threshold && c.value < c.threshold) {
      const uint64_t at = c.since + (c.threshold - c.value);
      if (at > now) next = std::min(next, at);
    }
  return next;
}

void EventUnit::raise(int event) {
  if (event <= 0) return;
  status_[static_cast<size_t>(event / 32)] |= 1u << (event % 32);
  if (listening_) react(event, true, true);
}

void EventUnit::level(int event, bool on) {
  if (event <= 0 || levels_.test(static_cast<size_t>(event)) == on) return;
  levels_.set(static_cast<size_t>(event), on);
  if (on) status_[static_cast<size_t>(event / 32)] |= 1u << (event % 32);
  if (listening_) react(event, on, false);
}

uint32_t EventUnit::counterValue(const Counter &c) const {
  return c.since == kNever ? c.value
                           : c.value + static_cast<uint32_t>(tile_.scheduler().now() - c.since);
}
void EventUnit::stopCounter(Counter &c) {
  c.value = counterValue(c);
  c.since = kNever;
}
void EventUnit::startCounter(Counter &c) {
  if (c.since == kNever) c.since = tile_.scheduler().now();
  schedule(nextThreshold());
}

void EventUnit::react(int event, bool on, bool pulse) {
  if (on && event == timerReset_) {
    timerBase_ = tile_.scheduler().now();
    raise(ev::kTimerSync);
  }
  for (size_t i = 0; i < counters_.size(); ++i) {
    Counter &c = counters_[i];
    if (on && c.reset == event) {
      c.value = 0;
      if (c.since != kNever) c.since = tile_.scheduler().now();
      schedule(nextThreshold());
    }
    if (c.start == event && c.stop == event) {
      // The same event starts and stops: its cycles are counted.
      if (pulse) {
        if (++c.value == c.threshold)
          raiseAt(ev::kPerfCnt0 + static_cast<int>(i), tile_.scheduler().now() + 1);
      } else if (on) {
        startCounter(c);
      } else {
        stopCounter(c);
      }
      continue;
    }
    if (on && c.start == event)
      startCounter(c);
    else if (on && c.stop == event)
      stopCounter(c);
  }
  trace_.event(event, on, pulse, timer());
  members(event, on, pulse);
  if (comboInputs_ && (event < comboEvent0(module_) || event > comboEvent0(module_) + 3)) {
    const bool was = levels_.test(static_cast<size_t>(event));
    if (pulse) levels_.set(static_cast<size_t>(event));
    combos();
    if (pulse) {
      levels_.set(static_cast<size_t>(event), was);
      combos();
    }
  }
  for (int i = 0; i < 2; ++i)
    if (edge_ && field(edge_, i * 2) == event) {
      const bool rising = (edge_ >> (9 + 16 * i) & 1) != 0;
      const bool falling = (edge_ >> (10 + 16 * i) & 1) != 0;
      if (on ? rising : falling) raise(edgeEvent0(module_) + i);
    }
  if (on)
    for (size_t b = 0; b < broadcast_.size(); ++b)
      if (broadcast_[b] == event) spreadBroadcast(tile_, module_, static_cast<int>(b));
}

void EventUnit::members(int event, bool on, bool pulse) {
  const auto all = groups(module_);
  int best = -1;
  for (size_t g = 0; g < all.size(); ++g)
    if (all[g] < event) best = static_cast<int>(g);
  if (best < 0 || (module_ == Module::Core && event == kCoreErrors1)) return;
  const auto tell = [&](size_t g, int first) {
    const int bit = event - first;
    if (bit < 0 || bit > 31 || !(groupEnable_[g] >> bit & 1)) return;
    if (pulse)
      raise(all[g]);
    else
      level(all[g], on);
  };
  const size_t g = static_cast<size_t>(best);
  if (module_ == Module::Core && all[g] == kCoreErrors1) {
    tell(g - 1, kCoreErrors1 + 1);
    tell(g, kCoreErrors1 + 1);
    return;
  }
  if (event == all[g]) return;
  tell(g, all[g] + 1);
}

void EventUnit::combos() {
  const auto test = [&](int i) {
    return levels_.test(static_cast<size_t>(field(comboInputs_, i)));
  };
  // 0 A and B, 1 A and not B, 2 A or B, 3 A or not B.
  const auto combine = [](uint32_t how, bool a, bool b) {
    switch (how & 3) {
    case 0: return a && b;
    case 1: return a && !b;
    case 2: return a || b;
    default: return a || !b;
    }
  };
  const bool c0 = combine(comboControl_, test(0), test(1));
  const bool c1 = combine(comboControl_ >> 8, test(2), test(3));
  const bool next[3] = {c0, c1, combine(comboControl_ >> 16, c0, c1)};
  for (size_t i = 0; i < 3; ++i)
    if (next[i] != comboState_[i]) {
      comboState_[i] = next[i];
      level(comboEvent0(module_) + static_cast<int>(i), next[i]);
    }
}

bool EventUnit::writePerf(uint32_t o, uint32_t value) {
  const int counters = reg::perfCounters(module_);
  if (o == 0 || o == 4 || o == reg::kPerfReset) {
    perfControl_[o / 4] = value;
    for (int i = 0; i < counters; ++i) {
      Counter &c = counters_[static_cast<size_t>(i)];
      stopCounter(c);
      c.start = field(perfControl_[static_cast<size_t>(i / 2)], i % 2 * 2);
      c.stop = field(perfControl_[static_cast<size_t>(i / 2)], i % 2 * 2 + 1);
      c.reset = field(perfControl_[2], i);
      if (c.start && levels_.test(static_cast<size_t>(c.start))) startCounter(c);
    }
    refresh();
    return true;
  }
  const uint32_t n = static_cast<uint32_t>(counters);
  if (o >= reg::kPerfCounter && o < reg::kPerfCounter + 4 * n) {
    Counter &c = counters_[(o - reg::kPerfCounter) / 4];
    c.value = value;
    if (c.since != kNever) c.since = tile_.scheduler().now();
  } else {
    const uint32_t values = reg::kPerfValue;
    if (o < values || o >= values + 4 * n) return false;
    counters_[(o - values) / 4].threshold = value;
  }
  schedule(nextThreshold());
  return true;
}

bool EventUnit::write(uint32_t offset, uint32_t value) {
  if (offset >= perf_ && offset < perf_ + 0x100) return writePerf(offset - perf_, value);
  if (module_ != Module::Memory) {
    const uint32_t ports = reg::switchBase(tile_.kind()) + reg::kSwitchEventPorts;
    if (offset == ports || offset == ports + 4) {
      ports_[(offset - ports) / 4] = value;
      portsSet_ = true;
      refresh();
      return true;
    }
  }
  if (offset < base_ || offset >= base_ + 0x600) return false;
  const uint32_t o = offset - base_;
  if (o == reg::kTimerControl) {
    if (value >> 31) timerBase_ = tile_.scheduler().now();
    timerReset_ = field(value, 1);
  } else if (o == reg::kEventGenerate) {
    raise(field(value, 0));
    return true;
  } else if (o >= reg::kEventBroadcast && o < reg::kEventBroadcast + 64) {
    broadcast_[(o - reg::kEventBroadcast) / 4] = field(value, 0);
  } else if (o >= reg::kBroadcastBlock && o < reg::kBroadcastBlock + 0x40) {
    uint32_t &mask = blocked_[(o - reg::kBroadcastBlock) / 0x10];
    if (o % 0x10 == 0)
      mask |= value & 0xFFFF;
    else if (o % 0x10 == 4)
      mask &= ~value;
  } else if (o == reg::kTraceControl0) {
    trace_.configure(field(value, 2), field(value, 3),
                     module_ == Module::Core ? static_cast<int>(value & 3) : 0);
    if (module_ == Module::Core && (value & 3))
      tile_.fabric().warn(tile_, "the trace unit of " + tile_.name() +
                                     " is set to a mode other than event-time, which is not "
                                     "emulated; it records in event-time mode");
  } else if (o == reg::kTraceControl1) {
    trace_.packet(static_cast<int>(value >> 12 & 7), static_cast<int>(value & 31));
  } else if (o == reg::kTraceEvent0 || o == reg::kTraceEvent0 + 4) {
    for (int i = 0; i < 4; ++i)
      trace_.slot(static_cast<int>(o - reg::kTraceEvent0) + i, field(value, i));
  } else if (o == reg::kTimerTrigLow || o == reg::kTimerTrigHigh) {
    const bool high = o == reg::kTimerTrigHigh;
    const uint64_t old = timerTrigger_;
    timerTrigger_ =
        high ? (old & 0xFFFFFFFF) | uint64_t{value} << 32 : (old & ~uint64_t{0xFFFFFFFF}) | value;
    if (timerTrigger_ != kNever && timerTrigger_ > timer()) schedule(timerBase_ + timerTrigger_);
  } else if (o >= reg::kEventStatus && o < reg::kEventStatus + 24) {
    status_[(o - reg::kEventStatus) / 4] &= ~value;
    return true;
  } else if (o == reg::kComboInputs) {
    comboInputs_ = value;
  } else if (o == reg::kComboControl) {
    comboControl_ = value;
  } else if (o == reg::kEdgeDetection) {
    edge_ = value;
  } else if (o >= reg::kGroupEnable && o < reg::kGroupEnable + 4 * groups(module_).size()) {
    groupEnable_[(o - reg::kGroupEnable) / 4] = value;
  } else {
    return false;
  }
  refresh();
  // What listens from now on sees levels that hold already.
  if (o == reg::kTraceControl0 && trace_.configured())
    for (int e = 1; e < device::eventCount(module_); ++e)
      if (levels_.test(static_cast<size_t>(e))) trace_.event(e, true, false, timer());
  return true;
}

std::optional<uint32_t> EventUnit::read(uint32_t offset) {
  if (offset >= perf_ && offset < perf_ + 0x100) {
    const uint32_t o = offset - perf_;
    const uint32_t n = static_cast<uint32_t>(reg::perfCounters(module_));
    if (o == 0 || o == 4 || o == reg::kPerfReset) return perfControl_[o / 4];
    if (o >= reg::kPerfCounter && o < reg::kPerfCounter + 4 * n)
      return counterValue(counters_[(o - reg::kPerfCounter) / 4]);
    const uint32_t values = reg::kPerfValue;
    if (o >= values && o < values + 4 * n) return counters_[(o - values) / 4].threshold;
    return std::nullopt;
  }
  if (offset < base_ || offset >= base_ + 0x600) return std::nullopt;
  const uint32_t o = offset - base_;
  if (o == reg::kTimerLow) return static_cast<uint32_t>(timer());
  if (o == reg::kTimerHigh) return static_cast<uint32_t>(timer() >> 32);
  if (o == reg::kTraceStatus) return trace_.status();
  if (o >= reg::kEventStatus && o < reg::kEventStatus + 24)
    return status_[(o - reg::kEventStatus) / 4];
  if (o >= reg::kEventBroadcast && o < reg::kEventBroadcast + 64)
    return static_cast<uint32_t>(broadcast_[(o - reg::kEventBroadcast) / 4]);
  if (o >= reg::kBroadcastBlock && o < reg::kBroadcastBlock + 0x40 && o % 0x10 == 8)
    return blocked_[(o - reg::kBroadcastBlock) / 0x10];
  return std::nullopt;
}

std::array<uint8_t, 8> EventUnit::watchedPorts() const {
  std::array<uint8_t, 8> out;
  out.fill(0xFF);
  if (portsSet_)
    for (size_t i = 0; i < 8; ++i)
      out[i] = static_cast<uint8_t>(ports_[i / 4] >> (8 * (i % 4)) & 0x3F);
  return out;
}

void EventUnit::portWord(int slot, uint64_t cycle, bool last) {
  const int idle = ev::portIdle0(module_) + 4 * slot;
  uint64_t &end = portEnd_[static_cast<size_t>(slot)];
  // Words in consecutive cycles are one level.
  if (cycle > end || end == 0)
    post({cycle, idle + 1, 1});
  else
    std::erase_if(pending_, [&](const Pending &p) { return p.event == idle + 1 && p.kind < 0; });
  end = cycle + 1;
  post({end, idle + 1, -1});
  if (last) post({cycle, idle + 3, 0});
}

void EventUnit::portStalled(int slot, bool on) { level(ev::portIdle0(module_) + 4 * slot + 2, on); }

void watchedWord(const PortWatch &watch, uint64_t at, bool last) {
  watch.unit->portWord(watch.slot, at + static_cast<uint64_t>(watch.delay), last);
}
void watchedStall(const PortWatch &watch, bool on) { watch.unit->portStalled(watch.slot, on); }

void spreadBroadcast(Tile &from, Module module, int channel) {
  // Shortest arrival at every tile; a tile's two modules count as one node and a delay.
  struct Visit {
    Tile *tile;
    uint64_t delay;
  };
  std::map<device::TileId, uint64_t> best;
  std::deque<Visit> open{
      {&from, module == Module::Memory ? uint64_t{timing::kBroadcastModule} : 0}};
  best[from.id()] = open.front().delay;
  constexpr int kSteps[4][2] = {{0, -1}, {-1, 0}, {0, 1}, {1, 0}};
  while (!open.empty()) {
    const Visit v = open.front();
    open.pop_front();
    if (best[v.tile->id()] < v.delay) continue;
    for (int d = 0; d < 4; ++d) {
      bool blocked = false;
      for (EventUnit *u : v.tile->eventUnits()) blocked |= (u->blocked(d) >> channel & 1) != 0;
      if (blocked) continue;
      const device::TileId id{v.tile->id().col + kSteps[d][0], v.tile->id().row + kSteps[d][1]};
      Tile *next = v.tile->fabric().insideTile(id);
      if (!next) continue;
      const uint64_t delay =
          v.delay + (kSteps[d][0] ? timing::kBroadcastHorizontal : timing::kBroadcastVertical);
      const auto it = best.find(id);
      if (it != best.end() && it->second <= delay) continue;
      best[id] = delay;
      open.push_back({next, delay});
    }
  }
  const uint64_t now = from.scheduler().now();
  for (const auto &[id, delay] : best) {
    Tile *t = from.fabric().insideTile(id);
    for (EventUnit *u : t->eventUnits()) {
      if (t == &from && u->module() == module) {
        // At home it is seen in the next cycle.
        u->raiseAt(ev::broadcast0(module) + channel, now + 1);
        continue;
      }
      const uint64_t extra = u->module() == Module::Memory ? timing::kBroadcastModule : 0;
      u->raiseAt(ev::broadcast0(u->module()) + channel, now + std::max<uint64_t>(delay + extra, 1));
    }
  }
}

} // namespace ashlar::emulator
