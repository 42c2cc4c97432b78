// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A BO made from memory of the program, for the time of a command. The chip's pages are pinned:
// they stay although the program frees its memory. Ours are copied, each byte checked, and what the
// device changed is copied back.
#pragma once

#include "accel/buffers.h"

namespace ashlar::accel {

class UserCopy {
public:
  explicit UserCopy(const Bo &bo);
  /// Null when the memory is gone.
  uint8_t *data() { return now_.empty() ? nullptr : now_.data(); }
  void writeBack();

private:
  uint8_t *user_;
  Bytes before_, now_;
};

/// Memory::hash of a BO's memory; 0 when it is the program's and gone.
uint64_t contentsHash(const Bo &bo);

} // namespace ashlar::accel
