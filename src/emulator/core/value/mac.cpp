// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Integer shapes of the matrix unit. One routing rule covers them all:
// out[(r*cols+c)*channels+ch] += X[(r*inner+k)*channels+ch] * Y[(k*cols+c)*channels+ch].
// Complex elements are (re, im) pairs; bits 16..23 of the configuration subtract single products,
// in the order (k even: re*re, im*im; k odd: the same) for the real part, then for the imaginary
// part (re*im, im*re). The table's source: LLVM-AIE's headers, MLIR-AIE and captures from silicon.
#include "emulator/core/value/mac.h"

#include "emulator/core/value/lanes.h"

namespace ashlar::emulator {
namespace {

constexpr MacShape kShapes[] = {
    // amode bmode variant  x   y  rows inner cols channels conv complex sparse
    {0, 0, 0, 8, 4, 4, 16, 8, 1, false, false, false},
    {0, 0, 1, 8, 4, 4, 32, 8, 1, false, false, true},
    {0, 1, 0, 8, 8, 4, 8, 8, 1, false, false, false},
    {0, 1, 1, 8, 8, 1, 2, 1, 32, false, false, false},
    {0, 1, 2, 8, 8, 4, 4, 1, 8, true, false, false},
    {0, 1, 3, 8, 8, 8, 8, 1, 4, true, false, false},
    {0, 1, 4, 8, 8, 32, 8, 1, 1, true, false, false},
    {0, 1, 5, 8, 8, 4, 16, 8, 1, false, false, true},
    {0, 2, 0, 16, 8, 4, 4, 8, 1, false, false, false},
    {0, 2, 1, 16, 8, 4, 4, 4, 2, false, false, false},
    {0, 3, 0, 16, 16, 4, 2, 8, 1, false, false, false},
    {0, 3, 1, 16, 16, 1, 1, 1, 32, false, false, false},
    {1, 2, 0, 16, 8, 2, 8, 8, 1, false, false, false},
    {1, 2, 1, 16, 8, 4, 8, 4, 1, false, false, false},
    {1, 2, 2, 16, 8, 2, 16, 8, 1, false, false, true},
    {1, 3, 0, 16, 16, 2, 4, 8, 1, false, false, false},
    {1, 1, 0, 16, 16, 2, 4, 8, 1, false, false, false},
    {1, 3, 1, 16, 16, 4, 4, 4, 1, false, false, false},
    {1, 3, 2, 16, 16, 1, 2, 1, 16, false, false, false},
    {1, 3, 3, 16, 16, 16, 4, 1, 1, true, false, false},
    {1, 3, 4, 16, 16, 1, 2, 1, 8, false, true, false},
    {1, 3, 5, 16, 16, 2, 8, 8, 1, false, false, true},
    {1, 0, 0, 32, 16, 4, 2, 4, 1, false, false, false},
    {1, 0, 1, 32, 16, 1, 1, 1, 8, false, true, false},
    {2, 0, 0, 16, 16, 4, 8, 4, 1, false, false, false},
    {2, 0, 1, 16, 16, 1, 2, 1, 16, false, false, false},
    {2, 0, 2, 16, 16, 4, 16, 4, 1, false, false, true},
};

constexpr int kMaxElements = 128;

/// The elements of one operand, sign- or zero-extended.
template <class W> void unpackElements(W *out, const void *v, unsigned bits, bool isSigned) {
  switch (bits) {
  case 4:
    for (int i = 0; i < 128; ++i) {
      const uint32_t n = lanes<uint8_t>(v)[i / 2] >> (i % 2 * 4) & 15;
      out[i] = static_cast<W>(isSigned ? signExtend(n, 4) : static_cast<int32_t>(n));
    }
    break;
  case 8:
    if (isSigned)
      for (int i = 0; i < 64; ++i) out[i] = lanes<int8_t>(v)[i];
    else
      for (int i = 0; i < 64; ++i) out[i] = lanes<uint8_t>(v)[i];
    break;
  case 16:
    if (isSigned)
      for (int i = 0; i < 32; ++i) out[i] = lanes<int16_t>(v)[i];
    else
      for (int i = 0; i < 32; ++i) out[i] = lanes<uint16_t>(v)[i];
    break;
  default:
    if (isSigned)
      for (int i = 0; i < 16; ++i) out[i] = static_cast<W>(lanes<int32_t>(v)[i]);
    else
      for (int i = 0; i < 16; ++i) out[i] = static_cast<W>(lanes<uint32_t>(v)[i]);
    break;
  }
}

/// Sums of products in modular arithmetic: W is as wide as the accumulator lane.
template <class W> void sumProducts(W *out, const W *x, const W *y, const MacShape &s) {
  for (int r = 0; r < s.rows; ++r)
    for (int k = 0; k < s.inner; ++k) {
      const W *xs = x + (s.convolution ? r + k : r * s.inner + k) * s.channels;
      const W *ys = y + k * s.cols * s.channels;
      W *os = out + r * s.cols * s.channels;
      if (s.channels == 1)
        for (int c = 0; c < s.cols; ++c) os[c] += xs[0] * ys[c];
      else
        for (int c = 0; c < s.cols; ++c)
          for (int ch = 0; ch < s.channels; ++ch)
            os[c * s.channels + ch] += xs[ch] * ys[c * s.channels + ch];
    }
}

void sumComplex(uint64_t *out, const uint64_t *x, const uint64_t *y, const MacShape &s,
                unsigned mask) {
  auto term = [mask](uint64_t p, int bit) { return (mask >> bit & 1) != 0 ? 0 - p : p; };
  for (int k = 0; k < s.inner; ++k)
    for (int ch = 0; ch < s.channels; ++ch) {
      const uint64_t *a = x + 2 * (k * s.channels + ch), *b = y + 2 * (k * s.channels + ch);
      out[2 * ch] += term(a[0] * b[0], 2 * k) + term(a[1] * b[1], 2 * k + 1);
      out[2 * ch + 1] += term(a[0] * b[1], 4 + 2 * k) + term(a[1] * b[0], 5 + 2 * k);
    }
}

/// The 8x8-bit matrix product (4x8x8), the work horse of int8 kernels, in one shape the compiler
/// can turn into wide multiply-adds.
ASHLAR_WIDE void product8x8(uint32_t *out, const uint32_t *acc, const void *xv, const void *yv,
                            bool sx, bool sy) {
  int16_t x[64], y[64];
  if (sx)
    for (int i = 0; i < 64; ++i) x[i] = lanes<int8_t>(xv)[i];
  else
    for (int i = 0; i < 64; ++i) x[i] = lanes<uint8_t>(xv)[i];
  if (sy)
    for (int i = 0; i < 64; ++i) y[i] = lanes<int8_t>(yv)[i];
  else
    for (int i = 0; i < 64; ++i) y[i] = lanes<uint8_t>(yv)[i];
  for (int r = 0; r < 4; ++r) {
    int32_t sum[8] = {};
    for (int k = 0; k < 8; ++k)
      for (int c = 0; c < 8; ++c) sum[c] += int32_t{x[r * 8 + k]} * int32_t{y[k * 8 + c]};
    for (int c = 0; c < 8; ++c) out[r * 8 + c] = acc[r * 8 + c] + static_cast<uint32_t>(sum[c]);
  }
}

ASHLAR_WIDE void sum32(uint32_t *out, const uint32_t *x, const uint32_t *y, const MacShape &s) {
  sumProducts(out, x, y, s);
}
ASHLAR_WIDE void sum64(uint64_t *out, const uint64_t *x, const uint64_t *y, const MacShape &s) {
  sumProducts(out, x, y, s);
}

/// `sign` all ones negates.
template <class W> inline W signedBy(W v, W sign) { return (v ^ sign) - sign; }

template <class W>
inline void accumulateLanes(W *out, const W *a1, const W *a2, const W *p, bool shift16,
                            FloatSigns signs) {
  constexpr int n = 128 / sizeof(W);
  const W n1 = signs.acc1 ? ~W{0} : 0, n2 = signs.acc2 ? ~W{0} : 0, np = signs.product ? ~W{0} : 0;
  if (p != nullptr)
    for (int i = 0; i < n; ++i) out[i] = signedBy<W>(p[i], np);
  else
    for (int i = 0; i < n; ++i) out[i] = 0;
  if (a1 != nullptr && shift16)
    for (int i = 0; i < n; ++i) out[i] += signedBy<W>(a1[i] << 16, n1);
  else if (a1 != nullptr)
    for (int i = 0; i < n; ++i) out[i] += signedBy<W>(a1[i], n1);
  if (a2 != nullptr)
    for (int i = 0; i < n; ++i) out[i] += signedBy<W>(a2[i], n2);
}

ASHLAR_WIDE void accumulate32(uint32_t *out, const uint32_t *a1, const uint32_t *a2,
                              const uint32_t *p, bool shift16, FloatSigns signs) {
  accumulateLanes<uint32_t>(out, a1, a2, p, shift16, signs);
}
ASHLAR_WIDE void accumulate64(uint64_t *out, const uint64_t *a1, const uint64_t *a2,
                              const uint64_t *p, bool shift16, FloatSigns signs) {
  accumulateLanes<uint64_t>(out, a1, a2, p, shift16, signs);
}

/// Copies the operands to aligned lanes of W and adds.
template <class W, void (*Add)(W *, const W *, const W *, const W *, bool, FloatSigns)>
void accumulateAs(void *out, const void *acc1, const void *acc2, const void *products, bool shift16,
                  FloatSigns signs) {
  constexpr int n = 128 / sizeof(W);
  alignas(64) W a1[n], a2[n], p[n], sum[n];
  const auto load = [](W *to, const void *from) -> const W * {
    if (from == nullptr) return nullptr;
    std::memcpy(to, from, 128);
    return to;
  };
  Add(sum, load(a1, acc1), load(a2, acc2), load(p, products), shift16, signs);
  std::memcpy(out, sum, 128);
}

} // namespace

const MacShape *macShape(MacConfig config) {
  for (const MacShape &s : kShapes)
    if (s.amode == config.amode() && (s.amode == 2 || s.bmode == config.bmode()) &&
        s.variant == config.variant())
      return &s;
  return nullptr;
}

bool integerProducts(void *products, const void *x, const void *y, MacConfig config) {
  const MacShape *s = macShape(config);
  if (s == nullptr || s->sparse || s->amode == 2) return false;
  if (!s->complex && config.termMask() != 0) return false;
  if (s->amode == 0 && s->bmode == 1 && s->variant == 0) {
    alignas(64) static const uint32_t zeros[32] = {};
    uint32_t out[32];
    product8x8(out, zeros, x, y, config.signedX(), config.signedY());
    std::memcpy(products, out, sizeof out);
    return true;
  }
  if (s->amode == 0) {
    uint32_t xs[kMaxElements], ys[kMaxElements], out[32] = {};
    unpackElements(xs, x, s->xBits, config.signedX());
    unpackElements(ys, y, s->yBits, config.signedY());
    sum32(out, xs, ys, *s);
    std::memcpy(products, out, sizeof out);
    return true;
  }
  uint64_t xs[kMaxElements], ys[kMaxElements], out[16] = {};
  unpackElements(xs, x, s->xBits, config.signedX());
  unpackElements(ys, y, s->yBits, config.signedY());
  if (s->complex)
    sumComplex(out, xs, ys, *s, config.termMask());
  else
    sum64(out, xs, ys, *s);
  std::memcpy(products, out, sizeof out);
  return true;
}

void accumulate(void *out, const void *acc1, const void *acc2, const void *products,
                MacConfig config, FloatSigns signs) {
  signs.acc1 ^= config.negateAcc1();
  signs.acc2 ^= config.negateAcc2();
  signs.product ^= config.negateProduct();
  if (config.zeroAcc1()) acc1 = nullptr;
  if (config.amode() == 1)
    accumulateAs<uint64_t, accumulate64>(out, acc1, acc2, products, config.shift16(), signs);
  else
    accumulateAs<uint32_t, accumulate32>(out, acc1, acc2, products, config.shift16(), signs);
}

bool byteMac(void *out, const void *acc1, const void *x, const void *y, MacConfig config,
             bool negateProduct) {
  // amode 0, bmode 1, variant 0; only the sign bits may be set besides.
  if (negateProduct || (config.bits & ~0x300U) != 1U << 3) return false;
  alignas(64) uint32_t acc[32], sum[32];
  std::memcpy(acc, acc1, sizeof acc);
  product8x8(sum, acc, x, y, config.signedX(), config.signedY());
  std::memcpy(out, sum, sizeof sum);
  return true;
}

const char *whyNotSimulated(MacConfig config, bool isFloat) {
  const MacShape *s = macShape(config);
  if (s == nullptr) return "the configuration word selects no known shape";
  if (s->sparse) return "the routing of sparse shapes is not established";
  if (isFloat != (s->amode == 2)) return "the configuration word's accumulator mode does not fit";
  if (!s->complex && config.termMask() != 0)
    return "which product each of the configuration bits 16..23 negates is not established";
  return "not simulated";
}

} // namespace ashlar::emulator
