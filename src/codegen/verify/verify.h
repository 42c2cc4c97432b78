// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Does a schedule compute what the program says? The core has no interlocks: a value read too early
// is silently the old one. The check replays the finished bundles with the exact cycles of every
// read and write, follows what is still under way from piece to piece, and compares which write
// each read sees with the order of the program. A pipelined loop is replayed for several numbers of
// rounds against as many copies of its body. It is independent of the scheduler and works on the
// bundles that will be encoded.
#pragma once

#include "isa/isa.h"

#include <bitset>
#include <functional>

namespace ashlar::codegen::verify {

using Units = std::bitset<isa::kRegUnitCount>;

/// An instruction of the program, in its order.
struct Step {
  isa::Inst inst;
  Units alsoReads;  ///< arguments of a call, results of a return
  Units alsoWrites; ///< what a called function may leave changed
  bool touchesMemory = false, stores = false, barrier = false;
};

/// An instruction in a bundle, and the step it stands for.
struct Placed {
  isa::Inst inst;
  size_t step;
};
struct Line {
  std::vector<Placed> placed;
  isa::Bundle bundle;
};

/// Straight code that may end with a branch, call or return and its delay slots; or a pipelined
/// loop, whose middle part runs once or more.
struct Piece {
  std::vector<Step> steps;               ///< of a loop: one round, without counter and branch
  std::vector<Line> first, middle, last; ///< straight code is all in `first`
  bool loop = false;
  int stages = 1; ///< the number of rounds is that of the middle's runs plus this minus 1
  std::vector<size_t> successors; ///< pieces; the one behind a call included
  bool settles = false;           ///< a call or return: everything must have landed at its end
  /// Of a loop: what holds nothing of value when it begins. A register half of which is used is
  /// read whole, and what its other half then holds may differ.
  Units undefined;
  /// May step i of one round and step j of `rounds` rounds later touch the same memory?
  std::function<bool(size_t i, size_t j, unsigned rounds)> meets;
};

/// The first violated rule in words, with piece and bundle, or nothing. The first piece is entered
/// with nothing under way.
std::optional<std::string> check(const std::vector<Piece> &function);

} // namespace ashlar::codegen::verify
