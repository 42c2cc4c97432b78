// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What differs between two packages, in terms of the array: programs, memories, descriptors, locks,
// switches, routes, the operations of the instruction streams, and what an XCLBIN tells its driver.
#pragma once

#include "analysis/view.h"
#include "load/load.h"

namespace ashlar::report {

struct Subject {
  std::string name;
  load::Package package;
  std::vector<load::Stream> streams;
  std::optional<plan::Plan> plan;
  Bytes xclbin; ///< empty: the package is a PDI

  const plan::Plan *planOrNull() const { return plan ? &*plan : nullptr; }
  analysis::ArrayView view(size_t configuration = 0) const;
};

struct Difference {
  std::string section; ///< "package", "program", "data", "descriptor", "lock", "switch",
                       ///< "register", "route", "stream"
  std::string where;   ///< "core (0,2)"
  std::string a, b;    ///< "" where one side has nothing
};
std::vector<Difference> differences(const Subject &a, const Subject &b);

} // namespace ashlar::report
