// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The vendor driver's command line: the flags of people's build scripts give the same products as
// `ashlar build`, and the files that other tools look for.
#include "cli/run.h"

#include <gmock/gmock.h>

namespace ashlar::cli_test {
namespace {

using testing::HasSubstr;

std::string design() { return source("examples/layernorm/design.mlir"); }

TEST(Aiecc, SameProductsAsBuildUnderTheVendorsNames) {
  TempDir dir;
  const Outcome aiecc =
      ashlar({"aiecc", "--aie-generate-xclbin", "--aie-generate-npu-insts", "--no-compile-host",
              "--no-xchesscc", "-no-xbridge", "--unified", "--peano", "/nowhere",
              "--xclbin-name=" + (dir / "final.xclbin"), "--npu-insts-name", dir / "insts_{1}.bin",
              "--alloc-scheme=basic-sequential", "--tmpdir", dir / "tmp", "--aie-generate-pdi",
              "--pdi-name=" + (dir / "one.pdi"), design()});
  ASSERT_EQ(aiecc.exit, 0) << aiecc.err;
  const Outcome build = ashlar({"build", design(), "--alloc-scheme", "basic-sequential", "-o",
                                dir / "build", "--allow-stack-overflow"});
  ASSERT_EQ(build.exit, 0) << build.err;
  EXPECT_EQ(contents(dir / "one.pdi"), contents(dir / "build/main.pdi"));
  EXPECT_EQ(contents(dir / "final.xclbin"), contents(dir / "build/main.xclbin"));
  EXPECT_EQ(contents(dir / "insts_sequence.bin"), contents(dir / "build/main.insts.bin"));
  for (const char *left :
       {"input_with_addresses.mlir", "input_physical.mlir", "input_physical_with_elfs.mlir",
        "npu_insts.mlir", "main_core_0_2.ld.script", "main_core_0_2.elf", "main_core_0_2.o",
        "main_input.ll", "main_aie_cdo_elfs.bin", "main_aie_cdo_init.bin",
        "main_aie_cdo_enable.bin", "main_design.bif", "main.pdi", "main_kernels.json",
        "main_mem_topology.json", "main_aie_partition.json"})
    EXPECT_TRUE(fs::exists(dir / (std::string("tmp/") + left))) << left;
  EXPECT_THAT(contents(dir / "tmp/main_core_0_2.ld.script"),
              HasSubstr("PROVIDE(main = core_0_2);"));
}

TEST(Aiecc, TheFilesLeftBehindBuildAgain) {
  TempDir dir;
  ASSERT_EQ(ashlar({"aiecc", "--tmpdir", dir / "tmp", design()}).exit, 0);
  for (const char *file : {"input_physical.mlir", "input_with_addresses.mlir"}) {
    const Outcome again = ashlar(
        {"build", dir / (std::string("tmp/") + file), "-o", dir / (std::string("out_") + file)});
    EXPECT_EQ(again.exit, 0) << file << ": " << again.err;
  }
}

TEST(Aiecc, FlagsThatCannotBeHonouredSayWhy) {
  for (const char *flag : {"--xchesscc", "--xbridge", "--aie-generate-elf", "--get-full-elf"}) {
    const Outcome run = ashlar({"aiecc", flag, design()});
    EXPECT_EQ(run.exit, 1) << flag;
    EXPECT_THAT(run.err, HasSubstr("[unsupported-flag]"));
  }
  TempDir dir;
  const Outcome unknown = ashlar({"aiecc", "--tmpdir", dir / "tmp", "--frobnicate", design()});
  EXPECT_EQ(unknown.exit, 0) << unknown.err;
  EXPECT_THAT(unknown.err, HasSubstr("[unknown-flag]"));
  EXPECT_EQ(ashlar({"aiecc"}).exit, 2);
  EXPECT_EQ(ashlar({"aiecc", "--alloc-scheme=best", design()}).exit, 2);
  const Outcome sequence = ashlar({"aiecc", "--aie-generate-npu-insts", "--sequence-name=nothing",
                                   "--tmpdir", dir / "none", design()});
  EXPECT_EQ(sequence.exit, 1);
  EXPECT_FALSE(fs::exists(dir / "none"));
}

/// A core that adds `add` to four objects of 16 numbers; packets leave the shim tile's circuit
/// switches free for control packets.
std::string adder(const std::string &name, int add, const std::string &sequence) {
  return fmt::format(R"(
  aie.device(npu1_1col) @{0} {{
    %s = aie.tile(0, 0)
    %m = aie.tile(0, 1)
    %c = aie.tile(0, 2)
    aie.objectfifo @in(%s, {{%c}}, 2 : i32) {{packet = true}} : !aie.objectfifo<memref<16xi32>>
    aie.objectfifo @out(%c, {{%s}}, 2 : i32) : !aie.objectfifo<memref<16xi32>>
    aie.core(%c) {{
      %c0 = arith.constant 0 : index
      %c1 = arith.constant 1 : index
      %c16 = arith.constant 16 : index
      %forever = arith.constant 4294967295 : index
      %k = arith.constant {1} : i32
      scf.for %r = %c0 to %forever step %c1 {{
        %i = aie.objectfifo.acquire @in(Consume, 1) : !aie.objectfifosubview<memref<16xi32>>
        %o = aie.objectfifo.acquire @out(Produce, 1) : !aie.objectfifosubview<memref<16xi32>>
        %x = aie.objectfifo.subview.access %i[0] : !aie.objectfifosubview<memref<16xi32>> -> memref<16xi32>
        %y = aie.objectfifo.subview.access %o[0] : !aie.objectfifosubview<memref<16xi32>> -> memref<16xi32>
        scf.for %j = %c0 to %c16 step %c1 {{
          %v = memref.load %x[%j] : memref<16xi32>
          %w = arith.addi %v, %k : i32
          memref.store %w, %y[%j] : memref<16xi32>
        }}
        aie.objectfifo.release @in(Consume, 1)
        aie.objectfifo.release @out(Produce, 1)
      }}
      aie.end
    }}
    aie.runtime_sequence @run(%a: memref<64xi32>, %b: memref<64xi32>) {{
{2}
    }}
  }}
)",
                     name, add, sequence);
}
constexpr const char *kMove = R"(
      aiex.npu.dma_memcpy_nd(%a[0, 0, 0, 0][1, 1, 1, 64][0, 0, 0, 1]) {id = 0 : i64, metadata = @in} : memref<64xi32>
      aiex.npu.dma_memcpy_nd(%b[0, 0, 0, 0][1, 1, 1, 64][0, 0, 0, 1]) {id = 1 : i64, metadata = @out} : memref<64xi32>
      aiex.npu.dma_wait {symbol = @out})";

