// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Packet switching, broadcast and control packets.
#include "rig.h"

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
Bd packet(uint64_t address, uint32_t words, int id) {
  Bd b = linear(address, words);
  b.packet = device::BdPacket{0, static_cast<uint8_t>(id)};
  return b;
}

TEST(Packets, IdsChooseTheirDestination) {
  // One shim channel feeds two memtile channels by packet id, in chunks of 16 words.
  Rig r;
  r.shim(0);
  const TileId mem{0, 1};
  r.connect({0, 0}, {PortBundle::South, 3}, {PortBundle::North, 0});
  r.packetRule(mem, {PortBundle::South, 0}, 0, 2, 31, 0, 0);
  r.packetRule(mem, {PortBundle::South, 0}, 1, 3, 31, 0, 1);
  r.packetMaster(mem, {PortBundle::Dma, 0}, 0, 1, true);
  r.packetMaster(mem, {PortBundle::Dma, 2}, 0, 2, true);
  r.bd(mem, 0, linear(kOwn, 32));
  r.start(mem, S2MM, 0, 0);
  r.bd(mem, 1, linear(kOwn + 0x1000, 32));
  r.start(mem, S2MM, 2, 1);
  auto &in = r.buffer(0, 256);
  fillRandom(in, 4);
  for (int i = 0; i < 4; ++i)
    r.transfer(0, MM2S, 0, i, packet(0, 16, i % 2 ? 3 : 2), 0, 64u * static_cast<uint32_t>(i),
               i == 3);
  r.wait(0, MM2S, 0);
  const RunResult result = r.run();
  ASSERT_EQ(result.state, RunState::Completed) << text(result);
  const uint8_t *m = r.array.tile(mem)->memory.data();
  EXPECT_EQ(0, std::memcmp(m, &in[0], 64));
  EXPECT_EQ(0, std::memcmp(m + 64, &in[128], 64));
  EXPECT_EQ(0, std::memcmp(m + 0x1000, &in[64], 64));
  EXPECT_EQ(0, std::memcmp(m + 0x1040, &in[192], 64));
}

TEST(Packets, AnArbiterServesOnePacketAtATime) {
  // Four memtile channels send packets to one shim channel, headers kept: each packet whole.
  Rig r;
  r.shim(0);
  const TileId mem{0, 1};
  constexpr uint32_t kWords = 8;
  for (int c = 0; c < 4; ++c) {
    r.packetRule(mem, {PortBundle::Dma, c}, 0, c, 31, 1, 0);
    const int bd = c % 2 ? 24 + c : c;
    r.bd(mem, bd, packet(kOwn + 0x100u * static_cast<uint32_t>(c), kWords, c));
    for (uint32_t w = 0; w < kWords; ++w)
      r.write(mem, 0x100u * static_cast<uint32_t>(c) + 4 * w, static_cast<uint32_t>(c) << 16 | w);
  }
  r.packetMaster(mem, {PortBundle::South, 1}, 1, 1, false);
  r.connect({0, 0}, {PortBundle::North, 1}, {PortBundle::South, 2});
  for (int c = 0; c < 4; ++c) r.start(mem, MM2S, c, c % 2 ? 24 + c : c, 2);
  const uint32_t total = 4 * 3 * (kWords + 1);
  auto &out = r.buffer(0, total * 4);
  r.transfer(0, S2MM, 0, 0, linear(0, total), 0, 0, true);
  r.wait(0, S2MM, 0);
  const RunResult result = r.run();
  ASSERT_EQ(result.state, RunState::Completed) << text(result);
  std::array<int, 4> seen{};
  for (uint32_t p = 0; p < 12; ++p) {
    const uint8_t *at = &out[p * (kWords + 1) * 4];
    const uint32_t header = readU32(at), id = header & 31;
    ASSERT_LT(id, 4u);
    EXPECT_EQ(header, device::packetHeader(mem, 0, static_cast<int>(id)));
    ++seen[id];
    for (uint32_t w = 0; w < kWords; ++w) EXPECT_EQ(readU32(at + 4 + 4 * w), id << 16 | w);
  }
  for (int n : seen) EXPECT_EQ(n, 3);
}

