// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Object FIFOs inside a core. The vendor's flow numbers elements in textual order, which is right
// only for straight loops; here the position in each FIFO is followed through the control-flow
// graph. Where every path agrees the element is a constant; where not, a counter is kept. Loops are
// unrolled first, as often as it takes to make positions agree.
#include "lower/core.h"

#include <mlir/Conversion/LLVMCommon/MemRefBuilder.h>
#include <mlir/Conversion/LLVMCommon/TypeConverter.h>
#include <mlir/Dialect/Arith/IR/Arith.h>
#include <mlir/Dialect/Func/IR/FuncOps.h>
#include <mlir/Dialect/LLVMIR/LLVMDialect.h>
#include <mlir/Dialect/MemRef/IR/MemRef.h>
#include <mlir/Dialect/SCF/IR/SCF.h>
#include <mlir/Dialect/SCF/Utils/Utils.h>
#include <mlir/IR/Builders.h>
#include <mlir/IR/IRMapping.h>
#include <mlir/IR/SymbolTable.h>

#include <deque>
#include <numeric>

using namespace mlir;
using ashlar::design::intAttrOr;
using ashlar::design::isOp;
using ashlar::design::placeOf;
using ashlar::design::strAttr;

namespace ashlar::lower {

namespace {

/// Unrolling multiplies code, and program memory is small.
constexpr int kMaxUnroll = 8;
constexpr int kMaxUnrolledOps = 320;

using FifoPort = std::pair<std::string, bool>; ///< name, produce

std::optional<FifoPort> useOf(Operation *op) {
  if (!isOp(op, "aie.objectfifo.acquire") && !isOp(op, "aie.objectfifo.release"))
    return std::nullopt;
  return FifoPort{strAttr(op, "fifo"), strAttr(op, "port") == "Produce"};
}

int depthOf(const Model &m, const Core &core, const FifoPort &fifo) {
  auto it = m.pools.find({fifo.first, core.tile});
  return it == m.pools.end() ? 0 : it->second.depth;
}

/// A core has one memory space, whatever the design calls it.
MemRefType withoutSpace(Type type) {
  auto memref = cast<MemRefType>(type);
  return MemRefType::get(memref.getShape(), memref.getElementType(), memref.getLayout());
}

/// How far one pass over the block moves each FIFO, modulo its depth; nothing when that depends.
using Delta = std::map<FifoPort, std::optional<int64_t>>;
Delta deltaOf(const Model &m, const Core &core, Block &block) {
  Delta total;
  auto add = [&](const FifoPort &f, std::optional<int64_t> by) {
    auto [it, fresh] = total.emplace(f, 0);
    const int depth = depthOf(m, core, f);
    if (!by || !it->second || depth <= 0)
      it->second.reset();
    else
      it->second = (*it->second + *by) % depth;
  };
  for (Operation &op : block) {
    if (auto f = useOf(&op)) {
      add(*f, isOp(&op, "aie.objectfifo.release") ? std::optional(intAttrOr(&op, "size", 0))
                                                  : std::optional<int64_t>(0));
      continue;
    }
    for (Region &region : op.getRegions())
      for (Block &inner : region) {
        auto loop = dyn_cast<scf::ForOp>(&op);
        std::optional<APInt> trips = loop ? loop.getStaticTripCount() : std::nullopt;
        for (const auto &[f, by] : deltaOf(m, core, inner)) {
          const int depth = depthOf(m, core, f);
          if (by && *by == 0)
            add(f, 0);
          else if (by && trips && depth > 0)
            add(f, *by * static_cast<int64_t>(trips->urem(static_cast<uint64_t>(depth))));
          else
            add(f, std::nullopt);
        }
      }
  }
  return total;
}

int64_t countOps(Operation *op) {
  int64_t n = 0;
  op->walk([&](Operation *) { ++n; });
  return n;
}

} // namespace

bool inlineFifoUsers(Model &m, ModuleOp module) {
  // What is left after this many rounds calls itself.
  for (int round = 0; round < 50; ++round) {
    SmallVector<func::CallOp> calls;
    for (auto function : module.getOps<func::FuncOp>()) {
      bool uses = false;
      function.walk([&](Operation *op) { uses |= useOf(op).has_value(); });
      if (!uses) continue;
      if (auto symbols = SymbolTable::getSymbolUses(function, module))
        for (const SymbolTable::SymbolUse &use : *symbols)
          if (auto call = dyn_cast<func::CallOp>(use.getUser())) calls.push_back(call);
    }
    if (calls.empty()) return true;
    for (func::CallOp call : calls) {
      auto callee = module.lookupSymbol<func::FuncOp>(call.getCallee());
      if (!callee.getBody().hasOneBlock() || callee->isAncestor(call)) {
        m.fail("bad-fifo", placeOf(call),
               fmt::format("function '{}' uses object FIFOs and has branches or calls itself",
                           callee.getName().str()),
               "acquire and release in the core, or write the function without cf.br");
        return false;
      }
      IRMapping mapping;
      Block &body = callee.getBody().front();
      for (auto [inside, given] : llvm::zip(body.getArguments(), call.getOperands()))
        mapping.map(inside, given);
      OpBuilder b(call);
      for (Operation &op : body.without_terminator()) b.clone(op, mapping);
      for (auto [result, returned] :
           llvm::zip(call.getResults(), body.getTerminator()->getOperands()))
        result.replaceAllUsesWith(mapping.lookupOrDefault(returned));
      call.erase();
    }
    // Whoever is not called any more must not be looked at as a function of its own.
    for (auto function : llvm::make_early_inc_range(module.getOps<func::FuncOp>()))
      if (function.isPrivate() && !function.isExternal() &&
          SymbolTable::symbolKnownUseEmpty(function, module))
        function.erase();
  }
  m.fail("bad-fifo", placeOf(module.getOperation()),
         "functions that use object FIFOs are recursive");
  return false;
}

void unrollForFifos(const Model &m, const Core &core, ModuleOp module) {
  SmallVector<scf::ForOp> loops;
  module.walk<WalkOrder::PostOrder>([&](scf::ForOp loop) {
    bool uses = false;
    loop.walk([&](Operation *op) { uses |= useOf(op).has_value(); });
    if (uses) loops.push_back(loop);
  });
  for (scf::ForOp loop : loops) {
    int64_t factor = 1;
    for (const auto &[f, by] : deltaOf(m, core, *loop.getBody())) {
      const int depth = depthOf(m, core, f);
      if (!by || depth <= 1) continue;
      factor = std::lcm(factor, depth / std::gcd<int64_t>(depth, *by));
    }
    if (factor <= 1 || factor > kMaxUnroll || countOps(loop) * factor > kMaxUnrolledOps) continue;
    // A loop of fewer turns than copies is copied turn by turn.
    if (auto trips = loop.getStaticTripCount();
        trips && trips->ult(static_cast<uint64_t>(factor))) {
      factor = static_cast<int64_t>(trips->getZExtValue());
      if (factor <= 1) continue;
    }
    (void)loopUnrollByFactor(loop, static_cast<uint64_t>(factor));
  }
}

namespace {

/// What is known at a point: the position of the oldest element and how many are held, and the most
/// that any path holds.
struct FifoState {
  std::optional<int> position = 0, held = 0;
  int most = 0;
  bool taken = false; ///< on some path, something was acquired before
  bool operator==(const FifoState &) const = default;
};
using Known = std::map<FifoPort, FifoState>;

class FifoLowering {
public:
  FifoLowering(Model &model, const Core &core, ModuleOp module)
      : m_(model), core_(core), module_(module), typeConverter_(module.getContext()) {}
  bool run();

private:
  void step(Known &state, Operation *op);
  bool merge(Known &into, const Known &from);
  void analyse(func::FuncOp function);
  void rewrite(func::FuncOp function);
  Value constant(OpBuilder &b, Location loc, int64_t v, unsigned bits = 32) {
    return arith::ConstantOp::create(b, loc, b.getIntegerAttr(b.getIntegerType(bits), v));
  }
  Value buffer(OpBuilder &b, Location loc, const Pool &pool, int index);
  Value selected(OpBuilder &b, Location loc, const Pool &pool, Value position, int offset);
  void lockCall(OpBuilder &b, Location loc, int lock, bool acquire, Value value);
  Value counter(func::FuncOp function, const FifoPort &f, bool held);

