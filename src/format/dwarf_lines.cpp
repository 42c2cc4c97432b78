// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A line table is a small program for a state machine (DWARF 5, section 6.2). Only what finds a
// file and line is kept.
#include "format/dwarf_lines.h"
#include "format/dwarf.h"

#include <limits>

namespace ashlar::format::dwarf {

namespace {

enum Form : uint64_t {
  kBlock2 = 0x03,
  kBlock4 = 0x04,
  kData2 = 0x05,
  kData4 = 0x06,
  kData8 = 0x07,
  kString = 0x08,
  kBlock = 0x09,
  kBlock1 = 0x0a,
  kData1 = 0x0b,
  kStrp = 0x0e,
  kUdata = 0x0f,
  kData16 = 0x1e,
  kLineStrp = 0x1f,
};
enum Content : uint64_t { kPath = 1, kDirectory = 2 };

std::string textAt(ByteView data, uint64_t offset) {
  std::string s;
  for (; offset < data.size() && data[offset]; ++offset) s += static_cast<char>(data[offset]);
  return s;
}

} // namespace

class LineReader {
public:
  LineReader(const elf::File &file, const std::string &name) : file_(file), name_(name) {
    lineStrings_ = relocated(".debug_line_str");
    strings_ = relocated(".debug_str");
  }

  Result<LineTable> run() {
    const elf::Section *s = file_.findSection(".debug_line");
    if (!s) return std::move(table_);
    Bytes data = relocated(".debug_line");
    for (const elf::Reloc &r : s->relocs)
      if (r.symbol < file_.symbols.size()) sections_[r.offset] = file_.symbols[r.symbol].section;
    for (size_t at = 0; at + 4 <= data.size();) {
      uint32_t length = readU32(&data[at]);
      if (length >= 0xFFFFFFF0u) return bad(at, "64-bit tables are not supported");
      if (length > data.size() - at - 4) return bad(at, "the table is cut short");
      ASHLAR_CHECK(unit(ByteView(data).subspan(0, at + 4 + length), at + 4));
      at += 4 + size_t{length};
    }
    return std::move(table_);
  }

private:
  Diagnostic bad(size_t at, const char *what) const {
    return error("dwarf-lines", Place::at(name_), fmt::format(".debug_line+{:#x}: {}", at, what));
  }

  /// A section's bytes with symbol values put in (objects keep addends in the relocations).
  Bytes relocated(std::string_view section) const {
    const elf::Section *s = file_.findSection(section);
    if (!s) return {};
    Bytes data = s->data;
    for (const elf::Reloc &r : s->relocs)
      if (r.symbol < file_.symbols.size() && r.offset <= data.size() && data.size() - r.offset >= 4)
        writeU32(&data[r.offset], file_.symbols[r.symbol].value + static_cast<uint32_t>(r.addend));
    return data;
  }

  struct Value {
    uint64_t number = 0;
    std::string text;
    bool known = true;
  };
  Value value(ByteReader &in, uint64_t form) const {
    switch (form) {
    case kString: return {0, string(in), true};
    case kLineStrp: return {0, textAt(lineStrings_, in.u32()), true};
    case kStrp: return {0, textAt(strings_, in.u32()), true};
    case kUdata: return {uleb(in), {}, true};
    case kData1: return {in.u8(), {}, true};
    case kData2: return {in.u16(), {}, true};
    case kData4: return {in.u32(), {}, true};
    case kData8: return {in.u64(), {}, true};
    case kData16: in.skip(16); return {};
    case kBlock1: in.skip(in.u8()); return {};
    case kBlock2: in.skip(in.u16()); return {};
    case kBlock4: in.skip(in.u32()); return {};
    case kBlock: in.skip(static_cast<size_t>(uleb(in))); return {};
    default: return {0, {}, false};
    }
  }

  /// DWARF 5: a list of entries whose form the table describes. Pairs of (path, directory).
  bool entries(ByteReader &in, std::vector<std::pair<std::string, uint64_t>> &out) const {
    std::vector<std::pair<uint64_t, uint64_t>> forms(in.u8());
    for (auto &[content, form] : forms) {
      content = uleb(in);
      form = uleb(in);
    }
    uint64_t count = uleb(in);
    if (count > in.left() || (count && forms.empty())) return false;
    for (uint64_t i = 0; i < count && !in.failed(); ++i) {
      std::pair<std::string, uint64_t> entry;
      for (auto &[content, form] : forms) {
        Value v = value(in, form);
        if (!v.known) return false;
        if (content == kPath) entry.first = v.text;
        if (content == kDirectory) entry.second = v.number;
      }
      out.push_back(std::move(entry));
    }
    return !in.failed();
  }

  uint32_t addFile(const std::vector<std::string> &directories, const std::string &path,
                   uint64_t directory) {
    std::string full = path;
    if (!path.starts_with('/') && directory < directories.size() && !directories[directory].empty())
      full = directories[directory] + "/" + path;
    table_.files_.push_back(std::move(full));
    return static_cast<uint32_t>(table_.files_.size() - 1);
  }

