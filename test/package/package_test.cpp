// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Packaging: the writes and their order against the annotated configuration of a public design, the
// stream against a public one, reproducibility, limits, and bootgen as independent oracle.
#include "package/package.h"

#include "format/cdo.h"
#include "format/pdi.h"
#include "format/txn.h"
#include "format/xclbin_sections.h"
#include "plan/sample_plan.h"

#include <cstdlib>
#include <filesystem>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

using namespace ashlar;
using namespace ashlar::format;

namespace {

std::vector<package::CoreElf> sampleElfs() { return {{{0, 2}, plan_test::sampleElf(), "c.elf"}}; }

package::Products make(const plan::Plan &plan) {
  auto products = package::package(plan, sampleElfs());
  EXPECT_TRUE(products.ok()) << products.errors()[0].str();
  return std::move(*products);
}
std::string errorOf(const plan::Plan &plan, const std::vector<package::CoreElf> &elfs) {
  const auto products = package::package(plan, elfs);
  return products.ok() ? "" : products.errors()[0].code;
}

/// One command a line, NOPs left out: "W 0021f000=00000000", "M 00232000 m00000001=00000001",
/// "B 0021d000 6".
std::string listing(ByteView bytes) {
  Diagnostics problems;
  const auto file = cdo::read(bytes, "x", 0, problems);
  EXPECT_TRUE(file.ok() && problems.empty());
  std::string t;
  for (const cdo::Command &c : file->commands) {
    const auto &p = c.payload;
    if (c.opcode == cdo::kWrite64) t += fmt::format("W {:08x}={:08x}\n", p[1], p[2]);
    if (c.opcode == cdo::kMaskWrite64)
      t += fmt::format("M {:08x} m{:08x}={:08x}\n", p[1], p[2], p[3]);
    if (c.opcode != cdo::kDmaWrite) continue;
    t += fmt::format("B {:08x} {}", p[1], p.size() - 2);
    for (size_t i = 2; i < p.size() && p.size() <= 10; ++i) t += fmt::format(" {:08x}", p[i]);
    t += "\n";
  }
  return t;
}

} // namespace

TEST(Package, ElfCommands) {
  EXPECT_EQ(listing(make(plan_test::samplePlan()).cdoElfs),
            "M 00232000 m00000001=00000000\n"
            "M 0021de10 m00000002=00000002\n"
            "M 0021de18 m00000002=00000002\n"
            "M 0021de00 m00000002=00000002\n"
            "M 0021de08 m00000002=00000002\n"
            "B 00220000 64\n"
            "B 00201400 3 04030201 00000005 00000000\n"
            "M 0021de10 m00000002=00000000\n"
            "M 0021de18 m00000002=00000000\n"
            "M 0021de00 m00000002=00000000\n"
            "M 0021de08 m00000002=00000000\n");
}

TEST(Package, InitCommandsAreThoseOfThePublicDesign) {
  std::string locks;
  for (int i = 0; i < 16; ++i) locks += fmt::format("W 0021f{:02x}0=00000000\n", i);
  EXPECT_EQ(listing(make(plan_test::samplePlan()).cdoInit),
            "M 00232000 m00000002=00000002\n"
            "M 00232000 m00000002=00000000\n" +
                locks +
                "W 00014020=00000000\nW 00014030=00000000\n"
                "W 0021f020=00000002\nW 0021f030=00000000\n"
                "W 0021f000=00000002\nW 0021f010=00000000\n"
                "W 00014000=00000000\nW 00014010=00000000\n"
                "B 0021d000 6 00c00100 00000000 00000000 00000000 00000000 0e043fe0\n"
                "B 0021d040 6 00400100 00000000 00000000 00000000 00000000 1e045fe3\n"
                "B 0021d060 6 00800100 00000000 00000000 00000000 00000000 16045fe3\n"
                "B 0021d020 6 01000100 00000000 00000000 00000000 00000000 06043fe0\n"
                "W 0021de04=00000000\nM 0021de00 m00000000=00000001\n"
                "W 0021de14=00000002\nM 0021de10 m00000000=00000001\n"
                "W 0003f034=80000005\nW 0003f114=80000000\n"
                "W 0003f010=8000000e\nW 0003f138=80000000\n"
                "W 0003f008=c0000045\n"
                "W 0003f100=c0000000\nW 0003f200=0f1f0135\n"
                "W 001b0030=80000008\nW 001b0120=80000000\n"
                "W 001b001c=8000000d\nW 001b0134=80000000\n"
                "W 0023f004=80000006\nW 0023f118=80000000\n"
                "W 0023f014=80000001\nW 0023f104=80000000\n"
                "M 0001f000 m00000c00=00000400\n"
                "M 0001f004 m00000030=00000010\n");
}

