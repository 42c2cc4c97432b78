// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// `long double` is double on this core: the l-functions are the double ones.
#include "bits.h"

#ifdef __aie2__

#define SAME1(name)                                                                                \
  FUNCTION(double, name)(double);                                                                  \
  FUNCTION(long double, name##l)(long double x) { return name(x); }
#define SAME2(name)                                                                                \
  FUNCTION(double, name)(double, double);                                                          \
  FUNCTION(long double, name##l)(long double x, long double y) { return name(x, y); }
SAME1(acos)
SAME1(asin)
SAME1(atan)
SAME1(cos)
SAME1(sin)
SAME1(tan)
SAME1(acosh)
SAME1(asinh)
SAME1(atanh)
SAME1(cosh)
SAME1(sinh)
SAME1(tanh)
SAME1(exp)
SAME1(exp2)
SAME1(exp10)
SAME1(expm1)
SAME1(log)
SAME1(log10)
SAME1(log1p)
SAME1(log2)
SAME1(logb)
SAME1(cbrt)
SAME1(fabs)
SAME1(sqrt)
SAME1(ceil)
SAME1(floor)
SAME1(nearbyint)
SAME1(rint)
SAME1(round)
SAME1(trunc)
SAME2(atan2)
SAME2(hypot)
SAME2(pow)
SAME2(fmod)
SAME2(remainder)
SAME2(copysign)
SAME2(nextafter)
SAME2(fdim)
SAME2(fmax)
SAME2(fmin)

#endif
