// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Addresses. Program memory: the start code's section at 0 (the core starts there), the rest of its
// object, then all objects in order. Data memory: the design's stack and buffers come first, from
// dataStart on follow constructor arrays, data and constants in input order, then what is zero at
// start. Program memory cannot be read by loads, so constructor arrays live in data memory.
#include "link/program.h"

#include <algorithm>
#include <fmt/format.h>

namespace ashlar::link {
namespace {

constexpr uint32_t kDataEnd = device::kCoreWindowOwn + device::kCoreWindowBytes;

uint32_t alignUp(uint32_t value, uint32_t align) {
  return align <= 1 ? value : (value + align - 1) / align * align;
}

/// Constructors run in the order of their priority number; those without come last.
uint32_t priority(const std::string &name) {
  const size_t dot = name.rfind('.');
  if (dot == 0 || dot == std::string::npos) return UINT32_MAX;
  uint32_t value = 0;
  for (const char c : name.substr(dot + 1)) {
    if (c < '0' || c > '9' || value > 99999) return UINT32_MAX;
    value = value * 10 + static_cast<uint32_t>(c - '0');
  }
  return value;
}

class Placer {
public:
  Placer(Program &program, Linked &linked) : program_(program), linked_(linked) {}

  Status run() {
    placeCode();
    placeData();
    std::stable_sort(linked_.map.begin(), linked_.map.end(),
                     [](const MapEntry &a, const MapEntry &b) {
                       return a.code != b.code ? a.code : a.address < b.address;
                     });
    checkCode();
    checkData();
    if (!errors_.empty()) return std::move(errors_);
    return Ok{};
  }

private:
  struct Piece {
    size_t object;
    uint32_t section;
  };
  const elf::Section &section(const Piece &p) const {
    return program_.objects[p.object].file.sections[p.section];
  }
  template <class Want> std::vector<Piece> collect(Want want) const {
    std::vector<Piece> pieces;
    for (size_t o = 0; o < program_.objects.size(); ++o) {
      const Object &object = program_.objects[o];
      for (uint32_t i = 0; i < object.sections.size(); ++i)
        if (object.sections[i].live && want(object.file.sections[i])) pieces.push_back({o, i});
    }
    return pieces;
  }
  /// Places the pieces from `at` on; returns the address after the last.
  uint64_t put(const std::vector<Piece> &pieces, uint64_t at, bool code) {
    for (const Piece &p : pieces) {
      const elf::Section &s = section(p);
      at = (at + s.align - 1) / std::max(1u, s.align) * std::max(1u, s.align);
      SectionState &state = program_.objects[p.object].sections[p.section];
      state.placed = true;
      state.address = static_cast<uint32_t>(at);
      if (s.size > 0) addToMap(p, code);
      at += s.size;
    }
    return at;
  }

  /// A section with one function or variable goes by its name, else the section's name stands.
  void addToMap(const Piece &p, bool code) {
    const elf::Section &s = section(p);
    const Object &object = program_.objects[p.object];
    const elf::Symbol *only = nullptr;
    for (const elf::Symbol &symbol : object.file.symbols)
      if (symbol.section == static_cast<int32_t>(p.section) && symbol.value == 0 &&
          (symbol.type == elf::SymbolType::Function || symbol.type == elf::SymbolType::Object))
        only = &symbol;
    linked_.map.push_back({only && only->size >= s.size / 2 ? only->name : s.name, object.name,
                           object.sections[p.section].address, s.size, code});
  }

  void placeCode() {
    std::vector<Piece> pieces =
        collect([](const elf::Section &s) { return (s.flags & elf::kExec) != 0; });
    const Symbol &entry = *program_.find(program_.options.entry);
    const size_t startObject = static_cast<size_t>(entry.object);
    const uint32_t startSection = static_cast<uint32_t>(program_.definition(entry).section);
    std::stable_sort(pieces.begin(), pieces.end(), [&](const Piece &a, const Piece &b) {
      const auto rank = [&](const Piece &p) {
        return p.object != startObject ? 2 : p.section != startSection ? 1 : 0;
      };
      return rank(a) < rank(b);
    });
    linked_.programBytes =
        static_cast<uint32_t>(std::min<uint64_t>(put(pieces, 0, true), UINT32_MAX));
  }

