// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#pragma once

#include "design/ir.h"

namespace ashlar::design {

/// Warns (`unknown-attribute`) of attributes in braces that an operation of the AIE or AIEX dialect
/// does not know, each once an operation's name, with the known one that was probably meant.
/// Names with a dot belong to other tools and are left alone.
void warnOfUnknownAttributes(mlir::Operation *root, Diagnostics &warnings);

} // namespace ashlar::design
