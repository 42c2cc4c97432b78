// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A listing is made section by section. Relocations against a section's own symbol (compilers use
// them for local labels) get labels `.L<section>_<offset>`, so that the text stays readable and
// assembles again.
#include "assembler/disassembler.h"

#include "format/dwarf_lines.h"
#include "format/dwarf_variables.h"
#include "isa/decode.h"
#include "isa/dwarf.h"
#include "isa/encode.h"
#include "isa/expression.h"
#include "isa/parse.h"
#include "isa/print.h"
#include "isa/relocs.h"

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

namespace ashlar::assembler {
namespace {

namespace elf = format::elf;

void hex(std::string &out, uint64_t value, unsigned digits) {
  for (unsigned i = digits; i-- > 0;) out += "0123456789abcdef"[value >> (4 * i) & 15];
}

std::string safeName(const std::string &name) {
  bool plain = !name.empty() && isa::isSymbolStart(name[0]) &&
               std::all_of(name.begin(), name.end(), isa::isSymbolPart);
  return plain ? name : "\"" + name + "\"";
}

/// The instruction and operand of a bundle that a relocation fills.
bool operandOf(const isa::Bundle &bundle, uint32_t type, unsigned &inst, unsigned &operand) {
  for (inst = 0; inst < bundle.count; ++inst) {
    const isa::InstInfo &x = isa::info(bundle.insts[inst]);
    for (operand = 0; operand < x.operands.size(); ++operand)
      if (!x.operands[operand].isReg &&
          isa::relocationOf(bundle.format, bundle.insts[inst].opcode, operand) == type)
        return true;
  }
  return false;
}

class Printer {
public:
  Printer(const elf::File &file, const Listing &listing, std::string &out, Counts &counts)
      : file_(file), listing_(listing), out_(out), counts_(counts) {}

  void run() {
    // Damaged debug information only costs the line comments.
    if (auto lines = format::dwarf::readLines(file_, "")) lines_ = std::move(*lines);
    // In objects the addresses of the places are not known yet.
    if (listing_.addresses && file_.type == elf::FileType::Executable) variables_.emplace(file_);
    indexSymbols();
    collectTargets();
    for (size_t i = 0; i < file_.sections.size(); ++i) section(static_cast<int>(i));
    others();
  }

private:
  uint32_t offsetOf(const elf::Symbol &s) const {
    bool linked = file_.type == elf::FileType::Executable;
    return s.value -
           (linked && s.section >= 0 ? file_.sections[static_cast<size_t>(s.section)].address : 0);
  }

  void indexSymbols() {
    std::set<std::string> seen;
    for (const elf::Symbol &s : file_.symbols) {
      if (s.type == elf::SymbolType::Section || s.type == elf::SymbolType::File || s.name.empty())
        continue;
      if (s.section >= 0 && seen.insert(s.name).second) labels_[s.section].emplace(offsetOf(s), &s);
    }
  }

  /// Offsets that relocations reach through section symbols and at which a label can stand.
  void collectTargets() {
    for (const elf::Section &s : file_.sections)
      for (const elf::Reloc &r : s.relocs)
        if (r.symbol < file_.symbols.size() &&
            file_.symbols[r.symbol].type == elf::SymbolType::Section &&
            file_.symbols[r.symbol].section >= 0)
          targets_[file_.symbols[r.symbol].section].insert(static_cast<uint32_t>(r.addend));
    for (auto &[index, offsets] : targets_) {
      const elf::Section &s = file_.sections[static_cast<size_t>(index)];
      std::set<uint32_t> good;
      if (s.flags & elf::kExec) {
        isa::Bundle bundle;
        for (uint32_t at = 0; at < s.data.size();) {
          if (offsets.count(at)) good.insert(at);
          isa::decode(s.data, at, bundle);
          at += bundle.size;
        }
      } else {
        for (uint32_t o : offsets)
          if (o < s.size) good.insert(o);
      }
      good.insert(0);
      offsets = std::move(good);
    }
  }

  std::string sectionLabel(int section, int64_t addend) const {
    auto at = targets_.find(section);
    if (at != targets_.end() && addend >= 0 && addend <= UINT32_MAX &&
        at->second.count(static_cast<uint32_t>(addend)))
      return fmt::format(".L{}_{:x}", section, addend);
    return fmt::format("(.L{}_0{:+})", section, addend);
  }

