// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Divisions by constants without the library's division (about 70 cycles): shifts for powers of
// two, one product and a shift where the dividend is known to be small (indices and pixels are),
// else the upper half of a 64-bit product, which this core has to put together from four. LLVM's
// own rewrites want an instruction for that upper half.
#include "codegen/target/target.h"

#include "llvm/Analysis/ScalarEvolution.h"
#include "llvm/Analysis/ValueTracking.h"
#include "llvm/IR/IRBuilder.h"
#include "llvm/IR/InstIterator.h"
#include "llvm/Pass.h"
#include "llvm/Support/DivisionByConstantInfo.h"

#include <bit>

using namespace llvm;

namespace {

/// floor(x / divisor) = x * factor >> shift for all x up to some limit, without overflow.
struct SmallMagic {
  uint32_t factor = 0;
  unsigned shift = 0;
};
/// `bits` that the product may have: 32 without sign, 31 with.
std::optional<SmallMagic> smallMagic(uint64_t limit, uint64_t divisor, unsigned bits) {
  for (unsigned shift = 0; shift < 32; ++shift) {
    const uint64_t factor = ((uint64_t{1} << shift) + divisor - 1) / divisor;
    if (factor * limit >> bits) return std::nullopt;
    // factor / 2^shift is too large by error / (divisor * 2^shift): harmless while the product of
    // that and x stays below 1 / divisor.
    const uint64_t error = factor * divisor - (uint64_t{1} << shift);
    if (error * limit < uint64_t{1} << shift)
      return SmallMagic{static_cast<uint32_t>(factor), shift};
  }
  return std::nullopt;
}

class DivideByConstants : public FunctionPass {
public:
  static char ID;
  DivideByConstants() : FunctionPass(ID) {}
  StringRef getPassName() const override { return "AIE2 division by constants"; }
  void getAnalysisUsage(AnalysisUsage &usage) const override {
    usage.addRequired<ScalarEvolutionWrapperPass>();
    usage.setPreservesCFG();
  }
  bool runOnFunction(Function &f) override;

private:
  /// Null where the library stays better.
  Value *replacement(BinaryOperator &division);
  Value *unsignedQuotient(IRBuilder<> &b, Value *x, uint32_t divisor, uint64_t limit);
  Value *signedQuotient(IRBuilder<> &b, Value *x, int32_t divisor, uint64_t limit);

