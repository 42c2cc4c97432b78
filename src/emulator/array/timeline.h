// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A record of a run: what each core, DMA channel, stream and lock did when. Kept as spans of
// cycles; written as a Chrome/Perfetto trace by report-side code. Nothing is recorded unless asked
// for.
#pragma once

#include "device/geometry.h"
#include "emulator/tile/flow.h"

#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <vector>

namespace ashlar::emulator {

class Timeline {
public:
  struct Function {
    uint32_t address = 0, size = 0;
    std::string name;
  };
  struct Span {
    uint64_t start = 0, end = 0;
    uint32_t name = 0; ///< index into names()
  };
  struct Track {
    device::TileId tile;
    std::string name; ///< "core", "S2MM 0", "functions", "in South0"
    std::vector<Span> spans;
    uint64_t since = 0;
    uint32_t current = 0; ///< index into names(), 0: nothing
  };
  struct Sample {
    uint64_t cycle = 0;
    int value = 0;
  };
  struct Counter {
    device::TileId tile;
    std::string name; ///< "lock 3"
    std::vector<Sample> samples;
  };

  Timeline() { names_.emplace_back(); }

  uint32_t name(const std::string &text);
  /// A track's index; made at first use.
  uint32_t track(device::TileId tile, const std::string &name);
  /// From `cycle` on the track shows `name` (0: nothing).
  void show(uint32_t track, uint32_t name, uint64_t cycle);
  void lock(device::TileId tile, int id, int value, uint64_t cycle);

  /// Functions of a core's program: the track "functions" shows which one runs.
  void setFunctions(device::TileId tile, std::vector<Function> functions);
  struct Program {
    std::vector<Function> functions; ///< by address
    std::vector<uint32_t> names;
    uint32_t track = 0;
    size_t current = ~size_t{0};
  };
  Program *programOf(device::TileId tile) {
    const auto it = programs_.find(tile);
    return it == programs_.end() ? nullptr : &it->second;
  }
  /// The bundle at `pc` is next, in this cycle.
  void pc(Program &program, uint32_t pc, uint64_t cycle) {
    if (program.current < program.functions.size()) {
      const Function &f = program.functions[program.current];
      if (pc >= f.address && pc - f.address < f.size) return;
    }
    enter(program, pc, cycle);
  }

  /// A stream through these switch ports; finish() makes their tracks.
  Flow *flow(const std::vector<PortStop> &stops) {
    flows_.push_back({stops, {}});
    return &flows_.back();
  }

  /// Ends what is open.
  void finish(uint64_t cycle);
  const std::vector<Track> &tracks() const { return tracks_; }
  const std::vector<Counter> &counters() const { return counters_; }
  const std::vector<std::string> &names() const { return names_; }
  bool full() const { return full_; }
  /// Spans and samples that are kept.
  static constexpr size_t kMostSpans = 4'000'000;

private:
  void enter(Program &program, uint32_t pc, uint64_t cycle);
  bool room();
  void showPorts();

  std::vector<Track> tracks_;
  std::vector<Counter> counters_;
  std::vector<std::string> names_;
  std::map<std::string, uint32_t> nameIndex_;
  std::map<std::pair<device::TileId, std::string>, uint32_t> trackIndex_;
  std::map<std::pair<device::TileId, int>, size_t> lockIndex_;
  std::map<device::TileId, Program> programs_;
  std::deque<Flow> flows_;
  size_t kept_ = 0;
  bool full_ = false;
};

} // namespace ashlar::emulator
