// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// aie::vector: N lanes of T. It converts to and from the native vector type of the same shape.
// Lanes are read by [i] and written through the reference that [i] gives.
#pragma once

#include "aie_api/detail/native.h"

#include <array>

namespace aie {

template <class T, unsigned N> class vector_elem_ref {
public:
  ASHLAR_INLINE vector_elem_ref(vector<T, N> &v, unsigned i) : parent(v), offset(i) {}
  ASHLAR_INLINE T get() const { return parent.get(offset); }
  ASHLAR_INLINE operator T() const { return get(); }
  ASHLAR_INLINE vector_elem_ref &operator=(const T &value) {
    parent.set(value, offset);
    return *this;
  }
  ASHLAR_INLINE vector_elem_ref &operator=(const vector_elem_ref &other) {
    return *this = other.get();
  }
  template <class U, unsigned M>
  ASHLAR_INLINE vector_elem_ref &operator=(const vector_elem_ref<U, M> &other) {
    return *this = static_cast<T>(other.get());
  }
  ASHLAR_INLINE vector_elem_ref &operator+=(T x) { return *this = static_cast<T>(get() + x); }
  ASHLAR_INLINE vector_elem_ref &operator-=(T x) { return *this = static_cast<T>(get() - x); }
  ASHLAR_INLINE vector_elem_ref &operator*=(T x) { return *this = static_cast<T>(get() * x); }

  vector<T, N> &parent;
  const unsigned offset;
};
template <class T, unsigned N> class vector_elem_const_ref {
public:
  ASHLAR_INLINE vector_elem_const_ref(const vector<T, N> &v, unsigned i) : parent(v), offset(i) {}
  ASHLAR_INLINE vector_elem_const_ref(const vector_elem_ref<T, N> &r)
      : parent(r.parent), offset(r.offset) {}
  ASHLAR_INLINE T get() const { return parent.get(offset); }
  ASHLAR_INLINE operator T() const { return get(); }

  const vector<T, N> &parent;
  const unsigned offset;
};

template <class T, unsigned N> class vector {
  using Parts = detail::Parts<T, N>;

public:
  using value_type = T;
  using native_part = typename Parts::type;
  static constexpr unsigned parts = Parts::count;
  static constexpr unsigned part_lanes = Parts::lanes;
  static constexpr unsigned size() { return N; }
  static constexpr unsigned bits() { return Parts::bits; }
  static constexpr unsigned type_bits() { return sizeof(T) * 8; }
  static constexpr bool is_signed() { return detail::isSigned<T>; }
  static constexpr bool is_floating_point() { return detail::isFloating<T>; }
  static constexpr bool is_real() { return true; }
  static constexpr bool is_complex() { return false; }

  /// Lanes without a value are zeros: an undefined argument of an intrinsic would be undefined
  /// behaviour, and zeros that are overwritten cost nothing.
  ASHLAR_INLINE vector() {
    detail::repeat<parts>([&](auto p) ASHLAR_LAMBDA {
      part_[p] = detail::zeroNative<native_part>();
    });
  }
  ASHLAR_INLINE vector(native_part v)
    requires(parts == 1)
  {
    part_[0] = v;
  }
  ASHLAR_INLINE vector(detail::native<T, N> v)
    requires(parts == 2)
  {
    part_[0] = detail::lanesOf<0, part_lanes>(v);
    part_[1] = detail::lanesOf<part_lanes, part_lanes>(v);
  }
  /// One value a lane, the first in lane 0; lanes without one are zero.
  template <class... U>
    requires(sizeof...(U) > 1 && sizeof...(U) <= N && (std::is_convertible_v<U, T> && ...))
  ASHLAR_INLINE vector(U... values) {
    const T given[] = {static_cast<T>(values)...};
    detail::repeat<parts>([&](auto p) ASHLAR_LAMBDA {
      native_part v = detail::zeroNative<native_part>();
      detail::repeat<part_lanes>([&](auto i) ASHLAR_LAMBDA {
        if constexpr (p * part_lanes + i < sizeof...(U))
          v = detail::withLane<T>(v, i, given[p * part_lanes + i]);
      });
      part_[p] = v;
    });
  }

  ASHLAR_INLINE operator native_part() const
    requires(parts == 1)
  {
    return part_[0];
  }
  ASHLAR_INLINE operator detail::native<T, N>() const
    requires(parts == 2)
  {
    return detail::concatNative(part_[0], part_[1]);
  }
  ASHLAR_INLINE auto to_native() const {
    static_assert(parts <= 2, "no native vector has more than 1024 bits");
    return static_cast<detail::native<T, N>>(*this);
  }

  ASHLAR_INLINE T get(unsigned i) const {
    T value = detail::laneOf<T>(part_[0], i % part_lanes);
    detail::repeat<parts>([&](auto p) ASHLAR_LAMBDA {
      if (p > 0 && i / part_lanes == p) value = detail::laneOf<T>(part_[p], i % part_lanes);
    });
    return value;
  }
  ASHLAR_INLINE vector &set(T value, unsigned i) {
    detail::repeat<parts>([&](auto p) ASHLAR_LAMBDA {
      if (parts == 1 || i / part_lanes == p)
        part_[p] = detail::withLane<T>(part_[p], i % part_lanes, value);
    });
    return *this;
  }
  ASHLAR_INLINE vector_elem_ref<T, N> operator[](unsigned i) { return {*this, i}; }
  ASHLAR_INLINE vector_elem_const_ref<T, N> operator[](unsigned i) const { return {*this, i}; }
  ASHLAR_INLINE vector_elem_ref<T, N> elem_ref(unsigned i) { return {*this, i}; }
  ASHLAR_INLINE vector_elem_const_ref<T, N> elem_ref(unsigned i) const { return {*this, i}; }
  ASHLAR_INLINE vector_elem_const_ref<T, N> elem_const_ref(unsigned i) const { return {*this, i}; }

  /// Lanes [part * M, part * M + M).
  template <unsigned M> ASHLAR_INLINE vector<T, M> extract(unsigned part) const {
    static_assert(M <= N && N % M == 0, "extract<M>: M must divide the vector's lane count");
    vector<T, M> out;
    if constexpr (M == N) {
      out = *this;
    } else if constexpr (M >= part_lanes) {
      detail::repeat<N / M>([&](auto k) ASHLAR_LAMBDA {
        if (part == k)
          detail::repeat<vector<T, M>::parts>([&](auto p) ASHLAR_LAMBDA {
            out.part(p) = part_[k * vector<T, M>::parts + p];
          });
      });
    } else {
      detail::repeat<N / M>([&](auto k) ASHLAR_LAMBDA {
        if (part == k)
          out.part(0) = detail::lanesOf<k * M % part_lanes, M>(part_[k * M / part_lanes]);
      });
    }
    return out;
  }
  template <unsigned M> ASHLAR_INLINE vector &insert(unsigned part, const vector<T, M> &v) {
    static_assert(M <= N && N % M == 0, "insert: the inserted vector's lane count must divide N");
    if constexpr (M == N) {
      *this = v;
    } else if constexpr (M >= part_lanes) {
      detail::repeat<N / M>([&](auto k) ASHLAR_LAMBDA {
        if (part == k)
          detail::repeat<vector<T, M>::parts>([&](auto p) ASHLAR_LAMBDA {
            part_[k * vector<T, M>::parts + p] = v.part(p);
          });
      });
    } else {
      detail::repeat<N / M>([&](auto k) ASHLAR_LAMBDA {
        if (part == k) {
          auto &at = part_[k * M / part_lanes];
          at = detail::withPart<k * M % part_lanes / M>(at, v.part(0));
        }
      });
    }
    return *this;
  }
  template <unsigned M>
    requires(M <= N)
  ASHLAR_INLINE vector &insert(unsigned part, detail::native<T, M> v) {
    return insert(part, vector<T, M>(v));
  }
  /// The halves, and every second one... of equal lane counts.
  template <unsigned parts_> ASHLAR_INLINE auto split() const {
    std::array<vector<T, N / parts_>, parts_> out;
    detail::repeat<parts_>([&](auto k) ASHLAR_LAMBDA {
      out[k] = this->template extract<N / parts_>(k);
    });
    return out;
  }
  /// The same bits as lanes of U.
  template <class U> ASHLAR_INLINE auto cast_to() const {
    if constexpr (!detail::isElement<U>) { // lanes of 4 bits: int4.hpp
      using Byte = std::conditional_t<static_cast<U>(-1) < U(0), int8_t, uint8_t>;
      return vector<U, N * sizeof(T) * 2>(cast_to<Byte>());
    } else {
      return castLanes<U>();
    }
  }
  template <class U> ASHLAR_INLINE auto castLanes() const {
    using To = vector<U, N * sizeof(T) / sizeof(U)>;
    To out;
    detail::repeat<parts>([&](auto p) ASHLAR_LAMBDA {
      out.part(p) = (typename To::native_part)part_[p];
    });
    return out;
  }
  /// A vector of M lanes that holds this one as part `part`; its other lanes are zeros.
  template <unsigned M> ASHLAR_INLINE vector<T, M> grow(unsigned part = 0) const {
    static_assert(M >= N, "grow<M>: M is at least the vector's lane count");
    vector<T, M> out;
    out.template insert<N>(part, *this);
    return out;
  }
  template <unsigned M> ASHLAR_INLINE vector<T, M> grow_replicate() const {
    vector<T, M> out;
    detail::repeat<M / N>([&](auto k) ASHLAR_LAMBDA { out.template insert<N>(k, *this); });
    return out;
  }
  /// All lanes one up; `value` becomes lane 0.
  ASHLAR_INLINE void push(T value) {
    T carry = value;
    detail::repeat<parts>([&](auto p) ASHLAR_LAMBDA {
      const T next = detail::laneOf<T>(part_[p], part_lanes - 1);
      const auto r = detail::toRegister<T>(part_[p]);
      detail::Register<T> moved;
      if constexpr (sizeof(T) == 1)
        moved = (detail::Register<T>)__aie2_vpush_lo_8(carry, (v64int8)r);
      else if constexpr (std::is_same_v<T, bfloat16>)
        moved = (detail::Register<T>)__aie2_vpush_lo_16(__builtin_bit_cast(int16_t, carry),
                                                        (v32int16)r);
      else if constexpr (sizeof(T) == 2)
        moved = (detail::Register<T>)__aie2_vpush_lo_16(carry, (v32int16)r);
      else
        moved = (detail::Register<T>)__aie2_vpush_lo_32(__builtin_bit_cast(int32_t, carry),
                                                        (v16int32)r);
      part_[p] = detail::lanesOf<0, part_lanes>(moved);
      carry = next;
    });
  }
  /// The next larger and the next smaller integer in each lane.
  template <class U = void> ASHLAR_INLINE auto unpack() const;
  template <class U = void> ASHLAR_INLINE auto pack() const;
  template <class U = void> ASHLAR_INLINE auto unpack_sign(bool sign) const;
  template <class U = void> ASHLAR_INLINE auto pack_sign(bool sign) const;
  ASHLAR_INLINE void load(const T *p);
  ASHLAR_INLINE void store(T *p) const;

  /// The registers, for the functions of this API.
  ASHLAR_INLINE native_part &part(unsigned p) { return part_[p]; }
  ASHLAR_INLINE const native_part &part(unsigned p) const { return part_[p]; }

private:
  template <class, unsigned> friend class vector;
  native_part part_[parts];
};

template <class T> struct is_vector : std::false_type {};
template <class T, unsigned N> struct is_vector<vector<T, N>> : std::true_type {};
template <class T> inline constexpr bool is_vector_v = is_vector<T>::value;

namespace detail {
/// f over the registers of vectors of one shape: registers in, a register out.
template <class R, class T, unsigned N, class F, class... More>
ASHLAR_INLINE vector<R, N> mapRegisters(F f, const vector<T, N> &a, const More &...more) {
  static_assert(sizeof(R) == sizeof(T));
  vector<R, N> out;
  repeat<vector<T, N>::parts>([&](auto p) ASHLAR_LAMBDA {
    const Register<R> r = f(toRegister<T>(a.part(p)), toRegister<typename More::value_type>(
                                                          more.part(p))...);
    out.part(p) = lanesOf<0, vector<T, N>::part_lanes>(r);
  });
  return out;
}

/// A lane's value where the API takes either a value or a reference to a vector's lane.
template <class T> struct ScalarOf {
  using type = T;
};
template <class T, unsigned N> struct ScalarOf<vector_elem_ref<T, N>> {
  using type = T;
};
template <class T, unsigned N> struct ScalarOf<vector_elem_const_ref<T, N>> {
  using type = T;
};
template <class T> using scalarOf = typename ScalarOf<std::remove_cvref_t<T>>::type;
/// A reference to a lane of type T, which is broadcast without becoming a scalar.
template <class S, class T> inline constexpr bool isLaneRef = false;
template <class T, unsigned N> inline constexpr bool isLaneRef<vector_elem_ref<T, N>, T> = true;
template <class T, unsigned N> inline constexpr bool isLaneRef<vector_elem_const_ref<T, N>, T> = true;
template <class S, class T>
concept LaneRef = isLaneRef<std::remove_cvref_t<S>, T>;
/// A scalar argument beside a vector of T: a number or a lane reference.
template <class S, class T>
concept ScalarFor = !is_vector<std::remove_cvref_t<S>>::value &&
                    std::is_convertible_v<std::remove_cvref_t<S>, T>;
template <class S>
concept Scalar = isElement<scalarOf<S>> || std::is_arithmetic_v<scalarOf<S>>;
} // namespace detail
} // namespace aie
