// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Relocations over the table made from relocations.isa.
#include "isa/relocs.h"

#include "isa/isa.h"
#include "isa/tables.h"

namespace ashlar::isa {
namespace {

RelocKind kindOf(std::string_view name) {
  if (name == "addr20") return RelocKind::CodeAddress20;
  if (name == "imm11") return RelocKind::Imm11;
  if (name == "imm10") return RelocKind::Imm10;
  if (name == "imm32") return RelocKind::Imm32;
  if (name == "word20") return RelocKind::DataAddress20;
  ASHLAR_ASSERT(name == "word32");
  return RelocKind::DataWord32;
}

} // namespace

std::optional<Relocation> relocation(uint32_t number) {
  if (number >= kRelocationCount) return std::nullopt;
  const tables::Relocation &row = tables::relocations[number];
  Relocation r;
  r.number = static_cast<uint8_t>(number);
  r.kind = kindOf(row.kind);
  r.bundleBytes = row.bytes;
  for (unsigned i = 0; i < row.numFields; ++i)
    r.fields[i] = {row.fields[i].valueLo, row.fields[i].width, row.fields[i].bit};
  return r;
}

std::optional<Relocation> relocationFor(RelocKind kind, unsigned bundleBytes, unsigned bundleBit) {
  for (uint32_t i = 0; i < kRelocationCount; ++i) {
    const Relocation r = *relocation(i);
    if (r.kind != kind || r.bundleBytes != bundleBytes) continue;
    for (const RelocField &f : r.fields)
      if (f.width != 0 && f.valueBit == 0 && f.bundleBit == bundleBit) return r;
  }
  return std::nullopt;
}

int64_t relocationMin(RelocKind kind) {
  switch (kind) {
    using enum RelocKind;
  case Imm11: return -(1 << 10);
  case Imm10: return -(1 << 9);
  case DataWord32: return INT32_MIN;
  case CodeAddress20:
  case Imm32:
  case DataAddress20: return 0;
  }
  return 0;
}

int64_t relocationMax(RelocKind kind) {
  switch (kind) {
    using enum RelocKind;
  case Imm11: return (1 << 10) - 1;
  case Imm10: return (1 << 9) - 1;
  case DataWord32: return UINT32_MAX;
  case CodeAddress20:
  case Imm32:
  case DataAddress20: return (1 << 20) - 1;
  }
  return 0;
}

void applyRelocation(const Relocation &relocation, std::span<uint8_t> at, uint32_t value) {
  ASHLAR_ASSERT(at.size() >= relocation.bundleBytes);
  for (const RelocField &f : relocation.fields)
    for (unsigned i = 0; i < f.width; ++i) {
      const unsigned bit = f.bundleBit + i;
      const uint8_t mask = static_cast<uint8_t>(1u << bit % 8);
      if (value >> (f.valueBit + i) & 1)
        at[bit / 8] |= mask;
      else
        at[bit / 8] &= static_cast<uint8_t>(~mask);
    }
}

uint32_t readRelocation(const Relocation &relocation, ByteView at) {
  ASHLAR_ASSERT(at.size() >= relocation.bundleBytes);
  uint32_t value = 0;
  for (const RelocField &f : relocation.fields)
    for (unsigned i = 0; i < f.width; ++i) {
      const unsigned bit = f.bundleBit + i;
      value |= static_cast<uint32_t>(at[bit / 8] >> bit % 8 & 1) << (f.valueBit + i);
    }
  return value;
}

} // namespace ashlar::isa
