// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Says why it is not there, instead of that it is not there.
#error "<setjmp.h>: setjmp and longjmp are not supported on AIE2: return an error, or use goto"
