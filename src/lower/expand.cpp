// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Operations that stand for others, written out in the design before it is read: processes of
// object FIFOs become loops of cores, external buffers become arguments of the runtime sequences
// and transfers at their head. Done twice it changes nothing: what is written out is gone.
#include "lower/model.h"

#include <mlir/Dialect/Arith/IR/Arith.h>
#include <mlir/Dialect/Func/IR/FuncOps.h>
#include <mlir/Dialect/SCF/IR/SCF.h>
#include <mlir/IR/Builders.h>
#include <mlir/IR/IRMapping.h>

using namespace mlir;
using ashlar::design::intAttr;
using ashlar::design::isOp;
using ashlar::design::placeOf;
using ashlar::design::strAttr;

namespace ashlar::lower {
namespace {

constexpr int64_t kMostRounds = 1 << 20;

SmallVector<Operation *> opsOf(Operation *device, StringRef name) {
  SmallVector<Operation *> found;
  for (Operation &op : device->getRegion(0).front())
    if (isOp(&op, name)) found.push_back(&op);
  return found;
}
Operation *named(Operation *device, StringRef name, const std::string &symbol) {
  for (Operation *op : opsOf(device, name))
    if (strAttr(op, "sym_name") == symbol) return op;
  return nullptr;
}

/// `aie.objectfifo.register_process`: so many rounds of acquire, call, release, the counts of
/// objects after two patterns. Equal rounds that follow each other are one loop.
class Processes {
public:
  Processes(Model &m, Operation *device) : m_(m), device_(device) {}

  void run() {
    for (Operation *process : opsOf(device_, "aie.objectfifo.register_process"))
      if (m_.errors.empty()) expand(process);
  }

private:
  void fail(Operation *op, std::string message, std::string remedy = {}) {
    m_.fail("bad-process", placeOf(op), std::move(message), std::move(remedy));
  }

  void expand(Operation *process) {
    const std::string name = strAttr(process, "fifo");
    Operation *fifo = named(device_, "aie.objectfifo", name);
    if (!fifo) return fail(process, fmt::format("there is no object FIFO '{}'", name));
    const bool produces = strAttr(process, "port") == "Produce";
    // The first process that consumes is the first consumer's, and so on.
    const unsigned end = produces ? 0 : 1 + consumers_[name]++;
    if (end >= fifo->getNumOperands())
      return fail(process, fmt::format("object FIFO '{}' has {} consumers, and this is the process "
                                       "of one more",
                                       name, fifo->getNumOperands() - 1));
    const auto length = constantOf(process->getOperand(2));
    if (!length || *length < 1 || *length > kMostRounds)
      return fail(process,
                  fmt::format("a process has a constant length of 1..{} rounds", kMostRounds));
    const auto acquire = pattern(process, 0, *length), release = pattern(process, 1, *length);
    if (!acquire || !release) return;
    auto callee = function(strAttr(process, "callee"));
    if (!callee)
      return fail(process, fmt::format("there is no function '{}'", strAttr(process, "callee")),
                  "declare it in the device: func.func private");
    StringRef element = "elem_type";
    if (!produces && fifo->hasAttr("consumer_elem_type")) element = "consumer_elem_type";
    Type object = cast<TypeAttr>(fifo->getAttr(element)).getValue();
    if (auto box = dyn_cast<design::BoxType>(object)) object = box.inner();

    OpBuilder b = core(process, fifo->getOperand(end));
    for (size_t i = 0; i < static_cast<size_t>(*length);) {
      size_t same = 1;
      while (i + same < static_cast<size_t>(*length) && (*acquire)[i + same] == (*acquire)[i] &&
             (*release)[i + same] == (*release)[i])
        ++same;
      OpBuilder inner = b;
      if (same > 1) {
        Location loc = process->getLoc();
        auto index = [&](int64_t v) { return arith::ConstantIndexOp::create(b, loc, v); };
        Value from = index(0), to = index(static_cast<int64_t>(same)), step = index(1);
        auto loop = scf::ForOp::create(b, loc, from, to, step);
        inner.setInsertionPoint(loop.getBody()->getTerminator());
      }
      if (!round(inner, process, callee, object, (*acquire)[i], (*release)[i])) return;
      i += same;
    }
    process->erase();
  }

