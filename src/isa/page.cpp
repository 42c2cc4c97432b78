// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Pages are made from the same tables as the tools, so they cannot say anything else.
#include "isa/page.h"

#include "base/nearest.h"
#include "isa/parse.h"
#include "isa/tables.h"

#include <algorithm>
#include <map>

namespace ashlar::isa {
namespace {

Opcode at(unsigned n) { return static_cast<Opcode>(n); }

/// The slot word from its highest bit: constants, `x`, and a letter for each operand.
std::string bits(const InstInfo &x, std::string &legend) {
  unsigned width = info(x.slot).bits;
  std::string word(width, 'x');
  for (unsigned b = 0; b < width; ++b)
    if (x.mask >> b & 1) word[width - 1 - b] = x.value >> b & 1 ? '1' : '0';
  char letter = 'a';
  for (unsigned i = 0; i < x.operands.size(); ++i) {
    const OperandInfo &o = x.operands[i];
    if (!o.numFields || o.tiedTo >= 0) continue;
    for (unsigned f = 0; f < o.numFields; ++f)
      for (unsigned b = 0; b < o.fields[f].width; ++b)
        word[width - 1 - o.fields[f].lo - b] = letter;
    legend += fmt::format("    {} = {}", letter, o.name);
    if (o.numFields > 1) {
      legend += " (bits";
      for (unsigned f = 0; f < o.numFields; ++f)
        legend +=
            fmt::format(" {}..{}", o.fields[f].opLo + o.fields[f].width - 1, o.fields[f].opLo);
      legend += ", from the left)";
    }
    legend += '\n';
    ++letter;
  }
  std::string grouped;
  for (size_t i = 0; i < word.size(); ++i) {
    if (i && (word.size() - i) % 4 == 0) grouped += '_';
    grouped += word[i];
  }
  return grouped;
}

std::string operandText(const OperandInfo &o) {
  std::string s = fmt::format("{:<13}", o.name);
  if (!o.isReg) {
    s += fmt::format("immediate {}..{}", o.minimum(), o.maximum());
    if (o.scale != 1) s += fmt::format(" in steps of {}", o.scale);
    return s;
  }
  if (o.fixed != Reg::None) return s + fmt::format("always {}", info(o.fixed).asmName);
  auto members = info(o.cls).members;
  s += fmt::format("{}: ", info(o.cls).name);
  // By kind: `r0..r31 m0..m7 lr`.
  std::vector<std::pair<std::string_view, std::vector<Reg>>> kinds;
  for (Reg r : members) {
    auto k =
        std::find_if(kinds.begin(), kinds.end(), [&](auto &x) { return x.first == info(r).kind; });
    if (k == kinds.end()) k = kinds.insert(kinds.end(), {info(r).kind, {}});
    k->second.push_back(r);
  }
  std::string list;
  for (auto &[kind, regs] : kinds) {
    std::sort(regs.begin(), regs.end());
    bool run = regs.size() > 2 && kind != "special" && kind != "control" && kind != "status";
    for (size_t i = 0; i < regs.size(); ++i)
      if (!run || i == 0)
        list += fmt::format("{}{}", list.empty() ? "" : " ", info(regs[i]).asmName);
      else if (i + 1 == regs.size())
        list += fmt::format("..{}", info(regs[i]).asmName);
  }
  s += list;
  if (o.derivedFrom >= 0)
    s += " (follows from the modifier)";
  else if (o.tiedTo >= 0)
    s += " (the same register as the output)";
  return s;
}

std::string wrapped(std::string_view text, size_t indent) {
  std::string out, line;
  while (!text.empty()) {
    size_t space = text.find(' ');
    std::string_view word = text.substr(0, space);
    if (line.size() + word.size() + indent > 96) {
      out += std::string(indent, ' ') + line + '\n';
      line.clear();
    }
    if (!line.empty()) line += ' ';
    line += word;
    text = space == std::string_view::npos ? std::string_view() : text.substr(space + 1);
  }
  return out + std::string(indent, ' ') + line + '\n';
}

std::string unitsText(const ItineraryInfo &t) {
  std::string out;
  for (const Stage &s : t.stages) {
    out += fmt::format("{}{}@{}", out.empty() ? "" : " ", unitName(s.unit), s.cycle);
    if (s.length > 1) out += fmt::format("..{}", s.cycle + s.length - 1);
    if (s.reserved) out += "(reserved)";
  }
  return out;
}

std::string cycles(const ItineraryInfo &t, const InstInfo &x) {
  std::string out;
  unsigned n = 0;
  auto row = [&](std::string_view name, bool write) {
    if (n < t.cycles.size()) {
      out +=
          fmt::format("    {:<13} {} in cycle {}", name, write ? "written" : "read", t.cycles[n]);
      if (n < t.bypass.size() && t.bypass[n] != Bypass::None)
        out += fmt::format(", bypass {}", t.bypass[n] == Bypass::MOV ? "MOV" : "VEC");
      out += '\n';
    }
    ++n;
  };
  for (const OperandInfo &o : x.operands) {
    if (o.isReg)
      row(o.name, o.out);
    else
      ++n;
  }
  for (Reg r : x.defs) row(info(r).asmName, true);
  for (Reg r : x.uses) row(info(r).asmName, false);
  if (!t.memory.empty())
    out += fmt::format("    memory        in cycle {}\n", fmt::join(t.memory, " and "));
  return out;
}

std::string sourceName(std::string_view tag) {
  static const std::map<std::string_view, const char *> names = {
      {"LA", "the llvm-aie project's public target description"},
      {"HW", "results seen on a Phoenix"},
      {"EMU", "behaviour of a public emulator"},
      {"UG", "AMD UG1583, AI Engine-ML intrinsics"},
      {"DOC", "AMD AM020, AI Engine-ML architecture manual"},
      {"MEAS", "counted in compiled programs"}};
  auto found = names.find(tag);
  return found == names.end() ? std::string(tag) : found->second;
}

std::string instructionPage(Opcode opcode) {
  const InstInfo &x = info(opcode);
  std::string out = fmt::format("{}\n  {}\n\n", x.name, x.syntax);
  if (*x.means) out += wrapped(x.means, 2) + '\n';
  std::string legend, word = bits(x, legend);
  out += fmt::format("Encoding: slot {}, {} bits\n    {}\n{}", info(x.slot).name, info(x.slot).bits,
                     word, legend);
  std::string homes;
  for (unsigned f = 1; f < kFormatIdCount; ++f)
    if (info(static_cast<FormatId>(f)).slotMask & slotBit(x.slot))
      homes += fmt::format(" {}", info(static_cast<FormatId>(f)).name);
  out += fmt::format("\nBundles that hold it, shortest {} bytes:\n{}\n",
                     info(chooseFormat(slotBit(x.slot))).bytes,
                     wrapped(std::string_view(homes).substr(1), 4));
  if (!x.operands.empty()) {
    out += "Operands\n";
    for (const OperandInfo &o : x.operands)
      out += wrapped(fmt::format("{} {}", o.out ? "out" : "in ", operandText(o)), 4);
    out += '\n';
  }
  out += "Timing (cycle 1 = issue)\n";
  const tables::VariantRange &range = tables::variantRanges[static_cast<unsigned>(x.itinerary)];
  const ItineraryInfo &base = info(x.itinerary);
  std::string common = cycles(base, x), units = unitsText(base);
  out += fmt::format("  {}\n{}", base.name, common);
  if (!units.empty()) out += wrapped("uses " + units, 4);
  for (unsigned n = 0; n < range.count; ++n) {
    const tables::Variant &v = tables::variants[range.first + n];
    std::string when;
    for (unsigned i = 0; i < v.count; ++i)
      when += fmt::format("{}{} is of {}", i ? " and " : "", x.operands[v.operand[i]].name,
                          info(v.cls[i]).name);
    const ItineraryInfo &t = info(v.itinerary);
    std::string own = cycles(t, x);
    out += wrapped(fmt::format("when {}: {}, uses {}", when, t.name, unitsText(t)), 2);
    if (own != common) out += own;
  }
  std::string facts;
  if (x.mayLoad) facts += fmt::format(" loads {} bytes;", x.memoryBytes);
  if (x.mayStore) facts += fmt::format(" stores {} bytes;", x.memoryBytes);
  if (x.control != Control::None)
    facts += fmt::format(" transfers control after {} more bundles;", kBranchDelaySlots);
  if (x.sideEffects) facts += " has effects outside registers and memory;";
  for (unsigned i = 0; i < x.operands.size(); ++i)
    if (!x.operands[i].isReg && canHoldSymbol(opcode, i))
      facts += fmt::format(" {} can be a symbol's address;", x.operands[i].name);
  if (!facts.empty()) {
    facts.back() = '.';
    out += fmt::format("\nIt{}\n", facts);
  }
  out += "\nSources\n";
  std::string_view tags = x.source;
  while (!tags.empty()) {
    size_t space = tags.find(' ');
    out += fmt::format("    {}\n", sourceName(tags.substr(0, space)));
    tags = space == std::string_view::npos ? std::string_view() : tags.substr(space + 1);
  }
  return out;
}

std::string registerPage(Reg reg) {
  const RegInfo &r = info(reg);
  std::string out = fmt::format("{}\n  register, {}, {} bits\n", r.name, r.kind, r.bits);
  if (r.saved) out += "  a called function keeps it\n";
  if (r.dwarf >= 0) out += fmt::format("  debug information calls it {}\n", r.dwarf);
  for (const RegPart &p : r.parts)
    out += fmt::format("  bits {}..{} are {}\n", p.bit + info(p.reg).bits - 1, p.bit,
                       info(p.reg).name);
  std::string in;
  for (unsigned n = 1; n < kRegCount; ++n)
    for (const RegPart &p : info(static_cast<Reg>(n)).parts)
      if (p.reg == reg) in += fmt::format(" {}", info(static_cast<Reg>(n)).name);
  if (!in.empty()) out += fmt::format("  part of{}\n", in);
  std::string classes;
  for (unsigned n = 1; n < kClassIdCount; ++n)
    if (int v = encodedValue(static_cast<ClassId>(n), reg);
        v >= 0 && info(static_cast<ClassId>(n)).encodable)
      classes += fmt::format(" {}={}", info(static_cast<ClassId>(n)).name, v);
  if (!classes.empty()) out += "  encoded as\n" + wrapped(std::string_view(classes).substr(1), 4);
  return out;
}

std::string formatPage(FormatId format) {
  const FormatInfo &f = info(format);
  std::string word(f.bytes * 8u, '?');
  for (unsigned b = 0; b < std::min(64u, f.bytes * 8u); ++b)
    if (f.mask >> b & 1) word[f.bytes * 8u - 1 - b] = f.value >> b & 1 ? '1' : '0';
  std::string out = fmt::format("{}\n  bundle of {} bytes\n", f.name, f.bytes);
  for (const FormatSlot &s : f.slots) {
    for (unsigned b = 0; b < info(s.slot).bits; ++b)
      word[f.bytes * 8u - 1 - s.lo - b] = info(s.slot).name[0];
    out +=
        fmt::format("  {:<4} bits {}..{}\n", info(s.slot).name, s.lo + info(s.slot).bits - 1, s.lo);
  }
  return out + "  " + word + "\n";
}

template <class F> void sentences(std::string_view means, F f) {
  for (size_t from = means.find("Open: "); from != means.npos; from = means.find("Open: ", from)) {
    size_t end = means.find(". ", from);
    if (end == means.npos)
      end = means.size();
    else
      ++end;
    f(means.substr(from + 6, end - from - 6));
    from = end;
  }
}

} // namespace

Result<std::string> page(std::string_view name) {
  if (Opcode o = findOpcode(name); o != Opcode::Invalid) return instructionPage(o);
  if (auto all = opcodesOf(name); !all.empty()) {
    std::string out;
    for (Opcode o : all) out += (out.empty() ? "" : "\n----------------\n\n") + instructionPage(o);
    return out;
  }
  if (Reg r = findReg(name); r != Reg::None) return registerPage(r);
  for (unsigned f = 1; f < kFormatIdCount; ++f)
    if (name == info(static_cast<FormatId>(f)).name) return formatPage(static_cast<FormatId>(f));
  std::vector<std::string> names;
  for (unsigned n = 1; n < kOpcodeCount; ++n) names.push_back(info(at(n)).name);
  for (unsigned n = 0; n < tables::mnemonicCount; ++n)
    names.push_back(tables::mnemonics[n].mnemonic);
  auto near = nearestName(name, names);
  return error("isa-name", {},
               fmt::format("'{}' is no instruction, register or bundle format", name),
               near ? fmt::format("did you mean '{}'?", *near)
                    : "`ashlar isa --list` shows all instructions");
}

std::string instructionList() {
  std::string out;
  for (unsigned n = 1; n < kOpcodeCount; ++n)
    out += fmt::format("{:<36} {:<4} {}\n", info(at(n)).name, info(info(at(n)).slot).name,
                       info(at(n)).syntax);
  return out;
}

/// Choices of the machine, or of a whole unit: they stand in no single row.
constexpr const char *kGeneralChoices[][2] = {
    {"the upper bits of a 20-bit register that is moved to r; they are zero.", "mov, st"},
    {"addresses that are not aligned to their access; the low bits are ignored, and `ashlar core` "
     "counts them.",
     "every load and store"},
    {"the integer shapes besides the 8x8, 16x16 and bf16 products seen on silicon; they follow the "
     "same rule, and the constants of production code fit it.",
     "vmul, vmac and their kin"},
    {"which product each of the bits 16..23 of c negates; complex shapes take them in the order re "
     "re, im im, re im, im re, real ones are not simulated with them.",
     "vmul, vmac and their kin"},
    {"the sign of an infinite product when products are negated; it is the one without negation.",
     "vmsc.f, vaddmsc.f, vnegmul.f"},
    {"the bits of srFPFlags, srF2FFlags and srF2IFlags; none is set.",
     "float products and sums, vconv, vfloor"},
    {"crSat in conversions to bf16; it has no effect.", "vconv.bf16.fp32, vst.conv"},
    {"srSRS_of and srUPS_of; they are set when a lane was clipped.", "vsrs, vsrsm, vst.srs, vups"},
};

std::string openChoices() {
  std::map<std::string, std::vector<std::string>> by;
  for (unsigned n = 1; n < kOpcodeCount; ++n)
    sentences(info(at(n)).means,
              [&](std::string_view s) { by[std::string(s)].push_back(info(at(n)).name); });
  std::string out = "What nobody has confirmed on silicon; behind the semicolon, what is done "
                    "here. Then the instructions.\n\n";
  for (const auto &[text, where] : kGeneralChoices) out += wrapped(text, 0) + wrapped(where, 4);
  for (const auto &[text, names] : by) {
    out += wrapped(text, 0);
    std::string list;
    for (size_t i = 0; i < names.size(); ++i) list += (i ? " " : "") + names[i];
    out += wrapped(list, 4);
  }
  return out;
}

std::string statusTable(const std::function<std::string(Opcode)> &simulated) {
  std::string out = "# Status of the instruction set\n\n"
                    "Made by `ashlar isa --status`. Every instruction is encoded, decoded, printed "
                    "and parsed, because one\n"
                    "description makes all four, and tests go through every word of every slot up "
                    "to 22 bits. The table says\n"
                    "what differs: whether it is simulated, and what its meaning rests on.\n\n"
                    "| instruction | slot | encode, decode, print, parse | simulate | open choice "
                    "| meaning from |\n|---|---|---|---|---|---|\n";
  unsigned yes = 0, open = 0;
  for (unsigned n = 1; n < kOpcodeCount; ++n) {
    const InstInfo &x = info(at(n));
    std::string how = simulated(at(n));
    yes += how == "yes";
    bool choice = false;
    sentences(x.means, [&](std::string_view) { choice = true; });
    open += choice;
    out += fmt::format("| {} | {} | yes | {} | {} | {} |\n", x.name, info(x.slot).name, how,
                       choice ? "yes" : "", x.source);
  }
  out += fmt::format(
      "\n{} instructions, {} simulated, {} with an open choice (`ashlar isa --open`).\n",
      kOpcodeCount - 1, yes, open);
  return out;
}

} // namespace ashlar::isa