TEST(Packets, ADeterministicMergeKeepsItsOrder) {
  // Two memtile channels; channel 1's packets are ready first, but two of channel 0 go before each.
  Rig r;
  r.shim(0);
  const TileId mem{0, 1};
  for (int c = 0; c < 2; ++c) {
    r.packetRule(mem, {PortBundle::Dma, c}, 0, c, 31, 1, 0);
    const int bd = c ? 24 : 0;
    r.bd(mem, bd, packet(kOwn + 0x100u * static_cast<uint32_t>(c), 4, c));
  }
  r.packetMaster(mem, {PortBundle::South, 1}, 1, 1, false);
  r.connect({0, 0}, {PortBundle::North, 1}, {PortBundle::South, 2});
  const uint32_t merge =
      reg::switchBase(TileKind::Mem) + reg::kSwitchMerge + reg::kSwitchMergeStride;
  r.write(mem, merge, 0u | 2u << 8 | 1u << 16 | 1u << 24);
  r.write(mem, merge + reg::kSwitchMergeControl, 1);
  r.start(mem, MM2S, 1, 24, 2);
  r.array.idle(500);
  r.start(mem, MM2S, 0, 0, 5);
  auto &out = r.buffer(0, 9 * 5 * 4);
  r.transfer(0, S2MM, 0, 0, linear(0, 45), 0, 0, true);
  r.wait(0, S2MM, 0);
  const RunResult result = r.run();
  ASSERT_EQ(result.state, RunState::Completed) << text(result);
  std::string ids;
  for (uint32_t p = 0; p < 9; ++p) ids += static_cast<char>('0' + (readU32(&out[p * 20]) & 31));
  EXPECT_EQ(ids, "001001001");
}

TEST(Packets, AnUnknownIdBlocksThePortAndIsNamed) {
  Rig r;
  r.shim(0);
  const TileId mem{0, 1};
  r.connect({0, 0}, {PortBundle::South, 3}, {PortBundle::North, 0});
  r.packetRule(mem, {PortBundle::South, 0}, 0, 2, 31, 0, 0);
  r.packetMaster(mem, {PortBundle::Dma, 0}, 0, 1, true);
  r.bd(mem, 0, linear(kOwn, 64));
  r.start(mem, S2MM, 0, 0);
  r.buffer(0, 256);
  r.transfer(0, MM2S, 0, 0, packet(0, 64, 9), 0, 0, true);
  r.wait(0, MM2S, 0);
  const RunResult result = r.run();
  ASSERT_EQ(result.state, RunState::Hang);
  EXPECT_NE(text(result).find("packet with id 9"), std::string::npos) << text(result);
  EXPECT_NE(text(result).find("no rule matches it"), std::string::npos) << text(result);
}

TEST(Broadcast, EveryBranchGetsEveryWordAtThePaceOfTheSlowest) {
  Rig r;
  r.shim(0);
  const TileId mem{0, 1};
  r.connect({0, 0}, {PortBundle::South, 3}, {PortBundle::North, 0});
  // Memtile South0 goes to its own DMA 0 and up to the core's DMA 0.
  r.connect(mem, {PortBundle::South, 0}, {PortBundle::Dma, 0});
  r.connect(mem, {PortBundle::South, 0}, {PortBundle::North, 0});
  r.connect({0, 2}, {PortBundle::South, 0}, {PortBundle::Dma, 0});
  r.bd(mem, 0, linear(kOwn, 256));
  r.start(mem, S2MM, 0, 0);
  // The core side takes two halves, the second only after a lock that opens late.
  Bd first = linear(0, 128);
  first.next = 1;
  r.bd({0, 2}, 0, first);
  Bd second = linear(512, 128);
  second.acquire = {{0, -1}};
  r.bd({0, 2}, 1, second);
  r.start({0, 2}, S2MM, 0, 0);
  auto &in = r.buffer(0, 1024);
  fillRandom(in, 77);
  r.transfer(0, MM2S, 0, 0, linear(0, 256), 0, 0, true);
  r.ops.push_back({DelayOp{20000}, 0});
  r.ops.push_back({WriteOp{device::tileAddress({0, 2}, reg::lockBase(TileKind::Core)), 1}, 0});
  r.wait(0, MM2S, 0);
  r.ops.push_back({DelayOp{2000}, 0});
  const RunResult result = r.run();
  ASSERT_EQ(result.state, RunState::Completed) << text(result);
  EXPECT_GT(result.cycles, 20000u);
  EXPECT_EQ(0, std::memcmp(r.array.tile(mem)->memory.data(), in.data(), 1024));
  EXPECT_EQ(0, std::memcmp(r.array.tile({0, 2})->memory.data(), in.data(), 1024));
}

