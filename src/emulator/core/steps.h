// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What the fast core does in one cycle, as a chain of steps: each is a function with its operands
// behind it in memory, and calls the next one as its last act. Every pointer was worked out when
// the plan of the cycle was made, so a step is little more than its arithmetic.
#pragma once

#include "emulator/core/microop.h"

namespace ashlar::emulator {

struct StepHead {
  Step run;
  const MicroOp *op;
  uint16_t bytes; ///< of the whole step: the next one begins there
  uint16_t outAt; ///< where the pointers to results begin; those to operands begin behind the head
  int32_t extra;

  const void *const *in() const { return reinterpret_cast<const void *const *>(this + 1); }
  void *const *out() const {
    return reinterpret_cast<void *const *>(reinterpret_cast<const uint8_t *>(this) + outAt);
  }
  const StepHead *next() const {
    return reinterpret_cast<const StepHead *>(reinterpret_cast<const uint8_t *>(this) + bytes);
  }
};

#define ASHLAR_NEXT_STEP(p, s)                                                                     \
  do {                                                                                             \
    const StepHead *following = (s)->next();                                                       \
    [[clang::musttail]] return following->run(p, following);                                       \
  } while (false)

/// The last of a chain.
void endOfSteps(Pipeline &, const StepHead *);

/// The steps that the planner strings together. `in` and `out` in their order:
namespace step {
/// For kernels that are steps and found a reason not to compute.
void refuse(Pipeline &, const StepHead &, const char *reason);
void kernel(Pipeline &, const StepHead *);   ///< the operation's operands; its results
void copyWord(Pipeline &, const StepHead *); ///< from; to
void copyPair(Pipeline &, const StepHead *);
void copy16(Pipeline &, const StepHead *);
void copy32(Pipeline &, const StepHead *);
void copy32Twice(Pipeline &, const StepHead *); ///< and so on: from, from; to, to
void copy32FourTimes(Pipeline &, const StepHead *);
void copy64(Pipeline &, const StepHead *);
void copy128(Pipeline &, const StepHead *);
void copyBytes(Pipeline &, const StepHead *);  ///< `extra` bytes
void copyMasked(Pipeline &, const StepHead *); ///< the bits of `extra`
void copySticky(Pipeline &, const StepHead *); ///< the bits of `extra`, added to those there
/// from, request; to. `extra`: bytes | needed answer << 16.
void copyAnswered(Pipeline &, const StepHead *);

void addressPlain(Pipeline &, const StepHead *);      ///< pointer; request
void addressOffset(Pipeline &, const StepHead *);     ///< pointer; request. `extra`: offset
void addressIndexed(Pipeline &, const StepHead *);    ///< pointer, index; request
void addressPostOffset(Pipeline &, const StepHead *); ///< pointer; request, new pointer
void addressPostIndex(Pipeline &, const StepHead *);  ///< pointer, index; request, new pointer
void address2D(Pipeline &, const StepHead *);         ///< none; request, new pointer, count
void address3D(Pipeline &, const StepHead *);         ///< none; request, new pointer, count, count
void addressGather(Pipeline &, const StepHead *);     ///< addresses; request

void loadWord(Pipeline &, const StepHead *);    ///< request; result
void load32(Pipeline &, const StepHead *);      ///< request; result
void load32Twice(Pipeline &, const StepHead *); ///< request, request; result, result
void loadKernel(Pipeline &, const StepHead *);  ///< request, other operands; results
void loadData(Pipeline &, const StepHead *);    ///< request; data
void loadAround(Pipeline &, const StepHead *);  ///< request; data: the word around a sub-word store
void loadTile(Pipeline &, const StepHead *);    ///< request; data
void loadGather(Pipeline &, const StepHead *);  ///< request; data
void mergeSubWord(Pipeline &, const StepHead *); ///< request, register; data
void storeWord(Pipeline &, const StepHead *);    ///< request, data
void store32(Pipeline &, const StepHead *);      ///< request, data
void storeBytes(Pipeline &, const StepHead *);   ///< request, data
void storeSubWord(Pipeline &, const StepHead *); ///< request, data
void storeTile(Pipeline &, const StepHead *);    ///< request, data

void jump(Pipeline &, const StepHead *);       ///< target
void jumpIfZero(Pipeline &, const StepHead *); ///< condition, target
void jumpIfNotZero(Pipeline &, const StepHead *);
void jumpDecrement(Pipeline &, const StepHead *);  ///< counter, target; counter, carry
void constant(Pipeline &, const StepHead *);       ///< none; to. The word `extra`
void askLock(Pipeline &, const StepHead *);        ///< the operands; request
void askStreamRead(Pipeline &, const StepHead *);  ///< none; request
void askStreamWrite(Pipeline &, const StepHead *); ///< the operands; request
void counter(Pipeline &, const StepHead *);        ///< none; result
void event(Pipeline &, const StepHead *);
void done(Pipeline &, const StepHead *);
void notSimulated(Pipeline &, const StepHead *);
} // namespace step

} // namespace ashlar::emulator
