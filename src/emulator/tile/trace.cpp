// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Trace frames and packets.
#include "emulator/tile/trace.h"

#include "emulator/tile/tile.h"

#include <bit>

namespace ashlar::emulator {

namespace {
constexpr size_t kPacketBytes = 28; ///< seven words after the header
constexpr uint8_t kFiller = 0xFE, kStart = 0xF0, kSync = 0xDF;
constexpr uint64_t kLongest = 0x3FFFF; ///< the largest distance of one frame, and of one sync
constexpr size_t kMostWords = 4096;    ///< trace that nobody takes is dropped
} // namespace

void TraceUnit::byte(uint8_t b) {
  bytes_.push_back(b);
  if (bytes_.size() == kPacketBytes) flush();
}

void TraceUnit::flush() {
  if (bytes_.empty()) return;
  bytes_.resize(kPacketBytes, kFiller);
  if (out_.size() < kMostWords) {
    out_.push_back({device::packetHeader(tile_.id(), type_, id_), false});
    for (size_t i = 0; i < kPacketBytes; i += 4)
      out_.push_back({static_cast<uint32_t>(bytes_[i]) << 24 |
                          static_cast<uint32_t>(bytes_[i + 1]) << 16 |
                          static_cast<uint32_t>(bytes_[i + 2]) << 8 | bytes_[i + 3],
                      i + 4 == kPacketBytes});
  }
  bytes_.clear();
  tile_.scheduler().wake(*this, tile_.scheduler().now() + 1);
}

void TraceUnit::begin(uint64_t timer, uint64_t now) {
  running_ = true;
  levels_ = pulses_ = shown_ = 0;
  shownLevel_ = false;
  last_ = now;
  byte(kStart);
  for (int i = 6; i >= 0; --i) byte(static_cast<uint8_t>(timer >> (8 * i)));
}

void TraceUnit::end() {
  running_ = false;
  flush();
}

void TraceUnit::frame(uint64_t cycle, uint32_t mask) {
  uint64_t delta = cycle > last_ ? cycle - last_ - 1 : 0;
  while (delta > kLongest) {
    byte(kSync);
    delta -= kLongest;
  }
  last_ = cycle;
  const uint8_t low = static_cast<uint8_t>(delta), middle = static_cast<uint8_t>(delta >> 8);
  if (std::popcount(mask) == 1) {
    const uint8_t e = static_cast<uint8_t>(std::countr_zero(mask));
    if (delta < 16) {
      byte(static_cast<uint8_t>(e << 4 | low));
    } else if (delta < 1024) {
      byte(static_cast<uint8_t>(0x80 | e << 2 | middle));
      byte(low);
    } else {
      byte(static_cast<uint8_t>(0xA0 | e << 2 | (delta >> 16)));
      byte(middle);
      byte(low);
    }
    return;
  }
  if (delta < 16) {
    byte(static_cast<uint8_t>(0xC0 | mask >> 4));
    byte(static_cast<uint8_t>((mask & 15) << 4 | low));
  } else if (delta < 1024) {
    byte(static_cast<uint8_t>(0xD0 | mask >> 6));
    byte(static_cast<uint8_t>((mask & 63) << 2 | middle));
    byte(low);
  } else {
    byte(static_cast<uint8_t>(0xD4 | mask >> 6));
    byte(static_cast<uint8_t>((mask & 63) << 2 | (delta >> 16)));
    byte(middle);
    byte(low);
  }
}

void TraceUnit::event(int number, bool on, bool pulse, uint64_t timer) {
  if (!configured()) return;
  const uint64_t now = tile_.scheduler().now();
  if (cycle_ != kNever && cycle_ < now) step(now);
  if (on && number == start_ && !running_) begin(timer, now);
  uint32_t bits = 0;
  for (size_t i = 0; i < events_.size(); ++i)
    if (events_[i] == number && number) bits |= 1u << i;
  if (running_ && bits) {
    if (pulse)
      pulses_ |= bits;
    else if (on)
      levels_ |= bits;
    else
      levels_ &= ~bits;
    cycle_ = now;
    tile_.scheduler().wake(*this, now + 1);
  }
  if (on && number == stop_ && running_ && stop_) {
    if (cycle_ != kNever) {
      frame(cycle_, levels_ | pulses_);
      cycle_ = kNever;
    }
    end();
  }
}

uint64_t TraceUnit::step(uint64_t now) {
  if (running_ && cycle_ != kNever && cycle_ < now) {
    const uint32_t mask = levels_ | pulses_;
    if (pulses_ || mask != shown_) {
      if (mask || shownLevel_) frame(cycle_, mask);
      shown_ = mask;
      shownLevel_ = levels_ != 0;
    }
    // A pulse beside a level ends in the next cycle, where the level alone is seen.
    const bool again = pulses_ && levels_;
    pulses_ = 0;
    cycle_ = again ? cycle_ + 1 : kNever;
    if (again && cycle_ < now) return step(now);
    if (again) tile_.scheduler().wake(*this, now + 1);
  }
  if (out_.empty()) return kNever;
  OutPort &port = tile_.output({device::PortBundle::Trace, port_});
  if (!port.connected()) {
    out_.clear();
    return kNever;
  }
  if (port.room() == 0) {
    port.waitForRoom(*this);
    return kNever;
  }
  port.push(out_.front(), now);
  port.notify();
  out_.pop_front();
  return out_.empty() ? kNever : now + 1;
}

} // namespace ashlar::emulator
