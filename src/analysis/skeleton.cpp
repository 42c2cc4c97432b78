// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The walk from one lock operation to the next. Within it each place is met with the values that
// all ways to it agree on; between lock operations values are kept apart, which unrolls the loops
// that hold them. A loop that goes on beyond any reasonable count loses what differs from round to
// round and becomes a cycle.
#include "analysis/skeleton.h"

#include "isa/decode.h"

#include <algorithm>
#include <deque>
#include <fmt/format.h>
#include <memory>
#include <set>

namespace ashlar::analysis {

using isa::Opcode;
using isa::Reg;

namespace {

/// Rounds of a loop that are told apart.
constexpr int kMostRounds = 48;
constexpr size_t kMostNodes = 50'000, kMostSteps = 2'000'000, kDeepestStack = 16;

/// Registers whose value is known, in order. Sorted in one piece of memory: it is copied at each
/// bundle, which a std::map makes the whole cost of a check.
class Values {
public:
  using Entry = std::pair<Reg, int32_t>;

  auto begin() { return entries_.begin(); }
  auto begin() const { return entries_.begin(); }
  auto end() { return entries_.end(); }
  auto end() const { return entries_.end(); }
  std::vector<Entry>::const_iterator find(Reg r) const {
    const auto it = std::lower_bound(entries_.begin(), entries_.end(), r, before);
    return it != entries_.end() && it->first == r ? it : entries_.end();
  }
  auto erase(std::vector<Entry>::iterator it) { return entries_.erase(it); }
  template <class P> void eraseIf(P which) { std::erase_if(entries_, which); }
  int32_t &operator[](Reg r) {
    auto it = std::lower_bound(entries_.begin(), entries_.end(), r, before);
    if (it == entries_.end() || it->first != r) it = entries_.insert(it, {r, 0});
    return it->second;
  }
  auto operator<=>(const Values &) const = default;

private:
  static bool before(const Entry &e, Reg r) { return e.first < r; }
  std::vector<Entry> entries_;
};

struct Spot { ///< where the core is, without values
  uint32_t pc = 0;
  std::vector<uint32_t> stack; ///< return addresses
  int left = -1;               ///< bundles until the pending jump; -1: none pending
  enum Kind : uint8_t { Jump, Call, Return } kind = Jump;
  uint32_t target = 0;
  auto operator<=>(const Spot &) const = default;
};
struct State {
  Spot spot;
  Values values;
  auto operator<=>(const State &) const = default;
};

std::optional<uint32_t> immediateTarget(const isa::Inst &inst, const isa::InstInfo &info) {
  for (size_t i = 0; i < info.operands.size(); ++i)
    if (!info.operands[i].isReg && info.operands[i].bits == 20)
      return static_cast<uint32_t>(inst.ops[i]) & 0xFFFFF;
  return std::nullopt;
}

bool preserved(Reg r) { return (r >= Reg::r16 && r <= Reg::r23) || r == Reg::p6 || r == Reg::p7; }

} // namespace

std::pair<TileId, int> coreLock(TileId core, int id) {
  if (id < device::kCoreLockWest)
    --core.row;
  else if (id < device::kCoreLockNorth)
    --core.col;
  else if (id < device::kCoreLockOwn)
    ++core.row;
  return {core, id % 16};
}

struct Skeleton::Impl {
  Impl(const TileModel &tile, std::string &unknown) : tile_(tile), unknown_(unknown) {
    nodeOf(State{});
  }

  const Node &node(int index) {
    const size_t i = static_cast<size_t>(index);
    if (!explored_[i]) {
      explored_[i] = true;
      Node n = explore(states_[i]);
      nodes_[i] = std::move(n);
    }
    return nodes_[i];
  }

private:
  void giveUp(const std::string &why) {
    if (unknown_.empty()) unknown_ = why;
  }

  int nodeOf(State state) {
    // Unrolled long enough: what differs from the first time is forgotten.
    auto &[rounds, common] = rounds_[state.spot];
    if (++rounds == 1)
      common = state.values;
    else if (rounds > kMostRounds) {
      meet(common, state.values);
      state.values = common;
    }
    const auto [it, added] = index_.try_emplace(state, static_cast<int>(states_.size()));
    if (added) {
      if (states_.size() >= kMostNodes) giveUp("the program is too long to be followed");
      states_.push_back(std::move(state));
      nodes_.emplace_back();
      explored_.push_back(false);
    }
    return it->second;
  }

