// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A core's program, walked from address 0 along its jumps: what cannot be executed, which locks it
// uses, and how deep its stack gets. Calls through registers are followed only as far as the walk
// sees addresses; data is never mistaken for code.
#include "analysis/model.h"
#include "isa/decode.h"
#include "isa/hazard.h"
#include "link/frame.h"

#include <algorithm>
#include <fmt/format.h>
#include <set>

namespace ashlar::analysis {
namespace {

class Walker {
public:
  Walker(const TileModel &tile, const Names &names, Diagnostics &findings)
      : tile_(tile), names_(names), out_(findings) {}

  ProgramFacts run() {
    if (tile_.programEnd > device::kProgramMemoryBytes)
      out_.push_back(
          error("program-memory", names_.core(tile_.id),
                fmt::format("the program of {} has {} bytes, program memory has {}",
                            tileText(tile_.id), tile_.programEnd, device::kProgramMemoryBytes),
                "make the program smaller; the rest would land in reserved addresses"));
    // Twice: who is called must be known before code that runs into or jumps to a function can be
    // told from that function's own code.
    for (const bool final : {false, true}) {
      if (final) findings_.clear();
      known_.clear();
      reached_.clear();
      facts_ = {};
      reported_.clear();
      functions_.push_back(0);
      while (!functions_.empty()) {
        const uint32_t next = functions_.back();
        functions_.pop_back();
        function(next);
      }
      for (const auto &[entry, f] : known_) entries_.insert(entry);
    }
    checkStack();
    checkHazards();
    out_.insert(out_.end(), findings_.begin(), findings_.end());
    return std::move(facts_);
  }

private:
  struct Function {
    uint32_t frame = 0;
    std::set<uint32_t> callees;
    bool indirect = false;
    enum Mark : uint8_t { New, Open, Done } mark = New;
    uint32_t need = 0;
    std::optional<uint32_t> deepest;
  };

  /// Walks one function: from its entry along jumps, not into calls.
  void function(uint32_t entry) {
    const auto [it, added] = known_.try_emplace(entry);
    if (!added) return;
    std::vector<uint32_t> work{entry};
    std::set<uint32_t> seen;
    int64_t deepest = 0;
    while (!work.empty()) {
      const uint32_t at = work.back();
      work.pop_back();
      if (at != entry && entries_.count(at)) { // a tail call
        known_[entry].callees.insert(at);
        functions_.push_back(at);
        continue;
      }
      straight(entry, at, seen, work, deepest);
    }
    known_[entry].frame = static_cast<uint32_t>(deepest);
  }

  /// From `at` on until control leaves for good.
  void straight(uint32_t entry, uint32_t at, std::set<uint32_t> &seen, std::vector<uint32_t> &work,
                int64_t &deepest) {
    int left = -1; // bundles of the delay slots still to come; -1 = none pending
    bool leaves = false;
    int64_t depth = 0;
    while (true) {
      if (left < 0 && !seen.insert(at).second) return;
      // What stands before a function's entry does not return: start code, say.
      if (left < 0 && at != entry && entries_.count(at)) return;
      isa::Bundle bundle;
      const isa::DecodeError problem = isa::decode(tile_.program, at, bundle);
      if (problem != isa::DecodeError::None) {
        illegal(at, problem);
        return;
      }
      reached_.emplace(at, bundle);
      bool done = false;
      for (const isa::Inst &inst : bundle.all()) {
        const isa::InstInfo &info = isa::info(inst);
        switch (inst.opcode) {
        case isa::Opcode::PADDA_sp_imm:
        case isa::Opcode::PADDB_sp_imm:
          depth += inst.ops[0];
          deepest = std::max(deepest, depth);
          break;
        case isa::Opcode::ACQ_mLockId_imm:
        case isa::Opcode::ACQ_COND_mLockId_imm: lock(inst, info, true); break;
        case isa::Opcode::REL_mLockId_imm:
        case isa::Opcode::REL_COND_mLockId_imm: lock(inst, info, false); break;
        case isa::Opcode::ACQ_mLockId_reg:
        case isa::Opcode::ACQ_COND_mLockId_reg:
        case isa::Opcode::REL_mLockId_reg:
        case isa::Opcode::REL_COND_mLockId_reg: facts_.usesUnknownLocks = true; break;
        case isa::Opcode::DONE: done = true; break;
        default: break;
        }
        if (info.control == isa::Control::None) continue;
        left = static_cast<int>(isa::kBranchDelaySlots) + 1;
        leaves = info.control == isa::Control::Return ||
                 (info.control == isa::Control::Jump && !info.conditional);
        const std::optional<uint32_t> target = immediateTarget(inst, info);
        if (info.control == isa::Control::Call) {
          if (target) {
            known_[entry].callees.insert(*target);
            functions_.push_back(*target);
          } else {
            known_[entry].indirect = true;
          }
        } else if (target) {
          work.push_back(*target);
        }
      }
      at += bundle.size;
      if (done) return;
      if (left > 0 && --left == 0) {
        left = -1;
        if (leaves) return;
      }
    }
  }

  static std::optional<uint32_t> immediateTarget(const isa::Inst &inst, const isa::InstInfo &info) {
    for (size_t i = 0; i < info.operands.size(); ++i)
      if (!info.operands[i].isReg && info.operands[i].bits == 20)
        return static_cast<uint32_t>(inst.ops[i]) & 0xFFFFF;
    return std::nullopt;
  }

