// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Rounding and saturation of the UPS and SRS units, per lane. crRnd selects the rounding of a right
// shift by what is cut off: grd (the bit below the result), stk (any lower bit), the result's own
// lsb and the sign. Reserved codes (4..7, 14, 15) behave as floor.
#pragma once

#include <cstdint>
#include <limits>

namespace ashlar::emulator {

enum class Rounding : uint8_t {
  Floor = 0,
  Ceil = 1,
  TowardZero = 2,
  AwayFromZero = 3,
  NearestToMinusInf = 8,
  NearestToPlusInf = 9,
  NearestToZero = 10,
  NearestAway = 11,
  NearestEven = 12,
  NearestOdd = 13,
};

/// 1 when the floored two's-complement result has to be increased.
inline bool roundsUp(uint32_t mode, bool negative, bool grd, bool stk, bool lsb) {
  switch (static_cast<Rounding>(mode & 15)) {
  case Rounding::Floor: return false;
  case Rounding::Ceil: return grd || stk;
  case Rounding::TowardZero: return (grd || stk) && negative;
  case Rounding::AwayFromZero: return (grd || stk) && !negative;
  case Rounding::NearestToMinusInf: return grd && stk;
  case Rounding::NearestToPlusInf: return grd;
  case Rounding::NearestToZero: return grd && (negative || stk);
  case Rounding::NearestAway: return grd && (!negative || stk);
  case Rounding::NearestEven: return grd && (lsb || stk);
  case Rounding::NearestOdd: return grd && (!lsb || stk);
  }
  return false;
}

/// round(v / 2^shift), shift 0..63.
inline int64_t shiftRight(int64_t v, unsigned shift, uint32_t mode) {
  if (shift == 0) return v;
  const int64_t floor = v >> shift;
  const bool grd = (v >> (shift - 1) & 1) != 0;
  const bool stk =
      shift > 1 && (static_cast<uint64_t>(v) & ((uint64_t{1} << (shift - 1)) - 1)) != 0;
  return floor + (roundsUp(mode, v < 0, grd, stk, (floor & 1) != 0) ? 1 : 0);
}

struct Saturated {
  int64_t value;
  bool clipped;
};
/// crSat: bit 0 clips to the lane's range, 3 clips to the symmetric signed range.
inline Saturated saturate(int64_t v, int bits, bool isSigned, uint32_t crSat) {
  if ((crSat & 1) == 0) return {v, false};
  const int64_t max = isSigned ? (int64_t{1} << (bits - 1)) - 1 : (int64_t{1} << bits) - 1;
  const int64_t min = !isSigned ? 0 : (crSat & 3) == 3 ? -max : -max - 1;
  if (v > max) return {max, true};
  if (v < min) return {min, true};
  return {v, false};
}

} // namespace ashlar::emulator
