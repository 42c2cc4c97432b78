// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The description as pages for people.
#pragma once

#include "isa/isa.h"

#include <functional>

namespace ashlar::isa {

/// What is known about an instruction (by name or mnemonic), a register or a bundle format. Errors:
/// `isa-name` with the nearest names.
Result<std::string> page(std::string_view name);
/// One line an instruction: name, slot, syntax.
std::string instructionList();
/// Every `Open:` sentence with the instructions that it is about.
std::string openChoices();
/// Markdown: families of instructions with what is done for each and how it is checked. `simulated`
/// answers "yes" or "no: why".
std::string statusTable(const std::function<std::string(Opcode)> &simulated);

} // namespace ashlar::isa
