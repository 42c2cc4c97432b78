// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// ELF files and archives of them: sections, segments, symbols, and the frames that objects record.
#include "cli/inspect.h"
#include "format/ar.h"
#include "format/elf.h"

#include <algorithm>

namespace ashlar::cli {
namespace {

using namespace format;
using Json = nlohmann::ordered_json;

std::string flagText(uint32_t flags) {
  std::string t;
  if (flags & elf::kAlloc) t += 'A';
  if (flags & elf::kWrite) t += 'W';
  if (flags & elf::kExec) t += 'X';
  if (flags & elf::kMerge) t += 'M';
  if (flags & elf::kGroup) t += 'G';
  return t;
}

std::string symbolPlace(const elf::File &file, const elf::Symbol &s) {
  switch (s.section) {
  case elf::kUndefined: return "undefined";
  case elf::kAbsolute: return "absolute";
  case elf::kCommon: return "common";
  default: return file.sections[static_cast<size_t>(s.section)].name;
  }
}

const char *bindName(elf::Bind b) {
  return b == elf::Bind::Local ? "local" : b == elf::Bind::Weak ? "weak" : "global";
}

/// A name from a file must not lead out of the extraction folder.
std::string safeName(std::string name) {
  std::replace(name.begin(), name.end(), '/', '_');
  return name.empty() || name[0] == '.' ? "_" + name : name;
}

} // namespace

void inspectElf(ByteView data, const std::string &name, Inspection &out) {
  out.kind = "ELF";
  const auto result = elf::read(data, name);
  const elf::File *file = out.take(result);
  if (!file) return;
  const bool object = file->type == elf::FileType::Relocatable;
  out.kind = object ? "AIE2 object" : "AIE2 program";
  out.line("flags {:#x}{}", file->flags, object ? "" : fmt::format(", entry {:#x}", file->entry));
  out.json["type"] = object ? "object" : "program";
  out.json["flags"] = file->flags;
  if (!object) out.json["entry"] = file->entry;
  Json sections = Json::array();
  for (const elf::Section &s : file->sections) {
    out.line("  section {:<20} {:<4} at {:#07x}, {} bytes{}{}", s.name, flagText(s.flags),
             s.address, s.size, s.type == elf::kNoBits ? " of zeros" : "",
             s.relocs.empty() ? "" : fmt::format(", {} relocations", s.relocs.size()));
    sections.push_back({{"name", s.name},
                        {"flags", flagText(s.flags)},
                        {"address", s.address},
                        {"bytes", s.size},
                        {"zeros", s.type == elf::kNoBits},
                        {"relocations", s.relocs.size()}});
    if (!s.data.empty()) out.parts.push_back({safeName(s.name + ".bin"), s.data});
  }
  out.json["sections"] = sections;
  Json segments = Json::array();
  for (const elf::Segment &s : file->segments) {
    out.line("  segment type {} at {:#07x}, {} bytes ({} in the file)", s.type, s.physicalAddress,
             s.memorySize, s.data.size());
    segments.push_back({{"type", s.type},
                        {"address", s.physicalAddress},
                        {"bytes", s.memorySize},
                        {"fileBytes", s.data.size()}});
  }
  out.json["segments"] = segments;
  Json symbols = Json::array();
  for (const elf::Symbol &s : file->symbols) {
    if (s.type == elf::SymbolType::Section || s.type == elf::SymbolType::File) continue;
    out.line("  symbol  {:<32} {:<6} {:#07x} {:>6} {}", s.name, bindName(s.bind), s.value, s.size,
             symbolPlace(*file, s));
    symbols.push_back({{"name", s.name},
                       {"bind", bindName(s.bind)},
                       {"value", s.value},
                       {"size", s.size},
                       {"section", symbolPlace(*file, s)}});
  }
  out.json["symbols"] = symbols;
}

void inspectArchive(ByteView data, const std::string &name, Inspection &out) {
  out.kind = "archive";
  const auto result = ar::read(data, name);
  const auto *members = out.take(result);
  if (!members) return;
  out.line("{} members", members->size());
  Json list = Json::array();
  for (const ar::Member &m : *members) {
    Inspection inner;
    if (elf::looksLikeElf(m.data))
      inspectElf(m.data, fmt::format("{}({})", name, m.name), inner);
    else
      inner.kind = "other data";
    out.line(" {}: {}, {} bytes", m.name, inner.kind, m.data.size());
    out.text += inner.text;
    out.problems.insert(out.problems.end(), inner.problems.begin(), inner.problems.end());
    Json j = {{"name", m.name}, {"kind", inner.kind}, {"bytes", m.data.size()}};
    j.update(inner.json);
    list.push_back(j);
    out.parts.push_back({safeName(m.name), m.data});
  }
  out.json["members"] = list;
}

} // namespace ashlar::cli
