// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Vectors in LLVM IR: operations by name, memory, masks, and registers under pressure.
#include "codegen/machine.h"

#include <cstring>
#include <gtest/gtest.h>
#include <random>

namespace codegen_test {
namespace {

constexpr uint32_t kA = 0x76000, kB = 0x77000, kC = 0x78000;

void fill(Machine &m, uint32_t address, size_t bytes, std::mt19937_64 &random) {
  for (size_t i = 0; i < bytes; ++i)
    *m.memory(address + static_cast<uint32_t>(i)) = uint8_t(random());
}

class Vectors : public testing::TestWithParam<unsigned> {
protected:
  std::mt19937_64 random{20261126};
};

TEST_P(Vectors, MatrixProductOfBytes) {
  Machine m(R"(
declare <16 x i64> @__aie2_vclr_cm()
declare <16 x i64> @__aie2_vmac(<16 x i64>, <64 x i8>, <64 x i8>, i32)
declare <32 x i8> @__aie2_vsrs_s8_s32(<16 x i64>, i32)
declare void @__aie2_set_crSat(i32)
define void @f(ptr %a, ptr %b, ptr %c, i32 %n) {
entry:
  call void @__aie2_set_crSat(i32 1)
  %zero = call <16 x i64> @__aie2_vclr_cm()
  br label %loop
loop:
  %i = phi i32 [0, %entry], [%next, %loop]
  %sum = phi <16 x i64> [%zero, %entry], [%more, %loop]
  %pa = getelementptr <64 x i8>, ptr %a, i32 %i
  %pb = getelementptr <64 x i8>, ptr %b, i32 %i
  %x = load <64 x i8>, ptr %pa, align 32
  %y = load <64 x i8>, ptr %pb, align 32
  %more = call <16 x i64> @__aie2_vmac(<16 x i64> %sum, <64 x i8> %x, <64 x i8> %y, i32 776)
  %next = add i32 %i, 1
  %again = icmp ne i32 %next, %n
  br i1 %again, label %loop, label %done
done:
  %r = call <32 x i8> @__aie2_vsrs_s8_s32(<16 x i64> %more, i32 7)
  store <32 x i8> %r, ptr %c, align 32
  ret void
})",
            GetParam());
  ASSERT_TRUE(m.ok());
  constexpr int kN = 5; // 4x40 by 40x8
  fill(m, kA, 64 * kN, random);
  fill(m, kB, 64 * kN, random);
  m.call("f", {kN}, {kA, kB, kC});
  for (int row = 0; row < 4; ++row)
    for (int col = 0; col < 8; ++col) {
      int32_t sum = 0;
      for (int k = 0; k < 8 * kN; ++k) {
        auto at = [&](uint32_t base, int i) {
          return static_cast<int8_t>(*m.memory(base + static_cast<uint32_t>(64 * (k / 8) + i)));
        };
        sum += at(kA, row * 8 + k % 8) * at(kB, k % 8 * 8 + col);
      }
      EXPECT_EQ(int(int8_t(*m.memory(kC + static_cast<uint32_t>(row * 8 + col)))),
                std::clamp(sum >> 7, -128, 127));
    }
}

TEST_P(Vectors, ResultsThroughPointersAndMasks) {
  Machine m(R"(
declare <64 x i8> @__aie2_vmax_lt_s8(<64 x i8>, <64 x i8>, ptr)
declare <64 x i8> @__aie2_vsel_8(<64 x i8>, <64 x i8>, i64)
define void @f(ptr %a, ptr %b, ptr %c) {
  %m = alloca i64
  %x = load <64 x i8>, ptr %a, align 32
  %y = load <64 x i8>, ptr %b, align 32
  %max = call <64 x i8> @__aie2_vmax_lt_s8(<64 x i8> %x, <64 x i8> %y, ptr %m)
  %mask = load i64, ptr %m
  %min = call <64 x i8> @__aie2_vsel_8(<64 x i8> %y, <64 x i8> %x, i64 %mask)
  store <64 x i8> %max, ptr %c, align 32
  %d = getelementptr i8, ptr %c, i32 64
  store <64 x i8> %min, ptr %d, align 32
  ret void
})",
            GetParam());
  ASSERT_TRUE(m.ok());
  fill(m, kA, 64, random);
  fill(m, kB, 64, random);
  m.call("f", {}, {kA, kB, kC});
  for (uint32_t i = 0; i < 64; ++i) {
    auto a = int8_t(*m.memory(kA + i)), b = int8_t(*m.memory(kB + i));
    EXPECT_EQ(int8_t(*m.memory(kC + i)), std::max(a, b)) << i;
    EXPECT_EQ(int8_t(*m.memory(kC + 64 + i)), std::min(a, b)) << i;
  }
}

