// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// y = x * factor in 32-bit integers that wrap.
#include <cstdint>

extern "C" void scale(const uint32_t *x, uint32_t *y, const uint32_t *factor, int32_t n) {
  const uint32_t f = *factor;
  for (int32_t i = 0; i < n; ++i) y[i] = x[i] * f;
}