  static bool meet(Values &into, const Values &other) {
    bool changed = false;
    for (auto it = into.begin(); it != into.end();) {
      const auto o = other.find(it->first);
      if (o != other.end() && o->second == it->second) {
        ++it;
      } else {
        it = into.erase(it);
        changed = true;
      }
    }
    return changed;
  }

  /// From a state to all lock operations that can come next.
  Node explore(const State &from) {
    std::map<Spot, Values> met{{from.spot, from.values}};
    std::map<Spot, std::pair<LockStep, State>> found; // by where it happens
    std::deque<Spot> work{from.spot};
    bool ends = false;
    while (!work.empty() && unknown_.empty()) {
      const Spot spot = std::move(work.front());
      work.pop_front();
      if (++steps_ > kMostSteps) {
        giveUp("the program is too long to be followed");
        break;
      }
      const auto go = [&](State next) {
        const auto [it, added] = met.try_emplace(next.spot, next.values);
        if (added || meet(it->second, next.values)) work.push_back(std::move(next.spot));
      };
      State state{spot, met[spot]};
      std::optional<LockStep> step;
      std::vector<State> after = execute(std::move(state), step, ends);
      if (step) {
        for (State &s : after) found[spot] = {*step, std::move(s)};
      } else {
        found.erase(spot);
        for (State &s : after) go(std::move(s));
      }
    }
    Node node;
    node.mayEnd = ends || found.empty();
    if (!unknown_.empty()) return node;
    for (auto &[spot, what] : found)
      node.edges.push_back({what.first, nodeOf(std::move(what.second))});
    return node;
  }

  /// One bundle. `step`: the lock operation in it. The states after it: none at an end.
  std::vector<State> execute(State s, std::optional<LockStep> &step, bool &ends) {
    isa::Bundle bundle;
    if (isa::decode(tile_.program, s.spot.pc, bundle) != isa::DecodeError::None) {
      ends = true; // said by the program's own checks
      return {};
    }
    const Values before = s.values;
    bool done = false;
    std::optional<Spot> branch; // kind and target; both ways unless `taken` says
    std::optional<bool> taken;
    for (const isa::Inst &inst : bundle.all()) {
      const isa::InstInfo &info = isa::info(inst);
      if (info.isNop) continue;
      lockOf(inst, info, before, s.spot.pc, step);
      if (inst.opcode == Opcode::DONE) done = true;
      if (info.control != isa::Control::None) {
        branch.emplace();
        taken = control(inst, info, before, *branch);
      }
      write(inst, info, before, s.values);
    }
    s.spot.pc += bundle.size;
    if (done) {
      ends = true;
      return {};
    }
    if (branch) {
      State jump = s;
      jump.spot.left = static_cast<int>(isa::kBranchDelaySlots);
      jump.spot.kind = branch->kind;
      jump.spot.target = branch->target;
      std::vector<State> both;
      if (taken.value_or(true)) both.push_back(std::move(jump));
      if (!taken.value_or(false)) both.push_back(std::move(s));
      return both;
    }
    const uint32_t at = s.spot.pc - bundle.size;
    if (const auto end = get(before, Reg::le); end && static_cast<uint32_t>(*end) == at)
      if (const auto start = get(before, Reg::ls)) return round(std::move(s), *start);
    if (s.spot.left > 0 && --s.spot.left == 0) leave(s, ends);
    if (s.spot.pc == kNowhere) return {};
    return {std::move(s)};
  }

  /// The last bundle of a hardware loop: once more, or on.
  static std::vector<State> round(State s, int32_t start) {
    const auto count = get(s.values, Reg::lc);
    if (count) s.values[Reg::lc] = *count - 1;
    std::vector<State> both;
    if (!count || *count > 1) {
      both.push_back(s);
      both.back().spot.pc = static_cast<uint32_t>(start);
    }
    if (!count || *count <= 1) both.push_back(std::move(s));
    return both;
  }

  /// The delay slots are over.
  void leave(State &s, bool &ends) {
    const uint32_t target = s.spot.target;
    const Spot::Kind kind = s.spot.kind;
    const uint32_t back = s.spot.pc;
    s.spot.left = -1;
    s.spot.target = 0;
    s.spot.kind = Spot::Jump;
    if (kind == Spot::Call) {
      if (target == kNowhere || !locky(target)) {
        clobber(s.values);
        return; // on with what follows the call
      }
      if (s.spot.stack.size() >= kDeepestStack) giveUp("calls too deep to be followed");
      s.spot.stack.push_back(back);
      s.spot.pc = target;
    } else if (kind == Spot::Return) {
      if (s.spot.stack.empty()) {
        ends = true;
        s.spot.pc = kNowhere;
        return;
      }
      s.spot.pc = s.spot.stack.back();
      s.spot.stack.pop_back();
      clobber(s.values);
    } else {
      s.spot.pc = target;
    }
  }
  static void clobber(Values &values) {
    values.eraseIf([](const auto &v) { return !preserved(v.first); });
  }

