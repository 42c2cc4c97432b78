// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// BD words: images seen in public PDIs and instruction streams, and a sweep of random BDs.
#include "device/bd.h"

#include <array>
#include <gtest/gtest.h>
#include <random>

using namespace ashlar;
using namespace ashlar::device;

TEST(Bd, CoreImageOfALayerNormDesign) {
  Bd bd;
  bd.address = 0xC00;
  bd.length = 0x100;
  bd.acquire = BdLock{0, -1};
  bd.release = BdLock{1, 1};
  bd.next = 1;
  std::array<uint32_t, 6> w{};
  ASSERT_TRUE(encodeBd(TileKind::Core, bd, w).ok());
  EXPECT_EQ(w, (std::array<uint32_t, 6>{0x00C00100, 0, 0, 0, 0, 0x0E043FE0}));
  EXPECT_EQ(decodeBd(TileKind::Core, w), bd);
}

TEST(Bd, ShimImageOfALinearTransfer) {
  Bd bd;
  bd.length = 0x100;
  std::array<uint32_t, 8> w{};
  ASSERT_TRUE(encodeBd(TileKind::Shim, bd, w).ok());
  EXPECT_EQ(w, (std::array<uint32_t, 8>{0x100, 0, 0, 0, 0x80000000, 0x02000000, 0, 0x02000000}));
  EXPECT_EQ(decodeBd(TileKind::Shim, w), bd);
}

TEST(Bd, DecodingAndEncodingAgreeOnRandomWords) {
  std::mt19937 random(7);
  for (const TileKind kind : {TileKind::Core, TileKind::Mem, TileKind::Shim})
    for (int i = 0; i < 20000; ++i) {
      std::vector<uint32_t> words(static_cast<size_t>(bdWords(kind)));
      for (uint32_t &w : words) w = random() & random();
      const Bd bd = decodeBd(kind, words);
      std::vector<uint32_t> again(words.size());
      const Status status = encodeBd(kind, bd, again);
      ASSERT_TRUE(status.ok()) << status.errors()[0].str();
      ASSERT_EQ(decodeBd(kind, again), bd) << tileKindName(kind) << " round " << i;
      // What is encoded is part of what was there: reserved and disabled fields vanish.
      for (size_t k = 0; k < words.size(); ++k) ASSERT_EQ(again[k] & ~words[k], 0u);
    }
}

TEST(Bd, LimitsAreNamed) {
  std::array<uint32_t, 6> core{};
  std::array<uint32_t, 8> mem{};
  const auto message = [](const Status &s) { return s.ok() ? "" : s.errors()[0].str(); };
  Bd bd;
  bd.length = 16384;
  EXPECT_EQ(message(encodeBd(TileKind::Core, bd, core)),
            "error: BD length 16384 does not fit a core tile's BD (0..16383) [bd-field] -- split "
            "the transfer or change its shape");
  EXPECT_EQ(message(encodeBd(TileKind::Mem, bd, mem)), "");
  bd = {};
  bd.pads[0].before = 1;
  EXPECT_NE(message(encodeBd(TileKind::Core, bd, core)), "");
  EXPECT_EQ(message(encodeBd(TileKind::Mem, bd, mem)), "");
  bd = {};
  bd.dims[3] = {4, 1};
  EXPECT_NE(message(encodeBd(TileKind::Shim, bd, mem)), "");
  bd = {};
  bd.dims[1].step = 0;
  EXPECT_NE(message(encodeBd(TileKind::Shim, bd, mem)), "");
  bd = {};
  bd.address = 2;
  EXPECT_NE(message(encodeBd(TileKind::Shim, bd, mem)), "");
  bd = {};
  bd.acquire = BdLock{0, -65};
  EXPECT_NE(message(encodeBd(TileKind::Core, bd, core)), "");
}
