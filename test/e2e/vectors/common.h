// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What the vector kernels of these tests share: vectors are taken from random bytes, results are
// written one after the other. One file is one program of a core, compiled for the host as well:
// both must write the same bytes.
#pragma once

#include <aie_api/aie.hpp>

class Kernel {
public:
  static constexpr unsigned kIn = 1024, kOut = 16384;
  Kernel(const uint8_t *in, uint8_t *out) : in_(in), out_(out) {}

protected:
  /// Vector number i of the input, any of its bytes.
  template <class T, unsigned N> aie::vector<T, N> take(unsigned i) const {
    return aie::load_v<N>(reinterpret_cast<const T *>(in_ + i * 64 % kIn));
  }
  template <class T, unsigned N> void put(const aie::vector<T, N> &v) {
    aie::store_v(reinterpret_cast<T *>(out_), v);
    out_ += (sizeof(T) * N + 31) / 32 * 32;
  }
  template <unsigned N> void put(const aie::mask<N> &m) {
    uint32_t words[(N + 31) / 32];
    for (unsigned i = 0; i < (N + 31) / 32; ++i) words[i] = m.to_uint32(i);
    for (unsigned i = 0; i < (N + 31) / 32; ++i) putWord(words[i]);
  }
  template <class T> void putScalar(T x) {
    if constexpr (sizeof(T) == 4)
      putWord(__builtin_bit_cast(uint32_t, x));
    else if constexpr (sizeof(T) == 2)
      putWord(__builtin_bit_cast(uint16_t, x));
    else
      putWord(static_cast<uint8_t>(x));
  }
  void putWord(uint32_t w) {
    *reinterpret_cast<uint32_t *>(out_) = w;
    out_ += 32;
  }

private:
  const uint8_t *in_;
  uint8_t *out_;
};

/// The modes that a run goes through: rounding in the low digits, saturation in the high one.
template <class F> void forModes(int first, F f) {
  constexpr int modes[] = {0, 1, 2, 3, 8, 9, 10, 11, 12, 13};
  for (int k = 0; k < 3; ++k) {
    const int mode = modes[(first + 4 * k) % 10];
    aie::set_rounding(static_cast<aie::rounding_mode>(mode));
    aie::set_saturation(k == 0   ? aie::saturation_mode::none
                        : k == 1 ? aie::saturation_mode::saturate
                                 : aie::saturation_mode::symmetric);
    f();
  }
  aie::set_rounding(aie::rounding_mode::floor);
  aie::set_saturation(aie::saturation_mode::none);
}
