// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The array as a drawing. Each tile has a band on its left, in which streams run north and south,
// and one at its bottom for east and west; each port has a lane of its own there, the same in all
// tiles, so that streams between tiles are straight lines. The corner where the bands meet is the
// stream switch.
#include "report/page.h"

#include "device/describe.h"

#include <algorithm>
#include <map>
#include <set>

namespace ashlar::report {

using analysis::ArrayView;
using device::PortBundle;
using device::SwitchPort;
using device::TileId;
using device::TileKind;

namespace {

constexpr double kContent = 236, kBandX = 66, kBandY = 44, kPad = 10, kGapX = 34, kGapY = 40;
constexpr double kTileWidth = kBandX + kContent;
constexpr double kTitle = 24, kBar = 30, kLocks = 22, kChip = 17;
const char *const kColours[] = {"#2f7ed8", "#d9534f", "#2e9e6b", "#a05bd0", "#d98b1f",
                                "#1aa3b5", "#c2528b", "#7a8b1f", "#8d6248", "#5b6fd6"};

struct Point {
  double x = 0, y = 0;
};

/// A memory's pieces to scale: `all` bytes in `width`.
std::string pieces(const ArrayView::Tile &t, double x, double y, double width, double height,
                   uint32_t all) {
  static const char *const kFill[] = {"stack", "buffer", "data", "unnamed"};
  std::string out;
  for (const ArrayView::Piece &p : t.memory) {
    const double w = std::max(1.0, width * p.size / all);
    out +=
        fmt::format("<g><title>{0}: {1} bytes at {2:#x}</title><rect x=\"{3:.2f}\" y=\"{4:.1f}\" "
                    "width=\"{5:.2f}\" height=\"{6}\" fill=\"var(--{7})\" stroke=\"var(--card)\" "
                    "stroke-width=\".5\"/>",
                    htmlEscape(p.name), p.size, p.start, x + width * p.start / all, y, w, height,
                    kFill[static_cast<int>(p.kind)]);
    const size_t fits = static_cast<size_t>(w / 6.5);
    if (height > 16 && fits >= 3)
      out += fmt::format(
          "<text class=\"on\" x=\"{:.1f}\" y=\"{:.1f}\">{}</text>", x + width * p.start / all + 4,
          y + height / 2 + 4,
          htmlEscape(p.name.size() <= fits ? p.name : p.name.substr(0, fits - 1) + "…"));
    out += "</g>\n";
  }
  return out;
}

class Drawing {
public:
  explicit Drawing(const ArrayView &view) : view_(view) {}

  std::string run() {
    layout();
    const double width = view_.columns * (kTileWidth + kGapX) - kGapX + 2 * kPad;
    out_ += fmt::format("<svg id=\"array\" viewBox=\"0 0 {:.0f} {:.0f}\" width=\"{:.0f}\" "
                        "height=\"{:.0f}\" role=\"img\" aria-label=\"the array\">\n",
                        width, height_, width, height_);
    for (const ArrayView::Tile &t : view_.tiles) frame(t);
    for (size_t i = 0; i < view_.routes.size(); ++i) route(view_.routes[i], i);
    for (const ArrayView::Tile &t : view_.tiles) content(t);
    return out_ + "</svg>\n";
  }

private:
  // ---- where things are ------------------------------------------------------------------------

  /// Room for streams east and west: in rows that have some.
  double across(int row) const { return across_.count(row) ? kBandY : 6; }
  double need(const ArrayView::Tile &t) const {
    double h = kTitle + across(t.id.row) + kPad;
    if (!t.program.empty()) h += kBar;
    if (t.kind != TileKind::Shim) h += kBar;
    if (!t.locks.empty()) h += kLocks * static_cast<double>((t.locks.size() + 11) / 12);
    return h + kChip * static_cast<double>(t.channels.size());
  }
  void layout() {
    for (const ArrayView::Route &r : view_.routes)
      for (const ArrayView::Hop &h : r.hops)
        for (const PortBundle b : {h.in.bundle, h.out.bundle})
          if (b == PortBundle::East || b == PortBundle::West) across_.insert(h.tile.row);
    std::map<int, double> heights;
    for (const ArrayView::Tile &t : view_.tiles)
      heights[t.id.row] = std::max(heights[t.id.row], need(t));
    double y = kPad;
    for (auto it = heights.rbegin(); it != heights.rend(); ++it) {
      rows_[it->first] = {y, it->second};
      y += it->second + kGapY;
    }
    height_ = y - kGapY + kPad;
  }
  double left(TileId t) const { return kPad + t.col * (kTileWidth + kGapX); }
  double top(TileId t) const { return rows_.at(t.row).first; }
  double bottom(TileId t) const { return top(t) + rows_.at(t.row).second; }
  static double lane(int index) { return 6 + 6.0 * index; }

