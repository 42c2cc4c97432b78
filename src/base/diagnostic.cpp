// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The one text form of places and diagnostics; editors and CI logs parse `file:line:col: error:`.
#include "base/diagnostic.h"

#include <algorithm>

namespace ashlar {

std::string Place::str() const {
  std::string text = file;
  if (offset) return text + fmt::format("@{:#x}", *offset);
  if (line) text += fmt::format(":{}", line);
  if (line && column) text += fmt::format(":{}", column);
  return text;
}

std::string Diagnostic::str() const {
  static constexpr const char *names[] = {"note", "warning", "error"};
  std::string text = place.known() ? place.str() + ": " : std::string();
  text += fmt::format("{}: {}", names[static_cast<int>(severity)], message);
  if (!code.empty()) text += fmt::format(" [{}]", code);
  if (!remedy.empty()) text += " -- " + remedy;
  for (const std::string &note : notes) text += "\n  " + note;
  return text;
}

bool hasErrors(const Diagnostics &diagnostics) {
  return std::any_of(diagnostics.begin(), diagnostics.end(),
                     [](const Diagnostic &d) { return d.severity == Severity::Error; });
}

} // namespace ashlar
