// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Kernels in C and C++ (and LLVM assembly or bitcode) to one LLVM module a file, by Clang 22
// in-process. Clang's own driver reads the flags, so what kernel authors pass to Clang works here;
// Clang's diagnostics come back as text in Clang's own style. The module is not optimised yet:
// that is codegen's work, which knows the machine.
#pragma once

#include "base/base.h"

#include <memory>

namespace llvm {
class LLVMContext;
class Module;
} // namespace llvm

namespace ashlar::frontend {

inline constexpr const char *kTriple = "aie2-none-unknown-elf";
/// The vendor compiler's layout with 32-bit pointers instead of 20-bit ones: the same size and
/// alignment in memory, but ordinary integers for LLVM's optimiser.
inline constexpr const char *kDataLayout =
    "e-m:e-p:32:32-i1:8:32-i8:8:32-i16:16:32-i32:32:32-f32:32:32-i64:32-f64:32-a:0:32-n32";

struct Options {
  std::vector<std::string> args;     ///< Clang's flags: -O2 -DX=1 -Iinclude -std=c++20 -Wall -g ...
  int optLevel = 2;                  ///< when `args` has no -O
  std::vector<std::string> includes; ///< further include folders, searched after those of `args`
  std::string resourceDir;           ///< .../lib/ashlar/aie2 with include/; "" = no library headers
  std::string language;              ///< Clang's -x for this file; "" = by its name
  bool locations = true;             ///< source lines for the code generator's messages without -g
  std::string output;                ///< names the file in -MD rules; "" = by the input's name
};

/// Compiles one file (.c .cc .cpp .cxx .C .ll .bc, or what `language` says). Diagnostics in Clang's
/// style, warnings included, are appended to `diagnosticText`. Errors: `compile-failed` when they
/// hold an error. Several threads may compile at once, each with its own context.
Result<std::unique_ptr<llvm::Module>> compile(const std::string &path, const Options &options,
                                              llvm::LLVMContext &context,
                                              std::string &diagnosticText);

/// `-E`: the preprocessed text, with what `-M`, `-dM` and the like ask for instead of it.
Result<std::string> preprocess(const std::string &path, const Options &options,
                               std::string &diagnosticText);

/// What a Clang-like command line asks for.
enum class Product : uint8_t {
  Executable,
  Object,
  Assembly,
  LlvmText,
  LlvmBitcode,
  Preprocessed,
  Checked
};
enum class InputKind : uint8_t { Source, Assembly, Object };
struct Input {
  std::string path;
  std::string language; ///< -x in force; "" = by name
  InputKind kind = InputKind::Source;
};
struct Command {
  std::vector<Input> inputs;
  Product product = Product::Executable;
  std::string output;                               ///< -o; "" = none given
  std::vector<std::string> flags;                   ///< for Options::args
  int optLevel = 0;                                 ///< 0..3, also for -Os and -Oz (2)
  int sizeLevel = 0;                                ///< 1 for -Os, 2 for -Oz
  bool remarks = false;                             ///< --remarks, -Rpass in any form
  bool stackUsage = false;                          ///< -fstack-usage
  bool debug = false;                               ///< -g in any form but -g0
  bool startFiles = true;                           ///< no -nostartfiles, -nostdlib
  bool standardLibraries = true;                    ///< no -nodefaultlibs, -nostdlib
  uint32_t stackSize = 0;                           ///< -Wl,-z,stack-size=N; 0 = the default
  std::vector<std::string> libraries, libraryPaths; ///< -l, -L
};
/// Reads a command line (without the program's name). Errors in Clang's words: `usage`.
Result<Command> parseCommand(const std::vector<std::string> &args);

/// -O as Clang reads it: the optimisation and size level of `args`, or `otherwise`.
struct OptLevel {
  int speed = 0;
  int size = 0;
};
OptLevel optLevelOf(const std::vector<std::string> &args, int otherwise);

} // namespace ashlar::frontend
