// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Calls of `__aie2_*` to instructions. A row gives the instruction and how its operands come from
// the call; operands of a narrow immediate field must be constants.
#include "codegen/target/intrinsics.h"
#include "codegen/target/bind.h"
#include "codegen/target/isa_join.h"
#include "codegen/target/target.h"

#include "llvm/CodeGen/GlobalISel/MachineIRBuilder.h"
#include "llvm/CodeGen/GlobalISel/Utils.h"
#include "llvm/CodeGen/MachineRegisterInfo.h"
#include "llvm/IR/DiagnosticInfo.h"
#include "llvm/IR/Function.h"
#include "llvm/IR/LLVMContext.h"

using namespace llvm;
namespace isa = ashlar::isa;

namespace {
struct Row {
  const char *name;    ///< after __aie2_
  unsigned registers;  ///< opcode with register operands
  unsigned immediates; ///< opcode when the first argument is a constant that fits, or 0
};
const Row kRows[] = {
    {"acquire", AIE2::ACQ_mLockId_reg, AIE2::ACQ_mLockId_imm},
    {"acquire_cond", AIE2::ACQ_COND_mLockId_reg, AIE2::ACQ_COND_mLockId_imm},
    {"release", AIE2::REL_mLockId_reg, AIE2::REL_mLockId_imm},
    {"release_cond", AIE2::REL_COND_mLockId_reg, AIE2::REL_COND_mLockId_imm},
    {"done", AIE2::DONE, 0},
    {"event", 0, AIE2::EVENT},
    {"clb", AIE2::CLB, 0},
    {"read_tm", AIE2::LDA_TM, 0},
    {"write_tm", AIE2::ST_TM, 0},
};

class Lowering {
public:
  Lowering(MachineIRBuilder &b, CallLowering::CallLoweringInfo &info, StringRef function)
      : b_(b), info_(info), mri_(*b.getMRI()), name_(function.drop_front(7)) {}

  bool run() {
    for (const Row &row : kRows)
      if (name_ == row.name) return simple(row);
    if (name_ == "sched_barrier") return true;
    if (name_ == "get_ss" || name_ == "get_ss_nb") return streamRead();
    if (name_ == "put_ms" || name_ == "put_ms_nb") return streamWrite();
    if (name_ == "get_coreid") {
      b_.buildCopy(info_.OrigRet.Regs[0], Register(AIE2::core_id));
      return true;
    }
    if (name_ == "get_cntr") return cycles();
    if (name_ == "add_2d" || name_ == "add_3d") return walk(name_ == "add_3d");
    if (name_.starts_with("get_") || name_.starts_with("set_"))
      if (MCRegister reg = llvmReg(isa::findReg(std::string(name_.drop_front(4)))))
        return control(reg, name_.starts_with("set_"));
    return fail("is not supported yet");
  }

private:
  Register argument(unsigned i) const { return info_.OrigArgs[i].Regs[0]; }
  std::optional<int64_t> constant(unsigned i) const {
    return getIConstantVRegSExtVal(argument(i), mri_);
  }
  bool fail(const Twine &what) { return refuseAIE2Intrinsic(b_, info_, name_, what); }
  bool finish(MachineInstr &mi) {
    const TargetSubtargetInfo &subtarget = b_.getMF().getSubtarget();
    return constrainSelectedInstRegOperands(
        mi, *subtarget.getInstrInfo(), *subtarget.getRegisterInfo(), *subtarget.getRegBankInfo());
  }
  /// A fixed register (r26, r27 ...) gets a copy, so that only the copy is bound to it.
  Register fixed(const TargetRegisterClass &rc, Register from) {
    Register to = mri_.createVirtualRegister(&rc);
    b_.buildCopy(to, from);
    return to;
  }