  std::optional<bool> control(const isa::Inst &inst, const isa::InstInfo &info,
                              const Values &values, Spot &to) {
    to.kind = info.control == isa::Control::Call     ? Spot::Call
              : info.control == isa::Control::Return ? Spot::Return
                                                     : Spot::Jump;
    if (to.kind != Spot::Return) {
      std::optional<uint32_t> target = immediateTarget(inst, info);
      for (size_t i = info.numOuts; !target && i < info.operands.size(); ++i)
        if (const Reg r = inst.reg(static_cast<unsigned>(i)); r >= Reg::p0 && r <= Reg::p7)
          if (const auto v = get(values, r)) target = static_cast<uint32_t>(*v) & 0xFFFFF;
      if (target)
        to.target = *target;
      else if (to.kind == Spot::Call) // kernels do not synchronise through pointers
        to.target = kNowhere;
      else
        giveUp(fmt::format("the target of the {} is not known", info.mnemonic));
    }
    if (!info.conditional) return true;
    if (inst.opcode == Opcode::JZ || inst.opcode == Opcode::JNZ)
      if (const auto v = get(values, inst.reg(0))) return (*v == 0) == (inst.opcode == Opcode::JZ);
    return std::nullopt;
  }

  static std::optional<int32_t> get(const Values &values, Reg r) {
    const auto it = values.find(r);
    return it == values.end() ? std::nullopt : std::optional(it->second);
  }

  void lockOf(const isa::Inst &inst, const isa::InstInfo &info, const Values &values, uint32_t pc,
              std::optional<LockStep> &step) {
    bool acquire = false, conditional = false;
    switch (inst.opcode) {
    case Opcode::ACQ_mLockId_imm:
    case Opcode::ACQ_mLockId_reg: acquire = true; break;
    case Opcode::ACQ_COND_mLockId_imm:
    case Opcode::ACQ_COND_mLockId_reg: acquire = conditional = true; break;
    case Opcode::REL_mLockId_imm:
    case Opcode::REL_mLockId_reg: break;
    case Opcode::REL_COND_mLockId_imm:
    case Opcode::REL_COND_mLockId_reg: conditional = true; break;
    default: return;
    }
    if (conditional) {
      const auto c = get(values, Reg::r26);
      if (!c) return giveUp("a lock operation depends on data");
      if (*c == 0) return;
    }
    const auto operand = [&](unsigned i) -> std::optional<int32_t> {
      return info.operands[i].isReg ? get(values, inst.reg(i)) : std::optional(inst.ops[i]);
    };
    const auto id = operand(0), value = operand(1);
    if (!id || !value) return giveUp("a lock's number or value is not known");
    LockStep s;
    std::tie(s.tile, s.id) = coreLock(tile_.id, *id & 63);
    s.acquire = acquire;
    s.value = static_cast<int8_t>(static_cast<uint8_t>(*value << 1)) >> 1; // seven bits
    s.pc = pc;
    step = s;
  }

  /// What the instruction leaves in its registers, where that is known.
  static void write(const isa::Inst &inst, const isa::InstInfo &info, const Values &before,
                    Values &after) {
    const std::optional<int32_t> value = valueOf(inst, info, before);
    for (unsigned i = 0; i < info.numOuts; ++i) {
      if (!info.operands[i].isReg) continue;
      const Reg out = inst.reg(i);
      after.eraseIf([&](const auto &v) { return isa::overlap(v.first, out); });
      if (i == 0 && value) after[out] = *value;
    }
    for (const Reg out : info.defs)
      after.eraseIf([&](const auto &v) { return isa::overlap(v.first, out); });
  }

