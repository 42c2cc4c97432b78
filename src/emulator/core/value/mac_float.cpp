// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The bf16 MAC over all 16 lanes. Ordinary numbers take a branch-free path that the compiler turns
// into wide integer code; a lane that meets a NaN or infinity goes through floatMacLane, which also
// is what the tests compare the fast path with. Rounding a sum to 24 bits is a conversion to float:
// the host rounds to nearest even, as the unit does.
#include "emulator/core/value/lanes.h"
#include "emulator/core/value/mac.h"

#include <bit>

namespace ashlar::emulator {
namespace {

constexpr int kFloatLanes = 16;
constexpr int kMaxTerms = 8;

/// Products gathered by lane: row k holds term k of every lane.
struct Terms {
  int n;
  uint16_t x[kMaxTerms][kFloatLanes], y[kMaxTerms][kFloatLanes];
};

/// X rows spread over columns, Y columns repeated for rows; four 16-bit values at a time.
void gather(Terms &t, const uint16_t *x, const uint16_t *y, const MacShape &s) {
  t.n = s.inner;
  if (s.channels != 1) { // element-wise
    std::memcpy(t.x, x, 64);
    std::memcpy(t.y, y, 64);
    return;
  }
  for (int k = 0; k < 8; ++k) {
    uint64_t columns;
    std::memcpy(&columns, y + 4 * k, 8);
    for (int r = 0; r < 4; ++r) {
      const uint64_t row = x[8 * r + k] * 0x0001000100010001ULL;
      std::memcpy(&t.x[k][4 * r], &row, 8);
      std::memcpy(&t.y[k][4 * r], &columns, 8);
    }
  }
}

/// An fp32 accumulator as mantissa with sign and internal exponent (0 for zero).
inline void splitAccumulator(const uint32_t *f, uint32_t flip, int32_t *mantissa,
                             int32_t *exponent) {
  for (int i = 0; i < kFloatLanes; ++i) {
    const auto e = static_cast<int32_t>(f[i] >> 23 & 255);
    const auto m = static_cast<int32_t>((f[i] & 0x7FFFFF) | (e != 0 ? 0x800000U : 0U));
    const int32_t sign = static_cast<int32_t>(f[i] ^ flip) >> 31;
    mantissa[i] = (m ^ sign) - sign;
    exponent[i] = m == 0 ? 0 : (e == 0 ? 1 : e) + 128;
  }
}

/// Nearest-even of m / 2^min(s, 30), keeping the sign of m.
inline int32_t alignTerm(int32_t m, int32_t s) {
  s = s > 30 ? 30 : s;
  const int32_t sign = m >> 31, a = (m ^ sign) - sign;
  const int32_t half = (1 << s) >> 1;
  const int32_t q = a >> s;
  const int32_t rem = a & ((1 << s) - 1);
  const int32_t up = (rem > half ? 1 : 0) | ((rem == half ? 1 : 0) & (s > 0 ? 1 : 0) & (q & 1));
  const int32_t r = q + up;
  return (r ^ sign) - sign;
}

ASHLAR_WIDE void macOrdinary(uint32_t *out, const uint32_t *acc1, const uint32_t *acc2,
                             const Terms &t, uint32_t flipP, uint32_t flip1, uint32_t flip2) {
  int32_t m[kMaxTerms + 2][kFloatLanes], e[kMaxTerms + 2][kFloatLanes];
  int n = t.n;
  for (int k = 0; k < t.n; ++k)
    for (int i = 0; i < kFloatLanes; ++i) {
      const int32_t x = t.x[k][i], y = t.y[k][i];
      const int32_t ex = x >> 7 & 255, ey = y >> 7 & 255;
      const int32_t mx = (x & 127) | (ex != 0 ? 128 : 0), my = (y & 127) | (ey != 0 ? 128 : 0);
      const int32_t p = mx * my;
      const int32_t sign = static_cast<int32_t>((static_cast<uint32_t>(x ^ y) << 16) ^ flipP) >> 31;
      m[k][i] = ((p << 9) ^ sign) - sign;
      e[k][i] = p == 0 ? 0 : (ex == 0 ? 1 : ex) + (ey == 0 ? 1 : ey) + 1;
    }
  if (acc1 != nullptr) {
    splitAccumulator(acc1, flip1, m[n], e[n]);
    ++n;
  }
  if (acc2 != nullptr) {
    splitAccumulator(acc2, flip2, m[n], e[n]);
    ++n;
  }
  int32_t top[kFloatLanes] = {}, sum[kFloatLanes] = {};
  for (int k = 0; k < n; ++k)
    for (int i = 0; i < kFloatLanes; ++i) top[i] = e[k][i] > top[i] ? e[k][i] : top[i];
  for (int k = 0; k < n; ++k)
    for (int i = 0; i < kFloatLanes; ++i) sum[i] += alignTerm(m[k][i], top[i] - e[k][i]);
  for (int i = 0; i < kFloatLanes; ++i) {
    const uint32_t sign = static_cast<uint32_t>(sum[i]) & 0x80000000;
    const auto f = std::bit_cast<uint32_t>(static_cast<float>(sum[i] < 0 ? -sum[i] : sum[i]));
    const int32_t exponent = static_cast<int32_t>(f >> 23) - 127 + top[i] - 151;
    const uint32_t normal = sign | static_cast<uint32_t>(exponent) << 23 | (f & 0x7FFFFF);
    const uint32_t large = sign | 0x7F800000;
    out[i] = sum[i] == 0 || exponent <= 0 ? 0 : exponent >= 255 ? large : normal;
  }
}

ASHLAR_WIDE bool anySpecial(const uint16_t *x, const uint16_t *y, const uint32_t *a,
                            const uint32_t *b) {
  int special = 0;
  for (int i = 0; i < 32; ++i) special |= (x[i] & 0x7F80) == 0x7F80 ? 1 : 0;
  for (int i = 0; i < 32; ++i) special |= (y[i] & 0x7F80) == 0x7F80 ? 1 : 0;
  if (a != nullptr)
    for (int i = 0; i < kFloatLanes; ++i) special |= (a[i] & 0x7F800000) == 0x7F800000 ? 1 : 0;
  if (b != nullptr)
    for (int i = 0; i < kFloatLanes; ++i) special |= (b[i] & 0x7F800000) == 0x7F800000 ? 1 : 0;
  return special != 0;
}

} // namespace

bool floatMac(void *outv, const void *acc1v, const void *acc2v, const void *xv, const void *yv,
              MacConfig config, FloatSigns signs) {
  const MacShape *s = macShape(config);
  if (s == nullptr || s->sparse || s->amode != 2 || config.termMask() != 0) return false;
  signs.acc1 ^= config.negateAcc1();
  signs.acc2 ^= config.negateAcc2();
  signs.product ^= config.negateProduct();
  if (config.zeroAcc1()) acc1v = nullptr;

  alignas(64) uint16_t x[32], y[32];
  alignas(64) uint32_t a1[kFloatLanes], a2[kFloatLanes], out[kFloatLanes];
  std::memcpy(x, xv, sizeof x);
  std::memcpy(y, yv, sizeof y);
  if (acc1v != nullptr) std::memcpy(a1, acc1v, sizeof a1);
  if (acc2v != nullptr) std::memcpy(a2, acc2v, sizeof a2);
  const uint32_t *acc1 = acc1v != nullptr ? a1 : nullptr, *acc2 = acc2v != nullptr ? a2 : nullptr;

  Terms t;
  gather(t, x, y, *s);
  const auto flip = [](bool f) { return f ? 0x80000000U : 0U; };
  if (!anySpecial(x, y, acc1, acc2)) {
    macOrdinary(out, acc1, acc2, t, flip(signs.product), flip(signs.acc1), flip(signs.acc2));
  } else {
    for (int i = 0; i < kFloatLanes; ++i) {
      uint16_t lx[kMaxTerms], ly[kMaxTerms];
      for (int k = 0; k < t.n; ++k) {
        lx[k] = t.x[k][i];
        ly[k] = t.y[k][i];
      }
      const auto count = static_cast<size_t>(t.n);
      out[i] = floatMacLane({lx, count}, {ly, count}, acc1 != nullptr ? a1 + i : nullptr,
                            acc2 != nullptr ? a2 + i : nullptr, signs);
    }
  }
  std::memcpy(outv, out, sizeof out);
  return true;
}

} // namespace ashlar::emulator
