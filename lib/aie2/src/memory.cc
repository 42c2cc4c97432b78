// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Blocks of memory, by vectors or words where both sides are aligned for it: a byte store costs the
// core a read-modify-write of its word. The compiler turns copying loops into calls of these.
#include "bits.h"

namespace {
typedef uint32_t __attribute__((may_alias)) Word;
typedef uint8_t __attribute__((ext_vector_type(32), may_alias)) Block;
INLINE uintptr_t addressOf(const void *p) { return reinterpret_cast<uintptr_t>(p); }
} // namespace

FUNCTION(void *, memcpy)(void *__restrict to, const void *__restrict from, size_t n) {
  auto *t = static_cast<uint8_t *>(to);
  auto *f = static_cast<const uint8_t *>(from);
  if (!((addressOf(t) | addressOf(f)) & 31)) {
    for (; n >= 32; n -= 32, t += 32, f += 32)
      *reinterpret_cast<Block *>(t) = *reinterpret_cast<const Block *>(f);
  }
  if (!((addressOf(t) | addressOf(f)) & 3)) {
    for (; n >= 4; n -= 4, t += 4, f += 4)
      *reinterpret_cast<Word *>(t) = *reinterpret_cast<const Word *>(f);
  }
  for (; n; --n) *t++ = *f++;
  return to;
}
FUNCTION(void *, memmove)(void *to, const void *from, size_t n) {
  auto *t = static_cast<uint8_t *>(to);
  auto *f = static_cast<const uint8_t *>(from);
  if (addressOf(t) - addressOf(f) >= n) {
    if (addressOf(f) - addressOf(t) >= n) return LIB(memcpy)(to, from, n);
    // The source starts inside the target.
    if (!((addressOf(t) | addressOf(f)) & 3)) {
      for (; n >= 4; n -= 4, t += 4, f += 4)
        *reinterpret_cast<Word *>(t) = *reinterpret_cast<const Word *>(f);
    }
    for (; n; --n) *t++ = *f++;
    return to;
  }
  // The target starts inside the source: copy from the end.
  t += n;
  f += n;
  if (!((addressOf(t) | addressOf(f)) & 3)) {
    for (; n >= 4; n -= 4) {
      t -= 4;
      f -= 4;
      *reinterpret_cast<Word *>(t) = *reinterpret_cast<const Word *>(f);
    }
  }
  for (; n; --n) *--t = *--f;
  return to;
}
FUNCTION(void *, memset)(void *to, int value, size_t n) {
  auto *t = static_cast<uint8_t *>(to);
  const uint8_t byte = static_cast<uint8_t>(value);
  for (; n && (addressOf(t) & 3); --n) *t++ = byte;
  const uint32_t word = byte * 0x01010101u;
  for (; n >= 4; n -= 4, t += 4) *reinterpret_cast<Word *>(t) = word;
  for (; n; --n) *t++ = byte;
  return to;
}
FUNCTION(int, memcmp)(const void *a, const void *b, size_t n) {
  auto *x = static_cast<const uint8_t *>(a);
  auto *y = static_cast<const uint8_t *>(b);
  for (; n; --n, ++x, ++y) {
    if (*x != *y) return *x - *y;
  }
  return 0;
}
FUNCTION(int, bcmp)(const void *a, const void *b, size_t n) { return LIB(memcmp)(a, b, n); }
FUNCTION(void *, memchr)(const void *a, int value, size_t n) {
  auto *x = static_cast<const uint8_t *>(a);
  for (; n; --n, ++x) {
    if (*x == static_cast<uint8_t>(value)) return const_cast<uint8_t *>(x);
  }
  return nullptr;
}
