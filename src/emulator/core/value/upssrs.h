// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// UPS (vector to accumulator, shift left) and SRS (accumulator to vector, shift right with rounding
// and saturation), over whole registers. Accumulator lane k of width W stands at bits k*W.
#pragma once

#include "emulator/core/value/lanes.h"

namespace ashlar::emulator {

/// Which lanes: bits of an accumulator lane, bits of a vector lane, how many.
struct LaneShape {
  int accBits;
  int vectorBits;
  int lanes;
};

/// Both return whether any lane was clipped. shift: low six bits count, as unsigned.
bool upshift(void *acc, const void *vector, LaneShape shape, bool isSigned, uint32_t shift,
             uint32_t crSat);
bool downshift(void *vector, const void *acc, LaneShape shape, bool isSigned, uint32_t shift,
               uint32_t crSat, uint32_t crRnd);

} // namespace ashlar::emulator
