// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The first pass over each function in the code generator: remembers its name, in case something
// goes wrong later, and remarks on what will be slow.
#pragma once

#include <string>

namespace llvm {
class FunctionPass;

FunctionPass *createAIE2Watch();
/// The function that this thread's code generator is at; empty before the first one.
std::string &currentAIE2Function();

} // namespace llvm
