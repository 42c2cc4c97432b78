// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Objects and programs of `ashlar cc`. A program is one core's ELF with the start code at address
// 0, the stack at the bottom of the tile's memory and its data after it: what `ashlar core` runs.
#ifdef ASHLAR_HAS_CODEGEN
#include "cli/cc_output.h"

#include "assembler/assembler.h"
#include "cli/resources.h"
#include "cli/verbs.h"
#include "codegen/codegen.h"
#include "link/link.h"

#include "llvm/IR/LLVMContext.h"
#include "llvm/IR/Module.h"

#include <algorithm>
#include <cstdio>
#include <filesystem>

namespace ashlar::cli {

namespace {

namespace fs = std::filesystem;
using frontend::Command;
using frontend::Input;
using frontend::InputKind;

Result<codegen::Output> generate(const Command &command, llvm::Module &module,
                                 const std::string &source) {
  codegen::Options options;
  options.optLevel = static_cast<unsigned>(command.optLevel);
  options.sizeLevel = static_cast<unsigned>(command.sizeLevel);
  options.doubleNotes = std::ranges::none_of(command.flags, [](const std::string &f) {
    return f == "-w" || f == "-Wno-double-promotion";
  });
  options.reproducer = reproducerPath(source);
  options.assembly = command.product == frontend::Product::Assembly;
  options.remarks = command.remarks;
  Diagnostics warnings;
  auto output = codegen::compile(module, options, warnings);
  report(warnings);
  if (output.ok() && command.stackUsage) {
    for (const codegen::FunctionSize &f : output->functions)
      std::printf("%s:%s\t%llu\t%s\n", source.c_str(), f.name.c_str(),
                  static_cast<unsigned long long>(f.frameBytes), f.dynamic ? "dynamic" : "static");
  }
  return output;
}

Result<link::Input> library(const Command &command, const std::string &name) {
  std::vector<std::string> looked;
  for (const std::string &folder : command.libraryPaths) {
    const fs::path path = fs::path(folder) / ("lib" + name + ".a");
    if (fs::is_regular_file(path)) {
      ASHLAR_TRY(Bytes data, readFile(path.string()));
      return link::Input{path.string(), std::move(data)};
    }
    looked.push_back("looked at " + path.string());
  }
  Diagnostic d =
      error("library-missing", {}, "no library lib" + name + ".a", "add its folder by -L");
  d.notes = std::move(looked);
  return d;
}

} // namespace

Status writeObject(const Command &command, llvm::Module &module, const std::string &source,
                   const std::string &path) {
  ASHLAR_TRY(const codegen::Output output, generate(command, module, source));
  if (command.product == frontend::Product::Assembly) {
    if (path == "-") {
      std::fwrite(output.assembly.data(), 1, output.assembly.size(), stdout);
      return Ok{};
    }
    return writeTextFile(path, output.assembly);
  }
  return writeFile(path, output.object);
}

Result<Bytes> assembleFile(const std::string &path) {
  ASHLAR_TRY(const std::string text, readTextFile(path));
  ASHLAR_TRY(const format::elf::File file, assembler::assemble(text, path));
  return format::elf::write(file);
}

Result<Bytes> makeObject(const Command &command, const Input &input) {
  if (input.kind == InputKind::Object) return readFile(input.path);
  if (input.kind == InputKind::Assembly) return assembleFile(input.path);
  frontend::Options options;
  options.args = command.flags;
  options.optLevel = command.optLevel;
  options.resourceDir = resourceDir();
  options.language = input.language;
  llvm::LLVMContext context;
  std::string text;
  auto module = frontend::compile(input.path, options, context, text);
  std::fwrite(text.data(), 1, text.size(), stderr);
  if (!module.ok()) return module.errors();
  ASHLAR_TRY(codegen::Output output, generate(command, **module, input.path));
  return std::move(output.object);
}

Status linkAll(const Command &command) {
  std::vector<link::Input> inputs;
  const std::string folder = resourceDir();
  if (command.startFiles) {
    ASHLAR_TRY(Bytes data, readFile(folder + "/crt0.o"));
    inputs.push_back({folder + "/crt0.o", std::move(data)});
  }
  for (const Input &input : command.inputs) {
    ASHLAR_TRY(Bytes data, makeObject(command, input));
    inputs.push_back({input.path, std::move(data)});
  }
  for (const std::string &name : command.libraries) {
    if (name == "m" || name == "c" || name == "gcc") continue; // all in libaie2.a
    ASHLAR_TRY(link::Input input, library(command, name));
    inputs.push_back(std::move(input));
  }
  if (command.standardLibraries) {
    ASHLAR_TRY(Bytes data, readFile(folder + "/libaie2.a"));
    inputs.push_back({folder + "/libaie2.a", std::move(data)});
  }
  plan::Core core;
  core.function = "main";
  if (command.stackSize) core.stackSize = command.stackSize;
  core.dataStart = core.stackSize;
  Diagnostics warnings;
  auto linked = link::link(core, inputs, {}, warnings);
  report(warnings);
  if (linked.ok()) return writeFile(command.output.empty() ? "a.out" : command.output, linked->elf);
  Diagnostics errors = linked.errors();
  for (Diagnostic &d : errors)
    if (d.code == "stack-overflow") d.remedy = "give more with -Wl,-z,stack-size=BYTES";
  return errors;
}

} // namespace ashlar::cli
#endif
