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
       {"input_with_addresses.mlir", "input_physical.mlir", "npu_insts.mlir",
        "main_core_0_2.ld.script", "main_core_0_2.elf", "main_core_0_2.o", "main_input.ll",
        "main_aie_cdo_elfs.bin", "main_aie_cdo_init.bin", "main_aie_cdo_enable.bin",
        "main_design.bif", "main.pdi", "main_kernels.json", "main_mem_topology.json",
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
  for (const char *flag : {"--xchesscc", "--xbridge", "--xclbin-input=x", "--aie-generate-elf"}) {
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

} // namespace
} // namespace ashlar::cli_test
