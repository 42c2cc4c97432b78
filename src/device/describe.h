// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Register writes in words, for people: what `inspect` prints and diagnostics quote. Blocks that
// are BDs, programs or data are told as such; switch and queue writes name ports and channels.
#pragma once

#include "device/bd.h"

namespace ashlar::device {

/// "acquire lock 0 >= 1, read 256 words at 0xc00, release lock 1 +1, then BD 1".
std::string describeBd(TileKind kind, const Bd &bd);
/// "MM2S0 start: BD 2" or "North1 <- South3", else describeRegister().
std::string describeWrite(uint32_t address, uint32_t value);
std::string describeMaskWrite(uint32_t address, uint32_t mask, uint32_t value);
std::string describeBlock(uint32_t address, std::span<const uint32_t> words);

} // namespace ashlar::device
