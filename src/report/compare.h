// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Comparing a result with what was expected, element by element: how many differ, which first, how
// much at worst.
#pragma once

#include "report/element.h"

namespace ashlar::report {

/// How far two elements may be apart: so many representable values, or |a - e| <= t + t * |e|.
struct Tolerance {
  enum class Kind : uint8_t { Exact, Ulp, Relative } kind = Kind::Exact;
  double amount = 0;
  std::string str() const; ///< "exactly", "within 2 ulp", "within 0.001"
};
/// "2ulp", "1e-3". Errors: `tolerance`.
Result<Tolerance> parseTolerance(std::string_view text);

struct Comparison {
  size_t count = 0;            ///< elements
  size_t different = 0;        ///< outside the tolerance
  size_t inexact = 0;          ///< not the same value, tolerated or not
  std::optional<size_t> first; ///< first element outside the tolerance
  size_t worst = 0;            ///< element with the largest error
  double worstError = 0;       ///< |a - e|
  double worstUlp = 0;         ///< representable values between them (ULP of the element type)
  bool equal() const { return different == 0; }
};
/// Both views hold `count` elements.
Comparison compare(Element element, ByteView actual, ByteView expected, const Tolerance &tolerance);

/// "[3, 17]" for a flat index in a shape; "[1553]" without one.
std::string indexText(size_t index, const std::vector<int64_t> &shape);

} // namespace ashlar::report
