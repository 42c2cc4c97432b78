// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// DMA: address patterns against nested loops, padding, iteration, repeats, chains, queues, modes.
#include "rig.h"

namespace ashlar::emulator {
namespace {

using enum DmaDirection;
constexpr uint64_t kOwn = 0x80000; // own memory in a memtile's BD window

Bd linear(uint64_t address, uint32_t words) {
  Bd b;
  b.address = address;
  b.length = words;
  return b;
}

/// Shim MM2S 0 -> memtile S2MM 0, memtile MM2S 0 -> shim S2MM 0.
void throughMemTile(Rig &r) {
  r.shim(0);
  r.connect({0, 0}, {PortBundle::South, 3}, {PortBundle::North, 0});
  r.connect({0, 1}, {PortBundle::South, 0}, {PortBundle::Dma, 0});
  r.connect({0, 1}, {PortBundle::Dma, 0}, {PortBundle::South, 0});
  r.connect({0, 0}, {PortBundle::North, 0}, {PortBundle::South, 2});
}

std::vector<uint32_t> words(const std::vector<uint8_t> &bytes) {
  std::vector<uint32_t> out(bytes.size() / 4);
  std::memcpy(out.data(), bytes.data(), out.size() * 4);
  return out;
}

/// The words that MM2S sends for a BD, by nested loops over (padded) indices.
std::vector<uint32_t> reference(const Bd &bd, const std::vector<uint32_t> &memory,
                                uint32_t baseWord, uint32_t iteration) {
  std::vector<uint32_t> out;
  const auto total = [&](int d) -> uint32_t {
    return bd.dims[d].size ? bd.pads[d].before + bd.dims[d].size + bd.pads[d].after : ~0u;
  };
  for (uint32_t i3 = 0; out.size() < bd.length; ++i3)
    for (uint32_t i2 = 0; i2 < total(2) && out.size() < bd.length; ++i2)
      for (uint32_t i1 = 0; i1 < total(1) && out.size() < bd.length; ++i1)
        for (uint32_t i0 = 0; i0 < total(0) && out.size() < bd.length; ++i0) {
          const uint32_t index[3] = {i0, i1, i2};
          bool pad = false;
          uint32_t offset = i3 * bd.dims[3].step + iteration * bd.iterationStep;
          for (int d = 0; d < 3; ++d) {
            if (index[d] < bd.pads[d].before ||
                (bd.dims[d].size && index[d] >= bd.pads[d].before + bd.dims[d].size))
              pad = true;
            offset += (index[d] - bd.pads[d].before) * bd.dims[d].step;
          }
          out.push_back(pad ? 0 : memory[baseWord + offset]);
        }
  return out;
}

TEST(Dma, RandomPatternsMatchNestedLoops) {
  std::mt19937 rng(2024);
  const auto below = [&](uint32_t n) { return static_cast<uint32_t>(rng() % n); };
  for (int round = 0; round < 200; ++round) {
    SCOPED_TRACE("round " + std::to_string(round));
    Rig r;
    throughMemTile(r);
    Bd out = linear(kOwn, 0);
    uint32_t product = 1, span = 0;
    const bool padded = round % 3 == 0;
    for (int d = 0; d < 3; ++d) {
      out.dims[d].size = 1 + below(6);
      out.dims[d].step = 1 + below(40);
      if (padded) out.pads[d] = {below(3), below(3)};
      product *= out.pads[d].before + out.dims[d].size + out.pads[d].after;
      span += (out.dims[d].size - 1) * out.dims[d].step;
    }
    const uint32_t outer = 1 + below(3);
    out.dims[3].step = 1 + below(64);
    span += (outer - 1) * out.dims[3].step;
    out.iterationSize = 1 + below(4);
    out.iterationStep = 1 + below(16);
    out.length = product * outer;
    const int repeat = static_cast<int>(below(5));
    span += (out.iterationSize - 1) * out.iterationStep;
    const uint32_t memoryWords = span + 1;
    r.lock({0, 1}, 0, 0);
    Bd in = linear(kOwn, memoryWords);
    in.release = {{64, 1}};
    r.bd({0, 1}, 0, in);
    r.start({0, 1}, S2MM, 0, 0);
    out.acquire = {{64, -1}};
    out.release = {{64, 1}};
    r.bd({0, 1}, 1, out);
    r.start({0, 1}, MM2S, 0, 1, repeat);
    auto &source = r.buffer(0, memoryWords * 4);
    fillRandom(source, static_cast<uint32_t>(round));
    const uint32_t total = out.length * static_cast<uint32_t>(repeat + 1);
    auto &sink = r.buffer(1, total * 4);
    r.transfer(0, S2MM, 0, 0, linear(0, total), 1, 0, true);
    r.transfer(0, MM2S, 0, 1, linear(0, memoryWords), 0);
    r.wait(0, S2MM, 0);
    const RunResult result = r.run();
    ASSERT_EQ(result.state, RunState::Completed) << text(result);
    std::vector<uint32_t> expected;
    for (int i = 0; i <= repeat; ++i) {
      const auto part =
          reference(out, words(source), 0, static_cast<uint32_t>(i) % out.iterationSize);
      expected.insert(expected.end(), part.begin(), part.end());
    }
    ASSERT_EQ(words(sink), expected);
  }
}

TEST(Dma, ShimPatternsReadAndWriteHostMemory) {
  // Transposes 8 x 16 words on the way in, writes every other word on the way out.
  Rig r;
  throughMemTile(r);
  Bd keep = linear(kOwn, 128);
  keep.release = {{64, 1}};
  r.bd({0, 1}, 0, keep);
  r.start({0, 1}, S2MM, 0, 0);
  Bd send = linear(kOwn, 128);
  send.acquire = {{64, -1}};
  r.bd({0, 1}, 1, send);
  r.start({0, 1}, MM2S, 0, 1);
  auto &in = r.buffer(0, 512);
  auto &out = r.buffer(1, 1024);
  fillRandom(in, 3);
  Bd read = linear(0, 128);
  read.dims[0] = {8, 16};
  read.dims[1] = {16, 1};
  Bd write = linear(0, 128);
  write.dims[0] = {128, 2};
  r.transfer(0, S2MM, 0, 0, write, 1, 0, true);
  r.transfer(0, MM2S, 0, 1, read, 0);
  r.wait(0, S2MM, 0);
  const RunResult result = r.run();
  ASSERT_EQ(result.state, RunState::Completed) << text(result);
  const auto i = words(in), o = words(out);
  for (uint32_t c = 0; c < 16; ++c)
    for (uint32_t k = 0; k < 8; ++k) {
      EXPECT_EQ(o[2 * (c * 8 + k)], i[k * 16 + c]);
      EXPECT_EQ(o[2 * (c * 8 + k) + 1], 0u);
    }
}

TEST(Dma, TheControllerWaitsForRoomInAStartQueue) {
  // Nine tasks of a channel whose queue holds four.
  Rig r;
  throughMemTile(r);
  Bd ring = linear(kOwn, 16);
  ring.next = 0;
  ring.acquire = {{64, -1}};
  ring.release = {{65, 1}};
  r.lock({0, 1}, 0, 1);
  r.bd({0, 1}, 0, ring);
  Bd back = linear(kOwn, 16);
  back.next = 1;
  back.acquire = {{65, -1}};
  back.release = {{64, 1}};
  r.bd({0, 1}, 1, back);
  r.start({0, 1}, S2MM, 0, 0);
  r.start({0, 1}, MM2S, 0, 1);
  auto &in = r.buffer(0, 9 * 64);
  auto &out = r.buffer(1, 9 * 64);
  fillRandom(in, 9);
  for (int i = 0; i < 9; ++i)
    r.transfer(0, MM2S, 0, i, linear(0, 16), 0, 64u * static_cast<uint32_t>(i));
  for (int i = 0; i < 3; ++i)
    r.transfer(0, S2MM, 0, 10 + i, linear(0, 48), 1, 192u * static_cast<uint32_t>(i), true);
  for (int i = 0; i < 3; ++i) r.wait(0, S2MM, 0);
  const RunResult result = r.run();
  ASSERT_EQ(result.state, RunState::Completed) << text(result);
  EXPECT_EQ(in, out);
  EXPECT_TRUE(result.diagnostics.empty()) << text(result);
}

TEST(Dma, FinishOnTlastEndsTheBdAndCounts) {
  Rig r;
  throughMemTile(r);
  r.write({0, 1}, reg::dmaControl(TileKind::Mem, S2MM, 0), 1u << 16);
  Bd in = linear(kOwn, 100);
  in.release = {{64, 1}};
  r.bd({0, 1}, 0, in);
  r.start({0, 1}, S2MM, 0, 0);
  Bd out = linear(kOwn, 40);
  out.acquire = {{64, -1}};
  r.bd({0, 1}, 1, out);
  r.start({0, 1}, MM2S, 0, 1);
  auto &source = r.buffer(0, 160);
  auto &sink = r.buffer(1, 160);
  fillRandom(source, 5);
  r.transfer(0, S2MM, 0, 0, linear(0, 40), 1, 0, true);
  r.transfer(0, MM2S, 0, 1, linear(0, 40), 0);
  r.wait(0, S2MM, 0);
  const RunResult result = r.run();
  ASSERT_EQ(result.state, RunState::Completed) << text(result);
  EXPECT_EQ(source, sink);
  const auto count =
      r.array.read32(device::tileAddress({0, 1}, reg::dmaFotCount(TileKind::Mem, 0)));
  EXPECT_EQ(*count, 1u << 31 | 40u);
  EXPECT_EQ(*r.array.read32(device::tileAddress({0, 1}, reg::dmaFotCount(TileKind::Mem, 0))), 0u);
}

TEST(Dma, OutOfOrderPacketsChooseTheirBd) {
  // Two shim channels each send a packet; the header of each names the BD that stores it.
  Rig r;
  r.shim(0);
  const TileId mem{0, 1};
  for (int c = 0; c < 2; ++c)
    r.connect({0, 0}, {PortBundle::South, c ? 7 : 3}, {PortBundle::North, c});
  for (int c = 0; c < 2; ++c) r.packetRule(mem, {PortBundle::South, c}, 0, 4 + c, 31, 0, 0);
  r.packetMaster(mem, {PortBundle::Dma, 0}, 0, 1, false);
  r.write(mem, reg::dmaControl(TileKind::Mem, S2MM, 0), 1u << 3);
  for (int i = 0; i < 2; ++i) {
    Bd b = linear(kOwn + 0x1000u * static_cast<uint32_t>(i), 32);
    b.release = {{64, 1}};
    r.bd(mem, 6 + i, b);
  }
  r.start(mem, S2MM, 0, 0, 1);
  r.connect(mem, {PortBundle::Dma, 0}, {PortBundle::South, 0});
  r.connect({0, 0}, {PortBundle::North, 0}, {PortBundle::South, 2});
  for (int i = 0; i < 2; ++i) {
    Bd b = linear(kOwn + 0x1000u * static_cast<uint32_t>(i), 32);
    if (i == 0) {
      b.acquire = {{64, -2}};
      b.next = 1;
    }
    r.bd(mem, i, b);
  }
  r.start(mem, MM2S, 0, 0);
  auto &in = r.buffer(0, 256);
  auto &out = r.buffer(1, 256);
  fillRandom(in, 12);
  r.transfer(0, S2MM, 0, 0, linear(0, 64), 1, 0, true);
  for (int c = 0; c < 2; ++c) {
    Bd b = linear(0, 32);
    b.packet = device::BdPacket{0, static_cast<uint8_t>(4 + c)};
    b.outOfOrderId = static_cast<uint8_t>(7 - c);
    r.transfer(0, MM2S, c, 1 + c, b, 0, 128u * static_cast<uint32_t>(c));
  }
  r.wait(0, S2MM, 0);
  const RunResult result = r.run();
  ASSERT_EQ(result.state, RunState::Completed) << text(result);
  // Channel 0 went to BD 7, the second half.
  EXPECT_TRUE(std::equal(in.begin(), in.begin() + 128, out.begin() + 128));
  EXPECT_TRUE(std::equal(in.begin() + 128, in.end(), out.begin()));
}

TEST(Dma, NeighbouringMemTilesShareMemoryAndLocks) {
  // Column 0 writes into column 1's memtile, whose own MM2S sends it down.
  Rig r(2);
  r.shim(0);
  r.shim(1);
  r.connect({0, 0}, {PortBundle::South, 3}, {PortBundle::North, 0});
  r.connect({0, 1}, {PortBundle::South, 0}, {PortBundle::Dma, 0});
  r.connect({1, 1}, {PortBundle::Dma, 0}, {PortBundle::South, 0});
  r.connect({1, 0}, {PortBundle::North, 0}, {PortBundle::South, 2});
  Bd in = linear(2 * kOwn + 0x40, 64);
  in.release = {{128 + 5, 1}};
  r.bd({0, 1}, 0, in);
  r.start({0, 1}, S2MM, 0, 0);
  Bd out = linear(kOwn + 0x40, 64);
  out.acquire = {{64 + 5, -1}};
  r.bd({1, 1}, 0, out);
  r.start({1, 1}, MM2S, 0, 0);
  auto &source = r.buffer(0, 256);
  auto &sink = r.buffer(1, 256);
  fillRandom(source, 1);
  r.transfer(1, S2MM, 0, 0, linear(0, 64), 1, 0, true);
  r.transfer(0, MM2S, 0, 1, linear(0, 64), 0);
  r.wait(1, S2MM, 0);
  const RunResult result = r.run();
  ASSERT_EQ(result.state, RunState::Completed) << text(result);
  EXPECT_EQ(source, sink);
}

TEST(Dma, MemoryOutsideThePartitionWorksWithAWarning) {
  Rig r;
  throughMemTile(r);
  Bd in = linear(0x100, 64); // west window of column 0
  in.release = {{64, 1}};
  r.bd({0, 1}, 0, in);
  r.start({0, 1}, S2MM, 0, 0);
  Bd out = linear(0x100, 64);
  out.acquire = {{64, -1}};
  r.bd({0, 1}, 1, out);
  r.start({0, 1}, MM2S, 0, 1);
  auto &source = r.buffer(0, 256);
  auto &sink = r.buffer(1, 256);
  fillRandom(source, 21);
  r.transfer(0, S2MM, 0, 0, linear(0, 64), 1, 0, true);
  r.transfer(0, MM2S, 0, 1, linear(0, 64), 0);
  r.wait(0, S2MM, 0);
  const RunResult result = r.run();
  ASSERT_EQ(result.state, RunState::Completed) << text(result);
  EXPECT_EQ(source, sink);
  ASSERT_EQ(result.diagnostics.size(), 1u);
  EXPECT_NE(result.diagnostics[0].message.find("outside its partition"), std::string::npos);
}

TEST(Dma, AnInvalidBdStopsTheChannelAndIsNamed) {
  Rig r;
  throughMemTile(r);
  r.start({0, 1}, S2MM, 0, 3); // never written
  r.buffer(0, 256);
  r.transfer(0, MM2S, 0, 1, linear(0, 64), 0, 0, true);
  r.wait(0, MM2S, 0);
  const RunResult result = r.run();
  ASSERT_EQ(result.state, RunState::Hang);
  EXPECT_NE(text(result).find("BD 3, which is not valid"), std::string::npos) << text(result);
  EXPECT_NE(text(result).find("BD not valid"), std::string::npos) << text(result);
}

TEST(Dma, OddChannelsOfAMemTileUseTheUpperBds) {
  Rig r;
  throughMemTile(r);
  r.bd({0, 1}, 2, linear(kOwn, 8));
  r.start({0, 1}, MM2S, 1, 2);
  r.array.idle(100);
  const Diagnostics d = r.array.takeDiagnostics();
  ASSERT_EQ(d.size(), 1u);
  EXPECT_NE(d[0].message.find("odd ones 24 to 47"), std::string::npos);
  const auto status =
      r.array.read32(device::tileAddress({0, 1}, reg::dmaStatus(TileKind::Mem, MM2S, 1)));
  EXPECT_EQ(*status & DmaChannel::kBdUnavailable, DmaChannel::kBdUnavailable);
}

TEST(Locks, OverflowAndUnderflowAreLatchedAndChangeNothing) {
  Rig r;
  r.lock({0, 2}, 4, 60);
  Tile &t = *r.array.tile({0, 2});
  t.locks.release(4, 5);
  EXPECT_EQ(t.locks.value(4), 60);
  EXPECT_EQ(t.read32(reg::lockOverflow(TileKind::Core)), 1u << 4);
  t.locks.release(4, -61);
  EXPECT_EQ(t.read32(reg::lockUnderflow(TileKind::Core)), 1u << 4);
  t.write32(reg::lockOverflow(TileKind::Core), 1u << 4);
  EXPECT_EQ(t.read32(reg::lockOverflow(TileKind::Core)), 0u);
  EXPECT_EQ(r.array.takeDiagnostics().size(), 2u);
}

TEST(Locks, RequestsByRegisterRead) {
  Rig r;
  Tile &t = *r.array.tile({0, 2});
  r.lock({0, 2}, 3, 2);
  const uint32_t base = reg::lockRequestBase(TileKind::Core) + 3 * 0x400;
  const auto request = [&](bool acquire, int v) {
    return t.read32(base + (acquire ? 0x200u : 0) + (static_cast<uint32_t>(v) & 127) * 4);
  };
  EXPECT_EQ(request(true, -3), 0u);
  EXPECT_EQ(request(true, -2), 1u);
  EXPECT_EQ(t.locks.value(3), 0);
  EXPECT_EQ(request(false, 7), 1u);
  EXPECT_EQ(t.locks.value(3), 7);
  r.array.idle(3);
  EXPECT_EQ(request(true, 6), 0u);
  EXPECT_EQ(request(true, 7), 1u);
  EXPECT_EQ(t.locks.value(3), 0);
}

} // namespace
} // namespace ashlar::emulator