std::string numbers(uint32_t first, uint32_t step) {
  std::string out;
  for (uint32_t i = 0; i < 64; ++i)
    for (int b = 0; b < 4; ++b) out += static_cast<char>((first + i * step) >> (8 * b));
  return out;
}

/// The package holds routes for control packets and nothing else; the stream configures the rest.
TEST(Aiecc, ADeviceIsConfiguredByControlPackets) {
  TempDir dir;
  const std::string file =
      dir.write("two.mlir",
                "module {\n  aie.device(npu1_1col) @base {\n    %s = aie.tile(0, 0)\n    %m = "
                "aie.tile(0, 1)\n    %c = aie.tile(0, 2)\n  }\n" +
                    adder("main", 7, std::string("aiex.configure @main {") + kMove + "}") + "}\n");
  const Outcome base =
      ashlar({"aiecc", "--device-name=base", "--generate-ctrl-pkt-overlay", "--aie-generate-xclbin",
              "--xclbin-name=" + (dir / "base.xclbin"), "--tmpdir", dir / "t1", file});
  ASSERT_EQ(base.exit, 0) << base.err;
  const Outcome main =
      ashlar({"aiecc", "--device-name=main", "--aie-generate-ctrlpkt",
              "--ctrlpkt-name=" + (dir / "packets.bin"),
              "--ctrlpkt-dma-seq-name=" + (dir / "run.bin"), "--tmpdir", dir / "t2", file});
  ASSERT_EQ(main.exit, 0) << main.err;
  dir.write("in.bin", numbers(100, 3));
  dir.write("want.bin", numbers(107, 3));
  const Outcome run = ashlar({"run", dir / "base.xclbin", "--insts", dir / "run.bin", "--in",
                              "0=" + (dir / "in.bin"), "--in", "2=" + (dir / "packets.bin"),
                              "--size", "1=256", "--expect", "1=" + (dir / "want.bin")});
  EXPECT_EQ(run.exit, 0) << run.err << run.out;
}

