// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Innermost loops of one block that count down in a register become zero-overhead loops, pipelined
// where several rounds can overlap. The code around them:
//
//   setup:    ls, le, lc = rounds - stages + 1; when there may be fewer rounds than stages, a
//   branch
//             to the original loop
//   prologue: the first stages of the first rounds; kernel; epilogue: the last stages of the last
//
// The original loop moves to the end of the function, or goes.
#include "codegen/schedule/code.h"
#include "codegen/schedule/forms.h"
#include "codegen/schedule/loop_memory.h"
#include "codegen/target/isa_join.h"
#include "codegen/target/target.h"

#include "isa/hazard.h"

#include "llvm/ADT/DenseMap.h"
#include "llvm/Analysis/LoopInfo.h"
#include "llvm/CodeGen/MachineFrameInfo.h"
#include "llvm/CodeGen/MachineFunction.h"
#include "llvm/CodeGen/MachineInstrBuilder.h"
#include "llvm/CodeGen/MachineOptimizationRemarkEmitter.h"
#include "llvm/IR/DebugInfoMetadata.h"
#include "llvm/IR/LLVMContext.h"

#include <algorithm>
#include <variant>

using namespace llvm;

namespace ashlar::codegen::schedule {
namespace {
constexpr int kMaxLoopBundles = 600; ///< of prologue, kernel and epilogue

void remark(MachineBasicBlock &block, const DebugLoc &line, bool done, const std::string &text) {
  LLVMContext &context = block.getParent()->getFunction().getContext();
  std::string where = ("loop in function '" + block.getParent()->getName() + "' ").str();
  if (done)
    context.diagnose(MachineOptimizationRemark(kAIE2LoopRemarks, "Pipelined", line, &block)
                     << where + text);
  else
    context.diagnose(MachineOptimizationRemarkMissed(kAIE2LoopRemarks, "NotPipelined", line, &block)
                     << where + text);
}

/// A loop that counts `counter` down to zero.
struct Counted {
  MachineBasicBlock *block, *exit;
  MachineInstr *decrement;
  MCRegister counter;
  std::vector<MachineInstr *> body;
};

/// The counted loop, or why it is none.
std::variant<Counted, std::string> recognise(MachineBasicBlock &block) {
  Counted loop{&block, nullptr, nullptr, {}, {}};
  if (block.succ_size() != 2 || block.hasAddressTaken() || block.isEHPad())
    return "has more than one way out";
  for (MachineBasicBlock *s : block.successors())
    if (s != &block) loop.exit = s;
  const MachineInstr *branch = nullptr;
  for (MachineInstr &mi : block) {
    if (mi.isMetaInstruction()) continue;
    if (mi.isTerminator()) {
      if (!branch) branch = &mi;
      continue;
    }
    loop.body.push_back(&mi);
  }
  bool counts =
      branch && ((branch->getOpcode() == AIE2::JNZ && branch->getOperand(1).getMBB() == &block) ||
                 (branch->getOpcode() == AIE2::JZ && branch->getOperand(1).getMBB() == loop.exit));
  if (!counts) return "is not counted: its number of rounds is not known when it begins";
  loop.counter = branch->getOperand(0).getReg().asMCReg();
  for (MachineInstr *mi : loop.body) {
    if (mi->isCall()) return "calls a function";
    if (mi->isInlineAsm()) return "contains inline assembly";
    if (isBarrier(*mi)) return "contains a lock, stream or other operation with side effects";
    if (isaOpcode(mi->getOpcode()) == isa::Opcode::Invalid && !isExpandable(*mi))
      return "contains an instruction without a machine form";
  }
  const TargetRegisterInfo &registers = *block.getParent()->getSubtarget().getRegisterInfo();
  for (MachineInstr *mi : loop.body) {
    bool writes = mi->modifiesRegister(loop.counter, &registers);
    if (writes && !loop.decrement && mi->getOpcode() == AIE2::ADD_add_r_ri &&
        mi->getOperand(0).getReg() == loop.counter && mi->getOperand(1).getReg() == loop.counter &&
        mi->getOperand(2).getImm() == -1)
      loop.decrement = mi;
    else if (writes || mi->readsRegister(loop.counter, &registers))
      return "is not counted: its counter is used for something else";
  }
  if (!loop.decrement) return "is not counted: its number of rounds is not known when it begins";
  if (loop.exit->isLiveIn(loop.counter)) return "leaves its counter to the code behind";
  std::erase(loop.body, loop.decrement);
  if (loop.body.empty()) return "is empty";
  return loop;
}

/// The constant that the only way in leaves in the counter.
std::optional<int64_t> knownRounds(const Counted &loop) {
  const TargetRegisterInfo &registers = *loop.block->getParent()->getSubtarget().getRegisterInfo();
  const MachineBasicBlock *before = nullptr;
  for (MachineBasicBlock *p : loop.block->predecessors())
    if (p != loop.block) {
      if (before) return std::nullopt;
      before = p;
    }
  for (int depth = 0; before && depth < 4; ++depth) {
    for (const MachineInstr &mi : reverse(*before))
      if (mi.modifiesRegister(loop.counter, &registers)) {
        if (mi.getOpcode() == AIE2::MOV_IMM && mi.getOperand(1).isImm())
          return mi.getOperand(1).getImm();
        return std::nullopt;
      }
    before = before->pred_size() == 1 ? *before->pred_begin() : nullptr;
  }
  return std::nullopt;
}

/// What the front end and the optimiser know of the number of rounds.
int64_t leastRounds(const Counted &loop) {
  int64_t least = 1;
  if (const BasicBlock *ir = loop.block->getBasicBlock())
    if (const Instruction *end = ir->getTerminator())
      if (const MDNode *node = end->getMetadata(kAIE2RoundsMetadata))
        least = std::max(least, mdconst::extract<ConstantInt>(node->getOperand(0))->getSExtValue());
  return least;
}

void markUnits(Units &units, MCRegister reg) {
  if (isa::Reg r = isaReg(reg); r != isa::Reg::None)
    for (uint8_t u : isa::info(r).units) units.set(u);
}

/// What is read of the registers at each block's begin, by storage unit. The live-ins of a block do
/// not name the parts of a register that are read whole although they hold nothing of value, and
/// these must come to the reader too as the program says, or nobody could check the schedule.
DenseMap<const MachineBasicBlock *, Units> unitsReadFrom(const MachineFunction &mf) {
  struct Effect {
    Units reads, writes;
  };
  DenseMap<const MachineBasicBlock *, Effect> effects;
  DenseMap<const MachineBasicBlock *, Units> begin;
  for (const MachineBasicBlock &block : mf) {
    Effect &e = effects[&block];
    for (const MachineInstr &mi : block) {
      if (mi.isMetaInstruction() || mi.isInlineAsm()) continue;
      const isa::Accesses all = isa::accesses(itemOf(mi).inst());
      for (const isa::Access &a : all)
        if (!a.write)
          for (uint8_t u : isa::info(a.reg).units)
            if (!e.writes[u]) e.reads.set(u);
      for (const MachineOperand &op : mi.implicit_operands())
        if (op.isReg() && op.isUse() && op.getReg()) {
          Units used;
          markUnits(used, op.getReg().asMCReg());
          e.reads |= used & ~e.writes;
        }
      for (const isa::Access &a : all)
        if (a.write)
          for (uint8_t u : isa::info(a.reg).units) e.writes.set(u);
    }
  }
  for (bool changed = true; changed;) {
    changed = false;
    for (const MachineBasicBlock &block : reverse(mf)) {
      Units out;
      for (const MachineBasicBlock *next : block.successors()) out |= begin[next];
      const Effect &e = effects[&block];
      const Units in = e.reads | (out & ~e.writes);
      changed |= in != begin[&block];
      begin[&block] = in;
    }
  }
  return begin;
}

/// Registers behind the loop, and those that are free in it.
void findUnits(const Counted &loop, const Units &readBehind, LoopBody &body) {
  const MachineFunction &mf = *loop.block->getParent();
  const MachineRegisterInfo &mri = mf.getRegInfo();
  const auto &registers = *mf.getSubtarget().getRegisterInfo();
  Units entry, never;
  body.liveOut = readBehind;
  for (const auto &in : loop.exit->liveins()) markUnits(body.liveOut, in.PhysReg);
  for (const auto &in : loop.block->liveins()) markUnits(entry, in.PhysReg);
  BitVector reserved = registers.getReservedRegs(mf);
  for (unsigned r = 1; r < registers.getNumRegs(); ++r)
    if (reserved[r]) markUnits(never, MCRegister(r));
  for (const MCPhysReg *r = mri.getCalleeSavedRegs(); r && *r; ++r) {
    // One that this function has put away is as good as any other.
    bool away = std::ranges::any_of(mf.getFrameInfo().getCalleeSavedInfo(),
                                    [&](const CalleeSavedInfo &i) { return i.getReg() == *r; });
    if (!away) markUnits(never, *r);
  }
  body.liveOut |= never;
  body.freeUnits = ~(body.liveOut | entry);
  body.undefined = ~(entry | never);
}

/// `#pragma clang loop pipeline(disable)` and `pipeline_initiation_interval(n)`.
struct Wishes {
  bool no = false;
  int interval = 0;
};
Wishes wishesOf(const MachineBasicBlock &block) {
  Wishes wishes;
  const Instruction *end = block.getBasicBlock() ? block.getBasicBlock()->getTerminator() : nullptr;
  MDNode *id = end ? end->getMetadata(LLVMContext::MD_loop) : nullptr;
  if (!id) return wishes;
  wishes.no = findOptionMDForLoopID(id, "llvm.loop.pipeline.disable");
  if (MDNode *n = findOptionMDForLoopID(id, "llvm.loop.pipeline.initiationinterval");
      n && n->getNumOperands() > 1)
    wishes.interval =
        static_cast<int>(mdconst::extract<ConstantInt>(n->getOperand(1))->getSExtValue());
  return wishes;
}

class Rewriter {
public:
  Rewriter(MachineFunction &mf, LoopCode &code, const Counted &loop)
      : mf_(mf), tii_(*mf.getSubtarget().getInstrInfo()), code_(code), loop_(loop) {}