  /// A long sequence has about 120 bytes, and program memory 16 KiB.
  static constexpr size_t kMostDivisions = 48;
  bool small_ = false; ///< no long sequences: the function is to be small, or has many divisions
};
char DivideByConstants::ID = 0;

/// Bits 32 to 63 of x * factor.
Value *upperHalf(IRBuilder<> &b, Value *x, uint32_t factor) {
  Value *low = b.CreateAnd(x, 0xFFFF), *high = b.CreateLShr(x, 16);
  Value *fLow = b.getInt32(factor & 0xFFFF), *fHigh = b.getInt32(factor >> 16);
  Value *middle = b.CreateAdd(b.CreateMul(high, fLow), b.CreateLShr(b.CreateMul(low, fLow), 16));
  Value *other = b.CreateAdd(b.CreateMul(low, fHigh), b.CreateAnd(middle, 0xFFFF));
  return b.CreateAdd(b.CreateMul(high, fHigh),
                     b.CreateAdd(b.CreateLShr(middle, 16), b.CreateLShr(other, 16)));
}

Value *DivideByConstants::unsignedQuotient(IRBuilder<> &b, Value *x, uint32_t divisor,
                                           uint64_t limit) {
  if (limit < divisor) return b.getInt32(0);
  if (std::has_single_bit(divisor)) return b.CreateLShr(x, std::countr_zero(divisor));
  if (auto magic = smallMagic(limit, divisor, 32))
    return b.CreateLShr(b.CreateMul(x, b.getInt32(magic->factor)), magic->shift);
  if (small_) return nullptr;
  const auto magic = UnsignedDivisionByConstantInfo::get(
      APInt(32, divisor), static_cast<unsigned>(std::countl_zero(static_cast<uint32_t>(limit))));
  Value *q = magic.PreShift ? b.CreateLShr(x, magic.PreShift) : x;
  q = upperHalf(b, q, static_cast<uint32_t>(magic.Magic.getZExtValue()));
  if (magic.IsAdd) q = b.CreateAdd(b.CreateLShr(b.CreateSub(x, q), 1), q);
  return magic.PostShift ? b.CreateLShr(q, magic.PostShift) : q;
}

Value *DivideByConstants::signedQuotient(IRBuilder<> &b, Value *x, int32_t divisor,
                                         uint64_t limit) {
  const uint32_t size = divisor < 0 ? 0u - static_cast<uint32_t>(divisor) : divisor;
  if (size < 2) return nullptr;
  Value *negative = b.CreateLShr(x, 31), *q = nullptr;
  if (std::has_single_bit(size)) {
    // Shifts round down; what is below zero shall be rounded up.
    const unsigned shift = std::countr_zero(size);
    q = b.CreateAShr(b.CreateAdd(x, b.CreateLShr(b.CreateAShr(x, 31), 32 - shift)), shift);
  } else if (auto magic = smallMagic(limit, size, 31)) {
    q = b.CreateAShr(b.CreateMul(x, b.getInt32(magic->factor)), magic->shift);
    q = b.CreateAdd(q, negative);
  } else {
    if (small_) return nullptr;
    // The factor counts without sign; a dividend below zero was taken 2^32 too large.
    const auto info = SignedDivisionByConstantInfo::get(APInt(32, size));
    const auto factor = static_cast<uint32_t>(info.Magic.getZExtValue());
    q = b.CreateSub(upperHalf(b, x, factor), b.CreateAnd(b.CreateAShr(x, 31), factor));
    if (info.ShiftAmount) q = b.CreateAShr(q, info.ShiftAmount);
    q = b.CreateAdd(q, negative);
  }
  return divisor < 0 ? b.CreateNeg(q) : q;
}

Value *DivideByConstants::replacement(BinaryOperator &division) {
  const bool isSigned =
      division.getOpcode() == Instruction::SDiv || division.getOpcode() == Instruction::SRem;
  const APInt &divisor = cast<ConstantInt>(division.getOperand(1))->getValue();
  Value *x = division.getOperand(0);
  auto &scev = getAnalysis<ScalarEvolutionWrapperPass>().getSE();
  const SCEV *value = scev.getSCEV(x);
  const APInt most = scev.getUnsignedRangeMax(value);
  const APInt least = scev.getSignedRangeMin(value), greatest = scev.getSignedRangeMax(value);
  const bool positive = !isSigned || (least.isNonNegative() && divisor.isStrictlyPositive());
  if (positive ? most.getActiveBits() > 32 || divisor.getActiveBits() > 32
               : least.getSignificantBits() > 32 || greatest.getSignificantBits() > 32 ||
                     divisor.getSignificantBits() > 32 || divisor.isMinSignedValue())
    return nullptr;

  IRBuilder<> b(&division);
  // It is read several times, and must be the same each time.
  if (!isGuaranteedNotToBeUndefOrPoison(x)) x = b.CreateFreeze(x);
  x = positive ? b.CreateZExtOrTrunc(x, b.getInt32Ty()) : b.CreateSExtOrTrunc(x, b.getInt32Ty());
  const auto by = static_cast<uint32_t>(positive ? divisor.getZExtValue()
                                                 : static_cast<uint64_t>(divisor.getSExtValue()));
  const uint64_t limit =
      positive ? most.getZExtValue()
               : static_cast<uint64_t>(std::max<int64_t>(std::abs(least.getSExtValue()),
                                                         std::abs(greatest.getSExtValue())));
  Value *result = positive ? unsignedQuotient(b, x, by, limit)
                           : signedQuotient(b, x, static_cast<int32_t>(by), limit);
  if (!result) return nullptr;
  if (division.getOpcode() == Instruction::URem || division.getOpcode() == Instruction::SRem)
    result = b.CreateSub(x, b.CreateMul(result, b.getInt32(by)));
  return positive ? b.CreateZExtOrTrunc(result, division.getType())
                  : b.CreateSExtOrTrunc(result, division.getType());
}

bool DivideByConstants::runOnFunction(Function &f) {
  SmallVector<BinaryOperator *, 8> divisions;
  for (Instruction &inst : instructions(f))
    if (auto *op = dyn_cast<BinaryOperator>(&inst))
      if (op->isIntDivRem() && op->getType()->isIntegerTy() &&
          op->getType()->getIntegerBitWidth() <= 64)
        if (auto *by = dyn_cast<ConstantInt>(op->getOperand(1)); by && !by->isZero())
          divisions.push_back(op);
  small_ = f.hasOptSize() || divisions.size() > kMostDivisions;
  bool changed = false;
  for (BinaryOperator *op : divisions)
    if (Value *result = replacement(*op)) {
      op->replaceAllUsesWith(result);
      op->eraseFromParent();
      changed = true;
    }
  return changed;
}
} // namespace

FunctionPass *llvm::createAIE2DivideByConstants() { return new DivideByConstants(); }
