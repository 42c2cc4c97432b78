// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// CDO, PDI and TXN: byte images known from public products, round trips, damage.
#include "format/cdo.h"
#include "format/mutate.h"
#include "format/pdi.h"
#include "format/txn.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

using namespace ashlar;
using namespace ashlar::format;

namespace {

std::vector<uint32_t> words(const Bytes &b) {
  std::vector<uint32_t> w;
  for (size_t i = 0; i + 4 <= b.size(); i += 4) w.push_back(readU32(&b[i]));
  return w;
}

Bytes sampleStage1() {
  cdo::Stage1Writer w;
  w.maskWrite(0x232000, 1, 0);
  w.write(0x21F020, 2);
  w.blockWrite(0x21D000, {1, 2, 3, 4, 5, 6});
  w.blockWrite(0x200400, {7});
  w.blockWrite(0x220000, std::vector<uint32_t>(300, 0xABCD));
  return w.take();
}

Bytes sampleCdo() { return *cdo::merge({sampleStage1(), sampleStage1()}, {"a", "b"}); }

txn::File sampleStream() {
  txn::File f;
  f.operations = {
      {txn::BlockWrite{0x1D020, {0x100, 0, 0, 0, 0x80000000, 0x02000000, 0, 0x02000000}}, 0},
      {txn::AddressPatch{0x1D024, 0, 0, 0}, 0},
      {txn::Write32{0x1D214, 1}, 0},
      {txn::MaskWrite32{0x1D200, 0xF00, 0x1F00}, 0},
      {txn::Write32{0x1D204, 0x80000000}, 0},
      {txn::Sync{0, 0, 0, 1, 1, 0}, 0},
      {txn::MaskPoll{0x232004, 1, 1, false}, 0},
      {txn::Noop{}, 0},
      {txn::Preempt{2}, 0},
      {txn::LoadPdi{3, 100, 0x1234567890}, 0},
      {txn::Custom{0x82, {1, 2}}, 0}};
  return f;
}

} // namespace

TEST(Cdo, Stage1Layout) {
  const std::vector<uint32_t> w = words(sampleStage1());
  EXPECT_EQ(w[0], 4u);
  EXPECT_EQ(w[1], 0x004F4443u);
  EXPECT_EQ(w[3], w.size() - 5);
  EXPECT_EQ(w[4], ~(0x004F4647u + w[3]));
  EXPECT_EQ(w[5], 0x111u); // never empty
  EXPECT_EQ(std::vector<uint32_t>(w.begin() + 6, w.begin() + 11),
            (std::vector<uint32_t>{0x40107, 0, 0x232000, 1, 0}));
  // The first block's data is at a multiple of 16 bytes.
  const auto block = std::find(w.begin(), w.end(), 0x80105u);
  ASSERT_NE(block, w.end());
  EXPECT_EQ((block - w.begin() + 3) % 4, 0);
}

TEST(Cdo, MergedFormIsNarrowAndAligned) {
  Diagnostics problems;
  const auto file = cdo::read(sampleCdo(), "m.bin", 0, problems);
  ASSERT_TRUE(file.ok()) << file.errors()[0].str();
  EXPECT_TRUE(problems.empty());
  std::vector<uint16_t> opcodes;
  for (const cdo::Command &c : file->commands)
    if (c.opcode != cdo::kNop) opcodes.push_back(c.opcode);
  const std::vector<uint16_t> once = {cdo::kMaskWrite, cdo::kWrite, cdo::kDmaWrite, cdo::kWrite,
                                      cdo::kDmaWrite};
  std::vector<uint16_t> twice = once;
  twice.insert(twice.end(), once.begin(), once.end());
  EXPECT_EQ(opcodes, twice);
}

TEST(Cdo, ErrorsNamePlaceAndCause) {
  Diagnostics problems;
  Bytes b = sampleCdo();
  EXPECT_EQ(cdo::read(ByteView(b).first(12), "x", 0, problems).errors()[0].code, "cdo-truncated");
  EXPECT_EQ(cdo::read(ByteView(b).first(b.size() - 4), "x", 0x150, problems).errors()[0].str(),
            "x@0x15c: error: the CDO has 670 words of commands, but only 2676 bytes follow "
            "[cdo-truncated] -- the file is damaged; build or copy it again");
  Bytes unknown = b;
  writeU32(&unknown[24], 0x00010177);
  EXPECT_EQ(cdo::read(unknown, "x", 0, problems).errors()[0].code, "cdo-corrupt");
  EXPECT_TRUE(problems.empty());
  Bytes sum = b;
  sum[16] ^= 1;
  EXPECT_TRUE(cdo::read(sum, "x", 0, problems).ok());
  ASSERT_EQ(problems.size(), 1u);
  EXPECT_EQ(problems[0].code, "cdo-checksum");
}

TEST(Cdo, DamageIsNeverFollowed) {
  format_test::mutate(sampleCdo(), 30000, [](ByteView data) {
    Diagnostics problems;
    const auto file = cdo::read(data, "bad", 0, problems);
    if (file.ok() && file->bytes == data.size())
      (void)cdo::merge({Bytes(data.begin(), data.end())}, {"bad"});
  });
}

TEST(Pdi, RoundTripAndKnownHeaderWords) {
  const Bytes commands = sampleCdo();
  const Bytes bytes = pdi::write(commands);
  Diagnostics problems;
  const auto file = pdi::read(bytes, "m.pdi", problems);
  ASSERT_TRUE(file.ok()) << file.errors()[0].str();
  EXPECT_TRUE(problems.empty());
  EXPECT_EQ(Bytes(file->cdo.begin(), file->cdo.end()), commands);
  EXPECT_EQ(file->imageName, "aie_image");
  EXPECT_EQ(bytes.size() % 16, 0u);
  // Both header checksums are the same in every public PDI.
  EXPECT_EQ(readU32(&bytes[0x10 + 31 * 4]), 0x9AC12A78u);
  EXPECT_EQ(readU32(&bytes[0x90 + 15 * 4]), 0x1D39289Bu);
}

