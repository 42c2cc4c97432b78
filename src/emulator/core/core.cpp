// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The public face of the pipeline.
#include "emulator/core/core.h"

#include "emulator/core/pipeline.h"

#include <algorithm>

namespace ashlar::emulator {

const char *coreStateName(CoreState state) {
  switch (state) {
  case CoreState::Disabled: return "disabled";
  case CoreState::Running: return "running";
  case CoreState::MemoryStall: return "memory stall";
  case CoreState::LockStall: return "lock stall";
  case CoreState::StreamInStall: return "stream input stall";
  case CoreState::StreamOutStall: return "stream output stall";
  case CoreState::CascadeInStall: return "cascade input stall";
  case CoreState::CascadeOutStall: return "cascade output stall";
  case CoreState::Done: return "done";
  case CoreState::Faulted: return "faulted";
  }
  return "?";
}

std::string CoreWait::str() const {
  static const char *const owners[] = {"south", "west", "north", "own"};
  switch (state) {
  case CoreState::LockStall:
    return fmt::format("waits for lock {} ({} {}), {} {}, at pc {:#x}", lock, owners[lock / 16 % 4],
                       lock % 16, acquire ? "acquire" : "release", value, pc);
  case CoreState::StreamInStall: return fmt::format("waits for stream input at pc {:#x}", pc);
  case CoreState::StreamOutStall:
    return fmt::format("waits for room in the stream output at pc {:#x}", pc);
  case CoreState::CascadeInStall: return fmt::format("waits for cascade input at pc {:#x}", pc);
  case CoreState::CascadeOutStall:
    return fmt::format("waits for room in the cascade output at pc {:#x}", pc);
  default: return coreStateName(state);
  }
}

struct Core::Impl : Pipeline {
  using Pipeline::Pipeline;
};

Core::Core(CorePort &port) : impl_(std::make_unique<Impl>(port)) {}
Core::~Core() = default;

void Core::setControl(bool enable, bool reset) { impl_->setControl(enable, reset); }
bool Core::enabled() const { return impl_->enabled; }
bool Core::inReset() const { return impl_->inReset; }

Status Core::writeProgram(uint32_t offset, ByteView data) {
  if (offset > kProgramBytes || data.size() > kProgramBytes - offset)
    return error("program-too-large", {},
                 fmt::format("{} bytes at {:#x} do not fit in {} bytes of program memory",
                             data.size(), offset, kProgramBytes));
  std::copy(data.begin(), data.end(), impl_->program.begin() + offset);
  impl_->dropProgram(offset, data.size());
  return Ok{};
}
ByteView Core::program() const { return impl_->program; }

CoreState Core::cycle() { return impl_->step(); }

uint64_t Core::run(uint64_t cycles) {
  uint64_t n = 0;
  while (n < cycles) {
    const CoreState s = impl_->step();
    ++n;
    if (s != CoreState::Running && s != CoreState::MemoryStall) break;
  }
  return n;
}

uint64_t Core::runAhead(uint64_t cycles) { return impl_->runAhead(cycles); }
void Core::redoAhead(uint64_t cycles) { impl_->redoAhead(cycles); }
bool Core::aheadMeets(uint32_t offset, uint32_t bytes, bool write) const {
  return impl_->aheadMeets(offset, bytes, write);
}
uint8_t Core::aheadBanks(uint64_t cycle) const { return impl_->aheadBanks(cycle); }

void Core::addStallCycles(uint64_t n) {
  CoreStats &s = impl_->stats;
  const CoreStats before = s;
  s.cycles += n;
  switch (impl_->state) {
  case CoreState::LockStall: s.lockStalls += n; break;
  case CoreState::StreamInStall:
  case CoreState::StreamOutStall: s.streamStalls += n; break;
  case CoreState::CascadeInStall:
  case CoreState::CascadeOutStall: s.cascadeStalls += n; break;
  case CoreState::MemoryStall: s.memoryStalls += n; break;
  default: break;
  }
  if (!impl_->counts.empty()) impl_->account(impl_->pc, before);
}

CoreState Core::state() const { return impl_->state; }
const CoreWait &Core::waiting() const { return impl_->waiting; }
const Diagnostic *Core::fault() const { return impl_->problem.get(); }
const CoreStats &Core::stats() const { return impl_->stats; }
void Core::resetStats() {
  impl_->stats = {};
  std::fill(impl_->counts.begin(), impl_->counts.end(), PcCounts{});
}
uint32_t Core::pc() const { return impl_->pc; }
uint32_t Core::faultPc() const { return impl_->problem ? impl_->faultPc : impl_->pc; }

void Core::countPcs(bool on) {
  impl_->counts.assign(on ? kProgramBytes / 2 : 0, {});
  impl_->counts.shrink_to_fit();
}
std::span<const PcCounts> Core::pcCounts() const { return impl_->counts; }

uint32_t Core::debugRegister(DebugRegister which) const {
  using isa::Reg;
  switch (which) {
  case DebugRegister::PC:
  case DebugRegister::FC: return impl_->pc;
  case DebugRegister::SP: return scalar(Reg::sp);
  case DebugRegister::LR: return scalar(Reg::lr);
  case DebugRegister::LS: return scalar(Reg::ls);
  case DebugRegister::LE: return scalar(Reg::le);
  case DebugRegister::LC: return scalar(Reg::lc);
  case DebugRegister::DP: return scalar(Reg::dp);
  case DebugRegister::CR:
  case DebugRegister::SR: return 0; // how control and status bits are packed there is not known
  }
  return 0;
}

Bytes Core::readRegister(isa::Reg reg) const {
  const RegisterPlace &p = placeOf(reg);
  Bytes out;
  if (p.offset != kNoOffset) {
    const uint8_t *at = impl_->registers.bytes + p.offset;
    out.assign(at, at + p.bytes);
    return out;
  }
  for (const isa::RegPart &part : isa::info(reg).parts) {
    const Bytes piece = readRegister(part.reg);
    out.insert(out.end(), piece.begin(), piece.end());
  }
  return out;
}

void Core::writeRegister(isa::Reg reg, ByteView value) {
  const RegisterPlace &p = placeOf(reg);
  if (p.offset != kNoOffset) {
    if (p.bytes == 4) {
      uint8_t four[4] = {};
      std::copy_n(value.begin(), std::min<size_t>(value.size(), 4), four);
      return impl_->registers.setScalar(reg, readU32(four));
    }
    Bytes whole(p.bytes, 0);
    std::copy_n(value.begin(), std::min<size_t>(value.size(), whole.size()), whole.begin());
    return impl_->registers.write(p, whole.data());
  }
  for (const isa::RegPart &part : isa::info(reg).parts) {
    const size_t bytes = readRegister(part.reg).size();
    writeRegister(part.reg, value.subspan(0, std::min(bytes, value.size())));
    value = value.subspan(std::min(bytes, value.size()));
  }
}

uint32_t Core::scalar(isa::Reg reg) const { return impl_->registers.scalar(reg); }
void Core::setScalar(isa::Reg reg, uint32_t value) { impl_->registers.setScalar(reg, value); }

void Core::setStop(uint32_t pc) {
  ASHLAR_ASSERT(pc >= kProgramBytes);
  impl_->stopAt = pc;
}

void Core::setPc(uint32_t pc) {
  impl_->flush();
  impl_->pc = pc;
  impl_->problem.reset();
  if (impl_->enabled && !impl_->inReset) {
    impl_->state = CoreState::Disabled;
    impl_->setControl(true, false);
  }
}

} // namespace ashlar::emulator