  void run(bool guard) {
    MachineBasicBlock &block = *loop_.block;
    int stages = code_.found.stages, interval = code_.found.interval;
    MachineBasicBlock *setup = make(&block);
    // The loop in front of this one looks here for what it must keep.
    for (const auto &in : block.liveins()) setup->addLiveIn(in);
    code_.exit = loop_.exit;
    if (stages > 1) code_.prologue = make(&block);
    code_.kernel = make(&block);
    code_.kernelEnd = interval > 1 ? make(&block) : code_.kernel;
    if (stages > 1) code_.epilogue = make(&block);
    MachineBasicBlock *last = code_.epilogue ? code_.epilogue : code_.kernelEnd;
    // Whoever came to the loop comes to the setup.
    SmallVector<MachineBasicBlock *, 4> before;
    for (MachineBasicBlock *p : block.predecessors())
      if (p != &block) before.push_back(p);
    for (MachineBasicBlock *p : before) {
      bool falls = p->getNextNode() == setup;
      p->ReplaceUsesOfBlockWith(&block, setup);
      // A jump to what now lies right behind.
      if (falls && p->succ_size() == 1 && !p->empty() && p->back().getOpcode() == AIE2::J_jump_imm)
        p->back().eraseFromParent();
    }
    MachineBasicBlock *next = block.getNextNode();
    bool fellOut = fallsThrough(block);
    fillSetup(*setup, guard);
    chain(setup, code_.prologue);
    chain(code_.prologue ? code_.prologue : setup, code_.kernel);
    chain(code_.kernel, code_.kernelEnd);
    code_.kernelEnd->addSuccessor(code_.kernel);
    chain(code_.kernelEnd, code_.epilogue);
    last->addSuccessor(loop_.exit);
    if (next != loop_.exit) {
      // The way out goes through a jump of its own.
      MachineBasicBlock *jump = make(&block);
      last->replaceSuccessor(loop_.exit, jump);
      jump->addSuccessor(loop_.exit);
      for (const auto &in : loop_.exit->liveins()) jump->addLiveIn(in);
      BuildMI(jump, DebugLoc(), tii_.get(AIE2::J_jump_imm)).addMBB(loop_.exit);
      code_.exit = jump;
    }
    if (guard) {
      setup->addSuccessor(&block);
      block.moveAfter(&mf_.back());
      if (fellOut) BuildMI(&block, DebugLoc(), tii_.get(AIE2::J_jump_imm)).addMBB(loop_.exit);
      code_.keepsOriginal = true;
    } else {
      while (!block.succ_empty()) block.removeSuccessor(block.succ_begin());
      mf_.remove(&block);
    }
    mergeInto(setup);
  }

private:
  MachineBasicBlock *make(MachineBasicBlock *before) {
    MachineBasicBlock *made = mf_.CreateMachineBasicBlock(loop_.block->getBasicBlock());
    mf_.insert(before->getIterator(), made);
    return made;
  }
  static void chain(MachineBasicBlock *from, MachineBasicBlock *to) {
    if (to && from != to) from->addSuccessor(to);
  }
  static bool fallsThrough(const MachineBasicBlock &block) {
    return block.empty() || block.back().getOpcode() != AIE2::J_jump_imm;
  }

