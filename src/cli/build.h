// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The whole compilation of a design, in memory: what `ashlar build` and `ashlar aiecc` share. One
// function lists the stages in order; nothing is written before all of it has worked.
#pragma once

#include "base/timer.h"
#include "cli/kernels.h"
#include "lower/lower.h"
#include "package/package.h"

namespace ashlar::cli {

enum class Stage : uint8_t { Design, Lower, Compile, Link, Package };

struct BuildRequest {
  std::string design;               ///< path of the MLIR file
  std::vector<std::string> kernels; ///< sources, objects, archives of the command line
  KernelOptions kernelOptions;
  design::ParseOptions parseOptions;
  lower::Options lowerOptions;
  link::Options linkOptions;
  package::Options packageOptions;
  Stage stopAfter = Stage::Package;
  /// Functions that nobody defines return at once, so that the rest of a design can be looked at.
  /// What that leaves unexamined is said as a note.
  bool standIns = false;
  bool checkIsBinding = true; ///< false: what the checks call an error is only reported
};

struct BuiltCore {
  device::TileId tile;
  std::string device; ///< one of the plan's others, or empty: its own
  Bytes object;       ///< of the core's body; empty for a core with an elf_file
  std::string assembly;
  std::string optimized; ///< LLVM assembly, with lowerOptions.printLowered
  Bytes elf;
  link::Linked linked; ///< elf moved out; empty for a core with an elf_file
  uint32_t stackSize = 0;
  std::string map;
};

struct BuildResult {
  std::string canonicalDesign;         ///< when stopped after Stage::Design
  std::optional<plan::Plan> plan;      ///< from Stage::Lower on; a packaged one's sequences are
                                       ///< those of the streams, operation by operation
  std::vector<std::string> modules;    ///< LLVM text of each core, when stopped after Stage::Lower
                                       ///< or when lowerOptions.printLowered asks for it
  std::string withAddresses, physical; ///< the lowered design, with lowerOptions.printLowered
  std::vector<link::Input> kernels;    ///< compiled, from Stage::Compile on
  std::vector<BuiltCore> cores;
  package::Products products;
  bool hasStandIns = false; ///< not to be run
};

/// Errors are those of the stages; `times` gets a row a stage even when one fails.
Result<BuildResult> build(const BuildRequest &request, StepTimes &times, Diagnostics &warnings,
                          std::string &compilerText);

} // namespace ashlar::cli
