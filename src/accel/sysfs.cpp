// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// XRT scans /sys/bus/pci/drivers/amdxdna for links that lead to PCI devices, wants device_type and
// accel/accelN there, and reads the rest as text when asked for names and numbers.
#include "accel/sysfs.h"

#include <filesystem>

namespace ashlar::accel {
namespace {

namespace fs = std::filesystem;

constexpr const char *kFunction = "0000:c5:00.1";
constexpr const char *kDevice = "sys/devices/pci0000:00/0000:00:08.2/0000:c5:00.1";

struct Text {
  const char *file, *text;
};
constexpr Text kTexts[] = {
    {"vendor", "0x1022"},           {"device", "0x1502"},           {"revision", "0x00"},
    {"subsystem_vendor", "0x1022"}, {"subsystem_device", "0x1502"}, {"class", "0x118000"},
    {"device_type", "0"},           {"vbnv", "NPU Phoenix"},        {"fw_version", "1.5.5.391"}};

} // namespace

Status makeTree(const std::string &root) {
  std::error_code failure;
  const auto folder = [&](const std::string &path) {
    if (!failure) fs::create_directories(root + "/" + path, failure);
  };
  const auto link = [&](const std::string &target, const std::string &path) {
    if (!failure) fs::create_directory_symlink(target, root + "/" + path, failure);
  };
  const std::string device = kDevice, function = kFunction;
  folder(device + "/accel/accel0");
  folder("sys/bus/pci/drivers/amdxdna");
  folder("sys/bus/pci/devices");
  folder("sys/module/amdxdna");
  folder("sys/class/accel");
  folder("dev/accel");
  link("../../../../devices/pci0000:00/0000:00:08.2/" + function,
       "sys/bus/pci/drivers/amdxdna/" + function);
  link("../../../devices/pci0000:00/0000:00:08.2/" + function, "sys/bus/pci/devices/" + function);
  link("../../../../bus/pci/drivers/amdxdna", device + "/driver");
  link("../../devices/pci0000:00/0000:00:08.2/" + function + "/accel/accel0",
       "sys/class/accel/accel0");
  if (failure)
    return error("file-write", Place::at(root),
                 "cannot make the device's files: " + failure.message(),
                 "check that the folder for temporary files is writable");
  for (const Text &t : kTexts)
    ASHLAR_CHECK(writeTextFile(root + "/" + device + "/" + t.file, std::string(t.text) + "\n"));
  ASHLAR_CHECK(writeTextFile(root + "/sys/module/amdxdna/version", "2.25.0_ashlar,0\n"));
  return writeTextFile(root + "/dev/accel/accel0", "");
}

} // namespace ashlar::accel
