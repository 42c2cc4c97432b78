// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Lane-wise products and their sums. The accumulator is acc32 for factors of up to 16 bits, acc64
// for wider ones, accfloat for floats; mul<acc64>(a, b) asks for more.
#pragma once

#include "aie_api/detail/multiply.h"

namespace aie {
namespace detail {
template <class A, class B>
using DefaultAcc =
    std::conditional_t<isFloating<A> || isFloating<B>, accfloat,
                       std::conditional_t<(sizeof(A) > 2 || sizeof(B) > 2), acc64, acc32>>;
template <class Tag, class A, class B>
using AccFor = std::conditional_t<std::is_same_v<Tag, accauto>, DefaultAcc<A, B>, Tag>;

/// A factor that is one value for all lanes: its lane type. A float beside bf16 is rounded to bf16,
/// an integer beside floats becomes one; integers keep their own width.
template <class S, class T>
using FactorOf = std::conditional_t<
    isFloating<T>, T,
    std::conditional_t<isElement<scalarOf<S>> && !isFloating<scalarOf<S>>, scalarOf<S>, T>>;

template <class Tag, Op op, class A, class B, unsigned N>
ASHLAR_INLINE auto product(const vector<A, N> &a, const vector<B, N> &b) {
  accum<AccFor<Tag, A, B>, N> none;
  return multiplyVectors<AccFor<Tag, A, B>, op>(none, a, b);
}
} // namespace detail

template <class Tag = accauto, class A, class B, unsigned N>
ASHLAR_INLINE auto mul(const vector<A, N> &a, const vector<B, N> &b) {
  return detail::product<Tag, detail::Op::Mul>(a, b);
}
template <class Tag = accauto, class A, class B, unsigned N>
ASHLAR_INLINE auto negmul(const vector<A, N> &a, const vector<B, N> &b) {
  return detail::product<Tag, detail::Op::NegMul>(a, b);
}
#define ASHLAR_MUL_SCALAR(name)                                                                    \
  template <class Tag = accauto, class T, unsigned N, class S>                                     \
    requires(detail::ScalarFor<S, T> && detail::Scalar<S>)                                         \
  ASHLAR_INLINE auto name(const vector<T, N> &a, const S &b) {                                     \
    return name<Tag>(a, broadcast<detail::FactorOf<S, T>, N>(b));                                  \
  }                                                                                                \
  template <class Tag = accauto, class T, unsigned N, class S>                                     \
    requires(detail::ScalarFor<S, T> && detail::Scalar<S>)                                         \
  ASHLAR_INLINE auto name(const S &a, const vector<T, N> &b) {                                     \
    return name<Tag>(broadcast<detail::FactorOf<S, T>, N>(a), b);                                  \
  }
ASHLAR_MUL_SCALAR(mul)
ASHLAR_MUL_SCALAR(negmul)
#undef ASHLAR_MUL_SCALAR

#define ASHLAR_MAC(name, op)                                                                       \
  template <class Tag, unsigned N, class A, class B>                                               \
  ASHLAR_INLINE accum<Tag, N> name(const accum<Tag, N> &acc, const vector<A, N> &a,                \
                                   const vector<B, N> &b) {                                        \
    return detail::multiplyVectors<Tag, detail::Op::op>(acc, a, b);                                \
  }                                                                                                \
  template <class Tag, unsigned N, class T, class S>                                               \
    requires(detail::ScalarFor<S, T> && detail::Scalar<S>)                                         \
  ASHLAR_INLINE accum<Tag, N> name(const accum<Tag, N> &acc, const vector<T, N> &a, const S &b) {  \
    return name(acc, a, broadcast<detail::FactorOf<S, T>, N>(b));                                  \
  }                                                                                                \
  template <class Tag, unsigned N, class T, class S>                                               \
    requires(detail::ScalarFor<S, T> && detail::Scalar<S>)                                         \
  ASHLAR_INLINE accum<Tag, N> name(const accum<Tag, N> &acc, const S &a, const vector<T, N> &b) {  \
    return name(acc, broadcast<detail::FactorOf<S, T>, N>(a), b);                                  \
  }                                                                                                \
  template <class Tag, unsigned N, class T>                                                        \
  ASHLAR_INLINE accum<Tag, N> name##_square(const accum<Tag, N> &acc, const vector<T, N> &v) {     \
    return name(acc, v, v);                                                                        \
  }
ASHLAR_MAC(mac, Mac)
ASHLAR_MAC(msc, Msc)
#undef ASHLAR_MAC

template <class Tag = accauto, class T, unsigned N>
ASHLAR_INLINE auto mul_square(const vector<T, N> &v) {
  return mul<Tag>(v, v);
}

/// acc + c[start] * v0 + c[start + 1] * v1 + ...
template <unsigned Lanes, class Tag, class C, unsigned M, class V, class... More>
ASHLAR_INLINE accum<Tag, Lanes> accumulate(const accum<Tag, Lanes> &acc, const vector<C, M> &c,
                                           unsigned start, const V &v, const More &...more) {
  static_assert(V::size() == Lanes, "accumulate<Lanes>: the data vectors have Lanes lanes");
  const accum<Tag, Lanes> sum = mac(acc, v, detail::spreadTo<Lanes>(c, start));
  if constexpr (sizeof...(More) == 0)
    return sum;
  else
    return accumulate<Lanes>(sum, c, start + 1, more...);
}
template <unsigned Lanes, class Tag = accauto, class C, unsigned M, class V, class... More>
ASHLAR_INLINE auto accumulate(const vector<C, M> &c, unsigned start, const V &v,
                              const More &...more) {
  static_assert(V::size() == Lanes, "accumulate<Lanes>: the data vectors have Lanes lanes");
  const auto first = mul<Tag>(v, detail::spreadTo<Lanes>(c, start));
  if constexpr (sizeof...(More) == 0)
    return first;
  else
    return accumulate<Lanes>(first, c, start + 1, more...);
}

} // namespace aie
