// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What LLVM's IR passes and the generic legalizer ask about the machine: legal types, addressing
// modes, and the names of the run-time routines of lib/aie2 (an unknown architecture has none).
#include "codegen/target/target.h"

#include "llvm/CodeGen/LibcallLoweringInfo.h"
#include "llvm/IR/RuntimeLibcalls.h"

using namespace llvm;

AIE2TargetLowering::AIE2TargetLowering(const TargetMachine &tm, const AIE2Subtarget &subtarget)
    : TargetLowering(tm, subtarget) {
  addRegisterClass(MVT::i32, &AIE2::eRRegClass);
  for (MVT t : {MVT::v32i8, MVT::v16i16, MVT::v8i32, MVT::v16bf16, MVT::v8f32})
    addRegisterClass(t, &AIE2::eWRegClass);
  for (MVT t : {MVT::v64i8, MVT::v32i16, MVT::v16i32, MVT::v32bf16, MVT::v16f32})
    addRegisterClass(t, &AIE2::eXRegClass);
  for (MVT t : {MVT::v128i8, MVT::v64i16, MVT::v32i32, MVT::v64bf16, MVT::v32f32})
    addRegisterClass(t, &AIE2::eYsRegClass);
  addRegisterClass(MVT::v4i64, &AIE2::eAMRegClass);
  addRegisterClass(MVT::v8i64, &AIE2::eBMRegClass);
  addRegisterClass(MVT::v16i64, &AIE2::eCMRegClass);
  computeRegisterProperties(subtarget.getRegisterInfo());
  setStackPointerRegisterToSaveRestore(AIE2::sp);
  setBooleanContents(ZeroOrOneBooleanContent);
  setMinFunctionAlignment(Align(16));
  setMinStackArgumentAlignment(Align(4));
  setMaxAtomicSizeInBitsSupported(32);
  setMaxDivRemBitWidthSupported(64); // wider ones (_BitInt) become loops
  setMinimumJumpTableEntries(6);
  MaxStoresPerMemcpy = MaxStoresPerMemmove = 8;
  MaxStoresPerMemset = 8;
  MaxStoresPerMemcpyOptSize = MaxStoresPerMemmoveOptSize = MaxStoresPerMemsetOptSize = 4;
}

