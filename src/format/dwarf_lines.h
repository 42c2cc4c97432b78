// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Which source line an instruction came from: the line tables (.debug_line) of DWARF 2 to 5, as
// compilers write them. In an object the addresses are relocated, so a row names its section; in a
// linked program the address is all.
#pragma once

#include "format/elf.h"

#include <map>

namespace ashlar::format::dwarf {

struct SourceLine {
  const std::string *file = nullptr;
  uint32_t line = 0, column = 0;
};

class LineTable {
public:
  /// The line that the code at `address` of section `section` (objects; -1 in linked programs)
  /// belongs to; nothing outside the table.
  std::optional<SourceLine> find(int section, uint32_t address) const;
  bool empty() const { return rows_.empty(); }

private:
  friend class LineReader;
  struct Row {
    uint32_t file = 0, line = 0, column = 0;
    bool end = false; ///< the address is the first behind the sequence
  };
  std::vector<std::string> files_;
  std::map<std::pair<int, uint32_t>, Row> rows_;
};

/// Reads the tables of a file; one without them gives an empty table. Errors: `dwarf-lines` (cut
/// short, or of an unknown version).
Result<LineTable> readLines(const elf::File &file, const std::string &name);

} // namespace ashlar::format::dwarf
