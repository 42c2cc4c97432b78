// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Each instruction of the mnemonic is tried: its layout is matched against the text, white space
// aside. Where several would do (an immediate form and a wider one), the first that encodes wins.
#include "isa/parse.h"

#include "base/nearest.h"
#include "isa/encode.h"
#include "isa/print.h"
#include "isa/tables.h"

#include <algorithm>

namespace ashlar::isa {
namespace {

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c; }

void skipSpace(std::string_view &text) {
  while (!text.empty() && (text[0] == ' ' || text[0] == '\t')) text.remove_prefix(1);
}

std::string_view trimmed(std::string_view text) {
  skipSpace(text);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t' || text.back() == '\r'))
    text.remove_suffix(1);
  return text;
}

/// One attempt to read the operands as those of one opcode.
struct Attempt {
  Inst inst;
  std::vector<Fixup> fixups;
  std::string problem;
  size_t reached = 0; ///< characters consumed: the attempt that got furthest explains best
};

bool readRegister(std::string_view &text, const OperandInfo &o, int32_t &out,
                  std::string &problem) {
  size_t end = 0;
  while (end < text.size() && (isSymbolPart(text[end]) || text[end] == ':')) ++end;
  if (!end) {
    problem = fmt::format("a register is expected for operand {}", o.name);
    return false;
  }
  std::string name(text.substr(0, end));
  Reg reg = findReg(name);
  if (reg == Reg::None) {
    std::transform(name.begin(), name.end(), name.begin(), lower);
    reg = findReg(name);
  }
  if (reg == Reg::None) {
    problem = fmt::format("'{}' is not a register", text.substr(0, end));
    return false;
  }
  if (!contains(o.cls, reg)) {
    // Several registers share a spelling: d0 is also the 3D modifier.
    Reg other = Reg::None;
    for (Reg m : info(o.cls).members)
      if (name == info(m).asmName) other = m;
    if (other == Reg::None) {
      problem = fmt::format("{} cannot stand here", text.substr(0, end));
      return false;
    }
    reg = other;
  }
  out = static_cast<int32_t>(reg);
  text.remove_prefix(end);
  return true;
}

bool readImmediate(std::string_view &text, const InstInfo &x, unsigned i, const SymbolValue &value,
                   Attempt &a) {
  const OperandInfo &o = x.operands[i];
  bool hash = text.starts_with('#');
  if (hash) text.remove_prefix(1);
  // Without '#', a register name is not a symbol.
  if (!hash) {
    size_t end = 0;
    while (end < text.size() && (isSymbolPart(text[end]))) ++end;
    if (end && findReg(text.substr(0, end)) != Reg::None) {
      a.problem = fmt::format("a number is expected for operand {}", o.name);
      return false;
    }
  }
  auto e = parseExpression(text, value);
  if (!e) {
    a.problem = e.errors()[0].message;
    return false;
  }
  if (!e->isConstant()) {
    if (!canHoldSymbol(a.inst.opcode, i)) {
      a.problem = fmt::format("'{}' cannot hold the address of a symbol here", x.mnemonic);
      return false;
    }
    a.fixups.push_back({0, i, std::move(*e)});
    return true;
  }
  int64_t v = e->constant;
  if (o.bits == 32 && v >= INT32_MIN && v <= int64_t{UINT32_MAX}) {
    a.inst.ops[i] = static_cast<int32_t>(static_cast<uint32_t>(v));
    return true;
  }
  if (v < o.minimum() || v > o.maximum()) {
    a.problem = fmt::format("{} is outside {}..{}", v, o.minimum(), o.maximum());
    return false;
  }
  if (v % o.scale) {
    a.problem = fmt::format("{} is no multiple of {}", v, o.scale);
    return false;
  }
  a.inst.ops[i] = static_cast<int32_t>(v);
  return true;
}

bool attempt(std::string_view text, Opcode opcode, const SymbolValue &value, Attempt &a) {
  const InstInfo &x = info(opcode);
  a.inst.opcode = opcode;
  std::string_view rest = text;
  auto fail = [&] {
    a.reached = text.size() - rest.size();
    return false;
  };
  for (const char *p = x.layout; *p; ++p) {
    if (*p == ' ') continue;
    skipSpace(rest);
    unsigned i = static_cast<unsigned char>(*p) - 1u;
    if (i < kMaxOperands) {
      bool good = x.operands[i].isReg ? readRegister(rest, x.operands[i], a.inst.ops[i], a.problem)
                                      : readImmediate(rest, x, i, value, a);
      if (!good) return fail();
      continue;
    }
    if (rest.empty() || lower(rest[0]) != lower(*p)) {
      a.problem = rest.empty() ? fmt::format("'{}' is missing", *p)
                               : fmt::format("'{}' is expected, not '{}'", *p, rest[0]);
      return fail();
    }
    rest.remove_prefix(1);
    // A word of the layout ("SS", "cntr", "lr") must end where the text's word ends.
    if (isSymbolPart(*p) && !isSymbolPart(p[1]) && !rest.empty() && isSymbolPart(rest[0])) {
      a.problem = fmt::format("'{}' is unexpected", rest[0]);
      return fail();
    }
  }
  skipSpace(rest);
  if (!rest.empty()) {
    a.problem = fmt::format("'{}' is left over", rest);
    return fail();
  }
  complete(a.inst);
  return true;
}

/// `add r0, r1, r2 or add r0, r1, #c7s`
std::string forms(std::span<const Opcode> opcodes) {
  std::string text;
  for (size_t i = 0; i < opcodes.size() && i < 6; ++i)
    text += fmt::format("{}'{}'", i ? ", " : "", info(opcodes[i]).syntax);
  return text;
}

Status parseOne(std::string_view text, const Place &place, const SymbolValue &value,
                ParsedBundle &out) {
  size_t end = 0;
  while (end < text.size() && text[end] != ' ' && text[end] != '\t') ++end;
  std::string mnemonic(text.substr(0, end));
  std::transform(mnemonic.begin(), mnemonic.end(), mnemonic.begin(), lower);
  std::span<const Opcode> opcodes = opcodesOf(mnemonic);
  if (opcodes.empty()) {
    std::vector<std::string> names;
    for (unsigned i = 0; i < tables::mnemonicCount; ++i)
      names.push_back(tables::mnemonics[i].mnemonic);
    auto near = nearestName(mnemonic, names);
    return error("asm-mnemonic", place, fmt::format("unknown instruction '{}'", mnemonic),
                 near ? fmt::format("did you mean '{}'?", *near) : "");
  }
  text = trimmed(text.substr(end));
  Attempt best;
  bool have = false, found = false;
  for (Opcode opcode : opcodes) {
    Attempt a;
    bool good = attempt(text, opcode, value, a);
    if (good) {
      // `mov r0, SS` reads a stream; as an immediate SS would be a symbol. Words win.
      if (!found || a.fixups.empty()) best = std::move(a);
      found = true;
      if (best.fixups.empty()) break;
    } else if (!found && (!have || a.reached > best.reached)) {
      best = std::move(a);
    }
    have = true;
  }
  if (found) {
    for (Fixup &f : best.fixups) {
      f.instruction = static_cast<unsigned>(out.insts.size());
      out.fixups.push_back(std::move(f));
    }
    out.insts.push_back(best.inst);
    return Ok{};
  }
  return error("asm-operands", place, fmt::format("{}: {}", mnemonic, best.problem),
               "it is written " + forms(opcodes));
}

} // namespace

