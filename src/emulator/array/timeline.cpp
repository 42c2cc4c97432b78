// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Recording spans.
#include "emulator/array/timeline.h"

#include <algorithm>
#include <fmt/format.h>

namespace ashlar::emulator {

uint32_t Timeline::name(const std::string &text) {
  const auto [it, made] = nameIndex_.try_emplace(text, static_cast<uint32_t>(names_.size()));
  if (made) names_.push_back(text);
  return it->second;
}

uint32_t Timeline::track(device::TileId tile, const std::string &name) {
  const auto [it, made] =
      trackIndex_.try_emplace({tile, name}, static_cast<uint32_t>(tracks_.size()));
  if (made) {
    Track t;
    t.tile = tile;
    t.name = name;
    tracks_.push_back(std::move(t));
  }
  return it->second;
}

bool Timeline::room() {
  if (kept_ < kMostSpans) {
    ++kept_;
    return true;
  }
  full_ = true;
  return false;
}

void Timeline::show(uint32_t track, uint32_t name, uint64_t cycle) {
  Track &t = tracks_[track];
  if (t.current == name) return;
  if (t.current && cycle > t.since && room()) t.spans.push_back({t.since, cycle, t.current});
  t.current = name;
  t.since = cycle;
}

void Timeline::lock(device::TileId tile, int id, int value, uint64_t cycle) {
  const auto [it, made] = lockIndex_.try_emplace({tile, id}, counters_.size());
  if (made) counters_.push_back({tile, "lock " + std::to_string(id), {}});
  std::vector<Sample> &s = counters_[it->second].samples;
  if (!s.empty() && s.back().value == value) return;
  if (room()) s.push_back({cycle, value});
}

void Timeline::setFunctions(device::TileId tile, std::vector<Function> functions) {
  Program p;
  std::sort(functions.begin(), functions.end(),
            [](const Function &a, const Function &b) { return a.address < b.address; });
  for (const Function &f : functions) p.names.push_back(name(f.name));
  p.functions = std::move(functions);
  p.track = track(tile, "functions");
  programs_[tile] = std::move(p);
}

void Timeline::enter(Program &p, uint32_t pc, uint64_t cycle) {
  const auto it = std::upper_bound(p.functions.begin(), p.functions.end(), pc,
                                   [](uint32_t a, const Function &f) { return a < f.address; });
  const size_t i = static_cast<size_t>(it - p.functions.begin());
  const bool inside = i && pc - p.functions[i - 1].address < p.functions[i - 1].size;
  p.current = inside ? i - 1 : ~size_t{0};
  show(p.track, inside ? p.names[p.current] : 0, cycle);
}

void Timeline::finish(uint64_t cycle) {
  for (uint32_t i = 0; i < tracks_.size(); ++i) show(i, 0, cycle);
  for (auto &[tile, p] : programs_) p.current = ~size_t{0};
  showPorts();
}

void Timeline::showPorts() {
  std::map<std::pair<device::TileId, std::string>, std::vector<Flow::Burst>> ports;
  for (const Flow &f : flows_)
    for (const PortStop &stop : f.stops) {
      std::vector<Flow::Burst> &bursts = ports[{stop.tile, stop.port}];
      for (const Flow::Burst &b : f.bursts) {
        const uint64_t delay = static_cast<uint64_t>(stop.delay);
        bursts.push_back({b.start + delay, b.end + delay, b.words});
      }
    }
  flows_.clear();
  for (auto &[port, bursts] : ports) {
    // The branches of a broadcast have the same words on the way that they share.
    std::stable_sort(bursts.begin(), bursts.end(),
                     [](const Flow::Burst &a, const Flow::Burst &b) { return a.start < b.start; });
    Track &t = tracks_[track(port.first, port.second)];
    for (const Flow::Burst &b : bursts)
      if ((t.spans.empty() || b.start >= t.spans.back().end) && room())
        t.spans.push_back({b.start, b.end, name(fmt::format("{} bytes", 4 * b.words))});
  }
}

} // namespace ashlar::emulator