  static std::optional<int32_t> valueOf(const isa::Inst &inst, const isa::InstInfo &info,
                                        const Values &values) {
    const auto operand = [&](unsigned i) -> std::optional<int32_t> {
      if (i >= info.operands.size()) return std::nullopt;
      return info.operands[i].isReg ? get(values, inst.reg(i)) : std::optional(inst.ops[i]);
    };
    const auto a = operand(1), b = operand(2);
    const auto u = [](int32_t v) { return static_cast<uint32_t>(v); };
    const auto wrap = [](uint32_t v) { return static_cast<int32_t>(v); };
    switch (inst.opcode) {
    case Opcode::MOVA_lda_cg:
    case Opcode::MOVX_alu_cg:
    case Opcode::MOV_mv_cg:
    case Opcode::MOVXM_lng_cg:
    case Opcode::MOV_mv_scl: return a;
    case Opcode::NEZ: return a ? std::optional<int32_t>(*a != 0) : std::nullopt;
    case Opcode::EQZ: return a ? std::optional<int32_t>(*a == 0) : std::nullopt;
    case Opcode::EXTENDs8: return a ? std::optional<int32_t>(static_cast<int8_t>(*a)) : a;
    case Opcode::EXTENDs16: return a ? std::optional<int32_t>(static_cast<int16_t>(*a)) : a;
    case Opcode::EXTENDu8: return a ? std::optional<int32_t>(*a & 0xFF) : a;
    case Opcode::EXTENDu16: return a ? std::optional<int32_t>(*a & 0xFFFF) : a;
    case Opcode::SELEQZ:
    case Opcode::SELNEZ: { // counters of 64 bits end their loops so
      const auto c = get(values, Reg::r27);
      if (!c) return a == b ? a : std::nullopt;
      return (*c != 0) == (inst.opcode == Opcode::SELNEZ) ? a : b;
    }
    default: break;
    }
    if (!a || !b) return std::nullopt;
    switch (inst.opcode) {
    case Opcode::ADD:
    case Opcode::ADD_NC:
    case Opcode::ADD_add_r_ri: return wrap(u(*a) + u(*b));
    case Opcode::SUB: return wrap(u(*a) - u(*b));
    case Opcode::AND: return *a & *b;
    case Opcode::OR: return *a | *b;
    case Opcode::XOR: return *a ^ *b;
    case Opcode::EQ: return *a == *b;
    case Opcode::NE: return *a != *b;
    case Opcode::LT: return *a < *b;
    case Opcode::GE: return *a >= *b;
    case Opcode::LTU: return u(*a) < u(*b);
    case Opcode::GEU: return u(*a) >= u(*b);
    case Opcode::LSHL:
      if (*b < -31 || *b > 31) return std::nullopt;
      return wrap(*b >= 0 ? u(*a) << *b : u(*a) >> -*b);
    default: return std::nullopt;
    }
  }

  /// Whether a function, or one that it calls, has lock operations or cannot be looked through.
  bool locky(uint32_t entry) {
    const auto [it, added] = locky_.try_emplace(entry, false);
    if (!added) return it->second;
    std::set<uint32_t> seen;
    std::vector<uint32_t> work{entry};
    bool found = false;
    while (!work.empty() && !found) {
      uint32_t at = work.back();
      work.pop_back();
      for (int left = -1; left != 0;) {
        if (left < 0 && !seen.insert(at).second) break;
        isa::Bundle bundle;
        if (isa::decode(tile_.program, at, bundle) != isa::DecodeError::None) break;
        for (const isa::Inst &inst : bundle.all()) {
          const isa::InstInfo &info = isa::info(inst);
          const std::string_view m = info.mnemonic;
          found |= m.starts_with("acq") || (m.starts_with("rel") && !info.isNop);
          if (info.control == isa::Control::None) continue;
          const auto target = immediateTarget(inst, info);
          if (info.control == isa::Control::Call) {
            found |= target && locky(*target);
          } else {
            if (target) work.push_back(*target);
            if (!info.conditional) left = static_cast<int>(isa::kBranchDelaySlots) + 1;
          }
        }
        at += bundle.size;
        if (left > 0) --left;
      }
    }
    return locky_[entry] = found;
  }

  static constexpr uint32_t kNowhere = ~0u;
  const TileModel &tile_;
  std::string &unknown_;
  std::deque<State> states_;
  std::deque<Node> nodes_;
  std::vector<bool> explored_;
  std::map<State, int> index_;
  std::map<Spot, std::pair<int, Values>> rounds_;
  std::map<uint32_t, bool> locky_;
  size_t steps_ = 0;
};

Skeleton::Skeleton(const TileModel &tile) : impl_(std::make_unique<Impl>(tile, unknown_)) {}
Skeleton::~Skeleton() = default;
const Skeleton::Node &Skeleton::node(int index) { return impl_->node(index); }

} // namespace ashlar::analysis