  std::string target(const elf::Reloc &r) const {
    if (r.symbol >= file_.symbols.size()) return "0";
    const elf::Symbol &s = file_.symbols[r.symbol];
    if (s.type == elf::SymbolType::Section && s.section >= 0)
      return sectionLabel(s.section, r.addend);
    std::string name = safeName(s.name);
    return r.addend ? fmt::format("({}{:+})", name, r.addend) : name;
  }

  void section(int index) {
    const elf::Section &s = file_.sections[static_cast<size_t>(index)];
    bool code = (s.flags & elf::kExec) && s.type != elf::kNoBits;
    if (!code && !listing_.data) return;
    static constexpr std::pair<char, uint32_t> letters[] = {{'a', elf::kAlloc},
                                                            {'w', elf::kWrite},
                                                            {'x', elf::kExec},
                                                            {'M', elf::kMerge},
                                                            {'S', elf::kStrings}};
    std::string flags;
    for (auto [c, bit] : letters)
      if (s.flags & bit) flags += c;
    std::string type = s.type == elf::kNoBits      ? "nobits"
                       : s.type == elf::kNote      ? "note"
                       : s.type == elf::kInitArray ? "init_array"
                       : s.type == elf::kFiniArray ? "fini_array"
                       : s.type == elf::kProgBits  ? "progbits"
                                                   : fmt::format("{:#x}", s.type);
    out_ += fmt::format("\t.section {},\"{}\",@{}", safeName(s.name), flags, type);
    if (s.flags & elf::kMerge) out_ += fmt::format(",{}", s.entrySize);
    if (file_.type == elf::FileType::Executable && (s.flags & elf::kAlloc))
      out_ += fmt::format("\t// at {:#x}", s.address);
    out_ += '\n';
    if (s.align > 1) out_ += fmt::format("\t.balign {}\n", s.align);
    label_ = labels_[index].begin();
    relocs_ = s.relocs;
    std::stable_sort(relocs_.begin(), relocs_.end(),
                     [](const elf::Reloc &a, const elf::Reloc &b) { return a.offset < b.offset; });
    next_ = relocs_.begin();
    if (code)
      codeSection(index, s);
    else
      dataSection(index, s);
    placeLabels(index, s.size, UINT32_MAX);
    out_ += '\n';
  }

  /// Labels at offset `at`; those between `at` and `until` that no bundle begins at are named as
  /// places relative to here.
  void placeLabels(int index, uint32_t at, uint32_t until) {
    auto &all = labels_[index];
    for (; label_ != all.end() && label_->first < until; ++label_) {
      const elf::Symbol &s = *label_->second;
      std::string name = safeName(s.name);
      if (s.bind == elf::Bind::Global) out_ += fmt::format("\t.globl {}\n", name);
      if (s.bind == elf::Bind::Weak) out_ += fmt::format("\t.weak {}\n", name);
      if (s.type == elf::SymbolType::Function) out_ += fmt::format("\t.type {},@function\n", name);
      if (s.type == elf::SymbolType::Object) out_ += fmt::format("\t.type {},@object\n", name);
      if (s.size) out_ += fmt::format("\t.size {}, {}\n", name, s.size);
      if (label_->first == at)
        out_ += name + ":\n";
      else
        out_ += fmt::format("\t.set {}, . {:+}\n", name, int64_t{label_->first} - int64_t{at});
    }
    auto t = targets_.find(index);
    if (t != targets_.end() && t->second.count(at)) out_ += fmt::format(".L{}_{:x}:\n", index, at);
  }

  void comment(uint32_t address, ByteView bytes, const std::string &more) {
    if (!listing_.addresses && more.empty()) return;
    out_ += "\t//";
    if (listing_.addresses) {
      out_ += ' ';
      hex(out_, address, 5);
      out_ += ':';
      for (uint8_t b : bytes) {
        out_ += ' ';
        hex(out_, b, 2);
      }
    }
    out_ += more;
    out_ += '\n';
  }

  void rawBytes(ByteView bytes) {
    out_ += "\t.byte ";
    for (size_t i = 0; i < bytes.size(); ++i) {
      if (i) out_ += ", ";
      out_ += "0x";
      hex(out_, bytes[i], 2);
    }
  }

