// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The page of `run`.
#include "report/page.h"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace ashlar::report {

using emulator::Timeline;

namespace {

/// A page with more stops being one that a browser opens at once.
constexpr size_t kMostSpans = 400'000;

/// As designs call it, else as the array does.
std::string trackTitle(const std::string &name, device::TileId tile,
                       const emulator::NameTable &names) {
  for (const auto &[key, named] : names.channels) {
    const auto &[t, direction, channel] = key;
    if (t == tile && name == fmt::format("{} {}", device::dmaDirectionName(direction), channel))
      return fmt::format("{}  {}", name, named.name);
  }
  for (const auto &[key, named] : names.locks)
    if (key.first == tile && name == fmt::format("lock {}", key.second))
      return fmt::format("{}  {}", name, named.name);
  return name;
}

bool isPort(const std::string &name) { return name.starts_with("in ") || name.starts_with("out "); }

int rank(const std::string &name) {
  static const char *const kOrder[] = {"core", "functions", "S2MM", "MM2S", "lock"};
  for (size_t i = 0; i < std::size(kOrder); ++i)
    if (name.starts_with(kOrder[i])) return static_cast<int>(i);
  return static_cast<int>(std::size(kOrder));
}

} // namespace

std::string timelineData(const Timeline &timeline, const emulator::NameTable &names) {
  struct Row {
    device::TileId tile;
    std::string name;
    const Timeline::Track *track = nullptr;
    const Timeline::Counter *counter = nullptr;
  };
  std::vector<Row> rows;
  uint64_t start = ~uint64_t{0}, end = 0;
  for (const auto &t : timeline.tracks())
    // Switch ports are many and say what their ends say: they are in the trace file.
    if (!t.spans.empty() && !isPort(t.name)) {
      rows.push_back({t.tile, t.name, &t, nullptr});
      start = std::min(start, t.spans.front().start);
      end = std::max(end, t.spans.back().end);
    }
  for (const auto &c : timeline.counters())
    if (!c.samples.empty()) rows.push_back({c.tile, c.name, nullptr, &c});
  if (start > end) start = 0;
  std::stable_sort(rows.begin(), rows.end(), [](const Row &a, const Row &b) {
    return std::tuple(a.tile, rank(a.name)) < std::tuple(b.tile, rank(b.name));
  });
  size_t kept = 0, all = 0;
  std::string out = fmt::format("{{\"end\":{},\"names\":[", end - start);
  for (size_t i = 0; i < timeline.names().size(); ++i)
    out += (i ? "," : "") + nlohmann::json(timeline.names()[i])
                                .dump(-1, ' ', true, nlohmann::json::error_handler_t::replace);
  out += "],\"tracks\":[";
  bool first = true;
  for (const Row &r : rows) {
    const std::string tile =
        fmt::format("{} {}", device::tileKindName(device::tileKind(r.tile)), r.tile.str());
    out += fmt::format("{}\n{{\"tile\":\"{}\",\"title\":{},", first ? "" : ",", tile,
                       nlohmann::json(trackTitle(r.name, r.tile, names)).dump());
    first = false;
    bool comma = false;
    if (r.track) {
      out += "\"spans\":[";
      for (const auto &s : r.track->spans) {
        if (++all > kMostSpans) continue;
        ++kept;
        out +=
            fmt::format("{}{},{},{}", comma ? "," : "", s.start - start, s.end - s.start, s.name);
        comma = true;
      }
    } else {
      int top = 0;
      for (const auto &s : r.counter->samples) top = std::max(top, s.value);
      out += fmt::format("\"top\":{},\"samples\":[", top);
      for (const auto &s : r.counter->samples) {
        out += fmt::format("{}{},{}", comma ? "," : "", std::max(s.cycle, start) - start, s.value);
        comma = true;
      }
    }
    out += "]}";
  }
  out += fmt::format("],\"left\":{}}}", all - kept);
  // The data stand in a script element: no tag may end it.
  for (size_t at = 0; (at = out.find("</", at)) != std::string::npos;) out.replace(at, 2, "<\\/");
  return out;
}

std::string runPage(const RunPage &page, const Timeline &timeline, const emulator::NameTable &names,
                    const analysis::ArrayView *view) {
  std::string out = pageHead("ashlar run: " + page.title);
  out += fmt::format("<h1>{}</h1>\n<p>{}</p>\n", htmlEscape(page.title), htmlEscape(page.summary));
  if (!page.messages.empty()) {
    out += "<div class=\"card bad\"><pre>";
    for (const std::string &m : page.messages) out += htmlEscape(m) + "\n";
    out += "</pre></div>\n";
  }
  out += "<h2>Timeline</h2>\n<div class=\"card\"><div id=\"timeline\"><canvas></canvas>"
         "<div id=\"tip\"></div></div>\n<div class=\"legend\">"
         "<span><i style=\"background:#52a56a\"></i>core runs</span>"
         "<span><i style=\"background:#4a8fe0\"></i>data move</span>"
         "<span><i style=\"background:#d9645f\"></i>waits for a lock</span>"
         "<span><i style=\"background:#b06fd0\"></i>waits for a stream</span>"
         "<span><i style=\"background:#e0b34a\"></i>memory bank busy</span>"
         "<span>wheel zooms, drag moves, double click shows all, a click on a tile folds it"
         "</span></div></div>\n";
  for (const Table &t : page.tables)
    if (!t.rows.empty()) out += "<div class=\"card\">" + htmlTable(t) + "</div>\n";
  if (view) out += "<h2>Array</h2>\n<div class=\"card\">\n" + arraySvg(*view) + "</div>\n";
  out += "<script type=\"application/json\" id=\"data\">" + timelineData(timeline, names) +
         "</script>\n<script>" + kTimelineScript + "</script>\n";
  return out + pageEnd();
}

} // namespace ashlar::report
