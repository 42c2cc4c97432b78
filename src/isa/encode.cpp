// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Encoding follows the description's fields; bits that the hardware ignores are written as 0.
#include "isa/encode.h"

#include "isa/print.h"

namespace ashlar::isa {

Result<uint64_t> encodeSlot(const Inst &inst) {
  const InstInfo &x = info(inst);
  uint64_t word = x.value;
  for (unsigned i = 0; i < x.operands.size(); ++i) {
    const OperandInfo &o = x.operands[i];
    if (!o.numFields || o.tiedTo >= 0) continue;
    uint64_t encoded = 0;
    if (o.isReg) {
      unsigned number = static_cast<unsigned>(inst.ops[i]);
      int value = number < kRegCount ? encodedValue(o.cls, inst.reg(i)) : -1;
      if (value < 0)
        return error("operand-register", {},
                     fmt::format("{}: {} cannot be operand {}", x.mnemonic,
                                 number < kRegCount ? info(inst.reg(i)).asmName : "this register",
                                 o.name));
      encoded = static_cast<uint64_t>(value);
    } else {
      int64_t v = inst.ops[i];
      if (o.bits < 32 && (v < o.minimum() || v > o.maximum()))
        return error(
            "operand-range", {},
            fmt::format("{}: {} is outside {}..{}", x.mnemonic, v, o.minimum(), o.maximum()));
      if (v % o.scale)
        return error("operand-range", {},
                     fmt::format("{}: {} is no multiple of {}", x.mnemonic, v, o.scale));
      encoded = static_cast<uint64_t>(v / o.scale);
    }
    for (unsigned k = 0; k < o.numFields; ++k) {
      const EncodedField &f = o.fields[k];
      word |= ((encoded >> f.opLo) & ((uint64_t{1} << f.width) - 1)) << f.lo;
    }
  }
  return word;
}

Result<EncodedBundle> encode(const Bundle &bundle) {
  const FormatInfo &f = info(bundle.format);
  if (bundle.count != f.slots.size())
    return error(
        "bundle-slots", {},
        fmt::format("format {} has {} slots, not {}", f.name, f.slots.size(), bundle.count));
  uint64_t lo = f.value, hi = 0;
  for (unsigned i = 0; i < bundle.count; ++i) {
    const FormatSlot &s = f.slots[i];
    if (info(bundle.insts[i]).slot != s.slot)
      return error("bundle-slots", {},
                   fmt::format("{} is not an instruction of slot {}", info(bundle.insts[i]).name,
                               info(s.slot).name));
    ASHLAR_TRY(uint64_t word, encodeSlot(bundle.insts[i]));
    if (s.lo >= 64) {
      hi |= word << (s.lo - 64);
    } else {
      lo |= word << s.lo;
      if (s.lo) hi |= word >> (64 - s.lo);
    }
  }
  EncodedBundle out;
  out.size = f.bytes;
  writeU64(out.bytes.data(), lo);
  writeU64(out.bytes.data() + 8, hi);
  return out;
}

Result<Bundle> makeBundle(std::span<const Inst> insts, unsigned minBytes) {
  uint8_t mask = 0;
  for (const Inst &inst : insts) {
    Slot slot = info(inst).slot;
    if (mask & slotBit(slot))
      return error("slot-twice", {},
                   fmt::format("two instructions of one bundle need slot {}; the second is '{}'",
                               info(slot).name, print(inst)));
    mask |= slotBit(slot);
  }
  Bundle out;
  out.format = chooseFormat(mask, minBytes);
  if (out.format == FormatId::Invalid) {
    std::string names;
    for (const Inst &inst : insts) names += fmt::format(" {}", info(info(inst).slot).name);
    return error("no-format", {}, fmt::format("no bundle holds the slots{} together", names));
  }
  const FormatInfo &f = info(out.format);
  out.size = f.bytes;
  for (const FormatSlot &s : f.slots) {
    Inst &place = out.insts[out.count++];
    place.opcode = nopOf(s.slot);
    for (const Inst &inst : insts)
      if (info(inst).slot == s.slot) place = inst;
  }
  return out;
}

Bundle nopBundle(unsigned bytes) {
  auto bundle = makeBundle({}, bytes);
  ASHLAR_ASSERT(bundle.ok() && bundle->size == bytes);
  return *bundle;
}

} // namespace ashlar::isa
