// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Resolution, layout, relocation and the linker's errors, on objects made by hand.
#include "isa/relocs.h"
#include "link/build.h"

#include <algorithm>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <random>

namespace ashlar::link_test {
namespace {

using testing::HasSubstr;

elf::File mustRead(const Result<link::Linked> &linked) {
  if (!linked.ok()) {
    ADD_FAILURE() << text(linked.errors());
    return {};
  }
  auto file = elf::read(linked->elf, "out.elf");
  if (!file.ok()) {
    ADD_FAILURE() << text(file.errors());
    return {};
  }
  return *file;
}
uint32_t valueOf(const elf::File &file, const char *name) {
  const elf::Symbol *s = file.findSymbol(name);
  if (!s) ADD_FAILURE() << "no symbol " << name;
  return s ? s->value : 0;
}
std::string errorsOf(const Result<link::Linked> &linked) {
  EXPECT_FALSE(linked.ok());
  return linked.ok() ? "" : text(linked.errors());
}
bool reports(const Diagnostics &all, std::string_view code) {
  return std::any_of(all.begin(), all.end(), [&](const Diagnostic &d) { return d.code == code; });
}
/// What the instruction at that program address holds.
uint32_t field(const elf::File &file, uint32_t relocation, uint32_t address) {
  return isa::readRelocation(*isa::relocation(relocation),
                             ByteView(file.segments.at(0).data).subspan(address));
}

TEST(Link, StartCodeComesFirstAndMainIsTheCore) {
  Diagnostics warnings;
  // The core's object is named first: the entry's section still lies at 0.
  const auto linked = linkAll({coreObject({}), startCode()}, warnings);
  const elf::File file = mustRead(linked);
  EXPECT_EQ(valueOf(file, "__start"), 0u);
  EXPECT_EQ(valueOf(file, "core_0_2"), 32u);
  EXPECT_EQ(valueOf(file, "main"), 32u);
  EXPECT_EQ(valueOf(file, "_sp_start_value_DM_stack"), 0x70000u);
  ASSERT_EQ(file.segments.size(), 1u);
  EXPECT_EQ(file.segments[0].physicalAddress, 0u);
  EXPECT_EQ(linked->programBytes, 96u);
  EXPECT_EQ(field(file, kJump6, 0), 32u);
}

TEST(Link, DataFollowsTheBuffersAndZerosHaveNoBytes) {
  ObjectBuilder b;
  const uint32_t code = b.function("core_0_2");
  const uint32_t data = b.section(".data.table", elf::kAlloc | elf::kWrite, Bytes(5, 0xAA), 4);
  const uint32_t table = b.object("table", static_cast<int32_t>(data), 5);
  const uint32_t constants = b.section(".rodata.k", elf::kAlloc, Bytes(8, 0), 8);
  const uint32_t k = b.object(".Lk", static_cast<int32_t>(constants), 8, elf::Bind::Local);
  const uint32_t z = b.object("z", static_cast<int32_t>(b.zeros(".bss.z", 100)), 100);
  const uint32_t common =
      b.symbol("pool", elf::kCommon, 64, elf::Bind::Global, elf::SymbolType::Object, 128);
  b.reloc(code, 0, kMovxm6, table);
  b.reloc(code, 6, kMovxm6, z, 4);
  b.reloc(code, 12, kMovxm6, common);
  b.reloc(code, 18, kMovxm6, b.undefined("buffer_a"), 8);
  b.reloc(code, 24, kMovxm6, k);
  b.reloc(constants, 4, kDataWord, table, 2);
  Diagnostics warnings;
  const auto linked = linkAll({startCode(), b.input("core.o")}, warnings);
  const elf::File file = mustRead(linked);
  EXPECT_EQ(valueOf(file, "table"), 0x70800u);
  ASSERT_EQ(file.segments.size(), 3u);
  const elf::Segment &filled = file.segments[1], &zeros = file.segments[2];
  EXPECT_EQ(filled.physicalAddress, 0x70800u);
  ASSERT_EQ(filled.data.size(), 16u); // 5, padding to 8, 8
  EXPECT_EQ(readU32(&filled.data[12]), 0x70802u);
  EXPECT_EQ(zeros.data.size(), 0u);
  EXPECT_EQ(zeros.physicalAddress, 0x70810u);
  EXPECT_EQ(valueOf(file, "pool") % 64, 0u);
  EXPECT_EQ(zeros.physicalAddress + zeros.memorySize, valueOf(file, "pool") + 128);
  EXPECT_EQ(field(file, kMovxm6, 32), 0x70800u);
  EXPECT_EQ(field(file, kMovxm6, 38), 0x70814u);
  EXPECT_EQ(field(file, kMovxm6, 44), valueOf(file, "pool"));
  EXPECT_EQ(field(file, kMovxm6, 50), 0x70408u);
  EXPECT_EQ(field(file, kMovxm6, 56), 0x70808u);
}

TEST(Link, GarbageIsDroppedAndCodeIsPaddedWithNops) {
  ObjectBuilder b;
  b.function("dead", 512);
  b.function("used", 6);
  b.function("other", 8);
  Diagnostics warnings;
  const std::vector<link::Input> inputs{startCode(), coreObject({"used", "other"}), b.input("k.o")};
  const elf::File file = mustRead(linkAll(inputs, warnings));
  EXPECT_EQ(file.findSymbol("dead"), nullptr);
  EXPECT_EQ(valueOf(file, "used"), 96u);
  EXPECT_EQ(valueOf(file, "other"), 112u);
  const Bytes &code = file.segments.at(0).data;
  ASSERT_EQ(code.size(), 120u);
  for (uint32_t i = 102; i < 112; i += 2) EXPECT_EQ(readU16(&code[i]), 0x0001u) << i;

  link::Options keep;
  keep.collectGarbage = false;
  EXPECT_NE(mustRead(linkAll(inputs, warnings, core(), keep)).findSymbol("dead"), nullptr);
}

TEST(Link, ArchiveMembersAreTakenOnDemandInAnyOrder) {
  ObjectBuilder one, two, unused;
  const uint32_t code = one.function("one");
  one.reloc(code, 0, kJump6, one.undefined("two"));
  two.function("two");
  unused.function("unused");
  unused.undefined("nowhere");
  // `two` stands in an earlier archive than the member that wants it.
  const Bytes first = format::ar::write({{"two.o", two.input("").data, 0}});
  const Bytes second =
      format::ar::write({{"unused.o", unused.input("").data, 0}, {"one.o", one.input("").data, 0}});
  Diagnostics warnings;
  const elf::File file = mustRead(linkAll(
      {startCode(), coreObject({"one"}), {"libtwo.a", first}, {"libone.a", second}}, warnings));
  EXPECT_NE(file.findSymbol("two"), nullptr);
  EXPECT_EQ(file.findSymbol("unused"), nullptr);
}

TEST(Link, StrongBeatsWeakInEitherOrderAndTwoStrongOnesClash) {
  ObjectBuilder weak, strong;
  weak.function("f", 32, elf::Bind::Weak);
  strong.function("f", 64);
  Diagnostics warnings;
  const link::Input w = weak.input("weak.o"), s = strong.input("strong.o");
  for (const bool weakFirst : {true, false}) {
    const elf::File file = mustRead(
        linkAll({startCode(), coreObject({"f"}), weakFirst ? w : s, weakFirst ? s : w}, warnings));
    ASSERT_NE(file.findSymbol("f"), nullptr);
    EXPECT_EQ(file.findSymbol("f")->size, 64u);
  }
  const std::string errors =
      errorsOf(linkAll({startCode(), coreObject({"f"}), s, strong.input("b.o")}, warnings));
  EXPECT_THAT(errors, HasSubstr("b.o: error: symbol `f` is defined here and by strong.o"));
  EXPECT_THAT(errors, HasSubstr("[duplicate-symbol]"));
}

TEST(Link, TheDesignsBuffersCannotBeDefinedTwice) {
  ObjectBuilder b;
  const uint32_t data = b.section(".data", elf::kAlloc | elf::kWrite, Bytes(4, 0), 4);
  b.object("buffer_a", static_cast<int32_t>(data), 4);
  Diagnostics warnings;
  EXPECT_THAT(errorsOf(linkAll({startCode(), coreObject({}), b.input("k.o")}, warnings)),
              HasSubstr("symbol `buffer_a` is defined here and by the design"));
}

TEST(Link, OneCopyOfAComdatGroup) {
  const auto copy = [](const char *caller, uint32_t size) {
    ObjectBuilder b;
    const uint32_t user = b.function(caller);
    const uint32_t body = b.function("inline_f", size, elf::Bind::Weak);
    b.file.sections[body].flags |= elf::kGroup;
    const uint32_t symbol = static_cast<uint32_t>(b.file.symbols.size()) - 1;
    b.file.groups.push_back({symbol, true, {body}});
    b.reloc(user, 0, kJump6, symbol);
    return b;
  };
  Diagnostics warnings;
  const elf::File file = mustRead(linkAll(
      {startCode(), coreObject({"x", "y"}), copy("x", 32).input("x.o"), copy("y", 48).input("y.o")},
      warnings));
  ASSERT_NE(file.findSymbol("inline_f"), nullptr);
  EXPECT_EQ(file.findSymbol("inline_f")->size, 32u);
  for (const char *caller : {"x", "y"})
    EXPECT_EQ(field(file, kJump6, valueOf(file, caller)), valueOf(file, "inline_f"));
}

TEST(Link, WeakReferenceToNothingIsZero) {
  ObjectBuilder b;
  const uint32_t code = b.function("core_0_2");
  b.reloc(code, 0, kMovxm6, b.undefined("maybe", elf::Bind::Weak));
  Diagnostics warnings;
  const elf::File file = mustRead(linkAll({startCode(), b.input("core.o")}, warnings));
  EXPECT_EQ(field(file, kMovxm6, 32), 0u);
}

TEST(Link, ConstructorsAreSortedAndMissedWhenNobodyCallsThem) {
  ObjectBuilder b;
  b.function("core_0_2");
  b.function("init_a");
  const uint32_t a = static_cast<uint32_t>(b.file.symbols.size()) - 1;
  b.function("init_b");
  const auto array = [&](const char *name, uint32_t symbol) {
    const uint32_t at = b.section(name, elf::kAlloc | elf::kWrite, Bytes(4, 0), 4);
    b.file.sections[at].type = elf::kInitArray;
    b.reloc(at, 0, kDataWord, symbol);
  };
  array(".init_array", a);
  array(".init_array.00100", a + 1);
  Diagnostics warnings;
  EXPECT_TRUE(linkAll({startCode(), b.input("core.o")}, warnings).ok());
  EXPECT_TRUE(reports(warnings, "constructors-not-called"));

  ObjectBuilder start;
  const uint32_t code = start.function("__start");
  start.reloc(code, 0, kJump6, start.undefined("main"));
  start.reloc(code, 6, kMovxm6, start.undefined("__init_array_start"));
  start.reloc(code, 12, kMovxm6, start.undefined("__init_array_end"));
  warnings.clear();
  const elf::File file = mustRead(linkAll({start.input("crt0.o"), b.input("core.o")}, warnings));
  EXPECT_FALSE(reports(warnings, "constructors-not-called"));
  const Bytes &data = file.segments.at(1).data;
  ASSERT_EQ(data.size(), 8u);
  EXPECT_EQ(readU32(&data[0]), valueOf(file, "init_b"));
  EXPECT_EQ(readU32(&data[4]), valueOf(file, "init_a"));
  EXPECT_EQ(field(file, kMovxm6, 6), 0x70800u);
  EXPECT_EQ(field(file, kMovxm6, 12), 0x70808u);
}

TEST(Link, UndefinedSymbolsNameUserAndRemedy) {
  Diagnostics warnings;
  ObjectBuilder typo, cpp;
  typo.function("layernorm_512");
  cpp.function("_Z6kernelPfi");
  std::string errors =
      errorsOf(linkAll({startCode(), coreObject({"layernrom_512"}), typo.input("k.o")}, warnings));
  EXPECT_THAT(errors, HasSubstr("core.o: error: undefined symbol `layernrom_512`, wanted by "
                                "function `core_0_2` in core.o"));
  EXPECT_THAT(errors, HasSubstr("did you mean `layernorm_512` of k.o?"));
  errors = errorsOf(linkAll({startCode(), coreObject({"kernel"}), cpp.input("k.o")}, warnings));
  EXPECT_THAT(errors, HasSubstr("k.o defines the C++ function `kernel(float*, int)`; declare it "
                                "extern \"C\""));
  ObjectBuilder c;
  c.function("kernel");
  errors = errorsOf(linkAll({startCode(), coreObject({"_Z6kernelPfi"}), c.input("k.o")}, warnings));
  EXPECT_THAT(errors, HasSubstr("(kernel(float*, int))"));
  EXPECT_THAT(errors, HasSubstr("k.o defines the C function `kernel`"));
  errors = errorsOf(linkAll({startCode(), coreObject({"sqrtf"})}, warnings));
  EXPECT_THAT(errors, HasSubstr("undefined symbol `sqrtf`"));
  errors = errorsOf(linkAll({coreObject({})}, warnings));
  EXPECT_THAT(errors, HasSubstr("[no-entry]"));
}

TEST(Link, OverflowsShowWhoUsesWhat) {
  Diagnostics warnings;
  ObjectBuilder big;
  big.function("huge", 15 * 1024);
  big.function("large", 2 * 1024);
  std::string errors =
      errorsOf(linkAll({startCode(), coreObject({"huge", "large"}), big.input("k.o")}, warnings));
  EXPECT_THAT(errors, HasSubstr("design.mlir:7:3: error: the program of core (0,2) has 17504 "
                                "bytes, program memory has 16384: 1120 too many"));
  EXPECT_THAT(errors, HasSubstr("15360 bytes  huge (k.o)"));

  ObjectBuilder data;
  const uint32_t code = data.function("core_0_2");
  const uint32_t zeros = data.zeros(".bss.table", 63 * 1024);
  data.reloc(code, 0, kMovxm6, data.object("table", static_cast<int32_t>(zeros), 63 * 1024));
  errors = errorsOf(linkAll({startCode(), data.input("core.o")}, warnings));
  EXPECT_THAT(errors, HasSubstr("[data-memory]"));
  EXPECT_THAT(errors, HasSubstr("64512 bytes  table (core.o)"));
  EXPECT_THAT(errors, HasSubstr("1024 bytes  buffer_a (design)"));
}

TEST(Link, AnAddressThatItsFieldCannotHoldIsAnError) {
  Diagnostics warnings;
  ObjectBuilder narrow;
  narrow.reloc(narrow.function("core_0_2"), 0, 10, 1); // mova holds 11 bits
  narrow.undefined("buffer_a");
  std::string errors = errorsOf(linkAll({startCode(), narrow.input("core.o")}, warnings));
  EXPECT_THAT(errors, HasSubstr("[relocation-range]"));
  EXPECT_THAT(errors, HasSubstr("`buffer_a` is 0x70400"));

  ObjectBuilder unknown;
  unknown.reloc(unknown.function("core_0_2"), 0, 54, 1);
  unknown.undefined("buffer_a");
  errors = errorsOf(linkAll({startCode(), unknown.input("core.o")}, warnings));
  EXPECT_THAT(errors, HasSubstr("[relocation-unknown]"));

  ObjectBuilder outside;
  outside.reloc(outside.function("core_0_2", 32), 30, kMovxm6, 1);
  outside.undefined("buffer_a");
  errors = errorsOf(linkAll({startCode(), outside.input("core.o")}, warnings));
  EXPECT_THAT(errors, HasSubstr("past the end of its section"));
}

TEST(Link, ForeignInputsAreNamed) {
  Diagnostics warnings;
  EXPECT_THAT(errorsOf(linkAll({startCode(), {"kernel.o", Bytes(100, 0x42)}}, warnings)),
              HasSubstr("kernel.o"));
  const auto linked = linkAll({startCode(), coreObject({})}, warnings);
  ASSERT_TRUE(linked.ok());
  EXPECT_THAT(errorsOf(linkAll({startCode(), {"done.elf", linked->elf}}, warnings)),
              HasSubstr("done.elf: error: this is a linked program, not an object"));
}

TEST(Link, EqualInputsGiveEqualBytes) {
  Diagnostics warnings;
  ObjectBuilder b;
  for (int i = 0; i < 50; ++i) b.function("f" + std::to_string(i * 7919 % 50));
  std::vector<std::string> names;
  for (int i = 0; i < 10; ++i) names.push_back("f" + std::to_string(i));
  const std::vector<link::Input> inputs{startCode(), coreObject(names), b.input("k.o")};
  const auto one = linkAll(inputs, warnings), two = linkAll(inputs, warnings);
  ASSERT_TRUE(one.ok() && two.ok());
  EXPECT_EQ(one->elf, two->elf);
  EXPECT_EQ(link::mapText(core(), *one), link::mapText(core(), *two));
}

// Each relocation at random bits: the field reads back what was put, and no other bit changes.
TEST(Relocations, PutAndGetEveryOne) {
  const uint32_t seed = 20260801;
  SCOPED_TRACE(seed);
  std::mt19937 random(seed);
  for (uint32_t number = 0; number < 54; ++number) {
    const auto r = isa::relocation(number);
    ASSERT_TRUE(r.has_value()) << number;
    unsigned width = 0;
    for (const isa::RelocField &f : r->fields) width += f.width;
    for (int round = 0; round < 200; ++round) {
      Bytes bundle(r->bundleBytes);
      for (uint8_t &byte : bundle) byte = static_cast<uint8_t>(random());
      uint32_t value = static_cast<uint32_t>(random());
      if (width < 32) value &= (1u << width) - 1;
      Bytes changed = bundle;
      isa::applyRelocation(*r, changed, value);
      EXPECT_EQ(isa::readRelocation(*r, changed), value) << number;
      isa::applyRelocation(*r, changed, isa::readRelocation(*r, bundle));
      EXPECT_EQ(changed, bundle) << number;
    }
  }
  EXPECT_FALSE(isa::relocation(54).has_value());
}

} // namespace
} // namespace ashlar::link_test