/// Control packets from shim MM2S 0 to the control port of `target`, replies to shim S2MM 0.
void controlPath(Rig &r) {
  r.shim(0);
  r.connect({0, 0}, {PortBundle::South, 3}, {PortBundle::North, 0});
  r.packetRule({0, 1}, {PortBundle::South, 0}, 0, 1, 31, 0, 0);
  r.packetMaster({0, 1}, {PortBundle::Ctrl, 0}, 0, 1, false);
  r.packetRule({0, 1}, {PortBundle::Ctrl, 0}, 0, 7, 31, 1, 0);
  r.packetMaster({0, 1}, {PortBundle::South, 0}, 1, 1, false);
  r.connect({0, 0}, {PortBundle::North, 0}, {PortBundle::South, 2});
}

uint32_t controlWord(uint32_t address, uint32_t beats, uint32_t operation, uint32_t id) {
  return device::oddParity(address | (beats - 1) << 20 | operation << 22 | id << 24);
}

TEST(ControlPackets, WriteAndReadWithReply) {
  Rig r;
  controlPath(r);
  auto &in = r.buffer(0, 64);
  auto &out = r.buffer(1, 16);
  // Packet 1: two words to data memory. Packet 2: read three words back, reply id 7.
  writeU32(&in[0], controlWord(0x100, 2, 0, 0));
  writeU32(&in[4], 0x11223344);
  writeU32(&in[8], 0x55667788);
  writeU32(&in[32], controlWord(0x100, 3, 1, 7));
  r.transfer(0, S2MM, 0, 0, linear(0, 4), 1, 0, true);
  r.transfer(0, MM2S, 0, 1, packet(0, 3, 1), 0);
  r.transfer(0, MM2S, 0, 2, packet(0, 1, 1), 0, 32);
  r.wait(0, S2MM, 0);
  const RunResult result = r.run();
  ASSERT_EQ(result.state, RunState::Completed) << text(result);
  EXPECT_EQ(readU32(&out[0]), device::packetHeader({0, 1}, 0, 7));
  EXPECT_EQ(readU32(&out[4]), 0x11223344u);
  EXPECT_EQ(readU32(&out[8]), 0x55667788u);
  EXPECT_EQ(readU32(&out[12]), 0u);
  EXPECT_EQ(*r.array.read32(device::tileAddress({0, 1}, 0xB0F30)), 0u);
}

TEST(ControlPackets, WrongParityIsLatched) {
  Rig r;
  controlPath(r);
  auto &in = r.buffer(0, 8);
  writeU32(&in[0], controlWord(0x100, 1, 0, 0) ^ 0x80000000);
  writeU32(&in[4], 1);
  r.transfer(0, MM2S, 0, 1, packet(0, 2, 1), 0, 0, true);
  r.wait(0, MM2S, 0);
  const RunResult result = r.run();
  ASSERT_EQ(result.state, RunState::Completed) << text(result);
  EXPECT_EQ(*r.array.read32(device::tileAddress({0, 1}, 0xB0F30)), 2u);
  EXPECT_EQ(r.array.tile({0, 1})->memory.word(0x100), 0u);
}

} // namespace
} // namespace ashlar::emulator
