// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The parts of a core's compilation that are passes of their own.
#pragma once

#include "lower/model.h"

namespace mlir {
class ModuleOp;
}

namespace ashlar::lower {

/// Functions that use object FIFOs become part of who calls them: what they hold is the core's
/// matter.
bool inlineFifoUsers(Model &model, mlir::ModuleOp module);
/// Copies loops so often that each copy's object FIFO elements are known: fewer selects, more code.
void unrollForFifos(const Model &model, const Core &core, mlir::ModuleOp module);
/// Replaces acquire, access and release by locks and buffers. The module has no structured control
/// flow any more; afterwards it may have new scf.if.
bool lowerFifoUses(Model &model, const Core &core, mlir::ModuleOp module);
/// The lock's number as the core's instructions know it, or nothing when it is out of reach.
std::optional<int> coreLockId(const Model &model, const Core &core, int lock);
/// Products that the vector unit computes itself become its functions.
void useVectorUnit(mlir::ModuleOp module);
/// MLIR's own dialects to LLVM IR. Errors carry the design's places.
Result<std::unique_ptr<llvm::Module>> toLlvm(mlir::ModuleOp module, llvm::LLVMContext &context,
                                             const std::string &name, bool debug);
/// Structured control flow to branches, affine to arithmetic.
bool toControlFlow(mlir::ModuleOp module);

} // namespace ashlar::lower
