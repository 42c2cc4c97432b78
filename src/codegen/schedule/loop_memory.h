// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Which memory accesses of a loop may meet, in the same round or in later ones.
#pragma once

#include "llvm/ADT/ArrayRef.h"

#include <optional>
#include <vector>

namespace llvm {
class AAResults;
class LoopInfo;
class MachineBasicBlock;
class MachineInstr;
class ScalarEvolution;
} // namespace llvm

namespace ashlar::codegen::schedule {

class LoopMemory {
public:
  LoopMemory(llvm::AAResults &aliases, llvm::ScalarEvolution &evolution, llvm::LoopInfo &loops,
             const llvm::MachineBasicBlock &block, std::vector<const llvm::MachineInstr *> insts);
  /// By how many rounds access j must at least be later than access i to meet it.
  std::optional<unsigned> meets(size_t i, size_t j);
  /// May access i and access j of exactly `rounds` rounds later meet?
  bool meetsAt(size_t i, size_t j, unsigned rounds);

private:
  std::optional<unsigned> find(size_t i, size_t j);
  llvm::AAResults &aliases_;
  llvm::ScalarEvolution &evolution_;
  llvm::LoopInfo &loops_;
  const llvm::MachineBasicBlock &block_;
  std::vector<const llvm::MachineInstr *> insts_;
  bool scopesInside_ = false; ///< "no alias" holds within a round only
  std::vector<std::optional<std::optional<unsigned>>> known_;
};

} // namespace ashlar::codegen::schedule
