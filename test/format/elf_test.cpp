// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// ELF: what is written is read back the same; damaged files are named, never followed.
#include "format/ar.h"
#include "format/elf.h"
#include "format/mutate.h"

#include <algorithm>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

using namespace ashlar;
using namespace ashlar::format;

namespace {

elf::File sampleObject() {
  elf::File f;
  elf::Section text;
  text.name = ".text.f";
  text.flags = elf::kAlloc | elf::kExec | elf::kGroup;
  text.align = 16;
  text.data = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12};
  text.size = 12;
  text.relocs = {{0, 49, 2, 4}, {6, 0, 0, -8}};
  elf::Section bss;
  bss.name = ".bss";
  bss.type = elf::kNoBits;
  bss.flags = elf::kAlloc | elf::kWrite;
  bss.align = 32;
  bss.size = 100;
  elf::Section sizes;
  sizes.name = ".stack_sizes";
  sizes.flags = elf::kLinkOrder;
  sizes.link = 0;
  sizes.data = {0, 0, 0, 0, 64};
  sizes.size = 5;
  f.sections = {text, bss, sizes};
  f.symbols = {{"f", 0, 12, elf::Bind::Global, elf::SymbolType::Function, 0, 0},
               {"local", 4, 4, elf::Bind::Local, elf::SymbolType::Object, 0, 1},
               {"outside", 0, 0, elf::Bind::Global, elf::SymbolType::None, 0, elf::kUndefined},
               {"pool", 4, 8, elf::Bind::Global, elf::SymbolType::Object, 0, elf::kCommon},
               {"fixed", 0x70400, 16, elf::Bind::Weak, elf::SymbolType::Object, 2, elf::kAbsolute}};
  f.groups = {{0, true, {0}}};
  return f;
}

std::string symbolText(const elf::Symbol &s) {
  return fmt::format("{} {} {} {} {} {} {}", s.name, s.value, s.size, static_cast<int>(s.bind),
                     static_cast<int>(s.type), s.visibility, s.section);
}
std::string text(const elf::File &f) {
  std::string t = fmt::format("{} {} {}\n", static_cast<int>(f.type), f.flags, f.entry);
  for (const elf::Section &s : f.sections) {
    t += fmt::format("{} {} {} {:x} {} {} {} {} |", s.name, s.type, s.flags, s.address, s.align,
                     s.entrySize, s.size, s.link);
    for (const uint8_t b : s.data) t += fmt::format(" {}", b);
    for (const elf::Reloc &r : s.relocs)
      t += fmt::format("\n  {} {} {} {}", r.offset, r.type, f.symbols[r.symbol].name, r.addend);
    t += "\n";
  }
  for (const elf::Segment &s : f.segments)
    t += fmt::format("{} {} {:x} {:x} {} {} {}\n", s.type, s.flags, s.virtualAddress,
                     s.physicalAddress, s.memorySize, s.align, s.data.size());
  std::vector<std::string> symbols;
  for (const elf::Symbol &s : f.symbols) symbols.push_back(symbolText(s));
  std::sort(symbols.begin(), symbols.end());
  for (const std::string &s : symbols) t += s + "\n";
  for (const elf::Group &g : f.groups) {
    t += f.symbols[g.signature].name;
    for (const uint32_t s : g.sections) t += " " + f.sections[s].name;
  }
  return t;
}

} // namespace

TEST(Elf, ObjectRoundTrip) {
  const elf::File object = sampleObject();
  const Bytes bytes = elf::write(object);
  const Result<elf::File> back = elf::read(bytes, "a.o");
  ASSERT_TRUE(back.ok()) << back.errors()[0].str();
  EXPECT_EQ(text(*back), text(object));
  EXPECT_EQ(elf::write(*back), bytes);
  EXPECT_EQ(back->findSymbol("f")->size, 12u);
  EXPECT_EQ(back->findSymbol("outside"), nullptr);
  EXPECT_EQ(back->findSection(".bss")->size, 100u);
}

