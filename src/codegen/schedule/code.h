// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A function on its way from LLVM's instructions to bundles.
#pragma once

#include "codegen/schedule/modulo.h"

#include "llvm/ADT/SmallVector.h"
#include "llvm/CodeGen/MachineBasicBlock.h"
#include "llvm/IR/DebugLoc.h"

#include <functional>
#include <memory>

namespace llvm {
class AAResults;
class LoopInfo;
class MachineFunction;
class MachineInstr;
class ScalarEvolution;
} // namespace llvm

namespace ashlar::codegen::schedule {

/// One bundle of the final code.
struct Issue {
  struct Slot {
    const llvm::MachineInstr *mi;
    isa::Inst form;
    size_t step; ///< number in the region or loop
  };
  llvm::SmallVector<Slot, 6> slots;
  unsigned bytes = 2;
  unsigned least = 2;    ///< bytes asked for
  bool endsCall = false; ///< a called function returns behind this bundle
  llvm::DebugLoc line;
  llvm::SmallVector<llvm::MachineInstr *, 0> values; ///< debug values that hold from here on
};

/// A loop in a zero-overhead loop, in blocks of its own.
struct LoopCode {
  llvm::MachineBasicBlock *original = nullptr; ///< taken for few rounds, or detached
  bool keepsOriginal = false;
  llvm::MachineBasicBlock *prologue = nullptr, *kernel = nullptr, *kernelEnd = nullptr,
                          *epilogue = nullptr; ///< kernelEnd may be the kernel; the rest absent
  llvm::MachineBasicBlock *exit = nullptr;
  std::vector<const llvm::MachineInstr *> insts;
  std::vector<Item> source; ///< as the program has them
  LoopBody body;            ///< with renamed registers and chosen forms
  Pipelined found;
  std::shared_ptr<void> memory; ///< what body.meets asks
  std::function<bool(size_t, size_t, unsigned)> meetsAt;
};

struct Analyses {
  llvm::AAResults *aliases;
  llvm::ScalarEvolution *evolution;
  llvm::LoopInfo *loops;
};

/// Rewrites the innermost loops that can be: makes their blocks and the code that sets them up,
/// says in remarks what became of each.
std::vector<LoopCode> pipelineLoops(llvm::MachineFunction &mf, const Analyses &analyses);

} // namespace ashlar::codegen::schedule
