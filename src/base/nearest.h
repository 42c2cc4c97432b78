// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// "Did you mean": the known name closest to a wrong one, so that a typo's error message holds its
// remedy.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace ashlar {

/// Number of inserted, deleted, replaced or swapped neighbouring characters between a and b.
size_t editDistance(std::string_view a, std::string_view b);

/// The candidate with the smallest edit distance to `name` when it is close enough to be a likely
/// typo (at most a third of the name's length, at least 1); the first one on a tie.
std::optional<std::string> nearestName(std::string_view name,
                                       std::span<const std::string> candidates);

} // namespace ashlar
