// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The address generators. Pointers, modifiers and dimension registers hold 20 bits; all sums wrap.
// A 2D modifier dN is (m, dn, dj, dc): dc counts steps of dj; after dn of them the pointer moves by
// m instead and dc restarts. A 3D modifier uses dN for the inner and dN+4 for the outer dimension;
// the outer m is not used.
#pragma once

#include <cstdint>

namespace ashlar::emulator {

inline constexpr uint32_t kAddressMask = 0xFFFFF;

/// One dimension of a modifier, as read from the registers.
struct Dimension {
  uint32_t m = 0, dn = 0, dj = 0, dc = 0;
};
struct Step2 {
  uint32_t pointer;
  uint32_t count;
};
struct Step3 {
  uint32_t pointer;
  uint32_t countLow, countHigh;
};

inline uint32_t advance(uint32_t pointer, uint32_t by) { return (pointer + by) & kAddressMask; }

/// Whether the chip compares dc < dn or dc == dn only shows when dc > dn, which no compiler makes.
inline Step2 advance2(uint32_t pointer, const Dimension &d) {
  if (d.dc < d.dn) return {advance(pointer, d.dj), (d.dc + 1) & kAddressMask};
  return {advance(pointer, d.m), 0};
}
inline Step3 advance3(uint32_t pointer, const Dimension &low, const Dimension &high) {
  if (low.dc < low.dn) return {advance(pointer, low.dj), (low.dc + 1) & kAddressMask, high.dc};
  if (high.dc < high.dn) return {advance(pointer, high.dj), 0, (high.dc + 1) & kAddressMask};
  return {advance(pointer, low.m), 0, 0};
}

} // namespace ashlar::emulator
