// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// All three forms are made from the same tables, so that they cannot say different things.
#include "cli/run_output.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <filesystem>

namespace ashlar::cli {

using Json = nlohmann::ordered_json;
using report::Table;

namespace {

std::string percent(uint64_t part, uint64_t all) {
  return all ? fmt::format("{:.1f}%", 100.0 * static_cast<double>(part) / static_cast<double>(all))
             : "";
}
const report::Profile::Core *profileOf(const report::Profile &p, device::TileId tile) {
  for (const auto &c : p.cores)
    if (c.tile == tile) return &c;
  return nullptr;
}
uint64_t stalls(const runtime::CoreStatistics &c) {
  return c.memoryStalls + c.lockStalls + c.streamStalls + c.cascadeStalls;
}

Table coreTable(const RunFacts &facts) {
  Table t{
      "Cores",
      {"core", "cycles", "busy", "bundles", "memory", "lock", "stream", "cascade", "MAC", "state"},
      {},
      "busy: cycles that issue a bundle; memory, lock, stream, cascade: cycles of waiting for it; "
      "MAC: bundles that multiply in the vector unit, of all cycles without waits for locks "
      "and streams"};
  for (const auto &c : facts.statistics.cores) {
    const auto *p = profileOf(facts.profile, c.tile);
    const uint64_t waits = stalls(c) - c.memoryStalls;
    t.rows.push_back({c.tile.str(), std::to_string(c.cycles),
                      percent(c.cycles - std::min(c.cycles, stalls(c)), c.cycles),
                      std::to_string(c.bundles), std::to_string(c.memoryStalls),
                      std::to_string(c.lockStalls), std::to_string(c.streamStalls),
                      std::to_string(c.cascadeStalls),
                      p ? percent(p->macs, c.cycles - std::min(c.cycles, waits)) : "", c.state});
  }
  return t;
}

Table channelTable(const RunFacts &facts) {
  Table t{"DMA channels",
          {"channel", "bytes", "BDs", "tasks", "lock", "stream", "bank"},
          {},
          "lock, stream, bank: cycles of waiting for it"};
  for (const auto &c : facts.statistics.channels)
    t.rows.push_back(
        {fmt::format("{} {} {}", c.tile.str(), device::dmaDirectionName(c.direction), c.channel),
         std::to_string(4 * c.words), std::to_string(c.bds), std::to_string(c.tasks),
         std::to_string(c.lockStalls), std::to_string(c.streamStalls),
         std::to_string(c.bankStalls)});
  return t;
}

Table streamTable(const RunFacts &facts) {
  Table t{"Streams", {"from", "to", "bytes"}, {}, ""};
  for (const auto &p : facts.statistics.paths)
    t.rows.push_back({p.from, p.to, std::to_string(4 * p.words)});
  return t;
}

/// "South0 4096, DMA0 1024" for each tile and direction.
Table portTable(const RunFacts &facts) {
  Table t{"Switch ports", {"tile", "bytes in, by port", "bytes out, by port"}, {}, ""};
  std::map<device::TileId, std::array<std::string, 2>> tiles;
  for (const auto &p : facts.statistics.ports) {
    const size_t space = p.port.find(' ');
    std::string &list = tiles[p.tile][p.port.starts_with("out")];
    list += fmt::format("{}{} {}", list.empty() ? "" : ", ", p.port.substr(space + 1), 4 * p.words);
  }
  for (const auto &[tile, lists] : tiles) t.rows.push_back({tile.str(), lists[0], lists[1]});
  return t;
}

Table memoryTable(const RunFacts &facts) {
  Table t{"Memories", {"memory of", "bank conflicts"}, {}, ""};
  for (const auto &m : facts.statistics.memories)
    t.rows.push_back({m.tile.str(), std::to_string(m.bankConflicts)});
  return t;
}

std::vector<Table> profileTables(const report::Profile &profile) {
  std::vector<Table> out;
  for (const auto &c : profile.cores) {
    const std::string core = fmt::format("core {}", c.tile.str());
    const auto row = [&](const report::Profile::Row &r, std::vector<std::string> more) {
      std::vector<std::string> cells = {std::to_string(r.cycles), percent(r.cycles, c.cycles),
                                        std::to_string(r.issued), percent(r.macs, r.cycles)};
      cells.insert(cells.end(), more.begin(), more.end());
      return cells;
    };
    Table functions{"Functions of " + core, {"cycles", "", "issued", "MAC", "function"}, {}, ""};
    for (const auto &r : c.functions) functions.rows.push_back(row(r, {r.what}));
    Table loops{
        "Loops of " + core, {"cycles", "", "issued", "MAC", "rounds", "loop", "at"}, {}, ""};
    for (const auto &r : c.loops)
      loops.rows.push_back(row(r, {std::to_string(r.rounds), r.what, r.text}));
    Table lines{"Source lines of " + core, {"cycles", "", "issued", "MAC", "line"}, {}, ""};
    for (const auto &r : c.lines) lines.rows.push_back(row(r, {r.what}));
    Table hot{
        "Hottest bundles of " + core, {"cycles", "", "issued", "MAC", "at", "bundle"}, {}, ""};
    for (const auto &r : c.addresses) {
      if (hot.rows.size() == 10) break;
      hot.rows.push_back(row(r, {r.what, r.text}));
    }
    for (Table *t : {&functions, &loops, &lines, &hot})
      if (!t->rows.empty()) out.push_back(std::move(*t));
  }
  return out;
}

void print(const Table &t) {
  if (t.rows.empty()) return;
  std::vector<size_t> widths;
  for (const std::string &h : t.head) widths.push_back(h.size());
  for (const auto &row : t.rows)
    for (size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], row[i].size());
  fmt::print("{}:\n", t.title);
  const auto line = [&](const std::vector<std::string> &cells) {
    std::string out;
    for (size_t i = 0; i < cells.size(); ++i) {
      const bool number = !t.rows[0][i].empty() &&
                          t.rows[0][i].find_first_not_of("0123456789.%") == std::string::npos;
      out += number ? fmt::format("{:>{}}  ", cells[i], widths[i])
                    : fmt::format("{:<{}}  ", cells[i], widths[i]);
    }
    out.erase(out.find_last_not_of(' ') + 1);
    fmt::print("  {}\n", out);
  };
  line(t.head);
  for (const auto &row : t.rows) line(row);
}

Json rowsJson(const std::vector<report::Profile::Row> &rows, const char *name, bool loop = false) {
  Json out = Json::array();
  for (const auto &r : rows) {
    Json j{{name, r.what}, {"cycles", r.cycles}, {"issued", r.issued}, {"macs", r.macs}};
    if (!r.text.empty()) j["text"] = r.text;
    if (loop) j["rounds"] = r.rounds;
    out.push_back(std::move(j));
  }
  return out;
}

} // namespace

