// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What a library says when something is wrong with its input: a stable code, the place, what is
// wrong, and what to do. Libraries collect diagnostics and return them; only cli/ prints.
#pragma once

#include <cstdint>
#include <fmt/format.h>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace ashlar {

/// Where: a file with a line and column (1-based, 0 = unknown), or a byte offset in a binary file.
struct Place {
  std::string file;
  uint32_t line = 0;
  uint32_t column = 0;
  std::optional<uint64_t> offset;

  static Place at(std::string file, uint32_t line = 0, uint32_t column = 0) {
    return {std::move(file), line, column, std::nullopt};
  }
  static Place atOffset(std::string file, uint64_t offset) {
    return {std::move(file), 0, 0, offset};
  }
  bool known() const { return !file.empty(); }
  /// `design.mlir:12:5`, `main.pdi@0x150`, `main.pdi` or "".
  std::string str() const;
};

enum class Severity : uint8_t { Note, Warning, Error };

struct Diagnostic {
  Severity severity = Severity::Error;
  std::string code; ///< stable kebab-case name, e.g. "undefined-symbol"
  Place place;
  std::string message;            ///< what is wrong, one sentence without a final full stop
  std::string remedy;             ///< what to do about it; may be empty
  std::vector<std::string> notes; ///< evidence, one line each (maps, lists of users)

  /// `PLACE: error: MESSAGE [CODE]` then ` -- REMEDY` on the same line, then the notes.
  std::string str() const;
};

using Diagnostics = std::vector<Diagnostic>;

inline Diagnostic error(std::string code, Place place, std::string message,
                        std::string remedy = {}) {
  return {Severity::Error,    std::move(code),   std::move(place),
          std::move(message), std::move(remedy), {}};
}
inline Diagnostic warning(std::string code, Place place, std::string message,
                          std::string remedy = {}) {
  return {Severity::Warning,  std::move(code),   std::move(place),
          std::move(message), std::move(remedy), {}};
}
bool hasErrors(const Diagnostics &diagnostics);

} // namespace ashlar
