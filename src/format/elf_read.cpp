// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Reading ELF. Every number of the file is checked before it is used: offsets and counts against
// the file's size, indexes against their tables. Layout: System V gABI, chapters 4 and 5.
#include "format/elf.h"

namespace ashlar::format::elf {
namespace {

constexpr uint32_t kHeaderSize = 52, kSectionHeaderSize = 40, kProgramHeaderSize = 32;
constexpr uint32_t kSymbolSize = 16, kRelaSize = 12;
constexpr uint32_t kShtNull = 0, kShtSymtab = 2, kShtStrtab = 3, kShtRela = 4, kShtRel = 9,
                   kShtGroup = 17, kShtSymtabShndx = 18;
constexpr uint16_t kShnLoReserve = 0xFF00, kShnAbs = 0xFFF1, kShnCommon = 0xFFF2;
constexpr uint32_t kGrpComdat = 1;
constexpr uint64_t kMaxText = 64 << 20;

struct Header {
  uint32_t name, type, flags, address, offset, size, link, info, align, entrySize;
  uint32_t at; ///< file offset of the header itself
};

const char *machineName(uint16_t machine) {
  switch (machine) {
  case 3: return "x86 (32 bit)";
  case 40: return "Arm";
  case 62: return "x86-64";
  case 183: return "AArch64";
  case 243: return "RISC-V";
  default: return "another machine";
  }
}

class Reader {
public:
  Reader(ByteView data, const std::string &name) : data_(data), name_(name) {}

  Result<File> run() {
    ASHLAR_CHECK(header());
    ASHLAR_CHECK(sectionHeaders());
    ASHLAR_CHECK(contents());
    ASHLAR_CHECK(symbols());
    ASHLAR_CHECK(relocations());
    ASHLAR_CHECK(groups());
    ASHLAR_CHECK(links());
    ASHLAR_CHECK(segments());
    return std::move(file_);
  }

private:
  Diagnostic corrupt(uint64_t offset, std::string what) const {
    return error("elf-corrupt", Place::atOffset(name_, offset), std::move(what),
                 "the file is damaged or not an AIE2 object; build it again");
  }
  Diagnostic truncated(uint64_t offset, std::string what) const {
    return error("elf-truncated", Place::atOffset(name_, offset), std::move(what),
                 "the file is shorter than its headers say; copy or build it again");
  }
  bool inside(uint64_t offset, uint64_t size) const {
    return offset <= data_.size() && size <= data_.size() - offset;
  }

  Status header() {
    if (!looksLikeElf(data_))
      return error("elf-foreign", Place::at(name_), "this is not an ELF file",
                   "pass an AIE2 object made by `ashlar cc` or Peano");
    if (data_.size() < 20) return truncated(data_.size(), "the ELF header is cut off");
    const uint16_t machine =
        data_[5] == 2 ? static_cast<uint16_t>(data_[18] << 8 | data_[19]) : readU16(&data_[18]);
    if (machine != kMachineAie)
      return error("elf-foreign", Place::at(name_),
                   fmt::format("this ELF file is for {} (machine {}), not for AIE2 (machine {})",
                               machineName(machine), machine, kMachineAie),
                   "compile the kernel with `ashlar cc` (or Peano for aie2-none-unknown-elf)");
    if (data_[4] != 1 || data_[5] != 1)
      return error("elf-foreign", Place::at(name_),
                   fmt::format("AIE2 files are 32-bit little-endian ELF; class is {} and data {}",
                               data_[4], data_[5]),
                   "build the file again");
    if (data_.size() < kHeaderSize) return truncated(data_.size(), "the ELF header is cut off");
    const uint16_t type = readU16(&data_[16]);
    if (type != 1 && type != 2)
      return corrupt(16, fmt::format("ELF type {} is neither object nor executable", type));
    file_.type = static_cast<FileType>(type);
    file_.entry = readU32(&data_[24]);
    programHeaders_ = readU32(&data_[28]);
    sectionHeaders_ = readU32(&data_[32]);
    file_.flags = readU32(&data_[36]);
    programCount_ = readU16(&data_[44]);
    sectionCount_ = readU16(&data_[48]);
    nameSection_ = readU16(&data_[50]);
    if (programCount_ && readU16(&data_[42]) != kProgramHeaderSize)
      return corrupt(42, fmt::format("program headers have {} bytes, expected {}",
                                     readU16(&data_[42]), kProgramHeaderSize));
    if (sectionHeaders_ && readU16(&data_[46]) != kSectionHeaderSize)
      return corrupt(46, fmt::format("section headers have {} bytes, expected {}",
                                     readU16(&data_[46]), kSectionHeaderSize));
    if (!inside(programHeaders_, uint64_t{programCount_} * kProgramHeaderSize))
      return truncated(programHeaders_,
                       fmt::format("{} program headers do not fit in the file", programCount_));
    return Ok{};
  }

