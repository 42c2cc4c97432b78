// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The JSON of a trace is written by hand: traces are large and flat.
#include "cli/trace_json.h"

#include <fmt/format.h>
#include <iterator>
#include <nlohmann/json.hpp>
#include <set>

namespace ashlar::cli {

using emulator::NameTable;
using emulator::Timeline;

namespace {

std::string jsonText(const std::string &text) { return nlohmann::json(text).dump(); }
int process(device::TileId t) { return 1 + t.col * device::kRows + t.row; }

/// "S2MM 0 of_in": the channel with what the design calls it.
std::string trackTitle(const Timeline::Track &t, const NameTable &names) {
  for (const auto &[key, named] : names.channels) {
    const auto &[tile, direction, channel] = key;
    if (tile == t.tile &&
        t.name == fmt::format("{} {}", device::dmaDirectionName(direction), channel))
      return fmt::format("{} {}", t.name, named.name);
  }
  return t.name;
}

} // namespace

std::string traceJson(const Timeline &timeline, const NameTable &names) {
  std::string out = "{\"displayTimeUnit\":\"ns\",\"traceEvents\":[\n";
  auto at = std::back_inserter(out);
  bool first = true;
  const auto comma = [&] {
    if (!first) out += ",\n";
    first = false;
  };
  const auto time = [](uint64_t cycle) {
    return fmt::format("{}.{:03}", cycle / 1000, cycle % 1000);
  };
  std::set<device::TileId> tiles;
  for (const auto &t : timeline.tracks()) tiles.insert(t.tile);
  for (const auto &c : timeline.counters()) tiles.insert(c.tile);
  for (const device::TileId t : tiles) {
    comma();
    fmt::format_to(
        at, "{{\"ph\":\"M\",\"name\":\"process_name\",\"pid\":{},\"args\":{{\"name\":{}}}}}",
        process(t),
        jsonText(fmt::format("{} {}", device::tileKindName(device::tileKind(t)), t.str())));
  }
  std::vector<std::string> quotedNames;
  for (const std::string &n : timeline.names()) quotedNames.push_back(jsonText(n));
  int thread = 0;
  for (const auto &t : timeline.tracks()) {
    ++thread;
    comma();
    fmt::format_to(
        at,
        "{{\"ph\":\"M\",\"name\":\"thread_name\",\"pid\":{},\"tid\":{},\"args\":{{\"name\":{}}}}}",
        process(t.tile), thread, jsonText(trackTitle(t, names)));
    for (const auto &s : t.spans) {
      comma();
      fmt::format_to(at, "{{\"ph\":\"X\",\"name\":{},\"pid\":{},\"tid\":{},\"ts\":{},\"dur\":{}}}",
                     quotedNames[s.name], process(t.tile), thread, time(s.start),
                     time(s.end - s.start));
    }
  }
  for (const auto &c : timeline.counters()) {
    std::string title = c.name;
    for (const auto &[key, named] : names.locks)
      if (key.first == c.tile && c.name == fmt::format("lock {}", key.second)) title = named.name;
    const std::string name = jsonText(title);
    for (const auto &s : c.samples) {
      comma();
      fmt::format_to(at,
                     "{{\"ph\":\"C\",\"name\":{},\"pid\":{},\"ts\":{},\"args\":{{\"value\":{}}}}}",
                     name, process(c.tile), time(s.cycle), s.value);
    }
  }
  out += "\n]}\n";
  return out;
}

} // namespace ashlar::cli