  /// The counts of all rounds: one for each, or one for all.
  std::optional<std::vector<int64_t>> pattern(Operation *process, unsigned operand,
                                              int64_t length) {
    const char *what = operand == 0 ? "acquire" : "release";
    auto constant = process->getOperand(operand).getDefiningOp<arith::ConstantOp>();
    auto dense = constant ? dyn_cast<DenseIntElementsAttr>(constant.getValue()) : nullptr;
    if (!dense) {
      fail(process, fmt::format("the {} pattern must be an arith.constant dense<...>", what));
      return std::nullopt;
    }
    std::vector<int64_t> counts;
    for (const APInt &v : dense.getValues<APInt>()) counts.push_back(v.getSExtValue());
    if (counts.size() == 1) counts.resize(static_cast<size_t>(length), counts[0]);
    if (counts.size() != static_cast<size_t>(length)) {
      fail(process,
           fmt::format("the {} pattern has {} entries for {} rounds", what, counts.size(), length),
           "give one for each round, or one for all");
      return std::nullopt;
    }
    for (int64_t count : counts)
      if (count < 0) {
        fail(process, fmt::format("the {} pattern holds {}", what, count));
        return std::nullopt;
      }
    return counts;
  }

  func::FuncOp function(const std::string &name) {
    for (Operation *scope = device_; scope; scope = scope->getParentOp())
      for (Operation &op : scope->getRegion(0).front())
        if (auto f = dyn_cast<func::FuncOp>(op); f && f.getName() == name) return f;
    return {};
  }

  /// At the end of the tile's core, which is made when there is none.
  OpBuilder core(Operation *process, Value tile) {
    auto where = [](Value t) {
      Operation *def = t.getDefiningOp();
      return def ? std::pair(intAttr(def, "col"), intAttr(def, "row"))
                 : std::pair<std::optional<int64_t>, std::optional<int64_t>>();
    };
    for (Operation *core : opsOf(device_, "aie.core"))
      if (Value its = core->getOperand(0);
          its == tile || (where(tile).first && where(its) == where(tile))) {
        Block &last = core->getRegion(0).back();
        OpBuilder b = OpBuilder::atBlockEnd(&last);
        if (!last.empty() && isOp(&last.back(), "aie.end")) b.setInsertionPoint(&last.back());
        return b;
      }
    OpBuilder b(process);
    OperationState state(process->getLoc(), "aie.core");
    state.addOperands(tile);
    state.addTypes(b.getIndexType());
    Block *body = new Block;
    state.addRegion()->push_back(body);
    b.create(state);
    b.setInsertionPointToEnd(body);
    Operation *stop = b.create(OperationState(process->getLoc(), "aie.end"));
    b.setInsertionPoint(stop);
    return b;
  }

  bool round(OpBuilder &b, Operation *process, func::FuncOp callee, Type object, int64_t acquire,
             int64_t release) {
    Location loc = process->getLoc();
    auto use = [&](const char *name, int64_t count) {
      OperationState state(loc, name);
      state.addAttribute("fifo", process->getAttr("fifo"));
      state.addAttribute("port", process->getAttr("port"));
      state.addAttribute("size", b.getI64IntegerAttr(count));
      return state;
    };
    SmallVector<Value> objects;
    if (acquire > 0) {
      OperationState state = use("aie.objectfifo.acquire", acquire);
      for (int64_t i = 0; i < acquire; ++i) state.addTypes(object);
      llvm::append_range(objects, b.create(state)->getResults());
    }
    FunctionType type = callee.getFunctionType();
    if (type.getNumInputs() == 0) objects.clear(); // it reaches them otherwise
    if (TypeRange(type.getInputs()) != TypeRange(ValueRange(objects))) {
      fail(process,
           fmt::format("'{}' takes {} arguments, and this process has {} objects of {}",
                       callee.getName().str(), type.getNumInputs(), acquire,
                       design::typeText(object)),
           "declare it with those, or without arguments");
      return false;
    }
    func::CallOp::create(b, loc, callee, objects);
    if (release > 0) b.create(use("aie.objectfifo.release", release));
    return true;
  }

  Model &m_;
  Operation *device_;
  std::map<std::string, unsigned> consumers_;
};

/// `aie.external_buffer` without an address: host memory that only the run knows. Each becomes one
/// more argument of every runtime sequence. Of an object FIFO that registers some, the shim's end
/// moves each once, at the head of the sequence; what comes out is waited for at its end. Of a
/// shim's DMA program that uses some, each start becomes a task at the head.
class ExternalBuffers {
public:
  ExternalBuffers(Model &m, Operation *device) : m_(m), device_(device) {}

