// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Strings ending in 0.
#include "bits.h"

FUNCTION(size_t, strlen)(const char *s) {
  const char *end = s;
  while (*end) ++end;
  return static_cast<size_t>(end - s);
}
FUNCTION(size_t, strnlen)(const char *s, size_t n) {
  size_t i = 0;
  while (i < n && s[i]) ++i;
  return i;
}
FUNCTION(int, strncmp)(const char *a, const char *b, size_t n) {
  for (; n; --n, ++a, ++b) {
    if (*a != *b) return static_cast<uint8_t>(*a) - static_cast<uint8_t>(*b);
    if (!*a) break;
  }
  return 0;
}
FUNCTION(int, strcmp)(const char *a, const char *b) {
  return LIB(strncmp)(a, b, ~static_cast<size_t>(0));
}
FUNCTION(char *, strcpy)(char *to, const char *from) {
  char *t = to;
  while ((*t++ = *from++)) {
  }
  return to;
}
FUNCTION(char *, strncpy)(char *to, const char *from, size_t n) {
  size_t i = 0;
  for (; i < n && from[i]; ++i) to[i] = from[i];
  for (; i < n; ++i) to[i] = 0;
  return to;
}
FUNCTION(char *, strcat)(char *to, const char *from) {
  LIB(strcpy)(to + LIB(strlen)(to), from);
  return to;
}
FUNCTION(char *, strchr)(const char *s, int c) {
  for (;; ++s) {
    if (*s == static_cast<char>(c)) return const_cast<char *>(s);
    if (!*s) return nullptr;
  }
}
FUNCTION(char *, strrchr)(const char *s, int c) {
  char *found = nullptr;
  for (;; ++s) {
    if (*s == static_cast<char>(c)) found = const_cast<char *>(s);
    if (!*s) return found;
  }
}
FUNCTION(char *, strstr)(const char *s, const char *part) {
  const size_t n = LIB(strlen)(part);
  for (;; ++s) {
    if (!LIB(strncmp)(s, part, n)) return const_cast<char *>(s);
    if (!*s) return nullptr;
  }
}
FUNCTION(char *, strncat)(char *to, const char *from, size_t n) {
  char *t = to + LIB(strlen)(to);
  for (; n && *from; --n) *t++ = *from++;
  *t = 0;
  return to;
}
/// How many leading characters are among `set`, or are not.
namespace {
INLINE size_t span(const char *s, const char *set, bool among) {
  size_t n = 0;
  for (; s[n]; ++n) {
    const char *t = set;
    while (*t && *t != s[n]) ++t;
    if ((*t != 0) != among) break;
  }
  return n;
}
} // namespace
FUNCTION(size_t, strspn)(const char *s, const char *set) { return span(s, set, true); }
FUNCTION(size_t, strcspn)(const char *s, const char *set) { return span(s, set, false); }
FUNCTION(char *, strpbrk)(const char *s, const char *set) {
  s += span(s, set, false);
  return *s ? const_cast<char *>(s) : nullptr;
}
FUNCTION(char *, strtok)(char *s, const char *set) {
  static char *rest;
  if (s) rest = s;
  if (!rest) return nullptr;
  char *token = rest + span(rest, set, true);
  char *end = token + span(token, set, false);
  rest = *end ? end + 1 : nullptr;
  *end = 0;
  return end == token ? nullptr : token;
}
