// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// `ashlar cc`: a C and C++ compiler with Clang's command line for one AIE2 core.
#ifdef ASHLAR_HAS_FRONTEND
#include "cli/resources.h"
#include "cli/verbs.h"
#include "frontend/frontend.h"

#ifdef ASHLAR_HAS_CODEGEN
#include "cli/cc_output.h"
#endif

#include "llvm/Bitcode/BitcodeWriter.h"
#include "llvm/IR/LLVMContext.h"
#include "llvm/IR/Module.h"
#include "llvm/Support/raw_ostream.h"

#include <algorithm>
#include <cstdio>
#include <filesystem>

namespace ashlar::cli {

namespace {

using frontend::Command;
using frontend::Input;
using frontend::InputKind;
using frontend::Product;

void printText(const std::string &text) { std::fwrite(text.data(), 1, text.size(), stderr); }

const char *extensionOf(Product product) {
  switch (product) {
  case Product::Assembly: return ".s";
  case Product::LlvmText: return ".ll";
  case Product::LlvmBitcode: return ".bc";
  default: return ".o";
  }
}

std::string outputOf(const Command &command, const Input &input) {
  if (!command.output.empty()) return command.output;
  return std::filesystem::path(input.path).stem().string() + extensionOf(command.product);
}

Status emit(const std::string &path, std::string_view data) {
  if (path == "-") {
    std::fwrite(data.data(), 1, data.size(), stdout);
    return Ok{};
  }
  return writeTextFile(path, data);
}

frontend::Options optionsFor(const Command &command, const Input &input) {
  frontend::Options options;
  options.args = command.flags;
  options.optLevel = command.optLevel;
  options.resourceDir = resourceDir();
  options.language = input.language;
  options.output = outputOf(command, input);
  options.locations =
      command.product != Product::LlvmText && command.product != Product::LlvmBitcode;
  return options;
}

Status llvmOutput(const Command &command, llvm::Module &module, const std::string &path) {
  std::string data;
  llvm::raw_string_ostream stream(data);
  if (command.product == Product::LlvmText)
    module.print(stream, nullptr);
  else
    llvm::WriteBitcodeToFile(module, stream);
  return emit(path, data);
}

#ifndef ASHLAR_HAS_CODEGEN
Diagnostic noCodeGenerator(const std::string &path) {
  return error("no-code-generation", Place::at(path), "this build of ashlar has no code generator",
               "use -S -emit-llvm or -fsyntax-only");
}
#endif

/// One source file to its product; diagnostics in Clang's style go to standard error.
Status compileOne(const Command &command, const Input &input) {
  const frontend::Options options = optionsFor(command, input);
  std::string text;
  if (command.product == Product::Preprocessed) {
    auto result = frontend::preprocess(input.path, options, text);
    printText(text);
    if (!result.ok()) return result.errors();
    return emit(command.output.empty() ? "-" : command.output, *result);
  }
  llvm::LLVMContext context;
  auto module = frontend::compile(input.path, options, context, text);
  printText(text);
  if (!module.ok()) return module.errors();
  if (command.product == Product::Checked) return Ok{};
  if (command.product == Product::LlvmText || command.product == Product::LlvmBitcode)
    return llvmOutput(command, **module, options.output);
#ifdef ASHLAR_HAS_CODEGEN
  return writeObject(command, **module, input.path, options.output);
#else
  return noCodeGenerator(input.path);
#endif
}

Status assembleOne([[maybe_unused]] const Command &command, const Input &input) {
#ifdef ASHLAR_HAS_CODEGEN
  ASHLAR_TRY(const Bytes object, assembleFile(input.path));
  return writeFile(outputOf(command, input), object);
#else
  return noCodeGenerator(input.path);
#endif
}

constexpr const char *kHelp =
    R"(Usage: ashlar cc [OPTIONS] FILE...   C, C++, LLVM (.ll .bc), assembly (.s), objects, archives

Clang's options mean what they mean there. The ones used most:
  -c -S -E -fsyntax-only       an object, assembly, the text after the preprocessor, nothing;
                               else a program for one core
  -emit-llvm                   with -S or -c: LLVM instead
  -o FILE
  -O0 -O1 -O2 -O3 -Os -Oz      default -O0
  -std=c11..c23, c++17..c++23  default gnu17 and gnu++20
  -D -U -I -isystem -include -x LANGUAGE
  -g                           line tables and places of variables
  -MD -MF FILE                 dependencies for make
  -W... -w -Werror
  -fstack-usage                print each function's frame: bytes, static or dynamic
Of the linker:
  -Wl,-z,stack-size=BYTES      the core's stack, a multiple of 32 (default 1024)
  -l -L -nostartfiles -nodefaultlibs -nostdlib
Of our own:
  --remarks                    what became of each loop
)";

int compileAll(const Command &command) {
  if (command.inputs.empty()) {
    std::fputs("ashlar cc: error: no input files\n", stderr);
    return kWrong;
  }
  const bool one = command.product != Product::Executable && command.product != Product::Checked;
  if (one && command.inputs.size() > 1 && !command.output.empty() && command.output != "-") {
    std::fputs("ashlar cc: error: cannot specify -o when generating multiple output files\n",
               stderr);
    return kWrong;
  }
#ifdef ASHLAR_HAS_CODEGEN
  if (command.product == Product::Executable) {
    const Status linked = linkAll(command);
    if (linked.ok()) return kFine;
    return linked.errors()[0].code == "compile-failed" ? static_cast<int>(kWrong) : fail(linked);
  }
#endif
  int worst = kFine;
  for (const Input &input : command.inputs) {
    if (input.kind == InputKind::Object) {
      std::fprintf(stderr, "ashlar cc: warning: %s: linker input file unused\n",
                   input.path.c_str());
      continue;
    }
    Status status = input.kind == InputKind::Assembly ? assembleOne(command, input)
                                                      : compileOne(command, input);
    if (status.ok()) continue;
    worst = kWrong;
    // Clang's own messages have been printed already.
    if (status.errors()[0].code != "compile-failed") report(status.errors());
  }
  return worst;
}

} // namespace

std::function<int()> setupCc(CLI::App &app) {
  app.prefix_command();
  app.set_help_flag();
  app.footer(kHelp);
  return [&app] {
    const std::vector<std::string> arguments = app.remaining();
    if (std::ranges::find(arguments, "--help") != arguments.end()) {
      std::fputs(kHelp, stdout);
      return static_cast<int>(kFine);
    }
    const auto command = frontend::parseCommand(arguments);
    if (!command.ok()) {
      std::fprintf(stderr, "ashlar cc: error: %s\n", command.errors()[0].message.c_str());
      return static_cast<int>(kWrong);
    }
    return compileAll(*command);
  };
}

} // namespace ashlar::cli
#endif // ASHLAR_HAS_FRONTEND
