// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Two tiles of 32 words, one behind the other.
#include <stdint.h>
#include <string.h>

extern "C" void concat(const int32_t *a, const int32_t *b, int32_t *c) {
  memcpy(c, a, 32 * sizeof(int32_t));
  memcpy(c + 32, b, 32 * sizeof(int32_t));
}
