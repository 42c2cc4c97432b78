// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A small deterministic fuzzer for the unit tests: the same damage in every run, so a finding is
// repeatable. The long runs are libFuzzer's (fuzz/).
#pragma once

#include "base/base.h"

#include <algorithm>
#include <random>

namespace ashlar::format_test {

/// Calls `use` with `rounds` damaged copies of `seed`: bytes and words set to edge values, pieces
/// removed, doubled or moved.
template <class F> void mutate(const Bytes &seed, int rounds, F use) {
  std::mt19937 random(20240229);
  const auto below = [&](size_t n) { return n ? random() % n : size_t{0}; };
  static constexpr uint32_t edges[] = {
      0,      1,       2,          3,        4,          7,          8,          0x7F,      0xFF,
      0xFFFF, 0x10000, 0x7FFFFFFF, 1u << 31, 0xFFFFFFFF, 0xFFFFFFFC, 0xFFFFFFF0, 0x1000000, 0x44};
  for (int i = 0; i < rounds; ++i) {
    Bytes data = seed;
    for (size_t change = 0, n = 1 + below(4); change < n && !data.empty(); ++change) {
      const size_t at = below(data.size());
      switch (random() % 6) {
      case 0: data[at] = static_cast<uint8_t>(random()); break;
      case 1: data[at] ^= static_cast<uint8_t>(1u << (random() % 8)); break;
      case 2:
      case 3:
        if (data.size() >= 4)
          writeU32(&data[std::min(at & ~size_t{3}, data.size() - 4)],
                   edges[random() % std::size(edges)]);
        break;
      case 4: data.resize(at); break;
      case 5: {
        const size_t size = below(std::min<size_t>(data.size() - at, 64)) + 1;
        const Bytes piece(data.begin() + static_cast<long>(at),
                          data.begin() + static_cast<long>(std::min(at + size, data.size())));
        data.insert(data.begin() + static_cast<long>(below(data.size())), piece.begin(),
                    piece.end());
        break;
      }
      }
    }
    use(ByteView(data));
  }
}

} // namespace ashlar::format_test
