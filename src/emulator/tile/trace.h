// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The trace unit of a module, in event-time mode: up to eight events become a byte stream of frames
// (which events, how many cycles after the last frame), sent as packets of a header and seven words
// into the stream switch. Byte codes as the public trace decoders read them.
#pragma once

#include "emulator/tile/stream.h"

#include <array>
#include <deque>

namespace ashlar::emulator {

class Tile;

class TraceUnit : public Component {
public:
  TraceUnit(Tile &tile, int port) : tile_(tile), port_(port) {}

  void configure(int startEvent, int stopEvent, int mode) {
    start_ = startEvent;
    stop_ = stopEvent;
    mode_ = mode;
  }
  void packet(int type, int id) {
    type_ = type;
    id_ = id;
  }
  void slot(int index, int event) { events_[static_cast<size_t>(index)] = event; }
  bool configured() const { return start_ != 0; }
  bool running() const { return running_; }
  uint32_t status() const { return (running_ ? 1u : 0u) << 8 | static_cast<uint32_t>(mode_); }

  /// An event in the present cycle: pulses last one cycle, levels until told.
  void event(int number, bool on, bool pulse, uint64_t timer);
  uint64_t step(uint64_t now) override;

private:
  void begin(uint64_t timer, uint64_t now);
  void end();
  void frame(uint64_t cycle, uint32_t mask);
  void byte(uint8_t b);
  void flush();

  Tile &tile_;
  int port_;
  int start_ = 0, stop_ = 0, mode_ = 0, type_ = 0, id_ = 0;
  std::array<int, 8> events_{};
  bool running_ = false;
  uint32_t levels_ = 0, pulses_ = 0, shown_ = 0;
  bool shownLevel_ = false;
  uint64_t cycle_ = kNever; ///< the cycle that levels_ and pulses_ speak of
  uint64_t last_ = 0;       ///< cycle of the last frame
  std::vector<uint8_t> bytes_;
  std::deque<StreamWord> out_;
};

} // namespace ashlar::emulator
