// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The last machine pass: expands what was left open, schedules each block region by region, lays
// the function out and turns it into BUNDLE instructions that carry their size. Every function is
// then checked by the verifier, which knows nothing of how the schedule was made.
#include "codegen/schedule/region.h"
#include "codegen/target/isa_join.h"
#include "codegen/target/target.h"
#include "codegen/verify/verify.h"

#include "isa/encode.h"

#include "llvm/Analysis/AliasAnalysis.h"
#include "llvm/CodeGen/MachineFrameInfo.h"
#include "llvm/CodeGen/MachineFunctionPass.h"
#include "llvm/CodeGen/MachineInstrBuilder.h"
#include "llvm/CodeGen/MachineLoopInfo.h"
#include "llvm/IR/LLVMContext.h"

#include <algorithm>

using namespace llvm;
namespace isa = ashlar::isa;
namespace schedule = ashlar::codegen::schedule;
namespace verify = ashlar::codegen::verify;

namespace {
constexpr unsigned kFetchBytes = 16; // a program fetch; also the alignment of return points

/// One bundle of the final code.
struct Issue {
  SmallVector<MachineInstr *, 6> insts;
  SmallVector<isa::Inst, 6> forms;
  unsigned bytes = 2;
  bool endsCall = false; ///< a called function returns behind this bundle
};
struct Block {
  MachineBasicBlock *block;
  std::vector<Issue> issues;
  verify::Block check;
};

class Bundler : public MachineFunctionPass {
public:
  static char ID;
  Bundler() : MachineFunctionPass(ID) {}
  StringRef getPassName() const override { return "AIE2 bundler"; }
  void getAnalysisUsage(AnalysisUsage &usage) const override {
    usage.addRequired<AAResultsWrapperPass>();
    usage.addRequired<MachineLoopInfoWrapperPass>();
    usage.setPreservesCFG();
    MachineFunctionPass::getAnalysisUsage(usage);
  }
  bool runOnMachineFunction(MachineFunction &) override;

private:
  void scheduleBlock(Block &block, bool locks);
  void scheduleRegion(Block &block, ArrayRef<MachineInstr *> insts, bool locks);
  void layOut(std::vector<Block> &blocks);
  void emit(Block &block);
  AAResults *aliases_ = nullptr;
  const TargetInstrInfo *tii_ = nullptr;
  MachineLoopInfo *loops_ = nullptr;
};
char Bundler::ID = 0;

isa::Inst make(isa::Opcode opcode, std::initializer_list<int32_t> operands) {
  isa::Inst inst;
  inst.opcode = opcode;
  std::copy(operands.begin(), operands.end(), inst.ops.begin());
  return inst;
}

bool fits(isa::Opcode opcode, unsigned operand, int64_t value) {
  const isa::OperandInfo &info = isa::info(opcode).operands[operand];
  return value % info.scale == 0 && value >= info.minimum() && value <= info.maximum();
}

/// The instruction in every form that does the same.
std::vector<isa::Inst> formsOf(const MachineInstr &mi) {
  using isa::Opcode;
  auto reg = [&](unsigned i) {
    return static_cast<int32_t>(isaReg(mi.getOperand(i).getReg().asMCReg()));
  };
  std::vector<isa::Inst> forms;
  switch (mi.getOpcode()) {
  case AIE2::MOV_IMM:
  case AIE2::MOV_IMM_P:
  case AIE2::MOV_IMM_M:
  case AIE2::MOV_IMM_DJ:
  case AIE2::MOV_IMM_S: {
    auto value = static_cast<int32_t>(mi.getOperand(1).getImm());
    auto d = static_cast<isa::Reg>(reg(0));
    for (Opcode opcode : {Opcode::MOVX_alu_cg, Opcode::MOVA_lda_cg, Opcode::MOV_mv_cg})
      if (fits(opcode, 1, value) && isa::contains(isa::info(opcode).operands[0].cls, d))
        forms.push_back(make(opcode, {reg(0), value}));
    if (forms.empty()) forms.push_back(make(Opcode::MOVXM_lng_cg, {reg(0), value}));
    return forms;
  }
  case AIE2::PADD_IMM: {
    auto value = static_cast<int32_t>(mi.getOperand(2).getImm());
    for (Opcode opcode : {Opcode::PADDB_ldb_ptr_inc_nrm_imm, Opcode::PADDS_st_ptr_inc_idx_imm,
                          Opcode::PADDA_lda_ptr_inc_idx_imm})
      if (fits(opcode, 2, value)) forms.push_back(make(opcode, {reg(0), reg(0), value}));
    return forms;
  }
  case AIE2::PADD_MOD:
    for (Opcode opcode : {Opcode::PADDB_ldb_ptr_inc_nospill_nrm, Opcode::PADDS_st_ptr_inc_idx,
                          Opcode::PADDA_lda_ptr_inc_idx})
      forms.push_back(make(opcode, {reg(0), reg(0), reg(2)}));
    return forms;
  case AIE2::PADDB_sp_imm: {
    auto value = static_cast<int32_t>(mi.getOperand(0).getImm());
    return {make(Opcode::PADDB_sp_imm, {value}), make(Opcode::PADDA_sp_imm, {value})};
  }
  default: break;
  }
  isa::Inst inst = isaInst(mi);
  isa::complete(inst);
  forms.push_back(inst);
  if (mi.getOpcode() == AIE2::MOV_mv_scl && isa::contains(isa::ClassId::eR, inst.reg(0)) &&
      isa::contains(isa::ClassId::eR, inst.reg(1)))
    forms.push_back(make(Opcode::OR, {inst.ops[0], inst.ops[1], inst.ops[1]}));
  return forms;
}

/// A pseudo instruction that formsOf knows.
bool isExpandable(const MachineInstr &mi) {
  switch (mi.getOpcode()) {
  case AIE2::MOV_IMM:
  case AIE2::MOV_IMM_P:
  case AIE2::MOV_IMM_M:
  case AIE2::MOV_IMM_DJ:
  case AIE2::MOV_IMM_S:
  case AIE2::PADD_IMM:
  case AIE2::PADD_MOD: return true;
  default: return false;
  }
}

bool isBarrier(const MachineInstr &mi) { return mi.hasUnmodeledSideEffects() && !mi.isCall(); }

bool Bundler::runOnMachineFunction(MachineFunction &mf) {
  aliases_ = &getAnalysis<AAResultsWrapperPass>().getAAResults();
  loops_ = &getAnalysis<MachineLoopInfoWrapperPass>().getLI();
  tii_ = mf.getSubtarget().getInstrInfo();
  bool locks = false;
  for (MachineBasicBlock &block : mf)
    for (MachineInstr &mi : block) locks |= isBarrier(mi);
  std::vector<Block> blocks;
  for (MachineBasicBlock &block : mf) {
    blocks.push_back({&block, {}, {}});
    scheduleBlock(blocks.back(), locks);
  }
  layOut(blocks);
  std::vector<verify::Block> checks;
  for (Block &block : blocks) {
    for (const Issue &issue : block.issues) {
      auto made = isa::makeBundle({issue.forms.data(), issue.forms.size()}, issue.bytes);
      block.check.bundles.push_back(made && !issue.forms.empty() ? *made
                                                                 : isa::nopBundle(issue.bytes));
    }
    for (MachineBasicBlock *next : block.block->successors())
      block.check.successors.push_back(static_cast<size_t>(next->getNumber()));
    checks.push_back(std::move(block.check));
  }
  if (auto problem = verify::check(checks))
    mf.getFunction().getContext().emitError("internal error: bad schedule in function '" +
                                            mf.getName() + "': " + *problem);
  for (Block &block : blocks) emit(block);
  mf.getFunction().addFnAttr(kAIE2FrameAttribute, std::to_string(mf.getFrameInfo().getStackSize()));
  return true;
}

void Bundler::scheduleBlock(Block &block, bool locks) {
  block.block->setLabelMustBeEmitted();
  SmallVector<MachineInstr *, 64> pending;
  for (MachineInstr &mi : make_early_inc_range(*block.block)) {
    if (mi.isMetaInstruction()) {
      mi.eraseFromParent();
      continue;
    }
    if (mi.isInlineAsm() ||
        (isaOpcode(mi.getOpcode()) == isa::Opcode::Invalid && !isExpandable(mi))) {
      mi.getMF()->getFunction().getContext().emitError(
          (mi.isInlineAsm() ? Twine("inline assembly is not supported yet")
                            : Twine("internal error: an instruction without a machine form")) +
          " (in function '" + mi.getMF()->getName() + "')");
      mi.eraseFromParent();
      continue;
    }
    pending.push_back(&mi);
    if (mi.isCall() || mi.isTerminator()) {
      scheduleRegion(block, pending, locks || mi.isCall() || mi.isReturn());
      pending.clear();
    }
  }
  if (!pending.empty()) scheduleRegion(block, pending, locks);
}

void Bundler::scheduleRegion(Block &block, ArrayRef<MachineInstr *> insts, bool locks) {
  schedule::Region region;
  for (MachineInstr *mi : insts) {
    schedule::Item item;
    item.forms = formsOf(*mi);
    item.control = mi->isCall() || mi->isTerminator();
    item.touchesMemory = mi->mayLoadOrStore() && !item.control;
    item.stores = mi->mayStore() && !item.control;
    item.barrier = isBarrier(*mi);
    for (const MachineOperand &op : mi->implicit_operands())
      item.deadCarry |= op.isReg() && op.isDef() && op.isDead() && op.getReg() == AIE2::srCarry;
    region.items.push_back(std::move(item));
  }
  region.locksFollow = locks;
  region.mayMeet = [&](size_t i, size_t j) {
    if (insts[i]->hasOrderedMemoryRef() && insts[j]->hasOrderedMemoryRef()) return true;
    return insts[i]->mayAlias(aliases_, *insts[j], /*UseTBAA=*/true);
  };
  schedule::schedule(region);
  size_t first = block.issues.size();
  block.issues.resize(first + static_cast<size_t>(region.cycles));
  verify::Region check{first, static_cast<size_t>(region.cycles), {}, {}};
  for (size_t i = 0; i < insts.size(); ++i) {
    const schedule::Item &item = region.items[i];
    Issue &issue = block.issues[first + static_cast<size_t>(item.cycle)];
    issue.insts.push_back(insts[i]);
    issue.forms.push_back(item.inst());
    check.order.push_back({item.inst(), static_cast<size_t>(item.cycle)});
  }
  for (size_t j = 0; j < insts.size(); ++j)
    for (size_t i = 0; i < j; ++i)
      if ((region.items[i].stores || region.items[j].stores) && region.items[i].touchesMemory &&
          region.items[j].touchesMemory && region.mayMeet(i, j))
        check.meets.push_back({i, j});
  block.check.regions.push_back(std::move(check));
  block.issues.back().endsCall = insts.back()->isCall();
}

void Bundler::layOut(std::vector<Block> &blocks) {
  auto slots = [](const Issue &issue) {
    uint8_t mask = 0;
    for (const isa::Inst &inst : issue.forms) mask |= isa::slotBit(isa::info(inst).slot);
    return mask;
  };
  auto bytesOf = [&](const Issue &issue, unsigned least) {
    if (issue.forms.empty()) return std::max(2u, least);
    isa::FormatId format = isa::chooseFormat(slots(issue), least);
    return format == isa::FormatId::Invalid ? 0u : static_cast<unsigned>(isa::info(format).bytes);
  };
  unsigned offset = 0;
  std::vector<Issue *> all;
  // Makes the bundles before the current offset larger until it is a multiple of a fetch.
  auto align = [&](size_t window) {
    size_t last = all.size() > window ? all.size() - window : 0;
    for (size_t i = all.size(); i-- > last && offset % kFetchBytes;) {
      unsigned need = kFetchBytes - offset % kFetchBytes;
      for (unsigned size = std::min(16u, all[i]->bytes + need); size > all[i]->bytes; size -= 2)
        if (bytesOf(*all[i], size) == size) {
          offset += size - all[i]->bytes;
          all[i]->bytes = size;
          break;
        }
    }
  };
  for (Block &block : blocks) {
    MachineLoop *loop = loops_->getLoopFor(block.block);
    if (loop && loop->getHeader() == block.block) align(8);
    for (Issue &issue : block.issues) {
      issue.bytes = bytesOf(issue, 2);
      offset += issue.bytes;
      all.push_back(&issue);
      if (issue.endsCall) align(6);
    }
  }
}

void Bundler::emit(Block &block) {
  MachineBasicBlock &mbb = *block.block;
  for (Issue &issue : block.issues) {
    DebugLoc line;
    for (MachineInstr *mi : issue.insts)
      if (!line) line = mi->getDebugLoc();
    BuildMI(&mbb, line, tii_->get(TargetOpcode::BUNDLE)).addImm(issue.bytes);
    for (size_t i = 0; i < issue.insts.size(); ++i) {
      MachineInstr *mi = issue.insts[i];
      const isa::Inst &form = issue.forms[i];
      unsigned opcode = llvmOpcode(form.opcode);
      MachineInstr *placed = mi;
      if (opcode != mi->getOpcode()) {
        // Another form of the instruction: rebuilt from the isa operands, registers by name.
        auto built = BuildMI(*mbb.getParent(), line, tii_->get(opcode));
        const isa::InstInfo &info = isa::info(form);
        for (unsigned o = 0; o < info.operands.size(); ++o) {
          if (!info.operands[o].isReg) {
            built.addImm(form.ops[o]);
            continue;
          }
          built.addReg(llvmReg(form.reg(o)), getDefRegState(info.operands[o].out));
        }
        placed = built;
        mbb.insert(mbb.instr_end(), placed);
        mi->eraseFromParent();
      } else {
        mi->removeFromParent();
        mbb.insert(mbb.instr_end(), placed);
      }
      placed->bundleWithPred();
    }
  }
}
} // namespace

FunctionPass *llvm::createAIE2Bundler() { return new Bundler(); }
