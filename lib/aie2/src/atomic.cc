// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// What Clang calls for atomics beyond 8 bytes. A core runs one thread, so they are copies.
#include "bits.h"

#ifdef __aie2__

extern "C" {
void *memcpy(void *, const void *, size_t);
int memcmp(const void *, const void *, size_t);

// The names are Clang's own and cannot be declared.
void atomicLoad(size_t n, const void *from, void *to, int) asm("__atomic_load");
void atomicStore(size_t n, void *to, const void *from, int) asm("__atomic_store");
void atomicExchange(size_t n, void *at, const void *with, void *old, int) asm("__atomic_exchange");
bool atomicCompareExchange(size_t n, void *at, void *expected, const void *with, int,
                           int) asm("__atomic_compare_exchange");
bool atomicIsLockFree(size_t n, const void *) asm("__atomic_is_lock_free");

void atomicLoad(size_t n, const void *from, void *to, int) { memcpy(to, from, n); }
void atomicStore(size_t n, void *to, const void *from, int) { memcpy(to, from, n); }
void atomicExchange(size_t n, void *at, const void *with, void *old, int) {
  memcpy(old, at, n);
  memcpy(at, with, n);
}
bool atomicCompareExchange(size_t n, void *at, void *expected, const void *with, int, int) {
  if (memcmp(at, expected, n)) {
    memcpy(expected, at, n);
    return false;
  }
  memcpy(at, with, n);
  return true;
}
bool atomicIsLockFree(size_t, const void *) { return true; }
}

#endif
