// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The vendor driver's command line: the flags of people's build scripts give the same products as
// `ashlar build`, and the files that other tools look for.
#include "cli/run.h"

#include <gmock/gmock.h>

namespace ashlar::cli_test {
namespace {

using testing::HasSubstr;
using testing::Not;

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
  for (const char *left : {"input_with_addresses.mlir",
                           "input_physical.mlir",
                           "input_physical_with_elfs.mlir",
                           "npu_insts.mlir",
                           "main_core_0_2.ld.script",
                           "main_core_0_2.elf",
                           "main_core_0_2.o",
                           "main_core_0_2.ll",
                           "main_core_0_2.opt.ll",
                           "main_input.ll",
                           "main_input.opt.ll",
                           "main_input.o",
                           "main_aie_cdo_elfs.bin",
                           "main_aie_cdo_init.bin",
                           "main_aie_cdo_enable.bin",
                           "main_design.bif",
                           "main.pdi",
                           "main_kernels.json",
                           "main_mem_topology.json",
                           "main_aie_partition.json"})
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

/// The newest driver's spelling of products, its names for them and for what it leaves behind.
TEST(Aiecc, TheNewestDriversFlagsAndNames) {
  TempDir dir;
  const Outcome aiecc =
      ashlar({"aiecc", "--get-xclbin", "--get-npu-insts", "--get=elfs_{0}.elf,objects_{0}.o",
              "--get-cdo", "--get-input-with-addresses", "--no-progress",
              "--dynamic-objFifos=false", "-j", "2", "--output-dir", dir / "out", "--tmpdir",
              dir / "tmp", design(), "--", "-Iinclude", "test.cpp"});
  ASSERT_EQ(aiecc.exit, 0) << aiecc.err;
  for (const char *made :
       {"out/aie.xclbin", "out/insts_main_sequence.bin", "out/elfs_main_core_0_2.elf",
        "out/objects_main_core_0_2.o", "out/cdo_main/main_aie_cdo_init.bin",
        "out/input_with_addresses.mlir", "tmp/input_physical.mlir", "tmp/physical_with_elfs.mlir",
        "tmp/npu_lowered.mlir", "tmp/bif_main.bif", "tmp/kernels_main.json",
        "tmp/partition_main.json", "tmp/memTopology_main.json", "tmp/main.pdi",
        "tmp/elfs_main_core_0_2/elfs_main_core_0_2.elf",
        "tmp/objects_main_core_0_2/objects_main_core_0_2.o"})
    EXPECT_TRUE(fs::exists(dir / made)) << made;
  const Outcome old = ashlar({"aiecc", "--aie-generate-xclbin", "--output-dir", dir / "old",
                              "--tmpdir", dir / "tmp2", design()});
  ASSERT_EQ(old.exit, 0) << old.err;
  EXPECT_EQ(contents(dir / "old/main.xclbin"), contents(dir / "out/aie.xclbin"));
}

TEST(Aiecc, EveryFlagTakesEffectOrSaysWhyNot) {
  TempDir dir;
  const auto run = [&](std::vector<std::string> flags) {
    flags.insert(flags.begin(), "aiecc");
    flags.insert(flags.end(), {"-n", "--tmpdir", dir / "tmp", design()});
    return ashlar(flags);
  };
  for (const char *flag : {"--emit-dot", "--resume=x.json", "--cut=x", "--aie-generate-airbin",
                           "--fold-ddr-addr-offset=false", "--xchesscc=true"}) {
    const Outcome refused = run({flag});
    EXPECT_EQ(refused.exit, 1) << flag;
    EXPECT_THAT(refused.err, HasSubstr("[unsupported-flag]")) << flag;
  }
  for (const char *flag : {"--get-locmap", "--aiesim", "--bf16-emulation", "--placer=sa_placer"}) {
    const Outcome warned = run({flag});
    EXPECT_EQ(warned.exit, 0) << flag;
    EXPECT_THAT(warned.err, HasSubstr("[flag-without-effect]")) << flag;
  }
  for (const char *flag : {"--xchesscc=false", "--xbridge=0", "--unified", "--nthreads=4",
                           "--aiesim=false", "--opt-level=1", "--disable-repeater-scripts"}) {
    const Outcome fine = run({flag});
    EXPECT_EQ(fine.exit, 0) << flag << fine.err;
    EXPECT_THAT(fine.err, Not(HasSubstr("flag]"))) << flag;
  }
  EXPECT_EQ(run({"--dynamic-objFifos=maybe"}).exit, 2);
  EXPECT_EQ(run({"--get=everything"}).exit, 2);
}

/// A stream says nothing of the cores' code, so it is made without the kernels.
TEST(Aiecc, AStreamNeedsNoKernel) {
  TempDir dir;
  std::string text = contents(design());
  for (size_t at; (at = text.find("layernorm.o")) != std::string::npos;)
    text.replace(at, 11, "nowhere.o");
  const std::string file = dir.write("alone.mlir", text);
  const std::vector<std::vector<std::string>> ways = {{"--get-npu-insts"},
                                                      {"--aie-generate-npu-insts", "--no-compile"}};
  for (const std::vector<std::string> &way : ways) {
    std::vector<std::string> words = {"aiecc", "--npu-insts-name=" + (dir / "insts.bin"),
                                      "--tmpdir", dir / "tmp", file};
    words.insert(words.end(), way.begin(), way.end());
    fs::remove(dir / "insts.bin");
    const Outcome alone = ashlar(words);
    ASSERT_EQ(alone.exit, 0) << alone.err;
    EXPECT_GT(contents(dir / "insts.bin").size(), 100u);
    words.push_back("--aie-generate-xclbin");
    EXPECT_EQ(ashlar(words).exit, 1);
  }
}

TEST(Aiecc, EveryDeviceOfADesignIsBuilt) {
  TempDir dir;
  const std::string file =
      dir.write("two.mlir", "module {\n" + adder("one", 1, kMove) + adder("two", 2, kMove) + "}\n");
  const std::vector<std::string> words = {"aiecc",
                                          "--aie-generate-xclbin",
                                          "--output-dir",
                                          dir / "out",
                                          "--tmpdir",
                                          dir / "tmp",
                                          "--aie-generate-npu-insts",
                                          file};
  const Outcome both = ashlar(words);
  ASSERT_EQ(both.exit, 0) << both.err;
  dir.write("in.bin", numbers(100, 3));
  for (const auto &[device, add] : {std::pair("one", 1u), std::pair("two", 2u)}) {
    dir.write("want.bin", numbers(100 + add, 3));
    const std::string out = dir / "out/";
    const Outcome run =
        ashlar({"run", out + device + ".xclbin", "--insts", out + device + "_run.bin", "--in",
                "0=" + (dir / "in.bin"), "--size", "1=256", "--expect", "1=" + (dir / "want.bin")});
    EXPECT_EQ(run.exit, 0) << device << run.err << run.out;
  }
  // What is left behind holds both, and builds again.
  const Outcome again = ashlar({"aiecc", "--aie-generate-pdi", "--output-dir", dir / "again",
                                "--tmpdir", dir / "tmp2", dir / "tmp/input_physical.mlir"});
  EXPECT_EQ(again.exit, 0) << again.err;
  EXPECT_TRUE(fs::exists(dir / "again/two.pdi"));
  std::vector<std::string> one = words;
  one.insert(one.end(), {"--xclbin-name=one.xclbin"});
  EXPECT_THAT(ashlar(one).err, HasSubstr("[same-name]"));
}

/// The stream itself changes the array from one device to the next; the package may hold nothing.
TEST(Aiecc, AStreamConfiguresSeveralDevices) {
  TempDir dir;
  const std::string in = "memref<64xi32>";
  const auto turn = [&](const char *device, const char *from, const char *to) {
    return fmt::format("      aiex.configure @{} {{ aiex.run @run({}, {}) : ({}, {}) }}\n", device,
                       from, to, in, in);
  };
  const std::string outer = fmt::format(
      "    aie.runtime_sequence @outer(%x: {0}, %y: {0}, %z: {0}) {{\n{1}{2}{3}{4}    }}\n", in,
      turn("two", "%x", "%y"), turn("three", "%y", "%z"), turn("three", "%z", "%y"),
      turn("two", "%y", "%z"));
  const std::string both = adder("two", 2, kMove) + adder("three", 3, kMove);
  dir.write("in.bin", numbers(5, 11));
  dir.write("want.bin", numbers(5 + 10, 11));
  for (const bool empty : {true, false}) {
    // Either a device with a sequence alone, or one that has work of its own and is there again
    // when the sequence has come to its end.
    std::string main = adder("main", 90, kMove);
    if (empty)
      main = "  aie.device(npu1_1col) {\n" + outer + "  }\n";
    else
      main.insert(main.find("    aie.runtime_sequence"), outer);
    const std::string file = dir.write("several.mlir", "module {\n" + both + main + "}\n");
    const Outcome made = ashlar({"build", file, "-o", dir / "out"});
    ASSERT_EQ(made.exit, 0) << made.err;
    EXPECT_EQ(made.err, "") << made.err;
    const std::vector<std::string> words = {"run",      dir / "out",
                                            "--in",     "0=" + (dir / "in.bin"),
                                            "--expect", "2=" + (dir / "want.bin"),
                                            "--runs",   "3"};
    std::vector<std::string> outerWords = words;
    if (!empty) outerWords.insert(outerWords.end(), {"--sequence", "outer"});
    const Outcome run = ashlar(outerWords);
    EXPECT_EQ(run.exit, 0) << run.err << run.out;
    const Outcome checked = ashlar({"check", dir / "out"});
    EXPECT_EQ(checked.exit, 0) << checked.err << checked.out;
  }
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
