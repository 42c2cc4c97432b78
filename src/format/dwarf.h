// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The variable-length pieces that DWARF's sections are written in: LEB128 numbers (DWARF 4, section
// 7.6) and strings that end at a zero. Past the end of its bytes a reader latches and these stop.
#pragma once

#include "base/bytes.h"

#include <cstdint>
#include <string>

namespace ashlar::format::dwarf {

/// Bits above the 64th are dropped.
inline uint64_t uleb(ByteReader &in) {
  uint64_t v = 0;
  for (unsigned shift = 0;; shift += 7) {
    const uint8_t b = in.u8();
    if (shift < 64) v |= uint64_t{b & 0x7Fu} << shift;
    if (!(b & 0x80) || in.failed()) return v;
  }
}

inline int64_t sleb(ByteReader &in) {
  uint64_t v = 0;
  for (unsigned shift = 0;;) {
    const uint8_t b = in.u8();
    if (shift < 64) v |= uint64_t{b & 0x7Fu} << shift;
    shift += 7;
    if (!(b & 0x80) || in.failed()) {
      if ((b & 0x40) && shift < 64) v |= ~uint64_t{0} << shift;
      return static_cast<int64_t>(v);
    }
  }
}

inline std::string string(ByteReader &in) {
  std::string s;
  for (uint8_t c; (c = in.u8()) != 0 && !in.failed();) s += static_cast<char>(c);
  return s;
}

} // namespace ashlar::format::dwarf
