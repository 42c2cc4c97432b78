// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The data memory of a tile and its bank arbitration: each 128-bit physical bank serves one request
// a cycle. Core tile: 8 banks, two interleaved every 16 bytes in each logical bank of 16 KiB.
// Memtile: 16 banks, pairs interleaved likewise (Memory_Control bit 1, set after reset).
#pragma once

#include "device/geometry.h"

#include <array>
#include <cstring>
#include <vector>

namespace ashlar::emulator {

class DataMemory {
public:
  explicit DataMemory(device::TileKind kind)
      : bytes_(device::dataMemoryBytes(kind)), shift_(kind == device::TileKind::Mem ? 16 : 14) {
    claimed_.fill(~uint64_t{0});
  }

  uint32_t size() const { return static_cast<uint32_t>(bytes_.size()); }
  uint8_t *data() { return bytes_.data(); }
  const uint8_t *data() const { return bytes_.data(); }
  uint32_t word(uint32_t address) const {
    uint32_t v;
    std::memcpy(&v, &bytes_[address], 4);
    return v;
  }
  void setWord(uint32_t address, uint32_t v) { std::memcpy(&bytes_[address], &v, 4); }
  void clear() { std::fill(bytes_.begin(), bytes_.end(), uint8_t{0}); }

  int bank(uint32_t address) const {
    return interleaved ? static_cast<int>(2 * (address >> shift_) + (address >> 4 & 1))
                       : static_cast<int>(address >> (shift_ - 1));
  }
  /// One request to a bank in cycle `now`; false: somebody was served there in this cycle.
  bool claim(int bank, uint64_t now) {
    if (claimed_[static_cast<size_t>(bank)] == now) {
      ++conflicts[static_cast<size_t>(bank)];
      return false;
    }
    claimed_[static_cast<size_t>(bank)] = now;
    return true;
  }

  /// The bank serves somebody in cycle `now` who has asked nobody.
  void take(int bank, uint64_t now) { claimed_[static_cast<size_t>(bank)] = now; }

  bool interleaved = true;
  std::array<uint64_t, 16> conflicts{};

private:
  std::vector<uint8_t> bytes_;
  int shift_;
  std::array<uint64_t, 16> claimed_;
};

} // namespace ashlar::emulator
