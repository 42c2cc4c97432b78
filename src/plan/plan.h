// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The plan: what lowering hands to linking and packaging. Plain data with every decision taken
// (addresses, lock and BD ids, channels, routes), in the order that packaging must keep. It has a
// text form (JSON, plan/text.h) that can be printed, read back and diffed. Left of it needs LLVM
// and MLIR, right of it neither.
#pragma once

#include "base/diagnostic.h"
#include "device/bd.h"
#include "device/geometry.h"

#include <variant>

namespace ashlar::plan {

using device::Bd;
using device::DmaDirection;
using device::TileId;

struct Tile {
  TileId id;
  std::optional<uint8_t> controllerId; ///< packet id of its task-complete tokens
};

struct Buffer {
  std::string name;
  TileId tile;
  uint32_t address = 0;      ///< tile-local byte address
  uint32_t size = 0;         ///< bytes
  std::vector<uint8_t> init; ///< empty or exactly `size` bytes
  Place place;
};

struct Lock {
  std::string name;
  TileId tile;
  int id = 0;
  std::optional<int> init; ///< absent: configuration does not write it
  Place place;
};

/// A symbol that a core's program sees: a buffer of its own or a neighbouring tile.
struct CoreSymbol {
  std::string name;
  uint32_t address = 0; ///< in the core's address space (0x40000..0x7FFFF)
  uint32_t size = 0;
};

struct Core {
  TileId tile;
  std::string function; ///< "core_0_2", the function that plays main
  uint32_t stackSize = device::kDefaultStackBytes;
  uint32_t dataStart = 0;            ///< tile-local: first byte after stack and static buffers
  std::vector<std::string> linkWith; ///< object names as written in the design, in order, unique
  std::string elfFile; ///< non-empty: the core's program is this file, not compiled here
  std::vector<CoreSymbol> symbols;
  Place place;
};

struct BdSlot {
  int id = 0;
  Bd bd;
  std::string buffer; ///< name, for people
  Place place;
};
struct DmaStart {
  DmaDirection direction = DmaDirection::S2MM;
  int channel = 0;
  int firstBd = 0;
  int repeat = 0; ///< queue field: executions - 1
  bool token = false;
  bool outOfOrder = false;
  bool finishOnTlast = false;
  Place place;
};
/// One aie.mem, aie.memtile_dma or aie.shim_dma. Packaging writes the BDs in this order, then the
/// starts.
struct DmaProgram {
  TileId tile;
  std::vector<BdSlot> bds;
  std::vector<DmaStart> starts;
};

/// Order and numbers as in the input language's WireBundle.
enum class Bundle : uint8_t {
  Core,
  DMA,
  FIFO,
  South,
  West,
  North,
  East,
  PLIO,
  NOC,
  Trace,
  TileControl
};
const char *bundleName(Bundle b);
struct Port {
  Bundle bundle = Bundle::Core;
  int channel = 0;
  auto operator<=>(const Port &) const = default;
};
struct Connect {
  Port source, dest;
};
struct MasterSet {
  Port dest;
  int arbiter = 0;
  uint8_t mselMask = 0;           ///< bit m: packets of msel m pass
  std::optional<bool> keepHeader; ///< absent: the default of the destination
};
struct PacketRule {
  uint8_t mask = 31, id = 0;
  int arbiter = 0, msel = 0;
};
struct PacketRules {
  Port source;
  std::vector<PacketRule> rules;
};
struct Switchbox {
  TileId tile;
  std::vector<Connect> connects;
  std::vector<MasterSet> masterSets;
  std::vector<PacketRules> packetRules;
};
struct ShimMux {
  TileId tile;
  std::vector<Connect> connects;
};
struct Cascade {
  TileId tile;
  Port input, output;
}; ///< bundles West/North in, South/East out

/// Where a shim end of a flow is: the runtime sequence and the emulator's reports name it.
struct ShimAllocation {
  std::string name;
  TileId tile;
  DmaDirection direction = DmaDirection::MM2S;
  int channel = 0;
  Place place;
};
/// How control packets from host memory reach a tile: the shim DMA channel they leave by and the
/// packet they travel in.
struct ControlRoute {
  TileId tile, shim;
  int channel = 0; ///< MM2S
  uint8_t type = 0, id = 0;
};
/// For people: reports and diagnostics speak of FIFOs, not of locks.
struct Fifo {
  std::string name;
  TileId producer;
  std::vector<TileId> consumers;
  uint32_t objectBytes = 0;
  std::vector<uint32_t> depths;
  Place place;
};

// --- run-time instruction stream, one op a TXN operation -------------------------------------
struct Write32 {
  uint32_t address = 0, value = 0;
};
struct MaskWrite32 {
  uint32_t address = 0, value = 0, mask = 0;
};
struct BlockWrite {
  uint32_t address = 0;
  std::vector<uint32_t> words;
};
/// Adds the address of buffer argument `argument` plus `offset` bytes to the BD address words at
/// `address`.
struct AddressPatch {
  uint32_t address = 0, argument = 0;
  uint64_t offset = 0;
};
struct Sync {
  DmaDirection direction = DmaDirection::S2MM;
  int channel = 0, column = 0, row = 0, columns = 1, rows = 1;
};
/// With `device`, that device is configured here: packaging writes its configuration into the
/// stream (package/switch_over.cpp), unless it is `loaded`, with the package or by control packets.
struct LoadPdi {
  uint32_t id = 0;
  uint32_t size = 0;
  uint64_t address = 0;
  std::string device;
  bool loaded = false;
};
struct Preempt {
  uint32_t level = 0;
};
using SequenceOpKind =
    std::variant<Write32, MaskWrite32, BlockWrite, AddressPatch, Sync, LoadPdi, Preempt>;
struct SequenceOp {
  SequenceOpKind op;
  Place place;
};

struct Argument {
  std::string name;
  uint64_t bytes = 0;      ///< declared size
  std::string elementType; ///< "bf16", "i32", ...
  std::vector<int64_t> shape;
  bool read = false, written = false; ///< by transfers of the sequence
};
struct RuntimeSequence {
  std::string name;
  std::vector<Argument> arguments; ///< buffer arguments, in order: index = AddressPatch::argument
  std::vector<SequenceOp> ops;
  /// Control packets that the host passes as the last buffer argument, when there are any.
  std::vector<uint32_t> controlWords;
};

struct Plan {
  std::string device = "npu1"; ///< device enum as written
  std::string name = "main";   ///< device symbol
  int columns = 4;
  std::vector<Tile> tiles;     ///< order of the design's aie.tile operations
  std::vector<Buffer> buffers; ///< this and the rest: order of the lowered design
  std::vector<Lock> locks;
  std::vector<Core> cores;
  std::vector<DmaProgram> dmas; ///< all core mems, then memtiles, then shims
  std::vector<Switchbox> switchboxes;
  std::vector<ShimMux> shimMuxes;
  std::vector<Cascade> cascades;
  std::vector<ShimAllocation> shimAllocations;
  std::vector<ControlRoute> controlRoutes;
  std::vector<Fifo> fifos;
  std::vector<RuntimeSequence> sequences;
  /// Devices that the sequences configure beside this one; they have no sequences of their own.
  std::vector<Plan> others;
};

/// The plan's own device and the others, as plans of one device each.
std::vector<const Plan *> devicesOf(const Plan &plan);

} // namespace ashlar::plan
