// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Random programs that are legal: every bundle has a format, no two writes or unit uses clash,
// every memory access stays in a window, and the program ends in `done`. Reading early is allowed,
// because what a core does then is exactly what simulators must agree on. The same seed gives the
// same program on every machine.
#pragma once

#include "isa/hazard.h"

#include <functional>

namespace ashlar::isa {

struct RandomOptions {
  uint64_t seed = 1;
  unsigned bundles = 200; ///< of the random part; setting up and ending come on top
  uint32_t windowBase = 0,
           windowBytes = 0; ///< data memory as the core sees it; 0: no memory access
  bool branches = true;     ///< forward jumps and hardware loops
  unsigned fill = 60;       ///< percent of slots that hold an instruction
  /// Which opcodes may occur; all by default. Locks, streams, cascade, processor bus, gathers and
  /// decompressing loads never do, because they depend on the world outside.
  std::function<bool(Opcode)> allow;
  /// Values that the configuration operand of the vector unit takes; registers r8..r11 hold them.
  std::vector<uint32_t> macConfigurations;
};

struct RandomProgram {
  std::vector<CodeBundle> bundles;
  Bytes code;       ///< from address 0
  std::string text; ///< assembly, one bundle a line
};

RandomProgram randomProgram(const RandomOptions &options);
/// One random legal instruction of that opcode (register fields and immediates uniformly).
Inst randomInst(Opcode opcode, uint64_t &state);

} // namespace ashlar::isa
