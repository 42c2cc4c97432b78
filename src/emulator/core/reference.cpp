// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Each function is one thing that an instruction in flight may do in a cycle; cycle() calls them in
// the machine's order: requests, memory reads, register reads, issue, memory writes, register
// writes.
#include "emulator/core/reference.h"

#include "device/ports.h"
#include "emulator/core/kernel.h"
#include "emulator/core/microop.h"
#include "emulator/core/value/address.h"
#include "isa/decode.h"
#include "isa/hazard.h"

#include <algorithm>

namespace ashlar::emulator {

using isa::Reg;

namespace {

constexpr unsigned kRequestCycle = 2, kDeliveryCycle = 5;

unsigned unitBytes(unsigned unit) {
  const unsigned bits = isa::info(isa::unitReg(unit)).bits;
  return bits <= 32 ? 4 : (bits + 7) / 8;
}
unsigned registerBytes(Reg reg) {
  unsigned n = 0;
  for (uint8_t unit : isa::info(reg).units) n += unitBytes(unit);
  return n;
}
/// Stable, by the time of computing.
template <class List> void orderByTime(List &list) {
  for (size_t i = 1; i < list.size(); ++i)
    for (size_t k = i; k > 0 && list[k]->computedAt < list[k - 1]->computedAt; --k)
      std::swap(list[k], list[k - 1]);
}
bool isLock(Kind k) {
  return k == Kind::Acquire || k == Kind::AcquireIf || k == Kind::Release || k == Kind::ReleaseIf;
}

} // namespace

ReferenceCore::ReferenceCore(CorePort &port, ByteView program)
    : port_(port), program_(program.begin(), program.end()), windows_(port.dataWindows()) {
  program_.resize(16 * 1024);
  for (unsigned u = 0; u < isa::kRegUnitCount; ++u) units_.push_back(Bytes(unitBytes(u), 0));
  Bytes id(4);
  writeU32(id.data(), port.coreId());
  store(Reg::core_id, id);
}

void ReferenceCore::start(uint32_t pc) { pc_ = pc; }
void ReferenceCore::setRegister(Reg reg, ByteView value) {
  store(reg, {value.begin(), value.end()});
}
Bytes ReferenceCore::getRegister(Reg reg) const {
  Bytes out;
  for (uint8_t u : isa::info(reg).units) out.insert(out.end(), units_[u].begin(), units_[u].end());
  return out;
}

// ---- registers

/// A register as it stands at the start of this cycle, with what this cycle's writers deliver over
/// the reader's forwarding network.
Bytes ReferenceCore::read(Reg reg, isa::Bypass bypass) const {
  std::vector<Bytes> view = units_;
  if (bypass != isa::Bypass::None) {
    std::vector<const Operand *> arriving;
    for (const Flight &f : flights_)
      for (const Operand &o : f.outputs)
        if (o.ready && o.bypass == bypass && f.at(o.cycle) == time_) arriving.push_back(&o);
    orderByTime(arriving);
    for (const Operand *o : arriving) {
      size_t from = 0;
      for (uint8_t u : isa::info(o->reg).units) {
        std::copy_n(o->value.begin() + static_cast<long>(from), view[u].size(), view[u].begin());
        from += view[u].size();
      }
    }
  }
  Bytes out;
  for (uint8_t u : isa::info(reg).units) out.insert(out.end(), view[u].begin(), view[u].end());
  return out;
}

uint32_t ReferenceCore::readScalar(Reg reg) const { return readU32(getRegister(reg).data()); }

void ReferenceCore::store(Reg reg, const Bytes &value, bool sticky) {
  size_t from = 0;
  for (uint8_t u : isa::info(reg).units) {
    Bytes &unit = units_[u];
    const unsigned bits = isa::info(isa::unitReg(u)).bits;
    Bytes piece(value.begin() + static_cast<long>(from),
                value.begin() + static_cast<long>(from + unit.size()));
    from += unit.size();
    if (unit.size() == 4) {
      uint32_t v = readU32(piece.data());
      if (bits < 32) v &= (1U << bits) - 1;
      if (sticky) v |= readU32(unit.data());
      writeU32(piece.data(), v);
    }
    unit = piece;
  }
}

void ReferenceCore::output(Flight &f, unsigned i, Bytes value) {
  f.outputs[i].value = std::move(value);
  f.outputs[i].ready = true;
  f.outputs[i].computedAt = time_ * 4 + phase_;
}

// ---- an instruction's plan

ReferenceCore::Flight ReferenceCore::prepare(const isa::Inst &inst) const {
  Flight f;
  f.inst = inst;
  f.semantics = &semanticsOf(inst.opcode);
  f.issued = time_;
  const isa::InstInfo &x = isa::info(inst);
  const isa::ItineraryInfo &t = isa::timing(inst);
  const AddressOperands address = addressOperands(inst.opcode);
  const auto operand = [&](Reg reg, unsigned position) {
    Operand o;
    o.reg = reg;
    o.cycle = position < t.cycles.size() ? t.cycles[position] : 1;
    o.bypass = position < t.bypass.size() ? t.bypass[position] : isa::Bypass::None;
    return o;
  };
  const auto immediate = [](int32_t v) {
    Operand o;
    o.value.resize(4);
    writeU32(o.value.data(), static_cast<uint32_t>(v));
    o.ready = true;
    return o;
  };
  unsigned position = 0;
  for (unsigned i = 0; i < x.operands.size(); ++i, ++position) {
    const bool ofAddress = (address.mask >> i & 1) != 0;
    if (x.operands[i].out) {
      (ofAddress ? f.addressOutputs : f.outputs).push_back(operand(inst.reg(i), position));
    } else if (!ofAddress) {
      f.inputs.push_back(x.operands[i].isReg ? operand(inst.reg(i), position)
                                             : immediate(inst.ops[i]));
    }
  }
  for (Reg r : x.defs) {
    Operand o = operand(r, position++);
    o.sticky = isa::isStickyFlag(r);
    if (r == Reg::sp) o.cycle = 1;
    (r == Reg::sp ? f.addressOutputs : f.outputs).push_back(o);
  }
  for (Reg r : x.uses) {
    Operand o = operand(r, position++);
    if (isUnreadMask(r)) o.cycle = 1;
    const bool ofAddress = r == Reg::sp && address.mode != AddressMode::None;
    if (!ofAddress && r != Reg::tile_cntr) f.inputs.push_back(o);
  }
  f.memoryCycle = t.memory.empty() ? 0 : t.memory.front();
  f.writeBackCycle = t.memory.size() > 1 ? t.memory.back() : 0;
  switch (f.semantics->kind) {
  case Kind::StreamWrite:
  case Kind::CascadeWrite: f.askCycle = kRequestCycle; break;
  case Kind::StreamRead:
  case Kind::CascadeRead: f.askCycle = kDeliveryCycle; break;
  default: f.askCycle = isLock(f.semantics->kind) ? kRequestCycle : 0; break;
  }
  return f;
}

void ReferenceCore::issueAddress(Flight &f) {
  const AddressOperands a = addressOperands(f.inst.opcode);
  if (a.mode == AddressMode::None) return;
  const isa::InstInfo &x = isa::info(f.inst);
  const bool stack = a.mode == AddressMode::Stack || a.mode == AddressMode::StackAdjust;
  const uint32_t p = readScalar(stack ? Reg::sp : f.inst.reg(static_cast<unsigned>(a.pointer)));
  const auto m = static_cast<unsigned>(a.modifier);
  const auto by = [&] {
    return x.operands[m].isReg ? readScalar(f.inst.reg(m)) : static_cast<uint32_t>(f.inst.ops[m]);
  };
  const auto dimension = [&](Reg d) {
    const auto parts = isa::info(d).parts;
    return Dimension{readScalar(parts[0].reg), readScalar(parts[1].reg), readScalar(parts[2].reg),
                     readScalar(parts[3].reg)};
  };
  std::vector<uint32_t> results;
  f.address = p;
  switch (a.mode) {
  case AddressMode::IndexRegister:
  case AddressMode::IndexImmediate:
  case AddressMode::Stack: f.address = advance(p, by()); break;
  case AddressMode::PostRegister:
  case AddressMode::PostImmediate:
  case AddressMode::StackAdjust: results = {advance(p, by())}; break;
  case AddressMode::Post2D: {
    const Step2 s = advance2(p, dimension(f.inst.reg(m)));
    results = {s.pointer, s.count};
    break;
  }
  case AddressMode::Post3D: {
    const auto parts = isa::info(f.inst.reg(m)).parts;
    const Step3 s = advance3(p, dimension(parts[0].reg), dimension(parts[1].reg));
    results = {s.pointer, s.countLow, s.countHigh};
    break;
  }
  default: break;
  }
  for (size_t i = 0; i < f.addressOutputs.size(); ++i) {
    Operand &o = f.addressOutputs[i];
    o.value.resize(4);
    writeU32(o.value.data(), results[i]);
    o.ready = true;
    o.computedAt = time_ * 4 + phase_;
  }
}

void ReferenceCore::captureInputs(Flight &f) {
  for (Operand &o : f.inputs)
    if (!o.ready && f.at(o.cycle) == time_) {
      o.value = read(o.reg, o.bypass);
      o.ready = true;
    }
}

/// Runs the kernel once everything it reads is there.
void ReferenceCore::compute(Flight &f) {
  const Kind kind = f.semantics->kind;
  const bool loads = kind == Kind::Load || kind == Kind::LoadTile || kind == Kind::Gather;
  const bool stores = kind == Kind::Store || kind == Kind::StoreTile;
  if (f.computed || (kind != Kind::Compute && !loads && !stores)) return;
  if (loads && f.memory.empty()) return;
  for (const Operand &o : f.inputs)
    if (!o.ready) return;
  f.computed = true;
  const void *in[kMaxInputs] = {};
  void *out[kMaxOutputs + 1] = {};
  unsigned i = 0, n = 0;
  if (loads) in[i++] = f.memory.data();
  for (const Operand &o : f.inputs) in[i++] = o.value.data();
  if (stores) {
    f.memory.assign(64, 0);
    out[n++] = f.memory.data();
  }
  std::vector<Bytes> values;
  for (const Operand &o : f.outputs) values.push_back(Bytes(std::max(8U, registerBytes(o.reg)), 0));
  for (Bytes &v : values) out[n++] = v.data();
  if (kernelOf(f.inst)(in, out) != nullptr) fail("not-simulated");
  for (unsigned k = 0; k < f.outputs.size(); ++k) output(f, k, std::move(values[k]));
}

// ---- the world

bool ReferenceCore::ask(Flight &f) {
  const Semantics &s = *f.semantics;
  const auto in = [&](size_t i) { return readU32(f.inputs[i].value.data()); };
  const auto word32 = [](uint32_t v) {
    Bytes b(4);
    writeU32(b.data(), v);
    return b;
  };
  Answer a = Answer::Granted;
  switch (s.kind) {
  case Kind::StreamRead: {
    uint32_t value = 0;
    bool tlast = false;
    a = port_.streamRead(value, tlast);
    if (a == Answer::Wait && s.blocking) return false;
    if (a == Answer::Granted) output(f, 0, word32(value));
    output(f, 1, word32(a == Answer::Granted ? 1 : 0));
    break;
  }
  case Kind::StreamWrite: {
    uint32_t v = in(0);
    if (s.word == StreamWord::PacketHeader)
      v = device::packetHeader(
          {static_cast<int>(port_.coreId() >> 16 & 127), static_cast<int>(port_.coreId() & 31)},
          static_cast<int>(in(1) & 7), static_cast<int>(in(0) & 31));
    if (s.word == StreamWord::ControlHeader)
      v = device::oddParity((in(0) & kAddressMask) | (in(1) & 3) << 20 | (in(2) & 3) << 22 |
                            (in(3) & 31) << 24);
    a = port_.streamWrite(v, s.tlast || (s.tlastFromR28 && in(f.inputs.size() - 1) != 0));
    if (a == Answer::Wait && s.blocking) return false;
    if (!f.outputs.empty()) output(f, 0, word32(a == Answer::Granted ? 1 : 0));
    break;
  }
  case Kind::CascadeRead: {
    uint8_t data[64];
    a = port_.cascadeRead(data);
    if (a == Answer::Wait) return false;
    output(f, 0, Bytes(data, data + sizeof data));
    break;
  }
  case Kind::CascadeWrite: {
    uint8_t data[64];
    std::copy_n(f.inputs[0].value.begin(), sizeof data, data);
    a = port_.cascadeWrite(data);
    if (a == Answer::Wait) return false;
    break;
  }
  default: {
    const bool conditional = s.kind == Kind::AcquireIf || s.kind == Kind::ReleaseIf;
    if (conditional && in(2) == 0) break;
    const bool acquire = s.kind == Kind::Acquire || s.kind == Kind::AcquireIf;
    const int id = static_cast<int>(in(0) & 63), value = static_cast<int32_t>(in(1) << 25) >> 25;
    a = acquire ? port_.acquire(id, value) : port_.release(id, value);
    if (a == Answer::Wait) return false;
    trailing_ = true;
    break;
  }
  }
  if (a == Answer::Absent) fail("absent");
  f.asked = true;
  return true;
}

/// Every 128-bit bank serves one access a cycle.
bool ReferenceCore::arbitrate() {
  const auto bank = [](uint32_t a) { return (a >> 16 & 3) * 8 + (a >> 14 & 3) * 2 + (a >> 4 & 1); };
  if (!banksReady_) {
    banksReady_ = true;
    waitingBanks_.clear();
    for (const bool reads : {true, false})
      for (const Flight &f : flights_) {
        const Kind k = f.semantics->kind;
        if (k == Kind::LoadTile || k == Kind::StoreTile || f.memoryCycle == 0) continue;
        const bool sub = k == Kind::StoreSubWord, store = k == Kind::Store;
        const unsigned cycle = reads ? (store ? 0 : f.memoryCycle)
                                     : (sub     ? f.writeBackCycle
                                        : store ? f.memoryCycle
                                                : 0);
        if (cycle == 0 || f.at(cycle) != time_ || k == Kind::NotSimulated) continue;
        if (k == Kind::Gather)
          for (uint32_t a : f.gather) waitingBanks_.push_back(1U << bank(a));
        else if (f.semantics->bytes == 32)
          waitingBanks_.push_back(3U << (bank(f.address) & ~1U));
        else
          waitingBanks_.push_back(1U << bank(f.address));
      }
  }
  uint32_t wanted = 0;
  std::vector<uint32_t> claims;
  for (uint32_t w : waitingBanks_) {
    claims.push_back(w & ~wanted);
    wanted |= claims.back();
  }
  if (wanted == 0) return true;
  const uint32_t granted = port_.requestBanks(wanted);
  bool all = true;
  for (size_t i = 0; i < claims.size(); ++i) {
    waitingBanks_[i] &= ~(claims[i] & granted);
    all &= waitingBanks_[i] == 0;
  }
  return all;
}

uint8_t *ReferenceCore::at(uint32_t address, unsigned bytes) {
  address &= ~(bytes - 1);
  if (address >> 18 != 1 || windows_[address >> 16 & 3] == nullptr) {
    fail("data-address");
    return nullptr;
  }
  return windows_[address >> 16 & 3] + (address & 0xFFFF);
}

void ReferenceCore::readMemory(Flight &f) {
  const Kind k = f.semantics->kind;
  const unsigned bytes = f.semantics->bytes;
  if (k == Kind::LoadTile) {
    uint32_t v = 0;
    if (port_.busRead(f.address, v) != Answer::Granted) return fail("no-register");
    f.memory.resize(4);
    writeU32(f.memory.data(), v);
  } else if (k == Kind::Gather) {
    for (uint32_t a : f.gather)
      for (uint32_t i = 0; i < 8; ++i) {
        const uint8_t *p = (a & 0xFFFF) + i < 0x10000 ? at(a, 4) : nullptr;
        f.memory.push_back(p != nullptr ? p[i] : 0);
      }
  } else if (const uint8_t *p = at(f.address, k == Kind::StoreSubWord ? 4 : bytes)) {
    f.memory.assign(p, p + (k == Kind::StoreSubWord ? 4 : bytes));
  }
}

void ReferenceCore::writeMemory(Flight &f) {
  if (f.semantics->kind == Kind::StoreTile) {
    if (port_.busWrite(f.address, readU32(f.memory.data())) != Answer::Granted) fail("no-register");
    return;
  }
  const bool sub = f.semantics->kind == Kind::StoreSubWord;
  const unsigned bytes = sub ? 4 : f.semantics->bytes;
  if (uint8_t *p = at(f.address, bytes)) std::copy_n(f.memory.begin(), bytes, p);
}

// ---- control flow

void ReferenceCore::control(Flight &f) {
  const auto in = [&](size_t i) { return readU32(f.inputs[i].value.data()); };
  const auto word32 = [](uint32_t v) {
    Bytes b(4);
    writeU32(b.data(), v);
    return b;
  };
  const auto branch = [&](uint32_t target) {
    if (branchIn_ != 0) return fail("branch-in-delay-slot");
    branchIn_ = isa::kBranchDelaySlots + 1;
    branchTo_ = target;
  };
  switch (f.semantics->kind) {
  case Kind::Jump:
  case Kind::Return: branch(in(0)); break;
  case Kind::Call: {
    branch(in(0));
    uint32_t at = f.pc;
    for (unsigned i = 0; i <= isa::kBranchDelaySlots && at < program_.size(); ++i)
      at += std::max(2U, isa::bundleBytes(program_[at]));
    output(f, 0, word32(at));
    break;
  }
  case Kind::JumpIfZero:
    if (in(0) == 0) branch(in(1));
    break;
  case Kind::JumpIfNotZero:
    if (in(0) != 0) branch(in(1));
    break;
  case Kind::JumpDecrement:
    if (in(0) != 0) branch(in(1));
    output(f, 0, word32(in(0) - 1));
    output(f, 1, word32(in(0) != 0 ? 1 : 0));
    break;
  case Kind::Counter: {
    Bytes b(8);
    writeU64(b.data(), port_.timer());
    output(f, 0, b);
    break;
  }
  case Kind::Event: port_.event(static_cast<int>(in(0))); break;
  case Kind::Done: doneIn_ = isa::kBranchDelaySlots + 1; break;
  case Kind::NotSimulated: fail("not-simulated"); break;
  case Kind::Gather: {
    const Bytes &v = f.inputs[0].value;
    for (uint32_t i = 0; i < 4; ++i) {
      const uint32_t a = readU32(v.data() + 4 * (i + (f.semantics->highHalf ? 4 : 0)));
      f.gather.push_back(((a & ~(f.semantics->bytes - 1U)) | (i % 2 != 0 ? 0x10 : 0)) &
                         kAddressMask);
    }
    break;
  }
  default: break;
  }
}

void ReferenceCore::writeRegisters() {
  std::vector<const Operand *> writes;
  for (const Flight &f : flights_)
    for (const auto *list : {&f.addressOutputs, &f.outputs})
      for (const Operand &o : *list)
        if (o.ready && f.at(o.cycle) == time_) writes.push_back(&o);
  orderByTime(writes);
  for (const Operand *o : writes) store(o->reg, o->value, o->sticky);
}

/// Reads of memory, then late reads of registers.
void ReferenceCore::reads() {
  phase_ = 1;
  for (Flight &f : flights_) {
    const Kind k = f.semantics->kind;
    const bool loads =
        k == Kind::Load || k == Kind::LoadTile || k == Kind::Gather || k == Kind::StoreSubWord;
    if (loads && f.at(f.memoryCycle) == time_) readMemory(f);
    if (loads) compute(f);
  }
  phase_ = 2;
  for (Flight &f : flights_) {
    captureInputs(f);
    compute(f);
    if (f.semantics->kind == Kind::StoreSubWord && f.at(f.inputs[0].cycle) == time_ &&
        !f.memory.empty()) {
      const unsigned bytes = f.semantics->bytes;
      std::copy_n(f.inputs[0].value.begin(), bytes,
                  f.memory.begin() + static_cast<long>(f.address & 3 & ~(bytes - 1U)));
    }
  }
}

void ReferenceCore::writes() {
  for (Flight &f : flights_) {
    const Kind k = f.semantics->kind;
    if (((k == Kind::Store || k == Kind::StoreTile) && f.at(f.memoryCycle) == time_) ||
        (k == Kind::StoreSubWord && f.at(f.writeBackCycle) == time_))
      writeMemory(f);
  }
  writeRegisters();
}

bool ReferenceCore::cycle() {
  if (done_ || !fault_.empty()) return false;
  ++cycles_;

  // What may stall the core: nothing moves until all of it is granted.
  bool asked = false;
  phase_ = 0;
  for (Flight &f : flights_)
    if (f.askCycle != 0 && !f.asked && f.at(f.askCycle) == time_) {
      if (!ask(f)) return true;
      if (!fault_.empty()) return false;
      asked = true;
    }
  if (asked && trailing_) {
    trailing_ = false;
    return true;
  }
  if (!arbitrate()) return true;

  reads();
  if (!fault_.empty()) return false;

  // The next bundle.
  isa::Bundle bundle;
  if (pc_ >= program_.size() || isa::decode(program_, pc_, bundle) != isa::DecodeError::None) {
    fail(pc_ >= program_.size() || (pc_ & 1) != 0 ? "pc-outside-program" : "unknown-bundle");
    return false;
  }
  ++bundles_;
  phase_ = 3;
  const size_t first = flights_.size();
  for (const isa::Inst &inst : bundle.all()) {
    if (semanticsOf(inst.opcode).kind == Kind::Nop) continue;
    flights_.push_back(prepare(inst));
    Flight &f = flights_.back();
    f.pc = pc_;
    issueAddress(f);
    captureInputs(f);
  }
  for (size_t i = first; i < flights_.size(); ++i) {
    control(flights_[i]);
    compute(flights_[i]);
  }

  writes();
  std::erase_if(flights_, [&](const Flight &f) { return time_ >= f.at(12); });
  banksReady_ = false;
  ++time_;

  // Where to go on.
  uint32_t next = pc_ + bundle.size;
  const uint32_t lc = readScalar(Reg::lc);
  if (lc != 0 && pc_ == readScalar(Reg::le)) {
    Bytes b(4);
    writeU32(b.data(), lc - 1);
    store(Reg::lc, b);
    if (lc > 1) next = readScalar(Reg::ls);
  }
  if (branchIn_ != 0 && --branchIn_ == 0) next = branchTo_;
  pc_ = next;
  if (doneIn_ != 0 && --doneIn_ == 0) {
    for (int i = 0; i < 12; ++i, ++time_) {
      reads();
      writes();
    }
    done_ = true;
  }
  return !done_ && fault_.empty();
}

} // namespace ashlar::emulator
