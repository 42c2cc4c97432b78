// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Shorthand for writing kernels: reading and writing scalar operands through untyped pointers.
#pragma once

#include "emulator/core/semantics.h"
#include "emulator/core/value/lanes.h"

namespace ashlar::emulator {

inline uint32_t word(const void *p) {
  uint32_t v;
  std::memcpy(&v, p, sizeof v);
  return v;
}
inline int32_t signedWord(const void *p) { return static_cast<int32_t>(word(p)); }
inline uint64_t longWord(const void *p) {
  uint64_t v;
  std::memcpy(&v, p, sizeof v);
  return v;
}
inline void put(void *p, uint32_t v) { std::memcpy(p, &v, sizeof v); }
inline void putLong(void *p, uint64_t v) { std::memcpy(p, &v, sizeof v); }

} // namespace ashlar::emulator
