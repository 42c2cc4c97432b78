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

void operator delete(void *) noexcept { abort(); }
void operator delete[](void *) noexcept { abort(); }
void operator delete(void *, size_t) noexcept { abort(); }
void operator delete[](void *, size_t) noexcept { abort(); }

namespace std {
inline namespace __1 {
[[noreturn]] void __libcpp_verbose_abort(const char *, ...) noexcept { abort(); }
} // namespace __1
} // namespace std

#endif
