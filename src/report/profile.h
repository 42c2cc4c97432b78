// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Cycles counted by address, told by function, loop and source line.
#pragma once

#include "analysis/view.h"
#include "emulator/array/pc_profile.h"
#include "format/dwarf_lines.h"

namespace ashlar::report {

/// What is known of a core's program besides its bytes.
struct ProgramNames {
  struct Function {
    uint32_t address = 0, size = 0;
    std::string name;
  };
  std::vector<Function> functions; ///< by address
  format::dwarf::LineTable lines;
  const Function *at(uint32_t address) const;
  std::string text(uint32_t address) const; ///< "kernel+0x20", "0x120"
  /// "kernel+0x20, kernel.cc:12"; "" where nothing is known.
  std::string place(uint32_t address) const;
};
/// Errors: the readers'.
Result<ProgramNames> programNames(ByteView elf, const std::string &name);

struct Profile {
  struct Row {
    std::string what; ///< function, "file.cc:12", address
    std::string text; ///< of an address: the bundle
    uint64_t cycles = 0, issued = 0, macs = 0;
    uint64_t rounds = 0; ///< of a loop
  };
  struct Core {
    device::TileId tile;
    uint64_t cycles = 0, issued = 0, macs = 0; ///< macs: bundles that multiply in the vector unit
    std::vector<Row> functions, loops, lines, addresses; ///< most cycles first
  };
  std::vector<Core> cores;
};
Profile profileOf(const emulator::PcProfile &counts, const analysis::ArrayView &view,
                  const std::map<device::TileId, ProgramNames> &names);

} // namespace ashlar::report
