// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// One aie.device as plain data, between the design and the plan. Each pass of lowering fills in
// what is still open: object FIFOs become pools, DMA programs and flows; locks, BDs and buffers get
// numbers; flows become switch settings. Lists keep an `Order`: the place that the vendor's flow
// gives an entry in its lowered design, because packages are written in that order.
#pragma once

#include "design/ir.h"
#include "device/registers.h"
#include "lower/lower.h"

#include <llvm/ADT/DenseMap.h>
#include <map>
#include <set>

namespace ashlar::lower {

using device::DmaDirection;
using device::TileId;
using device::TileKind;
using plan::Port;

/// Position in the lowered design: the operation's ordinal in the device, then a tie-breaker for
/// what was inserted there (negative: later insertions come first).
struct Order {
  int ordinal = 0;
  int64_t sub = 0;
  auto operator<=>(const Order &) const = default;
};
inline constexpr int kOrderEnd = INT32_MAX;

/// Element type and extent of a memref.
struct ElementInfo {
  int bits = 8;
  int64_t elements = 0;
  std::string name; ///< "bf16", "i32", ...
  std::vector<int64_t> shape;
  int64_t bytes() const { return elements * bits / 8; }
};
Result<ElementInfo> elementInfo(mlir::Type type, const Place &place);

struct Tile {
  TileId id;
  std::optional<int> controller;
  std::string scheme;
  Order order;
  Place place;
};
struct Lock {
  TileId tile;
  std::string name;
  std::optional<int> id, init;
  Order order;
  Place place;
};
struct Buffer {
  TileId tile;
  std::string name;
  ElementInfo type;
  std::optional<int64_t> address;
  std::optional<int> bank;
  std::vector<uint8_t> init;
  Order order;
  Place place;
  mlir::Type memref;
  std::string fifo; ///< the object FIFO it belongs to
};

inline constexpr char kZerosOnly[] =
    "leave it 0: the memtiles of this NPU pad with zeros; the register for another value "
    "(CONSTANT_PAD_VALUE) is that of the next generation, npu2";

struct LockUse {
  int lock = -1;
  int value = 0; ///< as the register wants it: acquire negative = at least; release positive
};
/// A buffer descriptor as the language has it: offset, length, sizes and strides in elements,
/// dimensions outermost first.
struct BdDesc {
  int buffer = -1;                ///< index into Model::buffers
  std::optional<int64_t> address; ///< external memory, instead of a buffer
  int argument = -1;              ///< argument of the runtime sequence, instead of a buffer
  int elementBits = 32;
  int64_t offset = 0, length = 0;
  std::vector<std::pair<int64_t, int64_t>> dims;   ///< size, stride
  std::vector<std::pair<int64_t, int64_t>> pads;   ///< before, after
  std::optional<std::pair<int, int>> packet;       ///< type, id
  std::optional<std::array<int64_t, 3>> iteration; ///< size, stride, current
  std::optional<LockUse> acquire, release;
  std::optional<int> id;
  int burst = 0; ///< bytes; 0 = longest
  int outOfOrderId = 0;
  std::string what;
};
struct DmaBlock {
  enum Kind : uint8_t { Start, Bd, End } kind = End;
  DmaDirection direction = DmaDirection::S2MM;
  int channel = 0, repeat = 0; ///< Start
  BdDesc bd;
  int next = -1;  ///< Start: first BD; Bd: following block; -1: none
  int chain = -1; ///< Start: the next start
  Place place;
};
struct DmaProgram {
  TileId tile;
  std::vector<DmaBlock> blocks;
  Order order;
  Place place;
};

struct PortAt {
  TileId tile;
  Port port;
  auto operator<=>(const PortAt &) const = default;
  std::string str() const; ///< "(0,2) DMA 0"
};
struct Flow {
  PortAt source, dest;
  Order order;
  Place place;
  std::string what; ///< the FIFO, for messages
};
struct PacketFlow {
  int id = 0;
  std::vector<PortAt> sources, dests;
  std::optional<bool> keepHeader;
  bool priority = false;
  Order order;
  Place place;
};
struct CascadeFlow {
  TileId source, dest;
  Place place;
};
struct ShimAllocation {
  std::string name;
  TileId tile;
  DmaDirection direction = DmaDirection::MM2S;
  int channel = 0;
  std::optional<std::pair<int, int>> packet;
  Place place;
};

using Dims = std::vector<std::pair<int64_t, int64_t>>;
struct Fifo {
  std::string name;
  TileId producer;
  std::vector<TileId> consumers;
  std::vector<int64_t> depths;
  bool depthArray = false;
  mlir::Type memref;
  ElementInfo type;
  mlir::Type takenMemref; ///< what consumers take, where that is not `memref`
  std::optional<ElementInfo> takenType;
  bool packets = false; ///< over packet-switched routes
  std::optional<int> packetId;
  Dims dimsTo, pads;
  std::vector<Dims> dimsFrom; ///< one a consumer
  bool viaDma = false, noSync = false;
  std::optional<int> repeat, iterCount;
  std::vector<std::vector<uint8_t>> init;
  std::optional<int> stream, streamPort;
  std::optional<int> producerChannel;
  std::vector<int64_t> consumerChannels;
  std::optional<TileId> delegate; ///< objectfifo.allocate
  std::string padValue;
  Order order;
  Place place;
};
struct Link {
  std::vector<std::string> ins, outs;
  std::vector<int64_t> srcOffsets, dstOffsets;
  Place place;
};
/// What cores on a tile see of an object FIFO.
struct Pool {
  std::vector<int> buffers;
  int prodLock = -1, consLock = -1;
  int repeat = 1;
  int depth = 0; ///< of this end
};

/// What starts an object FIFO anew: its channels and locks inside the array.
struct Rearm {
  std::vector<std::tuple<TileId, DmaDirection, int>> channels;
  std::vector<int> locks;
};

struct Core {
  TileId tile;
  mlir::Operation *op = nullptr;
  uint32_t stack = 0;
  std::vector<std::string> linkWith;
  std::string elfFile;
  std::optional<bool> dynamicFifos;
  Order order;
  Place place;
};
struct Sequence {
  std::string name;
  mlir::Operation *op = nullptr;
  Place place;
};
/// The settings of one trace unit.
struct TraceUnit {
  std::string name;
  TileId tile;
  device::Module module = device::Module::Core;
  std::optional<int> packetId, startBroadcast, stopBroadcast;
  int startEvent = 0, stopEvent = 0;
  uint32_t mode = 0;
  std::vector<std::pair<uint32_t, uint32_t>> writes; ///< tile offset, value
  size_t controlAt = 0;                              ///< where the control registers belong
  bool finished = false; ///< all writes are known; a flow exists or is the design's own matter
  Place place;
};
/// Where traces are collected, as the runtime sequence says.
struct TraceHost {
  mlir::Operation *op = nullptr; ///< aie.trace.host_config
  int64_t bytes = 0;
  bool reuseOutput = false;
  TileId shim;
  int channel = 0;
  std::optional<int> startBroadcast, stopBroadcast;
  Place place;
};
/// A switch or shim multiplexer written by hand.
struct HandSwitch {
  plan::Switchbox box;
  Order order;
  Place place;
};

struct Model {
  std::string device, name;
  int columns = 0;
  mlir::Operation *op = nullptr;
  std::vector<Tile> tiles;
  std::vector<Lock> locks;
  std::vector<Buffer> buffers;
  std::vector<DmaProgram> dmas;
  std::vector<Flow> flows;
  std::vector<PacketFlow> packetFlows;
  std::vector<CascadeFlow> cascadeFlows;
  std::vector<plan::Cascade> cascades;
  std::vector<ShimAllocation> shimAllocations;
  std::vector<Fifo> fifos;
  std::vector<Link> links;
  std::vector<Core> cores;
  std::vector<Sequence> sequences;
  std::vector<TraceUnit> traces;
  std::optional<TraceHost> traceHost;
  std::vector<HandSwitch> switches;
  std::vector<plan::ShimMux> shimMuxes;
  std::vector<plan::ControlRoute> controlRoutes;
  std::vector<plan::Fifo> reportFifos;
  /// (FIFO name, tile) -> the pool that a core on that tile uses.
  std::map<std::pair<std::string, TileId>, Pool> pools;
  std::map<std::string, Rearm> rearms; ///< by FIFO name
  int lastTileOrdinal = -1;

