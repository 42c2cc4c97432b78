// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// One clock of the core, phase by phase.
#include "emulator/core/pipeline.h"

#include "device/geometry.h"
#include "emulator/core/kernel.h"
#include "isa/decode.h"
#include "isa/print.h"

#include <algorithm>
#include <bit>

namespace ashlar::emulator {

using isa::Reg;

static_assert(kProgramBytes == device::kProgramMemoryBytes);

Pipeline::Pipeline(CorePort &p) : port(p), inFlight_(nullptr), plans_(frames_, registers) {
  const auto at = [&](Reg r) {
    return reinterpret_cast<uint32_t *>(registers.bytes + placeOf(r).offset);
  };
  ls_ = at(Reg::ls);
  le_ = at(Reg::le);
  lc_ = at(Reg::lc);
  clear();
}

// ---- control

void Pipeline::clear() {
  registers = {};
  registers.setScalar(Reg::core_id, port.coreId());
  flush();
  pc = 0;
  stats = {};
  problem.reset();
}

void Pipeline::flush() {
  inFlight_ = plans_.empty();
  plan_ = nullptr;
  settled();
  trailing_ = false;
  branchIn_ = doneIn_ = 0;
  branchPc_ = -1;
}

void Pipeline::setControl(bool enable, bool reset) {
  if (reset && !inReset) clear();
  if (inReset && !reset) registers.setScalar(Reg::core_id, port.coreId());
  inReset = reset;
  if (enable && !enabled && state == CoreState::Done) flush();
  enabled = enable;
  if (reset || !enable) {
    if (reset || (state != CoreState::Done && state != CoreState::Faulted))
      state = CoreState::Disabled;
  } else if (state == CoreState::Disabled || state == CoreState::Done) {
    windows_ = port.dataWindows();
    watched_ = port.watchesMemory();
    for (size_t w = 0; w < windows_.size(); ++w) simple_[4 + w] = watched_ ? nullptr : windows_[w];
    state = CoreState::Running;
  }
}

// ---- fetch

/// The bundle at this address; null when there is none.
const PreparedBundle *Pipeline::fetch(uint32_t at) {
  if (at >= kProgramBytes || (at & 1) != 0) return nullptr;
  auto &slot = prepared_[at / 2];
  if (slot) return slot.get();
  isa::Bundle bundle;
  if (isa::decode(program, at, bundle) != isa::DecodeError::None) return nullptr;
  slot = prepare(bundle, at, registers);
  slot->home = nextHome_++ % kFrames;
  return slot.get();
}

/// The end of a program that was given one, or the fault of a fetch.
CoreState Pipeline::cannotFetch(const CyclePlan &plan) {
  if (pc == stopAt) {
    --stats.cycles; // nothing was issued in this one
    plan.main->run(*this, plan.main);
    inFlight_ = plan.after;
    plan_ = nullptr;
    settled();
    drain();
    if (!faulted()) state = CoreState::Done;
  } else if (pc >= kProgramBytes || (pc & 1) != 0) {
    fault("pc-outside-program", nullptr,
          fmt::format("the program counter {:#x} is outside program memory (0..{:#x}) or odd", pc,
                      kProgramBytes - 1),
          "see where the last jump or return took its target from");
  } else {
    const auto why = isa::decodeBundle(program, pc, "program memory");
    fault("unknown-bundle", nullptr,
          why.ok() ? "no bundle can be decoded here" : why.errors().front().message,
          "the program is damaged, was not loaded here, or control went astray");
  }
  return state;
}

void Pipeline::dropProgram(uint32_t offset, size_t bytes) {
  const size_t first = offset < isa::kMaxBundleBytes ? 0 : offset - isa::kMaxBundleBytes;
  const size_t end = std::min<size_t>((offset + bytes + 1) / 2, prepared_.size());
  for (size_t i = first / 2; i < end; ++i)
    if (prepared_[i]) dropped_.push_back(std::move(prepared_[i]));
  // Plans of other bundles go too: a call's return address depends on the bundles behind it. But
  // later: the core itself may have written this, in the midst of a plan.
  stale_ = true;
}

void Pipeline::renewPlans() {
  stale_ = false;
  plan_ = nullptr;
  if (plans_.none()) return;
  inFlight_ = plans_.forget(inFlight_);
  if (inFlight_ == plans_.empty()) dropped_.clear();
}

CyclePlan *Pipeline::planFor(uint32_t at) {
  if (CyclePlan *known = plans_.find(inFlight_, at)) return known;
  if (plans_.full()) inFlight_ = plans_.forget(inFlight_);
  return plans_.make(inFlight_, at, at == kNoIssue ? nullptr : fetch(at), returnAddress(at));
}

/// Finds the plan that comes after `plan` and remembers it there.
void Pipeline::follow(CyclePlan &plan, uint32_t next) {
  plan_ = plans_.find(inFlight_, next);
  if (plan_ == nullptr) return; // made when its cycle comes: program memory may change before
  plan.followerPc[1] = plan.followerPc[0];
  plan.follower[1] = plan.follower[0];
  plan.followerPc[0] = next;
  plan.follower[0] = plan_;
}

// ---- what may stall

void Pipeline::wait(CoreState why, const MicroOp &op) {
  state = why;
  waiting.state = why;
  waiting.pc = op.pc;
}

namespace {
constexpr uint32_t kOwnWindow = 3; ///< the tile's own memory
} // namespace

/// Each bank serves one access a cycle. The usual cycle asks once and gets everything; only one
/// that does not keeps a list of what each access still wants.
bool Pipeline::arbitrate(const CyclePlan &plan) {
  if (banksReady_) return arbitrateAgain();
  banksReady_ = true;
  uint32_t wanted = 0;
  bool conflict = false;
  for (unsigned i = 0; i < plan.accessCount; ++i) {
    const AccessPlan &a = plan.accesses[i];
    const uint32_t banks = a.banks();
    conflict |= (wanted & banks) != 0 || a.gathers;
    wanted |= banks;
  }
  if (conflict) {
    listRequests(plan);
    return arbitrateAgain();
  }
  if (wanted == 0) return true;
  const uint32_t granted = request(wanted);
  if (granted == wanted) return true;
  listRequests(plan);
  for (unsigned i = 0; i < bankCount_; ++i) banks_[i] &= ~granted;
  state = CoreState::MemoryStall;
  ++stats.memoryStalls;
  return false;
}

/// Those that are granted.
uint32_t Pipeline::request(uint32_t banks) {
  if (!ahead_) return port.requestBanks(banks);
  bankClaims_ = banks >> 8 * kOwnWindow;
  return banks;
}

void Pipeline::listRequests(const CyclePlan &plan) {
  bankCount_ = 0;
  const auto add = [this](uint32_t banks) {
    if (bankCount_ < kMaxBankRequests) banks_[bankCount_++] = banks;
  };
  for (unsigned i = 0; i < plan.accessCount; ++i) {
    const AccessPlan &a = plan.accesses[i];
    if (!a.gathers)
      add(a.banks());
    else
      for (uint32_t at : a.request->gather) add(1U << AccessPlan::bankOf(at));
  }
}

/// What another access of this cycle claims already waits.
bool Pipeline::arbitrateAgain() {
  uint32_t wanted = 0, claims[kMaxBankRequests];
  for (unsigned i = 0; i < bankCount_; ++i) {
    claims[i] = banks_[i] & ~wanted;
    wanted |= claims[i];
  }
  if (wanted == 0) return true;
  const uint32_t granted = request(wanted);
  uint32_t left = 0;
  for (unsigned i = 0; i < bankCount_; ++i) {
    banks_[i] &= ~(claims[i] & granted);
    left |= banks_[i];
  }
  if (left == 0) return true;
  state = CoreState::MemoryStall;
  ++stats.memoryStalls;
  return false;
}

Answer Pipeline::askOne(const AskPlan &asked) {
  const MicroOp &op = *asked.op;
  Request &r = *asked.request;
  const Semantics &s = *op.semantics;
  switch (s.kind) {
  case Kind::Acquire:
  case Kind::AcquireIf:
  case Kind::Release:
  case Kind::ReleaseIf: {
    const bool acquire = s.kind == Kind::Acquire || s.kind == Kind::AcquireIf;
    const int id = static_cast<int>(r.gather[0] & 63);
    // The value is a signed 7-bit number.
    const int value = static_cast<int32_t>(r.gather[1] << 25) >> 25;
    const Answer a = acquire ? port.acquire(id, value) : port.release(id, value);
    if (a == Answer::Wait) {
      waiting.lock = id;
      waiting.value = value;
      waiting.acquire = acquire;
      wait(CoreState::LockStall, op);
      ++stats.lockStalls;
    } else if (a == Answer::Granted) {
      trailing_ = true;
    } else {
      // A core in an array has its own locks; one that runs alone has those that it was given.
      fault(
          "no-such-lock", &op,
          id >= 48 ? fmt::format("lock {} (the core's own {}) has no value here", id, id - 48)
                   : fmt::format("lock {} belongs to a neighbour that is not there", id),
          fmt::format("own locks are 48..63; `ashlar core --lock {}=VALUE` gives it a value", id));
    }
    return a;
  }
  case Kind::StreamRead: {
    uint32_t value = 0;
    bool tlast = false;
    const Answer a = port.streamRead(value, tlast);
    if (a == Answer::Wait && s.blocking) {
      wait(CoreState::StreamInStall, op);
      ++stats.streamStalls;
      return a;
    }
    if (a == Answer::Absent) {
      fault("no-stream", &op, "the core's stream input is not connected");
      return a;
    }
    // A word that did not come leaves the register alone.
    put(asked.results[0], value);
    put(asked.results[1], a == Answer::Granted ? 1 : 0);
    r.answered = a == Answer::Granted ? kAnswered | kWordCame : kAnswered;
    return Answer::Granted;
  }
  case Kind::StreamWrite: {
    const Answer a = port.streamWrite(r.gather[0], r.gather[1] != 0);
    if (a == Answer::Wait && s.blocking) {
      wait(CoreState::StreamOutStall, op);
      ++stats.streamStalls;
      return a;
    }
    if (a == Answer::Absent) {
      fault("no-stream", &op, "the core's stream output is not connected");
      return a;
    }
    if (op.outputCount > 0) put(asked.results[0], a == Answer::Granted ? 1 : 0);
    r.answered = kAnswered;
    return Answer::Granted;
  }
  case Kind::CascadeRead: {
    uint8_t data[64];
    const Answer a = port.cascadeRead(data);
    if (a == Answer::Wait) {
      wait(CoreState::CascadeInStall, op);
      ++stats.cascadeStalls;
    } else if (a == Answer::Granted) {
      std::memcpy(asked.results[0], data, sizeof data);
      r.answered = kAnswered;
    } else {
      fault("no-cascade", &op, "the core's cascade input is not connected");
    }
    return a;
  }
  default: {
    uint8_t data[64];
    std::memcpy(data, asked.data, sizeof data);
    const Answer a = port.cascadeWrite(data);
    if (a == Answer::Wait) {
      wait(CoreState::CascadeOutStall, op);
      ++stats.cascadeStalls;
    } else if (a == Answer::Absent) {
      fault("no-cascade", &op, "the core's cascade output is not connected");
    }
    return a;
  }
  }
}

bool Pipeline::ask(const CyclePlan &plan) {
  for (; asksDone_ < plan.askCount; ++asksDone_) {
    const AskPlan &a = plan.asks[asksDone_];
    if (!a.request->wanted) continue;
    askerPc_ = a.op->pc;
    if (askOne(a) != Answer::Granted) return false;
  }
  return true;
}

/// True when the cycle may go on. A completed lock operation costs one more cycle.
bool Pipeline::settle(const CyclePlan &plan) {
  if (asksDone_ < plan.askCount) {
    if (!ask(plan)) return false;
    state = CoreState::Running;
    if (trailing_) {
      trailing_ = false;
      ++stats.lockStalls;
      return false;
    }
  }
  if (plan.accessCount != 0 && !arbitrate(plan)) return false;
  state = CoreState::Running;
  return true;
}

// ---- memory

uint8_t *Pipeline::memory(const MicroOp &op, uint32_t address, unsigned bytes, bool write) {
  const uint32_t aligned = address & ~(bytes - 1);
  uint8_t *window = (aligned >> 18) == 1 ? windows_[aligned >> 16 & 3] : nullptr;
  if (window == nullptr) {
    static const char *const names[] = {"south", "west", "north", "own"};
    fault("data-address", &op,
          (aligned >> 18) == 1
              ? fmt::format("address {:#x} is in the {} neighbour's memory, which is not there",
                            address, names[aligned >> 16 & 3])
              : fmt::format("address {:#x} is outside data memory (0x40000..0x7ffff)", address),
          "see which pointer the instruction uses");
    return nullptr;
  }
  if (aligned != address && stats.unaligned++ == 0) stats.firstUnalignedPc = op.pc;
  if (write && ahead_) logWrite(window + (aligned & 0xFFFC), bytes);
  // A sub-word store reads the word around it only to write it back.
  if (watched_ && (write || op.semantics->kind != Kind::StoreSubWord))
    port.access(aligned, bytes, write, op.pc);
  return window + (aligned & 0xFFFF);
}

void Pipeline::notSimulated(const MicroOp &op, const char *reason) {
  fault("not-simulated", &op,
        fmt::format("not simulated: {} ({})", isa::info(op.inst).name, reason));
}

/// Everything in flight completes; no time passes. A request that would have to wait is dropped.
void Pipeline::drain() {
  plan_ = nullptr;
  while (inFlight_ != plans_.empty()) {
    CyclePlan &plan = *planFor(kNoIssue);
    ask(plan);
    if (plan.front != nullptr) plan.front->run(*this, plan.front);
    plan.main->run(*this, plan.main);
    inFlight_ = plan.after;
    settled();
  }
}

// ---- one clock

CoreState Pipeline::clock() {
  if (state == CoreState::Disabled || state >= CoreState::Done) return state;
  ++stats.cycles;
  if (stale_) [[unlikely]]
    renewPlans();
  if (plan_ == nullptr) plan_ = planFor(pc);
  CyclePlan &plan = *plan_;
  if (plan.settles) {
    if (!settle(plan)) return state;
    settled();
  }
  return goOn(plan);
}

/// A cycle that has all it asked for.
CoreState Pipeline::goOn(CyclePlan &plan) {
  if (plan.front != nullptr) {
    plan.front->run(*this, plan.front);
    if (faulted()) return state;
  }
  bundlePc = pc;
  if (plan.bundle == nullptr) return cannotFetch(plan);
  ++stats.bundles;
  stats.instructions += plan.instructions;
  stats.loads += plan.loads;
  stats.stores += plan.stores;
  plan.main->run(*this, plan.main);
  inFlight_ = plan.after;

  uint32_t next = bundlePc + plan.size;
  if (*lc_ != 0 && bundlePc == *le_) {
    if (--*lc_ != 0) {
      next = *ls_;
      ++stats.loopRounds;
    }
  }
  if (branchIn_ != 0 && --branchIn_ == 0) next = branchTo_;
  pc = next;
  if (plan.followerPc[0] == next)
    plan_ = plan.follower[0];
  else if (plan.followerPc[1] == next)
    plan_ = plan.follower[1];
  else
    follow(plan, next);
  if (doneIn_ != 0 && --doneIn_ == 0) {
    drain();
    if (!faulted()) state = CoreState::Done;
  }
  return state;
}

// ---- running ahead

namespace {
constexpr size_t kMostWritten = 1024;
} // namespace

/// Whether all that the cycle touches is the core and its own memory, in banks of their own.
Pipeline::Alone Pipeline::alone(const CyclePlan &plan, uint8_t &banks) {
  banks = 0;
  if (plan.observes || plan.bundle == nullptr) return Alone::Foreign;
  bool conflict = false;
  for (unsigned i = 0; i < plan.accessCount; ++i) {
    const AccessPlan &a = plan.accesses[i];
    const bool write = i >= plan.loadCount;
    if (a.gathers) [[unlikely]] {
      conflict = true; // it may be one
      for (uint32_t at : a.request->gather) {
        if ((at >> 16 & 3) != kOwnWindow) return Alone::Foreign;
        banks |= static_cast<uint8_t>(1U << (AccessPlan::bankOf(at) & 7));
        touch(at, write);
      }
      continue;
    }
    const uint32_t at = a.request->address;
    if ((at >> 16 & 3) != kOwnWindow) return Alone::Foreign;
    const auto mine =
        static_cast<uint8_t>(a.width << (AccessPlan::bankOf(at) & 7 & ~(a.width >> 1)));
    conflict |= (banks & mine) != 0;
    banks |= mine;
    touch(at, write);
  }
  return conflict ? Alone::Conflict : Alone::Free;
}

bool Pipeline::aheadMeets(uint32_t offset, uint32_t bytes, bool write) const {
  for (uint32_t line = offset >> kLineShift; line <= (offset + bytes - 1) >> kLineShift; ++line) {
    uint64_t met = touched_[1][line >> 6 & 7];
    if (write) met |= touched_[0][line >> 6 & 7];
    if ((met >> (line & 63) & 1) != 0) return true;
  }
  return false;
}

uint64_t Pipeline::runAhead(uint64_t cycles) {
  if (state != CoreState::Running || !counts.empty() || watched_ || doneIn_ != 0 || stale_)
    return 0;
  touched_[0] = touched_[1] = {};
  uint8_t banks = 0;
  if (plan_ == nullptr || alone(*plan_, banks) == Alone::Foreign) return 0;
  start_ = {plan_, inFlight_, stats, pc, bundlePc, branchTo_, branchIn_, branchPc_, banksReady_};
  startRegisters_ = registers;
  startFrames_.clear();
  for (const InFlight::Frame &f : inFlight_->frames) {
    const uint8_t *from = frames_ + f.number * kFrameBytes;
    startFrames_.insert(startFrames_.end(), from, from + f.bytes);
  }
  writtenCount_ = 0;
  ahead_ = true;
  uint64_t n = 0;
  while (n < cycles || state == CoreState::MemoryStall) {
    if (plan_ == nullptr) {
      if (plans_.full()) break;
      plan_ = planFor(pc);
    }
    // A cycle that stalled before goes on with the banks that it wants: its list tells.
    const Alone how = banksReady_ ? Alone::Conflict : alone(*plan_, banks);
    if (how == Alone::Foreign || writtenCount_ >= kMostWritten || n == kMostAhead) break;
    bankClaims_ = 0;
    if (how == Alone::Free) ++stats.cycles;
    const CoreState now = how == Alone::Free ? goOn(*plan_) : clock();
    if (now == CoreState::Faulted) { // it is to be found in its own time
      redoAhead(n);
      return n;
    }
    banksAhead_[n] = how == Alone::Free ? banks : static_cast<uint8_t>(bankClaims_);
    ++n;
  }
  ahead_ = false;
  return n;
}

void Pipeline::redoAhead(uint64_t cycles) {
  undoAhead();
  ahead_ = true;
  for (uint64_t n = 0; n < cycles; ++n) clock();
  ahead_ = false;
}

void Pipeline::undoAhead() {
  plan_ = start_.plan;
  inFlight_ = start_.inFlight;
  stats = start_.stats;
  pc = start_.pc;
  bundlePc = start_.bundlePc;
  branchTo_ = start_.branchTo;
  branchIn_ = start_.branchIn;
  branchPc_ = start_.branchPc;
  settled();
  banksReady_ = start_.banksReady;
  problem.reset();
  state = CoreState::Running;
  registers = startRegisters_;
  size_t at = 0;
  for (const InFlight::Frame &f : inFlight_->frames) {
    std::memcpy(frames_ + f.number * kFrameBytes, startFrames_.data() + at, f.bytes);
    at += f.bytes;
  }
  while (writtenCount_ > 0) {
    const Written &w = written_[--writtenCount_];
    copyLogged(w.at, w.before, w.bytes);
  }
}

void Pipeline::account(uint32_t at, const CoreStats &before) {
  const auto of = [this](uint32_t address) -> PcCounts & {
    return counts[std::min<size_t>(address / 2, counts.size() - 1)];
  };
  of(at).cycles += stats.cycles - before.cycles;
  of(at).issued += stats.bundles - before.bundles;
  PcCounts &asker = of(askerPc_);
  asker.lockStalls += stats.lockStalls - before.lockStalls;
  asker.streamStalls += stats.streamStalls - before.streamStalls;
  asker.cascadeStalls += stats.cascadeStalls - before.cascadeStalls;
  if (stats.memoryStalls != before.memoryStalls)
    of(waitingAccess()).memoryStalls += stats.memoryStalls - before.memoryStalls;
}

/// The instruction of this cycle whose access has not got all its banks yet.
uint32_t Pipeline::waitingAccess() {
  const CyclePlan &plan = plan_ != nullptr ? *plan_ : *planFor(pc);
  unsigned request = 0; // in the order of listRequests()
  for (unsigned i = 0; i < plan.accessCount; ++i) {
    const AccessPlan &a = plan.accesses[i];
    for (unsigned n = a.gathers ? 4 : 1; n != 0; --n, ++request)
      if (request < bankCount_ && banks_[request] != 0) return a.op->pc;
  }
  return pc;
}

void Pipeline::branch(const MicroOp &op, uint32_t target) {
  if (branchIn_ != 0)
    return fault("branch-in-delay-slot", &op, "a branch is taken in the delay slots of another",
                 "five bundles behind a branch always execute; none of them may branch");
  ++stats.branchesTaken;
  branchIn_ = isa::kBranchDelaySlots + 1;
  branchTo_ = target;
  branchPc_ = op.pc;
}

/// The bundle behind the delay slots of the one at `at`.
uint32_t Pipeline::returnAddress(uint32_t at) const {
  for (unsigned i = 0; i <= isa::kBranchDelaySlots && at < kProgramBytes; ++i) {
    const unsigned size = isa::bundleBytes(program[at]);
    at += size == 0 ? 2 : size;
  }
  return at;
}

void Pipeline::fault(const char *code, const MicroOp *op, std::string message, std::string remedy) {
  if (problem) return;
  const uint32_t at = op != nullptr ? op->pc : bundlePc;
  faultPc = at;
  problem = std::make_unique<Diagnostic>(
      error(code, Place{}, fmt::format("{} (at pc {:#x})", message, at), std::move(remedy)));
  isa::Bundle bundle;
  if (at < kProgramBytes && isa::decode(program, at, bundle) == isa::DecodeError::None)
    problem->notes.push_back(fmt::format("bundle at {:#x}: {}", at, isa::print(bundle)));
  if (op == nullptr && branchPc_ >= 0)
    problem->notes.push_back(fmt::format("the last jump that was taken is at pc {:#x}", branchPc_));
  if (at != bundlePc)
    problem->notes.push_back(fmt::format("the core had issued up to pc {:#x}", bundlePc));
  const auto row = [&](const char *prefix, int first, int count) {
    std::string line;
    for (int i = first; i < first + count; ++i) {
      const std::string name = prefix + std::to_string(i);
      line += fmt::format("{}{}={:#x}", i == first ? "" : " ", name,
                          registers.scalar(isa::findReg(name)));
    }
    problem->notes.push_back(line);
  };
  for (int i = 0; i < 32; i += 8) row("r", i, 8);
  row("p", 0, 8);
  problem->notes.push_back(fmt::format("sp={:#x} lr={:#x} ls={:#x} le={:#x} lc={:#x}",
                                       registers.scalar(Reg::sp), registers.scalar(Reg::lr), *ls_,
                                       *le_, *lc_));
  state = CoreState::Faulted;
}

} // namespace ashlar::emulator
