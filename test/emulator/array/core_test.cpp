// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Core programs among their neighbours: streams, cascade, shared memory and locks, control
// registers, faults, and what the sanitizer sees of a program.
#include "rig.h"

#include "emulator/array/sanitizer.h"

#include "assembler/assembler.h"
#include "emulator/array/sanitizer.h"
#include "emulator/array/timeline.h"
#include "emulator/tile/core_slot.h"

namespace ashlar::emulator {
namespace {

using enum DmaDirection;

Bd linear(uint64_t address, uint32_t words) {
  Bd b;
  b.address = address;
  b.length = words;
  return b;
}

/// One instruction or bundle a line; "nop*5" is five.
void program(Rig &r, TileId tile, const std::vector<std::string> &lines) {
  std::string text = "\t.text\n";
  for (const std::string &line : lines) {
    const size_t star = line.find('*');
    const int times = star == std::string::npos ? 1 : std::stoi(line.substr(star + 1));
    for (int i = 0; i < times; ++i) text += "\t" + line.substr(0, star) + "\n";
  }
  const auto file = assembler::assemble(text, "program.s");
  ASSERT_TRUE(file.ok()) << file.errors()[0].str();
  for (const auto &s : file->sections) {
    if (s.name != ".text") continue;
    std::vector<uint32_t> words((s.data.size() + 3) / 4);
    std::memcpy(words.data(), s.data.data(), s.data.size());
    ASSERT_TRUE(r.array.writeBlock(device::tileAddress(tile, reg::kProgramMemory), words).ok());
  }
  r.write(tile, reg::kCoreControl, 1);
}

RunResult runFor(Rig &r, uint32_t cycles) {
  r.ops.push_back({DelayOp{cycles}, 0});
  r.ops.push_back({NoOp{}, 0});
  return r.run();
}

uint32_t word(Rig &r, TileId t, uint32_t address) { return r.array.tile(t)->memory.word(address); }

TEST(CoresInTheArray, StreamsInAndOut) {
  Rig r;
  r.shim(0);
  r.connect({0, 0}, {PortBundle::South, 3}, {PortBundle::North, 0});
  r.connect({0, 1}, {PortBundle::South, 0}, {PortBundle::North, 0});
  r.connect({0, 2}, {PortBundle::South, 0}, {PortBundle::Core, 0});
  r.connect({0, 2}, {PortBundle::Core, 0}, {PortBundle::South, 0});
  r.connect({0, 1}, {PortBundle::North, 0}, {PortBundle::South, 0});
  r.connect({0, 0}, {PortBundle::North, 0}, {PortBundle::South, 2});
  program(r, {0, 2},
          {"mov r1, SS", "nop*7", "add r1, r1, #3", "nop", "mov ms, r1", "nop*4", "j #0", "nop*5"});
  auto &in = r.buffer(0, 256);
  auto &out = r.buffer(1, 256);
  fillRandom(in, 8);
  r.transfer(0, S2MM, 0, 0, linear(0, 64), 1, 0, true);
  r.transfer(0, MM2S, 0, 1, linear(0, 64), 0);
  r.wait(0, S2MM, 0);
  const RunResult result = r.run();
  ASSERT_EQ(result.state, RunState::Completed) << text(result);
  for (size_t i = 0; i < 256; i += 4) EXPECT_EQ(readU32(&out[i]), readU32(&in[i]) + 3);
  const CoreStats &s = r.array.tile({0, 2})->core()->core().stats();
  EXPECT_GT(s.streamStalls, 0u);
  EXPECT_EQ(s.cycles, s.bundles + s.streamStalls + s.memoryStalls + s.lockStalls);
}

TEST(CoresInTheArray, TheCascadeCarries512Bits) {
  Rig r;
  for (uint32_t i = 0; i < 16; ++i) r.write({0, 3}, 4 * i, 0x1000 + i);
  program(r, {0, 3},
          {"movxm p0, #0x70000", "nop", "vlda wl0, [p0, #0]", "vlda wh0, [p0, #32]", "nop*7",
           "vmov MCD, x0", "nop*5", "done", "nop*5"});
  program(r, {0, 2},
          {"movxm p0, #0x70100", "nop", "vmov x1, SCD", "nop*7", "vst wl1, [p0, #0]",
           "vst wh1, [p0, #32]", "nop*7", "done", "nop*5"});
  const RunResult result = runFor(r, 200);
  ASSERT_EQ(result.state, RunState::Completed) << text(result);
  for (uint32_t i = 0; i < 16; ++i) EXPECT_EQ(word(r, {0, 2}, 0x100 + 4 * i), 0x1000 + i);
  EXPECT_TRUE(*r.array.read32(device::tileAddress({0, 2}, reg::kCoreStatus)) &
              reg::kCoreStatusDone);
}

TEST(CoresInTheArray, ACascadeNobodyReadsIsExplained) {
  Rig r(2);
  r.write({0, 3}, reg::kAccumulatorControl, 2); // output east, but (1,3) reads from the north
  program(r, {0, 3}, {"vmov MCD, x0", "j #0", "nop*5"});
  r.ops.push_back({PollOp{device::tileAddress({0, 3}, reg::kCoreStatus), reg::kCoreStatusDone,
                          reg::kCoreStatusDone},
                   0});
  RunOptions options;
  options.idleCycles = 100000;
  const RunResult result = r.run(options);
  ASSERT_EQ(result.state, RunState::Hang);
  EXPECT_NE(text(result).find("writes its cascade output at pc 0x0, which no neighbour is "
                              "configured to read"),
            std::string::npos)
      << text(result);
  EXPECT_NE(text(result).find("waits until Core_Status of tile (0,3) & 0x100000 is 0x100000"),
            std::string::npos)
      << text(result);
}

TEST(CoresInTheArray, NeighboursShareMemoryAndLocks) {
  Rig r;
  // The upper core writes into the lower one's memory and releases its lock.
  program(r, {0, 3},
          {"movxm p0, #0x40000", "movxm r0, #123456", "movx r1, #1", "st r0, [p0, #0]", "nop*5",
           "rel #0, r1", "nop*5", "done", "nop*5"});
  program(r, {0, 2},
          {"movx r0, #-1", "movxm p0, #0x70000", "acq #48, r0", "nop*5", "lda r1, [p0, #0]",
           "nop*7", "st r1, [p0, #64]", "nop*5", "done", "nop*5"});
  const RunResult result = runFor(r, 200);
  ASSERT_EQ(result.state, RunState::Completed) << text(result);
  EXPECT_EQ(word(r, {0, 2}, 64), 123456u);
  EXPECT_EQ(r.array.tile({0, 2})->locks.value(0), 0);
}

TEST(CoresInTheArray, AMemoryThatIsNotThereIsAFault) {
  Rig r;
  program(r, {0, 2}, {"movxm p0, #0x50000", "nop", "lda r0, [p0, #0]", "nop*8", "done", "nop*5"});
  const RunResult result = runFor(r, 100);
  ASSERT_EQ(result.state, RunState::Faulted);
  EXPECT_NE(text(result).find("core (0,2): "), std::string::npos) << text(result);
  EXPECT_NE(text(result).find("west neighbour's memory"), std::string::npos) << text(result);
}

TEST(CoresInTheArray, AWaitForALockIsExplained) {
  Rig r;
  r.array.names.locks[{{0, 2}, 5}] = {"of_in_cons_lock_0", "d.mlir:6:5"};
  r.array.names.cores[{0, 2}] = {"core_0_2", "d.mlir:8:5"};
  r.array.names.operations = {"d.mlir:20:7"};
  r.array.names.code = [](device::TileId, uint32_t) { return std::string("d.mlir:11"); };
  program(r, {0, 2}, {"movx r0, #-1", "acq #53, r0", "nop*4", "done", "nop*5"});
  r.ops.push_back({SyncOp{S2MM, 0, 0, 0, 1, 1}, 0});
  const RunResult result = r.run();
  ASSERT_EQ(result.state, RunState::Hang);
  EXPECT_NE(text(result).find("core (0,2) (core_0_2, d.mlir:8:5) waits for lock of_in_cons_lock_0 "
                              "(number 5 of core (0,2), d.mlir:6:5) >= 1; its value is 0 (pc 0x"),
            std::string::npos)
      << text(result);
  EXPECT_NE(text(result).find(" (d.mlir:11))"), std::string::npos) << text(result);
  EXPECT_NE(text(result).find("(operation 1 of 1, byte 0x0, d.mlir:20:7)"), std::string::npos)
      << text(result);
}

TEST(CoresInTheArray, CoresStayInResetUntilTheLaunch) {
  Rig r;
  program(r, {0, 2},
          {"movxm p0, #0x70000", "movx r0, #7", "st r0, [p0, #0]", "nop*5", "done", "nop*5"});
  r.array.idle(1000);
  EXPECT_EQ(word(r, {0, 2}, 0), 0u);
  EXPECT_EQ(*r.array.read32(device::tileAddress({0, 2}, reg::kCoreStatus)) & 2, 2u);
  ASSERT_EQ(runFor(r, 10).state, RunState::Completed);
  EXPECT_EQ(word(r, {0, 2}, 0), 7u);
}

TEST(CoresInTheArray, TheProcessorBusReachesTheTilesOwnRegistersWhenEnabled) {
  const std::vector<std::string> code = {
      "movxm p0, #0x9F010", "movx r0, #9", "nop", "st.tm r0, [p0]", "nop*8", "done", "nop*5"};
  Rig r;
  r.write({0, 2}, reg::kCoreProcessorBus, 1);
  program(r, {0, 2}, code); // lock 1 of the tile
  const RunResult result = runFor(r, 100);
  ASSERT_EQ(result.state, RunState::Completed) << text(result);
  EXPECT_EQ(r.array.tile({0, 2})->locks.value(1), 9);
  Rig off;
  program(off, {0, 2}, code);
  EXPECT_EQ(runFor(off, 100).state, RunState::Faulted);
}

TEST(CoresInTheArray, TheSanitizerSeesAProgram) {
  Rig r;
  Sanitizer sanitizer(r.array);
  r.array.sanitizer = &sanitizer;
  r.array.names.layouts[{0, 2}] = {0x400, 0x8000};
  r.array.names.buffers[{0, 2}] = {{0x400, 64, "rows", "d.mlir:4:1"}};
  program(r, {0, 2},
          {"movxm p0, #0x70400", "nop", "lda r0, [p0, #0]", "nop*7", "st r0, [p0, #64]", "nop*7",
           "lda r0, [p0, #64]", "nop*7", "done", "nop*5"});
  const RunResult result = runFor(r, 200);
  ASSERT_EQ(result.state, RunState::Completed);
  ASSERT_EQ(result.diagnostics.size(), 3u) << text(result);
  EXPECT_EQ(result.diagnostics[0].code, "sanitize-uninitialized");
  EXPECT_EQ(result.diagnostics[1].code, "sanitize-outside-buffer");
  EXPECT_NE(result.diagnostics[1].message.find("writes address 0x440 of core (0,2)"),
            std::string::npos);
  EXPECT_NE(result.diagnostics[2].message.find("reads address 0x440"), std::string::npos);
}

TEST(CoresInTheArray, TheSanitizerSeesAStackThatOutgrowsItsSize) {
  const auto findings = [](const char *stack) {
    Rig r;
    Sanitizer sanitizer(r.array);
    r.array.sanitizer = &sanitizer;
    r.array.names.layouts[{0, 2}] = {0x400, 0x8000};
    r.array.names.buffers[{0, 2}] = {{0x400, 64, "rows", "d.mlir:4:1"}};
    program(r, {0, 2},
            {stack, "movxm p0, #0x70400", "nop*7", "st r0, [p0, #0]", "nop*7", "st r0, [p0, #4]",
             "nop*7", "done", "nop*5"});
    const RunResult result = runFor(r, 200);
    EXPECT_EQ(result.state, RunState::Completed) << text(result);
    return result.diagnostics;
  };
  EXPECT_TRUE(findings("movxm sp, #0x70400").empty());
  const Diagnostics d = findings("movxm sp, #0x70420");
  ASSERT_EQ(d.size(), 1u); // said once
  EXPECT_EQ(d[0].code, "sanitize-stack");
  EXPECT_NE(d[0].message.find("has grown to 1056 bytes; it has 1024"), std::string::npos)
      << d[0].message;
}

TEST(CoresInTheArray, ASpinningCoreIsAHangAfterAWhile) {
  Rig r;
  program(r, {0, 2}, {"j #0", "nop*5"});
  r.ops.push_back({SyncOp{S2MM, 0, 0, 0, 1, 1}, 0});
  RunOptions options;
  options.idleCycles = 50000;
  const RunResult result = r.run(options);
  ASSERT_EQ(result.state, RunState::Hang);
  EXPECT_NE(text(result).find("core (0,2) runs (pc 0x"), std::string::npos) << text(result);
}

// Where no core is near, a DMA moves more words in one go. Nobody may see it by the clock: the
// cycle in which a chain of BDs, locks between them, is through is the same beside a core that
// spins.
TEST(CoresInTheArray, TransfersTakeTheSameTimeBesideARunningCore) {
  std::mt19937 rng(77);
  const TileId from{0, 2}, to{0, 3};
  for (int round = 0; round < 60; ++round) {
    const uint32_t length = 1 + rng() % 90, row = 1 + rng() % 20;
    const bool inTile = rng() % 2, rows = rng() % 2, slow = rng() % 3 == 0;
    const int start = static_cast<int>(rng() % 40);
    uint64_t done[2];
    for (const bool core : {false, true}) {
      Rig r;
      const TileId sink = inTile ? from : to;
      if (inTile) {
        r.connect(from, {PortBundle::Dma, 0}, {PortBundle::Dma, 0});
      } else {
        r.connect(from, {PortBundle::Dma, 0}, {PortBundle::North, 0});
        r.connect(to, {PortBundle::South, 0}, {PortBundle::Dma, 0});
      }
      for (const TileId t : {from, to}) {
        program(r, t,
                core ? std::vector<std::string>{"j #0", "nop*5"}
                     : std::vector<std::string>{"done", "nop*5"});
        r.lock(t, 0, 1);
      }
      r.array.releaseCores();
      r.array.idle(50);
      for (int i = 0; i < 2; ++i) {
        Bd b = linear(static_cast<uint64_t>(i) * 0x1000 + 0x400, length);
        b.next = static_cast<uint8_t>(1 - i);
        if (rows) { // pieces that are no longer than a row
          b.dims[0] = {row, 1};
          b.dims[1] = {0, 24};
        }
        r.bd(from, i, b);
        Bd in = linear(static_cast<uint64_t>(i) * 0x1000 + 0x6000, length);
        in.acquire = {{static_cast<uint16_t>(0), -1}};
        in.release = {{static_cast<uint16_t>(0), 1}};
        if (i == 0) in.next = 5;
        r.bd(sink, 4 + i, in);
      }
      r.start(from, MM2S, 0, 0);
      if (slow) r.array.idle(static_cast<uint64_t>(start)); // a backlog
      r.start(sink, S2MM, 0, 4);
      const uint64_t began = r.array.scheduler.now();
      while (!r.array.tile(sink)->s2mm[0]->idle() && r.array.scheduler.now() < began + 5000)
        r.array.idle(1);
      done[core] = r.array.scheduler.now() - began;
    }
    EXPECT_EQ(done[0], done[1]) << "round " << round << ": " << length << " words, rows of " << row
                                << (rows ? "" : " (not used)") << (inTile ? ", in a tile" : "")
                                << (slow ? ", late" : "");
    EXPECT_LT(done[0], 5000u);
  }
}

// The sanitizer names what the pipeline does not forgive, in code that has been executed.
TEST(Cores, ExecutedHazards) {
  const auto findings = [](const std::vector<std::string> &lines) {
    Rig r;
    Sanitizer sanitizer(r.array);
    r.array.sanitizer = &sanitizer;
    program(r, {0, 2}, lines);
    r.array.releaseCores();
    r.array.idle(100);
    sanitizer.ended(true);
    std::string all;
    for (const Diagnostic &d : sanitizer.take()) all += d.str() + "\n";
    return all;
  };
  EXPECT_EQ(findings({"mova r1, #3", "nop*7", "mul r0, r1, r1", "nop", "add r0, r1, #1", "nop*5",
                      "done", "nop*5"}),
            "");
  const std::string clash = findings(
      {"mova r1, #3", "nop*7", "mul r0, r1, r1", "add r0, r1, #1", "nop*5", "done", "nop*5"});
  EXPECT_NE(clash.find("[sanitize-hazard]"), std::string::npos) << clash;
  EXPECT_NE(clash.find("core (0,2) (pc 0x"), std::string::npos) << clash;
  // What lies behind the end has not been executed.
  EXPECT_EQ(findings({"done", "nop*5", "mul r0, r1, r1", "add r0, r1, #1", "nop*5"}), "");
}

} // namespace
} // namespace ashlar::emulator