/// Many vectors and accumulators live at once, and a call in between clobbers all registers.
TEST_P(Vectors, SpillsEveryClass) {
  std::string text = "declare void @__aie2_sched_barrier()\n"
                     "define void @nothing() noinline optnone { ret void }\n"
                     "define void @f(ptr %a, ptr %c) {\n";
  struct Kind {
    const char *type;
    unsigned bytes;
  };
  const Kind kinds[] = {{"<32 x i8>", 32}, {"<32 x i16>", 64}, {"<32 x i32>", 128},
                        {"<4 x i64>", 32}, {"<8 x i64>", 64},  {"<16 x i64>", 128},
                        {"<16 x i8>", 16}, {"<8 x i16>", 16}}; // no gaps: all bytes are copied
  unsigned offset = 0, n = 0;
  std::string loads, stores;
  for (int round = 0; round < 6; ++round)
    for (const Kind &k : kinds) {
      unsigned at = (offset + k.bytes - 1) / k.bytes * k.bytes;
      if (k.bytes > 32) at = (offset + 31) / 32 * 32;
      std::string id = std::to_string(n++), align = std::to_string(std::min(k.bytes, 32u));
      loads += "  %p" + id + " = getelementptr i8, ptr %a, i32 " + std::to_string(at) + "\n  %v" +
               id + " = load volatile " + k.type + ", ptr %p" + id + ", align " + align + "\n";
      stores += "  %q" + id + " = getelementptr i8, ptr %c, i32 " + std::to_string(at) +
                "\n  store volatile " + k.type + " %v" + id + ", ptr %q" + id + ", align " + align +
                "\n";
      offset = at + k.bytes;
    }
  text += loads + "  call void @nothing()\n" + stores + "  ret void\n}\n";
  Machine m(text, GetParam());
  ASSERT_TRUE(m.ok());
  fill(m, kA, offset, random);
  m.call("f", {}, {kA, kC});
  EXPECT_EQ(std::memcmp(m.memory(kA), m.memory(kC), offset), 0);
}

/// A pointer is stepped behind an access, but used before it.
TEST_P(Vectors, StepsThatAreUsedEarly) {
  Machine m(R"(
define void @f(ptr %out, i32 %a, i32 %b) {
  %q = getelementptr i8, ptr %out, i32 128
  %r = getelementptr i8, ptr %q, i32 4
  store i32 %a, ptr %q
  store i32 %b, ptr %r
  store i32 7, ptr %out
  ret void
})",
            GetParam());
  ASSERT_TRUE(m.ok());
  m.call("f", {5, 6}, {kC});
  EXPECT_EQ(m.load(kC), 7u);
  EXPECT_EQ(m.load(kC + 128), 5u);
  EXPECT_EQ(m.load(kC + 132), 6u);
}

/// Loads that widen and stores that narrow, with a control register written between.
TEST_P(Vectors, WideningLoadsAndNarrowingStores) {
  Machine m(R"(
declare <8 x i64> @__aie2_vups_s32_s16_bm(<16 x i16>, i32)
declare <16 x i16> @__aie2_vsrs_s16_s32_w(<8 x i64>, i32)
declare void @__aie2_set_crRnd(i32)
define void @f(ptr %in, ptr %out) {
  %v = load <16 x i16>, ptr %in, align 32
  %acc = call <8 x i64> @__aie2_vups_s32_s16_bm(<16 x i16> %v, i32 2)
  %floor = call <16 x i16> @__aie2_vsrs_s16_s32_w(<8 x i64> %acc, i32 4)
  call void @__aie2_set_crRnd(i32 1)
  %ceil = call <16 x i16> @__aie2_vsrs_s16_s32_w(<8 x i64> %acc, i32 4)
  store <16 x i16> %floor, ptr %out, align 32
  %next = getelementptr i8, ptr %out, i32 32
  store <16 x i16> %ceil, ptr %next, align 32
  call void @__aie2_set_crRnd(i32 0)
  ret void
})",
            GetParam());
  ASSERT_TRUE(m.ok());
  fill(m, kA, 32, random);
  m.call("f", {}, {kA, kC});
  for (uint32_t i = 0; i < 16; ++i) {
    auto at = [&](uint32_t address) {
      return static_cast<int16_t>(*m.memory(address + 2 * i) | *m.memory(address + 2 * i + 1) << 8);
    };
    int floor = at(kA) >> 2;
    EXPECT_EQ(at(kC), floor);
    EXPECT_EQ(at(kC + 32), static_cast<int16_t>(floor + ((at(kA) & 3) != 0)));
  }
}

INSTANTIATE_TEST_SUITE_P(Levels, Vectors, testing::Values(0u, 1u, 2u, 3u));

} // namespace
} // namespace codegen_test
