// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Which generic operations the core has: 32-bit integers and pointers, nothing else among
// scalars. Wider integers become pieces, floating point becomes calls of lib/aie2.
#include "codegen/target/target.h"

#include "llvm/CodeGen/GlobalISel/GenericMachineInstrs.h"
#include "llvm/CodeGen/GlobalISel/LegalizerHelper.h"
#include "llvm/CodeGen/GlobalISel/MachineIRBuilder.h"
#include "llvm/CodeGen/MachineFrameInfo.h"
#include "llvm/CodeGen/MachineJumpTableInfo.h"
#include "llvm/CodeGen/TargetOpcodes.h"
#include "llvm/IR/IntrinsicInst.h"

using namespace llvm;
using namespace TargetOpcode;

/// A vector that fills a register. Only moves of such vectors come here; lower_vectors.cpp turned
/// everything else into operations of the machine.
static bool isRegisterVector(LLT type) {
  if (!type.isFixedVector()) return false;
  unsigned lane = type.getScalarSizeInBits();
  auto bits = static_cast<unsigned>(type.getSizeInBits().getFixedValue());
  if (type.getElementType().isPointer() || lane < 8) return false;
  return bits == 256 || bits == 512 || bits == 1024 || (bits == 128 && lane < 64);
}

AIE2LegalizerInfo::AIE2LegalizerInfo() {
  using namespace LegalityPredicates;
  const LLT s8 = LLT::scalar(8), s16 = LLT::scalar(16), s32 = LLT::scalar(32),
            s64 = LLT::scalar(64), p0 = LLT::pointer(0, 32);
  auto rule = [&](std::initializer_list<unsigned> ops) -> LegalizeRuleSet & {
    return ops.size() == 1 ? getActionDefinitionsBuilder(*ops.begin())
                           : getActionDefinitionsBuilder(ops);
  };

  rule({G_ADD, G_SUB, G_MUL, G_AND, G_OR, G_XOR})
      .legalFor({s32})
      .widenScalarToNextPow2(0, 32)
      .clampScalar(0, s32, s32);
  rule({G_SHL, G_LSHR, G_ASHR})
      .legalFor({{s32, s32}})
      .clampScalar(1, s32, s32)
      .widenScalarToNextPow2(0, 32)
      .clampScalar(0, s32, s32);
  rule({G_SDIV, G_UDIV, G_SREM, G_UREM})
      .libcallFor({s32, s64})
      .widenScalarToNextPow2(0, 32)
      .clampScalar(0, s32, s64);
  rule({G_SDIVREM, G_UDIVREM}).lower();
  // Other widths multiply at twice their width and take the upper half.
  rule({G_UMULH, G_SMULH}).customFor({s32}).lower();
  rule({G_UMULO, G_SMULO}).minScalar(0, s32).lower();
  rule({G_UADDO, G_UADDE, G_USUBO, G_USUBE, G_SADDO, G_SADDE, G_SSUBO, G_SSUBE})
      .minScalar(0, s32)
      .lower();
  rule({G_UADDSAT, G_SADDSAT, G_USUBSAT, G_SSUBSAT, G_USHLSAT, G_SSHLSAT}).lower();
  rule({G_ABS}).legalFor({s32}).minScalar(0, s32).lower();
  rule({G_SMIN, G_SMAX, G_UMIN, G_UMAX}).widenScalarToNextPow2(0, 32).minScalar(0, s32).lower();
  rule({G_SCMP, G_UCMP}).lower();
  rule({G_FSHL, G_FSHR, G_ROTL, G_ROTR}).lower();
  // Counting bits of a number goes by halves.
  const auto beyond64 = [](const LegalityQuery &q) { return q.Types[1].getSizeInBits() > 64; };
  const auto half = [](const LegalityQuery &q) {
    return std::pair(1u, LLT::scalar(static_cast<unsigned>(q.Types[1].getSizeInBits() / 2)));
  };
  rule({G_CTLZ, G_CTLZ_ZERO_UNDEF})
      .legalFor({{s32, s32}})
      .widenScalarToNextPow2(1, 32)
      .narrowScalarIf(beyond64, half)
      .clampScalar(1, s32, s32)
      .clampScalar(0, s32, s32);
  rule({G_CTTZ, G_CTTZ_ZERO_UNDEF, G_CTPOP})
      .widenScalarToNextPow2(1, 32)
      .narrowScalarIf(beyond64, half)
      .clampScalar(1, s32, s32)
      .clampScalar(0, s32, s32)
      .lower();
  rule({G_BSWAP, G_BITREVERSE}).maxScalar(0, s32).lower();

  rule({G_CONSTANT}).legalFor({s32, p0}).clampScalar(0, s32, s32);
  rule({G_FCONSTANT}).custom();
  auto isVector = [](const LegalityQuery &q) { return isRegisterVector(q.Types[0]); };
  rule({G_IMPLICIT_DEF})
      .legalIf(isVector)
      .legalFor({s32, p0})
      .widenScalarToNextPow2(0, 32)
      .clampScalar(0, s32, s32);
  rule({G_FREEZE})
      .legalIf(isVector)
      .legalFor({s32, p0})
      .widenScalarToNextPow2(0, 32)
      .clampScalar(0, s32, s32);
  rule({G_CONSTANT_FOLD_BARRIER}).legalFor({s32, p0}).clampScalar(0, s32, s32);
  rule({G_PHI}).legalIf(isVector).legalFor({s32, p0}).widenScalarToNextPow2(0, 32).clampScalar(
      0, s32, s32);
  rule({G_GLOBAL_VALUE, G_FRAME_INDEX, G_BLOCK_ADDR, G_JUMP_TABLE}).legalFor({p0});
  rule({G_PTR_ADD}).legalFor({{p0, s32}}).clampScalar(1, s32, s32);
  rule({G_PTRMASK}).customFor({{p0, s32}}).clampScalar(1, s32, s32);
  rule({G_PTRTOINT}).legalFor({{s32, p0}}).clampScalar(0, s32, s32);
  rule({G_INTTOPTR}).legalFor({{p0, s32}}).clampScalar(1, s32, s32);
  rule({G_ADDRSPACE_CAST}).alwaysLegal();
  rule({G_ICMP})
      .legalFor({{s32, s32}})
      .customFor({{s32, p0}})
      .clampScalar(0, s32, s32)
      .widenScalarToNextPow2(1, 32)
      .clampScalar(1, s32, s32);
  rule({G_SELECT})
      .legalFor({{s32, s32}})
      .customFor({{p0, s32}})
      .clampScalar(1, s32, s32)
      .widenScalarToNextPow2(0, 32)
      .clampScalar(0, s32, s32);
  rule({G_BRCOND}).legalFor({s32}).clampScalar(0, s32, s32);
  rule({G_BR}).alwaysLegal();
  rule({G_BRINDIRECT}).legalFor({p0});
  rule({G_BRJT}).custom();
  rule({G_SEXT, G_ZEXT, G_ANYEXT}).maxScalar(0, s32).lower();
  rule({G_TRUNC}).alwaysLegal();
  rule({G_SEXT_INREG})
      .legalFor({s32})
      .widenScalarToNextPow2(0, 32)
      .clampScalar(0, s32, s32)
      .lower();
  for (unsigned op : {G_MERGE_VALUES, G_UNMERGE_VALUES}) {
    unsigned big = op == G_MERGE_VALUES ? 0 : 1, small = 1 - big;
    getActionDefinitionsBuilder(op)
        .legalIf([=](const LegalityQuery &q) {
          return q.Types[big].isScalar() && q.Types[small] == LLT::scalar(32);
        })
        .legalIf([=](const LegalityQuery &q) {
          return q.Types[big].isScalar() && q.Types[small] == LLT::pointer(0, 32);
        })
        .lowerIf([=](const LegalityQuery &q) {
          return q.Types[big].isScalar() && q.Types[small].getSizeInBits() < 32;
        })
        .clampScalar(small, s32, s32);
  }
  rule({G_EXTRACT, G_INSERT}).lower();
  rule({G_BITCAST})
      .legalIf([](const LegalityQuery &q) {
        return isRegisterVector(q.Types[0]) && isRegisterVector(q.Types[1]);
      })
      .lower();

  auto someWords = [](const LegalityQuery &q) { // of a wider number
    uint64_t memory = q.MMODescrs[0].MemoryTy.getSizeInBits();
    return q.Types[0].isScalar() && memory > 32 && memory < q.Types[0].getSizeInBits();
  };
  for (unsigned op : {G_LOAD, G_STORE})
    getActionDefinitionsBuilder(op)
        .legalIf(isVector)
        .legalForTypesWithMemDesc({{s32, p0, s8, 8},
                                   {s32, p0, s16, 16},
                                   {s32, p0, s32, 32},
                                   {p0, p0, p0, 32},
                                   {p0, p0, s32, 32}})
        .customFor({{p0, p0}})
        .narrowScalarIf(
            [](const LegalityQuery &q) { // whole words, of any number
              return q.Types[0].isScalar() && q.Types[0].getSizeInBits() > 32 &&
                     q.Types[0].getSizeInBits() % 32 == 0 &&
                     q.MMODescrs[0].MemoryTy.getSizeInBits() == q.Types[0].getSizeInBits();
            },
            [=](const LegalityQuery &) { return std::make_pair(0u, s32); })
        .lowerIfMemSizeNotByteSizePow2()
        .customIf(someWords)
        .widenScalarToNextPow2(0, 32)
        .clampScalar(0, s32, s32)
        .lower();
  rule({G_SEXTLOAD, G_ZEXTLOAD})
      .legalForTypesWithMemDesc({{s32, p0, s8, 8}, {s32, p0, s16, 16}})
      .customIf(someWords)
      .widenScalarToNextPow2(0, 32)
      .clampScalar(0, s32, s32)
      .lower();
  rule({G_MEMCPY, G_MEMMOVE, G_MEMSET}).libcall();
  rule({G_MEMCPY_INLINE}).lower();
  rule({G_DYN_STACKALLOC}).custom();
  rule({G_STACKSAVE, G_STACKRESTORE}).lower();
  rule({G_VASTART, G_VAARG}).custom();
  rule({G_TRAP, G_DEBUGTRAP, G_UBSANTRAP, G_FENCE, G_PREFETCH}).alwaysLegal();
  rule({G_READCYCLECOUNTER}).custom();
  rule({G_GET_ROUNDING}).customFor({s32}).clampScalar(0, s32, s32);

  rule({G_FADD,
        G_FSUB,
        G_FMUL,
        G_FDIV,
        G_FREM,
        G_FMA,
        G_FSQRT,
        G_FPOW,
        G_FEXP,
        G_FEXP2,
        G_FLOG,
        G_FLOG2,
        G_FLOG10,
        G_FSIN,
        G_FCOS,
        G_FTAN,
        G_FASIN,
        G_FACOS,
        G_FATAN,
        G_FATAN2,
        G_FSINH,
        G_FCOSH,
        G_FTANH,
        G_FEXP10,
        G_FFLOOR,
        G_FCEIL,
        G_INTRINSIC_TRUNC,
        G_FRINT,
        G_FNEARBYINT,
        G_INTRINSIC_ROUND,
        G_INTRINSIC_ROUNDEVEN,
        G_FMINNUM,
        G_FMAXNUM})
      .libcallFor({s32, s64})
      .minScalar(0, s32);
  rule({G_FMAD}).lower();
  rule({G_FNEG, G_FABS, G_FCOPYSIGN, G_IS_FPCLASS}).lower();
  rule({G_FCANONICALIZE}).customFor({s32, s64}).minScalar(0, s32);
  rule({G_FMINNUM_IEEE, G_FMAXNUM_IEEE, G_FMINIMUM, G_FMAXIMUM, G_FMINIMUMNUM, G_FMAXIMUMNUM})
      .lower();
  rule({G_FLDEXP}).libcallFor({{s32, s32}, {s64, s32}}).clampScalar(1, s32, s32);
  rule({G_FCMP}).clampScalar(0, s32, s32).minScalar(1, s32).libcallFor({{s32, s32}, {s32, s64}});
  rule({G_FPEXT}).libcallFor({{s64, s32}, {s32, s16}, {s64, s16}});
  rule({G_FPTRUNC}).libcallFor({{s32, s64}, {s16, s32}, {s16, s64}});
  rule({G_FPTOSI, G_FPTOUI})
      .libcallForCartesianProduct({s32, s64}, {s32, s64})
      .widenScalarToNextPow2(0, 32)
      .minScalar(0, s32)
      .minScalar(1, s32);
  rule({G_SITOFP, G_UITOFP})
      .libcallForCartesianProduct({s32, s64}, {s32, s64})
      .widenScalarToNextPow2(1, 32)
      .minScalar(1, s32)
      .minScalar(0, s32);
  getLegacyLegalizerInfo().computeTables();
}

