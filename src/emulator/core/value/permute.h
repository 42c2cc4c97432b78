// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Moving bytes and lanes about: shuffles, shifts, inserts, broadcasts, packing. Results never
// depend on the order of writing: an output may be the same register as an input.
#pragma once

#include "emulator/core/value/lanes.h"

#include <array>

namespace ashlar::emulator {

/// Route of VSHUFFLE by the low six bits of mode; shuffles.isa names the rules.
void shuffle(void *d, const void *a, const void *b, uint32_t mode);

/// Bytes n..n+63 of the 128-byte concatenation a (low), b (high), zeros above.
void shiftBytes(void *d, const void *a, const void *b, uint32_t n);
/// As shiftBytes, but the part taken from a is a shifted down by the step's 4, 8, 16 or 32 bytes
/// (steps 1..4) instead; other steps act as 0.
void shiftAlign(void *d, const void *a, uint32_t step, const void *b, uint32_t n);

template <class T> void broadcast(void *d, T value) {
  auto *out = lanes<T>(d);
  for (int i = 0; i < kLanes<T>; ++i) out[i] = value;
}
/// One lane towards higher lanes; the new element becomes lane 0.
template <class T> void pushLow(void *d, T value, const void *s) {
  alignas(64) uint8_t tmp[kVectorBytes];
  std::memcpy(tmp, &value, sizeof(T));
  std::memcpy(tmp + sizeof(T), s, kVectorBytes - sizeof(T));
  std::memcpy(d, tmp, kVectorBytes);
}
/// One lane towards lower lanes; the new element becomes the top lane.
template <class T> void pushHigh(void *d, const void *s, T value) {
  alignas(64) uint8_t tmp[kVectorBytes];
  std::memcpy(tmp, static_cast<const uint8_t *>(s) + sizeof(T), kVectorBytes - sizeof(T));
  std::memcpy(tmp + kVectorBytes - sizeof(T), &value, sizeof(T));
  std::memcpy(d, tmp, kVectorBytes);
}
template <class T> void insert(void *d, const void *s, uint32_t index, T value) {
  alignas(64) uint8_t tmp[kVectorBytes];
  std::memcpy(tmp, s, kVectorBytes);
  std::memcpy(tmp + (index % kLanes<T>)*sizeof(T), &value, sizeof(T));
  std::memcpy(d, tmp, kVectorBytes);
}
template <class T> T extract(const void *s, uint32_t index) {
  return lanes<T>(s)[index % kLanes<T>];
}

/// 64 bytes to 32: 16-bit lanes to 8 bits, or 8-bit lanes to 4 bits; clipped as crSat says.
void pack16to8(void *d, const void *s, bool isSigned, uint32_t crSat);
void pack8to4(void *d, const void *s, bool isSigned, uint32_t crSat);
/// 32 bytes to 64: 8-bit lanes to 16, or 4-bit lanes (low nibble first) to 8.
void unpack8to16(void *d, const void *s, bool isSigned);
void unpack4to8(void *d, const void *s, bool isSigned);

} // namespace ashlar::emulator
