// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Integer shapes of the matrix unit. One routing rule covers them all:
// out[(r*cols+c)*channels+ch] += X[(r*inner+k)*channels+ch] * Y[(k*cols+c)*channels+ch].
// Complex elements are (re, im) pairs; bits 16..23 of the configuration subtract single products,
// in the order (k even: re*re, im*im; k odd: the same) for the real part, then for the imaginary
// part (re*im, im*re). The table's source: LLVM-AIE's headers, MLIR-AIE and captures from silicon.
#include "emulator/core/value/mac.h"

#include "emulator/core/value/mac_kernels.h"

#include <array>
#include <utility>
#if ASHLAR_HAS_AVX2
#include <immintrin.h>
#endif

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
template <class W, unsigned Bits>
ASHLAR_INLINE void unpackElements(W *out, const void *v, bool isSigned) {
  if constexpr (Bits == 4) {
    for (int i = 0; i < 128; ++i) {
      const uint32_t n = lanes<uint8_t>(v)[i / 2] >> (i % 2 * 4) & 15;
      out[i] = static_cast<W>(isSigned ? signExtend(n, 4) : static_cast<int32_t>(n));
    }
  } else {
    using S =
        std::conditional_t<Bits == 8, int8_t, std::conditional_t<Bits == 16, int16_t, int32_t>>;
    using U = std::make_unsigned_t<S>;
    constexpr int n = 512 / Bits;
    if (isSigned)
      for (int i = 0; i < n; ++i) out[i] = static_cast<W>(lanes<S>(v)[i]);
    else
      for (int i = 0; i < n; ++i) out[i] = static_cast<W>(lanes<U>(v)[i]);
  }
}

/// N lanes of products added up: the multiplication is done in lanes of W, to which elements of E
/// are extended, so that a product of two 32-bit numbers stays one instruction.
template <class W, class E, int N>
ASHLAR_INLINE void addProducts(Vec<W, N> &sum, const Vec<E, N> &a, const Vec<E, N> &b) {
  if constexpr (std::is_same_v<W, E>)
    sum += a * b;
  else
    sum += __builtin_convertvector(a, Vec<W, N>) * __builtin_convertvector(b, Vec<W, N>);
}

/// Sums of products modulo 2^32 or 2^64. E holds an element, W an accumulator lane (both signed,
/// the vectors wrap).
template <const MacShape &S, class W, class E>
ASHLAR_INLINE void sumProducts(W *out, const E *x, const E *y) {
  constexpr int rows = S.rows, inner = S.inner, cols = S.cols, channels = S.channels;
  if constexpr (channels == 1 && S.convolution) { // lanes are rows
    Vec<W, rows> sum = {};
    for (int k = 0; k < inner; ++k) {
      Vec<E, rows> line, tap = Vec<E, rows>{} + y[k];
      loadVec<E, rows>(line, x + k);
      addProducts<W, E, rows>(sum, line, tap);
    }
    storeVec<W, rows>(out, sum);
  } else if constexpr (channels == 1) { // lanes are columns
    Vec<E, cols> ys[inner];
    for (int k = 0; k < inner; ++k) loadVec<E, cols>(ys[k], y + k * cols);
    for (int r = 0; r < rows; ++r) {
      Vec<W, cols> sum = {};
      for (int k = 0; k < inner; ++k)
        addProducts<W, E, cols>(sum, Vec<E, cols>{} + x[r * inner + k], ys[k]);
      storeVec<W, cols>(out + r * cols, sum);
    }
  } else { // lanes are channels
    for (int r = 0; r < rows; ++r)
      for (int c = 0; c < cols; ++c) {
        Vec<W, channels> sum = {};
        for (int k = 0; k < inner; ++k) {
          Vec<E, channels> a, b;
          loadVec<E, channels>(a, x + (S.convolution ? r + k : r * inner + k) * channels);
          loadVec<E, channels>(b, y + (k * cols + c) * channels);
          addProducts<W, E, channels>(sum, a, b);
        }
        storeVec<W, channels>(out + (r * cols + c) * channels, sum);
      }
  }
}

