// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The C++ vector header on the core against the same header on the host, over random bytes and edge
// values in every rounding and saturation mode. Each test is one program, since program memory is
// small; its body is compiled twice.
#include "e2e/vectors/floats.h"
#include "e2e/vectors/functions.h"
#include "e2e/vectors/integers.h"
#include "e2e/vectors/loops.h"
#include "e2e/vectors/moves.h"
#include "e2e/vectors/products.h"
#include "e2e/vectors/sums.h"
#include "e2e/vectors/tables.h"
#include "e2e/vectors/walks.h"
#include "lib/on_core.h"

#include <gtest/gtest.h>
#include <random>

namespace {
using Body = void (*)(const uint8_t *, uint8_t *, int);

/// Random bytes with the values in between where arithmetic bends.
ashlar::Bytes inputs(std::mt19937_64 &random) {
  constexpr uint16_t edges[] = {0,      0x8000, 0x7FFF, 0xFFFF, 0x0080, 0x7F80, 0xFF80,
                                0x7FC0, 0x3F80, 0xBF80, 0x0001, 0x8001, 0x7F00, 0x0100};
  ashlar::Bytes in(Kernel::kIn);
  for (uint8_t &byte : in) byte = static_cast<uint8_t>(random());
  for (size_t i = 0; i + 2 <= in.size(); i += 2 + random() % 30 * 2) {
    const uint16_t edge = edges[random() % std::size(edges)];
    in[i] = static_cast<uint8_t>(edge);
    in[i + 1] = static_cast<uint8_t>(edge >> 8);
  }
  return in;
}

void coreEqualsHost(const std::string &file, const std::string &body, Body host) {
  constexpr uint64_t kSeed = 5772;
  std::mt19937_64 random(kSeed + body.size());
  const int mode = static_cast<int>(random() % 10);
  const ashlar::Bytes in = inputs(random);
  alignas(64) static uint8_t aligned[Kernel::kIn];
  alignas(64) static uint8_t expected[Kernel::kOut];
  std::memcpy(aligned, in.data(), in.size());
  std::memset(expected, 0, sizeof expected);
  host(aligned, expected, mode);
  const std::string source =
      "#include \"" ASHLAR_SOURCE_DIR "/test/e2e/vectors/" + file +
      "\"\nextern \"C\" void run(const uint8_t *in, uint8_t *out, int mode) {" + body + "}\n";
  const auto run = lib_test::runOnCore(source, in, Kernel::kOut, static_cast<size_t>(mode), "-O 2");
  ASSERT_EQ(run.message, "");
  ASSERT_EQ(run.output.size(), Kernel::kOut);
  for (size_t i = 0; i < Kernel::kOut; ++i)
    ASSERT_EQ(run.output[i], expected[i])
        << "byte " << i << " of result line " << i / 32 << " of: " << body << "\nseed " << kSeed
        << ", first mode " << mode;
}
} // namespace

#define CORE_EQUALS_HOST(name, file, ...)                                                          \
  TEST(VectorHeader, name) {                                                                       \
    coreEqualsHost(file, #__VA_ARGS__, [](const uint8_t *in, uint8_t *out, int mode) {             \
      (void)mode;                                                                                  \
      __VA_ARGS__                                                                                  \
    });                                                                                            \
  }

CORE_EQUALS_HOST(SignedBytes, "integers.h", Integers<int8_t> k(in, out); k.lanes<64>();
                 k.lanes<16>(); forModes(mode, [&] { k.bits<64>(); });)
CORE_EQUALS_HOST(UnsignedBytes, "integers.h", Integers<uint8_t> k(in, out); k.lanes<128>();
                 k.lanes<32>(); forModes(mode, [&] { k.bits<32>(); });)
CORE_EQUALS_HOST(SignedHalves, "integers.h", Integers<int16_t> k(in, out); k.lanes<32>();
                 k.lanes<16>(); forModes(mode, [&] { k.bits<32>(); });)
CORE_EQUALS_HOST(UnsignedHalves, "integers.h", Integers<uint16_t> k(in, out); k.lanes<64>();
                 forModes(mode, [&] { k.bits<16>(); });)
CORE_EQUALS_HOST(SignedWords, "integers.h", Integers<int32_t> k(in, out); k.lanes<16>();
                 k.lanes<32>(); forModes(mode, [&] { k.bits<16>(); });)
