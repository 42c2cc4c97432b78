// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Where the variables of the source are in scheduled code. A debug value says "from here on, x is
// in r3"; after scheduling "here" is many bundles and r3 gets x some bundles after the instruction
// that computes it. So a variable has a place at a bundle only where two things hold, else none:
//  * what the place holds in front of the bundle was written by an instruction that the debug value
//    meant, on every path, and has landed;
//  * all instructions of the bundle stand, in the program's order, behind that debug value and
//    before the variable's next one.
// In loops whose rounds overlap the second can hold only for what no round changes.
#pragma once

#include "codegen/schedule/layout.h"

#include "llvm/ADT/BitVector.h"
#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/SmallVector.h"

#include <map>
#include <set>

namespace ashlar::codegen::schedule {

class Variables {
public:
  /// Takes the debug values out of the function. Call it before anything else is changed.
  void collect(llvm::MachineFunction &mf);
  /// Puts them before the bundles where they begin to hold, and ends before those where they do
  /// not.
  void place(llvm::MachineFunction &mf, std::vector<Block> &blocks);

private:
  using Writer = int;
  using Writers = llvm::SmallVector<Writer, 4>; ///< sorted
  static constexpr Writer kEntry = 0, kUnknown = -1;
  static constexpr int kForever = 1 << 30;
  using Key = std::pair<const llvm::DILocalVariable *, const llvm::DILocation *>;

  struct Value {
    llvm::MachineInstr *mi;
    Writer at;                  ///< number of the instruction behind it
    bool lost = false;          ///< says that there is no place, or none that is understood
    std::vector<size_t> cells;  ///< what it reads: indices into `cells_`
    std::vector<Writers> meant; ///< who may have written them
    std::vector<bool> local;    ///< written before it in its own block
  };
  /// A writer's result is in a cell in front of the bundles from .. to-1. In loops an instruction
  /// writes many times: `own` says that it did so since the strip began.
  struct Span {
    Writer writer;
    int from, to;
    bool own;
    auto operator<=>(const Span &) const = default;
  };
  using Spans = llvm::SmallVector<Span, 4>;
  /// Blocks that are one after the other and of one origin.
  struct Strip {
    std::vector<Block *> blocks;
    const llvm::MachineBasicBlock *origin = nullptr; ///< whose debug values count
    bool overlapped = false;
    std::vector<std::pair<Block *, size_t>> issues;
  };

  // A cell is a storage unit of a register or a spill slot.
  static size_t slotCell(int frameIndex);
  size_t cellOf(size_t name);
  void addCells(Value &v, const llvm::MachineFunction &mf);
  bool addSlot(Value &v, llvm::Register base, int64_t offset, const llvm::MachineFunction &mf);
  void writes(const llvm::MachineInstr &mi, llvm::BitVector &cells) const;
  void findMeanings(llvm::MachineFunction &mf);

  struct Write {
    size_t cell;
    Writer writer;
    int issued, landed;
  };
  std::vector<Write> writesOf(const Strip &strip) const;
  std::vector<Spans> replay(const std::vector<Spans> &in, const std::vector<Write> &writes) const;
  std::vector<Spans> after(const std::vector<Spans> &all, int length) const;
  void findMoved(const std::vector<Strip> &strips, const std::vector<std::vector<Write>> &writes);
  bool holds(const Value &v, const std::vector<Spans> &cells, int at) const;
  const Value *wanted(const std::vector<const Value *> &values, const Issue &issue, bool &empty,
                      const Strip &strip) const;
  void placeIn(llvm::MachineFunction &mf, const Strip &strip, const std::vector<Spans> &cells,
               const std::vector<Write> &writes);

  std::map<const llvm::MachineBasicBlock *, std::vector<Value>> values_;
  std::map<size_t, size_t> names_; ///< cells by what they are
  std::vector<size_t> cells_;
  std::map<Writer, const llvm::MachineBasicBlock *> homes_;
  std::set<std::pair<Writer, size_t>> moved_; ///< writers that do not always write that cell
};

} // namespace ashlar::codegen::schedule
