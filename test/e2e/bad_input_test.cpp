// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Bad input, end to end: each gives one line that names file, place and remedy, exit code 1, and
// leaves nothing behind. The designs are the LayerNorm example with one thing wrong.
#include "cli/run.h"

#include <algorithm>
#include <gmock/gmock.h>

namespace ashlar::cli_test {
namespace {

using testing::ContainsRegex;
using testing::HasSubstr;

std::string goodDesign() { return contents(source("examples/layernorm/design.mlir")); }
std::string kernel() { return source("examples/layernorm/layernorm.cc"); }

/// Lines that say "error"; notes below them are indented.
int errorLines(const std::string &text) {
  int count = 0;
  for (size_t at = text.find(": error: "); at != std::string::npos;
       at = text.find(": error: ", at + 1))
    ++count;
  return count;
}

class BadInput : public testing::Test {
protected:
  /// Builds `design` (text) with `kernels`; expects failure with this one line and no output.
  void buildFails(const std::string &design, const std::vector<std::string> &kernels,
                  const std::string &regex, const std::string &code) {
    const std::string path = dir_.write("design.mlir", design);
    std::vector<std::string> arguments{"build", path};
    arguments.insert(arguments.end(), kernels.begin(), kernels.end());
    arguments.insert(arguments.end(), {"-o", dir_ / "out"});
    const Outcome run = ashlar(arguments);
    EXPECT_EQ(run.exit, 1) << run.err;
    EXPECT_EQ(errorLines(run.err), 1) << run.err;
    EXPECT_THAT(run.err, ContainsRegex(regex));
    EXPECT_THAT(run.err, HasSubstr("[" + code + "]"));
    EXPECT_THAT(run.err, HasSubstr(" -- ")) << "no remedy";
    EXPECT_FALSE(fs::exists(dir_ / "out"));
  }
  TempDir dir_;
};

TEST_F(BadInput, MissingDesign) {
  const Outcome run = ashlar({"build", dir_ / "nothing.mlir", "-o", dir_ / "out"});
  EXPECT_EQ(run.exit, 1);
  EXPECT_THAT(run.err, HasSubstr("nothing.mlir"));
  EXPECT_THAT(run.err, HasSubstr("[file-missing]"));
  EXPECT_TRUE(dir_.empty());
}

TEST_F(BadInput, UnparsableDesign) {
  buildFails(replaced(goodDesign(), "aie.tile(0, 2)", "aie.tile(0, )"), {kernel()},
             "design.mlir:[0-9]+:[0-9]+: error: ", "design-syntax");
}

TEST_F(BadInput, UnknownOp) {
  buildFails(replaced(goodDesign(), "%shim = aie.tile(0, 0)",
                      "%shim = aie.tile(0, 0)\n    aie.teleport @x"),
             {kernel()}, "design.mlir:11:5: error: .*aie.teleport", "unknown-op");
}

TEST_F(BadInput, DevicesOfOtherChips) {
  for (const char *device : {"npu2", "xcvc1902"})
    buildFails(
        replaced(goodDesign(), "aie.device(npu1)", std::string("aie.device(") + device + ")"),
        {kernel()}, std::string("design.mlir:[0-9]+:[0-9]+: error: .*") + device, "unknown-device");
}

TEST_F(BadInput, MissingKernel) {
  const std::string path = dir_.write("design.mlir", goodDesign());
  const Outcome run = ashlar({"build", path, "-o", dir_ / "out"});
  EXPECT_EQ(run.exit, 1);
  EXPECT_EQ(errorLines(run.err), 1) << run.err;
  EXPECT_THAT(run.err, ContainsRegex("design.mlir:[0-9]+:[0-9]+: error: .*`layernorm.o`"));
  EXPECT_THAT(run.err, HasSubstr("[kernel-missing]"));
  EXPECT_THAT(run.err, HasSubstr("looked at " + (dir_ / "layernorm.o")));
  EXPECT_THAT(run.err, HasSubstr("layernorm{.cc .cpp"));
  EXPECT_FALSE(fs::exists(dir_ / "out"));
}

// As the vendor's tools link it: an object of the working directory, whatever source of its name
// stands beside the design.
TEST_F(BadInput, AnObjectOfTheWorkingDirectoryGoesBeforeASource) {
  dir_.write("layernorm.o", "no object\n");
  dir_.write("there.cc", "");
  fs::create_directory(dir_ / "beside");
  const std::string path = dir_.write("beside/design.mlir", goodDesign());
  dir_.write("beside/layernorm.cc", contents(kernel()));
  const fs::path before = fs::current_path();
  fs::current_path(fs::path(dir_ / "there.cc").parent_path());
  const Outcome run = ashlar({"build", path, "-o", dir_ / "out"});
  fs::current_path(before);
  EXPECT_EQ(run.exit, 1);
  EXPECT_THAT(run.err, HasSubstr("layernorm.o: error: this is not an ELF file"));
}

// A stream of an earlier build would be taken for the new package's.
TEST_F(BadInput, NothingOfAnEarlierBuildStaysBehind) {
  const std::string device =
      "module {{\n  aie.device(npu1_1col) {{\n    %s = aie.tile(0, 0)\n"
      "    %t = aie.tile(0, {})\n    aie.core(%t) {{ aie.end }}\n{}  }}\n}}\n";
  const std::string sequence = "    aie.runtime_sequence(%a : memref<8xi32>) {\n"
                               "      aiex.npu.preempt {level = 1 : i32}\n    }\n";
  const std::string path =
      dir_.write("design.mlir", fmt::format(fmt::runtime(device), 2, sequence));
  dir_.write("out/mine.insts.bin", "kept");
  ASSERT_EQ(ashlar({"build", path, "-o", dir_ / "out"}).exit, 0);
  EXPECT_TRUE(fs::exists(dir_ / "out/main.insts.bin"));
  EXPECT_TRUE(fs::exists(dir_ / "out/core_0_2.elf"));
  dir_.write("design.mlir", fmt::format(fmt::runtime(device), 3, ""));
  ASSERT_EQ(ashlar({"build", path, "-o", dir_ / "out"}).exit, 0);
  EXPECT_FALSE(fs::exists(dir_ / "out/main.insts.bin"));
  EXPECT_FALSE(fs::exists(dir_ / "out/core_0_2.elf"));
  EXPECT_TRUE(fs::exists(dir_ / "out/core_0_3.elf"));
  EXPECT_TRUE(fs::exists(dir_ / "out/mine.insts.bin"));
}

TEST_F(BadInput, KernelThatDoesNotCompile) {
  const std::string broken = dir_.write("layernorm.cc", "int f( { return 1; }\n");
  const std::string path = dir_.write("design.mlir", goodDesign());
  const Outcome run = ashlar({"build", path, "-o", dir_ / "out"});
  EXPECT_EQ(run.exit, 1);
  EXPECT_THAT(run.err, HasSubstr(broken + ":1:10: error: "));
  EXPECT_FALSE(fs::exists(dir_ / "out"));
}

TEST_F(BadInput, UndefinedSymbol) {
  const std::string other =
      dir_.write("layernorm.cc", "extern \"C\" void missing(float *);\n"
                                 "extern \"C\" void layernorm_512(const __bf16 *, __bf16 *) {\n"
                                 "  missing(nullptr);\n}\n");
  buildFails(goodDesign(), {other},
             "layernorm.cc: error: undefined symbol `missing`, wanted by function `layernorm_512`",
             "undefined-symbol");
}

TEST_F(BadInput, BufferThatDoesNotFit) {
  std::string design = goodDesign();
  for (size_t at; (at = design.find("512xbf16")) != std::string::npos;)
    design.replace(at, 8, "16384xbf16");
  const std::string path = dir_.write("design.mlir", design);
  const Outcome run = ashlar({"build", path, kernel(), "-o", dir_ / "out"});
  EXPECT_EQ(run.exit, 1);
  EXPECT_EQ(errorLines(run.err), 1) << run.err;
  EXPECT_THAT(run.err, ContainsRegex("design.mlir:[0-9]+:[0-9]+: error: "));
  EXPECT_THAT(run.err, HasSubstr("32768"));
  EXPECT_FALSE(fs::exists(dir_ / "out"));
}

TEST_F(BadInput, StackThatDoesNotFit) {
  const std::string deep = dir_.write(
      "layernorm.cc", "extern \"C\" void layernorm_512(const __bf16 *in, __bf16 *out) {\n"
                      "  volatile __bf16 row[1024];\n"
                      "  for (int i = 0; i < 512; ++i) row[i] = in[i];\n"
                      "  for (int i = 0; i < 512; ++i) out[i] = row[511 - i];\n}\n");
  buildFails(goodDesign(), {deep},
             "design.mlir:[0-9]+:[0-9]+: error: core \\(0,2\\) needs [0-9]+ bytes of stack and has "
             "1024: .*layernorm_512 20[0-9]+",
             "stack-overflow");
  const Outcome allowed =
      ashlar({"build", dir_ / "design.mlir", deep, "-o", dir_ / "out", "--allow-stack-overflow"});
  EXPECT_EQ(allowed.exit, 0) << allowed.err;
  EXPECT_THAT(allowed.err, HasSubstr("warning: core (0,2) needs"));
}

TEST_F(BadInput, ProgramThatDoesNotFit) {
  std::string code = "extern \"C\" void layernorm_512(const __bf16 *, __bf16 *o) {\n"
                     "  volatile int *out = reinterpret_cast<volatile int *>(o);\n";
  for (int i = 0; i < 3000; ++i)
    code += "  out[" + std::to_string(i % 200) + "] = " + std::to_string(i * 7919 + 100000) + ";\n";
  buildFails(goodDesign(), {dir_.write("layernorm.cc", code + "}\n")},
             "design.mlir:[0-9]+:[0-9]+: error: the program of core \\(0,2\\) has [0-9]+ bytes",
             "program-memory");
}

class BadFile : public BadInput {
protected:
  void SetUp() override {
    const Outcome run =
        ashlar({"build", source("examples/layernorm/design.mlir"), kernel(), "-o", dir_ / "out"});
    ASSERT_EQ(run.exit, 0) << run.err;
  }
  std::string input(size_t bytes) { return dir_.write("in.bin", std::string(bytes, '\0')); }
};

TEST_F(BadFile, InputOfTheWrongSize) {
  const std::string in = input(1000);
  const Outcome run =
      ashlar({"run", dir_ / "out", "--in", "0=" + in, "--out", "1=" + (dir_ / "o.bin")});
  EXPECT_EQ(run.exit, 1);
  EXPECT_EQ(errorLines(run.err), 1) << run.err;
  EXPECT_THAT(run.err, HasSubstr(in));
  EXPECT_THAT(run.err, HasSubstr("1000"));
  EXPECT_THAT(run.err, HasSubstr("1024"));
  EXPECT_FALSE(fs::exists(dir_ / "o.bin"));
}

TEST_F(BadFile, TruncatedAndCorruptPackages) {
  const std::string in = input(1024);
  for (const char *name : {"main.xclbin", "main.pdi"}) {
    const std::string whole = contents(dir_ / ("out/" + std::string(name)));
    ASSERT_GT(whole.size(), 256u);
    std::string corrupt = whole;
    corrupt[0] ^= 0x55;
    for (size_t i = 0x50; i < 0x70; ++i) corrupt[i] ^= 0x55;
    for (const std::string &damaged : {whole.substr(0, whole.size() / 2), corrupt, std::string()}) {
      const std::string path = dir_.write("damaged/" + std::string(name), damaged);
      const Outcome run = ashlar({"run", path, "--insts", dir_ / "out/main.insts.bin", "--in",
                                  "0=" + in, "--out", "1=" + (dir_ / "o.bin")});
      EXPECT_EQ(run.exit, 1) << name << " " << run.err;
      EXPECT_EQ(errorLines(run.err), 1) << run.err;
      EXPECT_THAT(run.err, HasSubstr(path));
      EXPECT_FALSE(fs::exists(dir_ / "o.bin"));
      EXPECT_EQ(ashlar({"inspect", path}).exit, 1) << name;
    }
  }
}

} // namespace
} // namespace ashlar::cli_test
