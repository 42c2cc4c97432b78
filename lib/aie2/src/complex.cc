// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Products and quotients of complex numbers as C's annex G wants them: a product of an infinity is
// an infinity, although its parts are NaN by the school's formula. The compiler calls the product
// only when both parts came out as NaN.
#include "bits.h"

FUNCTION(float, logbf)(float);
FUNCTION(float, ldexpf)(float, int);
FUNCTION(double, logb)(double);
FUNCTION(double, ldexp)(double, int);

namespace {
INLINE float exponentOf(float x) { return LIB(logbf)(x); }
INLINE double exponentOf(double x) { return LIB(logb)(x); }
INLINE float scaled(float x, int n) { return LIB(ldexpf)(x, n); }
INLINE double scaled(double x, int n) { return LIB(ldexp)(x, n); }

template <class T> INLINE bool isNan(T x) { return x != x; }
template <class T> INLINE bool isInfinite(T x) {
  return x == static_cast<T>(__builtin_inf()) || x == static_cast<T>(-__builtin_inf());
}
template <class T> INLINE T size(T x) { return x < 0 ? -x : x; }
INLINE float withSign(float x, float s) { return __builtin_copysignf(x, s); }
INLINE double withSign(double x, double s) { return __builtin_copysign(x, s); }
/// 1 for an infinity, 0 for the rest, with the sign.
template <class T> INLINE T boxed(T x) { return withSign(static_cast<T>(isInfinite(x)), x); }
template <class T> INLINE T orZero(T x) { return isNan(x) ? withSign(static_cast<T>(0), x) : x; }

template <class T> struct Parts {
  T re, im;
};

template <class T> Parts<T> product(T a, T b, T c, T d) {
  const T ac = a * c, bd = b * d, ad = a * d, bc = b * c;
  T re = ac - bd, im = ad + bc;
  if (isNan(re) && isNan(im)) {
    bool again = false;
    if (isInfinite(a) || isInfinite(b)) {
      a = boxed(a);
      b = boxed(b);
      c = orZero(c);
      d = orZero(d);
      again = true;
    }
    if (isInfinite(c) || isInfinite(d)) {
      c = boxed(c);
      d = boxed(d);
      a = orZero(a);
      b = orZero(b);
      again = true;
    }
    if (!again && (isInfinite(ac) || isInfinite(bd) || isInfinite(ad) || isInfinite(bc))) {
      a = orZero(a);
      b = orZero(b);
      c = orZero(c);
      d = orZero(d);
      again = true;
    }
    if (again) {
      const T infinity = static_cast<T>(__builtin_inf());
      re = infinity * (a * c - b * d);
      im = infinity * (a * d + b * c);
    }
  }
  return {re, im};
}

template <class T> Parts<T> quotient(T a, T b, T c, T d) {
  const T infinity = static_cast<T>(__builtin_inf());
  // The divisor is brought near 1, so that its square neither overflows nor vanishes.
  const T exponent = exponentOf(size(c) < size(d) || isNan(c) ? size(d) : size(c));
  int n = 0;
  if (!isNan(exponent) && !isInfinite(exponent)) {
    n = static_cast<int>(exponent);
    c = scaled(c, -n);
    d = scaled(d, -n);
  }
  const T square = c * c + d * d;
  T re = scaled((a * c + b * d) / square, -n), im = scaled((b * c - a * d) / square, -n);
  if (isNan(re) && isNan(im)) {
    if (square == 0 && (!isNan(a) || !isNan(b))) {
      re = withSign(infinity, c) * a;
      im = withSign(infinity, c) * b;
    } else if ((isInfinite(a) || isInfinite(b)) && !isInfinite(c) && !isInfinite(d) && !isNan(c) &&
               !isNan(d)) {
      a = boxed(a);
      b = boxed(b);
      re = infinity * (a * c + b * d);
      im = infinity * (b * c - a * d);
    } else if (isInfinite(exponent) && exponent > 0 && !isInfinite(a) && !isInfinite(b) &&
               !isNan(a) && !isNan(b)) {
      c = boxed(c);
      d = boxed(d);
      re = 0 * (a * c + b * d);
      im = 0 * (b * c - a * d);
    }
  }
  return {re, im};
}
} // namespace

#define COMPLEX(T, name, compute)                                                                  \
  FUNCTION(_Complex T, name)(T a, T b, T c, T d) {                                                 \
    const Parts<T> parts = compute(a, b, c, d);                                                    \
    _Complex T result;                                                                             \
    __real__ result = parts.re;                                                                    \
    __imag__ result = parts.im;                                                                    \
    return result;                                                                                 \
  }
COMPLEX(float, __mulsc3, product)
COMPLEX(float, __divsc3, quotient)
COMPLEX(double, __muldc3, product)
COMPLEX(double, __divdc3, quotient)
