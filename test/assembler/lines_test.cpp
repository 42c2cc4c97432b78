// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Source lines in listings, from line tables of DWARF 4 and 5 written by hand.
#include "assembler/assembler.h"
#include "assembler/disassembler.h"
#include "format/dwarf_lines.h"

#include <gtest/gtest.h>

namespace ashlar::assembler {
namespace {

namespace elf = format::elf;

constexpr const char *kCode = "\t.text\nf:\n\tnop\n\tnop\n\tnop\n\tnop\n\tnop\n.Lend:\n";
// set_address f; advance_line +9; copy; special (address +2, line +1); advance_pc 2; line +5; copy;
// advance_pc 4; end_sequence
constexpr const char *kProgram = "\t.byte 0, 5, 2\n\t.long f\n\t.byte 3, 9, 1, 13+14*2+1+5, 2, 2, "
                                 "3, 5, 1, 2, 4, 0, 1, 1\n.Lunit:\n";

std::string version4() {
  return std::string(kCode) +
         "\t.section .debug_line,\"\",@progbits\n\t.long .Lunit-.Lstart\n.Lstart:\n\t.short 4\n"
         "\t.long .Lheader-.Lafter\n.Lafter:\n\t.byte 1, 1, 1, -5, 14, 13, "
         "0,1,1,1,1,0,0,0,1,0,0,1\n"
         "\t.asciz \"src\"\n\t.byte 0\n\t.asciz \"a.c\"\n\t.byte 1, 0, 0\n\t.byte 0\n.Lheader:\n" +
         kProgram;
}
std::string version5() {
  return std::string(kCode) +
         "\t.section .debug_line_str,\"MS\",@progbits,1\n\t.asciz \"/work\"\n.Lname:\n\t.asciz "
         "\"b.cc\"\n"
         "\t.section .debug_line,\"\",@progbits\n\t.long .Lunit-.Lstart\n.Lstart:\n\t.short "
         "5\n\t.byte 4, 0\n"
         "\t.long .Lheader-.Lafter\n.Lafter:\n\t.byte 1, 1, 1, -5, 14, 13, "
         "0,1,1,1,1,0,0,0,1,0,0,1\n"
         "\t.byte 1, 1, 0x1f, 1\n\t.long .debug_line_str_0\n"
         "\t.byte 2, 1, 0x1f, 2, 0x0b, 2\n\t.long .Lname\n\t.byte 0\n\t.long .Lname\n\t.byte "
         "0\n.Lheader:\n" +
         kProgram +
         "\t.section .debug_line_str,\"MS\",@progbits,1\n\t.set .debug_line_str_0, .Lname-6\n";
}

TEST(Lines, BothVersions) {
  for (auto [text, name] :
       {std::pair{version4(), "src/a.c"}, std::pair{version5(), "/work/b.cc"}}) {
    auto file = assemble(text, "lines.s");
    ASSERT_TRUE(file.ok()) << file.errors()[0].str();
    auto lines = format::dwarf::readLines(*file, "lines.o");
    ASSERT_TRUE(lines.ok()) << lines.errors()[0].str();
    int section = 0;
    struct {
      uint32_t address, line;
    } expected[] = {{0, 10}, {1, 10}, {2, 11}, {4, 16}, {7, 16}};
    for (auto [address, line] : expected) {
      auto found = lines->find(section, address);
      ASSERT_TRUE(found.has_value()) << name << " " << address;
      EXPECT_EQ(found->line, line) << name << " " << address;
      EXPECT_EQ(*found->file, name);
    }
    EXPECT_FALSE(lines->find(section, 8).has_value()); // behind the sequence
    EXPECT_FALSE(lines->find(section + 1, 0).has_value());
    std::string out;
    Counts counts;
    disassemble(*file, {}, out, counts);
    EXPECT_NE(out.find(std::string("// ") + name + ":11\n"), std::string::npos) << out;
    EXPECT_TRUE(assemble(out, "again.s").ok());
  }
}

TEST(Lines, DamagedTablesAreRefused) {
  auto file = assemble(version5(), "lines.s");
  ASSERT_TRUE(file.ok());
  elf::Section *s = nullptr;
  for (elf::Section &x : file->sections)
    if (x.name == ".debug_line") s = &x;
  ASSERT_TRUE(s);
  Bytes whole = s->data;
  unsigned refused = 0;
  for (size_t n = 0; n < whole.size(); ++n)
    for (uint8_t with : {uint8_t{0}, uint8_t{0xFF}, uint8_t{0x7F}}) {
      s->data = whole;
      s->data[n] = with;
      refused += !format::dwarf::readLines(*file, "x").ok();
    }
  for (size_t n = 5; n < whole.size(); ++n) {
    s->data.assign(whole.begin(), whole.begin() + static_cast<long>(n));
    EXPECT_FALSE(format::dwarf::readLines(*file, "x").ok()) << n;
  }
  EXPECT_GT(refused, 10u);
}

} // namespace
} // namespace ashlar::assembler
