// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The bodies of the matrix unit's fast kernels: each shape is a template, so that its loops have
// constant bounds and its lanes are machine vectors. A body is compiled twice, for any x86-64 (or
// any other machine) and for AVX2 with FMA; both give the same bits, only their speed differs.
#pragma once

#include "emulator/core/value/lanes.h"
#include "emulator/core/value/mac.h"

#if defined(__x86_64__)
#define ASHLAR_AVX2 __attribute__((target("avx2,fma")))
#define ASHLAR_HAS_AVX2 1
#else
#define ASHLAR_AVX2
#define ASHLAR_HAS_AVX2 0
#endif
#define ASHLAR_INLINE __attribute__((always_inline)) inline

namespace ashlar::emulator {

template <class T, int N> struct VecOf {
  typedef T type __attribute__((vector_size(sizeof(T) * N)));
  /// In memory: no alignment to rely on, may alias anything.
  typedef T stored __attribute__((vector_size(sizeof(T) * N), aligned(1), may_alias));
};
template <class T, int N> using Vec = typename VecOf<T, N>::type;

template <class T, int N> ASHLAR_INLINE void loadVec(Vec<T, N> &v, const void *p) {
  v = *static_cast<const typename VecOf<T, N>::stored *>(p);
}
template <class T, int N> ASHLAR_INLINE void storeVec(void *p, const Vec<T, N> &v) {
  *static_cast<typename VecOf<T, N>::stored *>(p) = v;
}

/// Is the AVX2 body the one to use on this machine?
bool wideKernels();

/// integerMac() and floatMac() with the body chosen by the caller, so that tests compare both.
bool integerMacBy(bool wide, void *out, const void *acc1, const void *acc2, const void *x,
                  const void *y, MacConfig config, FloatSigns signs);
bool floatMacBy(bool wide, void *out, const void *acc1, const void *acc2, const void *x,
                const void *y, MacConfig config, FloatSigns signs);

} // namespace ashlar::emulator
