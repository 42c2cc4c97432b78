// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Lane-wise products of integers and what becomes of their accumulators.
#include "common.h"

class Products : public Kernel {
public:
  using Kernel::Kernel;
  template <class A, class B, class Tag, unsigned N> void pair() {
    const auto a = take<A, N>(0);
    const auto b = take<B, N>(2);
    auto sum = aie::mul<Tag>(a, b);
    sum = aie::mac(sum, b, a);
    put(sum.template to_vector<int32_t>(3));
    sum = aie::msc(sum, a, b[5]);
    sum = aie::add(sum, a);
    put(sum.template to_vector<int16_t>(9));
    put(aie::negmul<Tag>(a, B(3)).template to_vector<uint16_t>(2));
  }
  template <class A, class Tag, unsigned N> void convert() {
    const auto a = take<A, N>(4);
    aie::accum<Tag, N> sum;
    for (int shift = 0; shift < 12; shift += 5) {
      sum.from_vector(a, shift);
      put(sum.template to_vector<int32_t>(shift / 2));
      put(sum.template to_vector<int16_t>(shift));
      if constexpr (N > 8) {
        put(sum.template to_vector<uint8_t>(shift));
        put(sum.template to_vector<int8_t>(shift + 2));
      }
    }
  }
};