/// High word of a 32 x 32 bit product from four products of halves; the multiplier keeps only the
/// low word.
static void multiplyHigh(LegalizerHelper &h, MachineInstr &mi) {
  MachineIRBuilder &b = h.MIRBuilder;
  const LLT s32 = LLT::scalar(32);
  Register x = mi.getOperand(1).getReg(), y = mi.getOperand(2).getReg();
  auto k16 = b.buildConstant(s32, 16), mask = b.buildConstant(s32, 0xffff);
  auto xl = b.buildAnd(s32, x, mask), xh = b.buildLShr(s32, x, k16);
  auto yl = b.buildAnd(s32, y, mask), yh = b.buildLShr(s32, y, k16);
  auto low = b.buildMul(s32, xl, yl);
  auto middle = b.buildAdd(s32, b.buildMul(s32, xh, yl), b.buildLShr(s32, low, k16));
  auto other = b.buildAdd(s32, b.buildMul(s32, xl, yh), b.buildAnd(s32, middle, mask));
  auto high = b.buildAdd(s32, b.buildMul(s32, xh, yh), b.buildLShr(s32, middle, k16));
  Register result = mi.getOperand(0).getReg();
  if (mi.getOpcode() == G_UMULH) {
    b.buildAdd(result, high, b.buildLShr(s32, other, k16));
  } else {
    // A negative operand counts 2^32 too much as unsigned.
    auto unsignedHigh = b.buildAdd(s32, high, b.buildLShr(s32, other, k16));
    auto k31 = b.buildConstant(s32, 31);
    auto takeY = b.buildAnd(s32, b.buildAShr(s32, x, k31), y);
    auto takeX = b.buildAnd(s32, b.buildAShr(s32, y, k31), x);
    b.buildSub(result, b.buildSub(s32, unsignedHigh, takeY), takeX);
  }
  mi.eraseFromParent();
}

