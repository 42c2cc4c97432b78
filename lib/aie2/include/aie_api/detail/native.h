// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Vectors as the registers that hold them. A vector of more than 512 bits is an array of 512-bit
// registers; a smaller one is one native value, widened to a register to compute with it. Widened
// lanes hold nothing of meaning (zeros on a host, whatever the register had on a core).
#pragma once

#include "aie_api/detail/unit.h"

namespace aie::detail {

template <class T, unsigned n> using native = T __attribute__((ext_vector_type(n)));
template <class Tag> struct AccWord {
  using type = long long; // acc64
  using lane = int64_t;
  static constexpr unsigned bits = 64;
};
template <> struct AccWord<acc32> {
  using type = _BitInt(64);
  using lane = int32_t;
  static constexpr unsigned bits = 32;
};
template <> struct AccWord<accfloat> {
  using type = unsigned _BitInt(64);
  using lane = float;
  static constexpr unsigned bits = 32;
};
/// An accumulator of n lanes as the core's compiler knows it.
template <class Tag, unsigned n>
using nativeAcc =
    typename AccWord<Tag>::type __attribute__((ext_vector_type(n * AccWord<Tag>::bits / 64)));

template <class T> inline constexpr unsigned kLanes = 64 / sizeof(T); ///< of a register
template <class T> using Register = native<T, kLanes<T>>;

template <class T, unsigned N> struct Parts {
  static constexpr unsigned bits = N * sizeof(T) * 8;
  static constexpr unsigned count = bits > 512 ? bits / 512 : 1;
  static constexpr unsigned lanes = N / count;
  using type = native<T, lanes>;
  static_assert(isElement<T>,
                "this core's vectors have lanes of int8, uint8, int16, uint16, int32, "
                "uint32, bfloat16 or float");
  static_assert(bits == 128 || bits == 256 || bits == 512 || bits == 1024 || bits == 2048 ||
                    bits == 4096,
                "a vector has 128, 256, 512 or 1024 bits (2048 and 4096 in several registers): N * "
                "sizeof(T) must be 16, 32, 64, 128, 256 or 512 bytes");
};

/// Lanes [first, first + n) of v.
template <unsigned first, unsigned n, class V> ASHLAR_INLINE auto lanesOf(V v) {
  if constexpr (n == sizeof(V) / sizeof(v[0]))
    return v;
  else
    return [&]<size_t... i>(std::index_sequence<i...>) ASHLAR_LAMBDA {
      return __builtin_shufflevector(v, v, static_cast<int>(first + i)...);
    }(std::make_index_sequence<n>());
}
template <class V> ASHLAR_INLINE auto concatNative(V low, V high) {
  constexpr unsigned n = sizeof(V) / sizeof(low[0]);
  return [&]<size_t... i>(std::index_sequence<i...>) ASHLAR_LAMBDA {
    return __builtin_shufflevector(low, high, static_cast<int>(i)...);
  }(std::make_index_sequence<2 * n>());
}
/// v with its k-th piece of the size of `piece` replaced by that.
template <unsigned k, class V, class P> ASHLAR_INLINE V withPart(V v, P piece) {
  constexpr unsigned n = sizeof(V) / sizeof(v[0]), half = n / 2, m = sizeof(P) / sizeof(v[0]);
  if constexpr (m == n) {
    return piece;
  } else {
    const auto low = lanesOf<0, half>(v), high = lanesOf<half, half>(v);
    if constexpr (k * m < half)
      return concatNative(withPart<k>(low, piece), high);
    else
      return concatNative(low, withPart<k - half / m>(high, piece));
  }
}
/// v in the low lanes of a vector of `to` lanes, beside lanes of no meaning.
template <unsigned to, class V> ASHLAR_INLINE auto widen(V v) {
  constexpr unsigned from = sizeof(V) / sizeof(v[0]);
  if constexpr (from == to)
    return v;
  else
    return [&]<size_t... i>(std::index_sequence<i...>) ASHLAR_LAMBDA {
#if ASHLAR_VECTOR_UNIT
      return __builtin_shufflevector(v, v, (i < from ? static_cast<int>(i) : -1)...);
#else
      return __builtin_shufflevector(v, V{}, static_cast<int>(i < from ? i : from)...);
#endif
    }(std::make_index_sequence<to>());
}
/// A register of zeros, made of one broadcast.
template <class V> ASHLAR_INLINE V zeroNative() {
#if ASHLAR_VECTOR_UNIT
  constexpr unsigned lanes = sizeof(V) / sizeof(V{}[0]);
  using Whole = native<std::remove_cvref_t<decltype(V{}[0])>, 64 / sizeof(V{}[0])>;
  return lanesOf<0, lanes>((Whole)__aie2_vbcst_32(0));
#else
  return V{};
#endif
}
/// An accumulator of zeros.
template <class A> ASHLAR_INLINE A zeroWords() {
  if constexpr (sizeof(A) == 128)
    return (A)__aie2_vclr_cm();
  else if constexpr (sizeof(A) == 64)
    return (A)__aie2_vclr_bm();
  else
    return (A)lanesOf<0, sizeof(A) / 8>(__aie2_vclr_bm());
}
/// v in the low lanes, zeros above.
template <unsigned to, class V> ASHLAR_INLINE auto widenWithZeros(V v) {
  constexpr unsigned from = sizeof(V) / sizeof(v[0]);
  if constexpr (from == to)
    return v;
  else
    return widenWithZeros<to>(concatNative(v, zeroNative<V>()));
}
/// A register from a value of at most 512 bits.
template <class T, class V> ASHLAR_INLINE Register<T> toRegister(V v) {
  return widen<kLanes<T>>(v);
}

/// A lane of T in every lane of a register.
template <class T> ASHLAR_INLINE Register<T> splat(T value) {
  if constexpr (sizeof(T) == 1)
    return (Register<T>)__aie2_vbcst_8(value);
  else if constexpr (std::is_same_v<T, bfloat16>)
    return (Register<T>)__aie2_vbcst_16(__builtin_bit_cast(int16_t, value));
  else if constexpr (sizeof(T) == 2)
    return (Register<T>)__aie2_vbcst_16(value);
  else
    return (Register<T>)__aie2_vbcst_32(__builtin_bit_cast(int32_t, value));
}
/// Lane i of v.
template <class T, class V> ASHLAR_INLINE T laneOf(V v, unsigned at) {
  const auto r = toRegister<T>(v);
  const int i = static_cast<int>(at);
  if constexpr (std::is_same_v<T, int8_t>)
    return static_cast<T>(__aie2_vextract_s8(r, i));
  else if constexpr (std::is_same_v<T, uint8_t>)
    return static_cast<T>(__aie2_vextract_d8(r, i));
  else if constexpr (std::is_same_v<T, int16_t>)
    return static_cast<T>(__aie2_vextract_s16(r, i));
  else if constexpr (std::is_same_v<T, uint16_t>)
    return static_cast<T>(__aie2_vextract_d16(r, i));
  else if constexpr (std::is_same_v<T, bfloat16>)
    return __builtin_bit_cast(T, static_cast<uint16_t>(__aie2_vextract_d16((v32uint16)r, i)));
  else
    return __builtin_bit_cast(T, __aie2_vextract_s32((v16int32)r, i));
}
/// v with `value` in lane i.
template <class T, class V> ASHLAR_INLINE V withLane(V v, unsigned at, T value) {
  const auto r = toRegister<T>(v);
  const int i = static_cast<int>(at);
  constexpr unsigned n = sizeof(V) / sizeof(T);
  if constexpr (sizeof(T) == 1)
    return lanesOf<0, n>((Register<T>)__aie2_vinsert_8((v64int8)r, i, value));
  else if constexpr (std::is_same_v<T, bfloat16>)
    return lanesOf<0, n>(
        (Register<T>)__aie2_vinsert_16((v32int16)r, i, __builtin_bit_cast(int16_t, value)));
  else if constexpr (sizeof(T) == 2)
    return lanesOf<0, n>((Register<T>)__aie2_vinsert_16((v32int16)r, i, value));
  else
    return lanesOf<0, n>(
        (Register<T>)__aie2_vinsert_32((v16int32)r, i, __builtin_bit_cast(int32_t, value)));
}

} // namespace aie::detail
