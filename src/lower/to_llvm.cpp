// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// MLIR's conversions, in the order that leaves nothing behind. Memrefs pass as bare pointers, index
// is 64 bits wide (loop bounds of designs need it), pointers are 32.
#include "lower/core.h"

#include <mlir/Conversion/AffineToStandard/AffineToStandard.h>
#include <mlir/Conversion/ArithToLLVM/ArithToLLVM.h>
#include <mlir/Conversion/ControlFlowToLLVM/ControlFlowToLLVM.h>
#include <mlir/Conversion/FuncToLLVM/ConvertFuncToLLVMPass.h>
#include <mlir/Conversion/IndexToLLVM/IndexToLLVM.h>
#include <mlir/Conversion/MathToLLVM/MathToLLVM.h>
#include <mlir/Conversion/MathToLibm/MathToLibm.h>
#include <mlir/Conversion/MemRefToLLVM/MemRefToLLVM.h>
#include <mlir/Conversion/ReconcileUnrealizedCasts/ReconcileUnrealizedCasts.h>
#include <mlir/Conversion/SCFToControlFlow/SCFToControlFlow.h>
#include <mlir/Conversion/UBToLLVM/UBToLLVM.h>
#include <mlir/Conversion/VectorToLLVM/ConvertVectorToLLVMPass.h>
#include <mlir/Conversion/VectorToSCF/VectorToSCF.h>
#include <mlir/Dialect/Arith/IR/Arith.h>
#include <mlir/Dialect/Arith/Transforms/Passes.h>
#include <mlir/Dialect/Func/IR/FuncOps.h>
#include <mlir/Dialect/LLVMIR/LLVMDialect.h>
#include <mlir/Dialect/LLVMIR/Transforms/Passes.h>
#include <mlir/Dialect/Math/IR/Math.h>
#include <mlir/Dialect/MemRef/IR/MemRef.h>
#include <mlir/Dialect/MemRef/Transforms/Passes.h>
#include <mlir/Dialect/SCF/IR/SCF.h>
#include <mlir/Dialect/Vector/IR/VectorOps.h>
#include <mlir/Dialect/Vector/Transforms/Passes.h>
#include <mlir/Dialect/Vector/Transforms/VectorRewritePatterns.h>
#include <mlir/IR/BuiltinOps.h>
#include <mlir/IR/TypeUtilities.h>
#include <mlir/Pass/PassManager.h>
#include <mlir/Target/LLVMIR/Dialect/Builtin/BuiltinToLLVMIRTranslation.h>
#include <mlir/Target/LLVMIR/Dialect/LLVMIR/LLVMToLLVMIRTranslation.h>
#include <mlir/Target/LLVMIR/Export.h>
#include <mlir/Transforms/GreedyPatternRewriteDriver.h>
#include <mlir/Transforms/Passes.h>

#include <llvm/IR/Verifier.h>
#include <llvm/TargetParser/Triple.h>

using namespace mlir;

