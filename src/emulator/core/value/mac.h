// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The matrix unit. A scalar register, the configuration word, picks the element types and the shape
// of the product; the instruction picks the signs. Integer lanes are exact modulo 2^32 or 2^64.
#pragma once

#include "emulator/core/value/float.h"

#include <cstdint>

namespace ashlar::emulator {

/// The configuration word (operand c).
struct MacConfig {
  uint32_t bits;
  bool zeroAcc1() const { return (bits & 1) != 0; }
  unsigned amode() const { return bits >> 1 & 3; } ///< 0: 32-bit lanes, 1: 64-bit, 2: fp32
  unsigned bmode() const { return bits >> 3 & 3; }
  unsigned variant() const { return bits >> 5 & 7; }
  bool signedY() const { return (bits >> 8 & 1) != 0; }
  bool signedX() const { return (bits >> 9 & 1) != 0; }
  bool shift16() const { return (bits >> 10 & 1) != 0; } ///< acc1 << 16 before use
  bool negateProduct() const { return (bits >> 11 & 1) != 0; }
  bool negateAcc1() const { return (bits >> 12 & 1) != 0; }
  bool negateAcc2() const { return (bits >> 13 & 1) != 0; }
  unsigned termMask() const { return bits >> 16 & 255; } ///< complex modes: terms subtracted
};

/// One row of the table of shapes. X is rows x inner, Y inner x cols, for each of `channels`
/// interleaved channels; in a convolution X is a line of rows + inner - 1 elements.
struct MacShape {
  uint8_t amode, bmode, variant;
  uint8_t xBits, yBits;
  uint8_t rows, inner, cols, channels;
  bool convolution, complex, sparse;
};
/// Null for a combination that no table lists.
const MacShape *macShape(MacConfig config);

/// out = +-acc1 +- acc2 +- the sums of products of a dense integer shape, lane by lane over 1024
/// bits (32- or 64-bit lanes by amode). Null accumulators count as 0. False when the configuration
/// is not one that is simulated.
bool integerMac(void *out, const void *acc1, const void *acc2, const void *x, const void *y,
                MacConfig config, FloatSigns signs);
/// The same without products; lanes of 64 bits when amode is 1, else of 32.
void integerSum(void *out, const void *acc1, const void *acc2, MacConfig config, FloatSigns signs);

/// The same for bf16 x bf16 -> 16 fp32 lanes. acc1 or acc2 null: none.
bool floatMac(void *out, const void *acc1, const void *acc2, const void *x, const void *y,
              MacConfig config, FloatSigns signs);

/// Why a configuration is not simulated, for a report.
const char *whyNotSimulated(MacConfig config, bool isFloat);

} // namespace ashlar::emulator
