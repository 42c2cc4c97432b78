// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A timeline as a Chrome/Perfetto trace file.
#pragma once

#include "emulator/array/names.h"
#include "emulator/array/timeline.h"

namespace ashlar::cli {

/// One process a tile, one thread a core, program, DMA channel; counters for locks. A microsecond
/// of the file is a thousand array cycles (the nominal clock is 1 GHz).
std::string traceJson(const emulator::Timeline &timeline, const emulator::NameTable &names);

} // namespace ashlar::cli
