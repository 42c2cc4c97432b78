// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Recording spans.
#include "emulator/array/timeline.h"

#include <algorithm>

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
  p.cycles.resize(functions.size());
  p.functions = std::move(functions);
  p.track = track(tile, "functions");
  functions_[tile] = std::move(p);
}

void Timeline::pc(device::TileId tile, uint32_t pc, uint64_t cycle) {
  Program &p = functions_[tile];
  const auto inside = [&](size_t i) {
    return i < p.functions.size() && pc >= p.functions[i].address &&
           pc - p.functions[i].address < p.functions[i].size;
  };
  if (inside(p.current)) return;
  if (p.current < p.functions.size()) p.cycles[p.current] += cycle - p.since;
  const auto it = std::upper_bound(p.functions.begin(), p.functions.end(), pc,
                                   [](uint32_t a, const Function &f) { return a < f.address; });
  const size_t i = static_cast<size_t>(it - p.functions.begin());
  p.current = i && inside(i - 1) ? i - 1 : ~size_t{0};
  p.since = cycle;
  show(p.track, p.current < p.functions.size() ? p.names[p.current] : 0, cycle);
}

void Timeline::finish(uint64_t cycle) {
  for (uint32_t i = 0; i < tracks_.size(); ++i) show(i, 0, cycle);
  for (auto &[tile, p] : functions_) {
    if (p.current < p.functions.size()) p.cycles[p.current] += cycle - p.since;
    p.current = ~size_t{0};
  }
}

std::map<device::TileId, std::vector<Timeline::FunctionCycles>> Timeline::profile() const {
  std::map<device::TileId, std::vector<FunctionCycles>> out;
  for (const auto &[tile, p] : functions_) {
    std::vector<FunctionCycles> rows;
    for (size_t i = 0; i < p.functions.size(); ++i)
      if (p.cycles[i]) rows.push_back({p.functions[i].name, p.cycles[i]});
    std::stable_sort(
        rows.begin(), rows.end(),
        [](const FunctionCycles &a, const FunctionCycles &b) { return a.cycles > b.cycles; });
    if (!rows.empty()) out[tile] = std::move(rows);
  }
  return out;
}

} // namespace ashlar::emulator
