// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Bytes to bundles. The fast path does not allocate: it says in an enum why a bundle is none.
// Decoding is strict in the encodings of registers and loose only in the bits that the hardware
// ignores.
#pragma once

#include "isa/isa.h"

namespace ashlar::isa {

enum class DecodeError : uint8_t { None, OddAddress, Truncated, UnknownFormat, UnknownInstruction };

/// Bytes of the bundle that begins with this byte; 0 when no bundle does.
unsigned bundleBytes(uint8_t firstByte);

/// Decodes the bundle at `offset`. On an error `out.size` is the length to step over (2 when even
/// that is unknown) and `out.count` the instructions decoded so far.
DecodeError decode(ByteView code, size_t offset, Bundle &out);
/// The same with an explanation. Errors: `odd-address`, `truncated-bundle`, `unknown-bundle`,
/// `unknown-instruction`, each with the file and offset.
Result<Bundle> decodeBundle(ByteView code, size_t offset, const std::string &file);
/// One slot's word; false when it is no instruction.
bool decodeSlot(Slot slot, uint64_t word, Inst &out);

} // namespace ashlar::isa
