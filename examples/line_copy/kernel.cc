// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// One line of 256 bytes, a word at a time.
#include <stdint.h>

extern "C" void copy_line(const uint32_t *line, uint32_t *copy) {
  for (int i = 0; i < 64; ++i) copy[i] = line[i];
}
