// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A place of a stopped core in words of its source: the line, and what the variables hold there.
#pragma once

#include "format/elf.h"

#include <functional>

namespace ashlar::cli {

struct CoreView {
  std::function<uint32_t(int dwarfRegister)> reg;
  std::function<const uint8_t *(uint32_t address, size_t bytes)> memory; ///< null outside
};

/// Notes for a report; none when the program has no debug information for `pc`.
std::vector<std::string> sourceNotes(const format::elf::File &program, uint32_t pc,
                                     const CoreView &core);

} // namespace ashlar::cli
