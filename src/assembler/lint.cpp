// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Sections are looked at one by one; a jump to another section ends a path.
#include "assembler/lint.h"

#include "isa/relocs.h"

#include <map>

namespace ashlar::assembler {

namespace elf = format::elf;

namespace {

std::string function(const elf::File &file, int section, uint32_t address) {
  const elf::Symbol *best = nullptr;
  for (const elf::Symbol &s : file.symbols)
    if (s.section == section && s.type != elf::SymbolType::Section && s.value <= address &&
        !s.name.starts_with(".L") && (!best || s.value > best->value))
      best = &s;
  return best ? fmt::format("{}+{:#x}", best->name, address - best->value)
              : fmt::format("{:#x}", address);
}

} // namespace

Diagnostics lint(const elf::File &file, const std::string &name,
                 const isa::HazardOptions &options) {
  Diagnostics out;
  for (size_t i = 0; i < file.sections.size(); ++i) {
    const elf::Section &s = file.sections[i];
    if (!(s.flags & elf::kExec) || s.data.empty()) continue;
    Bytes code = s.data;
    for (const elf::Reloc &r : s.relocs) {
      auto relocation = isa::relocation(r.type);
      if (!relocation || r.symbol >= file.symbols.size() || r.offset > code.size() ||
          code.size() - r.offset < relocation->bundleBytes)
        continue;
      const elf::Symbol &symbol = file.symbols[r.symbol];
      // Places of other sections get an address that is none of this one.
      uint32_t value = symbol.section == static_cast<int>(i)
                           ? symbol.value + static_cast<uint32_t>(r.addend)
                           : 0xFFFF0;
      isa::applyRelocation(*relocation, std::span(code).subspan(r.offset), value);
    }
    auto bundles = isa::decodeAll(code, s.address, name);
    if (!bundles) {
      out.insert(out.end(), bundles.errors().begin(), bundles.errors().end());
      continue;
    }
    for (isa::Hazard &h : isa::findHazards(*bundles, options)) {
      Place place = Place::atOffset(name, h.first);
      Diagnostic d = h.isError ? error(isa::hazardName(h.kind), place, std::move(h.text))
                               : warning(isa::hazardName(h.kind), place, std::move(h.text));
      d.notes.push_back(fmt::format("in {} and {}", function(file, static_cast<int>(i), h.first),
                                    function(file, static_cast<int>(i), h.second)));
      out.push_back(std::move(d));
    }
  }
  return out;
}

} // namespace ashlar::assembler
