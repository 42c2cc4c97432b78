// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The array as characters: the shims at the bottom, as on the chip.
#include "report/page.h"

#include <algorithm>
#include <map>

namespace ashlar::report {

using analysis::ArrayView;
using device::PortBundle;
using device::TileId;
using device::TileKind;

namespace {

constexpr size_t kWidth = 24; ///< of a tile, frame included

std::string cut(std::string text, size_t width) {
  if (text.size() > width) text.replace(width - 1, std::string::npos, "~");
  return text + std::string(width - text.size(), ' ');
}

std::string kib(size_t bytes) {
  return bytes % 1024 == 0 ? std::to_string(bytes / 1024)
                           : fmt::format("{:.1f}", static_cast<double>(bytes) / 1024);
}

std::vector<std::string> tileLines(const ArrayView::Tile &t) {
  std::vector<std::string> lines;
  lines.push_back(fmt::format("{} {} {}", device::tileKindName(t.kind), t.id.str(), t.function));
  if (!t.program.empty())
    lines.push_back(fmt::format("program {} KiB of {}", kib(t.program.size()),
                                kib(device::kProgramMemoryBytes)));
  if (t.kind != TileKind::Shim)
    lines.push_back(fmt::format("memory {} KiB of {}", kib(t.bytesUsed()),
                                kib(device::dataMemoryBytes(t.kind))));
  lines.push_back(fmt::format("{} locks, {} BDs", t.locks.size(), t.descriptors.size()));
  for (const ArrayView::Channel &c : t.channels)
    lines.push_back(
        fmt::format("{} {} {}", device::dmaDirectionName(c.direction), c.channel, c.name));
  return lines;
}

} // namespace

std::string arrayText(const ArrayView &view) {
  std::map<std::pair<TileId, PortBundle>, std::map<device::SwitchPort, int>> leaving;
  for (const ArrayView::Route &r : view.routes)
    for (const ArrayView::Hop &h : r.hops) ++leaving[{h.tile, h.out.bundle}][h.out];
  const auto streams = [&](TileId tile, PortBundle side) {
    const auto it = leaving.find({tile, side});
    return it == leaving.end() ? size_t{0} : it->second.size();
  };
  int top = 0;
  for (const ArrayView::Tile &t : view.tiles) top = std::max(top, t.id.row);
  std::string out;
  const auto put = [&](std::string line) {
    line.erase(line.find_last_not_of(' ') + 1);
    out += line + "\n";
  };
  for (int row = top; row >= 0; --row) {
    std::vector<std::vector<std::string>> cells;
    size_t height = 0;
    for (int col = 0; col < view.columns; ++col) {
      const ArrayView::Tile *t = view.find({col, row});
      cells.push_back(t ? tileLines(*t) : std::vector<std::string>{});
      height = std::max(height, cells.back().size());
    }
    if (height == 0) continue;
    const auto each = [&](auto cell) {
      std::string line;
      for (int col = 0; col < view.columns; ++col) line += cell(col) + "    ";
      put(line);
    };
    const auto frame = [&](int col) {
      return cells[static_cast<size_t>(col)].empty() ? std::string(kWidth, ' ')
                                                     : "+" + std::string(kWidth - 2, '-') + "+";
    };
    each(frame);
    for (size_t i = 0; i < height; ++i) {
      std::string line;
      for (int col = 0; col < view.columns; ++col) {
        const auto &c = cells[static_cast<size_t>(col)];
        line += c.empty() ? std::string(kWidth, ' ')
                          : "| " + cut(i < c.size() ? c[i] : "", kWidth - 4) + " |";
        std::string between = "    ";
        if (i < 2 && col + 1 < view.columns) { // streams to and from the eastern neighbour
          const size_t n = i == 0 ? streams({col, row}, PortBundle::East)
                                  : streams({col + 1, row}, PortBundle::West);
          if (n) between = fmt::format("{}{}{}", i ? "<" : "-", n, i ? "- " : "> ");
        }
        line += between;
      }
      put(line);
    }
    each(frame);
    if (row == 0) break;
    each([&](int col) {
      const size_t up = streams({col, row - 1}, PortBundle::North),
                   down = streams({col, row}, PortBundle::South);
      std::string s = "   ";
      s += up ? fmt::format("^{}", up) : "  ";
      s += down ? fmt::format("   v{}", down) : "";
      return cut(s, kWidth);
    });
  }
  for (const ArrayView::Route &r : view.routes) {
    std::string packets, ends;
    for (const int p : r.packets)
      packets += fmt::format("{}{}", packets.empty() ? ", packet " : " ", p);
    for (const auto &e : r.ends) ends += (ends.empty() ? "" : ", ") + e.text();
    out += fmt::format("{}{} -> {}{}\n", r.sourceText, packets, ends,
                       r.name.empty() ? "" : " (" + r.name + ")");
  }
  return out;
}

} // namespace ashlar::report
