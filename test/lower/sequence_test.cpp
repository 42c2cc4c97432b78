// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Runtime sequences beyond the everyday: run-time values, resets, transfers that one descriptor
// cannot say, the legacy words for flows.
#include "lower/run.h"

#include "lower/split.h"

#include <gmock/gmock.h>
#include <random>

namespace ashlar::lower {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

TEST(Sequence, ScalarArgumentsAreGivenValues) {
  const std::string text = wrap(R"(
    %s = aie.tile(0, 0)
    aie.shim_dma_allocation @in (%s, MM2S, 0)
    aie.runtime_sequence(%a: memref<256xi32>, %n: i64, %go: i1) {
      scf.if %go {
        %c0 = arith.constant 0 : index
        %c1 = arith.constant 1 : index
        %end = arith.index_cast %n : i64 to index
        %len = arith.trunci %n : i64 to i32
        %first = aiex.dma_configure_task_for @in {
          aie.dma_bd(%a : memref<256xi32> offset = 0 len = %len sizes = [1, 1, 1, %n] strides = [0, 0, 0, 1])
          aie.end
        } {issue_token = true}
        aiex.dma_start_task(%first)
        %last = scf.for %i = %c1 to %end step %c1 iter_args(%before = %first) -> (index) {
          %t = aiex.dma_configure_task_for @in {
            aie.dma_bd(%a : memref<256xi32> offset = 0 len = 8 sizes = [1, 1, 1, 8] strides = [0, 0, 0, 1])
            aie.end
          } {issue_token = true}
          aiex.dma_start_task(%t)
          aiex.dma_free_task(%before)
          scf.yield %t : index
        }
        aiex.dma_await_task(%last)
      }
    })");
  auto missing = run(text);
  ASSERT_FALSE(missing->errors.empty());
  EXPECT_EQ(missing->errors[0].code, "runtime-value");
  EXPECT_THAT(missing->errors[0].remedy, HasSubstr("--sequence-arg 2=VALUE"));
  Options options;
  options.sequenceArguments = {{1, 3}, {2, 0}};
  EXPECT_TRUE(sequence(*good(text, options)).empty());
  options.sequenceArguments = {{1, 3}, {2, 1}};
  // The second task takes BD 1, the third BD 0 again: the loop carries the task that it frees.
  EXPECT_THAT(sequence(*good(text, options)),
              ElementsAre("block 1d000 3 0 0 0 80000000 2000000 0 2000000", "patch 1d004 0 0",
                          "mask 1d210 f00 1f00", "write 1d214 80000000",
                          "block 1d020 8 0 0 0 80000000 2000000 0 2000000", "patch 1d024 0 0",
                          "mask 1d210 f00 1f00", "write 1d214 80000001",
                          "block 1d000 8 0 0 0 80000000 2000000 0 2000000", "patch 1d004 0 0",
                          "mask 1d210 f00 1f00", "write 1d214 80000000", "sync MM2S 0 (0,0)"));
}

TEST(Sequence, ResetsArePulses) {
  auto r = good(wrap(R"(
    %c = aie.tile(0, 2)
    %m = aie.tile(0, 1)
    aie.runtime_sequence() {
      aiex.core_reset(%c)
      aiex.dma_channel_reset(%c, MM2S, 1)
      aiex.dma_channel_reset(%m, S2MM, 3)
    })"));
  EXPECT_THAT(sequence(*r), ElementsAre("mask 232000 2 2", "mask 232000 0 2", "mask 21de18 2 2",
                                        "mask 21de18 0 2", "mask 1a0618 2 2", "mask 1a0618 0 2"));
}

TEST(Sequence, AFifoIsStartedAnew) {
  auto r = good(wrap(R"(
    %s = aie.tile(0, 0)
    %c = aie.tile(0, 2)
    aie.objectfifo @f(%s, {%c}, 2 : i32) : !aie.objectfifo<memref<8xi32>>
    aie.runtime_sequence() {
      aiex.dma_channel_reset_for(@f)
    })"));
  // Channel, both locks, and the task with the first descriptor; nothing in the shim tile.
  EXPECT_THAT(sequence(*r), ElementsAre("mask 21de00 2 2", "mask 21de00 0 2", "write 21f000 2",
                                        "write 21f010 0", "write 21de04 0"));
}

/// The words were compared with what the vendor's tools write for the same packets.
TEST(Sequence, ControlPacketsAreWordsOfABufferAndOneTransferEach) {
  auto r = good(wrap(R"(
    %s = aie.tile(0, 0)
    %c = aie.tile(0, 2)
    aie.runtime_sequence(%a : memref<8xi32>) {
      aiex.control_packet {address = 2224128 : ui32, data = array<i32: 2>, opcode = 0 : i32, stream_id = 0 : i32}
      aiex.control_packet {address = 2224160 : ui32, data = array<i32: 3, 4, 5, 6>, opcode = 2 : i32, stream_id = 9 : i32}
      aiex.control_packet {address = 2098176 : ui32, length = 4 : i32, opcode = 1 : i32, stream_id = 2 : i32}
    })"));
  ASSERT_TRUE(r->lowered);
  const plan::RuntimeSequence &s = r->plan().sequences.at(0);
  EXPECT_THAT(s.controlWords, ElementsAre(0x8000001B, 0x0001F000, 2, 0x8000001B, 0x09B1F020, 3, 4,
                                          5, 6, 0x8000001B, 0x02700400));
  ASSERT_EQ(s.arguments.size(), 2u);
  EXPECT_EQ(s.arguments[1].bytes, s.controlWords.size() * 4);
  const std::vector<std::string> ops = sequence(*r);
  ASSERT_EQ(ops.size(), 15u); // descriptor, address, token's id, queue, wait: three times
  EXPECT_EQ(ops[1], "patch 1d004 1 0");
  EXPECT_EQ(ops[6], "patch 1d004 1 12");
  EXPECT_EQ(ops[11], "patch 1d004 1 36");
  EXPECT_EQ(ops[13], "write 1d214 80000000");
  // The route: from the shim's DMA to the control ports of both tiles and the memtile between.
  EXPECT_EQ(r->plan().controlRoutes.size(), 3u);
  bool reaches = false;
  for (const plan::Switchbox &box : r->plan().switchboxes)
    for (const plan::MasterSet &m : box.masterSets)
      reaches |= box.tile == device::TileId{0, 2} && m.dest.bundle == plan::Bundle::TileControl;
  EXPECT_TRUE(reaches);
}

TEST(Sequence, OneSequenceRunsAnother) {
  Options options;
  options.sequenceArguments = {{1, 32}};
  auto r = good(wrap(R"(
    aie.runtime_sequence @inner(%m : memref<8xi32>, %n : i32) {
      aiex.npu.address_patch {addr = 0x1d004 : ui32, arg_idx = 0 : i32, arg_plus = 0 : i32}
      aiex.npu.write32(%n, %n) : i32, i32
    }
    aie.runtime_sequence @outer(%a : memref<8xi32>) {
      aiex.configure @main {
        %k = arith.constant 64 : i32
        aiex.run @inner(%a, %k) : (memref<8xi32>, i32)
      }
    })"),
                options);
  ASSERT_TRUE(r->lowered);
  ASSERT_EQ(r->plan().sequences.size(), 2u);
  EXPECT_THAT(sequence(*r, 1), ElementsAre("patch 1d004 0 0", "write 40 40"));
}

TEST(Sequence, MemoryIsCleared) {
  auto r = good(wrap(R"(
    %t = aie.tile(1, 2)
    aie.runtime_sequence() {
      aiex.buffer_clear(%t, 16, 3)
    })"));
  ASSERT_TRUE(r->lowered);
  EXPECT_THAT(sequence(*r), ElementsAre("block 2200010 0 0 0"));
}

/// Which devices a sequence configures, and how many operations each gets.
std::string changes(const plan::Plan &plan, size_t sequence = 0) {
  std::string out;
  size_t count = 0;
  for (const plan::SequenceOp &op : plan.sequences.at(sequence).ops)
    if (const auto *load = std::get_if<plan::LoadPdi>(&op.op)) {
      out += fmt::format("{} @{} ", count, load->device);
      count = 0;
    } else {
      ++count;
    }
  return out + std::to_string(count);
}

TEST(Sequence, OtherDevicesAreConfigured) {
  const std::string others = R"(
  aie.device(npu1) @a {
    %t = aie.tile(0, 2)
    %l = aie.lock(%t, 3)
    aie.runtime_sequence @one(%m : memref<8xi32>, %n : i32) {
      aiex.npu.address_patch {addr = 0x1d004 : ui32, arg_idx = 0 : i32, arg_plus = 0 : i32}
      aiex.set_lock(%l, 5)
      aiex.npu.write32(%n, %n) : i32, i32
    }
    aie.runtime_sequence @two(%x : memref<8xi32>) {
      %k = arith.constant 16 : i32
      aiex.run @one(%x, %k) : (memref<8xi32>, i32)
      aiex.configure @b { aiex.run @one(%x) : (memref<8xi32>) }
    }
  }
  aie.device(npu1_1col) @b {
    aie.runtime_sequence @one(%m : memref<8xi32>) {
      aiex.npu.write32 {address = 8 : ui32, value = 9 : ui32}
    }
  })";
  const auto text = [&](std::string_view own, std::string_view body) {
    return fmt::format("module {{{}\n  aie.device(npu1) {{\n{}\n    aie.runtime_sequence(%m : "
                       "memref<8xi32>) {{\n{}\n    }}\n  }}\n}}\n",
                       others, own, body);
  };
  // The device that no other configures is the package's, though it stands last.
  auto r = good(text("", R"(
      %k = arith.constant 32 : i32
      aiex.configure @a { aiex.run @one(%m, %k) : (memref<8xi32>, i32) }
      aiex.configure @b { aiex.run @one(%m) : (memref<8xi32>) }
      aiex.configure @a { aiex.run @two(%m) : (memref<8xi32>) })"));
  ASSERT_TRUE(r->lowered);
  EXPECT_EQ(r->plan().name, "main");
  ASSERT_EQ(r->plan().others.size(), 2u);
  EXPECT_EQ(changes(r->plan()), "0 @a 3 @b 1 @a 3 @b 1");
  EXPECT_TRUE(r->warnings.empty());
  Options main;
  main.device = "main";
  // A package that holds something finds it again in the next run; its own sequence goes first.
  r = good(text("    %s = aie.tile(0, 0)\n    %l = aie.lock(%s)", R"(
      aiex.npu.write32 {address = 4 : ui32, value = 5 : ui32}
      aiex.npu.load_pdi {device_ref = @b}
      aiex.npu.write32 {address = 4 : ui32, value = 5 : ui32})"),
           main);
  ASSERT_TRUE(r->lowered);
  EXPECT_EQ(changes(r->plan()), "1 @b 1 @main 0");
  ASSERT_EQ(r->warnings.size(), 1u);
  EXPECT_THAT(r->warnings[0].str(), HasSubstr("configured as @b here"));
  // The package's own is there the first time, and starts anew after that.
  r = good(text("", "aiex.configure @main {\n}\naiex.configure @main {\n}"), main);
  ASSERT_TRUE(r->lowered);
  EXPECT_EQ(changes(r->plan()), "0 @main 0");
  auto bad = run(text("", "aiex.configure @a { aiex.run @three(%m) : (memref<8xi32>) }"));
  ASSERT_FALSE(bad->errors.empty());
  EXPECT_THAT(bad->errors[0].str(), HasSubstr("device @a has no runtime sequence 'three'"));
  Options options;
  options.controlRoutes = true;
  bad = run(text("", "aiex.configure @a {\n}"), options);
  ASSERT_FALSE(bad->errors.empty());
  EXPECT_THAT(bad->errors[0].str(), HasSubstr("control packets configure one device"));
  bad = run("module {\n aie.device(npu1) @wide {\n }\n aie.device(npu1_1col) {\n "
            "aie.runtime_sequence() { aiex.configure @wide {\n } }\n }\n}\n");
  ASSERT_FALSE(bad->errors.empty());
  EXPECT_THAT(bad->errors[0].str(), HasSubstr("@wide needs 4 columns"));
}

TEST(Sequence, TooLongDimensionsAreWrittenOtherwise) {
  // 2000 words are too many for the innermost dimension, but not for one contiguous run, which the
  // iteration then repeats; 1500 rows with gaps go where no count is kept.
  auto r = good(wrap(R"(
    %t = aie.tile(0, 0)
    aie.shim_dma_allocation @s (%t, MM2S, 0)
    aie.runtime_sequence(%a : memref<16000xi32>) {
      aiex.npu.dma_memcpy_nd(%a[0, 0, 0, 0][1, 1, 2, 2000][0, 0, 4000, 1]) {id = 3 : i64, metadata = @s} : memref<16000xi32>
      aiex.npu.dma_memcpy_nd(%a[0, 0, 0, 0][1, 4, 1500, 4][0, 40000, 8, 1]) {id = 4 : i64, metadata = @s} : memref<16000xi32>
    })"));
  EXPECT_THAT(sequence(*r),
              ElementsAre("block 1d060 7d0 0 0 0 80000000 2000000 100f9f 2000000",
                          "patch 1d064 0 0", "write 1d214 10003",
                          "block 1d080 1770 0 0 400000 80100000 2000007 309c3f 2000000",
                          "patch 1d084 0 0", "write 1d214 30004"));
}

TEST(Sequence, OverlongStridesAreSplitOverDescriptors) {
  auto r = good(wrap(R"(
    %t = aie.tile(0, 0)
    aie.shim_dma_allocation @s (%t, MM2S, 0)
    aie.runtime_sequence(%a : memref<16000xi32>) {
      aiex.npu.dma_memcpy_nd(%a[0, 0, 0, 0][1, 1, 3, 8][0, 0, 2000000, 1]) {id = 1 : i64, metadata = @s, issue_token = true} : memref<16000xi32>
      aiex.npu.dma_memcpy_nd(%a[0, 0, 0, 0][1, 1, 1, 8][0, 0, 0, 1]) {id = 0 : i64, metadata = @s} : memref<16000xi32>
    })"));
  // BD 0 is the other transfer's; the pieces are one task, 1 to 2 to 3.
  EXPECT_THAT(sequence(*r),
              ElementsAre("block 1d020 8 0 0 0 80000000 2000000 0 16000000", "patch 1d024 0 0",
                          "block 1d040 8 0 0 0 80000000 2000000 0 1e000000",
                          "patch 1d044 0 8000000", "block 1d060 8 0 0 0 80000000 2000000 0 2000000",
                          "patch 1d064 0 16000000", "mask 1d210 f00 1f00", "write 1d214 80000001",
                          "block 1d000 8 0 0 0 80000000 2000000 0 2000000", "patch 1d004 0 0",
                          "write 1d214 0"));
}

std::vector<int64_t> visit(const Pattern &p) {
  std::vector<int64_t> out{p.offset};
  for (const auto &[size, stride] : p.dims) {
    std::vector<int64_t> next;
    for (int64_t base : out)
      for (int64_t i = 0; i < size; ++i) next.push_back(base + i * stride);
    out = std::move(next);
  }
  return out;
}

TEST(Sequence, PiecesOfAPatternVisitWhatThePatternVisits) {
  std::mt19937 random(7);
  int split = 0, chains = 0;
  for (int round = 0; round < 3000; ++round) {
    SCOPED_TRACE(fmt::format("round {}", round));
    const int bits = round % 3 == 0 ? 8 : round % 3 == 1 ? 16 : 32;
    Pattern p;
    p.offset = 64;
    for (size_t i = 0; i < 4; ++i) {
      static constexpr int64_t sizes[] = {1, 1, 2, 3, 4, 7, 70, 300, 1500};
      static constexpr int64_t strides[] = {4, 16, 64, 1000, 4096, 1 << 21, 3 << 20};
      p.dims[i] = {sizes[random() % 9], strides[random() % 7]};
    }
    p.dims[3] = {int64_t(4) << random() % 10, 1};
    if (random() % 4 == 0) p.dims[0].second = 0;
    int64_t elements = 1;
    for (const auto &[size, stride] : p.dims) elements *= size;
    if (elements > 50000) continue;
    const auto pieces = splitPattern(p, bits, 16);
    if (!pieces) continue;
    // Several tasks must find room in the start queue; one task's chain has all descriptors.
    EXPECT_LE(pieces->size(), chainable(*pieces) ? 16u : 4u);
    split += pieces->size() > 1;
    chains += pieces->size() > 4;
    std::vector<int64_t> all;
    for (const Pattern &piece : *pieces) {
      const auto part = visit(piece);
      all.insert(all.end(), part.begin(), part.end());
      EXPECT_LE(piece.dims[0].first, piece.dims[0].second == 0 ? 256 : 64);
      EXPECT_LE(piece.dims[2].first, 1023);
    }
    EXPECT_EQ(all, visit(p));
  }
  EXPECT_GT(split, 50);
  EXPECT_GT(chains, 20);
}

TEST(Sequence, TokensOfOtherTilesKeepTheirHeader) {
  auto r = good(wrap(R"(
    %s = aie.tile(0, 0) {controller_id = #aie.packet_info<pkt_type = 0, pkt_id = 2>}
    %c = aie.tile(0, 2) {controller_id = #aie.packet_info<pkt_type = 0, pkt_id = 1>}
    aie.packet_flow(1) {
      aie.packet_source<%c, TileControl : 0>
      aie.packet_dest<%s, South : 0>
    }
    aie.packet_flow(2) {
      aie.packet_source<%s, TileControl : 0>
      aie.packet_dest<%s, South : 0>
    })"));
  ASSERT_TRUE(r->lowered);
  for (const plan::Switchbox &box : r->plan().switchboxes)
    for (const plan::MasterSet &set : box.masterSets)
      if (box.tile.row == 0 && set.dest == plan::Port{plan::Bundle::South, 0})
        EXPECT_EQ(set.keepHeader, true);
}

TEST(Sequence, SourcesOfOneIdShareTheWayOnceTheyMeet) {
  // Two ways for one id from one port would send every packet along both.
  std::string text = "%s = aie.tile(0, 0)\n";
  for (int i = 0; i < 3; ++i)
    text += fmt::format("%t{0} = aie.tile(0, {1})\naie.packet_flow(0) {{\naie.packet_source<%t{0}, "
                        "DMA : 0>\naie.packet_dest<%s, DMA : 0>\n}}\n",
                        i, i + 2);
  auto r = good(wrap(text));
  ASSERT_TRUE(r->lowered);
  for (const Diagnostic &d : r->warnings) EXPECT_NE(d.code, "duplicated-packets") << d.str();
  for (const plan::Switchbox &box : r->plan().switchboxes)
    for (const plan::PacketRules &rules : box.packetRules)
      for (const plan::PacketRule &rule : rules.rules) {
        int ways = 0;
        for (const plan::MasterSet &set : box.masterSets)
          ways += set.arbiter == rule.arbiter && (set.mselMask >> rule.msel & 1);
        EXPECT_EQ(ways, 1) << box.tile.str();
      }
}

TEST(Sequence, LegacyWordsForFlows) {
  auto r = good(wrap(R"(
    %s = aie.tile(0, 0)
    %a = aie.tile(0, 2)
    %b = aie.tile(0, 3)
    aiex.multicast(%s, "DMA" : 0) {
      aiex.multi_dest<%a, "DMA" : 0>
      aiex.multi_dest<%b, "DMA" : 0>
    }
    aiex.broadcast_packet(%s, "DMA" : 1) {
      aiex.bp_id(0x1) { aiex.bp_dest<%a, "DMA" : 1> }
      aiex.bp_id(0x2) { aiex.bp_dest<%b, "DMA" : 1> }
    })"));
  EXPECT_EQ(r->plan().switchboxes.size(), 4u);
}

} // namespace
} // namespace ashlar::lower
