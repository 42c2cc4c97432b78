// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Software pipelining of an innermost loop after register allocation: a new round begins every
// `interval` bundles. Nothing of LLVM here.
#pragma once

#include "codegen/schedule/region.h"

#include <bitset>

namespace ashlar::codegen::schedule {

using Units = std::bitset<isa::kRegUnitCount>;

struct LoopBody {
  std::vector<Item> items; ///< one round in program order, without its counter and branch
  /// Access i of one round and access j of a later one may meet: by how many rounds at least. From
  /// 0 when i stands before j, else from 1; nothing when they never meet or both only load.
  std::function<std::optional<unsigned>(size_t i, size_t j)> meets;
  Units liveOut;   ///< storage units that are read behind the loop
  Units freeUnits; ///< storage units that hold nothing of value during the loop
  Units undefined; ///< those of them that hold nothing of value when a round begins
};

struct Limits {
  int maxInterval = 0; ///< inclusive; without overlap a round takes one more
  int64_t rounds = 16; ///< so often the loop runs, as far as one knows
  int maxStages = 12;
  size_t maxItems = 400;
};

struct Pipelined {
  int interval = 0, stages = 0;
  int resourceBound = 0, recurrenceBound = 0;
  std::vector<int> cycle;     ///< of each item, from the start of its round
  std::vector<size_t> chosen; ///< the form of each item
  int bound() const { return std::max(resourceBound, recurrenceBound); }
  bool found() const { return interval > 0; }
};

/// Gives values of the body that do not leave their round registers of their own, as far as there
/// are free ones, so that the order of the registers' former uses binds nothing.
void rename(LoopBody &body);

/// Finds the smallest interval that it can; chooses the items' forms. Exact: registers are free
/// from the last read of a value to the landing of the next.
Pipelined pipeline(LoopBody &body, const Limits &limits);

} // namespace ashlar::codegen::schedule
