// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Floating point rounds to nearest and raises nothing on a core, so that only FE_TONEAREST exists.
#ifndef ASHLAR_AIE2_FENV_H
#define ASHLAR_AIE2_FENV_H
#define FE_TONEAREST 0
#define FE_ALL_EXCEPT 0
#define FE_DFL_ENV ((const fenv_t *)0)
typedef unsigned fenv_t;
typedef unsigned fexcept_t;
static inline int fegetround(void) { return FE_TONEAREST; }
static inline int fesetround(int mode) { return mode != FE_TONEAREST; }
static inline int feclearexcept(int which) { return which & 0; }
static inline int feraiseexcept(int which) { return which & 0; }
static inline int fetestexcept(int which) { return which & 0; }
#endif
