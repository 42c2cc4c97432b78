// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Two analyses of who wrote what: over the program as it came, for what debug values mean, and over
// the bundles, with the times at which results land, for what is there. Instructions are known by a
// number that they carry (LLVM's debug instruction number, which nothing else here uses), since the
// scheduler moves, changes and deletes them.
#include "codegen/schedule/variables.h"
#include "codegen/schedule/code.h"
#include "codegen/target/isa_join.h"
#include "codegen/target/target.h"

#include "llvm/CodeGen/MachineFrameInfo.h"
#include "llvm/CodeGen/MachineFunction.h"
#include "llvm/CodeGen/MachineInstrBuilder.h"
#include "llvm/CodeGen/MachineMemOperand.h"
#include "llvm/CodeGen/PseudoSourceValue.h"
#include "llvm/CodeGen/TargetFrameLowering.h"
#include "llvm/IR/DebugInfoMetadata.h"

using namespace llvm;

namespace ashlar::codegen::schedule {
namespace {
constexpr size_t kMostWriters = 12;
constexpr int kStoreLands = 8; ///< bundles, more than any store takes

void insert(SmallVectorImpl<int> &set, int value) {
  auto *at = std::lower_bound(set.begin(), set.end(), value);
  if (at == set.end() || *at != value) set.insert(at, value);
}

int frameIndexOf(const MachineMemOperand &access) {
  const auto *stack = dyn_cast_if_present<FixedStackPseudoSourceValue>(access.getPseudoValue());
  return stack ? stack->getFrameIndex() : INT_MAX;
}
} // namespace

size_t Variables::slotCell(int frameIndex) {
  return isa::kRegUnitCount + static_cast<size_t>(frameIndex + (1 << 20));
}

size_t Variables::cellOf(size_t name) {
  auto [it, fresh] = names_.try_emplace(name, cells_.size());
  if (fresh) cells_.push_back(name);
  return it->second;
}

/// The spill slot at that place of the frame.
bool Variables::addSlot(Value &v, Register base, int64_t offset, const MachineFunction &mf) {
  const MachineFrameInfo &frame = mf.getFrameInfo();
  const TargetFrameLowering &lowering = *mf.getSubtarget().getFrameLowering();
  for (int i = frame.getObjectIndexBegin(); i < frame.getObjectIndexEnd(); ++i) {
    if (frame.isDeadObjectIndex(i)) continue;
    Register from;
    if (lowering.getFrameIndexReference(mf, i, from).getFixed() != offset || from != base) continue;
    // Other objects hold the variable itself, all the time.
    if (frame.isSpillSlotObjectIndex(i)) v.cells.push_back(cellOf(slotCell(i)));
    return true;
  }
  return false;
}

void Variables::addCells(Value &v, const MachineFunction &mf) {
  const DIExpression *expression = v.mi->getDebugExpression();
  if (expression->isFragment() || expression->isEntryValue()) {
    v.lost = true;
    return;
  }
  const MachineFrameInfo &frame = mf.getFrameInfo();
  for (const MachineOperand &op : v.mi->debug_operands()) {
    if (op.isImm() || op.isCImm() || op.isFPImm()) continue;
    if (!op.isReg() || !op.getReg() || isaReg(op.getReg().asMCReg()) == isa::Reg::None) {
      v.lost = true;
      return;
    }
    for (uint8_t u : isa::info(isaReg(op.getReg().asMCReg())).units) v.cells.push_back(cellOf(u));
    const bool inFrame =
        op.getReg() == AIE2::sp || (frame.hasVarSizedObjects() && op.getReg() == AIE2::p7);
    if (!inFrame) continue;
    int64_t offset = 0;
    v.lost |= v.mi->isDebugValueList() || !v.mi->isIndirectDebugValue() ||
              !expression->extractIfOffset(offset) || !addSlot(v, op.getReg(), offset, mf);
  }
}

void Variables::collect(MachineFunction &mf) {
  values_.clear();
  names_.clear();
  cells_.clear();
  homes_.clear();
  moved_.clear();
  if (!mf.getFunction().getSubprogram()) return;
  Writer next = 1;
  for (MachineBasicBlock &block : mf) {
    for (MachineInstr &mi : make_early_inc_range(block.instrs())) {
      if (mi.isDebugValue()) {
        Value v{&mi, next, false, {}, {}, {}};
        addCells(v, mf);
        mi.removeFromParent();
        values_[&block].push_back(std::move(v));
      } else if (!mi.isMetaInstruction()) {
        homes_[next] = &block;
        mi.setDebugInstrNum(static_cast<unsigned>(next++));
      }
    }
  }
  if (!values_.empty()) findMeanings(mf);
}

/// The cells that an instruction of the program writes.
void Variables::writes(const MachineInstr &mi, BitVector &cells) const {
  auto mark = [&](size_t name) {
    if (const auto at = names_.find(name); at != names_.end())
      cells.set(static_cast<unsigned>(at->second));
  };
  for (const MachineOperand &op : mi.operands()) {
    if (op.isReg() && op.isDef() && op.getReg()) {
      if (isa::Reg r = isaReg(op.getReg().asMCReg()); r != isa::Reg::None)
        for (uint8_t u : isa::info(r).units) mark(u);
    } else if (op.isRegMask()) {
      for (const auto &[name, cell] : names_)
        if (name < isa::kRegUnitCount &&
            op.clobbersPhysReg(llvmReg(isa::unitReg(static_cast<unsigned>(name)))))
          cells.set(static_cast<unsigned>(cell));
    }
  }
  if (mi.mayStore())
    for (const MachineMemOperand *access : mi.memoperands())
      if (int index = frameIndexOf(*access); index != INT_MAX) mark(slotCell(index));
}

void Variables::findMeanings(MachineFunction &mf) {
  using State = std::vector<Writers>;
  std::map<const MachineBasicBlock *, State> begin;
  auto run = [&](const MachineBasicBlock &block, State state, bool note) {
    auto *values = note && values_.count(&block) ? &values_[&block] : nullptr;
    size_t next = 0;
    BitVector written(static_cast<unsigned>(cells_.size())), local = written;
    auto noteUpTo = [&](Writer number) {
      for (; values && next < values->size() && (*values)[next].at <= number; ++next)
        for (size_t cell : (*values)[next].cells) {
          (*values)[next].meant.push_back(state[cell]);
          (*values)[next].local.push_back(local[static_cast<unsigned>(cell)]);
        }
    };
    for (const MachineInstr &mi : block.instrs()) {
      if (mi.isMetaInstruction()) continue;
      const auto number = static_cast<Writer>(mi.peekDebugInstrNum());
      noteUpTo(number);
      written.reset();
      writes(mi, written);
      for (unsigned cell : written.set_bits()) state[cell].assign(1, number);
      local |= written;
    }
    noteUpTo(INT_MAX);
    return state;
  };
  SmallVector<const MachineBasicBlock *, 32> work;
  begin[&mf.front()].assign(cells_.size(), Writers{kEntry});
  work.push_back(&mf.front());
  while (!work.empty()) {
    const MachineBasicBlock *block = work.pop_back_val();
    const State out = run(*block, begin[block], false);
    for (const MachineBasicBlock *next : block->successors()) {
      auto [at, changed] = begin.try_emplace(next);
      State &in = at->second;
      in.resize(cells_.size());
      for (size_t c = 0; c < cells_.size(); ++c) {
        const size_t before = in[c].size();
        if (before > kMostWriters) continue;
        for (Writer w : out[c]) insert(in[c], w);
        if (in[c].size() > kMostWriters) insert(in[c], kUnknown);
        changed |= in[c].size() != before;
      }
      if (changed) work.push_back(next);
    }
  }
  for (const MachineBasicBlock &block : mf) {
    State &state = begin[&block];
    if (state.empty()) state.assign(cells_.size(), Writers{kUnknown}); // never reached
    run(block, state, true);
  }
}

/// What the bundles write and when, the bundles counted from the strip's begin.
std::vector<Variables::Write> Variables::writesOf(const Strip &strip) const {
  std::vector<Write> out;
  BitVector written(static_cast<unsigned>(cells_.size()));
  for (size_t c = 0; c < strip.issues.size(); ++c) {
    const Issue &issue = strip.issues[c].first->issues[strip.issues[c].second];
    const int at = static_cast<int>(c);
    for (const Issue::Slot &slot : issue.slots) {
      const auto number = static_cast<Writer>(slot.mi->peekDebugInstrNum());
      const auto home = homes_.find(number);
      // What moved here from behind a branch runs also where the branch goes elsewhere.
      const bool known = home != homes_.end() && home->second == strip.origin;
      const Writer writer = known ? number : kUnknown;
      if (slot.mi->isCall()) {
        // The called function returns behind the delay slots.
        size_t end = c;
        while (end + 1 < strip.issues.size() &&
               !strip.issues[end].first->issues[strip.issues[end].second].endsCall)
          ++end;
        written.reset();
        writes(*slot.mi, written);
        for (unsigned cell : written.set_bits())
          out.push_back({cell, writer, static_cast<int>(end), static_cast<int>(end) + 1});
        continue;
      }
      for (const isa::Access &a : isa::accesses(slot.form)) {
        if (!a.write) continue;
        for (uint8_t u : isa::info(a.reg).units)
          if (const auto cell = names_.find(u); cell != names_.end())
            out.push_back({cell->second, writer, at, at + std::max<int>(a.cycle, 1)});
      }
      if (slot.mi->mayStore())
        for (const MachineMemOperand *access : slot.mi->memoperands())
          if (int index = frameIndexOf(*access); index != INT_MAX)
            if (const auto cell = names_.find(slotCell(index)); cell != names_.end())
              out.push_back({cell->second, writer, at, at + kStoreLands});
    }
  }
  return out;
}

std::vector<Variables::Spans> Variables::replay(const std::vector<Spans> &in,
                                                const std::vector<Write> &writes) const {
  std::vector<Spans> all = in;
  for (const Write &w : writes) {
    Spans &spans = all[w.cell];
    for (Span &s : spans)
      if (s.from <= w.landed) s.to = std::min(s.to, w.issued + 1);
    spans.push_back({kUnknown, w.issued + 1, w.landed, true});
    spans.push_back({w.writer, w.landed, kForever, true});
  }
  return all;
}

std::vector<Variables::Spans> Variables::after(const std::vector<Spans> &all, int length) const {
  std::vector<Spans> out(all.size());
  for (size_t c = 0; c < all.size(); ++c)
    for (const Span &s : all[c])
      if (s.to > length && s.to > s.from)
        out[c].push_back({s.writer, std::max(0, s.from - length),
                          s.to == kForever ? kForever : s.to - length, false});
  return out;
}

bool Variables::holds(const Value &v, const std::vector<Spans> &cells, int at) const {
  if (v.lost) return false;
  for (size_t i = 0; i < v.cells.size(); ++i) {
    bool any = false;
    for (Writer w : v.meant[i])
      if (moved_.count({w, v.cells[i]})) return false;
    for (const Span &s : cells[v.cells[i]]) {
      if (at < s.from || at >= s.to) continue;
      any = true;
      if (s.writer == kUnknown || s.own != v.local[i] ||
          !std::binary_search(v.meant[i].begin(), v.meant[i].end(), s.writer))
        return false;
    }
    if (!any) return false;
  }
  return true;
}

/// Which of a variable's debug values counts at a bundle: that of all its instructions.
const Variables::Value *Variables::wanted(const std::vector<const Value *> &values,
                                          const Issue &issue, bool &empty,
                                          const Strip &strip) const {
  const Value *found = nullptr;
  empty = true;
  for (const Issue::Slot &slot : issue.slots) {
    const auto number = static_cast<Writer>(slot.mi->peekDebugInstrNum());
    const auto home = homes_.find(number);
    if (home == homes_.end() || home->second != strip.origin) continue; // put here from elsewhere
    const Value *active = nullptr;
    for (const Value *v : values)
      if (v->at <= number) active = v;
    if (!empty && active != found) return nullptr;
    found = active;
    empty = false;
  }
  return found;
}

void Variables::placeIn(MachineFunction &mf, const Strip &strip, const std::vector<Spans> &cells,
                        const std::vector<Write> &writes) {
  const auto here = values_.find(strip.origin);
  if (here == values_.end() || strip.issues.empty()) return;
  std::vector<Key> order;
  std::map<Key, std::vector<const Value *>> variables;
  for (const Value &v : here->second) {
    const Key key{v.mi->getDebugVariable(), v.mi->getDebugLoc()->getInlinedAt()};
    if (variables[key].empty()) order.push_back(key);
    variables[key].push_back(&v);
  }
  const size_t count = strip.issues.size();
  Writer first = INT_MAX;
  for (const auto &[number, home] : homes_)
    if (home == strip.origin) first = std::min(first, number);
  for (const Key &key : order) {
    const std::vector<const Value *> &values = variables[key];
    std::vector<const Value *> at(count);
    if (strip.overlapped) {
      const Value &v = *values.front();
      bool constant = values.size() == 1 && v.at <= first;
      for (const Write &w : writes) constant &= std::ranges::find(v.cells, w.cell) == v.cells.end();
      for (size_t c = 0; constant && c < count; ++c)
        if (holds(v, cells, static_cast<int>(c))) at[c] = &v;
    } else {
      // Bundles without instructions are waits for what comes next.
      const Value *next = nullptr;
      bool known = false;
      for (size_t c = count; c-- > 0;) {
        bool empty = false;
        const Issue &issue = strip.issues[c].first->issues[strip.issues[c].second];
        const Value *v = wanted(values, issue, empty, strip);
        if (!empty) {
          next = v;
          known = true;
        }
        if (known && next && holds(*next, cells, static_cast<int>(c))) at[c] = next;
      }
    }
    const Value *now = nullptr;
    Block *block = nullptr;
    auto put = [&](SmallVectorImpl<MachineInstr *> &to, const Value *v) {
      const MachineInstr &any = *values.front()->mi;
      if (v)
        to.push_back(mf.CloneMachineInstr(v->mi));
      else
        to.push_back(BuildMI(mf, any.getDebugLoc(),
                             mf.getSubtarget().getInstrInfo()->get(TargetOpcode::DBG_VALUE), false,
                             Register(), any.getDebugVariable(),
                             DIExpression::get(mf.getFunction().getContext(), {})));
    };
    for (size_t c = 0; c < count; ++c) {
      auto [in, index] = strip.issues[c];
      if (in != block) { // places in registers end with their block
        if (now) put(block->valuesAtEnd, nullptr);
        now = nullptr;
        block = in;
      }
      if (at[c] == now) continue;
      put(in->issues[index].values, at[c]);
      now = at[c];
    }
    if (now) put(block->valuesAtEnd, nullptr);
  }
}

/// Results that are not, or not everywhere, computed where the debug values say: registers were
/// renamed, or the instruction is gone.
void Variables::findMoved(const std::vector<Strip> &strips,
                          const std::vector<std::vector<Write>> &writes) {
  std::map<Writer, int> issued;
  std::map<std::pair<Writer, size_t>, std::set<std::pair<size_t, int>>> written;
  for (size_t s = 0; s < strips.size(); ++s) {
    for (const auto &[block, index] : strips[s].issues)
      for (const Issue::Slot &slot : block->issues[index].slots)
        ++issued[static_cast<Writer>(slot.mi->peekDebugInstrNum())];
    for (const Write &w : writes[s]) written[{w.writer, w.cell}].insert({s, w.issued});
  }
  for (const auto &[block, values] : values_)
    for (const Value &v : values)
      for (size_t i = 0; i < v.cells.size(); ++i)
        for (Writer w : v.meant[i])
          if (w > kEntry && written[{w, v.cells[i]}].size() != static_cast<size_t>(issued[w]))
            moved_.insert({w, v.cells[i]});
}

void Variables::place(MachineFunction &mf, std::vector<Block> &blocks) {
  if (values_.empty()) return;
  std::vector<Strip> strips;
  std::map<const MachineBasicBlock *, size_t> stripOf;
  for (Block &block : blocks) {
    using Part = Block::Part;
    const bool second = block.part == Part::KernelEnd && !strips.empty() &&
                        strips.back().blocks.back()->loop == block.loop &&
                        strips.back().blocks.back()->part == Part::Kernel;
    if (!second) strips.emplace_back();
    Strip &strip = strips.back();
    strip.blocks.push_back(&block);
    strip.origin = block.loop ? block.loop->original : block.block;
    strip.overlapped = block.loop && block.loop->found.stages > 1;
    for (size_t i = 0; i < block.issues.size(); ++i) strip.issues.push_back({&block, i});
    stripOf[block.block] = strips.size() - 1;
  }
  std::vector<std::vector<Write>> writes;
  for (const Strip &strip : strips) writes.push_back(writesOf(strip));
  findMoved(strips, writes);

  std::vector<std::vector<Spans>> in(strips.size());
  in[0].assign(cells_.size(), Spans{{kEntry, 0, kForever, false}});
  std::vector<size_t> work{0};
  std::vector<bool> reached(strips.size());
  reached[0] = true;
  while (!work.empty()) {
    const size_t s = work.back();
    work.pop_back();
    const Strip &strip = strips[s];
    const auto out = after(replay(in[s], writes[s]), static_cast<int>(strip.issues.size()));
    for (const Block *block : strip.blocks)
      for (const MachineBasicBlock *next : block->block->successors()) {
        const auto found = stripOf.find(next);
        if (found == stripOf.end()) continue;
        const size_t n = found->second;
        if (n == s && strip.blocks.back() != block) continue; // kernel to its end
        bool changed = !reached[n];
        reached[n] = true;
        in[n].resize(cells_.size());
        for (size_t c = 0; c < cells_.size(); ++c)
          for (const Span &span : out[c]) {
            if (in[n][c].size() > kMostWriters || llvm::is_contained(in[n][c], span)) continue;
            in[n][c].push_back(span);
            if (in[n][c].size() > kMostWriters) in[n][c].push_back({kUnknown, 0, kForever, false});
            changed = true;
          }
        if (changed) work.push_back(n);
      }
  }
  for (size_t s = 0; s < strips.size(); ++s)
    if (reached[s]) placeIn(mf, strips[s], replay(in[s], writes[s]), writes[s]);
  for (auto &[block, values] : values_)
    for (Value &v : values) mf.deleteMachineInstr(v.mi);
  values_.clear();
}

} // namespace ashlar::codegen::schedule
