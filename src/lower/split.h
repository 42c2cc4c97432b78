// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Access patterns of a shim tile's DMA that need more than one descriptor.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

namespace ashlar::lower {

/// Size and stride, in elements.
using PatternDim = std::pair<int64_t, int64_t>;
struct Pattern {
  int64_t offset = 0;             ///< elements
  std::array<PatternDim, 4> dims; ///< outermost first; the first is the iteration
};

/// The same elements in the same order by patterns that each fit one descriptor of a shim tile;
/// nothing where that cannot be. At most as many as a channel's start queue holds when one of them
/// repeats (each is then a task of its own), else at most `most`, which one task can chain.
std::optional<std::vector<Pattern>> splitPattern(const Pattern &pattern, int elementBits,
                                                 size_t most);
/// Whether the pieces can be one task.
bool chainable(const std::vector<Pattern> &pieces);

} // namespace ashlar::lower
