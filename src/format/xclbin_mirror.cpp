// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The mirror: what xclbinutil leaves behind the last section so that another xclbinutil can rebuild
// the file. XRT and the driver ignore it. Every value is a string, the key "section_header" comes
// once a section, and the version's two numbers are written as characters: all that is
// xclbinutil's. nlohmann-json cannot repeat a key, hence the text made by hand.
#include "format/xclbin_sections.h"

#include <nlohmann/json.hpp>

namespace ashlar::format::xclbin {
namespace {

using Json = nlohmann::ordered_json;

std::string hex(ByteView bytes) {
  std::string s;
  for (const uint8_t b : bytes) s += fmt::format("{:02x}", b);
  return s;
}
std::string quoted(const std::string &text) {
  return Json(text).dump(-1, ' ', true, Json::error_handler_t::replace);
}

Json memoryJson(const std::vector<MemoryBank> &banks) {
  Json list = Json::array();
  for (const MemoryBank &b : banks)
    list.push_back({{"m_type", memoryTypeName(b.type)},
                    {"m_used", b.used ? "1" : "0"},
                    {"m_sizeKB", fmt::format("{:#x}", b.sizeKb)},
                    {"m_tag", b.tag},
                    {"m_base_address", fmt::format("{:#x}", b.base)}});
  return {{"m_count", fmt::format("{}", banks.size())}, {"m_mem_data", list}};
}
Json connectionJson(const std::vector<Connection> &connections) {
  Json list = Json::array();
  for (const Connection &c : connections)
    list.push_back({{"arg_index", fmt::format("{}", c.argument)},
                    {"m_ip_layout_index", fmt::format("{}", c.ip)},
                    {"mem_data_index", fmt::format("{}", c.memory)}});
  return {{"m_count", fmt::format("{}", connections.size())}, {"m_connection", list}};
}
Json ipJson(const std::vector<Ip> &ips) {
  Json list = Json::array();
  for (const Ip &ip : ips)
    list.push_back(
        {{"m_type", ip.type == 7 ? "IP_PS_KERNEL" : fmt::format("{}", ip.type)},
         {"m_subtype", ip.subtype() == 1 ? "DPU" : "PS"},
         {"m_functional", ip.functional() == 0 ? "DPU" : "PrePost"},
         {"m_kernel_id", fmt::format("{:#x}", ip.kernelId())},
         {"m_base_address", ip.base == ~uint64_t{0} ? "not_used" : fmt::format("{:#x}", ip.base)},
         {"m_name", ip.name}});
  return {{"m_count", fmt::format("{}", ips.size())}, {"m_ip_data", list}};
}

/// The section as JSON for the kinds that xclbinutil shows that way; else null.
Json payload(const Section &s) {
  const std::string none;
  switch (s.kind) {
  case kMemTopology:
  case kGroupTopology: {
    const auto banks = decodeMemory(s, none);
    if (!banks.ok()) return nullptr;
    return {{s.kind == kMemTopology ? "mem_topology" : "group_topology", memoryJson(*banks)}};
  }
  case kConnectivity:
  case kGroupConnectivity: {
    const auto connections = decodeConnections(s, none);
    if (!connections.ok()) return nullptr;
    return {{s.kind == kConnectivity ? "connectivity" : "group_connectivity",
             connectionJson(*connections)}};
  }
  case kIpLayout: {
    const auto ips = decodeIps(s, none);
    if (!ips.ok()) return nullptr;
    return {{"ip_layout", ipJson(*ips)}};
  }
  default: return nullptr;
  }
}

} // namespace

std::string mirrorText(const File &file) {
  const Bytes uniqueId = ByteWriter().u64(file.uniqueId).take();
  const bool noDebug = file.debugBin == Uuid{};
  const std::string version = std::string() + static_cast<char>(file.versionMajor) + "." +
                              static_cast<char>(file.versionMinor) +
                              fmt::format(".{}", file.versionPatch);
  std::string t = "XCLBIN_MIRROR_DATA_START{\"schema_version\":{\"major\":\"1\",\"minor\":\"0\","
                  "\"patch\":\"0\"},\"header\":{\"Magic\":\"xclbin2\",\"SignatureLength\":"
                  "\"ffffffff\",\"KeyBlock\":\"";
  t += std::string(512, 'f');
  t += "\",\"UniqueID\":" + quoted(hex(uniqueId));
  t += fmt::format(",\"TimeStamp\":\"{}\",\"FeatureRomTimeStamp\":\"{}\"", file.timeStamp,
                   file.featureRomTimeStamp);
  t += ",\"Version\":" + quoted(version);
  t += fmt::format(",\"Mode\":\"{}\"", file.mode);
  t += ",\"InterfaceUUID\":" + quoted(hex(file.interfaceUuid));
  t += ",\"PlatformVBNV\":" + quoted(file.platform);
  t += ",\"XclBinUUID\":" + quoted(hex(file.uuid));
  t += ",\"DebugBin\":" + quoted(noDebug ? std::string() : hex(file.debugBin)) + "}";
  for (const Section &s : file.sections) {
    t += fmt::format(",\"section_header\":{{\"Kind\":\"{}\",\"Name\":{},\"Offset\":\"{:#x}\","
                     "\"Size\":\"{:#x}\"",
                     s.kind, quoted(s.name), s.offset, s.data.size());
    const Json contents = payload(s);
    if (!contents.is_null())
      t += ",\"payload\":" + contents.dump(-1, ' ', true, Json::error_handler_t::replace);
    t += "}";
  }
  return t + "}\nXCLBIN_MIRROR_DATA_END";
}

} // namespace ashlar::format::xclbin
