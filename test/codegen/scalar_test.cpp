// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Scalar code: each operation on the machine against the same operation on the host, at every
// optimisation level.
#include "codegen/machine.h"

#include <bit>
#include <gtest/gtest.h>
#include <random>

namespace codegen_test {
namespace {

struct Operation {
  const char *text; ///< IR; a and b are the arguments
  uint64_t (*host)(uint64_t, uint64_t);
  uint64_t bLimit = ~0ull; ///< b is reduced below this
};

template <class T> std::vector<uint64_t> values(std::mt19937_64 &random) {
  std::vector<uint64_t> v = {0, 1, 2, 7, 31, 255, 256, 0x7fffffff, 0x80000000, 0xffffffff};
  if (sizeof(T) == 8)
    for (uint64_t x : {0x100000000ull, 0x7fffffffffffffffull, 0x8000000000000000ull, ~0ull})
      v.push_back(x);
  for (int i = 0; i < 6; ++i) v.push_back(static_cast<T>(random()));
  return v;
}

const Operation k32[] = {
    {"add i32 %a, %b", [](uint64_t a, uint64_t b) { return a + b; }},
    {"sub i32 %a, %b", [](uint64_t a, uint64_t b) { return a - b; }},
    {"mul i32 %a, %b", [](uint64_t a, uint64_t b) { return a * b; }},
    {"and i32 %a, %b", [](uint64_t a, uint64_t b) { return a & b; }},
    {"or i32 %a, %b", [](uint64_t a, uint64_t b) { return a | b; }},
    {"xor i32 %a, %b", [](uint64_t a, uint64_t b) { return a ^ b; }},
    {"shl i32 %a, %b", [](uint64_t a, uint64_t b) { return a << b; }, 32},
    {"lshr i32 %a, %b", [](uint64_t a, uint64_t b) { return uint64_t(uint32_t(a) >> b); }, 32},
    {"ashr i32 %a, %b", [](uint64_t a, uint64_t b) { return uint64_t(int32_t(a) >> b); }, 32},
    {"call i32 @llvm.ctpop.i32(i32 %a)",
     [](uint64_t a, uint64_t) { return uint64_t(std::popcount(uint32_t(a))); }},
    {"call i32 @llvm.ctlz.i32(i32 %a, i1 false)",
     [](uint64_t a, uint64_t) { return uint64_t(std::countl_zero(uint32_t(a))); }},
    {"call i32 @llvm.cttz.i32(i32 %a, i1 false)",
     [](uint64_t a, uint64_t) { return uint64_t(std::countr_zero(uint32_t(a))); }},
    {"call i32 @llvm.bswap.i32(i32 %a)",
     [](uint64_t a, uint64_t) { return uint64_t(__builtin_bswap32(uint32_t(a))); }},
    {"call i32 @llvm.smax.i32(i32 %a, i32 %b)",
     [](uint64_t a, uint64_t b) { return uint64_t(std::max(int32_t(a), int32_t(b))); }},
    {"call i32 @llvm.umin.i32(i32 %a, i32 %b)",
     [](uint64_t a, uint64_t b) { return uint64_t(std::min(uint32_t(a), uint32_t(b))); }},
    {"call i32 @llvm.fshl.i32(i32 %a, i32 %a, i32 %b)",
     [](uint64_t a, uint64_t b) { return uint64_t(std::rotl(uint32_t(a), int(b & 31))); }},
    {"call i32 @llvm.abs.i32(i32 %a, i1 false)",
     [](uint64_t a, uint64_t) { return uint64_t(int32_t(a) < 0 ? 0 - uint32_t(a) : uint32_t(a)); }},
    {"call i32 @llvm.uadd.sat.i32(i32 %a, i32 %b)",
     [](uint64_t a, uint64_t b) {
       return std::min<uint64_t>(uint64_t(uint32_t(a)) + uint32_t(b), 0xffffffff);
     }},
};
const Operation k64[] = {
    {"add i64 %a, %b", [](uint64_t a, uint64_t b) { return a + b; }},
    {"sub i64 %a, %b", [](uint64_t a, uint64_t b) { return a - b; }},
    {"mul i64 %a, %b", [](uint64_t a, uint64_t b) { return a * b; }},
    {"xor i64 %a, %b", [](uint64_t a, uint64_t b) { return a ^ b; }},
    {"shl i64 %a, %b", [](uint64_t a, uint64_t b) { return a << b; }, 64},
    {"lshr i64 %a, %b", [](uint64_t a, uint64_t b) { return a >> b; }, 64},
    {"ashr i64 %a, %b", [](uint64_t a, uint64_t b) { return uint64_t(int64_t(a) >> b); }, 64},
    {"call i64 @llvm.ctpop.i64(i64 %a)",
     [](uint64_t a, uint64_t) { return uint64_t(std::popcount(a)); }},
    {"call i64 @llvm.ctlz.i64(i64 %a, i1 false)",
     [](uint64_t a, uint64_t) { return uint64_t(std::countl_zero(a)); }},
    {"call i64 @llvm.cttz.i64(i64 %a, i1 false)",
     [](uint64_t a, uint64_t) { return uint64_t(std::countr_zero(a)); }},
    {"call i64 @llvm.bswap.i64(i64 %a)",
     [](uint64_t a, uint64_t) { return uint64_t(__builtin_bswap64(a)); }},
    {"call i64 @llvm.smin.i64(i64 %a, i64 %b)",
     [](uint64_t a, uint64_t b) { return uint64_t(std::min(int64_t(a), int64_t(b))); }},
    {"call i64 @llvm.abs.i64(i64 %a, i1 false)",
     [](uint64_t a, uint64_t) { return int64_t(a) < 0 ? 0 - a : a; }},
};

template <class T, size_t N> void sweep(const Operation (&operations)[N], unsigned optLevel) {
  constexpr bool wide = sizeof(T) == 8;
  std::string type = wide ? "i64" : "i32", ir;
  for (size_t i = 0; i < N; ++i)
    ir += "define " + type + " @f" + std::to_string(i) + "(" + type + " %a, " + type +
          " %b) {\n  %r = " + operations[i].text + "\n  ret " + type + " %r\n}\n";
  Machine machine(ir, optLevel);
  ASSERT_TRUE(machine.ok());
  std::mt19937_64 random(7);
  std::vector<uint64_t> list = values<T>(random);
  for (size_t i = 0; i < N; ++i)
    for (uint64_t a : list)
      for (uint64_t b : list) {
        b %= operations[i].bLimit;
        std::vector<uint32_t> words = {uint32_t(a)};
        if (wide) words.push_back(uint32_t(a >> 32));
        words.push_back(uint32_t(b));
        if (wide) words.push_back(uint32_t(b >> 32));
        Call call = machine.call("f" + std::to_string(i), words);
        T got = static_cast<T>(call.result | (wide ? uint64_t(call.resultHigh) << 32 : 0));
        ASSERT_EQ(got, static_cast<T>(operations[i].host(a, b)))
            << operations[i].text << " a=" << a << " b=" << b << " -O" << optLevel;
      }
}

class Scalar : public testing::TestWithParam<unsigned> {};
TEST_P(Scalar, Operations32) { sweep<uint32_t>(k32, GetParam()); }
TEST_P(Scalar, Operations64) { sweep<uint64_t>(k64, GetParam()); }

TEST_P(Scalar, ComparisonsAndSelect) {
  const std::pair<const char *, bool (*)(int64_t, int64_t, uint64_t, uint64_t)> predicates[] = {
      {"eq", [](int64_t a, int64_t b, uint64_t, uint64_t) { return a == b; }},
      {"ne", [](int64_t a, int64_t b, uint64_t, uint64_t) { return a != b; }},
      {"slt", [](int64_t a, int64_t b, uint64_t, uint64_t) { return a < b; }},
      {"sge", [](int64_t a, int64_t b, uint64_t, uint64_t) { return a >= b; }},
      {"sgt", [](int64_t a, int64_t b, uint64_t, uint64_t) { return a > b; }},
      {"sle", [](int64_t a, int64_t b, uint64_t, uint64_t) { return a <= b; }},
      {"ult", [](int64_t, int64_t, uint64_t a, uint64_t b) { return a < b; }},
      {"uge", [](int64_t, int64_t, uint64_t a, uint64_t b) { return a >= b; }},
      {"ugt", [](int64_t, int64_t, uint64_t a, uint64_t b) { return a > b; }},
      {"ule", [](int64_t, int64_t, uint64_t a, uint64_t b) { return a <= b; }},
  };
  std::string ir;
  for (const char *type : {"i8", "i32", "i64"})
    for (const auto &[name, host] : predicates)
      ir += std::string("define i32 @") + name + "_" + type +
            "(i64 %x, i64 %y, i32 %u, i32 %v) {\n" +
            (std::string(type) == "i64"
                 ? "  %c = icmp " + std::string(name) + " i64 %x, %y\n"
                 : "  %a = trunc i64 %x to " + std::string(type) + "\n  %b = trunc i64 %y to " +
                       type + "\n  %c = icmp " + name + " " + type + " %a, %b\n") +
            "  %r = select i1 %c, i32 %u, i32 %v\n  ret i32 %r\n}\n";
  Machine machine(ir, GetParam());
  ASSERT_TRUE(machine.ok());
  const uint64_t list[] = {
      0, 1, 0x7f, 0x80, 0xff, 0x80000000, 0xffffffff, 0x100000000, 0x8000000000000000, ~0ull};
  for (const auto &[name, host] : predicates)
    for (uint64_t a : list)
      for (uint64_t b : list) {
        auto check = [&](const char *type, bool expected) {
          Call call = machine.call(
              std::string(name) + "_" + type,
              {uint32_t(a), uint32_t(a >> 32), uint32_t(b), uint32_t(b >> 32), 111, 222});
          ASSERT_EQ(call.result, expected ? 111u : 222u)
              << name << " " << type << " " << a << " " << b;
        };
        check("i8", host(int8_t(a), int8_t(b), uint8_t(a), uint8_t(b)));
        check("i32", host(int32_t(a), int32_t(b), uint32_t(a), uint32_t(b)));
        check("i64", host(int64_t(a), int64_t(b), a, b));
      }
}
/// Numbers of more than 64 bits in memory, also of sizes that are no power of two.
TEST_P(Scalar, WideNumbersInMemory) {
  const unsigned widths[] = {72, 80, 96, 104, 128, 160, 192};
  std::string ir;
  for (unsigned width : widths)
    for (unsigned align : {1u, 4u, 16u}) {
      std::string type = "i" + std::to_string(width), at = ", align " + std::to_string(align);
      ir += "define void @f" + std::to_string(width) + "_" + std::to_string(align) +
            "(ptr %to, ptr %from) {\n  %x = load " + type + ", ptr %from" + at + "\n  %y = add " +
            type + " %x, 1\n  store " + type + " %y, ptr %to" + at + "\n  ret void\n}\n";
    }
  Machine machine(ir, GetParam());
  ASSERT_TRUE(machine.ok());
  const uint32_t from = 0x78000, to = 0x78100;
  for (unsigned width : widths)
    for (unsigned align : {1u, 4u, 16u})
      for (unsigned ones : {0u, 3u, 8u, width / 8 - 1}) { // bytes through which a carry runs
        std::vector<uint8_t> expected(width / 8 + 4, 0xa5);
        for (unsigned i = 0; i < width / 8 + 4; ++i) {
          uint8_t byte = static_cast<uint8_t>(i < ones ? 0xff : 0x31 + i);
          machine.memory(from + align)[i] = byte;
          machine.memory(to + align)[i] = 0xa5;
          if (i < width / 8) expected[i] = static_cast<uint8_t>(i < ones ? 0 : byte + (i == ones));
        }
        machine.call("f" + std::to_string(width) + "_" + std::to_string(align), {},
                     {to + align, from + align});
        for (size_t i = 0; i < expected.size(); ++i)
          ASSERT_EQ(int(machine.memory(to + align)[i]), int(expected[i]))
              << width << " bits, align " << align << ", byte " << i;
      }
}
INSTANTIATE_TEST_SUITE_P(Levels, Scalar, testing::Values(0u, 1u, 2u, 3u));

} // namespace
} // namespace codegen_test
