// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Pages for a browser: one file each, nothing loaded from elsewhere, readable in light and dark and
// without scripts. The array's picture is also drawn as text.
#pragma once

#include "analysis/view.h"
#include "emulator/array/names.h"
#include "emulator/array/timeline.h"
#include "load/load.h"

namespace ashlar::report {

/// A grid of tiles with what they hold and how many streams run between them.
std::string arrayText(const analysis::ArrayView &view);

/// The picture by itself, as SVG.
std::string arraySvg(const analysis::ArrayView &view);

/// One tile's data memory to scale, and the part in use enlarged.
std::string memorySvg(const analysis::ArrayView::Tile &tile);

/// `ashlar inspect --html`.
std::string arrayPage(const analysis::ArrayView &view, const load::Package &package,
                      std::span<const load::Stream> streams);

/// A table of a run page.
struct Table {
  std::string title;
  std::vector<std::string> head;
  std::vector<std::vector<std::string>> rows;
  std::string note;
};
struct RunPage {
  std::string title, summary;
  std::vector<std::string> messages; ///< diagnostics
  std::vector<Table> tables;
};
/// `ashlar run --html`: the timeline, then the tables, then the array.
std::string runPage(const RunPage &page, const emulator::Timeline &timeline,
                    const emulator::NameTable &names, const analysis::ArrayView *view);

// Parts.
std::string htmlEscape(std::string_view text);
std::string pageHead(const std::string &title);
std::string pageEnd();
std::string htmlTable(const Table &table);
extern const char *const kTimelineScript;
/// Ordered for the eye: tile by tile, and in a tile core, functions, channels, streams.
std::string timelineData(const emulator::Timeline &timeline, const emulator::NameTable &names);

} // namespace ashlar::report