TEST(Pdi, EveryHeaderBitIsChecked) {
  const Bytes bytes = pdi::write(sampleCdo());
  int undetected = 0;
  for (size_t bit = 0x10 * 8; bit < pdi::kDataOffset * 8; ++bit) {
    Bytes bad = bytes;
    bad[bit / 8] ^= static_cast<uint8_t>(1u << (bit % 8));
    Diagnostics problems;
    const auto file = pdi::read(bad, "bad.pdi", problems);
    if (file.ok() && problems.empty()) ++undetected;
  }
  EXPECT_EQ(undetected, 0);
}

TEST(Pdi, TruncatedTrailingAndDamaged) {
  const Bytes bytes = pdi::write(sampleCdo());
  for (size_t n = 0; n < bytes.size(); n += 7) {
    Diagnostics problems;
    EXPECT_FALSE(pdi::read(ByteView(bytes).first(n), "cut.pdi", problems).ok()) << n;
  }
  Bytes longer = bytes;
  longer.push_back(0);
  Diagnostics problems;
  EXPECT_TRUE(pdi::read(longer, "long.pdi", problems).ok());
  ASSERT_EQ(problems.size(), 1u);
  EXPECT_EQ(problems[0].code, "pdi-trailing");
  format_test::mutate(bytes, 30000, [](ByteView data) {
    Diagnostics found;
    (void)pdi::read(data, "bad.pdi", found);
  });
}

TEST(Txn, KnownImage) {
  txn::File f = sampleStream();
  f.operations.resize(6);
  const std::vector<uint32_t> w = words(txn::write(f));
  const std::vector<uint32_t> expected = {
      0x06030100, 0x00000104, 6,          224, // header
      1,          0,          0x0001D020, 0x30,       0x100, 0,    0,         0,
      0x80000000, 0x02000000, 0,          0x02000000, 0x81,  0x30, 0,         0,
      0,          0,          0x0001D024, 0,          0,     0,    0,         0,
      0,          0,          0x0001D214, 0,          1,     24,   3,         0,
      0x0001D200, 0,          0xF00,      0x1F00,     28,    0,    0,         0x0001D204,
      0,          0x80000000, 24,         0x80,       16,    0,    0x00010100};
  std::vector<uint32_t> wanted = expected;
  wanted[3] = static_cast<uint32_t>(4 * wanted.size());
  EXPECT_EQ(w, wanted);
}

TEST(Txn, RoundTrip) {
  const Bytes bytes = txn::write(sampleStream());
  Diagnostics problems;
  const auto file = txn::read(bytes, "s.bin", problems);
  ASSERT_TRUE(file.ok()) << file.errors()[0].str();
  EXPECT_TRUE(problems.empty());
  EXPECT_EQ(file->operations.size(), 11u);
  EXPECT_EQ(txn::write(*file), bytes);
  std::string text;
  for (const uint32_t w : words(bytes)) text += fmt::format("{:08X}\n", w);
  const Bytes ascii(text.begin(), text.end());
  EXPECT_TRUE(txn::looksLikeText(ascii));
  EXPECT_FALSE(txn::looksLikeText(bytes));
  EXPECT_EQ(*txn::textToBinary(ascii, "s.txt"), bytes);
  EXPECT_EQ(txn::textToBinary(Bytes{'1', '2', '\n'}, "s.txt").errors()[0].str(),
            "s.txt:1: error: a word has 2 digits [txn-text] -- such a file has one word of 8 "
            "hexadecimal digits a line");
}

TEST(Txn, ShortVersion) {
  ByteWriter w;
  w.u32(0x06030001).u32(0x104).u32(4).u32(16 + 12 + 16 + 16 + 24);
  w.u32(0).u32(0x1D204).u32(5);
  w.u32(3).u32(0x1D200).u32(0xF00).u32(0x1F00);
  w.u32(1).u32(0x1D000).u32(16).u32(7);
  w.u32(0x81).u32(24).u32(0x1D004).u32(2).u32(64).u32(0);
  Diagnostics problems;
  const auto file = txn::read(w.view(), "s.bin", problems);
  ASSERT_TRUE(file.ok()) << file.errors()[0].str();
  ASSERT_EQ(file->operations.size(), 4u);
  EXPECT_EQ(std::get<txn::MaskWrite32>(file->operations[1].op).mask, 0x1F00u);
  EXPECT_EQ(std::get<txn::AddressPatch>(file->operations[3].op).argument, 2u);
}

TEST(Txn, CutsAndDamage) {
  const Bytes bytes = txn::write(sampleStream());
  for (size_t n = 0; n < bytes.size(); ++n) {
    Diagnostics problems;
    EXPECT_FALSE(txn::read(ByteView(bytes).first(n), "cut.bin", problems).ok()) << n;
  }
  Diagnostics problems;
  Bytes foreign = bytes;
  foreign[2] = 9;
  EXPECT_EQ(txn::read(foreign, "x", problems).errors()[0].code, "txn-foreign");
  Bytes newer = bytes;
  newer[0] = newer[1] = 1;
  EXPECT_EQ(txn::read(newer, "x", problems).errors()[0].code, "txn-unsupported");
  format_test::mutate(bytes, 40000, [](ByteView data) {
    Diagnostics found;
    const auto file = txn::read(data, "bad.bin", found);
    if (file.ok()) (void)txn::write(*file);
  });
}
