// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The last machine pass: expands what was left open, schedules each block region by region, lays
// the function out and turns it into BUNDLE instructions that carry their size. Every function is
// then checked by the verifier, which knows nothing of how the schedule was made.
#include "codegen/schedule/code.h"
#include "codegen/schedule/delay_slots.h"
#include "codegen/schedule/forms.h"
#include "codegen/schedule/layout.h"
#include "codegen/schedule/variables.h"
#include "codegen/target/isa_join.h"
#include "codegen/target/target.h"
#include "codegen/verify/verify.h"

#include "isa/encode.h"

#include "llvm/ADT/DenseMap.h"
#include "llvm/Analysis/AliasAnalysis.h"
#include "llvm/Analysis/LoopInfo.h"
#include "llvm/Analysis/ScalarEvolution.h"
#include "llvm/CodeGen/MachineFrameInfo.h"
#include "llvm/CodeGen/MachineFunctionPass.h"
#include "llvm/CodeGen/MachineInstrBuilder.h"
#include "llvm/CodeGen/MachineLoopInfo.h"
#include "llvm/IR/DebugInfoMetadata.h"
#include "llvm/IR/LLVMContext.h"

using namespace llvm;
namespace isa = ashlar::isa;
namespace schedule = ashlar::codegen::schedule;
namespace verify = ashlar::codegen::verify;

namespace {
constexpr size_t kLongestRegion = 600;
using schedule::Block;
using schedule::Issue;
using schedule::LoopCode;

class Bundler : public MachineFunctionPass {
public:
  static char ID;
  Bundler() : MachineFunctionPass(ID) {}
  StringRef getPassName() const override { return "AIE2 bundler"; }
  void getAnalysisUsage(AnalysisUsage &usage) const override {
    usage.addRequired<AAResultsWrapperPass>();
    usage.addRequired<ScalarEvolutionWrapperPass>();
    usage.addRequired<LoopInfoWrapperPass>();
    MachineFunctionPass::getAnalysisUsage(usage);
  }
  bool runOnMachineFunction(MachineFunction &) override;

private:
  bool check(MachineFunction &mf);
  void placeLoops(std::vector<LoopCode> &loops);
  void scheduleBlock(size_t index);
  void scheduleRegion(Block &block, ArrayRef<MachineInstr *> insts);
  schedule::Region regionOf(const Block &block, ArrayRef<MachineInstr *> insts);
  void placeAssembly(Block &block, ArrayRef<MachineInstr *> bundles);
  void nameLines(const Function &f);
  void fillDelaySlots(Block &block, SmallVectorImpl<MachineInstr *> &insts);
  void verifyAll(MachineFunction &mf);
  void emit(Block &block);

