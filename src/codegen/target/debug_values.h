// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Passes that keep debug values true up to where registers are allocated.
#pragma once

#include <map>
#include <memory>
#include <set>
#include <utility>

namespace llvm {
class DILocalVariable;
class DILocation;
class FunctionPass;
class PassRegistry;
/// Of each variable (and the call it was inlined at) the numbers of the instructions that make it.
using AIE2DebugMakers =
    std::map<std::pair<const DILocalVariable *, const DILocation *>, std::set<unsigned>>;
/// Before registers are merged.
FunctionPass *createAIE2DropDeadValues();
/// Before LLVM's scheduler: registered, to be inserted by its ID. And behind it.
extern char &AIE2NoteDebugValuesID;
void registerAIE2NoteDebugValues(PassRegistry &passes);
FunctionPass *createAIE2CheckDebugValues(std::shared_ptr<AIE2DebugMakers> makers);
/// Behind the allocation of registers.
FunctionPass *createAIE2CheckDebugRegisters(std::shared_ptr<AIE2DebugMakers> makers);
} // namespace llvm
