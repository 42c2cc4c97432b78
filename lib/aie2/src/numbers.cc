// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// <stdlib.h>: text to integers. What does not fit gives the nearest limit, without errno.
#include "bits.h"

namespace {
/// The magnitude, at most `limit`; `end` behind the last digit, or at `s` when there is none.
template <class T>
INLINE T digits(const char *s, const char **end, int base, T limit, bool &minus) {
  const char *p = s;
  while (*p == ' ' || (*p >= 9 && *p <= 13)) ++p;
  minus = *p == '-';
  if (*p == '-' || *p == '+') ++p;
  const auto value = [](char c) {
    if (c >= '0' && c <= '9') return c - '0';
    c |= 32;
    return c >= 'a' && c <= 'z' ? c - 'a' + 10 : 99;
  };
  if ((base == 0 || base == 16) && p[0] == '0' && (p[1] | 32) == 'x' && value(p[2]) < 16) {
    p += 2;
    base = 16;
  } else if (base == 0) {
    base = *p == '0' ? 8 : 10;
  }
  T result = 0;
  bool beyond = false;
  *end = s;
  for (; value(*p) < base; *end = ++p) {
    const T digit = static_cast<T>(value(*p));
    if (beyond || result > (limit - digit) / static_cast<T>(base))
      beyond = true;
    else
      result = result * static_cast<T>(base) + digit;
  }
  return beyond ? limit : result;
}
template <class T, class U> INLINE T toSigned(const char *s, char **end, int base) {
  constexpr U kMost = static_cast<U>(~static_cast<U>(0)) >> 1;
  const char *stop;
  bool minus;
  U magnitude = digits<U>(s, &stop, base, kMost + 1, minus);
  if (!minus && magnitude > kMost) magnitude = kMost;
  if (end) *end = const_cast<char *>(stop);
  return static_cast<T>(minus ? U(0) - magnitude : magnitude);
}
template <class U> INLINE U toUnsigned(const char *s, char **end, int base) {
  const char *stop;
  bool minus;
  const U magnitude = digits<U>(s, &stop, base, static_cast<U>(~static_cast<U>(0)), minus);
  if (end) *end = const_cast<char *>(stop);
  return minus && magnitude != static_cast<U>(~static_cast<U>(0)) ? U(0) - magnitude : magnitude;
}
} // namespace

FUNCTION(int32_t, strtol)(const char *s, char **end, int base) {
  return toSigned<int32_t, uint32_t>(s, end, base);
}
FUNCTION(int64_t, strtoll)(const char *s, char **end, int base) {
  return toSigned<int64_t, uint64_t>(s, end, base);
}
FUNCTION(uint32_t, strtoul)(const char *s, char **end, int base) {
  return toUnsigned<uint32_t>(s, end, base);
}
FUNCTION(uint64_t, strtoull)(const char *s, char **end, int base) {
  return toUnsigned<uint64_t>(s, end, base);
}
FUNCTION(int, atoi)(const char *s) { return toSigned<int32_t, uint32_t>(s, nullptr, 10); }
FUNCTION(int32_t, atol)(const char *s) { return toSigned<int32_t, uint32_t>(s, nullptr, 10); }
FUNCTION(int64_t, atoll)(const char *s) { return toSigned<int64_t, uint64_t>(s, nullptr, 10); }