static void nextVariadic(LegalizerHelper &h, MachineInstr &mi) {
  // The list points behind (above) the next argument.
  MachineIRBuilder &b = h.MIRBuilder;
  MachineFunction &mf = b.getMF();
  const LLT p0 = LLT::pointer(0, 32), s32 = LLT::scalar(32);
  Register result = mi.getOperand(0).getReg(), list = mi.getOperand(1).getReg();
  LLT type = b.getMRI()->getType(result);
  auto slot = [&](MachineMemOperand::Flags flags) {
    return mf.getMachineMemOperand(MachinePointerInfo(), flags, p0, Align(4));
  };
  int64_t bytes = static_cast<int64_t>(alignTo(type.getSizeInBytes(), 4));
  auto above = b.buildLoad(p0, list, *slot(MachineMemOperand::MOLoad));
  auto here = b.buildPtrAdd(p0, above, b.buildConstant(s32, -bytes));
  Register at = here.getReg(0);
  if (mi.getOperand(2).getImm() > 4 && bytes >= 16)
    at = b.buildMaskLowPtrBits(
              p0, at,
              Log2_64(static_cast<uint64_t>(std::min<int64_t>(mi.getOperand(2).getImm(), 32))))
             .getReg(0);
  b.buildStore(at, list, *slot(MachineMemOperand::MOStore));
  b.buildLoad(
      result, at,
      *mf.getMachineMemOperand(MachinePointerInfo(), MachineMemOperand::MOLoad, type, Align(4)));
  mi.eraseFromParent();
}

