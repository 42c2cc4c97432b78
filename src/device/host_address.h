// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Where the array sees the host's memory, for patches of buffer arguments into shim BDs. Source:
// the public patchers of XRT, and mlir-aie's writer of instruction streams.
#pragma once

#include <cstdint>

namespace ashlar::device {

/// Host memory begins here in the shim's address space.
inline constexpr uint64_t kHostBase = 0x80000000;
/// The firmware adds it to the first arguments of a command; a patch of a later one must do it.
inline constexpr uint32_t kTranslatedArguments = 5;

} // namespace ashlar::device
