// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The device of a design as plain data, with the rules that one operation alone can break.
#include "lower/trace.h"

#include "base/nearest.h"
#include "device/ports.h"

#include <mlir/Dialect/Func/IR/FuncOps.h>
#include <mlir/IR/BuiltinTypes.h>

using namespace mlir;
using ashlar::design::intAttr;
using ashlar::design::intAttrOr;
using ashlar::design::isOp;
using ashlar::design::opName;
using ashlar::design::placeOf;
using ashlar::design::strAttr;

namespace ashlar::lower {

std::string PortAt::str() const {
  return fmt::format("{} {} {}", tile.str(), plan::bundleName(port.bundle), port.channel);
}

const ShimAllocation *Model::shimAllocation(const std::string &wanted) const {
  for (const ShimAllocation &a : shimAllocations)
    if (a.name == wanted) return &a;
  // The sequence may name the object FIFO instead of the allocation made from it.
  for (const ShimAllocation &a : shimAllocations)
    if (a.name == wanted + "_shim_alloc") return &a;
  return nullptr;
}

bool coreReaches(TileId core, TileId memory) {
  const TileKind a = device::tileKind(core), b = device::tileKind(memory);
  if (a != b) return false;
  const int dc = memory.col - core.col, dr = memory.row - core.row;
  if (dc == 0 && dr == 0) return true;
  if (a == TileKind::Core) return (dc == 0 && (dr == 1 || dr == -1)) || (dc == -1 && dr == 0);
  return a == TileKind::Mem && dr == 0 && (dc == 1 || dc == -1);
}

Result<ElementInfo> elementInfo(Type type, const Place &place) {
  auto memref = dyn_cast<MemRefType>(type);
  if (!memref || !memref.hasStaticShape())
    return error("bad-type", place, "a buffer's type must be a memref of static shape");
  ElementInfo info;
  Type element = memref.getElementType();
  int lanes = 1;
  if (auto vector = dyn_cast<VectorType>(element)) {
    lanes = static_cast<int>(vector.getNumElements());
    element = vector.getElementType();
  }
  if (element.isIndex())
    info.bits = 32;
  else if (element.isIntOrFloat())
    info.bits = static_cast<int>(element.getIntOrFloatBitWidth());
  else
    return error("bad-type", place, "a buffer's elements must be integers or floats");
  llvm::raw_string_ostream(info.name) << element;
  if (info.bits < 8 && info.bits != 1 && info.bits != 2 && info.bits != 4)
    return error("bad-type", place, fmt::format("elements of {} bits cannot be stored", info.bits));
  if (info.bits == 1) info.bits = 8;
  info.bits *= lanes;
  int64_t elements = 1;
  for (int64_t extent : memref.getShape()) {
    if (extent <= 0 || elements > (int64_t(1) << 40) / extent)
      return error("bad-type", place, "a buffer's extents must be positive and of a sane size");
    elements *= extent;
    info.shape.push_back(extent);
  }
  info.elements = elements;
  return info;
}

namespace {

class Reader {
public:
  Reader(Model &model) : m_(model) {}
  void run(Operation *device);

private:
  TileId tileOf(Operation *op, unsigned operand) {
    Value value = op->getOperand(operand);
    auto it = m_.tileOf.find(value);
    if (it != m_.tileOf.end()) return it->second;
    m_.fail("bad-operand", placeOf(op),
            fmt::format("operand {} of {} must be an aie.tile of this device", operand + 1,
                        opName(op).str()));
    return {};
  }
  Port port(Operation *op, StringRef prefix) {
    static const char *names[] = {"Core", "DMA",  "FIFO", "South", "West",       "North",
                                  "East", "PLIO", "NOC",  "Trace", "TileControl"};
    Port p;
    const std::string word = strAttr(op, (prefix + "_bundle").str());
    for (int i = 0; i < 11; ++i)
      if (word == names[i]) p.bundle = static_cast<plan::Bundle>(i);
    p.channel = static_cast<int>(intAttrOr(op, (prefix + "_channel").str(), 0));
    return p;
  }
  static Dims dims(Attribute list, StringRef a, StringRef b) {
    Dims out;
    if (auto array = dyn_cast_or_null<ArrayAttr>(list))
      for (Attribute element : array)
        if (auto record = dyn_cast<design::RecordAttr>(element))
          out.emplace_back(record.field(a), record.field(b));
    return out;
  }
  std::vector<uint8_t> bytesOf(Attribute value, const ElementInfo &type, const Place &place);