  /// Where a port meets the tile's edge, or its channel's chip.
  Point edge(TileId t, SwitchPort p, bool in) const {
    const double x = left(t), y = bottom(t) - across(t.row);
    switch (p.bundle) {
    case PortBundle::South:
      if (t.row > 0) return {x + lane(in ? p.channel : 6 + p.channel), bottom(t)};
      return shimEdge(t, p, in);
    case PortBundle::North: return {x + lane(in ? 6 + p.channel : p.channel), top(t)};
    case PortBundle::West: return {x, y + lane(in ? p.channel : 4 + p.channel) - 3};
    case PortBundle::East: return {x + kTileWidth, y + lane(in ? 4 + p.channel : p.channel) - 3};
    case PortBundle::Dma:
      return chip(t, in ? device::DmaDirection::MM2S : device::DmaDirection::S2MM, p.channel);
    default: return {x + kBandX, top(t) + kTitle / 2 + 2};
    }
  }
  Point shimEdge(TileId t, SwitchPort p, bool in) const {
    for (const device::ShimMuxField &f : in ? device::shimMuxFields() : device::shimDemuxFields())
      if (f.port == p && f.dmaChannel >= 0)
        return chip(t, in ? device::DmaDirection::MM2S : device::DmaDirection::S2MM, f.dmaChannel);
    return {left(t) + lane(in ? p.channel : 6 + p.channel), bottom(t)};
  }
  Point chip(TileId id, device::DmaDirection d, int channel) const {
    const double x = left(id) + kBandX;
    const ArrayView::Tile *t = view_.find(id);
    double y = chips(id, t);
    if (t)
      for (const ArrayView::Channel &c : t->channels) {
        if (c.direction == d && c.channel == channel) return {x, y + kChip / 2};
        y += kChip;
      }
    return {x, y};
  }
  /// The height at which the list of channels begins.
  double chips(TileId id, const ArrayView::Tile *t) const {
    double y = top(id) + kTitle;
    if (!t) return y;
    if (!t->program.empty()) y += kBar;
    if (t->kind != TileKind::Shim) y += kBar;
    if (!t->locks.empty()) y += kLocks * static_cast<double>((t->locks.size() + 11) / 12);
    return y;
  }

  // ---- tiles -----------------------------------------------------------------------------------

  template <class... A> void add(fmt::format_string<A...> f, A &&...a) {
    out_ += fmt::format(f, std::forward<A>(a)...) + "\n";
  }
  void text(double x, double y, const char *style, const std::string &what, bool right = false) {
    add("<text x=\"{:.1f}\" y=\"{:.1f}\" class=\"{}\"{}>{}</text>", x, y, style,
        right ? " text-anchor=\"end\"" : "", htmlEscape(what));
  }

  void frame(const ArrayView::Tile &t) {
    const double h = bottom(t.id) - top(t.id);
    add("<rect class=\"tile\" x=\"{:.1f}\" y=\"{:.1f}\" width=\"{}\" height=\"{:.1f}\" rx=\"9\"/>",
        left(t.id), top(t.id), kTileWidth, h);
    const double band = across(t.id.row);
    add("<path class=\"band\" d=\"M{:.1f} {:.1f}h{}v{:.1f}h{}v{}h-{}z\"/>", left(t.id) + 1,
        top(t.id) + 9, kBandX - 8, h - band - 9, band > 10 ? kContent + 6 : 0,
        band > 10 ? band - 9 : 0, band > 10 ? kTileWidth - 2 : kBandX - 8);
  }

