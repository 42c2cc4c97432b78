// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The order in which a BD touches memory: up to four nested dimensions, the outermost running until
// the length is exhausted, and on memtiles zeros before and after each of the inner three. The
// length counts every word of the stream, padding included.
#pragma once

#include "device/bd.h"

namespace ashlar::emulator {

class AddressGenerator {
public:
  void start(const device::Bd &bd, bool padding);

  /// Whether the next word is padding.
  bool pad() const { return padded_ && (outside(0) || outside(1) || outside(2)); }
  /// Byte offset from the BD's base address of the next word (meaningless for padding).
  int64_t offset() const { return offset_; }
  void advance() {
    if (linear_) {
      offset_ += 4;
      return;
    }
    advanceDims();
  }
  /// Whether all words lie at consecutive addresses; then any number may be skipped at once.
  bool linear() const { return linear_; }
  void skip(size_t words) { offset_ += static_cast<int64_t>(4 * words); }

private:
  struct Dim {
    uint32_t index = 0;
    uint32_t total = 0; ///< before + size + after; 0: unbounded
    uint32_t before = 0, size = 0;
    int64_t step = 4; ///< bytes
  };
  bool outside(int d) const {
    const Dim &x = dims_[d];
    return x.index < x.before || (x.size && x.index >= x.before + x.size);
  }
  void advanceDims();

  Dim dims_[4];
  int64_t offset_ = 0;
  bool padded_ = false, linear_ = true;
};

} // namespace ashlar::emulator
