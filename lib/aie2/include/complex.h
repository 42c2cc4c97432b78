// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Complex numbers: arithmetic is the compiler's, functions are those that take the parts apart.
#ifndef ASHLAR_AIE2_COMPLEX_H
#define ASHLAR_AIE2_COMPLEX_H
#ifdef __cplusplus
#error "<complex.h> is C's; a core has no <complex> of C++, write the parts as two floats"
#endif
#define complex _Complex
#define _Complex_I (__extension__ 1.0iF)
#define I _Complex_I
#define CMPLX(re, im) __builtin_complex((double)(re), (double)(im))
#define CMPLXF(re, im) __builtin_complex((float)(re), (float)(im))
static inline float crealf(float _Complex z) { return __real__ z; }
static inline float cimagf(float _Complex z) { return __imag__ z; }
static inline float _Complex conjf(float _Complex z) { return ~z; }
static inline double creal(double _Complex z) { return __real__ z; }
static inline double cimag(double _Complex z) { return __imag__ z; }
static inline double _Complex conj(double _Complex z) { return ~z; }
#endif
