// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Sums, comparisons, selection, bits and shifts of integer lanes.
#include "common.h"

template <class T> class Integers : public Kernel {
public:
  using Kernel::Kernel;
  template <unsigned N> void lanes() {
    const auto a = take<T, N>(0), b = take<T, N>(2);
    put(aie::add(a, b));
    put(aie::add(a, T(3)));
    put(aie::sub(a, b));
    put(aie::sub(T(7), b));
    put(aie::neg(a));
    put(aie::abs(a));
    put(aie::max(a, b));
    put(aie::min(a, T(5)));
    put(aie::maxdiff(a, b));
    put(aie::lt(a, b));
    put(aie::le(a, b) ^ aie::gt(b, T(9)));
    put(aie::ge(a, b));
    const auto c = aie::select(b, a, aie::lt(a, b));
    put(aie::eq(a, c));
    put(aie::neq(b, c) | aie::lt(T(0), a));
    put(c);
    put(aie::select(T(1), a, ~aie::gt(a, b)));
  }
  template <unsigned N> void bits() {
    const auto a = take<T, N>(1), b = take<T, N>(3);
    put(aie::bit_and(a, b));
    put(aie::bit_or(a, T(0x55)));
    put(aie::bit_xor(a, b));
    put(aie::bit_not(a));
    put(aie::saturating_add(a, b));
    put(aie::saturating_sub(a, b));
    for (unsigned n = 0; n <= 8 * sizeof(T); n += 3) {
      put(aie::upshift(a, n));
      put(aie::downshift(a, n));
    }
    put(aie::logical_downshift(a, 2));
    put(aie::arithmetic_downshift(a, 2));
  }
};