TEST(Aiecc, OneXclbinHoldsTwoKernels) {
  TempDir dir;
  const std::string file =
      dir.write("two.mlir", "module {\n" + adder("one", 1, kMove) + adder("two", 2, kMove) + "}\n");
  const auto make = [&](const std::string &device, const std::vector<std::string> &more) {
    std::vector<std::string> words = {"aiecc",
                                      "--device-name=" + device,
                                      "--aie-generate-xclbin",
                                      "--aie-generate-npu-insts",
                                      "--npu-insts-name=" + (dir / (device + ".bin")),
                                      "--xclbin-name=" + (dir / (device + ".xclbin")),
                                      "--tmpdir",
                                      dir / device};
    words.insert(words.end(), more.begin(), more.end());
    words.push_back(file);
    return ashlar(words);
  };
  Outcome made = make("one", {"--xclbin-kernel-name=ONE"});
  ASSERT_EQ(made.exit, 0) << made.err;
  const std::string input = "--xclbin-input=" + (dir / "one.xclbin");
  made = make("two", {input, "--xclbin-kernel-name=TWO", "--xclbin-kernel-id=0x902",
                      "--xclbin-instance-name=TWOINST"});
  ASSERT_EQ(made.exit, 0) << made.err;
  dir.write("in.bin", numbers(5, 11));
  for (const auto &[kernel, add] : {std::pair("ONE", 1u), std::pair("TWO", 2u)}) {
    dir.write("want.bin", numbers(5 + add, 11));
    const Outcome run =
        ashlar({"run", dir / "two.xclbin", "--kernel", kernel, "--insts", dir / "one.bin", "--in",
                "0=" + (dir / "in.bin"), "--size", "1=256", "--expect", "1=" + (dir / "want.bin")});
    EXPECT_EQ(run.exit, 0) << kernel << ": " << run.err << run.out;
  }
  // Names and ids are taken once.
  EXPECT_THAT(make("two", {input, "--xclbin-kernel-name=ONE", "--xclbin-kernel-id=0x902"}).err,
              HasSubstr("has a kernel 'ONE' already"));
  EXPECT_THAT(make("two", {input, "--xclbin-kernel-name=TWO"}).err,
              HasSubstr("kernel id 0x901 is that of ONE:MLIRAIE"));
}

TEST(Aiecc, TheConfigurationAsAStream) {
  TempDir dir;
  const std::string file = dir.write("one.mlir", "module {\n" + adder("one", 3, kMove) + "}\n");
  const Outcome made =
      ashlar({"aiecc", "--aie-generate-txn", "--txn-name=" + (dir / "configure.bin"),
              "--aie-generate-npu-insts", "--npu-insts-name=" + (dir / "run.bin"), "--tmpdir",
              dir / "tmp", file});
  ASSERT_EQ(made.exit, 0) << made.err;
  const Outcome shown = ashlar({"inspect", dir / "configure.bin"});
  EXPECT_EQ(shown.exit, 0) << shown.err;
  EXPECT_THAT(shown.out, HasSubstr("(0,2)  program 0x0"));
}

} // namespace
} // namespace ashlar::cli_test