template <const MacShape &S>
ASHLAR_INLINE void sumComplex(int64_t *result, const int64_t *x, const int64_t *y, unsigned mask) {
  auto term = [mask](uint64_t p, int bit) { return (mask >> bit & 1) != 0 ? 0 - p : p; };
  for (int ch = 0; ch < S.channels; ++ch) {
    uint64_t re = 0, im = 0;
    for (int k = 0; k < S.inner; ++k) {
      const int at = 2 * (k * S.channels + ch);
      const auto a0 = static_cast<uint64_t>(x[at]), a1 = static_cast<uint64_t>(x[at + 1]);
      const auto b0 = static_cast<uint64_t>(y[at]), b1 = static_cast<uint64_t>(y[at + 1]);
      re += term(a0 * b0, 2 * k) + term(a1 * b1, 2 * k + 1);
      im += term(a0 * b1, 4 + 2 * k) + term(a1 * b0, 5 + 2 * k);
    }
    result[2 * ch] = static_cast<int64_t>(re);
    result[2 * ch + 1] = static_cast<int64_t>(im);
  }
}

/// out = +-a1 +- a2 +- p over 1024 bits in lanes of W; null operands count as 0.
template <class W>
ASHLAR_INLINE void addLanes(void *out, const void *a1, const void *a2, const void *p, bool shift16,
                            FloatSigns signs) {
  constexpr int n = 128 / sizeof(W);
  using V = Vec<W, n>;
  const auto minus = [](bool negative) { return V{} - static_cast<W>(negative ? 1 : 0); };
  V sum = {}, v;
  if (p != nullptr) {
    loadVec<W, n>(sum, p);
    if (signs.product) sum = -sum;
  }
  if (a1 != nullptr) {
    loadVec<W, n>(v, a1);
    if (shift16) v = v << 16;
    if (signs.acc1) v = (v ^ minus(true)) - minus(true);
    sum += v;
  }
  if (a2 != nullptr) {
    loadVec<W, n>(v, a2);
    if (signs.acc2) v = (v ^ minus(true)) - minus(true);
    sum += v;
  }
  storeVec<W, n>(out, sum);
}

/// Products and accumulators of one shape.
template <const MacShape &S>
ASHLAR_INLINE void multiplyAccumulate(void *out, const void *a1, const void *a2, const void *x,
                                      const void *y, MacConfig config, FloatSigns signs) {
  alignas(64) uint8_t products[128];
  if constexpr (S.amode == 0) {
    uint32_t xs[kMaxElements], ys[kMaxElements];
    unpackElements<uint32_t, S.xBits>(xs, x, config.signedX());
    unpackElements<uint32_t, S.yBits>(ys, y, config.signedY());
    sumProducts<S, uint32_t, uint32_t>(lanes<uint32_t>(products), xs, ys);
    addLanes<uint32_t>(out, a1, a2, products, config.shift16(), signs);
  } else {
    if (S.complex || (S.xBits == 32 && !config.signedX())) {
      int64_t xs[kMaxElements], ys[kMaxElements];
      unpackElements<int64_t, S.xBits>(xs, x, config.signedX());
      unpackElements<int64_t, S.yBits>(ys, y, config.signedY());
      if constexpr (S.complex)
        sumComplex<S>(lanes<int64_t>(products), xs, ys, config.termMask());
      else
        sumProducts<S, int64_t, int64_t>(lanes<int64_t>(products), xs, ys);
    } else {
      int32_t xs[kMaxElements], ys[kMaxElements];
      unpackElements<int32_t, S.xBits>(xs, x, config.signedX());
      unpackElements<int32_t, S.yBits>(ys, y, config.signedY());
      if constexpr (!S.complex) sumProducts<S, int64_t, int32_t>(lanes<int64_t>(products), xs, ys);
    }
    addLanes<uint64_t>(out, a1, a2, products, config.shift16(), signs);
  }
}

#if ASHLAR_HAS_AVX2
/// Shapes whose elements have at most 16 bits: two of them are multiplied with two others and added
/// in one instruction.
template <const MacShape &S>
constexpr bool kPairs =
    S.amode == 0 && !S.convolution && !S.sparse && S.channels == 1 && S.cols == 8 &&
    S.inner % 2 == 0 && (S.xBits == 8 || S.xBits == 16) && (S.yBits == 8 || S.yBits == 16);

