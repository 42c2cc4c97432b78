// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The bf16 MAC over all 16 lanes, by the host's doubles. The unit rounds every term to a multiple
// of u = 2^-23 times the power of two at the largest exponent of a lane, adds exactly, and rounds
// the sum to 24 bits. A product of two bf16 numbers is exact in a double, and adding 1.5 * 2^52 * u
// to it rounds it to nearest even at u; the bits of what comes out are that constant's plus the
// number of u's, so terms are summed as integers. Nothing here depends on the order of terms.
// A lane that meets a NaN or infinity goes through floatMacLane, with which the tests compare this.
// With AVX2 the usual matrix product - no sign changed, no denormal, exponents far from the ends -
// takes half the work in single precision: a product of two bf16 numbers is exact there too, and
// multiplied by 1/u it is converted to the nearest integer.
#include "emulator/core/value/mac_kernels.h"

#include <utility>
#if ASHLAR_HAS_AVX2
#include <immintrin.h>
#endif

namespace ashlar::emulator {
namespace {

constexpr int kFloatLanes = 16, kMaxTerms = 8;
using Doubles = Vec<double, 4>;
using Longs = Vec<int64_t, 4>;

using Shorts = Vec<int16_t, 16>;
using Halves = Vec<uint16_t, 16>;

/// Zero has no exponent; anything that a sum with another one leaves below all others will do.
constexpr int16_t kNone = -1000;

/// The exponent field with that of a denormal as of the smallest normal number.
ASHLAR_INLINE Shorts exponentOf(Halves field, Shorts isZero) {
  Shorts e = reinterpret_cast<Shorts>(field);
  e = e == 0 ? Shorts{} + 1 : e;
  return isZero != 0 ? Shorts{} + kNone : e;
}

ASHLAR_INLINE Shorts largerOf(Shorts a, Shorts b) { return a > b ? a : b; }

/// 32 bf16 elements: values as doubles, exponents.
struct Elements {
  alignas(32) double value[32];
  Shorts exponent[2];
};

ASHLAR_INLINE void widen(double *to, const Vec<uint32_t, 8> &bits) {
  storeVec<double, 8>(
      to, __builtin_convertvector(reinterpret_cast<Vec<float, 8>>(bits), Vec<double, 8>));
}

ASHLAR_INLINE void splitBf16(Elements &e, const void *from, uint32_t flip) {
  for (int i = 0; i < 2; ++i) {
    Halves h;
    loadVec<uint16_t, 16>(h, static_cast<const uint8_t *>(from) + 32 * i);
    e.exponent[i] = exponentOf(h >> 7 & 255, (h & 0x7FFF) == 0);
  }
  for (int i = 0; i < 32; i += 8) {
    Vec<uint16_t, 8> h;
    loadVec<uint16_t, 8>(h, static_cast<const uint8_t *>(from) + 2 * i);
    widen(e.value + i, (__builtin_convertvector(h, Vec<uint32_t, 8>) << 16) ^ flip);
  }
}

/// An fp32 accumulator, its exponents on the scale of the products' sums of two.
struct Accumulator {
  alignas(32) double value[16];
  Shorts exponent;
};

ASHLAR_INLINE void splitAccumulator(Accumulator &a, const void *from, uint32_t flip) {
  Vec<uint32_t, 16> all;
  loadVec<uint32_t, 16>(all, from);
  const auto isZero = __builtin_convertvector((all & 0x7FFFFFFF) == 0, Shorts);
  a.exponent = exponentOf(__builtin_convertvector(all >> 23 & 255, Halves), isZero) + 127;
  for (int i = 0; i < kFloatLanes; i += 8) {
    Vec<uint32_t, 8> bits;
    loadVec<uint32_t, 8>(bits, static_cast<const uint8_t *>(from) + 4 * i);
    widen(a.value + i, bits ^ flip);
  }
}

/// The largest exponent of a product in each lane of the matrix product: two rows of X at once,
/// elements k and k + 1 beside each other as Y has them.
template <int K>
ASHLAR_INLINE void addPair(Shorts (&top)[2], const Elements &x, const Elements &y) {
  constexpr int y0 = K % 4 * 4; // of the half of Y that has the rows K and K + 1
  const Shorts &h = y.exponent[K / 4];
  const Shorts ys =
      __builtin_shufflevector(h, h, y0, y0 + 1, y0 + 2, y0 + 3, y0 + 4, y0 + 5, y0 + 6, y0 + 7, y0,
                              y0 + 1, y0 + 2, y0 + 3, y0 + 4, y0 + 5, y0 + 6, y0 + 7);
  for (int half = 0; half < 2; ++half) {
    const Shorts &v = x.exponent[half];
    const Shorts xs = __builtin_shufflevector(v, v, K, K, K, K, K + 1, K + 1, K + 1, K + 1, K + 8,
                                              K + 8, K + 8, K + 8, K + 9, K + 9, K + 9, K + 9);
    top[half] = largerOf(top[half], xs + ys);
  }
}
ASHLAR_INLINE Shorts largestOfMatrix(const Elements &x, const Elements &y) {
  Shorts top[2] = {};
  addPair<0>(top, x, y);
  addPair<2>(top, x, y);
  addPair<4>(top, x, y);
  addPair<6>(top, x, y);
  const Shorts even = __builtin_shufflevector(top[0], top[1], 0, 1, 2, 3, 8, 9, 10, 11, 16, 17, 18,
                                              19, 24, 25, 26, 27);
  const Shorts odd = __builtin_shufflevector(top[0], top[1], 4, 5, 6, 7, 12, 13, 14, 15, 20, 21, 22,
                                             23, 28, 29, 30, 31);
  return largerOf(even, odd);
}

/// The sum rounded to 24 bits as fp32 bits. Below the normal range it is +0: whatever rounds to
/// less than 2^-126, which is what is smaller than that by more than half of its last bit.
ASHLAR_INLINE void finish(uint8_t *out, Doubles sum) {
  constexpr double smallest = 0x1p-126 - 0x1p-151;
  const Longs magnitude = reinterpret_cast<Longs>(sum) & 0x7FFFFFFFFFFFFFFF;
  const Longs keep = reinterpret_cast<Doubles>(magnitude) >= smallest;
  const Longs bits = reinterpret_cast<Longs>(sum) & keep;
  storeVec<float, 4>(out, __builtin_convertvector(reinterpret_cast<Doubles>(bits), Vec<float, 4>));
}

template <int Terms, bool Matrix, int Accumulators>
ASHLAR_INLINE void ordinary(void *out, const void *acc1, const void *acc2, const void *xv,
                            const void *yv, uint32_t flipP, uint32_t flip1, uint32_t flip2) {
  Elements x, y;
  splitBf16(x, xv, flipP);
  splitBf16(y, yv, 0);
  Accumulator acc[2];
  Shorts top = {};
  if constexpr (Matrix)
    top = largestOfMatrix(x, y);
  else
    top = largerOf(largerOf(top, x.exponent[0] + y.exponent[0]), x.exponent[1] + y.exponent[1]);
  if constexpr (Accumulators > 0) {
    splitAccumulator(acc[0], acc1, flip1);
    top = largerOf(top, acc[0].exponent);
  }
  if constexpr (Accumulators > 1) {
    splitAccumulator(acc[1], acc2, flip2);
    top = largerOf(top, acc[1].exponent);
  }
  int16_t exponents[kFloatLanes];
  storeVec<int16_t, 16>(exponents, top);
  for (int row = 0; row < 4; ++row) {
    // An exponent T stands for 2^(T - 254); 1.5 * 2^52 * 2^-23 times that.
    Vec<int16_t, 4> four;
    loadVec<int16_t, 4>(four, exponents + 4 * row);
    const Longs base =
        ((__builtin_convertvector(four, Longs) + (1023 - 254 + 29)) << 52) | (int64_t{1} << 51);
    const Doubles grid = reinterpret_cast<Doubles>(base);
    // What the grid's own bits add up to, taken away beforehand.
    static_assert(Terms == 8 || Terms == 2);
    Longs sum = base - (base << (Terms == 8 ? 3 : 1));
    if constexpr (Accumulators > 0) sum -= base;
    if constexpr (Accumulators > 1) sum -= base;
    for (int k = 0; k < Terms; ++k) {
      // Lane `4 * row + c` of the matrix product: X[row][k] times Y[k][c].
      Doubles a, b;
      if constexpr (Matrix) {
        const double v = x.value[8 * row + k];
        a = Doubles{v, v, v, v};
        loadVec<double, 4>(b, y.value + 4 * k);
      } else {
        loadVec<double, 4>(a, x.value + 16 * k + 4 * row);
        loadVec<double, 4>(b, y.value + 16 * k + 4 * row);
      }
      sum += reinterpret_cast<Longs>(a * b + grid);
    }
    for (int i = 0; i < Accumulators; ++i) {
      Doubles v;
      loadVec<double, 4>(v, acc[i].value + 4 * row);
      sum += reinterpret_cast<Longs>(v + grid);
    }
    finish(static_cast<uint8_t *>(out) + 16 * row, reinterpret_cast<Doubles>(sum) - grid);
  }
}

ASHLAR_INLINE bool anySpecial(const void *x, const void *y, const void *a, const void *b) {
  Vec<uint16_t, 32> h;
  Vec<uint32_t, 16> f;
  loadVec<uint16_t, 32>(h, x);
  auto halves = (h & 0x7F80) == 0x7F80;
  loadVec<uint16_t, 32>(h, y);
  halves |= (h & 0x7F80) == 0x7F80;
  auto any = reinterpret_cast<Vec<int32_t, 16>>(halves);
  for (const void *acc : {a, b})
    if (acc != nullptr) {
      loadVec<uint32_t, 16>(f, acc);
      any |= (f & 0x7F800000) == 0x7F800000;
    }
  return __builtin_reduce_or(any) != 0;
}

/// False: some operand is special, nothing was computed.
template <int Terms, bool Matrix>
ASHLAR_INLINE bool allLanes(void *out, const void *acc1, const void *acc2, const void *x,
                            const void *y, FloatSigns signs) {
  if (anySpecial(x, y, acc1, acc2)) return false;
  const auto flip = [](bool f) { return f ? 0x80000000U : 0U; };
  const uint32_t p = flip(signs.product), f1 = flip(signs.acc1), f2 = flip(signs.acc2);
  if (acc1 != nullptr && acc2 != nullptr)
    ordinary<Terms, Matrix, 2>(out, acc1, acc2, x, y, p, f1, f2);
  else if (acc1 != nullptr)
    ordinary<Terms, Matrix, 1>(out, acc1, nullptr, x, y, p, f1, 0);
  else if (acc2 != nullptr)
    ordinary<Terms, Matrix, 1>(out, acc2, nullptr, x, y, p, f2, 0);
  else
    ordinary<Terms, Matrix, 0>(out, nullptr, nullptr, x, y, p, 0, 0);
  return true;
}

#if ASHLAR_HAS_AVX2
/// Ones where a bf16 (or fp32) number is a denormal, an infinity or a NaN.
ASHLAR_AVX2 ASHLAR_INLINE __m256i unusual16(const void *p) {
  const __m256i a = _mm256_and_si256(_mm256_loadu_si256(static_cast<const __m256i_u *>(p)),
                                     _mm256_set1_epi16(0x7FFF));
  const __m256i small = _mm256_cmpgt_epi16(_mm256_set1_epi16(0x80), a);
  const __m256i zero = _mm256_cmpeq_epi16(a, _mm256_setzero_si256());
  const __m256i large = _mm256_cmpgt_epi16(a, _mm256_set1_epi16(0x7F7F));
  return _mm256_or_si256(_mm256_xor_si256(small, zero), large);
}
ASHLAR_AVX2 ASHLAR_INLINE __m256i unusual32(__m256i v) {
  const __m256i a = _mm256_and_si256(v, _mm256_set1_epi32(0x7FFFFFFF));
  const __m256i small = _mm256_cmpgt_epi32(_mm256_set1_epi32(0x800000), a);
  const __m256i zero = _mm256_cmpeq_epi32(a, _mm256_setzero_si256());
  const __m256i large = _mm256_cmpgt_epi32(a, _mm256_set1_epi32(0x7F7FFFFF));
  return _mm256_or_si256(_mm256_xor_si256(small, zero), large);
}

/// The sum of the products of two rows of X (four lanes each) and all of Y.
template <class F, size_t... K>
ASHLAR_AVX2 ASHLAR_INLINE void eachTerm(const __m256 (&x)[2], const __m256 *y, F &&f,
                                        std::index_sequence<K...>) {
  (f(_mm256_permute_ps(x[K / 4], static_cast<int>(K % 4 * 0x55)), y[K]), ...);
}

/// The matrix product in single precision; false where that is not enough, and nothing is computed.
/// With T the largest power of two in a lane and u = T * 2^-23, a product is below 2^25 u and the
/// sum below 2^29 u; what is too small for single precision rounds to zero.
ASHLAR_AVX2 bool usualMatrix(void *out, const void *acc1, const void *acc2, const void *xv,
                             const void *yv) {
  const auto *xb = static_cast<const uint8_t *>(xv), *yb = static_cast<const uint8_t *>(yv);
  __m256i bad = _mm256_or_si256(_mm256_or_si256(unusual16(xb), unusual16(xb + 32)),
                                _mm256_or_si256(unusual16(yb), unusual16(yb + 32)));
  const __m256 powers = _mm256_castsi256_ps(_mm256_set1_epi32(0x7F800000));
  const auto widen = [](__m128i bf16) __attribute__((target("avx2,fma"), always_inline)) {
    return _mm256_castsi256_ps(_mm256_slli_epi32(_mm256_cvtepu16_epi32(bf16), 16));
  };
  __m256 y[8], yPower[8];
  for (int k = 0; k < 8; k += 2) { // each row in both halves
    const __m256 two = widen(_mm_loadu_si128(reinterpret_cast<const __m128i_u *>(yb + 8 * k)));
    y[k] = _mm256_permute2f128_ps(two, two, 0x00);
    y[k + 1] = _mm256_permute2f128_ps(two, two, 0x11);
    yPower[k] = _mm256_and_ps(y[k], powers);
    yPower[k + 1] = _mm256_and_ps(y[k + 1], powers);
  }
  __m256 x[2][2], top[2];
  __m256i acc[2][2];
  for (int i = 0; i < 2; ++i) {
    for (int half = 0; half < 2; ++half) {
      const uint8_t *at = xb + 32 * i + 8 * half;
      x[i][half] = widen(_mm_unpacklo_epi64(_mm_loadu_si64(at), _mm_loadu_si64(at + 16)));
    }
    __m256 t = _mm256_setzero_ps();
    int n = 0;
    for (const void *a : {acc1, acc2}) {
      if (a != nullptr) {
        acc[n][i] = _mm256_loadu_si256(static_cast<const __m256i_u *>(a) + i);
        bad = _mm256_or_si256(bad, unusual32(acc[n][i]));
        t = _mm256_max_ps(t, _mm256_and_ps(_mm256_castsi256_ps(acc[n][i]), powers));
      }
      ++n;
    }
    const __m256 xPower[2] = {_mm256_and_ps(x[i][0], powers), _mm256_and_ps(x[i][1], powers)};
    eachTerm(
        xPower, yPower,
        [&t](__m256 a, __m256 b) __attribute__((target("avx2,fma"), always_inline)) {
          t = _mm256_max_ps(t, _mm256_mul_ps(a, b));
        },
        std::make_index_sequence<8>());
    const __m256 least = _mm256_set1_ps(0x1p-100F);
    const __m256 below = _mm256_and_ps(_mm256_cmp_ps(t, least, _CMP_LT_OQ),
                                       _mm256_cmp_ps(t, _mm256_setzero_ps(), _CMP_NEQ_OQ));
    const __m256 above = _mm256_cmp_ps(t, _mm256_set1_ps(0x1p100F), _CMP_NLE_UQ);
    bad = _mm256_or_si256(bad, _mm256_castps_si256(_mm256_or_ps(below, above)));
    top[i] = _mm256_max_ps(t, least); // a lane of zeros
  }
  if (_mm256_testz_si256(bad, bad) == 0) return false;
  for (int i = 0; i < 2; ++i) {
    const __m256i bits = _mm256_castps_si256(top[i]);
    const __m256 unit = _mm256_castsi256_ps(_mm256_sub_epi32(bits, _mm256_set1_epi32(23 << 23)));
    const __m256 scale =
        _mm256_castsi256_ps(_mm256_sub_epi32(_mm256_set1_epi32((254 + 23) << 23), bits));
    __m256i sum = _mm256_setzero_si256();
    if (acc1 != nullptr)
      sum = _mm256_cvtps_epi32(_mm256_mul_ps(_mm256_castsi256_ps(acc[0][i]), scale));
    if (acc2 != nullptr)
      sum = _mm256_add_epi32(
          sum, _mm256_cvtps_epi32(_mm256_mul_ps(_mm256_castsi256_ps(acc[1][i]), scale)));
    eachTerm(
        x[i], y,
        [&sum, scale](__m256 a, __m256 b) __attribute__((target("avx2,fma"), always_inline)) {
          const __m256 p = _mm256_mul_ps(_mm256_mul_ps(a, b), scale);
          sum = _mm256_add_epi32(sum, _mm256_cvtps_epi32(p));
        },
        std::make_index_sequence<8>());
    _mm256_storeu_ps(static_cast<float *>(out) + 8 * i,
                     _mm256_mul_ps(_mm256_cvtepi32_ps(sum), unit));
  }
  return true;
}
#endif

template <int Terms, bool Matrix>
bool plain(void *out, const void *acc1, const void *acc2, const void *x, const void *y,
           FloatSigns signs) {
  return allLanes<Terms, Matrix>(out, acc1, acc2, x, y, signs);
}
template <int Terms, bool Matrix>
ASHLAR_AVX2 bool wide(void *out, const void *acc1, const void *acc2, const void *x, const void *y,
                      FloatSigns signs) {
#if ASHLAR_HAS_AVX2
  if constexpr (Matrix)
    if (!signs.product && !signs.acc1 && !signs.acc2 && usualMatrix(out, acc1, acc2, x, y))
      return true;
#endif
  return allLanes<Terms, Matrix>(out, acc1, acc2, x, y, signs);
}

void laneByLane(void *outv, const void *acc1, const void *acc2, const void *xv, const void *yv,
                bool matrix, FloatSigns signs) {
  const auto *x = lanes<uint16_t>(xv), *y = lanes<uint16_t>(yv);
  uint32_t out[kFloatLanes];
  for (int i = 0; i < kFloatLanes; ++i) {
    uint16_t lx[kMaxTerms], ly[kMaxTerms];
    const int terms = matrix ? 8 : 2;
    for (int k = 0; k < terms; ++k) {
      lx[k] = x[matrix ? i / 4 * 8 + k : 16 * k + i];
      ly[k] = y[matrix ? k * 4 + i % 4 : 16 * k + i];
    }
    const auto lane = [i](const void *acc, uint32_t &value) -> const uint32_t * {
      if (acc == nullptr) return nullptr;
      value = lanes<uint32_t>(acc)[i];
      return &value;
    };
    uint32_t a1, a2;
    const auto count = static_cast<size_t>(terms);
    out[i] = floatMacLane({lx, count}, {ly, count}, lane(acc1, a1), lane(acc2, a2), signs);
  }
  std::memcpy(outv, out, sizeof out);
}

} // namespace

namespace {
ASHLAR_INLINE bool floatMacWith(bool isWide, void *out, const void *acc1, const void *acc2,
                                const void *x, const void *y, MacConfig config, FloatSigns signs) {
  const MacShape *s = macShape(config);
  if (s == nullptr || s->sparse || s->amode != 2 || config.termMask() != 0) return false;
  signs.acc1 ^= config.negateAcc1();
  signs.acc2 ^= config.negateAcc2();
  signs.product ^= config.negateProduct();
  if (config.zeroAcc1()) acc1 = nullptr;
  const bool matrix = s->channels == 1;
  const auto body = matrix ? (isWide ? wide<8, true> : plain<8, true>)
                           : (isWide ? wide<2, false> : plain<2, false>);
  if (!body(out, acc1, acc2, x, y, signs)) laneByLane(out, acc1, acc2, x, y, matrix, signs);
  return true;
}

const bool kWide = wideKernels();
} // namespace

bool floatMacBy(bool isWide, void *out, const void *acc1, const void *acc2, const void *x,
                const void *y, MacConfig config, FloatSigns signs) {
  return floatMacWith(isWide, out, acc1, acc2, x, y, config, signs);
}

bool floatMac(void *out, const void *acc1, const void *acc2, const void *x, const void *y,
              MacConfig config, FloatSigns signs) {
  return floatMacWith(kWide, out, acc1, acc2, x, y, config, signs);
}

} // namespace ashlar::emulator
