// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Assembly text to an ELF object and back. The syntax is LLVM-AIE's (so what Peano prints
// assembles, and what we print assembles with Peano): one bundle a line, its instructions separated
// by `;`, `//` comments, the usual directives. It is a stage of its own because it needs both the
// instruction set and the object format, and neither should know the other.
#pragma once

#include "format/elf.h"

namespace ashlar::assembler {

/// Assembles one file. All errors of the text are collected (up to a limit), each with file and
/// line. Codes: those of isa/parse.h, `asm-directive`, `asm-symbol`, `asm-section`, `asm-range`,
/// `asm-text`.
Result<format::elf::File> assemble(std::string_view text, const std::string &file);

} // namespace ashlar::assembler
