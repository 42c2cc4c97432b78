// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Questions about instructions, registers and timing, answered from the generated tables.
#include "isa/isa.h"

#include "isa/tables.h"

#include <algorithm>

namespace ashlar::isa {

int64_t OperandInfo::minimum() const {
  switch (sign) {
  case Sign::Unsigned: return 0;
  case Sign::Signed: return -(int64_t{1} << (bits - 1)) * scale;
  case Sign::Negative: break;
  }
  return -(int64_t{1} << bits) * scale;
}

int64_t OperandInfo::maximum() const {
  switch (sign) {
  case Sign::Unsigned: return ((int64_t{1} << bits) - 1) * scale;
  case Sign::Signed: return ((int64_t{1} << (bits - 1)) - 1) * scale;
  case Sign::Negative: break;
  }
  return -scale;
}

const InstInfo &info(Opcode opcode) { return tables::insts[static_cast<unsigned>(opcode)]; }
const SlotInfo &info(Slot slot) { return tables::slots[static_cast<unsigned>(slot)]; }
const FormatInfo &info(FormatId format) { return tables::formats[static_cast<unsigned>(format)]; }
const RegInfo &info(Reg reg) { return tables::regs[static_cast<unsigned>(reg)]; }
const ClassInfo &info(ClassId cls) { return tables::classes[static_cast<unsigned>(cls)]; }
const ItineraryInfo &info(ItineraryId itinerary) {
  return tables::itineraries[static_cast<unsigned>(itinerary)];
}
const char *unitName(Unit unit) { return tables::unitNames[static_cast<unsigned>(unit)]; }
Opcode nopOf(Slot slot) { return info(slot).nop; }

Opcode findOpcode(std::string_view name) {
  // Sorted by name; number 0 is Invalid.
  const InstInfo *first = tables::insts + 1, *last = tables::insts + kOpcodeCount;
  const InstInfo *at = std::lower_bound(
      first, last, name, [](const InstInfo &x, std::string_view n) { return x.name < n; });
  return at != last && name == at->name ? static_cast<Opcode>(at - tables::insts) : Opcode::Invalid;
}

std::span<const Opcode> opcodesOf(std::string_view mnemonic) {
  const auto *first = tables::mnemonics, *last = first + tables::mnemonicCount;
  const auto *at = std::lower_bound(
      first, last, mnemonic, [](const auto &x, std::string_view n) { return x.mnemonic < n; });
  if (at == last || mnemonic != at->mnemonic) return {};
  return {tables::byMnemonic + at->first, at->count};
}

void complete(Inst &inst) {
  const InstInfo &x = info(inst);
  for (unsigned i = 0; i < x.operands.size(); ++i) {
    const OperandInfo &o = x.operands[i];
    if (o.fixed != Reg::None) {
      inst.ops[i] = static_cast<int32_t>(o.fixed);
    } else if (o.derivedFrom >= 0) {
      inst.ops[i] = static_cast<int32_t>(derivedReg(inst.reg(o.derivedFrom), o.part));
    } else if (o.tiedTo >= 0) {
      // The assembly names whichever of the two its syntax shows.
      if (inst.ops[i])
        inst.ops[o.tiedTo] = inst.ops[i];
      else
        inst.ops[i] = inst.ops[o.tiedTo];
    }
  }
}

FormatId chooseFormat(uint8_t slotMask, unsigned minBytes) {
  if (minBytes > kMaxBundleBytes) return FormatId::Invalid;
  return static_cast<FormatId>(tables::formatChoice[slotMask][(minBytes + 1) / 2]);
}

Reg findReg(std::string_view name) {
  const auto *first = tables::regNames, *last = first + tables::regNameCount;
  const auto *at = std::lower_bound(first, last, name,
                                    [](const auto &x, std::string_view n) { return x.name < n; });
  return at != last && name == at->name ? static_cast<Reg>(at->number) : Reg::None;
}

Reg unitReg(unsigned unit) { return static_cast<Reg>(tables::unitRegs[unit]); }

bool overlap(Reg a, Reg b) {
  for (uint8_t x : info(a).units)
    for (uint8_t y : info(b).units)
      if (x == y) return true;
  return false;
}

Reg derivedReg(Reg from, Part part) {
  const RegInfo *r = &info(from);
  if (part == Part::DcLo || part == Part::DcHi) {
    if (r->parts.size() < 2) return Reg::None;
    r = &info(r->parts[part == Part::DcHi].reg);
  }
  // dc is the topmost part of a modifier.
  return r->parts.empty() ? Reg::None : r->parts.back().reg;
}

int encodedValue(ClassId cls, Reg reg) {
  const ClassInfo &c = info(cls);
  if (!c.encodable) {
    auto at = std::find(c.members.begin(), c.members.end(), reg);
    return at == c.members.end() ? -1 : static_cast<int>(at - c.members.begin());
  }
  if (reg == Reg::None) return -1;
  auto at = std::find(c.byValue.begin(), c.byValue.end(), static_cast<uint16_t>(reg));
  return at == c.byValue.end() ? -1 : static_cast<int>(at - c.byValue.begin());
}

ItineraryId itineraryOf(const Inst &inst) {
  ItineraryId base = info(inst).itinerary;
  const tables::VariantRange &range = tables::variantRanges[static_cast<unsigned>(base)];
  for (unsigned n = 0; n < range.count; ++n) {
    const tables::Variant &v = tables::variants[range.first + n];
    bool match = true;
    for (unsigned i = 0; i < v.count; ++i) match &= contains(v.cls[i], inst.reg(v.operand[i]));
    if (match) return v.itinerary;
  }
  return base;
}

Accesses accesses(const Inst &inst) {
  Accesses out;
  const InstInfo &x = info(inst);
  const ItineraryInfo &t = timing(inst);
  unsigned n = 0;
  auto add = [&](Reg reg, bool write, int operand) {
    uint8_t cycle = n < t.cycles.size() ? t.cycles[n] : 1;
    Bypass bypass = n < t.bypass.size() ? t.bypass[n] : Bypass::None;
    out.items[out.count++] = {reg, write, cycle, bypass, static_cast<int8_t>(operand)};
  };
  for (unsigned i = 0; i < x.operands.size(); ++i, ++n)
    if (x.operands[i].isReg) add(inst.reg(i), x.operands[i].out, static_cast<int>(i));
  for (Reg r : x.defs) add(r, true, -1), ++n;
  for (Reg r : x.uses) add(r, false, -1), ++n;
  return out;
}

const char *shuffleName(unsigned mode) { return tables::shuffleNames[mode % kShuffleModes]; }

std::array<uint8_t, 64> shuffleBytes(unsigned mode) {
  std::array<uint8_t, 64> out;
  out.fill(255);
  // T<w>_<R>x<C>[_lo|_hi|_flip]
  std::string_view name = shuffleName(mode);
  if (name.empty()) {
    out[0] = 0;
    return out;
  }
  auto number = [&name] {
    unsigned n = 0;
    while (!name.empty() && name[0] >= '0' && name[0] <= '9') {
      n = n * 10 + static_cast<unsigned>(name[0] - '0');
      name.remove_prefix(1);
    }
    if (!name.empty()) name.remove_prefix(1);
    return n;
  };
  name.remove_prefix(1);
  unsigned bits = number(), rows = number(), columns = number(), bytes = bits / 8;
  if (name == "flip") {
    for (unsigned i = 0; i < 64; ++i) out[i] = static_cast<uint8_t>(i ^ 2);
    return out;
  }
  unsigned block = rows * columns * bytes; // bytes of one matrix
  unsigned from = name == "hi" ? 64 : 0;
  for (unsigned i = 0; i < 64; ++i) {
    unsigned at = from + i, inBlock = at % block, element = inBlock / bytes;
    unsigned row = element % rows, column = element / rows;
    out[i] =
        static_cast<uint8_t>(at - inBlock + (row * columns + column) * bytes + inBlock % bytes);
  }
  return out;
}

} // namespace ashlar::isa
