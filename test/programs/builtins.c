// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Builtins that count, swap and rotate bits, of memory, addresses and control flow.
#include <limits.h>
#include <stdint.h>
#include <string.h>
__attribute__((noinline)) static uint32_t bits(uint32_t x, uint64_t y) {
  uint32_t h = 0;
  h = h * 31 + (x ? __builtin_clz(x) : 5);
  h = h * 31 + (x ? __builtin_ctz(x) : 6);
  h = h * 31 + __builtin_popcount(x);
  h = h * 31 + __builtin_parity(x);
  h = h * 31 + __builtin_ffs((int)x);
  h = h * 31 + __builtin_clrsb((int)x);
  h = h * 31 + (y ? __builtin_clzll(y) : 5);
  h = h * 31 + (y ? __builtin_ctzll(y) : 6);
  h = h * 31 + __builtin_popcountll(y);
  h = h * 31 + __builtin_parityll(y);
  h = h * 31 + __builtin_ffsll((long long)y);
  h = h * 31 + __builtin_clrsbll((long long)y);
  h = h * 31 + __builtin_bswap16((uint16_t)x);
  h = h * 31 + __builtin_bswap32(x);
  h = h * 31 + (uint32_t)(__builtin_bswap64(y) >> 9);
  h = h * 31 + __builtin_bitreverse32(x) + __builtin_bitreverse16((uint16_t)x) +
      __builtin_bitreverse8((uint8_t)x) + (uint32_t)(__builtin_bitreverse64(y) >> 3);
  h = h * 31 + __builtin_rotateleft32(x, y & 31) + __builtin_rotateright32(x, y & 31) +
      __builtin_rotateleft8((uint8_t)x, y & 7) + __builtin_rotateleft16((uint16_t)x, y & 15) +
      (uint32_t)__builtin_rotateleft64(y, x & 63);
  return h;
}
__attribute__((noinline)) static int un(int x) {
  switch (x & 3) {
  case 0: return 1;
  case 1: return 5;
  case 2: return 7;
  case 3: return 8;
  }
  __builtin_unreachable();
}
__attribute__((noinline)) static int big(unsigned long long x) {
  switch (x) {
  case 0: return 1;
  case 1ULL << 40: return 2;
  case (1ULL << 40) + 1: return 3;
  case (1ULL << 40) + 2: return 31;
  case (1ULL << 40) + 3: return 32;
  case (1ULL << 40) + 4: return 33;
  case ~0ULL: return 4;
  case 0x123456789abcULL: return 5;
  default: return 6;
  }
}
__attribute__((noinline)) static int al(const int *p) {
  p = __builtin_assume_aligned(p, 32);
  __builtin_prefetch(p);
  __builtin_prefetch(p + 4, 1, 2);
  return p[0] + p[1];
}
__attribute__((noinline)) static int ra(void) {
  return __builtin_return_address(0) != 0 && __builtin_frame_address(0) != 0;
}
int run(int seed) {
  uint32_t h = bits((uint32_t)seed, (uint64_t)(uint32_t)seed * 0x123456789ULL) +
               bits((uint32_t)-seed, (uint64_t)-(long long)seed);
  h += __builtin_isnan(__builtin_nanf("")) + __builtin_isinf(__builtin_inff()) +
       (__builtin_huge_val() > 1e300);
  h += (uint32_t)un(seed) + (uint32_t)big(seed) + (uint32_t)big((1ULL << 40) + (seed & 7)) +
       (uint32_t)big(~0ULL) * 3 + (uint32_t)big(0x123456789abcULL);
  _Alignas(32) int a[8] = {seed, 2};
  h += (uint32_t)al(a);
  h += (uint32_t)ra();
  if (__builtin_expect(seed == 1, 0)) h += 3;
  if (__builtin_expect_with_probability(seed > 5, 1, .9)) h += 4;
  h += __builtin_constant_p(3) + __builtin_constant_p(seed) * 0;
  char b1[16], b2[16];
  __builtin_memset(b1, seed, 16);
  __builtin_memcpy(b2, b1, 16);
  __builtin_memcpy_inline(b2 + 4, b1, 8);
  __builtin_memset_inline(b1, 1, 5);
  h += (uint32_t)__builtin_memcmp(b1, b2, 16) >> 31;
  h += (uint32_t)__builtin_strlen("abc") + (uint32_t)__builtin_abs(seed) +
       (uint32_t)__builtin_strcmp("a", "a");
  h += (unsigned char)b2[9];
  h += (uint32_t)__builtin_object_size(b1, 0) + (uint32_t)__builtin_choose_expr(1, 5, "x") +
       (uint32_t)__builtin_types_compatible_p(int, int) +
       (uint32_t)__builtin_offsetof(
           struct {
             int x;
             int y;
           },
           y);
  int *s = __builtin_alloca((seed & 15) * 4 + 4);
  s[seed & 15] = 9;
  h += (uint32_t)s[seed & 15];
  int *s2 = __builtin_alloca_with_align(64, 256);
  h += (uint32_t)(((uintptr_t)s2 & 31));
  __builtin_assume(seed == seed);
  if (h == 0x12345) __builtin_trap();
  if (h == 0x123456) h++;
  h += (uint32_t)__builtin_launder(&seed)[0];
  h += (uint32_t)__builtin_elementwise_max(seed, 3) + (uint32_t)__builtin_elementwise_abs(seed) +
       (uint32_t)__builtin_elementwise_add_sat(seed, INT_MAX) +
       __builtin_elementwise_popcount((uint32_t)seed);
  h ^= (uint32_t)__builtin_flt_rounds() + (uint32_t)__builtin_is_aligned(a, 4) +
       (uint32_t)(uintptr_t)__builtin_align_up(seed & 1023, 16);
  __builtin_nontemporal_store(5, &a[3]);
  h += (uint32_t)__builtin_nontemporal_load(&a[3]);
  return (int)h;
}
