// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Costs for LLVM's IR optimiser. Scalar code has no vector registers to vectorise into: vectors
// come from the kernel's author.
#include "codegen/target/target.h"

#include "llvm/Analysis/TargetTransformInfo.h"
#include "llvm/CodeGen/BasicTTIImpl.h"

using namespace llvm;

namespace {
class TTIImpl final : public BasicTTIImplBase<TTIImpl> {
  using Base = BasicTTIImplBase<TTIImpl>;
  friend Base;
  const AIE2Subtarget *subtarget_;
  const AIE2TargetLowering *lowering_;
  const AIE2Subtarget *getST() const { return subtarget_; }
  const AIE2TargetLowering *getTLI() const { return lowering_; }

public:
  TTIImpl(const AIE2TargetMachine *tm, const Function &f)
      : Base(tm, f.getDataLayout()), subtarget_(tm->subtarget()),
        lowering_(subtarget_->getTargetLowering()) {}
  unsigned getNumberOfRegisters(unsigned registerClass) const override {
    return registerClass == 1 ? 0 : 24;
  }
  TypeSize getRegisterBitWidth(TargetTransformInfo::RegisterKind kind) const override {
    return TypeSize::getFixed(kind == TargetTransformInfo::RGK_Scalar ? 32 : 0);
  }
  bool prefersVectorizedAddressing() const override { return false; }
  bool shouldBuildLookupTables() const override { return true; }
};
} // namespace

TargetTransformInfo AIE2TargetMachine::getTargetTransformInfo(const Function &f) const {
  return TargetTransformInfo(std::make_unique<TTIImpl>(this, f));
}
