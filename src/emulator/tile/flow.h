// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// When words were on a stream. A path is one FIFO, so this is noted once, at its start; each switch
// port on the way sees the same some cycles later.
#pragma once

#include "device/geometry.h"

#include <cstdint>
#include <string>
#include <vector>

namespace ashlar::emulator {

/// A switch port on a path.
struct PortStop {
  device::TileId tile;
  std::string port; ///< "in South0", "out DMA0"
  int delay = 0;    ///< cycles from the path's start
};

struct Flow {
  struct Burst {
    uint64_t start = 0, end = 0;
    uint64_t words = 0;
  };
  /// Words closer together than this are one burst: a picture of bursts says more than one of
  /// words.
  static constexpr uint64_t kGap = 16;
  static constexpr size_t kMostBursts = 250'000;

  std::vector<PortStop> stops;
  std::vector<Burst> bursts;

  void add(uint64_t at, uint64_t words) {
    if (!bursts.empty() && at <= bursts.back().end + kGap) {
      bursts.back().end = at + words;
      bursts.back().words += words;
    } else if (bursts.size() < kMostBursts) {
      bursts.push_back({at, at + words, words});
    }
  }
};

} // namespace ashlar::emulator