TEST(Package, StreamIsThePublicOne) {
  const package::Products p = make(plan_test::samplePlan());
  ASSERT_EQ(p.sequences.size(), 1u);
  EXPECT_EQ(p.sequences[0].stream.size(), 300u);
  EXPECT_EQ(readU32(&p.sequences[0].stream[0]), 0x06030100u);
  EXPECT_EQ(readU32(&p.sequences[0].stream[4]), 0x00000104u);
  EXPECT_EQ(readU32(&p.sequences[0].stream[0x11C]), 0x80u);
  EXPECT_EQ(readU32(&p.sequences[0].stream[0x128]), 0x00010100u);
}

TEST(Package, XclbinDeclaresWhatXrtNeeds) {
  plan::Plan plan = plan_test::samplePlan();
  plan.sequences[0].arguments.resize(7);
  const package::Products p = make(plan);
  Diagnostics problems;
  const auto file = xclbin::read(p.xclbin, "x", problems);
  ASSERT_TRUE(file.ok() && problems.empty());
  std::vector<uint32_t> kinds;
  for (const xclbin::Section &s : file->sections) kinds.push_back(s.kind);
  EXPECT_EQ(kinds, (std::vector<uint32_t>{6, 32, 2, 8, 7, 27, 26}));
  const auto partition = xclbin::decodePartition(*file->find(xclbin::kAiePartition), "x");
  ASSERT_TRUE(partition.ok());
  EXPECT_EQ(partition->columnWidth, 4);
  EXPECT_EQ(partition->pdis[0].image, p.pdi);
  EXPECT_EQ(partition->pdis[0].groups[0].kernelIds, std::vector<uint64_t>{0x901});
  const auto kernels = xclbin::decodeKernels(*file->find(xclbin::kEmbeddedMetadata), "x");
  ASSERT_TRUE(kernels.ok());
  ASSERT_EQ((*kernels)[0].arguments.size(), 10u);
  EXPECT_EQ((*kernels)[0].arguments[9].name, "bo6");
  EXPECT_EQ((*kernels)[0].arguments[9].offset, "0x44");
  const auto connections = xclbin::decodeConnections(*file->find(xclbin::kConnectivity), "x");
  EXPECT_EQ(connections->size(), 8u);
  EXPECT_EQ(file->find(xclbin::kGroupConnectivity)->data.size(), 4u + 12 * 16);
}

TEST(Package, EqualPlansGiveEqualFilesAndOthersOthers) {
  const package::Products a = make(plan_test::samplePlan()), b = make(plan_test::samplePlan());
  EXPECT_EQ(a.xclbin, b.xclbin);
  EXPECT_EQ(a.uuid[14], '5'); // a version-5 UUID
  plan::Plan other = plan_test::samplePlan();
  other.locks[2].init = 1;
  const package::Products c = make(other);
  EXPECT_NE(a.uuid, c.uuid);
}