  llvm::DenseMap<mlir::Value, TileId> tileOf;
  llvm::DenseMap<mlir::Value, int> lockOf, bufferOf;

  Diagnostics errors;
  Diagnostics *warnings = nullptr;

  void fail(std::string code, Place place, std::string message, std::string remedy = {},
            std::vector<std::string> notes = {}) {
    Diagnostic d = error(std::move(code), std::move(place), std::move(message), std::move(remedy));
    d.notes = std::move(notes);
    errors.push_back(std::move(d));
  }
  void warn(std::string code, Place place, std::string message, std::string remedy = {}) {
    warnings->push_back(
        warning(std::move(code), std::move(place), std::move(message), std::move(remedy)));
  }
  bool exists(TileId t) const {
    return t.col >= 0 && t.col < columns && t.row >= 0 && t.row < device::kRows;
  }
  const Core *coreAt(TileId t) const {
    for (const Core &c : cores)
      if (c.tile == t) return &c;
    return nullptr;
  }
  const ShimAllocation *shimAllocation(const std::string &name) const;
};

/// Orders a list of things that have an `order`, keeping ties as they are.
template <class T> std::vector<int> inOrder(const std::vector<T> &items) {
  std::vector<int> index(items.size());
  for (size_t i = 0; i < index.size(); ++i) index[i] = static_cast<int>(i);
  std::stable_sort(index.begin(), index.end(),
                   [&](int a, int b) { return items[a].order < items[b].order; });
  return index;
}

/// Who has the locks of a tile, a line each.
std::vector<std::string> lockUsers(const Model &model, TileId tile); // allocate.cpp
/// Memtile channels from here on reach their own tile only.
inline constexpr int kFirstLocalChannel = 4;

/// Whether the core of `core` can reach the memory and locks of `memory`.
bool coreReaches(TileId core, TileId memory);

// --- the passes, in the order they run ----------------------------------------------------------
void readDevice(Model &model, mlir::Operation *device); // read.cpp
/// Operations that stand for others become those, in the design itself.
void expandShorthands(Model &model, mlir::Operation *device); // expand.cpp
void expandPools(Model &model, mlir::Operation *device);      // pools.cpp
/// What a core acquires by the name of an endpoint.
void readCoreEndpoint(Model &model, mlir::Operation *op, TileId tile); // pools.cpp
/// Where the logical tiles of a device go; empty when it has none.
std::map<mlir::Operation *, TileId> placeTiles(Model &model, mlir::Operation *device); // place.cpp
DmaProgram readDmaProgram(Model &model, mlir::Operation *op); // read_dma.cpp
/// The integer that a value is, when it is a constant.
std::optional<int64_t> constantOf(mlir::Value value);
using ValueOf = llvm::function_ref<std::optional<int64_t>(mlir::Value)>;
/// `valueOf` finds what operands of the descriptor are.
BdDesc readBd(Model &model, mlir::Operation *op, TileKind kind, ValueOf valueOf = constantOf);
void expandFifos(Model &model, const Options &options);      // fifo.cpp
void lowerCascades(Model &model);                            // overlay.cpp
void assignLocks(Model &model);                              // allocate.cpp
void assignBds(Model &model);                                // allocate.cpp
void assignControllers(Model &model);                        // overlay.cpp
void addControlOverlay(Model &model);                        // overlay.cpp
void addControlRoutes(Model &model, const Options &options); // overlay.cpp
/// Whether task-complete tokens use this packet id.
bool isTokenId(int packetId);                               // overlay.cpp
void assignAddresses(Model &model, const Options &options); // allocate.cpp
void route(Model &model, plan::Plan &plan);                 // switches.cpp
/// A BD's fields as the hardware has them. `id` of the next BD is the caller's.
Result<device::Bd> lowerBd(const Model &model, const BdDesc &desc, TileId tile,
                           DmaDirection direction, const Place &place); // bd.cpp
/// By name: the device that is lowered and those that its sequences configure.
using Devices = std::map<std::string, Model *>;
void lowerSequences(Model &model, const Devices &devices, const Options &options,
                    plan::Plan &plan); // sequence.cpp
Result<std::unique_ptr<llvm::Module>> compileCore(Model &model, const Core &core, plan::Core &out,
                                                  const Options &options,
                                                  llvm::LLVMContext &context); // core.cpp

/// The lowered design as text, before (`routed` false) or after routing.
std::string printModel(const Model &model, const plan::Plan &plan, bool routed); // print.cpp

} // namespace ashlar::lower
