// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The interpreter of runtime sequences, shared by the files that each know one kind of operation.
#pragma once

#include "lower/model.h"
#include "lower/split.h"

#include <mlir/IR/Operation.h>

namespace ashlar::lower {

inline constexpr int64_t kMaxSequenceSteps = 1 << 20;
inline constexpr int kMaxTaskRepeat = 255;

/// Where a memref of the sequence lies: an argument and a byte offset, or a constant table.
struct Memory {
  int argument = -1;
  int64_t offset = 0;
  mlir::Operation *global = nullptr;
};

struct Task {
  TileId tile;
  DmaDirection direction = DmaDirection::MM2S;
  int channel = 0;
  int firstBd = 0;
  int repeat = 0;
  bool token = false;
  std::vector<int> bds;
  bool freed = false, awaited = false; ///< `awaited`: it was freed by waiting for it
};

/// One transfer between an argument and the array.
struct Transfer {
  const ShimAllocation *allocation = nullptr;
  int argument = 0, bits = 32, id = 0;
  bool token = false;
};

/// What the interpreters of one stream, one a configured device, have in common.
struct Stream {
  const Devices &devices;
  std::string package;    ///< the device that the package holds
  std::string configured; ///< the one that the array is configured as at this point
  bool changed = false;   ///< something has been configured by the stream
  std::vector<mlir::Operation *> running{}; ///< sequences that are entered
  int64_t steps = 0;
};

class SequenceInterpreter {
public:
  SequenceInterpreter(Model &model, const Options &options, plan::RuntimeSequence &out,
                      Stream &stream)
      : m_(model), out_(out), options_(options), stream_(stream) {}
  void run(const Sequence &sequence);

private:
  using Operation = mlir::Operation;
  using Value = mlir::Value;

  // sequence.cpp: control flow
  bool block(mlir::Block &block);
  bool op(Operation *op);
  bool loop(Operation *op);
  bool branch(Operation *op);
  bool configure(Operation *op);
  bool runOther(Operation *op);
  bool enter(const Sequence &sequence);
  bool become(Operation *op, const std::string &device);
  void notConfigured(Operation *op);
  void carry(Value from, Value to);
  void arguments();
  bool fail(Operation *op, std::string message, std::string remedy = {},
            std::string code = "bad-sequence", std::vector<std::string> notes = {}) {
    m_.fail(std::move(code), design::placeOf(op), std::move(message), std::move(remedy),
            std::move(notes));
    return false;
  }
  void emit(Operation *op, plan::SequenceOpKind kind) {
    out_.ops.push_back({std::move(kind), design::placeOf(op)});
  }

  // sequence_values.cpp: what values, memories and names stand for
  std::optional<int64_t> value(Value v);
  /// The same, with an error that says which run-time value is missing.
  std::optional<int64_t> known(Operation *op, Value v, llvm::StringRef what);
  /// Attribute `name`, or operand number `operand` when the operation has operands.
  std::optional<int64_t> field(Operation *op, llvm::StringRef name, int operand);
  std::optional<Memory> memory(Value v);
  std::optional<uint32_t> address(Operation *op, int64_t address);
  const ShimAllocation *allocation(Operation *op, const std::string &name);
  const Tile *tileModel(TileId id) const;

  // sequence_dma.cpp: transfers
  bool memcpyNd(Operation *op);
  Result<device::Bd> transferBd(Operation *op, const Transfer &transfer, const Pattern &pattern);
  bool writeTransfer(Operation *op, const Transfer &transfer, const device::Bd &bd,
                     int64_t byteOffset);
  bool startTransfer(Operation *op, const Transfer &transfer, const Pattern &pattern);
  bool splitIds(Operation *op, const ShimAllocation &a, int own, size_t count);
  bool wait(Operation *op);
  bool sync(Operation *op);
  bool pushQueue(Operation *op);
  bool rawBd(Operation *op);
  bool writeBd(Operation *op, TileId tile, int id, const device::Bd &bd);
  bool push(Operation *op, TileId tile, DmaDirection direction, int channel, int bd, int repeat,
            bool token);

  // sequence_tasks.cpp: tasks
  bool taskChannel(Operation *op, bool byName, Task &task);
  bool configureTask(Operation *op);
  bool configureChain(Operation *op);
  bool taskBody(Operation *op, mlir::Region &region, Task task, mlir::ValueRange chainArguments);
  bool task(Operation *op);
  int takeBd(Operation *op, TileId tile, int channel, std::optional<int> wanted);

  // sequence_registers.cpp: register writes
  bool write32(Operation *op);
  bool blockWrite(Operation *op);
  bool addressPatch(Operation *op);
  bool rtpWrite(Operation *op);
  bool loadPdi(Operation *op);
  bool setLock(Operation *op);
  bool clearMemory(Operation *op);
  bool controlPacket(Operation *op);

  // sequence_resets.cpp: resets, and what is demanded of values
  bool resetCore(Operation *op);
  bool resetChannel(Operation *op);
  bool resetFifo(Operation *op);
  bool assertField(Operation *op);
  void pulseChannel(Operation *op, TileId tile, DmaDirection direction, int channel);

  // sequence_trace.cpp: traces
  bool hasTraces() const;
  bool trace(Operation *op);
  void collectTraces(Operation *op);
  bool traceBuffer();
  void stopTraces();

  Model &m_;
  plan::RuntimeSequence &out_;
  const Sequence *sequence_ = nullptr; ///< the one that is carried out
  const Options &options_;
  Stream &stream_;
  SequenceInterpreter *configured_ = nullptr; ///< who carries out the sequences that aiex.run names
  llvm::DenseMap<Value, int64_t> env_;
  llvm::DenseMap<Value, Task> tasks_;
  llvm::DenseMap<Value, Memory> bound_; ///< arguments of instantiated BD chains
  std::map<TileId, std::set<int>> busy_;
  std::map<std::pair<TileId, int>, Place> taken_; ///< descriptors of tasks that are not freed
  /// Tokens that channels have sent and nobody has waited for; unknown after raw writes.
  std::map<std::tuple<TileId, DmaDirection, int>, int64_t> tokens_;
  bool rawWrites_ = false;
  std::map<Operation *, std::vector<int>> splitIds_;
  size_t traceArgument_ = 0;
  int nesting_ = 0;
};

} // namespace ashlar::lower
