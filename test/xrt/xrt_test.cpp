// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The unmodified XRT 2.25 on the emulated device, in a Debian 13 root: C++ and Python programs,
// its tools, and xclbinutil as oracle for our XCLBINs. Skipped, and said so, where there is no such
// root (tools/xrt-root make).
#include "accel/loopback.h"
#include "cli/run.h"
#include "format/xclbin_sections.h"

#include <fstream>
#include <gmock/gmock.h>
#include <nlohmann/json.hpp>
#include <unistd.h>

using namespace ashlar;
using namespace ashlar::cli_test;
using namespace ashlar::format;
using testing::HasSubstr;

namespace {

Outcome shell(const std::string &command) {
  TempDir scratch;
  const std::string all = "( " + command + " ) > " + cli_test::quoted(scratch / "out") + " 2> " +
                          cli_test::quoted(scratch / "err") + " < /dev/null";
  const int status = std::system(all.c_str());
  Outcome run;
  if (WIFEXITED(status)) run.exit = WEXITSTATUS(status);
  if (auto out = readTextFile(scratch / "out"); out.ok()) run.out = *out;
  if (auto err = readTextFile(scratch / "err"); err.ok()) run.err = *err;
  return run;
}

/// A folder in the root with what the tests need: the launcher, the library, libraries that the
/// root has not, packages, and the compiled probe.
class Xrt : public testing::Test {
protected:
  static void SetUpTestSuite() {
    Outcome found = shell(cli_test::quoted(source("tools/xrt-root")));
    if (found.exit != 0) {
      why = "skipped: no Debian 13 root";
      return;
    }
    root = found.out.substr(0, found.out.find('\n'));
    if (root != "/" && geteuid() != 0) {
      why = "skipped: no Debian 13 root that this user may enter";
      return;
    }
    if (root == "/") root = "";
    inside = "/tmp/ashlar-xrt-" + std::to_string(getpid());
    folder = root + inside;
    fs::create_directories(folder + "/lib");
    const std::string build = ASHLAR_BINARY_DIR;
    fs::copy(build + "/bin/xrt_with", folder + "/xrt_with");
    fs::copy(build + "/lib/ashlar/libashlar-accel.so", folder + "/libashlar-accel.so");
    // Libraries of this system's versions: all but what every Debian has in one version.
    shell("ldd " + cli_test::quoted(build + "/bin/xrt_with") + " " +
          cli_test::quoted(build + "/lib/ashlar/libashlar-accel.so") +
          " | awk '/libfmt|libpugixml/ { print $3 }' | sort -u | xargs -I{} cp -L {} " +
          cli_test::quoted(folder + "/lib"));
    fs::copy(source("test/xrt/probe.cc"), folder + "/probe.cc");
    const package::Products good = accel_test::loopback(), hang = accel_test::loopback(false);
    ASSERT_TRUE(writeFile(folder + "/good.xclbin", good.xclbin).ok());
    ASSERT_TRUE(writeFile(folder + "/good.bin", good.sequences[0].stream).ok());
    ASSERT_TRUE(writeFile(folder + "/hang.bin", hang.sequences[0].stream).ok());
    const Outcome compiled =
        enter("g++ -std=c++17 -O0 probe.cc -o probe -lxrt_coreutil -pthread", 300);
    ASSERT_EQ(compiled.exit, 0) << compiled.err;
  }
  static void TearDownTestSuite() {
    std::error_code ignored;
    if (!folder.empty()) fs::remove_all(folder, ignored);
  }
  void SetUp() override {
    if (!why.empty()) GTEST_SKIP() << why;
  }

  static Outcome enter(const std::string &command, int seconds = 120) {
    const std::string text = "cd " + inside + " && " + command;
    return shell(fmt::format("timeout {} {}sh -c {}", seconds,
                             root.empty() ? "" : "chroot " + cli_test::quoted(root) + " ",
                             cli_test::quoted(text)));
  }
  /// A command on the emulated device.
  static Outcome with(const std::string &command, const std::string &environment = "") {
    return enter(fmt::format("LD_LIBRARY_PATH={}/lib ASHLAR_EXPLAIN=1 ASHLAR_TDR_MS=300 "
                             "HOME={} {} ./xrt_with {}/libashlar-accel.so {}",
                             inside, inside, environment, inside, command));
  }
  static Outcome probe(const std::string &mode, const std::string &environment = "") {
    return with("./probe " + mode + " good.xclbin good.bin hang.bin", environment);
  }

  static inline std::string root, inside, folder, why;
};

} // namespace

TEST_F(Xrt, ExamineShowsThePhoenix) {
  const Outcome run = with("xrt-smi examine");
  EXPECT_EQ(run.exit, 0) << run.err;
  EXPECT_THAT(run.out, HasSubstr("NPU Phoenix"));
  EXPECT_THAT(run.out, HasSubstr("0000:c5:00.1"));
}

TEST_F(Xrt, KernelsRun) {
  EXPECT_EQ(probe("run").out, "run 1\n");
  EXPECT_EQ(probe("runlist").out, "runlist 1\n");
  EXPECT_EQ(probe("user").out, "user 4 4 1\n");
  EXPECT_EQ(probe("export").out, "export shared\n");
}

TEST_F(Xrt, ThreadsAndForks) {
  EXPECT_EQ(probe("threads").out, "threads 4\n");
  EXPECT_EQ(probe("fork").out, "fork 1 0 1\n");
}

TEST_F(Xrt, LoadXclbinFailsAndIsExplained) {
  const Outcome run = probe("load");
  EXPECT_THAT(run.out, HasSubstr("Operation not supported"));
  EXPECT_THAT(run.err, HasSubstr("register_xclbin"));
}

