// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A failed assertion stops the core: the program ends at that place (see abort).
#ifdef __cplusplus
extern "C" __attribute__((noreturn)) void abort(void);
#else
__attribute__((noreturn)) void abort(void);
#endif
#undef assert
#ifdef NDEBUG
#define assert(condition) ((void)0)
#else
#define assert(condition) ((condition) ? (void)0 : abort())
#endif
#ifndef __cplusplus
#undef static_assert
#define static_assert _Static_assert
#endif
