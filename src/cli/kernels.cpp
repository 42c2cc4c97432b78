// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The vendor's flow wants kernels compiled beforehand and lying in the working directory. Here the
// sources may be given instead, so a name like `kernel.o` is served by kernel.cc where there is
// one.
#include "cli/kernels.h"

#include "cli/resources.h"
#include "codegen/codegen.h"
#include "frontend/frontend.h"

#include <algorithm>
#include <filesystem>
#include <fmt/format.h>
#include <llvm/IR/LLVMContext.h>
#include <llvm/IR/Module.h>

namespace ashlar::cli {
namespace {

namespace fs = std::filesystem;

/// In the order in which they are tried.
constexpr const char *kSourceEndings[] = {".cc", ".cpp", ".cxx", ".C", ".c", ".ll", ".bc"};

std::string baseName(const std::string &path) { return fs::path(path).filename().string(); }
std::string stem(const std::string &path) { return fs::path(path).stem().string(); }

bool isFile(const std::string &path) {
  std::error_code failed;
  return fs::is_regular_file(path, failed);
}

/// The file on the command line that serves `name`: the same file name first, then the same stem.
std::optional<std::string> findGiven(const std::string &name,
                                     const std::vector<std::string> &given) {
  for (const std::string &path : given)
    if (path == name || baseName(path) == baseName(name)) return path;
  for (const std::string &path : given)
    if (stem(path) == stem(name)) return path;
  return std::nullopt;
}

/// The object of that name in `directory`; else adds what was tried to `looked`.
std::optional<std::string> findObject(const std::string &directory, const std::string &name,
                                      std::vector<std::string> &looked) {
  const fs::path object = fs::path(directory) / name;
  if (isFile(object.string())) return object.string();
  looked.push_back(object.string());
  return std::nullopt;
}

/// A source in `directory` that serves `name`.
std::optional<std::string> findSource(const std::string &directory, const std::string &name,
                                      std::vector<std::string> &looked) {
  const fs::path object = fs::path(directory) / name;
  std::string tried;
  for (const char *ending : kSourceEndings) {
    fs::path source = object;
    source.replace_extension(ending);
    if (isFile(source.string())) return source.string();
    tried += (tried.empty() ? "" : " ") + std::string(ending);
  }
  looked.push_back(fs::path(object).replace_extension().string() + "{" + tried + "}");
  return std::nullopt;
}

void addUnique(std::vector<std::string> &list, const std::string &value) {
  if (std::find(list.begin(), list.end(), value) == list.end()) list.push_back(value);
}

} // namespace

bool isKernelSource(const std::string &path) {
  const std::string ending = fs::path(path).extension().string();
  return std::any_of(std::begin(kSourceEndings), std::end(kSourceEndings),
                     [&](const char *known) { return ending == known; });
}

Result<KernelChoice> chooseKernels(const std::vector<std::string> &linkNames,
                                   const std::vector<std::string> &given,
                                   const std::string &designPath, const Place &place,
                                   Diagnostics &warnings, std::vector<std::string> *absent) {
  KernelChoice choice;
  Diagnostics errors;
  std::vector<std::string> missing;
  std::vector<std::vector<std::string>> lookedAt;
  const std::string beside = fs::path(designPath).parent_path().string();
  for (const std::string &name : linkNames) {
    std::vector<std::string> looked;
    std::optional<std::string> file = findGiven(name, given);
    // An object of the working directory is what the vendor's tools would link, made with flags
    // that nobody told here.
    if (!file) file = findObject("", name, looked);
    if (!file && !beside.empty()) file = findObject(beside, name, looked);
    if (!file) file = findSource(beside, name, looked);
    if (!file && !beside.empty()) file = findSource("", name, looked);
    if (!file) {
      missing.push_back(name);
      lookedAt.push_back(std::move(looked));
      continue;
    }
    choice.byLinkName[name] = *file;
    addUnique(choice.files, *file);
  }
  for (const std::string &path : given) {
    if (std::find(choice.files.begin(), choice.files.end(), path) != choice.files.end()) continue;
    choice.forAllCores.push_back(path);
    choice.files.push_back(path);
  }
  for (size_t i = 0; i < missing.size(); ++i) {
    if (!choice.forAllCores.empty()) {
      warnings.push_back(warning(
          "kernel-by-position", place,
          fmt::format("the design links with `{}`, which is not there; {} of the command line is "
                      "taken instead",
                      missing[i], fmt::join(choice.forAllCores, ", ")),
          "name one after the other to be sure"));
      continue;
    }
    if (absent) {
      absent->push_back(missing[i]);
      continue;
    }
    Diagnostic d = error(
        "kernel-missing", place,
        fmt::format("the design links with `{}`, and neither it nor a source of its name was found",
                    missing[i]),
        fmt::format("name the kernel on the command line: ashlar build {} KERNEL.cc", designPath));
    d.notes.push_back(given.empty()
                          ? "looked on the command line: no kernel is named there"
                          : fmt::format("looked on the command line: {}", fmt::join(given, ", ")));
    for (const std::string &looked : lookedAt[i]) d.notes.push_back("looked at " + looked);
    errors.push_back(std::move(d));
  }
  if (!errors.empty()) return errors;
  return choice;
}

Result<link::Input> makeKernel(const std::string &path, const KernelOptions &options,
                               Diagnostics &warnings, std::string &text) {
  if (!isKernelSource(path)) {
    ASHLAR_TRY(Bytes data, readFile(path));
    return link::Input{path, std::move(data)};
  }
  frontend::Options frontendOptions;
  frontendOptions.args = options.flags;
  frontendOptions.optLevel = options.optLevel;
  frontendOptions.resourceDir = options.resourceDir;
  llvm::LLVMContext context;
  ASHLAR_TRY(std::unique_ptr<llvm::Module> module,
             frontend::compile(path, frontendOptions, context, text));
  const frontend::OptLevel level = frontend::optLevelOf(options.flags, options.optLevel);
  codegen::Options codegenOptions;
  codegenOptions.optLevel = level.speed;
  codegenOptions.sizeLevel = static_cast<unsigned>(level.size);
  codegenOptions.reproducer = reproducerPath(path);
  ASHLAR_TRY(codegen::Output output, codegen::compile(*module, codegenOptions, warnings));
  return link::Input{path, std::move(output.object)};
}

Result<RuntimeLibrary> readRuntimeLibrary(const std::string &resourceDir) {
  RuntimeLibrary library;
  for (auto [input, name] :
       {std::pair{&library.start, "crt0.o"}, {&library.library, "libaie2.a"}}) {
    input->name = name; // no path: maps must not depend on where Ashlar is installed
    const std::string path = (fs::path(resourceDir) / name).string();
    auto data = readFile(path);
    if (!data.ok())
      return error("resource-missing", Place::at(path),
                   "a part of Ashlar's installation is not there",
                   "build all of Ashlar, or set ASHLAR_RESOURCE_DIR to its lib/ashlar/aie2");
    input->data = std::move(*data);
  }
  return library;
}

} // namespace ashlar::cli
