// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What each instruction does, apart from when. An instruction is either a kernel - a pure function
// from operand values to results - or one of a few kinds that touch the world: memory, locks,
// streams, control flow. Timing (which operand in which cycle) is the pipeline's business and comes
// from the description's itineraries; both interpreters, the fast and the plain one, share this
// file.
#pragma once

#include "isa/isa.h"

#include <span>

namespace ashlar::emulator {

/// Operand values in the order of the description: the kernel's inputs are the instruction's inputs
/// (immediates as int32_t) and then the registers it uses implicitly; its outputs are the outputs
/// and then the registers it defines implicitly. For memory instructions the operands that make the
/// address are left out; a load's first input and a store's first output are the memory bytes.
/// Returns null, or why this combination of operands is not simulated.
using KernelIn = const void *const *;
using KernelOut = void *const *;
using Kernel = const char *(*)(KernelIn in, KernelOut out);

enum class Kind : uint8_t {
  Nop,
  Compute,
  Pointer, ///< only moves a pointer (padd)
  Load,
  Store,
  StoreSubWord, ///< read-modify-write of the containing word
  Gather,       ///< four loads through a vector of addresses
  LoadTile,     ///< memory-mapped registers of the tile
  StoreTile,
  Jump,
  Call,
  JumpIfZero,
  JumpIfNotZero,
  JumpDecrement,
  Return,
  Acquire,
  Release,
  AcquireIf,
  ReleaseIf,
  StreamRead,
  StreamWrite,
  CascadeRead,
  CascadeWrite,
  Counter,
  Event,
  Done,
  NotSimulated,
};

/// What a stream write puts in the word.
enum class StreamWord : uint8_t { Data, PacketHeader, ControlHeader };

struct Semantics {
  Kind kind = Kind::NotSimulated;
  Kernel kernel = nullptr;
  uint8_t bytes = 0;    ///< memory bytes touched
  bool blocking = true; ///< streams
  bool tlast = false;   ///< stream writes: always
  bool tlastFromR28 = false;
  StreamWord word = StreamWord::Data;
  bool highHalf = false;   ///< gathers
  const char *reason = ""; ///< NotSimulated
};

const Semantics &semanticsOf(isa::Opcode opcode);
/// The kernel for these registers: a move between a mask and a vector depends on both widths.
Kernel kernelOf(const isa::Inst &inst);

/// The operands that make an address, found once for each opcode.
enum class AddressMode : uint8_t {
  None,
  Plain,
  IndexRegister,
  IndexImmediate,
  Stack,
  PostRegister,
  PostImmediate,
  Post2D,
  Post3D,
  StackAdjust
};
struct AddressOperands {
  AddressMode mode = AddressMode::None;
  int8_t pointer = -1, pointerOut = -1; ///< operand numbers, -1 where there is none
  int8_t modifier = -1;                 ///< dj, m, d or immediate
  uint8_t mask = 0;                     ///< bit i: operand i belongs to the address
};
AddressOperands addressOperands(isa::Opcode opcode);

class Pipeline;
struct StepHead;
/// One thing that the fast core does in a cycle; see steps.h.
using Step = void (*)(Pipeline &, const StepHead *);
/// The kernel as a step of its own, for kernels that are short beside the call of a function or
/// very frequent. Those with scalar results read all their inputs before they write.
Step fusedStep(Kernel kernel);

// Tables of kernels by mnemonic without ".2d"/".3d". `bits` is the width of the data register
// (output, else input) where one mnemonic serves several; 0 fits all.
struct KernelRow {
  const char *mnemonic;
  uint16_t bits;
  Kernel kernel;
  Step fused = nullptr;
};
std::span<const KernelRow> scalarKernels();
std::span<const KernelRow> vectorKernels();
std::span<const KernelRow> moveKernels();
std::span<const KernelRow> accumulatorKernels();
/// The low 128 bits into a 256-bit register, zeros above.
Kernel widenKernel();
Kernel copy128Kernel();

} // namespace ashlar::emulator