  void run() {
    for (Operation *op : opsOf(device_, "aie.external_buffer"))
      if (!intAttr(op, "address") && !op->use_empty()) buffers_.push_back(op);
    const auto registered = opsOf(device_, "aie.objectfifo.register_external_buffers");
    for (Operation *op : registered)
      if (!check(op)) return;
    SmallVector<Operation *> programs;
    for (Operation *op : opsOf(device_, "aie.shim_dma"))
      if (usesBuffers(op)) {
        if (!op->use_empty()) {
          m_.fail("bad-external-buffer", placeOf(op), "nothing can use a DMA program's result");
          return;
        }
        programs.push_back(op);
      }
    if (registered.empty() && programs.empty()) return;
    for (Operation *op : opsOf(device_, "aie.runtime_sequence")) write(op, registered, programs);
    if (!m_.errors.empty()) return;
    if (opsOf(device_, "aie.runtime_sequence").empty()) {
      OpBuilder b = OpBuilder::atBlockEnd(&device_->getRegion(0).front());
      if (Operation *last = b.getBlock()->empty() ? nullptr : &b.getBlock()->back();
          isOp(last, "aie.end"))
        b.setInsertionPoint(last);
      OperationState state(device_->getLoc(), "aie.runtime_sequence");
      state.addAttribute("sym_name", b.getStringAttr("sequence"));
      state.addRegion()->push_back(new Block);
      write(b.create(state), registered, programs);
    }
    if (!m_.errors.empty()) return;
    for (Operation *op : registered) op->erase();
    for (Operation *op : programs) op->erase();
  }

private:
  bool usesBuffers(Operation *program) {
    bool uses = false;
    program->walk([&](Operation *op) {
      if (isOp(op, "aie.dma_bd"))
        uses |= llvm::is_contained(buffers_, op->getOperand(0).getDefiningOp());
    });
    return uses;
  }

  bool check(Operation *op) {
    auto fail = [&](std::string message, std::string remedy = {}) {
      m_.fail("bad-external-buffer", placeOf(op), std::move(message), std::move(remedy));
      return false;
    };
    const std::string name = strAttr(op, "fifo");
    Operation *fifo = named(device_, "aie.objectfifo", name);
    if (!fifo) return fail(fmt::format("there is no object FIFO '{}'", name));
    Operation *tile = op->getOperand(0).getDefiningOp();
    if (!tile || intAttr(tile, "row").value_or(-1) != 0)
      return fail("external buffers belong to an end of an object FIFO in a shim tile");
    if (!llvm::is_contained(fifo->getOperands(), op->getOperand(0)))
      return fail(fmt::format("object FIFO '{}' has no end in this tile", name));
    auto object = dyn_cast<MemRefType>(cast<TypeAttr>(fifo->getAttr("elem_type")).getValue());
    for (Value v : op->getOperands().drop_front()) {
      Operation *buffer = v.getDefiningOp();
      if (!isOp(buffer, "aie.external_buffer")) return fail("this is no aie.external_buffer");
      if (intAttr(buffer, "address"))
        return fail(fmt::format("external buffer '{}' has an address, and host memory of this NPU "
                                "has none before the run",
                                strAttr(buffer, "sym_name")),
                    "leave the address out: the host passes the buffer as an argument");
      auto type = dyn_cast<MemRefType>(v.getType());
      if (!type || !type.hasStaticShape() || !object ||
          type.getElementType() != object.getElementType() ||
          type.getNumElements() % object.getNumElements() != 0)
        return fail(fmt::format("external buffer '{}' must hold whole objects of '{}'",
                                strAttr(buffer, "sym_name"), name));
    }
    return true;
  }

