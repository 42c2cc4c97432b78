// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// `ashlar devices` on made-up machines: what is there, what is missing, and what mends it. And
// `ashlar explain` as a user calls it.
#include "cli/run.h"

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>
#include <sys/resource.h>

using namespace ashlar;
using namespace ashlar::cli_test;
using nlohmann::json;
using testing::HasSubstr;
using testing::Not;

namespace {

/// A machine's files; everything is there until something is taken away.
class Machine : public testing::Test {
protected:
  void SetUp() override {
    getrlimit(RLIMIT_MEMLOCK, &before);
    setenv("ASHLAR_SYSROOT", root.path().c_str(), 1);
  }
  void TearDown() override {
    unsetenv("ASHLAR_SYSROOT");
    setrlimit(RLIMIT_MEMLOCK, &before);
  }
  void npu(const std::string &id = "0x1502", const std::string &address = "0000:c5:00.1") {
    const std::string device = "sys/bus/pci/devices/" + address + "/";
    root.write(device + "vendor", "0x1022\n");
    root.write(device + "device", id + "\n");
    root.write(device + "fw_version", "1.5.5.391\n");
    root.write("sys/bus/pci/devices/0000:00:00.0/vendor", "0x1022\n"); // some bridge
    root.write("sys/bus/pci/devices/0000:00:00.0/device", "0x14e8\n");
  }
  void driver(const std::string &address = "0000:c5:00.1") {
    root.write("sys/module/amdxdna/version", "0.6\n");
    fs::create_directories(root / ("sys/bus/pci/devices/" + address + "/accel/accel0"));
    fs::create_symlink("../../../drivers/amdxdna",
                       root / ("sys/bus/pci/devices/" + address + "/driver"));
    root.write("dev/accel/accel0", "");
  }
  void firmware() { root.write("lib/firmware/amdnpu/1502_00/npu.sbin", "x"); }
  void xrt(const std::string &version = "2.25.00", bool npu = true) {
    const std::string lib = "usr/lib/x86_64-linux-gnu/libxrt_coreutil.so.";
    root.write(lib + version, "x");
    fs::create_symlink("libxrt_coreutil.so." + version, root / (lib + "2"));
    if (npu) root.write("usr/lib/x86_64-linux-gnu/libxrt_driver_xdna.so.2", "x");
  }
  static void memlock(rlim_t bytes) {
    rlimit l{};
    getrlimit(RLIMIT_MEMLOCK, &l);
    l.rlim_cur = std::min(bytes, l.rlim_max);
    setrlimit(RLIMIT_MEMLOCK, &l);
  }
  static json devices() {
    const Outcome run = cli_test::ashlar({"devices", "--json"});
    EXPECT_EQ(run.exit, 0) << run.err;
    return json::parse(run.out);
  }
  static std::string missing() {
    std::string all;
    const json j = devices();
    for (const json &m : j["missing"])
      all += m["what"].get<std::string>() + ": " + m["remedy"].get<std::string>() + "\n";
    return all;
  }

  TempDir root;
  rlimit before{};
};

} // namespace

TEST_F(Machine, WithNothingStillHasTheEmulator) {
  const json j = devices();
  ASSERT_EQ(j["devices"].size(), 1u);
  EXPECT_EQ(j["devices"][0]["name"], "emulator");
  EXPECT_EQ(j["devices"][0]["usable"], true);
  EXPECT_THAT(missing(), HasSubstr("no NPU on the PCI bus"));
  EXPECT_THAT(missing(), HasSubstr("apt install -t trixie-backports libxrt2 libxrt-npu2"));
  const Outcome text = cli_test::ashlar({"devices"});
  EXPECT_THAT(text.out, HasSubstr("always usable"));
}

TEST_F(Machine, WithEverythingIsUsable) {
  npu();
  driver();
  firmware();
  xrt();
  memlock(RLIM_INFINITY);
  const json j = devices();
  ASSERT_EQ(j["devices"].size(), 2u);
  EXPECT_EQ(j["devices"][1]["pci"], "0000:c5:00.1");
  EXPECT_EQ(j["devices"][1]["driver"], "amdxdna");
  EXPECT_EQ(j["devices"][1]["firmware"], "1.5.5.391");
  EXPECT_EQ(j["devices"][1]["supported"], true);
  EXPECT_EQ(j["xrt"], "2.25.00");
  if (j["memlock_kib"] == "unlimited") {
    EXPECT_EQ(j["devices"][1]["usable"], true);
    EXPECT_EQ(missing(), "");
  }
  const Outcome text = cli_test::ashlar({"devices"});
  EXPECT_THAT(text.out, HasSubstr("Phoenix / Hawk Point"));
}

