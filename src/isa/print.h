// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Assembly text in LLVM-AIE's syntax: operands as in the description, immediates with `#`, the
// instructions of a bundle separated by `;`, instructions without effect shown, so that the text
// names the format.
#pragma once

#include "isa/isa.h"

namespace ashlar::isa {

/// Text to use for an operand instead of its value, for example a symbol.
struct OperandText {
  unsigned instruction = 0; ///< index in the bundle
  unsigned operand = 0;
  std::string text;
};

void print(std::string &out, const Inst &inst, std::span<const OperandText> replace = {},
           unsigned index = 0);
std::string print(const Inst &inst);
void print(std::string &out, const Bundle &bundle, std::span<const OperandText> replace = {});
std::string print(const Bundle &bundle, std::span<const OperandText> replace = {});

} // namespace ashlar::isa
