// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Vector registers are little-endian bytes; lanes are read out of them in place. The types below
// may alias anything, so a kernel works directly on the register file.
#pragma once

#include <cstdint>
#include <cstring>
#include <type_traits>

// Kernels that the compiler turns into wide vector code get a second body for AVX2, chosen at load
// time. Nothing depends on it but speed.
#if defined(__x86_64__) && defined(__clang__) && !defined(__SANITIZE_ADDRESS__) &&                 \
    !__has_feature(address_sanitizer) && !__has_feature(thread_sanitizer)
#define ASHLAR_WIDE __attribute__((target_clones("avx2", "default")))
#else
#define ASHLAR_WIDE
#endif

namespace ashlar::emulator {

template <class T> struct AliasOf {
  typedef T type __attribute__((may_alias));
};
template <class T> using Alias = typename AliasOf<T>::type;

template <class T> inline const Alias<T> *lanes(const void *p) {
  return static_cast<const Alias<T> *>(p);
}
template <class T> inline Alias<T> *lanes(void *p) { return static_cast<Alias<T> *>(p); }

inline constexpr int kVectorBytes = 64;
template <class T> inline constexpr int kLanes = kVectorBytes / static_cast<int>(sizeof(T));

inline int32_t signExtend(uint32_t v, int bits) {
  return static_cast<int32_t>(v << (32 - bits)) >> (32 - bits);
}

} // namespace ashlar::emulator
