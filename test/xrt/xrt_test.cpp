// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The unmodified XRT 2.25 on the emulated device, in a Debian 13 root: C++ and Python programs,
// its tools, and xclbinutil as oracle for our XCLBINs. Skipped, and said so, where there is no such
// root (tools/xrt-root make).
#include "accel/loopback.h"
#include "format/xclbin_sections.h"
#include "xrt/root.h"

#include <fstream>
#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

using namespace ashlar;
using namespace ashlar::format;
using testing::HasSubstr;
using Xrt = xrt_test::Xrt;
namespace fs = std::filesystem;
using xrt_test::Outcome;

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
  EXPECT_EQ(probe("export2").out, "export2 0 child\n");
}

TEST_F(Xrt, ThreadsAndForks) {
  EXPECT_EQ(probe("threads").out, "threads 4\n");
  EXPECT_EQ(probe("fork").out, "fork 1 0 1\n");
  EXPECT_EQ(probe("fork-busy").out, "fork-busy 0, state 8\n");
  EXPECT_EQ(probe("six").out, "six 6\n");
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
  for (const auto &[mode, number] : {std::pair("noflag", 95), std::pair("p2p", 22)}) {
    run = probe(mode);
    EXPECT_THAT(run.out, HasSubstr(fmt::format("system_error {}", number)));
    EXPECT_THAT(run.err, HasSubstr("XRT_BO_FLAGS_HOST_ONLY")) << mode;
  }
  EXPECT_THAT(probe("kernel").out, HasSubstr("No such kernel"));
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

TEST_F(Xrt, CallsThatLackWhatTheyNeedAreExplained) {
  Outcome run = probe("no-opcode");
  EXPECT_EQ(run.out, "state 5\n");
  EXPECT_THAT(run.err, HasSubstr("without opcode and instruction stream"));
  run = probe("no-stream");
  EXPECT_EQ(run.out, "state 5\n");
  EXPECT_THAT(run.err, HasSubstr("without an instruction stream"));
  run = probe("noise");
  EXPECT_EQ(run.out, "state 5\n");
  EXPECT_THAT(run.err, HasSubstr("not an NPU instruction stream"));
  run = probe("bytes");
  EXPECT_EQ(run.out, "state 4\n");
  EXPECT_THAT(run.err, HasSubstr("counted in 32-bit words"));
}

TEST_F(Xrt, WhatIsNoBufferIsAnIommuFault) {
  Outcome run = probe("no-buffers");
  EXPECT_EQ(run.out, "state 8\n");
  EXPECT_THAT(run.err, HasSubstr("uses argument 0, and none was passed"));
  run = probe("freed");
  EXPECT_EQ(run.out, "freed 8\n");
  EXPECT_THAT(run.err, HasSubstr("IOMMU"));
}

/// An XCLBIN whose kernel id names no PDI.
TEST_F(Xrt, KernelIdsThatDoNotMatch) {
  auto bytes = readFile(root + shared + "/good.xclbin");
  ASSERT_TRUE(bytes.ok());
  const std::string id = "0x901";
  const auto at = std::search(bytes->begin(), bytes->end(), id.begin(), id.end());
  ASSERT_NE(at, bytes->end());
  *(at + 4) = '7';
  ASSERT_TRUE(writeFile(folder + "/ids.xclbin", *bytes).ok());
  const Outcome run =
      with(fmt::format("{0}/probe run ids.xclbin {0}/good.bin {0}/hang.bin", shared));
  EXPECT_EQ(run.exit, 0) << run.err; // the program lives and is told by XRT
  EXPECT_THAT(run.out, HasSubstr("No valid DPU kernel found"));
}

TEST_F(Xrt, HostProgramsOfTheExamplesRunUnchanged) {
  if (!hasDesign()) GTEST_SKIP() << "skipped: this build has no compiler";
  Outcome run = with(fmt::format("{0}/layernorm {0}/ln/main.xclbin {0}/ln/main.insts.bin", shared));
  EXPECT_EQ(run.exit, 0) << run.err;
  EXPECT_THAT(run.out, HasSubstr("device: NPU Phoenix"));
  EXPECT_THAT(run.out, HasSubstr("PASS"));
  run = with(
      fmt::format("python3 {0}/layernorm.py {0}/ln/main.xclbin {0}/ln/main.insts.bin", shared));
  EXPECT_EQ(run.exit, 0) << run.err;
  EXPECT_THAT(run.out, HasSubstr("load_xclbin fails as on the chip"));
  EXPECT_THAT(run.out, HasSubstr("PASS"));
  EXPECT_THAT(run.err, HasSubstr("register_xclbin"));
}

/// Without an NPU and without Ashlar's device they say so, as XRT does.
TEST_F(Xrt, WithoutADeviceXrtFindsNone) {
  const Outcome run =
      enter(fmt::format("{0}/probe run {0}/good.xclbin {0}/good.bin {0}/hang.bin", shared));
  EXPECT_THAT(run.out, HasSubstr("No such device with index '0'"));
}

TEST_F(Xrt, AHangIsEndedAndExplained) {
  Outcome run = probe("hang");
  EXPECT_EQ(run.out, "state 8\n");
  EXPECT_THAT(run.err, HasSubstr("waits for"));
  EXPECT_THAT(run.err, HasSubstr("does not complete"));
  run = probe("hang2");
  EXPECT_THAT(run.out, HasSubstr("ERT_CMD_STATE_TIMEOUT"));
}

TEST_F(Xrt, PatienceShorterThanTheDrivers) {
  const Outcome run = probe("patience", "ASHLAR_TDR_MS=1000");
  EXPECT_THAT(run.out, HasSubstr("unexpected command state"));
  EXPECT_THAT(run.out, HasSubstr("then state 8"));
}

/// A CI's time limit ends the program, and its device's files go away.
TEST_F(Xrt, SignalsReachTheProgramAndNothingStays) {
  fs::create_directories(folder + "/tmp");
  const Outcome run = with(
      "sh -c 'trap \"echo ended; exit 5\" TERM; kill -TERM $PPID; for i in 1 2 3 4 5; do sleep 1; "
      "done; echo late'",
      "env TMPDIR=" + inside + "/tmp");
  EXPECT_EQ(run.exit, 5);
  EXPECT_EQ(run.out, "ended\n");
  EXPECT_TRUE(fs::is_empty(folder + "/tmp"));
}

TEST_F(Xrt, AnEmptyLaunchIsQuick) {
  const Outcome run = probe("empty");
  double microseconds = 0;
  ASSERT_EQ(std::sscanf(run.out.c_str(), "empty %lf", &microseconds), 1) << run.out << run.err;
  // bench/xrt_launch prints it; here only that nothing sleeps, on whatever machine this is.
  EXPECT_LT(microseconds, 2000);
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
      << "import pyxrt, sys\n"
         "d = pyxrt.device(0)\n"
         "u = d.register_xclbin(pyxrt.xclbin(sys.argv[1] + '/good.xclbin'))\n"
         "c = pyxrt.hw_context(d, u)\n"
         "k = pyxrt.kernel(c, 'MLIR_AIE')\n"
         "s = open(sys.argv[1] + '/good.bin', 'rb').read()\n"
         "i = pyxrt.bo(d, len(s), pyxrt.bo.cacheable, k.group_id(1))\n"
         "a = pyxrt.bo(d, 1024, pyxrt.bo.host_only, k.group_id(3))\n"
         "b = pyxrt.bo(d, 1024, pyxrt.bo.host_only, k.group_id(4))\n"
         "i.write(s, 0); a.write(bytes(range(256)) * 4, 0)\n"
         "r = k(3, i, len(s) // 4, a, b)\n"
         "print(r.wait(5000), bytes(b.read(1024, 0)) == bytes(range(256)) * 4)\n"
         "try: d.load_xclbin(pyxrt.xclbin(sys.argv[1] + '/good.xclbin'))\n"
         "except Exception as e: print('refused')\n";
  const Outcome run = with("python3 t.py " + shared);
  EXPECT_THAT(run.out, HasSubstr("COMPLETED True")) << run.err;
  EXPECT_THAT(run.out, HasSubstr("refused"));
  EXPECT_THAT(run.err, HasSubstr("register_xclbin"));
}

TEST_F(Xrt, MissingProgramsGiveTheShellsStatus) {
  EXPECT_EQ(with("/nowhere/x").exit, 127);
  EXPECT_EQ(with("sh -c 'exit 9'").exit, 9);
  EXPECT_EQ(with("sh -c 'kill -9 $$'").exit, 128 + 9);
}
