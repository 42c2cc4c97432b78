// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Division and remainder by constants: every kind of divisor, over values at the edges, random ones
// and ones that are known to be small.
#include <stdint.h>

static uint32_t state;
static uint32_t next(void) { return state = state * 1664525u + 1013904223u; }

static uint32_t values[48];
static void fill(void) {
  static const uint32_t edges[] = {0,          1,          2,          3,          6,
                                   7,          9,          10,         0x7F,       0x80,
                                   0xFF,       0x100,      0x7FFF,     0x8000,     0xFFFF,
                                   0x10000,    0x7FFFFFFE, 0x7FFFFFFF, 0x80000000, 0x80000001,
                                   0xFFFFFFF6, 0xFFFFFFF9, 0xFFFFFFFE, 0xFFFFFFFF};
  for (int i = 0; i < 24; i++) values[i] = edges[i];
  for (int i = 24; i < 48; i++) values[i] = next() >> (next() >> 28);
}

#define MIX(x) h = (h ^ (uint32_t)(x)) * 16777619u
#define UNSIGNED(D)                                                                                \
  {                                                                                                \
    MIX(v / (D));                                                                                  \
    MIX(v % (D));                                                                                  \
    MIX((uint8_t)v / (uint32_t)(D));                                                               \
    MIX((uint16_t)v % (uint32_t)(D));                                                              \
  }
#define SIGNED(D)                                                                                  \
  {                                                                                                \
    MIX(s / (D));                                                                                  \
    MIX(s % (D));                                                                                  \
    MIX((int8_t)s / (D));                                                                          \
    MIX((int16_t)s % (D));                                                                         \
    MIX((s >> 13) / (D));                                                                          \
  }
#define EXACT(D) MIX((int32_t)((v >> 8) * (D)) / (int32_t)(D))

// In functions of their own: a function of very many divisions calls the library.
static uint32_t __attribute__((noinline)) small_unsigned(uint32_t h, uint32_t v) {
  UNSIGNED(1u);
  UNSIGNED(2u);
  UNSIGNED(3u);
  UNSIGNED(5u);
  UNSIGNED(7u);
  UNSIGNED(8u);
  UNSIGNED(10u);
  return h;
}
static uint32_t __attribute__((noinline)) large_unsigned(uint32_t h, uint32_t v) {
  UNSIGNED(100u);
  UNSIGNED(1000u);
  UNSIGNED(0x7FFFu);
  UNSIGNED(0x10001u);
  UNSIGNED(1000000007u);
  UNSIGNED(0x80000000u);
  UNSIGNED(0xFFFFFFFEu);
  UNSIGNED(0xFFFFFFFFu);
  return h;
}
static uint32_t __attribute__((noinline)) small_signed(uint32_t h, int32_t s) {
  SIGNED(1);
  SIGNED(2);
  SIGNED(3);
  SIGNED(5);
  SIGNED(-5);
  SIGNED(7);
  SIGNED(-7);
  SIGNED(8);
  SIGNED(-16);
  return h;
}
static uint32_t __attribute__((noinline)) large_signed(uint32_t h, int32_t s) {
  SIGNED(10);
  SIGNED(1000);
  SIGNED(-32768);
  SIGNED(0x7FFF);
  SIGNED(1000000007);
  SIGNED(0x7FFFFFFF);
  SIGNED(-0x7FFFFFFF);
  return h;
}

uint32_t run(uint32_t seed) {
  state = seed;
  fill();
  uint32_t h = 2166136261u;
  for (int i = 0; i < 48; i++) {
    const uint32_t v = values[i];
    const int32_t s = (int32_t)v;
    h = large_unsigned(small_unsigned(h, v), v);
    h = large_signed(small_signed(h, s), s);
    MIX((int64_t)s / 10 + (int64_t)s % -7);
    EXACT(3);
    EXACT(12);
    EXACT(56);
  }
  // Indices, as kernels take them apart.
  for (uint32_t i = 0; i < 27; i++) MIX(i / 9 * 100 + i / 3 % 3 * 10 + i % 3);
  for (int i = -20; i < 20; i++) MIX(i / 6 * 16 + i % 6);
  return h;
}
