// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// XCLBIN: header, every section, kernels with their arguments and banks, the partition and its
// PDIs.
#include "cli/inspect.h"
#include "format/xclbin_sections.h"

namespace ashlar::cli {
namespace {

using namespace format;
using namespace format::xclbin;
using Json = nlohmann::ordered_json;

std::string kindText(uint32_t kind) {
  return *sectionKindName(kind) ? sectionKindName(kind) : fmt::format("kind {}", kind);
}

void showMemory(const Section &s, const std::string &name, Inspection &out) {
  const auto result = decodeMemory(s, name);
  const auto *banks = out.take(result);
  if (!banks) return;
  Json list = Json::array();
  for (size_t i = 0; i < banks->size(); ++i) {
    const MemoryBank &b = (*banks)[i];
    out.line("    bank {}: {} {}, {} KiB at {:#x}{}", i, b.tag, memoryTypeName(b.type), b.sizeKb,
             b.base, b.used ? "" : ", not used");
    list.push_back({{"tag", b.tag},
                    {"type", memoryTypeName(b.type)},
                    {"kib", b.sizeKb},
                    {"base", b.base},
                    {"used", b.used}});
  }
  out.json[sectionKindName(s.kind)] = list;
}

void showIps(const Section &s, const std::string &name, Inspection &out) {
  const auto result = decodeIps(s, name);
  const auto *ips = out.take(result);
  if (!ips) return;
  Json list = Json::array();
  for (const Ip &ip : *ips) {
    out.line("    {}: type {}, subtype {}, kernel id {:#x}", ip.name, ip.type, ip.subtype(),
             ip.kernelId());
    list.push_back({{"name", ip.name}, {"type", ip.type}, {"kernelId", ip.kernelId()}});
  }
  out.json["IP_LAYOUT"] = list;
}

void showConnections(const Section &s, const std::string &name, Inspection &out) {
  const auto result = decodeConnections(s, name);
  const auto *connections = out.take(result);
  if (!connections) return;
  Json list = Json::array();
  std::string text;
  for (const Connection &c : *connections) {
    text += fmt::format(" {}->{}", c.argument, c.memory);
    list.push_back({{"argument", c.argument}, {"ip", c.ip}, {"memory", c.memory}});
  }
  out.line("    argument -> bank:{}", text);
  out.json[sectionKindName(s.kind)] = list;
}

void showKernels(const Section &s, const std::string &name, Inspection &out) {
  out.parts.push_back({"EMBEDDED_METADATA.xml", s.data});
  const auto result = decodeKernels(s, name);
  const auto *kernels = out.take(result);
  if (!kernels) return;
  Json list = Json::array();
  for (const Kernel &k : *kernels) {
    std::string instances;
    for (const std::string &i : k.instances) instances += " " + i;
    out.line("    kernel {} (type {}, id {}), instances:{}", k.name, k.type, k.kernelId, instances);
    Json arguments = Json::array();
    for (const KernelArgument &a : k.arguments) {
      out.line("      {:>2} {:<8} {:<9} at {:<5} {}", a.id, a.name, a.type, a.offset,
               a.addressQualifier == 1 ? "buffer" : "scalar");
      arguments.push_back({{"id", a.id},
                           {"name", a.name},
                           {"type", a.type},
                           {"offset", a.offset},
                           {"buffer", a.addressQualifier == 1}});
    }
    list.push_back({{"name", k.name},
                    {"type", k.type},
                    {"id", k.kernelId},
                    {"instances", k.instances},
                    {"arguments", arguments}});
  }
  out.json["kernels"] = list;
}

void showPartition(const Section &s, const std::string &name, Inspection &out) {
  const auto result = decodePartition(s, name);
  const Partition *p = out.take(result);
  if (!p) return;
  std::string starts;
  for (const uint16_t c : p->startColumns) starts += fmt::format(" {}", c);
  out.line("    {} columns wide, start columns:{}, {} operations a cycle, {} PDIs", p->columnWidth,
           starts, p->operationsPerCycle, p->pdis.size());
  Json pdis = Json::array();
  for (size_t i = 0; i < p->pdis.size(); ++i) {
    const PartitionPdi &pdi = p->pdis[i];
    std::string ids;
    Json idList = Json::array();
    for (const CdoGroup &g : pdi.groups)
      for (const uint64_t id : g.kernelIds) {
        ids += fmt::format(" {:#x}", id);
        idList.push_back(id);
      }
    out.line("    PDI {}: uuid {}, {} bytes, for kernel ids:{}", i, uuidText(pdi.uuid),
             pdi.image.size(), ids);
    Inspection inner;
    inspectPdi(pdi.image, fmt::format("{}[PDI {}]", name, i), inner);
    out.text += inner.text;
    out.problems.insert(out.problems.end(), inner.problems.begin(), inner.problems.end());
    Json j = {{"uuid", uuidText(pdi.uuid)}, {"bytes", pdi.image.size()}, {"kernelIds", idList}};
    j.update(inner.json);
    pdis.push_back(j);
    out.parts.push_back({fmt::format("{}.pdi", i), pdi.image});
  }
  out.json["partition"] = {{"columns", p->columnWidth},
                           {"startColumns", p->startColumns},
                           {"operationsPerCycle", p->operationsPerCycle},
                           {"pdis", pdis}};
}

} // namespace

void inspectXclbin(ByteView data, const std::string &name, Inspection &out) {
  out.kind = "XCLBIN";
  const auto result = read(data, name, out.problems);
  const File *file = out.take(result);
  if (!file) return;
  out.line("uuid {}, time {}, version {}.{}.{}, mode {}{}", uuidText(file->uuid), file->timeStamp,
           file->versionMajor, file->versionMinor, file->versionPatch, file->mode,
           file->platform.empty() ? "" : ", platform " + file->platform);
  out.json["uuid"] = uuidText(file->uuid);
  out.json["time"] = file->timeStamp;
  out.json["platform"] = file->platform;
  out.json["mirror"] = file->hasMirror;
  Json sections = Json::array();
  for (const Section &s : file->sections)
    sections.push_back({{"kind", kindText(s.kind)},
                        {"name", s.name},
                        {"offset", s.offset},
                        {"bytes", s.data.size()}});
  out.json["sections"] = sections;
  for (const Section &s : file->sections) {
    out.line("  {} {}at {:#x}, {} bytes", kindText(s.kind),
             s.name.empty() ? "" : "\"" + s.name + "\" ", s.offset, s.data.size());
    switch (s.kind) {
    case kMemTopology:
    case kGroupTopology: showMemory(s, name, out); break;
    case kIpLayout: showIps(s, name, out); break;
    case kConnectivity:
    case kGroupConnectivity: showConnections(s, name, out); break;
    case kEmbeddedMetadata: showKernels(s, name, out); break;
    case kAiePartition: showPartition(s, name, out); break;
    default: break;
    }
    if (s.kind != kEmbeddedMetadata)
      out.parts.push_back({fmt::format("{}.bin", *sectionKindName(s.kind) ? sectionKindName(s.kind)
                                                                          : std::to_string(s.kind)),
                           s.data});
  }
}

} // namespace ashlar::cli