static void allocateDynamically(LegalizerHelper &h, MachineInstr &mi) {
  MachineIRBuilder &b = h.MIRBuilder;
  const LLT p0 = LLT::pointer(0, 32), s32 = LLT::scalar(32);
  Register result = mi.getOperand(0).getReg();
  auto rounded =
      b.buildAnd(s32, b.buildAdd(s32, mi.getOperand(1).getReg(), b.buildConstant(s32, 31)),
                 b.buildConstant(s32, -32));
  auto sp = b.buildCopy(p0, Register(AIE2::sp));
  b.buildCopy(Register(AIE2::sp), b.buildPtrAdd(p0, sp, rounded));
  b.buildCopy(result, sp);
  mi.eraseFromParent();
}

static void jumpThroughTable(LegalizerHelper &h, MachineInstr &mi) {
  MachineIRBuilder &b = h.MIRBuilder;
  MachineFunction &mf = b.getMF();
  const LLT p0 = LLT::pointer(0, 32), s32 = LLT::scalar(32);
  Register index = mi.getOperand(2).getReg();
  if (b.getMRI()->getType(index) != s32) index = b.buildZExtOrTrunc(s32, index).getReg(0);
  auto offset = b.buildShl(s32, index, b.buildConstant(s32, 2));
  auto entry = b.buildPtrAdd(p0, mi.getOperand(0).getReg(), offset);
  auto target =
      b.buildLoad(p0, entry,
                  *mf.getMachineMemOperand(
                      MachinePointerInfo::getJumpTable(mf),
                      MachineMemOperand::MOLoad | MachineMemOperand::MOInvariant, p0, Align(4)));
  b.buildBrIndirect(target.getReg(0));
  mi.eraseFromParent();
}