TEST_F(Xrt, RefusalsAreTheChips) {
  Outcome run = probe("contexts");
  EXPECT_THAT(run.out, HasSubstr("system_error 22"));
  EXPECT_THAT(run.err, HasSubstr("6 hardware contexts"));
  EXPECT_THAT(probe("noflag").out, HasSubstr("system_error 95"));
  run = probe("heap");
  EXPECT_THAT(run.out, HasSubstr("system_error 28"));
  EXPECT_THAT(run.err, HasSubstr("device heap"));
}

TEST_F(Xrt, WrongCommandsEndAsOnTheChip) {
  Outcome run = probe("host-code");
  EXPECT_EQ(run.out, "state 5\n");
  EXPECT_THAT(run.err, HasSubstr("outside the device heap"));
  run = probe("opcode");
  EXPECT_EQ(run.out, "state 5\n");
  EXPECT_THAT(run.err, HasSubstr("opcode 1"));
  run = probe("short");
  EXPECT_EQ(run.out, "state 8\n");
  EXPECT_THAT(run.err, HasSubstr("argument 0"));
}

TEST_F(Xrt, AHangIsEndedAndExplained) {
  Outcome run = probe("hang");
  EXPECT_EQ(run.out, "state 8\n");
  EXPECT_THAT(run.err, HasSubstr("does not complete"));
  run = probe("hang2");
  EXPECT_THAT(run.out, HasSubstr("ERT_CMD_STATE_TIMEOUT"));
}

TEST_F(Xrt, AProgramMayDieWhileACommandRuns) {
  const Outcome run = probe("die", "ASHLAR_TDR_MS=5000");
  EXPECT_EQ(run.out, "dying\n");
  EXPECT_EQ(run.exit, 7);
}

TEST_F(Xrt, MissingSyncIsToldWithDriverSync) {
  const std::string option = "env Debug.force_driver_sync=true";
  Outcome run = probe("run", option);
  EXPECT_EQ(run.out, "run 1\n");
  EXPECT_EQ(run.err.find("argument 0 was written and not synced"), std::string::npos) << run.err;
  run = probe("nosync", option);
  EXPECT_EQ(run.out, "state 4\n");
  EXPECT_THAT(run.err, HasSubstr("argument 0 was written and not synced"));
}

TEST_F(Xrt, Python) {
  std::ofstream(folder + "/t.py")
      << "import pyxrt\n"
         "d = pyxrt.device(0)\n"
         "u = d.register_xclbin(pyxrt.xclbin('good.xclbin'))\n"
         "c = pyxrt.hw_context(d, u)\n"
         "k = pyxrt.kernel(c, 'MLIR_AIE')\n"
         "s = open('good.bin', 'rb').read()\n"
         "i = pyxrt.bo(d, len(s), pyxrt.bo.cacheable, k.group_id(1))\n"
         "a = pyxrt.bo(d, 1024, pyxrt.bo.host_only, k.group_id(3))\n"
         "b = pyxrt.bo(d, 1024, pyxrt.bo.host_only, k.group_id(4))\n"
         "i.write(s, 0); a.write(bytes(range(256)) * 4, 0)\n"
         "r = k(3, i, len(s) // 4, a, b)\n"
         "print(r.wait(5000), bytes(b.read(1024, 0)) == bytes(range(256)) * 4)\n"
         "try: d.load_xclbin(pyxrt.xclbin('good.xclbin'))\n"
         "except Exception as e: print('refused')\n";
  const Outcome run = with("python3 t.py");
  EXPECT_THAT(run.out, HasSubstr("COMPLETED True")) << run.err;
  EXPECT_THAT(run.out, HasSubstr("refused"));
  EXPECT_THAT(run.err, HasSubstr("register_xclbin"));
}

TEST_F(Xrt, MissingProgramsGiveTheShellsStatus) {
  EXPECT_EQ(with("/nowhere/x").exit, 127);
  EXPECT_EQ(with("sh -c 'exit 9'").exit, 9);
}

/// xclbinutil makes the same seven sections from the same values, and reads ours.
TEST_F(Xrt, XclbinutilAgrees) {
  const package::Products p = accel_test::loopback();
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
  const auto ours = xclbin::read(p.xclbin, "ours", problems);
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
  ASSERT_TRUE(writeFile(folder + "/main.pdi", p.pdi).ok());
  const Outcome made =
      enter("xclbinutil --add-replace-section MEM_TOPOLOGY:JSON:main_mem_topology.json "
            "--add-kernel main_kernels.json --add-replace-section "
            "AIE_PARTITION:JSON:main_aie_partition.json --force --output theirs.xclbin");
  ASSERT_EQ(made.exit, 0) << made.out << made.err;
  const auto bytes = readFile(folder + "/theirs.xclbin");
  ASSERT_TRUE(bytes.ok());
  const auto theirs = xclbin::read(*bytes, "theirs", problems);
  ASSERT_TRUE(theirs.ok());
  EXPECT_EQ(bytes->size(), p.xclbin.size());
  ASSERT_EQ(theirs->sections.size(), ours->sections.size());
  for (size_t i = 0; i < ours->sections.size(); ++i) {
    EXPECT_EQ(theirs->sections[i].kind, ours->sections[i].kind);
    EXPECT_EQ(theirs->sections[i].name, ours->sections[i].name);
    EXPECT_EQ(theirs->sections[i].offset, ours->sections[i].offset);
    EXPECT_EQ(theirs->sections[i].data, ours->sections[i].data)
        << xclbin::sectionKindName(ours->sections[i].kind);
  }
  const Outcome info = enter("xclbinutil --info --input good.xclbin");
  EXPECT_EQ(info.exit, 0) << info.out;
  EXPECT_THAT(info.out, HasSubstr(p.uuid));
}
