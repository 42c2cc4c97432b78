// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A trace buffer says which of a unit's eight slots was on; which event a slot stands for was set
// in the unit's registers, by the package or the instruction stream.
#pragma once

#include "format/trace.h"
#include "report/diff.h"

#include <map>

namespace ashlar::cli {

class TraceNames {
public:
  TraceNames() = default;
  explicit TraceNames(const report::Subject &subject);
  /// "LOCK_STALL" or "PORT_RUNNING_0 (out DMA0)"; "slot 3" where nothing is known.
  std::string event(const format::trace::Source &source, int slot) const;

private:
  std::map<device::TileId, std::map<uint32_t, uint32_t>> registers_;
};

} // namespace ashlar::cli
