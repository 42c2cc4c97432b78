// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Each finding of the sanitizer has a run that triggers it and a near twin that does not.
#include "rig.h"

#include "emulator/array/sanitizer.h"
#include "emulator/array/timeline.h"

#include <algorithm>
#include <set>

namespace ashlar::emulator {
namespace {

using enum DmaDirection;
constexpr uint64_t kOwn = 0x80000;

Bd linear(uint64_t address, uint32_t words) {
  Bd b;
  b.address = address;
  b.length = words;
  return b;
}

class Sanitize : public testing::Test {
protected:
  Sanitize() : sanitizer(r.array) {
    r.array.sanitizer = &sanitizer;
    r.shim(0);
    r.connect({0, 0}, {PortBundle::South, 3}, {PortBundle::North, 0});
    r.connect({0, 1}, {PortBundle::South, 0}, {PortBundle::Dma, 0});
    r.connect({0, 1}, {PortBundle::Dma, 0}, {PortBundle::South, 0});
    r.connect({0, 0}, {PortBundle::North, 0}, {PortBundle::South, 2});
    r.buffer(0, 1024);
    r.buffer(1, 1024);
  }
  /// In: `stored` words of the memtile filled. Out: `sent` words sent on.
  std::vector<std::string> codes(uint32_t stored, uint32_t sent) {
    Bd in = linear(kOwn, stored);
    in.release = {{64, 1}};
    r.bd({0, 1}, 0, in);
    r.start({0, 1}, S2MM, 0, 0);
    Bd out = linear(kOwn, sent);
    out.acquire = {{64, -1}};
    r.bd({0, 1}, 1, out);
    r.start({0, 1}, MM2S, 0, 1);
    r.transfer(0, S2MM, 0, 0, linear(0, sent), 1, 0, true);
    r.transfer(0, MM2S, 0, 1, linear(0, stored), 0);
    r.wait(0, S2MM, 0);
    return run();
  }
  std::vector<std::string> run() {
    const RunResult result = r.run();
    EXPECT_EQ(result.state, RunState::Completed) << text(result);
    std::vector<std::string> out;
    for (const Diagnostic &d : result.diagnostics) out.push_back(d.code);
    all = text(result);
    return out;
  }
  Rig r;
  Sanitizer sanitizer;
  std::string all;
};

using Codes = std::vector<std::string>;

TEST_F(Sanitize, NothingToSay) { EXPECT_EQ(codes(64, 64), Codes{}) << all; }

TEST_F(Sanitize, BytesNobodyWrote) {
  r.array.names.buffers[{0, 1}] = {{0, 512, "rows", "d.mlir:3:5"}};
  EXPECT_EQ(codes(64, 65), Codes{"sanitize-uninitialized"});
  EXPECT_NE(all.find("byte 256 of buffer rows in memtile (0,1) (d.mlir:3:5), which nobody has "
                     "written"),
            std::string::npos)
      << all;
}

TEST_F(Sanitize, WritesBesideEveryBuffer) {
  r.array.names.buffers[{0, 1}] = {{0, 128, "rows", ""}};
  EXPECT_EQ(codes(64, 32), Codes{"sanitize-outside-buffer"}) << all;
}

TEST_F(Sanitize, StreamsLeftUnread) {
  r.bd({0, 1}, 0, linear(kOwn, 60));
  r.start({0, 1}, S2MM, 0, 0);
  r.transfer(0, MM2S, 0, 1, linear(0, 64), 0, 0, true);
  r.wait(0, MM2S, 0);
  EXPECT_EQ(run(), Codes{"sanitize-unread-stream"});
  EXPECT_NE(all.find("4 words from MM2S 0 of shim (0,0) to S2MM 0 of memtile (0,1) were never "
                     "read"),
            std::string::npos)
      << all;
}

TEST_F(Sanitize, SequencesThatEndWhileDataMove) {
  r.bd({0, 1}, 0, linear(kOwn, 128));
  r.start({0, 1}, S2MM, 0, 0);
  r.transfer(0, MM2S, 0, 1, linear(0, 64), 0);
  r.transfer(0, S2MM, 0, 2, linear(0, 64), 1);
  EXPECT_EQ(run(), Codes{"sanitize-unfinished-transfer"});
  EXPECT_NE(all.find("S2MM 0 of shim (0,0) still has 64 of 64 words"), std::string::npos) << all;
}

TEST_F(Sanitize, CoresInABufferThatADmaHolds) {
  Tile &core = *r.array.tile({0, 2});
  r.array.names.layouts[{0, 2}] = {0x400, 0x8000};
  r.array.names.buffers[{0, 2}] = {{0x400, 256, "in_0", ""}, {0x500, 256, "in_1", ""}};
  Bd in = linear(0x400, 64);
  in.acquire = {{0, -1}};
  r.lock({0, 2}, 0, 1);
  r.bd({0, 2}, 0, in);
  r.start({0, 2}, S2MM, 0, 0);
  r.array.idle(100); // the channel has its lock and waits for data
  sanitizer.wrote(core, 0, 0x10000);
  sanitizer.coreAccess(core, core, 0x500, 32, false, 0x20); // the other buffer
  EXPECT_TRUE(sanitizer.take().empty());
  sanitizer.coreAccess(core, core, 0x4E0, 32, false, 0x20);
  sanitizer.coreAccess(core, core, 0x4E0, 32, false, 0x20); // said once
  Diagnostics d = sanitizer.take();
  ASSERT_EQ(d.size(), 1u);
  EXPECT_EQ(d[0].code, "sanitize-race");
  EXPECT_NE(d[0].message.find("reads byte 224 of buffer in_0 in core (0,2) while S2MM 0 of core "
                              "(0,2) fills it"),
            std::string::npos)
      << d[0].message;
  // Stack and data are the core's own; what lies between the buffers is nobody's.
  sanitizer.coreAccess(core, core, 0x3FC, 4, true, 0x20);
  sanitizer.coreAccess(core, core, 0x8000, 4, true, 0x20);
  EXPECT_TRUE(sanitizer.take().empty());
  sanitizer.coreAccess(core, core, 0x700, 4, true, 0x20);
  d = sanitizer.take();
  ASSERT_EQ(d.size(), 1u);
  EXPECT_EQ(d[0].code, "sanitize-outside-buffer");
}

TEST_F(Sanitize, DmaInABufferThatACoreHolds) {
  Tile &core = *r.array.tile({0, 2});
  r.array.names.buffers[{0, 2}] = {{0x400, 256, "in_0", "d.mlir:4:5"}};
  Bd in = linear(0x400, 64);
  in.acquire = {{0, -1}};
  in.release = {{1, 1}};
  r.bd({0, 2}, 0, in);
  DmaChannel &channel = *core.s2mm[0];
  sanitizer.wrote(core, 0, 0x10000);
  sanitizer.coreLock(core, core, 1, true, -1);
  sanitizer.coreAccess(core, core, 0x420, 4, false, 0x20);
  sanitizer.coreLock(core, core, 0, false, 1); // given back before the channel comes
  sanitizer.dmaWrites(core, 0x400, 16, core, channel);
  EXPECT_TRUE(sanitizer.take().empty());
  sanitizer.coreLock(core, core, 1, true, -1);
  sanitizer.coreAccess(core, core, 0x420, 4, false, 0x20);
  sanitizer.dmaWrites(core, 0x400, 16, core, channel);
  sanitizer.dmaWrites(core, 0x410, 16, core, channel); // said once
  const Diagnostics d = sanitizer.take();
  ASSERT_EQ(d.size(), 1u);
  EXPECT_EQ(d[0].code, "sanitize-race");
  EXPECT_NE(d[0].message.find("S2MM 0 of core (0,2) fills byte 0 of buffer in_0 in core (0,2) "
                              "(d.mlir:4:5) while core (0,2) (pc 0x20) holds it"),
            std::string::npos)
      << d[0].message;
}

TEST_F(Sanitize, LocksThatLeaveTheirRange) {
  Tile &core = *r.array.tile({0, 2});
  r.array.names.locks[{{0, 2}, 3}] = {"out_cons_lock", "d.mlir:5:5"};
  core.locks.set(3, 62);
  core.locks.release(3, 1);
  EXPECT_TRUE(sanitizer.take().empty());
  core.locks.release(3, 1);
  core.locks.release(3, 1);
  Diagnostics d = sanitizer.take();
  ASSERT_EQ(d.size(), 1u);
  EXPECT_EQ(d[0].code, "sanitize-lock-overflow");
  EXPECT_NE(d[0].message.find("lock out_cons_lock (number 3 of core (0,2), d.mlir:5:5) holds 63"),
            std::string::npos)
      << d[0].message;
  core.locks.set(3, 0);
  core.locks.release(3, -1);
  d = sanitizer.take();
  ASSERT_EQ(d.size(), 1u);
  EXPECT_EQ(d[0].code, "sanitize-lock-underflow");
}

TEST_F(Sanitize, LostPackets) {
  sanitizer.lostPacket(*r.array.tile({0, 1}), "a packet with id 3 matches no rule of DMA0");
  sanitizer.lostPacket(*r.array.tile({0, 1}), "a packet with id 3 matches no rule of DMA0");
  const Diagnostics d = sanitizer.take();
  ASSERT_EQ(d.size(), 1u);
  EXPECT_EQ(d[0].code, "sanitize-lost-packet");
}

TEST_F(Sanitize, PacketsThatNoRuleTakes) {
  // Four words to the memory tile and back; its port takes packets of id 2.
  const TileId mem{0, 1};
  r.packetRule(mem, {PortBundle::South, 0}, 0, 2, 31, 0, 0);
  r.packetMaster(mem, {PortBundle::Dma, 0}, 0, 1, true);
  const auto send = [&](int id) {
    r.ops.clear();
    Bd in = linear(kOwn, 4);
    in.release = {{64, 1}};
    r.bd(mem, 0, in);
    r.start(mem, S2MM, 0, 0);
    Bd out = linear(kOwn, 4);
    out.acquire = {{64, -1}};
    r.bd(mem, 1, out);
    r.start(mem, MM2S, 0, 1);
    r.transfer(0, S2MM, 0, 0, linear(0, 4), 1, 0, true);
    Bd packet = linear(0, 4);
    packet.packet = device::BdPacket{0, static_cast<uint8_t>(id)};
    r.transfer(0, MM2S, 0, 1, packet, 0);
    r.wait(0, S2MM, 0);
    return r.run();
  };
  const RunResult good = send(2);
  EXPECT_EQ(good.state, RunState::Completed) << text(good);
  EXPECT_TRUE(good.diagnostics.empty()) << text(good);
  const RunResult bad = send(3);
  EXPECT_EQ(bad.state, RunState::Hang) << text(bad);
  EXPECT_EQ(std::count_if(bad.diagnostics.begin(), bad.diagnostics.end(),
                          [](const Diagnostic &d) { return d.code == "sanitize-lost-packet"; }),
            1)
      << text(bad);
  EXPECT_NE(text(bad).find("a packet with id 3 matches no rule of"), std::string::npos)
      << text(bad);
}

TEST(SanitizerNames, EachOccursInATest) {
  const auto read = [](const std::string &path) {
    const auto source = readTextFile(std::string(ASHLAR_SOURCE_DIR) + path);
    EXPECT_TRUE(source.ok()) << path;
    return source.ok() ? *source : std::string();
  };
  const std::string source = read("/src/emulator/array/sanitizer.cpp"),
                    tests = read("/test/emulator/array/sanitizer_test.cpp") +
                            read("/test/emulator/array/core_test.cpp");
  std::set<std::string> known;
  const std::string mark = "\"sanitize-";
  for (size_t at = source.find(mark); at != std::string::npos; at = source.find(mark, at + 1))
    known.insert(source.substr(at + 1, source.find('"', at + 1) - at - 1));
  EXPECT_GE(known.size(), 10u);
  for (const std::string &name : known)
    EXPECT_NE(tests.find(name), std::string::npos) << name << " has no test";
}

TEST(Timelines, SpansCoverWhatHappened) {
  Timeline t;
  const uint32_t track = t.track({0, 2}, "core");
  EXPECT_EQ(track, t.track({0, 2}, "core"));
  t.show(track, t.name("running"), 10);
  t.show(track, t.name("running"), 12);
  t.show(track, t.name("lock stall"), 20);
  t.show(track, 0, 30);
  t.show(track, t.name("running"), 40);
  t.finish(55);
  const auto &spans = t.tracks()[0].spans;
  ASSERT_EQ(spans.size(), 3u);
  EXPECT_EQ(spans[0].start, 10u);
  EXPECT_EQ(spans[0].end, 20u);
  EXPECT_EQ(t.names()[spans[1].name], "lock stall");
  EXPECT_EQ(spans[2].end, 55u);
  t.lock({0, 2}, 1, 3, 5);
  t.lock({0, 2}, 1, 3, 6);
  t.lock({0, 2}, 1, 2, 7);
  EXPECT_EQ(t.counters()[0].samples.size(), 2u);
}

TEST(Timelines, FunctionsAreShownWhileTheyRun) {
  Timeline t;
  EXPECT_EQ(t.programOf({0, 2}), nullptr);
  t.setFunctions({0, 2}, {{0x100, 0x40, "kernel"}, {0, 0x40, "main"}});
  Timeline::Program &program = *t.programOf({0, 2});
  for (uint64_t c = 0; c < 10; ++c) t.pc(program, 0x10, c);
  for (uint64_t c = 10; c < 40; ++c) t.pc(program, 0x110, c);
  for (uint64_t c = 40; c < 45; ++c) t.pc(program, 0x80, c); // between the functions
  for (uint64_t c = 45; c < 50; ++c) t.pc(program, 0x3C, c);
  t.finish(50);
  const auto &spans = t.tracks()[0].spans;
  ASSERT_EQ(spans.size(), 3u);
  EXPECT_EQ(t.names()[spans[0].name], "main");
  EXPECT_EQ(spans[0].end, 10u);
  EXPECT_EQ(t.names()[spans[1].name], "kernel");
  EXPECT_EQ(spans[1].end, 40u);
  EXPECT_EQ(spans[2].start, 45u);
  EXPECT_EQ(spans[2].end, 50u);
}

} // namespace
} // namespace ashlar::emulator
