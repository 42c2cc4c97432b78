// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Assembly expressions: a constant plus symbols, as far as an assembler can know them. What is left
// when all symbols with known values are gone is at most one symbol plus a constant (a relocation);
// a difference of two labels of one section is a constant once their places are known.
#pragma once

#include "base/base.h"

#include <functional>

namespace ashlar::isa {

struct Expression {
  int64_t constant = 0;
  std::vector<std::pair<std::string, int>> terms; ///< symbol, +1 or -1

  bool isConstant() const { return terms.empty(); }
};

/// The value of a symbol that is a plain number (`.set`), or nothing.
using SymbolValue = std::function<std::optional<int64_t>(std::string_view)>;

/// Reads one expression from the front of `text` and removes it: decimal, 0x, 0b and 0 octal
/// numbers, 'c', symbols, parentheses, unary - + ~, and * / % << >> & ^ | + - with C's precedence.
/// Only + and - take symbols. Errors: `asm-expression` with a message but without a place.
Result<Expression> parseExpression(std::string_view &text, const SymbolValue &value = {});

bool isSymbolStart(char c);
bool isSymbolPart(char c);

} // namespace ashlar::isa
