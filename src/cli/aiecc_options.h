// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The command line of the vendor's driver: what its users' build scripts pass. Both `--flag=value`
// and `--flag value`, one dash or two; unknown flags are a warning, because most are harmless here.
#pragma once

#include "base/result.h"
#include "lower/lower.h"

#include <span>

namespace ashlar::cli {

struct AieccRequest {
  std::string design;
  std::vector<std::string> kernels; ///< host sources are left out, objects are taken
  std::vector<std::string> kernelFlags;
  std::string tmpdir; ///< empty: <design>.prj in the working directory
  std::string outputDir = ".";
  lower::AllocScheme scheme = lower::AllocScheme::Auto;
  bool dynamicFifos = false, packetFifos = false;
  int optLevel = 2;
  bool xclbin = false, insts = false, pdi = false, cdo = false;
  bool controlPackets = false; ///< the configuration as control packets
  bool controlRoutes = false;  ///< their routes
  bool coreElfs = false, objects = false, inputWithAddresses = false;
  /// Asked for in the spelling of the newest driver (`--get-...`): names by default are its names,
  /// and {0} of a stream is DEVICE_SEQUENCE.
  bool newNames = false;
  bool noCompile = false, noLink = false;
  bool allowFindings = false;
  std::string controlName, controlStreamName; ///< never empty after parsing, like the other names
  std::string xclbinName, instsName, pdiName;
  std::string kernelName = "MLIR_AIE", kernelId = "0x901", instanceName = "MLIRAIE";
  std::string xclbinInput; ///< an XCLBIN that gets this design as one kernel more
  bool txn = false;        ///< the configuration as an instruction stream
  std::string txnName;
  std::string deviceName, sequenceName;

  bool needsPrograms() const { return xclbin || pdi || cdo || controlPackets || txn || coreElfs; }
  /// Nothing is asked for that cores have to be compiled for.
  bool withoutCores() const {
    return (insts || inputWithAddresses) && (newNames || noCompile) && !objects && !needsPrograms();
  }

  bool verbose = false, dryRun = false, help = false, version = false;
};

/// Errors: `usage` (exit code 2) and `unsupported-flag` with the reason. Warnings: `unknown-flag`.
Result<AieccRequest> parseAiecc(std::span<const std::string> arguments, Diagnostics &warnings);
/// The flags, for --help.
std::string aieccHelp();

} // namespace ashlar::cli
