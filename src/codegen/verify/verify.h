// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Does a schedule compute what the program says? The core has no interlocks: a value read too early
// is silently the old one. The check replays each region bundle by bundle with the exact cycles of
// every read and write and compares which write each read sees with the order of the program. It is
// independent of the scheduler and works on the bundles that will be encoded.
#pragma once

#include "isa/isa.h"

namespace ashlar::codegen::verify {

/// An instruction in program order and the bundle (from the start of its region) it was put into.
struct Placed {
  isa::Inst inst;
  size_t bundle;
};
struct Region {
  size_t first; ///< bundle of the block
  size_t bundles;
  std::vector<Placed> order;
  std::vector<std::pair<size_t, size_t>> meets; ///< memory accesses that must stay in order
};
struct Block {
  std::vector<isa::Bundle> bundles;
  std::vector<Region> regions;
  std::vector<size_t> successors;
};

/// The first violated rule in words, with block and bundle, or nothing.
std::optional<std::string> check(const std::vector<Block> &function);

} // namespace ashlar::codegen::verify
