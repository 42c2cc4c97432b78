// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The one place outside cli/ that may end the process: a broken invariant of our own.
#include "base/assert.h"

#include <cstdio>
#include <cstdlib>

void ashlar::assertionFailed(const char *expression, const char *file, int line) {
  std::fprintf(stderr, "ashlar: internal error: %s:%d: %s\n", file, line, expression);
  std::abort();
}
