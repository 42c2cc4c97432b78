// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The shuffle network's routes come from the instruction set description; the rest is byte moving.
#include "emulator/core/value/permute.h"

#include "emulator/core/value/round.h"
#include "isa/isa.h"

namespace ashlar::emulator {

void shuffle(void *d, const void *a, const void *b, uint32_t mode) {
  using Table = std::array<uint8_t, kVectorBytes>;
  static const auto tables = [] {
    std::array<Table, isa::kShuffleModes> all;
    for (unsigned m = 0; m < all.size(); ++m) {
      all[m] = isa::shuffleBytes(m);
      for (uint8_t &from : all[m]) from = from == 255 ? 2 * kVectorBytes : from;
    }
    return all;
  }();
  alignas(64) uint8_t in[2 * kVectorBytes + 1], out[kVectorBytes];
  std::memcpy(in, a, kVectorBytes);
  std::memcpy(in + kVectorBytes, b, kVectorBytes);
  in[2 * kVectorBytes] = 0;
  const Table &t = tables[mode % isa::kShuffleModes];
  for (int i = 0; i < kVectorBytes; ++i) out[i] = in[t[i]];
  std::memcpy(d, out, kVectorBytes);
}

void shiftBytes(void *d, const void *a, const void *b, uint32_t n) {
  alignas(64) uint8_t in[3 * kVectorBytes] = {};
  std::memcpy(in, a, kVectorBytes);
  std::memcpy(in + kVectorBytes, b, kVectorBytes);
  std::memcpy(d, in + (n < 2 * kVectorBytes ? n : 2 * kVectorBytes), kVectorBytes);
}

void shiftAlign(void *d, const void *a, uint32_t step, const void *b, uint32_t n) {
  step &= 63;
  if (step < 1 || step > 4) return shiftBytes(d, a, b, n);
  alignas(64) uint8_t high[kVectorBytes], zeros[kVectorBytes] = {}, out[kVectorBytes];
  shiftBytes(high, zeros, b, n);
  const unsigned down = 2U << step; // 4, 8, 16, 32
  const auto *low = static_cast<const uint8_t *>(a);
  for (unsigned i = 0; i < kVectorBytes; ++i) {
    const bool fromA = n < kVectorBytes && i < kVectorBytes - n && i + down < kVectorBytes;
    out[i] = static_cast<uint8_t>(high[i] | (fromA ? low[i + down] : 0));
  }
  std::memcpy(d, out, kVectorBytes);
}

void pack16to8(void *d, const void *s, bool isSigned, uint32_t crSat) {
  uint8_t out[kVectorBytes / 2];
  const auto *x = lanes<int16_t>(s);
  for (int i = 0; i < kLanes<int16_t>; ++i) {
    const int64_t v = isSigned ? int64_t{x[i]} : int64_t{static_cast<uint16_t>(x[i])};
    out[i] = static_cast<uint8_t>(saturate(v, 8, isSigned, crSat).value);
  }
  std::memcpy(d, out, sizeof out);
}

void pack8to4(void *d, const void *s, bool isSigned, uint32_t crSat) {
  uint8_t out[kVectorBytes / 2];
  const auto *x = lanes<int8_t>(s);
  for (int i = 0; i < kVectorBytes / 2; ++i) {
    int64_t nibble[2];
    for (int k = 0; k < 2; ++k) {
      const int64_t v =
          isSigned ? int64_t{x[2 * i + k]} : int64_t{static_cast<uint8_t>(x[2 * i + k])};
      nibble[k] = saturate(v, 4, isSigned, crSat).value & 15;
    }
    out[i] = static_cast<uint8_t>(nibble[0] | nibble[1] << 4);
  }
  std::memcpy(d, out, sizeof out);
}

void unpack8to16(void *d, const void *s, bool isSigned) {
  uint8_t in[kVectorBytes / 2];
  std::memcpy(in, s, sizeof in);
  auto *out = lanes<int16_t>(d);
  for (int i = 0; i < kVectorBytes / 2; ++i)
    out[i] = isSigned ? int16_t{static_cast<int8_t>(in[i])} : int16_t{in[i]};
}

void unpack4to8(void *d, const void *s, bool isSigned) {
  uint8_t in[kVectorBytes / 2];
  std::memcpy(in, s, sizeof in);
  auto *out = lanes<uint8_t>(d);
  for (int i = 0; i < kVectorBytes; ++i) {
    const uint32_t nibble = in[i / 2] >> (i % 2 * 4) & 15;
    out[i] = static_cast<uint8_t>(isSigned ? static_cast<uint32_t>(signExtend(nibble, 4)) : nibble);
  }
}

} // namespace ashlar::emulator
