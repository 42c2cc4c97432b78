// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The last stage of a build: the plan and one ELF a core become what the NPU loads (CDO, PDI,
// XCLBIN) and what its controller runs (an instruction stream a runtime sequence).
#pragma once

#include "base/base.h"
#include "plan/plan.h"

namespace ashlar::package {

struct CoreElf {
  device::TileId tile;
  Bytes elf;
  std::string name;        ///< for diagnostics
  std::string device = {}; ///< one of Plan::others, or empty: the plan's own
};

struct Options {
  std::string kernelName = "MLIR_AIE";
  std::string instanceName = "MLIRAIE";
  uint32_t kernelId = 0x901; ///< 12 bits
  Bytes base;                ///< an XCLBIN that gets this design as one kernel more, or empty
  std::string baseName;
};

struct Sequence {
  std::string name;
  Bytes stream; ///< TXN 0.1
};

struct Products {
  Bytes cdoElfs, cdoInit, cdoEnable; ///< stage-1 files, bootgen's input
  Bytes cdo;                         ///< merged
  Bytes pdi;
  Bytes xclbin;
  std::string uuid; ///< of the XCLBIN; derived from its content, as are its times
  std::vector<Sequence> sequences;
  /// The plan's sequences as the streams have them: operation by operation.
  std::vector<plan::RuntimeSequence> written;
};

/// A runtime sequence that first configures the array by control packets, over a package that holds
/// nothing but their routes.
struct Reconfiguration {
  std::string name;
  Bytes packets; ///< what the host passes as the last buffer argument
  Bytes stream;
  size_t argument = 0; ///< which one that is
};

/// Names of the stage-1 files in the vendor's flow; errors of merging use them.
inline constexpr const char *kCdoElfsName = "main_aie_cdo_elfs.bin";
inline constexpr const char *kCdoInitName = "main_aie_cdo_init.bin";
inline constexpr const char *kCdoEnableName = "main_aie_cdo_enable.bin";

/// Arguments that a kernel has at least, used or not: existing host programs pass five.
inline constexpr size_t kLeastArguments = 5;

/// The plan must have control routes (lower::Options::controlRoutes).
/// Errors: those of package(), and `no-control-route`.
Result<std::vector<Reconfiguration>> reconfigure(const plan::Plan &plan,
                                                 const std::vector<CoreElf> &elfs);

/// The configuration as a runtime sequence `configure` and as its stream, instead of a PDI.
Result<plan::RuntimeSequence> configurationSequence(const plan::Plan &plan, ByteView cdo);
Result<Bytes> configurationStream(const plan::Plan &plan, ByteView cdo);

/// The instruction streams alone, for which no core need be compiled.
std::vector<Sequence> streams(const plan::Plan &plan);
/// Whether a sequence writes the configuration of a device, so that its stream needs programs.
bool changesDevice(const plan::Plan &plan);

/// Errors: `core-without-elf`, `elf-...`, `program-memory`, `core-segment`, `bd-field`,
/// `plan-port`, `plan-lock`, `plan-buffer`, `plan-bd`, `plan-address`.
Result<Products> package(const plan::Plan &plan, const std::vector<CoreElf> &elfs,
                         const Options &options = {});

} // namespace ashlar::package