  void placeData() {
    // 4 bytes is the smallest unit that configuration writes.
    const uint32_t start = alignUp(device::kCoreWindowOwn + program_.core.dataStart, 4);
    program_.dataStart = start;
    std::vector<Piece> arrays = collect(
        [](const elf::Section &s) { return isConstructorArray(s) && !(s.flags & elf::kExec); });
    std::stable_sort(arrays.begin(), arrays.end(), [&](const Piece &a, const Piece &b) {
      return priority(section(a).name) < priority(section(b).name);
    });
    uint64_t at = put(arrays, arrays.empty() ? start : alignUp(start, 4), false);
    const uint32_t arrayStart =
        arrays.empty() ? start
                       : program_.objects[arrays[0].object].sections[arrays[0].section].address;
    setBounds(arrayStart, static_cast<uint32_t>(at));
    at = put(collect([](const elf::Section &s) {
               return !(s.flags & elf::kExec) && s.type != elf::kNoBits && !isConstructorArray(s) &&
                      (s.flags & elf::kAlloc);
             }),
             at, false);
    program_.data.resize(at > kDataEnd ? 0 : at - start);
    // The zeroed part starts at a whole word: its image is a block of its own.
    at = (at + 3) / 4 * 4;
    program_.bssStart = static_cast<uint32_t>(at);
    at = put(collect([](const elf::Section &s) {
               return s.type == elf::kNoBits && (s.flags & elf::kAlloc) && !(s.flags & elf::kExec);
             }),
             at, false);
    at = placeCommons(at);
    program_.bssBytes = static_cast<uint32_t>(at - program_.bssStart);
    linked_.dataBytes = static_cast<uint32_t>(at - start);
    linked_.dataEnd = static_cast<uint32_t>(at - device::kCoreWindowOwn);
  }

  void setBounds(uint32_t start, uint32_t end) {
    const auto set = [&](const char *name, uint32_t value) {
      Symbol *s = program_.find(name);
      if (s && s->kind == Symbol::Absolute && s->owner == "the linker") s->value = value;
    };
    for (const char *name : kArrayStarts) set(name, start);
    for (const char *name : kArrayEnds) set(name, end);
    for (const char *name : kFiniBounds) set(name, end); // no destructors run: an empty range
  }

  uint64_t placeCommons(uint64_t at) {
    for (Symbol &s : program_.symbols) {
      if (s.kind != Symbol::Common || (program_.options.collectGarbage && !s.referenced)) continue;
      at = (at + s.align - 1) / s.align * s.align;
      s.value = static_cast<uint32_t>(at);
      linked_.map.push_back(
          {s.name, program_.objects[static_cast<size_t>(s.object)].name, s.value, s.size, false});
      at += s.size;
    }
    return at;
  }

  /// The largest users first, at most 16 lines.
  static std::vector<std::string> users(std::vector<MapEntry> entries) {
    std::stable_sort(entries.begin(), entries.end(),
                     [](const MapEntry &a, const MapEntry &b) { return a.size > b.size; });
    std::vector<std::string> lines;
    uint64_t rest = 0;
    for (const MapEntry &e : entries) {
      if (lines.size() < 16)
        lines.push_back(fmt::format("{:>7} bytes  {} ({})", e.size, e.what, e.object));
      else
        rest += e.size;
    }
    if (rest > 0)
      lines.push_back(fmt::format("{:>7} bytes  in {} more", rest, entries.size() - 16));
    return lines;
  }
  std::vector<MapEntry> entries(bool code) const {
    std::vector<MapEntry> found;
    for (const MapEntry &e : linked_.map)
      if (e.code == code) found.push_back(e);
    return found;
  }

  void checkCode() {
    if (linked_.programBytes <= device::kProgramMemoryBytes) return;
    Diagnostic d = error(
        "program-memory", program_.core.place,
        fmt::format("the program of core {} has {} bytes, program memory has {}: {} too many",
                    program_.core.tile.str(), linked_.programBytes, device::kProgramMemoryBytes,
                    linked_.programBytes - device::kProgramMemoryBytes),
        "compile with -Os or less unrolling, or move work to another core");
    d.notes = users(entries(true));
    errors_.push_back(std::move(d));
  }

  void checkData() {
    const uint64_t end = static_cast<uint64_t>(device::kCoreWindowOwn) + linked_.dataEnd;
    if (end <= kDataEnd || linked_.dataBytes == 0) return;
    std::vector<MapEntry> all = entries(false);
    all.push_back({"stack", "design", device::kCoreWindowOwn, program_.core.stackSize, false});
    for (const plan::CoreSymbol &s : program_.core.symbols)
      if (s.address >= device::kCoreWindowOwn)
        all.push_back({s.name, "design", s.address, s.size, false});
    Diagnostic d = error(
        "data-memory", program_.core.place,
        fmt::format("the data of core {} does not fit: {} bytes from {:#x} on, {} bytes are left",
                    program_.core.tile.str(), linked_.dataBytes, program_.core.dataStart,
                    program_.core.dataStart < device::kCoreMemoryBytes
                        ? device::kCoreMemoryBytes - program_.core.dataStart
                        : 0),
        "shrink tables or buffers, lower an object FIFO's depth, or use alloc-scheme "
        "basic-sequential, which leaves no gaps");
    d.notes = users(std::move(all));
    errors_.push_back(std::move(d));
  }

  Program &program_;
  Linked &linked_;
  Diagnostics errors_;
};

} // namespace

Status place(Program &program, Linked &linked) { return Placer(program, linked).run(); }

} // namespace ashlar::link
