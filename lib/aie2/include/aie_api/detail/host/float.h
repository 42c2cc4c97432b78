// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The float unit in plain C++: sums of bf16 products and fp32 accumulators. All terms of a lane are
// aligned to the largest exponent, each rounded to nearest even in bit 23 of that exponent, then
// added exactly and rounded once. Results below the smallest normal number become zero.
#pragma once

#include "aie_api/detail/host/control.h"

#include <bit>

namespace aie::detail::host {

/// Exponents count so that they weigh bit 23 of the mantissa: fp32's e as e + 128, a product's as
/// ea + eb + 1; 0 for a zero.
struct FloatSum {
  struct Term {
    bool negative;
    int exponent;
    int64_t mantissa;
  };
  Term terms[12];
  int n = 0, top = 0;
  bool nan = false, plus = false, minus = false; ///< infinities met
  bool productsZero = true, nanElsewhere = false;
  uint32_t passed = 0; ///< acc1 while it is the only NaN

  void add(const Term &t) {
    terms[n++] = t;
    if (t.exponent > top) top = t.exponent;
  }
  void product(uint16_t a, uint16_t b, bool negate) {
    const bool negative = ((a ^ b) & 0x8000) != 0;
    const int ea = a >> 7 & 255, eb = b >> 7 & 255;
    const int ma = (ea ? 128 : 0) | (a & 127), mb = (eb ? 128 : 0) | (b & 127);
    const bool nanInput = (ea == 255 && (a & 127)) || (eb == 255 && (b & 127));
    if (nanInput || ((ea == 255 || eb == 255) && (!ma || !mb)))
      nan = nanElsewhere = true;
    else if (ea == 255 || eb == 255)
      (negative ? minus : plus) = true;
    if (!ma || !mb) return;
    productsZero = false;
    add({negative != negate, (ea ? ea : 1) + (eb ? eb : 1) + 1, int64_t(ma) * mb << 9});
  }
  void accumulator(uint32_t f, bool negate, bool first) {
    const int e = f >> 23 & 255;
    const int64_t m = (e ? 0x800000 : 0) | (f & 0x7FFFFF);
    const bool negative = (f >> 31 != 0) != negate;
    if (e == 255 && (f & 0x7FFFFF)) {
      nan = true;
      if (first)
        passed = f;
      else
        nanElsewhere = true;
    } else if (e == 255) {
      (negative ? minus : plus) = true;
    }
    if (m) add({negative, (e ? e : 1) + 128, m});
  }