  Status unit(ByteView data, size_t start) {
    ByteReader in(data, start);
    uint16_t version = in.u16();
    if (version < 2 || version > 5) return bad(start, "this version is not supported");
    if (version == 5) in.skip(2); // sizes of addresses and of segment selectors
    uint32_t headerLength = in.u32();
    size_t program = in.offset() + size_t{headerLength};
    uint8_t step = in.u8();
    if (version >= 4) in.u8(); // operations an instruction
    in.u8();                   // default_is_stmt
    int8_t lineBase = static_cast<int8_t>(in.u8());
    uint8_t lineRange = in.u8(), opcodeBase = in.u8();
    std::vector<uint8_t> lengths(opcodeBase, 0);
    for (unsigned i = 1; i < opcodeBase; ++i) lengths[i] = in.u8();
    if (in.failed() || program > data.size() || !lineRange)
      return bad(start, "the header is damaged");

    std::vector<std::string> directories;
    std::vector<uint32_t> files; // file register -> table_.files_
    if (version == 5) {
      std::vector<std::pair<std::string, uint64_t>> list;
      if (!entries(in, list)) return bad(start, "the list of directories is damaged");
      for (auto &e : list) directories.push_back(e.first);
      list.clear();
      if (!entries(in, list)) return bad(start, "the list of files is damaged");
      for (auto &e : list) files.push_back(addFile(directories, e.first, e.second));
    } else {
      directories.emplace_back();
      for (std::string d = string(in); !d.empty(); d = string(in)) directories.push_back(d);
      files.push_back(addFile({}, "?", 0)); // counted from 1
      for (std::string f = string(in); !f.empty(); f = string(in)) {
        uint64_t directory = uleb(in);
        uleb(in);
        uleb(in);
        files.push_back(addFile(directories, f, directory));
      }
    }
    if (in.failed()) return bad(start, "the header is damaged");

    ByteReader code(data, program);
    uint32_t address = 0, line = 1, column = 0;
    uint64_t file = 1;
    int section = -1;
    // Linkers give code that they have dropped no address; counted on from there, the rows of such
    // a sequence would wrap around to the program's first lines.
    constexpr uint32_t kNowhere = 0xFFFFFFFE; // and above
    bool dropped = false;
    auto reset = [&] {
      address = 0;
      line = 1;
      column = 0;
      file = 1;
      dropped = false;
    };
    auto emit = [&](bool end) {
      if (dropped) return;
      uint32_t f = file < files.size() ? files[file] : std::numeric_limits<uint32_t>::max();
      auto key = std::pair(section, address);
      // A sequence's end must not hide the next one's beginning.
      if (end)
        table_.rows_.try_emplace(key, LineTable::Row{f, line, column, true});
      else
        table_.rows_[key] = {f, line, column, false};
    };
    while (code.left() && !code.failed()) {
      uint8_t op = code.u8();
      if (op >= opcodeBase) {
        unsigned n = op - opcodeBase;
        address += n / lineRange * step;
        line += static_cast<uint32_t>(lineBase + static_cast<int>(n % lineRange));
        emit(false);
        continue;
      }
      switch (op) {
      case 0: { // extended
        uint64_t length = uleb(code);
        size_t at = code.offset();
        if (!length || length > code.left()) return bad(at, "an extended operation is cut short");
        uint8_t sub = code.u8();
        if (sub == 1) {
          emit(true);
          reset();
          dropped = false;
        } else if (sub == 2) {
          auto r = sections_.find(static_cast<uint32_t>(code.offset()));
          section = r == sections_.end() ? -1 : r->second;
          address = code.u32();
          dropped = section < 0 && address >= kNowhere;
        } else if (sub == 3) {
          std::string f = string(code);
          files.push_back(addFile(directories, f, uleb(code)));
        }
        if (code.offset() > at + length) return bad(at, "an extended operation is too short");
        code.skip(at + static_cast<size_t>(length) - code.offset());
        break;
      }
      case 1: emit(false); break;
      case 2: address += static_cast<uint32_t>(uleb(code)) * step; break;
      case 3: line += static_cast<uint32_t>(sleb(code)); break;
      case 4: file = uleb(code); break;
      case 5: column = static_cast<uint32_t>(uleb(code)); break;
      case 8: address += (255u - opcodeBase) / lineRange * step; break;
      case 9: address += code.u16(); break;
      default:
        for (unsigned i = 0; i < lengths[op]; ++i) uleb(code);
        break;
      }
    }
    return Ok{};
  }

  const elf::File &file_;
  const std::string &name_;
  Bytes lineStrings_, strings_;
  std::map<uint32_t, int> sections_; ///< offset of a relocated address -> section
  LineTable table_;
};

std::optional<SourceLine> LineTable::find(int section, uint32_t address) const {
  auto after = rows_.upper_bound({section, address});
  if (after == rows_.begin()) return std::nullopt;
  --after;
  const Row &row = after->second;
  if (after->first.first != section || row.end || row.file >= files_.size()) return std::nullopt;
  return SourceLine{&files_[row.file], row.line, row.column};
}

Result<LineTable> readLines(const elf::File &file, const std::string &name) {
  return LineReader(file, name).run();
}

} // namespace ashlar::format::dwarf