  Header headerAt(uint32_t at) const {
    const uint8_t *p = &data_[at];
    return {readU32(p),
            readU32(p + 4),
            readU32(p + 8),
            readU32(p + 12),
            readU32(p + 16),
            readU32(p + 20),
            readU32(p + 24),
            readU32(p + 28),
            readU32(p + 32),
            readU32(p + 36),
            at};
  }

  Status sectionHeaders() {
    if (!sectionHeaders_) return Ok{};
    if (!inside(sectionHeaders_, kSectionHeaderSize))
      return truncated(sectionHeaders_, "the section headers lie past the end of the file");
    // More than 65,279 sections: the counts move into section 0 (gABI, "e_shnum").
    const Header first = headerAt(sectionHeaders_);
    const uint32_t count = sectionCount_ ? sectionCount_ : first.size;
    const uint32_t names = nameSection_ == 0xFFFF ? first.link : nameSection_;
    if (!inside(sectionHeaders_, uint64_t{count} * kSectionHeaderSize))
      return truncated(sectionHeaders_,
                       fmt::format("{} section headers do not fit in the file", count));
    for (uint32_t i = 0; i < count; ++i)
      headers_.push_back(headerAt(sectionHeaders_ + i * kSectionHeaderSize));
    for (uint32_t i = 1; i < count; ++i) {
      const Header &h = headers_[i];
      if (h.type != kNoBits && h.type != kShtNull && !inside(h.offset, h.size))
        return truncated(h.at, fmt::format("section {} (offset {:#x}, {} bytes) does not fit in "
                                           "the file of {} bytes",
                                           i, h.offset, h.size, data_.size()));
    }
    if (count && (names >= count || headers_[names].type != kShtStrtab))
      return corrupt(50, fmt::format("section {} is not the table of section names", names));
    names_ = names;
    return Ok{};
  }

  /// The NUL-terminated text at `offset` of string table `table`.
  Result<std::string> text(uint32_t table, uint32_t offset, uint64_t user) {
    const Header &h = headers_[table];
    if (offset >= h.size && offset != 0)
      return corrupt(user, fmt::format("name offset {:#x} is outside its string table", offset));
    std::string s;
    for (uint32_t i = offset; i < h.size; ++i) {
      const char c = static_cast<char>(data_[h.offset + i]);
      if (!c) {
        // Overlapping names cost memory without bound: a hostile file could name one long text
        // from each of its symbols.
        textTotal_ += s.size();
        if (textTotal_ > kMaxText)
          return corrupt(user, "the names of this file are implausibly long");
        return s;
      }
      s += c;
    }
    if (h.size == 0) return s;
    return corrupt(h.offset + offset, "a name runs past the end of its string table");
  }

  Status contents() {
    contentIndex_.assign(headers_.size(), -1);
    for (uint32_t i = 1; i < headers_.size(); ++i) {
      const Header &h = headers_[i];
      switch (h.type) {
      case kShtNull:
      case kShtSymtab:
      case kShtRela:
      case kShtGroup:
      case kShtSymtabShndx: continue;
      case kShtRel: return corrupt(h.at, "this file has REL relocations; AIE2 uses RELA only");
      case kShtStrtab:
        if (!(h.flags & kAlloc)) continue;
        break;
      default: break;
      }
      Section s;
      ASHLAR_TRY(s.name, text(names_, h.name, h.at));
      s.type = h.type;
      s.flags = h.flags;
      s.address = h.address;
      s.align = h.align ? h.align : 1;
      if (s.align & (s.align - 1))
        return corrupt(h.at + 32, fmt::format("alignment {} of section {} is not a power of two",
                                              s.align, s.name));
      s.entrySize = h.entrySize;
      s.size = h.size;
      s.fileOffset = h.offset;
      if (h.type != kNoBits) {
        contentTotal_ += h.size;
        if (contentTotal_ > 2 * uint64_t{data_.size()})
          return corrupt(h.at, "the sections of this file lie on top of each other");
        const ByteView view = data_.subspan(h.offset, h.size);
        s.data.assign(view.begin(), view.end());
      }
      contentIndex_[i] = static_cast<int32_t>(file_.sections.size());
      file_.sections.push_back(std::move(s));
    }
    return Ok{};
  }

