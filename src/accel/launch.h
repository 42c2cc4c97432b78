// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Starts a program on an emulated Phoenix: the library preloaded, the device's files in a tree that
// goes away with the program.
#pragma once

#include "base/base.h"

namespace ashlar::accel {

/// Runs `command` with `library` (libashlar-accel.so) and waits for it. Gives its exit status, 128
/// + the signal that ended it, 126 or 127 when it cannot be run (as shells do). Errors:
/// `accel-missing`, `file-write`, `process`.
Result<int> launch(const std::vector<std::string> &command, const std::string &library);

} // namespace ashlar::accel