  void fillSetup(MachineBasicBlock &setup, bool guard) {
    const DebugLoc &line = loop_.decrement->getDebugLoc();
    auto address = [&](MCRegister reg, MachineBasicBlock *to) {
      BuildMI(&setup, line, tii_.get(AIE2::MOVXM_lng_cg), reg).addMBB(to);
    };
    int stages = code_.found.stages;
    BuildMI(&setup, line, tii_.get(AIE2::ADD_NC), AIE2::lc)
        .addReg(loop_.counter)
        .addImm(1 - stages);
    address(AIE2::ls, code_.kernel);
    address(AIE2::le, code_.kernelEnd);
    if (!guard) return;
    // r27 is kept out of allocation for conditions like this.
    BuildMI(&setup, line, tii_.get(AIE2::MOV_IMM), AIE2::r27).addImm(stages);
    BuildMI(&setup, line, tii_.get(AIE2::GEU), AIE2::r27)
        .addReg(loop_.counter)
        .addReg(AIE2::r27, RegState::Kill);
    BuildMI(&setup, line, tii_.get(AIE2::JZ)).addReg(AIE2::r27).addMBB(loop_.block);
  }

  /// The setup becomes the end of the block in front of it when that leads nowhere else, so that
  /// both are scheduled as one.
  void mergeInto(MachineBasicBlock *setup) {
    if (setup->pred_size() != 1) return;
    MachineBasicBlock *before = *setup->pred_begin();
    if (before->succ_size() != 1 || before->getNextNode() != setup ||
        before->getFirstTerminator() != before->end())
      return;
    before->splice(before->end(), setup, setup->begin(), setup->end());
    before->removeSuccessor(setup);
    before->transferSuccessors(setup);
    mf_.erase(setup);
  }

