// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Types only, for libc++'s <iosfwd> and the like.
#ifndef ASHLAR_AIE2_WCHAR_H
#define ASHLAR_AIE2_WCHAR_H
#define __need_size_t
#define __need_NULL
#define __need_wchar_t
#define __need_wint_t
#include <stddef.h>
typedef struct {
  int ashlar_state;
} mbstate_t;
#define WEOF ((wint_t) - 1)
#endif
