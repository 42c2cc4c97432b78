// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The integer multiply-accumulate unit in plain C++. A configuration word selects the shape:
// out[(r * columns + c) * channels + ch] += sum over k of
//   x[(r * inner + k) * channels + ch] * y[(k * columns + c) * channels + ch]
// or, for convolutions, x[(r + k) * channels + ch] * y[k * channels + ch]. Sums are exact and wrap
// in the accumulator's lanes of 32 or 64 bits.
#pragma once

#include "aie_api/detail/host/control.h"

namespace aie::detail::host {

struct MacShape {
  int amode, bmode, variant;
  int xBits, yBits, rows, inner, columns, channels;
  bool convolution;
};
inline constexpr MacShape macShapes[] = {
    {0, 1, 0, 8, 8, 4, 8, 8, 1, false},    {0, 1, 1, 8, 8, 1, 2, 1, 32, false},
    {0, 1, 2, 8, 8, 4, 4, 1, 8, true},     {0, 1, 3, 8, 8, 8, 8, 1, 4, true},
    {0, 1, 4, 8, 8, 32, 8, 1, 1, true},    {0, 2, 0, 16, 8, 4, 4, 8, 1, false},
    {0, 2, 1, 16, 8, 4, 4, 4, 2, false},   {0, 3, 0, 16, 16, 4, 2, 8, 1, false},
    {0, 3, 1, 16, 16, 1, 1, 1, 32, false}, {1, 2, 0, 16, 8, 2, 8, 8, 1, false},
    {1, 2, 1, 16, 8, 4, 8, 4, 1, false},   {1, 3, 0, 16, 16, 2, 4, 8, 1, false},
    {1, 3, 1, 16, 16, 4, 4, 4, 1, false},  {1, 3, 2, 16, 16, 1, 2, 1, 16, false},
    {1, 3, 3, 16, 16, 16, 4, 1, 1, true},  {1, 0, 0, 32, 16, 4, 2, 4, 1, false},
};

inline int64_t macElement(const uint8_t *bytes, int bits, int i, bool isSigned) {
  switch (bits) {
  case 8: return isSigned ? static_cast<int8_t>(bytes[i]) : bytes[i];
  case 16: {
    uint16_t h;
    std::memcpy(&h, bytes + 2 * i, 2);
    return isSigned ? static_cast<int16_t>(h) : h;
  }
  default: {
    uint32_t w;
    std::memcpy(&w, bytes + 4 * i, 4);
    return isSigned ? static_cast<int64_t>(static_cast<int32_t>(w)) : w;
  }
  }
}

/// Lanes of W bits: acc1 (perhaps shifted) + acc2 + products, each with its sign.
template <class W>
v16acc64 integerMac(const v16acc64 *acc1, const v16acc64 *acc2, const v64int8 *x, const v64int8 *y,
                    int config, bool negProduct, bool neg1, bool neg2) {
  negProduct ^= config >> 11 & 1;
  neg1 ^= config >> 12 & 1;
  neg2 ^= config >> 13 & 1;
  Lanes<W, v16acc64> out;
  for (W &lane : out.v) lane = 0;
  if (x) {
    const MacShape *s = nullptr;
    for (const MacShape &m : macShapes)
      if (m.amode == (config >> 1 & 3) && m.bmode == (config >> 3 & 3) &&
          m.variant == (config >> 5 & 7))
        s = &m;
    if (!s) __builtin_trap(); // no such shape, or one that the host does not know
    uint8_t xs[64], ys[64];
    std::memcpy(xs, x, 64);
    std::memcpy(ys, y, 64);
    const bool signedX = config >> 9 & 1, signedY = config >> 8 & 1;
    for (int r = 0; r < s->rows; ++r)
      for (int c = 0; c < s->columns; ++c)
        for (int ch = 0; ch < s->channels; ++ch) {
          W sum = 0;
          for (int k = 0; k < s->inner; ++k) {
            const int i = (s->convolution ? r + k : r * s->inner + k) * s->channels + ch;
            const int j = (s->convolution ? k : k * s->columns + c) * s->channels + ch;
            sum += static_cast<W>(macElement(xs, s->xBits, i & (512 / s->xBits - 1), signedX) *
                                  macElement(ys, s->yBits, j, signedY));
          }
          out[(r * s->columns + c) * s->channels + ch] = negProduct ? W(0) - sum : sum;
        }
  }
  if (acc1 && !(config & 1)) {
    Lanes<W, v16acc64> a(*acc1);
    const int shift = config >> 10 & 1 ? 16 : 0;
    for (int i = 0; i < a.n; ++i) out[i] += (neg1 ? W(0) - (a[i] << shift) : a[i] << shift);
  }
  if (acc2) {
    Lanes<W, v16acc64> b(*acc2);
    for (int i = 0; i < b.n; ++i) out[i] += neg2 ? W(0) - b[i] : b[i];
  }
  return out.pack();
}
inline v16acc64 mac(const v16acc64 *acc1, const v16acc64 *acc2, const v64int8 *x, const v64int8 *y,
                    int config, bool negProduct = false, bool neg1 = false, bool neg2 = false) {
  return (config >> 1 & 3) == 1
             ? integerMac<uint64_t>(acc1, acc2, x, y, config, negProduct, neg1, neg2)
             : integerMac<uint32_t>(acc1, acc2, x, y, config, negProduct, neg1, neg2);
}

} // namespace aie::detail::host