  void content(const ArrayView::Tile &t) {
    const double x = left(t.id) + kBandX, right = left(t.id) + kTileWidth - kPad;
    double y = top(t.id);
    add("<a href=\"#tile-{}-{}\">", t.id.col, t.id.row);
    text(x, y + 17, "t",
         fmt::format("{} {}, {}", device::tileKindName(t.kind), t.id.col, t.id.row));
    out_ += "</a>\n";
    if (!t.function.empty()) text(right, y + 17, "s", t.function, true);
    y += kTitle;
    if (!t.program.empty()) {
      bar(x, y, right - x, "program", t.program.size(), device::kProgramMemoryBytes);
      const double w =
          (right - x) * static_cast<double>(t.program.size()) / device::kProgramMemoryBytes;
      add("<rect x=\"{:.1f}\" y=\"{:.1f}\" width=\"{:.1f}\" height=\"10\" fill=\"var(--prog)\"/>",
          x, y + 14, std::min(w, right - x));
      y += kBar;
    }
    if (t.kind != TileKind::Shim) {
      memory(t, x, y, right - x);
      y += kBar;
    }
    if (!t.locks.empty()) y = locks(t, x, y);
    for (const ArrayView::Channel &c : t.channels) {
      const bool in = c.direction == device::DmaDirection::S2MM;
      text(x + 4, y + 13, "",
           fmt::format("{} {} {}", in ? "→" : "←", device::dmaDirectionName(c.direction),
                       c.channel));
      text(right, y + 13, "s", c.name.empty() && c.bySequence ? "by the sequence" : c.name, true);
      y += kChip;
    }
  }
  void bar(double x, double y, double width, const char *name, uint64_t used, uint64_t all) {
    text(x, y + 10, "s", name);
    text(x + width, y + 10, "s", fmt::format("{} of {} KiB", kib(used), all / 1024), true);
    add("<rect class=\"well\" x=\"{:.1f}\" y=\"{:.1f}\" width=\"{:.1f}\" height=\"10\"/>", x,
        y + 14, width);
  }
  static std::string kib(uint64_t bytes) {
    return bytes % 1024 == 0 ? std::to_string(bytes / 1024)
                             : fmt::format("{:.1f}", static_cast<double>(bytes) / 1024);
  }
  void memory(const ArrayView::Tile &t, double x, double y, double width) {
    const double all = device::dataMemoryBytes(t.kind);
    bar(x, y, width, "memory", t.bytesUsed(), device::dataMemoryBytes(t.kind));
    static const char *const kFill[] = {"stack", "buffer", "data", "unnamed"};
    for (const ArrayView::Piece &p : t.memory) {
      const double w = std::max(1.0, width * p.size / all);
      add("<rect x=\"{:.2f}\" y=\"{:.1f}\" width=\"{:.2f}\" height=\"10\" fill=\"var(--{})\" "
          "stroke=\"var(--card)\" stroke-width=\".5\"><title>{}: {} bytes at {:#x}</title></rect>",
          x + width * p.start / all, y + 14, w, kFill[static_cast<int>(p.kind)], htmlEscape(p.name),
          p.size, p.start);
    }
    const int banks = t.kind == TileKind::Core ? device::kCoreBanks : device::kMemTileBanks;
    for (int i = 1; i < banks; ++i)
      add("<path class=\"bank\" d=\"M{:.1f} {:.1f}v10\"/>", x + width * i / banks, y + 14);
  }
  double locks(const ArrayView::Tile &t, double x, double y) {
    double at = x;
    int n = 0;
    for (const ArrayView::Lock &l : t.locks) {
      std::string who;
      for (const std::string &s : l.acquiredBy) who += (who.empty() ? "; acquired by " : ", ") + s;
      bool first = true;
      for (const std::string &s : l.releasedBy) {
        who += (first ? "; released by " : ", ") + s;
        first = false;
      }
      add("<g><title>lock {}{}{}{}</title><rect class=\"lock\" x=\"{:.1f}\" y=\"{:.1f}\" "
          "width=\"16\" height=\"16\" rx=\"4\"/><text x=\"{:.1f}\" y=\"{:.1f}\" "
          "text-anchor=\"middle\">{}</text></g>",
          l.id, l.name.empty() ? "" : " " + htmlEscape(l.name),
          l.init ? fmt::format(", starts with {}", *l.init) : "", htmlEscape(who), at, y + 2,
          at + 8, y + 14, l.init.value_or(0));
      at += 19;
      if (++n % 12 == 0) at = x, y += kLocks;
    }
    return n % 12 == 0 ? y : y + kLocks;
  }