  AAResults *aliases_ = nullptr;
  const TargetInstrInfo *tii_ = nullptr;
  bool locks_ = false; ///< the function has lock operations
  bool optimize_ = false;
  schedule::Variables variables_;
  std::vector<Block> blocks_;
  DenseMap<const MachineBasicBlock *, size_t> index_;
  std::vector<schedule::Carry> carry_; ///< what is under way where a block begins
  schedule::Carry now_;                ///< at the current region
};
char Bundler::ID = 0;

/// Says what has no machine form; such a function makes no object.
bool Bundler::check(MachineFunction &mf) {
  bool fine = true;
  for (MachineBasicBlock &block : mf)
    for (MachineInstr &mi : make_early_inc_range(block)) {
      if (mi.isMetaInstruction()) {
        mi.eraseFromParent();
        continue;
      }
      locks_ |= schedule::isBarrier(mi);
      if (mi.isBundle() || mi.isInlineAsm() || schedule::isExpandable(mi) ||
          isaOpcode(mi.getOpcode()) != isa::Opcode::Invalid)
        continue;
      mf.getFunction().getContext().emitError(
          "internal error: an instruction without a machine form (in function '" + mf.getName() +
          "')");
      mi.eraseFromParent();
      fine = false;
    }
  return fine;
}

bool Bundler::runOnMachineFunction(MachineFunction &mf) {
  aliases_ = &getAnalysis<AAResultsWrapperPass>().getAAResults();
  tii_ = mf.getSubtarget().getInstrInfo();
  optimize_ = mf.getTarget().getOptLevel() != CodeGenOptLevel::None;
  locks_ = false;
  blocks_.clear();
  index_.clear();
  variables_.collect(mf);
  bool fine = check(mf);
  std::vector<LoopCode> loops;
  if (optimize_)
    for (MachineBasicBlock &block : mf) schedule::computeConditionsInPlace(block);
  if (optimize_ && fine)
    loops =
        schedule::pipelineLoops(mf, {aliases_, &getAnalysis<ScalarEvolutionWrapperPass>().getSE(),
                                     &getAnalysis<LoopInfoWrapperPass>().getLoopInfo()});
  // A block whose predecessor comes later is reached backwards.
  for (MachineBasicBlock &block : mf) {
    index_[&block] = blocks_.size();
    Block made;
    made.block = &block;
    for (const MachineBasicBlock *p : block.predecessors())
      made.loopHeader |= p == &block || index_.count(p) == 0;
    for (MachineInstr &mi : block) made.old.push_back(&mi);
    blocks_.push_back(std::move(made));
  }
  placeLoops(loops);
  carry_.assign(blocks_.size(), {});
  for (size_t b = 0; b < blocks_.size(); ++b) scheduleBlock(b);
  schedule::layOut(blocks_);
  verifyAll(mf);
  nameLines(mf.getFunction());
  variables_.place(mf, blocks_);
  for (Block &block : blocks_) emit(block);
  for (Block &block : blocks_)
    for (MachineInstr *mi : block.old) mi->eraseFromParent();
  for (LoopCode &loop : loops)
    if (!loop.keepsOriginal) mf.deleteMachineBasicBlock(loop.original);
  mf.getFunction().addFnAttr(kAIE2FrameAttribute, std::to_string(mf.getFrameInfo().getStackSize()));
  if (mf.getFrameInfo().hasVarSizedObjects())
    mf.getFunction().addFnAttr(kAIE2DynamicFrameAttribute);
  blocks_.clear();
  return true;
}

/// The bundles of pipelined loops are known before all others.
void Bundler::placeLoops(std::vector<LoopCode> &loops) {
  using Part = Block::Part;
  for (LoopCode &loop : loops) {
    const schedule::Pipelined &p = loop.found;
    auto fill = [&](MachineBasicBlock *to, Part part, int cycles, int from, auto wanted) {
      if (!to) return;
      Block &block = blocks_[index_[to]];
      block.part = part;
      block.loop = &loop;
      block.issues.resize(static_cast<size_t>(cycles));
      for (size_t i = 0; i < loop.insts.size(); ++i)
        for (int c = 0; c < cycles; ++c)
          if (wanted(p.cycle[i], from + c))
            block.issues[static_cast<size_t>(c)].slots.push_back(
                {loop.insts[i], loop.body.items[i].inst(), i});
    };
    int interval = p.interval, ramp = (p.stages - 1) * interval;
    // Round k issues an instruction of cycle t at t + k * interval.
    auto begun = [&](int t, int c) { return t <= c && (c - t) % interval == 0; };
    auto row = [&](int t, int c) { return t % interval == c; };
    auto left = [&](int t, int c) { return t >= c + interval && (t - c) % interval == 0; };
    fill(loop.prologue, Part::Prologue, ramp, 0, begun);
    fill(loop.kernel, Part::Kernel, loop.kernelEnd == loop.kernel ? interval : interval - 1, 0,
         row);
    if (loop.kernelEnd != loop.kernel) fill(loop.kernelEnd, Part::KernelEnd, 1, interval - 1, row);
    fill(loop.epilogue, Part::Epilogue, ramp, 0, left);
    if (loop.epilogue) {
      auto &issues = blocks_[index_[loop.epilogue]].issues;
      while (!issues.empty() && issues.back().slots.empty()) issues.pop_back();
    }
  }
}

void Bundler::scheduleBlock(size_t index) {
  Block &block = blocks_[index];
  block.block->setLabelMustBeEmitted();
  now_ = carry_[index];
  auto pass = [&](const MachineBasicBlock *to) {
    size_t next = index_[to];
    if (next > index) schedule::merge(carry_[next], now_);
  };
  if (block.part != Block::Part::Plain) {
    if (index == 0 || blocks_[index - 1].loop != block.loop) {
      // The first round waits for what came before.
      int wait = 0;
      for (bool again = true; again; wait += again) {
        again = false;
        for (size_t i = 0; i < block.loop->insts.size() && !again; ++i) {
          const schedule::Item &item = block.loop->body.items[i];
          int at = block.loop->found.cycle[i] + wait;
          again = at < schedule::earliest(now_, item);
          for (int k = 0; k < 4 && !again; ++k)
            again = schedule::clashes(now_, item, at + k * block.loop->found.interval);
        }
      }
      schedule::delay(blocks_, index, static_cast<unsigned>(wait));
    }
    // What is under way where the loop is left: whatever the number of rounds.
    if (block.block != (block.loop->epilogue ? block.loop->epilogue : block.loop->kernelEnd))
      return;
    const schedule::Pipelined &p = block.loop->found;
    schedule::Carry all;
    auto tail = static_cast<int>(block.loop->epilogue ? block.issues.size() : 0);
    for (int runs = 1; runs <= 2 + 16 / p.interval; ++runs) {
      std::vector<schedule::Pending> issued;
      int rounds = runs + p.stages - 1, length = rounds * p.interval + tail;
      for (int k = 0; k < rounds; ++k)
        for (size_t i = 0; i < block.loop->insts.size(); ++i)
          issued.push_back({block.loop->body.items[i], p.cycle[i] + k * p.interval});
      schedule::merge(all, schedule::carryOut({}, issued, length));
    }
    now_ = all;
    pass(block.loop->exit);
    return;
  }
  SmallVector<MachineInstr *, 64> pending;
  SmallVector<MachineInstr *, 8> assembly; // bundles of inline assembly, one after the other
  const std::vector<MachineInstr *> old = block.old; // delay slots add to it
  for (MachineInstr *mi : old) {
    // Inline assembly, also without instructions: nothing moves over it. And the work grows with
    // the square of a region's length.
    if (mi->isBundle() || mi->isInlineAsm() || pending.size() >= kLongestRegion) {
      if (!pending.empty()) scheduleRegion(block, pending);
      pending.clear();
    }
    if (mi->isBundle()) {
      assembly.push_back(mi);
      continue;
    }
    if (!assembly.empty()) placeAssembly(block, assembly);
    assembly.clear();
    if (mi->isInlineAsm()) continue;
    pending.push_back(mi);
    if (mi->isCall() || mi->isTerminator()) {
      if (optimize_ && mi->isTerminator()) fillDelaySlots(block, pending);
      scheduleRegion(block, pending);
      pending.clear();
      if (mi->isTerminator())
        for (const MachineOperand &op : mi->operands())
          if (op.isMBB()) pass(op.getMBB());
    }
  }
  if (!assembly.empty()) placeAssembly(block, assembly);
  if (!pending.empty()) scheduleRegion(block, pending);
  for (const MachineBasicBlock *next : block.block->successors()) pass(next);
}

/// Inline assembly issues as written: behind everything that came before, and what follows waits
/// until it is done. To the verifier it is so many bundles without effect.
void Bundler::placeAssembly(Block &block, ArrayRef<MachineInstr *> bundles) {
  const size_t first = block.issues.size();
  int wait = 0;
  for (const schedule::Pending &p : now_)
    wait = std::max(wait, schedule::drain(p.item, true) + 1 + p.time);
  block.issues.resize(first + static_cast<size_t>(wait));
  size_t end = 0;
  const size_t start = block.issues.size();
  for (MachineInstr *head : bundles) {
    Issue issue;
    issue.least = static_cast<unsigned>(head->getOperand(0).getImm());
    for (auto it = std::next(head->getIterator());
         it != head->getParent()->instr_end() && it->isInsideBundle(); ++it) {
      const schedule::Item item = schedule::itemOf(*it);
      issue.slots.push_back({&*it, item.forms.front(), 0});
      end =
          std::max(end, block.issues.size() + static_cast<size_t>(schedule::drain(item, true)) + 1);
    }
    block.issues.push_back(std::move(issue));
  }
  block.issues.resize(std::max(end, start + bundles.size()));
  now_ = {};
  block.regions.push_back({first, block.issues.size() - first, {}});
}

schedule::Region Bundler::regionOf(const Block &block, ArrayRef<MachineInstr *> insts) {
  schedule::Region region;
  for (MachineInstr *mi : insts) region.items.push_back(schedule::itemOf(*mi));
  schedule::nameObjects(insts, region.items);
  const MachineInstr &end = *insts.back();
  bool settles = end.isCall() || end.isReturn();
  // Code that is scheduled already does not wait for what it did not know of.
  bool open = optimize_ && !settles && !end.isIndirectBranch();
  for (const MachineBasicBlock *next : block.block->successors())
    open &= index_[next] > index_[block.block];
  region.ending = open ? schedule::Ending::Open : schedule::Ending::Settled;
  region.locksFollow = locks_ || settles;
  region.carry = now_;
  region.mayMeet = [this, insts](size_t i, size_t j) {
    if (insts[i]->hasOrderedMemoryRef() && insts[j]->hasOrderedMemoryRef()) return true;
    return insts[i]->mayAlias(aliases_, *insts[j], /*UseTBAA=*/true);
  };
  return region;
}

/// Takes from the blocks behind a conditional branch what costs no bundle here.
void Bundler::fillDelaySlots(Block &block, SmallVectorImpl<MachineInstr *> &insts) {
  constexpr size_t kMostInRegion = 64;
  constexpr unsigned kMost = 10;
  MachineInstr &branch = *insts.back();
  if ((branch.getOpcode() != AIE2::JNZ && branch.getOpcode() != AIE2::JZ) ||
      insts.size() > kMostInRegion)
    return;
  auto length = [&] {
    schedule::Region region = regionOf(block, insts);
    schedule::schedule(region);
    return region.cycles;
  };
  int limit = length();
  for (MachineBasicBlock *from : block.block->successors()) {
    auto it = index_.find(from);
    if (it == index_.end() || it->second <= index_[block.block] ||
        blocks_[it->second].part != Block::Part::Plain)
      continue;
    Block &source = blocks_[it->second];
    for (unsigned taken = 0; taken < kMost;) {
      // One at a time, because what stays in its block binds what follows.
      auto candidates = schedule::speculative(*from, branch, 1);
      if (candidates.empty()) break;
      MachineInstr *mi = candidates.front();
      insts.insert(insts.end() - 1, mi);
      if (length() > limit) {
        insts.erase(insts.end() - 2);
        break;
      }
      schedule::hoist(*mi, branch);
      std::erase(source.old, mi);
      block.old.insert(std::ranges::find(block.old, &branch), mi);
      ++taken;
    }
  }
}

void Bundler::scheduleRegion(Block &block, ArrayRef<MachineInstr *> insts) {
  const MachineInstr &end = *insts.back();
  bool settles = end.isCall() || end.isReturn();
  schedule::Region region = regionOf(block, insts);
  schedule::schedule(region);
  size_t first = block.issues.size();
  block.issues.resize(first + static_cast<size_t>(region.cycles));
  std::vector<schedule::Pending> issued;
  for (size_t i = 0; i < insts.size(); ++i) {
    const schedule::Item &item = region.items[i];
    Issue &issue = block.issues[first + static_cast<size_t>(item.cycle)];
    issue.slots.push_back({insts[i], item.inst(), i});
    issued.push_back({item, item.cycle});
  }
  now_ = settles ? schedule::Carry() : schedule::carryOut(region.carry, issued, region.cycles);
  block.regions.push_back(
      {first, static_cast<size_t>(region.cycles), {insts.begin(), insts.end()}});
  if (!block.issues.empty()) block.issues.back().endsCall |= end.isCall();
}

/// Storage units that an instruction reads or writes beyond what the description says.
static void addImplicit(const MachineInstr &mi, verify::Step &step) {
  auto mark = [](verify::Units &units, MCRegister reg) {
    if (isa::Reg r = isaReg(reg); r != isa::Reg::None)
      for (uint8_t u : isa::info(r).units) units.set(u);
  };
  if (!mi.isCall() && !mi.isReturn()) return;
  const MachineFunction &mf = *mi.getMF();
  const TargetRegisterInfo &registers = *mf.getSubtarget().getRegisterInfo();
  for (const MachineOperand &op : mi.implicit_operands())
    if (op.isReg() && op.isUse() && op.getReg()) mark(step.alsoReads, op.getReg().asMCReg());
  // What this function's caller gets back as it was. A called function keeps these, and that is
  // all.
  for (const MCPhysReg *r = registers.getCalleeSavedRegs(&mf); mi.isReturn() && r && *r; ++r)
    mark(step.alsoReads, *r);
  mark(step.alsoReads, AIE2::sp);
  for (MCPhysReg r : AIE2::mMvSclSrcRegClass)
    if (StringRef(registers.getName(r)).starts_with("cr")) mark(step.alsoReads, r);
  for (const MachineOperand &op : mi.operands()) {
    if (op.isReg() && op.isDef() && op.getReg()) mark(step.alsoWrites, op.getReg().asMCReg());
    if (!op.isRegMask()) continue;
    for (unsigned r = 1; r < registers.getNumRegs(); ++r)
      if (op.clobbersPhysReg(MCRegister(r))) mark(step.alsoWrites, MCRegister(r));
  }
  // Part of a register may be kept although the whole is not.
  for (const MCPhysReg *r = registers.getCalleeSavedRegs(&mf); r && *r; ++r)
    if (*r != AIE2::lr && isaReg(*r) != isa::Reg::None)
      for (uint8_t u : isa::info(isaReg(*r)).units) step.alsoWrites.reset(u);
}

void Bundler::verifyAll(MachineFunction &mf) {
  std::vector<verify::Piece> pieces;
  // The first piece of each block; the blocks of a loop share theirs.
  std::vector<size_t> firstPiece(blocks_.size());
  size_t count = 0;
  DenseMap<const LoopCode *, size_t> loopPiece;
  for (size_t b = 0; b < blocks_.size(); ++b) {
    if (const LoopCode *loop = blocks_[b].loop) {
      auto [it, fresh] = loopPiece.try_emplace(loop, count);
      count += fresh;
      firstPiece[b] = it->second;
    } else {
      firstPiece[b] = count;
      count += std::max<size_t>(blocks_[b].regions.size(), 1);
    }
  }
  pieces.resize(count);
  auto lineOf = [](const Issue &issue) {
    verify::Line line;
    SmallVector<isa::Inst, 6> forms;
    for (const Issue::Slot &slot : issue.slots) {
      line.placed.push_back({slot.form, slot.step});
      forms.push_back(slot.form);
    }
    auto made = isa::makeBundle({forms.data(), forms.size()}, issue.bytes);
    line.bundle = made && !forms.empty() ? *made : isa::nopBundle(issue.bytes);
    return line;
  };
  auto stepOf = [](const MachineInstr &mi, const schedule::Item &item) {
    verify::Step step{item.forms.front(), {}, {}, item.touchesMemory, item.stores, item.barrier};
    addImplicit(mi, step);
    return step;
  };
  for (size_t b = 0; b < blocks_.size(); ++b) {
    Block &block = blocks_[b];
    if (block.loop) {
      const LoopCode &loop = *block.loop;
      verify::Piece &piece = pieces[firstPiece[b]];
      auto &lines = block.part == Block::Part::Prologue   ? piece.first
                    : block.part == Block::Part::Epilogue ? piece.last
                                                          : piece.middle;
      for (const Issue &issue : block.issues) lines.push_back(lineOf(issue));
      if (piece.loop) continue;
      piece.loop = true;
      piece.stages = loop.found.stages;
      piece.undefined = loop.body.undefined;
      for (size_t i = 0; i < loop.insts.size(); ++i)
        piece.steps.push_back(stepOf(*loop.insts[i], loop.source[i]));
      piece.successors.push_back(firstPiece[index_[loop.exit]]);
      piece.meets = loop.meetsAt;
      continue;
    }
    for (size_t r = 0; r < block.regions.size(); ++r) {
      const schedule::RegionCode &region = block.regions[r];
      verify::Piece &piece = pieces[firstPiece[b] + r];
      const bool last = r + 1 == block.regions.size();
      if (!last) piece.successors.push_back(firstPiece[b] + r + 1);
      if (last)
        for (const MachineBasicBlock *next : block.block->successors())
          piece.successors.push_back(firstPiece[index_[next]]);
      if (region.insts.empty()) { // inline assembly
        piece.first.resize(region.cycles);
        for (verify::Line &line : piece.first) line.bundle = isa::nopBundle(2);
        continue;
      }
      for (const MachineInstr *mi : region.insts)
        piece.steps.push_back(stepOf(*mi, schedule::itemOf(*mi)));
      for (size_t i = 0; i < region.cycles; ++i)
        piece.first.push_back(lineOf(block.issues[region.first + i]));
      const MachineInstr &end = *region.insts.back();
      piece.settles = end.isCall() || end.isReturn();
      piece.meets = [this, &region](size_t i, size_t j, unsigned) {
        const MachineInstr &x = *region.insts[i], &y = *region.insts[j];
        return (x.hasOrderedMemoryRef() && y.hasOrderedMemoryRef()) ||
               x.mayAlias(aliases_, y, /*UseTBAA=*/true);
      };
      for (const MachineOperand &op : end.operands())
        if (op.isMBB() && end.isTerminator())
          piece.successors.push_back(firstPiece[index_[op.getMBB()]]);
    }
    if (block.regions.empty())
      for (const MachineBasicBlock *next : block.block->successors())
        pieces[firstPiece[b]].successors.push_back(firstPiece[index_[next]]);
  }
  if (auto problem = verify::check(pieces))
    mf.getFunction().getContext().emitError("internal error: bad schedule in function '" +
                                            mf.getName() + "': " + *problem);
}

/// Gives every bundle a line: its own, or that of the code around it. Nops and the code that sets
/// up a frame have none.
void Bundler::nameLines(const Function &f) {
  DISubprogram *program = f.getSubprogram();
  if (!program) return;
  DebugLoc last = DILocation::get(f.getContext(), program->getScopeLine(), 0, program);
  for (Block &block : blocks_)
    for (Issue &issue : block.issues) {
      for (const Issue::Slot &slot : issue.slots)
        if (const DebugLoc &line = slot.mi->getDebugLoc(); line && line.getLine() && !issue.line)
          issue.line = line;
      if (issue.line)
        last = issue.line;
      else
        issue.line = last;
    }
}

void Bundler::emit(Block &block) {
  MachineBasicBlock &mbb = *block.block;
  MachineFunction &mf = *mbb.getParent();
  for (Issue &issue : block.issues) {
    for (MachineInstr *value : issue.values) mbb.insert(mbb.instr_end(), value);
    BuildMI(&mbb, issue.line, tii_->get(TargetOpcode::BUNDLE)).addImm(issue.bytes);
    for (const Issue::Slot &slot : issue.slots) {
      MachineInstr *placed = schedule::build(mf, *slot.mi, slot.form);
      mbb.insert(mbb.instr_end(), placed);
      placed->bundleWithPred();
    }
  }
  for (MachineInstr *value : block.valuesAtEnd) mbb.insert(mbb.instr_end(), value);
}
} // namespace

FunctionPass *llvm::createAIE2Bundler() { return new Bundler(); }
