// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Lanes moved about: shifts, interleaving, transposition, parts, single lanes, memory.
#include "common.h"

template <class T> class Moves : public Kernel {
public:
  using Kernel::Kernel;
  template <unsigned N> void shuffles() {
    const auto a = take<T, N>(0), b = take<T, N>(4);
    for (unsigned n = 0; n < N; n += N / 4 + 1) {
      put(aie::shuffle_down_fill(a, b, n));
      put(aie::shuffle_up_fill(a, b, n));
    }
    put(aie::shuffle_down(a, 3));
    put(aie::shuffle_up(a, 1));
    put(aie::shuffle_down_rotate(a, 5));
    put(aie::shuffle_up_rotate(a, 2));
    put(aie::shuffle_up_replicate(a, 2));
    put(aie::shuffle_down_replicate(a, 3));
    for (unsigned step = 1; step <= N / 2; step *= 4) {
      const auto zipped = aie::interleave_zip(a, b, step);
      put(zipped.first);
      put(zipped.second);
      const auto [even, odd] = aie::interleave_unzip(a, b, step);
      put(even);
      put(odd);
    }
    put(aie::concat(aie::filter_even(a), aie::filter_odd(b, 2)));
    put(aie::reverse(a));
    put(aie::transpose(a, 4, N / 4));
    put(aie::transpose(b, N / 2, 2));
  }
  template <unsigned N> void parts() {
    auto a = take<T, N>(1);
    const auto b = take<T, N>(3);
    a[1] = b[N - 1];
    a[N - 2] = T(42);
    put(a);
    a.push(b.get(2));
    put(a);
    a.insert(1, b.template extract<N / 2>(0));
    put(a);
    put(a.template cast_to<int16_t>());
    put(aie::broadcast<T, N>(a[3]));
#pragma clang loop unroll(disable)
    for (unsigned i = 0; i < N; i += 7) putScalar(a.get(i));
    put(aie::iota<T, N>(T(2), T(3)));
    put(aie::zeros<T, N>());
  }
  template <unsigned N> void memory() {
    alignas(32) T place[3 * N];
    for (unsigned i = 0; i < 3 * N; ++i) place[i] = static_cast<T>(5 * i);
    for (unsigned i = 0; i < N; i += 3) put(aie::load_unaligned_v<N>(place + i));
    aie::store_unaligned_v(place + 3, take<T, N>(2));
    auto it = aie::begin_vector<N>(place);
    auto to = aie::begin_restrict_vector<N>(place + N);
    *to++ = *it++;
    *to = aie::add(aie::vector<T, N>(*it), take<T, N>(5));
    for (unsigned i = 0; i < 3; ++i) put(aie::load_v<N>(place + i * N));
  }
};