  MachineFunction &mf_;
  const TargetInstrInfo &tii_;
  LoopCode &code_;
  const Counted &loop_;
};

/// A schedule without overlap, for bodies that are too large for the search.
void scheduleAlone(LoopCode &code) {
  Region region;
  region.items = code.body.items;
  region.mayMeet = [&](size_t i, size_t j) { return code.meetsAt(i, j, 0); };
  region.locksFollow = false;
  schedule(region);
  code.body.items = region.items;
  code.found.interval = region.cycles;
  code.found.stages = 1;
  code.found.cycle.clear();
  for (const Item &item : region.items) code.found.cycle.push_back(item.cycle);
  // A sub-word store in the last bundle of a short loop can be lost.
  for (const Item &item : region.items)
    if (item.cycle == region.cycles - 1 && isa::isPartStore(item.inst())) {
      ++code.found.interval;
      break;
    }
}

std::string bounds(const Pipelined &found) {
  return "(bound " + std::to_string(found.bound()) + ": " + std::to_string(found.resourceBound) +
         " by slots and units, " + std::to_string(found.recurrenceBound) + " by dependences)";
}
} // namespace

std::vector<LoopCode> pipelineLoops(MachineFunction &mf, const Analyses &analyses) {
  std::vector<LoopCode> all;
  SmallVector<MachineBasicBlock *, 16> loops;
  for (MachineBasicBlock &block : mf)
    if (block.isSuccessor(&block)) loops.push_back(&block);
  auto readFrom = unitsReadFrom(mf);
  for (MachineBasicBlock *block : loops) {
    DebugLoc line;
    for (const MachineInstr &mi : *block)
      if (!line && !mi.isMetaInstruction()) line = mi.getDebugLoc();
    auto recognised = recognise(*block);
    if (auto *why = std::get_if<std::string>(&recognised)) {
      remark(*block, line, false, "not pipelined: it " + *why);
      continue;
    }
    const Counted &loop = std::get<Counted>(recognised);
    LoopCode code;
    code.original = block;
    for (MachineInstr *mi : loop.body) {
      code.insts.push_back(mi);
      code.source.push_back(itemOf(*mi));
    }
    nameObjects(loop.body, code.source);
    auto memory = std::make_shared<LoopMemory>(*analyses.aliases, *analyses.evolution,
                                               *analyses.loops, *block, code.insts);
    code.memory = memory;
    LoopMemory *ask = memory.get();
    code.meetsAt = [ask](size_t i, size_t j, unsigned r) { return ask->meetsAt(i, j, r); };
    code.body.items = code.source;
    code.body.meets = [ask](size_t i, size_t j) { return ask->meets(i, j); };
    findUnits(loop, readFrom[loop.exit], code.body);

    // What a round costs without overlap, as the measure.
    LoopCode alone;
    alone.body.items = code.source;
    alone.meetsAt = code.meetsAt;
    scheduleAlone(alone);
    int plain = alone.found.interval;
    auto rounds = knownRounds(loop);
    int64_t least = rounds ? *rounds : leastRounds(loop);
    Limits limits;
    limits.maxInterval = plain - 1;
    limits.maxStages = std::clamp(kMaxLoopBundles / std::max(plain, 1), 2, 24);
    limits.rounds = rounds ? *rounds : std::max(least, limits.rounds);
    if (rounds) limits.maxStages = static_cast<int>(std::min<int64_t>(limits.maxStages, *rounds));
    Wishes wishes = wishesOf(*block);
    // At -Os rounds overlap only as far as no copies of them are needed.
    if (mf.getFunction().hasOptSize() && !wishes.interval) limits.maxStages = 1;
    rename(code.body);
    if (limits.maxInterval > 0 && !wishes.no) code.found = pipeline(code.body, limits);
    bool overlapped = code.found.found();
    if (!overlapped) {
      Pipelined bound = code.found;
      code.body.items = code.source;
      scheduleAlone(code);
      code.found.resourceBound = bound.resourceBound;
      code.found.recurrenceBound = bound.recurrenceBound;
    }
    if (wishes.interval && code.found.interval > wishes.interval) {
      std::string place;
      if (line) place = line->getFilename().str() + ":" + std::to_string(line->getLine()) + ": ";
      mf.getFunction().getContext().emitError(
          place + "the loop hint cannot hold: an initiation interval of " + Twine(wishes.interval) +
          " is asked for, " + Twine(code.found.interval) + " is what can be found (in function '" +
          mf.getName() + "')");
    }
    bool guard = code.found.stages > least;
    std::string interval = std::to_string(code.found.interval);
    if (overlapped)
      remark(*block, line, true,
             "pipelined: initiation interval " + interval + " " + bounds(code.found) + ", " +
                 std::to_string(code.found.stages) + " stages" +
                 (guard ? ", checked for enough rounds" : ""));
    else
      remark(*block, line, false,
             "not pipelined, zero-overhead loop of " + interval + " bundles: " +
                 (wishes.no ? std::string("as asked for")
                  : code.source.size() > limits.maxItems
                      ? "more than " + std::to_string(limits.maxItems) + " instructions"
                      : std::string("no overlap of rounds makes it shorter")));
    Rewriter(mf, code, loop).run(guard);
    all.push_back(std::move(code));
  }
  return all;
}

} // namespace ashlar::codegen::schedule