  Model &m_;
  const Core &core_;
  ModuleOp module_;
  LLVMTypeConverter typeConverter_;
  llvm::DenseMap<Block *, Known> entry_;
  std::set<FifoPort> dynamicPosition_, dynamicHeld_;
  std::set<std::string> told_; ///< places of errors
  std::map<std::pair<FifoPort, bool>, Value> counters_;
  std::set<FifoPort> all_;
};

void FifoLowering::step(Known &state, Operation *op) {
  const auto f = useOf(op);
  if (!f) return;
  FifoState &s = state[*f];
  const int n = static_cast<int>(intAttrOr(op, "size", 0));
  const int depth = depthOf(m_, core_, *f);
  if (isOp(op, "aie.objectfifo.acquire")) {
    if (s.held) s.held = std::max(*s.held, n);
    s.most = std::max(s.most, n);
    s.taken = true;
  } else {
    s.most = std::max(s.most - n, 0);
    if (s.position && depth > 0) s.position = (*s.position + n) % depth;
    if (s.held) s.held = std::max(*s.held - n, 0);
  }
}

bool FifoLowering::merge(Known &into, const Known &from) {
  bool changed = false;
  for (const auto &[f, s] : from) {
    auto it = into.find(f);
    if (it == into.end()) {
      into.emplace(f, s);
      changed = true;
      continue;
    }
    if (it->second.position && it->second.position != s.position) {
      it->second.position.reset();
      changed = true;
    }
    if (it->second.held && it->second.held != s.held) {
      it->second.held.reset();
      changed = true;
    }
    if (it->second.most < s.most || (s.taken && !it->second.taken)) {
      it->second.most = std::max(it->second.most, s.most);
      it->second.taken |= s.taken;
      changed = true;
    }
  }
  return changed;
}

void FifoLowering::analyse(func::FuncOp function) {
  Known start;
  function.walk([&](Operation *op) {
    if (auto f = useOf(op)) {
      start[*f] = FifoState{};
      all_.insert(*f);
    }
  });
  std::deque<Block *> work{&function.getBody().front()};
  entry_[work.front()] = start;
  std::set<Block *> seen{work.front()};
  while (!work.empty()) {
    Block *block = work.front();
    work.pop_front();
    Known state = entry_[block];
    for (Operation &op : *block) step(state, &op);
    for (Block *next : block->getSuccessors()) {
      const bool changed = merge(entry_[next], state);
      if (changed || seen.insert(next).second) work.push_back(next);
    }
  }
  for (Block &block : function.getBody()) {
    Known state = entry_[&block];
    for (Operation &op : block) {
      if (auto f = useOf(&op)) {
        if (!state[*f].position) dynamicPosition_.insert(*f);
        const bool acquire = isOp(&op, "aie.objectfifo.acquire");
        if (!state[*f].held && acquire) dynamicHeld_.insert(*f);
        const FifoState &at = state[*f];
        const int n = static_cast<int>(intAttrOr(&op, "size", 0));
        // Unrolled loops say it once. What releases first of all may mean to give objects that it
        // never took; public designs do.
        if (!acquire && n > at.most && told_.insert(placeOf(&op).str()).second) {
          const std::string message =
              fmt::format("releases {} objects of '{}' ({}) where the core holds {} at most", n,
                          f->first, f->second ? "Produce" : "Consume", at.most);
          const char *remedy = "on every path, release what was acquired and no more";
          if (at.taken)
            m_.fail("acquire-release", placeOf(&op), message, remedy);
          else
            m_.warn("acquire-release", placeOf(&op), message, remedy);
        }
      }
      step(state, &op);
    }
  }
}

Value FifoLowering::buffer(OpBuilder &b, Location loc, const Pool &pool, int index) {
  const Buffer &buf = m_.buffers[static_cast<size_t>(pool.buffers[static_cast<size_t>(index)])];
  return memref::GetGlobalOp::create(b, loc, withoutSpace(buf.memref), buf.name);
}

/// The element `offset` behind a position that only the run knows: its address is chosen among the
/// pool's, then dressed as a memref again.
Value FifoLowering::selected(OpBuilder &b, Location loc, const Pool &pool, Value position,
                             int offset) {
  const int depth = pool.depth;
  auto address = [&](int i) {
    return arith::IndexCastUIOp::create(
               b, loc, b.getI64Type(),
               memref::ExtractAlignedPointerAsIndexOp::create(b, loc, buffer(b, loc, pool, i)))
        .getResult();
  };
  Value chosen = address(offset % depth);
  for (int i = 1; i < depth; ++i) {
    Value is =
        arith::CmpIOp::create(b, loc, arith::CmpIPredicate::eq, position, constant(b, loc, i));
    chosen = arith::SelectOp::create(b, loc, is, address((i + offset) % depth), chosen);
  }
  auto type = withoutSpace(m_.buffers[static_cast<size_t>(pool.buffers[0])].memref);
  Value pointer =
      LLVM::IntToPtrOp::create(b, loc, LLVM::LLVMPointerType::get(b.getContext()), chosen);
  Value descriptor = MemRefDescriptor::fromStaticShape(b, loc, typeConverter_, type, pointer);
  return UnrealizedConversionCastOp::create(b, loc, TypeRange{type}, ValueRange{descriptor})
      .getResult(0);
}

void FifoLowering::lockCall(OpBuilder &b, Location loc, int lock, bool acquire, Value value) {
  const auto id = coreLockId(m_, core_, lock);
  if (!id) {
    m_.fail("wrong-tile", placeOf(loc),
            fmt::format("the core of tile {} cannot reach lock '{}'", core_.tile.str(),
                        m_.locks[static_cast<size_t>(lock)].name));
    return;
  }
  func::CallOp::create(b, loc, acquire ? "__aie2_acquire" : "__aie2_release", TypeRange{},
                       ValueRange{constant(b, loc, *id), value});
}

Value FifoLowering::counter(func::FuncOp function, const FifoPort &f, bool held) {
  auto [it, fresh] = counters_.emplace(std::pair(f, held), Value());
  if (!fresh) return it->second;
  OpBuilder b(function.getContext());
  b.setInsertionPointToStart(&function.getBody().front());
  Location loc = function.getLoc();
  Value slot = memref::AllocaOp::create(b, loc, MemRefType::get({1}, b.getI32Type()));
  Value zero = arith::ConstantIndexOp::create(b, loc, 0);
  memref::StoreOp::create(b, loc, constant(b, loc, 0), slot, ValueRange{zero});
  it->second = slot;
  return slot;
}

void FifoLowering::rewrite(func::FuncOp function) {
  SmallVector<std::pair<Operation *, FifoState>> uses;
  for (Block &block : function.getBody()) {
    Known state = entry_[&block];
    for (Operation &op : block) {
      if (auto f = useOf(&op)) uses.emplace_back(&op, state[*f]);
      step(state, &op);
    }
  }
  for (auto &[op, state] : uses) {
    const FifoPort f = *useOf(op);
    auto it = m_.pools.find({f.first, core_.tile});
    OpBuilder b(op);
    Location loc = op->getLoc();
    if (it == m_.pools.end() || it->second.buffers.empty()) {
      m_.fail("bad-fifo", placeOf(op),
              fmt::format("object FIFO '{}' has no buffers on tile {}", f.first, core_.tile.str()));
      return;
    }
    const Pool &pool = it->second;
    const int n = static_cast<int>(intAttrOr(op, "size", 0));
    const bool acquire = isOp(op, "aie.objectfifo.acquire");
    const int lock = acquire == f.second ? pool.prodLock : pool.consLock;
    const bool movingPosition = dynamicPosition_.count(f), movingHeld = dynamicHeld_.count(f);
    Value zero;
    auto load = [&](bool held) {
      zero = arith::ConstantIndexOp::create(b, loc, 0);
      return memref::LoadOp::create(b, loc, counter(function, f, held), ValueRange{zero})
          .getResult();
    };
    auto store = [&](bool held, Value v) {
      memref::StoreOp::create(b, loc, v, counter(function, f, held), ValueRange{zero});
    };
    if (acquire) {
      if (movingHeld) {
        Value held = load(true);
        Value want = constant(b, loc, n);
        Value more = arith::CmpIOp::create(b, loc, arith::CmpIPredicate::sgt, want, held);
        auto branch = scf::IfOp::create(b, loc, more, /*withElseRegion=*/false);
        {
          OpBuilder inner = branch.getThenBodyBuilder();
          Value missing = arith::SubIOp::create(inner, loc, held, want); // negative: at least
          if (pool.repeat > 1)
            missing = arith::MulIOp::create(inner, loc, missing, constant(inner, loc, pool.repeat));
          if (lock >= 0) lockCall(inner, loc, lock, true, missing);
        }
        Value now = arith::MaxSIOp::create(b, loc, held, want);
        zero = arith::ConstantIndexOp::create(b, loc, 0);
        store(true, now);
      } else if (state.held.value_or(0) < n && lock >= 0) {
        lockCall(b, loc, lock, true, constant(b, loc, -(n - state.held.value_or(0)) * pool.repeat));
      }
      Value position;
      if (movingPosition) position = load(false);
      auto element = [&](OpBuilder &at, int64_t index) -> Value {
        if (index < 0 || index >= n) {
          m_.fail("bad-fifo", placeOf(op),
                  fmt::format("element {} of {} acquired from '{}'", index, n, f.first));
          return buffer(at, loc, pool, 0);
        }
        return movingPosition ? selected(at, loc, pool, position, static_cast<int>(index))
                              : buffer(at, loc, pool,
                                       (*state.position + static_cast<int>(index)) % pool.depth);
      };
      // G4: the elements are the results.
      if (op->getNumResults() != 1 || isa<MemRefType>(op->getResult(0).getType())) {
        for (auto [i, result] : llvm::enumerate(op->getResults())) {
          Value v = element(b, static_cast<int64_t>(i));
          if (v.getType() == result.getType()) result.replaceAllUsesWith(v);
        }
      } else {
        for (Operation *user : llvm::make_early_inc_range(op->getResult(0).getUsers())) {
          if (!isOp(user, "aie.objectfifo.subview.access")) {
            m_.fail("bad-fifo", placeOf(user),
                    "a subview of an object FIFO can only be accessed by "
                    "aie.objectfifo.subview.access");
            return;
          }
          Value v = element(b, intAttrOr(user, "index", 0));
          if (v.getType() != user->getResult(0).getType()) {
            m_.fail("bad-fifo", placeOf(user),
                    fmt::format("the elements of '{}' have another type", f.first));
            return;
          }
          user->getResult(0).replaceAllUsesWith(v);
          user->erase();
        }
      }
    } else {
      if (lock >= 0) lockCall(b, loc, lock, false, constant(b, loc, n * pool.repeat));
      if (movingPosition) {
        Value next = arith::AddIOp::create(b, loc, load(false), constant(b, loc, n % pool.depth));
        Value depth = constant(b, loc, pool.depth);
        Value over = arith::CmpIOp::create(b, loc, arith::CmpIPredicate::sge, next, depth);
        Value wrapped = arith::SubIOp::create(b, loc, next, depth);
        store(false, arith::SelectOp::create(b, loc, over, wrapped, next));
      }
      if (movingHeld) {
        Value left = arith::SubIOp::create(b, loc, load(true), constant(b, loc, n));
        store(true, arith::MaxSIOp::create(b, loc, left, constant(b, loc, 0)));
      }
    }
    if (!op->use_empty()) {
      m_.fail("bad-fifo", placeOf(op), "this object FIFO element is used in an unsupported way");
      return;
    }
    op->erase();
  }
}

bool FifoLowering::run() {
  const size_t before = m_.errors.size();
  for (auto function : module_.getOps<func::FuncOp>()) {
    if (function.isExternal()) continue;
    analyse(function);
    if (!all_.empty()) rewrite(function);
    entry_.clear();
    if (m_.errors.size() != before) return false;
  }
  return true;
}

} // namespace

bool lowerFifoUses(Model &model, const Core &core, ModuleOp module) {
  return FifoLowering(model, core, module).run();
}

} // namespace ashlar::lower
