// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A core's body becomes a function of its own module: buffers are external symbols that the linker
// places, locks, streams and cascades are calls of reserved names that code generation knows, and
// what the body calls comes along.
#include "lower/core.h"

#include "base/nearest.h"

#include <mlir/Dialect/Arith/IR/Arith.h>
#include <mlir/Dialect/ControlFlow/IR/ControlFlowOps.h>
#include <mlir/Dialect/Func/IR/FuncOps.h>
#include <mlir/Dialect/MemRef/IR/MemRef.h>
#include <mlir/Dialect/SCF/Transforms/Passes.h>
#include <mlir/Dialect/Vector/IR/VectorOps.h>
#include <mlir/IR/AttrTypeSubElements.h>
#include <mlir/IR/Builders.h>
#include <mlir/IR/Diagnostics.h>
#include <mlir/IR/IRMapping.h>
#include <mlir/IR/Verifier.h>
#include <mlir/Pass/PassManager.h>

using namespace mlir;
using ashlar::design::intAttrOr;
using ashlar::design::isOp;
using ashlar::design::opName;
using ashlar::design::placeOf;
using ashlar::design::strAttr;

namespace ashlar::lower {

std::optional<int> coreLockId(const Model &m, const Core &core, int index) {
  const Lock &lock = m.locks[static_cast<size_t>(index)];
  const int dc = lock.tile.col - core.tile.col, dr = lock.tile.row - core.tile.row;
  if (device::tileKind(lock.tile) != TileKind::Core) return std::nullopt;
  const int id = lock.id.value_or(0);
  if (dc == 0 && dr == 0) return device::kCoreLockOwn + id;
  if (dc == 0 && dr == -1) return device::kCoreLockSouth + id;
  if (dc == -1 && dr == 0) return device::kCoreLockWest + id;
  if (dc == 0 && dr == 1) return device::kCoreLockNorth + id;
  return std::nullopt;
}

namespace {

constexpr int kLocalLocks = device::lockCount(TileKind::Core);
constexpr int64_t kVectorBytes = 64; ///< the widest vector

class CoreBuilder {
public:
  CoreBuilder(Model &model, const Core &core, plan::Core &out, const Options &options)
      : m_(model), core_(core), out_(out), options_(options), context_(core.op->getContext()) {}
  Result<std::unique_ptr<llvm::Module>> run(llvm::LLVMContext &llvmContext);

private:
  bool extract();
  bool mapOutside(IRMapping &mapping, OpBuilder &b);
  bool bringCallees(func::FuncOp function, int depth);
  bool lowerOps();
  bool lowerOp(Operation *op);
  bool oneAfterTheOther();
  Operation *findSymbol(StringRef name);
  void declare(StringRef name, TypeRange in, TypeRange out);
  void declareBuffer(const Buffer &buffer);

