// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Writing ELF: header, program headers, segment bytes, section bytes, then symbol, string and
// relocation tables, and the section headers last. Nothing depends on anything but the contents,
// so equal contents give equal bytes.
#include "format/elf.h"

#include <algorithm>
#include <map>

namespace ashlar::format::elf {
namespace {

constexpr uint32_t kHeaderSize = 52, kSectionHeaderSize = 40, kProgramHeaderSize = 32;
constexpr uint32_t kShtNull = 0, kShtSymtab = 2, kShtStrtab = 3, kShtRela = 4, kShtGroup = 17;

class StringTable {
public:
  StringTable() : bytes_(1, 0) {}
  uint32_t add(const std::string &text) {
    if (text.empty()) return 0;
    const auto [it, added] = seen_.try_emplace(text, static_cast<uint32_t>(bytes_.size()));
    if (added) {
      bytes_.insert(bytes_.end(), text.begin(), text.end());
      bytes_.push_back(0);
    }
    return it->second;
  }
  const Bytes &bytes() const { return bytes_; }

private:
  Bytes bytes_;
  std::map<std::string, uint32_t> seen_;
};

struct OutSection {
  std::string name;
  uint32_t type, flags, address, offset, size, link, info, align, entrySize;
};

class Writer {
public:
  explicit Writer(const File &file) : file_(file) {}

  Bytes run() {
    out_.fill(kHeaderSize + kProgramHeaderSize * file_.segments.size());
    headers_.push_back({"", kShtNull, 0, 0, 0, 0, 0, 0, 0, 0});
    orderSymbols();
    // Groups come before their members, as the gABI asks.
    const uint32_t firstContent = 1 + static_cast<uint32_t>(file_.groups.size());
    const uint32_t relaCount =
        static_cast<uint32_t>(std::count_if(file_.sections.begin(), file_.sections.end(),
                                            [](const Section &s) { return !s.relocs.empty(); }));
    const uint32_t symtab = firstContent + static_cast<uint32_t>(file_.sections.size()) + relaCount;
    placeSegments();
    writeGroups(firstContent, symtab);
    for (const Section &s : file_.sections) writeContent(s, firstContent);
    for (size_t i = 0; i < file_.sections.size(); ++i)
      if (!file_.sections[i].relocs.empty())
        writeRelocs(file_.sections[i], firstContent + static_cast<uint32_t>(i), symtab);
    ASHLAR_ASSERT(headers_.size() == symtab);
    writeSymbols(firstContent, symtab + 1);
    return finish();
  }

private:
  void orderSymbols() {
    newIndex_.resize(file_.symbols.size());
    for (const bool local : {true, false})
      for (size_t i = 0; i < file_.symbols.size(); ++i)
        if ((file_.symbols[i].bind == Bind::Local) == local) {
          newIndex_[i] = static_cast<uint32_t>(order_.size()) + 1;
          order_.push_back(i);
          if (local) ++locals_;
        }
  }

  void placeSegments() {
    for (const Segment &s : file_.segments) {
      out_.alignTo(std::clamp<uint32_t>(s.align, 1, 16));
      segmentOffset_.push_back(static_cast<uint32_t>(out_.size()));
      out_.bytes(s.data);
    }
  }

  /// Offset of the section inside a segment's bytes, if it lies there.
  std::optional<uint32_t> sharedOffset(const Section &s) const {
    if (file_.type != FileType::Executable || !(s.flags & kAlloc)) return std::nullopt;
    for (size_t i = 0; i < file_.segments.size(); ++i) {
      const Segment &g = file_.segments[i];
      if (s.address < g.virtualAddress) continue;
      const uint64_t start = s.address - g.virtualAddress;
      const uint64_t room = s.type == kNoBits ? g.memorySize : g.data.size();
      if (start + s.size <= room)
        return segmentOffset_[i] + static_cast<uint32_t>(std::min<uint64_t>(start, g.data.size()));
    }
    return std::nullopt;
  }

  void writeContent(const Section &s, uint32_t firstContent) {
    ASHLAR_ASSERT(s.type == kNoBits ? s.data.empty() : s.data.size() == s.size);
    uint32_t offset = 0;
    if (const auto shared = sharedOffset(s)) {
      offset = *shared;
    } else {
      out_.alignTo(std::clamp<uint32_t>(s.align, 1, 16));
      offset = static_cast<uint32_t>(out_.size());
      out_.bytes(s.data);
    }
    const uint32_t link = s.link >= 0 ? firstContent + static_cast<uint32_t>(s.link) : 0;
    headers_.push_back(
        {s.name, s.type, s.flags, s.address, offset, s.size, link, 0, s.align, s.entrySize});
  }

  void writeRelocs(const Section &s, uint32_t target, uint32_t symtab) {
    out_.alignTo(4);
    const uint32_t offset = static_cast<uint32_t>(out_.size());
    for (const Reloc &r : s.relocs) {
      ASHLAR_ASSERT(r.symbol < newIndex_.size() && r.type < 256);
      out_.u32(r.offset)
          .u32(newIndex_[r.symbol] << 8 | r.type)
          .u32(static_cast<uint32_t>(r.addend));
    }
    const uint32_t flags = kInfoLink | (s.flags & kGroup);
    headers_.push_back({".rela" + s.name, kShtRela, flags, 0, offset,
                        static_cast<uint32_t>(out_.size()) - offset, symtab, target, 4, 12});
  }

