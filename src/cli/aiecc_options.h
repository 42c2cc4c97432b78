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
  std::string controlName = "{0}_{1}_ctrlpkt.bin",
              controlStreamName = "{0}_{1}_ctrlpkt_dma_seq.bin";
  std::string xclbinName = "{0}.xclbin", instsName = "{0}_{1}.bin", pdiName = "{0}.pdi";
  std::string kernelName = "MLIR_AIE", kernelId = "0x901", instanceName = "MLIRAIE";
  std::string xclbinInput; ///< an XCLBIN that gets this design as one kernel more
  bool txn = false;        ///< the configuration as an instruction stream
  std::string txnName = "{0}_configure.bin";
  std::string deviceName, sequenceName;
  bool verbose = false, dryRun = false, help = false, version = false;
};

/// Errors: `usage` (exit code 2) and `unsupported-flag` with the reason. Warnings: `unknown-flag`.
Result<AieccRequest> parseAiecc(std::span<const std::string> arguments, Diagnostics &warnings);
/// The flags, for --help.
std::string aieccHelp();

} // namespace ashlar::cli
