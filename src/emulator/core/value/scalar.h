// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The scalar unit's arithmetic as values: what each 32-bit operation computes, and the carry flag.
// Sources: shared semantics section 1 (checked by fuzzing against silicon captures).
#pragma once

#include <bit>
#include <cstdint>

namespace ashlar::emulator {

struct Sum {
  uint32_t value;
  uint32_t carry;
};
inline Sum addWithCarry(uint32_t a, uint32_t b, uint32_t carry) {
  const uint64_t s = uint64_t{a} + b + (carry & 1);
  return {static_cast<uint32_t>(s), static_cast<uint32_t>(s >> 32)};
}
/// a - b - (1 - carry): carry 1 means "no borrow", in and out. The chip's convention for sbc is not
/// confirmed; this is the one that makes sub/sbc chains work (see open_choices.cpp).
inline Sum subWithCarry(uint32_t a, uint32_t b, uint32_t carry) {
  return addWithCarry(a, ~b, carry);
}

/// Shift counts are signed: negative shifts right. Only the low five bits of the magnitude count.
inline uint32_t shiftLogical(uint32_t a, uint32_t s) {
  const auto n = static_cast<int32_t>(s);
  return n >= 0 ? a << (s & 31) : a >> ((0U - s) & 31);
}
inline uint32_t shiftArithmetic(uint32_t a, uint32_t s) {
  const auto n = static_cast<int32_t>(s);
  return n >= 0 ? a << (s & 31) : static_cast<uint32_t>(static_cast<int32_t>(a) >> ((0U - s) & 31));
}

inline uint32_t countLeadingZeros(uint32_t a) { return static_cast<uint32_t>(std::countl_zero(a)); }
/// Leading bits equal to the sign bit, the sign bit included.
inline uint32_t countLeadingSignBits(uint32_t a) {
  return static_cast<uint32_t>(std::countl_zero((a >> 31) != 0 ? ~a : a));
}

/// One step of restoring division: `remainder` and `quotient` shift left by one as a pair, and the
/// divisor is subtracted where it fits. 32 steps from (0, dividend) give both results.
struct DivideStep {
  uint32_t remainder;
  uint32_t quotient;
};
inline DivideStep divideStep(uint32_t remainder, uint32_t quotient, uint32_t divisor) {
  uint32_t r = remainder << 1 | quotient >> 31;
  uint32_t q = quotient << 1;
  if (r >= divisor) {
    r -= divisor;
    q |= 1;
  }
  return {r, q};
}

} // namespace ashlar::emulator
