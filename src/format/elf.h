// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// ELF as the AIE2 tools write it: 32 bit, little-endian, machine 264, RELA relocations. A file is
// shown as its contents (sections with their relocations, symbols, segments); the bookkeeping
// sections (symbol table, string tables, relocation tables, groups) are taken apart on reading and
// made anew on writing, so a section index here counts content sections only.
#pragma once

#include "base/base.h"

#include <string>
#include <vector>

namespace ashlar::format::elf {

inline constexpr uint16_t kMachineAie = 264;
inline constexpr uint32_t kFlagsAie2 = 2; ///< low two bits of e_flags: 2 = AIE2

enum class FileType : uint16_t { Relocatable = 1, Executable = 2 };

enum SectionType : uint32_t {
  kProgBits = 1,
  kNote = 7,
  kNoBits = 8,
  kInitArray = 14,
  kFiniArray = 15,
};
enum SectionFlag : uint32_t {
  kWrite = 1,
  kAlloc = 2,
  kExec = 4,
  kMerge = 0x10,
  kStrings = 0x20,
  kInfoLink = 0x40,
  kLinkOrder = 0x80,
  kGroup = 0x200,
  kRetain = 0x200000,
  kExclude = 0x80000000,
};
enum SegmentType : uint32_t { kLoad = 1 };
enum SegmentFlag : uint32_t { kSegExec = 1, kSegWrite = 2, kSegRead = 4 };

enum class Bind : uint8_t { Local = 0, Global = 1, Weak = 2 };
enum class SymbolType : uint8_t {
  None = 0,
  Object = 1,
  Function = 2,
  Section = 3,
  File = 4,
  Common = 5,
  Tls = 6
};

/// Where a symbol lives when it is in no section of the file.
enum : int32_t { kUndefined = -1, kAbsolute = -2, kCommon = -3 };

struct Reloc {
  uint32_t offset = 0;
  uint32_t type = 0;   ///< R_AIE_<type>
  uint32_t symbol = 0; ///< index into File::symbols
  int32_t addend = 0;
};

struct Section {
  std::string name;
  uint32_t type = kProgBits;
  uint32_t flags = 0;
  uint32_t address = 0;
  uint32_t align = 1;
  uint32_t entrySize = 0;
  uint32_t size = 0; ///< equals data.size() except for kNoBits, where data is empty
  Bytes data;
  std::vector<Reloc> relocs; ///< in file order
  int32_t link = -1;         ///< kLinkOrder: the section this one describes
  uint32_t fileOffset = 0;   ///< of the data in the file that was read, for diagnostics
};

struct Symbol {
  std::string name; ///< for section symbols: the section's name
  uint32_t value = 0;
  uint32_t size = 0;
  Bind bind = Bind::Local;
  SymbolType type = SymbolType::None;
  uint8_t visibility = 0;       ///< st_other: 0 default, 1 internal, 2 hidden, 3 protected
  int32_t section = kUndefined; ///< index into File::sections, or kUndefined/kAbsolute/kCommon
  bool defined() const { return section != kUndefined; }
};

struct Segment {
  uint32_t type = kLoad;
  uint32_t flags = kSegRead;
  uint32_t virtualAddress = 0;
  uint32_t physicalAddress = 0;
  uint32_t memorySize = 0; ///< >= data.size(); the rest is zeros
  uint32_t align = 1;
  Bytes data;
  uint32_t fileOffset = 0; ///< set by read
};

/// A COMDAT group: of several files' groups with one signature the linker keeps the first.
struct Group {
  uint32_t signature = 0; ///< index into File::symbols
  bool comdat = true;
  std::vector<uint32_t> sections;
};

struct File {
  FileType type = FileType::Relocatable;
  uint32_t flags = kFlagsAie2;
  uint32_t entry = 0;
  std::vector<Section> sections;
  std::vector<Symbol> symbols; ///< without the null symbol
  std::vector<Segment> segments;
  std::vector<Group> groups;

  const Section *findSection(std::string_view name) const;
  const Symbol *findSymbol(std::string_view name) const; ///< a defined one, globals first
};

/// True when the bytes start like an ELF file of any class and machine.
bool looksLikeElf(ByteView data);
/// Reads an AIE2 object or executable. `name` is for diagnostics only.
/// Errors: `elf-foreign` (another machine, class or byte order, named), `elf-truncated`,
/// `elf-corrupt`.
Result<File> read(ByteView data, const std::string &name);
/// Writes an object or executable. In an executable an allocated section that lies inside a
/// segment shares the segment's file bytes. Symbols may come in any order; the file has the local
/// ones first.
Bytes write(const File &file);
/// The kLoad segment that holds the given sections (ascending addresses; kNoBits last).
Segment loadSegment(const File &file, const std::vector<uint32_t> &sections, uint32_t flags);

} // namespace ashlar::format::elf
