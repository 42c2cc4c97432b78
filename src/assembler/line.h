// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Lines of assembly text: comments taken out, words and strings read. Used by the assembler alone.
#pragma once

#include "base/base.h"

namespace ashlar::assembler {

/// Removes comments (`//`, `/* */` over any number of lines, a line that begins with `#`) from one
/// line; `inComment` carries an open block comment from line to line.
std::string withoutComments(std::string_view line, bool &inComment);

/// Reads words, strings and commas from the operands of a directive.
class Words {
public:
  explicit Words(std::string_view text) : text_(text) { skip(); }
  bool atEnd() const { return text_.empty(); }
  char peek() const { return text_.empty() ? '\0' : text_[0]; }
  /// Takes `c` when it is next.
  bool take(char c);
  /// A symbol, section name or flag word (also quoted); empty when there is none.
  std::string word();
  /// A quoted string with C escapes; false when there is none or it has no end.
  bool string(std::string &out);
  std::string_view &rest() { return text_; }
  void skip();

private:
  std::string_view text_;
};

} // namespace ashlar::assembler
