// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Plan -> files. The XCLBIN's UUID names its content (a version-5 UUID of the sections) and its
// times are drawn from the same hash: equal builds give equal files, and XRT, which caches by UUID,
// never confuses two designs.
#include "package/package.h"

#include "format/pdi.h"
#include "format/xclbin_sections.h"
#include "package/configure.h"

#include <algorithm>
#include <uuid/uuid.h>

namespace ashlar::package {
namespace {

using namespace format;

/// Values that the vendor's flow writes and nothing on Linux reads.
constexpr uint32_t kOperationsPerCycle = 2048;
constexpr uint64_t kInferenceFingerprint = 23423, kPrePostFingerprint = 12345;
constexpr uint64_t kPreCdoGroup = 0xC1;
/// The device heap that the firmware addresses: bank HOST, and SRAM for instructions.
constexpr uint64_t kHeapBase = 0x4000000, kHostKb = 0x10000, kSramKb = 0xC000;
constexpr int32_t kHostBank = 0, kSramBank = 1;
/// Times lie in the year from here: 2024-01-01, in seconds since 1970.
constexpr uint64_t kTimeBase = 1704067200, kTimeSpan = 366 * 86400;

xclbin::Uuid contentUuid(ByteView content) {
  // Name space of Ashlar's content UUIDs: a random version-4 UUID, fixed for ever.
  static constexpr uuid_t space = {0x6f, 0x1d, 0x8a, 0x52, 0x0c, 0x3e, 0x4b, 0x97,
                                   0xa4, 0x21, 0x5e, 0xd9, 0x73, 0x08, 0xbb, 0x16};
  uuid_t out;
  uuid_generate_sha1(out, space, reinterpret_cast<const char *>(content.data()), content.size());
  xclbin::Uuid uuid;
  std::copy(std::begin(out), std::end(out), uuid.begin());
  return uuid;
}

/// Columns at which a partition of this width may start, as the vendor's flow lists them.
std::vector<uint16_t> startColumns(int columns) {
  switch (columns) {
  case 1: return {1, 2, 3, 4};
  case 2: return {1, 3};
  case 3: return {1, 2};
  default: return {0};
  }
}

struct Argument {
  const char *name, *type, *offset; ///< offsets are spelt as the vendor's flow spells them
  uint32_t qualifier, size;
};
constexpr Argument kFixedArguments[] = {{"opcode", "uint64_t", "0x00", 0, 8},
                                        {"instr", "char *", "0x8", 1, 8},
                                        {"ninstr", "uint32_t", "0x10", 0, 4}};
constexpr uint32_t kFirstBufferOffset = 0x14;

xclbin::Kernel kernelOf(const Options &options, size_t buffers) {
  xclbin::Kernel k;
  k.name = options.kernelName;
  k.kernelId = fmt::format("{:#x}", options.kernelId);
  k.instances = {options.instanceName};
  uint32_t id = 0;
  for (const Argument &a : kFixedArguments)
    k.arguments.push_back({a.name, a.qualifier, id++, a.size, a.offset, a.type});
  for (size_t i = 0; i < buffers; ++i)
    k.arguments.push_back({fmt::format("bo{}", i), 1, id++, 8,
                           fmt::format("{:#x}", kFirstBufferOffset + 8 * static_cast<uint32_t>(i)),
                           "void*"});
  return k;
}

/// What an XCLBIN says about its kernels.
struct Contents {
  xclbin::Partition partition;
  std::vector<xclbin::Kernel> kernels;
  std::vector<xclbin::Ip> ips;
  std::vector<xclbin::Connection> connections;
};

Result<Contents> readBase(const Options &options, const plan::Plan &plan) {
  const std::string &name = options.baseName;
  Diagnostics problems;
  ASHLAR_TRY(const xclbin::File file, xclbin::read(options.base, name, problems));
  Contents out;
  for (const xclbin::Section &s : file.sections) {
    if (s.kind == xclbin::kAiePartition) {
      ASHLAR_TRY(out.partition, xclbin::decodePartition(s, name));
    } else if (s.kind == xclbin::kEmbeddedMetadata) {
      ASHLAR_TRY(out.kernels, xclbin::decodeKernels(s, name));
    } else if (s.kind == xclbin::kIpLayout) {
      ASHLAR_TRY(out.ips, xclbin::decodeIps(s, name));
    } else if (s.kind == xclbin::kConnectivity) {
      ASHLAR_TRY(out.connections, xclbin::decodeConnections(s, name));
    }
  }
  const auto bad = [&](std::string what, std::string remedy) {
    return error("xclbin-input", Place::at(name), std::move(what), std::move(remedy));
  };
  if (out.partition.pdis.empty() || out.kernels.empty())
    return bad("this XCLBIN holds no kernel of an NPU", "give one that aiecc made");
  if (out.partition.columnWidth != plan.columns)
    return bad(fmt::format("its partition has {} columns, that of the design {}",
                           out.partition.columnWidth, plan.columns),
               "build both for the same device");
  for (const xclbin::Kernel &k : out.kernels)
    if (k.name == options.kernelName)
      return bad(fmt::format("it has a kernel '{}' already", k.name),
                 "give another --xclbin-kernel-name");
  for (const xclbin::Ip &ip : out.ips)
    if (ip.kernelId() == options.kernelId)
      return bad(fmt::format("kernel id {:#x} is that of {}", options.kernelId, ip.name),
                 "give another --xclbin-kernel-id");
  return out;
}

Result<Bytes> makeXclbin(const plan::Plan &plan, const Options &options, const Bytes &pdi,
                         std::string &uuidText) {
  size_t buffers = kLeastArguments;
  for (const plan::RuntimeSequence &s : plan.sequences)
    buffers = std::max(buffers, s.arguments.size());
  const xclbin::Kernel kernel = kernelOf(options, buffers);

  Contents all;
  if (!options.base.empty()) {
    ASHLAR_TRY(all, readBase(options, plan));
  }
  xclbin::Partition &partition = all.partition;
  partition.operationsPerCycle = kOperationsPerCycle;
  partition.inferenceFingerprint = kInferenceFingerprint;
  partition.prePostFingerprint = kPrePostFingerprint;
  partition.columnWidth = static_cast<uint16_t>(plan.columns);
  partition.startColumns = startColumns(plan.columns);
  xclbin::PartitionPdi image;
  image.uuid = contentUuid(pdi);
  image.image = pdi;
  image.groups = {{"DPU",
                   static_cast<uint8_t>(xclbin::GroupType::Primary),
                   1,
                   {options.kernelId},
                   {kPreCdoGroup}}};
  partition.pdis.push_back(image);

  const Bytes memory = xclbin::encodeMemory(
      {{2, true, kHostKb, kHeapBase, "HOST"}, {2, true, kSramKb, kHeapBase, "SRAM"}});
  std::vector<xclbin::Connection> &connections = all.connections;
  const int32_t own = static_cast<int32_t>(all.ips.size());
  for (size_t i = 0; i < kernel.arguments.size(); ++i)
    if (kernel.arguments[i].addressQualifier == 1)
      connections.push_back({static_cast<int32_t>(i), own, i == 1 ? kSramBank : kHostBank});
  // The grouped list is the plain one twice: once as groups, once as it was.
  std::vector<xclbin::Connection> grouped = connections;
  grouped.insert(grouped.end(), connections.begin(), connections.end());
  all.ips.push_back({7, xclbin::ipProperties(1, 0, options.kernelId), ~uint64_t{0},
                     kernel.name + ":" + options.instanceName});
  all.kernels.push_back(kernel);

  xclbin::File file;
  file.sections = {
      {xclbin::kMemTopology, plan.name + "_mem_topology", memory, 0},
      {xclbin::kAiePartition, plan.name + "_aie_partition", xclbin::encodePartition(partition), 0},
      {xclbin::kEmbeddedMetadata, "", xclbin::encodeKernels(all.kernels), 0},
      {xclbin::kIpLayout, "", xclbin::encodeIps(all.ips), 0},
      {xclbin::kConnectivity, "", xclbin::encodeConnections(connections), 0},
      {xclbin::kGroupConnectivity, "", xclbin::encodeConnections(grouped), 0},
      {xclbin::kGroupTopology, "", memory, 0}};
  ByteWriter content;
  for (const xclbin::Section &s : file.sections) content.u32(s.kind).bytes(s.data);
  file.uuid = contentUuid(content.view());
  file.timeStamp = file.uniqueId = kTimeBase + readU64(file.uuid.data()) % kTimeSpan;
  uuidText = xclbin::uuidText(file.uuid);
  return xclbin::write(file);
}

/// What every later step relies on.
Status checkPlan(const plan::Plan &plan, const Options &options) {
  const auto bad = [](std::string what) {
    return error("plan-address", {}, std::move(what), "correct the design");
  };
  if (plan.columns < 1 || plan.columns > device::kMaxColumns)
    return bad(fmt::format("a partition of {} columns is not possible", plan.columns));
  for (const plan::Tile &t : plan.tiles)
    if (t.id.col < 0 || t.id.col >= plan.columns || t.id.row < 0 || t.id.row >= device::kRows)
      return bad(fmt::format("tile {} lies outside the {} columns and {} rows of {}", t.id.str(),
                             plan.columns, device::kRows, plan.device));
  if (options.kernelId == 0 || options.kernelId > 0xFFF)
    return error("kernel-id", {},
                 fmt::format("kernel id {:#x} is not in 0x1..0xfff", options.kernelId),
                 "choose another id");
  return Ok{};
}

} // namespace

std::vector<Sequence> streams(const plan::Plan &plan) {
  std::vector<Sequence> out;
  for (const plan::RuntimeSequence &s : plan.sequences)
    out.push_back({s.name, makeStream(plan, s)});
  return out;
}

Result<Products> package(const plan::Plan &plan, const std::vector<CoreElf> &elfs,
                         const Options &options) {
  ASHLAR_CHECK(checkPlan(plan, options));
  Products p;
  cdo::Stage1Writer elfWriter, initWriter, enableWriter;
  ASHLAR_CHECK(configureElfs(plan, elfs, {}, elfWriter));
  ASHLAR_CHECK(configureArray(plan, initWriter));
  configureEnable(plan, enableWriter);
  p.cdoElfs = elfWriter.take();
  p.cdoInit = initWriter.take();
  p.cdoEnable = enableWriter.take();
  ASHLAR_TRY(p.cdo, cdo::merge({p.cdoElfs, p.cdoInit, p.cdoEnable},
                               {kCdoElfsName, kCdoInitName, kCdoEnableName}));
  p.pdi = pdi::write(p.cdo);
  ASHLAR_TRY(p.xclbin, makeXclbin(plan, options, p.pdi, p.uuid));
  for (const plan::RuntimeSequence &s : plan.sequences) {
    ASHLAR_TRY(plan::RuntimeSequence written, writeConfigurations(plan, elfs, s));
    p.sequences.push_back({s.name, makeStream(plan, written)});
    p.written.push_back(std::move(written));
  }
  return p;
}

} // namespace ashlar::package
