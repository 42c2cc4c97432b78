// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Kernels of a design: which file serves a name that the design links with, and turning it into
// bytes that the linker takes. Sources are compiled in-process; objects and archives are read.
#pragma once

#include "base/base.h"
#include "link/link.h"

#include <map>

namespace ashlar::cli {

struct KernelOptions {
  std::vector<std::string> flags; ///< Clang's: -D, -I, -O, -std ...
  int optLevel = 2;
  std::string resourceDir; ///< .../lib/ashlar/aie2
};

/// A file that makes or is an object.
bool isKernelSource(const std::string &path);
/// Compiles a source or reads an object. `text` gets the compiler's warnings in Clang's style.
Result<link::Input> makeKernel(const std::string &path, const KernelOptions &options,
                               Diagnostics &warnings, std::string &text);

/// Which file serves each name that cores link with.
struct KernelChoice {
  std::vector<std::string> files;                ///< all that are needed, in order, unique
  std::map<std::string, std::string> byLinkName; ///< link_with -> file
  std::vector<std::string> forAllCores;          ///< command-line files that no core names
};
/// A name is looked for among the files of the command line (by name, then by stem); then the name
/// itself in the working directory, where the vendor's tools link it from, and beside the design;
/// then sources of its stem beside the design and in the working directory. Errors:
/// `kernel-missing`, with the places that were looked at; with `missing` the names go there
/// instead. Warnings: `kernel-by-position`.
Result<KernelChoice> chooseKernels(const std::vector<std::string> &linkNames,
                                   const std::vector<std::string> &given,
                                   const std::string &designPath, const Place &place,
                                   Diagnostics &warnings,
                                   std::vector<std::string> *missing = nullptr);

/// crt0.o and libaie2.a of the resource folder. Errors: `resource-missing`.
struct RuntimeLibrary {
  link::Input start, library;
};
Result<RuntimeLibrary> readRuntimeLibrary(const std::string &resourceDir);
} // namespace ashlar::cli
