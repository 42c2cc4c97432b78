// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Trace buffers: what the trace units of tiles write while a design runs. A buffer is a row of
// packets of eight words, a header (who sends, as stream packets have it) and 28 bytes of a byte
// stream of frames: which of eight events, how many cycles after the frame before. Event-time mode;
// codes as the public decoders read them.
#pragma once

#include "base/base.h"

namespace ashlar::format::trace {

struct Frame {
  uint64_t cycle = 0;
  uint8_t events = 0; ///< bit i: slot i; a level appears in the frames where something changes
  bool operator==(const Frame &) const = default;
};
/// The frames of one trace unit.
struct Source {
  int column = 0, row = 0;
  int type = 0; ///< packet type: 0 core, 1 memory, 2 shim, 3 memtile in the vendor's flow
  int id = 0;   ///< packet id
  std::vector<Frame> frames;
};

/// Headers with the right parity at each eighth word, and a start code behind the first.
bool looksLikeTrace(ByteView data);
/// Zero packets at the end are room that was not used. What cannot be read goes to `problems`
/// (`trace-code`, `trace-header`). Errors: `trace-foreign`.
Result<std::vector<Source>> read(ByteView data, const std::string &name, Diagnostics &problems);

} // namespace ashlar::format::trace
