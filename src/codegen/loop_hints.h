// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What kernels say about their loops (aie_loop_hints.h), before the optimiser sees them.
#pragma once

#include "llvm/IR/PassManager.h"

namespace ashlar::codegen {

/// Clang has no pragma for the number of rounds. `interleave_count` above this carries the least
/// and `pipeline_initiation_interval` the largest; neither is ever that large by itself.
inline constexpr int kRoundsMark = 0x40000000;

/// Turns bounds on a loop's rounds into assumptions that the optimiser and the scheduler find, and
/// takes the marks away. A bound that the loop contradicts is an error with its line.
class LoopHintsPass : public llvm::PassInfoMixin<LoopHintsPass> {
public:
  explicit LoopHintsPass(bool optimize) : optimize_(optimize) {}
  llvm::PreservedAnalyses run(llvm::Function &f, llvm::FunctionAnalysisManager &analyses);
  static bool isRequired() { return true; }

private:
  bool optimize_;
};

} // namespace ashlar::codegen
