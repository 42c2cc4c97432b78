// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Trace operations become what they stand for: register values of a tile's trace unit, a packet
// flow to a shim tile's DMA, and what the runtime sequence does to start and stop them together.
// The order of the writes is the vendor's flow's.
#include "lower/trace.h"

#include "base/nearest.h"
#include "device/events.h"
#include "lower/router.h"

using namespace mlir;
using ashlar::design::intAttr;
using ashlar::design::intAttrOr;
using ashlar::design::isOp;
using ashlar::design::placeOf;
using ashlar::design::strAttr;

namespace ashlar::lower {

namespace reg = device::reg;
using device::Module;

namespace {

constexpr int kMaxPacketId = 31;
constexpr int kMaxEvents = 8;
constexpr int kPreferredChannel = 1; ///< data take channel 0 first

/// Field values of one trace unit, collected register by register in order of first mention.
class UnitReader {
public:
  UnitReader(Model &m, TraceUnit &unit) : m_(m), unit_(unit) {}

  void readTrace(Operation *op);
  void readConfig(Operation *op);

private:
  std::optional<int> event(Operation *op, StringRef attribute) {
    const std::string name = strAttr(op, attribute);
    if (auto number = device::eventNumber(unit_.module, name)) return number;
    std::vector<std::string> names;
    for (int i = 0; i < device::eventCount(unit_.module); ++i)
      if (auto known = device::eventName(unit_.module, i); !known.empty())
        names.emplace_back(known);
    auto nearest = nearestName(name, names);
    m_.fail("unknown-event", placeOf(op),
            fmt::format("the {} module of tile {} has no event '{}'",
                        device::moduleName(unit_.module), unit_.tile.str(), name),
            nearest ? fmt::format("did you mean '{}'?", *nearest) : std::string());
    return std::nullopt;
  }
  void set(Operation *op, const std::string &registerName, const std::string &field,
           uint32_t value) {
    const device::RegisterInfo *info = device::findRegister(unit_.module, registerName);
    const device::RegisterField *found = nullptr;
    if (info)
      for (const device::RegisterField &f : info->fields)
        if (field == f.name) found = &f;
    if (!found) {
      m_.fail("bad-trace", placeOf(op),
              fmt::format("the {} module of tile {} has no {} {}", device::moduleName(unit_.module),
                          unit_.tile.str(), registerName, field));
      return;
    }
    const int width = found->high - found->low + 1;
    if (width < 32 && value >> width != 0) {
      m_.fail(
          "bad-trace", placeOf(op),
          fmt::format("{} does not fit the {} bits of {} {}", value, width, registerName, field));
      return;
    }
    write(info->offset, value << found->low);
  }
  void write(uint32_t offset, uint32_t value) {
    for (auto &[at, bits] : unit_.writes)
      if (at == offset) {
        bits |= value;
        return;
      }
    unit_.writes.emplace_back(offset, value);
  }
  /// "DMA : 0" as the number that event selection wants.
  std::optional<uint32_t> portNumber(Operation *op, Port port, bool master) {
    const TileKind kind = device::tileKind(unit_.tile);
    const auto named = switchPort(port);
    const int index = !named   ? -1
                      : master ? device::masterIndex(kind, *named)
                               : device::slaveIndex(kind, *named);
    if (index >= 0) return static_cast<uint32_t>(index);
    m_.fail("bad-trace", placeOf(op),
            fmt::format("the switch of tile {} has no {} port {} {}", unit_.tile.str(),
                        master ? "master" : "slave", plan::bundleName(port.bundle), port.channel));
    return std::nullopt;
  }
  void selectPort(Operation *op, int64_t slot, Port port, bool master) {
    const auto number = portNumber(op, port, master);
    if (!number) return;
    const std::string name = fmt::format("Stream_Switch_Event_Port_Selection_{}", slot < 4 ? 0 : 1);
    // The switch belongs to the core module in core tiles, whatever unit records the event.
    const Module home =
        device::tileKind(unit_.tile) == TileKind::Core ? Module::Core : unit_.module;
    const device::RegisterInfo *info = device::findRegister(home, name);
    if (!info) return;
    const int shift = static_cast<int>(slot % 4) * 8;
    write(info->offset, (*number | (master ? 0x20u : 0u)) << shift);
  }
  void startStop(Operation *op, bool start) {
    std::optional<int> number;
    if (auto channel = intAttr(op, "broadcast")) {
      if (*channel < 0 || *channel > 15) {
        m_.fail("bad-trace", placeOf(op), fmt::format("broadcast {} is not 0..15", *channel));
        return;
      }
      (start ? unit_.startBroadcast : unit_.stopBroadcast) = static_cast<int>(*channel);
      number = device::ev::broadcast0(unit_.module) + static_cast<int>(*channel);
    } else {
      number = event(op, "event");
    }
    if (!number) return;
    (start ? unit_.startEvent : unit_.stopEvent) = *number;
  }

