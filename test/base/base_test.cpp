// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Results, diagnostics, checked readers, and files that are never half-written.
#include "base/base.h"
#include "base/demangle.h"

#include <filesystem>
#include <gtest/gtest.h>

using namespace ashlar;

namespace {
Result<int> half(int v) {
  if (v % 2)
    return error("odd", Place::at("in.txt", 3, 7), "the number is odd", "pass an even one");
  return v / 2;
}
Result<int> quarter(int v) {
  ASHLAR_TRY(const int h, half(v));
  ASHLAR_TRY(const int q, half(h));
  return q;
}
} // namespace

TEST(Result, PropagatesTheFirstError) {
  EXPECT_EQ(*quarter(8), 2);
  const Result<int> bad = quarter(6);
  ASSERT_FALSE(bad.ok());
  EXPECT_EQ(bad.errors()[0].str(),
            "in.txt:3:7: error: the number is odd [odd] -- pass an even one");
}

TEST(Diagnostic, PlacesByOffset) {
  EXPECT_EQ(Place::atOffset("a.pdi", 0x150).str(), "a.pdi@0x150");
  EXPECT_EQ(Place::at("a.mlir", 4).str(), "a.mlir:4");
}

TEST(Bytes, ReaderLatchesPastTheEnd) {
  const Bytes data = ByteWriter().u32(0x01020304).u16(0xBEEF).take();
  ByteReader reader(data);
  EXPECT_EQ(reader.u32(), 0x01020304u);
  EXPECT_EQ(reader.u32(), 0u);
  EXPECT_TRUE(reader.failed());
  EXPECT_EQ(reader.left(), 0u);
}

TEST(Bytes, HugeLengthsAreRefused) {
  const Bytes data(8);
  ByteReader reader(data);
  reader.skip(4);
  EXPECT_TRUE(reader.bytes(~size_t{0}).empty());
  EXPECT_TRUE(reader.failed());
  EXPECT_TRUE(ByteReader(data, 9).failed());
}

TEST(Demangle, NamesOfAllKinds) {
  EXPECT_EQ(demangle("_Z1fPfi"), "f(float*, int)");
  EXPECT_EQ(demangle("_Z7momentsPKDF16b"), "moments(__bf16 const*)");
  EXPECT_EQ(demangle("f"), "f");
  EXPECT_EQ(demangle("_Z"), "_Z");
}

TEST(File, WriteThenReadAndErrors) {
  const std::string dir = testing::TempDir() + "/ashlar_file_test";
  std::filesystem::create_directories(dir);
  const Bytes data = {1, 2, 3};
  ASSERT_TRUE(writeFile(dir + "/x.bin", data).ok());
  EXPECT_EQ(*readFile(dir + "/x.bin"), data);
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(dir), {}), 1);
  EXPECT_EQ(readFile(dir + "/none").errors()[0].code, "file-missing");
  EXPECT_EQ(readFile(dir).errors()[0].code, "file-missing");
  EXPECT_EQ(writeFile(dir + "/no/x.bin", data).errors()[0].code, "file-write");
  EXPECT_EQ(writeFile(dir, data).errors()[0].code, "file-write");
  // Links and devices stay what they are, permissions too.
  std::filesystem::create_symlink("x.bin", dir + "/link");
  std::filesystem::permissions(dir + "/x.bin", std::filesystem::perms::owner_all);
  ASSERT_TRUE(writeFile(dir + "/link", Bytes{4}).ok());
  EXPECT_TRUE(std::filesystem::is_symlink(dir + "/link"));
  EXPECT_EQ(*readFile(dir + "/x.bin"), Bytes{4});
  EXPECT_EQ(std::filesystem::status(dir + "/x.bin").permissions(),
            std::filesystem::perms::owner_all);
  ASSERT_TRUE(writeFile("/dev/full", {}).ok());
  EXPECT_EQ(writeFile("/dev/full", data).errors()[0].code, "file-write");
  EXPECT_TRUE(std::filesystem::is_character_file("/dev/full"));
  std::filesystem::remove_all(dir);
}
