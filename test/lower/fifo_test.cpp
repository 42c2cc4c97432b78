// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Object FIFOs: what their buffers, locks and descriptors become, and where these lie.
#include "lower/run.h"

#include "device/bd.h"

#include <gmock/gmock.h>

namespace ashlar::lower {
namespace {

TEST(Lower, BroadcastSharesOneChannel) {
  auto r = good(wrap(R"(
    %s = aie.tile(0, 0)
    %a = aie.tile(0, 2)
    %b = aie.tile(1, 3)
    aie.objectfifo @f(%s, {%a, %b}, 2 : i32) : !aie.objectfifo<memref<8xi32>>)"));
  ASSERT_TRUE(r->lowered);
  ASSERT_EQ(r->plan().shimAllocations.size(), 1u);
  EXPECT_EQ(r->plan().shimAllocations[0].name, "f_shim_alloc");
  EXPECT_EQ(r->plan().dmas.size(), 2u);
  EXPECT_EQ(r->plan().buffers[0].name, "f_0_cons_buff_0");
}

TEST(Lower, ObjectsThatAMemtileHasNoRoomForGoToOneBesideIt) {
  const std::string text = R"(
    %s = aie.tile(0, 0)
    %m = aie.tile(0, 1)
    aie.objectfifo @in(%s, {%m}, 3 : i32) : !aie.objectfifo<memref<50000xi32>>
    aie.objectfifo @out(%m, {%s}, 3 : i32) : !aie.objectfifo<memref<50000xi32>>
    aie.objectfifo.link [@in] -> [@out] ([] []))";
  auto r = good(wrap(text));
  ASSERT_TRUE(r->lowered);
  int beside = 0;
  for (const plan::Buffer &b : r->plan().buffers) beside += b.tile == device::TileId{1, 1};
  EXPECT_EQ(beside, 1);
  // Its descriptors address the neighbour's memory, with the own tile's locks.
  int windows = 0;
  for (const plan::DmaProgram &d : r->plan().dmas)
    for (const plan::BdSlot &slot : d.bds) {
      EXPECT_EQ(d.tile, (device::TileId{0, 1}));
      windows += slot.bd.address >= 2 * device::kMemTileBytes;
      EXPECT_GE(slot.bd.acquire->id, 64);
      EXPECT_LT(slot.bd.acquire->id, 128);
    }
  EXPECT_EQ(windows, 2);
  std::string alone = wrap(text);
  alone.replace(alone.find("npu1"), 4, "npu1_1col");
  auto narrow = run(alone);
  ASSERT_FALSE(narrow->errors.empty());
  EXPECT_EQ(narrow->errors[0].code, "out-of-memory");
}

/// In the design's order, west before east; where that leaves an object without room, the largest
/// first. Ends that reach over take the channels that can.
TEST(Lower, ObjectsBesideAMemtileLieAsTheVendorPutsThem) {
  const auto places = [](const lower::Run &r) {
    std::vector<std::string> out;
    for (const plan::Buffer &b : r.plan().buffers)
      out.push_back(fmt::format("{}@{}", b.name, b.tile.col));
    return out;
  };
  auto both = good(wrap(R"(
    %s = aie.tile(1, 0)
    %m = aie.tile(1, 1)
    aie.objectfifo @in(%s, {%m}, 3 : i32) : !aie.objectfifo<memref<96000xi32>>
    aie.objectfifo @out(%m, {%s}, 2 : i32) : !aie.objectfifo<memref<96000xi32>>
    aie.objectfifo.link [@in] -> [@out] ([] []))"));
  ASSERT_TRUE(both->lowered);
  EXPECT_THAT(places(*both), testing::UnorderedElementsAre("in_cons_buff_0@1", "in_cons_buff_1@0",
                                                           "in_cons_buff_2@2"));
  auto sorted = good(wrap(R"(
    %s1 = aie.tile(1, 0)
    %s2 = aie.tile(2, 0)
    %s3 = aie.tile(3, 0)
    %m1 = aie.tile(1, 1)
    %m2 = aie.tile(2, 1)
    %m3 = aie.tile(3, 1)
    aie.objectfifo @block(%s3, {%m3}, 1 : i32) : !aie.objectfifo<memref<524000xi8>>
    aie.objectfifo @small(%s1, {%m1}, 2 : i32) : !aie.objectfifo<memref<260000xi8>>
    aie.objectfifo @large(%s2, {%m2}, 2 : i32) : !aie.objectfifo<memref<400000xi8>>)"));
  ASSERT_TRUE(sorted->lowered);
  EXPECT_THAT(places(*sorted),
              testing::UnorderedElementsAre("block_cons_buff_0@3", "large_cons_buff_0@2",
                                            "large_cons_buff_1@1", "small_cons_buff_0@0",
                                            "small_cons_buff_1@0"));
  auto channels = good(wrap(R"(
    %s = aie.tile(0, 0)
    %m = aie.tile(0, 1)
    aie.objectfifo @in0(%s, {%m}, 2 : i32) : !aie.objectfifo<memref<64000xi32>>
    aie.objectfifo @out0(%m, {%s}, 2 : i32) : !aie.objectfifo<memref<64000xi32>>
    aie.objectfifo.link [@in0] -> [@out0] ([] [])
    aie.objectfifo @in1(%s, {%m}, 2 : i32) : !aie.objectfifo<memref<64000xi32>>
    aie.objectfifo @out1(%m, {%s}, 2 : i32) : !aie.objectfifo<memref<64000xi32>>
    aie.objectfifo.link [@in1] -> [@out1] ([] []))"));
  ASSERT_TRUE(channels->lowered);
  for (const plan::DmaProgram &d : channels->plan().dmas)
    for (const plan::DmaStart &start : d.starts)
      for (const plan::BdSlot &slot : d.bds)
        if (slot.id == start.firstBd) {
          const bool over = slot.bd.address >= 2 * device::kMemTileBytes;
          EXPECT_EQ(start.channel, over ? 0 : 1);
        }
}

TEST(Lower, RepeatPaddingAndDimensionsReachTheDescriptor) {
  const std::string text = wrap(R"(
    %s = aie.tile(0, 0)
    %m = aie.tile(0, 1)
    %a = aie.tile(0, 2)
    aie.objectfifo @in(%s, {%m}, 1 : i32) : !aie.objectfifo<memref<32xi32>>
    aie.objectfifo @x(%m dimensionsToStream [<size = 4, stride = 8>, <size = 8, stride = 1>], {%a}, 1 : i32) {repeat_count = 4 : i32, padDimensions = #aie<bd_pad_layout_array[<const_pad_before = 1, const_pad_after = 0>, <const_pad_before = 2, const_pad_after = 3>]>} : !aie.objectfifo<memref<65xi32>>
    aie.objectfifo.link [@in] -> [@x] ([] []))");
  auto r = good(text);
  ASSERT_TRUE(r->lowered) << r->errors.at(0).str();
  for (const plan::DmaProgram &d : r->plan().dmas) {
    if (d.tile.row != 1) continue;
    EXPECT_EQ(d.bds.size(), 5u); // one to fill, one for each of the four readings
    for (const plan::DmaStart &start : d.starts) EXPECT_EQ(start.repeat, 0);
    int readings = 0;
    for (const plan::BdSlot &slot : d.bds) {
      if (slot.bd.dims[1].size == 0) {
        EXPECT_EQ(slot.bd.acquire->value, -4); // one fill serves four readings
        continue;
      }
      ++readings;
      EXPECT_EQ(slot.bd.dims[0], (device::BdDim{8, 1}));
      EXPECT_EQ(slot.bd.dims[1], (device::BdDim{4, 8}));
      EXPECT_EQ(slot.bd.pads[0], (device::BdPad{2, 3}));
      EXPECT_EQ(slot.bd.pads[1], (device::BdPad{1, 0}));
    }
    EXPECT_EQ(readings, 4);
  }
  // More repetitions than descriptors: the DMA's queue counts them.
  std::string often = text;
  often.replace(often.find("repeat_count = 4"), 16, "repeat_count = 40");
  r = good(often);
  ASSERT_TRUE(r->lowered);
  for (const plan::DmaProgram &d : r->plan().dmas)
    for (const plan::DmaStart &start : d.starts)
      if (d.tile.row == 1)
        EXPECT_EQ(start.repeat, start.direction == device::DmaDirection::MM2S ? 39 : 0);
}

TEST(Lower, FifosOverPacketsHaveIdsOfTheirOwn) {
  const std::string text = wrap(R"(
    %s = aie.tile(0, 0)
    %a = aie.tile(0, 2)
    %b = aie.tile(2, 3)
    aie.objectfifo @f(%s, {%a, %b}, 2 : i32) : !aie.objectfifo<memref<8xi32>>
    aie.objectfifo @g(%b, {%s}, 2 : i32) {packet_id = 7 : i32} : !aie.objectfifo<memref<8xi32>>)");
  // Only one asks for packets; or the option asks for all.
  auto r = good(text);
  ASSERT_TRUE(r->lowered);
  auto ids = [](const plan::Plan &p) {
    std::set<std::pair<device::TileId, int>> out;
    for (const plan::DmaProgram &d : p.dmas)
      for (const plan::BdSlot &slot : d.bds)
        if (slot.bd.packet) out.insert({d.tile, slot.bd.packet->id});
    return out;
  };
  EXPECT_EQ(ids(r->plan()), (std::set<std::pair<device::TileId, int>>{{device::TileId{2, 3}, 7}}));
  Options all;
  all.packetObjectFifos = true;
  r = good(text, all);
  ASSERT_TRUE(r->lowered);
  EXPECT_EQ(ids(r->plan()), (std::set<std::pair<device::TileId, int>>{{device::TileId{2, 3}, 7}}));
  std::set<int> ruled; // by the shim's switch: tokens, and both FIFOs
  for (const plan::Switchbox &box : r->plan().switchboxes) {
    EXPECT_TRUE(box.connects.empty());
    if (box.tile == device::TileId{0, 0})
      for (const plan::PacketRules &rules : box.packetRules)
        for (const plan::PacketRule &rule : rules.rules) ruled.insert(rule.id);
  }
  EXPECT_EQ(ruled, (std::set<int>{7, 8, 15}));
}

TEST(Lower, ConsumersMayTakeSmallerObjects) {
  auto r = good(wrap(R"(
    %m = aie.tile(0, 1)
    %a = aie.tile(0, 2)
    aie.objectfifo @f(%m, {%a}, 1 : i32) : !aie.objectfifo<memref<40xi32>> -> !aie.objectfifo<memref<10xi32>>
        = [dense<7> : memref<40xi32>])"));
  ASSERT_TRUE(r->lowered);
  for (const plan::DmaProgram &d : r->plan().dmas)
    for (const plan::BdSlot &slot : d.bds) EXPECT_EQ(slot.bd.length, d.tile.row == 1 ? 40u : 10u);
  r = run(wrap(R"(
    %m = aie.tile(0, 1)
    %a = aie.tile(0, 2)
    aie.objectfifo @f(%m, {%a}, 1 : i32) : !aie.objectfifo<memref<40xi32>> -> !aie.objectfifo<memref<12xi32>>)"));
  ASSERT_FALSE(r->lowered);
  EXPECT_EQ(r->errors.at(0).code, "bad-fifo");
}

/// Five objects held of a FIFO of depth two: the consumer's end, which has its own buffers, grows
/// to six; the producer's stays. Where memory is shared or depths are given for each end, nothing
/// can.
TEST(Lower, AnEndGrowsToWhatItsCoreHolds) {
  const auto text = [](std::string_view producer, std::string_view depth) {
    return wrap(fmt::format(R"(%s = aie.tile(0, 0)
    %a = aie.tile(0, 2)
    %b = aie.tile(0, 3)
    aie.objectfifo @f({}, {{%b}}, {}) : !aie.objectfifo<memref<16xi32>>
    aie.core(%b) {{
      %v = aie.objectfifo.acquire @f(Consume, 5) : !aie.objectfifosubview<memref<16xi32>>
      aie.objectfifo.release @f(Consume, 5)
      aie.end }})",
                            producer, depth));
  };
  auto grown = good(text("%s", "2 : i32"));
  ASSERT_TRUE(grown->lowered);
  EXPECT_EQ(grown->plan().buffers.size(), 6u);
  std::vector<int> starts;
  for (const plan::Lock &lock : grown->plan().locks)
    if (lock.tile.row == 3) starts.push_back(lock.init.value_or(-1));
  EXPECT_THAT(starts, testing::UnorderedElementsAre(6, 0));
  for (const auto &[producer, depth] : {std::pair("%a", "2 : i32"), std::pair("%s", "[2, 2]")}) {
    auto refused = run(text(producer, depth));
    ASSERT_FALSE(refused->errors.empty()) << producer << depth;
    EXPECT_EQ(refused->errors[0].code, "bad-fifo");
    EXPECT_EQ(refused->errors[0].message, "5 objects of 'f', which holds 2");
  }
  std::string many = text("%s", "2 : i32");
  for (size_t at; (at = many.find("Consume, 5")) != std::string::npos;)
    many.replace(at, 10, "Consume, 1000000");
  auto refused = run(many);
  ASSERT_FALSE(refused->errors.empty());
  EXPECT_EQ(refused->errors[0].message, "1000000 objects of 'f', which holds 62 at most");
}

TEST(Lower, PartsOfALinkEndWhereTheNextBegins) {
  auto r = good(wrap(R"(
    %s = aie.tile(0, 0)
    %m = aie.tile(0, 1)
    %a = aie.tile(0, 2)
    %b = aie.tile(0, 3)
    aie.objectfifo @in(%s, {%m}, 1 : i32) : !aie.objectfifo<memref<64xi32>>
    aie.objectfifo @x(%m, {%a}, 2 : i32) : !aie.objectfifo<memref<16xi32>>
    aie.objectfifo @y(%m, {%b}, 2 : i32) : !aie.objectfifo<memref<16xi32>>
    aie.objectfifo.link [@in] -> [@x, @y] ([] [0, 32]))"));
  ASSERT_TRUE(r->lowered);
  for (const plan::DmaProgram &d : r->plan().dmas)
    for (const plan::BdSlot &slot : d.bds) EXPECT_EQ(slot.bd.length, d.tile.row == 1 ? 32u : 16u);
}

} // namespace
} // namespace ashlar::lower