  Model &m_;
  TraceUnit &unit_;
};

Module moduleOfType(TileKind kind, const std::string &type) {
  if (kind == TileKind::Mem) return Module::MemTile;
  if (kind == TileKind::Shim) return Module::Shim;
  return type == "mem" ? Module::Memory : Module::Core;
}
int packetTypeOf(Module m) {
  return m == Module::Core ? 0 : m == Module::Memory ? 1 : m == Module::Shim ? 2 : 3;
}

void UnitReader::readTrace(Operation *op) {
  Operation *packet = nullptr;
  for (Operation &inner : op->getRegion(0).front())
    if (isOp(&inner, "aie.trace.packet")) packet = &inner;
  const std::string type = packet ? strAttr(packet, "type") : std::string();
  const TileKind kind = device::tileKind(unit_.tile);
  unit_.module = moduleOfType(kind, type);
  static constexpr const char *types[] = {"core", "mem", "shimtile", "memtile"};
  if (!type.empty() && type != types[packetTypeOf(unit_.module)])
    m_.fail("bad-trace", placeOf(packet),
            fmt::format("tile {} is a {} tile and has no trace unit of type {}", unit_.tile.str(),
                        device::tileKindName(kind), type));
  if (packet)
    if (auto id = intAttr(packet, "id")) {
      if (*id < 0 || *id > kMaxPacketId)
        m_.fail("bad-trace", placeOf(packet), fmt::format("packet id {} is not 0..31", *id));
      unit_.packetId = static_cast<int>(*id & kMaxPacketId);
    }
  // In the order of the vendor's passes: combinations and edges, then control, ports, events.
  int events = 0;
  static constexpr const char *logic[] = {"AND", "AND_NOT", "OR", "OR_NOT"};
  for (Operation &inner : op->getRegion(0).front()) {
    const int64_t slot = intAttrOr(&inner, "slot", 0);
    if (isOp(&inner, "aie.trace.combo_event")) {
      if (slot < 0 || slot > 2) {
        m_.fail("bad-trace", placeOf(&inner), fmt::format("combination {} is not 0..2", slot));
        continue;
      }
      const auto a = event(&inner, "eventA"), b = event(&inner, "eventB");
      if (!a || !b) continue;
      set(&inner, "Combo_event_inputs", slot == 1 ? "eventC" : "eventA", static_cast<uint32_t>(*a));
      set(&inner, "Combo_event_inputs", slot == 1 ? "eventD" : "eventB", static_cast<uint32_t>(*b));
      uint32_t code = 0;
      for (uint32_t i = 0; i < 4; ++i)
        if (strAttr(&inner, "logic") == logic[i]) code = i;
      set(&inner, "Combo_event_control", fmt::format("combo{}", slot), code);
    }
  }
  for (Operation &inner : op->getRegion(0).front()) {
    if (!isOp(&inner, "aie.trace.edge_event")) continue;
    const int64_t slot = intAttrOr(&inner, "slot", 0);
    if (slot < 0 || slot > 1) {
      m_.fail("bad-trace", placeOf(&inner), fmt::format("edge detector {} is not 0..1", slot));
      continue;
    }
    const auto number = event(&inner, "event");
    if (!number) continue;
    const std::string name = "Edge_Detection_event_control";
    const std::string trigger = strAttr(&inner, "trigger");
    set(&inner, name, fmt::format("Edge_Detection_Event_{}", slot), static_cast<uint32_t>(*number));
    set(&inner, name, fmt::format("Edge_Detection_{}_Trigger_Rising", slot), trigger != "FALLING");
    set(&inner, name, fmt::format("Edge_Detection_{}_Trigger_Falling", slot), trigger != "RISING");
  }
  Operation *start = nullptr, *stop = nullptr, *mode = nullptr;
  for (Operation &inner : op->getRegion(0).front()) {
    if (isOp(&inner, "aie.trace.start")) startStop(start = &inner, true);
    if (isOp(&inner, "aie.trace.stop")) startStop(stop = &inner, false);
    if (isOp(&inner, "aie.trace.mode")) mode = &inner;
    if (isOp(&inner, "aie.trace.event")) ++events;
  }
  for (auto [what, found] : {std::pair("start", start), std::pair("stop", stop)})
    if (!found)
      m_.fail("bad-trace", unit_.place,
              fmt::format("trace '{}' does not say when to {}", unit_.name, what),
              fmt::format("add aie.trace.{} broadcast = 15 or an event", what));
  if (events > kMaxEvents)
    m_.fail("bad-trace", unit_.place,
            fmt::format("trace '{}' names {} events; a trace unit records {}", unit_.name, events,
                        kMaxEvents));
  if (mode && unit_.module == Module::Core) {
    const std::string word = strAttr(mode, "mode");
    unit_.mode = word == "Event-PC" ? 1 : word == "Execution" ? 2 : 0;
  }
  unit_.controlAt = unit_.writes.size();
  for (Operation &inner : op->getRegion(0).front()) {
    if (!isOp(&inner, "aie.trace.port")) continue;
    const int64_t slot = intAttrOr(&inner, "slot", 0);
    if (slot < 0 || slot >= kMaxEvents) {
      m_.fail("bad-trace", placeOf(&inner), fmt::format("port slot {} is not 0..7", slot));
      continue;
    }
    Port port;
    for (int i = 0; i <= static_cast<int>(plan::Bundle::TileControl); ++i)
      if (strAttr(&inner, "port") == plan::bundleName(static_cast<plan::Bundle>(i)))
        port.bundle = static_cast<plan::Bundle>(i);
    port.channel = static_cast<int>(std::clamp<int64_t>(intAttrOr(&inner, "channel", 0), -1, 64));
    selectPort(&inner, slot, port, strAttr(&inner, "direction") == "S2MM");
  }
  int slot = 0;
  for (Operation &inner : op->getRegion(0).front()) {
    if (!isOp(&inner, "aie.trace.event") || slot >= kMaxEvents) continue;
    if (auto number = event(&inner, "event"))
      set(&inner, slot < 4 ? "Trace_Event0" : "Trace_Event1",
          fmt::format("Trace_Event{}", slot % 4), static_cast<uint32_t>(*number));
    ++slot;
  }
}

/// What the vendor's passes leave of a trace: registers by name, with or without a field.
void UnitReader::readConfig(Operation *op) {
  unit_.module = moduleOfType(device::tileKind(unit_.tile), strAttr(op, "packet_type"));
  unit_.finished = true;
  for (Operation &inner : op->getRegion(0).front()) {
    if (!isOp(&inner, "aie.trace.reg")) continue;
    const std::string name = strAttr(&inner, "reg_name");
    std::string field = strAttr(&inner, "field");
    std::optional<int64_t> value = intAttr(&inner, "value");
    if (inner.hasAttr("event"))
      if (auto number = event(&inner, "event")) value = *number;
    if (const std::string text = strAttr(&inner, "value"); !value && !text.empty()) {
      const auto [bundle, channel] = StringRef(text).split(':');
      Port port;
      bool known = false;
      for (int i = 0; i <= static_cast<int>(plan::Bundle::TileControl); ++i)
        if (bundle.equals_insensitive(plan::bundleName(static_cast<plan::Bundle>(i)))) {
          port.bundle = static_cast<plan::Bundle>(i);
          known = true;
        }
      // Whether it is a master's port stands in the field beside it.
      bool master = false;
      const std::string slot = StringRef(field).drop_back(2).str() + "Master_Slave";
      for (Operation &other : op->getRegion(0).front())
        if (strAttr(&other, "reg_name") == name && strAttr(&other, "field") == slot)
          master = intAttrOr(&other, "value", 0) != 0;
      if (known && !channel.getAsInteger(10, port.channel))
        if (auto number = portNumber(&inner, port, master)) value = *number;
    }
    if (!value) {
      if (m_.errors.empty())
        m_.fail("bad-trace", placeOf(&inner), fmt::format("the value of {} is no number", name));
      continue;
    }
    const Module home = StringRef(name).starts_with("Stream_Switch") &&
                                device::tileKind(unit_.tile) == TileKind::Core
                            ? Module::Core
                            : unit_.module;
    if (!field.empty()) {
      // The second event register's fields are counted on from the first's.
      if (StringRef number = field; number.consume_front("Trace_Event") && name == "Trace_Event1")
        if (int k = 0; !number.getAsInteger(10, k)) field = fmt::format("Trace_Event{}", k % 4);
      const Module own = std::exchange(unit_.module, home);
      set(&inner, name, field, static_cast<uint32_t>(*value));
      unit_.module = own;
    } else if (const device::RegisterInfo *info = device::findRegister(home, name)) {
      write(info->offset, static_cast<uint32_t>(*value));
    } else {
      m_.fail("bad-trace", placeOf(&inner), fmt::format("there is no register '{}'", name));
    }
  }
}

/// Control0 and Control1 stand where the first of their fields was mentioned.
void finishControl(TraceUnit &unit) {
  const uint32_t base = reg::eventBase(unit.module);
  const int stopShift = 24, startShift = 16, typeShift = 12;
  const std::pair<uint32_t, uint32_t> controls[] = {
      {base + reg::kTraceControl0, static_cast<uint32_t>(unit.stopEvent) << stopShift |
                                       static_cast<uint32_t>(unit.startEvent) << startShift |
                                       unit.mode},
      {base + reg::kTraceControl1, static_cast<uint32_t>(packetTypeOf(unit.module)) << typeShift |
                                       static_cast<uint32_t>(unit.packetId.value_or(0))}};
  unit.writes.insert(unit.writes.begin() + static_cast<long>(unit.controlAt), std::begin(controls),
                     std::end(controls));
  unit.finished = true;
}

} // namespace

void readTrace(Model &m, Operation *op, TileId tile) {
  TraceUnit unit;
  unit.name = strAttr(op, "sym_name");
  unit.tile = tile;
  unit.place = placeOf(op);
  UnitReader reader(m, unit);
  if (isOp(op, "aie.trace.config"))
    reader.readConfig(op);
  else
    reader.readTrace(op);
  if (!unit.finished)
    for (const TraceUnit &other : m.traces)
      if (!other.finished && other.tile == unit.tile && other.module == unit.module)
        m.fail("bad-trace", unit.place,
               fmt::format("the {} trace unit of tile {} is configured twice",
                           device::moduleName(unit.module), tile.str()),
               {}, {other.place.str() + ": the first is here"});
  m.traces.push_back(std::move(unit));
}

void addTraceFlows(Model &m) {
  std::vector<TraceUnit *> open;
  for (TraceUnit &unit : m.traces)
    if (!unit.finished) open.push_back(&unit);
  if (open.empty()) return;
  // Who collects them is said in the runtime sequence.
  Operation *host = nullptr;
  for (const Sequence &s : m.sequences)
    s.op->walk([&](Operation *op) {
      if (!host && isOp(op, "aie.trace.host_config")) host = op;
    });
  if (!host) {
    // The design routes and collects the packets itself; it must say which they are.
    for (TraceUnit *unit : open) {
      if (!unit->packetId)
        m.fail("bad-trace", unit->place,
               fmt::format("trace '{}' has no packet id and nobody to collect it", unit->name),
               "add aie.trace.host_config {buffer_size = 8192 : i32} to the runtime sequence, or "
               "an id and a packet_flow");
      finishControl(*unit);
    }
    return;
  }
  // Packet ids: those given, then the lowest free ones by column and row.
  std::map<int, const TraceUnit *> ids;
  for (TraceUnit *unit : open)
    if (unit->packetId) {
      auto [it, fresh] = ids.emplace(*unit->packetId, unit);
      if (!fresh)
        m.fail("bad-trace", unit->place,
               fmt::format("traces '{}' and '{}' both use packet id {}", it->second->name,
                           unit->name, *unit->packetId),
               {}, {it->second->place.str() + ": the first is here"});
    }
  std::vector<TraceUnit *> byTile = open;
  llvm::stable_sort(byTile,
                    [](const TraceUnit *a, const TraceUnit *b) { return a->tile < b->tile; });
  int next = 1;
  for (TraceUnit *unit : byTile) {
    if (unit->packetId) continue;
    while (next <= kMaxPacketId && ids.count(next)) ++next;
    if (next > kMaxPacketId) {
      m.fail("bad-trace", unit->place, "there are more traces than packet ids (31)");
      return;
    }
    unit->packetId = next;
    ids.emplace(next, unit);
  }
  TraceHost &th = m.traceHost.emplace();
  th.op = host;
  th.place = placeOf(host);
  th.bytes = intAttrOr(host, "buffer_size", 0);
  th.reuseOutput = design::flagAttr(host, "reuse_output_buffer");
  th.shim = {static_cast<int>(std::clamp<int64_t>(intAttrOr(host, "egress_shim_col", 0), -1, 99)),
             0};
  if (th.bytes < 4 || th.bytes % 4 || th.bytes > (int64_t(1) << 31))
    m.fail("bad-trace", th.place, fmt::format("a trace buffer of {} bytes", th.bytes),
           "buffer_size is in bytes, a multiple of 4");
  if (!m.exists(th.shim)) {
    m.fail("bad-trace", th.place,
           fmt::format("there is no column {} to collect traces in", th.shim.col));
    return;
  }
  std::set<int> used;
  std::vector<std::string> users;
  auto use = [&](int channel, const std::string &who) {
    if (used.insert(channel).second) users.push_back(fmt::format("S2MM {}: {}", channel, who));
  };
  for (const ShimAllocation &a : m.shimAllocations)
    if (a.tile == th.shim && a.direction == DmaDirection::S2MM) use(a.channel, "'" + a.name + "'");
  const Port dma0{plan::Bundle::DMA, 0};
  for (const Flow &f : m.flows)
    if (f.dest.tile == th.shim && f.dest.port.bundle == dma0.bundle)
      use(f.dest.port.channel, "the flow at " + f.place.str());
  for (const PacketFlow &f : m.packetFlows)
    for (const PortAt &d : f.dests)
      if (d.tile == th.shim && d.port.bundle == dma0.bundle)
        use(d.port.channel, "the packet flow at " + f.place.str());
  th.channel = used.count(kPreferredChannel) ? 0 : kPreferredChannel;
  if (used.count(th.channel)) {
    m.fail("out-of-channels", th.place,
           fmt::format("no S2MM channel of shim tile {} is left for traces", th.shim.str()),
           "collect them in another column: egress_shim_col = 1", users);
    return;
  }
  if (llvm::none_of(m.tiles, [&](const Tile &t) { return t.id == th.shim; })) {
    Tile tile;
    tile.id = th.shim;
    tile.order = {-1, -1};
    tile.place = th.place;
    m.tiles.push_back(tile);
  }
  int64_t k = -static_cast<int64_t>(open.size());
  for (TraceUnit *unit : open) {
    // A shim tile that starts the others starts itself by the same events.
    if (unit->tile == th.shim) {
      if (unit->startBroadcast) unit->startEvent = device::ev::userEvent0(unit->module) + 1;
      if (unit->stopBroadcast) unit->stopEvent = device::ev::userEvent0(unit->module);
    }
    if (unit->startBroadcast && !th.startBroadcast) th.startBroadcast = unit->startBroadcast;
    if (unit->stopBroadcast && !th.stopBroadcast) th.stopBroadcast = unit->stopBroadcast;
    finishControl(*unit);
    PacketFlow flow;
    flow.id = *unit->packetId;
    flow.sources.push_back(
        {unit->tile, {plan::Bundle::Trace, unit->module == Module::Memory ? 1 : 0}});
    flow.dests.push_back({th.shim, {plan::Bundle::DMA, th.channel}});
    flow.keepHeader = true;
    flow.order = {kOrderEnd, k++};
    flow.place = unit->place;
    m.packetFlows.push_back(std::move(flow));
  }
}

} // namespace ashlar::lower
