// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Build-time tool: reads the description and writes the enumerations and tables of ashlar_isa.
// The decoders are decision trees: a node looks at a run of bits, and a candidate goes into every
// child in which its constant bits and the legal values of its register fields allow it.
#include "isa/gen/description.h"

#include <algorithm>
#include <cstdio>
#include <functional>
#include <set>

using namespace ashlar;
using namespace ashlar::isa::description;

namespace {

std::string out;
template <class... Args> void put(fmt::format_string<Args...> f, Args &&...args) {
  fmt::format_to(std::back_inserter(out), f, std::forward<Args>(args)...);
}

std::string quoted(std::string_view text) {
  std::string s = "\"";
  for (char c : text) {
    if (c == '"' || c == '\\') s += '\\';
    s += c;
  }
  return s + "\"";
}

template <class List, class Name>
void enumeration(const char *type, const char *first, const List &list, Name name) {
  put("enum class {} : uint16_t {{\n", type);
  if (*first) put("  {} = 0,\n", first);
  for (const auto &x : list) put("  {},\n", name(x));
  put("}};\ninline constexpr unsigned k{}Count = {};\n\n", type, list.size() + (*first ? 1 : 0));
}

int indexOf(const Description &d, std::string_view reg) {
  return static_cast<int>(d.findRegister(reg) - d.registers.data());
}

std::set<std::string> bypasses(const Description &d) {
  std::set<std::string> names;
  for (const Itinerary &t : d.itineraries)
    for (const std::string &b : t.bypass)
      if (b != "-") names.insert(b);
  return names;
}

/// Storage units in the order of the registers that have no parts.
void units(const Description &d, const std::string &reg, const std::map<std::string, int> &unit,
           std::vector<int> &result) {
  const Register *r = d.findRegister(reg);
  if (r->parts.empty()) {
    result.push_back(unit.at(reg));
    return;
  }
  std::vector<Register::Part> parts = r->parts;
  std::sort(parts.begin(), parts.end(), [](auto &a, auto &b) { return a.bit < b.bit; });
  for (const auto &p : parts) units(d, p.reg, unit, result);
}

void enums(const Description &d) {
  put("// Made by isa_generate from src/isa/*.isa.\n#pragma once\n#include <cstdint>\n\n"
      "namespace ashlar::isa {{\n\n");
  auto name = [](const auto &x) { return x.name; };
  auto self = [](const std::string &x) { return x; };
  enumeration("Opcode", "Invalid", d.instructions, name);
  enumeration("Reg", "None", d.registers, name);
  enumeration("Slot", "", d.slots, name);
  enumeration("FormatId", "Invalid", d.formats, name);
  enumeration("ClassId", "None", d.classes, name);
  enumeration("ItineraryId", "", d.itineraries, name);
  enumeration("Unit", "", d.units, self);
  enumeration("Bypass", "None", bypasses(d), self);
  unsigned count = 0;
  for (const Register &r : d.registers) count += r.parts.empty();
  put("inline constexpr unsigned kRegUnitCount = {};\n", count);
  put("inline constexpr unsigned kRelocationCount = {};\n", d.relocations.size());
  put("\n}} // namespace ashlar::isa\n");
}

// ---- decision trees ----------------------------------------------------------------------------

struct Candidate {
  unsigned number;
  uint64_t mask, value;
  struct Field {
    uint64_t mask;
    std::vector<uint64_t> values; ///< spread over the word
  };
  std::vector<Field> fields;

  bool allows(uint64_t tested, uint64_t bits) const {
    if ((mask & tested & (value ^ bits)) != 0) return false;
    for (const Field &f : fields) {
      uint64_t m = f.mask & tested;
      if (m && std::none_of(f.values.begin(), f.values.end(),
                            [&](uint64_t v) { return ((v ^ bits) & m) == 0; }))
        return false;
    }
    return true;
  }
};

struct Forest {
  struct Node {
    unsigned shift, bits, children;
  };
  std::vector<Node> nodes;
  std::vector<unsigned> children;

