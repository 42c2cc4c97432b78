// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Traces in the runtime sequence: the units' registers, the buffer that collects their packets, and
// the broadcasts that start all of them at once and stop them at the end.
#include "lower/sequence.h"

#include "device/events.h"

using namespace mlir;
using ashlar::design::isOp;
using ashlar::design::strAttr;

namespace ashlar::lower {

namespace reg = device::reg;
using device::Module;

namespace {
constexpr int kTraceBd = 15; ///< the last of a shim tile
constexpr int kTimerResetEventShift = 8;
} // namespace

/// The buffer that the host passes for the traces of this sequence, behind the others.
bool SequenceInterpreter::traceBuffer() {
  if (!hasTraces()) return true;
  Operation *op = m_.traceHost->op;
  if (m_.traceHost->reuseOutput) {
    if (!out_.arguments.empty()) return true;
    return fail(op, "reuse_output_buffer needs a sequence with a buffer argument", {}, "bad-trace");
  }
  if (!out_.controlWords.empty())
    return fail(op, "the buffer of control packets is the last, and traces begin after them",
                "run the traced sequence before control packets are sent", "bad-trace");
  traceArgument_ = out_.arguments.size();
  plan::Argument a;
  a.name = fmt::format("arg{}", traceArgument_);
  a.elementType = "i8";
  a.bytes = static_cast<uint64_t>(m_.traceHost->bytes);
  a.shape = {m_.traceHost->bytes};
  out_.arguments.push_back(std::move(a));
  return true;
}

bool SequenceInterpreter::hasTraces() const {
  return m_.traceHost && m_.traceHost->op->getParentOp() == sequence_->op;
}

/// aie.trace.host_config and aie.trace.start_config.
bool SequenceInterpreter::trace(Operation *op) {
  Operation *last = nullptr, *host = nullptr;
  for (Operation &other : *op->getBlock()) {
    if (isOp(&other, "aie.trace.start_config")) last = &other;
    if (isOp(&other, "aie.trace.host_config")) host = &other;
  }
  if (isOp(op, "aie.trace.start_config")) {
    const std::string name = strAttr(op, "trace_config");
    const TraceUnit *unit = nullptr;
    for (const TraceUnit &candidate : m_.traces)
      if (candidate.name == name || candidate.name + "_config" == name) unit = &candidate;
    if (!unit) return fail(op, fmt::format("there is no aie.trace '{}'", name));
    for (auto [offset, value] : unit->writes)
      emit(op, plan::Write32{device::tileAddress(unit->tile, offset), value});
  }
  if (hasTraces() && op == (last ? last : host)) collectTraces(op);
  return true;
}

void SequenceInterpreter::collectTraces(Operation *op) {
  const TraceHost &host = *m_.traceHost;
  auto write = [&](TileId tile, uint32_t offset, uint32_t value) {
    emit(op, plan::Write32{device::tileAddress(tile, offset), value});
  };
  // All timers restart with the broadcast that starts the traces, so that their times compare.
  std::set<std::pair<TileId, Module>> done;
  for (const TraceUnit &unit : m_.traces) {
    if (!unit.startBroadcast || unit.tile == host.shim ||
        !done.emplace(unit.tile, unit.module).second)
      continue;
    const int event = device::ev::broadcast0(unit.module) + *unit.startBroadcast;
    write(unit.tile, reg::eventBase(unit.module) + reg::kTimerControl,
          static_cast<uint32_t>(event) << kTimerResetEventShift);
  }
  device::Bd bd;
  bd.length = static_cast<uint32_t>(host.bytes / 4);
  bd.packet = device::BdPacket{0, 0};
  bd.burst = 0;
  if (!writeBd(op, host.shim, kTraceBd, bd)) return;
  busy_[host.shim].insert(kTraceBd);
  uint64_t offset = 0;
  size_t argument = traceArgument_;
  if (host.reuseOutput) {
    argument = out_.arguments.size() - 1;
    offset = out_.arguments.back().bytes;
  }
  emit(op, plan::AddressPatch{
               device::tileAddress(host.shim, device::bdRegister(TileKind::Shim, kTraceBd) + 4),
               static_cast<uint32_t>(argument), offset});
  out_.arguments[argument].written = true;
  (void)push(op, host.shim, DmaDirection::S2MM, host.channel, kTraceBd, 0, true);
  if (!host.startBroadcast) return;
  const uint32_t base = reg::eventBase(Module::Shim);
  const uint32_t start = static_cast<uint32_t>(device::ev::userEvent0(Module::Shim)) + 1;
  write(host.shim, base + reg::kTimerControl, start << kTimerResetEventShift);
  write(host.shim, base + reg::kEventBroadcast + 4 * static_cast<uint32_t>(*host.startBroadcast),
        start);
  write(host.shim, base + reg::kEventGenerate, start);
}

void SequenceInterpreter::stopTraces() {
  if (!hasTraces() || !m_.traceHost->stopBroadcast) return;
  const TraceHost &host = *m_.traceHost;
  const uint32_t base = reg::eventBase(Module::Shim);
  const uint32_t stop = static_cast<uint32_t>(device::ev::userEvent0(Module::Shim));
  for (auto [offset, value] :
       {std::pair(base + reg::kEventBroadcast + 4 * static_cast<uint32_t>(*host.stopBroadcast),
                  stop),
        std::pair(base + reg::kEventGenerate, stop)})
    emit(host.op, plan::Write32{device::tileAddress(host.shim, offset), value});
}

} // namespace ashlar::lower
