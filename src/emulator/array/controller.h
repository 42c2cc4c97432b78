// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The NPU's controller: executes the operations of an instruction stream one after the other, each
// with its cost, and waits for task-complete tokens, which reach it through the stream network.
#pragma once

#include "base/result.h"
#include "emulator/tile/tile.h"

#include <variant>

namespace ashlar::emulator {

/// Operations as the firmware executes them; addresses are partition-relative.
struct WriteOp {
  uint32_t address = 0, value = 0;
};
struct MaskWriteOp {
  uint32_t address = 0, value = 0, mask = 0;
};
struct BlockWriteOp {
  uint32_t address = 0;
  std::vector<uint32_t> words;
};
struct BlockFillOp {
  uint32_t address = 0, value = 0, words = 0;
};
struct PollOp {
  uint32_t address = 0, value = 0, mask = 0;
};
struct DelayOp {
  uint32_t cycles = 0;
};
/// Puts a buffer's address into the BD address words at `address` (low 32) and `address` + 4,
/// whatever they held: a sequence may patch one BD again and again.
struct PatchOp {
  uint32_t address = 0, argument = 0;
  uint64_t offset = 0;
};
struct SyncOp {
  device::DmaDirection direction = device::DmaDirection::S2MM;
  int channel = 0, column = 0, row = 0, columns = 1, rows = 1;
};
struct NoOp {};
using ControllerOpKind = std::variant<WriteOp, MaskWriteOp, BlockWriteOp, BlockFillOp, PollOp,
                                      DelayOp, PatchOp, SyncOp, NoOp>;
struct ControllerOp {
  ControllerOpKind op;
  uint64_t offset = 0; ///< in the instruction stream, for messages
};

class Controller;

/// Reads the tokens that arrive at South 0 of one shim.
class TokenSink : public Component {
public:
  TokenSink(Controller &controller, Tile &shim) : controller_(controller), shim_(shim) {}
  uint64_t step(uint64_t now) override;

private:
  Controller &controller_;
  Tile &shim_;
};

class Controller : public Component {
public:
  explicit Controller(Fabric &fabric) : fabric_(fabric) {}

  /// `arguments`: device addresses of the buffers, by argument index.
  void start(std::vector<ControllerOp> ops, std::vector<uint64_t> arguments);
  bool done() const { return next_ >= ops_.size(); }
  void token(Tile::Token t);
  void queueMoved();
  uint64_t step(uint64_t now) override;

  size_t position() const { return next_; }
  size_t size() const { return ops_.size(); }
  const ControllerOp *current() const { return done() ? nullptr : &ops_[next_]; }
  /// The tokens that the current sync still lacks.
  std::vector<Tile::Token> missing() const;
  /// The channel whose start queue is full, if that is what it waits for.
  DmaChannel *fullQueue() const { return fullQueue_; }
  bool polling() const { return polling_; }
  uint64_t busyCycles() const { return busy_; }

private:
  Tile *target(uint32_t address, uint64_t offset);
  DmaChannel *queueOf(uint32_t address);
  bool sync(const SyncOp &op);

  Fabric &fabric_;
  std::vector<ControllerOp> ops_;
  std::vector<uint64_t> arguments_;
  std::vector<Tile::Token> tokens_; ///< arrived and not yet waited for
  size_t next_ = 0;
  uint64_t busyUntil_ = 0, gate_ = 0, busy_ = 0;
  bool polling_ = false;
  DmaChannel *fullQueue_ = nullptr;
};

} // namespace ashlar::emulator
