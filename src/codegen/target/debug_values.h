// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Passes that keep debug values true before registers are allocated.
#pragma once

namespace llvm {
class FunctionPass;
class PassRegistry;
/// Before registers are merged.
FunctionPass *createAIE2DropDeadValues();
/// Before LLVM's scheduler: registered, to be inserted by its ID. And behind it.
extern char &AIE2NoteDebugValuesID;
void registerAIE2NoteDebugValues(PassRegistry &passes);
FunctionPass *createAIE2CheckDebugValues();
} // namespace llvm
