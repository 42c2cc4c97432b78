// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What `ashlar run` tells of a run besides its result: counters and the profile, as text, as JSON
// and as the tables of a page.
#pragma once

#include "plan/plan.h"
#include "report/page.h"
#include "report/profile.h"
#include "runtime/runtime.h"

#include <nlohmann/json.hpp>

namespace ashlar::cli {

struct RunFacts {
  runtime::Statistics statistics;
  report::Profile profile; ///< empty when nothing was counted
};

/// The cores' programs of a build folder, by their ELF files.
std::map<device::TileId, report::ProgramNames> programsOf(const std::string &folder,
                                                          const std::optional<plan::Plan> &plan);

void printStatistics(const RunFacts &facts);
nlohmann::ordered_json statisticsJson(const RunFacts &facts);
void printProfile(const report::Profile &profile);
nlohmann::ordered_json profileJson(const report::Profile &profile);
std::vector<report::Table> runTables(const RunFacts &facts);

} // namespace ashlar::cli
