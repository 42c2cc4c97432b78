// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Static checks: what would go wrong on the chip, found before anything runs. They look at what
// would be loaded (the register writes of a package, the programs in it, the operations of an
// instruction stream), so a stranger's package is checked like our own; a plan, where there is one,
// adds names, source places and sizes. A finding is a Diagnostic whose code names the check;
// docs/checks/CODE.md explains each.
#pragma once

#include "link/link.h"
#include "load/load.h"
#include "plan/plan.h"

namespace ashlar::analysis {

struct CheckInfo {
  const char *code;
  const char *summary; ///< one line
};
/// Every finding that there is, by name.
std::span<const CheckInfo> checks();

/// The programs, DMA, locks and routes of one configuration. Codes: `illegal-instruction`,
/// `stack-overflow`, `stack-unknown`, `program-memory`, `buffer-overlap`, `bd-invalid`, `bd-range`,
/// `lock-range`, `lock-never-released`, `lock-never-acquired`, `lock-imbalance`,
/// `acquire-beyond-depth`, `route-dead-end`,
/// `stream-without-source`, `packet-dropped`, `core-without-program`. `streams`, when they are
/// known, start tasks of their own, which use locks too.
Diagnostics checkConfiguration(const load::Configuration &configuration, const std::string &name,
                               const plan::Plan *plan, std::span<const load::Stream> streams = {});

/// How many operations of the stream are about the package's own configuration: all, or those
/// before it writes another one (which stops a core or writes a program).
size_t ownOperations(const load::Stream &stream);

/// Whether the stream can come to its end on the configuration, by playing through what FIFOs,
/// descriptors and core programs do to locks and words. checkStream() does it too.
struct TokenGame {
  enum Outcome : uint8_t { Completes, StandsStill, Unknown } outcome = Unknown;
  std::string why;      ///< of Unknown: what could not be modelled
  size_t moves = 0;     ///< of the longest play
  size_t states = 0;    ///< that had to be told apart
  Diagnostics findings; ///< `fifo-deadlock`, `lock-imbalance`
};
TokenGame playTokens(const load::Configuration &configuration, const load::Stream &stream,
                     const plan::Plan *plan);

/// An instruction stream on top of a configuration. Codes: `bo-too-small`, `argument-missing`,
/// `token-never-issued`, `token-unrouted`, `queue-overflow`, `bd-reused`, `bd-invalid`,
/// `transfer-partial`, `sequence-empty`, `fifo-deadlock`. `game` gets how the token game went; it
/// is not played where errors were found before.
Diagnostics checkStream(const load::Configuration &configuration, const load::Stream &stream,
                        const plan::Plan *plan, TokenGame *game = nullptr);

/// The fields of an XCLBIN that a driver needs. Codes: `xclbin-kernel-id`, `xclbin-no-kernel`,
/// `xclbin-columns`, `xclbin-uuid`, `xclbin-arguments`, `xclbin-sections`.
Diagnostics checkXclbin(ByteView data, const std::string &name);

/// A linked core program. Codes: those of programs in checkConfiguration. `stackSize` 0 = unknown.
Diagnostics checkElf(ByteView data, const std::string &name, uint32_t stackSize);

/// An object or archive that nobody has linked, ours or another compiler's: bundles that do not
/// decode, and what its functions need of the stack. Codes: `illegal-instruction`; as warnings, for
/// a caller may give more, `stack-overflow` and `stack-unknown`. `functions` gets one row each.
Diagnostics checkObject(ByteView data, const std::string &name,
                        std::vector<link::FunctionStack> *functions = nullptr);

} // namespace ashlar::analysis
