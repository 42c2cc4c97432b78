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

  Counts &of(device::TileId tile) {
    Counts &c = cores_[tile];
    if (c.empty()) c.resize(device::kProgramMemoryBytes / 2);
    return c;
  }
  const std::map<device::TileId, Counts> &cores() const { return cores_; }

private:
  std::map<device::TileId, Counts> cores_;
};

} // namespace ashlar::emulator
