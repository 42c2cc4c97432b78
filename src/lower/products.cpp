// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Matrix products in a core's MLIR (vector.contract of bf16 with f32 sums, of i8 and i16 with i32
// sums) become the vector unit's own, tile by tile, and so does vector.fma of bf16. What has
// another shape or type is left to MLIR, which takes it apart into multiplications and additions.
#include "lower/core.h"

#include <mlir/Dialect/Arith/IR/Arith.h>
#include <mlir/Dialect/Func/IR/FuncOps.h>
#include <mlir/Dialect/Vector/IR/VectorOps.h>
#include <mlir/IR/Builders.h>

using namespace mlir;

namespace ashlar::lower {

namespace {

/// A tile of the vector unit, the word that chooses it (lib/aie2: aie_api/mmul.hpp), and the
/// function.
struct Unit {
  int64_t rows, inner, columns;
  int config;
  bool floating;
};
constexpr int kSignedX = 1 << 9, kSignedY = 1 << 8;

std::optional<Unit> unitFor(Type element, bool signedX, bool signedY) {
  const int signs = (signedX ? kSignedX : 0) | (signedY ? kSignedY : 0);
  if (element.isBF16()) return Unit{4, 8, 4, 28, true};
  if (element.isInteger(8)) return Unit{4, 8, 8, 1 << 3 | signs, false};
  if (element.isInteger(16)) return Unit{4, 2, 8, 3 << 3 | signs, false};
  return std::nullopt;
}

/// The narrow vector that an operand was widened from.
Value narrowed(Value v, bool &isSigned) {
  isSigned = true;
  Operation *def = v.getDefiningOp();
  if (auto e = dyn_cast_or_null<arith::ExtFOp>(def)) return e.getIn();
  if (auto e = dyn_cast_or_null<arith::ExtSIOp>(def)) return e.getIn();
  if (auto e = dyn_cast_or_null<arith::ExtUIOp>(def)) {
    isSigned = false;
    return e.getIn();
  }
  return v;
}

/// Whether the maps say C[m, n] += A[m, k] * B[k, n].
bool isProduct(vector::ContractionOp op) {
  const auto maps = op.getIndexingMapsArray();
  if (op.getKind() != vector::CombiningKind::ADD || maps.size() != 3) return false;
  for (AffineMap m : maps)
    if (m.getNumDims() != 3 || m.getNumResults() != 2 || !m.isProjectedPermutation()) return false;
  const unsigned m = maps[0].getDimPosition(0), k = maps[0].getDimPosition(1);
  const unsigned n = maps[1].getDimPosition(1);
  return maps[1].getDimPosition(0) == k && maps[2].getDimPosition(0) == m &&
         maps[2].getDimPosition(1) == n && m != n;
}

void declare(ModuleOp module, Location loc, StringRef name, Type accumulator, Type wire) {
  if (module.lookupSymbol(name)) return;
  OpBuilder b = OpBuilder::atBlockBegin(module.getBody());
  func::FuncOp::create(b, loc, name,
                       b.getFunctionType({accumulator, wire, wire, b.getI32Type()}, {accumulator}))
      .setPrivate();
}

/// Sixteen lanes at a time. The unit adds two products a lane; the second is nothing.
void multiplyLanes(vector::FMAOp op, ModuleOp module) {
  constexpr int64_t kLanes = 16;
  constexpr int kElements = 60; // bf16, 16 lanes, 2 products
  auto type = cast<VectorType>(op.getType());
  if (!type.getElementType().isBF16() || type.getRank() != 1 || type.getNumElements() % kLanes)
    return;
  OpBuilder b(op);
  Location loc = op.getLoc();
  auto accumulator = VectorType::get({kLanes / 2}, b.getI64Type());
  auto wire = VectorType::get({2 * kLanes}, b.getBF16Type());
  auto wide = VectorType::get({kLanes}, b.getF32Type());
  const int64_t one[] = {1}, start[] = {0};
  declare(module, loc, "__aie2_vmac_f", accumulator, wire);
  Value zero = arith::ConstantOp::create(b, loc, b.getZeroAttr(wire));
  Value config = arith::ConstantOp::create(b, loc, b.getI32IntegerAttr(kElements));
  Value result = op.getAcc();
  for (int64_t at = 0; at < type.getNumElements(); at += kLanes) {
    auto part = [&](Value v) -> Value {
      if (type.getNumElements() == kLanes) return v;
      return vector::ExtractStridedSliceOp::create(b, loc, v, ArrayRef<int64_t>{at},
                                                   ArrayRef<int64_t>{kLanes}, one);
    };
    auto operand = [&](Value v) -> Value {
      return vector::InsertStridedSliceOp::create(b, loc, part(v), zero, start, one);
    };
    Value sum = arith::ExtFOp::create(b, loc, wide, part(op.getAcc()));
    sum = vector::BitCastOp::create(b, loc, accumulator, sum);
    sum = func::CallOp::create(b, loc, "__aie2_vmac_f", TypeRange{accumulator},
                               ValueRange{sum, operand(op.getLhs()), operand(op.getRhs()), config})
              .getResult(0);
    sum = arith::TruncFOp::create(b, loc, VectorType::get({kLanes}, b.getBF16Type()),
                                  vector::BitCastOp::create(b, loc, wide, sum));
    result =
        type.getNumElements() == kLanes
            ? sum
            : vector::InsertStridedSliceOp::create(b, loc, sum, result, ArrayRef<int64_t>{at}, one)
                  .getResult();
  }
  op.getResult().replaceAllUsesWith(result);
  op.erase();
}

bool multiply(vector::ContractionOp op, ModuleOp module) {
  if (!isProduct(op)) return false;
  bool signedX = true, signedY = true;
  Value x = narrowed(op.getLhs(), signedX), y = narrowed(op.getRhs(), signedY);
  auto xType = cast<VectorType>(x.getType()), yType = cast<VectorType>(y.getType());
  auto sumType = dyn_cast<VectorType>(op.getAcc().getType());
  if (!sumType || xType.getElementType() != yType.getElementType()) return false;
  const auto unit = unitFor(xType.getElementType(), signedX, signedY);
  if (!unit) return false;
  const int64_t rows = sumType.getDimSize(0), columns = sumType.getDimSize(1);
  const int64_t inner = xType.getDimSize(1);
  if (rows % unit->rows || columns % unit->columns || inner % unit->inner) return false;
  if (!(unit->floating ? sumType.getElementType().isF32() : sumType.getElementType().isInteger(32)))
    return false;

  OpBuilder b(op);
  Location loc = op.getLoc();
  const StringRef name = unit->floating ? "__aie2_vmac_f" : "__aie2_vmac";
  auto accumulator = VectorType::get({unit->rows * unit->columns / 2}, b.getI64Type());
  auto wire = unit->floating ? VectorType::get({32}, b.getBF16Type())
                             : VectorType::get({64}, b.getI8Type());
  declare(module, loc, name, accumulator, wire);
  auto tile = [&](Value of, int64_t row, int64_t column, int64_t height, int64_t width) -> Value {
    auto type = cast<VectorType>(of.getType());
    if (type.getDimSize(0) != height || type.getDimSize(1) != width)
      of = vector::ExtractStridedSliceOp::create(b, loc, of, ArrayRef<int64_t>{row, column},
                                                 ArrayRef<int64_t>{height, width},
                                                 ArrayRef<int64_t>{1, 1});
    return vector::ShapeCastOp::create(
        b, loc, VectorType::get({height * width}, type.getElementType()), of);
  };
  // What a tile has less than a register is left open.
  auto operand = [&](Value v) -> Value {
    auto type = cast<VectorType>(v.getType());
    const int64_t full = unit->floating ? 32 : 64 / (type.getElementTypeBitWidth() / 8);
    if (type.getNumElements() < full) {
      Value wider = arith::ConstantOp::create(
          b, loc, b.getZeroAttr(VectorType::get({full}, type.getElementType())));
      v = vector::InsertStridedSliceOp::create(b, loc, v, wider, ArrayRef<int64_t>{0},
                                               ArrayRef<int64_t>{1});
    }
    return v.getType() == wire ? v : vector::BitCastOp::create(b, loc, wire, v).getResult();
  };
  Value config = arith::ConstantOp::create(b, loc, b.getI32IntegerAttr(unit->config));
  Value result = op.getAcc();
  for (int64_t m = 0; m < rows; m += unit->rows)
    for (int64_t n = 0; n < columns; n += unit->columns) {
      Value sum = tile(op.getAcc(), m, n, unit->rows, unit->columns);
      Type flat = sum.getType();
      sum = vector::BitCastOp::create(b, loc, accumulator, sum);
      for (int64_t k = 0; k < inner; k += unit->inner)
        sum = func::CallOp::create(b, loc, name, TypeRange{accumulator},
                                   ValueRange{sum, operand(tile(x, m, k, unit->rows, unit->inner)),
                                              operand(tile(y, k, n, unit->inner, unit->columns)),
                                              config})
                  .getResult(0);
      sum = vector::BitCastOp::create(b, loc, flat, sum);
      auto shape = VectorType::get({unit->rows, unit->columns}, sumType.getElementType());
      sum = vector::ShapeCastOp::create(b, loc, shape, sum);
      result = shape == sumType ? sum
                                : vector::InsertStridedSliceOp::create(b, loc, sum, result,
                                                                       ArrayRef<int64_t>{m, n},
                                                                       ArrayRef<int64_t>{1, 1})
                                      .getResult();
    }
  op.getResult().replaceAllUsesWith(result);
  op.erase();
  return true;
}

} // namespace

void useVectorUnit(ModuleOp module) {
  SmallVector<vector::ContractionOp> matrices;
  SmallVector<vector::FMAOp> lanes;
  module.walk([&](vector::ContractionOp op) { matrices.push_back(op); });
  module.walk([&](vector::FMAOp op) { lanes.push_back(op); });
  for (vector::ContractionOp op : matrices) multiply(op, module);
  for (vector::FMAOp op : lanes) multiplyLanes(op, module);
}

} // namespace ashlar::lower
