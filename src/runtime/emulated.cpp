// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The emulated device: a package's operations go to an emulated array as its firmware would write
// them; buffers lie in this process.
#include "emulator/array/array.h"
#include "emulator/array/sanitizer.h"
#include "emulator/tile/core_slot.h"
#include "runtime/runtime.h"

#include <algorithm>
#include <chrono>
#include <fmt/format.h>

namespace ashlar::runtime {

namespace em = ashlar::emulator;

const char *stateName(State state) {
  switch (state) {
  case State::Completed: return "completed";
  case State::Hang: return "hang";
  case State::TimedOut: return "timeout";
  case State::Faulted: return "fault";
  }
  return "?";
}

Result<RunReport> Context::runList(std::span<const Launch> launches, const RunOptions &options) {
  RunReport all;
  for (const Launch &l : launches) {
    ASHLAR_TRY(RunReport one, run(*l.stream, l.arguments, options));
    all.state = one.state;
    all.cycles += one.cycles;
    all.array += one.array;
    all.offArray += one.offArray;
    all.launch += one.launch;
    all.milliseconds += one.milliseconds;
    all.launches += one.launches;
    for (Diagnostic &d : one.diagnostics) all.diagnostics.push_back(std::move(d));
    if (one.state != State::Completed) break;
  }
  return all;
}

Result<RunReport> Context::runAt(const load::Stream &stream, std::vector<uint64_t>,
                                 std::vector<em::HostRegion>, const RunOptions &) {
  return error("not-emulated", Place::at(stream.source),
               "running on given addresses is possible on the emulated device only");
}

namespace {

/// Device addresses of emulated buffers: apart from each other, so that running past the end of one
/// never lands in the next.
constexpr uint64_t kFirstAddress = 0x1'0000'0000, kPage = 4096, kGap = 1 << 20;

class EmulatedBuffer : public Buffer {
public:
  EmulatedBuffer(size_t bytes, uint64_t address, std::string name)
      : bytes_(bytes), address_(address), name_(std::move(name)) {}
  uint8_t *data() override { return bytes_.data(); }
  size_t size() const override { return bytes_.size(); }
  uint64_t deviceAddress() const override { return address_; }
  const std::string &name() const { return name_; }

private:
  Bytes bytes_;
  uint64_t address_;
  std::string name_;
};

/// Words of a tile's address space; no fill is longer.
constexpr uint32_t kTileWords = (1u << 20) / 4;

template <class... F> struct Overload : F... {
  using F::operator()...;
};

Status configure(em::Array &array, const load::Configuration &configuration,
                 const std::string &source, Diagnostics &pollsFailed) {
  for (const load::Operation &o : configuration.operations) {
    const auto unsupported = [&](const char *what) -> Status {
      return error("configuration-operation", Place::atOffset(source, o.offset),
                   fmt::format("{} in a configuration is not supported", what));
    };
    const Status s = std::visit(
        Overload{
            [&](const load::Write32 &w) { return array.write32(w.address, w.value); },
            [&](const load::MaskWrite32 &w) {
              return array.maskWrite32(w.address, w.value, w.mask);
            },
            [&](const load::BlockWrite &w) { return array.writeBlock(w.address, w.words); },
            [&](const load::BlockFill &w) -> Status {
              if (w.words > kTileWords) return unsupported("a fill larger than a tile");
              return array.writeBlock(w.address, std::vector<uint32_t>(w.words, w.value));
            },
            [&](const load::MaskPoll &p) -> Status {
              auto v = array.read32(p.address);
              if (!v.ok()) return std::move(v).errors();
              if ((*v & p.mask) != p.value)
                pollsFailed.push_back(warning(
                    "configuration-poll", Place::atOffset(source, o.offset),
                    fmt::format("the configuration polls 0x{:08X} & 0x{:X} for 0x{:X}; it holds "
                                "0x{:X}",
                                p.address, p.mask, p.value, *v)));
              return Ok{};
            },
            [&](const load::Delay &) -> Status { return Ok{}; },
            [&](const load::AddressPatch &) { return unsupported("an address patch"); },
            [&](const load::Sync &) { return unsupported("a wait for tokens"); },
            [&](const load::LoadPdi &) { return unsupported("loading another PDI"); },
            [&](const load::Preempt &) -> Status { return Ok{}; }},
        o.op);
    if (!s.ok()) {
      Diagnostics d = s.errors();
      for (Diagnostic &x : d)
        if (!x.place.known()) x.place = Place::atOffset(source, o.offset);
      return d;
    }
  }
  return Ok{};
}

Result<std::vector<em::ControllerOp>> controllerOps(const load::Stream &stream) {
  std::vector<em::ControllerOp> out;
  out.reserve(stream.operations.size());
  for (const load::Operation &o : stream.operations) {
    std::optional<em::ControllerOpKind> op;
    std::visit(
        Overload{
            [&](const load::Write32 &w) { op = em::WriteOp{w.address, w.value}; },
            [&](const load::MaskWrite32 &w) { op = em::MaskWriteOp{w.address, w.value, w.mask}; },
            [&](const load::BlockWrite &w) { op = em::BlockWriteOp{w.address, w.words}; },
            [&](const load::BlockFill &w) { op = em::BlockFillOp{w.address, w.value, w.words}; },
            [&](const load::MaskPoll &p) { op = em::PollOp{p.address, p.value, p.mask}; },
            [&](const load::Delay &d) { op = em::DelayOp{d.count}; },
            [&](const load::AddressPatch &p) { op = em::PatchOp{p.address, p.argument, p.offset}; },
            [&](const load::Sync &s) {
              op = em::SyncOp{s.direction, s.channel, s.column, s.row, s.columns, s.rows};
            },
            [&](const load::LoadPdi &) {}, [&](const load::Preempt &) { op = em::NoOp{}; }},
        o.op);
    if (!op)
      return error("stream-unsupported", Place::atOffset(stream.source, o.offset),
                   "loading another PDI from the instruction stream is not supported yet");
    out.push_back({std::move(*op), o.offset});
  }
  return out;
}

class EmulatedContext : public Context {
public:
  explicit EmulatedContext(int columns) : array_(columns) {}

