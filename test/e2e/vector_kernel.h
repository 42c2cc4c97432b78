// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// One kernel over much of the vector header, compiled for the host by the test and for the core by
// ashlar: the bytes that it writes must be the same. In: 512 bytes of anything. Out: 1024 bytes.
// The parts are programs of their own, since program memory is small.
#pragma once

#include <aie_api/aie.hpp>

class VectorKernel {
public:
  explicit VectorKernel(uint8_t *out) : out_(out) {}
  static constexpr int kParts = 5;
  template <int part> void run(const uint8_t *in, int mode) {
    aie::set_rounding(static_cast<aie::rounding_mode>(mode % 10 < 4 ? mode % 10 : mode % 6 + 8));
    aie::set_saturation(mode % 3 == 0 ? aie::saturation_mode::none
                                      : aie::saturation_mode::saturate);
    if constexpr (part == 0) integers<int8_t, int8_t>(in);
    if constexpr (part == 1) integers<uint8_t, int16_t>(in);
    if constexpr (part == 2) integers<int16_t, int16_t>(in);
    if constexpr (part == 3) floats(in);
    if constexpr (part == 4) blocks(in);
  }

private:
  template <class T, unsigned N> void put(const aie::vector<T, N> &v) {
    std::memcpy(out_, v.data(), sizeof(T) * N);
    out_ += sizeof(T) * N;
  }
  template <class T, unsigned N> static aie::vector<T, N> take(const uint8_t *in) {
    aie::vector<T, N> v;
    std::memcpy(v.data(), in, sizeof(T) * N);
    return v;
  }
  template <class A, class B> void integers(const uint8_t *in) {
    const auto a = take<A, 16>(in);
    const auto b = take<B, 16>(in + 64);
    const auto c = take<A, 16>(in + 128);
    auto sum = aie::mul(a, b);
    sum = aie::mac(sum, c, b);
    sum = aie::msc(sum, a, b);
    put(sum.template to_vector<int16_t>(3));
    put(sum.template to_vector<int8_t>(5));
    put(aie::add(a, c));
    put(aie::sub(a, A(3)));
    put(aie::max(a, c));
    put(aie::select(a, c, aie::lt(a, c) & ~aie::eq(a, A(0))));
    put(aie::shuffle_down_fill(a, c, 3));
    put(aie::concat(aie::filter_even(a), aie::filter_odd(c)));
    put(aie::interleave_zip(a, c, 2).first);
    aie::vector<A, 4> reduced(aie::reduce_add(a), aie::reduce_max(a), aie::reduce_min(c), A(a[5]));
    put(reduced);
  }
  void floats(const uint8_t *in) {
    aie::vector<bfloat16, 16> a, b;
    for (unsigned i = 0; i < 16; ++i) { // of ordinary size, both signs
      a[i] = static_cast<bfloat16>(static_cast<float>(static_cast<int8_t>(in[i])) / 16);
      b[i] = static_cast<bfloat16>(static_cast<float>(static_cast<int8_t>(in[i + 16])) / 3);
    }
    aie::accum<accfloat, 16> sum = aie::mul(a, b);
    sum = aie::mac(sum, b, b);
    sum = aie::add(sum, a);
    put(sum.to_vector<bfloat16>());
    put(sum.to_vector<float>());
    put(aie::invsqrt(aie::add(aie::abs(sum.to_vector<float>()), 1.0f)));
    put(aie::sub(a, b));
    put(aie::broadcast<bfloat16, 16>(aie::reduce_add(a)));
  }
  void blocks(const uint8_t *in) {
    aie::mmul<4, 8, 8, int8_t, int8_t> bytes;
    bytes.mul(take<int8_t, 32>(in), take<int8_t, 64>(in + 32));
    bytes.mac(take<int8_t, 32>(in + 96), take<int8_t, 64>(in + 128));
    put(bytes.to_vector<int8_t>(6));
    aie::mmul<4, 4, 4, int16_t, int16_t> words;
    words.mac(take<int16_t, 16>(in), take<int16_t, 16>(in + 64));
    put(words.to_vector<int32_t>(4));
  }
  uint8_t *out_;
};
