// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// `ashlar devices`: what is here to run on, and for each thing that is missing what mends it. It
// only looks at the file system, so it works without driver, firmware and XRT.
#include "base/base.h"
#include "cli/verbs.h"
#include "device/geometry.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <sys/resource.h>
#include <unistd.h>

namespace ashlar::cli {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

/// Root of the file system that is looked at; tests put their own here.
std::string rootOf(const char *path) {
  const char *root = std::getenv("ASHLAR_SYSROOT");
  return (root ? std::string(root) : std::string()) + path;
}

std::string firstLine(const fs::path &path) {
  const auto text = readTextFile(path.string());
  if (!text.ok()) return {};
  std::string s = *text;
  s.resize(std::min(s.size(), s.find_first_of("\n\r")));
  return s;
}

struct Known {
  const char *vendor, *device, *name;
  bool supported;
};
/// Source: PCI ids of the public amdxdna driver.
constexpr Known kNpus[] = {
    {"0x1022", "0x1502", "Phoenix / Hawk Point (XDNA1, AIE2)", true},
    {"0x1022", "0x17f0", "Strix / Krackan (XDNA2)", false},
    {"0x1022", "0x17f1", "Strix Halo or newer (XDNA2)", false},
};

struct Npu {
  std::string address, name, driver, firmware, node, vbnv;
  bool supported = false, nodeUsable = false;
};

std::vector<Npu> findNpus() {
  std::vector<Npu> out;
  std::error_code ec;
  for (const auto &entry : fs::directory_iterator(rootOf("/sys/bus/pci/devices"), ec)) {
    const std::string vendor = firstLine(entry.path() / "vendor");
    const std::string id = firstLine(entry.path() / "device");
    for (const Known &k : kNpus) {
      if (vendor != k.vendor || id != k.device) continue;
      Npu n;
      n.address = entry.path().filename().string();
      n.name = k.name;
      n.supported = k.supported;
      const fs::path driver = fs::read_symlink(entry.path() / "driver", ec);
      if (!driver.empty()) n.driver = driver.filename().string();
      n.firmware = firstLine(entry.path() / "fw_version");
      n.vbnv = firstLine(entry.path() / "vbnv");
      for (const auto &a : fs::directory_iterator(entry.path() / "accel", ec)) {
        n.node = rootOf("/dev/accel/") + a.path().filename().string();
        n.nodeUsable = access(n.node.c_str(), R_OK | W_OK) == 0;
      }
      out.push_back(std::move(n));
    }
  }
  std::sort(out.begin(), out.end(),
            [](const Npu &a, const Npu &b) { return a.address < b.address; });
  return out;
}

/// Where libraries are; XRT's own packages put theirs into /opt.
constexpr const char *kLibraries[] = {"/usr/lib/x86_64-linux-gnu", "/usr/lib64", "/usr/lib",
                                      "/opt/xilinx/xrt/lib"};

/// XRT's driver library for NPUs comes in a package of its own.
bool findXrtDriver() {
  std::error_code ec;
  return std::any_of(std::begin(kLibraries), std::end(kLibraries), [&](const char *d) {
    return fs::exists(fs::path(rootOf(d)) / "libxrt_driver_xdna.so.2", ec);
  });
}

/// The first XRT that knows NPUs in Debian; before it, 2.13 is for cards only.
bool tooOld(const std::string &xrt) {
  int major = 0, minor = 0;
  return std::sscanf(xrt.c_str(), "%d.%d", &major, &minor) == 2 &&
         std::pair(major, minor) < std::pair(2, 18);
}

/// Version text of the XRT library, or "".
std::string findXrt() {
  for (const char *directory : kLibraries) {
    std::error_code ec;
    const fs::path library = fs::path(rootOf(directory)) / "libxrt_coreutil.so.2";
    if (!fs::exists(library, ec)) continue;
    const fs::path real = fs::canonical(library, ec);
    const std::string name = real.filename().string();
    const size_t so = name.find(".so.");
    return so == std::string::npos ? "found" : name.substr(so + 4);
  }
  return {};
}

std::string limitText(rlim_t v) {
  return v == RLIM_INFINITY ? "unlimited" : fmt::format("{} KiB", v / 1024);
}

int run(bool json) {
  const std::vector<Npu> npus = findNpus();
  const std::string xrt = findXrt();
  rlimit memlock{};
  getrlimit(RLIMIT_MEMLOCK, &memlock);
  std::error_code ec;
  const bool module = fs::exists(rootOf("/sys/module/amdxdna"), ec);
  const bool firmware = fs::exists(rootOf("/lib/firmware/amdnpu/1502_00"), ec);
  // What a run on the chip pins: its buffers and the 64 MiB device heap.
  constexpr rlim_t kNeededMemlock = rlim_t{128} << 20;
  const bool memlockFine = memlock.rlim_cur == RLIM_INFINITY || memlock.rlim_cur >= kNeededMemlock;

  std::vector<std::pair<std::string, std::string>> missing; // what, remedy
  if (npus.empty()) {
    missing.push_back({"no NPU on the PCI bus",
                       "a Phoenix or Hawk Point processor has one as 1022:1502; if yours does, "
                       "enable it in the firmware set-up (IPU/NPU)"});
  } else {
    if (!module)
      missing.push_back({"the driver amdxdna is not loaded",
                         "modprobe amdxdna (Linux 6.14 or newer, CONFIG_DRM_ACCEL_AMDXDNA)"});
    if (!firmware)
      missing.push_back({"no NPU firmware under /lib/firmware/amdnpu/1502_00",
                         "apt install firmware-amd-graphics (Debian 13, non-free-firmware)"});
    for (const Npu &n : npus)
      if (n.supported && n.node.empty() && module)
        missing.push_back({fmt::format("the driver has made no node for {}", n.address),
                           "dmesg | grep amdxdna says why; the IOMMU must be on, and firmware and "
                           "driver must belong together (`ashlar explain` takes the line)"});
    for (const Npu &n : npus)
      if (n.supported && !n.node.empty() && !n.nodeUsable)
        missing.push_back({fmt::format("{} may not be opened by this user", n.node),
                           "usermod -aG render $USER, then log in again"});
    if (!memlockFine)
      missing.push_back(
          {fmt::format("the limit of locked memory is {}", limitText(memlock.rlim_cur)),
           "put '* - memlock unlimited' into /etc/security/limits.d/npu.conf, then "
           "log in again"});
  }
  if (xrt.empty())
    missing.push_back(
        {"no XRT", "apt install -t trixie-backports libxrt2 libxrt-npu2 libxrt-dev (Debian 13)"});
  else if (tooOld(xrt))
    missing.push_back(
        {fmt::format("XRT {} is too old for an NPU", xrt),
         "apt install -t trixie-backports libxrt2 libxrt-npu2 libxrt-dev (Debian 13)"});
  else if (!findXrtDriver())
    missing.push_back({"XRT has no driver library for NPUs (libxrt_driver_xdna.so.2)",
                       "apt install -t trixie-backports libxrt-npu2 (Debian 13)"});
  const bool usable = !npus.empty() && module && !xrt.empty() && !tooOld(xrt) && findXrtDriver() &&
                      memlockFine && std::any_of(npus.begin(), npus.end(), [](const Npu &n) {
                        return n.supported && n.nodeUsable;
                      });

  if (json) {
    Json j;
    j["devices"] = Json::array();
    j["devices"].push_back({{"name", "emulator"},
                            {"description", "emulated Phoenix"},
                            {"columns", device::kMaxColumns},
                            {"rows", device::kRows},
                            {"usable", true}});
    for (const Npu &n : npus)
      j["devices"].push_back({{"name", "xrt"},
                              {"description", n.name},
                              {"pci", n.address},
                              {"supported", n.supported},
                              {"driver", n.driver},
                              {"firmware", n.firmware},
                              {"node", n.node},
                              {"usable", usable && n.supported && n.nodeUsable}});
    j["driver_loaded"] = module;
    j["firmware_installed"] = firmware;
    j["xrt"] = xrt;
    j["memlock_kib"] = memlock.rlim_cur == RLIM_INFINITY
                           ? Json("unlimited")
                           : Json(static_cast<uint64_t>(memlock.rlim_cur / 1024));
    j["missing"] = Json::array();
    for (const auto &[what, remedy] : missing)
      j["missing"].push_back({{"what", what}, {"remedy", remedy}});
    fmt::print("{}\n", j.dump(2));
    return kFine;
  }
  fmt::print("emulator   emulated Phoenix, {} columns x {} rows; always usable\n",
             device::kMaxColumns, device::kRows);
  for (const Npu &n : npus) {
    fmt::print("xrt        {} at {}{}\n", n.name, n.address,
               n.supported ? (usable ? "; usable" : "; not usable yet, see below")
                           : "; not supported yet");
    fmt::print("             driver {}, firmware {}, node {}\n",
               n.driver.empty() ? "none" : n.driver, n.firmware.empty() ? "unknown" : n.firmware,
               n.node.empty() ? "none" : n.node);
  }
  fmt::print("driver     amdxdna {}\n", module ? "loaded" : "not loaded");
  fmt::print("firmware   {}\n", firmware ? "/lib/firmware/amdnpu/1502_00" : "not installed");
  fmt::print("memlock    {}\n", limitText(memlock.rlim_cur));
  fmt::print("XRT        {}\n", xrt.empty() ? "not found" : xrt);
  for (const auto &[what, remedy] : missing) fmt::print("missing    {}: {}\n", what, remedy);
  return kFine;
}

} // namespace

std::function<int()> setupDevices(CLI::App &command) {
  auto json = std::make_shared<bool>(false);
  command.add_flag("--json", *json, "the same facts as JSON");
  return [json] { return run(*json); };
}

} // namespace ashlar::cli
