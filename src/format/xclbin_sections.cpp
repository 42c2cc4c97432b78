// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Section layouts, as in XRT's public xclbin.h; the order inside AIE_PARTITION's heap is
// xclbinutil's.
#include "format/xclbin_sections.h"

#include <algorithm>
#include <charconv>
#include <pugixml.hpp>

namespace ashlar::format::xclbin {
namespace {

constexpr size_t kBankSize = 40, kIpSize = 80, kConnectionSize = 12;
constexpr size_t kPartitionHeader = 184, kPdiRecord = 96, kGroupRecord = 96;

Diagnostic corrupt(const Section &section, const std::string &name, uint64_t offset,
                   std::string what) {
  return error("xclbin-corrupt", Place::atOffset(name, section.offset + offset),
               fmt::format("{}: {}", sectionKindName(section.kind), what),
               "the file is damaged; build or copy it again");
}

std::string fixedText(ByteView data, size_t offset, size_t size) {
  std::string s;
  for (size_t i = 0; i < size && data[offset + i]; ++i) s += static_cast<char>(data[offset + i]);
  return s;
}

/// Reads `count` and checks that `count` records of `size` bytes follow at `start`.
Result<uint32_t> counted(const Section &s, const std::string &name, size_t start, size_t size) {
  if (s.data.size() < start)
    return corrupt(s, name, 0, fmt::format("{} bytes are too few", s.data.size()));
  const uint32_t count = readU32(s.data.data());
  if (count > (s.data.size() - start) / size)
    return corrupt(s, name, 0,
                   fmt::format("{} entries do not fit in {} bytes", count, s.data.size()));
  return count;
}

} // namespace

std::string memoryTypeName(uint8_t type) {
  static constexpr const char *names[] = {
      "MEM_DDR3", "MEM_DDR4",     "MEM_DRAM", "MEM_STREAMING", "MEM_PREALLOCATED_GLOB",
      "MEM_ARE",  "MEM_HBM",      "MEM_BRAM", "MEM_URAM",      "MEM_STREAMING_CONNECTION",
      "MEM_HOST", "MEM_PS_KERNEL"};
  return type < std::size(names) ? names[type] : fmt::format("MEM_{}", type);
}

Bytes encodeMemory(const std::vector<MemoryBank> &banks) {
  ByteWriter out;
  out.u32(static_cast<uint32_t>(banks.size())).u32(0);
  for (const MemoryBank &b : banks)
    out.u8(b.type).u8(b.used).fill(6).u64(b.sizeKb).u64(b.base).fixedText(b.tag, 16);
  return out.take();
}

Result<std::vector<MemoryBank>> decodeMemory(const Section &s, const std::string &name) {
  ASHLAR_TRY(const uint32_t count, counted(s, name, 8, kBankSize));
  std::vector<MemoryBank> banks;
  for (uint32_t i = 0; i < count; ++i) {
    const uint8_t *p = &s.data[8 + size_t{i} * kBankSize];
    banks.push_back({p[0], p[1] != 0, readU64(p + 8), readU64(p + 16),
                     fixedText(s.data, 8 + size_t{i} * kBankSize + 24, 16)});
  }
  return banks;
}

Bytes encodeIps(const std::vector<Ip> &ips) {
  ByteWriter out;
  out.u32(static_cast<uint32_t>(ips.size())).u32(0);
  for (const Ip &ip : ips) out.u32(ip.type).u32(ip.properties).u64(ip.base).fixedText(ip.name, 64);
  return out.take();
}

Result<std::vector<Ip>> decodeIps(const Section &s, const std::string &name) {
  ASHLAR_TRY(const uint32_t count, counted(s, name, 8, kIpSize));
  std::vector<Ip> ips;
  for (uint32_t i = 0; i < count; ++i) {
    const uint8_t *p = &s.data[8 + size_t{i} * kIpSize];
    ips.push_back({readU32(p), readU32(p + 4), readU64(p + 8),
                   fixedText(s.data, 8 + size_t{i} * kIpSize + 16, 64)});
  }
  return ips;
}

Bytes encodeConnections(const std::vector<Connection> &connections) {
  ByteWriter out;
  out.u32(static_cast<uint32_t>(connections.size()));
  for (const Connection &c : connections)
    out.u32(static_cast<uint32_t>(c.argument))
        .u32(static_cast<uint32_t>(c.ip))
        .u32(static_cast<uint32_t>(c.memory));
  return out.take();
}

Result<std::vector<Connection>> decodeConnections(const Section &s, const std::string &name) {
  ASHLAR_TRY(const uint32_t count, counted(s, name, 4, kConnectionSize));
  std::vector<Connection> connections;
  for (uint32_t i = 0; i < count; ++i) {
    const uint8_t *p = &s.data[4 + size_t{i} * kConnectionSize];
    connections.push_back({static_cast<int32_t>(readU32(p)), static_cast<int32_t>(readU32(p + 4)),
                           static_cast<int32_t>(readU32(p + 8))});
  }
  return connections;
}

namespace {

/// Appends to the heap behind the partition's header; offsets count from the section's start.
class Heap {
public:
  uint32_t at() const { return static_cast<uint32_t>(kPartitionHeader + out_.size()); }
  uint32_t put(ByteView bytes) {
    const uint32_t offset = at();
    out_.bytes(bytes).alignTo(8);
    return offset;
  }
  uint32_t text(std::string_view s) {
    ByteWriter w;
    return put(w.text(s).u8(0).view());
  }
  uint32_t numbers(const std::vector<uint64_t> &v) {
    ByteWriter w;
    for (const uint64_t n : v) w.u64(n);
    return put(w.view());
  }
  Bytes take() { return out_.take(); }

private:
  ByteWriter out_;
};

} // namespace

Bytes encodePartition(const Partition &p) {
  Heap heap;
  const uint32_t name = heap.text(p.name);
  const uint32_t commit = heap.text(p.kernelCommitId);
  ByteWriter columns;
  for (const uint16_t c : p.startColumns) columns.u16(c);
  const uint32_t startColumns = heap.put(columns.view());
  ByteWriter records;
  for (const PartitionPdi &pdi : p.pdis) {
    const uint32_t image = heap.put(pdi.image);
    ByteWriter groups;
    for (const CdoGroup &g : pdi.groups) {
      const uint32_t groupName = heap.text(g.name);
      const uint32_t ids = heap.numbers(g.kernelIds);
      const uint32_t pre = heap.numbers(g.preGroups);
      groups.u32(groupName).u8(g.type).fill(3).u64(g.pdiId);
      groups.u32(static_cast<uint32_t>(g.kernelIds.size())).u32(ids);
      groups.u32(static_cast<uint32_t>(g.preGroups.size())).u32(pre).fill(64);
    }
    const uint32_t groupsAt = heap.put(groups.view());
    records.bytes(pdi.uuid).u32(static_cast<uint32_t>(pdi.image.size())).u32(image);
    records.u32(static_cast<uint32_t>(pdi.groups.size())).u32(groupsAt).fill(64);
  }
  const uint32_t recordsAt = heap.put(records.view());
  ByteWriter out;
  out.u8(p.schema).fill(3).u32(name).u32(p.operationsPerCycle).u32(0);
  out.u64(p.inferenceFingerprint).u64(p.prePostFingerprint).u16(p.columnWidth).fill(6);
  out.u32(static_cast<uint32_t>(p.startColumns.size())).u32(startColumns).fill(72);
  out.u32(static_cast<uint32_t>(p.pdis.size())).u32(recordsAt).u32(commit).fill(52);
  ASHLAR_ASSERT(out.size() == kPartitionHeader);
  return out.bytes(heap.take()).take();
}

Result<Partition> decodePartition(const Section &s, const std::string &name) {
  const Bytes &d = s.data;
  if (d.size() < kPartitionHeader)
    return corrupt(s, name, 0, fmt::format("{} bytes are too few for its header", d.size()));
  // The total of what is copied out is bounded by a few times the section, whatever the counts say.
  uint64_t budget = 4 * uint64_t{d.size()};
  const auto room = [&](uint64_t offset, uint64_t count, uint64_t size, uint64_t user,
                        const char *what) -> Status {
    if (offset > d.size() || count > (d.size() - offset) / size || count * size > budget)
      return corrupt(s, name, user,
                     fmt::format("{} x {} ({} bytes each, at {:#x}) do not fit in "
                                 "{} bytes",
                                 count, what, size, offset, d.size()));
    budget -= count * size;
    return Ok{};
  };
  const auto text = [&](uint32_t offset, uint64_t user) -> Result<std::string> {
    if (offset == 0) return std::string();
    std::string t;
    for (size_t i = offset; i < d.size(); ++i) {
      if (!d[i]) {
        ASHLAR_CHECK(room(offset, t.size() + 1, 1, user, "characters"));
        return t;
      }
      t += static_cast<char>(d[i]);
    }
    return corrupt(s, name, user, fmt::format("the text at {:#x} does not end", offset));
  };
  const auto numbers = [&](size_t record, const char *what) -> Result<std::vector<uint64_t>> {
    const uint32_t count = readU32(&d[record]), offset = readU32(&d[record + 4]);
    ASHLAR_CHECK(room(offset, count, 8, record, what));
    std::vector<uint64_t> v;
    for (uint32_t i = 0; i < count; ++i) v.push_back(readU64(&d[offset + 8 * size_t{i}]));
    return v;
  };

  Partition p;
  p.schema = d[0];
  ASHLAR_TRY(p.name, text(readU32(&d[4]), 4));
  p.operationsPerCycle = readU32(&d[8]);
  p.inferenceFingerprint = readU64(&d[0x10]);
  p.prePostFingerprint = readU64(&d[0x18]);
  p.columnWidth = readU16(&d[0x20]);
  ASHLAR_TRY(p.kernelCommitId, text(readU32(&d[0x80]), 0x80));
  const uint32_t columns = readU32(&d[0x28]), columnsAt = readU32(&d[0x2C]);
  ASHLAR_CHECK(room(columnsAt, columns, 2, 0x28, "start columns"));
  for (uint32_t i = 0; i < columns; ++i)
    p.startColumns.push_back(readU16(&d[columnsAt + 2 * size_t{i}]));
  const uint32_t pdis = readU32(&d[0x78]), pdisAt = readU32(&d[0x7C]);
  ASHLAR_CHECK(room(pdisAt, pdis, kPdiRecord, 0x78, "PDI records"));
  for (uint32_t i = 0; i < pdis; ++i) {
    const size_t r = pdisAt + i * kPdiRecord;
    PartitionPdi pdi;
    std::copy_n(d.begin() + static_cast<long>(r), pdi.uuid.size(), pdi.uuid.begin());
    const uint32_t size = readU32(&d[r + 16]), image = readU32(&d[r + 20]);
    ASHLAR_CHECK(room(image, size, 1, r + 16, "PDI bytes"));
    pdi.imageOffset = image;
    pdi.image.assign(d.begin() + static_cast<long>(image),
                     d.begin() + static_cast<long>(image) + static_cast<long>(size));
    const uint32_t groups = readU32(&d[r + 24]), groupsAt = readU32(&d[r + 28]);
    ASHLAR_CHECK(room(groupsAt, groups, kGroupRecord, r + 24, "group records"));
    for (uint32_t k = 0; k < groups; ++k) {
      const size_t g = groupsAt + k * kGroupRecord;
      CdoGroup group;
      ASHLAR_TRY(group.name, text(readU32(&d[g]), g));
      group.type = d[g + 4];
      group.pdiId = readU64(&d[g + 8]);
      ASHLAR_TRY(group.kernelIds, numbers(g + 16, "kernel ids"));
      ASHLAR_TRY(group.preGroups, numbers(g + 24, "pre CDO groups"));
      pdi.groups.push_back(std::move(group));
    }
    p.pdis.push_back(std::move(pdi));
  }
  return p;
}

namespace {

std::string escaped(std::string_view text) {
  std::string s;
  for (const char c : text) switch (c) {
    case '&': s += "&amp;"; break;
    case '<': s += "&lt;"; break;
    case '>': s += "&gt;"; break;
    case '"': s += "&quot;"; break;
    default: s += c;
    }
  return s;
}

} // namespace

Bytes encodeKernels(const std::vector<Kernel> &kernels) {
  ByteWriter out;
  out.text("<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<project>\n  <platform>\n    <device>\n"
           "      <core>\n");
  for (const Kernel &k : kernels) {
    out.text(fmt::format("        <kernel name=\"{}\" language=\"c\" type=\"{}\">\n",
                         escaped(k.name), escaped(k.type)));
    out.text(fmt::format("          <extended-data subtype=\"{}\" functional=\"{}\" "
                         "dpu_kernel_id=\"{}\"/>\n",
                         escaped(k.subtype), escaped(k.functional), escaped(k.kernelId)));
    for (const KernelArgument &a : k.arguments)
      out.text(fmt::format("          <arg name=\"{}\" addressQualifier=\"{}\" id=\"{}\" "
                           "size=\"{:#x}\" offset=\"{}\" hostOffset=\"0x0\" hostSize=\"{:#x}\" "
                           "type=\"{}\"/>\n",
                           escaped(a.name), a.addressQualifier, a.id, a.size, escaped(a.offset),
                           a.size, escaped(a.type)));
    for (const std::string &i : k.instances)
      out.text(fmt::format("          <instance name=\"{}\"/>\n", escaped(i)));
    out.text("        </kernel>\n");
  }
  out.text("      </core>\n    </device>\n  </platform>\n</project>\n");
  return out.take();
}

Result<std::vector<Kernel>> decodeKernels(const Section &s, const std::string &name) {
  pugi::xml_document document;
  // Some writers count the terminating NUL as part of the text.
  size_t size = s.data.size();
  while (size && s.data[size - 1] == 0) --size;
  const pugi::xml_parse_result parsed = document.load_buffer(s.data.data(), size);
  if (!parsed)
    return corrupt(s, name, static_cast<uint64_t>(std::max<ptrdiff_t>(parsed.offset, 0)),
                   fmt::format("the XML does not parse: {}", parsed.description()));
  const pugi::xml_node core =
      document.child("project").child("platform").child("device").child("core");
  std::vector<Kernel> kernels;
  for (const pugi::xml_node node : core.children("kernel")) {
    Kernel k;
    k.name = node.attribute("name").value();
    k.type = node.attribute("type").value();
    const pugi::xml_node extended = node.child("extended-data");
    k.subtype = extended.attribute("subtype").value();
    k.functional = extended.attribute("functional").value();
    k.kernelId = extended.attribute("dpu_kernel_id").value();
    for (const pugi::xml_node arg : node.children("arg")) {
      KernelArgument a;
      a.name = arg.attribute("name").value();
      a.addressQualifier = arg.attribute("addressQualifier").as_uint();
      a.id = arg.attribute("id").as_uint();
      a.size = arg.attribute("size").as_uint();
      a.offset = arg.attribute("offset").value();
      a.type = arg.attribute("type").value();
      k.arguments.push_back(std::move(a));
    }
    for (const pugi::xml_node instance : node.children("instance"))
      k.instances.emplace_back(instance.attribute("name").value());
    kernels.push_back(std::move(k));
  }
  return kernels;
}

} // namespace ashlar::format::xclbin
