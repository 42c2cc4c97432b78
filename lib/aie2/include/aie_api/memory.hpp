// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Vectors in memory. An aligned access wants its address a multiple of the vector's size, or of 32
// bytes where the vector is longer; load_unaligned_v and store_unaligned_v take any address.
#pragma once

#include "aie_api/accum.hpp"

#include <string.h>

namespace aie {
namespace detail {
template <class V> inline constexpr unsigned kAlign = sizeof(V) < 32 ? sizeof(V) : 32;

template <class V> ASHLAR_INLINE V loadNative(const void *p) {
#if ASHLAR_VECTOR_UNIT
  return *static_cast<const V *>(p);
#else
  V v;
  memcpy(&v, p, sizeof v);
  return v;
#endif
}
template <class V> ASHLAR_INLINE void storeNative(void *p, V v) {
#if ASHLAR_VECTOR_UNIT
  *static_cast<V *>(p) = v;
#else
  memcpy(p, &v, sizeof v);
#endif
}
/// Lanes of a vector of `T` when none are asked for: one register of 512 bits is loaded.
template <class T> inline constexpr unsigned defaultLanes = 64 / sizeof(T);
} // namespace detail

template <class T, unsigned N> ASHLAR_INLINE void vector<T, N>::load(const T *p) {
  detail::repeat<parts>([&](auto i) ASHLAR_LAMBDA {
    part_[i] = detail::loadNative<native_part>(p + i * part_lanes);
  });
}
template <class T, unsigned N> ASHLAR_INLINE void vector<T, N>::store(T *p) const {
  detail::repeat<parts>([&](auto i) ASHLAR_LAMBDA {
    detail::storeNative(p + i * part_lanes, part_[i]);
  });
}

template <unsigned N, class T> ASHLAR_INLINE auto load_v(const T *p) {
  vector<std::remove_cv_t<T>, N> v;
  v.load(p);
  return v;
}
/// As many lanes as a register of 512 bits has.
template <class T> ASHLAR_INLINE auto load_v(const T *p) {
  return load_v<detail::defaultLanes<std::remove_cv_t<T>>>(p);
}
/// The vector at the next lower multiple of `lanes` lanes (or of `bytes` bytes), a power of two.
template <unsigned N, class T> ASHLAR_INLINE auto load_floor_bytes_v(const T *p, unsigned bytes) {
  return load_v<N>(reinterpret_cast<const T *>(reinterpret_cast<uintptr_t>(p) &
                                               ~(static_cast<uintptr_t>(bytes) - 1)));
}
template <unsigned N, class T> ASHLAR_INLINE auto load_floor_v(const T *p, unsigned lanes = N) {
  return load_floor_bytes_v<N>(p, lanes * sizeof(T));
}
template <class T, unsigned N>
ASHLAR_INLINE T *store_v(T *p, const vector<std::remove_cv_t<T>, N> &v) {
  v.store(p);
  return p;
}
template <class T, unsigned N>
  requires(!std::is_same_v<std::remove_cv_t<T>, typename vector<std::remove_cv_t<T>, N>::native_part>)
ASHLAR_INLINE T *store_v(T *p, detail::native<T, N> v) {
  return store_v(p, vector<T, N>(v));
}
template <class T, class Tag, unsigned N> void store_v(T *, const accum<Tag, N> &) {
  static_assert(N == 0, "store_v stores a vector: store_v(p, acc.to_vector<int32>(shift)), or another "
                        "type, makes one of an accumulator");
}

/// Any address that is a multiple of the lane's size (`aligned_elems`: of so many lanes).
template <unsigned N, class T> ASHLAR_INLINE auto load_unaligned_v(const T *p, unsigned = 1) {
  using E = std::remove_cv_t<T>;
  vector<E, N> v;
#if ASHLAR_VECTOR_UNIT
  // The aligned blocks of 32 bytes that hold each register's bytes, shifted to their place. No block
  // is read that holds none of them.
  using Block = detail::native<int8_t, 32>;
  detail::repeat<vector<E, N>::parts>([&](auto i) ASHLAR_LAMBDA {
    constexpr int bytes = sizeof(typename vector<E, N>::native_part);
    const auto address = reinterpret_cast<uintptr_t>(p) + i * 64;
    const auto *base = reinterpret_cast<const Block *>(address & ~uintptr_t(31));
    const int offset = static_cast<int>(address & 31), last = (offset + bytes - 1) / 32;
    const v64int8 low = detail::concatNative(base[0], base[last < 1 ? last : 1]);
    const v64int8 high = bytes > 32 ? detail::widen<64>(base[last]) : low;
    v.part(i) = (typename vector<E, N>::native_part)detail::lanesOf<0, bytes>(
        __aie2_vshift(low, high, offset));
  });
#else
  memcpy(&v, p, sizeof v);
#endif
  return v;
}
template <class T, unsigned N>
ASHLAR_INLINE T *store_unaligned_v(T *p, const vector<std::remove_cv_t<T>, N> &v, unsigned = 1) {
#if ASHLAR_VECTOR_UNIT
  for (unsigned i = 0; i < N; ++i) p[i] = v.get(i); // lane by lane: nothing beside is touched
#else
  memcpy(p, &v, sizeof v);
#endif
  return p;
}

} // namespace aie
