// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What Clang must know of AIE2: sizes, alignments, macros, registers for inline assembly. The
// class lives outside Clang's tree, so the private option pointer of TargetInfo is set by hand.
#pragma once

#include "clang/Basic/TargetInfo.h"
#include "clang/Frontend/CompilerInstance.h"

namespace ashlar::frontend {

/// Gives `instance` the AIE2 target; its language options must be set already.
void setTarget(clang::CompilerInstance &instance);

} // namespace ashlar::frontend
