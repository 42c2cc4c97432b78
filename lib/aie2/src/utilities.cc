// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// <stdlib.h>: absolute values, quotients, a small random generator, sorting and searching.
#include "bits.h"

FUNCTION(int, abs)(int x) { return x < 0 ? static_cast<int>(0u - static_cast<uint32_t>(x)) : x; }
FUNCTION(int32_t, labs)(int32_t x) { return LIB(abs)(x); }
FUNCTION(int64_t, llabs)(int64_t x) {
  return x < 0 ? static_cast<int64_t>(uint64_t(0) - static_cast<uint64_t>(x)) : x;
}

namespace {
struct Quotient {
  int quot, rem;
};
struct LongQuotient {
  int64_t quot, rem;
};
uint32_t state = 1;
} // namespace
FUNCTION(Quotient, div)(int a, int b) { return {a / b, a % b}; }
FUNCTION(Quotient, ldiv)(int a, int b) { return {a / b, a % b}; }
FUNCTION(LongQuotient, lldiv)(int64_t a, int64_t b) { return {a / b, a % b}; }

FUNCTION(void, srand)(unsigned seed) { state = seed ? seed : 1; }
/// Marsaglia's xorshift of period 2^32 - 1.
FUNCTION(int, rand)() {
  state ^= state << 13;
  state ^= state >> 17;
  state ^= state << 5;
  return static_cast<int>(state >> 1);
}

/// Heap sort: no recursion and no memory, for stacks of a kilobyte.
FUNCTION(void, qsort)(void *base, size_t n, size_t size,
                      int (*compare)(const void *, const void *)) {
  auto *a = static_cast<uint8_t *>(base);
  const auto swap = [&](size_t i, size_t j) {
    uint8_t *x = a + i * size, *y = a + j * size;
    for (size_t k = 0; k < size; ++k) {
      const uint8_t t = x[k];
      x[k] = y[k];
      y[k] = t;
    }
  };
  const auto sink = [&](size_t root, size_t end) {
    for (size_t child; (child = 2 * root + 1) < end; root = child) {
      if (child + 1 < end && compare(a + child * size, a + (child + 1) * size) < 0) ++child;
      if (compare(a + root * size, a + child * size) >= 0) return;
      swap(root, child);
    }
  };
  for (size_t i = n / 2; i-- > 0;) sink(i, n);
  for (size_t end = n; end > 1;) {
    --end;
    swap(0, end);
    sink(0, end);
  }
}
FUNCTION(void *, bsearch)(const void *key, const void *base, size_t n, size_t size,
                          int (*compare)(const void *, const void *)) {
  auto *a = static_cast<const uint8_t *>(base);
  while (n) {
    const uint8_t *middle = a + n / 2 * size;
    const int order = compare(key, middle);
    if (!order) return const_cast<uint8_t *>(middle);
    if (order > 0) {
      a = middle + size;
      n -= n / 2 + 1;
    } else {
      n /= 2;
    }
  }
  return nullptr;
}
