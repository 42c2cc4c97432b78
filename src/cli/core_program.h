// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What `ashlar core` runs: an executable as it is, or sources, assembly and objects linked for one
// core without a design.
#pragma once

#include "format/dwarf_lines.h"

#include <optional>
#include <utility>

namespace ashlar::cli {

struct CoreProgramOptions {
  std::vector<std::string> files;
  std::vector<std::string> flags; ///< Clang's, for sources
  std::string call;               ///< function to enter at; empty: the start code, then main
  uint32_t stackSize = 0;         ///< 0: the default
};

struct CoreProgram {
  format::elf::File file;
  format::dwarf::LineTable lines; ///< empty when the inputs had none
  std::string name;
  uint32_t entry = 0; ///< of the function, or the start code
  std::string entryName;
  std::vector<uint32_t> constructors; ///< to call first when the start code does not
  uint32_t stack = 0;                 ///< initial sp
  uint32_t stackSize = 0;
  /// Registers of the entry's result, r0.. and p0.., where our compiler recorded them in the
  /// object.
  std::optional<std::pair<size_t, size_t>> result;
};

/// `text` gets the compiler's messages. Errors: the stages', `core-inputs`, `no-function`.
Result<CoreProgram> loadCoreProgram(const CoreProgramOptions &options, Diagnostics &warnings,
                                    std::string &text);

/// Which argument registers a function reads before it writes them, as far as one can see without
/// following calls: bit i for r<i> and p<i>.
struct EntryReads {
  uint32_t words = 0, pointers = 0;
};
EntryReads entryReads(const format::elf::File &file, uint32_t entry);

/// "main+0x12" for a code address, "" when no function holds it.
std::string functionAt(const format::elf::File &file, uint32_t pc);
/// The same with the source line where the program has line tables: "main+0x12 (a.c:7)".
std::string placeAt(const CoreProgram &program, uint32_t pc);

} // namespace ashlar::cli
