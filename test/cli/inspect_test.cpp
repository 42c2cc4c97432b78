// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// `ashlar inspect` on every kind of file that it knows, whole and damaged.
#include "cli/run.h"
#include "format/ar.h"
#include "format/elf.h"
#include "package/package.h"
#include "plan/sample_plan.h"

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

using namespace ashlar;
using namespace ashlar::cli_test;
using testing::HasSubstr;

namespace {

package::Products products() {
  return *package::package(plan_test::samplePlan(), {{{0, 2}, plan_test::sampleElf(), "c.elf"}});
}
std::string put(const TempDir &dir, const std::string &name, const Bytes &bytes) {
  EXPECT_TRUE(writeFile(dir / name, bytes).ok());
  return dir / name;
}

} // namespace

TEST(Inspect, XclbinAsTextAndJsonAndParts) {
  TempDir dir;
  const package::Products p = products();
  const std::string file = put(dir, "main.xclbin", p.xclbin);
  const Outcome text = cli_test::ashlar({"inspect", file});
  EXPECT_EQ(text.exit, 0) << text.err;
  for (const char *part : {"XCLBIN", "whole", "kernel MLIR_AIE (type dpu, id 0x901)",
                           "4 columns wide", "program 0x0, 256 bytes", "North1 <- South3",
                           "BD 0: acquire lock 0 >= 1, 256 words at 0xc00, release lock 1 +1",
                           "bo4", "Core_Control[Enable=1]"})
    EXPECT_THAT(text.out, HasSubstr(part));
  const Outcome json = cli_test::ashlar({"inspect", "--json", "--extract", dir / "parts", file});
  EXPECT_EQ(json.exit, 0);
  const auto j = nlohmann::json::parse(json.out);
  EXPECT_EQ(j["uuid"], p.uuid);
  EXPECT_TRUE(j["whole"]);
  EXPECT_EQ(j["partition"]["pdis"][0]["kernelIds"][0], 0x901);
  EXPECT_EQ(j["kernels"][0]["arguments"].size(), 8u);
  EXPECT_EQ(j["problems"].size(), 0u);
  EXPECT_EQ(*readFile(dir / "parts/0.pdi"), p.pdi);
}

TEST(Inspect, ConfigurationFiles) {
  TempDir dir;
  const package::Products p = products();
  for (const auto &[name, bytes, kind] :
       {std::tuple{"main.pdi", p.pdi, "PDI"}, std::tuple{"init.bin", p.cdoInit, "CDO"},
        std::tuple{"merged.bin", p.cdo, "CDO"},
        std::tuple{"insts.bin", p.sequences[0].stream, "instruction stream"}}) {
    const Outcome run = cli_test::ashlar({"inspect", put(dir, name, bytes)});
    EXPECT_EQ(run.exit, 0) << name << run.err;
    EXPECT_THAT(run.out, HasSubstr(std::string(kind) + ", "));
  }
  const Outcome stream = cli_test::ashlar({"inspect", dir / "insts.bin"});
  EXPECT_THAT(stream.out, HasSubstr("BD 1 address = argument 0"));
  EXPECT_THAT(stream.out, HasSubstr("DMA_S2MM_0_Ctrl[Controller_ID=15]"));
  EXPECT_THAT(stream.out, HasSubstr("for the token of S2MM0"));
}

TEST(Inspect, ObjectsAndArchives) {
  TempDir dir;
  format::elf::File f;
  format::elf::Section s;
  s.name = ".text";
  s.flags = format::elf::kAlloc | format::elf::kExec;
  s.data = Bytes(8, 1);
  s.size = 8;
  f.sections = {s};
  f.symbols = {
      {"kernel", 0, 8, format::elf::Bind::Global, format::elf::SymbolType::Function, 0, 0}};
  const Bytes object = format::elf::write(f);
  Outcome run = cli_test::ashlar({"inspect", put(dir, "k.o", object)});
  EXPECT_EQ(run.exit, 0);
  EXPECT_THAT(run.out, HasSubstr("AIE2 object"));
  EXPECT_THAT(run.out, HasSubstr("kernel"));
  run = cli_test::ashlar({"inspect", "--extract", dir / "x",
                          put(dir, "lib.a", format::ar::write({{"../k.o", object, 0}}))});
  EXPECT_EQ(run.exit, 0) << run.err;
  EXPECT_TRUE(fs::exists(dir / "x/_.._k.o"));
  run = cli_test::ashlar({"inspect", put(dir, "core.elf", plan_test::sampleElf())});
  EXPECT_THAT(run.out, HasSubstr("AIE2 program"));
}

TEST(Inspect, WhatIsNotWholeIsSaid) {
  TempDir dir;
  const package::Products p = products();
  Bytes bad = p.pdi;
  bad[0x28] ^= 1; // the id code, under the table's checksum
  Outcome run = cli_test::ashlar({"inspect", put(dir, "bad.pdi", bad)});
  EXPECT_EQ(run.exit, 1);
  EXPECT_THAT(run.out, HasSubstr("NOT whole"));
  EXPECT_THAT(run.out, HasSubstr("North1 <- South3")); // and still shows what it holds
  EXPECT_THAT(run.err, HasSubstr("checksum"));
  Bytes cut = p.xclbin;
  cut.resize(5000);
  run = cli_test::ashlar({"inspect", put(dir, "cut.xclbin", cut)});
  EXPECT_EQ(run.exit, 1);
  EXPECT_THAT(run.err, HasSubstr("cut.xclbin@0x130: error:"));
  run = cli_test::ashlar({"inspect", dir.write("note.md", "hello")});
  EXPECT_EQ(run.exit, 1);
  EXPECT_THAT(run.err, HasSubstr("[foreign]"));
  EXPECT_EQ(cli_test::ashlar({"inspect", dir / "nowhere"}).exit, 1);
}
