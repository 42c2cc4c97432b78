// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Ashlar's own way to the NPU, `--device xrt` and ashlar::runtime, through the real XRT on the
// emulated device.
#include "xrt/root.h"

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

using namespace ashlar;
using testing::HasSubstr;
using testing::StartsWith;
using xrt_test::Outcome;

namespace {

class XrtRun : public xrt_test::Xrt {
protected:
  void SetUp() override {
    Xrt::SetUp();
    if (!IsSkipped() && !HasFatalFailure() && !hasAshlar())
      GTEST_SKIP() << "skipped: CMake ran before the Debian 13 root was there; run it again";
  }
  static std::string api(const std::string &mode, const std::string &environment = "") {
    const Outcome run =
        with(fmt::format("{0}/bin/api {1} {0}/good.xclbin {0}/good.bin {0}/hang.bin", shared, mode),
             environment);
    EXPECT_EQ(run.exit, 0) << run.out << run.err;
    return run.out;
  }
};

} // namespace

TEST_F(XrtRun, RunsAreRepeatedOnOneContext) { EXPECT_EQ(api("run"), "run 5 on NPU Phoenix\n"); }

TEST_F(XrtRun, ListsRunAsOneCommand) {
  EXPECT_EQ(api("list"), "list completed 3 1\n");
  EXPECT_THAT(api("list-fails"), StartsWith("list-fails timeout device-timeout"));
}

TEST_F(XrtRun, ListsHaveATimeLimitToo) {
  EXPECT_EQ(api("list-wait", "ASHLAR_TDR_MS=1500"),
            "list-wait timeout device-wait 0 in time, then completed 1 1\n");
}

TEST_F(XrtRun, SixContextsAndNoSeventh) {
  const std::string out = api("contexts");
  EXPECT_THAT(out, StartsWith("contexts 6, seventh: error:"));
  EXPECT_THAT(out, HasSubstr("Invalid argument"));
}

TEST_F(XrtRun, ContextsInThreads) { EXPECT_EQ(api("threads"), "threads 40\n"); }

TEST_F(XrtRun, TimeoutsAndStates) {
  EXPECT_EQ(api("hang"), "hang timeout device-timeout 0, then completed 1\n");
  EXPECT_EQ(api("wait", "ASHLAR_TDR_MS=1500"), "wait timeout device-wait 0\n");
  EXPECT_EQ(api("damaged"), "damaged fault device-error 0, then completed 1\n");
}

TEST_F(XrtRun, TheCommandLineRunsOnXrtAndComparesWithTheEmulator) {
  if (!hasDesign()) GTEST_SKIP() << "skipped: this build has no compiler";
  Bytes input(1024);
  for (size_t i = 0; i < input.size(); i += 2) writeU16(&input[i], uint16_t(0x3F00 + i % 200));
  ASSERT_TRUE(writeFile(folder + "/in.raw", input).ok());
  const std::string run =
      fmt::format("{0}/bin/ashlar run {0}/ln --device xrt --in 0=in.raw --out 1=xrt.raw", shared);
  Outcome o = ashlarWith(run);
  EXPECT_EQ(o.exit, 0) << o.err;
  EXPECT_THAT(o.out, HasSubstr("on NPU Phoenix"));
  o = enter(fmt::format("{0}/bin/ashlar run {0}/ln --in 0=in.raw --out 1=em.raw && "
                        "cmp xrt.raw em.raw",
                        shared));
  EXPECT_EQ(o.exit, 0) << o.out << o.err;

  o = ashlarWith(run + " --compare emulator --runs 2");
  EXPECT_EQ(o.exit, 0) << o.err;
  EXPECT_THAT(o.out, HasSubstr("512 elements as on emulator"));
  // A device that computes something else: the first element that differs is named.
  o = enter(
      fmt::format("g++ -shared -fPIC -o flip.so -x c++ - -lxrt_coreutil < {}/flip.cc", shared));
  ASSERT_EQ(o.exit, 0) << o.err;
  o = ashlarWith(run + " --compare emulator --json", "env LD_PRELOAD=" + inside + "/flip.so");
  EXPECT_EQ(o.exit, 1) << o.err;
  const auto j = nlohmann::json::parse(o.out, nullptr, false);
  ASSERT_TRUE(j.contains("compare")) << o.out;
  EXPECT_EQ(j["compare"][1]["with"], "emulator");
  EXPECT_EQ(j["compare"][1]["different"], 1);
  EXPECT_THAT(j["compare"][1]["first"].get<std::string>(), StartsWith("[10]: got "));

  // What does not end on a device is no result.
  o = ashlarWith(fmt::format("{0}/bin/ashlar run {0}/good.xclbin --insts {0}/hang.bin --device xrt "
                             "--size 0=1024 --size 1=1024",
                             shared));
  EXPECT_EQ(o.exit, 3);
  EXPECT_THAT(o.err, HasSubstr("device-timeout"));
  EXPECT_THAT(o.err, HasSubstr("does not complete"));
}

TEST_F(XrtRun, WithoutADeviceItSaysSo) {
  const Outcome o = enter(fmt::format(
      "{0}/bin/ashlar run {0}/good.xclbin --insts {0}/good.bin --device xrt --size 0=1024",
      shared));
  EXPECT_EQ(o.exit, 1);
  EXPECT_THAT(o.err, HasSubstr("cannot open the NPU"));
  EXPECT_THAT(o.err, HasSubstr("ashlar devices"));
}
