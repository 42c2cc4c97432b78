// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Sums, comparisons and products of bf16 and float lanes, NaNs and infinities among them.
#include "common.h"

class Floats : public Kernel {
public:
  using Kernel::Kernel;
  template <class T, unsigned N> void lanes() {
    const auto a = take<T, N>(0), b = take<T, N>(2);
    put(aie::add(a, b));
    put(aie::sub(a, T(1.5f)));
    put(aie::neg(a));
    put(aie::abs(a));
    put(aie::max(a, b));
    put(aie::min(a, b));
    put(aie::lt(a, b));
    put(aie::ge(a, b));
    put(aie::eq(a, aie::max(a, b)));
    put(aie::select(a, b, aie::gt(a, T(0))));
  }
  template <class T, unsigned N> void products() {
    const auto a = take<T, N>(1), b = take<T, N>(3), c = take<T, N>(5);
    aie::accum<accfloat, N> sum = aie::mul(a, b);
    put(sum.template to_vector<float>());
    sum = aie::mac(sum, c, b);
    sum = aie::msc(sum, a, c);
    put(sum.template to_vector<float>());
    put(sum.template to_vector<bfloat16>());
    sum = aie::add(sum, a);
    put(aie::sub(sum, b).template to_vector<float>());
    put(aie::negmul(a, b).template to_vector<float>());
    put(aie::mul(a, T(0.75f)).template to_vector<bfloat16>());
    put(aie::mac(sum, a, b[3]).template to_vector<float>());
    put(aie::mul_square(c).template to_vector<float>());
  }
};