  unsigned build(const std::vector<const Candidate *> &all, unsigned width, uint64_t tested,
                 uint64_t bits, const std::string &what) {
    if (all.empty()) return 0xFFFF;
    if (all.size() == 1) return 0x8000 + all[0]->number;
    unsigned bestShift = 0, bestBits = 0;
    double best = 1e9;
    for (unsigned n = 1; n <= 6; ++n)
      for (unsigned shift = 0; shift + n <= width; ++shift) {
        uint64_t m = ((uint64_t{1} << n) - 1) << shift;
        if (m & tested) continue;
        double sum = 0;
        for (uint64_t v = 0; v < uint64_t{1} << n; ++v) {
          double in = 0;
          for (const Candidate *c : all) in += c->allows(tested | m, bits | v << shift);
          sum += in * in;
        }
        double cost = sum / (uint64_t{1} << n) + 0.02 * n * n;
        if (cost < best - 1e-9) best = cost, bestShift = shift, bestBits = n;
      }
    if (!bestBits) {
      std::fprintf(stderr, "%s: encodings overlap:", what.c_str());
      for (const Candidate *c : all) std::fprintf(stderr, " %u", c->number);
      std::fprintf(stderr, "\n");
      std::exit(1);
    }
    unsigned node = static_cast<unsigned>(nodes.size());
    unsigned first = static_cast<unsigned>(children.size());
    nodes.push_back({bestShift, bestBits, first});
    children.resize(first + (size_t{1} << bestBits));
    uint64_t m = ((uint64_t{1} << bestBits) - 1) << bestShift;
    for (uint64_t v = 0; v < uint64_t{1} << bestBits; ++v) {
      std::vector<const Candidate *> in;
      for (const Candidate *c : all)
        if (c->allows(tested | m, bits | v << bestShift)) in.push_back(c);
      unsigned child = build(in, width, tested | m, bits | v << bestShift, what);
      children[first + v] = child;
    }
    return node;
  }
};

unsigned treeOf(Forest &forest, const std::vector<Candidate> &all, unsigned width,
                const std::string &what) {
  std::vector<const Candidate *> pointers;
  for (const Candidate &c : all) pointers.push_back(&c);
  return forest.build(pointers, width, 0, 0, what);
}

Candidate candidate(const Description &d, const Instruction &x, unsigned number) {
  Candidate c{number, x.matchMask(), x.matchValue(), {}};
  for (const Operand &o : x.operands) {
    if (!o.reg) continue;
    Candidate::Field f{0, {}};
    for (const EncodingField &e : x.encoding)
      if (e.operand == o.name) f.mask |= ((uint64_t{1} << e.width) - 1) << e.lo;
    if (!f.mask) continue;
    for (const auto &[value, reg] : d.findClass(o.cls)->values) {
      uint64_t v = 0;
      for (const EncodingField &e : x.encoding)
        if (e.operand == o.name)
          v |= ((uint64_t{value} >> e.opLo) & ((uint64_t{1} << e.width) - 1)) << e.lo;
      f.values.push_back(v);
    }
    c.fields.push_back(std::move(f));
  }
  return c;
}

// ---- tables ------------------------------------------------------------------------------------

std::string layout(const Instruction &x) {
  std::string text = "\"";
  std::string_view s = x.syntax;
  s.remove_prefix(std::min(s.size(), x.mnemonic.size() + 1));
  while (!s.empty()) {
    if (s[0] == '$') {
      size_t end = 1;
      while (end < s.size() && (std::isalnum(static_cast<unsigned char>(s[end])) || s[end] == '_'))
        ++end;
      text += fmt::format("\\{:03o}\" \"", 1 + x.operandIndex(s.substr(1, end - 1)));
      s.remove_prefix(end);
    } else {
      text += s[0];
      s.remove_prefix(1);
    }
  }
  return text + "\"";
}

void instructions(const Description &d) {
  for (size_t n = 0; n < d.instructions.size(); ++n) {
    const Instruction &x = d.instructions[n];
    if (!x.operands.empty()) {
      put("static const OperandInfo operands{}[] = {{\n", n);
      for (const Operand &o : x.operands) {
        const OperandClass *c = o.reg ? d.findClass(o.cls) : nullptr;
        std::string fields;
        unsigned count = 0;
        for (const EncodingField &e : x.encoding)
          if (e.operand == o.name ||
              (!o.tiedTo.empty() && e.operand == o.tiedTo && x.operandIndex(o.name) >= 0)) {
            fields += fmt::format("{{{}, {}, {}}}, ", e.lo, e.width, e.opLo);
            ++count;
          }
        std::string part = o.part == "dc"      ? "Dc"
                           : o.part == "dc.lo" ? "DcLo"
                           : o.part == "dc.hi" ? "DcHi"
                                               : "None";
        put("  {{\"{}\", {}, {}, ClassId::{}, Sign::{}, {}, {}, {}, {}, Part::{}, Reg::{}, {}, "
            "{{{}}}}},\n",
            o.name, o.out, o.reg, o.reg ? o.cls : "None",
            o.sign == 's'   ? "Signed"
            : o.sign == 'n' ? "Negative"
                            : "Unsigned",
            o.reg ? c->bits : o.bits, o.scale, o.tiedTo.empty() ? -1 : x.operandIndex(o.tiedTo),
            o.derivedFrom.empty() ? -1 : x.operandIndex(o.derivedFrom), part,
            c && c->fixed() ? c->values[0].second : "None", count, fields);
      }
      put("}};\n");
    }
    for (auto [name, list] : {std::pair{"defs", &x.defs}, std::pair{"uses", &x.uses}})
      if (!list->empty()) {
        put("static const Reg {}{}[] = {{", name, n);
        for (const std::string &r : *list) put("Reg::{}, ", r);
        put("}};\n");
      }
  }
  put("const InstInfo insts[] = {{\n"
      "  {{\"Invalid\", \"\", \"\", \"\", \"\", \"\", Slot{{}}, ItineraryId{{}}, Control::None, "
      "false, false, false, false, false, 0, 0, 0, {{}}, {{}}, {{}}, 0}},\n");
  for (size_t n = 0; n < d.instructions.size(); ++n) {
    const Instruction &x = d.instructions[n];
    std::string control = x.control.empty() ? "None" : x.control;
    control[0] = static_cast<char>(std::toupper(control[0]));
    bool nop = d.findSlot(x.slot)->nop == x.name;
    unsigned outs = 0;
    for (const Operand &o : x.operands) outs += o.out;
    auto list = [&](const char *name, bool some) {
      return some ? fmt::format("{}{}", name, n) : std::string("{}");
    };
    put("  {{\"{}\", \"{}\", {}, {}, {}, {}, Slot::{}, ItineraryId::{}, Control::{}, {}, {}, {}, "
        "{}, {}, {}, {:#x}, {:#x}, {}, {}, {}, {}}},\n",
        x.name, x.mnemonic, quoted(x.syntax), layout(x), quoted(x.source), quoted(x.means), x.slot,
        x.itinerary, control, x.conditional, x.load, x.store, x.effects, nop, x.memoryBytes,
        x.matchMask(), x.matchValue(), list("operands", !x.operands.empty()),
        list("defs", !x.defs.empty()), list("uses", !x.uses.empty()), outs);
  }
  put("}};\n\n");
  std::map<std::string, std::vector<std::string>> by;
  for (const Instruction &x : d.instructions) by[x.mnemonic].push_back(x.name);
  std::string rows, flat;
  unsigned at = 0;
  for (const auto &[m, names] : by) {
    rows += fmt::format("  {{\"{}\", {}, {}}},\n", m, at, names.size());
    for (const std::string &n : names) flat += fmt::format("Opcode::{}, ", n);
    at += static_cast<unsigned>(names.size());
  }
  put("const MnemonicRow mnemonics[] = {{\n{}}};\nconst unsigned mnemonicCount = {};\n"
      "const Opcode byMnemonic[] = {{{}}};\n\n",
      rows, by.size(), flat);
}

void registers(const Description &d) {
  std::map<std::string, int> unit;
  std::string unitRegs;
  for (const Register &r : d.registers)
    if (r.parts.empty()) {
      unit.emplace(r.name, static_cast<int>(unit.size()));
      unitRegs += fmt::format("{}, ", 1 + indexOf(d, r.name));
    }
  put("const uint16_t unitRegs[] = {{{}}};\n", unitRegs);
  for (size_t n = 0; n < d.registers.size(); ++n) {
    const Register &r = d.registers[n];
    std::vector<int> all;
    units(d, r.name, unit, all);
    put("static const uint8_t units{}[] = {{{}}};\n", n, fmt::join(all, ", "));
    if (r.parts.empty()) continue;
    put("static const RegPart parts{}[] = {{", n);
    for (const auto &p : r.parts) put("{{Reg::{}, {}}}, ", p.reg, p.bit);
    put("}};\n");
  }
  put("const RegInfo regs[] = {{\n  {{\"\", \"\", \"\", 0, -1, -1, false, {{}}, {{}}}},\n");
  std::map<std::string, size_t> names;
  for (size_t n = 0; n < d.registers.size(); ++n) {
    const Register &r = d.registers[n];
    put("  {{\"{}\", \"{}\", \"{}\", {}, {}, {}, {}, {}, units{}}},\n", r.name, r.asmName, r.kind,
        r.bits, r.hw, r.dwarf, r.saved, r.parts.empty() ? "{}" : fmt::format("parts{}", n), n);
    names.emplace(r.name, n + 1);
  }
  for (size_t n = 0; n < d.registers.size(); ++n)
    names.emplace(d.registers[n].asmName, n + 1); // a name wins over another one's spelling
  put("}};\nconst NameRow regNames[] = {{\n");
  for (const auto &[name, n] : names) put("  {{\"{}\", {}}},\n", name, n);
  put("}};\nconst unsigned regNameCount = {};\n\n", names.size());
  for (size_t n = 0; n < d.classes.size(); ++n) {
    const OperandClass &c = d.classes[n];
    put("static const Reg members{}[] = {{", n);
    for (const auto &[v, reg] : c.values) put("Reg::{}, ", reg);
    put("}};\n");
    if (!c.encodable) continue;
    std::vector<int> table(size_t{1} << c.bits, 0);
    for (const auto &[v, reg] : c.values) table[v] = 1 + indexOf(d, reg);
    put("static const uint16_t values{}[] = {{{}}};\n", n, fmt::join(table, ", "));
  }
  put("const ClassInfo classes[] = {{\n  {{\"\", 0, false, {{}}, {{}}}},\n");
  for (size_t n = 0; n < d.classes.size(); ++n)
    put("  {{\"{}\", {}, {}, members{}, {}}},\n", d.classes[n].name, d.classes[n].bits,
        d.classes[n].encodable, n,
        d.classes[n].encodable ? fmt::format("values{}", n) : std::string("{}"));
  put("}};\n\n");
}

void timing(const Description &d) {
  for (size_t n = 0; n < d.itineraries.size(); ++n) {
    const Itinerary &t = d.itineraries[n];
    if (!t.stages.empty()) {
      put("static const Stage stages{}[] = {{", n);
      for (const Stage &s : t.stages)
        put("{{Unit::{}, {}, {}, {}}}, ", s.unit, s.cycle, s.length, s.reserved);
      put("}};\n");
    }
    if (!t.cycles.empty())
      put("static const uint8_t cycles{}[] = {{{}}};\n", n, fmt::join(t.cycles, ", "));
    if (!t.bypass.empty()) {
      put("static const Bypass bypass{}[] = {{", n);
      for (const std::string &b : t.bypass) put("Bypass::{}, ", b == "-" ? "None" : b);
      put("}};\n");
    }
    if (!t.memory.empty())
      put("static const uint8_t memory{}[] = {{{}}};\n", n, fmt::join(t.memory, ", "));
  }
  put("const ItineraryInfo itineraries[] = {{\n");
  for (size_t n = 0; n < d.itineraries.size(); ++n) {
    const Itinerary &t = d.itineraries[n];
    auto list = [&](const char *name, bool some) {
      return some ? fmt::format("{}{}", name, n) : std::string("{}");
    };
    put("  {{\"{}\", {}, {}, {}, {}}},\n", t.name, list("stages", !t.stages.empty()),
        list("cycles", !t.cycles.empty()), list("bypass", !t.bypass.empty()),
        list("memory", !t.memory.empty()));
  }
  put("}};\nconst Variant variants[] = {{\n");
  std::map<std::string, std::vector<const Variant *>> by;
  for (const Variant &v : d.variants) by[v.base].push_back(&v);
  std::map<std::string, unsigned> first;
  unsigned at = 0;
  for (const auto &[base, list] : by) {
    first[base] = at;
    for (const Variant *v : list) {
      auto second = v->when.size() > 1 ? v->when[1] : std::pair<unsigned, std::string>(0, "None");
      put("  {{ItineraryId::{}, ItineraryId::{}, {}, {{{}, {}}}, {{ClassId::{}, ClassId::{}}}}},\n",
          base, v->itinerary, v->when.size(), v->when[0].first, second.first, v->when[0].second,
          second.second);
      ++at;
    }
  }
  put("}};\nconst VariantRange variantRanges[] = {{\n");
  for (const Itinerary &t : d.itineraries)
    put("  {{{}, {}}},\n", by.count(t.name) ? first[t.name] : 0,
        by.count(t.name) ? by[t.name].size() : 0);
  put("}};\n\n");
}

unsigned slotIndex(const Description &d, std::string_view name) {
  return static_cast<unsigned>(d.findSlot(name) - d.slots.data());
}

unsigned slotMask(const Description &d, const Format &f) {
  unsigned mask = 0;
  for (const FormatField &x : f.fields)
    if (!x.slot.empty()) mask |= 1u << slotIndex(d, x.slot);
  return mask;
}

void formats(const Description &d, Forest &forest) {
  put("const SlotInfo slots[] = {{\n");
  for (const Slot &s : d.slots) put("  {{\"{}\", {}, Opcode::{}}},\n", s.name, s.bits, s.nop);
  put("}};\n");
  std::map<unsigned, std::vector<Candidate>> bySize;
  for (size_t n = 0; n < d.formats.size(); ++n) {
    const Format &f = d.formats[n];
    put("static const FormatSlot formatSlots{}[] = {{", n);
    uint64_t mask = 0, value = 0;
    for (const FormatField &x : f.fields) {
      if (!x.slot.empty()) put("{{Slot::{}, {}}}, ", x.slot, x.lo);
      for (size_t i = 0; i < x.pattern.size(); ++i) {
        size_t bit = x.lo + x.pattern.size() - 1 - i;
        if (x.pattern[i] == '?') continue;
        if (bit >= 64) {
          std::fprintf(stderr, "%s: a constant above bit 63\n", f.name.c_str());
          std::exit(1);
        }
        mask |= uint64_t{1} << bit;
        if (x.pattern[i] == '1') value |= uint64_t{1} << bit;
      }
    }
    put("}}; // {:#x} {:#x}\n", mask, value);
    bySize[f.bytes].push_back({static_cast<unsigned>(n + 1), mask, value, {}});
  }
  put("const FormatInfo formats[] = {{\n  {{\"Invalid\", 0, 0, 0, 0, {{}}}},\n");
  for (size_t n = 0; n < d.formats.size(); ++n) {
    const Format &f = d.formats[n];
    for (const Candidate &c : bySize[f.bytes])
      if (c.number == n + 1)
        put("  {{\"{}\", {}, {}, {:#x}, {:#x}, formatSlots{}}},\n", f.name, f.bytes, slotMask(d, f),
            c.mask, c.value, n);
  }
  put("}};\n");
  std::vector<unsigned> roots(9, 0xFFFF);
  for (const auto &[bytes, list] : bySize)
    roots[bytes / 2] =
        treeOf(forest, list, std::min(64u, bytes * 8), fmt::format("{} bytes", bytes));
  put("const uint16_t formatRoots[] = {{{}}};\n", fmt::join(roots, ", "));
  std::vector<unsigned> lengths(16, 0);
  for (const Length &l : d.lengths)
    for (unsigned low = 0; low < 16; ++low) {
      bool match = true;
      for (size_t i = 0; i < l.lowBits.size(); ++i)
        match &= (low >> i & 1) == (l.lowBits[l.lowBits.size() - 1 - i] == '1');
      if (match) lengths[low] = l.bytes;
    }
  put("const uint8_t bytesByLowBits[16] = {{{}}};\n", fmt::join(lengths, ", "));
  put("const uint8_t formatChoice[][9] = {{\n");
  for (unsigned mask = 0; mask < 1u << d.slots.size(); ++mask) {
    std::vector<size_t> row;
    for (unsigned least = 0; least <= 16; least += 2) {
      size_t best = 0;
      auto cost = [&](size_t n) {
        const Format &f = d.formats[n - 1];
        unsigned extra = slotMask(d, f) & ~mask;
        return f.bytes * 16 + static_cast<unsigned>(__builtin_popcount(extra));
      };
      for (size_t n = 1; n <= d.formats.size(); ++n) {
        const Format &f = d.formats[n - 1];
        if (f.bytes < least || (mask & ~slotMask(d, f))) continue;
        if (!best || cost(n) < cost(best)) best = n;
      }
      row.push_back(best);
    }
    put("  {{{}}},\n", fmt::join(row, ", "));
  }
  put("}};\n\n");
}

void tables(const Description &d) {
  put("// Made by isa_generate from src/isa/*.isa.\n#include \"isa/tables.h\"\n\n"
      "namespace ashlar::isa::tables {{\n\n");
  instructions(d);
  registers(d);
  timing(d);
  Forest forest;
  formats(d, forest);
  std::vector<unsigned> roots;
  for (const Slot &s : d.slots) {
    std::vector<Candidate> all;
    for (size_t n = 0; n < d.instructions.size(); ++n)
      if (d.instructions[n].slot == s.name)
        all.push_back(candidate(d, d.instructions[n], static_cast<unsigned>(n + 1)));
    roots.push_back(treeOf(forest, all, s.bits, s.name));
  }
  put("const uint16_t slotRoots[] = {{{}}};\nconst TreeNode nodes[] = {{\n",
      fmt::join(roots, ", "));
  for (const Forest::Node &n : forest.nodes)
    put("  {{{}, {}, {}}},\n", n.shift, n.bits, n.children);
  put("}};\nconst uint16_t children[] = {{{}}};\n\n", fmt::join(forest.children, ", "));
  put("const Relocation relocations[] = {{\n");
  for (size_t n = 0; n < d.relocations.size(); ++n) {
    const Relocation &r = d.relocations[n];
    if (r.number != n) {
      std::fprintf(stderr, "relocations are not in order at %u\n", r.number);
      std::exit(1);
    }
    put("  {{\"{}\", {}, {}, {{", r.kind, r.bytes, r.fields.size());
    for (const RelocationField &f : r.fields)
      put("{{{}, {}, {}}}, ", f.valueLo, f.valueHi - f.valueLo + 1, f.bit);
    put("}}}},\n");
  }
  put("}};\nconst char *const unitNames[] = {{\n");
  for (const std::string &u : d.units) put("  \"{}\",\n", u);
  put("}};\nconst char *const shuffleNames[64] = {{\n");
  std::vector<std::string> names(64);
  for (const Shuffle &s : d.shuffles) names.at(s.mode) = s.name;
  for (const std::string &n : names) put("  \"{}\",\n", n);
  put("}};\n\n}} // namespace ashlar::isa::tables\n");
}

} // namespace

int main(int argc, char **argv) {
  if (argc < 4) {
    std::fprintf(stderr, "usage: isa_generate enums|tables OUTPUT FILE.isa...\n");
    return 2;
  }
  auto d = read({argv + 3, argv + argc});
  if (!d) {
    for (const Diagnostic &e : d.errors()) std::fprintf(stderr, "%s\n", e.str().c_str());
    return 1;
  }
  if (std::string_view(argv[1]) == "enums")
    enums(*d);
  else
    tables(*d);
  if (!writeTextFile(argv[2], out)) {
    std::fprintf(stderr, "cannot write %s\n", argv[2]);
    return 1;
  }
  return 0;
}
