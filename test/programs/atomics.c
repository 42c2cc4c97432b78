// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Atomics are plain accesses: a core runs one thread.
#include <stdatomic.h>
struct Wide {
  int x[5];
};
#ifdef __AIENGINE__ // the host would want a library
static _Atomic struct Wide wide;
#else
static struct Wide wide;
#endif
_Atomic struct {
  int x, y, z;
} t;
_Atomic int n;
_Atomic double d;
atomic_flag l = ATOMIC_FLAG_INIT;
int plain;
int run(int x) {
  n = x;
  n += 3;
  n++;
  d = 1.5;
  d += x & 7;
  int e = 5;
  atomic_compare_exchange_weak(&n, &e, 9);
  int r = atomic_fetch_or(&n, 1) + (int)d + atomic_is_lock_free(&n) +
          __sync_fetch_and_add(&plain, 2) + __sync_bool_compare_and_swap(&plain, 2, 7) +
          __atomic_exchange_n(&plain, 0, __ATOMIC_SEQ_CST);
  __sync_synchronize();
  atomic_thread_fence(memory_order_acquire);
  while (atomic_flag_test_and_set(&l));
  atomic_flag_clear(&l);
  struct Wide w = {{x, 2, 3, 4, 5}};
  wide = w;
  w = wide;
  r += w.x[0] * 3 + w.x[4];
  return r + __sync_lock_test_and_set(&plain, 0);
}