CORE_EQUALS_HOST(UnsignedWords, "integers.h", Integers<uint32_t> k(in, out); k.lanes<16>();
                 k.lanes<4>(); forModes(mode, [&] { k.bits<8>(); });)
CORE_EQUALS_HOST(BfloatLanes, "floats.h", Floats k(in, out); forModes(mode, [&] {
                   k.lanes<bfloat16, 16>();
                   k.lanes<bfloat16, 32>();
                 });)
CORE_EQUALS_HOST(FloatLanes, "floats.h", Floats k(in, out); k.lanes<float, 16>();
                 k.lanes<float, 32>();)
CORE_EQUALS_HOST(BfloatProducts, "floats.h", Floats k(in, out); forModes(mode, [&] {
                   k.products<bfloat16, 16>();
                   k.products<bfloat16, 32>();
                 });)
CORE_EQUALS_HOST(FloatProducts, "floats.h", Floats k(in, out);
                 forModes(mode, [&] { k.products<float, 16>(); });)
CORE_EQUALS_HOST(ByteProducts, "products.h", Products k(in, out); forModes(mode, [&] {
                   k.pair<int8_t, int8_t, acc32, 32>();
                   k.pair<uint8_t, int8_t, acc32, 64>();
                   k.pair<int8_t, uint8_t, acc64, 16>();
                   k.pair<uint8_t, int16_t, acc32, 32>();
                 });)
CORE_EQUALS_HOST(HalfProducts, "products.h", Products k(in, out); forModes(mode, [&] {
                   k.pair<int16_t, int16_t, acc32, 32>();
                   k.pair<uint16_t, int16_t, acc32, 16>();
                   k.pair<int16_t, int16_t, acc64, 32>();
                 });)
CORE_EQUALS_HOST(WordProducts, "products.h", Products k(in, out); forModes(mode, [&] {
                   k.pair<int32_t, int16_t, acc64, 16>();
                   k.pair<int16_t, uint32_t, acc64, 8>();
                   k.pair<int32_t, int32_t, acc64, 16>();
                   k.pair<int32_t, uint32_t, acc64, 16>();
                 });)
CORE_EQUALS_HOST(Accumulators32, "products.h", Products k(in, out); forModes(mode, [&] {
                   k.convert<int8_t, acc32, 32>();
                   k.convert<uint16_t, acc32, 16>();
                   k.convert<int16_t, acc32, 64>();
                   k.convert<int32_t, acc32, 16>();
                 });)
CORE_EQUALS_HOST(Accumulators64OfSmall, "products.h", Products k(in, out); forModes(mode, [&] {
                   k.convert<uint8_t, acc64, 16>();
                   k.convert<int16_t, acc64, 32>();
                 });)
CORE_EQUALS_HOST(Accumulators64OfWords, "products.h", Products k(in, out); forModes(mode, [&] {
                   k.convert<int32_t, acc64, 8>();
                   k.convert<uint32_t, acc64, 16>();
                 });)
CORE_EQUALS_HOST(ByteShuffles, "moves.h", Moves<int8_t> k(in, out); k.shuffles<64>();
                 k.shuffles<32>();)
CORE_EQUALS_HOST(HalfShuffles, "moves.h", Moves<int16_t> k(in, out); k.shuffles<32>();
                 k.shuffles<64>();)
CORE_EQUALS_HOST(WordShuffles, "moves.h", Moves<int32_t> k(in, out); k.shuffles<16>();
                 k.shuffles<8>();)
CORE_EQUALS_HOST(PartsAndLanes, "moves.h", Moves<int8_t> k(in, out); k.parts<64>(); k.parts<128>();
                 k.memory<64>();)
CORE_EQUALS_HOST(PartsAndLanesOfHalves, "moves.h", Moves<int16_t> k(in, out); k.parts<16>();
                 k.parts<32>(); k.memory<32>();)
CORE_EQUALS_HOST(PartsAndLanesOfWords, "moves.h", Moves<int32_t> k(in, out); k.parts<16>();
                 k.parts<32>(); k.memory<16>();)
CORE_EQUALS_HOST(Reductions, "sums.h", Sums k(in, out); k.reduce<int8_t, 64>();
                 k.reduce<uint8_t, 32>(); k.reduce<int16_t, 32>(); k.reduce<uint16_t, 64>();
                 k.reduce<int32_t, 16>(); k.reduce<int32_t, 4>(); k.reduce<float, 16>();
                 forModes(mode, [&] {
                   k.reduce<bfloat16, 32>();
                   k.reduce<bfloat16, 16>();
                 });)
