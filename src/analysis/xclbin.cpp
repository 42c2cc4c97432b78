// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What XRT and the driver look at when they load an XCLBIN. Each of these is a refusal with an
// error text that does not say why.
#include "analysis/analysis.h"
#include "format/xclbin_sections.h"

#include <algorithm>
#include <fmt/format.h>

namespace ashlar::analysis {
namespace {

namespace xclbin = format::xclbin;

class XclbinCheck {
public:
  XclbinCheck(const xclbin::File &file, const std::string &name) : file_(file), name_(name) {}

  Diagnostics run() {
    if (std::all_of(file_.uuid.begin(), file_.uuid.end(), [](uint8_t b) { return b == 0; }))
      add(warning("xclbin-uuid", Place::at(name_),
                  "the UUID is zero: XRT keeps XCLBINs by UUID "
                  "and would take this for another one",
                  "build it with a tool that gives it one of its own"));
    for (const uint32_t kind :
         {xclbin::kEmbeddedMetadata, xclbin::kIpLayout, xclbin::kAiePartition})
      if (!file_.find(kind))
        add(error("xclbin-sections", Place::at(name_),
                  fmt::format("section {} is missing", xclbin::sectionKindName(kind)),
                  "package the design again"));
    if (!file_.find(xclbin::kMemTopology) && !file_.find(xclbin::kGroupTopology))
      add(error("xclbin-sections", Place::at(name_),
                "neither MEM_TOPOLOGY nor GROUP_TOPOLOGY is there: kernel.group_id() has nothing "
                "to answer with",
                "package the design again"));
    readAll();
    if (!findings_.empty() && hasErrors(findings_)) return std::move(findings_);
    checkColumns();
    checkKernels();
    return std::move(findings_);
  }

private:
  void add(Diagnostic d) { findings_.push_back(std::move(d)); }
  template <class T> void take(uint32_t kind, T decode, auto &into) {
    const xclbin::Section *s = file_.find(kind);
    if (!s) return;
    auto value = decode(*s, name_);
    if (value.ok())
      into = std::move(*value);
    else
      findings_.insert(findings_.end(), value.errors().begin(), value.errors().end());
  }
  void readAll() {
    take(xclbin::kIpLayout, xclbin::decodeIps, ips_);
    take(xclbin::kEmbeddedMetadata, xclbin::decodeKernels, kernels_);
    take(xclbin::kAiePartition, xclbin::decodePartition, partition_);
    take(xclbin::kConnectivity, xclbin::decodeConnections, connections_);
    if (file_.find(xclbin::kGroupConnectivity))
      take(xclbin::kGroupConnectivity, xclbin::decodeConnections, connections_);
  }
  Place partitionPlace() const {
    return Place::atOffset(name_, file_.find(xclbin::kAiePartition)->offset);
  }

  void checkColumns() {
    if (partition_.columnWidth == 0 || partition_.columnWidth > device::kMaxColumns)
      add(error("xclbin-columns", partitionPlace(),
                fmt::format("the partition asks for {} columns, and Phoenix has {}",
                            partition_.columnWidth, device::kMaxColumns),
                "build for npu1 (4 columns) or npu1_1col to npu1_3col"));
    for (const uint16_t start : partition_.startColumns)
      if (start + partition_.columnWidth > device::kMaxColumns)
        add(warning("xclbin-columns", partitionPlace(),
                    fmt::format("start column {} with {} columns leaves the array of {}", start,
                                partition_.columnWidth, device::kMaxColumns),
                    "take the start column out"));
  }

  void checkKernels() {
    const Place place = Place::atOffset(name_, file_.find(xclbin::kIpLayout)->offset);
    const auto usable = [](const xclbin::Ip &ip) { return ip.type == 7 && ip.subtype() == 1; };
    if (std::none_of(ips_.begin(), ips_.end(), usable))
      add(error("xclbin-no-kernel", place,
                "IP_LAYOUT has no DPU kernel (type 7, subtype 1): XRT says \"No valid DPU kernel "
                "found in xclbin\"",
                "package the design again"));
    for (const xclbin::Ip &ip : ips_)
      if (usable(ip)) checkKernel(ip, place);
    for (const xclbin::Kernel &kernel : kernels_) checkArguments(kernel);
  }

  void checkKernel(const xclbin::Ip &ip, const Place &place) {
    const bool served = std::any_of(
        partition_.pdis.begin(), partition_.pdis.end(), [&](const xclbin::PartitionPdi &pdi) {
          return std::any_of(pdi.groups.begin(), pdi.groups.end(), [&](const xclbin::CdoGroup &g) {
            return std::find(g.kernelIds.begin(), g.kernelIds.end(), ip.kernelId()) !=
                   g.kernelIds.end();
          });
        });
    if (!served)
      add(error("xclbin-kernel-id", place,
                fmt::format("kernel {} has id {:#x}, and no PDI of AIE_PARTITION lists it: XRT "
                            "says \"PDI for kernel ID {:#x} not found\"",
                            ip.name, ip.kernelId(), ip.kernelId()),
                "give the PDI's group the same kernel id"));
    const std::string kernel = ip.name.substr(0, ip.name.find(':'));
    if (std::none_of(kernels_.begin(), kernels_.end(),
                     [&](const xclbin::Kernel &k) { return k.name == kernel; }))
      add(error("xclbin-no-kernel", place,
                fmt::format("kernel {} of IP_LAYOUT is not in EMBEDDED_METADATA", ip.name),
                "package the design again"));
  }

  void checkArguments(const xclbin::Kernel &kernel) {
    const Place place = Place::atOffset(name_, file_.find(xclbin::kEmbeddedMetadata)->offset);
    for (const xclbin::KernelArgument &a : kernel.arguments) {
      if (a.addressQualifier != 1) continue;
      const bool connected =
          std::any_of(connections_.begin(), connections_.end(), [&](const xclbin::Connection &c) {
            return c.argument == static_cast<int32_t>(a.id);
          });
      if (!connected)
        add(error("xclbin-arguments", place,
                  fmt::format("argument {} ({}) of kernel {} is a buffer, and CONNECTIVITY gives "
                              "it no memory: kernel.group_id({}) throws",
                              a.id, a.name, kernel.name, a.id),
                  "connect the argument to a memory bank"));
    }
  }

  const xclbin::File &file_;
  const std::string &name_;
  Diagnostics findings_;
  std::vector<xclbin::Ip> ips_;
  std::vector<xclbin::Kernel> kernels_;
  xclbin::Partition partition_;
  std::vector<xclbin::Connection> connections_;
};

} // namespace

Diagnostics checkXclbin(ByteView data, const std::string &name) {
  Diagnostics problems;
  const auto file = xclbin::read(data, name, problems);
  if (!file.ok()) return file.errors();
  Diagnostics findings = XclbinCheck(*file, name).run();
  findings.insert(findings.end(), problems.begin(), problems.end());
  return findings;
}

} // namespace ashlar::analysis
