// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Registers by the numbers that debug information has for them.
#pragma once

#include "isa/isa.h"

namespace ashlar::isa {

/// Reg::None when no register has the number.
inline Reg findDwarfReg(int number) {
  for (size_t i = 1; i < kRegCount && number >= 0; ++i)
    if (info(static_cast<Reg>(i)).dwarf == number) return static_cast<Reg>(i);
  return Reg::None;
}

} // namespace ashlar::isa
