// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Executing an instruction stream.
#include "emulator/array/controller.h"

#include "device/timing.h"

#include <algorithm>
#include <fmt/format.h>

namespace ashlar::emulator {

namespace timing = device::timing;
namespace reg = device::reg;
using device::DmaDirection;

uint64_t TokenSink::step(uint64_t now) {
  Link *in = shim_.input({device::PortBundle::South, 0});
  if (!in) return kNever;
  if (!in->arrived(now, 1)) return in->readyAt();
  const StreamWord w = in->pop(now);
  if (const auto t = Tile::readToken(w.data)) controller_.token(*t);
  shim_.fabric().progress();
  return now + 1;
}

void Controller::start(std::vector<ControllerOp> ops, std::vector<uint64_t> arguments) {
  ops_ = std::move(ops);
  arguments_ = std::move(arguments);
  next_ = 0;
  gate_ = 0;
  busy_ = 0;
  polling_ = false;
  fullQueue_ = nullptr;
  busyUntil_ = 0;
  fabric_.scheduler.wake(*this, fabric_.scheduler.now() + 1);
}

void Controller::token(Tile::Token t) {
  tokens_.push_back(t);
  fabric_.scheduler.wake(*this, fabric_.scheduler.now() + 1);
}

void Controller::queueMoved() {
  if (fullQueue_) fabric_.scheduler.wake(*this, fabric_.scheduler.now() + 1);
}

Tile *Controller::target(uint32_t address, uint64_t offset) {
  const device::TileId id = device::tileOfAddress(address);
  Tile *t = fabric_.tile(id);
  if (!t)
    fabric_.fault(error("stream-address", {},
                        fmt::format("the instruction stream accesses tile {} (operation at byte "
                                    "0x{:X}), which is outside the partition",
                                    id.str(), offset)));
  return t;
}

DmaChannel *Controller::queueOf(uint32_t address) {
  Tile *t = fabric_.tile(device::tileOfAddress(address));
  if (!t) return nullptr;
  const uint32_t offset = device::offsetOfAddress(address);
  for (DmaDirection d : {DmaDirection::S2MM, DmaDirection::MM2S})
    for (int c = 0; c < device::dmaChannels(t->kind()); ++c)
      if (offset == reg::dmaQueue(t->kind(), d, c)) return &t->channel(d, c);
  return nullptr;
}

std::vector<Tile::Token> Controller::missing() const {
  std::vector<Tile::Token> out;
  const ControllerOp *op = current();
  const SyncOp *s = op ? std::get_if<SyncOp>(&op->op) : nullptr;
  if (!s) return out;
  for (int c = s->column; c < s->column + s->columns; ++c)
    for (int r = s->row; r < s->row + s->rows; ++r) {
      const Tile::Token t{{c, r}, s->direction, s->channel};
      if (std::find(tokens_.begin(), tokens_.end(), t) == tokens_.end()) out.push_back(t);
    }
  return out;
}

bool Controller::sync(const SyncOp &s) {
  if (!missing().empty()) return false;
  for (int c = s.column; c < s.column + s.columns; ++c)
    for (int r = s.row; r < s.row + s.rows; ++r)
      tokens_.erase(
          std::find(tokens_.begin(), tokens_.end(), Tile::Token{{c, r}, s.direction, s.channel}));
  return true;
}

uint64_t Controller::step(uint64_t now) {
  if (done()) return kNever;
  if (now < busyUntil_) return busyUntil_;
  const ControllerOp &o = ops_[next_];
  uint64_t cost = 1;
  if (const auto *w = std::get_if<WriteOp>(&o.op)) {
    if (DmaChannel *channel = queueOf(w->address)) {
      if (now < gate_) return gate_;
      fullQueue_ = channel->queueFull() ? channel : nullptr;
      if (fullQueue_) return kNever;
      gate_ = now + timing::kDispatchGate;
    }
    Tile *t = target(w->address, o.offset);
    if (!t) return kNever;
    t->write32(device::offsetOfAddress(w->address), w->value);
    cost = timing::kTxnWrite;
  } else if (const auto *m = std::get_if<MaskWriteOp>(&o.op)) {
    Tile *t = target(m->address, o.offset);
    if (!t) return kNever;
    const uint32_t offset = device::offsetOfAddress(m->address);
    t->write32(offset, (t->read32(offset) & ~m->mask) | (m->value & m->mask));
    cost = timing::kTxnMaskWrite;
  } else if (const auto *b = std::get_if<BlockWriteOp>(&o.op)) {
    Tile *t = target(b->address, o.offset);
    if (!t) return kNever;
    t->writeBlock(device::offsetOfAddress(b->address), b->words);
    cost = timing::kTxnBlockWrite + timing::kTxnBlockWriteWord * b->words.size();
  } else if (const auto *f = std::get_if<BlockFillOp>(&o.op)) {
    Tile *t = target(f->address, o.offset);
    if (!t) return kNever;
    for (uint32_t i = 0; i < f->words; ++i)
      t->write32(device::offsetOfAddress(f->address) + 4 * i, f->value);
    cost = timing::kTxnBlockWrite + uint64_t{timing::kTxnBlockWriteWord} * f->words;
  } else if (const auto *p = std::get_if<PollOp>(&o.op)) {
    Tile *t = target(p->address, o.offset);
    if (!t) return kNever;
    polling_ = (t->read32(device::offsetOfAddress(p->address)) & p->mask) != p->value;
    if (polling_) return now + timing::kTxnPoll;
    cost = timing::kTxnPoll;
  } else if (const auto *d = std::get_if<DelayOp>(&o.op)) {
    cost = std::max<uint64_t>(d->cycles, 1);
  } else if (const auto *a = std::get_if<PatchOp>(&o.op)) {
    if (a->argument >= arguments_.size()) {
      fabric_.fault(error("argument-missing", {},
                          fmt::format("the instruction stream uses buffer argument {} (operation "
                                      "at byte 0x{:X}); the run has {}",
                                      a->argument, o.offset, arguments_.size()),
                          "give the argument a file or a size"));
      return kNever;
    }
    Tile *t = target(a->address, o.offset);
    if (!t) return kNever;
    const uint32_t offset = device::offsetOfAddress(a->address);
    const uint32_t high = t->read32(offset + 4);
    const uint64_t address = arguments_[a->argument] + a->offset;
    t->write32(offset, static_cast<uint32_t>(address));
    t->write32(offset + 4, (high & 0xFFFF0000u) | static_cast<uint32_t>(address >> 32 & 0xFFFF));
    cost = timing::kTxnWrite;
  } else if (const auto *s = std::get_if<SyncOp>(&o.op)) {
    if (!sync(*s)) return kNever; // a token wakes us
  }
  ++next_;
  busy_ += cost;
  busyUntil_ = now + cost;
  return busyUntil_;
}

} // namespace ashlar::emulator
