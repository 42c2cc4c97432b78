// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Operations of configurations and instruction streams in one line each, for people.
#pragma once

#include "load/load.h"

namespace ashlar::report {

/// "(0,0)  MM2S0 start: BD 2, with token", "wait for the token of S2MM 0 of (0,0)".
std::string operationText(const load::Op &op);

} // namespace ashlar::report