  void lock(const isa::Inst &inst, const isa::InstInfo &info, bool acquire) {
    for (size_t i = 0; i < info.operands.size(); ++i)
      if (!info.operands[i].isReg) {
        const int id = inst.ops[i];
        LockUse use;
        use.acquire = acquire;
        use.id = id % 16;
        use.tile = tile_.id;
        if (id < device::kCoreLockWest)
          --use.tile.row;
        else if (id < device::kCoreLockNorth)
          --use.tile.col;
        else if (id < device::kCoreLockOwn)
          ++use.tile.row;
        facts_.locks.push_back(use);
        return;
      }
  }

  void illegal(uint32_t at, isa::DecodeError problem) {
    if (!reported_.insert(at).second) return;
    std::string what = "is no instruction";
    if (problem == isa::DecodeError::Truncated) what = "lies outside the program";
    if (problem == isa::DecodeError::OddAddress) what = "is an odd address";
    findings_.push_back(error(
        "illegal-instruction", names_.core(tile_.id),
        fmt::format("the program of {} reaches {:#x}, which {}", tileText(tile_.id), at, what),
        "the core would stop there; build the program again"));
  }

  void visit(uint32_t entry) {
    known_[entry].mark = Function::Open;
    uint32_t below = 0;
    std::optional<uint32_t> deepest;
    const std::set<uint32_t> callees = known_[entry].callees;
    for (const uint32_t callee : callees) {
      Function &c = known_[callee];
      if (c.mark == Function::Open) {
        recursion_ = true;
        continue;
      }
      if (c.mark == Function::New) visit(callee);
      if (!deepest || known_[callee].need > below) {
        below = known_[callee].need;
        deepest = callee;
      }
    }
    Function &f = known_[entry];
    f.need = f.frame + below;
    f.deepest = deepest;
    f.mark = Function::Done;
  }

  void checkStack() {
    visit(0);
    const uint32_t need = known_[0].need;
    const uint32_t declared = names_.stackSize(tile_.id);
    // Without a declared size the stack reaches up to whatever lies first above the bottom.
    uint32_t limit = declared;
    if (!limit) {
      limit = device::kCoreMemoryBytes;
      for (const TileModel::Extent &e : tile_.data) limit = std::min(limit, e.start);
      for (int i = 0; i < device::bdCount(TileKind::Core); ++i)
        if (const auto bd = tile_.bd(i); bd && bd->valid)
          limit = std::min(limit, static_cast<uint32_t>(bd->address));
    }
    if (need > limit) {
      std::string chain;
      for (std::optional<uint32_t> at = 0; at; at = known_[*at].deepest)
        chain +=
            fmt::format("{}{:#x} ({} bytes)", chain.empty() ? "" : " > ", *at, known_[*at].frame);
      findings_.push_back(
          error("stack-overflow", names_.core(tile_.id),
                fmt::format("the program of {} needs {} bytes of stack, and {} {}: {}",
                            tileText(tile_.id), need, limit,
                            declared ? "are reserved" : "lie below its first buffer", chain),
                fmt::format("set stack_size = {} on aie.core, or make the frames smaller",
                            (need + 31) / 32 * 32)));
    }
    bool indirect = false;
    for (const auto &[entry, f] : known_) indirect |= f.indirect;
    // A program of our own has been linked with its call graph in view; what could be said about
    // its pointers was said there.
    if ((recursion_ || indirect) && !declared)
      findings_.push_back(warning(
          "stack-unknown", names_.core(tile_.id),
          fmt::format("the program of {} {}; its stack need of {} bytes is a lower bound",
                      tileText(tile_.id),
                      recursion_ ? "has functions that call themselves" : "calls through pointers",
                      need),
          "make sure that stack_size suffices"));
  }

  /// Code that breaks the rules of the exposed pipeline. Only what is wrong on every chip; early
  /// reads and the like may be meant.
  void checkHazards() {
    std::vector<isa::CodeBundle> code;
    for (const auto &[address, bundle] : reached_) code.push_back({address, bundle});
    isa::HazardOptions options;
    options.earlyReads = options.locks = false;
    for (const isa::Hazard &h : isa::findHazards(code, options)) {
      // Where a walk ends for a reason reported already, nothing more is to be said.
      if (!h.isError || h.kind == isa::HazardKind::JumpOutside ||
          h.kind == isa::HazardKind::DelaySlotEnd)
        continue;
      findings_.push_back(
          warning("program-hazard", names_.core(tile_.id),
                  fmt::format("the program of {}: {} ({})", tileText(tile_.id), h.text,
                              isa::hazardName(h.kind)),
                  "the result depends on the chip; have the compiler's author see it"));
    }
  }

  const TileModel &tile_;
  const Names &names_;
  Diagnostics &out_;
  Diagnostics findings_; ///< of the pass that counts
  ProgramFacts facts_;
  std::map<uint32_t, Function> known_;
  std::vector<uint32_t> functions_;
  std::set<uint32_t> entries_; ///< called from somewhere
  std::set<uint32_t> reported_;
  std::map<uint32_t, isa::Bundle> reached_; ///< by address
  bool recursion_ = false;
};

} // namespace

ProgramFacts checkProgram(const TileModel &tile, const Names &names, Diagnostics &findings) {
  return Walker(tile, names, findings).run();
}

} // namespace ashlar::analysis