  Model &m_;
  const Core &core_;
  plan::Core &out_;
  const Options &options_;
  MLIRContext *context_;
  OwningOpRef<ModuleOp> module_;
  func::FuncOp function_;
  std::set<std::string> buffers_;
};

Operation *CoreBuilder::findSymbol(StringRef name) {
  for (Operation *scope = m_.op; scope; scope = scope->getParentOp())
    for (Region &region : scope->getRegions())
      for (Block &block : region)
        for (Operation &op : block)
          if (strAttr(&op, "sym_name") == name &&
              (isa<func::FuncOp>(op) || isa<memref::GlobalOp>(op)))
            return &op;
  return nullptr;
}

void CoreBuilder::declare(StringRef name, TypeRange in, TypeRange out) {
  if (module_->lookupSymbol(name)) return;
  OpBuilder b = OpBuilder::atBlockEnd(module_->getBody());
  auto function =
      func::FuncOp::create(b, UnknownLoc::get(context_), name, b.getFunctionType(in, out));
  function.setPrivate();
}

/// What the buffer's address is a multiple of: vectors of the core are loaded whole from multiples
/// of their size.
static int64_t bufferAlignment(const Buffer &buffer) {
  const int64_t address = buffer.address.value_or(0);
  return std::min<int64_t>(address ? address & -address : kVectorBytes, kVectorBytes);
}

/// An external symbol; the linker gives it the address of the plan.
void CoreBuilder::declareBuffer(const Buffer &buffer) {
  if (!buffers_.insert(buffer.name).second) return;
  OpBuilder b = OpBuilder::atBlockBegin(module_->getBody());
  memref::GlobalOp::create(b, UnknownLoc::get(context_), buffer.name, b.getStringAttr("public"),
                           cast<MemRefType>(buffer.memref), Attribute(), false,
                           b.getI64IntegerAttr(bufferAlignment(buffer)));
}

/// Values that the body uses and the device defines: buffers, locks, constants.
bool CoreBuilder::mapOutside(IRMapping &mapping, OpBuilder &b) {
  Region &body = core_.op->getRegion(0);
  llvm::SetVector<Value> outside;
  body.walk([&](Operation *op) {
    for (Value v : op->getOperands()) {
      Region *home = v.getParentRegion();
      if (home && home != &body && !body.isAncestor(home)) outside.insert(v);
    }
  });
  std::function<bool(Value)> bring = [&](Value v) -> bool {
    if (mapping.contains(v)) return true;
    Operation *def = v.getDefiningOp();
    if (auto it = m_.bufferOf.find(v); it != m_.bufferOf.end()) {
      const Buffer &buffer = m_.buffers[static_cast<size_t>(it->second)];
      if (!coreReaches(core_.tile, buffer.tile)) {
        m_.fail("wrong-tile", core_.place,
                fmt::format("the core of tile {} cannot reach buffer '{}' in tile {}",
                            core_.tile.str(), buffer.name, buffer.tile.str()),
                "a core reaches its own memory and that of the tiles south, west and north of it");
        return false;
      }
      declareBuffer(buffer);
      mapping.map(v, memref::GetGlobalOp::create(b, v.getLoc(), cast<MemRefType>(buffer.memref),
                                                 buffer.name)
                         .getResult());
      return true;
    }
    // A lock is the number by which this core knows it, and may be passed on as such.
    if (auto it = m_.lockOf.find(v); it != m_.lockOf.end()) {
      const auto id = coreLockId(m_, core_, it->second);
      if (!id) {
        const Lock &lock = m_.locks[static_cast<size_t>(it->second)];
        Operation *user = *llvm::find_if(
            v.getUsers(), [&](Operation *u) { return body.isAncestor(u->getParentRegion()); });
        m_.fail("wrong-tile", placeOf(user),
                fmt::format("the core of tile {} cannot reach lock '{}' of tile {}",
                            core_.tile.str(), lock.name, lock.tile.str()),
                "a core reaches the locks of its own tile and of the tiles south, west and north");
        return false;
      }
      mapping.map(v, arith::ConstantIndexOp::create(b, v.getLoc(), *id).getResult());
      return true;
    }
    if (!def || !isa_and_nonnull<arith::ArithDialect, memref::MemRefDialect>(def->getDialect())) {
      m_.fail("bad-core", core_.place,
              fmt::format("the core uses a value of the device that cores cannot see{}",
                          def ? " (" + opName(def).str() + ")" : std::string()));
      return false;
    }
    for (Value operand : def->getOperands())
      if (!bring(operand)) return false;
    b.clone(*def, mapping);
    return true;
  };
  for (Value v : outside)
    if (!bring(v)) return false;
  return true;
}

bool CoreBuilder::bringCallees(func::FuncOp function, int depth) {
  SmallVector<std::pair<std::string, Operation *>> wanted;
  function.walk([&](Operation *op) {
    if (auto call = dyn_cast<func::CallOp>(op)) wanted.emplace_back(call.getCallee().str(), op);
    if (auto constant = dyn_cast<func::ConstantOp>(op))
      wanted.emplace_back(constant.getValue().str(), op);
    if (auto get = dyn_cast<memref::GetGlobalOp>(op)) wanted.emplace_back(get.getName().str(), op);
  });
  for (const auto &[name, user] : wanted) {
    if (module_->lookupSymbol(name)) continue;
    Operation *symbol = findSymbol(name);
    if (!symbol) {
      m_.fail("undefined-symbol", placeOf(user), fmt::format("there is nothing named '{}'", name),
              fmt::format("declare it in the device: func.func private @{}(...)", name));
      return false;
    }
    const std::string object = strAttr(symbol, "link_with");
    if (!object.empty() && !llvm::is_contained(out_.linkWith, object))
      out_.linkWith.push_back(object);
    OpBuilder b = OpBuilder::atBlockEnd(module_->getBody());
    Operation *copy = b.clone(*symbol);
    copy->removeAttr("link_with");
    if (auto callee = dyn_cast<func::FuncOp>(copy); callee && !callee.isExternal()) {
      callee.setPrivate();
      if (depth > 100 || !bringCallees(callee, depth + 1)) return false;
    }
  }
  return true;
}

bool CoreBuilder::extract() {
  Location loc = core_.op->getLoc();
  module_ = ModuleOp::create(loc);
  OpBuilder b = OpBuilder::atBlockEnd(module_->getBody());
  function_ = func::FuncOp::create(b, loc, out_.function, b.getFunctionType({}, {}));
  Block *prelude = function_.addEntryBlock();
  b.setInsertionPointToStart(prelude);
  IRMapping mapping;
  if (!mapOutside(mapping, b)) return false;
  core_.op->getRegion(0).cloneInto(&function_.getBody(), mapping);
  Block *body = prelude->getNextNode();
  // Without branches back to it the body's first block joins the prelude, so that structured
  // control flow stays in one block.
  if (body->hasNoPredecessors() && body->getNumArguments() == 0) {
    prelude->getOperations().splice(prelude->end(), body->getOperations());
    body->erase();
  } else {
    b.setInsertionPointToEnd(prelude);
    cf::BranchOp::create(b, loc, body);
  }
  function_.walk([&](Operation *op) {
    if (!isOp(op, "aie.end")) return;
    OpBuilder at(op);
    func::ReturnOp::create(at, op->getLoc());
    op->erase();
  });
  for (const auto &[key, pool] : m_.pools)
    if (key.second == core_.tile)
      for (int buffer : pool.buffers) declareBuffer(m_.buffers[static_cast<size_t>(buffer)]);
  if (!bringCallees(function_, 0)) return false;
  // Memory spaces of the language (1 memtile, 2 core) say where a buffer lies; a core has one
  // space.
  AttrTypeReplacer spaces;
  spaces.addReplacement([](MemRefType type) -> std::optional<Type> {
    if (!type.getMemorySpace()) return std::nullopt;
    return MemRefType::get(type.getShape(), type.getElementType(), type.getLayout());
  });
  spaces.recursivelyReplaceElementsIn(*module_, /*replaceAttrs=*/true, /*replaceLocs=*/false,
                                      /*replaceTypes=*/true);
  return true;
}

bool CoreBuilder::lowerOp(Operation *op) {
  OpBuilder b(op);
  Location loc = op->getLoc();
  const StringRef name = opName(op);
  Type i32 = b.getI32Type();
  auto constant = [&](int64_t v) {
    return arith::ConstantOp::create(b, loc, b.getI32IntegerAttr(static_cast<int32_t>(v)))
        .getResult();
  };
  auto call = [&](StringRef callee, TypeRange results, ValueRange operands) {
    declare(callee, operands.getTypes(), results);
    return func::CallOp::create(b, loc, callee, results, operands);
  };
  if (name == "aie.use_lock") {
    Value lock = op->getOperand(0), id;
    Operation *def = lock.getDefiningOp();
    // A constant is a lock of the design, or (in designs that were lowered before) the number by
    // which this core knows one.
    if (auto number = def ? dyn_cast<arith::ConstantIndexOp>(def) : arith::ConstantIndexOp();
        number && number.value() >= 0 && number.value() < device::kCoreLockOwn + kLocalLocks)
      id = constant(number.value());
    else if (isa<BlockArgument>(lock)) // a function that was given the lock
      id = arith::IndexCastOp::create(b, loc, i32, lock);
    if (!id) {
      m_.fail("bad-core", placeOf(op), "aie.use_lock needs a lock of this device");
      return false;
    }
    const std::string action = strAttr(op, "action");
    Value value =
        op->getNumOperands() > 1 ? op->getOperand(1) : constant(intAttrOr(op, "value", 1));
    if (action == "AcquireGreaterEqual")
      value = op->getNumOperands() > 1
                  ? arith::SubIOp::create(b, loc, constant(0), value).getResult()
                  : constant(-intAttrOr(op, "value", 1));
    call(action == "Release" ? "__aie2_release" : "__aie2_acquire", {}, {id, value});
  } else if (name == "aie.event") {
    call("__aie2_event", {}, {constant(intAttrOr(op, "val", 0))});
  } else if (name == "aie.put_stream" || name == "aie.get_stream") {
    // The stream carries words; 128 bits are four of them, the lowest first.
    const bool put = name == "aie.put_stream";
    Value given;
    if (put && op->getNumOperands()) given = op->getOperand(op->getNumOperands() - 1);
    Type type = put ? (given ? given.getType() : Type()) : op->getResult(0).getType();
    if (!type || !(type == i32 || type.isF32() || type.isInteger(128))) {
      m_.fail(
          "unsupported-op", placeOf(op),
          fmt::format("{} carries i32, f32 or i128, not {}", name.str(), design::typeText(type)));
      return false;
    }
    auto read = [&] { return call("__aie2_get_ss", {i32, i32}, {}).getResult(0); };
    auto write = [&](Value v) { call("__aie2_put_ms", {}, {v, constant(0)}); };
    Value got;
    if (type.isInteger(128)) {
      for (int word = 0; word < 4; ++word) {
        Value by = arith::ConstantOp::create(b, loc, b.getIntegerAttr(type, 32 * word));
        if (put) {
          write(arith::TruncIOp::create(b, loc, i32, arith::ShRUIOp::create(b, loc, given, by)));
        } else {
          Value part = arith::ExtUIOp::create(b, loc, type, read());
          part = arith::ShLIOp::create(b, loc, part, by);
          got = got ? arith::OrIOp::create(b, loc, got, part).getResult() : part;
        }
      }
    } else if (put) {
      write(type == i32 ? given : arith::BitcastOp::create(b, loc, i32, given).getResult());
    } else {
      got = read();
      if (type != i32) got = arith::BitcastOp::create(b, loc, type, got);
    }
    if (got) op->getResult(0).replaceAllUsesWith(got);
  } else if (name == "aie.put_cascade" || name == "aie.get_cascade") {
    auto wire = VectorType::get({64}, b.getI8Type()); // as the intrinsics have it
    const bool put = name == "aie.put_cascade";
    Type type = put ? op->getOperand(0).getType() : op->getResult(0).getType();
    auto vector = dyn_cast<VectorType>(type);
    if (!vector || vector.getRank() != 1 || !vector.getElementType().isIntOrFloat() ||
        vector.getNumElements() * vector.getElementTypeBitWidth() != wire.getNumElements() * 8) {
      m_.fail("bad-core", placeOf(op), "the cascade carries vectors of 512 bits");
      return false;
    }
    if (put) {
      Value value = op->getOperand(0);
      if (type != wire) value = vector::BitCastOp::create(b, loc, wire, value);
      call("__aie2_vmov_mcd_x", {}, {value});
    } else {
      Value value = call("__aie2_vmov_scd_x", {wire}, {}).getResult(0);
      if (type != wire) value = vector::BitCastOp::create(b, loc, type, value);
      op->getResult(0).replaceAllUsesWith(value);
    }
  } else if (name == "aie.debug") {
    // For simulators only.
  } else if (name.starts_with("aie.objectfifo.")) {
    return true; // lowered by themselves
  } else if (name.starts_with("aie.") || name.starts_with("aiex.")) {
    m_.fail("unsupported-op", placeOf(op),
            fmt::format("{} is not supported in a core", name.str()));
    return false;
  } else {
    return true;
  }
  op->erase();
  return true;
}

/// What MLIR lowers to calls that no core has.
struct Refused {
  const char *name, *remedy;
};
static constexpr Refused refused[] = {
    {"memref.alloc", "use memref.alloca, or an aie.buffer of the device"},
    {"memref.dealloc", "memory of memref.alloca and aie.buffer need not be freed"},
    {"memref.realloc", "use memref.alloca, or an aie.buffer of the device"},
    {"memref.dma_start", "use the tile's DMA: aie.mem"},
    {"memref.dma_wait", "use the tile's DMA: aie.mem"},
    {"vector.print", "a core prints nothing: write to a buffer"},
};

bool CoreBuilder::lowerOps() {
  SmallVector<Operation *> ops;
  Operation *never = nullptr;
  const char *remedy = nullptr;
  module_->walk([&](Operation *op) {
    for (const Refused &r : refused)
      if (!never && opName(op) == r.name) {
        never = op;
        remedy = r.remedy;
      }
  });
  if (never) {
    m_.fail("unsupported-op", placeOf(never),
            fmt::format("{} is not supported in a core", opName(never).str()), remedy);
    return false;
  }
  module_->walk([&](Operation *op) {
    const StringRef name = opName(op);
    if (name.starts_with("aie.") || name.starts_with("aiex.")) ops.push_back(op);
  });
  for (Operation *op : ops)
    if (!lowerOp(op)) return false;
  return true;
}

/// A core has one thread: what may be done at once is done in order.
bool CoreBuilder::oneAfterTheOther() {
  bool any = false;
  module_->walk(
      [&](Operation *op) { any |= opName(op) == "scf.parallel" || opName(op) == "scf.forall"; });
  if (!any) return true;
  PassManager pm(context_);
  pm.addPass(createForallToForLoopPass());
  pm.addPass(
      createParallelForToNestedForsPass()); // reductions are left to the lowering to branches
  return succeeded(pm.run(*module_));
}

Result<std::unique_ptr<llvm::Module>> CoreBuilder::run(llvm::LLVMContext &llvmContext) {
  Diagnostics messages;
  ScopedDiagnosticHandler handler(context_, [&](mlir::Diagnostic &d) {
    if (d.getSeverity() == DiagnosticSeverity::Error)
      messages.push_back(
          error("bad-core", placeOf(d.getLocation()),
                fmt::format("in the core of tile {}: {}", core_.tile.str(), d.str())));
    return success();
  });
  auto failed = [&]() -> Diagnostics {
    if (!m_.errors.empty()) return std::exchange(m_.errors, {});
    if (messages.empty())
      messages.push_back(
          error("bad-core", core_.place,
                fmt::format("the core of tile {} cannot be compiled", core_.tile.str())));
    return {messages.front()};
  };
  if (!extract() || !lowerOps() || !oneAfterTheOther()) return failed();
  bool fifos = false;
  module_->walk([&](Operation *op) { fifos |= opName(op).starts_with("aie.objectfifo."); });
  if (fifos) {
    Type i32 = IntegerType::get(context_, 32);
    declare("__aie2_acquire", {i32, i32}, {});
    declare("__aie2_release", {i32, i32}, {});
    if (!inlineFifoUsers(m_, *module_)) return failed();
    if (!core_.dynamicFifos.value_or(options_.dynamicObjectFifos))
      unrollForFifos(m_, core_, *module_);
    if (!toControlFlow(*module_) || !lowerFifoUses(m_, core_, *module_)) return failed();
  }
  auto out = toLlvm(*module_, llvmContext, out_.function, options_.debug);
  if (!out.ok()) {
    if (!messages.empty()) return Diagnostics{messages.front()};
    Diagnostic d = out.errors().front();
    if (!d.place.known()) d.place = core_.place;
    return d;
  }
  return out;
}

} // namespace

Result<std::unique_ptr<llvm::Module>> compileCore(Model &model, const Core &core, plan::Core &out,
                                                  const Options &options,
                                                  llvm::LLVMContext &context) {
  return CoreBuilder(model, core, out, options).run(context);
}

} // namespace ashlar::lower