  int columns() const override { return array_.columns(); }

  Result<std::shared_ptr<Buffer>> allocate(size_t bytes, std::string name) override {
    auto b = std::make_shared<EmulatedBuffer>(bytes, next_, std::move(name));
    next_ += (bytes + kGap + kPage - 1) / kPage * kPage;
    return std::shared_ptr<Buffer>(std::move(b));
  }

  Result<RunReport> run(const load::Stream &stream,
                        std::span<const std::shared_ptr<Buffer>> arguments,
                        const RunOptions &options) override {
    std::vector<uint64_t> addresses;
    std::vector<em::HostRegion> memory;
    for (const auto &b : arguments) {
      addresses.push_back(b ? b->deviceAddress() : 0);
      if (b)
        memory.push_back(
            {b->deviceAddress(), b->size(), b->data(), static_cast<EmulatedBuffer &>(*b).name()});
    }
    return runAt(stream, std::move(addresses), std::move(memory), options);
  }

  Result<RunReport> runAt(const load::Stream &stream, std::vector<uint64_t> addresses,
                          std::vector<em::HostRegion> memory, const RunOptions &options) override {
    ASHLAR_TRY(auto ops, controllerOps(stream));
    array_.host().clear();
    for (em::HostRegion &r : memory) array_.host().add(std::move(r));
    const auto start = std::chrono::steady_clock::now();
    em::RunOptions o;
    o.maxCycles = options.maxCycles;
    o.idleCycles = options.idleCycles;
    em::RunResult r = array_.run(std::move(ops), std::move(addresses), o);
    RunReport report;
    report.state = static_cast<State>(r.state);
    report.cycles = r.cycles;
    report.array = r.array;
    report.offArray = r.offArray;
    report.launch = r.launch;
    report.launches = report.state == State::Completed;
    report.milliseconds =
        std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start).count();
    report.diagnostics = std::move(pending_);
    pending_.clear();
    for (Diagnostic &d : r.diagnostics) report.diagnostics.push_back(std::move(d));
    return report;
  }

  Statistics statistics() override {
    Statistics s;
    array_.settle();
    for (em::Tile *t : array_.tiles()) {
      if (t->core()) {
        const em::Core &c = t->core()->core();
        const em::CoreStats &x = c.stats();
        if (x.cycles)
          s.cores.push_back({t->id(), em::coreStateName(c.state()), x.cycles, x.bundles,
                             x.instructions, x.memoryStalls, x.lockStalls, x.streamStalls,
                             x.cascadeStalls});
      }
      for (auto *list : {&t->s2mm, &t->mm2s})
        for (const auto &c : *list) {
          const em::DmaStats &x = c->stats();
          if (x.tasks || x.words || !c->idle())
            s.channels.push_back({t->id(), c->direction(), c->channel(), x.words, x.bds, x.tasks,
                                  x.lockStall, x.streamStall, x.bankStall});
        }
      uint64_t conflicts = 0;
      for (uint64_t n : t->memory.conflicts) conflicts += n;
      if (conflicts) s.memories.push_back({t->id(), conflicts});
    }
    // Branches of a broadcast share their way up to where they part, and each word on it.
    std::map<std::pair<device::TileId, std::string>, std::map<std::string, uint64_t>> ports;
    for (const em::Link *l : array_.network().links()) {
      if (!l->words) continue;
      s.paths.push_back({l->from, l->to, l->words});
      for (const em::PortStop &stop : l->stops) {
        uint64_t &words = ports[{stop.tile, stop.port}][l->from];
        words = std::max(words, l->words);
      }
    }
    for (const auto &[port, sources] : ports) {
      s.ports.push_back({port.first, port.second, 0});
      for (const auto &[source, words] : sources) s.ports.back().words += words;
    }
    return s;
  }

  void setNames(em::NameTable names) override { array_.names = std::move(names); }
  em::Array *array() override { return &array_; }

  em::Array array_;
  std::optional<em::Sanitizer> sanitizer_;
  Diagnostics pending_; ///< from the configuration, told with the first run

private:
  uint64_t next_ = kFirstAddress;
};

class EmulatedDevice : public Device {
public:
  std::string name() const override { return "emulated Phoenix"; }
  Result<std::unique_ptr<Context>> createContext(const load::Package &package, size_t configuration,
                                                 const ContextOptions &options) override {
    if (configuration >= package.configurations.size())
      return error("package-configuration", Place::at(package.source),
                   fmt::format("there is no configuration {}; the package has {}", configuration,
                               package.configurations.size()));
    if (package.columns < 1 || package.columns > device::kMaxColumns)
      return error("package-columns", Place::at(package.source),
                   fmt::format("a partition of {} columns does not fit a Phoenix, which has {}",
                               package.columns, device::kMaxColumns));
    auto context = std::make_unique<EmulatedContext>(package.columns);
    if (options.sanitize) {
      context->sanitizer_.emplace(context->array_);
      context->array_.sanitizer = &*context->sanitizer_;
    }
    ASHLAR_CHECK(configure(context->array_, package.configurations[configuration], package.source,
                           context->pending_));
    return std::unique_ptr<Context>(std::move(context));
  }
};

} // namespace

std::unique_ptr<Device> emulatedDevice() { return std::make_unique<EmulatedDevice>(); }

} // namespace ashlar::runtime
