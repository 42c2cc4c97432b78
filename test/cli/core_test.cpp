// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// `ashlar core` as a user runs it, on assembly text so that no compiler is needed.
#include "cli/run.h"

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

namespace ashlar::cli_test {
namespace {

using testing::HasSubstr;

/// int add(int, int): arguments behind the result's register. void fill(int *, int).
constexpr const char *kText = R"(
	.text
	.globl add
	.type add,@function
add:
	ret lr
	add r0, r1, r2
	nop
	nop
	nop
	nop
	.globl fill
	.type fill,@function
fill:
	st r0, [p0, #0]
	ret lr
	st r0, [p0, #4]
	nop
	nop
	nop
	nop
	.globl spin
	.type spin,@function
spin:
	j #spin
	nop
	nop
	nop
	nop
	nop
	.globl wild
	.type wild,@function
wild:
	mova p0, #64
	lda r0, [p0, #0]
	ret lr
	nop
	nop
	nop
	nop
	nop
	.globl take
	.type take,@function
take:
	mova r1, #-1
	acq #48, r1
	ret lr
	nop
	nop
	nop
	nop
	nop
)";

struct Object {
  TempDir dir;
  std::string path = dir.write("a.s", kText);
};

TEST(Core, StreamsOfGraphKernelsAreTheCores) {
  const TempDir dir;
  dir.write("k.cc", "#include <adf.h>\n"
                    "extern \"C\" void f(input_stream<int32> *in, output_stream<int32> *out) {\n"
                    "  auto v = readincr_v<4>(in);\n"
                    "  int32 one = readincr(in);\n"
                    "  writeincr(out, aie::add(v, one));\n"
                    "  writeincr(out, one, true);\n"
                    "}\n");
  dir.write("in", std::string("\1\0\0\0\2\0\0\0\3\0\0\0\4\0\0\0\12\0\0\0", 20));
  const Outcome run = ashlar({"core", dir / "k.cc", "--call", "f", "--arg", "0", "--arg", "0",
                              "--stream-in", dir / "in", "--stream-out", dir / "out"});
  ASSERT_EQ(run.exit, 0) << run.err;
  const auto out = readFile(dir / "out");
  ASSERT_TRUE(out.ok());
  EXPECT_EQ(*out, (Bytes{11, 0, 0, 0, 12, 0, 0, 0, 13, 0, 0, 0, 14, 0, 0, 0, 10, 0, 0, 0}));
}

TEST(Core, CallsAFunctionAndPrintsItsResult) {
  Object o;
  const Outcome run =
      ashlar({"core", o.path, "--call", "add", "--arg", "5", "--arg", "-8", "--json"});
  ASSERT_EQ(run.exit, 0) << run.err;
  const auto j = nlohmann::json::parse(run.out);
  EXPECT_EQ(j["result"], -3);
  EXPECT_EQ(j["result_u32"], 4294967293U);
  EXPECT_EQ(j["cycles"], 6);
  const Outcome text = ashlar({"core", o.path, "--call", "add", "--arg", "5", "--arg", "8"});
  EXPECT_THAT(text.out, HasSubstr("add returned 13 (0xd"));
}

TEST(Core, FindsOutWhereArgumentsGo) {
  Object o;
  // fill has no result: its word is in r0, not r1.
  const Outcome run = ashlar(
      {"core", o.path, "--call", "fill", "--arg", "@:8", "--arg", "7", "--dump", "arg0", "--json"});
  ASSERT_EQ(run.exit, 0) << run.err;
  EXPECT_EQ(nlohmann::json::parse(run.out)["dumps"]["arg0"], "0700000007000000");
  const Outcome told = ashlar({"core", o.path, "--call", "fill", "--arg", "@:8", "--arg", "7",
                               "--returns", "i32", "--dump", "arg0", "--json"});
  EXPECT_NE(nlohmann::json::parse(told.out)["dumps"]["arg0"], "0700000007000000");
}

// Cores in MLIR pass an i32 where a kernel takes a byte.
TEST(Core, NarrowArgumentsNeedNotBeExtended) {
  TempDir dir;
  const std::string kernel =
      dir.write("narrow.c", "#include <stdint.h>\n"
                            "static int add(int8_t y, int16_t z) { return y * 1000 + z; }\n"
                            "int f(uint8_t x, int8_t y, int16_t z, _Bool b) {\n"
                            "  return x * 1000000 + add(y, z) + (b ? 100000000 : 0);\n"
                            "}\n");
  for (const char *level : {"0", "1", "2", "3", "s"})
    EXPECT_THAT(ashlar({"core", "-O", level, "--call", "f", kernel, "--arg", "0x7ff07", "--arg",
                        "0x1ff", "--arg", "0x30002", "--arg", "0x1000"})
                    .out,
                HasSubstr("f returned 6999002 "))
        << level;
}

TEST(Core, GivesPointersBanksOfTheirOwn) {
  Object o;
  const Outcome run = ashlar({"core", o.path, "--call", "fill", "--arg", "@:8", "--arg", "7",
                              "--arg-align", "16384", "--dump", "0x7C000:8", "--json"});
  ASSERT_EQ(run.exit, 0) << run.err;
  EXPECT_EQ(nlohmann::json::parse(run.out)["dumps"]["0x7C000"], "0700000007000000") << run.out;
  EXPECT_EQ(ashlar({"core", o.path, "--call", "fill", "--arg-align", "48"}).exit, 2);
}

TEST(Core, ReadsAndWritesFiles) {
  Object o;
  const std::string in = o.dir.write("in.bin", "abcdefgh"), out = o.dir / "out.bin";
  const Outcome run = ashlar({"core", o.path, "--call", "fill", "--arg", "@" + in, "--arg",
                              "0x64636261", "--dump", "arg0=" + out});
  ASSERT_EQ(run.exit, 0) << run.err;
  const auto data = readTextFile(out);
  ASSERT_TRUE(data.ok());
  EXPECT_EQ(*data, "abcdabcd");
}

TEST(Core, ATimeoutSaysWhereItStands) {
  Object o;
  const Outcome run = ashlar({"core", o.path, "--call", "spin", "--timeout", "1000"});
  EXPECT_EQ(run.exit, 3);
  EXPECT_THAT(run.err, HasSubstr("[timeout]"));
  EXPECT_THAT(run.err, HasSubstr("spin"));
}

TEST(Core, AFaultTellsPcBundleAndRegisters) {
  Object o;
  const Outcome run = ashlar({"core", o.path, "--call", "wild", "--json"});
  EXPECT_EQ(run.exit, 3);
  EXPECT_THAT(run.err, HasSubstr("[data-address]"));
  EXPECT_THAT(run.err, HasSubstr("lda r0, [p0, #0]"));
  EXPECT_THAT(run.err, HasSubstr("p0=0x40"));
  EXPECT_EQ(nlohmann::json::parse(run.out)["error"]["code"], "data-address");
}

/// `f` is the mangled name of float.
TEST(Core, NamesThatLookMangledStayAsTheyAre) {
  TempDir dir;
  const std::string path =
      dir.write("f.s", "\t.globl f\nf:\n\tmova p0, #64\n\tlda r0, [p0, #0]\n\tnop\n\tnop\n"
                       "\tnop\n\tnop\n\tnop\n\tnop\n\tnop\n");
  EXPECT_THAT(ashlar({"core", path, "--call", "f"}).err, HasSubstr("in f+0x4"));
}

/// The line table of an object that a compiler made with -g, written by hand: `wild` is at line 7.
TEST(Core, AFaultTellsTheSourceLine) {
  TempDir dir;
  const std::string path = dir.write("lines.s", std::string(kText) + R"(
.Lend:
	.section .debug_line,"",@progbits
	.long .Lunit-.Lstart
.Lstart:
	.short 4
	.long .Lheader-.Lafter
.Lafter:
	.byte 1, 1, 1, -5, 14, 13
	.byte 0, 1, 1, 1, 1, 0, 0, 0, 1, 0, 0, 1
	.byte 0
	.asciz "wild.c"
	.byte 0, 0, 0
	.byte 0
.Lheader:
	.byte 0, 5, 2
	.long wild
	.byte 3, 6, 1
	.byte 2, 32, 0, 1, 1
.Lunit:
)");
  const Outcome run = ashlar({"core", path, "--call", "wild"});
  EXPECT_EQ(run.exit, 3);
  EXPECT_THAT(run.err, HasSubstr("in wild+0x4 (wild.c:7)"));
}

TEST(Core, ProfileCountsEachBundle) {
  Object o;
  const Outcome run =
      ashlar({"core", o.path, "--call", "take", "--lock", "48=1", "--profile", "--json"});
  EXPECT_EQ(run.exit, 0);
  const auto j = nlohmann::json::parse(run.out);
  uint64_t cycles = 0, locks = 0;
  for (const auto &row : j["profile"]) {
    cycles += row["cycles"].get<uint64_t>();
    if (row["lock_stalls"] == 0) continue;
    locks += row["lock_stalls"].get<uint64_t>();
    EXPECT_EQ(row["bundle"], "acq #48, r1");
    EXPECT_THAT(row["place"].get<std::string>(), HasSubstr("take"));
  }
  EXPECT_EQ(cycles, j["cycles"].get<uint64_t>());
  EXPECT_EQ(locks, 1U);
}

TEST(Core, LocksAreThereWhenAskedFor) {
  Object o;
  const Outcome none = ashlar({"core", o.path, "--call", "take"});
  EXPECT_EQ(none.exit, 3);
  EXPECT_THAT(none.err, HasSubstr("[no-such-lock]"));
  EXPECT_EQ(ashlar({"core", o.path, "--call", "take", "--lock", "48=1"}).exit, 0);
  const Outcome empty = ashlar({"core", o.path, "--call", "take", "--lock", "48=0"});
  EXPECT_EQ(empty.exit, 3);
  EXPECT_THAT(empty.err, HasSubstr("waits for lock 48 (own 0), acquire -1"));
}

TEST(Core, WrongUsageIsNamed) {
  Object o;
  const Outcome function = ashlar({"core", o.path, "--call", "ad"});
  EXPECT_EQ(function.exit, 1);
  EXPECT_THAT(function.err, HasSubstr("[no-function]"));
  const Outcome argument = ashlar({"core", o.path, "--call", "add", "--arg", "five"});
  EXPECT_EQ(argument.exit, 2);
  EXPECT_THAT(argument.err, HasSubstr("neither a number nor @FILE"));
  const Outcome wide = ashlar({"core", o.path, "--call", "add", "--arg", "99999999999"});
  EXPECT_EQ(wide.exit, 2);
  EXPECT_THAT(wide.err, HasSubstr("i64:"));
  const Outcome file = ashlar({"core", o.dir / "none.o", "--call", "add"});
  EXPECT_EQ(file.exit, 1);
  EXPECT_THAT(file.err, HasSubstr("none.o"));
  const Outcome dump = ashlar({"core", o.path, "--call", "add", "--dump", "nothing"});
  EXPECT_EQ(dump.exit, 2);
}

} // namespace
} // namespace ashlar::cli_test
