// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The passes in order. Each step's comment says what is fixed from there on.
#include "lower/lower.h"

#include "lower/trace.h"

using namespace mlir;

namespace ashlar::lower {

namespace {

std::string deviceName(Operation *device) {
  std::string name = design::strAttr(device, "sym_name");
  return name.empty() ? "main" : name;
}

/// The devices that the sequences of `device` configure.
std::set<std::string> configuredBy(Operation *device) {
  std::set<std::string> names;
  device->walk([&](Operation *op) {
    if (design::isOp(op, "aiex.configure")) names.insert(design::strAttr(op, "device"));
    if (design::isOp(op, "aiex.npu.load_pdi")) names.insert(design::strAttr(op, "device_ref"));
  });
  names.erase("");
  names.erase(deviceName(device));
  return names;
}

/// The device that the package holds, then those that its sequences configure, directly or through
/// the sequences of others. When no name is wanted: the first that configures others and that no
/// other configures, else the first.
Result<std::vector<Operation *>> findDevices(const design::Design &design,
                                             const std::string &wanted) {
  std::vector<std::string> names;
  std::map<std::string, Operation *> byName;
  std::set<std::string> configured;
  Operation *outside = nullptr;
  for (Operation &op : design.ir().module->getBody()->getOperations()) {
    if (const llvm::StringRef name = design::opName(&op); name != "aie.device") {
      if (!outside && (name.starts_with("aie.") || name.starts_with("aiex."))) outside = &op;
      continue;
    }
    names.push_back(deviceName(&op));
    byName.emplace(names.back(), &op);
    configured.merge(configuredBy(&op));
  }
  const Place place = Place::at(design.ir().file);
  if (names.empty())
    return error("no-device", place, "the design holds no aie.device",
                 "wrap it in aie.device(npu1) { ... }");
  if (outside)
    return error("misplaced-op", design::placeOf(outside),
                 fmt::format("{} stands outside aie.device", design::opName(outside).str()),
                 "move it into the device: some brace closes the device too early");
  std::string first = wanted;
  for (const std::string &name : names)
    if (first.empty() && !configured.count(name) && !configuredBy(byName[name]).empty())
      first = name;
  if (first.empty()) first = names.front();
  if (!byName.count(first))
    return error("no-device", place, fmt::format("there is no aie.device @{}", first),
                 fmt::format("the design has: {}", fmt::join(names, ", ")));
  std::vector<Operation *> found{byName[first]};
  for (size_t i = 0; i < found.size(); ++i)
    for (const std::string &name : configuredBy(found[i]))
      if (auto it = byName.find(name); it != byName.end() && !llvm::is_contained(found, it->second))
        found.push_back(it->second);
  return found;
}

/// The order in which a DMA program's blocks are written: found from the entry, last pushed first.
std::vector<int> discoveryOrder(const DmaProgram &p) {
  std::vector<int> order, stack;
  std::set<int> seen;
  auto find = [&](int b) {
    if (b >= 0 && seen.insert(b).second) {
      order.push_back(b);
      stack.push_back(b);
    }
  };
  if (!p.blocks.empty()) find(0);
  while (!stack.empty()) {
    const int b = stack.back();
    stack.pop_back();
    const DmaBlock &block = p.blocks[static_cast<size_t>(b)];
    find(block.next);
    if (block.kind == DmaBlock::Start) find(block.chain);
  }
  return order;
}

void emitDmas(Model &m, plan::Plan &plan) {
  for (TileKind kind : {TileKind::Core, TileKind::Mem, TileKind::Shim})
    for (int index : inOrder(m.dmas)) {
      const DmaProgram &p = m.dmas[static_cast<size_t>(index)];
      if (device::tileKind(p.tile) != kind) continue;
      plan::DmaProgram out;
      out.tile = p.tile;
      // A block's direction is that of the channel that runs it.
      std::vector<DmaDirection> direction(p.blocks.size(), DmaDirection::S2MM);
      std::vector<int> channel(p.blocks.size(), 0);
      for (const DmaBlock &start : p.blocks) {
        if (start.kind != DmaBlock::Start) continue;
        std::set<int> seen;
        for (int b = start.next; b >= 0 && seen.insert(b).second;
             b = p.blocks[static_cast<size_t>(b)].next) {
          direction[static_cast<size_t>(b)] = start.direction;
          channel[static_cast<size_t>(b)] = start.channel;
        }
      }
      for (int b : discoveryOrder(p)) {
        const DmaBlock &block = p.blocks[static_cast<size_t>(b)];
        if (block.kind == DmaBlock::Bd) {
          auto bd = lowerBd(m, block.bd, p.tile, direction[static_cast<size_t>(b)], block.place);
          if (!bd.ok()) {
            m.errors.push_back(bd.errors().front());
            continue;
          }
          if (kind == TileKind::Mem && channel[static_cast<size_t>(b)] >= kFirstLocalChannel &&
              block.bd.buffer >= 0 &&
              m.buffers[static_cast<size_t>(block.bd.buffer)].tile != p.tile)
            m.fail("bad-dma", block.place,
                   fmt::format("channel {} of a memtile reaches its own memory only",
                               channel[static_cast<size_t>(b)]),
                   "use channels 0..3 for a neighbour's memory");
          if (block.next >= 0)
            bd->next =
                static_cast<uint8_t>(p.blocks[static_cast<size_t>(block.next)].bd.id.value_or(0));
          std::vector<uint32_t> words(static_cast<size_t>(device::bdWords(kind)));
          auto status = device::encodeBd(kind, *bd, words, block.place);
          if (!status.ok()) {
            m.errors.push_back(status.errors().front());
            continue;
          }
          out.bds.push_back({block.bd.id.value_or(0), *bd, block.bd.what, block.place});
        } else if (block.kind == DmaBlock::Start) {
          plan::DmaStart start;
          start.direction = block.direction;
          start.channel = block.channel;
          start.firstBd =
              block.next >= 0 ? p.blocks[static_cast<size_t>(block.next)].bd.id.value_or(0) : 0;
          start.repeat = block.repeat;
          start.place = block.place;
          // The vendor's flow asks for tokens where a shim writes to host memory.
          start.token = kind == TileKind::Shim && block.direction == DmaDirection::S2MM;
          out.starts.push_back(start);
        }
      }
      if (!out.bds.empty() || !out.starts.empty()) plan.dmas.push_back(std::move(out));
    }
}

void emitPlan(Model &m, plan::Plan &plan) {
  for (int i : inOrder(m.tiles)) {
    const Tile &t = m.tiles[static_cast<size_t>(i)];
    plan::Tile out{t.id, std::nullopt};
    if (t.controller) out.controllerId = static_cast<uint8_t>(*t.controller);
    plan.tiles.push_back(out);
  }
  for (int i : inOrder(m.buffers)) {
    Buffer &b = m.buffers[static_cast<size_t>(i)];
    plan.buffers.push_back({b.name, b.tile, static_cast<uint32_t>(b.address.value_or(0)),
                            static_cast<uint32_t>(b.type.bytes()), b.init, b.place});
  }
  for (int i : inOrder(m.locks)) {
    const Lock &l = m.locks[static_cast<size_t>(i)];
    plan.locks.push_back({l.name, l.tile, l.id.value_or(0), l.init, l.place});
  }
  plan.cascades = m.cascades;
  for (const ShimAllocation &a : m.shimAllocations)
    plan.shimAllocations.push_back({a.name, a.tile, a.direction, a.channel, a.place});
  plan.controlRoutes = m.controlRoutes;
  plan.fifos = m.reportFifos;
}

/// What a core's program sees: the buffers of the four memories within reach.
void coreSymbols(const Model &m, const Core &core, plan::Core &out) {
  int64_t top = core.stack;
  for (int i : inOrder(m.buffers)) {
    const Buffer &b = m.buffers[static_cast<size_t>(i)];
    if (device::tileKind(b.tile) != TileKind::Core || !coreReaches(core.tile, b.tile)) continue;
    const int dc = b.tile.col - core.tile.col, dr = b.tile.row - core.tile.row;
    const uint32_t window = dc == -1   ? device::kCoreWindowWest
                            : dr == -1 ? device::kCoreWindowSouth
                            : dr == 1  ? device::kCoreWindowNorth
                                       : device::kCoreWindowOwn;
    const int64_t address = b.address.value_or(0);
    out.symbols.push_back(
        {b.name, window + static_cast<uint32_t>(address), static_cast<uint32_t>(b.type.bytes())});
    if (b.tile == core.tile) top = std::max(top, address + b.type.bytes());
  }
  out.dataStart = static_cast<uint32_t>(top);
}

bool emptyBody(const Core &core) {
  Region &body = core.op->getRegion(0);
  return body.hasOneBlock() && !body.front().empty() &&
         design::isOp(&body.front().front(), "aie.end");
}

} // namespace

std::vector<std::string> deviceNames(const design::Design &design) {
  std::vector<std::string> names;
  for (Operation &op : design.ir().module->getBody()->getOperations())
    if (design::isOp(&op, "aie.device")) names.push_back(deviceName(&op));
  return names;
}

namespace {

/// Everything about a device but its sequences and its cores' programs.
void lowerArray(Model &m, Operation *device, const Options &options, plan::Plan &plan) {
  auto stop = [&] { return !m.errors.empty(); };
  readDevice(m, device);
  if (stop()) return;
  plan.device = m.device;
  plan.name = m.name;
  plan.columns = m.columns;

  assignLocks(m);                       // hand-written locks have their numbers
  if (!stop()) expandFifos(m, options); // no FIFO is left: buffers, locks, DMA rings, flows
  if (!stop()) assignBds(m);
  if (!stop()) addTraceFlows(m);
  if (!stop()) lowerCascades(m);
  if (!stop()) assignControllers(m);
  if (!stop()) addControlRoutes(m, options);
  if (!stop()) addControlOverlay(m); // all flows and tiles are known
  if (!stop()) assignAddresses(m, options);
  if (!stop()) route(m, plan);
  if (!stop()) emitPlan(m, plan);
  if (!stop()) emitDmas(m, plan);
}

/// Programs of the cores, as far as they are compiled here. `device`: as CoreModule has it.
Status lowerCores(Model &m, const std::string &device, const Options &options,
                  llvm::LLVMContext &context, plan::Plan &plan, std::vector<CoreModule> &out) {
  for (int i : inOrder(m.cores)) {
    const Core &core = m.cores[static_cast<size_t>(i)];
    plan::Core pc;
    pc.tile = core.tile;
    pc.function = fmt::format("core_{}_{}", core.tile.col, core.tile.row);
    pc.stackSize = core.stack;
    pc.linkWith = core.linkWith;
    pc.place = core.place;
    coreSymbols(m, core, pc);
    if (!core.elfFile.empty() && emptyBody(core)) {
      pc.elfFile = core.elfFile;
    } else {
      ASHLAR_TRY(std::unique_ptr<llvm::Module> module, compileCore(m, core, pc, options, context));
      out.push_back({core.tile, std::move(module), device});
    }
    plan.cores.push_back(std::move(pc));
  }
  return Ok{};
}

/// One stream goes to one partition, and carries one device's control packets.
Status canConfigure(const Model &own, const Model &other, Operation *device,
                    const Options &options) {
  if (other.columns > own.columns)
    return error("bad-device", design::placeOf(device),
                 fmt::format("@{} needs {} columns, and @{}, whose sequence configures it, has {}",
                             other.name, other.columns, own.name, own.columns),
                 fmt::format("make @{} of the wider kind", own.name));
  if (options.controlRoutes)
    return error("unsupported-op", design::placeOf(device),
                 fmt::format("control packets configure one device, and the sequences of @{} "
                             "configure @{} too",
                             own.name, other.name),
                 "leave out the flags for control packets: the stream itself writes registers");
  return Ok{};
}

} // namespace

Result<Lowered> lower(const design::Design &design, const Options &options,
                      llvm::LLVMContext &context, Diagnostics &warnings) {
  ASHLAR_TRY(const std::vector<Operation *> found, findDevices(design, options.device));
  std::vector<std::unique_ptr<Model>> models;
  Devices devices;
  Lowered out;
  out.plan.others.resize(found.size() - 1);
  auto planOf = [&](size_t i) -> plan::Plan & { return i ? out.plan.others[i - 1] : out.plan; };
  for (size_t i = 0; i < found.size(); ++i) {
    Model &m = *models.emplace_back(std::make_unique<Model>());
    m.warnings = &warnings;
    lowerArray(m, found[i], options, planOf(i));
    if (!m.errors.empty()) return m.errors;
    if (i) ASHLAR_CHECK(canConfigure(*models.front(), m, found[i], options));
    devices[m.name] = &m;
  }
  lowerSequences(*models.front(), devices, options, out.plan);
  Diagnostics errors;
  for (const auto &m : models) errors.insert(errors.end(), m->errors.begin(), m->errors.end());
  if (!errors.empty()) return errors;

  for (size_t i = 0; i < found.size(); ++i)
    ASHLAR_CHECK(lowerCores(*models[i], i ? models[i]->name : std::string(), options, context,
                            planOf(i), out.cores));
  if (options.printLowered) {
    out.withAddresses = printModel(*models.front(), out.plan, false);
    out.physical = printModel(*models.front(), out.plan, true);
  }
  return out;
}

} // namespace ashlar::lower
