// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Vectors of 4-bit lanes: two a byte, the even lane in the low half. The unit only widens and narrows
// them, so that is what they do, beside moving as the bytes that they are.
#pragma once

#include "aie_api/memory.hpp"
#include "aie_api/pack.hpp"

/// One lane as a value; in memory a vector's pointer counts bytes, as sizeof says.
using int4 = _BitInt(4);
using uint4 = unsigned _BitInt(4);

namespace aie {
namespace detail {
template <class T>
inline constexpr bool isInt4 = std::is_same_v<T, int4> || std::is_same_v<T, uint4>;
template <class T>
using unpackedInt4 =
    std::conditional_t<std::is_same_v<T, int4>, int8_t,
                       std::conditional_t<std::is_same_v<T, uint4>, uint8_t, T>>;
} // namespace detail

template <class T, unsigned N>
  requires detail::isInt4<T>
class vector<T, N> {
  using Byte = detail::unpackedInt4<T>;
  using Bytes = vector<Byte, N / 2>;

public:
  using value_type = T;
  static constexpr unsigned size() { return N; }
  static constexpr unsigned bits() { return N * 4; }
  static constexpr unsigned type_bits() { return 4; }
  static constexpr bool is_signed() { return std::is_same_v<T, int4>; }
  static constexpr bool is_floating_point() { return false; }

  ASHLAR_INLINE vector() = default;
  ASHLAR_INLINE explicit vector(const Bytes &bytes) : bytes_(bytes) {}
  ASHLAR_INLINE const Bytes &bytes() const { return bytes_; }

  ASHLAR_INLINE T get(unsigned i) const {
    return static_cast<T>(bytes_.get(i / 2) >> i % 2 * 4);
  }
  ASHLAR_INLINE T operator[](unsigned i) const { return get(i); }
  template <class U> ASHLAR_INLINE auto cast_to() const {
    if constexpr (detail::isInt4<U>)
      return vector<U, N>(bytes_.template cast_to<detail::unpackedInt4<U>>());
    else
      return bytes_.template cast_to<U>();
  }
  template <unsigned M> ASHLAR_INLINE vector<T, M> extract(unsigned part) const {
    return vector<T, M>(bytes_.template extract<M / 2>(part));
  }
  template <unsigned M> ASHLAR_INLINE vector &insert(unsigned part, const vector<T, M> &v) {
    bytes_.template insert<M / 2>(part, v.bytes());
    return *this;
  }
  template <unsigned M> ASHLAR_INLINE vector<T, M> grow(unsigned part = 0) const {
    return vector<T, M>(bytes_.template grow<M / 2>(part));
  }
  /// The lanes as bytes; the second form says their sign apart from T.
  template <class U = void> ASHLAR_INLINE auto unpack() const { return unpack_sign<U>(is_signed()); }
  template <class U = void> ASHLAR_INLINE auto unpack_sign(bool sign) const {
    using To = std::conditional_t<std::is_void_v<U>, Byte, U>;
    static_assert(sizeof(To) == 1, "4-bit lanes are unpacked to int8 or uint8");
    vector<To, N> out;
    constexpr unsigned L = N < 64 ? N : 64; // lanes of one register
    detail::repeat<N / L>([&](auto p) ASHLAR_LAMBDA {
      const auto half =
          detail::widen<32>(bytes_.template extract<L / 2>(p).template cast_to<int8_t>().part(0));
      const v64int8 wide = sign ? __aie2_vunpack_s8_s4((v32int8)half)
                                : (v64int8)__aie2_vunpack_d8_d4((v32uint8)half);
      out.template insert<L>(
          p, vector<To, L>((detail::native<To, L>)detail::lanesOf<0, L>(wide)));
    });
    return out;
  }
  ASHLAR_INLINE void load(const T *p) { bytes_.load(reinterpret_cast<const Byte *>(p)); }
  ASHLAR_INLINE void store(T *p) const { bytes_.store(reinterpret_cast<Byte *>(p)); }

private:
  Bytes bytes_;
};

namespace detail {
/// Lanes as T: the same, or from half as many bits.
template <class T, class U, unsigned N>
ASHLAR_INLINE vector<T, N> widened(const vector<U, N> &v) {
  if constexpr (std::is_same_v<T, U>)
    return v;
  else
    return v.unpack();
}
} // namespace detail

template <class T, unsigned N>
  requires detail::isInt4<T>
ASHLAR_INLINE auto unpack(const vector<T, N> &v) {
  return v.unpack();
}
/// Bytes as 4-bit lanes: clipped or cut off as the saturation mode says.
template <class T, unsigned N>
  requires(sizeof(T) == 1 && !detail::isInt4<T>)
ASHLAR_INLINE auto pack(const vector<T, N> &v) {
  using Narrow = std::conditional_t<detail::isSigned<T>, int4, uint4>;
  vector<T, N / 2> out;
  constexpr unsigned L = N < 64 ? N : 64;
  detail::repeat<N / L>([&](auto p) ASHLAR_LAMBDA {
    const auto x = detail::toRegister<T>(v.template extract<L>(p).part(0));
    v32int8 narrow;
    if constexpr (detail::isSigned<T>)
      narrow = __aie2_vpack_s4_s8(x);
    else
      narrow = (v32int8)__aie2_vpack_d4_d8(x);
    out.template insert<L / 2>(
        p, vector<T, L / 2>((detail::native<T, L / 2>)detail::lanesOf<0, L / 2>(narrow)));
  });
  return vector<Narrow, N>(out);
}

} // namespace aie
