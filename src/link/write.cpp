// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The output file: one segment for program memory, one for data, one for what is zero at start
// (no file bytes: configuration writes zeros), each with physical = virtual address, which is what
// packaging goes by. Symbols and debug sections are kept for people, disassembly and reports.
#include "link/program.h"

#include <algorithm>

namespace ashlar::link {
namespace {

class FileBuilder {
public:
  explicit FileBuilder(const Program &program) : program_(program) {
    file_.type = elf::FileType::Executable;
  }

  Bytes run() {
    addImage(".text", program_.text, 0, elf::kAlloc | elf::kExec, text_);
    addImage(".data", program_.data, program_.dataStart, elf::kAlloc | elf::kWrite, data_);
    addZeros();
    addDebugSections();
    addSymbols();
    file_.entry = addressOf(*program_.byName.find(program_.options.entry));
    return elf::write(file_);
  }

private:
  void addImage(const char *name, const Bytes &bytes, uint32_t address, uint32_t flags,
                int32_t &index) {
    if (bytes.empty()) return;
    elf::Section s;
    s.name = name;
    s.flags = flags;
    s.address = address;
    s.align = flags & elf::kExec ? 16 : 4;
    s.size = static_cast<uint32_t>(bytes.size());
    s.data = bytes;
    index = static_cast<int32_t>(file_.sections.size());
    file_.sections.push_back(std::move(s));
    file_.segments.push_back(
        elf::loadSegment(file_, {static_cast<uint32_t>(index)},
                         elf::kSegRead | (flags & elf::kExec ? elf::kSegExec : elf::kSegWrite)));
  }

  void addZeros() {
    if (program_.bssBytes == 0) return;
    elf::Section s;
    s.name = ".bss";
    s.type = elf::kNoBits;
    s.flags = elf::kAlloc | elf::kWrite;
    s.address = program_.bssStart;
    s.align = 4;
    s.size = program_.bssBytes;
    bss_ = static_cast<int32_t>(file_.sections.size());
    file_.sections.push_back(std::move(s));
    file_.segments.push_back(
        elf::loadSegment(file_, {static_cast<uint32_t>(bss_)}, elf::kSegRead | elf::kSegWrite));
  }

  void addDebugSections() {
    std::map<std::string, Bytes> merged;
    for (const Object &object : program_.objects)
      for (size_t i = 0; i < object.sections.size(); ++i) {
        const elf::Section &s = object.file.sections[i];
        if (object.sections[i].discarded || (s.flags & elf::kAlloc) ||
            !s.name.starts_with(".debug"))
          continue;
        Bytes &out = merged[s.name];
        out.insert(out.end(), s.data.begin(), s.data.end());
      }
    for (auto &[name, bytes] : merged) {
      elf::Section s;
      s.name = name;
      s.size = static_cast<uint32_t>(bytes.size());
      s.data = std::move(bytes);
      file_.sections.push_back(std::move(s));
    }
  }

  int32_t outputSection(const elf::Section &s) const {
    if (s.flags & elf::kExec) return text_;
    return s.type == elf::kNoBits ? bss_ : data_;
  }

  uint32_t addressOf(const std::pair<const std::string, uint32_t> &entry) const {
    const Symbol &s = program_.symbols[entry.second];
    if (s.kind != Symbol::Defined) return s.value;
    const elf::Symbol &d = program_.definition(s);
    if (d.section < 0) return d.value;
    return program_.objects[static_cast<size_t>(s.object)]
               .sections[static_cast<size_t>(d.section)]
               .address +
           d.value;
  }

  void addSymbols() {
    for (const Object &object : program_.objects) addLocals(object);
    // Globals by name, so that the table does not depend on a hash.
    std::map<std::string, uint32_t> sorted(program_.byName.begin(), program_.byName.end());
    for (const auto &entry : sorted) addGlobal(entry);
  }

  void addLocals(const Object &object) {
    elf::Symbol file;
    file.name = object.name.substr(object.name.rfind('/') + 1);
    file.type = elf::SymbolType::File;
    file.section = elf::kAbsolute;
    bool named = false;
    for (const elf::Symbol &s : object.file.symbols) {
      if (s.bind != elf::Bind::Local || s.section < 0 || s.type == elf::SymbolType::Section ||
          s.name.empty())
        continue;
      const size_t section = static_cast<size_t>(s.section);
      if (!object.sections[section].placed) continue;
      if (!named) file_.symbols.push_back(file);
      named = true;
      elf::Symbol out = s;
      out.value += object.sections[section].address;
      out.section = outputSection(object.file.sections[section]);
      file_.symbols.push_back(std::move(out));
    }
  }

  void addGlobal(const std::pair<const std::string, uint32_t> &entry) {
    const Symbol &s = program_.symbols[entry.second];
    elf::Symbol out;
    out.name = s.name;
    out.bind = elf::Bind::Global;
    out.value = addressOf(entry);
    out.size = s.size;
    switch (s.kind) {
    case Symbol::Undefined: return;
    case Symbol::Absolute:
      out.section = elf::kAbsolute;
      out.type = s.size ? elf::SymbolType::Object : elf::SymbolType::None;
      break;
    case Symbol::Common:
      if (s.value == 0) return;
      out.section = bss_;
      out.type = elf::SymbolType::Object;
      break;
    case Symbol::Defined: {
      const elf::Symbol &d = program_.definition(s);
      const Object &object = program_.objects[static_cast<size_t>(s.object)];
      out.size = d.size;
      out.type = d.type;
      out.section = elf::kAbsolute;
      if (d.section >= 0) {
        const size_t section = static_cast<size_t>(d.section);
        if (!object.sections[section].placed) return;
        out.section = outputSection(object.file.sections[section]);
      }
      break;
    }
    }
    file_.symbols.push_back(std::move(out));
  }

  const Program &program_;
  elf::File file_;
  int32_t text_ = elf::kAbsolute, data_ = elf::kAbsolute, bss_ = elf::kAbsolute;
};

} // namespace

Bytes writeExecutable(const Program &program) { return FileBuilder(program).run(); }

} // namespace ashlar::link