bool AIE2LegalizerInfo::legalizeCustom(LegalizerHelper &h, MachineInstr &mi,
                                       LostDebugLocObserver &) const {
  MachineIRBuilder &b = h.MIRBuilder;
  MachineRegisterInfo &mri = *b.getMRI();
  const LLT s32 = LLT::scalar(32);
  switch (mi.getOpcode()) {
  case G_UMULH:
  case G_SMULH: multiplyHigh(h, mi); return true;
  case G_FCONSTANT:
    b.buildConstant(mi.getOperand(0).getReg(),
                    mi.getOperand(1).getFPImm()->getValueAPF().bitcastToAPInt());
    mi.eraseFromParent();
    return true;
  case G_ICMP:
    h.Observer.changingInstr(mi);
    for (unsigned i : {2u, 3u})
      mi.getOperand(i).setReg(b.buildPtrToInt(s32, mi.getOperand(i).getReg()).getReg(0));
    h.Observer.changedInstr(mi);
    return true;
  case G_SELECT: {
    auto yes = b.buildPtrToInt(s32, mi.getOperand(2).getReg());
    auto no = b.buildPtrToInt(s32, mi.getOperand(3).getReg());
    b.buildIntToPtr(mi.getOperand(0).getReg(),
                    b.buildSelect(s32, mi.getOperand(1).getReg(), yes, no));
    mi.eraseFromParent();
    return true;
  }
  case G_PTRMASK: {
    auto value = b.buildPtrToInt(s32, mi.getOperand(1).getReg());
    b.buildIntToPtr(mi.getOperand(0).getReg(), b.buildAnd(s32, value, mi.getOperand(2).getReg()));
    mi.eraseFromParent();
    return true;
  }
  case G_SEXTLOAD:
  case G_ZEXTLOAD:
  case G_LOAD: { // a pointer that is not aligned, or fewer words than the result has
    MachineMemOperand &memory = **mi.memoperands_begin();
    if (mri.getType(mi.getOperand(0).getReg()).isScalar()) {
      auto words = b.buildLoad(LLT::scalar(memory.getSizeInBits().getValue()),
                               mi.getOperand(1).getReg(), memory);
      b.buildInstr(mi.getOpcode() == G_SEXTLOAD   ? G_SEXT
                   : mi.getOpcode() == G_ZEXTLOAD ? G_ZEXT
                                                  : G_ANYEXT,
                   {mi.getOperand(0).getReg()}, {words});
      mi.eraseFromParent();
      return true;
    }
    auto word = b.buildLoad(s32, mi.getOperand(1).getReg(), memory);
    b.buildIntToPtr(mi.getOperand(0).getReg(), word);
    mi.eraseFromParent();
    return true;
  }
  case G_STORE: {
    MachineMemOperand &memory = **mi.memoperands_begin();
    if (mri.getType(mi.getOperand(0).getReg()).isScalar()) {
      auto words =
          b.buildTrunc(LLT::scalar(memory.getSizeInBits().getValue()), mi.getOperand(0).getReg());
      b.buildStore(words, mi.getOperand(1).getReg(), memory);
      mi.eraseFromParent();
      return true;
    }
    auto word = b.buildPtrToInt(s32, mi.getOperand(0).getReg());
    b.buildStore(word, mi.getOperand(1).getReg(), memory);
    mi.eraseFromParent();
    return true;
  }
  case G_VASTART: {
    int index = b.getMF().getInfo<AIE2FunctionInfo>()->variadicFrameIndex;
    // The object is one byte below which nothing variadic lies; its upper end is the list.
    auto end = b.buildFrameIndex(LLT::pointer(0, 32), index);
    b.buildStore(end, mi.getOperand(0).getReg(), **mi.memoperands_begin());
    mi.eraseFromParent();
    return true;
  }
  case G_VAARG: nextVariadic(h, mi); return true;
  case G_DYN_STACKALLOC: allocateDynamically(h, mi); return true;
  case G_BRJT: jumpThroughTable(h, mi); return true;
  case G_FCANONICALIZE: { // quiets a NaN
    const LLT type = mri.getType(mi.getOperand(0).getReg());
    auto one = type == s32 ? b.buildFConstant(type, 1.0f) : b.buildFConstant(type, 1.0);
    b.buildFMul(mi.getOperand(0), mi.getOperand(1), one);
    mi.eraseFromParent();
    return true;
  }
  case G_GET_ROUNDING: // to the nearest, always
    b.buildConstant(mi.getOperand(0).getReg(), 1);
    mi.eraseFromParent();
    return true;
  case G_READCYCLECOUNTER: {
    Register pair = mri.createVirtualRegister(&AIE2::eLRegClass);
    b.buildInstr(AIE2::MOV_CNTR, {pair}, {});
    Register low = mri.createGenericVirtualRegister(s32),
             high = mri.createGenericVirtualRegister(s32);
    b.buildInstr(COPY).addDef(low).addUse(pair, {}, AIE2::sub_lo32);
    b.buildInstr(COPY).addDef(high).addUse(pair, {}, AIE2::sub_hi32);
    b.buildMergeLikeInstr(mi.getOperand(0).getReg(), {low, high});
    mi.eraseFromParent();
    return true;
  }
  default: return false;
  }
}

