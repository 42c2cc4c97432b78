// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The XCLBIN's header and section table. Offsets are those of XRT's public `struct axlf`.
#include "format/xclbin.h"

#include <algorithm>

namespace ashlar::format::xclbin {
namespace {

constexpr std::string_view kMagic = std::string_view("xclbin2\0", 8);
constexpr size_t kUniqueId = 0x128, kLength = 0x130, kSectionCount = 0x1C0, kHeaderSize = 0x1C8;
constexpr size_t kInterfaceUuid = 0x150, kPlatform = 0x160, kUuid = 0x1A0, kDebugBin = 0x1B0;
constexpr size_t kPlatformSize = 64, kSectionHeaderSize = 40, kNameSize = 16;
constexpr size_t kUnsignedFill = 28 + 256; ///< reserved words and key block, all ones when unsigned
constexpr std::string_view kMirrorStart = "XCLBIN_MIRROR_DATA_START";

struct KindName {
  uint32_t kind;
  const char *name;
};
constexpr KindName kindNames[] = {
    {0, "BITSTREAM"},
    {1, "CLEARING_BITSTREAM"},
    {kEmbeddedMetadata, "EMBEDDED_METADATA"},
    {3, "FIRMWARE"},
    {4, "DEBUG_DATA"},
    {5, "SCHED_FIRMWARE"},
    {kMemTopology, "MEM_TOPOLOGY"},
    {kConnectivity, "CONNECTIVITY"},
    {kIpLayout, "IP_LAYOUT"},
    {9, "DEBUG_IP_LAYOUT"},
    {11, "CLOCK_FREQ_TOPOLOGY"},
    {14, "BUILD_METADATA"},
    {15, "KEYVALUE_METADATA"},
    {16, "USER_METADATA"},
    {18, "PDI"},
    {23, "SOFT_KERNEL"},
    {25, "AIE_METADATA"},
    {kGroupTopology, "GROUP_TOPOLOGY"},
    {kGroupConnectivity, "GROUP_CONNECTIVITY"},
    {31, "VENDER_METADATA"},
    {kAiePartition, "AIE_PARTITION"},
    {33, "IP_METADATA"},
    {34, "AIE_RESOURCES_BIN"},
    {35, "AIE_TRACE_METADATA"},
};

Uuid uuidAt(ByteView data, size_t offset) {
  Uuid u;
  std::copy_n(data.begin() + static_cast<long>(offset), u.size(), u.begin());
  return u;
}
std::string textAt(ByteView data, size_t offset, size_t size) {
  std::string s;
  for (size_t i = 0; i < size && data[offset + i]; ++i) s += static_cast<char>(data[offset + i]);
  return s;
}

} // namespace

std::string uuidText(const Uuid &uuid) {
  std::string s;
  for (size_t i = 0; i < uuid.size(); ++i) {
    if (i == 4 || i == 6 || i == 8 || i == 10) s += '-';
    s += fmt::format("{:02x}", uuid[i]);
  }
  return s;
}

const char *sectionKindName(uint32_t kind) {
  for (const KindName &k : kindNames)
    if (k.kind == kind) return k.name;
  return "";
}

const Section *File::find(uint32_t kind) const {
  for (const Section &s : sections)
    if (s.kind == kind) return &s;
  return nullptr;
}

bool looksLikeXclbin(ByteView data) {
  return data.size() >= kMagic.size() && std::equal(kMagic.begin(), kMagic.end(), data.begin());
}

Result<File> read(ByteView data, const std::string &name, Diagnostics &problems) {
  const char *damaged = "the file is damaged; build or copy it again";
  const auto at = [&](uint64_t offset) { return Place::atOffset(name, offset); };
  if (!looksLikeXclbin(data))
    return error("xclbin-corrupt", at(0), "this is not an XCLBIN: the mark \"xclbin2\" is missing",
                 damaged);
  if (data.size() < kHeaderSize)
    return error(
        "xclbin-truncated", at(data.size()),
        fmt::format("an XCLBIN's header needs {} bytes, {} are there", kHeaderSize, data.size()),
        damaged);
  File file;
  file.uniqueId = readU64(&data[kUniqueId]);
  const uint64_t length = readU64(&data[kLength]);
  file.timeStamp = readU64(&data[0x138]);
  file.featureRomTimeStamp = readU64(&data[0x140]);
  file.versionPatch = readU16(&data[0x148]);
  file.versionMajor = data[0x14A];
  file.versionMinor = data[0x14B];
  file.mode = readU16(&data[0x14C]);
  file.actionMask = readU16(&data[0x14E]);
  file.interfaceUuid = uuidAt(data, kInterfaceUuid);
  file.platform = textAt(data, kPlatform, kPlatformSize);
  file.uuid = uuidAt(data, kUuid);
  file.debugBin = uuidAt(data, kDebugBin);
  const uint32_t count = readU32(&data[kSectionCount]);
  if (length > data.size())
    return error("xclbin-truncated", at(kLength),
                 fmt::format("the header says {} bytes, the file has {}", length, data.size()),
                 damaged);
  if (length < data.size())
    problems.push_back(error(
        "xclbin-trailing", at(length),
        fmt::format("{} bytes follow the {} that the header says", data.size() - length, length),
        damaged));
  if (count > (data.size() - kHeaderSize) / kSectionHeaderSize)
    return error("xclbin-truncated", at(kSectionCount),
                 fmt::format("{} section headers do not fit in the file", count), damaged);
  uint64_t end = kHeaderSize + uint64_t{count} * kSectionHeaderSize;
  uint64_t total = 0;
  for (uint32_t i = 0; i < count; ++i) {
    const size_t h = kHeaderSize + size_t{i} * kSectionHeaderSize;
    Section s;
    s.kind = readU32(&data[h]);
    s.name = textAt(data, h + 4, kNameSize);
    s.offset = readU64(&data[h + 24]);
    const uint64_t size = readU64(&data[h + 32]);
    if (s.offset > data.size() || size > data.size() - s.offset)
      return error(
          "xclbin-truncated", at(h + 24),
          fmt::format("section {} (offset {:#x}, {} bytes) does not fit in the file of {} "
                      "bytes",
                      *sectionKindName(s.kind) ? sectionKindName(s.kind) : std::to_string(s.kind),
                      s.offset, size, data.size()),
          damaged);
    total += size;
    if (total > data.size())
      return error("xclbin-corrupt", at(h), "the sections of this file lie on top of each other",
                   damaged);
    const ByteView view = data.subspan(s.offset, size);
    s.data.assign(view.begin(), view.end());
    end = std::max(end, s.offset + size);
    file.sections.push_back(std::move(s));
  }
  const ByteView tail = data.subspan(std::min<uint64_t>(end, data.size()));
  file.hasMirror = tail.size() >= kMirrorStart.size() &&
                   std::equal(kMirrorStart.begin(), kMirrorStart.end(), tail.begin());
  return file;
}

Bytes write(File &file) {
  uint64_t offset = kHeaderSize + file.sections.size() * kSectionHeaderSize;
  for (Section &s : file.sections) {
    s.name.resize(std::min(s.name.size(), kNameSize - 1));
    s.offset = (offset + 7) & ~uint64_t{7};
    offset = s.offset + s.data.size();
  }
  const std::string mirror = mirrorText(file);
  ByteWriter out;
  out.text(kMagic).u32(0xFFFFFFFF).fill(kUnsignedFill, 0xFF);
  out.u64(file.uniqueId).u64(offset + mirror.size()).u64(file.timeStamp);
  out.u64(file.featureRomTimeStamp).u16(file.versionPatch).u8(file.versionMajor);
  out.u8(file.versionMinor).u16(file.mode).u16(file.actionMask).bytes(file.interfaceUuid);
  out.fixedText(file.platform, kPlatformSize).bytes(file.uuid).bytes(file.debugBin);
  out.u32(static_cast<uint32_t>(file.sections.size())).u32(0);
  ASHLAR_ASSERT(out.size() == kHeaderSize);
  for (const Section &s : file.sections) {
    out.u32(s.kind).fixedText(s.name, kNameSize).u32(0);
    out.u64(s.offset).u64(s.data.size());
  }
  for (const Section &s : file.sections) out.fill(s.offset - out.size()).bytes(s.data);
  out.text(mirror);
  return out.take();
}

} // namespace ashlar::format::xclbin
