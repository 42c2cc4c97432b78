// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// No function of the library sets errno; the names exist for headers that use them.
#ifndef ASHLAR_AIE2_ERRNO_H
#define ASHLAR_AIE2_ERRNO_H
#define EDOM 33
#define ERANGE 34
#define EILSEQ 84
#define EINVAL 22
#define EOVERFLOW 75
#define ENOMEM 12
#endif
