// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// `rows` rows of 64 times x, written to y[first..]: 16-bit factors, 32-bit sums.
#include <stdint.h>

extern "C" void rows_times_vector(const int16_t *a, const int16_t *x, int32_t *y, int32_t first,
                                  int32_t rows) {
  for (int32_t r = 0; r < rows; ++r) {
    uint32_t sum = 0;
    for (int32_t k = 0; k < 64; ++k) sum += static_cast<uint32_t>(a[r * 64 + k] * x[k]);
    y[first + r] = static_cast<int32_t>(sum);
  }
}