  void writeGroups(uint32_t firstContent, uint32_t symtab) {
    const uint32_t firstRela = firstContent + static_cast<uint32_t>(file_.sections.size());
    for (const Group &g : file_.groups) {
      out_.alignTo(4);
      const uint32_t offset = static_cast<uint32_t>(out_.size());
      out_.u32(g.comdat ? 1 : 0);
      for (const uint32_t member : g.sections) {
        out_.u32(firstContent + member);
        if (file_.sections[member].relocs.empty()) continue;
        const auto before = std::count_if(file_.sections.begin(), file_.sections.begin() + member,
                                          [](const Section &s) { return !s.relocs.empty(); });
        out_.u32(firstRela + static_cast<uint32_t>(before));
      }
      headers_.push_back({".group", kShtGroup, 0, 0, offset,
                          static_cast<uint32_t>(out_.size()) - offset, symtab,
                          newIndex_[g.signature], 4, 4});
    }
  }

  void writeSymbols(uint32_t firstContent, uint32_t strtab) {
    StringTable names;
    out_.alignTo(4);
    const uint32_t offset = static_cast<uint32_t>(out_.size());
    out_.fill(16);
    for (const size_t i : order_) {
      const Symbol &s = file_.symbols[i];
      uint16_t section = 0;
      if (s.section == kAbsolute)
        section = 0xFFF1;
      else if (s.section == kCommon)
        section = 0xFFF2;
      else if (s.section >= 0)
        section = static_cast<uint16_t>(firstContent + static_cast<uint32_t>(s.section));
      out_.u32(s.type == SymbolType::Section ? 0 : names.add(s.name)).u32(s.value).u32(s.size);
      out_.u8(
          static_cast<uint8_t>(static_cast<uint8_t>(s.bind) << 4 | static_cast<uint8_t>(s.type)));
      out_.u8(s.visibility).u16(section);
    }
    headers_.push_back({".symtab", kShtSymtab, 0, 0, offset,
                        static_cast<uint32_t>(out_.size()) - offset, strtab, locals_ + 1, 4, 16});
    writeStrings(".strtab", names);
  }

  void writeStrings(const char *name, const StringTable &table) {
    headers_.push_back({name, kShtStrtab, 0, 0, static_cast<uint32_t>(out_.size()),
                        static_cast<uint32_t>(table.bytes().size()), 0, 0, 1, 0});
    out_.bytes(table.bytes());
  }

  Bytes finish() {
    StringTable names;
    std::vector<uint32_t> nameOffsets;
    for (const OutSection &h : headers_) nameOffsets.push_back(names.add(h.name));
    nameOffsets.push_back(names.add(".shstrtab"));
    writeStrings(".shstrtab", names);
    out_.alignTo(4);
    const uint32_t headersAt = static_cast<uint32_t>(out_.size());
    for (size_t i = 0; i < headers_.size(); ++i) {
      const OutSection &h = headers_[i];
      out_.u32(nameOffsets[i]).u32(h.type).u32(h.flags).u32(h.address).u32(h.offset);
      out_.u32(h.size).u32(h.link).u32(h.info).u32(h.align).u32(h.entrySize);
    }
    Bytes bytes = out_.take();
    const Bytes header = elfHeader(headersAt);
    std::copy(header.begin(), header.end(), bytes.begin());
    return bytes;
  }

  Bytes elfHeader(uint32_t headersAt) const {
    ByteWriter w;
    w.u8(0x7F).text("ELF").u8(1).u8(1).u8(1).fill(9);
    w.u16(static_cast<uint16_t>(file_.type)).u16(kMachineAie).u32(1).u32(file_.entry);
    w.u32(file_.segments.empty() ? 0 : kHeaderSize).u32(headersAt).u32(file_.flags);
    w.u16(kHeaderSize).u16(file_.segments.empty() ? 0 : kProgramHeaderSize);
    w.u16(static_cast<uint16_t>(file_.segments.size())).u16(kSectionHeaderSize);
    w.u16(static_cast<uint16_t>(headers_.size()));
    w.u16(static_cast<uint16_t>(headers_.size() - 1));
    for (size_t i = 0; i < file_.segments.size(); ++i) {
      const Segment &s = file_.segments[i];
      w.u32(s.type).u32(segmentOffset_[i]).u32(s.virtualAddress).u32(s.physicalAddress);
      w.u32(static_cast<uint32_t>(s.data.size())).u32(s.memorySize).u32(s.flags).u32(s.align);
    }
    return w.take();
  }

  const File &file_;
  ByteWriter out_;
  std::vector<OutSection> headers_;
  std::vector<uint32_t> segmentOffset_, newIndex_;
  std::vector<size_t> order_; ///< symbols of the file, locals first
  uint32_t locals_ = 0;
};

} // namespace

Bytes write(const File &file) { return Writer(file).run(); }

Segment loadSegment(const File &file, const std::vector<uint32_t> &sections, uint32_t flags) {
  Segment g;
  g.flags = flags;
  if (sections.empty()) return g;
  g.virtualAddress = g.physicalAddress = file.sections[sections.front()].address;
  for (const uint32_t i : sections) {
    const Section &s = file.sections[i];
    ASHLAR_ASSERT(s.address >= g.virtualAddress + g.memorySize);
    const uint32_t start = s.address - g.virtualAddress;
    g.align = std::max(g.align, s.align);
    g.memorySize = start + s.size;
    if (s.type == kNoBits) continue;
    ASHLAR_ASSERT(start >= g.data.size());
    g.data.resize(start, 0);
    g.data.insert(g.data.end(), s.data.begin(), s.data.end());
  }
  return g;
}

} // namespace ashlar::format::elf
