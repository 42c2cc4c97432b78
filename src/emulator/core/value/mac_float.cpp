// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The bf16 MAC over all 16 lanes, by the host's doubles. The unit rounds every term to a multiple
// of u = 2^-23 times the power of two at the largest exponent of a lane, adds exactly, and rounds
// the sum to 24 bits. A product of two bf16 numbers is exact in a double, and adding 1.5 * 2^52 * u
// to it rounds it to nearest even at u; the bits of what comes out are that constant's plus the
// number of u's, so terms are summed as integers. Nothing here depends on the order of terms.
// A lane that meets a NaN or infinity goes through floatMacLane, with which the tests compare this.
#include "emulator/core/value/mac_kernels.h"

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

template <int Terms, bool Matrix>
bool plain(void *out, const void *acc1, const void *acc2, const void *x, const void *y,
           FloatSigns signs) {
  return allLanes<Terms, Matrix>(out, acc1, acc2, x, y, signs);
}
template <int Terms, bool Matrix>
ASHLAR_AVX2 bool wide(void *out, const void *acc1, const void *acc2, const void *x, const void *y,
                      FloatSigns signs) {
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

bool floatMacBy(bool isWide, void *out, const void *acc1, const void *acc2, const void *x,
                const void *y, MacConfig config, FloatSigns signs) {
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

bool floatMac(void *out, const void *acc1, const void *acc2, const void *x, const void *y,
              MacConfig config, FloatSigns signs) {
  static const bool isWide = wideKernels();
  return floatMacBy(isWide, out, acc1, acc2, x, y, config, signs);
}

} // namespace ashlar::emulator
