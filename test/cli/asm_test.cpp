// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// `ashlar asm`, `disasm` and `isa` as a user runs them.
#include "cli/run.h"

#include "format/ar.h"
#include "format/elf.h"
#include "package/package.h"
#include "plan/sample_plan.h"

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

namespace ashlar::cli_test {
namespace {

using testing::HasSubstr;

constexpr const char *kText =
    "\t.text\n\t.globl f\nf:\n\tlda r0, [p0, #4] ; nopb\n\tjl #g\n\tret lr\n";

TEST(Asm, ThereAndBack) {
  TempDir dir;
  std::string s = dir.write("a.s", kText);
  Outcome run = ashlar({"asm", s});
  EXPECT_EQ(run.exit, 0) << run.err;
  Outcome listing = ashlar({"disasm", dir / "a.o"});
  EXPECT_EQ(listing.exit, 0);
  EXPECT_THAT(listing.out, HasSubstr("lda r0, [p0, #4] ; nopb"));
  EXPECT_THAT(listing.out, HasSubstr("jl #g"));
  EXPECT_EQ(listing.err, "");
  std::string again = dir.write("b.s", listing.out);
  EXPECT_EQ(ashlar({"asm", again, "-o", dir / "b.o"}).exit, 0);
  auto a = readFile(dir / "a.o"), b = readFile(dir / "b.o");
  ASSERT_TRUE(a.ok() && b.ok());
  EXPECT_TRUE(*a == *b);
}

TEST(Asm, AWrongTextLeavesNoObject) {
  TempDir dir;
  std::string s = dir.write("a.s", "\tnop\n\tfoo r1\n");
  Outcome run = ashlar({"asm", s, "-o", dir / "a.o"});
  EXPECT_EQ(run.exit, 1);
  EXPECT_THAT(run.err, HasSubstr("a.s:2: error: unknown instruction 'foo'"));
  EXPECT_FALSE(fs::exists(dir / "a.o"));
  EXPECT_EQ(ashlar({"asm", dir / "none.s"}).exit, 1);
  EXPECT_EQ(ashlar({"asm"}).exit, 2);
}

TEST(Disasm, ArchivesAndJson) {
  TempDir dir;
  ASSERT_EQ(ashlar({"asm", dir.write("a.s", kText)}).exit, 0);
  auto object = readFile(dir / "a.o");
  ASSERT_TRUE(object.ok());
  format::ar::Member member;
  member.name = "a.o";
  member.data = *object;
  ASSERT_TRUE(writeFile(dir / "lib.a", format::ar::write({member})).ok());
  Outcome run = ashlar({"disasm", dir / "lib.a", "--json"});
  ASSERT_EQ(run.exit, 0) << run.err;
  nlohmann::json j = nlohmann::json::parse(run.out, nullptr, false);
  ASSERT_FALSE(j.is_discarded());
  EXPECT_EQ(j["bundles"], 3);
  EXPECT_EQ(j["unknown"], 0);
  EXPECT_EQ(j["parts"][0]["name"], "a.o");
  EXPECT_EQ(j["parts"][0]["sections"][0]["bundles"][0]["instructions"][0]["opcode"],
            "LDA_dms_lda_idx_imm");
  EXPECT_EQ(j["parts"][0]["sections"][0]["bundles"][1]["relocations"][0]["symbol"], "g");
}

// The program memory that a package loads is listed, and the listing assembles to it. The sample's
// code is arbitrary bytes: what is no bundle survives as data.
TEST(Disasm, ProgramMemoryOfPackages) {
  TempDir dir;
  const Bytes program = plan_test::sampleElf();
  const package::Products p =
      *package::package(plan_test::samplePlan(), {{{0, 2}, program, "c.elf"}});
  const Bytes code = format::elf::read(program, "c.elf")->segments[0].data;
  for (const auto &[name, bytes] : {std::pair{"a.xclbin", p.xclbin}, std::pair{"a.pdi", p.pdi}}) {
    ASSERT_TRUE(writeFile(dir / name, bytes).ok());
    Outcome run = ashlar({"disasm", dir / name, "-o", dir / "a.s"});
    ASSERT_EQ(run.exit, 0) << run.err;
    ASSERT_EQ(ashlar({"asm", dir / "a.s"}).exit, 0);
    auto object = format::elf::read(*readFile(dir / "a.o"), "a.o");
    ASSERT_TRUE(object.ok());
    const format::elf::Section *s = object->findSection(".text.core_0_2");
    ASSERT_NE(s, nullptr);
    EXPECT_TRUE(s->data == code);
  }
}

TEST(Disasm, ForeignFilesAreNamed) {
  TempDir dir;
  Outcome run = ashlar({"disasm", dir.write("x", "not a program")});
  EXPECT_EQ(run.exit, 1);
  EXPECT_THAT(run.err, HasSubstr("foreign"));
  run = ashlar({"disasm", "/proc/self/exe"}); // an ELF file of this machine
  EXPECT_EQ(run.exit, 1);
  EXPECT_THAT(run.err, HasSubstr("elf-foreign"));
}

TEST(Isa, Pages) {
  Outcome run = ashlar({"isa", "vmac"});
  EXPECT_EQ(run.exit, 0);
  EXPECT_THAT(run.out, HasSubstr("VMAC_vmac_cm_core_dense"));
  EXPECT_EQ(ashlar({"isa"}).exit, 2);
  run = ashlar({"isa", "vmacc"});
  EXPECT_EQ(run.exit, 1);
  EXPECT_THAT(run.err, HasSubstr("did you mean 'vmac'"));
  EXPECT_THAT(ashlar({"isa", "--open"}).out, HasSubstr("VSHIFT_ALIGN"));
}

} // namespace
} // namespace ashlar::cli_test
