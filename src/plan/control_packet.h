// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Control packets: register accesses that travel over the array's packet routes to a tile's control
// port. The host passes them in a buffer behind all others; the instruction stream sends them one
// by one through a shim tile's DMA, each with an end of its own, and waits for each.
#pragma once

#include "plan/plan.h"

namespace ashlar::plan {

/// Data words that one control packet holds.
inline constexpr size_t kControlWords = 4;

struct ControlPacket {
  uint32_t address = 0; ///< absolute: column, row, offset
  int opcode = 0;       ///< 0 write, 1 read, 2 write with addresses counted up
  int stream = 0;       ///< packet id of the reply
  std::vector<uint32_t> words;
  int length = 0; ///< words to read
};

const ControlRoute *controlRoute(const Plan &plan, TileId tile);
/// The buffer argument that holds control packets; it is added when it is not there.
size_t controlArgument(RuntimeSequence &sequence);
/// Adds the packet to the buffer, and what sends it to `ops`. Long writes become several packets.
/// `controllers` gives the id that a shim tile's tokens carry.
Status sendControlPacket(const ControlPacket &packet, const ControlRoute &route,
                         std::optional<uint8_t> controller, RuntimeSequence &sequence,
                         std::vector<SequenceOp> &ops, const Place &place);

} // namespace ashlar::plan
