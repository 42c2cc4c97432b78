// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// bf16 and fp32 as the vector unit does them. It is not IEEE: a MAC aligns every product and both
// accumulators to the largest exponent (each alignment rounds to nearest even), adds exactly and
// rounds once; results below the normal range become +0. Values are raw bit patterns throughout.
// The rules are those of the shared semantics section 8, which agree with captures from silicon.
#pragma once

#include <cstdint>
#include <span>

namespace ashlar::emulator {

inline bool isNanBits(uint32_t f) { return (f & 0x7FFFFFFF) > 0x7F800000; }
inline bool isInfBits(uint32_t f) { return (f & 0x7FFFFFFF) == 0x7F800000; }

/// Signs of one float multiply-accumulate: -product, -acc1, -acc2.
struct FloatSigns {
  bool product = false, acc1 = false, acc2 = false;
};

/// One lane, one term at a time; written for reading and used wherever a NaN or infinity appears.
/// `acc1` and `acc2` are null when the operation has none.
uint32_t floatMacLane(std::span<const uint16_t> x, std::span<const uint16_t> y,
                      const uint32_t *acc1, const uint32_t *acc2, FloatSigns signs);

/// a + b of two fp32 accumulator lanes; negations flip the sign of everything but zero first.
uint32_t floatAdd(uint32_t a, uint32_t b, bool negateA, bool negateB);
/// -a with denormals flushed to a signed zero and NaN made 0x7F800001.
uint32_t floatNegate(uint32_t a);

/// fp32 -> bf16 with crRnd's rounding of the value.
uint16_t toBf16(uint32_t f, uint32_t rounding);
inline uint32_t fromBf16(uint16_t h) { return uint32_t{h} << 16; }

/// floor(x * 2^shift) saturated to int32; shift is the low six bits, signed. NaN gives 0x7FFFFFFF.
int32_t floorBf16(uint16_t h, uint32_t shift);

/// Order of bf16 numbers as sign and magnitude, -0 below +0. False when either is a NaN.
bool lessBf16(uint16_t a, uint16_t b);
bool greaterEqualBf16(uint16_t a, uint16_t b);

} // namespace ashlar::emulator
