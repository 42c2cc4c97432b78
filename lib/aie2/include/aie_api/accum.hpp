// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// aie::accum: N lanes of 32 or 64 bits or of fp32 that products are added up in. It is made from a
// vector by shifting up and becomes one by shifting down, which rounds (set_rounding) and saturates
// (set_saturation).
#pragma once

#include "aie_api/detail/convert.h"

namespace aie {

template <class Tag, unsigned N> class accum {
  using Parts = detail::AccParts<Tag, N>;

public:
  using value_type = Tag;
  using native_part = typename Parts::type;
  static constexpr unsigned parts = Parts::count;
  static constexpr unsigned part_lanes = Parts::lanes;
  static constexpr unsigned size() { return N; }
  static constexpr unsigned value_bits() { return detail::AccWord<Tag>::bits; }
  static constexpr unsigned bits() { return N * value_bits(); }
  static constexpr bool is_floating_point() { return std::is_same_v<Tag, accfloat>; }

  ASHLAR_INLINE accum() {
    detail::repeat<parts>([&](auto p) ASHLAR_LAMBDA {
      part_[p] = detail::zeroWords<native_part>();
    });
  }
  ASHLAR_INLINE accum(native_part a)
    requires(parts == 1)
  {
    part_[0] = a;
  }
  ASHLAR_INLINE accum(detail::nativeAcc<Tag, N> a)
    requires(parts == 2)
  {
    constexpr unsigned words = sizeof(native_part) / 8;
    part_[0] = detail::lanesOf<0, words>(a);
    part_[1] = detail::lanesOf<words, words>(a);
  }
  template <class T>
    requires detail::AccumulatesTo<T, Tag>
  ASHLAR_INLINE explicit accum(const vector<T, N> &v, int shift) {
    from_vector(v, shift);
  }
  template <class T>
    requires detail::AccumulatesTo<T, Tag>
  ASHLAR_INLINE accum(const vector<T, N> &v) {
    from_vector(v);
  }
  template <unsigned A, unsigned B>
    requires(A + B == N && A == B)
  ASHLAR_INLINE accum(const accum<Tag, A> &low, const accum<Tag, B> &high) {
    insert(0, low);
    insert(1, high);
  }
  ASHLAR_INLINE operator native_part() const
    requires(parts == 1)
  {
    return part_[0];
  }
  ASHLAR_INLINE operator detail::nativeAcc<Tag, N>() const
    requires(parts == 2)
  {
    return detail::concatNative(part_[0], part_[1]);
  }
  ASHLAR_INLINE auto to_native() const { return static_cast<detail::nativeAcc<Tag, N>>(*this); }

  template <class T> ASHLAR_INLINE void from_vector(const vector<T, N> &v, int shift = 0) {
    static_assert(detail::AccumulatesTo<T, Tag>,
                  "float and bfloat16 vectors go to accfloat, integer vectors to acc32 (lanes up to "
                  "32 bits) or acc64");
    detail::accFromVector<Tag>(*this, v, shift);
  }
  template <class T> ASHLAR_INLINE vector<T, N> to_vector(int shift = 0) const {
    return detail::accToVector<T>(*this, shift);
  }
  /// A float accumulator is taken as a vector of floats where one is wanted.
  template <class T>
    requires(std::is_same_v<Tag, accfloat> && detail::isFloating<T>)
  ASHLAR_INLINE operator vector<T, N>() const {
    return to_vector<T>();
  }
  /// As to_vector, with the sign of the result said apart from T.
  template <class T> ASHLAR_INLINE vector<T, N> to_vector_sign(bool, int shift = 0) const {
    return to_vector<T>(shift);
  }
  template <unsigned M> ASHLAR_INLINE accum<Tag, M> extract(unsigned part) const {
    static_assert(M <= N && N % M == 0, "extract<M>: M must divide the accumulator's lane count");
    accum<Tag, M> out;
    if constexpr (M == N) {
      out = *this;
    } else if constexpr (M >= part_lanes) {
      detail::repeat<N / M>([&](auto k) ASHLAR_LAMBDA {
        if (part == k)
          detail::repeat<accum<Tag, M>::parts>([&](auto p) ASHLAR_LAMBDA {
            out.part(p) = part_[k * accum<Tag, M>::parts + p];
          });
      });
    } else {
      constexpr unsigned words = sizeof(typename accum<Tag, M>::native_part) / 8;
      constexpr unsigned each = part_lanes / M;
      detail::repeat<N / M>([&](auto k) ASHLAR_LAMBDA {
        if (part == k) out.part(0) = detail::lanesOf<k % each * words, words>(part_[k / each]);
      });
    }
    return out;
  }
  template <unsigned M> ASHLAR_INLINE accum &insert(unsigned part, const accum<Tag, M> &a) {
    static_assert(M <= N && N % M == 0, "insert: the inserted lane count must divide N");
    if constexpr (M == N) {
      *this = a;
    } else if constexpr (M >= part_lanes) {
      detail::repeat<N / M>([&](auto k) ASHLAR_LAMBDA {
        if (part == k)
          detail::repeat<accum<Tag, M>::parts>([&](auto p) ASHLAR_LAMBDA {
            part_[k * accum<Tag, M>::parts + p] = a.part(p);
          });
      });
    } else {
      constexpr unsigned each = part_lanes / M;
      detail::repeat<N / M>([&](auto k) ASHLAR_LAMBDA {
        if (part == k) part_[k / each] = detail::withPart<k % each>(part_[k / each], a.part(0));
      });
    }
    return *this;
  }
  template <unsigned M> ASHLAR_INLINE accum<Tag, M> grow(unsigned part = 0) const {
    accum<Tag, M> out;
    out.template insert<N>(part, *this);
    return out;
  }
  /// The same bits as lanes of another kind.
  template <class Other> ASHLAR_INLINE auto cast_to() const {
    if constexpr (detail::isAccTag<Other>) {
      using To = accum<Other, bits() / detail::AccWord<Other>::bits>;
      return detail::castAcc<To>(*this);
    } else {
      return detail::accBits<Other>(*this);
    }
  }
  ASHLAR_INLINE typename detail::AccWord<Tag>::lane get(unsigned i) const {
    using L = typename detail::AccWord<Tag>::lane;
    if constexpr (sizeof(L) == 8) {
      const auto v = detail::accBits<int32_t>(*this);
      return static_cast<int64_t>(static_cast<uint64_t>(static_cast<uint32_t>(v.get(2 * i + 1)))
                                      << 32 |
                                  static_cast<uint32_t>(v.get(2 * i)));
    } else {
      return detail::accBits<L>(*this).get(i);
    }
  }

  ASHLAR_INLINE native_part &part(unsigned p) { return part_[p]; }
  ASHLAR_INLINE const native_part &part(unsigned p) const { return part_[p]; }

private:
  native_part part_[parts];
};

template <class T> struct is_accum : std::false_type {};
template <class Tag, unsigned N> struct is_accum<accum<Tag, N>> : std::true_type {};
template <class T> inline constexpr bool is_accum_v = is_accum<T>::value;

} // namespace aie
