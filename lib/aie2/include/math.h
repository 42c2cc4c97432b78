// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Mathematics for kernels. Functions set neither errno nor exception flags. Error bounds stand in
// docs/libm.md.
#ifndef ASHLAR_AIE2_MATH_H
#define ASHLAR_AIE2_MATH_H

#ifdef __cplusplus
extern "C" {
#endif

typedef float float_t;
typedef double double_t;

#define HUGE_VAL __builtin_huge_val()
#define HUGE_VALF __builtin_huge_valf()
#define HUGE_VALL __builtin_huge_vall()
#define INFINITY __builtin_inff()
#define NAN __builtin_nanf("")
#define FP_NAN 0
#define FP_INFINITE 1
#define FP_ZERO 2
#define FP_SUBNORMAL 3
#define FP_NORMAL 4
#define FP_ILOGB0 (-2147483647)
#define FP_ILOGBNAN 2147483647
#define MATH_ERRNO 1
#define MATH_ERREXCEPT 2
#define math_errhandling 0

#ifndef __cplusplus
#define fpclassify(x) __builtin_fpclassify(FP_NAN, FP_INFINITE, FP_NORMAL, FP_SUBNORMAL, FP_ZERO, x)
#define isfinite(x) __builtin_isfinite(x)
#define isinf(x) __builtin_isinf(x)
#define isnan(x) __builtin_isnan(x)
#define isnormal(x) __builtin_isnormal(x)
#define signbit(x) __builtin_signbit(x)
#define isgreater(x, y) __builtin_isgreater(x, y)
#define isgreaterequal(x, y) __builtin_isgreaterequal(x, y)
#define isless(x, y) __builtin_isless(x, y)
#define islessequal(x, y) __builtin_islessequal(x, y)
#define islessgreater(x, y) __builtin_islessgreater(x, y)
#define isunordered(x, y) __builtin_isunordered(x, y)
#endif

#define M_E 2.7182818284590452354
#define M_LOG2E 1.4426950408889634074
#define M_LOG10E 0.43429448190325182765
#define M_LN2 0.69314718055994530942
#define M_LN10 2.30258509299404568402
#define M_PI 3.14159265358979323846
#define M_PI_2 1.57079632679489661923
#define M_PI_4 0.78539816339744830962
#define M_1_PI 0.31830988618379067154
#define M_2_PI 0.63661977236758134308
#define M_2_SQRTPI 1.12837916709551257390
#define M_SQRT2 1.41421356237309504880
#define M_SQRT1_2 0.70710678118654752440

#define ASHLAR_MATH1(name)                                                                         \
  float name##f(float);                                                                            \
  double name(double);                                                                             \
  long double name##l(long double);
#define ASHLAR_MATH2(name)                                                                         \
  float name##f(float, float);                                                                     \
  double name(double, double);                                                                     \
  long double name##l(long double, long double);

ASHLAR_MATH1(acos)
ASHLAR_MATH1(asin)
ASHLAR_MATH1(atan)
ASHLAR_MATH1(cos)
ASHLAR_MATH1(sin)
ASHLAR_MATH1(tan)
ASHLAR_MATH1(acosh)
ASHLAR_MATH1(asinh)
ASHLAR_MATH1(atanh)
ASHLAR_MATH1(cosh)
ASHLAR_MATH1(sinh)
ASHLAR_MATH1(tanh)
ASHLAR_MATH1(exp)
ASHLAR_MATH1(exp2)
ASHLAR_MATH1(exp10)
ASHLAR_MATH1(expm1)
ASHLAR_MATH1(log)
ASHLAR_MATH1(log10)
ASHLAR_MATH1(log1p)
ASHLAR_MATH1(log2)
ASHLAR_MATH1(logb)
ASHLAR_MATH1(cbrt)
ASHLAR_MATH1(fabs)
ASHLAR_MATH1(sqrt)
ASHLAR_MATH1(erf)
ASHLAR_MATH1(erfc)
ASHLAR_MATH1(ceil)
ASHLAR_MATH1(floor)
ASHLAR_MATH1(nearbyint)
ASHLAR_MATH1(rint)
ASHLAR_MATH1(round)
ASHLAR_MATH1(trunc)
ASHLAR_MATH2(atan2)
ASHLAR_MATH2(hypot)
ASHLAR_MATH2(pow)
ASHLAR_MATH2(fmod)
ASHLAR_MATH2(remainder)
ASHLAR_MATH2(copysign)
ASHLAR_MATH2(nextafter)
ASHLAR_MATH2(fdim)
ASHLAR_MATH2(fmax)
ASHLAR_MATH2(fmin)
#undef ASHLAR_MATH1
#undef ASHLAR_MATH2

#define ASHLAR_MATH(type, f)                                                                       \
  type fma##f(type, type, type);                                                                   \
  type frexp##f(type, int *);                                                                      \
  type ldexp##f(type, int);                                                                        \
  type scalbn##f(type, int);                                                                       \
  type scalbln##f(type, long);                                                                     \
  type modf##f(type, type *);                                                                      \
  int ilogb##f(type);                                                                              \
  long lrint##f(type);                                                                             \
  long long llrint##f(type);                                                                       \
  long lround##f(type);                                                                            \
  long long llround##f(type);
ASHLAR_MATH(float, f)
ASHLAR_MATH(double, )
ASHLAR_MATH(long double, l)
#undef ASHLAR_MATH

#ifdef __cplusplus
}
#endif
#endif
