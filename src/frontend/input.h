// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Modules that do not come from Clang, and what every module gets before it is handed on.
#pragma once

#include "base/base.h"

#include <memory>

namespace llvm {
class LLVMContext;
class Module;
} // namespace llvm

namespace ashlar::frontend {

/// LLVM assembly (.ll) or bitcode (.bc), by name or by Clang's -x ir.
bool isIr(const std::string &path, const std::string &language);
/// Reads either form; the vendor's intrinsics get the reserved names that codegen recognises.
Result<std::unique_ptr<llvm::Module>> readIr(const std::string &path, llvm::LLVMContext &context,
                                             std::string &diagnosticText);
/// Atomics become plain accesses (one thread, no interrupts); the module is verified.
Status finish(llvm::Module &module, const std::string &path);

} // namespace ashlar::frontend