  void codeSection(int index, const elf::Section &s) {
    ByteView code = s.data;
    counts_.codeBytes += code.size();
    std::vector<isa::OperandText> texts;
    isa::Bundle bundle;
    for (uint32_t at = 0; at < code.size();) {
      // A run of zeros is unused memory.
      uint32_t zeros = at;
      while (zeros < code.size() && code[zeros] == 0) ++zeros;
      isa::DecodeError problem = isa::decode(code, at, bundle);
      bool unused =
          zeros - at >= 64 && (label_ == labels_[index].end() || label_->first >= zeros) &&
          (next_ == relocs_.end() || next_->offset >= zeros) && !hasTarget(index, at + 1, zeros);
      uint32_t size = unused ? ((zeros - at) & ~15u) : bundle.size;
      placeLabels(index, at, at + 1);
      if (unused) {
        out_ += fmt::format("\t.zero {}", size);
        finish(s, at, {}, "");
        at += size;
        continue;
      }
      sourceLine(index, s, at);
      if (variables_) places(s.address + at);
      ByteView bytes = code.subspan(at, size);
      std::string note;
      texts.clear();
      bool same = problem == isa::DecodeError::None;
      isa::Bundle zeroed = bundle;
      for (; next_ != relocs_.end() && next_->offset < at + size; ++next_) {
        unsigned inst = 0, operand = 0;
        if (same && next_->offset == at && operandOf(bundle, next_->type, inst, operand)) {
          texts.push_back({inst, operand, target(*next_)});
          zeroed.insts[inst].ops[operand] = 0;
        } else {
          note += fmt::format(" R_AIE_{}+{} {}", next_->type, next_->offset - at, target(*next_));
        }
      }
      if (same) {
        auto again = isa::encode(zeroed);
        same = again.ok() && std::equal(bytes.begin(), bytes.end(), again->view().begin());
      }
      if (problem == isa::DecodeError::None)
        ++counts_.bundles;
      else
        ++counts_.unknown;
      if (same) {
        out_ += '\t';
        isa::print(out_, bundle, texts);
        note += branchNote(index, s, bundle, texts);
      } else {
        rawBytes(bytes);
        note +=
            problem == isa::DecodeError::None ? " = " + isa::print(bundle, texts) : " (no bundle)";
      }
      finish(s, at, bytes, note);
      at += size;
      if (label_ != labels_[index].end() && label_->first < at) placeLabels(index, at, at);
    }
  }

  static std::string placeOf(const format::dwarf::Variable &v) {
    using Where = format::dwarf::Variable::Where;
    const isa::Reg reg = isa::findDwarfReg(v.reg);
    const char *name = reg == isa::Reg::None ? "?" : isa::info(reg).name;
    switch (v.where) {
    case Where::Lost: return "-";
    case Where::Register: return name;
    case Where::Constant: return fmt::format("{}", v.offset);
    case Where::Memory:
      return v.reg < 0 ? fmt::format("[{:#x}]", v.offset)
                       : fmt::format("[{}, #{}]", name, v.offset);
    }
    return "-";
  }

  /// A comment where variables have another place than before.
  void places(uint32_t address) {
    std::map<std::string, std::string> now;
    std::string text;
    for (const format::dwarf::Variable &v : variables_->at(address)) {
      const std::string place = placeOf(v);
      auto [it, fresh] = now.try_emplace(v.function + " " + v.name, place);
      if (!fresh) it->second = place; // inner scopes come last
    }
    for (const auto &[variable, place] : now) {
      const auto before = places_.find(variable);
      if (before == places_.end() ? place == "-" : before->second == place) continue;
      text += fmt::format("{}{} {}", text.empty() ? "" : ", ",
                          variable.substr(variable.find(' ') + 1), place);
    }
    places_ = std::move(now);
    if (!text.empty()) out_ += "// where: " + text + "\n";
  }

  /// A comment where another source line begins.
  void sourceLine(int index, const elf::Section &s, uint32_t at) {
    if (lines_.empty() || !listing_.addresses) return;
    auto found = file_.type == elf::FileType::Executable ? lines_.find(-1, s.address + at)
                                                         : lines_.find(index, at);
    if (!found || !found->line) return;
    std::string text = fmt::format("// {}:{}\n", *found->file, found->line);
    if (text == lastLine_) return;
    out_ += text;
    lastLine_ = std::move(text);
  }

