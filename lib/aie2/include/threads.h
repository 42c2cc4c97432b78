// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#error "<threads.h>: threads are not supported on AIE2: a core runs one thread"
