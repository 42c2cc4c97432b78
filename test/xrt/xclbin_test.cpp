// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// xclbinutil 2.25 as oracle for our XCLBINs: the same JSON in gives the same section bytes out, and
// it reads all of ours.
#include "accel/loopback.h"
#include "format/xclbin_sections.h"
#include "xrt/root.h"

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

using namespace ashlar;
using namespace ashlar::format;
using testing::HasSubstr;
using xrt_test::Outcome;
namespace fs = std::filesystem;

namespace {

class XrtXclbin : public xrt_test::Xrt {
protected:
  static void agrees(const std::string &name, const Bytes &file);
};

/// xclbinutil makes the same seven sections from the same values, and reads ours.
void XrtXclbin::agrees(const std::string &name, const Bytes &file) {
  SCOPED_TRACE(name);
  using Json = nlohmann::ordered_json;
  Json arguments = Json::array();
  arguments.push_back({{"name", "opcode"},
                       {"address-qualifier", "SCALAR"},
                       {"type", "uint64_t"},
                       {"offset", "0x00"}});
  arguments.push_back({{"name", "instr"},
                       {"memory-connection", "SRAM"},
                       {"address-qualifier", "GLOBAL"},
                       {"type", "char *"},
                       {"offset", "0x8"}});
  arguments.push_back({{"name", "ninstr"},
                       {"address-qualifier", "SCALAR"},
                       {"type", "uint32_t"},
                       {"offset", "0x10"}});
  for (int i = 0; i < 5; ++i)
    arguments.push_back({{"name", fmt::format("bo{}", i)},
                         {"memory-connection", "HOST"},
                         {"address-qualifier", "GLOBAL"},
                         {"type", "void*"},
                         {"offset", fmt::format("{:#x}", 0x14 + 8 * i)}});
  const Json kernels = {
      {"ps-kernels",
       {{"kernels",
         Json::array({{{"name", "MLIR_AIE"},
                       {"type", "dpu"},
                       {"extended-data",
                        {{"subtype", "DPU"}, {"functional", "0"}, {"dpu_kernel_id", "0x901"}}},
                       {"arguments", arguments},
                       {"instances", Json::array({{{"name", "MLIRAIE"}}})}}})}}}};
  const auto bank = [](const char *tag, const char *size) {
    return Json{{"m_type", "MEM_DRAM"},
                {"m_used", "1"},
                {"m_sizeKB", size},
                {"m_tag", tag},
                {"m_base_address", "0x4000000"}};
  };
  const Json memory = {
      {"mem_topology",
       {{"m_count", "2"},
        {"m_mem_data", Json::array({bank("HOST", "0x10000"), bank("SRAM", "0xc000")})}}}};
  Diagnostics problems;
  const auto ours = xclbin::read(file, "ours", problems);
  ASSERT_TRUE(ours.ok());
  const auto partition = xclbin::decodePartition(*ours->find(xclbin::kAiePartition), "ours");
  ASSERT_TRUE(partition.ok());
  const Json aie = {
      {"aie_partition",
       {{"name", "QoS"},
        {"operations_per_cycle", "2048"},
        {"inference_fingerprint", "23423"},
        {"pre_post_fingerprint", "12345"},
        {"partition",
         {{"column_width", partition->columnWidth}, {"start_columns", partition->startColumns}}},
        {"PDIs", Json::array({{{"uuid", xclbin::uuidText(partition->pdis[0].uuid)},
                               {"file_name", inside + "/main.pdi"},
                               {"cdo_groups",
                                Json::array({{{"name", "DPU"},
                                              {"type", "PRIMARY"},
                                              {"pdi_id", "0x01"},
                                              {"dpu_kernel_ids", Json::array({"0x901"})},
                                              {"pre_cdo_groups", Json::array({"0xC1"})}}})}}})}}}};
  ASSERT_TRUE(writeTextFile(folder + "/main_kernels.json", kernels.dump(1)).ok());
  ASSERT_TRUE(writeTextFile(folder + "/main_mem_topology.json", memory.dump(1)).ok());
  ASSERT_TRUE(writeTextFile(folder + "/main_aie_partition.json", aie.dump(1)).ok());
  ASSERT_EQ(partition->pdis.size(), 1u);
  ASSERT_TRUE(writeFile(folder + "/main.pdi", partition->pdis[0].image).ok());
  ASSERT_TRUE(writeFile(folder + "/ours.xclbin", file).ok());
  const Outcome made =
      enter("xclbinutil --add-replace-section MEM_TOPOLOGY:JSON:main_mem_topology.json "
            "--add-kernel main_kernels.json --add-replace-section "
            "AIE_PARTITION:JSON:main_aie_partition.json --force --output theirs.xclbin");
  ASSERT_EQ(made.exit, 0) << made.out << made.err;
  const auto bytes = readFile(folder + "/theirs.xclbin");
  ASSERT_TRUE(bytes.ok());
  const auto theirs = xclbin::read(*bytes, "theirs", problems);
  ASSERT_TRUE(theirs.ok());
  EXPECT_EQ(bytes->size(), file.size());
  ASSERT_EQ(theirs->sections.size(), ours->sections.size());
  for (size_t i = 0; i < ours->sections.size(); ++i) {
    EXPECT_EQ(theirs->sections[i].kind, ours->sections[i].kind);
    EXPECT_EQ(theirs->sections[i].name, ours->sections[i].name);
    EXPECT_EQ(theirs->sections[i].offset, ours->sections[i].offset);
    EXPECT_EQ(theirs->sections[i].data, ours->sections[i].data)
        << xclbin::sectionKindName(ours->sections[i].kind);
  }
  const Outcome info = enter("xclbinutil --info --input ours.xclbin");
  EXPECT_EQ(info.exit, 0) << info.out;
  EXPECT_THAT(info.out, HasSubstr(xclbin::uuidText(ours->uuid)));
}

} // namespace

TEST_F(XrtXclbin, XclbinutilAgrees) { agrees("loopback", accel_test::loopback().xclbin); }

TEST_F(XrtXclbin, XclbinutilAgreesOnEveryExample) {
  if (!hasDesign()) GTEST_SKIP() << "skipped: this build has no compiler";
  int examples = 0;
  for (const auto &e : fs::directory_iterator(cli_test::source("examples"))) {
    const fs::path design = e.path() / "design.mlir";
    if (!fs::exists(design)) continue;
    std::vector<std::string> command = {"build", design.string()};
    for (const auto &f : fs::directory_iterator(e.path()))
      if (f.path().extension() == ".cc" && f.path().stem() != "reference")
        command.push_back(f.path().string());
    command.insert(command.end(), {"-o", folder + "/example"});
    const Outcome built = cli_test::ashlar(command);
    ASSERT_EQ(built.exit, 0) << design << built.err;
    const auto file = readFile(folder + "/example/main.xclbin");
    ASSERT_TRUE(file.ok());
    agrees(e.path().filename().string(), *file);
    ++examples;
  }
  EXPECT_GE(examples, 10);
}
