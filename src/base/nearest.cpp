// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Edit distance with transpositions (optimal string alignment), three rows at a time.
#include "base/nearest.h"

#include <algorithm>
#include <bit>
#include <cstdint>
#include <vector>

namespace ashlar {

size_t editDistance(std::string_view a, std::string_view b) {
  std::vector<size_t> twoAbove(b.size() + 1), above(b.size() + 1), row(b.size() + 1);
  for (size_t j = 0; j <= b.size(); ++j) above[j] = j;
  for (size_t i = 1; i <= a.size(); ++i) {
    row[0] = i;
    for (size_t j = 1; j <= b.size(); ++j) {
      row[j] = std::min({above[j] + 1, row[j - 1] + 1, above[j - 1] + (a[i - 1] != b[j - 1])});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
        row[j] = std::min(row[j], twoAbove[j - 2] + 1);
    }
    std::swap(twoAbove, above);
    std::swap(above, row);
  }
  return above[b.size()];
}

namespace {
/// Which letters occur, as bits.
uint64_t lettersOf(std::string_view text) {
  uint64_t set = 0;
  for (const char c : text) set |= uint64_t{1} << (static_cast<unsigned char>(c) & 63);
  return set;
}
} // namespace

std::optional<std::string> nearestName(std::string_view name,
                                       std::span<const std::string> candidates) {
  const size_t limit = std::max<size_t>(1, name.size() / 3);
  const std::string *best = nullptr;
  size_t bestDistance = limit + 1;
  const uint64_t letters = lettersOf(name);
  for (const std::string &candidate : candidates) {
    // Each edit takes one letter away and brings one in, at most.
    if (std::popcount(letters ^ lettersOf(candidate)) >= static_cast<int>(2 * bestDistance))
      continue;
    const size_t lengths = candidate.size() > name.size() ? candidate.size() - name.size()
                                                          : name.size() - candidate.size();
    if (lengths >= bestDistance) continue;
    const size_t distance = editDistance(name, candidate);
    if (distance < bestDistance) {
      bestDistance = distance;
      best = &candidate;
    }
  }
  if (!best) return std::nullopt;
  return *best;
}

} // namespace ashlar
