// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Copies from and to the memory that a program's pointers name, as the kernel does it: a bad
// pointer gives EFAULT, not a crash of the program that made the mistake.
#pragma once

#include <cstddef>

namespace ashlar::accel {

/// False when any byte of the source is not readable.
bool copyIn(void *to, const void *user, size_t bytes);
/// False when any byte of the destination is not writable.
bool copyOut(void *user, const void *from, size_t bytes);

} // namespace ashlar::accel
