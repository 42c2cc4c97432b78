// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The whole function: what is under way at each piece's beginning is gathered along all edges until
// nothing is new, then every piece is replayed.
#include "codegen/verify/verify.h"

#include "codegen/verify/pieces.h"

#include <algorithm>
#include <fmt/format.h>

namespace ashlar::codegen::verify {
namespace {
using namespace isa;

/// The middle of a loop runs so often that all its stages have met and what is left of the
/// beginning is gone.
int mostRuns(const Piece &piece) { return piece.loop ? piece.stages + 2 : 1; }

/// Units whose values somebody wants: status flags that no step reads may hold anything.
Units unitsThatMatter(const std::vector<Piece> &function) {
  Units matters;
  for (unsigned u = 0; u < kRegUnitCount; ++u)
    if (!std::string_view(info(unitReg(u)).name).starts_with("sr")) matters.set(u);
  for (const Piece &piece : function)
    for (const Step &step : piece.steps)
      for (const Access &a : accesses(step.inst))
        if (!a.write)
          for (uint8_t u : info(a.reg).units) matters.set(u);
  return matters;
}
} // namespace

std::optional<std::string> check(const std::vector<Piece> &function) {
  std::vector<Units> live = liveAtEnd(function);
  Units matters = unitsThatMatter(function);
  std::vector<std::vector<Under>> before(function.size());
  std::vector<bool> waiting(function.size(), true);
  for (bool again = true; again;) {
    again = false;
    for (size_t p = 0; p < function.size(); ++p) {
      if (!waiting[p]) continue;
      waiting[p] = false;
      for (int runs = 1; runs <= mostRuns(function[p]); ++runs)
        for (const Under &u : Replay(function[p], runs, before[p], live[p], matters).after())
          for (size_t s : function[p].successors)
            if (std::ranges::find(before[s], u) == before[s].end()) {
              before[s].push_back(u);
              waiting[s] = again = true;
            }
    }
  }
  for (size_t p = 0; p < function.size(); ++p)
    for (int runs = 1; runs <= mostRuns(function[p]); ++runs)
      if (auto problem = Replay(function[p], runs, before[p], live[p], matters).check())
        return fmt::format("piece {}{}, {}", p,
                           function[p].loop ? fmt::format(" ({} runs)", runs) : "", *problem);
  return std::nullopt;
}

} // namespace ashlar::codegen::verify
