// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Operators for vectors and accumulators, for kernels that say `using namespace aie::operators`.
#pragma once

#include "aie_api/bits.hpp"
#include "aie_api/mul.hpp"

namespace aie::operators {
#define ASHLAR_OPERATOR(op, name)                                                                  \
  template <class T, unsigned N>                                                                   \
  ASHLAR_INLINE auto operator op(const vector<T, N> &a, const vector<T, N> &b) {                   \
    return aie::name(a, b);                                                                        \
  }                                                                                                \
  template <class T, unsigned N, class S>                                                          \
    requires aie::detail::ScalarFor<S, T>                                                          \
  ASHLAR_INLINE auto operator op(const vector<T, N> &a, const S &b) {                              \
    return aie::name(a, b);                                                                        \
  }                                                                                                \
  template <class T, unsigned N, class S>                                                          \
    requires aie::detail::ScalarFor<S, T>                                                          \
  ASHLAR_INLINE auto operator op(const S &a, const vector<T, N> &b) {                              \
    return aie::name(a, b);                                                                        \
  }
ASHLAR_OPERATOR(+, add)
ASHLAR_OPERATOR(-, sub)
ASHLAR_OPERATOR(*, mul)
ASHLAR_OPERATOR(<, lt)
ASHLAR_OPERATOR(<=, le)
ASHLAR_OPERATOR(>, gt)
ASHLAR_OPERATOR(>=, ge)
ASHLAR_OPERATOR(==, eq)
ASHLAR_OPERATOR(!=, neq)
ASHLAR_OPERATOR(&, bit_and)
ASHLAR_OPERATOR(|, bit_or)
ASHLAR_OPERATOR(^, bit_xor)
#undef ASHLAR_OPERATOR
template <class T, unsigned N> ASHLAR_INLINE auto operator~(const vector<T, N> &v) {
  return bit_not(v);
}
template <class T, unsigned N> ASHLAR_INLINE auto operator-(const vector<T, N> &v) {
  return neg(v);
}
template <class Tag, unsigned N, class B>
ASHLAR_INLINE auto operator+(const accum<Tag, N> &a, const B &b) {
  return add(a, b);
}
template <class Tag, unsigned N, class B>
ASHLAR_INLINE auto operator-(const accum<Tag, N> &a, const B &b) {
  return sub(a, b);
}
template <class T, unsigned N, class B>
ASHLAR_INLINE auto &operator+=(vector<T, N> &a, const B &b) {
  return a = aie::add(a, b);
}
template <class T, unsigned N, class B>
ASHLAR_INLINE auto &operator-=(vector<T, N> &a, const B &b) {
  return a = aie::sub(a, b);
}
template <class Tag, unsigned N, class B>
ASHLAR_INLINE auto &operator+=(accum<Tag, N> &a, const B &b) {
  return a = aie::add(a, b);
}
template <class Tag, unsigned N, class B>
ASHLAR_INLINE auto &operator-=(accum<Tag, N> &a, const B &b) {
  return a = aie::sub(a, b);
}
template <class T, unsigned N> ASHLAR_INLINE auto operator<<(const vector<T, N> &v, unsigned n) {
  return upshift(v, n);
}
template <class T, unsigned N> ASHLAR_INLINE auto operator>>(const vector<T, N> &v, unsigned n) {
  return downshift(v, n);
}
} // namespace aie::operators
