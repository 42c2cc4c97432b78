// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Relocations of AIE2 objects. All are absolute (value = symbol + addend). For each pair of slot
// and bundle size that can hold an address there is one relocation; its place is the first byte of
// the bundle, and its fields say which bits of the bundle take which bits of the value.
#pragma once

#include "base/base.h"

namespace ashlar::isa {

enum class RelocKind : uint8_t {
  CodeAddress20, ///< lng slot: jl, j, jz, jnz
  Imm11,         ///< lda slot mova, alu slot movx: signed
  Imm10,         ///< mv slot mov: signed
  Imm32,         ///< lng slot movxm
  DataAddress20, ///< low 20 bits of a 32-bit data word
  DataWord32,
};

struct RelocField {
  uint8_t valueBit = 0; ///< lowest bit of the value that goes here
  uint8_t width = 0;    ///< 0: no such field
  uint8_t bundleBit = 0;
};

struct Relocation {
  uint8_t number = 0; ///< R_AIE_<number>
  RelocKind kind = RelocKind::DataWord32;
  uint8_t bundleBytes = 0; ///< bytes from the relocation's offset that its fields lie in
  RelocField fields[2];
};

/// Nothing for an unknown number.
std::optional<Relocation> relocation(uint32_t number);

/// The relocation of that kind in a bundle of that size whose lowest value bit is at `bundleBit`
/// (formats of one size place a slot differently). Nothing when there is none.
std::optional<Relocation> relocationFor(RelocKind kind, unsigned bundleBytes, unsigned bundleBit);

/// Smallest and largest value the relocation can hold.
int64_t relocationMin(RelocKind kind);
int64_t relocationMax(RelocKind kind);

/// Puts the value's bits into the bundle or word at `at`, which has at least bundleBytes bytes.
void applyRelocation(const Relocation &relocation, std::span<uint8_t> at, uint32_t value);
/// The value that the fields hold now, not sign-extended.
uint32_t readRelocation(const Relocation &relocation, ByteView at);

} // namespace ashlar::isa
