// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// What compiled C++ refers to by itself: destructors of globals never run (a core never exits), a
// virtual destructor's deleting form names operator delete although nothing was ever allocated.
#include "bits.h"

#ifdef __aie2__

extern "C" __attribute__((noreturn)) void abort();

extern "C" {
void *__dso_handle = nullptr;
int __cxa_atexit(void (*)(void *), void *, void *) { return 0; }
int atexit(void (*)()) { return 0; }
[[noreturn]] void __cxa_pure_virtual() { abort(); }
[[noreturn]] void __cxa_deleted_virtual() { abort(); }
}

namespace std {
struct nothrow_t {
  explicit nothrow_t() = default;
};
extern const nothrow_t nothrow;
const nothrow_t nothrow{};
enum class align_val_t : size_t {};
} // namespace std

// Weak, for programs with a heap of their own. There is no `new` that may not fail; the one that
// may always does, so that std::stable_sort and its like work without a buffer.
#define WEAK __attribute__((weak))
WEAK void *operator new(size_t, const std::nothrow_t &) noexcept { return nullptr; }
WEAK void *operator new[](size_t, const std::nothrow_t &) noexcept { return nullptr; }
WEAK void *operator new(size_t, std::align_val_t, const std::nothrow_t &) noexcept {
  return nullptr;
}
WEAK void *operator new[](size_t, std::align_val_t, const std::nothrow_t &) noexcept {
  return nullptr;
}
// Deleting nothing is no mistake.
WEAK void operator delete(void *p) noexcept {
  if (p) abort();
}
WEAK void operator delete[](void *p) noexcept { operator delete(p); }
WEAK void operator delete(void *p, size_t) noexcept { operator delete(p); }
WEAK void operator delete[](void *p, size_t) noexcept { operator delete(p); }
WEAK void operator delete(void *p, std::align_val_t) noexcept { operator delete(p); }
WEAK void operator delete[](void *p, std::align_val_t) noexcept { operator delete(p); }
WEAK void operator delete(void *p, size_t, std::align_val_t) noexcept { operator delete(p); }
WEAK void operator delete[](void *p, size_t, std::align_val_t) noexcept { operator delete(p); }

namespace std {
inline namespace __1 {
[[noreturn]] void __libcpp_verbose_abort(const char *, ...) noexcept { abort(); }
} // namespace __1
} // namespace std

#endif
