// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Roots, the error function, the logistic function and rounding of bf16 vectors under the names of
// the vendor's vec_math.h.
#ifndef ASHLAR_VEC_MATH_H
#define ASHLAR_VEC_MATH_H

#include "aie_api/aie.hpp"

namespace aie::detail {
/// 1 / (1 + e^-x), by the exponential of -|x| so that nothing overflows.
ASHLAR_INLINE v16accfloat logisticOf(v16bfloat16 x) {
  const vector<bfloat16, 16> v(x);
  const v16accfloat e = expOf(neg(abs(v)));
  const v16accfloat one = constant(1.0f);
  const v16accfloat small = inverseOfOneToTwo(addFloats(one, e)); // of |x|
  const unsigned negative = static_cast<unsigned>(lt(v, bfloat16(0.0f)).to_uint32());
  return (v16accfloat)__aie2_vsel_32((v16int32)small, (v16int32)subFloats(one, small), negative);
}
/// erf by a polynomial in t = 1 / (1 + p|x|) times e^(-x^2); 2x/sqrt(pi) (1 - x^2/3) near zero.
ASHLAR_INLINE v16accfloat erfOf(v16bfloat16 x) {
  const vector<bfloat16, 16> v(x), magnitude = min(abs(v), bfloat16(4.0f));
  const v16accfloat one = constant(1.0f);
  const v16accfloat t = inverseOf<3>((v16float)macBf(one, magnitude, constantBf(0.3275911f)));
  const auto times = [](v16accfloat x, v16accfloat y)
                         ASHLAR_LAMBDA { return productOfFloats((v16float)x, (v16float)y); };
  v16accfloat p = addFloats(constant(-1.453152027f), times(t, constant(1.061405429f)));
  p = addFloats(constant(1.421413741f), times(p, t));
  p = addFloats(constant(-0.284496736f), times(p, t));
  p = addFloats(constant(0.254829592f), times(p, t));
  const v16accfloat square = mulBf(magnitude, magnitude);
  const v16accfloat e = powerOfTwo(times(square, constant(-1.44269504f)));
  const v16accfloat tail = times(times(p, t), e);
  const v16int32 sign =
      (v16int32)__aie2_vband((v64int8)fromBf(x), (v64int8)splat<int32_t>(-2147483647 - 1));
  const v16accfloat far = (v16accfloat)__aie2_vbor((v64int8)subFloats(one, tail), (v64int8)sign);
  const v16bfloat16 cube = toBf(mulBf(toBf(mulBf(x, x)), x));
  const v16accfloat close = mscBf(timesConstant(x, 1.12837917f), cube, constantBf(0.37612639f));
  const unsigned near = static_cast<unsigned>(lt(magnitude, bfloat16(0.25f)).to_uint32());
  return (v16accfloat)__aie2_vsel_32((v16int32)far, (v16int32)close, near);
}
/// The integer below; numbers of 2^8 and more are integers already.
ASHLAR_INLINE v16accfloat floorOf16(v16bfloat16 x) {
  const v16accfloat whole = integerToFloat(__aie2_vfloor_s32_bf16_w(x, 0));
  const unsigned small =
      static_cast<unsigned>(lt(abs(vector<bfloat16, 16>(x)), bfloat16(256.0f)).to_uint32());
  return (v16accfloat)__aie2_vsel_32((v16int32)fromBf(x), (v16int32)whole, small);
}
} // namespace aie::detail

#define ASHLAR_VEC_MATH(name, expression)                                                          \
  ASHLAR_INLINE v16bfloat16 name(v16bfloat16 x) { return to_v16bfloat16(expression); }             \
  ASHLAR_INLINE v32bfloat16 name(v32bfloat16 x) {                                                  \
    return aie::detail::concatNative(name(aie::detail::lanesOf<0, 16>(x)),                         \
                                     name(aie::detail::lanesOf<16, 16>(x)));                       \
  }
ASHLAR_VEC_MATH(getRsqrtBf16, aie::detail::inverseRootOf<1>((v16float)aie::detail::fromBf(x)))
ASHLAR_VEC_MATH(getSqrtBf16, aie::detail::rootOf<1>(aie::detail::fromBf(x)))
ASHLAR_VEC_MATH(getErfBf16, aie::detail::erfOf(x))
ASHLAR_VEC_MATH(getSigmoidBf16, aie::detail::logisticOf(x))
ASHLAR_VEC_MATH(getFloorBf16, aie::detail::floorOf16(x))
#undef ASHLAR_VEC_MATH
ASHLAR_INLINE v16bfloat16 getCeilBf16(v16bfloat16 x) {
  const aie::vector<bfloat16, 16> v(x);
  return aie::neg(aie::vector<bfloat16, 16>(getFloorBf16(v16bfloat16(aie::neg(v)))));
}
ASHLAR_INLINE v32bfloat16 getCeilBf16(v32bfloat16 x) {
  return aie::detail::concatNative(getCeilBf16(aie::detail::lanesOf<0, 16>(x)),
                                   getCeilBf16(aie::detail::lanesOf<16, 16>(x)));
}

#endif
