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
  /// Whether all words lie at consecutive addresses.
  bool linear() const { return linear_; }
  /// Whether the next `words` (at least 1) do, none of them padding; then skip() passes them.
  bool consecutive(size_t words) const {
    return linear_ || (!padded_ && dims_[0].step == 4 && words <= dims_[0].size - dims_[0].index);
  }
  void skip(size_t words) {
    if (linear_) {
      offset_ += static_cast<int64_t>(4 * words);
      return;
    }
    dims_[0].index += static_cast<uint32_t>(words - 1);
    offset_ += static_cast<int64_t>(4 * (words - 1));
    advanceDims();
  }

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

  int64_t offset_ = 0;
  bool padded_ = false, linear_ = true;
  Dim dims_[4];
};

} // namespace ashlar::emulator