  bool hasTarget(int index, uint32_t from, uint32_t to) const {
    auto t = targets_.find(index);
    return t != targets_.end() && t->second.lower_bound(from) != t->second.lower_bound(to);
  }

  void finish(const elf::Section &s, uint32_t at, ByteView bytes, const std::string &note) {
    if (!listing_.addresses && note.empty())
      out_ += '\n';
    else
      comment(s.address + at, bytes, note);
  }

  std::string branchNote(int index, const elf::Section &s, const isa::Bundle &bundle,
                         const std::vector<isa::OperandText> &texts) {
    for (unsigned i = 0; i < bundle.count; ++i) {
      const isa::InstInfo &x = isa::info(bundle.insts[i]);
      if (x.control == isa::Control::None) continue;
      for (unsigned k = 0; k < x.operands.size(); ++k) {
        if (x.operands[k].isReg || !texts.empty()) continue;
        uint32_t offset = static_cast<uint32_t>(bundle.insts[i].ops[k]) - s.address;
        auto &all = labels_[index];
        auto after = all.upper_bound(offset);
        if (after == all.begin() || offset >= s.size) continue;
        --after;
        uint32_t distance = offset - after->first;
        return distance ? fmt::format(" -> {}+{:#x}", after->second->name, distance)
                        : fmt::format(" -> {}", after->second->name);
      }
    }
    return {};
  }

  void dataSection(int index, const elf::Section &s) {
    auto t = targets_.find(index);
    for (uint32_t at = 0; at < s.size;) {
      placeLabels(index, at, at + 1);
      if (next_ != relocs_.end() && next_->offset == at && at + 4 <= s.size && next_->type >= 50) {
        out_ += fmt::format("\t.word {}", target(*next_));
        finish(s, at, {}, next_->type == 51 ? "" : fmt::format(" R_AIE_{}", next_->type));
        ++next_;
        at += 4;
        continue;
      }
      uint32_t end = s.size;
      if (label_ != labels_[index].end()) end = std::min(end, label_->first);
      if (next_ != relocs_.end() && next_->offset > at) end = std::min(end, next_->offset);
      if (t != targets_.end())
        if (auto o = t->second.upper_bound(at); o != t->second.end()) end = std::min(end, *o);
      if (s.type == elf::kNoBits) {
        out_ += fmt::format("\t.zero {}\n", end - at);
        at = end;
        continue;
      }
      uint32_t zeros = at;
      while (zeros < end && s.data[zeros] == 0) ++zeros;
      if (zeros - at >= 16 || (zeros == end && zeros - at > 4)) {
        out_ += fmt::format("\t.zero {}", zeros - at);
        finish(s, at, {}, "");
        at = zeros;
        continue;
      }
      end = std::min(end, at + 16);
      rawBytes(ByteView(s.data).subspan(at, end - at));
      if (next_ != relocs_.end() && next_->offset == at) { // a relocation that is no data word
        finish(s, at, {}, fmt::format(" R_AIE_{} {}", next_->type, target(*next_)));
        ++next_;
      } else {
        finish(s, at, {}, "");
      }
      at = end;
    }
  }

  void others() {
    for (const elf::Symbol &s : file_.symbols) {
      if (s.name.empty() || s.type == elf::SymbolType::File || s.type == elf::SymbolType::Section)
        continue;
      std::string name = safeName(s.name);
      if (s.section == elf::kAbsolute) {
        if (s.bind == elf::Bind::Global) out_ += fmt::format("\t.globl {}\n", name);
        out_ += fmt::format("\t.set {}, {:#x}\n", name, s.value);
      } else if (s.section == elf::kCommon) {
        out_ += fmt::format("\t.comm {}, {}, {}\n", name, s.size, s.value);
      } else if (s.section == elf::kUndefined && s.bind == elf::Bind::Weak) {
        out_ += fmt::format("\t.weak {}\n", name);
      }
    }
  }