std::optional<uint32_t> relocationOf(FormatId format, Opcode opcode, unsigned operand) {
  const InstInfo &x = info(opcode);
  const OperandInfo &o = x.operands[operand];
  if (o.isReg || !o.numFields) return std::nullopt;
  const FormatInfo &f = info(format);
  for (const FormatSlot &s : f.slots) {
    if (s.slot != x.slot) continue;
    for (uint32_t n = 0; n < kRelocationCount; ++n) {
      const tables::Relocation &r = tables::relocations[n];
      if (r.bytes != f.bytes || r.numFields != o.numFields) continue;
      bool same = true;
      for (unsigned i = 0; i < o.numFields; ++i)
        same &= r.fields[i].bit == s.lo + o.fields[i].lo &&
                r.fields[i].width == o.fields[i].width && r.fields[i].valueLo == o.fields[i].opLo;
      if (same) return n;
    }
  }
  return std::nullopt;
}

bool canHoldSymbol(Opcode opcode, unsigned operand) {
  for (unsigned f = 1; f < kFormatIdCount; ++f)
    if (relocationOf(static_cast<FormatId>(f), opcode, operand)) return true;
  return false;
}

Result<ParsedBundle> parseBundle(std::string_view line, const Place &place,
                                 const SymbolValue &value) {
  ParsedBundle out;
  uint8_t slots = 0;
  while (true) {
    size_t semicolon = line.find(';');
    std::string_view one = trimmed(line.substr(0, semicolon));
    if (!one.empty()) {
      ASHLAR_CHECK(parseOne(one, place, value, out));
      Slot slot = info(out.insts.back()).slot;
      if (slots & slotBit(slot))
        return error("slot-twice", place,
                     fmt::format("two instructions of this bundle need slot {}; the second is '{}'",
                                 info(slot).name, one));
      slots |= slotBit(slot);
    }
    if (semicolon == std::string_view::npos) break;
    line.remove_prefix(semicolon + 1);
  }
  if (out.insts.empty()) return error("asm-operands", place, "the bundle is empty");
  return out;
}

} // namespace ashlar::isa
