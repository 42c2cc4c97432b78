// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Data through the array without a core program: shim -> core tile's DMA -> shim, with the locks
// and buffer rings of an object FIFO, all by register writes.
#include "rig.h"

#include "device/timing.h"

namespace ashlar::emulator {
namespace {

using enum DmaDirection;

Bd linear(uint64_t address, uint32_t words) {
  Bd b;
  b.address = address;
  b.length = words;
  return b;
}

/// Up: shim South3 -> North0, memtile South0 -> North0, core South0 -> DMA0. Down: DMA0 -> South0,
/// memtile North0 -> South0, shim North0 -> South2. In the core tile a ring of two buffers that
/// S2MM 0 fills and MM2S 0 empties.
void passthrough(Rig &r, uint32_t words) {
  const TileId shim{0, 0}, mem{0, 1}, core{0, 2};
  r.shim(0);
  r.connect(shim, {PortBundle::South, 3}, {PortBundle::North, 0});
  r.connect(mem, {PortBundle::South, 0}, {PortBundle::North, 0});
  r.connect(core, {PortBundle::South, 0}, {PortBundle::Dma, 0});
  r.connect(core, {PortBundle::Dma, 0}, {PortBundle::South, 0});
  r.connect(mem, {PortBundle::North, 0}, {PortBundle::South, 0});
  r.connect(shim, {PortBundle::North, 0}, {PortBundle::South, 2});
  r.lock(core, 0, 2);
  r.lock(core, 1, 0);
  for (int i = 0; i < 2; ++i) {
    Bd in = linear(0x400 + static_cast<uint64_t>(i) * 0x4000, words);
    in.acquire = {{0, -1}};
    in.release = {{1, 1}};
    in.next = static_cast<uint8_t>(1 - i);
    r.bd(core, i, in);
    Bd out = in;
    out.acquire = {{1, -1}};
    out.release = {{0, 1}};
    out.next = static_cast<uint8_t>(2 + 1 - i);
    r.bd(core, 2 + i, out);
  }
  r.start(core, S2MM, 0, 0);
  r.start(core, MM2S, 0, 2);
}

TEST(Passthrough, MovesEveryByte) {
  Rig r;
  passthrough(r, 64);
  auto &in = r.buffer(0, 4096);
  auto &out = r.buffer(1, 4096);
  fillRandom(in, 7);
  r.transfer(0, S2MM, 0, 0, linear(0, 1024), 1, 0, true);
  r.transfer(0, MM2S, 0, 1, linear(0, 1024), 0);
  r.wait(0, S2MM, 0);
  const RunResult result = r.run();
  ASSERT_EQ(result.state, RunState::Completed) << text(result);
  EXPECT_EQ(in, out);
  EXPECT_TRUE(result.diagnostics.empty()) << text(result);
  EXPECT_EQ(result.launch, static_cast<uint64_t>(device::timing::kLaunchOverhead));
  // One word a cycle, plus the controller's dispatches and cold DDR.
  EXPECT_GT(result.cycles, 1024u + device::timing::kDispatchGate);
  EXPECT_LT(result.cycles, 1024u + device::timing::kDispatchGate + 3500);
  EXPECT_EQ(result.array + result.offArray, result.cycles);
}

TEST(Passthrough, StatePersistsAndTimesAreReproducible) {
  uint64_t first = 0;
  for (int attempt = 0; attempt < 2; ++attempt) {
    Rig r;
    passthrough(r, 32);
    auto &in = r.buffer(0, 1024);
    auto &out = r.buffer(1, 1024);
    r.transfer(0, S2MM, 0, 0, linear(0, 256), 1, 0, true);
    r.transfer(0, MM2S, 0, 1, linear(0, 256), 0);
    r.wait(0, S2MM, 0);
    uint64_t cycles = 0;
    for (uint32_t i = 0; i < 5; ++i) {
      fillRandom(in, i);
      std::fill(out.begin(), out.end(), uint8_t{0});
      const RunResult result = r.run();
      ASSERT_EQ(result.state, RunState::Completed) << text(result);
      EXPECT_EQ(in, out);
      EXPECT_EQ(result.launch == 0, i > 0);
      cycles = cycles * 31 + result.cycles;
    }
    if (attempt) EXPECT_EQ(cycles, first);
    first = cycles;
  }
}

/// A sequence that sends one BD again, with another address and nothing else written.
TEST(Passthrough, APatchReplacesTheAddress) {
  Rig r;
  passthrough(r, 64);
  auto &in = r.buffer(0, 1024);
  auto &out = r.buffer(1, 1024);
  fillRandom(in, 9);
  r.transfer(0, S2MM, 0, 0, linear(0, 256), 1, 0, true);
  // What the BD held before does not count.
  r.transfer(0, MM2S, 0, 1, linear(0x5000, 128), 0, 0, true);
  const PatchOp first = std::get<PatchOp>(r.ops[r.ops.size() - 2].op);
  const ControllerOp push = r.ops.back();
  r.wait(0, MM2S, 0);
  r.ops.push_back({PatchOp{first.address, 0, 512}, r.ops.size()});
  r.ops.push_back({push.op, r.ops.size()});
  r.wait(0, S2MM, 0);
  const RunResult result = r.run();
  ASSERT_EQ(result.state, RunState::Completed) << text(result);
  EXPECT_EQ(in, out);
}

TEST(Passthrough, OneWordACycle) {
  // Twice the words cost one cycle a word more.
  uint64_t cycles[2];
  for (int i = 0; i < 2; ++i) {
    Rig r;
    passthrough(r, 1024);
    const uint32_t words = 8192u << i;
    r.buffer(0, words * 4);
    r.buffer(1, words * 4);
    r.transfer(0, S2MM, 0, 0, linear(0, words), 1, 0, true);
    r.transfer(0, MM2S, 0, 1, linear(0, words), 0);
    r.wait(0, S2MM, 0);
    const RunResult result = r.run();
    ASSERT_EQ(result.state, RunState::Completed) << text(result);
    cycles[i] = result.cycles;
  }
  EXPECT_NEAR(static_cast<double>(cycles[1] - cycles[0]), 8192, 8192 * 0.02);
}

TEST(Passthrough, AccessOutsideTheBufferIsAFault) {
  Rig r;
  passthrough(r, 32);
  r.buffer(0, 1000);
  r.buffer(1, 1024);
  r.transfer(0, S2MM, 0, 0, linear(0, 256), 1, 0, true);
  r.transfer(0, MM2S, 0, 1, linear(0, 256), 0);
  r.wait(0, S2MM, 0);
  const RunResult result = r.run();
  ASSERT_EQ(result.state, RunState::Faulted);
  ASSERT_FALSE(result.diagnostics.empty());
  EXPECT_EQ(result.diagnostics.back().code, "host-access");
  EXPECT_NE(result.diagnostics.back().message.find("byte 1000 of argument 0, which has 1000 bytes"),
            std::string::npos)
      << text(result);
}

TEST(Passthrough, AHangIsExplained) {
  Rig r;
  passthrough(r, 64);
  r.array.names.locks[{{0, 2}, 1}] = {"of_cons_lock_0", ""};
  r.buffer(0, 4096);
  r.buffer(1, 4096);
  // The output wants more than the input brings.
  r.transfer(0, S2MM, 0, 0, linear(0, 1024), 1, 0, true);
  r.transfer(0, MM2S, 0, 1, linear(0, 1000), 0);
  r.wait(0, S2MM, 0);
  const RunResult result = r.run();
  ASSERT_EQ(result.state, RunState::Hang);
  const std::string all = text(result);
  EXPECT_NE(all.find("waits for a task-complete token of S2MM 0 of shim (0,0)"), std::string::npos)
      << all;
  EXPECT_NE(all.find("S2MM 0 of shim (0,0) waits for stream data from MM2S 0 of core (0,2)"),
            std::string::npos)
      << all;
  EXPECT_NE(all.find("MM2S 0 of core (0,2) waits for lock of_cons_lock_0 (number 1 of core (0,2)) "
                     ">= 1; its value is 0"),
            std::string::npos)
      << all;
  EXPECT_NE(all.find("S2MM 0 of core (0,2) waits for stream data from MM2S 0 of shim (0,0)"),
            std::string::npos)
      << all;
  EXPECT_NE(all.find("MM2S 0 of shim (0,0) is idle: it has sent 1000 words in 1 task"),
            std::string::npos)
      << all;
}

TEST(Passthrough, ATokenWithoutAPathIsExplained) {
  Rig r;
  passthrough(r, 64);
  r.write({0, 0}, reg::switchSlave(TileKind::Shim, 0), 0); // TileControl off
  r.buffer(0, 256);
  r.buffer(1, 256);
  r.transfer(0, S2MM, 0, 0, linear(0, 64), 1, 0, true);
  r.transfer(0, MM2S, 0, 1, linear(0, 64), 0);
  r.wait(0, S2MM, 0);
  const RunResult result = r.run();
  ASSERT_EQ(result.state, RunState::Hang);
  EXPECT_NE(text(result).find("token that cannot leave"), std::string::npos) << text(result);
}

TEST(Passthrough, ATokenNobodyAskedForIsExplained) {
  Rig r;
  passthrough(r, 64);
  r.buffer(0, 256);
  r.buffer(1, 256);
  r.transfer(0, S2MM, 0, 0, linear(0, 64), 1);
  r.transfer(0, MM2S, 0, 1, linear(0, 64), 0);
  r.wait(0, S2MM, 0);
  const RunResult result = r.run();
  ASSERT_EQ(result.state, RunState::Hang);
  EXPECT_NE(text(result).find("did not ask for a token"), std::string::npos) << text(result);
}

TEST(Passthrough, AMissingArgumentIsNamed) {
  Rig r;
  passthrough(r, 64);
  r.buffer(0, 256);
  r.transfer(0, S2MM, 0, 0, linear(0, 64), 3, 0, true);
  const RunResult result = r.run();
  ASSERT_EQ(result.state, RunState::Faulted);
  EXPECT_EQ(result.diagnostics.back().code, "argument-missing");
}

} // namespace
} // namespace ashlar::emulator