CORE_EQUALS_HOST(Blocks, "sums.h", Sums k(in, out); k.block<4, 8, 8, int8_t, int8_t, accauto>();
                 k.block<8, 8, 8, uint8_t, int8_t, acc32>();
                 k.block<4, 4, 4, int16_t, int16_t, accauto>();
                 k.block<2, 4, 8, int16_t, int16_t, acc64>();
                 k.block<4, 4, 8, int16_t, int8_t, acc32>();
                 k.block<4, 8, 4, int16_t, int8_t, acc64>();
                 k.block<4, 2, 4, int32_t, int16_t, acc64>();
                 k.block<4, 8, 4, bfloat16, bfloat16, accfloat>();
                 k.block<8, 8, 4, bfloat16, bfloat16, accauto>();)
CORE_EQUALS_HOST(
    BlocksOfSmallBytes, "sums.h", Sums k(in, out); k.block<4, 8, 4, int8_t, int8_t, accauto>();
    k.block<4, 8, 4, int8_t, uint8_t, acc64>(); k.block<1, 16, 8, uint8_t, int8_t, accauto>();
    k.block<2, 16, 8, int8_t, int8_t, accauto>(); k.block<4, 16, 16, int8_t, int8_t, acc32>();
    k.block<4, 16, 8, int8_t, int4, accauto>(); k.block<8, 16, 8, uint8_t, uint4, accauto>();)
CORE_EQUALS_HOST(
    BlocksOfHalves, "sums.h", Sums k(in, out); k.block<8, 2, 8, int16_t, uint16_t, acc32>();
    k.block<4, 4, 8, uint16_t, int16_t, accauto>(); k.block<2, 8, 16, int16_t, int16_t, accauto>();
    k.block<8, 1, 8, int16_t, int16_t, acc32>(); k.block<8, 4, 4, int16_t, int8_t, accauto>();
    k.block<2, 16, 8, int16_t, uint8_t, accauto>(); k.block<4, 4, 8, int8_t, int16_t, accauto>();)
CORE_EQUALS_HOST(BlocksOfWords, "sums.h", Sums k(in, out);
                 k.block<4, 4, 4, int16_t, int32_t, accauto>();
                 k.block<2, 4, 8, uint16_t, uint32_t, accauto>();
                 k.block<4, 4, 8, uint32_t, int16_t, accauto>();
                 k.block<4, 2, 4, int32_t, int32_t, accauto>();
                 k.block<4, 4, 4, int32_t, uint32_t, accauto>();
                 k.block<4, 1, 8, int32_t, int32_t, accauto>();)
CORE_EQUALS_HOST(BlocksOfFloats, "sums.h", Sums k(in, out); forModes(mode, [&] {
                   k.block<4, 8, 8, bfloat16, bfloat16, accauto>();
                   k.block<8, 1, 8, bfloat16, bfloat16, accauto>();
                   k.block<4, 8, 4, float, float, accauto>();
                   k.block<4, 1, 4, float, float, accauto>();
                 });)
CORE_EQUALS_HOST(Lookups, "tables.h", Tables k(in, out);
                 k.fetches<bfloat16, 256, uint16_t, 32>(8, 0);
                 k.fetches<int16_t, 64, int16_t, 16>(9, 32);
                 k.fetches<int32_t, 128, int8_t, 32>(1, 64);
                 k.fetches<float, 32, int32_t, 16>(7, 3); k.end();)
CORE_EQUALS_HOST(Lines, "tables.h", Tables k(in, out); forModes(mode, [&] { k.lines(); });)
CORE_EQUALS_HOST(Nibbles, "sums.h", Sums k(in, out); forModes(mode, [&] {
                   k.nibbles<int4, 128>();
                   k.nibbles<uint4, 128>();
                 });)
CORE_EQUALS_HOST(Sliding, "sums.h", Sums k(in, out);
                 k.slide<32, 8, 1, 1, int8_t, uint8_t, acc32, 64>();
                 k.slide<16, 8, 1, 1, int16_t, int16_t, acc64, 32>();
                 k.slide<16, 4, 1, 2, int16_t, int16_t, acc32, 32>();
                 k.slide<16, 3, 2, 1, int16_t, int16_t, acc32, 32>(); k.weighted();)
