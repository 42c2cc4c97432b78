// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Bytes with an explicit byte order. Every file format of the NPU is little-endian; the readers
// here are bounds-checked and never trust a length from a file.
#pragma once

#include "base/result.h"

#include <array>
#include <cstring>
#include <span>
#include <string_view>

namespace ashlar {

using Bytes = std::vector<uint8_t>;
using ByteView = std::span<const uint8_t>;

inline uint16_t readU16(const uint8_t *p) { return static_cast<uint16_t>(p[0] | p[1] << 8); }
inline uint32_t readU32(const uint8_t *p) {
  return static_cast<uint32_t>(p[0]) | static_cast<uint32_t>(p[1]) << 8 |
         static_cast<uint32_t>(p[2]) << 16 | static_cast<uint32_t>(p[3]) << 24;
}
inline uint64_t readU64(const uint8_t *p) {
  return readU32(p) | static_cast<uint64_t>(readU32(p + 4)) << 32;
}
inline void writeU16(uint8_t *p, uint16_t v) {
  p[0] = static_cast<uint8_t>(v);
  p[1] = static_cast<uint8_t>(v >> 8);
}
inline void writeU32(uint8_t *p, uint32_t v) {
  for (int i = 0; i < 4; ++i) p[i] = static_cast<uint8_t>(v >> (8 * i));
}
inline void writeU64(uint8_t *p, uint64_t v) {
  writeU32(p, static_cast<uint32_t>(v));
  writeU32(p + 4, static_cast<uint32_t>(v >> 32));
}

/// Appends little-endian values to a growing buffer.
class ByteWriter {
public:
  ByteWriter &u8(uint8_t v) {
    out_.push_back(v);
    return *this;
  }
  ByteWriter &u16(uint16_t v) { return raw<2>(v); }
  ByteWriter &u32(uint32_t v) { return raw<4>(v); }
  ByteWriter &u64(uint64_t v) { return raw<8>(v); }
  ByteWriter &bytes(ByteView v) {
    out_.insert(out_.end(), v.begin(), v.end());
    return *this;
  }
  ByteWriter &text(std::string_view v) {
    out_.insert(out_.end(), v.begin(), v.end());
    return *this;
  }
  /// The text cut or zero-padded to exactly n bytes.
  ByteWriter &fixedText(std::string_view v, size_t n);
  ByteWriter &fill(size_t n, uint8_t value = 0) {
    out_.insert(out_.end(), n, value);
    return *this;
  }
  ByteWriter &alignTo(size_t n) {
    while (out_.size() % n) out_.push_back(0);
    return *this;
  }
  void patchU32(size_t offset, uint32_t v) {
    ASHLAR_ASSERT(offset + 4 <= out_.size());
    writeU32(&out_[offset], v);
  }
  size_t size() const { return out_.size(); }
  const Bytes &view() const { return out_; }
  Bytes take() { return std::move(out_); }

private:
  template <int N> ByteWriter &raw(uint64_t v) {
    for (int i = 0; i < N; ++i) out_.push_back(static_cast<uint8_t>(v >> (8 * i)));
    return *this;
  }
  Bytes out_;
};

/// Reads little-endian values; the first read past the end latches `failed()` and yields zeros.
class ByteReader {
public:
  explicit ByteReader(ByteView data, size_t offset = 0) : data_(data), offset_(offset) {
    if (offset > data.size()) {
      failed_ = true;
      offset_ = data.size();
    }
  }
  uint8_t u8() { return static_cast<uint8_t>(raw(1)); }
  uint16_t u16() { return static_cast<uint16_t>(raw(2)); }
  uint32_t u32() { return static_cast<uint32_t>(raw(4)); }
  uint64_t u64() { return raw(8); }
  ByteView bytes(size_t n);
  void skip(size_t n) { bytes(n); }
  size_t offset() const { return offset_; }
  size_t left() const { return data_.size() - offset_; }
  bool failed() const { return failed_; }

private:
  uint64_t raw(size_t n);
  ByteView data_;
  size_t offset_;
  bool failed_ = false;
};

} // namespace ashlar