inline v16acc64 __aie2_vmul(v64int8 x, v64int8 y, int c) {
  return aie::detail::host::mac(nullptr, nullptr, &x, &y, c);
}
inline v16acc64 __aie2_vnegmul(v64int8 x, v64int8 y, int c) {
  return aie::detail::host::mac(nullptr, nullptr, &x, &y, c, true);
}
inline v16acc64 __aie2_vmac(v16acc64 a, v64int8 x, v64int8 y, int c) {
  return aie::detail::host::mac(&a, nullptr, &x, &y, c);
}
inline v16acc64 __aie2_vmsc(v16acc64 a, v64int8 x, v64int8 y, int c) {
  return aie::detail::host::mac(&a, nullptr, &x, &y, c, true);
}
inline v16acc64 __aie2_vnegmac(v16acc64 a, v64int8 x, v64int8 y, int c) {
  return aie::detail::host::mac(&a, nullptr, &x, &y, c, true, true);
}
inline v16acc64 __aie2_vnegmsc(v16acc64 a, v64int8 x, v64int8 y, int c) {
  return aie::detail::host::mac(&a, nullptr, &x, &y, c, false, true);
}
inline v16acc64 __aie2_vaddmac(v16acc64 a, v16acc64 b, v64int8 x, v64int8 y, int c) {
  return aie::detail::host::mac(&a, &b, &x, &y, c);
}
inline v16acc64 __aie2_vaddmsc(v16acc64 a, v16acc64 b, v64int8 x, v64int8 y, int c) {
  return aie::detail::host::mac(&a, &b, &x, &y, c, true);
}
inline v16acc64 __aie2_vadd(v16acc64 a, v16acc64 b, int c) {
  return aie::detail::host::mac(&a, &b, nullptr, nullptr, c);
}
inline v16acc64 __aie2_vsub(v16acc64 a, v16acc64 b, int c) {
  return aie::detail::host::mac(&a, &b, nullptr, nullptr, c, false, false, true);
}
inline v16acc64 __aie2_vneg(v16acc64 a, int c) {
  return aie::detail::host::mac(&a, nullptr, nullptr, nullptr, c, false, true);
}
inline v16acc64 __aie2_vclr_cm() {
  aie::detail::host::Lanes<int64_t, v16acc64> zero;
  for (int64_t &lane : zero.v) lane = 0;
  return zero.pack();
}
