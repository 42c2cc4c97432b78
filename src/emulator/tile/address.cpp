// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// N-dimensional address generation.
#include "emulator/tile/address.h"

namespace ashlar::emulator {

void AddressGenerator::start(const device::Bd &bd, bool padding) {
  padded_ = false;
  linear_ = bd.dims[0].step == 1 && bd.dims[0].size == 0;
  offset_ = 0;
  for (int d = 0; d < 4; ++d) {
    Dim &x = dims_[d];
    x = {};
    x.size = bd.dims[d].size;
    x.step = static_cast<int64_t>(bd.dims[d].step) * 4;
    if (padding && d < 3) {
      x.before = bd.pads[d].before;
      if (x.before || bd.pads[d].after) padded_ = true;
      x.total = x.size ? x.before + x.size + bd.pads[d].after : 0;
    } else {
      x.total = x.size;
    }
  }
  if (padded_) linear_ = false;
}

void AddressGenerator::advanceDims() {
  for (int d = 0; d < 4; ++d) {
    Dim &x = dims_[d];
    const bool was = x.index >= x.before && (!x.size || x.index < x.before + x.size);
    ++x.index;
    const bool is = x.index >= x.before && (!x.size || x.index < x.before + x.size);
    // The offset moves between data words only; padding leaves it where it is.
    if (x.total == 0 || x.index < x.total) {
      if (was && is) offset_ += x.step;
      return;
    }
    // Round: back to the start of this dimension, on to the next.
    if (x.size) offset_ -= static_cast<int64_t>(x.size - 1) * x.step;
    x.index = 0;
  }
}

} // namespace ashlar::emulator
