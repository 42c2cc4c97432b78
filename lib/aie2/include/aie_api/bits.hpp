// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Bits of integer lanes: and, or, xor, not, and shifts. Shifts do not depend on the rounding and
// saturation modes: up drops what leaves the lane, down rounds toward minus infinity (or, for
// unsigned lanes, brings in zeros). The vector unit shifts only on the way to and from accumulators,
// so a lane is shifted up into twice its width and the wanted half is taken.
#pragma once

#include "aie_api/arithmetic.hpp"

namespace aie {
template <class T, unsigned N>
ASHLAR_INLINE vector<T, N> bit_and(const vector<T, N> &a, const vector<T, N> &b) {
  return detail::andBits(a, b);
}
template <class T, unsigned N>
ASHLAR_INLINE vector<T, N> bit_or(const vector<T, N> &a, const vector<T, N> &b) {
  return detail::orBits(a, b);
}
/// The unit has no exclusive or: (a | b) - (a & b) never borrows.
template <class T, unsigned N>
ASHLAR_INLINE vector<T, N> bit_xor(const vector<T, N> &a, const vector<T, N> &b) {
  static_assert(std::is_integral_v<T>, "bit_xor is for integers");
  return sub(bit_or(a, b), bit_and(a, b));
}
ASHLAR_WITH_SCALARS(bit_and, auto)
ASHLAR_WITH_SCALARS(bit_or, auto)
ASHLAR_WITH_SCALARS(bit_xor, auto)
template <class T, unsigned N> ASHLAR_INLINE vector<T, N> bit_not(const vector<T, N> &v) {
  static_assert(std::is_integral_v<T>, "bit_not is for integers");
  return sub(broadcast<T, N>(static_cast<T>(-1)), v);
}

namespace detail {
/// The low (0) or high (1) halves of 32 lanes of 32 bits as 32 lanes of 16.
template <unsigned high> ASHLAR_INLINE v32int16 halves16(v32acc32 a) {
  const auto all = (v64int16)a;
  return (v32int16)__aie2_vshuffle((v64int8)lanesOf<0, 32>(all), (v64int8)lanesOf<32, 32>(all),
                                   high ? T16_32x2_hi : T16_32x2_lo);
}
/// Lanes shifted up by `n` within twice their width; the low or high half of that.
template <class T, unsigned high> ASHLAR_INLINE Register<T> shiftRegister(Register<T> v, int n) {
  if constexpr (sizeof(T) == 4) {
    if constexpr (isSigned<T>)
      return (Register<T>)words32<high>(__aie2_vups_s64_s32_cm(v, n));
    else
      return (Register<T>)words32<high>(__aie2_vups_s64_d32_cm(v, n));
  } else if constexpr (sizeof(T) == 2) {
    if constexpr (isSigned<T>)
      return (Register<T>)halves16<high>(__aie2_vups_s32_s16_cm(v, n));
    else
      return (Register<T>)halves16<high>(__aie2_vups_s32_d16_cm(v, n));
  } else {
    using Wide = std::conditional_t<isSigned<T>, int16_t, uint16_t>;
    // 16-bit lanes of both halves, shifted; then the byte of each that is wanted.
    const auto low = shiftRegister<Wide, 0>(unpackLanes(lanesOf<0, 32>(v)), n);
    const auto up = shiftRegister<Wide, 0>(unpackLanes(lanesOf<32, 32>(v)), n);
    return (Register<T>)__aie2_vshuffle((v64int8)low, (v64int8)up, high ? T8_64x2_hi : T8_64x2_lo);
  }
}
} // namespace detail

/// v << n, n from 0 to the lane's width.
template <class T, unsigned N> ASHLAR_INLINE vector<T, N> upshift(const vector<T, N> &v, unsigned n) {
  static_assert(std::is_integral_v<T>, "upshift is for integers");
  using S = std::make_signed_t<T>; // UPS of signed lanes never saturates here
  return detail::mapRegisters<S>(
             [n](auto x) ASHLAR_LAMBDA {
               return detail::shiftRegister<S, 0>(x, static_cast<int>(n));
             },
             v.template cast_to<S>())
      .template cast_to<T>();
}
/// v >> n, n from 0 to the lane's width.
template <class T, unsigned N>
ASHLAR_INLINE vector<T, N> downshift(const vector<T, N> &v, unsigned n) {
  static_assert(std::is_integral_v<T>, "downshift is for integers");
  constexpr int width = sizeof(T) * 8;
  if (!detail::isSigned<T> && n == 0) return v; // the lane's width up might saturate
  return detail::mapRegisters<T>(
      [n](auto x) ASHLAR_LAMBDA {
        return detail::shiftRegister<T, 1>(x, width - static_cast<int>(n));
      },
      v);
}
/// The bits moved down with zeros from above, whatever the sign of T.
template <class T, unsigned N>
ASHLAR_INLINE vector<T, N> logical_downshift(const vector<T, N> &v, unsigned n) {
  using U = std::make_unsigned_t<T>;
  return downshift(v.template cast_to<U>(), n).template cast_to<T>();
}
template <class T, unsigned N>
ASHLAR_INLINE vector<T, N> logical_upshift(const vector<T, N> &v, unsigned n) {
  return upshift(v, n);
}
template <class T, unsigned N>
ASHLAR_INLINE vector<T, N> arithmetic_downshift(const vector<T, N> &v, unsigned n) {
  using S = std::make_signed_t<T>;
  return downshift(v.template cast_to<S>(), n).template cast_to<T>();
}
template <class T, unsigned N>
ASHLAR_INLINE vector<T, N> arithmetic_upshift(const vector<T, N> &v, unsigned n) {
  return upshift(v, n);
}

} // namespace aie
