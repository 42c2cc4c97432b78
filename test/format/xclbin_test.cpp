// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// XCLBIN: round trips of the file and of each section, known layouts, damage.
#include "format/mutate.h"
#include "format/xclbin_sections.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

using namespace ashlar;
using namespace ashlar::format;
using namespace ashlar::format::xclbin;

namespace {

Partition samplePartition() {
  Partition p;
  p.operationsPerCycle = 2048;
  p.inferenceFingerprint = 23423;
  p.prePostFingerprint = 12345;
  p.columnWidth = 4;
  p.startColumns = {1, 2, 3};
  PartitionPdi pdi;
  pdi.uuid = {1, 2, 3};
  pdi.image = Bytes(37, 0x55);
  pdi.groups = {{"DPU", 1, 1, {0x901, 0x902}, {0xC1}}};
  p.pdis = {pdi};
  return p;
}

std::vector<Kernel> sampleKernels() {
  Kernel k;
  k.name = "MLIR_AIE";
  k.kernelId = "0x901";
  k.arguments = {{"opcode", 0, 0, 8, "0x00", "uint64_t"}, {"bo<\"0\">&", 1, 1, 8, "0x14", "void*"}};
  k.instances = {"MLIRAIE"};
  return {k};
}

File sampleFile() {
  File f;
  f.uuid = {0x58, 0x46, 0x7E, 0xF3, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12};
  f.timeStamp = f.uniqueId = 1700000000;
  const Bytes memory = encodeMemory({{2, true, 0x10000, 0x4000000, "HOST"}});
  f.sections = {
      {kMemTopology, "main_mem_topology", memory, 0},
      {kAiePartition, "p", encodePartition(samplePartition()), 0},
      {kEmbeddedMetadata, "", encodeKernels(sampleKernels()), 0},
      {kIpLayout, "", encodeIps({{7, ipProperties(1, 0, 0x901), ~0ull, "MLIR_AIE:X"}}), 0},
      {kConnectivity, "", encodeConnections({{1, 0, 1}, {3, 0, 0}}), 0}};
  return f;
}

void decodeAll(const File &f) {
  for (const Section &s : f.sections) {
    (void)decodeMemory(s, "x");
    (void)decodeIps(s, "x");
    (void)decodeConnections(s, "x");
    (void)decodePartition(s, "x");
    (void)decodeKernels(s, "x");
  }
}

} // namespace

TEST(Xclbin, RoundTrip) {
  File f = sampleFile();
  const Bytes bytes = write(f);
  Diagnostics problems;
  const auto back = read(bytes, "a.xclbin", problems);
  ASSERT_TRUE(back.ok()) << back.errors()[0].str();
  EXPECT_TRUE(problems.empty());
  EXPECT_TRUE(back->hasMirror);
  ASSERT_EQ(back->sections.size(), f.sections.size());
  EXPECT_EQ(back->sections[0].name, "main_mem_topolo");
  for (const Section &s : back->sections) EXPECT_EQ(s.offset % 8, 0u);
  EXPECT_EQ(uuidText(back->uuid), "58467ef3-0102-0304-0506-0708090a0b0c");
  File again = *back;
  EXPECT_EQ(write(again), bytes);
}

TEST(Xclbin, Sections) {
  File f = sampleFile();
  (void)write(f);
  const auto p = decodePartition(*f.find(kAiePartition), "x");
  ASSERT_TRUE(p.ok()) << p.errors()[0].str();
  EXPECT_EQ(encodePartition(*p), f.find(kAiePartition)->data);
  EXPECT_EQ(p->pdis[0].groups[0].kernelIds, (std::vector<uint64_t>{0x901, 0x902}));
  EXPECT_EQ(p->startColumns, (std::vector<uint16_t>{1, 2, 3}));
  EXPECT_EQ(p->pdis[0].image, Bytes(37, 0x55));
  const auto kernels = decodeKernels(*f.find(kEmbeddedMetadata), "x");
  ASSERT_TRUE(kernels.ok());
  EXPECT_EQ(encodeKernels(*kernels), f.find(kEmbeddedMetadata)->data);
  EXPECT_EQ((*kernels)[0].arguments[1].name, "bo<\"0\">&");
  const auto ips = decodeIps(*f.find(kIpLayout), "x");
  ASSERT_TRUE(ips.ok());
  EXPECT_EQ((*ips)[0].kernelId(), 0x901u);
  EXPECT_EQ((*ips)[0].properties, 0x09010001u);
  EXPECT_EQ((*ips)[0].name, "MLIR_AIE:X");
  const auto connections = decodeConnections(*f.find(kConnectivity), "x");
  ASSERT_TRUE(connections.ok());
  EXPECT_EQ((*connections)[1].argument, 3);
  EXPECT_EQ(f.find(kConnectivity)->data.size(), 28u);
  const auto memory = decodeMemory(*f.find(kMemTopology), "x");
  ASSERT_TRUE(memory.ok());
  EXPECT_EQ((*memory)[0].tag, "HOST");
}

TEST(Xclbin, ErrorsNamePlaceAndCause) {
  File f = sampleFile();
  const Bytes bytes = write(f);
  Diagnostics problems;
  for (size_t n = 0; n < bytes.size(); n += 5)
    EXPECT_FALSE(read(ByteView(bytes).first(n), "cut.xclbin", problems).ok()) << n;
  EXPECT_EQ(read(Bytes(600, 0), "z", problems).errors()[0].code, "xclbin-corrupt");
  Bytes bad = bytes;
  writeU64(&bad[0x1C8 + 24], 1 << 20);
  EXPECT_EQ(read(bad, "b.xclbin", problems).errors()[0].str(),
            "b.xclbin@0x1e0: error: section MEM_TOPOLOGY (offset 0x100000, 48 bytes) does not fit "
            "in the file of " +
                std::to_string(bytes.size()) +
                " bytes [xclbin-truncated] -- the file is damaged; build or copy it again");
  bad = bytes;
  writeU32(&bad[0x1C0], 0xFFFFFFFF);
  EXPECT_EQ(read(bad, "b.xclbin", problems).errors()[0].code, "xclbin-truncated");
}

TEST(Xclbin, HostileCountsAreRefused) {
  Section s{kAiePartition, "", encodePartition(samplePartition()), 0};
  for (const size_t field : {0x28u, 0x2Cu, 0x78u, 0x7Cu, 0x80u, 0x04u}) {
    Section bad = s;
    writeU32(&bad.data[field], 0xFFFFFFFF);
    const auto p = decodePartition(bad, "x");
    ASSERT_FALSE(p.ok()) << field;
    EXPECT_EQ(p.errors()[0].code, "xclbin-corrupt");
  }
}

TEST(Xclbin, DamageIsNeverFollowed) {
  File f = sampleFile();
  format_test::mutate(write(f), 15000, [](ByteView data) {
    Diagnostics problems;
    const auto file = read(data, "bad.xclbin", problems);
    if (!file.ok()) return;
    decodeAll(*file);
    File copy = *file;
    (void)write(copy);
  });
}