std::map<device::TileId, report::ProgramNames> programsOf(const std::string &folder,
                                                          const std::optional<plan::Plan> &plan) {
  std::map<device::TileId, report::ProgramNames> out;
  if (!plan) return out;
  for (const plan::Core &c : plan->cores) {
    const auto path =
        std::filesystem::path(folder) / fmt::format("core_{}_{}.elf", c.tile.col, c.tile.row);
    const auto bytes = readFile(path.string());
    if (!bytes.ok()) continue;
    if (auto names = report::programNames(*bytes, path.string()); names.ok())
      out[c.tile] = std::move(*names);
  }
  return out;
}

void printStatistics(const RunFacts &facts) {
  for (const Table &t : {coreTable(facts), channelTable(facts), streamTable(facts),
                         portTable(facts), memoryTable(facts)})
    print(t);
}

Json statisticsJson(const RunFacts &facts) {
  const runtime::Statistics &s = facts.statistics;
  Json out;
  out["cores"] = Json::array();
  for (const auto &c : s.cores) {
    Json j{{"tile", {c.tile.col, c.tile.row}},
           {"state", c.state},
           {"cycles", c.cycles},
           {"bundles", c.bundles},
           {"instructions", c.instructions},
           {"memory_stalls", c.memoryStalls},
           {"lock_stalls", c.lockStalls},
           {"stream_stalls", c.streamStalls},
           {"cascade_stalls", c.cascadeStalls}};
    if (const auto *p = profileOf(facts.profile, c.tile)) j["macs"] = p->macs;
    out["cores"].push_back(std::move(j));
  }
  out["channels"] = Json::array();
  for (const auto &c : s.channels)
    out["channels"].push_back({{"tile", {c.tile.col, c.tile.row}},
                               {"direction", device::dmaDirectionName(c.direction)},
                               {"channel", c.channel},
                               {"words", c.words},
                               {"bytes", 4 * c.words},
                               {"bds", c.bds},
                               {"tasks", c.tasks},
                               {"lock_stalls", c.lockStalls},
                               {"stream_stalls", c.streamStalls},
                               {"bank_stalls", c.bankStalls}});
  out["memories"] = Json::array();
  for (const auto &m : s.memories)
    out["memories"].push_back(
        {{"tile", {m.tile.col, m.tile.row}}, {"bank_conflicts", m.bankConflicts}});
  out["streams"] = Json::array();
  for (const auto &p : s.paths)
    out["streams"].push_back(
        {{"from", p.from}, {"to", p.to}, {"words", p.words}, {"bytes", 4 * p.words}});
  out["ports"] = Json::array();
  for (const auto &p : s.ports)
    out["ports"].push_back(
        {{"tile", {p.tile.col, p.tile.row}}, {"port", p.port}, {"bytes", 4 * p.words}});
  return out;
}

void printProfile(const report::Profile &profile) {
  for (const Table &t : profileTables(profile)) print(t);
}

Json profileJson(const report::Profile &profile) {
  Json out = Json::array();
  for (const auto &c : profile.cores)
    out.push_back({{"tile", {c.tile.col, c.tile.row}},
                   {"cycles", c.cycles},
                   {"issued", c.issued},
                   {"macs", c.macs},
                   {"functions", rowsJson(c.functions, "function")},
                   {"loops", rowsJson(c.loops, "loop", true)},
                   {"lines", rowsJson(c.lines, "line")},
                   {"bundles", rowsJson(c.addresses, "at")}});
  return out;
}

std::vector<Table> runTables(const RunFacts &facts) {
  std::vector<Table> out = {coreTable(facts), channelTable(facts), streamTable(facts),
                            portTable(facts), memoryTable(facts)};
  for (Table &t : profileTables(facts.profile)) out.push_back(std::move(t));
  return out;
}

} // namespace ashlar::cli
