// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Assertions for our own mistakes, never for bad input (that is a Diagnostic). The whole project is
// compiled with NDEBUG because NDEBUG is part of LLVM's ABI, so <cassert> would be silent.
#pragma once

namespace ashlar {
/// Prints the place to standard error and aborts: a bug in Ashlar, not in its input.
[[noreturn]] void assertionFailed(const char *expression, const char *file, int line);
} // namespace ashlar

#define ASHLAR_ASSERT(expr)                                                                        \
  ((expr) ? static_cast<void>(0) : ::ashlar::assertionFailed(#expr, __FILE__, __LINE__))