  static int64_t nearestEven(int64_t m, int shift) {
    return shift <= 0 ? m : shift > 40 ? 0 : shiftDown(m, shift, 12);
  }
  int64_t sum() const {
    int64_t s = 0;
    for (int i = 0; i < n; ++i) {
      const int64_t m = nearestEven(terms[i].mantissa, top - terms[i].exponent);
      s += terms[i].negative ? -m : m;
    }
    return s;
  }
  /// `s` as fp32; `exponent` may leave its range.
  uint32_t mantissa(int64_t s, int *exponent) const {
    const uint64_t magnitude = static_cast<uint64_t>(s < 0 ? -s : s);
    const int leading = 63 - std::countl_zero(magnitude);
    int64_t m = leading > 23 ? nearestEven(static_cast<int64_t>(magnitude), leading - 23)
                             : static_cast<int64_t>(magnitude << (23 - leading));
    *exponent = top + leading - 23 - 128;
    if (m >> 24) {
      m >>= 1;
      ++*exponent;
    }
    return m & 0x7FFFFF;
  }
};

inline uint32_t multiplyAdd(const uint16_t *x, const uint16_t *y, int n, int xStep, int yStep,
                            const uint32_t *acc1, const uint32_t *acc2, bool negProduct, bool neg1,
                            bool neg2) {
  FloatSum s;
  for (int k = 0; k < n; ++k) s.product(x[k * xStep], y[k * yStep], negProduct);
  if (acc1) s.accumulator(*acc1, neg1, true);
  if (acc2) s.accumulator(*acc2, neg2, false);
  const bool opposing = s.plus && s.minus;
  if (s.passed && !s.nanElsewhere && !opposing && s.productsZero && !acc2) return s.passed;
  const bool nan = s.nan || opposing;
  if (!nan && (s.plus || s.minus)) return (s.minus ? 0x80000000 : 0) | 0x7F800000;
  const int64_t sum = s.sum();
  if (sum == 0) return nan ? 0x7F800001 : 0;
  int exponent;
  const uint32_t m = s.mantissa(sum, &exponent), sign = sum < 0 ? 0x80000000 : 0;
  if (nan) return sign | 0x7F800000 | (exponent <= 0 || exponent >= 255 ? 1 : m | 1);
  if (exponent <= 0) return 0;
  if (exponent >= 255) return sign | 0x7F800000;
  return sign | static_cast<uint32_t>(exponent) << 23 | m;
}

inline uint32_t floatAdd(uint32_t a, uint32_t b, bool negA, bool negB) {
  if (negA && (a & 0x7FFFFFFF)) a ^= 0x80000000;
  if (negB && (b & 0x7FFFFFFF)) b ^= 0x80000000;
  FloatSum s;
  s.accumulator(a, false, true);
  s.accumulator(b, false, false);
  const bool nan = s.nan || (s.plus && s.minus);
  if (!nan && (s.plus || s.minus)) return (s.minus ? 0x80000000 : 0) | 0x7F800000;
  const int64_t sum = s.sum();
  const uint32_t sign = sum < 0 ? 0x80000000 : 0;
  if (nan) return sign | 0x7F800001;
  if (sum == 0) return 0;
  int exponent;
  const uint32_t m = s.mantissa(sum, &exponent);
  if (exponent <= 0) return sign;
  if (exponent >= 255) return sign | 0x7F800000;
  return sign | static_cast<uint32_t>(exponent) << 23 | m;
}

/// `config` selects the shape: variant 0 multiplies 4x8 by 8x4, 1 lanes i and i + 16.
inline v16accfloat floatMac(const v16accfloat *acc1, const v16accfloat *acc2, v32bfloat16 x,
                            v32bfloat16 y, int config, bool negProduct, bool neg1, bool neg2) {
  Lanes<uint16_t, v32bfloat16> xs(x), ys(y);
  Lanes<uint32_t, v16accfloat> a, b, out;
  if (acc1) a = Lanes<uint32_t, v16accfloat>(*acc1);
  if (acc2) b = Lanes<uint32_t, v16accfloat>(*acc2);
  const int variant = config >> 5 & 7;
  if ((config >> 1 & 3) != 2 || variant > 1) __builtin_trap(); // no such shape
  negProduct ^= config >> 11 & 1;
  neg1 ^= config >> 12 & 1;
  neg2 ^= config >> 13 & 1;
  const bool useAcc1 = acc1 && !(config & 1);
  for (int i = 0; i < 16; ++i) {
    const uint32_t *one = useAcc1 ? &a[i] : nullptr, *two = acc2 ? &b[i] : nullptr;
    out[i] =
        variant == 0
            ? multiplyAdd(xs.v + i / 4 * 8, ys.v + i % 4, 8, 1, 4, one, two, negProduct, neg1, neg2)
            : multiplyAdd(xs.v + i, ys.v + i, 2, 16, 16, one, two, negProduct, neg1, neg2);
  }
  return out.pack();
}
inline v16accfloat floatSum(v16accfloat a, v16accfloat b, int config, bool negA, bool negB) {
  Lanes<uint32_t, v16accfloat> x(a), y(b);
  negA ^= config >> 12 & 1;
  negB ^= config >> 13 & 1;
  for (int i = 0; i < 16; ++i) x[i] = floatAdd(config & 1 ? 0 : x[i], y[i], negA, negB);
  return x.pack();
}

} // namespace aie::detail::host

inline v16accfloat __aie2_vmul_f(v32bfloat16 x, v32bfloat16 y, int c) {
  return aie::detail::host::floatMac(nullptr, nullptr, x, y, c, false, false, false);
}
inline v16accfloat __aie2_vnegmul_f(v32bfloat16 x, v32bfloat16 y, int c) {
  return aie::detail::host::floatMac(nullptr, nullptr, x, y, c, true, false, false);
}
inline v16accfloat __aie2_vmac_f(v16accfloat a, v32bfloat16 x, v32bfloat16 y, int c) {
  return aie::detail::host::floatMac(&a, nullptr, x, y, c, false, false, false);
}
inline v16accfloat __aie2_vmsc_f(v16accfloat a, v32bfloat16 x, v32bfloat16 y, int c) {
  return aie::detail::host::floatMac(&a, nullptr, x, y, c, true, false, false);
}
inline v16accfloat __aie2_vaddmac_f(v16accfloat a, v16accfloat b, v32bfloat16 x, v32bfloat16 y,
                                    int c) {
  return aie::detail::host::floatMac(&a, &b, x, y, c, false, false, false);
}
inline v16accfloat __aie2_vaddmsc_f(v16accfloat a, v16accfloat b, v32bfloat16 x, v32bfloat16 y,
                                    int c) {
  return aie::detail::host::floatMac(&a, &b, x, y, c, true, false, false);
}
inline v16accfloat __aie2_vadd_f(v16accfloat a, v16accfloat b, int c) {
  return aie::detail::host::floatSum(a, b, c, false, false);
}
inline v16accfloat __aie2_vsub_f(v16accfloat a, v16accfloat b, int c) {
  return aie::detail::host::floatSum(a, b, c, false, true);
}
inline v16accfloat __aie2_vnegadd_f(v16accfloat a, v16accfloat b, int c) {
  return aie::detail::host::floatSum(a, b, c, true, true);
}
inline v16accfloat __aie2_vnegsub_f(v16accfloat a, v16accfloat b, int c) {
  return aie::detail::host::floatSum(a, b, c, true, false);
}
inline v8acc64 __aie2_vclr_bm() {
  aie::detail::host::Lanes<int64_t, v8acc64> zero;
  for (int64_t &lane : zero.v) lane = 0;
  return zero.pack();
}
