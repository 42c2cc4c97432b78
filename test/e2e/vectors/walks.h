// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Ways through memory: two and three dimensions, round buffers, any address; widths of lanes and
// what masks can do.
#include "common.h"

class Walks : public Kernel {
public:
  using Kernel::Kernel;
  /// Rows of `width` vectors, columns `apart` vectors from another.
  void dimensions(const uint8_t *in, unsigned width, int apart) {
    dims_2d_t plane = dims_2d_from_steps(width, 32 * apart, 32);
    const uint8_t *p = in;
    for (unsigned i = 0; i < 3 * width; ++i) {
      put(aie::load_v<32>(p));
      p = add_2d_byte(p, plane);
    }
    // A count of its own, and a pointer that counts in vectors of 64 bytes.
    const v64uint8 *q = reinterpret_cast<const v64uint8 *>(in);
    int count = 1;
    for (int i = 0; i < 5; ++i) {
      put(aie::vector<uint8_t, 64>(*q));
      q = add_2d_ptr(q, 1, 2, count, 2);
    }
    putWord(static_cast<uint32_t>(count));
    dims_3d_t space = dims_3d_from_steps(2, 32, 3, 128, 64);
    p = in;
    for (unsigned i = 0; i < 13; ++i) {
      put(aie::load_v<32>(p));
      p = add_3d_byte(p, space);
    }
    putWord(static_cast<uint32_t>(space.count1 + 16 * space.count2));
    // A walk that writes.
    alignas(32) static uint8_t to[512];
    uint8_t *w = to;
    int a = 0, b = 0;
    for (unsigned i = 0; i < 8; ++i) {
      aie::store_v(w, take<uint8_t, 32>(i));
      w = add_3d_ptr(w, -288, 1, a, 64, 1, b, 192);
    }
    for (unsigned i = 0; i < 16; ++i) put(aie::load_v<32>(to + 32 * i));
  }
  void iterators(const uint8_t *in, int n) {
    auto round = aie::cbegin_vector_circular<32, 96>(in);
    for (int i = 0; i < 5; ++i) put(aie::vector<uint8_t, 32>(*round++));
    put(aie::vector<uint8_t, 32>(*--round));
    auto random = aie::cbegin_vector_random_circular<32>(in, 160);
    random += n;
    put(aie::vector<uint8_t, 32>(*random));
    put(aie::vector<uint8_t, 32>(random[-3]));
    put(aie::vector<uint8_t, 32>(*(random - 9)));
    auto any = aie::cbegin_unaligned_vector<32>(in + 5);
    put(aie::vector<uint8_t, 32>(*any++));
    put(aie::vector<uint8_t, 32>(*(any + 1)));
    put(aie::load_floor_v<32>(in + 77));
    put(aie::load_floor_v<16>(in + 77));
  }
  template <class T, unsigned N> void widths() {
    const auto a = take<T, N>(1), b = take<T, N>(3);
    if constexpr (sizeof(T) < 4) put(a.unpack());
    if constexpr (sizeof(T) < 4) put(aie::unpack(b));
    if constexpr (sizeof(T) > 1) put(a.pack());
    if constexpr (sizeof(T) > 1) put(aie::pack(b));
  }
  template <class T, unsigned N> void choices() {
    const auto a = take<T, N>(1), b = take<T, N>(3);
    put(aie::clamp(a, T(3), T(90)));
    put(aie::clamp(a, b, T(90)));
    const auto [most, isB] = aie::max_cmp(a, b);
    const auto [least, isLess] = aie::min_cmp(a, b);
    put(most), put(isB), put(least), put(isLess);
    putWord(aie::not_equal(a, b) + 2 * aie::not_equal(a, a) + 4 * aie::not_equal(a, T(1)));
    const auto [low, high] = a.template split<2>();
    put(high), put(low);
    using namespace aie::operators;
    auto c = a;
    c += b;
    c -= T(3);
    put(c);
  }
  /// Lanes and their indices are the same constants.
  void few() {
    put(aie::vector<int8_t, 32>(1, 2, 3));
    put(aie::vector<int32_t, 4>(1, 2, 3, 4));
    put(aie::vector<int16_t, 16>(2, 1, 0, 5, 1));
  }
  template <unsigned N> void masks() {
    const auto a = take<int8_t, N>(0), b = take<int8_t, N>(2);
    for (unsigned n : {0u, 1u, 31u, 32u, 33u, N - 1}) {
      put(aie::lt(a, b) << n);
      put(aie::lt(a, b) >> n);
    }
  }
};
