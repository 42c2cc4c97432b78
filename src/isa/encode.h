// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Bundles to bytes, and instructions to bundles.
#pragma once

#include "isa/isa.h"

namespace ashlar::isa {

struct EncodedBundle {
  uint8_t size = 0;
  std::array<uint8_t, kMaxBundleBytes> bytes{};
  ByteView view() const { return {bytes.data(), size}; }
};

/// The slot word of one instruction. Errors: `operand-range` (an immediate that does not fit or is
/// no multiple of its scale), `operand-register` (a register that its field cannot name).
Result<uint64_t> encodeSlot(const Inst &inst);
/// Errors as encodeSlot; `bundle-slots` when the instructions are not those of the format.
Result<EncodedBundle> encode(const Bundle &bundle);

/// Puts instructions (each in a slot of its own, any order) into the smallest format of at least
/// `minBytes`; slots left over get their instruction without effect. Errors: `slot-twice`,
/// `no-format`.
Result<Bundle> makeBundle(std::span<const Inst> insts, unsigned minBytes = 0);
/// A bundle without effect of exactly this many bytes (2, 4 .. 16).
Bundle nopBundle(unsigned bytes);

} // namespace ashlar::isa
