// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Assembly text to instructions: the inverse of print.h. One line is one bundle, its instructions
// separated by `;`. The instruction is found from the mnemonic and the form of its operands, all
// from the description. Immediates may be expressions with symbols; those are returned as fixups.
#pragma once

#include "isa/expression.h"
#include "isa/isa.h"

namespace ashlar::isa {

/// An immediate that is not known yet.
struct Fixup {
  unsigned instruction = 0; ///< index in ParsedBundle::insts
  unsigned operand = 0;
  Expression value;
};

struct ParsedBundle {
  std::vector<Inst> insts; ///< in the order written, complete (tied and derived operands filled)
  std::vector<Fixup> fixups;
};

/// Parses one line (without label, directive or comment). Errors, all at `place`:
/// `asm-mnemonic` (unknown, with the nearest name), `asm-operands` (with what was expected),
/// `asm-expression`, `operand-range`, `slot-twice`.
Result<ParsedBundle> parseBundle(std::string_view line, const Place &place,
                                 const SymbolValue &value = {});

/// The number of the relocation that puts a symbol's address into this immediate operand in this
/// format, or nothing.
std::optional<uint32_t> relocationOf(FormatId format, Opcode opcode, unsigned operand);
/// Whether any format has one.
bool canHoldSymbol(Opcode opcode, unsigned operand);

} // namespace ashlar::isa