  // ---- streams ---------------------------------------------------------------------------------

  static Point away(PortBundle b) { ///< the direction in which a port leaves the tile
    switch (b) {
    case PortBundle::South: return {0, 1};
    case PortBundle::North: return {0, -1};
    case PortBundle::West: return {-1, 0};
    case PortBundle::East: return {1, 0};
    default: return {1, 0};
    }
  }
  void route(const ArrayView::Route &r, size_t index) {
    std::string title = r.name.empty() ? "" : r.name + ": ";
    title += r.sourceText + " to ";
    for (size_t i = 0; i < r.ends.size(); ++i) title += (i ? ", " : "") + r.ends[i].text();
    for (size_t i = 0; i < r.packets.size(); ++i)
      title += fmt::format("{}{}", i ? ", " : "; packet ", r.packets[i]);
    const char *colour = kColours[index % std::size(kColours)];
    add("<g class=\"route{}\" data-r=\"{}\" stroke=\"{}\"><title>{}</title>",
        r.packets.empty() ? "" : " packet", index, colour, htmlEscape(title));
    std::string path;
    for (const ArrayView::Hop &h : r.hops) {
      if (!rows_.count(h.tile.row)) continue;
      const Point a = edge(h.tile, h.in, true), b = edge(h.tile, h.out, false);
      const bool shim = h.tile.row == 0;
      const Point da = shim && h.in.bundle == PortBundle::South ? Point{1, 0} : away(h.in.bundle);
      const Point db = shim && h.out.bundle == PortBundle::South &&
                               shimEdge(h.tile, h.out, false).x > left(h.tile) + kBandX - 1
                           ? Point{1, 0}
                           : away(h.out.bundle);
      const double reach = 26;
      path += fmt::format("M{:.1f} {:.1f}C{:.1f} {:.1f} {:.1f} {:.1f} {:.1f} {:.1f}", a.x, a.y,
                          a.x - da.x * reach, a.y - da.y * reach, b.x - db.x * reach,
                          b.y - db.y * reach, b.x, b.y);
      const auto far = device::farEnd(h.tile, h.out);
      if (!far || !rows_.count(far->tile.row) || far->tile.col >= view_.columns) continue;
      const Point c = edge(far->tile, far->port, true);
      path += fmt::format("M{:.1f} {:.1f}L{:.1f} {:.1f}", b.x, b.y, c.x, c.y);
    }
    add("<path d=\"{}\"/></g>", path);
  }

  const ArrayView &view_;
  std::map<int, std::pair<double, double>> rows_;
  std::set<int> across_; ///< rows with streams between columns
  double height_ = 0;
  std::string out_;
};

} // namespace

std::string arraySvg(const ArrayView &view) { return Drawing(view).run(); }

std::string memorySvg(const ArrayView::Tile &tile) {
  if (tile.memory.empty()) return "";
  constexpr double kWidth = 640, kHeight = 26;
  const uint32_t all = device::dataMemoryBytes(tile.kind);
  uint32_t end = 0;
  for (const ArrayView::Piece &p : tile.memory) end = std::max(end, p.start + p.size);
  const uint32_t shown = std::min(all, (end + 1023) / 1024 * 1024);
  std::string out = fmt::format("<svg viewBox=\"0 0 {0} 72\" width=\"{0}\" height=\"72\" "
                                "style=\"max-width:100%\" role=\"img\" aria-label=\"memory\">\n",
                                kWidth);
  out += fmt::format("<rect class=\"well\" width=\"{}\" height=\"12\"/>", kWidth);
  out += pieces(tile, 0, 0, kWidth, 12, all);
  // Below, the part in use by itself.
  out += fmt::format("<path class=\"zoom\" d=\"M0 12L0 28H{0}L{1:.1f} 12z\"/>"
                     "<rect class=\"well\" y=\"28\" width=\"{0}\" height=\"{2}\"/>",
                     kWidth, kWidth * shown / all, kHeight);
  out += pieces(tile, 0, 28, kWidth, kHeight, shown);
  out += fmt::format("<text class=\"s\" y=\"68\">0</text><text class=\"s\" x=\"{}\" y=\"68\" "
                     "text-anchor=\"end\">{:#x} of {:#x}</text>",
                     kWidth, shown, all);
  return out + "</svg>\n";
}

} // namespace ashlar::report
