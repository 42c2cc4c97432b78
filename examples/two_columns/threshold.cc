// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Bytes above the limit become `value`, the others 0.
#include <stdint.h>

extern "C" void threshold(const uint8_t *x, uint8_t *y, int32_t n, int32_t limit, int32_t value) {
  for (int32_t i = 0; i < n; ++i) y[i] = x[i] > limit ? static_cast<uint8_t>(value) : 0;
}
