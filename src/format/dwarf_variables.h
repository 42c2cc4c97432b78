// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Which variables a program has at an address and where they are: the subset of DWARF 4 that
// compilers for this core write (.debug_info, .debug_abbrev, .debug_str, .debug_loc), read from a
// linked program.
#pragma once

#include "format/elf.h"

#include <memory>

namespace ashlar::format::dwarf {

struct Variable {
  enum class Where : uint8_t {
    Lost,     ///< not kept here (optimised away, or held in pieces)
    Register, ///< `reg`, a DWARF register number
    Memory,   ///< at the value of `reg` plus `offset`, or at `offset` when reg < 0
    Constant, ///< `offset` is its value
  };
  std::string name, function; ///< the function may be one that was inlined
  Where where = Where::Lost;
  int reg = -1;
  int64_t offset = 0;
  uint32_t bytes = 0; ///< of a scalar or pointer; 0 = a struct, array or unknown
  bool isFloat = false, isSigned = false, isPointer = false;
};

class VariableReader;

/// Damaged or unknown information gives fewer variables, never an error: it is a help for people.
class VariableTable {
public:
  /// The program's bytes must live as long as the table.
  explicit VariableTable(const elf::File &program);
  /// The variables whose scope holds `address`, outer scopes first.
  std::vector<Variable> at(uint32_t address) const;

private:
  std::shared_ptr<VariableReader> reader_;
};

} // namespace ashlar::format::dwarf
