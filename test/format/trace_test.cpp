// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Trace buffers, code by code, and damaged ones.
#include "format/trace.h"

#include "format/mutate.h"

#include <gtest/gtest.h>

namespace ashlar::format::trace {
namespace {

/// Packets of one unit with these bytes in them.
Bytes packets(const std::vector<uint8_t> &bytes, uint32_t header) {
  Bytes out;
  for (size_t at = 0; at < bytes.size(); at += 28) {
    out.resize(out.size() + 32);
    uint8_t *p = &out[out.size() - 32];
    writeU32(p, header);
    for (size_t i = 0; i < 28; ++i)
      p[4 + (i & ~size_t{3}) + 3 - i % 4] = at + i < bytes.size() ? bytes[at + i] : 0xFE;
  }
  return out;
}
constexpr uint32_t kCore = 0x80020001; // tile (0,2), type 0, id 1; odd parity
const std::vector<uint8_t> kBytes = {0xF0,
                                     0,
                                     0,
                                     0,
                                     0,
                                     0,
                                     0,
                                     100,  // the timer is 100
                                     0x25, // slot 2 after 5
                                     0x80 | 3 << 2 | 1,
                                     0x02, // slot 3 after 0x102
                                     0xA0 | 1 << 2 | 2,
                                     0x00,
                                     7, // slot 1 after 0x20007
                                     0xC0 | 0xA,
                                     0x53, // slots 0xA5 after 3
                                     0xD0 | 2,
                                     1 << 2 | 1,
                                     0x10, // a mask after 0x110
                                     0xDF, // 0x3FFFF cycles of nothing
                                     0xD4 | 1,
                                     0x03 << 2 | 1,
                                     0,
                                     9, // a mask after 0x10009
                                     0xFE,
                                     0x00};

TEST(Trace, EachCode) {
  Diagnostics problems;
  const auto units = read(packets(kBytes, kCore), "t", problems);
  ASSERT_TRUE(units.ok());
  EXPECT_TRUE(problems.empty());
  ASSERT_EQ(units->size(), 1u);
  EXPECT_EQ((*units)[0].row, 2);
  EXPECT_EQ((*units)[0].id, 1);
  std::vector<Frame> expected;
  uint64_t cycle = 100;
  const auto frame = [&](uint64_t delta, int events) {
    cycle += delta + 1;
    expected.push_back({cycle, static_cast<uint8_t>(events)});
  };
  frame(5, 1 << 2);
  frame(0x102, 1 << 3);
  frame(0x20007, 1 << 1);
  frame(3, 0xA5);
  frame(0x110, 2 << 6 | 1);
  cycle += 0x3FFFF;
  frame(0x10009, 1 << 6 | 3);
  frame(0, 1);
  EXPECT_EQ((*units)[0].frames, expected);
}

TEST(Trace, UnitsAreToldApartAndUnusedRoomIsNone) {
  Bytes data = packets({0xF0, 0, 0, 0, 0, 0, 0, 1, 0x10}, kCore);
  const Bytes other = packets({0xF0, 0, 0, 0, 0, 0, 0, 2, 0x20}, 0x80031002);
  data.insert(data.end(), other.begin(), other.end());
  data.resize(data.size() + 128);
  Diagnostics problems;
  const auto units = read(data, "t", problems);
  ASSERT_TRUE(units.ok());
  EXPECT_TRUE(problems.empty());
  ASSERT_EQ(units->size(), 2u);
  EXPECT_EQ((*units)[1].type, 1);
  EXPECT_EQ((*units)[1].frames, (std::vector<Frame>{{3, 4}}));
}

TEST(Trace, WhatIsNoneSaysSo) {
  Diagnostics problems;
  EXPECT_FALSE(read(Bytes(64), "t", problems).ok());
  EXPECT_EQ(read(Bytes(64), "t", problems).errors()[0].code, "trace-foreign");
  (void)read(packets({0xF0, 0, 0, 0, 0, 0, 0, 1, 0xE1}, kCore), "t", problems);
  ASSERT_EQ(problems.size(), 1u);
  EXPECT_EQ(problems[0].code, "trace-code");
  Bytes data = packets({0xF0, 0, 0, 0, 0, 0, 0, 1, 0x10}, kCore);
  data.resize(64, 0xFF);
  problems.clear();
  (void)read(data, "t", problems);
  ASSERT_EQ(problems.size(), 1u);
  EXPECT_EQ(problems[0].code, "trace-header");
}

TEST(Trace, DamageNeverCrashes) {
  format_test::mutate(packets(kBytes, kCore), 3000, [](ByteView data) {
    Diagnostics problems;
    (void)read(data, "t", problems);
  });
}

} // namespace
} // namespace ashlar::format::trace
