// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// One straight piece of code to be put into bundles: instructions in program order, the last of
// which may be a branch, call or return whose five delay slots end the piece. No LLVM here: what
// the scheduler must know is the isa form of each instruction and which memory accesses may meet.
#pragma once

#include "isa/hazard.h"
#include "isa/isa.h"

#include <functional>

namespace ashlar::codegen::schedule {

struct Item {
  /// The forms the instruction may take, the preferred one first: same registers and latencies,
  /// different slots and units.
  std::vector<isa::Inst> forms;
  size_t chosen = 0;
  bool control = false;    ///< branch, call or return: only as the last item
  bool deadCarry = false;  ///< writes srCarry, and nobody reads it
  bool looseFlags = false; ///< nobody in the function reads the bits that it adds to status
  bool touchesMemory = false;
  bool stores = false;
  bool barrier = false; ///< lock, stream, event ...: keeps its place among memory accesses
  uint16_t object = 0;  ///< that it accesses, 0 = unknown: see banks.h
  int cycle = -1;       ///< result: bundle number from the start of the region
  const isa::Inst &inst() const { return forms[chosen]; }
  /// A write that may land before or after others of its kind.
  bool loose(const isa::Access &a) const {
    return looseFlags && a.write && a.operand < 0 && isa::isStickyFlag(a.reg);
  }
};

/// An instruction that was issued before the code at hand: -1 is the bundle in front of it.
struct Pending {
  Item item;
  int time;
};
/// What may still be under way when code begins, along any path to it.
using Carry = std::vector<Pending>;

enum class Ending : uint8_t {
  Settled, ///< all results have landed and all units are free when the region ends
  Open,    ///< what follows is told what is under way
};

struct Region {
  std::vector<Item> items;
  Carry carry;
  Ending ending = Ending::Settled;
  /// May the memory accesses of items i and j (i before j) meet, one of them writing?
  std::function<bool(size_t, size_t)> mayMeet;
  /// Code that begins with a lock operation may follow.
  bool locksFollow = true;
  int cycles = 0; ///< result: length in bundles
};

/// Gives every item a cycle and a form.
void schedule(Region &region);

/// What is under way `cycles` bundles after the region's or loop's start.
Carry carryOut(const Carry &in, const std::vector<Pending> &issued, int cycles);
/// Adds what is not there yet.
void merge(Carry &into, const Carry &more);
/// The first cycle in which an item may issue because of what came before.
int earliest(const Carry &carry, const Item &item);
/// Whether a unit that is still busy is wanted by an item issued in this cycle.
bool clashes(const Carry &carry, const Item &item, int cycle);

/// How many bundles later than `earlier` the item `later` must issue because of memory or locks;
/// nothing when they are not ordered.
std::optional<int> memoryDistance(const Item &earlier, const Item &later, bool mayMeet);
/// The least number of bundles between the issue of this item and the end of the region.
int drain(const Item &item, bool locksFollow);

} // namespace ashlar::codegen::schedule
