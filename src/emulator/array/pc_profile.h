// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Where the cores spent their cycles: for each address of program memory how often the bundle there
// was issued, and how many cycles that took with all stalls. Kept only when asked for.
#pragma once

#include "device/geometry.h"

#include <array>
#include <cstdint>
#include <map>
#include <vector>

namespace ashlar::emulator {

class PcProfile {
public:
  struct Count {
    uint64_t cycles = 0, issued = 0;
  };
  /// By address / 2, bundles being two bytes at least.
  using Counts = std::vector<Count>;

  PcProfile() = default;
  PcProfile(const PcProfile &) = delete;
  PcProfile &operator=(const PcProfile &) = delete;

  /// Asked for in every cycle of every core.
  Counts &of(device::TileId tile) {
    Counts *&found = quick_[static_cast<size_t>(tile.col & 7) * 8 + (tile.row & 7)];
    if (found == nullptr) {
      found = &cores_[tile];
      found->resize(device::kProgramMemoryBytes / 2);
    }
    return *found;
  }
  const std::map<device::TileId, Counts> &cores() const { return cores_; }

private:
  std::map<device::TileId, Counts> cores_;
  std::array<Counts *, 64> quick_{}; ///< into cores_, by column and row
};

} // namespace ashlar::emulator
