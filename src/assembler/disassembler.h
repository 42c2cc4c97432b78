// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Object files and program memories to assembly text. The text assembles again to the same section
// contents: bytes that are no bundle, or that carry bits which the encoder would clear, are
// written as data. Addresses and bytes stand in comments.
#pragma once

#include "format/elf.h"

#include <nlohmann/json_fwd.hpp>

namespace ashlar::assembler {

struct Listing {
  bool addresses = true; ///< address and bytes of every bundle in a comment
  bool data = true;      ///< sections without code too
};

struct Counts {
  uint64_t bundles = 0; ///< decoded
  uint64_t unknown = 0; ///< places that are no bundle, kept as data
  uint64_t codeBytes = 0;
};

/// Appends the listing of a whole object or executable.
void disassemble(const format::elf::File &file, const Listing &listing, std::string &out,
                 Counts &counts);
/// Appends the listing of bare program memory that begins at `address`.
void disassemble(ByteView code, uint32_t address, const Listing &listing, std::string &out,
                 Counts &counts);
/// The same facts for programs: sections, symbols, bundles with their instructions.
nlohmann::json disassembleJson(const format::elf::File &file, Counts &counts);
nlohmann::json disassembleJson(ByteView code, uint32_t address, Counts &counts);

} // namespace ashlar::assembler
