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

Pipeline::Pipeline(CorePort &p) : port(p) {
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
  for (CycleSlot &s : slots_) {
    s.scalarCount = s.vectorCount = s.loadCount = s.lateCount = s.storeCount = s.askCount = 0;
    s.bankCount = s.asksDone = 0;
    s.banksReady = s.events = s.early = false;
  }
  freeRecordCount_ = freeVectorCount_ = 0;
  while (freeRecordCount_ < kRecords) {
    freeRecords_[freeRecordCount_] = freeRecordCount_;
    ++freeRecordCount_;
  }
  while (freeVectorCount_ < kVectorWrites) {
    freeVectors_[freeVectorCount_] = freeVectorCount_;
    ++freeVectorCount_;
  }
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
    state = CoreState::Running;
  }
}

// ---- fetch

const PreparedBundle *Pipeline::fetch(uint32_t at) {
  if (at == stopAt) {
    --stats.cycles; // nothing was issued in this one
    drain();
    if (!faulted()) state = CoreState::Done;
    return nullptr;
  }
  if (at >= kProgramBytes || (at & 1) != 0) {
    fault("pc-outside-program", nullptr,
          fmt::format("the program counter {:#x} is outside program memory (0..{:#x}) or odd", at,
                      kProgramBytes - 1),
          "see where the last jump or return took its target from");
    return nullptr;
  }
  auto &slot = prepared_[at / 2];
  if (slot) return slot.get();
  isa::Bundle bundle;
  if (isa::decode(program, at, bundle) != isa::DecodeError::None) {
    const auto why = isa::decodeBundle(program, at, "program memory");
    fault("unknown-bundle", nullptr,
          why.ok() ? "no bundle can be decoded here" : why.errors().front().message,
          "the program is damaged, was not loaded here, or control went astray");
    return nullptr;
  }
  slot = prepare(bundle, at, registers);
  return slot.get();
}

void Pipeline::dropProgram(uint32_t offset, size_t bytes) {
  const size_t first = offset < isa::kMaxBundleBytes ? 0 : offset - isa::kMaxBundleBytes;
  for (size_t i = first / 2; i < std::min<size_t>((offset + bytes + 1) / 2, prepared_.size()); ++i)
    prepared_[i].reset();
}

// ---- what may stall

void Pipeline::wait(CoreState why, const MicroOp &op) {
  state = why;
  waiting.state = why;
  waiting.pc = op.pc;
}

/// Each bank serves one access a cycle. The usual cycle asks once and gets everything; only one
/// that does not keeps a list of what each access still wants.
bool Pipeline::arbitrate(CycleSlot &slot) {
  if (slot.banksReady) return arbitrateAgain(slot);
  slot.banksReady = true;
  slot.bankCount = 0;
  uint32_t wanted = 0;
  bool conflict = false;
  const auto add = [&](const Record &r) {
    conflict |= (wanted & r.banks) != 0 || r.gathers;
    wanted |= r.banks;
  };
  for (unsigned i = 0; i < slot.loadCount; ++i) add(records_[slot.loads[i]]);
  for (unsigned i = 0; i < slot.storeCount; ++i) add(records_[slot.stores[i]]);
  if (conflict) {
    listRequests(slot);
    return arbitrateAgain(slot);
  }
  if (wanted == 0) return true;
  const uint32_t granted = port.requestBanks(wanted);
  if (granted == wanted) return true;
  listRequests(slot);
  for (unsigned i = 0; i < slot.bankCount; ++i) slot.banks[i] &= ~granted;
  state = CoreState::MemoryStall;
  ++stats.memoryStalls;
  return false;
}

void Pipeline::listRequests(CycleSlot &slot) {
  const auto add = [&slot](uint32_t banks) {
    if (slot.bankCount < kMaxBankRequests) slot.banks[slot.bankCount++] = banks;
  };
  const auto addAll = [&](const auto &list, unsigned count) {
    for (unsigned i = 0; i < count; ++i) {
      const Record &r = records_[list[i]];
      if (!r.gathers)
        add(r.banks);
      else
        for (uint32_t a : r.gather) add(1U << bankOf(a));
    }
  };
  addAll(slot.loads, slot.loadCount);
  addAll(slot.stores, slot.storeCount);
}

