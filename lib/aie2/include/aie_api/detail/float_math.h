// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Elementary functions of 16 lanes on the float unit. It multiplies bf16 only, so a factor that
// needs more bits is split in two or three bf16 parts, two of which one instruction multiplies. The
// error bounds (docs/vectors.md) hold for every rounding mode; infinities and NaNs are not
// promised.
#pragma once

#include "aie_api/detail/multiply.h"

namespace aie::detail {

ASHLAR_INLINE v16accfloat constant(float c) { return (v16accfloat)splat<float>(c); }
ASHLAR_INLINE v16bfloat16 toBf(v16accfloat a) { return __aie2_vconv_bf16_fp32(a); }
ASHLAR_INLINE v16accfloat fromBf(v16bfloat16 v) { return __aie2_vconv_fp32_bf16(v); }
ASHLAR_INLINE v16bfloat16 constantBf(float c) {
  return lanesOf<0, 16>(splat<bfloat16>(static_cast<bfloat16>(c)));
}

// acc + x * y, acc - x * y, x * y, and with two products a lane.
ASHLAR_INLINE v16accfloat mulBf(v16bfloat16 x, v16bfloat16 y) {
  return __aie2_vmul_f(widenWithZeros<32>(x), widenWithZeros<32>(y), kElem16x2Float);
}
ASHLAR_INLINE v16accfloat macBf(v16accfloat a, v16bfloat16 x, v16bfloat16 y) {
  return __aie2_vmac_f(a, widenWithZeros<32>(x), widenWithZeros<32>(y), kElem16x2Float);
}
ASHLAR_INLINE v16accfloat mscBf(v16accfloat a, v16bfloat16 x, v16bfloat16 y) {
  return __aie2_vmsc_f(a, widenWithZeros<32>(x), widenWithZeros<32>(y), kElem16x2Float);
}
ASHLAR_INLINE v16accfloat mac2Bf(v16accfloat a, v16bfloat16 x0, v16bfloat16 y0, v16bfloat16 x1,
                                 v16bfloat16 y1) {
  return __aie2_vmac_f(a, concatNative(x0, x1), concatNative(y0, y1), kElem16x2Float);
}
ASHLAR_INLINE v16accfloat msc2Bf(v16accfloat a, v16bfloat16 x0, v16bfloat16 y0, v16bfloat16 x1,
                                 v16bfloat16 y1) {
  return __aie2_vmsc_f(a, concatNative(x0, x1), concatNative(y0, y1), kElem16x2Float);
}

/// fp32 as two bf16: 16 bits of it.
struct TwoParts {
  v16bfloat16 high, low;
};
ASHLAR_INLINE TwoParts splitTwo(v16accfloat a) {
  const v16bfloat16 high = toBf(a);
  return {high, toBf(subFloats(a, fromBf(high)))};
}

/// 2^t: t is split into an integer n and f in [-1/2, 1/2]; 2^f is a polynomial in the bf16 part of
/// f, corrected for the rest; n goes to the exponent. t from -126 to 127.5.
ASHLAR_INLINE v16accfloat powerOfTwo(v16accfloat t) {
  const v16accfloat magic = constant(12582912.0f); // 1.5 * 2^23: adding it rounds to an integer
  const v16accfloat n = subFloats(addFloats(t, magic), magic);
  const v16accfloat f = subFloats(t, n);
  const v16bfloat16 high = toBf(f);
  const v16bfloat16 low = toBf(subFloats(f, fromBf(high)));
  const v16bfloat16 p3 = toBf(macBf(constant(0.05549605f), high, constantBf(0.0096f)));
  const TwoParts p2 = splitTwo(macBf(constant(0.24022651f), high, p3));
  const TwoParts p1 = splitTwo(mac2Bf(constant(0.69314718f), high, p2.high, high, p2.low));
  const v16accfloat p = mac2Bf(constant(1.0f), high, p1.high, high, p1.low);
  const v16accfloat power = macBf(p, toBf(p), toBf(mulBf(low, constantBf(0.69314718f))));
  const v16int32 exponent = __aie2_vfloor_s32_bf16_w(toBf(n), 23); // n is exact in bf16
  return (v16accfloat)__aie2_vadd_32((v16int32)power, exponent);
}
/// x * c for a constant c in three bf16 parts.
ASHLAR_INLINE v16accfloat timesConstant(v16bfloat16 x, float c) {
  const float high = static_cast<float>(static_cast<bfloat16>(c));
  const float middle = static_cast<float>(static_cast<bfloat16>(c - high));
  const float low = c - high - middle;
  const v16accfloat small = mulBf(x, constantBf(low));
  return mac2Bf(small, x, constantBf(high), x, constantBf(middle));
}
/// Zero where `zero` is set, else a.
ASHLAR_INLINE v16accfloat zeroWhere(v16accfloat a, unsigned zero) {
  return (v16accfloat)__aie2_vsel_32((v16int32)a, splat<int32_t>(0), zero);
}
/// e^x: 0 below -87.
ASHLAR_INLINE v16accfloat expOf(v16bfloat16 x) {
  unsigned below, m;
  const Register<bfloat16> all = widenWithZeros<32>(x);
  Register<bfloat16> in =
      __aie2_vmax_lt_bf16(all, splat<bfloat16>(static_cast<bfloat16>(-87.0f)), &below);
  in = __aie2_vmin_ge_bf16(in, splat<bfloat16>(static_cast<bfloat16>(88.0f)), &m);
  return zeroWhere(powerOfTwo(timesConstant(lanesOf<0, 16>(in), 1.44269504f)), below);
}

/// a where a is below b, else b... of fp32 lanes, for numbers.
ASHLAR_INLINE v16accfloat clampFloats(v16accfloat a, float low, float high) {
  v16float v = (v16float)a;
  v = maxRegisters<float>(v, splat<float>(low));
  return (v16accfloat)minRegisters<float>(v, splat<float>(high));
}

/// 1 / d for d in [1, 2].
ASHLAR_INLINE v16accfloat inverseOfOneToTwo(v16accfloat d) {
  const TwoParts x = splitTwo(d);
  v16bfloat16 y = toBf(mscBf(constant(1.4117647f), x.high, constantBf(0.470588f)));
  const v16bfloat16 e = toBf(msc2Bf(constant(1.0f), x.high, y, x.low, y));
  y = toBf(macBf(fromBf(y), y, e)); // right to about 2^-8
  const v16accfloat r = msc2Bf(constant(1.0f), x.high, y, x.low, y);
  return macBf(fromBf(y), y, toBf(r));
}

/// tanh: (1 - e) / (1 + e) with e = exp(-2|x|); x - x^3/3 near zero, where that cancels.
ASHLAR_INLINE v16accfloat tanhOf(v16bfloat16 x) {
  unsigned m, near;
  const v32bfloat16 all = widenWithZeros<32>(x);
  const v32bfloat16 magnitude =
      (v32bfloat16)__aie2_vband((v64int8)all, (v64int8)splat<int16_t>(0x7FFF));
  const v32bfloat16 in =
      __aie2_vmin_ge_bf16(magnitude, splat<bfloat16>(static_cast<bfloat16>(16.0f)), &m);
  near = __aie2_vlt_bf16(magnitude, splat<bfloat16>(static_cast<bfloat16>(0.0625f)));
  const v16accfloat e = powerOfTwo(timesConstant(lanesOf<0, 16>(in), -2.88539008f));
  const v16accfloat one = constant(1.0f);
  const TwoParts top = splitTwo(subFloats(one, e));
  const TwoParts inverse = splitTwo(inverseOfOneToTwo(addFloats(one, e)));
  v16accfloat far =
      mac2Bf(mulBf(top.low, inverse.high), top.high, inverse.high, top.high, inverse.low);
  // The sign comes back by its bit.
  const v16int32 sign =
      (v16int32)__aie2_vband((v64int8)fromBf(x), (v64int8)splat<int32_t>(-2147483647 - 1));
  far = (v16accfloat)__aie2_vbor((v64int8)far, (v64int8)sign);
  const v16bfloat16 square = toBf(mulBf(x, x));
  const v16bfloat16 cube = toBf(mulBf(square, x));
  const v16accfloat close = mscBf(fromBf(x), cube, constantBf(0.33333333f));
  return (v16accfloat)__aie2_vsel_32((v16int32)far, (v16int32)close, near);
}

/// 1 / x: a first guess from the bits, two steps in bf16, one with all bits of x.
template <unsigned parts> ASHLAR_INLINE v16accfloat inverseOf(v16float v) {
  FloatParts x;
  if constexpr (parts == 3)
    x = splitFloat(v);
  else
    x.high = toBf((v16accfloat)v);
  v16bfloat16 y =
      toBf((v16accfloat)__aie2_vsub_32(splat<int32_t>(0x7EF311C7), (v16int32)v)); // within 13 %
  const v16accfloat one = constant(1.0f);
  repeat<2>([&](auto) ASHLAR_LAMBDA {
    const v16bfloat16 e = toBf(mscBf(one, x.high, y));
    y = toBf(macBf(fromBf(y), y, e));
  });
  v16accfloat e = mscBf(one, x.high, y);
  if constexpr (parts == 3) e = msc2Bf(e, x.middle, y, x.low, y);
  // y * (1 + e + e^2), e below 2^-5
  const TwoParts eOne = splitTwo(e);
  const v16bfloat16 eOnePlus = toBf(addFloats(one, e));
  const TwoParts sum = splitTwo(
      mac2Bf(mulBf(eOne.low, eOnePlus), eOne.high, eOne.high, eOne.high, constantBf(1.0f)));
  return mac2Bf(fromBf(y), y, sum.high, y, sum.low);
}
/// 1 / sqrt(x), the same way.
template <unsigned parts> ASHLAR_INLINE v16accfloat inverseRootOf(v16float v) {
  FloatParts x;
  if constexpr (parts == 3)
    x = splitFloat(v);
  else
    x.high = toBf((v16accfloat)v);
  // bits / 2: the high word of bits * 2^31
  const v16int32 half = words32<1>(__aie2_vups_s64_s32_cm((v16int32)v, 31));
  v16bfloat16 y = toBf((v16accfloat)__aie2_vsub_32(splat<int32_t>(0x5F3759DF), half));
  const v16accfloat one = constant(1.0f);
  repeat<1>([&](auto) ASHLAR_LAMBDA {
    const v16bfloat16 square = toBf(mulBf(y, y));
    const v16bfloat16 e = toBf(mscBf(one, x.high, square));
    y = toBf(macBf(fromBf(y), y, toBf(mulBf(e, constantBf(0.5f)))));
  });
  const TwoParts square = splitTwo(mulBf(y, y)); // exact
  v16accfloat e = msc2Bf(one, x.high, square.high, x.high, square.low);
  if constexpr (parts == 3) {
    e = msc2Bf(e, x.middle, square.high, x.middle, square.low);
    e = mscBf(e, x.low, square.high);
  }
  // y * (1 + e/2 + 3/8 e^2 + 5/16 e^3), e below 2^-5
  const TwoParts eParts = splitTwo(e);
  const v16bfloat16 outer = toBf(macBf(constant(0.375f), eParts.high, constantBf(0.3125f)));
  const TwoParts inner = splitTwo(mac2Bf(constant(0.5f), eParts.high, outer, eParts.low, outer));
  const TwoParts sum = splitTwo(
      mac2Bf(mulBf(eParts.low, inner.high), eParts.high, inner.high, eParts.high, inner.low));
  return mac2Bf(fromBf(y), y, sum.high, y, sum.low);
}

} // namespace aie::detail
