// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Which storage units are read later: backwards over the pieces' steps in program order.
#include "codegen/verify/pieces.h"

namespace ashlar::codegen::verify {
using namespace isa;

std::vector<Units> liveAtEnd(const std::vector<Piece> &function) {
  size_t n = function.size();
  std::vector<Units> reads(n), writes(n), begin(n), end(n);
  for (size_t p = 0; p < n; ++p)
    for (const Step &step : function[p].steps) {
      Accesses all = accesses(step.inst);
      for (const Access &a : all)
        if (!a.write)
          for (uint8_t u : info(a.reg).units)
            if (!writes[p][u]) reads[p].set(u);
      reads[p] |= step.alsoReads & ~writes[p];
      for (const Access &a : all)
        if (a.write)
          for (uint8_t u : info(a.reg).units) writes[p].set(u);
      writes[p] |= step.alsoWrites;
    }
  for (bool changed = true; changed;) {
    changed = false;
    for (size_t p = n; p-- > 0;) {
      Units out;
      for (size_t s : function[p].successors) out |= begin[s];
      Units in = reads[p] | (out & ~writes[p]);
      changed |= in != begin[p];
      begin[p] = in;
      end[p] = out;
    }
  }
  return end;
}

} // namespace ashlar::codegen::verify
