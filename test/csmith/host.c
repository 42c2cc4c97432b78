// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What surrounds `run` in a 32-bit Linux program without a C library: it writes the four bytes of
// the checksum and ends.
#include "../../tools/csmith-host64.c"

static void call(int n, int a, int b, int c) {
  __asm__ volatile("int $0x80" : "+a"(n) : "b"(a), "c"(b), "d"(c) : "memory");
}
void *memcpy(void *t, const void *f, unsigned n) {
  for (unsigned i = 0; i < n; ++i) ((volatile char *)t)[i] = ((const char *)f)[i];
  return t;
}
void *memset(void *t, int v, unsigned n) {
  for (unsigned i = 0; i < n; ++i) ((volatile char *)t)[i] = (char)v;
  return t;
}
__attribute__((force_align_arg_pointer)) void _start(void) {
  unsigned r = run();
  call(4, 1, (int)&r, 4);
  call(1, 0, 0, 0);
}