TEST(Package, WhatDoesNotFitIsNamed) {
  const plan::Plan good = plan_test::samplePlan();
  EXPECT_EQ(errorOf(good, {}), "core-without-elf");
  EXPECT_EQ(errorOf(good, {{{0, 2}, plan_test::sampleElf(5000), "big.elf"}}), "program-memory");
  EXPECT_EQ(errorOf(good, {{{0, 2}, {1, 2, 3}, "bad.elf"}}), "elf-foreign");
  plan::Plan p = good;
  p.locks[2].id = 16;
  EXPECT_EQ(errorOf(p, sampleElfs()), "plan-lock");
  p = good;
  p.locks[2].init = 64;
  EXPECT_EQ(errorOf(p, sampleElfs()), "plan-lock");
  p = good;
  p.dmas[0].bds[0].bd.length = 1 << 20;
  EXPECT_EQ(errorOf(p, sampleElfs()), "bd-field");
  p = good;
  p.dmas[0].bds[0].id = 16;
  EXPECT_EQ(errorOf(p, sampleElfs()), "plan-bd");
  p = good;
  p.dmas[0].starts[0].channel = 2;
  EXPECT_EQ(errorOf(p, sampleElfs()), "plan-bd");
  p = good;
  p.switchboxes[1].connects[0].dest = {plan::Bundle::East, 0};
  EXPECT_EQ(errorOf(p, sampleElfs()), "plan-port");
  p = good;
  p.shimMuxes[0].connects[0].dest.channel = 1;
  EXPECT_EQ(errorOf(p, sampleElfs()), "plan-port");
  p = good;
  p.switchboxes[0].packetRules[0].rules.resize(5);
  EXPECT_EQ(errorOf(p, sampleElfs()), "plan-port");
  p = good;
  p.buffers[0].init = Bytes(1024);
  p.buffers[0].address = 0xFFFC;
  EXPECT_EQ(errorOf(p, sampleElfs()), "plan-buffer");
  p = good;
  p.columns = 9;
  EXPECT_EQ(errorOf(p, sampleElfs()), "plan-address");
  p = good;
  p.tiles[0].id.row = 6;
  EXPECT_EQ(errorOf(p, sampleElfs()), "plan-address");
}

TEST(Package, WindowsOfNeighboursAndBss) {
  plan::Plan plan = plan_test::samplePlan();
  elf::File f;
  f.type = elf::FileType::Executable;
  elf::Segment north;
  north.virtualAddress = north.physicalAddress = 0x6FFF8;
  north.data = Bytes(8, 1);
  north.memorySize = 16; // runs on into the core's own window
  f.segments = {north};
  const auto products = package::package(plan, {{{0, 2}, elf::write(f), "n.elf"}});
  ASSERT_TRUE(products.ok()) << products.errors()[0].str();
  EXPECT_THAT(listing(products->cdoElfs), testing::HasSubstr("B 0030fff8 2 01010101 01010101\n"
                                                             "B 00200000 2 00000000 00000000\n"));
  f.segments[0].physicalAddress = 0x40000; // below row 2 lies a memtile
  EXPECT_EQ(errorOf(plan, {{{0, 2}, elf::write(f), "s.elf"}}), "core-segment");
  f.segments[0].physicalAddress = 0x50000; // west of column 0
  EXPECT_EQ(errorOf(plan, {{{0, 2}, elf::write(f), "w.elf"}}), "core-segment");
}

/// Debian's xilinx-bootgen makes the same PDI from our stage-1 files.
TEST(Package, BootgenAgrees) {
  if (std::system("command -v bootgen > /dev/null 2>&1") != 0)
    GTEST_SKIP() << "skipped: bootgen (Debian package xilinx-bootgen) is not installed";
  const std::string dir = testing::TempDir() + fmt::format("/ashlar_bootgen_{}", ::getpid());
  for (const size_t words : {64u, 1u, 250u, 251u, 252u, 253u, 254u, 255u, 256u, 1324u}) {
    std::filesystem::create_directories(dir);
    plan::Plan plan = plan_test::samplePlan();
    plan.buffers[0].init = Bytes(4 * (words % 200), 0x5A);
    const auto p = package::package(plan, {{{0, 2}, plan_test::sampleElf(words), "c.elf"}});
    ASSERT_TRUE(p.ok()) << p.errors()[0].str();
    const std::string files[] = {dir + "/elfs.bin", dir + "/init.bin", dir + "/enable.bin"};
    ASSERT_TRUE(writeFile(files[0], p->cdoElfs).ok());
    ASSERT_TRUE(writeFile(files[1], p->cdoInit).ok());
    ASSERT_TRUE(writeFile(files[2], p->cdoEnable).ok());
    const std::string bif =
        fmt::format("all: {{ id_code = 0x14ca8093 extended_id_code = 0x01 image {{ name=aie_image, "
                    "id=0x1c000000 {{ type=cdo file={} file={} file={} }} }} }}",
                    files[0], files[1], files[2]);
    ASSERT_TRUE(writeTextFile(dir + "/d.bif", bif).ok());
    const std::string command =
        fmt::format("cd {} && bootgen -arch versal -image d.bif -o out.pdi -w > log 2>&1", dir);
    ASSERT_EQ(std::system(command.c_str()), 0) << *readTextFile(dir + "/log");
    EXPECT_EQ(*readFile(dir + "/out.pdi"), p->pdi) << words << " words of program";
    std::filesystem::remove_all(dir);
  }
}
