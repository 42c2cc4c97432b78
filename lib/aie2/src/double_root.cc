// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Cube root and hypotenuse of double.
#include "wide.h"

FUNCTION(double, cbrt)(double x) {
  const uint64_t magnitude = magnitudeBits(x);
  if (magnitude >= Double::kInfinity) return magnitude > Double::kInfinity ? quiet(x) : x;
  if (!magnitude) return x;
  const Wide e = wide::of(doubleOf(magnitude));
  const int third = ((e.exponent + 1200) * 43691 >> 17) - 400; // floor(exponent / 3)
  const Wide log = wide::mul(wide::log2({e.mantissa, e.exponent - 3 * third}),
                             {6148914691236517205, -2}); // below 1
  const uint64_t fraction = static_cast<uint64_t>(wide::fraction(log)) << 1;
  return withSign(wide::toDouble(wide::exp2(third, fraction)), x);
}
FUNCTION(double, hypot)(double x, double y) {
  const uint64_t mx = magnitudeBits(x), my = magnitudeBits(y);
  if (mx == Double::kInfinity || my == Double::kInfinity) return doubleOf(Double::kInfinity);
  if (mx > Double::kInfinity) return quiet(x);
  if (my > Double::kInfinity) return quiet(y);
  const Wide a = wide::of(x), b = wide::of(y);
  return wide::toDouble(wide::sqrt(wide::add(wide::mul(a, a), wide::mul(b, b))));
}
