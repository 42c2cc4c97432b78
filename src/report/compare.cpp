// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Element-wise comparison.
#include "report/compare.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>

namespace ashlar::report {

std::string Tolerance::str() const {
  if (kind == Kind::Exact) return "exactly";
  if (kind == Kind::Ulp) return fmt::format("within {:g} ulp", amount);
  return fmt::format("within {:g}", amount);
}

Result<Tolerance> parseTolerance(std::string_view text) {
  std::string number(text);
  const bool ulp = number.ends_with("ulp");
  if (ulp) number.resize(number.size() - 3);
  while (!number.empty() && number.back() == ' ') number.pop_back();
  char *end = nullptr;
  const double v = std::strtod(number.c_str(), &end);
  if (number.empty() || *end || !(v >= 0) || std::isinf(v))
    return error("tolerance", {}, fmt::format("'{}' is not a tolerance", text),
                 "write 2ulp (representable values) or 1e-3 (absolute and relative)");
  Tolerance t;
  t.kind = ulp ? Tolerance::Kind::Ulp : Tolerance::Kind::Relative;
  t.amount = v;
  return t;
}

Comparison compare(Element element, ByteView actual, ByteView expected,
                   const Tolerance &tolerance) {
  Comparison c;
  const size_t size = elementBytes(element);
  c.count = std::min(actual.size(), expected.size()) / size;
  double worst = -1;
  for (size_t i = 0; i < c.count; ++i) {
    if (std::memcmp(&actual[i * size], &expected[i * size], size) == 0) continue;
    const double a = elementValue(element, actual, i), e = elementValue(element, expected, i);
    const bool aNan = std::isnan(a), eNan = std::isnan(e);
    if (aNan && eNan) continue;
    double distance = HUGE_VAL, ulp = HUGE_VAL;
    if (!aNan && !eNan) {
      const bool isFloat = elementIsFloat(element);
      const uint64_t steps = elementSteps(element, actual, expected, i);
      if (steps == 0) continue; // the two zeros
      // An infinity is no rounding of the largest number.
      ulp = std::isinf(a) != std::isinf(e) ? HUGE_VAL : static_cast<double>(steps);
      if (!isFloat)
        distance = ulp; // as doubles, large integers that differ may be equal
      else if (!std::isinf(a) && !std::isinf(e))
        distance = std::fabs(a - e);
    }
    ++c.inexact;
    bool fine = false;
    if (tolerance.kind == Tolerance::Kind::Ulp)
      fine = ulp <= tolerance.amount;
    else if (tolerance.kind == Tolerance::Kind::Relative)
      // Nothing is near an infinity, whatever a part of it would be.
      fine =
          std::isfinite(distance) && distance <= tolerance.amount + tolerance.amount * std::fabs(e);
    const double score = tolerance.kind == Tolerance::Kind::Relative ? distance : ulp;
    if (score > worst) {
      worst = score;
      c.worst = i;
    }
    c.worstError = std::max(c.worstError, distance);
    c.worstUlp = std::max(c.worstUlp, ulp);
    if (fine) continue;
    ++c.different;
    if (!c.first) c.first = i;
  }
  return c;
}

std::string indexText(size_t index, const std::vector<int64_t> &shape) {
  if (shape.size() < 2) return fmt::format("[{}]", index);
  std::vector<size_t> parts(shape.size());
  for (size_t d = shape.size(); d-- > 0;) {
    const size_t n = shape[d] > 0 ? static_cast<size_t>(shape[d]) : 1;
    parts[d] = index % n;
    index /= n;
  }
  std::string s = "[";
  for (size_t d = 0; d < parts.size(); ++d) s += (d ? ", " : "") + std::to_string(parts[d]);
  return s + "]";
}

} // namespace ashlar::report