  const elf::File &file_;
  const Listing &listing_;
  std::string &out_;
  Counts &counts_;
  format::dwarf::LineTable lines_;
  std::string lastLine_;
  std::optional<format::dwarf::VariableTable> variables_;
  std::map<std::string, std::string> places_; ///< "function variable" -> place at the last bundle
  std::map<int, std::multimap<uint32_t, const elf::Symbol *>> labels_;
  std::map<int, std::set<uint32_t>> targets_;
  std::multimap<uint32_t, const elf::Symbol *>::iterator label_;
  std::vector<elf::Reloc> relocs_; ///< of the section, by offset
  std::vector<elf::Reloc>::const_iterator next_;
};

nlohmann::json bundleJson(const isa::Bundle &bundle, isa::DecodeError problem, ByteView bytes,
                          uint32_t address) {
  nlohmann::json j;
  j["address"] = address;
  j["size"] = bytes.size();
  std::string text;
  for (uint8_t b : bytes) hex(text, b, 2);
  j["bytes"] = text;
  if (problem != isa::DecodeError::None) {
    j["format"] = nullptr;
    return j;
  }
  j["format"] = isa::info(bundle.format).name;
  for (const isa::Inst &inst : bundle.all())
    j["instructions"].push_back({{"slot", isa::info(isa::info(inst).slot).name},
                                 {"opcode", isa::info(inst).name},
                                 {"text", isa::print(inst)}});
  return j;
}

nlohmann::json codeJson(ByteView code, uint32_t address, const std::vector<elf::Reloc> &relocs,
                        const elf::File *file, Counts &counts) {
  nlohmann::json bundles = nlohmann::json::array();
  auto next = relocs.begin();
  isa::Bundle bundle;
  counts.codeBytes += code.size();
  for (uint32_t at = 0; at < code.size(); at += bundle.size) {
    isa::DecodeError problem = isa::decode(code, at, bundle);
    ++(problem == isa::DecodeError::None ? counts.bundles : counts.unknown);
    nlohmann::json j = bundleJson(bundle, problem, code.subspan(at, bundle.size), address + at);
    for (; next != relocs.end() && next->offset < at + bundle.size; ++next)
      j["relocations"].push_back(
          {{"offset", next->offset},
           {"type", next->type},
           {"symbol",
            file && next->symbol < file->symbols.size() ? file->symbols[next->symbol].name : ""},
           {"addend", next->addend}});
    bundles.push_back(std::move(j));
  }
  return bundles;
}

elf::File bare(ByteView code, uint32_t address) {
  elf::File file;
  file.type = elf::FileType::Executable;
  elf::Section s;
  s.name = ".text";
  s.flags = elf::kAlloc | elf::kExec;
  s.address = address;
  s.align = 16;
  s.data.assign(code.begin(), code.end());
  s.size = static_cast<uint32_t>(code.size());
  file.sections.push_back(std::move(s));
  return file;
}

} // namespace

void disassemble(const elf::File &file, const Listing &listing, std::string &out, Counts &counts) {
  Printer(file, listing, out, counts).run();
}

void disassemble(ByteView code, uint32_t address, const Listing &listing, std::string &out,
                 Counts &counts) {
  elf::File file = bare(code, address);
  Printer(file, listing, out, counts).run();
}

nlohmann::json disassembleJson(const elf::File &file, Counts &counts) {
  nlohmann::json j;
  j["sections"] = nlohmann::json::array();
  for (const elf::Section &s : file.sections) {
    nlohmann::json row = {
        {"name", s.name}, {"address", s.address}, {"size", s.size}, {"flags", s.flags}};
    if ((s.flags & elf::kExec) && s.type != elf::kNoBits)
      row["bundles"] = codeJson(s.data, s.address, s.relocs, &file, counts);
    j["sections"].push_back(std::move(row));
  }
  j["symbols"] = nlohmann::json::array();
  for (const elf::Symbol &s : file.symbols)
    j["symbols"].push_back(
        {{"name", s.name},
         {"value", s.value},
         {"size", s.size},
         {"section", s.section >= 0
                         ? nlohmann::json(file.sections[static_cast<size_t>(s.section)].name)
                         : nlohmann::json()}});
  return j;
}

nlohmann::json disassembleJson(ByteView code, uint32_t address, Counts &counts) {
  nlohmann::json j;
  j["address"] = address;
  j["size"] = code.size();
  j["bundles"] = codeJson(code, address, {}, nullptr, counts);
  return j;
}

} // namespace ashlar::assembler
