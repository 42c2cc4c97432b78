// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Lane-wise products of one accumulator register: 32 lanes of acc32, 16 of acc64 or accfloat. What
// the unit multiplies at once: 8 by 8 bits (two products a lane, the second is kept zero), 16 by
// 16, bf16 by bf16. 8-bit lanes are widened beside 16-bit ones; 32-bit lanes are multiplied by
// halves of 16 bits, exactly; fp32 as three bf16 parts, which loses less than the last bit or two.
#pragma once

#include "aie_api/arithmetic.hpp"

namespace aie::detail {

// Configuration words of the multiplier: [2:1] lanes, [4:3] element sizes, [7:5] shape, 8 signed Y,
// 9 signed X, 10 accumulator << 16 first.
inline constexpr int kSignedY = 1 << 8, kSignedX = 1 << 9, kShift16 = 1 << 10;
inline constexpr int kElem32x2 = 1 << 3 | 1 << 5; ///< 8 x 8 bits, 32 lanes, 2 products
inline constexpr int kElem32 = 3 << 3 | 1 << 5;   ///< 16 x 16 bits, 32 lanes of acc32
inline constexpr int kElem16x2 =
    1 << 1 | 3 << 3 | 2 << 5;             ///< 16 x 16, 16 lanes of acc64, 2 products
inline constexpr int kElem16x2Float = 60; ///< bf16, 16 lanes, 2 products
inline constexpr int kMatmulFloat = 28;   ///< bf16, 4x8 by 8x4
template <class A, class B>
inline constexpr int kSigns = (isSigned<A> ? kSignedX : 0) | (isSigned<B> ? kSignedY : 0);

template <class Tag> inline constexpr unsigned kAccLanes = AccParts<Tag, 64>::registerLanes;
template <class Tag> using AccRegister = nativeAcc<Tag, kAccLanes<Tag>>;

/// What to do with a product: it alone or added to an accumulator, as it is or negated.
enum class Op { Mul, NegMul, Mac, Msc };
constexpr bool accumulates(Op op) { return op == Op::Mac || op == Op::Msc; }
constexpr bool negates(Op op) { return op == Op::NegMul || op == Op::Msc; }

template <Op op> ASHLAR_INLINE v16acc64 multiply(v16acc64 acc, v64int8 x, v64int8 y, int config) {
  if constexpr (op == Op::Mul)
    return __aie2_vmul(x, y, config);
  else if constexpr (op == Op::NegMul)
    return __aie2_vnegmul(x, y, config);
  else if constexpr (op == Op::Mac)
    return __aie2_vmac(acc, x, y, config);
  else
    return __aie2_vmsc(acc, x, y, config);
}
template <Op op>
ASHLAR_INLINE v16accfloat multiplyFloat(v16accfloat acc, v32bfloat16 x, v32bfloat16 y, int config) {
  if constexpr (op == Op::Mul)
    return __aie2_vmul_f(x, y, config);
  else if constexpr (op == Op::NegMul)
    return __aie2_vnegmul_f(x, y, config);
  else if constexpr (op == Op::Mac)
    return __aie2_vmac_f(acc, x, y, config);
  else
    return __aie2_vmsc_f(acc, x, y, config);
}

/// A float in bf16 parts: their sum is the float, unless that is near overflow.
struct FloatParts {
  v16bfloat16 high, middle, low;
};
ASHLAR_INLINE FloatParts splitFloat(v16float v) {
  FloatParts p;
  const v16accfloat all = (v16accfloat)v;
  p.high = __aie2_vconv_bf16_fp32(all);
  const v16accfloat rest = subFloats(all, __aie2_vconv_fp32_bf16(p.high));
  p.middle = __aie2_vconv_bf16_fp32(rest);
  p.low = __aie2_vconv_bf16_fp32(subFloats(rest, __aie2_vconv_fp32_bf16(p.middle)));
  return p;
}
ASHLAR_INLINE v16accfloat productOfFloats(v16float a, v16float b) {
  const FloatParts x = splitFloat(a), y = splitFloat(b);
  v16accfloat sum =
      __aie2_vmul_f(concatNative(x.high, x.low), concatNative(y.low, y.high), kElem16x2Float);
  sum = __aie2_vmac_f(sum, widenWithZeros<32>(x.middle), widenWithZeros<32>(y.middle),
                      kElem16x2Float);
  sum = __aie2_vmac_f(sum, concatNative(x.high, x.middle), concatNative(y.middle, y.high),
                      kElem16x2Float);
  return __aie2_vmac_f(sum, widenWithZeros<32>(x.high), widenWithZeros<32>(y.high), kElem16x2Float);
}
ASHLAR_INLINE v16accfloat productOfFloatAndBfloat(v16float a, v16bfloat16 b) {
  const FloatParts x = splitFloat(a);
  const v16accfloat sum =
      __aie2_vmul_f(concatNative(x.low, x.middle), concatNative(b, b), kElem16x2Float);
  return __aie2_vmac_f(sum, widenWithZeros<32>(x.high), widenWithZeros<32>(b), kElem16x2Float);
}

/// Halves of 32-bit lanes: 16 low ones, then 16 high ones.
template <class T> ASHLAR_INLINE v32int16 halvesOf(native<T, 16> v) {
  return (v32int16)__aie2_vshuffle((v64int8)v, (v64int8)v, T16_16x2);
}
/// Lanes 16 to 31 in the low half.
ASHLAR_INLINE v64int8 upperHalf(v32int16 v) { return (v64int8)widen<32>(lanesOf<16, 16>(v)); }

/// 32 by 16 bits; the 16-bit operand has zeros above.
template <Op op, class A, class B>
ASHLAR_INLINE v16acc64 multiply32x16(v16acc64 acc, native<A, 16> a, native<B, 16> b) {
  const v32int16 x = halvesOf<A>(a);
  const v64int8 y = (v64int8)widenWithZeros<32>(b);
  constexpr int high = kElem16x2 | kSigns<A, B>, low = kElem16x2 | kShift16 | kSigns<unsigned, B>;
  const v16acc64 top = multiply<negates(op) ? Op::NegMul : Op::Mul>(acc, upperHalf(x), y, high);
  if constexpr (op == Op::Mac)
    return __aie2_vaddmac(top, acc, (v64int8)x, y, low);
  else if constexpr (op == Op::Msc)
    return __aie2_vaddmsc(top, acc, (v64int8)x, y, low);
  else
    return multiply<op == Op::Mul ? Op::Mac : Op::Msc>(top, (v64int8)x, y, low);
}
template <Op op, class A, class B>
ASHLAR_INLINE v16acc64 multiply32x32(v16acc64 acc, native<A, 16> a, native<B, 16> b) {
  constexpr Op first = negates(op) ? Op::NegMul : Op::Mul, next = negates(op) ? Op::Msc : Op::Mac;
  const v32int16 x = halvesOf<A>(a), y = halvesOf<B>(b);
  const auto none = widenWithZeros<32>(lanesOf<0, 16>(y));
  const v64int8 yLow = (v64int8)none, yHigh = (v64int8)widenWithZeros<32>(lanesOf<16, 16>(y));
  v16acc64 sum = multiply<first>(acc, upperHalf(x), yHigh, kElem16x2 | kSigns<A, B>);
  sum = multiply<next>(sum, upperHalf(x), yLow, kElem16x2 | kShift16 | kSigns<A, unsigned>);
  sum = multiply<next>(sum, (v64int8)x, yHigh, kElem16x2 | kSigns<unsigned, B>);
  constexpr int low = kElem16x2 | kShift16;
  if constexpr (op == Op::Mac)
    return __aie2_vaddmac(sum, acc, (v64int8)x, yLow, low);
  else if constexpr (op == Op::Msc)
    return __aie2_vaddmsc(sum, acc, (v64int8)x, yLow, low);
  else
    return multiply<next>(sum, (v64int8)x, yLow, low);
}

/// Sixteen lanes of 8 bits as 16 bits.
template <class T> ASHLAR_INLINE auto to16(native<T, 16> v) {
  if constexpr (sizeof(T) == 1)
    return lanesOf<0, 16>(unpackLanes(widen<32>(v)));
  else
    return v;
}
template <class T>
using Widened16 =
    std::conditional_t<sizeof(T) == 1, std::conditional_t<isSigned<T>, int16_t, uint16_t>, T>;

/// The product of one accumulator register's lanes.
template <class Tag, Op op, class A, class B>
ASHLAR_INLINE AccRegister<Tag> multiplyLanes(AccRegister<Tag> acc, native<A, kAccLanes<Tag>> a,
                                             native<B, kAccLanes<Tag>> b) {
  static_assert(isFloating<A> == isFloating<B>,
                "a float vector is multiplied by a float vector, an integer one by an integer one");
  if constexpr (std::is_same_v<Tag, accfloat>) {
    static_assert(isFloating<A>,
                  "accfloat sums products of bfloat16 or float; integers go to acc32 "
                  "or acc64");
    if constexpr (sizeof(A) == 2 && sizeof(B) == 2) {
      return multiplyFloat<op>(acc, widenWithZeros<32>(a), widenWithZeros<32>(b), kElem16x2Float);
    } else {
      v16accfloat p;
      if constexpr (sizeof(A) == 4 && sizeof(B) == 4)
        p = productOfFloats(a, b);
      else if constexpr (sizeof(A) == 4)
        p = productOfFloatAndBfloat(a, b);
      else
        p = productOfFloatAndBfloat(b, a);
      if constexpr (op == Op::Mul)
        return p;
      else if constexpr (op == Op::NegMul)
        return subFloats(Zero<accum<accfloat, 16>>::make(), p);
      else if constexpr (op == Op::Mac)
        return addFloats(acc, p);
      else
        return subFloats(acc, p);
    }
  } else if constexpr (std::is_same_v<Tag, acc32>) {
    static_assert(!isFloating<A>, "products of floats go to accfloat");
    static_assert(sizeof(A) <= 2 && sizeof(B) <= 2,
                  "acc32 sums products of 8 and 16 bits; 32-bit factors go to acc64");
    if constexpr (sizeof(A) == 1 && sizeof(B) == 1)
      return (v32acc32)multiply<op>((v16acc64)acc, (v64int8)widenWithZeros<64>(a),
                                    (v64int8)widen<64>(b), kElem32x2 | kSigns<A, B>);
    else if constexpr (sizeof(A) == 1)
      return (v32acc32)multiply<op>((v16acc64)acc, (v64int8)unpackLanes(a), (v64int8)b,
                                    kElem32 | kSigns<A, B>);
    else if constexpr (sizeof(B) == 1)
      return (v32acc32)multiply<op>((v16acc64)acc, (v64int8)a, (v64int8)unpackLanes(b),
                                    kElem32 | kSigns<A, B>);
    else
      return (v32acc32)multiply<op>((v16acc64)acc, (v64int8)a, (v64int8)b, kElem32 | kSigns<A, B>);
  } else {
    static_assert(!isFloating<A>, "products of floats go to accfloat");
    if constexpr (sizeof(A) <= 2 && sizeof(B) <= 2)
      return multiply<op>(acc, (v64int8)widenWithZeros<32>(to16<A>(a)),
                          (v64int8)widen<32>(to16<B>(b)), kElem16x2 | kSigns<A, B>);
    else if constexpr (sizeof(B) <= 2)
      return multiply32x16<op, A, Widened16<B>>(acc, a, to16<B>(b));
    else if constexpr (sizeof(A) <= 2)
      return multiply32x16<op, B, Widened16<A>>(acc, b, to16<A>(a));
    else
      return multiply32x32<op, A, B>(acc, a, b);
  }
}

/// Products of whole vectors, register by register.
template <class Tag, Op op, class A, class B, unsigned N>
ASHLAR_INLINE accum<Tag, N> multiplyVectors(const accum<Tag, N> &acc, const vector<A, N> &a,
                                            const vector<B, N> &b) {
  using Acc = accum<Tag, N>;
  constexpr unsigned L = Acc::part_lanes, all = kAccLanes<Tag>;
  constexpr unsigned words = sizeof(typename Acc::native_part) / 8,
                     allWords = sizeof(AccRegister<Tag>) / 8;
  Acc out;
  repeat<Acc::parts>([&](auto p) ASHLAR_LAMBDA {
    AccRegister<Tag> from = zeroWords<AccRegister<Tag>>();
    if constexpr (accumulates(op)) from = widen<allWords>(acc.part(p));
    const auto x = widen<all>(a.template extract<L>(p).to_native());
    const auto y = widen<all>(b.template extract<L>(p).to_native());
    out.part(p) = lanesOf<0, words>(multiplyLanes<Tag, op, A, B>(from, x, y));
  });
  return out;
}

} // namespace aie::detail
