// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What the device left alone is not written back, because the program may have changed it since;
// the grain is a cache line, as on the chip.
#include "accel/user_copy.h"

#include "accel/user_memory.h"

#include <cstring>

namespace ashlar::accel {

UserCopy::UserCopy(const Bo &bo) : user_(bo.data()), before_(bo.size) {
  if (!copyIn(before_.data(), user_, before_.size())) before_.clear();
  now_ = before_;
}

void UserCopy::writeBack() {
  constexpr size_t kLine = 64;
  for (size_t at = 0; at < now_.size(); at += kLine) {
    const size_t n = std::min(kLine, now_.size() - at);
    if (std::memcmp(&now_[at], &before_[at], n) != 0) copyOut(user_ + at, &now_[at], n);
  }
}

uint64_t contentsHash(const Bo &bo) {
  if (bo.memory->fd() >= 0) return bo.memory->hash();
  UserCopy copy(bo);
  return copy.data() ? Memory::borrow(copy.data(), bo.size)->hash() : 0;
}

} // namespace ashlar::accel
