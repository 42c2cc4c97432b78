// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Names of the plan's enumerations.
#include "plan/plan.h"

namespace ashlar::plan {

const char *bundleName(Bundle b) {
  static constexpr const char *names[] = {"Core", "DMA",  "FIFO", "South", "West",       "North",
                                          "East", "PLIO", "NOC",  "Trace", "TileControl"};
  return names[static_cast<int>(b)];
}

std::vector<const Plan *> devicesOf(const Plan &plan) {
  std::vector<const Plan *> all{&plan};
  for (const Plan &other : plan.others) all.push_back(&other);
  return all;
}

} // namespace ashlar::plan
