// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// 64-bit shifts and products from 32-bit words. Shift counts are 0..63.
#include "bits.h"

FUNCTION(int64_t, __muldi3)(int64_t a, int64_t b) {
  const uint64_t x = static_cast<uint64_t>(a), y = static_cast<uint64_t>(b);
  const uint64_t p = wideProduct(low(x), low(y));
  return static_cast<int64_t>(join(high(p) + low(x) * high(y) + high(x) * low(y), low(p)));
}
FUNCTION(int64_t, __ashldi3)(int64_t a, int n) {
  const uint32_t l = low(static_cast<uint64_t>(a)), h = high(static_cast<uint64_t>(a));
  if (n & 32) return static_cast<int64_t>(join(l << (n & 31), 0));
  if (!n) return a;
  return static_cast<int64_t>(join(h << n | l >> (32 - n), l << n));
}
FUNCTION(int64_t, __lshrdi3)(int64_t a, int n) {
  const uint32_t l = low(static_cast<uint64_t>(a)), h = high(static_cast<uint64_t>(a));
  if (n & 32) return static_cast<int64_t>(join(0, h >> (n & 31)));
  if (!n) return a;
  return static_cast<int64_t>(join(h >> n, h << (32 - n) | l >> n));
}
FUNCTION(int64_t, __ashrdi3)(int64_t a, int n) {
  const uint32_t l = low(static_cast<uint64_t>(a)), h = high(static_cast<uint64_t>(a));
  const int32_t sign = static_cast<int32_t>(h);
  if (n & 32)
    return static_cast<int64_t>(
        join(static_cast<uint32_t>(sign >> 31), static_cast<uint32_t>(sign >> (n & 31))));
  if (!n) return a;
  return static_cast<int64_t>(join(static_cast<uint32_t>(sign >> n), h << (32 - n) | l >> n));
}
