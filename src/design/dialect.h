// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Registration of the two dialects, for design/parse.cpp.
#pragma once

#include <llvm/ADT/StringRef.h>
#include <string>

namespace mlir {
class DialectRegistry;
class MLIRContext;
} // namespace mlir
namespace ashlar::design {

void registerLanguage(mlir::DialectRegistry &registry);
/// Names that operations of other dialects once had; after their dialects are loaded.
void registerFormer(mlir::MLIRContext &context);
/// The operation whose name is closest, or "".
std::string nearestOp(llvm::StringRef name);

} // namespace ashlar::design
