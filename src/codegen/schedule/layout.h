// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Sizes of bundles, so that what wants an alignment has it.
#pragma once

#include "codegen/schedule/code.h"

namespace ashlar::codegen::schedule {

/// Straight code of a block, ended by a call or a branch or the block's end.
struct RegionCode {
  size_t first, cycles; ///< issues of the block
  std::vector<llvm::MachineInstr *> insts;
};

struct Block {
  enum class Part : uint8_t { Plain, Prologue, Kernel, KernelEnd, Epilogue };
  llvm::MachineBasicBlock *block = nullptr;
  std::vector<Issue> issues;
  Part part = Part::Plain;
  const LoopCode *loop = nullptr; ///< of which it is part
  bool loopHeader = false;        ///< reached by a branch backwards
  std::vector<RegionCode> regions;
  std::vector<llvm::MachineInstr *> old;                  ///< what the bundles replace
  llvm::SmallVector<llvm::MachineInstr *, 0> valuesAtEnd; ///< debug values behind the bundles
};

/// Adds bundles without effect between the setup of the loop whose first block is `index` and its
/// first round.
void delay(std::vector<Block> &blocks, size_t index, unsigned bundles);

/// Gives every bundle its size.
void layOut(std::vector<Block> &blocks);

} // namespace ashlar::codegen::schedule
