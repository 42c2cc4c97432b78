// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Lowering: a design in, a plan with every decision taken (addresses, locks, BDs, channels, routes,
// the run-time instruction stream) and one LLVM module a core out. Decisions follow the vendor's
// flow exactly, so that packages come out byte-identical.
#pragma once

#include "design/design.h"
#include "plan/plan.h"

#include <llvm/IR/LLVMContext.h>
#include <llvm/IR/Module.h>
#include <map>

namespace ashlar::lower {

enum class AllocScheme : uint8_t {
  Auto,           ///< bank-aware, basic-sequential where that does not fit
  BankAware,      ///< round robin over the banks
  BasicSequential ///< largest first, packed after the stack
};

struct Options {
  /// Symbol of the aie.device to lower; empty: the one whose sequences configure others, or the
  /// first.
  std::string device;
  AllocScheme scheme = AllocScheme::Auto;
  bool dynamicObjectFifos = false; ///< never unroll loops for object FIFOs
  bool printLowered = false;       ///< fill Lowered::withAddresses and physical
  bool debug = false;              ///< cores say which line of the design an instruction is from
  bool packetObjectFifos = false;  ///< object FIFOs over packet-switched routes
  /// Every tile's control port is reached by control packets from its column's shim tile.
  bool controlRoutes = false;
  /// Values of the runtime sequences' scalar arguments, by position among all arguments.
  std::map<int, int64_t> sequenceArguments;
};

struct CoreModule {
  device::TileId tile;
  std::unique_ptr<llvm::Module> module; ///< defines plan::Core::function
  std::string device;                   ///< one of Plan::others, or empty: the plan's own
};
struct Lowered {
  plan::Plan plan;
  std::vector<CoreModule> cores; ///< cores whose program is compiled here (no elf_file)
  /// The lowered design in the design language, with addresses and after routing; only when asked.
  std::string withAddresses, physical;
};

/// The devices of a design in order; one without a symbol is `main`.
std::vector<std::string> deviceNames(const design::Design &design);

/// Errors carry the place in the design, e.g. `unsupported-op`, `out-of-memory`, `out-of-locks`,
/// `unroutable`, `bad-core`.
Result<Lowered> lower(const design::Design &design, const Options &options,
                      llvm::LLVMContext &context, Diagnostics &warnings);

} // namespace ashlar::lower