TEST_F(Machine, EachLackHasItsRemedy) {
  npu();
  EXPECT_THAT(missing(), HasSubstr("modprobe amdxdna"));
  EXPECT_THAT(missing(), HasSubstr("firmware"));
  driver();
  firmware();
  EXPECT_THAT(missing(), Not(HasSubstr("modprobe")));
  EXPECT_THAT(missing(), Not(HasSubstr("no NPU firmware")));
  xrt("2.25.00", false);
  EXPECT_THAT(missing(), HasSubstr("libxrt_driver_xdna"));
  memlock(8 << 20);
  EXPECT_THAT(missing(), HasSubstr("the limit of locked memory is 8192 KiB"));
  EXPECT_THAT(missing(), HasSubstr("/etc/security/limits.d"));
  EXPECT_EQ(devices()["devices"][1]["usable"], false);
  fs::remove_all(root / "sys/bus/pci/devices/0000:c5:00.1/accel");
  EXPECT_THAT(missing(), HasSubstr("no node for 0000:c5:00.1"));
}

TEST_F(Machine, ANodeThatMayNotBeOpenedIsTold) {
  npu();
  driver();
  fs::permissions(root / "dev/accel/accel0", fs::perms::none);
  // Root may open every node, so that another user has to look.
  std::string user = geteuid() == 0 ? "setpriv --reuid=65534 --clear-groups " : "";
  fs::permissions(root.path(), fs::perms(0755));
  user += quoted(std::string(ASHLAR_BINARY_DIR) + "/bin/ashlar") + " ";
  if (std::system((user + "help > /dev/null 2>&1").c_str()) != 0)
    GTEST_SKIP() << "skipped: another user cannot run the build";
  const std::string said = root / "said";
  ASSERT_EQ(std::system((user + "devices > " + quoted(said)).c_str()), 0);
  EXPECT_THAT(contents(said), HasSubstr("may not be opened by this user"));
  EXPECT_THAT(contents(said), HasSubstr("usermod -aG render"));
}

TEST_F(Machine, ANodeThatIsNotThereIsTold) {
  npu();
  driver();
  fs::remove(root / "dev/accel/accel0");
  EXPECT_THAT(missing(), HasSubstr("/dev/accel/accel0"));
}

TEST_F(Machine, AnOldXrtIsTold) {
  npu();
  driver();
  firmware();
  xrt("2.13.0");
  EXPECT_THAT(missing(), HasSubstr("XRT 2.13.0 is too old"));
}

TEST_F(Machine, OtherNpusAreNamed) {
  npu("0x17f0", "0000:c1:00.1");
  const json j = devices();
  ASSERT_EQ(j["devices"].size(), 2u);
  EXPECT_EQ(j["devices"][1]["supported"], false);
  EXPECT_THAT(cli_test::ashlar({"devices"}).out, HasSubstr("not supported yet"));
}

TEST(Explain, PastedTextIsExplained) {
  Outcome run = cli_test::ashlar({"explain", "RuntimeError: load_axlf: Operation not supported"});
  EXPECT_EQ(run.exit, 0);
  EXPECT_THAT(run.out, HasSubstr("register_xclbin"));
  run = cli_test::ashlar(
      {"explain", "DRM_IOCTL_AMDXDNA_CREATE_HWCTX", "IOCTL", "failed", "(err=-22)", "--json"});
  EXPECT_EQ(run.exit, 0);
  EXPECT_EQ(json::parse(run.out)[0]["name"], "create-context");
  run = cli_test::ashlar({"explain", "--list"});
  EXPECT_THAT(run.out, HasSubstr("state-timeout"));
  run = cli_test::ashlar({"explain", "the moon is full"});
  EXPECT_EQ(run.exit, 1);
  EXPECT_THAT(run.err, HasSubstr("explain-unknown"));
  EXPECT_EQ(cli_test::ashlar({"explain"}).exit, 1); // nothing on standard input
}
