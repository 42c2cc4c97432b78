// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Linking one core: objects and archives, ours or the vendor compiler's, become one ELF whose
// segments are what configuration writes into the core's memories. Layout as the vendor's linker
// script has it: code from program address 0 with the start code first; stack at the bottom of the
// tile's data memory, then the static buffers of the design, then the program's own data. What does
// not fit is an error with a map of who uses what; so is a stack that the call graph can overflow.
#pragma once

#include "base/base.h"
#include "plan/plan.h"

namespace ashlar::link {

/// An ELF object, or an `ar` archive whose members are taken when they define a symbol that is
/// still wanted. Order matters: code is laid out in this order.
struct Input {
  std::string name; ///< for diagnostics: a path
  Bytes data;
};

struct Options {
  std::string entry = "__start";
  bool stackOverflowIsError = true; ///< false: a warning
  bool collectGarbage = true;       ///< drop sections that nothing reachable refers to
  std::vector<std::string> *undefined =
      nullptr; ///< gets the names that `undefined-symbol` is about
};

/// One thing that occupies memory.
struct MapEntry {
  std::string what;   ///< symbol or section name
  std::string object; ///< input (member) it comes from; "design" for buffers and the stack
  uint32_t address = 0;
  uint32_t size = 0;
  bool code = false; ///< program memory, else data memory
};

struct FunctionStack {
  std::string name, object;
  uint32_t frame = 0;      ///< its own bytes
  uint32_t need = 0;       ///< own and the deepest of its callees
  bool frameKnown = false; ///< from .stack_sizes or from decoding; else taken as 0
  bool recursive = false, callsPointers = false;
  bool dynamic = false;             ///< has arrays of variable size, which are not counted
  bool called = false;              ///< by another function of the inputs
  std::vector<std::string> outside; ///< functions that it calls and no input defines
  bool lowerBound = false;        ///< of one of these, or of an unknown frame, here or in a callee
  std::vector<std::string> chain; ///< "name frame" down to the deepest leaf; objectStacks() only
};

struct StackNeed {
  uint32_t bytes = 0;
  std::vector<std::string> chain;         ///< "name (frame)" from the entry to the deepest leaf
  std::vector<std::string> recursive;     ///< functions that can call themselves
  std::vector<std::string> indirectCalls; ///< functions that call through a pointer
  std::vector<std::string> dynamic;       ///< functions with arrays of variable size
  std::vector<std::string> unknownFrames; ///< functions whose frame could not be found
  std::vector<FunctionStack> functions;   ///< reachable ones, by address
};

struct Linked {
  Bytes elf;
  std::vector<MapEntry> map; ///< by memory, then address
  uint32_t programBytes = 0;
  uint32_t dataBytes = 0; ///< the program's own data, without stack and buffers
  uint32_t dataEnd = 0;   ///< tile-local first free byte after data
  StackNeed stack;
};

/// Errors: `object-foreign` and the readers' codes, `undefined-symbol`, `duplicate-symbol`,
/// `no-entry`, `relocation-range`, `relocation-unknown`, `program-memory`, `data-memory`,
/// `stack-overflow`. Warnings: `stack-recursion`, `stack-indirect-call`, `stack-dynamic`,
/// `stack-unknown-frame`, `constructors-not-called`, `call-arguments`.
Result<Linked> link(const plan::Core &core, const std::vector<Input> &inputs,
                    const Options &options, Diagnostics &warnings);

/// The stack need of each function of objects and archives that nobody has linked: ours and
/// others', by what links the functions of one input. Errors: the readers' codes, `object-foreign`.
Result<std::vector<FunctionStack>> objectStacks(const Input &input);

/// The map file: memories with their use, sections by address, the stack need of each function.
std::string mapText(const plan::Core &core, const Linked &linked);

} // namespace ashlar::link
