// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Says why it is not there, instead of that it is not there.
#error "<signal.h>: there are no signals on AIE2: nothing interrupts a core"
