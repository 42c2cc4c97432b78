// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What `ashlar inspect` finds in a file: text for people, JSON for programs, the parts that
// `--extract` writes, and what is wrong. One function a format; each goes on past damage as far as
// it can, so that a broken file still shows what it holds.
#pragma once

#include "base/base.h"
#include "cli/trace_names.h"
#include "emulator/array/timeline.h"

#include <nlohmann/json.hpp>

namespace ashlar::cli {

struct Part {
  std::string name; ///< file name for --extract
  Bytes data;
};
struct Inspection {
  std::string kind; ///< "XCLBIN", "PDI", ...
  std::string text; ///< lines
  nlohmann::ordered_json json = nlohmann::ordered_json::object();
  std::vector<Part> parts;
  Diagnostics problems;

  template <class... A> void line(fmt::format_string<A...> format, A &&...args) {
    text += fmt::format(format, std::forward<A>(args)...) + "\n";
  }
  /// Notes the errors; returns the value if there is one.
  template <class T> const T *take(const Result<T> &result) {
    if (result.ok()) return &*result;
    problems.insert(problems.end(), result.errors().begin(), result.errors().end());
    return nullptr;
  }
};

void inspectXclbin(ByteView data, const std::string &name, Inspection &out);
void inspectPdi(ByteView data, const std::string &name, Inspection &out);
void inspectCdo(ByteView data, const std::string &name, uint64_t base, Inspection &out);
void inspectStream(ByteView data, const std::string &name, Inspection &out);
void inspectElf(ByteView data, const std::string &name, Inspection &out);
/// Also fills the timeline of the page.
void inspectTrace(ByteView data, const std::string &name, const TraceNames &names, Inspection &out,
                  emulator::Timeline &timeline);
void inspectArchive(ByteView data, const std::string &name, Inspection &out);

} // namespace ashlar::cli
