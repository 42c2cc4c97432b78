// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What may be computed in the delay slots of a conditional branch before it is known whether it is
// wanted.
#pragma once

#include "llvm/ADT/SmallVector.h"

namespace llvm {
class MachineBasicBlock;
class MachineInstr;
} // namespace llvm

namespace ashlar::codegen::schedule {

/// Instructions from the top of `from`, entered only through `branch`, that do no harm when
/// `branch` goes elsewhere: they write nothing that is read there, touch no memory, and depend on
/// nothing that stays in `from`. In program order.
llvm::SmallVector<llvm::MachineInstr *, 8>
speculative(llvm::MachineBasicBlock &from, const llvm::MachineInstr &branch, unsigned most);
/// Moves one of them in front of its branch.
void hoist(llvm::MachineInstr &mi, llvm::MachineInstr &branch);

/// Conditions that are computed and then moved to r27, the select's own register, are computed
/// there.
void computeConditionsInPlace(llvm::MachineBasicBlock &block);

} // namespace ashlar::codegen::schedule