  bool simple(const Row &row) {
    bool immediate = false;
    unsigned opcode = row.registers;
    if (row.immediates) {
      const isa::OperandInfo &first = isa::info(isaOpcode(row.immediates)).operands[0];
      auto k = info_.OrigArgs.empty() ? std::nullopt : constant(0);
      if (k && *k >= first.minimum() && *k <= first.maximum()) {
        immediate = true;
        opcode = row.immediates;
      }
    }
    if (!opcode) return fail("needs a constant argument in range");
    const isa::InstInfo &instruction = isa::info(isaOpcode(opcode));
    if (instruction.operands.size() != info_.OrigArgs.size() + instruction.numOuts)
      return fail("has the wrong number of arguments");
    auto built = b_.buildInstrNoInsert(opcode);
    for (unsigned i = 0; i < instruction.numOuts; ++i) built.addDef(info_.OrigRet.Regs[i]);
    for (unsigned i = 0; i < info_.OrigArgs.size(); ++i) {
      const isa::OperandInfo &operand = instruction.operands[i + instruction.numOuts];
      if (i == 0 && immediate)
        built.addImm(*constant(0));
      else if (operand.fixed == isa::Reg::r26)
        built.addUse(fixed(AIE2::eR26RegClass, argument(i)));
      else
        built.addUse(argument(i));
    }
    b_.insertInstr(built);
    return finish(*built);
  }

  /// {pointer, count...} of a pointer, the last increment, and for each dimension how often and by
  /// how much, then how far it is in each.
  bool walk(bool three) {
    if (info_.OrigArgs.size() != (three ? 8 : 5) || info_.OrigRet.Regs.size() != (three ? 3 : 2))
      return fail("has the wrong number of arguments");
    auto copy = [&](unsigned i, const TargetRegisterClass &rc) { return fixed(rc, argument(i)); };
    auto dimension = [&](unsigned first, unsigned count, bool outer) {
      Register m =
          outer ? mri_.createVirtualRegister(&AIE2::eMRegClass) : copy(1, AIE2::eMRegClass);
      if (outer) b_.buildInstr(TargetOpcode::IMPLICIT_DEF).addDef(m);
      Register dn = copy(first, AIE2::eDNRegClass), dj = copy(first + 1, AIE2::eDJRegClass),
               dc = copy(count, AIE2::eDCRegClass),
               d = mri_.createVirtualRegister(&AIE2::eDRegClass);
      b_.buildInstr(TargetOpcode::REG_SEQUENCE)
          .addDef(d)
          .addUse(m)
          .addImm(AIE2::sub_m)
          .addUse(dn)
          .addImm(AIE2::sub_dn)
          .addUse(dj)
          .addImm(AIE2::sub_dj)
          .addUse(dc)
          .addImm(AIE2::sub_dc);
      return d;
    };
    Register pointer = fixed(AIE2::ePRegClass, argument(0));
    Register start = dimension(2, three ? 6 : 4, false);
    const TargetRegisterClass &rc = three ? AIE2::eDSRegClass : AIE2::eDRegClass;
    if (three) {
      Register low = start, high = dimension(4, 7, true);
      start = mri_.createVirtualRegister(&rc);
      b_.buildInstr(TargetOpcode::REG_SEQUENCE)
          .addDef(start)
          .addUse(low)
          .addImm(AIE2::sub_dlo)
          .addUse(high)
          .addImm(AIE2::sub_dhi);
    }
    Register to = mri_.createVirtualRegister(&AIE2::ePRegClass),
             end = mri_.createVirtualRegister(&rc);
    auto built = b_.buildInstr(three ? AIE2::PADD_3D : AIE2::PADD_2D)
                     .addDef(to)
                     .addDef(end)
                     .addUse(pointer)
                     .addUse(start);
    tieOperands(*built);
    b_.buildCopy(info_.OrigRet.Regs[0], to);
    auto count = [&](unsigned result, Register d) {
      Register dc = mri_.createVirtualRegister(&AIE2::eDCRegClass);
      b_.buildInstr(TargetOpcode::COPY).addDef(dc).addUse(d, {}, AIE2::sub_dc);
      b_.buildCopy(info_.OrigRet.Regs[result], dc);
    };
    if (!three) {
      count(1, end);
      return true;
    }
    for (unsigned i = 0; i < 2; ++i) {
      Register half = mri_.createVirtualRegister(&AIE2::eDRegClass);
      b_.buildInstr(TargetOpcode::COPY)
          .addDef(half)
          .addUse(end, {}, i ? AIE2::sub_dhi : AIE2::sub_dlo);
      count(1 + i, half);
    }
    return true;
  }

