// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What a configuration leaves in the array: registers, memory images, queue pushes. The checks read
// this instead of the list of writes.
#pragma once

#include "analysis/analysis.h"
#include "device/bd.h"
#include "device/ports.h"
#include "device/registers.h"

#include <map>

namespace ashlar::analysis {

using device::DmaDirection;
using device::TileId;
using device::TileKind;

struct Push {
  DmaDirection direction = DmaDirection::S2MM;
  int channel = 0;
  int bd = 0;
  int repeat = 1; ///< executions
  bool token = false;
  uint64_t offset = 0; ///< where in the file
};

struct TileModel {
  TileId id;
  TileKind kind = TileKind::Core;
  std::map<uint32_t, uint32_t> registers;
  std::vector<Push> pushes;
  Bytes program; ///< core: program memory up to the last byte written
  bool hasProgram = false;
  uint32_t programEnd = 0; ///< beyond program memory when a write went there
  struct Extent {
    uint32_t start, end;
  };
  std::vector<Extent> data; ///< data memory that configuration fills

  bool enabled() const;
  /// The BD as its registers say; nothing when no word of it was written.
  std::optional<device::Bd> bd(int id) const;
  std::optional<uint32_t> lockInit(int id) const;
  uint32_t reg(uint32_t offset) const {
    const auto it = registers.find(offset);
    return it == registers.end() ? 0 : it->second;
  }
};

struct Model {
  std::map<TileId, TileModel> tiles;

  TileModel &tile(TileId id);
  const TileModel *find(TileId id) const {
    const auto it = tiles.find(id);
    return it == tiles.end() ? nullptr : &it->second;
  }
  void write(uint32_t address, uint32_t value, uint64_t offset);
  void maskWrite(uint32_t address, uint32_t value, uint32_t mask, uint64_t offset);
  void writeBlock(uint32_t address, std::span<const uint32_t> words, uint64_t offset);
};
Model modelOf(const load::Configuration &configuration);
/// What a stream's operation does to registers; patches, waits and the like do nothing here.
void applyOperation(Model &model, const load::Operation &operation);

/// The queue register's meaning; nothing when `offset` is no start queue of this tile kind.
std::optional<Push> pushOf(TileKind kind, uint32_t offset, uint32_t value);

/// Names and places of the design for tiles' things, when there is a plan.
class Names {
public:
  Names(const plan::Plan *plan, std::string file) : plan_(plan), file_(std::move(file)) {}
  Place core(TileId tile) const;
  Place channel(TileId tile, DmaDirection direction, int channel, uint64_t offset = 0) const;
  Place at(uint64_t offset) const { return Place::atOffset(file_, offset); }
  Place file() const { return Place::at(file_); }
  std::string lock(TileId tile, int id) const;             ///< "lock 3" or "lock `of_prod_lock`"
  std::string buffer(TileId tile, uint32_t address) const; ///< "" or " (`of_buff_0`)"
  uint32_t stackSize(TileId tile) const;                   ///< 0 = unknown
  const plan::Plan *plan() const { return plan_; }

private:
  const plan::Plan *plan_;
  std::string file_;
};

/// "core (0,2)", "shim (0,0)".
std::string tileText(TileId tile);
std::string channelText(TileId tile, DmaDirection direction, int channel);

/// The plan's sequence that a stream is: the only one, or the one of as many operations.
const plan::RuntimeSequence *sequenceOf(const plan::Plan *plan, const load::Stream &stream);

/// A lock operation of a core's program.
struct LockUse {
  TileId tile; ///< whose lock
  int id = 0;
  bool acquire = false;
};
/// What a program does, as far as its code shows: only what is reachable from address 0.
struct ProgramFacts {
  std::vector<LockUse> locks;
  bool usesUnknownLocks = false; ///< a lock id in a register
  bool usesStreams = false;
};

// One file each.
ProgramFacts checkProgram(const TileModel &tile, const Names &names, Diagnostics &findings);
void checkDma(const Model &model, const std::map<TileId, ProgramFacts> &programs,
              std::span<const load::Stream> streams, const Names &names, Diagnostics &findings);
void checkLockBalance(const Model &model, const Names &names, Diagnostics &findings);
void checkRoutes(const Model &model, const Names &names, Diagnostics &findings);

/// The tiles and channels that a stream from this port can reach. `packet` is the header's id for
/// packet-switched traffic, -1 for circuit-switched.
struct Destination {
  TileId tile;
  device::SwitchPort port; ///< Dma, Core, Ctrl, or South of a shim that no mux joins
  DmaDirection direction = DmaDirection::S2MM;
};
struct Passage { ///< through one switch
  TileId tile;
  device::SwitchPort in, out;
};
struct Trace {
  std::vector<Destination> ends;
  std::vector<Passage> hops;
  std::vector<std::string> drops; ///< where the stream stops without an end, in words
};
Trace traceFrom(const Model &model, TileId tile, device::SwitchPort slave, int packet);
/// The slave port of the switch that a DMA channel's output enters; nothing when a shim's
/// multiplexer does not join it.
std::optional<device::SwitchPort> outputPort(const TileModel &tile, int channel);

} // namespace ashlar::analysis