/// Rows k and k + 1 of Y beside each other, as 16-bit numbers.
template <const MacShape &S>
ASHLAR_AVX2 ASHLAR_INLINE __m256i pairOfRows(const uint8_t *y, int k, bool isSigned) {
  if constexpr (S.yBits == 8) {
    const __m128i both = _mm_loadu_si128(reinterpret_cast<const __m128i_u *>(y + 8 * k));
    const __m128i mixed =
        _mm_shuffle_epi8(both, _mm_setr_epi8(0, 8, 1, 9, 2, 10, 3, 11, 4, 12, 5, 13, 6, 14, 7, 15));
    return isSigned ? _mm256_cvtepi8_epi16(mixed) : _mm256_cvtepu8_epi16(mixed);
  } else {
    const __m128i a = _mm_loadu_si128(reinterpret_cast<const __m128i_u *>(y + 16 * k));
    const __m128i b = _mm_loadu_si128(reinterpret_cast<const __m128i_u *>(y + 16 * k + 16));
    return _mm256_set_m128i(_mm_unpackhi_epi16(a, b), _mm_unpacklo_epi16(a, b));
  }
}

/// out = a1 + a2 + products, the usual signs.
template <const MacShape &S>
ASHLAR_AVX2 void pairMac(void *out, const void *a1, const void *a2, const void *xv, const void *yv,
                         MacConfig config) {
  const auto *y = static_cast<const uint8_t *>(yv);
  __m256i rows[S.inner / 2];
  for (int k = 0; k < S.inner; k += 2) rows[k / 2] = pairOfRows<S>(y, k, config.signedY());
  alignas(32) int16_t widened[S.rows * S.inner];
  const uint8_t *x = static_cast<const uint8_t *>(xv);
  if constexpr (S.xBits == 8) {
    for (int i = 0; i < S.rows * S.inner; i += 16) {
      const __m128i part = _mm_loadu_si128(reinterpret_cast<const __m128i_u *>(x + i));
      _mm256_store_si256(reinterpret_cast<__m256i *>(widened + i),
                         config.signedX() ? _mm256_cvtepi8_epi16(part)
                                          : _mm256_cvtepu8_epi16(part));
    }
    x = reinterpret_cast<const uint8_t *>(widened);
  }
  for (int r = 0; r < S.rows; ++r) {
    __m256i sum = _mm256_setzero_si256();
    for (int k = 0; k < S.inner; k += 2) {
      int32_t two;
      std::memcpy(&two, x + 2 * (r * S.inner + k), 4);
      sum = _mm256_add_epi32(sum, _mm256_madd_epi16(_mm256_set1_epi32(two), rows[k / 2]));
    }
    for (const void *acc : {a1, a2})
      if (acc != nullptr)
        sum = _mm256_add_epi32(sum, _mm256_loadu_si256(static_cast<const __m256i_u *>(acc) + r));
    _mm256_storeu_si256(static_cast<__m256i_u *>(out) + r, sum);
  }
}
#endif

using Body = void (*)(void *, const void *, const void *, const void *, const void *, MacConfig,
                      FloatSigns);
template <const MacShape &S>
void plainMac(void *out, const void *a1, const void *a2, const void *x, const void *y, MacConfig c,
              FloatSigns signs) {
  multiplyAccumulate<S>(out, a1, a2, x, y, c, signs);
}
template <const MacShape &S>
ASHLAR_AVX2 void wideMac(void *out, const void *a1, const void *a2, const void *x, const void *y,
                         MacConfig c, FloatSigns signs) {
#if ASHLAR_HAS_AVX2
  if constexpr (kPairs<S>) {
    const bool fit = (S.xBits == 8 || c.signedX()) && (S.yBits == 8 || c.signedY());
    if (fit && !signs.product && !signs.acc1 && !signs.acc2 && !c.shift16()) [[likely]]
      return pairMac<S>(out, a1, a2, x, y, c);
  }
#endif
  multiplyAccumulate<S>(out, a1, a2, x, y, c, signs);
}
ASHLAR_AVX2 void wideSum(void *out, const void *a1, const void *a2, bool wide, bool shift16,
                         FloatSigns signs) {
  if (wide)
    addLanes<uint64_t>(out, a1, a2, nullptr, shift16, signs);
  else
    addLanes<uint32_t>(out, a1, a2, nullptr, shift16, signs);
}