  bool cycles() {
    if (info_.OrigRet.Regs.size() != 1 || mri_.getType(info_.OrigRet.Regs[0]) != LLT::scalar(64))
      return fail("returns a long long");
    Register both = mri_.createVirtualRegister(&AIE2::eLRegClass);
    b_.buildInstr(AIE2::MOV_CNTR).addDef(both);
    SmallVector<Register, 2> halves;
    for (unsigned part : {AIE2::sub_lo32, AIE2::sub_hi32}) {
      halves.push_back(mri_.createGenericVirtualRegister(LLT::scalar(32)));
      b_.buildInstr(TargetOpcode::COPY).addDef(halves.back()).addUse(both, {}, part);
    }
    b_.buildMergeLikeInstr(info_.OrigRet.Regs[0], halves);
    return true;
  }

  /// {i32 word, i32 tlast or status} in up to two results.
  bool streamRead() {
    unsigned opcode = name_ == "get_ss" ? AIE2::MOV_mv_ss2scl : AIE2::MOV_NB_mv_ss2scl;
    if (info_.OrigRet.Regs.empty()) return fail("returns a value");
    auto read = b_.buildInstr(opcode, {info_.OrigRet.Regs[0]}, {});
    if (!finish(*read)) return false;
    if (info_.OrigRet.Regs.size() > 1) b_.buildCopy(info_.OrigRet.Regs[1], Register(AIE2::srSS0));
    return true;
  }

  bool streamWrite() {
    bool wait = name_ == "put_ms";
    auto tlast = info_.OrigArgs.size() > 1 ? constant(1) : std::optional<int64_t>(0);
    Register value = fixed(AIE2::eRRegClass, argument(0));
    MachineInstrBuilder built;
    if (tlast)
      built = b_.buildInstr(wait ? (*tlast ? AIE2::MOV_TLAST_mv_scl2ms : AIE2::MOV_mv_scl2ms)
                                 : (*tlast ? AIE2::MOV_NB_TLAST_mv_scl2ms : AIE2::MOV_NB_mv_scl2ms))
                  .addUse(value);
    else
      built =
          b_.buildInstr(wait ? AIE2::MOV_mv_scl2ms_doTlast_reg : AIE2::MOV_NB_mv_scl2ms_doTlast_reg)
              .addUse(value)
              .addUse(fixed(AIE2::eR28RegClass, argument(1)));
    if (!finish(*built)) return false;
    if (!info_.OrigRet.Regs.empty()) b_.buildCopy(info_.OrigRet.Regs[0], Register(AIE2::srMS0));
    return true;
  }

  /// Control and status registers are out of allocation: a copy reads or writes them.
  bool control(MCRegister reg, bool write) {
    if (write ? info_.OrigArgs.size() != 1 : info_.OrigRet.Regs.empty())
      return fail("has the wrong number of arguments");
    if (!write) {
      b_.buildCopy(info_.OrigRet.Regs[0], Register(reg));
      return true;
    }
    if (auto k = constant(0); k && isInt<10>(*k))
      b_.buildInstr(AIE2::MOV_mv_cg).addDef(reg).addImm(*k);
    else
      b_.buildCopy(Register(reg), argument(0));
    return true;
  }

  MachineIRBuilder &b_;
  CallLowering::CallLoweringInfo &info_;
  MachineRegisterInfo &mri_;
  StringRef name_;
};
} // namespace

bool llvm::refuseAIE2Intrinsic(MachineIRBuilder &b, CallLowering::CallLoweringInfo &info,
                               StringRef name, const Twine &what) {
  const Function &function = b.getMF().getFunction();
  function.getContext().diagnose(DiagnosticInfoGenericWithLoc(
      "'__aie2_" + name + "' " + what + " (in function '" + function.getName() + "')", function,
      DiagnosticLocation(b.getDebugLoc())));
  for (Register result : info.OrigRet.Regs) b.buildUndef(result);
  return true;
}

bool llvm::lowerAIE2Intrinsic(MachineIRBuilder &b, CallLowering::CallLoweringInfo &info,
                              StringRef function) {
  StringRef part = function.drop_front(7).split('.').first;
  if (part == "part_lo" || part == "part_hi" || part == "join" || part == "widen")
    return lowerAIE2VectorPart(b, info, part);
  if (const AIE2Intrinsic *row = findAIE2Intrinsic(function))
    return lowerAIE2VectorIntrinsic(b, info, *row);
  return Lowering(b, info, function).run();
}
