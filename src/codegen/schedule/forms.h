// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// From LLVM's instructions to the scheduler's items and back: which forms an instruction may take
// (other slots, same meaning), and the instruction of a chosen form.
#pragma once

#include "codegen/schedule/region.h"

#include "llvm/ADT/ArrayRef.h"

namespace llvm {
class MachineFunction;
class MachineInstr;
} // namespace llvm

namespace ashlar::codegen::schedule {

/// The instruction in every form that does the same, the preferred one first.
std::vector<isa::Inst> formsOf(const llvm::MachineInstr &mi);
/// A pseudo instruction that formsOf knows.
bool isExpandable(const llvm::MachineInstr &mi);
/// Keeps its place among memory accesses: locks, streams, events.
bool isBarrier(const llvm::MachineInstr &mi);
Item itemOf(const llvm::MachineInstr &mi);
/// Says of each item which object it accesses: equal numbers, one object.
void nameObjects(llvm::ArrayRef<llvm::MachineInstr *> insts, std::vector<Item> &items);
/// A new instruction of this form with the symbols and memory operands of `mi`.
llvm::MachineInstr *build(llvm::MachineFunction &mf, const llvm::MachineInstr &mi,
                          const isa::Inst &form);

} // namespace ashlar::codegen::schedule