/// __builtin_frame_address and __builtin_return_address. Frames are not linked, so only a
/// function's own are known; those of callers are null, as Clang's manual allows.
static void ownAddress(LegalizerHelper &h, MachineInstr &mi) {
  MachineIRBuilder &b = h.MIRBuilder;
  MachineFunction &mf = b.getMF();
  const LLT p0 = LLT::pointer(0, 32);
  Register result = mi.getOperand(0).getReg();
  if (mi.getOperand(2).getImm() != 0) {
    b.buildConstant(result, 0);
  } else if (cast<GIntrinsic>(mi).is(Intrinsic::frameaddress)) {
    mf.getFrameInfo().setFrameAddressIsTaken(true);
    b.buildCopy(result, Register(AIE2::p7));
  } else {
    mf.getFrameInfo().setReturnAddressIsTaken(true);
    b.buildCopy(result, getFunctionLiveInPhysReg(mf, *mf.getSubtarget().getInstrInfo(), AIE2::lr,
                                                 AIE2::ePRegClass, mi.getDebugLoc(), p0));
  }
  mi.eraseFromParent();
}

bool AIE2LegalizerInfo::legalizeIntrinsic(LegalizerHelper &h, MachineInstr &mi) const {
  switch (cast<GIntrinsic>(mi).getIntrinsicID()) {
  case Intrinsic::frameaddress:
  case Intrinsic::returnaddress: ownAddress(h, mi); return true;
  case Intrinsic::vacopy: break;
  default: return true;
  }
  MachineIRBuilder &b = h.MIRBuilder;
  MachineFunction &mf = b.getMF();
  const LLT p0 = LLT::pointer(0, 32);
  auto memory = [&](MachineMemOperand::Flags flags) {
    return mf.getMachineMemOperand(MachinePointerInfo(), flags, p0, Align(4));
  };
  auto list = b.buildLoad(p0, mi.getOperand(2), *memory(MachineMemOperand::MOLoad));
  b.buildStore(list, mi.getOperand(1), *memory(MachineMemOperand::MOStore));
  mi.eraseFromParent();
  return true;
}
