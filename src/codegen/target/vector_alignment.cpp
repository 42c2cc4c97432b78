// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A vector access ignores the low bits of its address, so an object that is less aligned than the
// program says would silently be read beside its place. Objects that are made here get the
// alignment that the accesses to them want; an offset that no alignment of the object can mend is
// an error.
#include "codegen/target/lower_vectors.h"

#include "llvm/IR/DebugInfoMetadata.h"
#include "llvm/IR/DiagnosticInfo.h"
#include "llvm/IR/InstIterator.h"
#include "llvm/IR/Module.h"

using namespace llvm;

namespace {
/// The author's line, not that of the header that was inlined there.
const DILocation *lineOf(const Instruction &inst) {
  const DILocation *line = inst.getDebugLoc();
  while (line && line->getInlinedAt()) line = line->getInlinedAt();
  return line;
}
} // namespace

void llvm::alignVectorObjects(Function &f) {
  constexpr uint64_t kSmallest = 16; // less is done in pieces
  const DataLayout &layout = f.getDataLayout();
  for (Instruction &inst : instructions(f)) {
    const Value *pointer = getLoadStorePointerOperand(&inst);
    if (!pointer || !isa<FixedVectorType>(getLoadStoreType(&inst))) continue;
    const Align wanted = getLoadStoreAlignment(&inst);
    if (wanted.value() < kSmallest) continue;
    APInt offset(layout.getIndexTypeSizeInBits(pointer->getType()), 0);
    auto *object = const_cast<Value *>(
        pointer->stripAndAccumulateConstantOffsets(layout, offset, /*AllowNonInbounds=*/true));
    auto *global = dyn_cast<GlobalVariable>(object);
    auto *local = dyn_cast<AllocaInst>(object);
    if (!local && (!global || global->isDeclaration() || global->isInterposable())) continue;
    const int64_t at = offset.getSExtValue();
    if (at % static_cast<int64_t>(wanted.value()) != 0) {
      const std::string name =
          object->hasName() ? "'" + object->getName().str() + "'" : "an object";
      f.getContext().diagnose(DiagnosticInfoGenericWithLoc(
          "a vector is accessed at " + name + " + " + Twine(at) + ", which is no multiple of its " +
              Twine(wanted.value()) +
              " bytes: use aie::load_unaligned_v or store_unaligned_v (in "
              "function '" +
              f.getName() + "')",
          f, DiagnosticLocation(DebugLoc(lineOf(inst)))));
      continue;
    }
    if (global && global->getAlign().valueOrOne() < wanted) global->setAlignment(wanted);
    if (local && local->getAlign() < wanted) local->setAlignment(wanted);
  }
}
