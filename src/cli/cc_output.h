// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The back half of `ashlar cc`: modules and assembly to objects, objects to one program.
#pragma once

#include "frontend/frontend.h"

namespace llvm {
class Module;
} // namespace llvm

namespace ashlar::cli {

/// -c and -S: compiles the module and writes `path`; prints frames when -fstack-usage asks.
Status writeObject(const frontend::Command &command, llvm::Module &module,
                   const std::string &source, const std::string &path);
/// The bytes of an object made from a source file; messages go to standard error.
Result<Bytes> makeObject(const frontend::Command &command, const frontend::Input &input);
/// Assembly text to an object.
Result<Bytes> assembleFile(const std::string &path);
/// No -c: every input, the start code and the run-time library become one ELF.
Status linkAll(const frontend::Command &command);

} // namespace ashlar::cli