/// What another access of this cycle claims already waits.
bool Pipeline::arbitrateAgain(CycleSlot &slot) {
  uint32_t wanted = 0, claims[kMaxBankRequests];
  for (unsigned i = 0; i < slot.bankCount; ++i) {
    claims[i] = slot.banks[i] & ~wanted;
    wanted |= claims[i];
  }
  if (wanted == 0) return true;
  const uint32_t granted = port.requestBanks(wanted);
  uint32_t left = 0;
  for (unsigned i = 0; i < slot.bankCount; ++i) {
    slot.banks[i] &= ~(claims[i] & granted);
    left |= slot.banks[i];
  }
  if (left == 0) return true;
  state = CoreState::MemoryStall;
  ++stats.memoryStalls;
  return false;
}

Answer Pipeline::askOne(Record &r) {
  const MicroOp &op = *r.op;
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
      fault("no-such-lock", &op,
            fmt::format("lock {} belongs to a neighbour that is not there", id),
            "own locks are 48..63");
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
    if (a == Answer::Granted) put(allocate(op.outputs[0], op.memoryCycle), value);
    put(allocate(op.outputs[1], op.memoryCycle), a == Answer::Granted ? 1 : 0);
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
    if (op.outputCount > 0) put(allocate(op.outputs[0], 2), a == Answer::Granted ? 1 : 0);
    return Answer::Granted;
  }
  case Kind::CascadeRead: {
    uint8_t data[64];
    const Answer a = port.cascadeRead(data);
    if (a == Answer::Wait) {
      wait(CoreState::CascadeInStall, op);
      ++stats.cascadeStalls;
    } else if (a == Answer::Granted) {
      std::memcpy(allocate(op.outputs[0], op.memoryCycle), data, sizeof data);
    } else {
      fault("no-cascade", &op, "the core's cascade input is not connected");
    }
    return a;
  }
  default: {
    uint8_t data[64];
    std::memcpy(data, r.in[0], sizeof data);
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

bool Pipeline::ask(CycleSlot &slot) {
  while (slot.asksDone < slot.askCount) {
    askerPc_ = records_[slot.asks[slot.asksDone]].op->pc;
    if (askOne(records_[slot.asks[slot.asksDone]]) != Answer::Granted) return false;
    release(slot.asks[slot.asksDone++]);
  }
  return true;
}

/// True when the cycle may go on. A completed lock operation costs one more cycle.
bool Pipeline::settle(CycleSlot &slot) {
  if (slot.asksDone < slot.askCount) {
    if (!ask(slot)) return false;
    state = CoreState::Running;
    if (trailing_) {
      trailing_ = false;
      ++stats.lockStalls;
      return false;
    }
  }
  if (slot.loadCount + slot.storeCount > 0 && !arbitrate(slot)) return false;
  state = CoreState::Running;
  return true;
}

// ---- memory

uint8_t *Pipeline::memory(const Record &r, uint32_t address, unsigned bytes, bool write) {
  const uint32_t aligned = address & ~(bytes - 1);
  uint8_t *window = (aligned >> 18) == 1 ? windows_[aligned >> 16 & 3] : nullptr;
  if (window == nullptr) {
    static const char *const names[] = {"south", "west", "north", "own"};
    fault("data-address", r.op,
          (aligned >> 18) == 1
              ? fmt::format("address {:#x} is in the {} neighbour's memory, which is not there",
                            address, names[aligned >> 16 & 3])
              : fmt::format("address {:#x} is outside data memory (0x40000..0x7ffff)", address),
          "see which pointer the instruction uses");
    return nullptr;
  }
  if (aligned != address && stats.unaligned++ == 0) stats.firstUnalignedPc = r.op->pc;
  // A sub-word store reads the word around it only to write it back.
  if (watched_ && (write || r.op->semantics->kind != Kind::StoreSubWord))
    port.access(aligned, bytes, write, r.op->pc);
  return window + (aligned & 0xFFFF);
}

void Pipeline::notSimulated(const MicroOp &op, const char *reason) {
  fault("not-simulated", &op,
        fmt::format("not simulated: {} ({})", isa::info(op.inst).name, reason));
}

void Pipeline::loadRecord(uint8_t index) {
  Record &r = records_[index];
  const MicroOp &op = *r.op;
  if (op.plainLoad) {
    const void *p = memory(r, r.address, op.bytes);
    if (p == nullptr) return;
    if (op.bytes != 32 || op.outputs[0].bytes != 32) return runKernel(op, &p, op.memoryCycle);
    std::memcpy(allocate(op.outputs[0], op.memoryCycle), p, 32); // the kernel would just copy
    return;
  }
  if (op.semantics->kind == Kind::LoadTile) {
    uint32_t value = 0;
    if (port.busRead(r.address, value) != Answer::Granted)
      return fault("no-register", &op,
                   fmt::format("the processor bus has no register at {:#x}", r.address),
                   "the bus has to be enabled in Core_Processor_Bus");
    std::memcpy(r.captured, &value, 4);
    r.in[0] = r.captured;
  } else if (op.semantics->kind == Kind::Gather) {
    for (unsigned i = 0; i < 4; ++i) {
      const uint8_t *p = memory(r, r.gather[i], 4);
      if (p == nullptr) return;
      // Eight bytes, of which those beyond the end of the memory read as zero.
      const size_t left = 0x10000 - (r.gather[i] & 0xFFFC);
      std::memset(r.captured + 8 * i, 0, 8);
      std::memcpy(r.captured + 8 * i, p, std::min<size_t>(8, left));
    }
    r.in[0] = r.captured;
  } else {
    const uint8_t *p = memory(r, r.address, op.bytes);
    if (p == nullptr) return;
    if (op.semantics->kind == Kind::StoreSubWord) { // the word around it, for later
      const uint8_t *whole = p - (r.address & 3 & ~(op.bytes - 1U));
      std::memcpy(r.captured, whole, 4);
      return;
    }
    if (op.lastUse > op.memoryCycle) {
      std::memcpy(r.captured + r.used, p, op.bytes);
      r.in[0] = r.captured + r.used;
      r.used = static_cast<uint16_t>(r.used + (op.bytes + 7U) / 8 * 8);
      return;
    }
    r.in[0] = p;
  }
  if (op.lastUse <= op.memoryCycle) runKernel(op, r.in, op.memoryCycle);
}

void Pipeline::readMemory(CycleSlot &slot) {
  for (unsigned i = 0; i < slot.loadCount; ++i) {
    loadRecord(slot.loads[i]);
    release(slot.loads[i]);
  }
}

void Pipeline::writeMemory(CycleSlot &slot) {
  for (unsigned i = 0; i < slot.storeCount; ++i) {
    const Record &r = records_[slot.stores[i]];
    release(slot.stores[i]); // nothing takes a record before the next issue
    if (r.op->semantics->kind == Kind::StoreTile) {
      if (port.busWrite(r.address, word(r.captured)) != Answer::Granted)
        fault("no-register", r.op,
              fmt::format("the processor bus has no register at {:#x}", r.address),
              "the bus has to be enabled in Core_Processor_Bus");
      continue;
    }
    if (r.op->semantics->kind == Kind::StoreSubWord) {
      uint8_t *p = memory(r, r.address, r.op->bytes, true);
      if (p != nullptr) std::memcpy(p - (r.address & 3 & ~(r.op->bytes - 1U)), r.captured, 4);
      continue;
    }
    uint8_t *p = memory(r, r.address, r.op->bytes, true);
    if (p != nullptr) std::memcpy(p, r.captured, r.op->bytes);
  }
}

// ---- registers

void Pipeline::readLate(CycleSlot &slot) {
  for (unsigned n = 0; n < slot.lateCount; ++n) {
    const LateRead late = slot.late[n];
    Record &r = records_[late.record];
    release(late.record); // nothing takes a record before the next issue
    const MicroOp &op = *r.op;
    if (op.semantics->kind == Kind::StoreSubWord) {
      // The low bytes of the register replace their place in the word read before.
      std::memcpy(r.captured + (r.address & 3 & ~(op.bytes - 1U)), op.in[0], op.bytes);
      continue;
    }
    if (late.cycle < op.lastUse) {
      for (unsigned i = 0; i < op.inputCount; ++i)
        if (op.inputs[i].cycle == late.cycle && op.in[i] != nullptr) capture(r, i);
      continue;
    }
    runKernel(op, r.in, op.lastUse);
  }
}

void Pipeline::writeRegisters(CycleSlot &slot, CycleSlot &next) {
  for (unsigned i = 0; i < slot.scalarCount; ++i) {
    const ScalarWrite &w = slot.scalars[i];
    uint8_t *to = registers.bytes + w.offset;
    if (w.pair) {
      std::memcpy(to, &w.value, 8);
      continue;
    }
    uint32_t value = static_cast<uint32_t>(w.value) & w.mask;
    if (w.sticky) value |= word(to);
    std::memcpy(to, &value, 4);
  }
  slot.scalarCount = 0;
  if (!slot.events) return;
  const auto copy = [&](unsigned to, const VectorWrite &w) {
    copyWide(registers.bytes + to, w.value, w.bytes);
  };
  for (unsigned i = 0; i < slot.vectorCount; ++i) {
    const VectorWrite &w = vectors_[slot.vectors[i]];
    copy(w.offset, w);
    if (w.forwarded != 0) copy(w.forwarded, w);
    freeVectors_[freeVectorCount_++] = slot.vectors[i];
  }
  if (next.early)
    for (unsigned i = 0; i < next.vectorCount; ++i)
      if (const VectorWrite &w = vectors_[next.vectors[i]]; w.early) copy(w.forwarded, w);
  slot.vectorCount = slot.loadCount = slot.lateCount = slot.storeCount = slot.askCount = 0;
  slot.asksDone = 0;
  slot.banksReady = slot.events = slot.early = false;
}

/// Everything in flight completes; no time passes. A request that would have to wait is dropped.
void Pipeline::drain() {
  for (unsigned i = 0; i < kCalendar; ++i) {
    CycleSlot &slot = slots_[time_ % kCalendar];
    ask(slot);
    readMemory(slot);
    readLate(slot);
    writeMemory(slot);
    writeRegisters(slot, slots_[(time_ + 1) % kCalendar]);
    ++time_;
  }
}

// ---- one clock

CoreState Pipeline::clock() {
  if (state == CoreState::Disabled || state >= CoreState::Done) return state;
  ++stats.cycles;
  CycleSlot &slot = slots_[time_ % kCalendar];
  if (slot.events) {
    if (!settle(slot)) return state;
    if (slot.loadCount != 0) readMemory(slot);
    if (slot.lateCount != 0) readLate(slot);
    if (faulted()) return state;
  }
  bundlePc = pc;
  const PreparedBundle *bundle = prepared_[pc / 2 % prepared_.size()].get();
  if (bundle == nullptr || pc >= kProgramBytes || (pc & 1) != 0) {
    bundle = fetch(pc);
    if (bundle == nullptr) return state;
  }
  ++stats.bundles;
  stats.instructions += bundle->instructions;
  for (const MicroOp &op : bundle->ops) op.issue(*this, op);
  uint32_t next = pc + bundle->size;
  if (slot.events && slot.storeCount != 0) writeMemory(slot);
  writeRegisters(slot, slots_[(time_ + 1) % kCalendar]);
  ++time_;

  if (*lc_ != 0 && bundlePc == *le_) {
    if (--*lc_ != 0) {
      next = *ls_;
      ++stats.loopRounds;
    }
  }
  if (branchIn_ != 0 && --branchIn_ == 0) next = branchTo_;
  pc = next;
  if (doneIn_ != 0 && --doneIn_ == 0) {
    drain();
    if (!faulted()) state = CoreState::Done;
  }
  return state;
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
uint32_t Pipeline::waitingAccess() const {
  const CycleSlot &slot = slots_[time_ % kCalendar];
  unsigned request = 0; // in the order of listRequests()
  for (unsigned i = 0; i < slot.loadCount + slot.storeCount; ++i) {
    const Record &r =
        records_[i < slot.loadCount ? slot.loads[i] : slot.stores[i - slot.loadCount]];
    for (unsigned n = r.gathers ? 4 : 1; n != 0; --n, ++request)
      if (request < slot.bankCount && slot.banks[request] != 0) return r.op->pc;
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

/// The bundle behind the delay slots of the one being issued.
uint32_t Pipeline::returnAddress(const MicroOp &op) {
  uint32_t at = op.pc;
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
