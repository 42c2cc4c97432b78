// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Trace buffers: each unit's frames, and its eight slots as spans for the timeline.
#include "cli/inspect.h"
#include "format/trace.h"

#include <array>

namespace ashlar::cli {

using Json = nlohmann::ordered_json;

namespace {
std::string unitName(const format::trace::Source &s) {
  static const char *const kTypes[] = {"core module", "memory module", "shim", "memtile"};
  return fmt::format("tile ({},{}) {}, packet id {}", s.column, s.row,
                     s.type < 4 ? kTypes[s.type] : fmt::format("type {}", s.type), s.id);
}
} // namespace

void inspectTrace(ByteView data, const std::string &name, const TraceNames &names, Inspection &out,
                  emulator::Timeline &timeline) {
  out.kind = "trace buffer";
  const auto result = format::trace::read(data, name, out.problems);
  const auto *sources = out.take(result);
  if (!sources) return;
  Json units = Json::array();
  uint64_t last = 0;
  for (const auto &s : *sources) {
    out.line("{}: {} frames", unitName(s), s.frames.size());
    Json frames = Json::array(), slots = Json::array();
    std::array<std::string, 8> events;
    uint8_t used = 0;
    for (const auto &f : s.frames) used |= f.events;
    for (int i = 0; i < 8; ++i) {
      events[static_cast<size_t>(i)] = names.event(s, i);
      slots.push_back(events[static_cast<size_t>(i)]);
    }
    size_t shown = 0;
    for (const auto &f : s.frames) {
      std::string on;
      for (size_t i = 0; i < 8; ++i) {
        const bool now = f.events >> i & 1;
        if (now) on += fmt::format("{}{}", on.empty() ? "" : ", ", events[i]);
        if (used >> i & 1)
          timeline.show(
              timeline.track({s.column, s.row}, fmt::format("type {} {}", s.type, events[i])),
              now ? timeline.name(events[i]) : 0, f.cycle);
      }
      if (++shown <= 40) out.line("  {:>12}  {}", f.cycle, on.empty() ? "-" : on);
      frames.push_back({f.cycle, f.events});
      last = std::max(last, f.cycle);
    }
    if (shown > 40) out.line("  ... {} more (--json, --html)", shown - 40);
    units.push_back({{"tile", {s.column, s.row}},
                     {"type", s.type},
                     {"id", s.id},
                     {"slots", slots},
                     {"frames", frames}});
  }
  timeline.finish(last + 1);
  out.json["units"] = units;
}

} // namespace ashlar::cli
