// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Cycle 1 of each kind of instruction: read what is read now, enter the rest in the calendar.
#include "device/ports.h"
#include "emulator/core/kernel.h"
#include "emulator/core/pipeline.h"
#include "emulator/core/value/address.h"

#include <bit>

namespace ashlar::emulator {

uint32_t Pipeline::address(const MicroOp &op) {
  const uint32_t p = *op.pointer;
  const auto load = [](const uint32_t *const(&d)[4]) {
    return Dimension{*d[0], *d[1], *d[2], *d[3]};
  };
  switch (op.mode) {
  case AddressMode::IndexRegister: return advance(p, *op.modifier);
  case AddressMode::IndexImmediate:
  case AddressMode::Stack: return advance(p, static_cast<uint32_t>(op.offset));
  case AddressMode::PostRegister: write(op.pointerOut, advance(p, *op.modifier)); return p;
  case AddressMode::PostImmediate:
  case AddressMode::StackAdjust:
    write(op.pointerOut, advance(p, static_cast<uint32_t>(op.offset)));
    return p;
  case AddressMode::Post2D: {
    const Step2 s = advance2(p, load(op.low));
    write(op.pointerOut, s.pointer);
    write(op.countOut, s.count);
    return p;
  }
  case AddressMode::Post3D: {
    const Step3 s = advance3(p, load(op.low), load(op.high));
    write(op.pointerOut, s.pointer);
    write(op.countOut, s.countLow);
    write(op.countHighOut, s.countHigh);
    return p;
  }
  default: return p;
  }
}

namespace {

/// A record whose operands of cycle 1 are kept and whose later reads are in the calendar.
uint8_t holdOperands(Pipeline &c, const MicroOp &op) {
  uint8_t index;
  Record &r = c.newRecord(op, index);
  for (unsigned i = 0; i < op.inputCount; ++i) {
    r.in[i] = op.in[i];
    if (op.inputs[i].cycle == 1) c.capture(r, i);
  }
  for (uint32_t left = op.lateCycles; left != 0; left &= left - 1)
    c.scheduleLate(index, static_cast<unsigned>(std::countr_zero(left)));
  return index;
}

void issueCompute(Pipeline &c, const MicroOp &op) { c.runKernel(op, op.in, 1); }
/// The common scalar form: one result, in cycle 1.
void issueScalar(Pipeline &c, const MicroOp &op) {
  void *out = Pipeline::allocateScalar(c.slotAt(1), op.outputs[0]);
  op.kernel(op.in, &out);
}
void issueLate(Pipeline &c, const MicroOp &op) { holdOperands(c, op); }
void issuePointer(Pipeline &c, const MicroOp &op) { c.address(op); }

void issueLoad(Pipeline &c, const MicroOp &op) {
  ++c.stats.loads;
  uint8_t index;
  if (op.plainLoad)
    c.newRecord(op, index);
  else
    index = holdOperands(c, op);
  Pipeline::setAddress(c.recordAt(index), c.address(op));
  c.scheduleLoad(index, op.memoryCycle);
}

void issueGather(Pipeline &c, const MicroOp &op) {
  ++c.stats.loads;
  uint8_t index;
  Record &r = c.newRecord(op, index);
  const auto *addresses = lanes<uint32_t>(op.in[1]) + (op.semantics->highHalf ? 4 : 0);
  // Odd lookups go to the other half of the bank pair.
  for (unsigned i = 0; i < 4; ++i)
    r.gather[i] = ((addresses[i] & ~(op.bytes - 1U)) | (i % 2 != 0 ? 0x10 : 0)) & kAddressMask;
  r.address = r.gather[0];
  r.gathers = true;
  r.banks = 0; // each part of `gather` has its own
  c.scheduleLoad(index, op.memoryCycle);
}

void issueStore(Pipeline &c, const MicroOp &op) {
  ++c.stats.stores;
  uint8_t index;
  Record &r = c.newRecord(op, index);
  Pipeline::setAddress(r, c.address(op));
  void *out[kMaxOutputs + 1] = {r.captured};
  for (unsigned i = 0; i < op.outputCount; ++i) out[i + 1] = c.allocate(op.outputs[i], 1);
  op.kernel(op.in, out);
  c.scheduleStore(index, op.memoryCycle);
}

void issueStoreSubWord(Pipeline &c, const MicroOp &op) {
  ++c.stats.stores;
  uint8_t index;
  Record &r = c.newRecord(op, index);
  Pipeline::setAddress(r, c.address(op));
  c.scheduleLoad(index, op.memoryCycle);
  c.scheduleLate(index, op.lastUse);
  c.scheduleStore(index, op.writeBackCycle);
}

void issueJump(Pipeline &c, const MicroOp &op) { c.branch(op, word(op.in[0])); }
void issueCall(Pipeline &c, const MicroOp &op) {
  c.branch(op, word(op.in[0]));
  c.write(op.outputs[0], c.returnAddress(op));
}
void issueJumpIfZero(Pipeline &c, const MicroOp &op) {
  if (word(op.in[0]) == 0) c.branch(op, word(op.in[1]));
}
void issueJumpIfNotZero(Pipeline &c, const MicroOp &op) {
  if (word(op.in[0]) != 0) c.branch(op, word(op.in[1]));
}
/// Counts down; the carry is that of subtracting one.
void issueJumpDecrement(Pipeline &c, const MicroOp &op) {
  const uint32_t n = word(op.in[0]);
  if (n != 0) c.branch(op, word(op.in[1]));
  c.write(op.outputs[0], n - 1);
  c.write(op.outputs[1], n != 0 ? 1 : 0);
}

// Requests to the tile. The semaphore unit starts in cycle 2; stream and cascade inputs deliver
// with the timing of a load, so they are asked in the memory cycle.
constexpr unsigned kAskCycle = 2;

void issueLock(Pipeline &c, const MicroOp &op) {
  const Kind kind = op.semantics->kind;
  if ((kind == Kind::AcquireIf || kind == Kind::ReleaseIf) && word(op.in[2]) == 0) return;
  uint8_t index;
  Record &r = c.newRecord(op, index);
  r.gather[0] = word(op.in[0]);
  r.gather[1] = word(op.in[1]);
  c.scheduleAsk(index, kAskCycle);
}

void issueStreamRead(Pipeline &c, const MicroOp &op) {
  uint8_t index;
  c.newRecord(op, index);
  c.scheduleAsk(index, op.memoryCycle);
}

void issueStreamWrite(Pipeline &c, const MicroOp &op) {
  uint8_t index;
  Record &r = c.newRecord(op, index);
  const Semantics &s = *op.semantics;
  switch (s.word) {
  case StreamWord::Data: r.gather[0] = word(op.in[0]); break;
  case StreamWord::PacketHeader: {
    const uint32_t id = c.port.coreId();
    r.gather[0] = device::packetHeader(
        {static_cast<int>(id >> 16 & 127), static_cast<int>(id & 31)},
        static_cast<int>(word(op.in[1]) & 7), static_cast<int>(word(op.in[0]) & 31));
    break;
  }
  case StreamWord::ControlHeader:
    r.gather[0] = device::oddParity((word(op.in[0]) & kAddressMask) | (word(op.in[1]) & 3) << 20 |
                                    (word(op.in[2]) & 3) << 22 | (word(op.in[3]) & 31) << 24);
    break;
  }
  const unsigned last = op.inputCount - 1U;
  r.gather[1] = s.tlast || (s.tlastFromR28 && word(op.in[last]) != 0) ? 1 : 0;
  c.scheduleAsk(index, kAskCycle);
}

void issueCascadeRead(Pipeline &c, const MicroOp &op) {
  uint8_t index;
  c.newRecord(op, index);
  c.scheduleAsk(index, op.memoryCycle);
}
void issueCascadeWrite(Pipeline &c, const MicroOp &op) {
  uint8_t index;
  Record &r = c.newRecord(op, index);
  r.in[0] = op.in[0];
  c.capture(r, 0);
  c.scheduleAsk(index, kAskCycle);
}

void issueCounter(Pipeline &c, const MicroOp &op) {
  putLong(c.allocate(op.outputs[0], 1), c.port.timer());
}
void issueEvent(Pipeline &c, const MicroOp &op) { c.port.event(op.immediates[0]); }
void issueDone(Pipeline &c, const MicroOp &) { c.finish(); }

void issueNotSimulated(Pipeline &c, const MicroOp &op) {
  c.fault("not-simulated", &op,
          fmt::format("not simulated: {} ({})", isa::info(op.inst).name, op.semantics->reason));
}

} // namespace

Issue issueFunction(const MicroOp &op) {
  switch (op.semantics->kind) {
  case Kind::Nop: break;
  case Kind::Compute: {
    const bool scalar = op.outputCount == 1 && op.outputs[0].bytes == 4 && op.outputs[0].cycle == 1;
    return op.lastUse > 1 ? issueLate : scalar ? issueScalar : issueCompute;
  }
  case Kind::Pointer: return issuePointer;
  case Kind::Load:
  case Kind::LoadTile: return issueLoad;
  case Kind::Store:
  case Kind::StoreTile: return issueStore;
  case Kind::StoreSubWord: return issueStoreSubWord;
  case Kind::Gather: return issueGather;
  case Kind::Jump:
  case Kind::Return: return issueJump;
  case Kind::Call: return issueCall;
  case Kind::JumpIfZero: return issueJumpIfZero;
  case Kind::JumpIfNotZero: return issueJumpIfNotZero;
  case Kind::JumpDecrement: return issueJumpDecrement;
  case Kind::Acquire:
  case Kind::AcquireIf:
  case Kind::Release:
  case Kind::ReleaseIf: return issueLock;
  case Kind::StreamRead: return issueStreamRead;
  case Kind::StreamWrite: return issueStreamWrite;
  case Kind::CascadeRead: return issueCascadeRead;
  case Kind::CascadeWrite: return issueCascadeWrite;
  case Kind::Counter: return issueCounter;
  case Kind::Event: return issueEvent;
  case Kind::Done: return issueDone;
  case Kind::NotSimulated: break;
  }
  return issueNotSimulated;
}

} // namespace ashlar::emulator
