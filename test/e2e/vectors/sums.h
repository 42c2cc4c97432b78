// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Reductions, block products, sliding products and weighted sums.
#include "common.h"

class Sums : public Kernel {
public:
  using Kernel::Kernel;
  template <class T, unsigned N> void reduce() {
    const auto a = take<T, N>(0);
    putScalar(aie::reduce_add(a));
    putScalar(aie::reduce_max(a));
    putScalar(aie::reduce_min(a));
  }
  template <unsigned M, unsigned K, unsigned N, class A, class B, class Tag> void block() {
    using Mmul = aie::mmul<M, K, N, A, B, Tag>;
    using C = std::conditional_t<aie::detail::isFloating<A>, float, int32_t>;
    const auto a = take<A, Mmul::size_A>(0), a2 = take<A, Mmul::size_A>(5);
    const auto b = take<B, Mmul::size_B>(1), b2 = take<B, Mmul::size_B>(7);
    Mmul m;
    m.mul(a, b);
    put(m.template to_vector<C>());
    m.mac(a2, b2);
    put(m.template to_vector<C>());
    Mmul from(m.template to_vector<C>());
    from.mac(a, b2);
    put(from.template to_vector<C>());
    Mmul again(from.to_accum());
    again.mac(a2, b);
    put(again.template to_vector<C>(1));
  }
  template <class T, unsigned N> void nibbles() {
    const auto v = take<T, N>(3);
    put(v.unpack());
    put(v.template unpack_sign<int8_t>(false));
    put(v.template unpack_sign<uint8_t>(true));
    const auto bytes = take<aie::detail::unpackedInt4<T>, N>(6);
    put(aie::pack(bytes).template cast_to<int8_t>());
    put(bytes.template cast_to<T>().template extract<64>(1).template cast_to<uint8_t>());
  }
  template <unsigned Lanes, unsigned Points, int X, int Y, class C, class D, class Tag, unsigned N>
  void slide() {
    using Ops = aie::sliding_mul_ops<Lanes, Points, 1, X, Y, C, D, Tag>;
    const auto coeff = take<C, 32 / sizeof(C)>(2);
    const auto data = take<D, N>(3), more = take<D, N>(8);
    auto sum = Ops::mul(coeff, 0, data, 1);
    sum = Ops::mac(sum, coeff, Points, more, 3);
    put(sum.template to_vector<int32_t>());
  }
  void weighted() {
    const auto weights = take<int16_t, 16>(1);
    const auto a = take<int16_t, 32>(2), b = take<int16_t, 32>(3), c = take<int16_t, 32>(4);
    auto sum = aie::accumulate<32>(weights, 2, a, b, c);
    put(sum.to_vector<int16_t>(7));
    sum = aie::accumulate<32>(sum, weights, 9, c, a);
    put(sum.to_vector<int16_t>(5));
  }
};
