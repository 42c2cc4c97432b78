// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Square root, correctly rounded: one bit of the root a step and the remainder as sticky bit.
#include "extended.h"

FUNCTION(float, sqrtf)(float x) {
  const uint32_t bits = bitsOf(x), magnitude = bits & ~kSignBit;
  if (bits - 1 >= kInfinityBits - 1) {
    if (magnitude > kInfinityBits) return quiet(x);
    if (!magnitude || bits == kInfinityBits) return x;
    return floatOf(kNanBits);
  }
  uint32_t radicand;
  const int exponent = soft::split(bits, radicand) - 127;
  // Two bits of the radicand give one of the root: 24 bits of it and one to round by.
  radicand <<= 7 + (exponent & 1);
  uint32_t rest = 0, root = 0;
  for (int i = 0; i < 25; ++i) {
    rest = rest << 2 | radicand >> 30;
    radicand <<= 2;
    const uint32_t trial = root << 2 | 1;
    root <<= 1;
    if (rest >= trial) {
      rest -= trial;
      root |= 1;
    }
  }
  return floatOf(soft::pack(0u, (exponent >> 1) + 127, root << 7 | (rest != 0)));
}
