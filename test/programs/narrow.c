// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// 8- and 16-bit values: extension, truncation, sub-word loads and stores in every order.
#include <stdint.h>
static int8_t a8[40];
static uint8_t b8[40];
static int16_t a16[40];
static uint16_t b16[40];
int run(int seed) {
  uint32_t s = (uint32_t)seed, h = 7;
  for (int i = 0; i < 40; ++i) {
    s = s * 1664525u + 1013904223u;
    a8[i] = (int8_t)(s >> 24);
    b8[39 - i] = (uint8_t)(s >> 16);
    a16[i] = (int16_t)(s >> 8);
    b16[i ^ 1] = (uint16_t)s;
  }
  for (int i = 0; i < 40; ++i) {
    a8[i] = (int8_t)(a8[i] + b8[i]);
    a8[(i + 1) % 40] ^= 0x55;
    b16[i] = (uint16_t)(b16[i] * 3u);
    b16[(i + 1) % 40] -= (uint16_t)a16[i];
    a16[i] >>= 1;
    b8[i] <<= 1;
    b8[(i * 7) % 40]++;
    h = h * 33 + (uint32_t)a8[i];
    h ^= b8[i] + ((uint32_t)a16[i] << 3);
    h += b16[i];
    if (a8[i] < b8[i]) h += 17;
    if (a16[i] > (int16_t)b16[i]) h ^= 0xABCD;
    if ((uint8_t)a8[i] == (uint8_t)b16[i]) h *= 3;
  }
  return (int)h;
}