void AIE2Subtarget::initLibcallLoweringInfo(LibcallLoweringInfo &info) const {
  static const std::pair<RTLIB::Libcall, RTLIB::LibcallImpl> kRoutines[] = {
#define INT(op, name)                                                                              \
  {RTLIB::op##_I32, RTLIB::impl___##name##si3}, {RTLIB::op##_I64, RTLIB::impl___##name##di3}
      INT(SDIV, div),
      INT(UDIV, udiv),
      INT(SREM, mod),
      INT(UREM, umod),
#undef INT
      {RTLIB::MUL_I64, RTLIB::impl___muldi3},
#define FLOAT(op, name)                                                                            \
  {RTLIB::op##_F32, RTLIB::impl___##name##sf3}, {RTLIB::op##_F64, RTLIB::impl___##name##df3}
      FLOAT(ADD, add),
      FLOAT(SUB, sub),
      FLOAT(MUL, mul),
      FLOAT(DIV, div),
#undef FLOAT
#define COMPARE(op, name)                                                                          \
  {RTLIB::op##_F32, RTLIB::impl___##name##sf2}, {RTLIB::op##_F64, RTLIB::impl___##name##df2}
      COMPARE(OEQ, eq),
      COMPARE(UNE, ne),
      COMPARE(OLT, lt),
      COMPARE(OLE, le),
      COMPARE(OGT, gt),
      COMPARE(OGE, ge),
      COMPARE(UO, unord),
#undef COMPARE
      {RTLIB::FPEXT_F32_F64, RTLIB::impl___extendsfdf2},
      {RTLIB::FPROUND_F64_F32, RTLIB::impl___truncdfsf2},
      {RTLIB::FPEXT_F16_F32, RTLIB::impl___extendhfsf2},
      {RTLIB::FPROUND_F32_F16, RTLIB::impl___truncsfhf2},
      {RTLIB::FPROUND_F64_F16, RTLIB::impl___truncdfhf2},
      {RTLIB::FPROUND_F32_BF16, RTLIB::impl___truncsfbf2},
      {RTLIB::FPROUND_F64_BF16, RTLIB::impl___truncdfbf2},
#define CONVERT(f, F)                                                                              \
  {RTLIB::FPTOSINT_##F##_I32, RTLIB::impl___fix##f##si},                                           \
      {RTLIB::FPTOSINT_##F##_I64, RTLIB::impl___fix##f##di},                                       \
      {RTLIB::FPTOUINT_##F##_I32, RTLIB::impl___fixuns##f##si},                                    \
      {RTLIB::FPTOUINT_##F##_I64, RTLIB::impl___fixuns##f##di},                                    \
      {RTLIB::SINTTOFP_I32_##F, RTLIB::impl___floatsi##f},                                         \
      {RTLIB::SINTTOFP_I64_##F, RTLIB::impl___floatdi##f},                                         \
      {RTLIB::UINTTOFP_I32_##F, RTLIB::impl___floatunsi##f},                                       \
      {RTLIB::UINTTOFP_I64_##F, RTLIB::impl___floatundi##f}
      CONVERT(sf, F32),
      CONVERT(df, F64),
#undef CONVERT
#define MATH(op, name)                                                                             \
  {RTLIB::op##_F32, RTLIB::impl_##name##f}, {RTLIB::op##_F64, RTLIB::impl_##name}
      MATH(SQRT, sqrt),
      MATH(FMA, fma),
      MATH(REM, fmod),
      MATH(POW, pow),
      MATH(EXP, exp),
      MATH(EXP2, exp2),
      MATH(LOG, log),
      MATH(LOG2, log2),
      MATH(LOG10, log10),
      MATH(SIN, sin),
      MATH(COS, cos),
      MATH(TAN, tan),
      MATH(ASIN, asin),
      MATH(ACOS, acos),
      MATH(ATAN, atan),
      MATH(ATAN2, atan2),
      MATH(SINH, sinh),
      MATH(COSH, cosh),
      MATH(TANH, tanh),
      MATH(EXP10, exp10),
      MATH(FLOOR, floor),
      MATH(CEIL, ceil),
      MATH(TRUNC, trunc),
      MATH(RINT, rint),
      MATH(NEARBYINT, nearbyint),
      MATH(ROUND, round),
      MATH(ROUNDEVEN, roundeven),
      MATH(FMIN, fmin),
      MATH(FMAX, fmax),
      MATH(LDEXP, ldexp),
      MATH(FREXP, frexp),
#undef MATH
      {RTLIB::MEMCPY, RTLIB::impl_memcpy},
      {RTLIB::MEMMOVE, RTLIB::impl_memmove},
      {RTLIB::MEMSET, RTLIB::impl_memset}};
  for (const auto &[call, implementation] : kRoutines) info.setLibcallImpl(call, implementation);
}

bool AIE2TargetLowering::isLegalAddressingMode(const DataLayout &, const AddrMode &mode, Type *type,
                                               unsigned, Instruction *) const {
  if (mode.BaseGV || mode.ScalableOffset) return false;
  if (mode.Scale == 1 || (mode.Scale == 2 && !mode.HasBaseReg))
    return mode.BaseOffs == 0 && mode.HasBaseReg;
  if (mode.Scale != 0) return false;
  uint64_t bits = type->isSized() && !type->isScalableTy() ? type->getPrimitiveSizeInBits() : 0;
  if (bits == 8 || bits == 16) return isInt<3>(mode.BaseOffs);
  return isShiftedInt<6, 2>(mode.BaseOffs);
}

// Widening to 64 bits clears one register. Saying so is also what keeps the generic combiner from
// moving a truncation above and below a logic operation for ever.
bool AIE2TargetLowering::isZExtFree(Type *from, Type *to) const {
  return from->isIntegerTy() && to->isIntegerTy() &&
         from->getIntegerBitWidth() < to->getIntegerBitWidth();
}

bool AIE2TargetLowering::isZExtFree(EVT from, EVT to) const {
  return from.isScalarInteger() && to.isScalarInteger() &&
         from.getSizeInBits() < to.getSizeInBits();
}

bool AIE2TargetLowering::isTruncateFree(Type *from, Type *to) const {
  return from->isIntegerTy() && to->isIntegerTy() &&
         from->getIntegerBitWidth() > to->getIntegerBitWidth();
}

bool AIE2TargetLowering::isTruncateFree(EVT from, EVT to) const {
  return from.isScalarInteger() && to.isScalarInteger() &&
         from.getSizeInBits() > to.getSizeInBits();
}

bool AIE2TargetLowering::allowsMisalignedMemoryAccesses(EVT, unsigned, Align,
                                                        MachineMemOperand::Flags,
                                                        unsigned *) const {
  return false;
}

bool AIE2TargetLowering::allowsMisalignedMemoryAccesses(LLT, unsigned, Align,
                                                        MachineMemOperand::Flags,
                                                        unsigned *) const {
  return false;
}

LLT AIE2TargetLowering::getOptimalMemOpLLT(const MemOp &op, const AttributeList &) const {
  if (op.size() >= 4 && op.isAligned(Align(4))) return LLT::scalar(32);
  if (op.size() >= 2 && op.isAligned(Align(2))) return LLT::scalar(16);
  return LLT::scalar(8);
}

TargetLowering::ConstraintType AIE2TargetLowering::getConstraintType(StringRef constraint) const {
  if (constraint.size() == 1 && StringRef("pewxyc").contains(constraint)) return C_RegisterClass;
  return TargetLowering::getConstraintType(constraint);
}

std::pair<unsigned, const TargetRegisterClass *>
AIE2TargetLowering::getRegForInlineAsmConstraint(const TargetRegisterInfo *registers,
                                                 StringRef constraint, MVT type) const {
  if (constraint == "r") return {0U, &AIE2::eRRegClass};
  if (constraint == "p" || constraint == "e") return {0U, &AIE2::ePRegClass};
  if (constraint == "w") return {0U, &AIE2::eWRegClass};
  if (constraint == "x") return {0U, &AIE2::eXRegClass};
  if (constraint == "y") return {0U, &AIE2::eYsRegClass};
  if (constraint == "c") {
    const uint64_t bits = type.isVector() ? type.getFixedSizeInBits() : 1024;
    return {0U, bits == 256   ? &AIE2::eAMRegClass
                : bits == 512 ? &AIE2::eBMRegClass
                              : &AIE2::eCMRegClass};
  }
  if (constraint.size() > 2 && constraint.front() == '{' && constraint.back() == '}') {
    StringRef name = constraint.drop_front().drop_back();
    for (const TargetRegisterClass *rc : registers->regclasses())
      for (MCPhysReg reg : *rc)
        if (name == registers->getName(reg)) return {reg, rc};
  }
  return TargetLowering::getRegForInlineAsmConstraint(registers, constraint, type);
}