  void readTile(Operation *op);
  void readLock(Operation *op);
  void readBuffer(Operation *op);
  void readFifo(Operation *op);
  void readCore(Operation *op);
  void readSwitch(Operation *op);
  void readPacketFlow(Operation *op);
  void readShimAllocation(Operation *op);
  void readBroadcast(Operation *op);
  void readOther(Operation *op);
  void readNested(Operation *op);

  Model &m_;
  int ordinal_ = 0;
  int64_t nested_ = 0; ///< position inside the operation at `ordinal_`
  int unnamed_ = 0;
  std::map<std::string, Place> symbols_;
  std::map<Operation *, TileId> placed_; ///< logical tiles
};

void Reader::readTile(Operation *op) {
  const Place place = placeOf(op);
  auto col = intAttr(op, "col"), row = intAttr(op, "row");
  if (auto placed = placed_.find(op); placed != placed_.end()) {
    col = placed->second.col;
    row = placed->second.row;
  }
  if (!col || !row) {
    m_.fail("bad-tile", place, "this tile has no place");
    return;
  }
  TileId id{static_cast<int>(std::clamp<int64_t>(*col, -1, 1000)),
            static_cast<int>(std::clamp<int64_t>(*row, -1, 1000))};
  if (!m_.exists(id)) {
    m_.fail("bad-tile", place,
            fmt::format("tile ({}, {}) is outside the device: {} has columns 0..{} and rows 0..{}",
                        *col, *row, m_.device, m_.columns - 1, device::kRows - 1));
  }
  m_.lastTileOrdinal = ordinal_;
  m_.tileOf[op->getResult(0)] = id;
  // A tile that nothing uses is not part of the program.
  if (op->getResult(0).use_empty()) return;
  for (Tile &t : m_.tiles)
    if (t.id == id) return;
  Tile t;
  t.id = id;
  t.order = {ordinal_, 0};
  t.place = place;
  t.scheme = strAttr(op, "allocation_scheme");
  if (auto controller = design::recordAttr(op, "controller_id"))
    t.controller = static_cast<int>(controller->field("pkt_id"));
  m_.tiles.push_back(std::move(t));
}

void Reader::readLock(Operation *op) {
  Lock lock;
  lock.tile = tileOf(op, 0);
  lock.place = placeOf(op);
  lock.name = strAttr(op, "sym_name");
  lock.order = {ordinal_, nested_};
  const int limit = device::lockCount(device::tileKind(lock.tile));
  if (auto id = intAttr(op, "id")) {
    if (*id < 0 || *id >= limit)
      m_.fail("bad-lock", lock.place,
              fmt::format("lock id {} does not exist: a {} tile has locks 0..{}", *id,
                          device::tileKindName(device::tileKind(lock.tile)), limit - 1));
    lock.id = static_cast<int>(std::clamp<int64_t>(*id, 0, limit - 1));
  }
  if (auto init = intAttr(op, "init")) {
    if (*init < 0 || *init > device::kMaxLockValue)
      m_.fail("bad-lock", lock.place,
              fmt::format("a lock's value is 0..{}, not {}", device::kMaxLockValue, *init));
    lock.init = static_cast<int>(std::clamp<int64_t>(*init, 0, device::kMaxLockValue));
  }
  if (lock.name.empty()) lock.name = fmt::format("_anonymous_lock{}", unnamed_++);
  m_.lockOf[op->getResult(0)] = static_cast<int>(m_.locks.size());
  m_.locks.push_back(std::move(lock));
}

std::vector<uint8_t> Reader::bytesOf(Attribute value, const ElementInfo &type, const Place &place) {
  std::vector<uint8_t> out;
  auto dense = dyn_cast_or_null<DenseElementsAttr>(value);
  if (!dense) {
    m_.fail("bad-initial-value", place, "an initial value must be a dense list of numbers");
    return out;
  }
  const int width = type.bits / 8;
  if (dense.getNumElements() != type.elements || width == 0 || type.bits % 8) {
    m_.fail("bad-initial-value", place,
            fmt::format("the initial value has {} elements, the buffer {}", dense.getNumElements(),
                        type.elements));
    return out;
  }
  out.reserve(static_cast<size_t>(type.bytes()));
  auto push = [&](const APInt &bits) {
    for (int b = 0; b < width; ++b)
      out.push_back(static_cast<unsigned>(b * 8) < bits.getBitWidth()
                        ? static_cast<uint8_t>(bits.extractBitsAsZExtValue(
                              std::min(8u, bits.getBitWidth() - static_cast<unsigned>(b * 8)),
                              static_cast<unsigned>(b * 8)))
                        : 0);
  };
  Type element = dense.getElementType();
  if (isa<FloatType>(element)) {
    for (const APFloat &v : dense.getValues<APFloat>()) push(v.bitcastToAPInt());
  } else if (isa<IntegerType, IndexType>(element)) {
    for (const APInt &v : dense.getValues<APInt>()) push(v);
  } else {
    m_.fail("bad-initial-value", place, "an initial value must be a dense list of numbers");
    out.clear();
  }
  return out;
}

void Reader::readBuffer(Operation *op) {
  Buffer b;
  b.tile = tileOf(op, 0);
  b.place = placeOf(op);
  b.name = strAttr(op, "sym_name");
  b.order = {ordinal_, nested_};
  b.memref = op->getResult(0).getType();
  auto type = elementInfo(b.memref, b.place);
  if (!type.ok()) {
    m_.errors.push_back(type.errors().front());
    return;
  }
  b.type = *type;
  if (device::tileKind(b.tile) == TileKind::Shim)
    m_.fail("bad-buffer", b.place, fmt::format("a shim tile has no memory for buffer '{}'", b.name),
            "put it in a memtile or core tile");
  if (auto address = intAttr(op, "address")) b.address = *address;
  if (auto bank = intAttr(op, "mem_bank")) b.bank = static_cast<int>(*bank);
  if (b.name.empty()) b.name = fmt::format("_anonymous{}", unnamed_++);
  if (Attribute initial = op->getAttr("initial_value")) b.init = bytesOf(initial, b.type, b.place);
  m_.bufferOf[op->getResult(0)] = static_cast<int>(m_.buffers.size());
  m_.buffers.push_back(std::move(b));
}

void Reader::readFifo(Operation *op) {
  Fifo f;
  f.place = placeOf(op);
  f.name = strAttr(op, "sym_name");
  f.order = {ordinal_, 0};
  f.producer = tileOf(op, 0);
  for (unsigned i = 1; i < op->getNumOperands(); ++i) f.consumers.push_back(tileOf(op, i));
  f.depths = design::intsAttr(op, "depths");
  f.depthArray = f.depths.size() > 1;
  f.memref = cast<TypeAttr>(op->getAttr("elem_type")).getValue();
  auto type = elementInfo(f.memref, f.place);
  if (!type.ok()) {
    m_.errors.push_back(type.errors().front());
    return;
  }
  f.type = *type;
  if (auto taken = op->getAttrOfType<TypeAttr>("consumer_elem_type")) {
    Type t = taken.getValue();
    auto box = dyn_cast<design::BoxType>(t);
    f.takenMemref = box ? box.inner() : t;
    auto info = elementInfo(f.takenMemref, f.place);
    if (!info.ok()) {
      m_.errors.push_back(info.errors().front());
      return;
    }
    f.takenType = *info;
    if (info->elements < 1 || f.type.bytes() % info->bytes() != 0)
      m_.fail("bad-fifo", f.place,
              fmt::format("object FIFO '{}' gives objects of {} bytes and its consumers take {}",
                          f.name, f.type.bytes(), info->bytes()),
              "make the producer's objects a multiple of the consumers'");
  }
  if (f.depthArray && f.depths.size() != 1 + f.consumers.size())
    m_.fail("bad-fifo", f.place,
            fmt::format("object FIFO '{}' gives {} depths for one producer and {} consumers",
                        f.name, f.depths.size(), f.consumers.size()));
  for (int64_t depth : f.depths)
    if (depth < 0 || depth > 4096)
      m_.fail("bad-fifo", f.place, fmt::format("object FIFO '{}' has depth {}", f.name, depth),
              "a depth is the number of objects it holds");
  f.dimsTo = dims(op->getAttr("dims_to"), "size", "stride");
  if (auto from = op->getAttrOfType<ArrayAttr>("dims_from"))
    for (Attribute one : from) f.dimsFrom.push_back(dims(one, "size", "stride"));
  f.dimsFrom.resize(f.consumers.size());
  Attribute pads =
      op->getAttr("padDimensions") ? op->getAttr("padDimensions") : op->getAttr("pad_dimensions");
  f.pads = dims(pads, "const_pad_before", "const_pad_after");
  f.viaDma = design::flagAttr(op, "via_DMA");
  // The oldest designs say which end's memory holds the objects.
  if (auto end = intAttr(op, "via_shared_mem"); end && !f.consumers.empty())
    f.delegate = *end == 0 ? f.producer : f.consumers[0];
  f.noSync = design::flagAttr(op, "disable_synchronization");
  if (auto n = intAttr(op, "repeat_count"))
    f.repeat = static_cast<int>(std::clamp<int64_t>(*n, 0, 1 << 20));
  if (auto n = intAttr(op, "iter_count"))
    f.iterCount = static_cast<int>(std::clamp<int64_t>(*n, 0, 1 << 20));
  if (auto n = intAttr(op, "aie_stream")) f.stream = static_cast<int>(*n);
  if (auto n = intAttr(op, "aie_stream_port")) f.streamPort = static_cast<int>(*n);
  if (auto n = intAttr(op, "prod_dma_channel")) f.producerChannel = static_cast<int>(*n);
  f.consumerChannels = design::intsAttr(op, "cons_dma_channels");
  if (auto values = op->getAttrOfType<ArrayAttr>("init_values"))
    for (Attribute value : values) f.init.push_back(bytesOf(value, f.type, f.place));
  if (!f.init.empty() && !f.depths.empty() && static_cast<int64_t>(f.init.size()) != f.depths[0])
    m_.fail("bad-fifo", f.place,
            fmt::format("object FIFO '{}' has {} initial values for {} objects", f.name,
                        f.init.size(), f.depths[0]));
  if (f.repeat && *f.repeat < 1)
    m_.fail("bad-fifo", f.place, fmt::format("repeat_count of '{}' must be at least 1", f.name));
  if (f.iterCount && (*f.iterCount < 1 || *f.iterCount > 256))
    m_.fail("bad-fifo", f.place, fmt::format("iter_count of '{}' must be 1..256", f.name));
  if (device::tileKind(f.producer) == TileKind::Shim && !f.dimsTo.empty())
    m_.fail("bad-fifo", f.place,
            fmt::format("object FIFO '{}' starts in a shim tile, which cannot have "
                        "dimensionsToStream",
                        f.name),
            "give the strides to dma_memcpy_nd in the runtime sequence");
  if (intAttrOr(op, "padValue", 0) != 0)
    m_.fail("unsupported-op", f.place,
            fmt::format("object FIFO '{}' pads with {}", f.name, intAttrOr(op, "padValue", 0)),
            kZerosOnly);
  if (f.stream) {
    const bool producer = *f.stream != 1, consumer = *f.stream != 0;
    const char *what =
        producer && !f.dimsTo.empty() ? "dimensionsToStream"
        : consumer && llvm::any_of(f.dimsFrom, [](const Dims &d) { return !d.empty(); })
            ? "dimensionsFromStream"
        : producer && f.repeat        ? "repeat_count"
        : producer && !f.init.empty() ? "initial values"
        : f.iterCount                 ? "iter_count"
                                      : nullptr;
    if (what)
      m_.fail("bad-fifo", f.place,
              fmt::format("object FIFO '{}' has {} at a core's stream port, which has no DMA",
                          f.name, what));
  }
  if (design::flagAttr(op, "plio"))
    m_.fail("unsupported-op", f.place,
            fmt::format("object FIFO '{}' asks for a PLIO, which this NPU does not have", f.name),
            "leave plio out: shim tiles reach memory by their DMA");
  f.packets = design::flagAttr(op, "packet");
  if (auto n = intAttr(op, "packet_id")) {
    f.packets = true;
    f.packetId = static_cast<int>(std::clamp<int64_t>(*n, -1, 32));
    if (*n < 0 || *n > 31)
      m_.fail("bad-fifo", f.place,
              fmt::format("object FIFO '{}' has packet id {}; ids are 0..31", f.name, *n));
  }
  m_.fifos.push_back(std::move(f));
}

void Reader::readCore(Operation *op) {
  Core core;
  core.op = op;
  core.tile = tileOf(op, 0);
  core.place = placeOf(op);
  core.order = {ordinal_, 0};
  core.stack = static_cast<uint32_t>(std::clamp<int64_t>(
      intAttrOr(op, "stack_size", device::kDefaultStackBytes), 0, device::kCoreMemoryBytes));
  if (device::tileKind(core.tile) != TileKind::Core) {
    m_.fail("bad-core", core.place,
            fmt::format("tile {} is a {} tile and has no core", core.tile.str(),
                        device::tileKindName(device::tileKind(core.tile))),
            fmt::format("cores are in rows {}..{}", device::kFirstCoreRow, device::kRows - 1));
    return;
  }
  if (const Core *other = m_.coreAt(core.tile))
    m_.fail("bad-core", core.place, fmt::format("tile {} already has a core", core.tile.str()), {},
            {other->place.str() + ": the first is here"});
  if (std::string object = strAttr(op, "link_with"); !object.empty())
    core.linkWith.push_back(object);
  for (const char *list : {"link_files", "link_merge_files"}) {
    const std::vector<std::string> objects = design::symsAttr(op, list);
    if (!objects.empty() && !strAttr(op, "link_with").empty())
      m_.fail("bad-core", core.place, fmt::format("the core has both link_with and {}", list),
              fmt::format("put all files into {}", list));
    for (const std::string &object : objects) {
      if (llvm::is_contained(core.linkWith, object))
        m_.fail("bad-core", core.place, fmt::format("'{}' would be linked twice", object));
      core.linkWith.push_back(object);
    }
  }
  core.elfFile = strAttr(op, "elf_file");
  if (auto dynamic = intAttr(op, "dynamic_objfifo_lowering")) core.dynamicFifos = *dynamic != 0;
  m_.cores.push_back(std::move(core));
}

/// Whether the multiplexers of a shim have this way between the DMA and the switch.
static bool joinedByShimMux(const plan::Connect &c) {
  const bool out = c.source.bundle == plan::Bundle::DMA;
  const Port &dma = out ? c.source : c.dest, &north = out ? c.dest : c.source;
  if (dma.bundle != plan::Bundle::DMA || north.bundle != plan::Bundle::North) return false;
  for (const device::ShimMuxField &f : out ? device::shimMuxFields() : device::shimDemuxFields())
    if (f.port.channel == north.channel && f.dmaChannel == dma.channel) return true;
  return false;
}

void Reader::readSwitch(Operation *op) {
  const TileId tile = tileOf(op, 0);
  const bool mux = isOp(op, "aie.shim_mux");
  HandSwitch hand;
  hand.box.tile = tile;
  hand.order = {ordinal_, 0};
  hand.place = placeOf(op);
  plan::ShimMux muxOut{tile, {}};
  llvm::DenseMap<Value, std::pair<int, int>> amsels;
  std::map<Port, Place> taken;
  auto take = [&](Port dest, const Place &place) {
    auto [it, fresh] = taken.emplace(dest, place);
    if (!fresh)
      m_.fail("bad-switch", place,
              fmt::format("{} {} of tile {} is connected twice", plan::bundleName(dest.bundle),
                          dest.channel, tile.str()),
              {}, {it->second.str() + ": the first connection is here"});
  };
  for (Operation &inner : op->getRegion(0).front()) {
    const Place place = placeOf(&inner);
    if (isOp(&inner, "aie.connect")) {
      plan::Connect c{port(&inner, "source"), port(&inner, "dest")};
      take(c.dest, place);
      if (mux && !joinedByShimMux(c))
        m_.fail("bad-switch", place,
                fmt::format("a shim_mux cannot join {} {} with {} {}",
                            plan::bundleName(c.source.bundle), c.source.channel,
                            plan::bundleName(c.dest.bundle), c.dest.channel),
                "it joins DMA 0 with North 3, DMA 1 with North 7, North 2 with DMA 0, and North 3 "
                "with DMA 1");
      (mux ? muxOut.connects : hand.box.connects).push_back(c);
    } else if (isOp(&inner, "aie.amsel")) {
      const int64_t arbiter = intAttrOr(&inner, "arbiter", 0), msel = intAttrOr(&inner, "msel", 0);
      if (arbiter < 0 || arbiter > 7 || msel < 0 || msel > 3)
        m_.fail("bad-switch", place, fmt::format("there is no amsel<{}>({})", arbiter, msel),
                "arbiters are 0..7, selectors 0..3");
      amsels[inner.getResult(0)] = {static_cast<int>(arbiter & 7), static_cast<int>(msel & 3)};
    } else if (isOp(&inner, "aie.masterset")) {
      plan::MasterSet set;
      set.dest = port(&inner, "dest");
      take(set.dest, place);
      bool first = true;
      for (Value v : inner.getOperands()) {
        auto [arbiter, msel] = amsels.lookup(v);
        if (!first && arbiter != set.arbiter)
          m_.fail("bad-switch", place, "a masterset's selectors must belong to one arbiter");
        set.arbiter = arbiter;
        set.mselMask |= static_cast<uint8_t>(1 << msel);
        first = false;
      }
      if (auto keep = intAttr(&inner, "keep_pkt_header")) set.keepHeader = *keep != 0;
      hand.box.masterSets.push_back(set);
    } else if (isOp(&inner, "aie.packet_rules")) {
      plan::PacketRules rules;
      rules.source = port(&inner, "source");
      for (Operation &rule : inner.getRegion(0).front()) {
        if (!isOp(&rule, "aie.rule")) continue;
        auto [arbiter, msel] = amsels.lookup(rule.getOperand(0));
        rules.rules.push_back({static_cast<uint8_t>(intAttrOr(&rule, "mask", 31) & 31),
                               static_cast<uint8_t>(intAttrOr(&rule, "value", 0) & 31), arbiter,
                               msel});
      }
      if (rules.rules.size() > 4)
        m_.fail("bad-switch", place,
                fmt::format("{} packet rules on one port; the hardware has 4", rules.rules.size()));
      hand.box.packetRules.push_back(std::move(rules));
    } else if (!isOp(&inner, "aie.end")) {
      m_.fail("bad-switch", place,
              fmt::format("{} does not belong in a switch", opName(&inner).str()));
    }
  }
  if (mux) {
    if (tile.row != 0) m_.fail("bad-switch", hand.place, "only shim tiles (row 0) have a shim_mux");
    m_.shimMuxes.push_back(std::move(muxOut));
    return;
  }
  for (const HandSwitch &other : m_.switches)
    if (other.box.tile == tile)
      m_.fail("bad-switch", hand.place, fmt::format("tile {} has two switchboxes", tile.str()), {},
              {other.place.str() + ": the first is here"});
  m_.switches.push_back(std::move(hand));
}

void Reader::readPacketFlow(Operation *op) {
  PacketFlow flow;
  flow.place = placeOf(op);
  flow.order = {ordinal_, 0};
  const int64_t id = intAttrOr(op, "id", 0);
  if (id < 0 || id > 31)
    m_.fail("bad-flow", flow.place, fmt::format("packet id {} is not 0..31", id));
  flow.id = static_cast<int>(id & 31);
  if (auto keep = intAttr(op, "keep_pkt_header")) flow.keepHeader = *keep != 0;
  flow.priority = design::flagAttr(op, "priority_route");
  for (Operation &inner : op->getRegion(0).front()) {
    if (isOp(&inner, "aie.packet_source"))
      flow.sources.push_back({tileOf(&inner, 0), port(&inner, "port")});
    else if (isOp(&inner, "aie.packet_dest"))
      flow.dests.push_back({tileOf(&inner, 0), port(&inner, "port")});
    else if (!isOp(&inner, "aie.end"))
      m_.fail("bad-flow", placeOf(&inner),
              fmt::format("{} does not belong in a packet_flow", opName(&inner).str()));
  }
  if (flow.sources.empty() || flow.dests.empty())
    m_.fail("bad-flow", flow.place,
            fmt::format("packet_flow {} needs a packet_source and a packet_dest", id));
  m_.packetFlows.push_back(std::move(flow));
}

/// The older words for a flow, or packet flows, with several ends.
void Reader::readBroadcast(Operation *op) {
  const PortAt source{tileOf(op, 0), port(op, "source")};
  for (Operation &inner : op->getRegion(0).front()) {
    if (isOp(&inner, "aiex.multi_dest")) {
      m_.flows.push_back(
          {source, {tileOf(&inner, 0), port(&inner, "port")}, {ordinal_, 0}, placeOf(&inner), {}});
    } else if (isOp(&inner, "aiex.bp_id")) {
      PacketFlow flow;
      flow.place = placeOf(&inner);
      flow.order = {ordinal_, 0};
      const int64_t id = intAttrOr(&inner, "id", 0);
      if (id < 0 || id > 31)
        m_.fail("bad-flow", flow.place, fmt::format("packet id {} is not 0..31", id));
      flow.id = static_cast<int>(id & 31);
      flow.sources.push_back(source);
      for (Operation &dest : inner.getRegion(0).front())
        if (isOp(&dest, "aiex.bp_dest"))
          flow.dests.push_back({tileOf(&dest, 0), port(&dest, "port")});
      if (flow.dests.empty())
        m_.fail("bad-flow", flow.place, fmt::format("packet id {} has no destination", id));
      m_.packetFlows.push_back(std::move(flow));
    }
  }
}

void Reader::readShimAllocation(Operation *op) {
  ShimAllocation a;
  a.name = strAttr(op, "sym_name");
  a.place = placeOf(op);
  a.tile =
      op->getNumOperands() ? tileOf(op, 0) : TileId{static_cast<int>(intAttrOr(op, "col", 0)), 0};
  a.direction = strAttr(op, "channel_dir") == "MM2S" ? DmaDirection::MM2S : DmaDirection::S2MM;
  a.channel = static_cast<int>(intAttrOr(op, "channel_index", 0));
  if (auto packet = design::recordAttr(op, "packet"))
    a.packet = std::pair(static_cast<int>(packet->field("pkt_type")),
                         static_cast<int>(packet->field("pkt_id")));
  if (!m_.exists(a.tile))
    m_.fail(
        "bad-tile", a.place,
        fmt::format("column {} of shim allocation '{}' is outside the device", a.tile.col, a.name));
  if (a.channel < 0 || a.channel >= device::dmaChannels(TileKind::Shim))
    m_.fail("bad-channel", a.place, fmt::format("a shim tile has no DMA channel {}", a.channel),
            fmt::format("channels are 0..{}", device::dmaChannels(TileKind::Shim) - 1));
  m_.shimAllocations.push_back(std::move(a));
}

void Reader::readOther(Operation *op) {
  const StringRef name = opName(op);
  if (name == "aie.flow") {
    m_.flows.push_back({{tileOf(op, 0), port(op, "source")},
                        {tileOf(op, 1), port(op, "dest")},
                        {ordinal_, 0},
                        placeOf(op),
                        {}});
  } else if (name == "aie.cascade_flow") {
    m_.cascadeFlows.push_back({tileOf(op, 0), tileOf(op, 1), placeOf(op)});
  } else if (name == "aie.configure_cascade") {
    auto bundle = [&](const char *attr) {
      const std::string word = strAttr(op, attr);
      return word == "North"   ? plan::Bundle::North
             : word == "West"  ? plan::Bundle::West
             : word == "South" ? plan::Bundle::South
                               : plan::Bundle::East;
    };
    plan::Cascade c{tileOf(op, 0), {bundle("input_dir"), 0}, {bundle("output_dir"), 0}};
    if ((c.input.bundle != plan::Bundle::North && c.input.bundle != plan::Bundle::West) ||
        (c.output.bundle != plan::Bundle::South && c.output.bundle != plan::Bundle::East))
      m_.fail("bad-cascade", placeOf(op),
              "a cascade comes in from North or West and goes out to South or East");
    m_.cascades.push_back(c);
  } else if (name == "aie.objectfifo.link") {
    m_.links.push_back({design::symsAttr(op, "fifo_ins"), design::symsAttr(op, "fifo_outs"),
                        design::intsAttr(op, "src_offsets"), design::intsAttr(op, "dst_offsets"),
                        placeOf(op)});
  } else if (name == "aie.objectfifo.core_endpoint") {
    readCoreEndpoint(m_, op, tileOf(op, 0));
  } else if (name == "aie.objectfifo.pool") {
    // Its buffers and locks are operations of their own by now.
  } else if (name == "aie.objectfifo.allocate") {
    const std::string fifo = strAttr(op, "fifo");
    for (Fifo &f : m_.fifos) {
      if (f.name != fifo) continue;
      if (f.stream)
        m_.fail(
            "bad-fifo", placeOf(op),
            fmt::format("object FIFO '{}' has an end without memory: a core's stream port", fifo));
      else if (f.delegate)
        m_.fail("bad-fifo", placeOf(op),
                fmt::format("the objects of '{}' are already in tile {}", fifo, f.delegate->str()),
                "one aie.objectfifo.allocate or via_shared_mem for a FIFO");
      f.delegate = tileOf(op, 0);
    }
  } else if (name == "aie.mem" || name == "aie.memtile_dma" || name == "aie.shim_dma") {
    const TileId tile = tileOf(op, 0);
    const TileKind kind = name == "aie.mem"           ? TileKind::Core
                          : name == "aie.memtile_dma" ? TileKind::Mem
                                                      : TileKind::Shim;
    if (device::tileKind(tile) != kind) {
      m_.fail("bad-dma", placeOf(op),
              fmt::format("{} needs a {} tile, {} is a {} tile", name.str(),
                          device::tileKindName(kind), tile.str(),
                          device::tileKindName(device::tileKind(tile))));
      return;
    }
    readNested(op);
    DmaProgram program = readDmaProgram(m_, op);
    program.order = {ordinal_, 0};
    m_.dmas.push_back(std::move(program));
  } else if (name == "aie.trace" || name == "aie.trace.config") {
    readTrace(m_, op, tileOf(op, 0));
  } else if (name == "aie.runtime_sequence") {
    Sequence s;
    s.op = op;
    s.place = placeOf(op);
    s.name = strAttr(op, "sym_name");
    if (s.name.empty())
      s.name = m_.sequences.empty() ? "sequence" : fmt::format("sequence_{}", m_.sequences.size());
    m_.sequences.push_back(std::move(s));
  } else if (name == "aie.external_buffer" || name == "aie.bd_chain" || name == "aie.wire" ||
             name == "aie.end" || name == "memref.global" || name.starts_with("arith.") ||
             name == "memref.get_global" || name == "func.func") {
    // Looked up where they are used.
  } else {
    m_.fail("unsupported-op", placeOf(op),
            fmt::format("{} is not supported in a device", name.str()));
  }
}

/// Locks and buffers may be declared where they are used, inside a DMA program.
void Reader::readNested(Operation *op) {
  op->walk<WalkOrder::PreOrder>([&](Operation *inner) {
    if (inner == op) return;
    ++nested_;
    if (isOp(inner, "aie.lock"))
      readLock(inner);
    else if (isOp(inner, "aie.buffer"))
      readBuffer(inner);
  });
  nested_ = 0;
}

void Reader::run(Operation *device) {
  m_.op = device;
  m_.device = strAttr(device, "device");
  m_.name = strAttr(device, "sym_name");
  if (m_.name.empty()) m_.name = "main";
  for (const design::DeviceName &known : design::deviceNames())
    if (m_.device == known.name) m_.columns = known.columns;
  placed_ = placeTiles(m_, device);
  if (!m_.errors.empty()) return;
  for (Operation &op : device->getRegion(0).front()) {
    const StringRef name = opName(&op);
    if (std::string symbol = strAttr(&op, "sym_name");
        !symbol.empty() && name != "memref.global" && name != "func.func") {
      auto [it, fresh] = symbols_.emplace(symbol, placeOf(&op));
      // A FIFO and the shim allocation made from it share the name in designs of 2024.
      if (!fresh && name != "aie.shim_dma_allocation")
        m_.fail("duplicate-symbol", placeOf(&op),
                fmt::format("there are two things named '{}' in this device", symbol), {},
                {it->second.str() + ": the first is here"});
    }
    if (name == "aie.tile" || name == "aie.logical_tile")
      readTile(&op);
    else if (name == "aie.lock")
      readLock(&op);
    else if (name == "aie.buffer")
      readBuffer(&op);
    else if (name == "aie.objectfifo")
      readFifo(&op);
    else if (name == "aie.core")
      readCore(&op);
    else if (name == "aie.switchbox" || name == "aie.shim_mux")
      readSwitch(&op);
    else if (name == "aie.packet_flow")
      readPacketFlow(&op);
    else if (name == "aiex.multicast" || name == "aiex.broadcast_packet")
      readBroadcast(&op);
    else if (name == "aie.shim_dma_allocation")
      readShimAllocation(&op);
    else
      readOther(&op);
    ++ordinal_;
  }
}

} // namespace

void readDevice(Model &model, Operation *device) {
  expandShorthands(model, device);
  if (model.errors.empty()) Reader(model).run(device);
}

} // namespace ashlar::lower
