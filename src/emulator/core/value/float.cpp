// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The lane-by-lane reference of the float unit. Exponents are on the unit's internal scale: an fp32
// exponent e counts as e + 128, a product of bf16 exponents as ea + eb + 1, so that both describe
// the weight of bit 23 of their mantissa.
#include "emulator/core/value/float.h"

#include "emulator/core/value/round.h"

#include <algorithm>
#include <bit>

namespace ashlar::emulator {
namespace {

constexpr uint32_t kQuietNan = 0x7F800001;
constexpr int kScale = 128; ///< internal exponent minus fp32 exponent

struct Term {
  bool negative;
  int exponent; ///< 0: the term is zero
  int64_t mantissa;
};

/// Nearest even of m / 2^shift for m >= 0.
int64_t shiftNearestEven(int64_t m, int shift) {
  if (shift <= 0) return m;
  if (shift > 40) return 0;
  return shiftRight(m, static_cast<unsigned>(shift), static_cast<uint32_t>(Rounding::NearestEven));
}

Term product(uint16_t a, uint16_t b) {
  const int ea = a >> 7 & 255, eb = b >> 7 & 255;
  const int ma = (ea != 0 ? 128 : 0) | (a & 127), mb = (eb != 0 ? 128 : 0) | (b & 127);
  if (ma == 0 || mb == 0) return {((a ^ b) & 0x8000) != 0, 0, 0};
  return {((a ^ b) & 0x8000) != 0, std::max(ea, 1) + std::max(eb, 1) + 1,
          static_cast<int64_t>(ma) * mb << 9};
}
Term accumulator(uint32_t f) {
  const int e = static_cast<int>(f >> 23 & 255);
  const auto m = static_cast<int64_t>((e != 0 ? 0x800000U : 0U) | (f & 0x7FFFFF));
  if (m == 0) return {(f >> 31) != 0, 0, 0};
  return {(f >> 31) != 0, std::max(e, 1) + kScale, m};
}

struct Normal {
  int exponent; ///< fp32 exponent, possibly out of range
  uint32_t mantissa;
};
/// |sum| with its bit 23 on the internal scale at `exponent`, rounded to 24 bits.
Normal normalise(uint64_t magnitude, int exponent) {
  const int leading = 63 - std::countl_zero(magnitude);
  int64_t m = static_cast<int64_t>(magnitude);
  m = leading > 23 ? shiftNearestEven(m, leading - 23) : m << (23 - leading);
  int e = exponent + leading - 23 - kScale;
  if ((m >> 24) != 0) {
    m >>= 1;
    ++e;
  }
  return {e, static_cast<uint32_t>(m & 0x7FFFFF)};
}
uint32_t signBit(bool negative) { return negative ? 0x80000000U : 0U; }

bool isNan16(uint16_t h) { return (h & 0x7FFF) > 0x7F80; }
bool isInf16(uint16_t h) { return (h & 0x7FFF) == 0x7F80; }

} // namespace

uint32_t floatMacLane(std::span<const uint16_t> x, std::span<const uint16_t> y,
                      const uint32_t *acc1, const uint32_t *acc2, FloatSigns signs) {
  Term terms[18];
  int n = 0;
  bool inputNan = false, invalid = false, plusInf = false, minusInf = false, allZero = true;
  for (size_t k = 0; k < x.size(); ++k) {
    const uint16_t a = x[k], b = y[k];
    Term t = product(a, b);
    allZero &= t.exponent == 0;
    inputNan |= isNan16(a) || isNan16(b);
    if (isInf16(a) || isInf16(b)) {
      if ((a & 0x7FFF) == 0 || (b & 0x7FFF) == 0)
        invalid = true;
      else if (!isNan16(a) && !isNan16(b))
        (t.negative ? minusInf : plusInf) = true;
    }
    t.negative ^= signs.product;
    terms[n++] = t;
  }
  bool accNan = false;
  const uint32_t *accs[2] = {acc1, acc2};
  const bool negate[2] = {signs.acc1, signs.acc2};
  for (int i = 0; i < 2; ++i) {
    if (accs[i] == nullptr) continue;
    Term t = accumulator(*accs[i]);
    t.negative ^= negate[i];
    if (isNanBits(*accs[i])) (i == 0 ? accNan : inputNan) = true;
    if (isInfBits(*accs[i])) (t.negative ? minusInf : plusInf) = true;
    terms[n++] = t;
  }
  const bool opposing = plusInf && minusInf;
  if (accNan && !inputNan && !invalid && !opposing && allZero && acc2 == nullptr) return *acc1;
  const bool nan = accNan || inputNan || invalid || opposing;

  int exponent = 0;
  for (int i = 0; i < n; ++i) exponent = std::max(exponent, terms[i].exponent);
  int64_t sum = 0;
  for (int i = 0; i < n; ++i) {
    if (terms[i].exponent == 0) continue;
    const int64_t m = shiftNearestEven(terms[i].mantissa, exponent - terms[i].exponent);
    sum += terms[i].negative ? -m : m;
  }
  if (!nan && (plusInf || minusInf)) return signBit(minusInf) | 0x7F800000;
  if (sum == 0) return nan ? kQuietNan : 0;
  const Normal r = normalise(static_cast<uint64_t>(sum < 0 ? -sum : sum), exponent);
  const uint32_t sign = signBit(sum < 0);
  if (nan) return sign | 0x7F800000 | (r.exponent <= 0 || r.exponent >= 255 ? 1U : r.mantissa | 1U);
  if (r.exponent <= 0) return 0;
  if (r.exponent >= 255) return sign | 0x7F800000;
  return sign | static_cast<uint32_t>(r.exponent) << 23 | r.mantissa;
}

uint32_t floatAdd(uint32_t a, uint32_t b, bool negateA, bool negateB) {
  if (negateA && (a & 0x7FFFFFFF) != 0) a ^= 0x80000000;
  if (negateB && (b & 0x7FFFFFFF) != 0) b ^= 0x80000000;
  const Term ta = accumulator(a), tb = accumulator(b);
  const bool nan =
      isNanBits(a) || isNanBits(b) || (isInfBits(a) && isInfBits(b) && ((a ^ b) >> 31) != 0);
  if (!nan && isInfBits(a)) return a;
  if (!nan && isInfBits(b)) return b;
  const int exponent = std::max(ta.exponent, tb.exponent);
  int64_t sum = 0;
  for (const Term &t : {ta, tb}) {
    const int64_t m = t.exponent == 0 ? 0 : shiftNearestEven(t.mantissa, exponent - t.exponent);
    sum += t.negative ? -m : m;
  }
  if (nan) return signBit(sum < 0) | kQuietNan;
  if (sum == 0) return 0;
  const Normal r = normalise(static_cast<uint64_t>(sum < 0 ? -sum : sum), exponent);
  const uint32_t sign = signBit(sum < 0);
  if (r.exponent <= 0) return sign;
  if (r.exponent >= 255) return sign | 0x7F800000;
  return sign | static_cast<uint32_t>(r.exponent) << 23 | r.mantissa;
}

uint32_t floatNegate(uint32_t a) {
  if (isNanBits(a)) return kQuietNan;
  return floatAdd(a, 0, true, false);
}

uint16_t toBf16(uint32_t f, uint32_t rounding) {
  auto kept = static_cast<uint16_t>(f >> 16);
  if ((f & 0x7F800000) == 0x7F800000) {
    if (isNanBits(f) && (kept & 127) == 0) kept |= 1;
    return kept;
  }
  const bool negative = (f >> 31) != 0;
  const bool grd = (f >> 15 & 1) != 0, stk = (f & 0x7FFF) != 0, lsb = (f >> 16 & 1) != 0;
  const bool any = grd || stk;
  bool up = false; // away from zero: the bits are sign and magnitude
  switch (static_cast<Rounding>(rounding & 15)) {
  case Rounding::Floor: up = any && negative; break;
  case Rounding::Ceil: up = any && !negative; break;
  case Rounding::TowardZero: up = false; break;
  case Rounding::AwayFromZero: up = any; break;
  case Rounding::NearestToMinusInf: up = grd && (stk || negative); break;
  case Rounding::NearestToPlusInf: up = grd && (stk || !negative); break;
  case Rounding::NearestToZero: up = grd && stk; break;
  case Rounding::NearestAway: up = grd; break;
  case Rounding::NearestEven: up = grd && (stk || lsb); break;
  case Rounding::NearestOdd: up = grd && (stk || !lsb); break;
  default: up = any && negative; break; // reserved codes act as floor
  }
  return static_cast<uint16_t>(kept + (up ? 1 : 0));
}

int32_t floorBf16(uint16_t h, uint32_t shift) {
  if (isNan16(h)) return 0x7FFFFFFF;
  const bool negative = (h & 0x8000) != 0;
  const int e = h >> 7 & 255;
  if (e == 255) return negative ? INT32_MIN : INT32_MAX;
  const int64_t m = (e != 0 ? 128 : 0) | (h & 127);
  const int s = static_cast<int32_t>(shift << 26) >> 26;
  const int scale = std::max(e, 1) - 127 - 7 + s; // the value is m * 2^scale
  const int64_t v = negative ? -m : m;
  if (scale >= 0) {
    if (m != 0 && scale > 24) return negative ? INT32_MIN : INT32_MAX;
    return static_cast<int32_t>(
        std::clamp<int64_t>(v * (int64_t{1} << std::min(scale, 24)), INT32_MIN, INT32_MAX));
  }
  return static_cast<int32_t>(v >> std::min(-scale, 40));
}

namespace {
int order(uint16_t h) { return (h & 0x8000) != 0 ? -1 - (h & 0x7FFF) : (h & 0x7FFF); }
} // namespace

bool lessBf16(uint16_t a, uint16_t b) { return !isNan16(a) && !isNan16(b) && order(a) < order(b); }
bool greaterEqualBf16(uint16_t a, uint16_t b) {
  return !isNan16(a) && !isNan16(b) && order(a) >= order(b);
}

} // namespace ashlar::emulator
