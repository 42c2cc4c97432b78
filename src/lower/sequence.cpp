// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The runtime sequence becomes the list of operations that the NPU's controller executes. The
// sequence is interpreted: constants are folded, loops unrolled, scalar arguments have the values
// that Options give them; what still needs a value that only the run knows is refused. Operations
// come out strictly in program order.
#include "lower/sequence.h"

#include <mlir/Dialect/SCF/IR/SCF.h>

using namespace mlir;
using ashlar::design::opName;

namespace ashlar::lower {

/// `to` stands for whatever `from` stands for: a number, a task, or nothing that is known.
void SequenceInterpreter::carry(Value from, Value to) {
  if (auto v = value(from))
    env_[to] = *v;
  else
    env_.erase(to);
  if (auto it = tasks_.find(from); it != tasks_.end()) {
    Task task = it->second;
    tasks_[to] = std::move(task);
  }
}

bool SequenceInterpreter::loop(Operation *op) {
  auto loop = cast<scf::ForOp>(op);
  const auto low = known(op, loop.getLowerBound(), "lower bound of the loop"),
             high = known(op, loop.getUpperBound(), "upper bound of the loop"),
             step = known(op, loop.getStep(), "step of the loop");
  if (!low || !high || !step) return false;
  if (*step < 1) return fail(op, "a loop of the sequence needs a positive step");
  for (auto [init, argument] : llvm::zip(loop.getInitArgs(), loop.getRegionIterArgs()))
    carry(init, argument);
  for (int64_t i = *low; i < *high; i += *step) {
    if (++stream_.steps > kMaxSequenceSteps)
      return fail(op, fmt::format("the sequence has more than {} steps", kMaxSequenceSteps));
    env_[loop.getInductionVar()] = i;
    if (!block(*loop.getBody())) return false;
    auto yield = cast<scf::YieldOp>(loop.getBody()->getTerminator());
    // All values are read before any is replaced: a yield may swap them.
    std::vector<std::pair<std::optional<int64_t>, std::optional<Task>>> next;
    for (Value v : yield.getOperands()) {
      auto it = tasks_.find(v);
      next.emplace_back(value(v), it == tasks_.end() ? std::nullopt : std::optional(it->second));
    }
    for (auto [argument, from] : llvm::zip(loop.getRegionIterArgs(), next)) {
      if (from.first)
        env_[argument] = *from.first;
      else
        env_.erase(argument);
      if (from.second) tasks_[argument] = *from.second;
    }
    if (*high - i <= *step) break; // no overflow at the top of the range
  }
  for (auto [result, argument] : llvm::zip(loop.getResults(), loop.getRegionIterArgs()))
    carry(argument, result);
  return true;
}

bool SequenceInterpreter::branch(Operation *op) {
  auto branch = cast<scf::IfOp>(op);
  const auto condition = known(op, branch.getCondition(), "condition");
  if (!condition) return false;
  Block *taken = *condition ? branch.thenBlock() : branch.elseBlock();
  if (!taken) return true;
  if (!block(*taken)) return false;
  for (auto [result, v] : llvm::zip(branch.getResults(), taken->getTerminator()->getOperands()))
    carry(v, result);
  return true;
}

/// The array is configured as `device` from here on. The package's own needs nothing the first
/// time: it is loaded with the package (or by control packets, at this place).
bool SequenceInterpreter::become(Operation *op, const std::string &device) {
  if (!stream_.devices.count(device))
    return fail(op, fmt::format("there is no aie.device @{}", device));
  plan::LoadPdi here;
  here.device = device;
  const bool first = !std::exchange(stream_.changed, true) && device == stream_.package;
  here.loaded = first || options_.controlRoutes;
  if (!here.loaded || options_.controlRoutes) emit(op, std::move(here));
  if (first) return true;
  stream_.configured = device;
  if (device == m_.name) {
    busy_.clear();
    taken_.clear();
    tokens_.clear();
    splitIds_.clear();
  }
  return true;
}

/// `aiex.configure @device { ... }`: aiex.run names that device's sequences inside.
bool SequenceInterpreter::configure(Operation *op) {
  const std::string device = design::strAttr(op, "device");
  if (!become(op, device)) return false;
  if (op->getRegion(0).empty()) return true;
  Model &model = *stream_.devices.at(device);
  std::optional<SequenceInterpreter> other;
  if (&model != &m_) other.emplace(model, options_, out_, stream_);
  SequenceInterpreter *outer = std::exchange(configured_, other ? &*other : this);
  const bool done = block(op->getRegion(0).front());
  configured_ = outer;
  return done;
}

/// `aiex.run @sequence(...)`: what that sequence does, here.
bool SequenceInterpreter::runOther(Operation *op) {
  SequenceInterpreter &callee = configured_ ? *configured_ : *this;
  const std::string name = design::strAttr(op, "sequence");
  const Sequence *other = nullptr;
  for (const Sequence &s : callee.m_.sequences)
    if (s.name == name) other = &s;
  if (!other)
    return fail(op, fmt::format("device @{} has no runtime sequence '{}'", callee.m_.name, name));
  if (llvm::is_contained(stream_.running, other->op))
    return fail(op, fmt::format("runtime sequence '{}' runs itself", name));
  Region &region = other->op->getRegion(0);
  if (region.empty()) return true;
  if (region.getNumArguments() != op->getNumOperands())
    return fail(op, fmt::format("runtime sequence '{}' takes {} arguments, not {}", name,
                                region.getNumArguments(), op->getNumOperands()));
  for (auto [argument, given] : llvm::zip(region.getArguments(), op->getOperands())) {
    if (!isa<BaseMemRefType>(argument.getType())) {
      if (auto v = value(given))
        callee.env_[argument] = *v;
      else
        callee.env_.erase(argument);
      continue;
    }
    auto where = memory(given);
    if (!where)
      return fail(op, "what aiex.run passes must be arguments of the sequence, or views of them "
                      "with constant offsets");
    callee.bound_[argument] = *where;
  }
  return callee.enter(*other);
}

bool SequenceInterpreter::enter(const Sequence &sequence) {
  const Sequence *outer = std::exchange(sequence_, &sequence);
  SequenceInterpreter *outerConfigured = std::exchange(configured_, nullptr);
  stream_.running.push_back(sequence.op);
  Region &region = sequence.op->getRegion(0);
  const bool done = traceBuffer() && (region.empty() || block(region.front()));
  if (done) stopTraces();
  stream_.running.pop_back();
  configured_ = outerConfigured;
  sequence_ = outer;
  return done;
}

/// What names things of this device finds the array configured as another.
void SequenceInterpreter::notConfigured(Operation *op) {
  if (stream_.configured == m_.name || m_.tiles.empty()) return;
  m_.warn("other-device", design::placeOf(op),
          fmt::format("the array is configured as @{} here, and {} is of @{}", stream_.configured,
                      opName(op).str(), m_.name),
          fmt::format("put it before that, or into aiex.configure @{}", m_.name));
}

bool SequenceInterpreter::op(Operation *op) {
  if (++stream_.steps > kMaxSequenceSteps)
    return fail(op, fmt::format("the sequence has more than {} steps", kMaxSequenceSteps));
  using Handler = bool (SequenceInterpreter::*)(Operation *);
  static const std::map<StringRef, Handler> handlers = {
      {"scf.for", &SequenceInterpreter::loop},
      {"scf.if", &SequenceInterpreter::branch},
      {"aiex.npu.dma_memcpy_nd", &SequenceInterpreter::memcpyNd},
      {"aiex.npu.dma_wait", &SequenceInterpreter::wait},
      {"aiex.npu.sync", &SequenceInterpreter::sync},
      {"aiex.npu.push_queue", &SequenceInterpreter::pushQueue},
      {"aiex.npu.writebd", &SequenceInterpreter::rawBd},
      {"aiex.npu.write32", &SequenceInterpreter::write32},
      {"aiex.npu.maskwrite32", &SequenceInterpreter::write32},
      {"aiex.npu.blockwrite", &SequenceInterpreter::blockWrite},
      {"aiex.npu.address_patch", &SequenceInterpreter::addressPatch},
      {"aiex.npu.rtp_write", &SequenceInterpreter::rtpWrite},
      {"aiex.npu.load_pdi", &SequenceInterpreter::loadPdi},
      {"aiex.npu.preempt", &SequenceInterpreter::loadPdi},
      {"aiex.control_packet", &SequenceInterpreter::controlPacket},
      {"aiex.configure", &SequenceInterpreter::configure},
      {"aiex.run", &SequenceInterpreter::runOther},
      {"aiex.set_lock", &SequenceInterpreter::setLock},
      {"aiex.buffer_clear", &SequenceInterpreter::clearMemory},
      {"aie.trace.host_config", &SequenceInterpreter::trace},
      {"aie.trace.start_config", &SequenceInterpreter::trace},
      {"aiex.core_reset", &SequenceInterpreter::resetCore},
      {"aiex.dma_channel_reset", &SequenceInterpreter::resetChannel},
      {"aiex.dma_channel_reset_for", &SequenceInterpreter::resetFifo},
      {"aiex.npu.assert_bd_field", &SequenceInterpreter::assertField},
      {"aiex.npu.assert_bd_divisible", &SequenceInterpreter::assertField},
      {"aiex.dma_configure_task", &SequenceInterpreter::configureTask},
      {"aiex.dma_configure_task_for", &SequenceInterpreter::configureTask},
      {"aiex.dma_start_bd_chain", &SequenceInterpreter::configureChain},
      {"aiex.dma_start_bd_chain_for", &SequenceInterpreter::configureChain},
      {"aiex.dma_start_task", &SequenceInterpreter::task},
      {"aiex.dma_await_task", &SequenceInterpreter::task},
      {"aiex.dma_free_task", &SequenceInterpreter::task},
  };
  const StringRef name = opName(op);
  if (auto it = handlers.find(name); it != handlers.end()) {
    if (!name.starts_with("scf.") && name != "aiex.configure" && name != "aiex.run" &&
        name != "aiex.npu.load_pdi")
      notConfigured(op);
    return (this->*it->second)(op);
  }
  if (name.starts_with("arith.") || name.starts_with("memref.") || name.starts_with("index.") ||
      name == "scf.yield" || name == "aie.end")
    return true; // looked at where they are used
  return fail(op, fmt::format("{} is not supported in a runtime sequence yet", name.str()), {},
              "unsupported-op");
}

bool SequenceInterpreter::block(Block &b) {
  for (Operation &inner : b)
    if (!op(&inner)) return false;
  return true;
}

/// Buffers become arguments of the stream; scalars have the values of Options.
void SequenceInterpreter::arguments() {
  for (BlockArgument argument : sequence_->op->getRegion(0).getArguments()) {
    auto type = dyn_cast<BaseMemRefType>(argument.getType());
    if (!type) {
      auto given = options_.sequenceArguments.find(static_cast<int>(argument.getArgNumber()));
      if (given != options_.sequenceArguments.end()) env_[argument] = given->second;
      continue;
    }
    plan::Argument a;
    a.name = fmt::format("arg{}", out_.arguments.size());
    llvm::raw_string_ostream(a.elementType) << type.getElementType();
    int64_t elements = type.hasRank() ? 1 : 0;
    if (type.hasRank())
      for (int64_t extent : type.getShape()) {
        a.shape.push_back(extent);
        elements =
            ShapedType::isDynamic(extent) || elements > (int64_t(1) << 40) ? 0 : elements * extent;
      }
    if (type.getElementType().isIntOrFloat())
      a.bytes = static_cast<uint64_t>(elements) * type.getElementType().getIntOrFloatBitWidth() / 8;
    out_.arguments.push_back(std::move(a));
  }
}

void SequenceInterpreter::run(const Sequence &sequence) {
  out_.name = sequence.name;
  sequence_ = &sequence;
  arguments();
  if (!enter(sequence)) return;
  // The next run finds what the package holds, if that is anything.
  const bool empty = m_.tiles.empty();
  if (stream_.configured != m_.name && !empty) (void)become(sequence.op, m_.name);
}

void lowerSequences(Model &model, const Devices &devices, const Options &options,
                    plan::Plan &plan) {
  for (const Sequence &sequence : model.sequences) {
    plan::RuntimeSequence out;
    Stream stream{.devices = devices, .package = model.name, .configured = model.name};
    SequenceInterpreter(model, options, out, stream).run(sequence);
    plan.sequences.push_back(std::move(out));
  }
}

} // namespace ashlar::lower