CORE_EQUALS_HOST(Exponentials, "functions.h", Functions k(in, out);
                 forModes(mode, [&] { k.exponentials(); });)
CORE_EQUALS_HOST(Inverses, "functions.h", Functions k(in, out);
                 forModes(mode, [&] { k.inverses(); });)
CORE_EQUALS_HOST(Conversions, "functions.h", Functions k(in, out);
                 forModes(mode, [&] { k.conversions(); });)

TEST(VectorHeader, RoundsAndSaturatesAsAsked) {
  aie::set_rounding(aie::rounding_mode::conv_even);
  aie::set_saturation(aie::saturation_mode::saturate);
  const aie::vector<int32_t, 4> v(3, 5, -3, 1000000);
  const aie::accum<acc64, 4> acc(v);
  const auto half = acc.to_vector<int32_t>(1);
  EXPECT_EQ(half[0], 2); // 1.5
  EXPECT_EQ(half[1], 2); // 2.5
  EXPECT_EQ(half[2], -2);
  const aie::accum<acc32, 16> wide(aie::broadcast<int32_t, 16>(1000000));
  EXPECT_EQ(wide.to_vector<int16_t>(1)[3], 32767);
  aie::set_rounding(aie::rounding_mode::floor);
  aie::set_saturation(aie::saturation_mode::none);
  EXPECT_EQ(acc.to_vector<int32_t>(1)[2], -2);
  EXPECT_EQ(wide.to_vector<int8_t>(1)[3], static_cast<int8_t>(500000));
}
/// mmul on the host against sums of products in C, twice their number: mul, then mac.
template <unsigned M, unsigned K, unsigned N, class A, class B, class Tag = accauto>
void blockIsSumsOfProducts(std::mt19937_64 &random) {
  using Mmul = aie::mmul<M, K, N, A, B, Tag>;
  using Byte = aie::detail::unpackedInt4<B>;
  alignas(64) A a[M * K];
  alignas(64) Byte b[K * N];
  for (A &x : a) x = static_cast<A>(random());
  for (Byte &x : b) x = static_cast<Byte>(static_cast<B>(random() & ~uint64_t{}));
  aie::vector<A, M * K> va;
  va.load(a);
  aie::vector<Byte, K * N> bytes;
  bytes.load(b);
  typename Mmul::vector_B_type vb;
  if constexpr (std::is_same_v<B, Byte>)
    vb = bytes;
  else
    vb = aie::pack(bytes);
  Mmul m;
  m.mul(va, vb);
  m.mac(va, vb);
  const auto sums = m.to_accum();
  for (unsigned i = 0; i < M; ++i)
    for (unsigned j = 0; j < N; ++j) {
      uint64_t sum = 0;
      for (unsigned k = 0; k < K; ++k)
        sum += static_cast<uint64_t>(static_cast<int64_t>(a[i * K + k]) *
                                     static_cast<int64_t>(b[k * N + j]));
      using Lane = decltype(sums.get(0));
      ASSERT_EQ(sums.get(i * N + j), static_cast<Lane>(2 * sum))
          << M << 'x' << K << 'x' << N << " (" << i << ", " << j << ')';
    }
}
// A kernel written for a graph takes pointers from a design: a buffer is its data, a window walks.
TEST(VectorHeader, BuffersAndWindowsOfGraphsAreTheirData) {
  const std::string source =
      "#include <adf.h>\n"
      "static void windows(input_window<int16> *restrict a, output_window<int16> *out, int n) {\n"
      "  for (int i = 0; i < n / 16 - 1; ++i) {\n"
      "    auto x = window_readincr_v<16>(a);\n"
      "    window_writeincr(out, aie::add(x, x));\n"
      "  }\n"
      "  for (int i = 0; i < 16; ++i) window_writeincr(out, window_readincr(a));\n"
      "}\n"
      "static void buffers(adf::input_buffer<int16, adf::extents<128>> &a,\n"
      "                    adf::output_buffer<int16> &out) {\n"
      "  auto in = aie::begin_vector<32>(a);\n"
      "  auto to = aie::begin_vector<32>(out);\n"
      "  for (unsigned i = 0; i < a.size() / 32; ++i) *to++ = aie::add(*in++, int16(7));\n"
      "}\n"
      "extern \"C\" void run(int16 *in, int16 *out, int n) {\n"
      "  windows((input_window_int16 *)in, (output_window_int16 *)out, n);\n"
      "  buffers((adf::input_buffer<int16, adf::extents<128>> &)*in,\n"
      "          (adf::output_buffer<int16> &)out[128]);\n"
      "}\n";
  ashlar::Bytes in(256);
  for (size_t i = 0; i < 128; ++i) in[2 * i] = static_cast<uint8_t>(i);
  const auto run = lib_test::runOnCore(source, in, 512, 128);
  ASSERT_EQ(run.message, "");
  for (size_t i = 0; i < 256; ++i) {
    const size_t value = i < 112 ? 2 * i : i < 128 ? i : i - 128 + 7;
    EXPECT_EQ(run.output[2 * i] | run.output[2 * i + 1] << 8, static_cast<int>(value)) << i;
  }
}
TEST(VectorHeader, LookupsGiveTheEntries) {
  std::mt19937_64 random(99);
  const ashlar::Bytes in = inputs(random);
  alignas(64) static uint8_t aligned[Kernel::kIn], out[Kernel::kOut];
  std::memcpy(aligned, in.data(), in.size());
  Tables k(aligned, out);
  k.fetches<bfloat16, 256, uint16_t, 32>(8, 0);
  k.fetches<int16_t, 64, int16_t, 16>(9, 32);
  k.fetches<float, 128, int8_t, 32>(1, 64);
  EXPECT_EQ(k.wrong(), 0u);
}
TEST(VectorHeader, BlocksAreSumsOfProducts) {
  std::mt19937_64 random(4711);
  blockIsSumsOfProducts<4, 16, 4, int8_t, uint8_t>(random);
  blockIsSumsOfProducts<8, 8, 4, int8_t, int8_t>(random);
  blockIsSumsOfProducts<1, 16, 8, uint8_t, uint8_t>(random);
  blockIsSumsOfProducts<4, 16, 16, int8_t, int8_t>(random);
  blockIsSumsOfProducts<4, 8, 4, int8_t, int8_t, acc64>(random);
  blockIsSumsOfProducts<8, 1, 8, int16_t, int16_t, acc32>(random);
  blockIsSumsOfProducts<2, 8, 16, int16_t, uint16_t>(random);
  blockIsSumsOfProducts<8, 4, 4, uint16_t, int8_t>(random);
  blockIsSumsOfProducts<4, 16, 8, int16_t, int8_t>(random);
  blockIsSumsOfProducts<4, 4, 8, int8_t, int16_t>(random);
  blockIsSumsOfProducts<2, 4, 8, uint16_t, int32_t>(random);
  blockIsSumsOfProducts<4, 4, 8, int32_t, uint16_t>(random);
  blockIsSumsOfProducts<4, 1, 8, int32_t, int32_t>(random);
  blockIsSumsOfProducts<8, 2, 4, uint32_t, int32_t>(random);
  blockIsSumsOfProducts<4, 32, 8, int8_t, int4>(random);
  blockIsSumsOfProducts<8, 16, 8, uint8_t, uint4>(random);
}
CORE_EQUALS_HOST(BlocksOfBytes, "loops.h",
                 blocks(reinterpret_cast<const int8_t *>(in), reinterpret_cast<const int8_t *>(in),
                        reinterpret_cast<int8_t *>(out));)
CORE_EQUALS_HOST(HintsChangeNoResult, "loops.h",
                 hinted(reinterpret_cast<const int16_t *>(in), reinterpret_cast<int16_t *>(out),
                        8);)
CORE_EQUALS_HOST(Dimensions, "walks.h", Walks k(in, out); k.dimensions(in, 4, 5);)
CORE_EQUALS_HOST(Iterators, "walks.h", Walks k(in, out); k.iterators(in, mode + 2);)
CORE_EQUALS_HOST(Widths, "walks.h", Walks k(in, out); forModes(mode, [&] {
                   k.widths<int8_t, 64>();
                   k.widths<uint8_t, 16>();
                   k.widths<int16_t, 32>();
                   k.widths<uint16_t, 64>();
                   k.widths<int32_t, 16>();
                 });)
CORE_EQUALS_HOST(Choices, "walks.h", Walks k(in, out); k.choices<int8_t, 64>();
                 k.choices<uint16_t, 32>(); k.choices<int32_t, 32>(); k.masks<64>();
                 k.masks<128>();)
CORE_EQUALS_HOST(FewLanes, "walks.h", Walks k(in, out); k.few();)
