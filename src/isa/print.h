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
  int instruction = -1; ///< index in the bundle
  int operand = -1;
  std::string text;
};

void print(std::string &out, const Inst &inst, const std::string *operandText = nullptr,
           int operand = -1);
std::string print(const Inst &inst);
void print(std::string &out, const Bundle &bundle, const OperandText *replace = nullptr);
std::string print(const Bundle &bundle, const OperandText *replace = nullptr);

} // namespace ashlar::isa