  void write(Operation *sequence, ArrayRef<Operation *> registered,
             ArrayRef<Operation *> programs) {
    if (sequence->getRegion(0).empty()) sequence->getRegion(0).push_back(new Block);
    Block &body = sequence->getRegion(0).front();
    llvm::DenseMap<Value, Value> argument;
    for (Operation *buffer : buffers_)
      argument[buffer->getResult(0)] =
          body.addArgument(buffer->getResult(0).getType(), buffer->getLoc());
    OpBuilder head = OpBuilder::atBlockBegin(&body);
    std::vector<OperationState> tail; // written last: the body may be empty
    std::set<int64_t> taken;
    sequence->walk([&](Operation *op) {
      for (StringRef name : {"id", "bd_id"})
        if (auto id = intAttr(op, name)) taken.insert(*id);
    });
    int64_t next = 0;
    for (Operation *op : registered) {
      Operation *fifo = named(device_, "aie.objectfifo", strAttr(op, "fifo"));
      const bool out = fifo->getOperand(0) != op->getOperand(0);
      auto metadata = FlatSymbolRefAttr::get(op->getContext(), strAttr(op, "fifo"));
      for (Value buffer : op->getOperands().drop_front()) {
        while (taken.count(next)) ++next;
        const int64_t size = cast<MemRefType>(buffer.getType()).getNumElements();
        OperationState move(op->getLoc(), "aiex.npu.dma_memcpy_nd");
        move.addOperands(argument.lookup(buffer));
        move.addAttribute("static_offsets", head.getDenseI64ArrayAttr({0, 0, 0, 0}));
        move.addAttribute("static_sizes", head.getDenseI64ArrayAttr({1, 1, 1, size}));
        move.addAttribute("static_strides", head.getDenseI64ArrayAttr({0, 0, 0, 1}));
        move.addAttribute("id", head.getI64IntegerAttr(next++));
        move.addAttribute("metadata", metadata);
        head.create(move);
        if (!out) continue;
        OperationState wait(op->getLoc(), "aiex.npu.dma_wait");
        wait.addAttribute("symbol", metadata);
        tail.push_back(std::move(wait));
      }
    }
    for (Operation *program : programs)
      for (Block &block : program->getRegion(0))
        if (!block.empty() && isOp(&block.back(), "aie.dma_start"))
          task(head, tail, program, &block.back(), argument);
    head.setInsertionPointToEnd(&body);
    for (OperationState &wait : tail) head.create(wait);
  }

  /// The chain that `start` begins, as a task. Blocks that other starts begin are not reached. What
  /// comes out is waited for, unless it comes for ever.
  void task(OpBuilder &b, std::vector<OperationState> &tail, Operation *program, Operation *start,
            const llvm::DenseMap<Value, Value> &argument) {
    OperationState state(start->getLoc(), "aiex.dma_configure_task");
    state.addOperands(program->getOperand(0));
    state.addTypes(b.getIndexType());
    state.addAttribute("direction", start->getAttr("channel_dir"));
    state.addAttribute("channel", start->getAttr("channel_index"));
    if (Attribute repeat = start->getAttr("repeat_count"))
      state.addAttribute("repeat_count", repeat);
    Region *region = state.addRegion();
    IRMapping mapping;
    for (auto [from, to] : argument) mapping.map(from, to);
    SmallVector<Block *> chain{start->getSuccessor(0)};
    bool ends = true;
    for (size_t i = 0; i < chain.size(); ++i)
      if (!chain[i]->empty())
        for (Block *to : chain[i]->back().getSuccessors()) {
          const bool seen = llvm::is_contained(chain, to);
          ends &= !seen;
          if (!seen) chain.push_back(to);
        }
    const bool waits = ends && strAttr(start, "channel_dir") == "S2MM";
    if (waits) state.addAttribute("issue_token", b.getBoolAttr(true));
    for (Block *from : chain) mapping.map(from, &region->emplaceBlock());
    for (Block *from : chain) {
      OpBuilder inner(b.getContext());
      inner.setInsertionPointToEnd(mapping.lookup(from));
      for (Operation &op : *from) {
        for (Value v : op.getOperands())
          if (!bring(b, program, v, mapping)) return;
        inner.clone(op, mapping);
      }
    }
    Operation *task = b.create(state);
    auto use = [&](const char *name) {
      OperationState state(start->getLoc(), name);
      state.addOperands(task->getResult(0));
      return state;
    };
    b.create(use("aiex.dma_start_task"));
    if (waits) tail.push_back(use("aiex.dma_await_task"));
  }

  /// What the chain uses and another block of the program defines: constants.
  bool bring(OpBuilder &b, Operation *program, Value v, IRMapping &mapping) {
    Operation *def = v.getDefiningOp();
    if (!def || mapping.contains(v) || !program->isProperAncestor(def)) return true;
    if (isa<arith::ConstantOp>(def)) {
      b.clone(*def, mapping);
      return true;
    }
    m_.fail("bad-external-buffer", placeOf(def),
            "a DMA program of external buffers becomes tasks of the runtime sequence, which do not "
            "see this",
            "declare it before the program");
    return false;
  }

  Model &m_;
  Operation *device_;
  SmallVector<Operation *> buffers_;
};

} // namespace

void expandShorthands(Model &m, Operation *device) {
  Processes(m, device).run();
  if (m.errors.empty()) ExternalBuffers(m, device).run();
  if (m.errors.empty()) expandPools(m, device);
}

} // namespace ashlar::lower
