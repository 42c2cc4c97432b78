// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Shared by the files of the verifier.
#pragma once

#include "codegen/verify/verify.h"

namespace ashlar::codegen::verify {

/// What later pieces read of each piece's results.
std::vector<Units> liveAtEnd(const std::vector<Piece> &function);

/// Something issued before a piece: -1 is the bundle in front of it.
struct Under {
  isa::Inst inst;
  bool memory = false, stores = false;
  int time = 0;
  bool operator==(const Under &) const = default;
};

/// One piece with a given number of runs of its middle.
class Replay {
public:
  /// `matters`: units that anybody reads; `live`: those that are read behind the piece.
  Replay(const Piece &piece, int runs, const std::vector<Under> &before, const Units &live,
         const Units &matters);
  std::optional<std::string> check();
  /// What is under way at the end.
  std::vector<Under> after() const;

private:
  struct Event {
    size_t order; ///< in the program
    int time;
    const isa::Inst *inst;
    size_t step;
    size_t round;
  };
  /// Where a unit's value comes from: the write `access` of the event, part `part`; or the entry.
  struct Source {
    long event = -1; ///< -1: the entry's value of unit `part`
    int access = 0, part = 0;
    bool operator==(const Source &) const = default;
  };
  std::string text(const Event &e) const;
  std::string text(long event) const;
  std::optional<std::string> problem_; ///< found while placing
  void place();
  std::optional<std::string> registers();
  std::optional<std::string> units();
  std::optional<std::string> memory();
  std::optional<std::string> control();

  const Piece &piece_;
  int runs_;
  const std::vector<Under> &before_;
  const Units &live_, &matters_;
  std::vector<const Line *> lines_;
  std::vector<Event> events_; ///< in program order
};

} // namespace ashlar::codegen::verify
