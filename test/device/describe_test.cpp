// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Register writes in words, on the writes of a public design.
#include "device/describe.h"

#include <gtest/gtest.h>

using namespace ashlar::device;

TEST(Describe, Writes) {
  EXPECT_EQ(describeWrite(0x0003F034, 0x80000005), "North1 <- South3");
  EXPECT_EQ(describeWrite(0x0003F114, 0x80000000), "South3 on");
  EXPECT_EQ(describeWrite(0x0003F008, 0xC0000045), "South0 <- packets of arbiter 5, msel mask 0x8");
  EXPECT_EQ(describeWrite(0x0003F200, 0x0F1F0135),
            "TileControl0 rule 0: id 15 mask 31 -> arbiter 5, msel 3");
  EXPECT_EQ(describeWrite(0x0021DE14, 2), "MM2S0 start: BD 2");
  EXPECT_EQ(describeWrite(0x0001D204, 0x80030000), "S2MM0 start: BD 0, 4 times, with token");
  EXPECT_EQ(describeWrite(0x0021F020, 2), "lock 2 = 2");
  EXPECT_EQ(describeWrite(0x00200400, 7), "memory 0x400 = 0x00000007");
  EXPECT_EQ(describeWrite(0x00700000, 7), "0x00700000 = 0x00000007");
}

TEST(Describe, MaskWrites) {
  EXPECT_EQ(describeMaskWrite(0x00232000, 1, 1), "Core_Control[Enable=1]");
  EXPECT_EQ(describeMaskWrite(0x00232000, 2, 0), "Core_Control[Reset=0]");
  EXPECT_NE(describeMaskWrite(0x0021DE00, 0, 1).find("nothing"), std::string::npos);
  EXPECT_EQ(describeMaskWrite(0x00298765 & ~3u, 1, 1), "0x98764 bits 0x1 = 0x1");
}

TEST(Describe, Blocks) {
  const uint32_t bd[] = {0x00C00100, 0, 0, 0, 0, 0x0E043FE0};
  EXPECT_EQ(describeBlock(0x0021D000, bd),
            "BD 0: acquire lock 0 >= 1, 256 words at 0xc00, release lock 1 +1, then BD 1");
  const uint32_t words[4] = {};
  EXPECT_EQ(describeBlock(0x00220010, words), "program 0x10, 16 bytes");
  EXPECT_EQ(describeBlock(0x00100010, words), "memory 0x10, 16 bytes");
  Bd m;
  m.length = 64;
  m.acquire = BdLock{64 + 3, -1};
  m.release = BdLock{2, 1};
  m.dims[1] = {4, 16};
  m.pads[0] = {1, 2};
  EXPECT_EQ(describeBd(TileKind::Mem, m), "acquire lock 3 >= 1, 64 words at 0x0, walked [4x16], "
                                          "dimension 0 padded 1+2, release west lock 2 +1");
}
