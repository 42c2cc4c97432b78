// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What a core's program does to locks, without what it computes: a graph whose edges are lock
// operations. It is read from the machine code by following it with the values of registers as far
// as they are known, so that counted loops have their count; where a branch depends on data there
// are two edges. Code that touches no lock is stepped over.
#pragma once

#include "analysis/model.h"
#include "isa/isa.h"

namespace ashlar::analysis {

struct LockStep {
  TileId tile; ///< whose lock
  int id = 0;
  bool acquire = false;
  int value = 0; ///< as the instruction has it: acquire < 0 waits for at least -value
  uint32_t pc = 0;
};

class Skeleton {
public:
  explicit Skeleton(const TileModel &tile);
  ~Skeleton();

  struct Edge {
    LockStep step;
    int to = 0;
  };
  struct Node {
    std::vector<Edge> edges;
    bool mayEnd = false; ///< the core can stop, or compute for ever, without another lock
  };
  /// Node 0 is the start. A reference holds until the next call.
  const Node &node(int index);
  /// False once something was met that cannot be followed: a lock or a target in a register of
  /// unknown value.
  bool known() const { return unknown_.empty(); }
  const std::string &unknown() const { return unknown_; }

private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
  std::string unknown_;
};

/// The tile and number of a lock as a core's instructions have it.
std::pair<TileId, int> coreLock(TileId core, int id);

} // namespace ashlar::analysis
