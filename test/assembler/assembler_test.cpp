// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Text to objects: sections, symbols, data, alignment, relocations, and what is refused. The way
// back: a listing assembles to the same bytes.
#include "assembler/assembler.h"

#include "assembler/disassembler.h"
#include "assembler/lint.h"
#include "format/mutate.h"
#include "isa/decode.h"
#include "isa/encode.h"
#include "isa/print.h"
#include "isa/relocs.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <random>

namespace ashlar::assembler {
namespace {

namespace elf = format::elf;

elf::File good(std::string_view text) {
  auto file = assemble(text, "test.s");
  EXPECT_TRUE(file.ok()) << (file.ok() ? "" : file.errors()[0].str());
  if (!file) return {};
  auto again = elf::read(elf::write(*file), "test.o"); // what the file says, not what we meant
  EXPECT_TRUE(again.ok());
  return again ? *again : elf::File{};
}

std::string bad(std::string_view text) {
  auto file = assemble(text, "test.s");
  EXPECT_FALSE(file.ok()) << text;
  return file.ok() ? "" : file.errors()[0].str();
}

std::string listing(const elf::File &file, bool addresses = true) {
  std::string out;
  Counts counts;
  disassemble(file, {addresses, true}, out, counts);
  return out;
}

constexpr const char *kProgram = R"(
	.file	"start.c"
	.text
	.globl	__start
	.p2align	4
	.type	__start,@function
__start:                                // @__start
	jl	#main
	movxm	sp, #_stack             /* a delay slot */
	nop
	nop
	nop ; 
	nop
	.p2align	4
.LBB0_1:
	lda	r0, [p0], #4; nopb ; nopxm
	mova	r1, #-7 ; movx r2, #(.Lend-.LBB0_1) ; mov p1, #table
	jnz	r0, #.LBB0_1
1:	nop
	j	#1b
	j	#2f
2:	ret lr
.Lend:
	.size	__start, .-__start
	.data
	.balign 4
table:
	.word	main, table+8, 7, -1, .Lend-.LBB0_1
	.short	1, 0xffff
	.byte	'a', -128, 255
	.asciz	"x\ty\"\x41\101"
	.set	four, 4
other = four*2+1
	.long	other
	.globl absolute
	.set absolute, 0x70000
	.set alias, table+4
	.long alias
	.bss
	.globl	buffer
buffer:
	.zero	64
	.comm	shared,32,16
	.section	.stack_sizes,"o",@progbits,.text
	.long	__start
	.uleb128 300
	.sleb128 -2
)";

TEST(Assembler, AWholeFile) {
  elf::File f = good(kProgram);
  const elf::Section *text = f.findSection(".text"), *data = f.findSection(".data");
  ASSERT_TRUE(text && data);
  EXPECT_EQ(text->flags, uint32_t{elf::kAlloc | elf::kExec});
  EXPECT_EQ(text->align, 16u);
  EXPECT_EQ(f.flags, 2u);
  const elf::Symbol *start = f.findSymbol("__start"), *main = nullptr;
  for (const elf::Symbol &s : f.symbols)
    if (s.name == "main") main = &s;
  ASSERT_TRUE(start && main);
  EXPECT_EQ(start->bind, elf::Bind::Global);
  EXPECT_EQ(start->type, elf::SymbolType::Function);
  EXPECT_EQ(start->size, text->size);
  EXPECT_FALSE(main->defined());
  EXPECT_EQ(main->bind, elf::Bind::Global);
  EXPECT_EQ(f.findSymbol(".LBB0_1"), nullptr);
  // jl is alone in a 6-byte bundle: relocation 1; movxm: 42.
  ASSERT_GE(text->relocs.size(), 2u);
  EXPECT_EQ(text->relocs[0].type, 1u);
  EXPECT_EQ(text->relocs[0].offset, 0u);
  EXPECT_EQ(text->relocs[1].type, 42u);
  EXPECT_EQ(text->relocs[1].offset, 6u);
  // The local label goes through the section symbol.
  bool local = false;
  for (const elf::Reloc &r : text->relocs)
    local |= f.symbols[r.symbol].type == elf::SymbolType::Section && r.addend == 32;
  EXPECT_TRUE(local);
  // Data.
  EXPECT_EQ(readU32(&data->data[8]), 7u);
  EXPECT_EQ(readU32(&data->data[12]), 0xFFFFFFFFu);
  EXPECT_EQ(readU32(&data->data[16]), text->size - 32);
  ASSERT_EQ(data->relocs.size(), 3u);
  EXPECT_EQ(data->relocs[1].addend, 8);
  EXPECT_EQ(data->data[24], 'a');
  EXPECT_STREQ(reinterpret_cast<const char *>(&data->data[27]), "x\ty\"AA");
  EXPECT_EQ(readU32(&data->data[34]), 9u);
  EXPECT_EQ(f.findSymbol("absolute")->value, 0x70000u);
  EXPECT_EQ(f.findSymbol("absolute")->section, elf::kAbsolute);
  EXPECT_EQ(f.findSymbol("alias")->value, 4u);
  EXPECT_EQ(f.findSection(".bss")->size, 64u);
  EXPECT_EQ(f.findSymbol("shared")->section, elf::kCommon);
  const elf::Section *sizes = f.findSection(".stack_sizes");
  ASSERT_TRUE(sizes);
  EXPECT_EQ(sizes->size, 7u);
  EXPECT_EQ(f.sections[static_cast<size_t>(sizes->link)].name, ".text");
}

TEST(Assembler, ListingAssemblesToTheSame) {
  elf::File f = good(kProgram);
  for (bool addresses : {true, false}) {
    elf::File g = good(listing(f, addresses));
    for (const elf::Section &s : f.sections) {
      const elf::Section *t = g.findSection(s.name);
      ASSERT_TRUE(t) << s.name;
      EXPECT_EQ(s.data, t->data) << s.name << "\n" << listing(f);
      EXPECT_EQ(s.size, t->size);
      ASSERT_EQ(s.relocs.size(), t->relocs.size()) << s.name;
      for (size_t i = 0; i < s.relocs.size(); ++i) {
        EXPECT_EQ(s.relocs[i].offset, t->relocs[i].offset);
        EXPECT_EQ(s.relocs[i].type, t->relocs[i].type);
        EXPECT_EQ(s.relocs[i].addend, t->relocs[i].addend);
        EXPECT_EQ(f.symbols[s.relocs[i].symbol].name, g.symbols[t->relocs[i].symbol].name);
      }
    }
    EXPECT_EQ(listing(f, addresses), listing(g, addresses));
  }
}

// Programs of random bytes: whatever the bytes are, the listing assembles to them.
TEST(Assembler, RandomCodeSurvivesTheListing) {
  for (unsigned seed = 1; seed <= 20; ++seed) {
    std::mt19937_64 random(seed);
    Bytes code;
    while (code.size() < 4096) {
      std::array<uint8_t, 16> raw;
      writeU64(raw.data(), random());
      writeU64(raw.data() + 8, random());
      isa::Bundle bundle;
      bool whole = isa::decode(raw, 0, bundle) == isa::DecodeError::None;
      if (!whole && random() % 4) continue; // mostly bundles, some rubbish
      code.insert(code.end(), raw.begin(), raw.begin() + bundle.size);
      if (random() % 64 == 0) code.insert(code.end(), random() % 300 * 2, 0);
    }
    std::string text;
    Counts counts;
    disassemble(code, 0, {}, text, counts);
    auto file = assemble(text, "random.s");
    ASSERT_TRUE(file.ok()) << "seed " << seed << ": " << file.errors()[0].str();
    EXPECT_EQ(file->findSection(".text")->data, code) << "seed " << seed;
    EXPECT_GT(counts.bundles, 40u);
  }
}

TEST(Assembler, RelocationsLandInTheOperand) {
  // Every place of an address in every format: apply the relocation and decode the value back.
  elf::File f = good(R"(
	.text
	jl #t
	jl #t ; vmul cm0, x0, x1, r0
	nopa ; nopb ; nops ; movxm p0, #t ; nopv
	nopa ; movxm p0, #t
	nopb ; nopa ; nops ; nopx ; mov p0, #t ; nopv
	mova p0, #t ; mov p1, #t ; movx r0, #t ; nopv
)");
  elf::Section text = *f.findSection(".text");
  ASSERT_EQ(text.relocs.size(), 8u);
  for (const elf::Reloc &r : text.relocs) {
    auto x = isa::relocation(r.type);
    ASSERT_TRUE(x.has_value());
    isa::applyRelocation(*x, std::span(text.data).subspan(r.offset), 0x1A5);
  }
  isa::Bundle bundle;
  unsigned found = 0;
  for (size_t at = 0; at < text.data.size(); at += bundle.size) {
    ASSERT_EQ(isa::decode(text.data, at, bundle), isa::DecodeError::None);
    for (const isa::Inst &inst : bundle.all())
      for (unsigned i = 0; i < isa::info(inst).operands.size(); ++i)
        found += !isa::info(inst).operands[i].isReg && inst.ops[i] == 0x1A5;
  }
  EXPECT_EQ(found, 8u);
}

TEST(Assembler, AlignmentInCodeIsExecutable) {
  elf::File f = good("\tnop\n\t.p2align 4\n\tdone\n");
  const Bytes &code = f.findSection(".text")->data;
  isa::Bundle bundle;
  size_t at = 0;
  for (; at < 16; at += bundle.size) {
    ASSERT_EQ(isa::decode(code, at, bundle), isa::DecodeError::None);
    for (const isa::Inst &inst : bundle.all()) EXPECT_TRUE(isa::info(inst).isNop);
  }
  EXPECT_EQ(at, 16u);
  ASSERT_EQ(isa::decode(code, at, bundle), isa::DecodeError::None);
  EXPECT_EQ(isa::print(bundle), "done");
}

TEST(Assembler, RefusesWithPlaceAndReason) {
  struct Case {
    const char *text, *words;
  } cases[] = {
      {"\tfoo r0\n", "test.s:1: error: unknown instruction 'foo' [asm-mnemonic]"},
      {"\n\tnopa ; nopa\n", "test.s:2: error: two instructions of this bundle need slot lda"},
      {"\tnopx ; nopxm\n", "no bundle holds the slots"},
      {"\t.data\n\tnop\n", "section .data is not for code"},
      {"a:\na:\n", "'a' is defined twice; first at test.s:1"},
      {"\t.frobnicate 3\n", ".frobnicate is not supported"},
      {"\t.p2alig 3\n", "did you mean '.p2align'"},
      {"\t.byte 256\n", "256 does not fit in 1 bytes"},
      {"\t.byte a\n", "an address needs 4 bytes"},
      {"\t.long a-b\n", "only a symbol plus a number"},
      {"\tj #.Lnowhere\n", "label '.Lnowhere' is not defined"},
      {"\tj #1b\n", "no label 1 before"},
      {"\t.balign 3\n", "3 is not an alignment"},
      {"\t.ascii \"abc\n", "needs a string in quotes"},
      {"/* open\n", "ends inside a comment"},
      {"\t.byte 1\n\tnop\n", "even address"},
      {"\tmovx r0, #x\n\t.set x, 99999\n", "99999 is outside"},
      {"\t.section .x,\"q\"\n", "flag 'q' is not supported"},
      {"\t.popsection\n", ".popsection without .pushsection"},
      {"\t.bss\n\t.byte 1\n", "only zeros can go there"},
      {"\t.zero 99999999999\n", "too many"},
      {"\t.set x, x+1\n", "defined by itself"},
      {"\tlda r0, [p0, #sym]\n", "cannot hold the address of a symbol"},
  };
  for (const Case &c : cases) {
    std::string said = bad(c.text);
    EXPECT_NE(said.find(c.words), std::string::npos) << c.text << " said: " << said;
  }
  auto many = assemble("\tfoo\n\tbar\n\tnop\n\tbaz\n", "test.s");
  ASSERT_FALSE(many.ok());
  EXPECT_EQ(many.errors().size(), 3u);
}

TEST(Assembler, DamagedObjectsAreListedOrRefused) {
  auto file = assemble(kProgram, "test.s");
  ASSERT_TRUE(file.ok());
  unsigned listed = 0;
  format_test::mutate(elf::write(*file), 4000, [&](ByteView data) {
    auto damaged = elf::read(data, "damaged.o");
    if (!damaged) return;
    for (const elf::Section &s : damaged->sections)
      if (s.size > 1u << 20) return; // a wrong size of .bss only costs time
    std::string out;
    Counts counts;
    disassemble(*damaged, {}, out, counts);
    disassembleJson(*damaged, counts);
    lint(*damaged, "damaged.o");
    ++listed;
  });
  EXPECT_GT(listed, 100u);
}

// Nothing that is cut or changed may crash the reader.
TEST(Assembler, DamagedTextIsRefusedOrAccepted) {
  std::mt19937 random(5);
  std::string text = kProgram;
  for (unsigned n = 0; n < 3000; ++n) {
    std::string t = text;
    for (unsigned k = random() % 4 + 1; k-- > 0;) {
      size_t at = random() % t.size();
      switch (random() % 3) {
      case 0: t[at] = static_cast<char>(random() % 96 + 32); break;
      case 1: t.erase(at, random() % 20); break;
      default: t.insert(at, t.substr(random() % t.size(), random() % 30)); break;
      }
      if (t.empty()) t = "x";
    }
    auto file = assemble(t, "damaged.s");
    if (file)
      elf::write(*file);
    else
      EXPECT_FALSE(file.errors()[0].message.empty());
  }
}

} // namespace
} // namespace ashlar::assembler
