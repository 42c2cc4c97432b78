// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The hazards of a whole object or executable, with function names.
#pragma once

#include "format/elf.h"
#include "isa/hazard.h"

namespace ashlar::assembler {

/// One warning or error for each hazard (code = isa::hazardName, place = file@address, the message
/// names both instructions, the note the functions). Relocations against the same section are
/// applied first, so objects can be looked at too. Code that does not decode is an error.
Diagnostics lint(const format::elf::File &file, const std::string &name,
                 const isa::HazardOptions &options = {});

} // namespace ashlar::assembler
