// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Logical tiles: where they go, what they share, when there is no place.
#include "lower/run.h"

#include <gmock/gmock.h>

namespace ashlar::lower {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::UnorderedElementsAre;

std::vector<std::string> tiles(const Run &r) {
  std::vector<std::string> out;
  for (const plan::Tile &t : r.plan().tiles) out.push_back(t.id.str());
  return out;
}

TEST(Place, ColumnByColumnAndShimsBelow) {
  std::string text;
  for (int i = 0; i < 5; ++i)
    text += fmt::format(
        "%c{0} = aie.logical_tile<CoreTile>(?, ?)\n"
        "%s{0} = aie.logical_tile<ShimNOCTile>(?, ?)\n"
        "aie.objectfifo @i{0}(%s{0}, {{%c{0}}}, 2 : i32) : !aie.objectfifo<memref<8xi32>>\n"
        "aie.core(%c{0}) {{ aie.end }}\n",
        i);
  auto r = good(wrap(text));
  ASSERT_TRUE(r->lowered);
  // Four cores fill column 0; its shim has two channels, so two streams come from column 1's.
  EXPECT_THAT(tiles(*r), testing::IsSupersetOf({"(0,2)", "(0,3)", "(0,4)", "(0,5)", "(1,2)"}));
  std::vector<std::string> shims;
  for (const auto &a : r->plan().shimAllocations)
    shims.push_back(fmt::format("{} {}", a.tile.str(), a.channel));
  EXPECT_THAT(shims, UnorderedElementsAre("(0,0) 0", "(0,0) 1", "(1,0) 0", "(1,0) 1", "(2,0) 0"));
}

TEST(Place, CoordinatesAndTakenTilesAreRespected) {
  auto r = good(wrap(R"(
    %t = aie.tile(0, 2)
    %a = aie.logical_tile<CoreTile>(?, 4)
    %b = aie.logical_tile<CoreTile>(2, 3)
    %c = aie.logical_tile<CoreTile>(?, ?)
    aie.core(%t) { aie.end }
    aie.core(%a) { aie.end }
    aie.core(%b) { aie.end }
    aie.core(%c) { aie.end })"));
  ASSERT_TRUE(r->lowered);
  std::vector<std::string> cores;
  for (const plan::Core &c : r->plan().cores) cores.push_back(c.tile.str());
  EXPECT_THAT(cores, ElementsAre("(0,2)", "(0,4)", "(2,3)", "(0,3)"));
}

TEST(Place, SharedBuffersAndCascadesStayWithinReach) {
  auto r = good(wrap(R"(
    %a = aie.logical_tile<CoreTile>(1, 3)
    %b = aie.logical_tile<CoreTile>(?, ?)
    %c = aie.logical_tile<CoreTile>(?, ?)
    %buffer = aie.buffer(%a) {sym_name = "shared"} : memref<8xi32>
    aie.cascade_flow(%a, %c)
    aie.core(%a) { aie.end }
    aie.core(%b) {
      %i = arith.constant 0 : index
      %v = arith.constant 1 : i32
      memref.store %v, %buffer[%i] : memref<8xi32>
      aie.end
    }
    aie.core(%c) { aie.end })"));
  ASSERT_TRUE(r->lowered) << r->errors.at(0).str();
  std::vector<std::string> cores;
  for (const plan::Core &c : r->plan().cores) cores.push_back(c.tile.str());
  // b reaches (1,3) from below; the cascade then goes east.
  EXPECT_THAT(cores, ElementsAre("(1,3)", "(1,2)", "(2,3)"));
}

TEST(Place, NoPlaceIsAnErrorThatSaysWhy) {
  std::string many;
  for (int i = 0; i < 17; ++i)
    many +=
        fmt::format("%c{0} = aie.logical_tile<CoreTile>(?, ?)\naie.core(%c{0}) {{ aie.end }}\n", i);
  auto r = run(wrap(many));
  ASSERT_FALSE(r->errors.empty());
  EXPECT_EQ(r->errors[0].code, "unplaceable");
  auto wrong = run(wrap("%c = aie.logical_tile<CoreTile>(?, 1)\naie.core(%c) { aie.end }"));
  ASSERT_FALSE(wrong->errors.empty());
  EXPECT_THAT(wrong->errors[0].str(), HasSubstr("row 1 holds no CoreTile"));
}

} // namespace
} // namespace ashlar::lower
