// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Elementary functions and conversions between integers and floats.
#include "common.h"
#include <lut_based_ops.h>

class Functions : public Kernel {
public:
  using Kernel::Kernel;
  /// Floats of ordinary size from any bits: the exponent is brought near 0.
  aie::vector<float, 16> ordinary(unsigned i) const {
    const auto bits = take<int32_t, 16>(i);
    return aie::add(aie::bit_and(bits, int32_t(0x83FFFFFF)), int32_t(0x3E000000)).cast_to<float>();
  }
  aie::vector<bfloat16, 16> ordinaryBf(unsigned i) const {
    return aie::accum<accfloat, 16>(ordinary(i)).to_vector<bfloat16>();
  }
  void exponentials() {
    const auto x = ordinaryBf(0), y = take<bfloat16, 16>(1);
    put(aie::exp<float>(x));
    put(aie::exp<float>(aie::mul(x, bfloat16(9.5f)).to_vector<bfloat16>()));
    put(aie::tanh<float>(x));
    put(aie::exp2(ordinary(2)));
    put(aie::vector<float, 16>(aie::accum<accfloat, 16>(getExpBf16(y))));
    put(aie::vector<bfloat16, 16>(getTanhBf16(x)));
  }
  void inverses() {
    const auto x = ordinary(3);
    const auto positive = aie::abs(x);
    put(aie::inv(x));
    put(aie::invsqrt(positive));
    put(aie::sqrt(positive));
    put(aie::inv(ordinaryBf(4)));
    put(aie::invsqrt(aie::abs(ordinaryBf(5))));
    put(aie::div(x, positive));
    putScalar(aie::inv(x.get(3)));
    putScalar(aie::invsqrt(positive.get(5)));
  }
  void conversions() {
    for (int shift = 0; shift < 9; shift += 4) {
      put(aie::to_float(take<int32_t, 16>(2), shift));
      put(aie::to_float<bfloat16>(take<int16_t, 16>(3), shift));
      put(aie::to_fixed<int32_t>(take<bfloat16, 16>(4), shift));
      put(aie::to_fixed<int16_t>(take<bfloat16, 32>(6), shift));
    }
    put(aie::to_fixed<int32_t>(ordinary(4), 3));
  }
};
