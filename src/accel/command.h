// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Command BOs: the packets that XRT hands to the driver. Read here into plain data, with every
// count checked against the BO; nothing is executed.
#pragma once

#include "base/base.h"

namespace ashlar::accel {

/// ERT_START_CU: run the instruction stream at a device address with buffers as arguments.
struct StartCu {
  int cu = 0; ///< lowest bit of the CU mask
  uint64_t opcode = 0;
  uint64_t instructions = 0;     ///< device address
  uint32_t instructionWords = 0; ///< as the caller gave it
  std::vector<uint64_t> buffers;
};
/// ERT_START_NPU: control code whose buffer addresses XRT has patched already.
struct StartNpu {
  int cu = 0;
  uint64_t instructions = 0;
  uint32_t instructionBytes = 0;
};
/// ERT_CMD_CHAIN: several command BOs, one after the other.
struct Chain {
  std::vector<uint32_t> handles;
};

struct Command {
  enum class Kind : uint8_t { StartCu, StartNpu, Chain } kind = Kind::StartCu;
  StartCu startCu;
  StartNpu startNpu;
  Chain chain;
  size_t payloadWords = 0; ///< words of arguments behind header and CU masks
};

/// `packet`: the whole command BO. Errors: `command-truncated`, `command-unsupported`.
Result<Command> readCommand(ByteView packet);

inline constexpr size_t kChainErrorWord = 3; ///< index of the failing command, in a chain's packet

} // namespace ashlar::accel