TEST(Elf, ExecutableSharesSegmentBytes) {
  elf::File f;
  f.type = elf::FileType::Executable;
  elf::Section code;
  code.name = ".text";
  code.flags = elf::kAlloc | elf::kExec;
  code.align = 16;
  code.data = Bytes(64, 0xAB);
  code.size = 64;
  elf::Section data;
  data.name = ".data";
  data.flags = elf::kAlloc | elf::kWrite;
  data.address = 0x70400;
  data.data = {1, 2, 3};
  data.size = 3;
  elf::Section bss;
  bss.name = ".bss";
  bss.type = elf::kNoBits;
  bss.flags = elf::kAlloc | elf::kWrite;
  bss.address = 0x70420;
  bss.size = 32;
  f.sections = {code, data, bss};
  f.segments = {elf::loadSegment(f, {0}, elf::kSegExec | elf::kSegRead),
                elf::loadSegment(f, {1, 2}, elf::kSegWrite | elf::kSegRead)};
  const Bytes bytes = elf::write(f);
  const Result<elf::File> back = elf::read(bytes, "core.elf");
  ASSERT_TRUE(back.ok()) << back.errors()[0].str();
  EXPECT_EQ(text(*back), text(f));
  EXPECT_EQ(back->segments[1].memorySize, 0x40u);
  EXPECT_EQ(back->segments[1].data.size(), 3u);
  EXPECT_EQ(back->sections[0].fileOffset, back->segments[0].fileOffset);
}

TEST(Elf, ForeignFilesAreNamed) {
  EXPECT_EQ(elf::read(Bytes{'h', 'i'}, "x").errors()[0].code, "elf-foreign");
  Bytes x86 = elf::write(sampleObject());
  writeU16(&x86[18], 62);
  EXPECT_THAT(elf::read(x86, "k.o").errors()[0].str(), testing::HasSubstr("x86-64"));
  Bytes wide = elf::write(sampleObject());
  wide[4] = 2;
  EXPECT_EQ(elf::read(wide, "k.o").errors()[0].code, "elf-foreign");
}

TEST(Elf, EveryCutIsAnError) {
  const Bytes bytes = elf::write(sampleObject());
  for (size_t n = 0; n < bytes.size(); ++n) {
    const Result<elf::File> r = elf::read(ByteView(bytes).first(n), "cut.o");
    ASSERT_FALSE(r.ok()) << n;
    EXPECT_TRUE(r.errors()[0].place.known());
  }
}

TEST(Elf, DamageIsNeverFollowed) {
  format_test::mutate(elf::write(sampleObject()), 40000, [](ByteView data) {
    const Result<elf::File> r = elf::read(data, "bad.o");
    if (r.ok()) elf::write(*r);
  });
}

TEST(Ar, RoundTripWithLongNames) {
  const std::vector<ar::Member> members = {{"a.o", {1, 2, 3}, 0},
                                           {"a_rather_long_member_name.o", {4}, 0},
                                           {"fifteen_chars.o", {}, 0},
                                           {"another_long_member.o", {5, 6}, 0}};
  const Bytes bytes = ar::write(members);
  const auto back = ar::read(bytes, "lib.a");
  ASSERT_TRUE(back.ok()) << back.errors()[0].str();
  ASSERT_EQ(back->size(), members.size());
  for (size_t i = 0; i < members.size(); ++i) {
    EXPECT_EQ((*back)[i].name, members[i].name);
    EXPECT_EQ((*back)[i].data, members[i].data);
  }
}

TEST(Ar, BsdNames) {
  ByteWriter w;
  w.text("!<arch>\n").text("#1/8            0           0     0     644     11        `\n");
  w.text("kern.o").u8(0).u8(0).text("abc");
  const auto back = ar::read(w.view(), "bsd.a");
  ASSERT_TRUE(back.ok());
  EXPECT_EQ((*back)[0].name, "kern.o");
  EXPECT_EQ((*back)[0].data, (Bytes{'a', 'b', 'c'}));
}

TEST(Ar, DamageIsNeverFollowed) {
  EXPECT_EQ(ar::read(Bytes{'!', '<', 't', 'h', 'i', 'n', '>', '\n'}, "t.a").errors()[0].code,
            "ar-thin");
  const Bytes bytes =
      ar::write({{"a_rather_long_member_name.o", Bytes(20, 7), 0}, {"b.o", {1}, 0}});
  for (size_t n = 9; n + 3 < bytes.size(); ++n)
    if (n != 8 + 60 + 30 && n != 8 + 60 + 30 + 60 + 20) // ends of whole members
      EXPECT_FALSE(ar::read(ByteView(bytes).first(n), "cut.a").ok()) << n;
  format_test::mutate(bytes, 40000, [](ByteView data) { (void)ar::read(data, "bad.a"); });
}
