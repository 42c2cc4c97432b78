// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Diagnostics as JSON, for every verb's `--json`.
#pragma once

#include "base/result.h"

#include <nlohmann/json.hpp>

namespace ashlar::cli {

inline const char *severityName(Severity s) {
  return s == Severity::Error ? "error" : s == Severity::Warning ? "warning" : "note";
}

inline nlohmann::ordered_json listOf(const Diagnostics &diagnostics) {
  nlohmann::ordered_json list = nlohmann::ordered_json::array();
  for (const Diagnostic &d : diagnostics)
    list.push_back({{"severity", severityName(d.severity)},
                    {"code", d.code},
                    {"place", d.place.str()},
                    {"message", d.message},
                    {"remedy", d.remedy},
                    {"notes", d.notes}});
  return list;
}

} // namespace ashlar::cli
