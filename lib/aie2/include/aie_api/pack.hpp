// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Integers to the next width and back, lane by lane. `pack` clips or cuts off as the saturation mode
// says.
#pragma once

#include "aie_api/accum.hpp"

namespace aie {
namespace detail {
template <class T> struct Widths;
#define ASHLAR_WIDTHS(T, Narrow, Wide)                                                             \
  template <> struct Widths<T> {                                                                   \
    using narrow = Narrow;                                                                         \
    using wide = Wide;                                                                             \
  };
ASHLAR_WIDTHS(int8_t, void, int16_t)
ASHLAR_WIDTHS(uint8_t, void, uint16_t)
ASHLAR_WIDTHS(int16_t, int8_t, int32_t)
ASHLAR_WIDTHS(uint16_t, uint8_t, uint32_t)
ASHLAR_WIDTHS(int32_t, int16_t, void)
ASHLAR_WIDTHS(uint32_t, uint16_t, void)
#undef ASHLAR_WIDTHS
} // namespace detail

template <class T, unsigned N>
  requires detail::isElement<T>
ASHLAR_INLINE auto unpack(const vector<T, N> &v) {
  using Wide = typename detail::Widths<T>::wide;
  static_assert(!std::is_void_v<Wide>, "unpack takes vectors of 8 and 16 bit lanes");
  if constexpr (sizeof(T) == 1) {
    vector<Wide, N> out;
    constexpr unsigned L = N < 32 ? N : 32;
    detail::repeat<N / L>([&](auto p) ASHLAR_LAMBDA {
      const auto x = detail::widen<32>(v.template extract<L>(p).part(0));
      detail::Register<Wide> wide;
      if constexpr (detail::isSigned<T>)
        wide = __aie2_vunpack_s16_s8(x);
      else
        wide = __aie2_vunpack_d16_d8(x);
      out.template insert<L>(p, vector<Wide, L>(detail::lanesOf<0, L>(wide)));
    });
    return out;
  } else {
    return accum<acc32, N>(v, 0).template to_vector<Wide>(0);
  }
}
template <class T, unsigned N>
  requires(sizeof(T) > 1)
ASHLAR_INLINE auto pack(const vector<T, N> &v) {
  using Narrow = typename detail::Widths<T>::narrow;
  if constexpr (sizeof(T) == 2) {
    vector<Narrow, N> out;
    constexpr unsigned L = N < 32 ? N : 32;
    detail::repeat<N / L>([&](auto p) ASHLAR_LAMBDA {
      const auto x = detail::toRegister<T>(v.template extract<L>(p).part(0));
      detail::native<Narrow, 32> narrow;
      if constexpr (detail::isSigned<T>)
        narrow = __aie2_vpack_s8_s16(x);
      else
        narrow = __aie2_vpack_d8_d16(x);
      out.template insert<L>(p, vector<Narrow, L>(detail::lanesOf<0, L>(narrow)));
    });
    return out;
  } else {
    return accum<acc64, N>(v, 0).template to_vector<Narrow>(0);
  }
}
template <class T, unsigned N> template <class U> ASHLAR_INLINE auto vector<T, N>::unpack() const {
  return aie::unpack(*this).template cast_to<std::conditional_t<
      std::is_void_v<U>, typename detail::Widths<T>::wide, U>>();
}
template <class T, unsigned N> template <class U> ASHLAR_INLINE auto vector<T, N>::pack() const {
  using Narrow = typename detail::Widths<T>::narrow;
  if constexpr (std::is_void_v<U> || std::is_same_v<U, Narrow>)
    return aie::pack(*this);
  else
    return aie::pack(cast_to<std::conditional_t<detail::isSigned<T>, std::make_unsigned_t<T>,
                                                std::make_signed_t<T>>>());
}
/// With the sign of the lanes said apart from their type.
template <class T, unsigned N>
template <class U>
ASHLAR_INLINE auto vector<T, N>::unpack_sign(bool sign) const {
  using Wide = std::conditional_t<std::is_void_v<U>, typename detail::Widths<T>::wide, U>;
  using S = std::make_signed_t<T>;
  using W = std::make_unsigned_t<T>;
  vector<Wide, N> out = aie::unpack(cast_to<W>()).template cast_to<Wide>();
  if (sign) out = aie::unpack(cast_to<S>()).template cast_to<Wide>();
  return out;
}
template <class T, unsigned N>
template <class U>
ASHLAR_INLINE auto vector<T, N>::pack_sign(bool sign) const {
  using Narrow = std::conditional_t<std::is_void_v<U>, typename detail::Widths<T>::narrow, U>;
  vector<Narrow, N> out = aie::pack(cast_to<std::make_unsigned_t<T>>()).template cast_to<Narrow>();
  if (sign) out = aie::pack(cast_to<std::make_signed_t<T>>()).template cast_to<Narrow>();
  return out;
}
} // namespace aie
