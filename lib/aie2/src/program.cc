// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// What a program needs around main: constructors before it, abort and exit in it. The linker puts
// .init_array into data memory (program memory cannot be read) between the two symbols.
#include "bits.h"

#ifdef __aie2__

using Constructor = void (*)();
extern "C" const Constructor __init_array_start[];
extern "C" const Constructor __init_array_end[];

extern "C" void __ashlar_init() {
  for (const Constructor *c = __init_array_start; c != __init_array_end; ++c) (*c)();
}

/// Stops the core for good: `done` tells the host, the loop catches a resume.
extern "C" __attribute__((noreturn)) void __ashlar_halt();

extern "C" __attribute__((noreturn)) void abort() { __ashlar_halt(); }
extern "C" __attribute__((noreturn)) void exit(int) { __ashlar_halt(); }

#endif
