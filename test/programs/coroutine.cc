// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A generator: a coroutine whose frame lies in a pool.
#include <coroutine>
#include <cstddef>
#include <new>
alignas(16) static unsigned char pool[512];
static std::size_t used;
struct Gen {
  struct promise_type {
    int value;
    Gen get_return_object() { return {std::coroutine_handle<promise_type>::from_promise(*this)}; }
    std::suspend_always initial_suspend() { return {}; }
    std::suspend_always final_suspend() noexcept { return {}; }
    std::suspend_always yield_value(int v) {
      value = v;
      return {};
    }
    void return_void() {}
    void unhandled_exception() {}
    void *operator new(std::size_t n) {
      void *p = pool + used;
      used += (n + 15) & ~(std::size_t)15;
      return p;
    }
    void operator delete(void *) {}
  };
  std::coroutine_handle<promise_type> h;
};
static Gen count(int from, int n) {
  for (int i = 0; i < n; i++) co_yield from + i *i;
}
extern "C" int run(int seed) {
  used = 0;
  Gen g = count(seed & 255, 5);
  unsigned t = 1;
  while (g.h.resume(), !g.h.done()) t = t * 31 + (unsigned)g.h.promise().value;
  return (int)t;
}
