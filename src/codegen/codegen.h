// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// LLVM IR to AIE2 objects: optimisation, instruction selection, bundles, and a check of every
// schedule. The module comes from the front end or from the lowering of a design.
#pragma once

#include "base/base.h"

namespace llvm {
class Module;
}

namespace ashlar::codegen {

struct Options {
  unsigned optLevel = 2;      ///< 0..3
  unsigned sizeLevel = 0;     ///< 1 for -Os, 2 for -Oz, with optLevel 2
  bool assembly = false;      ///< also produce text that `ashlar asm` reads
  bool optimized = false;     ///< also give the optimised module as text
  bool remarks = false;       ///< notes among the warnings: what became of each inner loop
  bool verifyMachine = false; ///< run LLVM's machine verifier before bundling (tests)
  bool doubleNotes = true;    ///< notes among the warnings: double arithmetic in loops
  /// Where an internal error writes the module (LLVM assembly) to reproduce it; "" = nowhere.
  std::string reproducer;
};

struct FunctionSize {
  std::string name;
  uint64_t frameBytes = 0;
  bool dynamic = false; ///< and arrays of variable size
};

struct Output {
  Bytes object; ///< relocatable ELF with .stack_sizes
  std::string assembly;
  std::string optimized;               ///< LLVM assembly
  std::vector<FunctionSize> functions; ///< defined functions in order
};

/// Gives the module the target's triple and data layout; call it before building IR for it.
void prepare(llvm::Module &module);

/// Compiles the module, which is changed by it. Errors: `bad-ir`, `cannot-select` (names the
/// function and the operation), `bad-schedule` (a bug of ours: no object is made), `loop-hint`,
/// `codegen`. Notes when asked for: `loop-pipelined`, `loop-not-pipelined`.
Result<Output> compile(llvm::Module &module, const Options &options, Diagnostics &warnings);

/// The data layout string of the target, for the front end.
const char *dataLayout();

} // namespace ashlar::codegen
