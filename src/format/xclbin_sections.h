// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The sections of an XCLBIN for the NPU. Each struct is the section's contents; encode* gives the
// bytes that xclbinutil writes for the same values, decode* reads anybody's.
#pragma once

#include "format/xclbin.h"

namespace ashlar::format::xclbin {

/// MEM_TOPOLOGY and GROUP_TOPOLOGY.
struct MemoryBank {
  uint8_t type = 2; ///< 2 = DRAM
  bool used = true;
  uint64_t sizeKb = 0, base = 0;
  std::string tag; ///< at most 15 characters
};
/// "MEM_DRAM", or "MEM_<number>".
std::string memoryTypeName(uint8_t type);

/// IP_LAYOUT.
struct Ip {
  uint32_t type = 7; ///< 7 = PS kernel, which NPU kernels are
  uint32_t properties = 0;
  uint64_t base = ~uint64_t{0};
  std::string name;                                           ///< "kernel:instance"
  uint32_t subtype() const { return properties & 3; }         ///< 1 = DPU
  uint32_t functional() const { return properties >> 4 & 3; } ///< 0 = DPU
  uint32_t kernelId() const { return properties >> 16 & 0xFFF; }
};
constexpr uint32_t ipProperties(uint32_t subtype, uint32_t functional, uint32_t kernelId) {
  return subtype | functional << 4 | (kernelId & 0xFFF) << 16;
}

/// CONNECTIVITY and GROUP_CONNECTIVITY: which memory bank serves an argument.
struct Connection {
  int32_t argument = 0, ip = 0, memory = 0;
};

/// AIE_PARTITION.
enum class GroupType : uint8_t { Unknown = 0, Primary = 1, Lite = 2, PrePost = 3 };
struct CdoGroup {
  std::string name;
  uint8_t type = 1;
  uint64_t pdiId = 0;
  std::vector<uint64_t> kernelIds, preGroups;
};
struct PartitionPdi {
  Uuid uuid{};
  Bytes image;
  std::vector<CdoGroup> groups;
  uint64_t imageOffset = 0; ///< in the section; decode only
};
struct Partition {
  uint8_t schema = 0;
  std::string name;
  uint32_t operationsPerCycle = 0;
  uint64_t inferenceFingerprint = 0, prePostFingerprint = 0;
  uint16_t columnWidth = 0;
  std::vector<uint16_t> startColumns;
  std::vector<PartitionPdi> pdis;
  std::string kernelCommitId;
};

/// EMBEDDED_METADATA: the kernels, as XML.
struct KernelArgument {
  std::string name;
  uint32_t addressQualifier = 0; ///< 0 scalar, 1 global
  uint32_t id = 0;
  uint32_t size = 0;
  std::string offset; ///< text as given ("0x00" and "0x0" are both in use)
  std::string type;
};
struct Kernel {
  std::string name;
  std::string type = "dpu";
  std::string subtype = "1", functional = "0", kernelId; ///< extended-data; empty = absent
  std::vector<KernelArgument> arguments;
  std::vector<std::string> instances;
};

Bytes encodeMemory(const std::vector<MemoryBank> &banks);
Bytes encodeIps(const std::vector<Ip> &ips);
Bytes encodeConnections(const std::vector<Connection> &connections);
Bytes encodePartition(const Partition &partition);
Bytes encodeKernels(const std::vector<Kernel> &kernels);

/// Errors of all: `xclbin-corrupt`, placed at the file's offset.
Result<std::vector<MemoryBank>> decodeMemory(const Section &section, const std::string &name);
Result<std::vector<Ip>> decodeIps(const Section &section, const std::string &name);
Result<std::vector<Connection>> decodeConnections(const Section &section, const std::string &name);
Result<Partition> decodePartition(const Section &section, const std::string &name);
Result<std::vector<Kernel>> decodeKernels(const Section &section, const std::string &name);

} // namespace ashlar::format::xclbin
