// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The steps that the planner strings together. Each reads all that it needs before it writes, and
// ends in a jump to the next one.
#include "emulator/core/steps.h"

#include "device/ports.h"
#include "emulator/core/kernel.h"
#include "emulator/core/pipeline.h"
#include "emulator/core/value/address.h"

namespace ashlar::emulator {

void endOfSteps(Pipeline &, const StepHead *) {}

namespace step {
namespace {

const Request &request(const StepHead *s) { return *static_cast<const Request *>(s->in()[0]); }
Request &requestTo(const StepHead *s) { return *static_cast<Request *>(s->out()[0]); }
uint32_t wordAt(const StepHead *s, unsigned i) { return word(s->in()[i]); }

template <unsigned N> void copyFixed(const StepHead *s) { std::memcpy(s->out()[0], s->in()[0], N); }

/// Pointers without an access only move.
void access(const StepHead *s, uint32_t address) {
  if (auto *r = static_cast<Request *>(s->out()[0])) r->address = address;
}

/// The places of a sub-word store in the word around it.
unsigned placeInWord(const Request &r, const MicroOp &op) {
  return r.address & 3 & ~(op.bytes - 1U);
}

Dimension load(const uint32_t *const (&d)[4]) { return {*d[0], *d[1], *d[2], *d[3]}; }

} // namespace

void kernel(Pipeline &p, const StepHead *s) {
  if (const char *reason = s->op->kernel(s->in(), s->out()); reason != nullptr) [[unlikely]]
    p.notSimulated(*s->op, reason);
  ASHLAR_NEXT_STEP(p, s);
}

void refuse(Pipeline &p, const StepHead &s, const char *reason) { p.notSimulated(*s.op, reason); }

#define COPY(name, bytes)                                                                          \
  void name(Pipeline &p, const StepHead *s) {                                                      \
    copyFixed<bytes>(s);                                                                           \
    ASHLAR_NEXT_STEP(p, s);                                                                        \
  }
COPY(copyWord, 4)
COPY(copyPair, 8)
COPY(copy16, 16)
COPY(copy32, 32)
COPY(copy64, 64)
COPY(copy128, 128)
#undef COPY
void copy32Twice(Pipeline &p, const StepHead *s) {
  for (unsigned i = 0; i < 2; ++i) std::memcpy(s->out()[i], s->in()[i], 32);
  ASHLAR_NEXT_STEP(p, s);
}
void copy32FourTimes(Pipeline &p, const StepHead *s) {
  for (unsigned i = 0; i < 4; ++i) std::memcpy(s->out()[i], s->in()[i], 32);
  ASHLAR_NEXT_STEP(p, s);
}
void copyBytes(Pipeline &p, const StepHead *s) {
  std::memcpy(s->out()[0], s->in()[0], static_cast<size_t>(s->extra));
  ASHLAR_NEXT_STEP(p, s);
}
void copyMasked(Pipeline &p, const StepHead *s) {
  put(s->out()[0], wordAt(s, 0) & static_cast<uint32_t>(s->extra));
  ASHLAR_NEXT_STEP(p, s);
}
void copySticky(Pipeline &p, const StepHead *s) {
  put(s->out()[0], word(s->out()[0]) | (wordAt(s, 0) & static_cast<uint32_t>(s->extra)));
  ASHLAR_NEXT_STEP(p, s);
}
void copyAnswered(Pipeline &p, const StepHead *s) {
  if (const auto *r = static_cast<const Request *>(s->in()[1]);
      (r->answered & static_cast<uint32_t>(s->extra) >> 16) != 0)
    std::memcpy(s->out()[0], s->in()[0], static_cast<size_t>(s->extra & 0xFFFF));
  ASHLAR_NEXT_STEP(p, s);
}

// ---- addresses

void addressPlain(Pipeline &p, const StepHead *s) {
  access(s, wordAt(s, 0));
  ASHLAR_NEXT_STEP(p, s);
}
void addressOffset(Pipeline &p, const StepHead *s) {
  access(s, advance(wordAt(s, 0), static_cast<uint32_t>(s->extra)));
  ASHLAR_NEXT_STEP(p, s);
}
void addressIndexed(Pipeline &p, const StepHead *s) {
  access(s, advance(wordAt(s, 0), wordAt(s, 1)));
  ASHLAR_NEXT_STEP(p, s);
}
void addressPostOffset(Pipeline &p, const StepHead *s) {
  const uint32_t at = wordAt(s, 0);
  access(s, at);
  put(s->out()[1], advance(at, static_cast<uint32_t>(s->extra)));
  ASHLAR_NEXT_STEP(p, s);
}
void addressPostIndex(Pipeline &p, const StepHead *s) {
  const uint32_t at = wordAt(s, 0), by = wordAt(s, 1);
  access(s, at);
  put(s->out()[1], advance(at, by));
  ASHLAR_NEXT_STEP(p, s);
}
void address2D(Pipeline &p, const StepHead *s) {
  const uint32_t at = *s->op->pointer;
  const Step2 next = advance2(at, load(s->op->low));
  access(s, at);
  put(s->out()[1], next.pointer);
  put(s->out()[2], next.count);
  ASHLAR_NEXT_STEP(p, s);
}
void address3D(Pipeline &p, const StepHead *s) {
  const uint32_t at = *s->op->pointer;
  const Step3 next = advance3(at, load(s->op->low), load(s->op->high));
  access(s, at);
  put(s->out()[1], next.pointer);
  put(s->out()[2], next.countLow);
  put(s->out()[3], next.countHigh);
  ASHLAR_NEXT_STEP(p, s);
}
void addressGather(Pipeline &p, const StepHead *s) {
  Request &r = requestTo(s);
  const auto *addresses = lanes<uint32_t>(s->in()[0]) + (s->op->semantics->highHalf ? 4 : 0);
  // Odd lookups go to the other half of the bank pair.
  for (unsigned i = 0; i < 4; ++i)
    r.gather[i] = ((addresses[i] & ~(s->op->bytes - 1U)) | (i % 2 != 0 ? 0x10 : 0)) & kAddressMask;
  r.address = r.gather[0];
  ASHLAR_NEXT_STEP(p, s);
}

// ---- memory

// Words and vectors, the most frequent, have a short way for what is usual.

void loadData(Pipeline &p, const StepHead *s) {
  if (const uint8_t *from = p.memory(*s->op, request(s).address, s->op->bytes))
    std::memcpy(s->out()[0], from, s->op->bytes);
  ASHLAR_NEXT_STEP(p, s);
}
void loadWord(Pipeline &p, const StepHead *s) {
  const uint8_t *from = p.simply(request(s).address, 4);
  if (from == nullptr) [[unlikely]]
    [[clang::musttail]] return loadData(p, s);
  std::memcpy(s->out()[0], from, 4);
  ASHLAR_NEXT_STEP(p, s);
}
void load32(Pipeline &p, const StepHead *s) {
  const uint8_t *from = p.simply(request(s).address, 32);
  if (from == nullptr) [[unlikely]]
    [[clang::musttail]] return loadData(p, s);
  std::memcpy(s->out()[0], from, 32);
  ASHLAR_NEXT_STEP(p, s);
}
void load32TwiceSlowly(Pipeline &p, const StepHead *s) {
  for (unsigned i = 0; i < 2; ++i)
    if (const uint8_t *from =
            p.memory(*s->op, static_cast<const Request *>(s->in()[i])->address, 32))
      std::memcpy(s->out()[i], from, 32);
  ASHLAR_NEXT_STEP(p, s);
}
void load32Twice(Pipeline &p, const StepHead *s) {
  const uint8_t *a = p.simply(request(s).address, 32);
  const uint8_t *b = p.simply(static_cast<const Request *>(s->in()[1])->address, 32);
  if (a == nullptr || b == nullptr) [[unlikely]]
    [[clang::musttail]] return load32TwiceSlowly(p, s);
  std::memcpy(s->out()[0], a, 32);
  std::memcpy(s->out()[1], b, 32);
  ASHLAR_NEXT_STEP(p, s);
}
void loadKernel(Pipeline &p, const StepHead *s) {
  const MicroOp &op = *s->op;
  if (const uint8_t *from = p.memory(op, request(s).address, op.bytes)) [[likely]] {
    const void *in[kMaxInputs] = {from};
    for (unsigned i = 1; i < op.inputCount; ++i) in[i] = s->in()[i];
    if (const char *reason = op.kernel(in, s->out()); reason != nullptr) p.notSimulated(op, reason);
  }
  ASHLAR_NEXT_STEP(p, s);
}
void loadAround(Pipeline &p, const StepHead *s) {
  const Request &r = request(s);
  if (const uint8_t *from = p.memory(*s->op, r.address, s->op->bytes))
    std::memcpy(s->out()[0], from - placeInWord(r, *s->op), 4);
  ASHLAR_NEXT_STEP(p, s);
}
void loadTile(Pipeline &p, const StepHead *s) {
  uint32_t value = 0;
  if (p.port.busRead(request(s).address, value) != Answer::Granted)
    p.fault("no-register", s->op,
            fmt::format("the processor bus has no register at {:#x}", request(s).address),
            "the bus has to be enabled in Core_Processor_Bus");
  put(s->out()[0], value);
  ASHLAR_NEXT_STEP(p, s);
}
void loadGather(Pipeline &p, const StepHead *s) {
  const Request &r = request(s);
  auto *to = static_cast<uint8_t *>(s->out()[0]);
  for (unsigned i = 0; i < 4; ++i) {
    const uint8_t *from = p.memory(*s->op, r.gather[i], 4);
    if (from == nullptr) break;
    // Eight bytes, of which those beyond the end of the memory read as zero.
    const size_t left = 0x10000 - (r.gather[i] & 0xFFFC);
    std::memset(to + 8 * i, 0, 8);
    std::memcpy(to + 8 * i, from, std::min<size_t>(8, left));
  }
  ASHLAR_NEXT_STEP(p, s);
}
void mergeSubWord(Pipeline &p, const StepHead *s) {
  std::memcpy(static_cast<uint8_t *>(s->out()[0]) + placeInWord(request(s), *s->op), s->in()[1],
              s->op->bytes);
  ASHLAR_NEXT_STEP(p, s);
}
void storeBytes(Pipeline &p, const StepHead *s) {
  if (uint8_t *to = p.memory(*s->op, request(s).address, s->op->bytes, true))
    std::memcpy(to, s->in()[1], s->op->bytes);
  ASHLAR_NEXT_STEP(p, s);
}
void storeWord(Pipeline &p, const StepHead *s) {
  uint8_t *to = p.simplyToWrite(request(s).address, 4);
  if (to == nullptr) [[unlikely]]
    [[clang::musttail]] return storeBytes(p, s);
  std::memcpy(to, s->in()[1], 4);
  ASHLAR_NEXT_STEP(p, s);
}
void store32(Pipeline &p, const StepHead *s) {
  uint8_t *to = p.simplyToWrite(request(s).address, 32);
  if (to == nullptr) [[unlikely]]
    [[clang::musttail]] return storeBytes(p, s);
  std::memcpy(to, s->in()[1], 32);
  ASHLAR_NEXT_STEP(p, s);
}
void storeSubWord(Pipeline &p, const StepHead *s) {
  const Request &r = request(s);
  if (uint8_t *to = p.memory(*s->op, r.address, s->op->bytes, true))
    std::memcpy(to - placeInWord(r, *s->op), s->in()[1], 4);
  ASHLAR_NEXT_STEP(p, s);
}
void storeTile(Pipeline &p, const StepHead *s) {
  if (p.port.busWrite(request(s).address, wordAt(s, 1)) != Answer::Granted)
    p.fault("no-register", s->op,
            fmt::format("the processor bus has no register at {:#x}", request(s).address),
            "the bus has to be enabled in Core_Processor_Bus");
  ASHLAR_NEXT_STEP(p, s);
}

// ---- control, and requests to the tile

void jump(Pipeline &p, const StepHead *s) {
  p.branch(*s->op, wordAt(s, 0));
  ASHLAR_NEXT_STEP(p, s);
}
void jumpIfZero(Pipeline &p, const StepHead *s) {
  if (wordAt(s, 0) == 0) p.branch(*s->op, wordAt(s, 1));
  ASHLAR_NEXT_STEP(p, s);
}
void jumpIfNotZero(Pipeline &p, const StepHead *s) {
  if (wordAt(s, 0) != 0) p.branch(*s->op, wordAt(s, 1));
  ASHLAR_NEXT_STEP(p, s);
}
void jumpDecrement(Pipeline &p, const StepHead *s) {
  const uint32_t n = wordAt(s, 0);
  if (n != 0) p.branch(*s->op, wordAt(s, 1));
  put(s->out()[0], n - 1);
  put(s->out()[1], n != 0 ? 1 : 0);
  ASHLAR_NEXT_STEP(p, s);
}
void constant(Pipeline &p, const StepHead *s) {
  put(s->out()[0], static_cast<uint32_t>(s->extra));
  ASHLAR_NEXT_STEP(p, s);
}

void askLock(Pipeline &p, const StepHead *s) {
  Request &r = requestTo(s);
  const Kind kind = s->op->semantics->kind;
  r.wanted = (kind != Kind::AcquireIf && kind != Kind::ReleaseIf) || wordAt(s, 2) != 0;
  r.answered = 0;
  r.gather[0] = wordAt(s, 0);
  r.gather[1] = wordAt(s, 1);
  ASHLAR_NEXT_STEP(p, s);
}
void askStreamRead(Pipeline &p, const StepHead *s) {
  requestTo(s).wanted = true;
  requestTo(s).answered = 0;
  ASHLAR_NEXT_STEP(p, s);
}
void askStreamWrite(Pipeline &p, const StepHead *s) {
  Request &r = requestTo(s);
  const Semantics &m = *s->op->semantics;
  r.wanted = true;
  r.answered = 0;
  switch (m.word) {
  case StreamWord::Data: r.gather[0] = wordAt(s, 0); break;
  case StreamWord::PacketHeader: {
    const uint32_t id = p.port.coreId();
    r.gather[0] = device::packetHeader(
        {static_cast<int>(id >> 16 & 127), static_cast<int>(id & 31)},
        static_cast<int>(wordAt(s, 1) & 7), static_cast<int>(wordAt(s, 0) & 31));
    break;
  }
  case StreamWord::ControlHeader:
    r.gather[0] = device::oddParity((wordAt(s, 0) & kAddressMask) | (wordAt(s, 1) & 3) << 20 |
                                    (wordAt(s, 2) & 3) << 22 | (wordAt(s, 3) & 31) << 24);
    break;
  }
  const unsigned last = s->op->inputCount - 1U;
  r.gather[1] = m.tlast || (m.tlastFromR28 && wordAt(s, last) != 0) ? 1 : 0;
  ASHLAR_NEXT_STEP(p, s);
}

void counter(Pipeline &p, const StepHead *s) {
  putLong(s->out()[0], p.port.timer());
  ASHLAR_NEXT_STEP(p, s);
}
void event(Pipeline &p, const StepHead *s) {
  p.port.event(s->op->immediates[0]);
  ASHLAR_NEXT_STEP(p, s);
}
void done(Pipeline &p, const StepHead *s) {
  p.finish();
  ASHLAR_NEXT_STEP(p, s);
}
void notSimulated(Pipeline &p, const StepHead *s) {
  p.notSimulated(*s->op, s->op->semantics->reason);
  ASHLAR_NEXT_STEP(p, s);
}

} // namespace step
} // namespace ashlar::emulator
