// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Traces of a design: the settings of each trace unit, and who collects what they send.
#pragma once

#include "lower/model.h"

namespace ashlar::lower {

/// Reads an aie.trace or aie.trace.config.
void readTrace(Model &model, mlir::Operation *op, TileId tile);
/// Packet ids, the collecting shim channel and the flows to it. After object FIFOs have their
/// channels.
void addTraceFlows(Model &model);

} // namespace ashlar::lower
