// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// One line of the vertical filter (1 2 1).
#include <stdint.h>

extern "C" void blur3(const uint32_t *above, const uint32_t *here, const uint32_t *below,
                      uint32_t *y) {
  for (int i = 0; i < 32; ++i) y[i] = above[i] + 2 * here[i] + below[i];
}