  Status symbols() {
    for (uint32_t i = 1; i < headers_.size(); ++i) {
      if (headers_[i].type != kShtSymtab) continue;
      if (symbolTable_) return corrupt(headers_[i].at, "the file has two symbol tables");
      symbolTable_ = i;
    }
    if (!symbolTable_) return Ok{};
    const Header &h = headers_[symbolTable_];
    if (h.size % kSymbolSize)
      return corrupt(h.at + 20, fmt::format("symbol table of {} bytes is no multiple of {}", h.size,
                                            kSymbolSize));
    if (h.link >= headers_.size() || headers_[h.link].type != kShtStrtab)
      return corrupt(h.at + 24, "the symbol table names no string table");
    for (uint32_t k = 1; k < h.size / kSymbolSize; ++k) {
      const uint32_t at = h.offset + k * kSymbolSize;
      const uint8_t *p = &data_[at];
      Symbol s;
      ASHLAR_TRY(s.name, text(h.link, readU32(p), at));
      s.value = readU32(p + 4);
      s.size = readU32(p + 8);
      const uint8_t bind = p[12] >> 4, type = p[12] & 15;
      if (bind > 2) return corrupt(at + 12, fmt::format("symbol binding {} is unknown", bind));
      if (type > 6) return corrupt(at + 12, fmt::format("symbol type {} is unknown", type));
      s.bind = static_cast<Bind>(bind);
      s.type = static_cast<SymbolType>(type);
      s.visibility = p[13] & 3;
      const uint16_t section = readU16(p + 14);
      if (section == 0) {
        s.section = kUndefined;
      } else if (section == kShnAbs) {
        s.section = kAbsolute;
      } else if (section == kShnCommon) {
        s.section = kCommon;
      } else if (section >= kShnLoReserve || section >= headers_.size()) {
        return corrupt(at + 14, fmt::format("symbol {} lies in section {}, which is not there",
                                            s.name, section));
      } else if (contentIndex_[section] < 0) {
        // A symbol of a table that is made anew on writing (llvm-mc never emits one).
        s.section = kAbsolute;
      } else {
        s.section = contentIndex_[section];
        if (s.type == SymbolType::Section && s.name.empty())
          s.name = file_.sections[static_cast<size_t>(s.section)].name;
      }
      file_.symbols.push_back(std::move(s));
    }
    return Ok{};
  }

  Status relocations() {
    for (const Header &h : headers_) {
      if (h.type != kShtRela) continue;
      if (h.info >= headers_.size() || contentIndex_[h.info] < 0) {
        // Executables may keep relocations that apply to no section of the file.
        if (file_.type == FileType::Executable) continue;
        return corrupt(h.at + 28, fmt::format("relocations apply to section {}, which has no "
                                              "contents",
                                              h.info));
      }
      if (h.size % kRelaSize)
        return corrupt(h.at + 20, fmt::format("relocation table of {} bytes is no multiple of {}",
                                              h.size, kRelaSize));
      Section &target = file_.sections[static_cast<size_t>(contentIndex_[h.info])];
      for (uint32_t k = 0; k < h.size / kRelaSize; ++k) {
        const uint32_t at = h.offset + k * kRelaSize;
        const uint8_t *p = &data_[at];
        const uint32_t info = readU32(p + 4), symbol = info >> 8;
        if (symbol == 0 || symbol > file_.symbols.size())
          return corrupt(at + 4,
                         fmt::format("relocation against symbol {}, which is not there", symbol));
        const uint32_t offset = readU32(p);
        if (file_.type == FileType::Relocatable && offset >= target.size)
          return corrupt(at, fmt::format("relocation at {:#x} lies outside section {} of {} bytes",
                                         offset, target.name, target.size));
        target.relocs.push_back(
            {offset, info & 0xFF, symbol - 1, static_cast<int32_t>(readU32(p + 8))});
      }
    }
    return Ok{};
  }

