// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A bundle prepared for execution: per instruction the places of its operands in one register file,
// the cycles in which they are read and written, and where what it holds meanwhile stands in the
// bundle's frame. Made once for each program address and kept until program memory changes.
#pragma once

#include "emulator/core/register_file.h"
#include "emulator/core/semantics.h"

#include <memory>
#include <vector>

namespace ashlar::emulator {

inline constexpr unsigned kMaxInputs = 8, kMaxOutputs = 4;

struct Input {
  uint8_t cycle = 1;
  uint8_t bytes = 4;
};
struct Output {
  uint16_t offset = 0, bytes = 0, forwarded = 0;
  uint8_t cycle = 1;
  bool early = false;  ///< delivered over a forwarding network one cycle before it is written
  bool sticky = false; ///< status flags accumulate
  uint32_t mask = ~0U;
};

struct MicroOp {
  Kernel kernel = nullptr;
  /// Where each kernel input stands while the program runs: a register (possibly the forwarded
  /// copy) or an immediate of this operation. For loads input 0 is the memory and null here.
  const void *in[kMaxInputs] = {};
  Input inputs[kMaxInputs];
  Output outputs[kMaxOutputs];
  uint8_t inputCount = 0, outputCount = 0;
  bool plainLoad = false;  ///< a load whose kernel needs nothing but the memory
  uint8_t lastUse = 1;     ///< cycle of the last kernel input
  uint16_t lateCycles = 0; ///< bit n: some input is read in cycle n > 1
  int32_t immediates[kMaxInputs] = {};

  // The address, when there is one.
  const uint32_t *pointer = nullptr;
  const uint32_t *modifier = nullptr;         ///< dj or m
  const uint32_t *low[4] = {}, *high[4] = {}; ///< m, dn, dj, dc of 2D and 3D modifiers
  int32_t offset = 0;
  AddressMode mode = AddressMode::None;
  Output pointerOut, countOut, countHighOut;
  uint8_t bytes = 0;
  uint8_t memoryCycle = 5, writeBackCycle = 0;

  // Places in the frame of a bundle in flight.
  uint16_t request = 0;              ///< a Request
  uint16_t data = 0;                 ///< bytes of memory on their way
  uint16_t kept[kMaxInputs] = {};    ///< inputs read before the kernel runs
  uint16_t result[kMaxOutputs] = {}; ///< outputs until they are written
  uint16_t pointerResult[3] = {};    ///< of pointerOut, countOut, countHighOut
  uint16_t frameBytes = 0;           ///< of the whole frame

  const Semantics *semantics = nullptr;
  uint32_t pc = 0;
  isa::Inst inst;
};

/// What an instruction asks of memory, lock or stream.
struct Request {
  uint32_t address;
  uint32_t gather[4]; ///< addresses of a gather, or the operands of a request to the tile
  bool wanted;        ///< the condition of a conditional request held
  uint8_t answered;   ///< kAnswered, kWordCame
};
inline constexpr uint8_t kAnswered = 1, kWordCame = 2;

/// No bundle needs more; the stride keeps frames from sharing the same sets of a cache.
inline constexpr unsigned kFrameBytes = 2048 + 192;

struct PreparedBundle {
  uint8_t size = 0;
  uint8_t instructions = 0; ///< without nops
  uint8_t home = 0;         ///< the frame it takes when that is free
  std::vector<MicroOp> ops; ///< nops left out
};

/// `registers` is the file that the operands will point into. `pc` is for reports.
std::unique_ptr<PreparedBundle> prepare(const isa::Bundle &bundle, uint32_t pc,
                                        const RegisterFile &registers);

/// Masks of float flags: nothing reads them (the flags themselves are not known), so they must not
/// delay an operation to the cycle in which the hardware would.
bool isUnreadMask(isa::Reg reg);

} // namespace ashlar::emulator