constexpr size_t kConfigurations = 128; ///< of amode, bmode and variant

/// Shape and kernel of each configuration, so that an instruction finds them in one step.
struct Dispatch {
  std::array<const MacShape *, kConfigurations> shapes{};
  std::array<Body, kConfigurations> bodies[2] = {}; ///< for any machine, for AVX2

  template <size_t I> void add() {
    static constexpr const MacShape &s = kShapes[I];
    for (unsigned bmode = 0; bmode < 4; ++bmode) {
      if (s.amode != 2 && bmode != s.bmode) continue; // fp32 lanes leave bmode out
      const size_t at = s.amode | bmode << 2 | s.variant << 4;
      shapes[at] = &s;
      if constexpr (!s.sparse && s.amode != 2) {
        bodies[0][at] = plainMac<s>;
        bodies[1][at] = wideMac<s>;
      }
    }
  }
  template <size_t... I> void addAll(std::index_sequence<I...>) { (add<I>(), ...); }
  Dispatch() { addAll(std::make_index_sequence<std::size(kShapes)>()); }
};

const Dispatch kDispatch;
const Dispatch &dispatch() { return kDispatch; }
/// The bodies for this machine.
const auto &kBodies = kDispatch.bodies[wideKernels() ? 1 : 0];
size_t indexOf(MacConfig config) { return config.bits >> 1 & (kConfigurations - 1); }

/// The signs of the instruction with those of the configuration.
FloatSigns effective(FloatSigns signs, MacConfig config) {
  signs.acc1 ^= config.negateAcc1();
  signs.acc2 ^= config.negateAcc2();
  signs.product ^= config.negateProduct();
  return signs;
}

} // namespace

bool wideKernels() {
#if ASHLAR_HAS_AVX2
  __builtin_cpu_init();
  return __builtin_cpu_supports("avx2") != 0 && __builtin_cpu_supports("fma") != 0;
#else
  return false;
#endif
}

const MacShape *macShape(MacConfig config) { return dispatch().shapes[indexOf(config)]; }

namespace {
ASHLAR_INLINE bool runBody(Body body, void *out, const void *acc1, const void *acc2, const void *x,
                           const void *y, MacConfig config, FloatSigns signs) {
  if (body == nullptr) [[unlikely]]
    return false;
  if (config.termMask() != 0 && !kDispatch.shapes[indexOf(config)]->complex) [[unlikely]]
    return false;
  body(out, config.zeroAcc1() ? nullptr : acc1, acc2, x, y, config, effective(signs, config));
  return true;
}
} // namespace

bool integerMacBy(bool wide, void *out, const void *acc1, const void *acc2, const void *x,
                  const void *y, MacConfig config, FloatSigns signs) {
  return runBody(kDispatch.bodies[wide ? 1 : 0][indexOf(config)], out, acc1, acc2, x, y, config,
                 signs);
}

bool integerMac(void *out, const void *acc1, const void *acc2, const void *x, const void *y,
                MacConfig config, FloatSigns signs) {
  return runBody(kBodies[indexOf(config)], out, acc1, acc2, x, y, config, signs);
}

void integerSum(void *out, const void *acc1, const void *acc2, MacConfig config, FloatSigns signs) {
  static const bool wide = wideKernels();
  if (config.zeroAcc1()) acc1 = nullptr;
  signs = effective(signs, config);
  if (wide)
    wideSum(out, acc1, acc2, config.amode() == 1, config.shift16(), signs);
  else if (config.amode() == 1)
    addLanes<uint64_t>(out, acc1, acc2, nullptr, config.shift16(), signs);
  else
    addLanes<uint32_t>(out, acc1, acc2, nullptr, config.shift16(), signs);
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