namespace ashlar::lower {

namespace {
constexpr char kTriple[] = "aie2-none-unknown-elf";
constexpr char kDataLayout[] = "e-m:e-p:32:32-i1:8:32-i8:8:32-i16:16:32-i32:32:32-f32:32:32-i64:32-"
                               "f64:32-a:0:32-n32";

/// Products of bf16 are exact in f32, where the core adds them: rounded once, as if fused.
void widenFma(ModuleOp module) {
  SmallVector<Operation *> found;
  module->walk([&](Operation *op) {
    if ((isa<vector::FMAOp>(op) || isa<math::FmaOp>(op)) &&
        getElementTypeOrSelf(op->getResult(0).getType()).isBF16())
      found.push_back(op);
  });
  for (Operation *op : found) {
    OpBuilder b(op);
    const Type narrow = op->getResult(0).getType();
    const Type wide = isa<VectorType>(narrow) ? Type(cast<VectorType>(narrow).clone(b.getF32Type()))
                                              : Type(b.getF32Type());
    SmallVector<Value> operands;
    for (Value v : op->getOperands())
      operands.push_back(arith::ExtFOp::create(b, op->getLoc(), wide, v));
    Value product = arith::MulFOp::create(b, op->getLoc(), operands[0], operands[1]);
    Value sum = arith::AddFOp::create(b, op->getLoc(), product, operands[2]);
    Value result = arith::TruncFOp::create(b, op->getLoc(), narrow, sum);
    op->getResult(0).replaceAllUsesWith(result);
    op->erase();
  }
}

/// The largest or smallest of a vector's floats, one after the other: LLVM's reduction of them is
/// not among what the code generator takes.
void expandReductions(ModuleOp module) {
  SmallVector<vector::ReductionOp> found;
  module.walk([&](vector::ReductionOp op) {
    using Kind = vector::CombiningKind;
    const Kind kind = op.getKind();
    if (kind == Kind::MAXIMUMF || kind == Kind::MINIMUMF || kind == Kind::MAXNUMF ||
        kind == Kind::MINNUMF)
      found.push_back(op);
  });
  for (vector::ReductionOp op : found) {
    OpBuilder b(op);
    Location loc = op.getLoc();
    Value all = op.getVector(), result = op.getAcc();
    for (int64_t i = 0; i < cast<VectorType>(all.getType()).getNumElements(); ++i) {
      Value one = vector::ExtractOp::create(b, loc, all, i);
      result = result ? vector::makeArithReduction(b, loc, op.getKind(), result, one) : one;
    }
    op.replaceAllUsesWith(result);
    op.erase();
  }
}

/// Copies between memories with gaps, one element after the other: MLIR would call a function of
/// its C runtime, which no core has.
void expandCopies(ModuleOp module) {
  SmallVector<memref::CopyOp> found;
  module.walk([&](memref::CopyOp op) {
    for (Value v : {op.getSource(), op.getTarget()})
      if (auto type = dyn_cast<MemRefType>(v.getType()); type && !type.getLayout().isIdentity()) {
        found.push_back(op);
        break;
      }
  });
  for (memref::CopyOp op : found) {
    OpBuilder b(op);
    Location loc = op.getLoc();
    auto type = cast<MemRefType>(op.getSource().getType());
    Value zero = arith::ConstantIndexOp::create(b, loc, 0),
          one = arith::ConstantIndexOp::create(b, loc, 1);
    SmallVector<Value> at, extents;
    for (int64_t d = 0; d < type.getRank(); ++d)
      extents.push_back(memref::DimOp::create(b, loc, op.getSource(), d));
    OpBuilder inner = b;
    for (Value extent : extents) {
      auto loop = scf::ForOp::create(inner, loc, zero, extent, one);
      at.push_back(loop.getInductionVar());
      inner.setInsertionPoint(loop.getBody()->getTerminator());
    }
    Value element = memref::LoadOp::create(inner, loc, op.getSource(), at);
    memref::StoreOp::create(inner, loc, element, op.getTarget(), at);
    op.erase();
  }
}

/// Matrices of narrow elements that lie in memory without gaps are read and written as one row:
/// their own rows are shorter than any vector of the core.
void flattenNarrow(ModuleOp module) {
  SmallVector<Operation *> found;
  module->walk([&](Operation *op) {
    Type type;
    if (auto read = dyn_cast<vector::TransferReadOp>(op)) type = read.getVectorType();
    if (auto write = dyn_cast<vector::TransferWriteOp>(op)) type = write.getVectorType();
    if (type && getElementTypeOrSelf(type).getIntOrFloatBitWidth() < 32) found.push_back(op);
  });
  if (found.empty()) return;
  RewritePatternSet patterns(module.getContext());
  vector::populateFlattenVectorTransferPatterns(patterns);
  GreedyRewriteConfig config;
  config.setStrictness(GreedyRewriteStrictness::ExistingAndNewOps);
  (void)applyOpPatternsGreedily(found, std::move(patterns), config);
}
} // namespace

bool toControlFlow(ModuleOp module) {
  PassManager pm(module.getContext());
  pm.addPass(createLowerAffinePass());
  pm.addPass(createSCFToControlFlowPass());
  return succeeded(pm.run(module));
}

Result<std::unique_ptr<llvm::Module>> toLlvm(ModuleOp module, llvm::LLVMContext &context,
                                             const std::string &name, bool debug) {
  MLIRContext *mlirContext = module.getContext();
  registerBuiltinDialectTranslation(*mlirContext);
  registerLLVMDialectTranslation(*mlirContext);
  useVectorUnit(module);
  widenFma(module);
  expandCopies(module);
  flattenNarrow(module);
  PassManager first(mlirContext);
  first.addPass(createLowerAffinePass());
  first.addPass(createCanonicalizerPass());
  first.addNestedPass<func::FuncOp>(vector::createLowerVectorMultiReductionPass());
  if (failed(first.run(module)))
    return error("bad-core", {}, "the core's vectors cannot be lowered");
  expandReductions(module);
  PassManager pm(mlirContext);
  pm.addPass(createConvertVectorToSCFPass());
  pm.addPass(createSCFToControlFlowPass());
  pm.addPass(memref::createExpandStridedMetadataPass());
  pm.addPass(createLowerAffinePass());
  pm.addPass(createConvertVectorToLLVMPass());
  pm.addPass(createConvertMathToLLVMPass());
  pm.addPass(createConvertMathToLibmPass());
  pm.addPass(createConvertIndexToLLVMPass());
  pm.addPass(arith::createArithExpandOpsPass());
  pm.addPass(createArithToLLVMConversionPass());
  pm.addPass(createFinalizeMemRefToLLVMConversionPass());
  ConvertFuncToLLVMPassOptions bare;
  bare.useBarePtrCallConv = true;
  pm.addPass(createConvertFuncToLLVMPass(bare));
  pm.addPass(createConvertControlFlowToLLVMPass());
  pm.addPass(createUBToLLVMConversionPass());
  pm.addPass(createReconcileUnrealizedCastsPass());
  pm.addPass(createCanonicalizerPass());
  pm.addPass(createCSEPass());
  if (debug) pm.addPass(LLVM::createDIScopeForLLVMFuncOpPass());
  if (failed(pm.run(module)))
    return error("bad-core", {}, "the core's body cannot be lowered to LLVM IR");
  std::unique_ptr<llvm::Module> out = translateModuleToLLVMIR(module, context, name);
  if (!out) return error("bad-core", {}, "the core's body cannot be translated to LLVM IR");
  out->setTargetTriple(llvm::Triple(kTriple));
  out->setDataLayout(kDataLayout);
  std::string problem;
  llvm::raw_string_ostream stream(problem);
  if (llvm::verifyModule(*out, &stream))
    return error("bad-core", {}, "the core's LLVM IR is malformed: " + problem);
  return out;
}

} // namespace ashlar::lower