  Status groups() {
    for (const Header &h : headers_) {
      if (h.type != kShtGroup) continue;
      if (h.size < 4 || h.size % 4) return corrupt(h.at + 20, "a section group has a bad size");
      if (h.info == 0 || h.info > file_.symbols.size())
        return corrupt(h.at + 28, "a section group names a symbol that is not there");
      Group g;
      g.signature = h.info - 1;
      g.comdat = readU32(&data_[h.offset]) & kGrpComdat;
      for (uint32_t k = 4; k < h.size; k += 4) {
        const uint32_t member = readU32(&data_[h.offset + k]);
        if (member >= headers_.size())
          return corrupt(h.offset + k, fmt::format("a section group names section {}, which is not "
                                                   "there",
                                                   member));
        if (contentIndex_[member] >= 0)
          g.sections.push_back(static_cast<uint32_t>(contentIndex_[member]));
      }
      file_.groups.push_back(std::move(g));
    }
    return Ok{};
  }

  Status links() {
    for (uint32_t i = 1; i < headers_.size(); ++i) {
      if (contentIndex_[i] < 0 || !(headers_[i].flags & kLinkOrder)) continue;
      const uint32_t link = headers_[i].link;
      if (link >= headers_.size())
        return corrupt(headers_[i].at + 24, fmt::format("linked section {} is not there", link));
      file_.sections[static_cast<size_t>(contentIndex_[i])].link = contentIndex_[link];
    }
    return Ok{};
  }

  Status segments() {
    for (uint32_t i = 0; i < programCount_; ++i) {
      const uint32_t at = programHeaders_ + i * kProgramHeaderSize;
      const uint8_t *p = &data_[at];
      Segment s;
      s.type = readU32(p);
      s.fileOffset = readU32(p + 4);
      s.virtualAddress = readU32(p + 8);
      s.physicalAddress = readU32(p + 12);
      const uint32_t fileSize = readU32(p + 16);
      s.memorySize = readU32(p + 20);
      s.flags = readU32(p + 24);
      s.align = readU32(p + 28);
      if (!inside(s.fileOffset, fileSize))
        return truncated(at, fmt::format("segment {} (offset {:#x}, {} bytes) does not fit in the "
                                         "file of {} bytes",
                                         i, s.fileOffset, fileSize, data_.size()));
      if (s.type == kLoad && s.memorySize < fileSize)
        return corrupt(at + 20, fmt::format("segment {} has {} bytes in the file but only {} in "
                                            "memory",
                                            i, fileSize, s.memorySize));
      segmentTotal_ += fileSize;
      if (segmentTotal_ > 2 * uint64_t{data_.size()})
        return corrupt(at, "the segments of this file lie on top of each other");
      const ByteView view = data_.subspan(s.fileOffset, fileSize);
      s.data.assign(view.begin(), view.end());
      file_.segments.push_back(std::move(s));
    }
    return Ok{};
  }

  ByteView data_;
  const std::string &name_;
  File file_;
  std::vector<Header> headers_;
  std::vector<int32_t> contentIndex_; ///< header index -> content section, -1 = bookkeeping
  uint32_t programHeaders_ = 0, sectionHeaders_ = 0, names_ = 0, symbolTable_ = 0;
  uint64_t textTotal_ = 0, contentTotal_ = 0, segmentTotal_ = 0;
  uint16_t programCount_ = 0, sectionCount_ = 0, nameSection_ = 0;
};

} // namespace

bool looksLikeElf(ByteView data) {
  return data.size() >= 4 && data[0] == 0x7F && data[1] == 'E' && data[2] == 'L' && data[3] == 'F';
}

Result<File> read(ByteView data, const std::string &name) { return Reader(data, name).run(); }

const Section *File::findSection(std::string_view wanted) const {
  for (const Section &s : sections)
    if (s.name == wanted) return &s;
  return nullptr;
}

const Symbol *File::findSymbol(std::string_view wanted) const {
  const Symbol *local = nullptr;
  for (const Symbol &s : symbols) {
    if (s.name != wanted || !s.defined()) continue;
    if (s.bind != Bind::Local) return &s;
    if (!local) local = &s;
  }
  return local;
}

} // namespace ashlar::format::elf
