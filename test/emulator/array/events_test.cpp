// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Events, broadcasts, timers, counters and traces, configured by registers and read back by
// registers or from the trace's packets.
#include "rig.h"

#include "device/events.h"
#include "device/timing.h"

namespace ashlar::emulator {
namespace {

using enum DmaDirection;
using device::Module;
namespace ev = device::ev;
constexpr uint64_t kOwn = 0x80000;

Bd linear(uint64_t address, uint32_t words) {
  Bd b;
  b.address = address;
  b.length = words;
  return b;
}
uint32_t at(Module m, uint32_t o) { return reg::eventBase(m) + o; }

TEST(Events, BroadcastsReachEveryTileInTheirTimeUnlessBlocked) {
  Rig r(2);
  // User event 0 of shim (0,0) goes out on channel 3 and resets the timers of all.
  r.write({0, 0}, at(Module::Shim, reg::kEventBroadcast + 4 * 3),
          static_cast<uint32_t>(ev::userEvent0(Module::Shim)));
  for (Tile *t : r.array.tiles())
    for (EventUnit *u : t->eventUnits()) {
      const int shift = 8;
      r.write(t->id(), at(u->module(), reg::kTimerControl),
              static_cast<uint32_t>(ev::broadcast0(u->module()) + 3) << shift);
    }
  // Nothing passes north out of (1,3).
  r.write({1, 3}, at(Module::Core, reg::kBroadcastBlock + 0x20), 1u << 3);
  r.write({0, 3}, at(Module::Core, reg::kBroadcastBlock + 0x20), 1u << 3);
  r.array.idle(100);
  r.write({0, 0}, at(Module::Shim, reg::kEventGenerate),
          static_cast<uint32_t>(ev::userEvent0(Module::Shim)));
  const uint64_t start = r.array.scheduler.now();
  r.ops.push_back({DelayOp{1000}, 0});
  r.ops.push_back({NoOp{}, 0});
  r.run();
  const uint64_t now = r.array.scheduler.now();
  const auto timer = [&](TileId t, Module m) {
    return *r.array.read32(device::tileAddress(t, at(m, reg::kTimerLow)));
  };
  const auto age = [&](TileId t, Module m) { return now - start - timer(t, m); };
  using device::timing::kBroadcastHorizontal, device::timing::kBroadcastModule,
      device::timing::kBroadcastVertical;
  EXPECT_EQ(age({0, 1}, Module::MemTile), uint64_t{kBroadcastVertical});
  EXPECT_EQ(age({0, 2}, Module::Core), uint64_t{2 * kBroadcastVertical});
  EXPECT_EQ(age({0, 2}, Module::Memory), uint64_t{2 * kBroadcastVertical + kBroadcastModule});
  EXPECT_EQ(age({1, 2}, Module::Core), uint64_t{2 * kBroadcastVertical + kBroadcastHorizontal});
  EXPECT_EQ(timer({0, 4}, Module::Core), now); // never reset
  EXPECT_EQ(timer({1, 5}, Module::Core), now);
  const uint32_t status =
      *r.array.read32(device::tileAddress({1, 2}, at(Module::Core, reg::kEventStatus + 4 * 3)));
  EXPECT_TRUE(status >> ((ev::broadcast0(Module::Core) + 3) % 32) & 1);
}

/// A transfer into a memtile, counted there.
void transferInto(Rig &r, uint32_t words, int repeats) {
  r.shim(0);
  r.connect({0, 0}, {PortBundle::South, 3}, {PortBundle::North, 0});
  r.connect({0, 1}, {PortBundle::South, 0}, {PortBundle::Dma, 0});
  r.bd({0, 1}, 0, linear(kOwn, words));
  r.start({0, 1}, S2MM, 0, 0, repeats - 1);
  r.buffer(0, words * 4);
  for (int i = 0; i < repeats; ++i)
    r.transfer(0, MM2S, 0, i, linear(0, words), 0, 0, i + 1 == repeats);
  r.wait(0, MM2S, 0);
}

TEST(Counters, CountEventsAndCycles) {
  Rig r;
  const TileId mem{0, 1};
  const int bd = ev::dmaEvent(Module::MemTile, 1, S2MM, 0);
  const int task = ev::dmaEvent(Module::MemTile, 2, S2MM, 0);
  const int startTask = ev::dmaEvent(Module::MemTile, 0, S2MM, 0);
  const uint32_t perf = reg::perfBase(Module::MemTile);
  // Counter 0 counts finished BDs, counter 1 the cycles from a task's start to its end, counter 2
  // words: the cycles in which port slave South0 runs.
  r.write(mem, perf,
          static_cast<uint32_t>(bd | bd << 8 | startTask << 16) | static_cast<uint32_t>(task)
                                                                      << 24);
  const int running = ev::portIdle0(Module::MemTile) + 1;
  r.write(mem, perf + 4, static_cast<uint32_t>(running | running << 8));
  r.write(mem, reg::switchBase(TileKind::Mem) + reg::kSwitchEventPorts,
          static_cast<uint32_t>(device::slaveIndex(TileKind::Mem, {PortBundle::South, 0})));
  transferInto(r, 96, 3);
  const RunResult result = r.run();
  ASSERT_EQ(result.state, RunState::Completed) << text(result);
  const auto counter = [&](uint32_t i) {
    return *r.array.read32(device::tileAddress(mem, perf + reg::kPerfCounter + 4 * i));
  };
  EXPECT_EQ(counter(0), 3u);
  EXPECT_EQ(counter(2), 3u * 96u);
  EXPECT_GT(counter(1), 2u * device::timing::kDispatchGate);
  EXPECT_LE(counter(1), result.cycles + device::timing::kLaunchOverhead + 100);
}

TEST(Counters, AThresholdIsAnEvent) {
  Rig r;
  const TileId mem{0, 1};
  const uint32_t perf = reg::perfBase(Module::MemTile);
  const int bd = ev::dmaEvent(Module::MemTile, 1, S2MM, 0);
  r.write(mem, perf, static_cast<uint32_t>(bd | bd << 8));
  r.write(mem, perf + reg::kPerfValue, 2);
  transferInto(r, 16, 3);
  ASSERT_EQ(r.run().state, RunState::Completed);
  const uint32_t status =
      *r.array.read32(device::tileAddress(mem, at(Module::MemTile, reg::kEventStatus)));
  EXPECT_TRUE(status >> ev::kPerfCnt0 & 1);
}

TEST(Timers, TheTriggerIsAnEvent) {
  Rig r;
  r.write({0, 2}, at(Module::Core, reg::kTimerTrigHigh), 0);
  r.write({0, 2}, at(Module::Core, reg::kTimerTrigLow), 500);
  r.array.idle(499);
  const uint32_t address = device::tileAddress({0, 2}, at(Module::Core, reg::kEventStatus));
  EXPECT_FALSE(*r.array.read32(address) >> ev::kTimerValueReached & 1);
  r.array.idle(10);
  EXPECT_TRUE(*r.array.read32(address) >> ev::kTimerValueReached & 1);
  r.write({0, 2}, at(Module::Core, reg::kEventStatus), 1u << ev::kTimerValueReached);
  EXPECT_FALSE(*r.array.read32(address) >> ev::kTimerValueReached & 1);
}

TEST(Groups, AndCombinations) {
  Rig r;
  const TileId core{0, 2};
  const int user = ev::userEvent0(Module::Core);
  // Combo 0 = user 0 or user 1; user events belong to group 123; an edge of broadcast... none.
  r.write(core, at(Module::Core, reg::kComboInputs), static_cast<uint32_t>(user | (user + 1) << 8));
  r.write(core, at(Module::Core, reg::kComboControl), 2);
  r.write(core, at(Module::Core, reg::kEventGenerate), static_cast<uint32_t>(user + 1));
  const auto status = [&](int e) {
    return *r.array.read32(device::tileAddress(
               core, at(Module::Core, reg::kEventStatus + 4 * static_cast<uint32_t>(e / 32)))) >>
               (e % 32) &
           1;
  };
  EXPECT_TRUE(status(user + 1));
  EXPECT_FALSE(status(user));
  EXPECT_TRUE(status(9));        // COMBO_EVENT_0
  EXPECT_TRUE(status(user - 1)); // GROUP_USER_EVENT
}

/// What a trace decoder makes of the packets: (cycle, mask of slots).
struct Frame {
  uint64_t cycle;
  uint32_t mask;
};
std::vector<Frame> decode(const std::vector<uint8_t> &packets, uint32_t header) {
  std::vector<uint8_t> bytes;
  for (size_t p = 0; p + 32 <= packets.size(); p += 32) {
    if (readU32(&packets[p]) != header) break;
    for (size_t w = 1; w < 8; ++w)
      for (int i = 3; i >= 0; --i) bytes.push_back(packets[p + 4 * w + static_cast<size_t>(i)]);
  }
  std::vector<Frame> out;
  uint64_t timer = 0;
  for (size_t i = 0; i < bytes.size();) {
    const uint8_t b = bytes[i++];
    const auto next = [&] { return i < bytes.size() ? bytes[i++] : uint8_t{0}; };
    if (b == 0xFE) continue;
    if (b == 0xDF) {
      timer += 0x3FFFF;
      continue;
    }
    if ((b & 0xFB) == 0xF0) {
      timer = 0;
      for (int k = 0; k < 7; ++k) timer = timer << 8 | next();
      continue;
    }
    uint32_t mask = 0;
    uint64_t delta = 0;
    if (!(b & 0x80)) {
      mask = 1u << (b >> 4);
      delta = b & 15;
    } else if ((b & 0xE0) == 0x80) {
      mask = 1u << (b >> 2 & 7);
      delta = static_cast<uint64_t>(b & 3) << 8 | next();
    } else if ((b & 0xE0) == 0xA0) {
      mask = 1u << (b >> 2 & 7);
      delta = static_cast<uint64_t>(b & 3) << 16;
      delta |= static_cast<uint64_t>(next()) << 8;
      delta |= next();
    } else if ((b & 0xF0) == 0xC0) {
      const uint8_t c = next();
      mask = static_cast<uint32_t>(b & 15) << 4 | c >> 4;
      delta = c & 15;
    } else {
      const uint8_t c = next();
      mask = static_cast<uint32_t>(b & 3) << 6 | c >> 2;
      delta = c & 3;
      delta = delta << 8 | next();
      if ((b & 0xFC) == 0xD4) delta = delta << 8 | next();
    }
    timer += 1 + delta;
    out.push_back({timer, mask});
  }
  return out;
}

TEST(Trace, FramesTellTheCyclesOfEvents) {
  Rig r;
  const TileId mem{0, 1};
  transferInto(r, 64, 3);
  // Slot 0 start of a task, 1 end of a BD, 2 end of the task, 3 port running, 4 user event.
  const int events[5] = {ev::dmaEvent(Module::MemTile, 0, S2MM, 0),
                         ev::dmaEvent(Module::MemTile, 1, S2MM, 0),
                         ev::dmaEvent(Module::MemTile, 2, S2MM, 0),
                         ev::portIdle0(Module::MemTile) + 1, ev::userEvent0(Module::MemTile)};
  r.write(mem, at(Module::MemTile, reg::kTraceEvent0),
          static_cast<uint32_t>(events[0] | events[1] << 8 | events[2] << 16) |
              static_cast<uint32_t>(events[3]) << 24);
  r.write(mem, at(Module::MemTile, reg::kTraceEvent0 + 4), static_cast<uint32_t>(events[4]));
  r.write(mem, at(Module::MemTile, reg::kTraceControl1), 3u << 12 | 9);
  r.write(mem, at(Module::MemTile, reg::kTraceControl0),
          static_cast<uint32_t>(ev::userEvent0(Module::MemTile)) << 16 |
              static_cast<uint32_t>(ev::userEvent0(Module::MemTile) + 1) << 24);
  r.write(mem, reg::switchBase(TileKind::Mem) + reg::kSwitchEventPorts,
          1u << 5 |
              static_cast<uint32_t>(device::masterIndex(TileKind::Mem, {PortBundle::Dma, 0})));
  // Trace packets go down to shim S2MM 1.
  r.packetRule(mem, {PortBundle::Trace, 0}, 0, 9, 31, 2, 0);
  r.packetMaster(mem, {PortBundle::South, 2}, 2, 1, false);
  r.connect({0, 0}, {PortBundle::North, 2}, {PortBundle::South, 3});
  auto &trace = r.buffer(1, 4096);
  std::vector<ControllerOp> transfers = std::move(r.ops);
  r.ops.clear();
  r.transfer(0, S2MM, 1, 15, linear(0, 1024), 1);
  const uint32_t generate = device::tileAddress(mem, at(Module::MemTile, reg::kEventGenerate));
  r.ops.push_back({WriteOp{generate, static_cast<uint32_t>(ev::userEvent0(Module::MemTile))}, 0});
  for (auto &o : transfers) r.ops.push_back(std::move(o));
  r.ops.push_back({DelayOp{2000}, 0}); // the last words arrive
  r.ops.push_back(
      {WriteOp{generate, static_cast<uint32_t>(ev::userEvent0(Module::MemTile) + 1)}, 0});
  const RunResult result = r.run();
  ASSERT_EQ(result.state, RunState::Completed) << text(result);
  const auto frames = decode(trace, device::packetHeader(mem, 3, 9));
  int count[5] = {};
  uint64_t runningSince = 0, running = 0, last = 0;
  for (const Frame &f : frames) {
    EXPECT_GT(f.cycle, last);
    last = f.cycle;
    for (int s : {1, 2, 4}) count[s] += static_cast<int>(f.mask >> s & 1);
    const bool on = (f.mask >> 3 & 1) != 0;
    if (on && !runningSince) runningSince = f.cycle;
    if (!on && runningSince) {
      running += f.cycle - runningSince;
      runningSince = 0;
    }
  }
  EXPECT_EQ(count[1], 3);
  EXPECT_EQ(count[2], 1);
  EXPECT_EQ(running, 3u * 64u);
}

} // namespace
} // namespace ashlar::emulator
