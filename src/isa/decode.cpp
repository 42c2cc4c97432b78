// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Decision trees (made by gen/generate.cpp) find the format and each slot's opcode in a few
// steps; a final comparison with the constant bits and the register tables makes it exact.
#include "isa/decode.h"

#include "isa/tables.h"

namespace ashlar::isa {
namespace {

unsigned walk(uint16_t node, uint64_t word) {
  while (node < tables::kLeaf) {
    const tables::TreeNode &n = tables::nodes[node];
    node = tables::children[n.children + ((word >> n.shift) & ((1u << n.bits) - 1))];
  }
  return node == tables::kNone ? 0 : node - tables::kLeaf;
}

uint64_t field(const OperandInfo &o, uint64_t word) {
  uint64_t value = 0;
  for (unsigned i = 0; i < o.numFields; ++i) {
    const EncodedField &f = o.fields[i];
    value |= ((word >> f.lo) & ((uint64_t{1} << f.width) - 1)) << f.opLo;
  }
  return value;
}

bool decodeOperands(const InstInfo &x, uint64_t word, Inst &out) {
  for (unsigned i = 0; i < x.operands.size(); ++i) {
    const OperandInfo &o = x.operands[i];
    if (!o.isReg) {
      int64_t v = static_cast<int64_t>(field(o, word));
      if (o.sign == Sign::Negative || (o.sign == Sign::Signed && (v >> (o.bits - 1)) != 0))
        v -= int64_t{1} << o.bits;
      out.ops[i] = static_cast<int32_t>(v * o.scale);
    } else if (o.fixed != Reg::None) {
      out.ops[i] = static_cast<int32_t>(o.fixed);
    } else if (o.derivedFrom < 0) {
      uint16_t reg = info(o.cls).byValue[field(o, word)];
      if (!reg) return false;
      out.ops[i] = reg;
    } else {
      out.ops[i] = -1; // below, when the register it comes from is known
    }
  }
  for (unsigned i = 0; i < x.operands.size(); ++i)
    if (x.operands[i].derivedFrom >= 0)
      out.ops[i] =
          static_cast<int32_t>(derivedReg(out.reg(x.operands[i].derivedFrom), x.operands[i].part));
  return true;
}

} // namespace

unsigned bundleBytes(uint8_t firstByte) { return tables::bytesByLowBits[firstByte & 15]; }

bool decodeSlot(Slot slot, uint64_t word, Inst &out) {
  unsigned number = walk(tables::slotRoots[static_cast<unsigned>(slot)], word);
  if (!number) return false;
  const InstInfo &x = tables::insts[number];
  if ((word & x.mask) != x.value) return false;
  out = Inst{static_cast<Opcode>(number), {}};
  return decodeOperands(x, word, out);
}

DecodeError decode(ByteView code, size_t offset, Bundle &out) {
  out.size = 2;
  out.format = FormatId::Invalid;
  out.count = 0;
  if (offset & 1) return DecodeError::OddAddress;
  if (offset >= code.size()) return DecodeError::Truncated;
  unsigned bytes = bundleBytes(code[offset]);
  if (!bytes) return DecodeError::UnknownFormat;
  if (code.size() - offset < bytes) {
    out.size = static_cast<uint8_t>(code.size() - offset);
    return DecodeError::Truncated;
  }
  out.size = static_cast<uint8_t>(bytes);
  std::array<uint8_t, 24> copy{};
  std::memcpy(copy.data(), &code[offset], bytes);
  uint64_t lo = readU64(copy.data()), hi = readU64(copy.data() + 8);
  unsigned number = walk(tables::formatRoots[bytes / 2], lo);
  const FormatInfo &f = tables::formats[number];
  if (!number || (lo & f.mask) != f.value) return DecodeError::UnknownFormat;
  out.format = static_cast<FormatId>(number);
  for (const FormatSlot &s : f.slots) {
    uint64_t word = s.lo >= 64 ? hi >> (s.lo - 64) : s.lo ? lo >> s.lo | hi << (64 - s.lo) : lo;
    word &= (uint64_t{1} << info(s.slot).bits) - 1;
    if (!decodeSlot(s.slot, word, out.insts[out.count])) return DecodeError::UnknownInstruction;
    ++out.count;
  }
  return DecodeError::None;
}

Result<Bundle> decodeBundle(ByteView code, size_t offset, const std::string &file) {
  Bundle bundle;
  Place place = Place::atOffset(file, offset);
  switch (decode(code, offset, bundle)) {
  case DecodeError::None: return bundle;
  case DecodeError::OddAddress:
    return error("odd-address", place, "a bundle begins at an even address");
  case DecodeError::Truncated:
    return error("truncated-bundle", place,
                 fmt::format("the code ends inside a bundle ({} bytes are left)",
                             offset < code.size() ? code.size() - offset : 0));
  case DecodeError::UnknownFormat:
    return error("unknown-bundle", place,
                 fmt::format("no bundle format has these bits (first byte {:#04x})", code[offset]));
  case DecodeError::UnknownInstruction: break;
  }
  const FormatInfo &f = info(bundle.format);
  return error("unknown-instruction", place,
               fmt::format("the {} slot of this {} bundle holds no instruction",
                           info(f.slots[bundle.count].slot).name, f.name));
}

} // namespace ashlar::isa
